package acceptance

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/simulate"
)

// followers are persons who became related to the prefecture in a world, whom two years can
// follow, and how many of them moved in within these; for a programme's purpose, and others.
type followers struct{ persons, moved [2]float64 }

func (f followers) risk(programme int) float64 { return f.moved[programme] / f.persons[programme] }

// followed counts the followers of a world as a clerk would who knows it: two trips in 12 months,
// from other prefectures, for the first time after a year; the programme being a trip for a purpose
// in these months, and none before.
func followed(t *testing.T, scenario []byte, persons int64, programme schemas.Purpose) followers {
	t.Helper()
	s, err := schemas.ParseScenario(scenario)
	if err != nil {
		t.Fatal(err)
	}
	regions := slices.DeleteFunc(reference.Load().Regions(), func(r schemas.Region) bool { return r.ValidTo != nil })
	w, err := simulate.NewWorld(s, moversSeed+1, persons, regions)
	if err != nil {
		t.Fatal(err)
	}
	first, last := monthNumber(s.FirstMonth()), s.LastDay()
	var f followers
	for id := range persons {
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
			side := 0
			for _, trip := range p.Trips[:i+1] {
				if trip.Purpose == programme && trip.First >= s.FirstMonth() {
					if side = 1; monthNumber(trip.First) <= month-12 {
						side = 2
						break
					}
				}
			}
			if side < 2 {
				f.persons[side]++
				for _, m := range p.Moves {
					if m.Day > at.Last && m.Day <= until {
						f.moved[side]++
						break
					}
				}
			}
			break
		}
	}
	return f
}

func monthNumber(d schemas.Date) int {
	y, m, _ := d.Civil()
	return y*12 + m
}

const moversSeed = 7

// In a world with moves enough, who moves in more readily is told, and by how much: teleworkers have
// three times the hazard, wherever they come from. A programme of telework has the effect that it
// has among the persons of another such world; acts, for which nobody moves in, have none.
// Telework does not pass for an effect: whose every trip is a part of the programme has no earlier trip
// without having an earlier part.
func TestWhoMovesInIsTold(t *testing.T) {
	slow(t)
	path := filepath.Join("testdata", "movers.yaml")
	p := simulated(t, path, moversSeed, 20_000)
	p.configure(t, map[string]string{"definitions": "[repeat-visits]", "reference_months": "1", "programmes": programmeFor("telework")})
	p.must(t, "run")
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
	world := followed(t, []byte(readFile(t, path)), 20_000, schemas.Telework)
	effect := world.risk(1) - world.risk(0)
	const contrast = `SELECT statistic, value, coalesce(ci_low, value), coalesce(ci_high, value), label FROM programme_contrast
		WHERE design = 'persons' AND outcome = 'moved_in' AND covariate = '' AND value IS NOT NULL ORDER BY statistic = 'att' DESC`
	if telework := figures(t, p, contrast); telework[0].low > effect || effect > telework[0].high || telework[0].low <= 0 || telework[0].label != "association" {
		t.Errorf("telework: %v, truly %v of %v", telework, effect, world)
	}
	p.configure(t, map[string]string{"programmes": programmeFor("direct_contribution")})
	p.must(t, "run")
	if acts := figures(t, p, contrast); acts[0].low > 0 || acts[0].high < 0 {
		t.Errorf("acts, which do nothing: %v", acts)
	}
	if strength := p.internal(t, `SELECT value > 0.3 AND value < 1 FROM concentration WHERE statistic = 'seasonality_strength' AND region_code = '30000'`); len(strength) != 1 || strength[0][0] != "true" {
		t.Errorf("a month of August that weighs 1.6: strength of the season %v", strength)
	}
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
