package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/capture"
)

// thinned is a setting of the estimator of persons with at least k visits.
type thinned struct {
	name, what string
	visiting
	persons   int
	detection capture.Detection
	told      func(random *rand.Rand, d capture.Detection) capture.Detection
	asking
	counts []threshold
}

// threshold is persons with at least k visits, by one family or averaged.
type threshold struct {
	k  int
	by string
	target
}

// averaged and best are all families by their weights, and that of the least AIC.
const averaged, best = "averaged", "best"

// cell estimates all counts from one fit of each run. The truth is the number N·P(V ≥ k)
// expected of N persons by the law of their visits; how often intervals hold the count of the
// year itself, which is drawn anew in each run, stands beside it.
func (s thinned) cell() Cell {
	c := Cell{Name: s.name, What: s.what + "; " + s.visiting.what, Most: 500}
	for _, t := range s.counts {
		c.Figures = append(c.Figures, part{fmt.Sprintf("k=%d/%s", t.k, t.by), t.target})
	}
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, len(s.counts), s.once)
		results := make([]Result, len(s.counts))
		for i, t := range s.counts {
			results[i] = besideNaive(float64(s.persons)*s.tail(t.k), outcomes[i])
		}
		return results
	}
	return c
}

func (s thinned) once(random *rand.Rand) []outcome {
	y := s.year(random, s.persons, s.detection)
	asked := s.ask(random, y)
	fits, err := capture.FitThinned(y.seen, s.told(random, s.detection), mostVisits, asked...)
	out := make([]outcome, len(s.counts))
	for i, t := range s.counts {
		out[i] = outcome{failed: true}
		if err == nil {
			out[i] = t.of(fits)
		}
		out[i].naive, out[i].own = y.seen.AtLeast(t.k), y.atLeast(t.k)
	}
	return out
}

// of is the count of the fits; a family that was refused has none.
func (t threshold) of(fits capture.Fits) outcome {
	switch t.by {
	case averaged:
		return interval(fits.AtLeast(t.k))
	case best:
		return interval(fits.Fits[0].AtLeast(t.k))
	}
	for _, fit := range fits.Fits {
		if fit.Family == t.by {
			return interval(fit.AtLeast(t.k))
		}
	}
	return outcome{failed: true}
}

func interval(n capture.Threshold, err error) outcome {
	low, high := n.Interval(level)
	return outcome{value: n.N, stdErr: n.StdErr, low: low, high: high, failed: err != nil || math.IsNaN(n.N+low+high) || math.IsInf(high, 0)}
}
