package main

import "math"

// Result is how an estimator did over R runs. Runs without an estimate or an
// interval are failures: they count as not covering, and enter nothing else.
type Result struct {
	Truth float64
	Runs  int
	// Mean is that of the estimates, SD their standard deviation over runs.
	Mean, SD float64
	// StdErr is the mean of the estimated standard errors.
	StdErr float64
	// Covered counts the 95 % intervals that hold the truth; Below those that lie
	// below it, Above those above it.
	Covered, Below, Above int
	// Width and Score are the means of the intervals' length and interval score.
	Width, Score float64
	Failed       int
	// Unreliable counts figures that are published with the status U.
	Unreliable int
	// Naive is the root mean square error of what was merely counted; 0 for none.
	Naive float64
	// Own counts the intervals that hold the truth of their own run; −1 where it is that of all.
	Own int
}

// level of the intervals.
const level = 0.95

// intervalScore is that of Gneiting & Raftery (2007, JASA 102:359), eq. 43: the
// length, and 2/α times how far the truth lies outside. Less is better.
func intervalScore(low, high, truth float64) float64 {
	return high - low + 2/(1-level)*(max(low-truth, 0)+max(truth-high, 0))
}

// summarise adds up outcomes in their order.
func summarise(truth float64, outcomes []outcome) Result {
	r := Result{Truth: truth, Runs: len(outcomes)}
	for _, o := range outcomes {
		if o.failed {
			r.Failed++
			continue
		}
		if o.unreliable {
			r.Unreliable++
		}
		r.Mean += o.value
		r.StdErr += o.stdErr
		r.Width += o.high - o.low
		r.Score += intervalScore(o.low, o.high, truth)
		switch {
		case o.high < truth:
			r.Below++
		case o.low > truth:
			r.Above++
		default:
			r.Covered++
		}
	}
	n := float64(r.Runs - r.Failed)
	for _, sum := range []*float64{&r.Mean, &r.StdErr, &r.Width, &r.Score} {
		*sum /= n
	}
	var squares float64
	for _, o := range outcomes {
		if !o.failed {
			squares += (o.value - r.Mean) * (o.value - r.Mean)
		}
	}
	r.SD = math.Sqrt(squares / (n - 1))
	return r
}

// Bias is the relative bias mean(θ̂)/θ − 1, with its Monte-Carlo standard error.
// Morris, White & Crowther (2019, Stat. Med. 38:2074), table 6.
func (r Result) Bias() (bias, mcse float64) {
	return r.Mean/r.Truth - 1, r.SD / math.Abs(r.Truth) / math.Sqrt(float64(r.Runs-r.Failed))
}

// Calibration is mean(ŝe)/sd(θ̂) − 1: 0 where standard errors are right on average.
func (r Result) Calibration() float64 { return r.StdErr/r.SD - 1 }

// Coverage is the share of all runs, failures among them, whose interval holds
// the truth, with its Monte-Carlo standard error √(c(1−c)/R).
func (r Result) Coverage() (coverage, mcse float64) {
	c := float64(r.Covered) / float64(r.Runs)
	return c, math.Sqrt(c * (1 - c) / float64(r.Runs))
}
