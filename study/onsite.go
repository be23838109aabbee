package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/kankei/kankei/transforms/estimate"
)

// The official classes of visits of the on-site cells.
const (
	overnight = iota
	dayTrip
	visitClasses
)

// Spots and days on which a visit may be met.
const (
	spots = 30
	days  = 90
)

// visitors is a year of a region: persons who came, and all their visits.
type visitors struct {
	visits [][visitClasses]int32 // of each person
	// answers is how readily a person answers, 0.5 or 1.5; of any two persons with
	// the same visits one each, so that it has nothing to do with visits.
	answers []float64
	// at are the visits of each spot and day.
	at [][]visit
}

// visit is one visit.
type visit struct {
	person int32
	class  int
}

// theVisitors are made once.
var theVisitors = sync.OnceValue(func() *visitors { return newVisitors(rand.New(rand.NewPCG(base, 2))) })

func newVisitors(random *rand.Rand) *visitors {
	v := &visitors{at: make([][]visit, spots*days)}
	popularity := zipf(spots)
	for len(v.visits) < 20_000 {
		keen := math.Exp(1.1*random.NormFloat64() - 0.3)
		nights := random.Float64() / (1 + keen/2) // the part of the visits that is overnight: less of those who come often
		n := [visitClasses]int32{min(int32(poisson(random, keen*nights)), 180), min(int32(poisson(random, keen*(1-nights))), 180)}
		if n[overnight]+n[dayTrip] == 0 {
			continue // was never there
		}
		for _, readiness := range []float64{0.5, 1.5} {
			v.visits, v.answers = append(v.visits, n), append(v.answers, readiness)
			v.place(int32(len(v.visits)-1), popularity, random)
		}
	}
	return v
}

// place puts the visits of a person on spots and days. Regulars have spots of
// their own.
func (v *visitors) place(person int32, popularity []float64, random *rand.Rand) {
	for class, times := range v.visits[person] {
		for range times {
			spot := choose(random, popularity)
			if v.total(person) >= 4 && random.Float64() < 0.5 {
				spot = spots - 1 - random.Int32N(spots/3)
			}
			at := int(spot)*days + random.IntN(days)
			v.at[at] = append(v.at[at], visit{person, class})
		}
	}
}

// total is all visits of a person.
func (v *visitors) total(person int32) int32 {
	return v.visits[person][overnight] + v.visits[person][dayTrip]
}

// atLeast is the number of persons with k visits or more, and of their visits.
func (v *visitors) atLeast(k int32) (persons, visits float64) {
	for i := range v.visits {
		if n := v.total(int32(i)); n >= k {
			persons++
			visits += float64(n)
		}
	}
	return persons, visits
}

// met are visits of a year that were answered on, with the spot and day of each
// where these were drawn.
type met struct {
	visits []visit
	units  []int32
}

// meet is how visits are met.
type meet func(v *visitors, random *rand.Rand) met

// everyVisit meets each visit with the chance of its class, times how readily the
// person answers, times (visits of the person)^eager over its value at 3.
func everyVisit(overnights, dayTrips, eager float64) meet {
	return func(v *visitors, random *rand.Rand) met {
		var out met
		for person, n := range v.visits {
			readiness := v.answers[person]
			if eager > 0 {
				readiness *= math.Pow(float64(v.total(int32(person)))/3, eager)
			}
			for class, chance := range [visitClasses]float64{overnights, dayTrips} {
				for range n[class] {
					if random.Float64() < chance*readiness {
						out.visits = append(out.visits, visit{int32(person), class})
					}
				}
			}
		}
		return out
	}
}

// unitsUnknown are some days of which the answers do not tell the spot and day.
func unitsUnknown(v *visitors, random *rand.Rand) met {
	answers := someDays(v, random)
	answers.units = nil
	return answers
}

// someDays draws 100 of the spots and days; there a third of the visits is
// answered on.
func someDays(v *visitors, random *rand.Rand) met {
	all := make([]int32, len(v.at))
	for i := range all {
		all[i] = int32(i)
	}
	var out met
	for _, cluster := range without(random, all, 100) {
		for _, one := range v.at[cluster] {
			if random.Float64() < v.answers[one.person]/3 {
				out.visits, out.units = append(out.visits, one), append(out.units, cluster)
			}
		}
	}
	return out
}

// question is how the visits of the year are asked for.
type question func(visits int32) (least, most int32)

func exactly(visits int32) (least, most int32) { return visits, visits }

// inClasses offers 1, 2–3, 4–6, 7–11, 12 or more.
func inClasses(visits int32) (least, most int32) {
	for _, c := range [][2]int32{{1, 1}, {2, 3}, {4, 6}, {7, 11}} {
		if visits <= c[1] {
			return c[0], c[1]
		}
	}
	return 12, -1
}

