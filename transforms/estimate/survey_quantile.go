package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/transforms/rates"
)

// Quantile estimates the p-quantile of y over a domain, the least value at which
// the estimated distribution function reaches p, with Woodruff's interval: that
// of the proportion of units at or below the estimate, turned back into values.
// The standard error is the interval's length over twice the quantile of
// Student's t. Woodruff (1952, JASA 47:635).
//
// It is an error where p is not between 0 and 1, or the domain holds nobody.
func (s Survey) Quantile(y []float64, p, level float64, domain []bool) (Estimate, [2]float64, error) {
	if !(p > 0 && p < 1) {
		return Estimate{}, [2]float64{}, fmt.Errorf("quantile %v: it must lie between 0 and 1", p)
	}
	at, err := s.inverse(y, domain)
	if err != nil {
		return Estimate{}, [2]float64{}, err
	}
	value := at(p)
	below := make([]float64, len(y))
	for k := range y {
		if y[k] <= value {
			below[k] = 1
		}
	}
	share, err := s.Mean(below, domain)
	if err != nil {
		return Estimate{}, [2]float64{}, err
	}
	low, high := share.Interval(level)
	ends := [2]float64{at(low), at(high)}
	t := studentQuantile(share.DF, (1+level)/2)
	return Estimate{Value: value, StdErr: (ends[1] - ends[0]) / (2 * t), DF: share.DF}, ends, nil
}

// inverse is the inverse of the estimated distribution function. Shares outside
// (0, 1] give the least and the greatest value.
func (s Survey) inverse(y []float64, domain []bool) (func(p float64) float64, error) {
	w := s.Weights()
	var order []int
	var total float64
	for k := range y {
		if domain == nil || domain[k] {
			order = append(order, k)
			total += w[k]
		}
	}
	if len(order) == 0 {
		return nil, fmt.Errorf("quantile: the domain holds no respondent")
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	return func(p float64) float64 {
		var sum float64
		for _, k := range order {
			sum += w[k]
			if sum >= p*total*(1-1e-12) { // a share that is met up to rounding is met
				return y[k]
			}
		}
		return y[order[len(order)-1]]
	}, nil
}

// intervals of a proportion; see [ProportionInterval].
const (
	// Logit is symmetric on the log-odds scale.
	Logit = "logit"
	// KornGraubard is Clopper and Pearson's interval at the effective sample
	// size: for rare things, and for shares of 0 and 1.
	KornGraubard = "korn_graubard"
	// Arcsine is symmetric on the scale of asin √p.
	Arcsine = "arcsine"
	// Wald is symmetric.
	Wald = "wald"
	// Likelihood holds the shares whose binomial likelihood at the effective
	// sample size is not much below the greatest.
	Likelihood = "likelihood"
)

// ProportionInterval is the interval of an estimated proportion at a level such
// as 0.95, by one of the methods named above; n is the number of respondents.
// With the effective sample size n* = p(1−p)/v, adjusted to the degrees of
// freedom by (t_{n−1}/t_df)² for Korn and Graubard (1998, Survey Methodology
// 24:193). A share of 0 or 1 has no variance: only Korn–Graubard then gives an
// interval, that of n respondents.
func ProportionInterval(p Estimate, n int, method string, level float64) (low, high float64, err error) {
	t := studentQuantile(p.DF, (1+level)/2)
	v := p.Value
	if v < 0 || v > 1 || math.IsNaN(p.StdErr) {
		return 0, 0, fmt.Errorf("%v is no proportion", v)
	}
	if method == KornGraubard {
		low, high = kornGraubard(p, n, level)
		return low, high, nil
	}
	if p.StdErr == 0 {
		return v, v, nil
	}
	switch method {
	case Logit:
		low, high = rates.LogitInterval(v, p.StdErr, t)
		return low, high, nil
	case Arcsine:
		center, half := math.Asin(math.Sqrt(v)), t*p.StdErr/(2*math.Sqrt(v*(1-v)))
		return square(math.Sin(max(center-half, 0))), square(math.Sin(min(center+half, math.Pi/2))), nil
	case Wald:
		return v - t*p.StdErr, v + t*p.StdErr, nil
	case Likelihood:
		low, high = likelihoodInterval(v, v*(1-v)/square(p.StdErr), t)
		return low, high, nil
	}
	return 0, 0, fmt.Errorf("no interval of a proportion is called %q", method)
}

func square(x float64) float64 { return x * x }

// likelihoodInterval solves 2 n* [ℓ(p̂) − ℓ(p)] = t² on both sides.
func likelihoodInterval(v, effective, t float64) (low, high float64) {
	drop := func(p float64) float64 {
		return 2*effective*(v*math.Log(v/p)+(1-v)*math.Log((1-v)/(1-p))) - t*t
	}
	bisect := func(inside, outside float64) float64 {
		for range 200 {
			middle := (inside + outside) / 2
			if drop(middle) < 0 {
				inside = middle
			} else {
				outside = middle
			}
		}
		return inside
	}
	return bisect(v, 0), bisect(v, 1)
}
