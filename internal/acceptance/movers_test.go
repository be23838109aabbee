package acceptance

import (
	"encoding/csv"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/simulate"
)

func moversWorld(t *testing.T, scenario []byte, residents int64) (schemas.Scenario, *simulate.World) {
	t.Helper()
	s, err := schemas.ParseScenario(scenario)
	if err != nil {
		t.Fatal(err)
	}
	regions := slices.DeleteFunc(reference.Load().Regions(), func(r schemas.Region) bool { return r.ValidTo != nil })
	w, err := simulate.NewWorld(s, moversSeed+1, residents, regions)
	if err != nil {
		t.Fatal(err)
	}
	return s, w
}

// movedOf is the share of the persons of a world who moved in within two years, of those who became
// related to the prefecture without a programme, as a clerk would count who knows it: two trips in
// 12 months, from other prefectures, for the first time after a year, none of them for the programme's purpose.
func movedOf(t *testing.T, scenario []byte, residents int64, programme schemas.Purpose) float64 {
	t.Helper()
	s, w := moversWorld(t, scenario, residents)
	first, last := monthNumber(s.FirstMonth()), s.LastDay()
	var persons, moved float64
	for id := range residents {
		p := w.Person(id)
		for i := 1; i < len(p.Trips); i++ {
			at := p.Trips[i]
			month := monthNumber(at.First)
			if p.Trips[i-1].First < s.FirstMonth() || month-monthNumber(p.Trips[i-1].First) >= 12 || w.Places[p.HomeOn(at.First)].PrefectureCode == "30000" {
				continue
			}
			until := at.Last.AddMonths(24)
			if month < first+12 || until > last {
				break
			}
			if slices.ContainsFunc(p.Trips[:i+1], func(trip simulate.Trip) bool { return trip.Purpose == programme && trip.First >= s.FirstMonth() }) {
				break
			}
			persons++
			if slices.ContainsFunc(p.Moves, func(m simulate.Move) bool { return m.Day > at.Last && m.Day <= until }) {
				moved++
			}
			break
		}
	}
	return moved / persons
}

// standingOf is the share of the persons of a world who moved in within a year, of those from other prefectures who on a day had
// begun two trips or more in the 12 months to it.
func standingOf(w *simulate.World, residents int64, on schemas.Date) float64 {
	var persons, moved float64
	for id := range residents {
		p := w.Person(id)
		trips := 0
		for _, trip := range p.Trips {
			if trip.First > on.AddMonths(-12) && trip.First <= on {
				trips++
			}
		}
		if trips < 2 || w.Places[p.HomeOn(on)].PrefectureCode == "30000" {
			continue
		}
		persons++
		if slices.ContainsFunc(p.Moves, func(m simulate.Move) bool { return m.Day > on && m.Day <= on.AddMonths(12) }) {
			moved++
		}
	}
	return moved / persons
}

func monthNumber(d schemas.Date) int {
	y, m, _ := d.Civil()
	return y*12 + m
}

const moversSeed = 7

