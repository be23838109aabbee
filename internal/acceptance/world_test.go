package acceptance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
)

// simulated is a project of a simulated world.
func simulated(t testing.TB, scenario string, seed, persons int) project {
	t.Helper()
	p := project{dir: filepath.Join(t.TempDir(), "project"), env: []string{testKey}}
	p.must(t, "simulate", p.dir, "--scenario", scenario, "--seed", fmt.Sprint(seed), "--persons", fmt.Sprint(persons))
	return p
}

// truthOf reads the truth of a simulated project.
func truthOf(t testing.TB, p project) []schemas.Truth {
	t.Helper()
	rows, err := parquet.ReadFile[schemas.Truth](p.path("truth", "truth.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// In a world that bookings see whole, what the program counts equals what the
// simulator knows: two counts of the same rules, one in SQL over pseudonyms and
// months, one over trips as they were. All measures, rules of living outside,
// regions, origins and months of four definitions, the engagement levels that 12
// months show, and the other datasets of counts.
func TestWorldSeenWholeEqualsItsTruth(t *testing.T) {
	slow(t)
	p := simulated(t, "transparent", 11, 20_000)
	// The window of the thirteenth month back begins with the exports, which do not have the trips that go on from before.
	p.configure(t, map[string]string{"reference_months": "12"})
	p.must(t, "run")
	figures := map[string]float64{}
	for _, query := range []string{
		`SELECT 'relational_population', measure, definition, outside, region_code, origin_code, engagement, CAST(reference_month AS VARCHAR), 0, value
		 FROM relational_population WHERE source = 'booking' AND obs_status = 'A'`,
		`SELECT 'origin_destination', statistic, '', outside, region_code, origin_code, 'all', CAST(reference_month AS VARCHAR), 0, value
		 FROM (SELECT * REPLACE (persons AS value), 'persons' AS statistic FROM origin_destination
		       UNION ALL SELECT * REPLACE (trips AS value), 'trips' FROM origin_destination UNION ALL SELECT * REPLACE (visit_days AS value), 'visit_days' FROM origin_destination)
		 WHERE source = 'booking' AND estimator = 'observed' AND obs_status = 'A'`,
		`SELECT 'visit_behaviour', statistic, '', outside, region_code, 'all', 'all', CAST(reference_month AS VARCHAR), month_of_year, value
		 FROM visit_behaviour WHERE source = 'booking' AND obs_status = 'A' AND value IS NOT NULL`,
		`SELECT 'guest_nights', 'guest_nights', '', '', region_code, origin_code, 'all', CAST(month AS VARCHAR), 0, guest_nights FROM guest_nights`,
		`SELECT 'guest_nights', 'bookings', '', '', region_code, origin_code, 'all', CAST(month AS VARCHAR), 0, bookings FROM guest_nights`,
		`SELECT 'coverage', statistic, '', '', region_code, 'all', 'all', CAST(month AS VARCHAR), 0, value
		 FROM (SELECT *, 'coverage' AS statistic, coverage AS value FROM coverage UNION ALL SELECT *, 'recorded_guest_nights', recorded_guest_nights FROM coverage
		       UNION ALL SELECT *, 'official_guest_nights', official_guest_nights FROM coverage)
		 WHERE region_level = 'prefecture' AND step = 'guest_nights' AND value IS NOT NULL`,
		funnelFigures,
	} {
		for _, row := range p.internal(t, query) {
			v, err := strconv.ParseFloat(row[9], 64)
			if err != nil {
				t.Fatalf("%v: %v", row, err)
			}
			figures[strings.Join(row[:9], " ")] = v
		}
	}
	compared, above := map[string]int{}, map[string]int{}
	for _, tr := range truthOf(t, p) {
		if tr.RelationType != schemas.All || tr.Engagement == schemas.EngagementDeep || tr.Engagement == schemas.EngagementRelated {
			continue // relation types are not seen; deep looks back three years, before the exports
		}
		key := strings.Join([]string{tr.Dataset, tr.Statistic, tr.Definition, tr.Outside, tr.RegionCode, tr.OriginCode, tr.Engagement, tr.ReferenceMonth.String(), fmt.Sprint(tr.MonthOfYear)}, " ")
		got, there := figures[key]
		if !there {
			continue
		}
		compared[tr.Dataset]++
		if tr.Value > 0 {
			above[tr.Dataset]++
		}
		if diff := got - tr.Value; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: counted %v, true %v", key, got, tr.Value)
		}
	}
	for dataset, least := range map[string]int{"relational_population": 10_000, "origin_destination": 10_000, "visit_behaviour": 5000, "guest_nights": 2000, "coverage": 70, "engagement_funnel": 4000} {
		if above[dataset] < least {
			t.Errorf("%s: %d figures compared, %d of them above 0; want at least %d", dataset, compared[dataset], above[dataset], least)
		}
	}
	t.Logf("figures compared: %v, above 0: %v", compared, above)
	originShares(t, p)
}

// originShares compares the concentration over origins with that of the true numbers of visitors.
func originShares(t *testing.T, p project) {
	t.Helper()
	type cell struct{ region, month string }
	all, tokyo := map[cell]float64{}, map[cell]float64{}
	for _, tr := range truthOf(t, p) {
		if tr.Dataset != "origin_destination" || tr.Statistic != "persons" || tr.Outside != schemas.OutsidePrefecture || tr.OriginCode == schemas.Abroad || tr.OriginCode == schemas.All {
			continue
		}
		at := cell{tr.RegionCode, tr.ReferenceMonth.String()}
		all[at] += tr.Value
		if code := tr.OriginCode; code >= "11000" && code <= "14000" {
			tokyo[at] += tr.Value
		}
	}
	compared := 0
	for _, row := range p.internal(t, `SELECT region_code, CAST(reference_month AS VARCHAR), value FROM concentration WHERE statistic = 'tokyo_area_share'
		AND estimator = 'observed' AND outside = 'prefecture' AND value IS NOT NULL`) {
		at := cell{row[0], row[1]}
		got, err := strconv.ParseFloat(row[2], 64)
		if err != nil || all[at] == 0 {
			t.Fatalf("%v: %v", row, err)
		}
		compared++
		if want := tokyo[at] / all[at]; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%v: the Tokyo area has %v of the persons, truly %v", at, got, want)
		}
	}
	if compared < 12 {
		t.Errorf("%d shares of the Tokyo area compared; want 12", compared)
	}
}

// funnelFigures are the counts of the engagement funnel by month that are of no low
// reliability, with the keys of the truth. The first month of a level looks back to the first
// day of the exports, which lack the trips that go on into it.
const funnelFigures = `SELECT 'engagement_funnel', statistic, '', outside, region_code, 'all', engagement, CAST(reference_month AS VARCHAR), 0, value
	FROM engagement_funnel WHERE source = 'booking' AND months = 1 AND obs_status = 'A' AND statistic IN ('opening', 'entries', 'exits', 'closing')
	QUALIFY reference_month > min(reference_month) OVER (PARTITION BY engagement)`

// Over three and a half years, whose last months show who was related for three years running, the
// funnel equals the truth to the last person: every level, region, rule of living
// outside and month; and where it has nobody, the truth has nobody.
func TestFunnelOfAWorldSeenWholeEqualsItsTruth(t *testing.T) {
	slow(t)
	text, _ := schemas.ScenarioText("transparent")
	scenario := filepath.Join(t.TempDir(), "long.yaml")
	if err := os.WriteFile(scenario, bytes.Replace(text, []byte("months: 24"), []byte("months: 42"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	p := simulated(t, scenario, 5, 3000)
	p.configure(t, map[string]string{"definitions": "[repeat-visits]", "reference_months": "7"})
	p.must(t, "run")
	counted := map[string]string{}
	months := map[string]bool{}
	for _, row := range p.internal(t, funnelFigures) {
		months[row[6]+" "+row[7]] = true
		if row[9] != "0" {
			counted[strings.Join(row[1:8], " ")] = row[9]
		}
	}
	truth, levels := map[string]string{}, map[string]int{}
	for _, tr := range truthOf(t, p) {
		if tr.Dataset == "engagement_funnel" && months[tr.Engagement+" "+tr.ReferenceMonth.String()] {
			truth[strings.Join([]string{tr.Statistic, "", tr.Outside, tr.RegionCode, tr.OriginCode, tr.Engagement, tr.ReferenceMonth.String()}, " ")] = fmt.Sprint(int(tr.Value))
			levels[tr.Engagement]++
		}
	}
	if diff := cmp.Diff(truth, counted); diff != "" {
		t.Errorf("the funnel (-true +counted):\n%.3000s", diff)
	}
	for _, l := range schemas.Engagement() {
		if levels[l.Level] < 20 {
			t.Errorf("%s: %d figures compared, want at least 20: %v", l.Level, levels[l.Level], levels)
		}
	}
	t.Logf("figures compared: %v", levels)
}

// The truth is for judges alone: without it the same run publishes the same bytes. And
// of nobody in the world, by whatever export, is a name in what a run writes.
func TestTruthIsNotRead(t *testing.T) {
	slow(t)
	p := simulated(t, "base", 3, 20_000)
	p.configure(t, map[string]string{"reference_months": "1"})
	blind := copyOf(t, p)
	if err := os.RemoveAll(blind.path("truth")); err != nil {
		t.Fatal(err)
	}
	for _, q := range []project{p, blind} {
		q.must(t, "run")
	}
	sameRelease(t, "without the truth", blind, p)
	personal := harvest(t, p)
	if n := len(personal.values); n < 5000 {
		t.Fatalf("%d personal values in the exports, want at least 2000", n)
	}
	personal.absentBelow(t, p)
}

// The same scenario, seed and persons give the same files on any number of threads;
// another seed gives another world.
func TestWorldsAreDeterministic(t *testing.T) {
	slow(t)
	files := func(seed, threads int) map[string]string {
		p := project{dir: filepath.Join(t.TempDir(), "project"), env: []string{testKey, fmt.Sprintf("GOMAXPROCS=%d", threads)}}
		p.must(t, "simulate", p.dir, "--scenario", "base", "--seed", fmt.Sprint(seed), "--persons", "12000") // three chunks
		return digests(t, p.dir)
	}
	one, two, other := files(5, 1), files(5, 2), files(6, 2)
	if len(one) < 100 {
		t.Errorf("the world has %d files", len(one))
	}
	same := 0
	for name, digest := range one {
		if two[name] != digest {
			t.Errorf("%s: differs between one thread and two", name)
		}
		if other[name] == digest {
			same++
		}
	}
	if len(two) != len(one) || same > len(one)/10 {
		t.Errorf("%d files on one thread, %d on two; %d the same under another seed", len(one), len(two), same)
	}
}

// In the base world, where bookings show one trip in six, what is estimated of those they do
// not show is set beside the truth: the steps from a trip to a booking, and the persons with two
// trips or more, of the prefecture and its municipalities.
func TestWorldBehindTheBookings(t *testing.T) {
	slow(t)
	p := simulated(t, "base", 21, 200_000)
	p.configure(t, map[string]string{"reference_months": "1"})
	p.must(t, "run")
	reference := ""
	steps, persons := map[string]float64{}, map[string]float64{}
	for _, tr := range truthOf(t, p) {
		reference = max(reference, tr.ReferenceMonth.String())
	}
	for _, tr := range truthOf(t, p) {
		switch {
		case tr.Dataset == "detection" && tr.RegionCode == "30000" && tr.ReferenceMonth.String() > "2024-09-30":
			steps[tr.Statistic] += tr.Value
		case tr.Dataset == "relational_population" && tr.Definition == "repeat-visits" && tr.Statistic == schemas.Persons && tr.Outside == schemas.OutsidePrefecture &&
			tr.OriginCode == schemas.All && tr.Engagement == schemas.All && tr.RelationType == schemas.All && tr.ReferenceMonth.String() == reference:
			persons[tr.RegionCode] = tr.Value
		}
	}
	told := map[string]float64{}
	for _, row := range p.internal(t, `SELECT step, coverage FROM coverage WHERE outside = 'prefecture' AND region_code = '30000' AND definition = '' AND coverage IS NOT NULL`) {
		v, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		told[row[0]] = v
	}
	for _, c := range []struct {
		step, of, from string
		within         float64
	}{
		{schemas.StepOvernight, "overnight", "trips", 0.01}, {schemas.StepFacility, "covered", "paid_lodging", 0.05},
		{schemas.StepOwnIdentity, "own_name", "covered", 0.05}, {schemas.StepPaidLodging, "paid_lodging", "overnight", 0.1},
	} {
		if want := steps[c.of] / steps[c.from]; told[c.step] < want*(1-c.within) || told[c.step] > want*(1+c.within) {
			t.Errorf("step %s: %.3f, true %.3f", c.step, told[c.step], want)
		}
	}
	held, of, prefecture := 0, 0, 0.0
	for _, row := range p.internal(t, `SELECT r.region_code, r.estimator, r.value, r.ci_low, r.ci_high, o.value FROM relational_population r
		JOIN relational_population o USING (definition, measure, outside, region_code, origin_code, engagement, reference_month, source)
		WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND origin_code = 'all' AND engagement = 'all'
		  AND source = 'booking' AND r.estimator LIKE 'thinned%' AND r.value IS NOT NULL AND o.estimator = 'observed'`) {
		var v [4]float64
		for i := range v {
			if n, err := strconv.ParseFloat(row[i+2], 64); err == nil {
				v[i] = n
			}
		}
		truth := persons[row[0]]
		of++
		if v[1] <= truth && truth <= v[2] {
			held++
		}
		if row[0] == "30000" {
			prefecture = v[0]
			if seen := v[3]; (v[0]-truth)*(v[0]-truth) > (seen-truth)*(seen-truth)/4 || v[1] > truth || v[2] < truth {
				t.Errorf("the prefecture: estimated %.0f (%.0f–%.0f), seen %.0f, true %.0f", v[0], v[1], v[2], seen, truth)
			}
		}
	}
	if of < 25 || float64(held) < 0.88*float64(of) {
		t.Errorf("%d intervals of %d hold the truth", held, of)
	}
	t.Logf("persons with two trips or more: estimated %.0f, true %.0f; %d intervals of %d hold the truth", prefecture, persons["30000"], held, of)
	originsBehind(t, p, reference)
}

// originsBehind sets the persons with two trips or more by prefecture of residence, and the share
// of the Tokyo area, beside the truth.
func originsBehind(t *testing.T, p project, reference string) {
	t.Helper()
	persons := map[string]float64{}
	var all, tokyo float64
	for _, tr := range truthOf(t, p) {
		if tr.Dataset == "relational_population" && tr.Definition == "repeat-visits" && tr.Statistic == schemas.Persons && tr.Outside == schemas.OutsidePrefecture && tr.RegionCode == "30000" &&
			len(tr.OriginCode) == 5 && tr.Engagement == schemas.All && tr.RelationType == schemas.All && tr.ReferenceMonth.String() == reference {
			persons[tr.OriginCode] = tr.Value
			all += tr.Value
			if tr.OriginCode >= "11000" && tr.OriginCode <= "14000" {
				tokyo += tr.Value
			}
		}
	}
	held, of := 0, 0
	for _, f := range figures(t, p, `SELECT origin_code, value, ci_low, ci_high, '' FROM origin_destination WHERE definition = 'repeat-visits' AND estimator = 'thinned'
		AND outside = 'prefecture' AND region_code = '30000' AND length(origin_code) = 5 AND value IS NOT NULL`) {
		of++
		if f.low <= persons[f.name] && persons[f.name] <= f.high {
			held++
		}
	}
	share := figures(t, p, `SELECT statistic, value, ci_low, ci_high, '' FROM concentration WHERE definition = 'repeat-visits' AND estimator = 'thinned'
		AND outside = 'prefecture' AND region_code = '30000' AND statistic = 'tokyo_area_share' AND value IS NOT NULL`)[0]
	if truth := tokyo / all; share.low > truth || truth > share.high || share.high-share.low > 0.2 {
		t.Errorf("the Tokyo area has %v of the persons, truly %v", share, truth)
	}
	if of < 10 || float64(held) < 0.8*float64(of) {
		t.Errorf("by origin %d intervals of %d hold the truth", held, of)
	}
	t.Logf("by origin %d intervals of %d hold the truth; the Tokyo area has %v, truly %v", held, of, share, tokyo/all)
}
