package capture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Coverage is the number of persons on three lists by their sample coverage.
type Coverage struct {
	// C is the estimated sample coverage: the share of the probability of being listed that
	// belongs to persons on the other lists, averaged over lists. Below 0.55 or so the
	// estimate of high coverage is not to be relied on.
	C float64
	// High is the estimate for high coverage, N̂, and Low the one for low coverage, N̂₁.
	// Where lists depend positively on one another Low is too small: a lower bound.
	High, Low Estimate
	// Independent is D/C, the number if lists were independent.
	Independent float64
	// Covariation are the coefficients of γ̂_jk of the lists 1 and 2, 1 and 3, 2 and 3, with
	// N̂₁ for N: above 0 where persons on one list are more often on the other.
	Covariation [3]float64
	// Replicates is the number of bootstrap replicates; LostHigh and LostLow are the numbers of
	// those that do not count, for they gave no number, or one below the persons seen or more
	// than 50 times above. A standard error is NaN where fewer than half are left.
	Replicates, LostHigh, LostLow int
}

// SampleCoverage estimates the number of persons from three lists that may depend on one
// another, by how much of the lists the others cover (Chao & Tsay 1998, JASA 93:283; Chao
// et al. 2001, Stat. Med. 20:3123). With n_j on list j, Z_h in the cell h, + a sum over a
// list, and n seen:
//
//	Ĉ   = 1 − (Z_100/n₁ + Z_010/n₂ + Z_001/n₃)/3
//	D   = n − (Z_100 + Z_010 + Z_001)/3
//	γ_jk(N) = N Z_jk/(n_j n_k) − 1,  Z_jk the persons on both
//	N   = D/Ĉ + {(Z_1+0 + Z_+10) γ₁₂ + (Z_10+ + Z_+01) γ₁₃ + (Z_0+1 + Z_01+) γ₂₃}/(3Ĉ)
//
// N̂ solves the last for N, which is linear in it. N̂₁ sets N' for N in γ, the value of the
// right-hand side at γ_jk(D/Ĉ): one step, which does not run away where coverage is low.
//
// Standard errors are of a parametric bootstrap of so many replicates, 200 to 1,000, drawn
// from the multinomial of ⌊N̂⌉ (or ⌊N̂₁⌉) persons with the cells seen and n̂₀ unseen.
//
// It is an error where there are not three lists, where nobody is on two, or where N̂ has no
// positive solution: coverage is too low.
func SampleCoverage(h Histories, random *rand.Rand, replicates int) (Coverage, error) {
	var c Coverage
	if err := h.check(3); err != nil {
		return c, err
	}
	if len(h.Lists) != 3 {
		return c, fmt.Errorf("sample coverage of %d lists: give three", len(h.Lists))
	}
	if replicates < 2 || random == nil {
		return c, fmt.Errorf("sample coverage with %d replicates: give 2 or more, and the random numbers to draw them", replicates)
	}
	if err := c.estimate(h); err != nil {
		return c, err
	}
	c.Replicates = replicates
	c.High.StdErr, c.LostHigh = bootstrap(h, c.High.N, random, replicates, func(o Coverage) float64 { return o.High.N })
	c.Low.StdErr, c.LostLow = bootstrap(h, c.Low.N, random, replicates, func(o Coverage) float64 { return o.Low.N })
	return c, nil
}

// pairsOfLists are the pairs of three lists, as bits, each with the third.
var pairsOfLists = [3][3]int{{1, 2, 4}, {1, 4, 2}, {2, 4, 1}}

// estimate computes the numbers.
func (c *Coverage) estimate(h Histories) error {
	n := h.Seen()
	var uncovered, alone float64
	for _, list := range []int{1, 2, 4} {
		uncovered += h.Counts[list] / h.OnAll(list) / 3
		alone += h.Counts[list] / 3
	}
	c.C = 1 - uncovered
	if !(c.C > 0) {
		return fmt.Errorf("sample coverage: nobody is on two lists, or a list is empty: the number is not estimable")
	}
	c.Independent = (n - alone) / c.C
	// N = constant + slope·N
	constant, slope := c.Independent, 0.0
	for _, pair := range pairsOfLists {
		j, k, third := pair[0], pair[1], pair[2]
		weight := (h.OnAll(j) - h.OnAll(j|third) + h.OnAll(k) - h.OnAll(k|third)) / (3 * c.C)
		constant -= weight
		slope += weight * h.OnAll(j|k) / (h.OnAll(j) * h.OnAll(k))
	}
	first := constant + slope*c.Independent
	c.Low = Estimate{N: constant + slope*first, Seen: n}
	for i, pair := range pairsOfLists {
		c.Covariation[i] = c.Low.N*h.OnAll(pair[0]|pair[1])/(h.OnAll(pair[0])*h.OnAll(pair[1])) - 1
	}
	if !(slope < 1) || !(constant > 0) {
		return fmt.Errorf("sample coverage %.3f is too low: the number for high coverage has no positive solution", c.C)
	}
	c.High = Estimate{N: constant / (1 - slope), Seen: n}
	return nil
}

// bootstrap is the standard deviation of an estimate over replicates of n persons, and the
// number of replicates without one; NaN where fewer than half have one.
func bootstrap(h Histories, n float64, random *rand.Rand, replicates int, estimate func(Coverage) float64) (stdErr float64, lost int) {
	n = math.Round(n)
	var values []float64
	for range replicates {
		drawn := h.draw(n, random)
		var c Coverage
		if drawn.check(3) == nil {
			// The low estimate is there where the high one is refused: what is not is 0.
			_ = c.estimate(drawn)
		}
		v, seen := estimate(c), drawn.Seen()
		if !(v > 0) || v < seen || v > seen*(1+mostUnseen) {
			lost++
			continue
		}
		values = append(values, v)
	}
	if 2*len(values) < replicates {
		return math.NaN(), lost
	}
	return stat.StdDev(values, nil), lost
}

// draw is a sample of the cells of n persons, each in a cell with the probability Z_h/n.
func (h Histories) draw(n float64, random *rand.Rand) Histories {
	drawn := Histories{Lists: h.Lists, Counts: make([]float64, len(h.Counts))}
	left, mass := n, 1.0
	for cell, z := range h.Counts {
		p := z / n
		if z == 0 || left == 0 {
			continue
		}
		drawn.Counts[cell] = distuv.Binomial{N: left, P: min(1, p/mass), Src: random}.Rand()
		left, mass = left-drawn.Counts[cell], mass-p
	}
	return drawn
}
