package main

import (
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/capture"
)

// lists are two lists of some of a number of persons, and how they are linked.
type lists struct {
	name, what string
	persons    int
	// first and second are the probabilities to be on each, odds the ratio of the odds to
	// be on the second of those on the first to those not.
	first, second, odds float64
	// alpha and beta are the probabilities that a match, and that another of the first
	// list, is linked.
	alpha, beta float64
	// how says what of the linkage is corrected for.
	how correction
	target
}

// correction is what is corrected for linkage, each including those before.
type correction int

const (
	uncorrected correction = iota
	corrected              // the number in common
	linked                 // the interval too
	linkChecked            // with rates from checks
)

// cell estimates all persons by Chapman's number with Sadinle's interval.
func (l lists) cell() Cell {
	c := Cell{Name: "capture/lists/" + l.name, What: l.what, Figures: []part{{"chapman", l.target}}}
	both := together(l.first, l.second, l.odds)
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, 1, func(random *rand.Rand) []outcome {
			var of capture.TwoLists
			for range l.persons {
				u := random.Float64()
				matched, first := u < both, u < l.first
				linked := matched && random.Float64() < l.alpha || first && !matched && random.Float64() < l.beta
				if first {
					of.First++
				}
				if matched || u >= l.first && u < l.first+l.second-both {
					of.Second++
				}
				if linked {
					of.Both++
				}
			}
			return []outcome{l.estimate(of, random)}
		})
		r := summarise(float64(l.persons), outcomes[0])
		r.Own = -1
		return []Result{r}
	}
	return c
}

func (l lists) estimate(of capture.TwoLists, random *rand.Rand) outcome {
	alpha, beta := capture.Rate{P: l.alpha}, capture.Rate{P: l.beta}
	if l.how == linkChecked {
		alpha, beta = checked(random, alpha), checked(random, beta)
	}
	if l.how >= linked {
		n, low, high, err := of.Linked(alpha, beta, level)
		return outcome{value: n.N, stdErr: n.StdErr, low: low, high: high, failed: err != nil || math.IsInf(high, 0)}
	}
	if l.how == corrected {
		var err error
		if of, err = of.Corrected(l.alpha, l.beta); err != nil {
			return outcome{failed: true}
		}
	}
	n, err := capture.Chapman(of)
	low, high, err2 := capture.Sadinle(of, level)
	return outcome{value: n.N, stdErr: n.StdErr, low: low, high: high, failed: err != nil || err2 != nil || math.IsInf(high, 0)}
}

// together is the probability to be on both lists: of x(1 − a − b + x) = ω (a − x)(b − x) the
// root below both.
func together(a, b, odds float64) float64 {
	if odds == 1 {
		return a * b
	}
	s := 1 + (a+b)*(odds-1)
	return (s - math.Sqrt(s*s-4*odds*(odds-1)*a*b)) / (2 * (odds - 1))
}

// listCells are those of two lists.
func listCells() []Cell {
	covered := target{least: leastCoverage, most: mostCoverage}
	all := []lists{
		{"independent", "1,000 persons, 30 and 25 % on two independent lists", 1000, 0.3, 0.25, 1, 1, 0, uncorrected, covered},
		{"independent/few", "200 persons, 20 and 15 % on two independent lists", 200, 0.2, 0.15, 1, 1, 0, uncorrected, covered},
		{"dependent", "1,000 persons, 30 and 25 % on two lists with an odds ratio of 2", 1000, 0.3, 0.25, 2, 1, 0, uncorrected, untargeted},
		{"linkage/naive", "10,000 persons, 30 and 25 % on two lists, 93 % of the matches linked and 2 % of the others", 10_000, 0.3, 0.25, 1, 0.93, 0.02, uncorrected, untargeted},
		{"linkage/corrected", "the same, the number in common corrected", 10_000, 0.3, 0.25, 1, 0.93, 0.02, corrected, target{bias: 1, least: leastCoverage, most: mostCoverage}},
		{"linkage/linked", "the same, the interval too", 10_000, 0.3, 0.25, 1, 0.93, 0.02, linked, target{bias: 1, least: leastCoverage, most: mostCoverage}},
		{"linkage/estimated", "the same, both rates from 500 checks each", 10_000, 0.3, 0.25, 1, 0.93, 0.02, linkChecked, fromChecks},
	}
	var cells []Cell
	for _, l := range all {
		cells = append(cells, l.cell())
	}
	return cells
}
