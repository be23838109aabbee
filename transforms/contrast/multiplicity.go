package contrast

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Procedure is how p-values of many tests are adjusted.
type Procedure int

const (
	// Holm's keeps the chance of any false finding, whatever the tests have in common:
	// for claims.
	Holm Procedure = iota
	// BenjaminiHochberg keeps the expected share of false findings, of tests that are
	// independent or go together: for flags over many regions.
	BenjaminiHochberg
	// BenjaminiYekutieli keeps that share whatever the tests have in common.
	BenjaminiYekutieli
	// Bonferroni's is Holm's without its steps.
	Bonferroni
	// Hochberg's keeps the chance of any false finding of tests as for [BenjaminiHochberg].
	Hochberg
	// Hommel's finds at least what Hochberg's does, of the same tests.
	Hommel
)

// String is the procedure's name in print.
func (p Procedure) String() string {
	names := []string{"Holm", "Benjamini–Hochberg", "Benjamini–Yekutieli", "Bonferroni", "Hochberg", "Hommel"}
	if p < 0 || int(p) >= len(names) {
		return fmt.Sprintf("Procedure(%d)", int(p))
	}
	return names[p]
}

// Adjust gives for each p-value the least level at which its test finds something, in the
// order of the p-values. With p₁ ≤ … ≤ p_m:
//
//	Bonferroni  m p_i                       Holm       max_{j≤i} (m − j + 1) p_j
//	Hochberg    min_{j≥i} (m − j + 1) p_j   BH         min_{j≥i} m p_j/j
//	BY          BH times Σ 1/j              Hommel     Wright's algorithm
//
// all at most 1. Holm (1979), Hochberg (1988), Hommel (1988), Benjamini & Hochberg (1995),
// Benjamini & Yekutieli (2001); Wright (1992, Biometrics 48:1005). It is an error where a
// p-value is none.
func Adjust(p []float64, procedure Procedure) ([]float64, error) {
	if err := checkP(p); err != nil {
		return nil, err
	}
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	sorted := pick(p, order)
	m := float64(len(p))
	var q []float64
	switch procedure {
	case Holm:
		q = stepDown(sorted, func(i float64) float64 { return m - i + 1 })
	case Bonferroni:
		q = stepDown(sorted, func(float64) float64 { return m })
	case Hochberg:
		q = stepUp(sorted, func(i float64) float64 { return m - i + 1 })
	case BenjaminiHochberg:
		q = stepUp(sorted, func(i float64) float64 { return m / i })
	case BenjaminiYekutieli:
		var harmonic float64
		for j := range p {
			harmonic += 1 / float64(j+1)
		}
		q = stepUp(sorted, func(i float64) float64 { return harmonic * m / i })
	case Hommel:
		q = hommel(sorted)
	default:
		return nil, fmt.Errorf("no adjustment of p-values is called %v", procedure)
	}
	out := make([]float64, len(p))
	for i, k := range order {
		out[k] = q[i]
	}
	return out, nil
}

func checkP(p []float64) error {
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("p-value %d is %v: it must lie between 0 and 1", i+1, v)
		}
	}
	return nil
}

// stepDown is max_{j≤i} factor(j) p_j, at most 1.
func stepDown(sorted []float64, factor func(i float64) float64) []float64 {
	q := make([]float64, len(sorted))
	var most float64
	for i, p := range sorted {
		most = max(most, min(1, factor(float64(i+1))*p))
		q[i] = most
	}
	return q
}

// stepUp is min_{j≥i} factor(j) p_j, at most 1.
func stepUp(sorted []float64, factor func(i float64) float64) []float64 {
	q := make([]float64, len(sorted))
	least := 1.0
	for i := len(sorted) - 1; i >= 0; i-- {
		least = min(least, factor(float64(i+1))*sorted[i])
		q[i] = least
	}
	return q
}

// hommel closes Simes' tests of all sets of j hypotheses, for j from m down to 2.
func hommel(p []float64) []float64 {
	m := len(p)
	q, adjusted := make([]float64, m), make([]float64, m)
	for i := range q {
		q[i] = simes(p, m)
		adjusted[i] = q[i]
	}
	for j := m - 1; j >= 2; j-- {
		first := m - j + 1 // how many are below the j − 1 greatest
		least := math.Inf(1)
		for k := 2; k <= j; k++ {
			least = min(least, float64(j)*p[m-j+k-1]/float64(k))
		}
		for i := range first {
			q[i] = min(float64(j)*p[i], least)
		}
		for i := first; i < m; i++ {
			q[i] = q[first-1]
		}
		for i := range adjusted {
			adjusted[i] = max(adjusted[i], q[i])
		}
	}
	for i := range adjusted {
		adjusted[i] = min(1, max(adjusted[i], p[i]))
	}
	return adjusted
}

