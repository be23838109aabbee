package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/convert"
	"github.com/kankei/kankei/transforms/estimate"
)

// tripError is the standard error with which the probability that a trip is seen is known, over it.
const tripError = 0.05

// mostTrips is the greatest number of trips of a year that is allowed for.
const mostTrips = 80

const showsAll = "aalen_johansen_all"

// standingFrame has the landmarks 31 March 2020 to 2023.
func standingFrame() convert.Frame {
	return convertFrame(day(2020, 3, 31), day(2021, 3, 31), day(2022, 3, 31), day(2023, 3, 31))
}

// inYear are the trips of the 12 months to a landmark.
func inYear(trips []int32, landmark schemas.Date) (n int) {
	first, last := int32(landmark.AddMonths(-12)-firstDay), int32(landmark-firstDay)
	for _, d := range trips {
		if d > first && d <= last {
			n++
		}
	}
	return n
}

// ofAll are the incidences expected of all who are related on the landmarks, seen or not.
func (f following) ofAll(landmarks []schemas.Date) []float64 {
	random := rand.New(rand.NewPCG(base, 30_204))
	out := make([]float64, len(convert.Horizons))
	n := 0.0
	for range manyFollowers {
		p := f.person(random)
		for _, t := range landmarks {
			at := int32(t - firstDay)
			if inYear(p.trips, t) < 2 || min(p.moved, p.elsewhere) <= at {
				continue
			}
			n++
			for i, months := range convert.Horizons {
				out[i] += f.incidence(p.factor, max(0, float64(at-p.related)/yearDays), float64(forward{months: months}.horizonDays())/yearDays)
			}
		}
	}
	for i := range out {
		out[i] /= n
	}
	return out
}

// stands draws what is seen of a person who lives on and is followed from landmarks.
func (f following) stands(random *rand.Rand, r *records, registered map[int]float64) (shown []int32, e convert.Entry) {
	p := f.person(random)
	shown = f.seen(random, p.trips)
	e = convert.Entry{Region: moveTo, Origin: movedFrom}
	if p.elsewhere <= window && random.Float64() < f.goneSeen {
		on := firstDay + schemas.Date(p.elsewhere)
		e.ElsewhereOn = &on
	}
	if p.moved <= window {
		f.record(random, r, registered, firstDay+schemas.Date(p.moved), &e)
	}
	return shown, e
}

// all are the figures of one run of all who are related on the landmarks. Naive is the share of those seen to be who
// are seen to move within the horizon.
func (f following) all(random *rand.Rand, landmarks []schemas.Date) []outcome {
	var r records
	registered := map[int]float64{}
	frame := standingFrame()
	counts := make([]capture.Frequencies, len(landmarks))
	var standing []convert.Standing
	for person := range f.persons {
		shown, e := f.stands(random, &r, registered)
		for i, t := range landmarks {
			k := inYear(shown, t)
			for len(counts[i]) < k {
				counts[i] = append(counts[i], 0)
			}
			if k > 0 {
				counts[i][k-1]++
			}
			if gone := e.MovedOn != nil && *e.MovedOn <= t || e.ElsewhereOn != nil && *e.ElsewhereOn <= t; k >= 2 && !gone {
				e.EnteredOn, e.Trips = t, int32(k)
				standing = append(standing, convert.Standing{Entry: e, Person: int64(person)})
			}
		}
	}
	r.totals = f.others(random, &r, registered)
	visit := capture.Rate{P: f.trip * (1 + tripError*random.NormFloat64()), StdErr: f.trip * tripError}
	var unseen []estimate.Unseen
	for i, t := range landmarks {
		if fits, err := capture.FitThinned(counts[i], capture.Detection{Visit: visit}, mostTrips); err == nil {
			if in, err := fits.Inverse(2); err == nil {
				unseen = append(unseen, estimate.Unseen{Definition: frame.Definition, Region: moveTo, Reference: t, Trips: 2, Inverse: in})
			}
		}
	}
	link := convert.Link{P: min(1, f.link+f.linkError*random.NormFloat64()), StdErr: f.linkError}
	rows, err := convert.All(frame, standing, unseen, map[string]convert.Seeing{moveTo: convert.See(frame, moveTo, r.movers, r.totals, link)})
	out := make([]outcome, len(convert.Horizons))
	for i, months := range convert.Horizons {
		out[i] = outcome{failed: true}
		if err == nil {
			out[i] = conversionOf(rows, func(c schemas.MigrationConversion) bool { return c.HorizonMonths == months && c.Cohort == 0 })
		}
		in, n := 0.0, math.Max(1, float64(len(standing)))
		for _, s := range standing {
			if s.MovedOn != nil && *s.MovedOn <= s.EnteredOn+schemas.Date(forward{months: months}.horizonDays()) {
				in++
			}
		}
		out[i].naive = in / n
	}
	return out
}

// allCell judges figures of all who are related, seen or not.
func allCell(name, what string, t target, change func(f *following)) Cell {
	f := followed
	change(&f)
	c := Cell{Name: "conversion/all/" + name, What: fmt.Sprintf("%d persons, %s", f.persons, what), Most: 500}
	for _, months := range convert.Horizons {
		c.Figures = append(c.Figures, part{fmt.Sprintf("%s/%d", showsAll, months), t})
	}
	c.Draw = func(seed uint64, runs int) []Result {
		landmarks := convert.Landmarks(standingFrame())
		outcomes := repeatAll(seed, runs, len(convert.Horizons), func(random *rand.Rand) []outcome { return f.all(random, landmarks) })
		var results []Result
		for i, truth := range f.ofAll(landmarks) {
			results = append(results, besideNaive(truth, outcomes[i]))
		}
		return results
	}
	return c
}

func allCells() []Cell {
	return []Cell{
		allCell("moves=0.6", "6 in 10 moves are recorded", target{least: 93, most: 97, bias: 5}, func(*following) {}),
		allCell("moves=0.6/loyal", "the hazard of moving is in proportion to the rate of trips", target{least: 93, most: 97, bias: 5}, func(f *following) { f.loyal = true }),
		allCell("moves=0.6/loyal/trip=0.6", "as loyal, a trip is seen with probability 0.6", target{least: 93, most: 97, bias: 5}, func(f *following) { f.loyal, f.trip = true, 0.6 }),
		allCell("moves=0.6/loyal/trip=0.15", "as loyal, a trip is seen with probability 0.15", untargeted, func(f *following) { f.loyal, f.trip = true, 0.15 }),
		allCell("moves=0.6/waning", "the hazard of moving is 0.06 in the first year, then 0.03", target{least: 93, most: 97, bias: 5}, func(f *following) { f.hazards = [2]float64{0.06, 0.03} }),
		allCell("moves=0.6/loyal/waning", "as loyal and waning", target{least: 93, most: 97, bias: 5}, func(f *following) { f.loyal, f.hazards = true, [2]float64{0.06, 0.03} }),
	}
}
