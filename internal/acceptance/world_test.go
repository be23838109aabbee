package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

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
	p.must(t, "run")
	figures := map[string]float64{}
	for _, query := range []string{
		`SELECT 'relational_population', measure, definition, outside, region_code, origin_code, engagement, CAST(reference_month AS VARCHAR), 0, value
		 FROM relational_population WHERE source = 'booking' AND obs_status = 'A'`,
		`SELECT 'origin_destination', statistic, '', outside, region_code, origin_code, 'all', CAST(reference_month AS VARCHAR), 0, value
		 FROM (SELECT *, 'persons' AS statistic, persons AS value FROM origin_destination
		       UNION ALL SELECT *, 'trips', trips FROM origin_destination UNION ALL SELECT *, 'visit_days', visit_days FROM origin_destination)
		 WHERE source = 'booking' AND obs_status = 'A'`,
		`SELECT 'visit_behaviour', statistic, '', outside, region_code, 'all', 'all', CAST(reference_month AS VARCHAR), month_of_year, value
		 FROM visit_behaviour WHERE source = 'booking' AND obs_status = 'A' AND value IS NOT NULL`,
		`SELECT 'guest_nights', 'guest_nights', '', '', region_code, origin_code, 'all', CAST(month AS VARCHAR), 0, guest_nights FROM guest_nights`,
		`SELECT 'guest_nights', 'bookings', '', '', region_code, origin_code, 'all', CAST(month AS VARCHAR), 0, bookings FROM guest_nights`,
		`SELECT 'coverage', statistic, '', '', region_code, 'all', 'all', CAST(month AS VARCHAR), 0, value
		 FROM (SELECT *, 'coverage' AS statistic, coverage AS value FROM coverage UNION ALL SELECT *, 'recorded_guest_nights', recorded_guest_nights FROM coverage
		       UNION ALL SELECT *, 'official_guest_nights', official_guest_nights FROM coverage)
		 WHERE region_level = 'prefecture' AND step = 'guest_nights' AND value IS NOT NULL`,
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
	for dataset, least := range map[string]int{"relational_population": 10_000, "origin_destination": 10_000, "visit_behaviour": 5000, "guest_nights": 2000, "coverage": 70} {
		if above[dataset] < least {
			t.Errorf("%s: %d figures compared, %d of them above 0; want at least %d", dataset, compared[dataset], above[dataset], least)
		}
	}
	t.Logf("figures compared: %v, above 0: %v", compared, above)
}

// The truth is for judges alone: without it the same run publishes the same bytes. And
// of nobody in the world, by whatever export, is a name in what a run writes.
func TestTruthIsNotRead(t *testing.T) {
	slow(t)
	p := simulated(t, "base", 3, 20_000)
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
		t.Fatalf("%d personal values in the exports, want at least 5000", n)
	}
	personal.absentBelow(t, p)
}

// The same scenario, seed and persons give the same files on any number of threads;
// another seed gives another world.
func TestWorldsAreDeterministic(t *testing.T) {
	slow(t)
	files := func(seed, threads int) map[string]string {
		p := project{dir: filepath.Join(t.TempDir(), "project"), env: []string{testKey, fmt.Sprintf("GOMAXPROCS=%d", threads)}}
		p.must(t, "simulate", p.dir, "--scenario", "base", "--seed", fmt.Sprint(seed), "--persons", "30000")
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
