package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// The months by which shares of those who move in within three years have.
const timesMonths = 36

var timeShares = []struct {
	statistic string
	share     float64
}{{schemas.MonthsQuarter, 0.25}, {schemas.MonthsHalf, 0.5}, {schemas.MonthsThreeQuarters, 0.75}}

// monthsTruth are the months expected of those seen to become related, from the day on which they are.
func (f following) monthsTruth() []float64 {
	random := rand.New(rand.NewPCG(base, 30_203))
	incidence := make([]float64, timesMonths+1)
	for range manyFollowers / 10 {
		p := f.person(random)
		on, _ := enters(f.seen(random, p.trips))
		if p.related == never || on == never {
			continue
		}
		for month := range incidence {
			years := float64(forward{months: int32(month)}.horizonDays()) / yearDays
			incidence[month] += f.incidence(p.factor, max(0, float64(on-p.related)/yearDays), years)
		}
	}
	truth := make([]float64, len(timeShares))
	for i, of := range timeShares {
		truth[i] = float64(slices.IndexFunc(incidence, func(v float64) bool { return v >= of.share*incidence[timesMonths] }))
	}
	return truth
}

// months are the figures of one run. Naive are the quantiles of the times of all whose move is seen.
func (f following) months(random *rand.Rand) []outcome {
	r := f.draw(random)
	frame := convertFrame()
	seeing := convert.See(frame, moveTo, r.movers, r.totals, convert.Link{P: f.link})
	rows, _, err := convert.Prospective(frame, r.entries, map[string]convert.Seeing{moveTo: seeing})
	var times []float64
	for _, e := range r.entries {
		if e.MovedOn != nil {
			times = append(times, float64(*e.MovedOn-e.EnteredOn)/yearDays*12)
		}
	}
	slices.Sort(times)
	out := make([]outcome, len(timeShares))
	for i, of := range timeShares {
		out[i] = outcome{failed: true}
		if err == nil {
			out[i] = conversionOf(rows, func(c schemas.MigrationConversion) bool {
				return c.Estimator == showsDetected && c.Cohort == 0 && c.Statistic == of.statistic
			})
		}
		if n := len(times); n > 0 {
			out[i].naive = times[int(of.share*float64(n))]
		}
	}
	return out
}

// timesCell judges the months of those who are followed.
func timesCell(name, what string, f following) Cell {
	c := Cell{Name: "conversion/months/" + name, What: fmt.Sprintf("%d persons, %s", f.persons, what), Most: 500}
	for _, of := range timeShares {
		c.Figures = append(c.Figures, part{of.statistic, target{least: 93}})
	}
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, len(timeShares), f.months)
		results := make([]Result, len(timeShares))
		for i, truth := range f.monthsTruth() {
			results[i] = besideNaive(truth, outcomes[i])
		}
		return results
	}
	return c
}

func timesCells() []Cell {
	cell := func(name, what string, change func(f *following)) Cell {
		f := followed
		change(&f)
		return timesCell(name, what, f)
	}
	return []Cell{
		cell("moves=0.6", "6 in 10 moves are recorded", func(*following) {}),
		cell("moves=0.6/late", "records of moves begin two years after the bookings", func(f *following) { f.since = day(2021, 1, 1) }),
		cell("moves=0.6/waning", "the hazard of moving is 0.06 in the first year, then 0.03", func(f *following) { f.hazards = [2]float64{0.06, 0.03} }),
	}
}