// onSpot is the one place where the study calls the on-site estimator. units may
// be nil.
func onSpot(encounters []estimate.Encounter, totals []estimate.VisitTotal, units []int32, k int32) (estimate.OnsiteCount, error) {
	return estimate.OnsiteSample{Encounters: encounters, Totals: totals, Units: units, Shape: estimate.ClassShape}.Count(slices.Repeat([]int32{k}, len(encounters)))
}

// scaled estimates from answers. Pooled takes both classes of visits for one.
func scaled(v *visitors, answers met, asked question, k int32, pooled bool) (estimate.OnsiteCount, error) {
	totals := []estimate.VisitTotal{{Name: "overnight"}, {Name: "day trip"}}
	for _, n := range v.visits {
		for class := range n {
			totals[class].Visits += float64(n[class])
		}
	}
	if pooled {
		totals = []estimate.VisitTotal{{Name: "all", Visits: totals[0].Visits + totals[1].Visits}}
	}
	encounters := make([]estimate.Encounter, len(answers.visits))
	for i, a := range answers.visits {
		least, most := asked(v.total(a.person))
		encounters[i] = estimate.Encounter{Person: a.person, Stratum: a.class, Weight: 1, Least: least, Most: most}
		if pooled {
			encounters[i].Stratum = 0
		}
	}
	return onSpot(encounters, totals, answers.units, k)
}

// onsiteCell estimates the persons with at least k visits.
func onsiteCell(name, what string, how meet, asked question, k int32, pooled bool) Cell {
	return Cell{Name: name, What: what, Run: func(seed uint64, runs int) Result {
		v := theVisitors()
		truth, _ := v.atLeast(k)
		return summarise(truth, repeat(seed, runs, func(random *rand.Rand) outcome {
			n, err := scaled(v, how(v, random), asked, k, pooled)
			if err != nil {
				return outcome{failed: true}
			}
			o, _ := logarithmic(n.Estimate, nil)
			return o
		}))
	}}
}

// shareCell takes the share of the answers with at least k visits, unweighted, for
// the share of the persons, or of the visits, which is what theory says it is.
func shareCell(name, what string, k int32, ofVisits bool) Cell {
	return Cell{Name: name, What: what, Run: func(seed uint64, runs int) Result {
		v := theVisitors()
		persons, visits := v.atLeast(k)
		allPersons, allVisits := v.atLeast(1)
		truth := persons / allPersons
		if ofVisits {
			truth = visits / allVisits
		}
		return summarise(truth, repeat(seed, runs, func(random *rand.Rand) outcome {
			answers := everyVisit(0.02, 0.02, 0)(v, random)
			n, err := scaled(v, answers, exactly, k, true)
			if err != nil {
				return outcome{failed: true}
			}
			p := n.Unweighted
			half := 1.96 * math.Sqrt(p*(1-p)/float64(len(answers.visits)))
			return outcome{value: p, stdErr: half / 1.96, low: p - half, high: p + half}
		}))
	}}
}

// onsiteCells are those of surveys on the spot.
func onsiteCells() []Cell {
	var cells []Cell
	for _, k := range []int32{2, 4} {
		at := map[int32]string{2: "2", 4: "4"}[k]
		cells = append(cells,
			onsiteCell("onsite/exact/atleast"+at, "2 % of visits met, the number of visits answered", everyVisit(0.02, 0.02, 0), exactly, k, true),
			onsiteCell("onsite/strata/atleast"+at, "3 % of overnight visits and 1 % of day trips met, scaled by class", everyVisit(0.03, 0.01, 0), exactly, k, false),
			onsiteCell("onsite/strata-pooled/atleast"+at, "the same, the two classes taken for one", everyVisit(0.03, 0.01, 0), exactly, k, true),
			onsiteCell("onsite/classes/atleast"+at, "2 % of visits met, visits answered in classes 1, 2–3, 4–6, 7–11, 12+", everyVisit(0.02, 0.02, 0), inClasses, k, false),
			onsiteCell("onsite/clusters/atleast"+at, "100 of 2,700 spots and days, a third of their visits answered on", someDays, exactly, k, false),
			onsiteCell("onsite/clusters-unknown/atleast"+at, "the same, the answers not telling their spot and day", unitsUnknown, exactly, k, false),
			onsiteCell("onsite/eager/atleast"+at, "who comes more often answers more readily: with the root of the visits", everyVisit(0.02, 0.02, 0.5), exactly, k, false),
			shareCell("onsite/unweighted/atleast"+at+"/of-persons", "the unweighted share of answers, taken for that of persons", k, false),
			shareCell("onsite/unweighted/atleast"+at+"/of-visits", "the unweighted share of answers beside that of visits, which theory says it is", k, true),
		)
	}
	return cells
}