// simes is min m p_i/i.
func simes(p []float64, m int) float64 {
	least := math.Inf(1)
	for i, v := range p {
		least = min(least, float64(m)*v/float64(i+1))
	}
	return least
}

// NullShare estimates the share of tests in which there is nothing to find, from those
// p-values above λ: min(1, (#{p > λ} + 1)/((1 − λ)m)). Storey (2002, JRSS B 64:479), with the
// one more of Storey, Taylor & Siegmund (2004). It is an error where there is no test.
func NullShare(p []float64, lambda float64) (float64, error) {
	if err := checkP(p); err != nil {
		return 0, err
	}
	if !(lambda >= 0 && lambda < 1) || len(p) == 0 {
		return 0, fmt.Errorf("share of true null hypotheses of %d tests with λ = %v: wanted are a test and a λ from 0 to below 1", len(p), lambda)
	}
	above := 1.0
	for _, v := range p {
		if v > lambda {
			above++
		}
	}
	return min(1, above/((1-lambda)*float64(len(p)))), nil
}

// SidakQuantile is the normal quantile z at which m intervals ± z hold all at once with the
// level if they are independent, and with at least the level if they are jointly normal:
// Φ(z) = (1 + level^{1/m})/2. Šidák (1967, JASA 62:626).
func SidakQuantile(m int, level float64) (float64, error) {
	if err := checkMany(m, level); err != nil {
		return 0, err
	}
	// 1 − level^{1/m}, without what rounding would take of it for great m.
	return distuv.UnitNormal.Quantile(1 + math.Expm1(math.Log(level)/float64(m))/2), nil
}

// BonferroniQuantile is that for any m intervals: Φ(z) = 1 − (1 − level)/2m.
func BonferroniQuantile(m int, level float64) (float64, error) {
	if err := checkMany(m, level); err != nil {
		return 0, err
	}
	return distuv.UnitNormal.Quantile(1 - (1-level)/(2*float64(m))), nil
}

func checkMany(m int, level float64) error {
	if m < 1 {
		return fmt.Errorf("intervals of %d figures: wanted is at least one", m)
	}
	return checkLevel(level)
}

// Rank is the place of a region in a league table, 1 the greatest: where its estimate
// stands, and from where to where the truth may.
type Rank struct{ Estimated, Best, Worst int }

// RankIntervals are places that hold all at once with at least the level, of independent
// or jointly normal estimates: with Šidák's intervals, a region stands behind all those
// whose intervals lie wholly above its own, and before those wholly below.
//
//	best_k = 1 + #{j: L_j > U_k},  worst_k = m − #{j: U_j < L_k}
//
// Klein, Wright & Wieczorek (2020, JRSS A 183:589). Equal estimates have the first of their
// places. It is an error where an estimate or its error is not a number.
func RankIntervals(estimates []Estimate, level float64) ([]Rank, error) {
	z, err := SidakQuantile(len(estimates), level)
	if err != nil {
		return nil, err
	}
	var values, lows, highs []float64
	for i, e := range estimates {
		if math.IsNaN(e.Value) || !(e.StdErr >= 0) {
			return nil, fmt.Errorf("estimate %d is %v ± %v: it has no place", i+1, e.Value, e.StdErr)
		}
		values, lows, highs = append(values, e.Value), append(lows, e.Value-z*e.StdErr), append(highs, e.Value+z*e.StdErr)
	}
	slices.Sort(values)
	slices.Sort(lows)
	slices.Sort(highs)
	m := len(estimates)
	ranks := make([]Rank, m)
	for k, e := range estimates {
		ranks[k] = Rank{1 + above(values, e.Value), 1 + above(lows, e.Value+z*e.StdErr), m - below(highs, e.Value-z*e.StdErr)}
	}
	return ranks, nil
}

func below(sorted []float64, v float64) int {
	i, _ := slices.BinarySearch(sorted, v)
	return i
}

func above(sorted []float64, v float64) int {
	i := below(sorted, v)
	for i < len(sorted) && sorted[i] == v {
		i++
	}
	return len(sorted) - i
}
