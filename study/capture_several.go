package main

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/kankei/kankei/transforms/capture"
)

// onLists are the probabilities to be on each of three lists.
var onLists = []float64{0.35, 0.3, 0.25}

// onSeveral draws the lists of a person, a bit each.
type onSeveral func(random *rand.Rand) int

// separately draws each list by itself.
func separately(random *rand.Rand) int {
	on := 0
	for k, p := range onLists {
		on |= binomial(random, 1, p) << k
	}
	return on
}

// dependent draws the first two with an odds ratio of 2.
func dependent() onSeveral {
	const odds = 2
	both := together(onLists[0], onLists[1], odds)
	return func(random *rand.Rand) int {
		on := binomial(random, 1, onLists[0])
		second := (onLists[1] - both) / (1 - onLists[0])
		if on == 1 {
			second = both / onLists[0]
		}
		return on | binomial(random, 1, second)<<1 | binomial(random, 1, onLists[2])<<2
	}
}

// unalike draws persons whose log-odds to be on any list differ with a standard deviation of 1.
func unalike(random *rand.Rand) int {
	on, person := 0, random.NormFloat64()
	for k, p := range onLists {
		on |= int(bernoulli(random, math.Log(p/(1-p))+person)) << k
	}
	return on
}

// severalCell estimates all persons from three lists by log-linear models, averaged and by
// the best of them.
func severalCell(name, what string, persons int, t target, draw onSeveral) Cell {
	c := Cell{Name: "capture/lists/three/" + name + "/N=" + strconv.Itoa(persons), What: strconv.Itoa(persons) + " persons on three lists, 35, 30 and 25 % of them, " + what,
		Figures: []part{{averaged, t}, {best, untargeted}}}
	c.Draw = func(seed uint64, runs int) []Result {
		var results []Result
		for _, outcomes := range repeatAll(seed, runs, len(c.Figures), func(random *rand.Rand) []outcome {
			h := capture.Histories{Lists: []string{"A", "B", "C"}, Counts: make([]float64, 8)}
			for range persons {
				h.Counts[draw(random)]++
			}
			h.Counts[0] = 0 // on no list: not known
			a, err := capture.AverageLists(h, capture.Averaging{})
			if err != nil {
				return []outcome{{failed: true}, {failed: true}}
			}
			one := capture.Averaged{Estimate: a.Models[0].Estimate, LogUnseen: a.Models[0].LogUnseen, LogStdErr: a.Models[0].LogStdErr}
			return []outcome{ofLists(a, h.Seen()), ofLists(one, h.Seen())}
		}) {
			results = append(results, besideNaive(float64(persons), outcomes))
		}
		return results
	}
	return c
}

func ofLists(a capture.Averaged, seen float64) outcome {
	low, high := a.Interval(level)
	return outcome{value: a.N, stdErr: a.StdErr, low: low, high: high, failed: math.IsNaN(low + high), naive: seen}
}

// severalCells are those of three lists.
func severalCells() []Cell {
	var cells []Cell
	for _, n := range []int{300, 3000} {
		t := untargeted
		if n == 3000 {
			t = target{least: 93}
		}
		cells = append(cells,
			severalCell("independent", "independent", n, t, separately),
			severalCell("dependent", "the first two with an odds ratio of 2", n, t, dependent()),
			severalCell("heterogeneous", "persons' log-odds to be on any differing with a standard deviation of 1", n, untargeted, unalike))
	}
	return cells
}
