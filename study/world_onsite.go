package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/simulate"
)

// onsiteWorld is the survey on the spot in the simulated world, over the 12 months
// to the first wave of the panel.
type onsiteWorld struct {
	people []simulate.Person // residents of Japan with trips
	totals []schemas.Total   // official visitors
	frame  estimate.Frame
	// visits are the official visits from other prefectures by region.
	visits map[string]float64
}

// fourVisits is repeat-visits with a threshold of four.
func fourVisits() schemas.Profile {
	profiles := schemas.BuiltinProfiles()
	p := profiles[slices.IndexFunc(profiles, func(p schemas.Profile) bool { return p.ID == "repeat-visits" })]
	p.ID, p.Any = "four-visits", []schemas.Alternative{{MinTrips: 4}}
	return p
}

func newOnsiteWorld(s *simulated, people []simulate.Person, official *simulate.Official) onsiteWorld {
	o := onsiteWorld{people: people, visits: map[string]float64{}}
	to := s.waveDay(0)
	from := to.AddMonths(-12) + 1
	for _, f := range official.Figures("visitors") {
		o.totals = append(o.totals, schemas.Total{Statistic: f.Statistic, RegionCode: f.Region, PeriodStart: f.Month.MonthStart(), PeriodEnd: f.Month,
			OriginCode: f.Origin, Breakdown: f.Breakdown, Value: float64(f.Value)})
		if f.Month >= from && f.Month <= to && f.Origin == "other_prefecture" {
			o.visits[f.Region] += float64(f.Value)
		}
	}
	o.frame = s.frame
	o.frame.References = []schemas.Date{to}
	o.frame.Profiles = slices.DeleteFunc(slices.Clone(o.frame.Profiles), func(p schemas.Profile) bool { return p.ID == "mlit-visiting" }) // asks for what this survey does not
	return o
}

// elsewhere stands for every residence in another prefecture.
const elsewhere = "13101"

// meetAgain meets visitors anew and publishes every region. Whom the survey meets
// follows from the seed of the world: another seed, the same persons. A sampling
// unit is a spot on a day.
func (s *simulated) meetAgain(seed uint64, asked question) map[figureKey]outcome {
	again := *s.World
	again.Seed = seed
	type unit struct {
		place, spot int
		day         schemas.Date
	}
	units := map[unit]int32{}
	var answers []estimate.OnsiteAnswer
	for i := range s.spots.people {
		for _, e := range again.Encounters(&s.spots.people[i]) {
			at := unit{int(e.Place), e.Spot, e.Day}
			if _, seen := units[at]; !seen {
				units[at] = int32(len(units))
			}
			home := s.Places[e.Home].RegionCode
			if !slices.Contains(s.Scenario.Regions, s.Places[e.Home].PrefectureCode) {
				home = elsewhere // any other prefecture: breakdowns by origin are not judged
			}
			least, most := asked(e.Visits)
			answers = append(answers, estimate.OnsiteAnswer{Person: int32(e.Person), Unit: units[at], Day: e.Day, Region: s.Places[e.Place].RegionCode,
				Residence: home, Nights: int32(e.Nights), Weight: 1,
				Tie: estimate.ReportedTie{Region: s.Places[e.Place].RegionCode, Purposes: e.Purpose, Visits: least, Most: most}})
		}
	}
	figures, err := estimate.RelationalPopulationOnsite(s.spots.frame, answers, s.spots.totals)
	if err != nil {
		return nil
	}
	return figuresByKey(figures.RelationalPopulation, waveName(0))
}

// asInWorld are the classes of the world's questionnaire.
func asInWorld(visits int32) (least, most int32) {
	for _, c := range [][2]int32{{1, 1}, {2, 2}, {3, 5}, {6, 11}} {
		if visits <= c[1] {
			return c[0], c[1]
		}
	}
	return 12, -1
}

var onsiteRuns [2]repeated[map[figureKey]outcome]

// worldOnsiteCells judge the survey on the spot, exact numbers and classes.
func worldOnsiteCells() []Cell {
	var cells []Cell
	for q, asked := range []struct {
		name, what string
		question
	}{{"exact", "the number of visits answered", exactly}, {"classes", "visits answered in classes", asInWorld}} {
		add := func(definition, measure, size, what string, keys func(s *simulated) []figureKey) {
			cells = append(cells, Cell{Name: fmt.Sprintf("world/onsite/%s/%s/%s/%s", asked.name, definition, measure, size), Most: 500,
				What: measure + " of " + what + ", 6 % of visits answered on, " + asked.what, Run: func(_ uint64, runs int) Result {
					s := theWorld()
					all := onsiteRuns[q].take(runs, worldSeed+100+uint64(q), func(random *rand.Rand) map[figureKey]outcome {
						return s.meetAgain(random.Uint64(), asked.question)
					})
					return s.judged(keys(s), all)
				}})
		}
		for _, definition := range []string{"repeat-visits", "four-visits"} {
			add(definition, schemas.Pairs, "prefecture", "the prefecture", func(s *simulated) []figureKey {
				return []figureKey{{waveName(0) + definition, schemas.Pairs, s.Scenario.Regions[0]}}
			})
			for _, size := range []struct {
				name, what  string
				least, most float64
			}{{"large", "municipalities with 2,000 visits or more a year", 2000, math.Inf(1)}, {"middle", "municipalities with 300 to 2,000 visits", 300, 2000},
				{"small", "municipalities with under 300 visits", 0, 300}} {
				add(definition, schemas.Persons, size.name, size.what, func(s *simulated) []figureKey {
					var keys []figureKey
					for _, r := range s.frame.Regions {
						k := figureKey{waveName(0) + definition, schemas.Persons, r.RegionCode}
						if v := s.spots.visits[r.RegionCode]; r.RegionLevel == schemas.LevelMunicipality && v >= size.least && v < size.most && s.truth[k] > 0 {
							keys = append(keys, k)
						}
					}
					return keys
				})
			}
		}
	}
	return cells
}
