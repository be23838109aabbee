package main

import (
	"fmt"
	"math"
)

// captureHeading is that of the table of capture: beside the errors of the
// estimate stand those of the naive count.
const captureHeading = `| cell | truth | R | bias | sd | rmse | naive | SE/sd − 1 | coverage | year | below / above | width | score | failed |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
`

// target is what is asked of a figure, in percent; 0 asks nothing.
type target struct {
	// bias is the greatest, either way.
	bias float64
	// least and most bound the coverage.
	least, most float64
	// above is the greatest share of intervals that lie above the truth, of lower bounds.
	above float64
	// half asks for a root mean square error of at most half that of the naive count.
	half bool
}

// row is one line of a table, what misses the target in bold. All but the truth is in
// percent. Estimates without an error have no interval.
func (t target) row(name string, r Result) string {
	if r.Runs-r.Failed < 2 {
		return fmt.Sprintf("| `%s` | %.5g | %d | – | – | – | – | – | – | – | – | – | – | %d |", name, r.Truth, r.Runs, r.Failed)
	}
	b, biasError := r.Bias()
	truth := math.Abs(r.Truth)
	bias := bold(fmt.Sprintf("%+.2f ± %.2f", 100*b, 100*biasError), t.bias > 0 && !(100*math.Abs(b) <= t.bias))
	rmse, naive := bold(fmt.Sprintf("%.1f", 100*r.RMSE()/truth), t.half && !(r.RMSE() <= r.Naive/2)), "–"
	if r.Naive > 0 {
		naive = fmt.Sprintf("%.1f", 100*r.Naive/truth)
	}
	calibration, coverage, own, sides, width, score := "–", "–", "–", "–", "–", "–"
	if r.StdErr > 0 {
		c, coveredError := r.Coverage()
		calibration = fmt.Sprintf("%+.1f", 100*r.Calibration())
		coverage = bold(fmt.Sprintf("%.1f ± %.1f", 100*c, 100*coveredError), 100*c < t.least || t.most > 0 && 100*c > t.most)
		if r.Own >= 0 {
			own = fmt.Sprintf("%.1f", r.percent(r.Own))
		}
		sides = fmt.Sprintf("%.1f / ", r.percent(r.Below)) + bold(fmt.Sprintf("%.1f", r.percent(r.Above)), t.above > 0 && r.percent(r.Above) > t.above)
		width, score = fmt.Sprintf("%.1f", 100*r.Width/truth), fmt.Sprintf("%.1f", 100*r.Score/truth)
	}
	return fmt.Sprintf("| `%s` | %.5g | %d | %s | %.1f | %s | %s | %s | %s | %s | %s | %s | %s | %d |",
		name, r.Truth, r.Runs, bias, 100*r.SD/truth, rmse, naive, calibration, coverage, own, sides, width, score, r.Failed)
}

func bold(text string, missed bool) string {
	if missed {
		return "**" + text + "**"
	}
	return text
}

// RMSE is the root mean square error of the estimates.
func (r Result) RMSE() float64 {
	n := float64(r.Runs - r.Failed)
	return math.Sqrt((r.Mean-r.Truth)*(r.Mean-r.Truth) + r.SD*r.SD*(n-1)/n)
}

// besideNaive sums up outcomes together with the root mean square error of the naive
// count, that of failed runs too, and with how many intervals hold the truth of their run.
func besideNaive(truth float64, outcomes []outcome) Result {
	r := summarise(truth, outcomes)
	var squares float64
	r.Own = -1
	for _, o := range outcomes {
		if o.own > 0 {
			r.Own = max(r.Own, 0)
			if !o.failed && o.low <= o.own && o.own <= o.high {
				r.Own++
			}
		}
		squares += (o.naive - truth) * (o.naive - truth)
	}
	r.Naive = math.Sqrt(squares / float64(len(outcomes)))
	return r
}
