package series

import (
	"fmt"
	"math"
)

// SharedMonths is the share of a window of months that it has in common with one of as
// many months that ends so many months later or earlier:
//
//	max(0, 1 − |apart|/window)
//
// It is an error where the window has no month.
func SharedMonths(window, apart int) (float64, error) {
	if window < 1 {
		return 0, fmt.Errorf("change: a window of %d months: it must have 1 at least", window)
	}
	return max(0, 1-math.Abs(float64(apart))/float64(window)), nil
}

// OfWindows is the change between two windows whose variances are known and whose
// months are independent of one another, with variances that differ little:
//
//	c = SharedMonths √(v₁ v₂)
//
// as of sums of monthly figures from samples drawn anew each month. Where the months'
// variances are known, [OfMonths] needs no such assumption; where persons are asked again,
// or a figure counts persons once in a window, months are not independent, and the
// covariance must come of [OfReplicates], or of [Between].
func OfWindows(first, second, firstVariance, secondVariance float64, window, apart int) (Change, error) {
	share, err := SharedMonths(window, apart)
	if err != nil {
		return Change{}, err
	}
	c := Change{first, second, firstVariance, secondVariance, 0}
	if err := c.check(); err != nil {
		return Change{}, err
	}
	c.Covariance = share * math.Sqrt(firstVariance*secondVariance)
	return c, nil
}

// OfMonths is the change between two sums of a window of months, from monthly figures
// and their variances, months being independent:
//
//	Y = Σ y_t,  v = Σ v_t,  c = Σ v_t over the months that are in both
//
// The windows end with the months first and second, counted from 1. It is an error where
// the series does not hold them, and where a variance is below 0.
func OfMonths(values, variances []float64, window, first, second int) (Change, error) {
	switch {
	case len(values) != len(variances):
		return Change{}, fmt.Errorf("change: %d months and %d variances: give one for each month", len(values), len(variances))
	case window < 1 || min(first, second) < window || max(first, second) > len(values):
		return Change{}, fmt.Errorf("change: windows of %d months that end with months %d and %d of %d: the series must hold them", window, first, second, len(values))
	}
	var c Change
	for i := range values {
		if !(variances[i] >= 0) {
			return Change{}, fmt.Errorf("change: the variance of month %d is %v: it must be at least 0", i+1, variances[i])
		}
		inFirst, inSecond := i < first && i >= first-window, i < second && i >= second-window
		if inFirst {
			c.First, c.FirstVariance = c.First+values[i], c.FirstVariance+variances[i]
		}
		if inSecond {
			c.Second, c.SecondVariance = c.Second+values[i], c.SecondVariance+variances[i]
		}
		if inFirst && inSecond {
			c.Covariance += variances[i]
		}
	}
	return c, c.check()
}

// Replicated is two estimates as they are from each of the same sets of replicate
// weights, or of the same draws of a bootstrap of everything that they rest on: draw r
// of one month must be draw r of the other, or the covariance is lost.
type Replicated struct {
	First, Second []float64
	// Coefficients are a_r of every set: 1/B for B draws of a bootstrap.
	Coefficients []float64
	// AboutEstimate centres on the estimates and not on the mean of the replicates.
	AboutEstimate bool
}

// OfReplicates is the change between two estimates with the covariance of their
// replicates,
//
//	v = Σ_r a_r (θ_r − θ̄)²,  c = Σ_r a_r (θ₁_r − θ̄₁)(θ₂_r − θ̄₂)
//
// Wolter (2007), ch. 3–5. The variance of the difference is then that of the replicates of
// the difference, whatever the two have in common. It is an error where there are fewer
// than 2 replicates, or not as many of one as of the other.
func OfReplicates(first, second float64, r Replicated) (Change, error) {
	n := len(r.First)
	if n < 2 || len(r.Second) != n || len(r.Coefficients) != n {
		return Change{}, fmt.Errorf("change: %d and %d replicates and %d coefficients: there must be as many of each, and 2 at least", n, len(r.Second), len(r.Coefficients))
	}
	a, b := mean(r.First), mean(r.Second)
	if r.AboutEstimate {
		a, b = first, second
	}
	c := Change{First: first, Second: second}
	for i, weight := range r.Coefficients {
		if !(weight >= 0) {
			return Change{}, fmt.Errorf("change: the coefficient of replicate %d is %v: it must be at least 0", i+1, weight)
		}
		x, y := r.First[i]-a, r.Second[i]-b
		c.FirstVariance, c.SecondVariance, c.Covariance = c.FirstVariance+weight*x*x, c.SecondVariance+weight*y*y, c.Covariance+weight*x*y
	}
	return c, c.check()
}
