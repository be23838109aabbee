package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/simulate"
)

// onsiteWorld is the survey on the spot in the simulated world, over the 12 months
// to the first wave.
type onsiteWorld struct {
	world       *simulate.World
	people      []simulate.Person // residents of Japan with trips
	first, last schemas.Date
	// visits are the official visits of each visited place, by class.
	visits [][visitClasses]float64
	// atLeast are the persons of each visited place with 2 and with 4 visits or more.
	atLeast [][2]float64
}

// thresholds of visits.
var thresholds = [2]int32{2, 4}

func newOnsiteWorld(w *simulate.World, people []simulate.Person, official *simulate.Official) onsiteWorld {
	s := simulated{World: w}
	o := onsiteWorld{world: w, people: people, last: s.waveDay(0), visits: make([][visitClasses]float64, len(w.Visited)), atLeast: make([][2]float64, len(w.Visited))}
	o.first = o.last.AddMonths(-12) + 1
	byCode := map[string]int{}
	for v, at := range w.Visited {
		byCode[w.Places[at].RegionCode] = v
	}
	for _, f := range official.Figures("visitors") {
		if f.Month >= o.first && f.Month <= o.last && f.Origin != schemas.Abroad {
			o.visits[byCode[f.Region]][classOf(f.Breakdown == "overnight")] += float64(f.Value)
		}
	}
	for i := range people {
		for v, n := range o.visitsOf(&people[i]) {
			for t, k := range thresholds {
				if n >= k {
					o.atLeast[v][t]++
				}
			}
		}
	}
	return o
}

func classOf(night bool) int {
	if night {
		return overnight
	}
	return dayTrip
}

// visitsOf counts a person's visits of the 12 months by visited place, arrivals
// from outside the municipality being visits.
func (o *onsiteWorld) visitsOf(p *simulate.Person) map[int]int32 {
	n := map[int]int32{}
	until := map[int32]schemas.Date{}
	for _, t := range p.Trips {
		begun, there := until[t.Place]
		until[t.Place] = max(begun, t.Last)
		goesOn := there && t.First <= begun+1
		if t.First >= o.first && t.First <= o.last && !goesOn && p.HomeOn(t.First) != t.Place {
			n[o.world.Places[t.Place].Visited]++
		}
	}
	return n
}

// run meets visitors anew and estimates every visited place. Whom the survey
// meets follows from the seed of the world: another seed, the same persons.
func (o *onsiteWorld) run(seed uint64, asked question) [][2]outcome {
	again := *o.world
	again.Seed = seed
	encounters := make([][]estimate.Encounter, len(o.world.Visited))
	for i := range o.people {
		for _, e := range again.Encounters(&o.people[i]) {
			if e.Day < o.first || e.Day > o.last || e.Home == e.Place {
				continue
			}
			v := o.world.Places[e.Place].Visited
			least, most := asked(e.Visits)
			encounters[v] = append(encounters[v], estimate.Encounter{Person: int32(e.Person), Stratum: classOf(e.Nights > 0), Weight: 1, Least: least, Most: most})
		}
	}
	out := make([][2]outcome, len(encounters))
	for v := range encounters {
		totals := []estimate.VisitTotal{{Name: "overnight", Visits: o.visits[v][overnight]}, {Name: "day trip", Visits: o.visits[v][dayTrip]}}
		for t, k := range thresholds {
			n, err := onSpot(encounters[v], totals, k)
			if err != nil {
				out[v][t] = outcome{failed: true}
				continue
			}
			out[v][t], _ = symmetric(n.Estimate, nil)
		}
	}
	return out
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

var onsiteRuns [2]repeated[[][2]outcome]

// worldOnsiteCells judge the survey on the spot, exact numbers and classes.
func worldOnsiteCells() []Cell {
	var cells []Cell
	for q, asked := range []struct {
		name string
		question
	}{{"exact", exactly}, {"classes", asInWorld}} {
		for t, k := range thresholds {
			for _, size := range []struct {
				name, what  string
				least, most float64
			}{{"large", "3,000 visits or more", 3000, math.Inf(1)}, {"small", "under 3,000 visits", 0, 3000}} {
				name := fmt.Sprintf("world/onsite/%s/atleast%d/%s", asked.name, k, size.name)
				what := fmt.Sprintf("persons with %d visits or more to municipalities with %s a year, 6 %% of visits answered on", k, size.what)
				cells = append(cells, Cell{name, what, func(_ uint64, runs int) Result {
					o := &theWorld().spots
					all := onsiteRuns[q].take(runs, worldSeed+100+uint64(q), func(random *rand.Rand) [][2]outcome { return o.run(random.Uint64(), asked.question) })
					var results []Result
					for v, visits := range o.visits {
						if sum := visits[0] + visits[1]; sum < size.least || sum >= size.most || o.atLeast[v][t] == 0 {
							continue
						}
						outcomes := make([]outcome, runs)
						for i := range all {
							outcomes[i] = all[i][v][t]
						}
						results = append(results, summarise(o.atLeast[v][t], outcomes))
					}
					return pool(results)
				}})
			}
		}
	}
	return cells
}