// In a world with moves enough, who moves in more readily is told, and by how much: teleworkers have
// three times the hazard, wherever they come from. A programme of telework has the effect that
// this has on the share who move in of another such world; acts, for which nobody moves in, have none.
// Telework does not pass for an effect: whose every trip is a part of the programme has no earlier trip
// without having an earlier part.
func TestWhoMovesInIsTold(t *testing.T) {
	slow(t)
	path := filepath.Join("testdata", "movers.yaml")
	p := simulated(t, path, moversSeed, 20_000)
	p.configure(t, map[string]string{"definitions": "[repeat-visits]", "reference_months": "1", "programmes": programmeFor("telework")})
	p.must(t, "run")
	page := readFile(t, p.path("releases", "current", "report", "index.html"))
	if !strings.Contains(page, `data-file="30000-curve"`) || !strings.Contains(page, `<path class="band"`) || !strings.Contains(page, "関係人口ビジョン") {
		t.Error("the report has no curve of conversion, or no target")
	}
	told := 0
	for _, row := range figures(t, p, `SELECT model || ' ' || term || ' ' || level || ' against ' || reference, hazard_ratio, ci_low, ci_high, label FROM conversion_drivers
		WHERE hazard_ratio IS NOT NULL AND term IN ('relation_type', 'origin')`) {
		truth := 1.
		switch {
		case strings.HasSuffix(row.name, "telework against not_known"):
			truth = 3
			if told++; row.low <= 1 {
				t.Errorf("%v: nothing is told", row)
			}
		case strings.Contains(row.name, "relation_type"):
			t.Errorf("%v: bookings tell telework alone", row)
		}
		if row.low > truth || truth > row.high || row.label != "association" {
			t.Errorf("%v: truly %v", row, truth)
		}
	}
	if told != 2 {
		t.Errorf("%d ratios of telework, want one of each model", told)
	}
	// Of those who move in within three years, the later ones take longer, and half are told to within a year.
	if months := p.internal(t, `SELECT min(value) FILTER (statistic = 'months_quarter') < min(value) FILTER (statistic = 'months_half')
		AND min(value) FILTER (statistic = 'months_half') < min(value) FILTER (statistic = 'months_three_quarters'), max(ci_high - ci_low) FILTER (statistic = 'months_half') <= 12
		FROM migration_conversion WHERE region_code = '30000' AND cohort = 0 AND estimator = 'aalen_johansen_detected'`); len(months) != 1 || months[0][0] != "true" || months[0][1] != "true" {
		t.Errorf("months to a move: in order, and half to within a year: %v", months)
	}
	stay := 1 - movedOf(t, []byte(readFile(t, path)), 20_000, schemas.Telework)
	effect := stay - math.Pow(stay, 3) // at three times the hazard
	const contrast = `SELECT statistic, value, coalesce(ci_low, value), coalesce(ci_high, value), label FROM programme_contrast
		WHERE design = 'persons' AND outcome = 'moved_in' AND covariate = '' AND value IS NOT NULL ORDER BY statistic = 'att' DESC`
	if telework := figures(t, p, contrast); telework[0].low > effect || effect > telework[0].high || telework[0].low <= 0 || telework[0].label != "association" {
		t.Errorf("telework: %v, truly %v", telework, effect)
	}
	ageByPlan(t, p)
	p.configure(t, map[string]string{"programmes": programmeFor("direct_contribution"), "reference_months": "13"})
	// The landmark of fiscal year 2024 is thirteen reference months back, and followed for twelve.
	p.estimates(t, "--as-of", "2025-03-31")
	aged := figures(t, p, `SELECT model || ' ' || level || ' against ' || reference, hazard_ratio, ci_low, ci_high, label FROM conversion_drivers
		WHERE hazard_ratio IS NOT NULL AND term = 'age_class' ORDER BY 1`)
	for _, row := range aged {
		if !strings.HasSuffix(row.name, " 45-59 against 30-44") || row.low > 1./3 || row.high < 1./3 || row.high >= 1 {
			t.Errorf("%v: truly a third", row)
		}
	}
	if len(aged) != 2 {
		t.Errorf("%d ratios of age, want one of each model", len(aged))
	}
	if acts := figures(t, p, contrast); acts[0].low > 0 || acts[0].high < 0 {
		t.Errorf("acts, which do nothing: %v", acts)
	}
	// Of all who are related on 31 March 2024, seen or not.
	_, w := moversWorld(t, []byte(readFile(t, path)), 20_000)
	march, _ := schemas.ParseDate("2024-03-31")
	all := figures(t, p, `SELECT estimator, value, ci_low, ci_high, reliability FROM migration_conversion
		WHERE region_code = '30000' AND estimator = 'aalen_johansen_all' AND cohort = 2024 AND horizon_months = 12`)
	if truth := standingOf(w, 20_000, march); all[0].low > truth || truth > all[0].high || all[0].high > 2*truth {
		t.Errorf("of all who are related %v, truly %v", all[0], truth)
	} else {
		t.Log(all[0], truth)
	}
	if strength := p.internal(t, `SELECT value > 0.3 AND value < 1 FROM concentration WHERE statistic = 'seasonality_strength' AND region_code = '30000' ORDER BY reference_month DESC LIMIT 1`); len(strength) != 1 || strength[0][0] != "true" {
		t.Errorf("a month of August that weighs 1.6: strength of the season %v", strength)
	}
}

// ageByPlan delivers the bookings with an age in place of what tells telework: teleworkers are 35 and all others
// 50, so that age has the hazard ratio that telework had.
func ageByPlan(t *testing.T, p project) {
	t.Helper()
	for _, path := range glob(t, p.path("exports", "temairazu", "*.csv")) {
		text, err := japanese.ShiftJIS.NewDecoder().String(readFile(t, path))
		if err != nil {
			t.Fatal(err)
		}
		table := rowsOf(t, text)
		memo, plan := slices.Index(table[0], "メモ"), slices.Index(table[0], "プラン名称")
		for _, row := range table[1:] {
			row[memo] = "50"
			if strings.HasPrefix(row[plan], "ワーケーション") {
				row[memo] = "35"
			}
		}
		var out strings.Builder
		w := csv.NewWriter(&out)
		if err := w.WriteAll(table); err != nil {
			t.Fatal(err)
		}
		p.write(t, relative(p.dir, path), out.String())
	}
	mapping := readFile(t, filepath.Join(sharedtest.Root(t), "pipeline", "ingest", "mappings", "temairazu.yaml"))
	var lines []string
	for line := range strings.Lines(mapping) {
		switch {
		case strings.HasPrefix(line, "id:"):
			line = "id: aged\n"
		case strings.Contains(line, "purposes.plan"):
			line = "      age: メモ\n"
		}
		lines = append(lines, line)
	}
	p.write(t, "aged.yaml", strings.Join(lines, ""))
	p.write(t, "kankei.yaml", strings.Replace(readFile(t, p.path("kankei.yaml")), "mapping: temairazu", "mapping: aged.yaml", 1))
}

func programmeFor(purpose string) string {
	return `[{name: tried, regions: ["30201"], since: "2024-04", purposes: [` + purpose + `]}]`
}

// figure is a figure with its ends and label.
type figure struct {
	name             string
	value, low, high float64
	label            string
}

// figures are rows of a name, a value, its ends and a label.
func figures(t *testing.T, p project, sql string) []figure {
	t.Helper()
	var all []figure
	for _, row := range p.internal(t, sql) {
		f := figure{name: row[0], label: row[4]}
		for i, to := range []*float64{&f.value, &f.low, &f.high} {
			var err error
			if *to, err = strconv.ParseFloat(row[i+1], 64); err != nil {
				t.Fatal(row, err)
			}
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		t.Fatalf("no figures: %s", sql)
	}
	return all
}
