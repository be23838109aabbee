package smallarea

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a confidence interval.
type Interval struct{ Low, High float64 }

// Intervals are θ̂_i ± z √mse_i at a level such as 0.95. They are too short for few areas;
// see [Fit.WantsBootstrap].
func (fit *Fit) Intervals(level float64) ([]Interval, error) {
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	var to []Interval
	for _, a := range fit.Areas {
		half := z * math.Sqrt(a.MSE)
		to = append(to, Interval{a.Estimate - half, a.Estimate + half})
	}
	return to, nil
}

// WantsBootstrap tells whether normal intervals are not to be trusted: fewer than 50
// areas in the sample, or a σ̂² below twice its standard error.
func (fit *Fit) WantsBootstrap() bool {
	return fit.Sampled < 50 || fit.Zero || fit.Sigma2 < 2*fit.Sigma2StdErr
}

// DefaultIntervals are [Fit.BootstrapIntervals] where [Fit.WantsBootstrap] and
// [Fit.Intervals] elsewhere; bootstrap tells which. Those of the bootstrap stand about the
// estimates of [LiLahiri], which lie nearer to the direct ones than those of the fit do.
func (fit *Fit) DefaultIntervals(level float64, replicates int, random *rand.Rand) (to []Interval, bootstrap bool, err error) {
	if !fit.WantsBootstrap() {
		to, err = fit.Intervals(level)
		return to, false, err
	}
	to, err = fit.BootstrapIntervals(level, replicates, random)
	return to, true, err
}

// BootstrapIntervals are the parametric bootstrap intervals of Chatterjee, Lahiri & Li
// (2008, Ann. Stat. 36:1221) with σ² by [LiLahiri], as Li & Lahiri (2010, J. Multivar.
// Anal. 101:882) have them: areas are drawn from the fitted model, the model is fitted
// again, and with the quantiles q of
//
//	t* = (θ*_i − θ̂*_i)/√g1*_i
//
// over the replicates the interval is θ̂_i + q_{(1−level)/2} √g1_i to θ̂_i + q_{(1+level)/2} √g1_i.
// By any other method √g1* is 0, or next to it, in some replicates, and the intervals are
// either far too long or, drawn from too small a σ̂², too short. θ̂_i and g1_i are those of
// LiLahiri too, whatever the method of the fit.
func (fit *Fit) BootstrapIntervals(level float64, replicates int, random *rand.Rand) ([]Interval, error) {
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	if least := int(math.Ceil(10/(1-level) - 1e-6)); replicates < least {
		return nil, fmt.Errorf("small areas: %d bootstrap replicates for intervals at %v: want %d or more", replicates, level, least)
	}
	base := *fit
	if err := base.estimate(Options{Method: LiLahiri}); err != nil {
		return nil, err
	}
	pivots := make([][]float64, len(fit.Areas))
	again := base
	for r := range replicates {
		var truth []float64
		again.sample, truth = base.draw(random)
		if err := again.estimate(Options{Method: LiLahiri}); err != nil {
			return nil, fmt.Errorf("bootstrap replicate %d: %w", r+1, err)
		}
		for i, a := range again.Areas {
			pivots[i] = append(pivots[i], (truth[i]-a.Estimate)/math.Sqrt(a.G1))
		}
	}
	to := make([]Interval, len(fit.Areas))
	for i, a := range base.Areas {
		slices.Sort(pivots[i])
		s := math.Sqrt(a.G1)
		to[i] = Interval{a.Estimate + s*quantile(pivots[i], (1-level)/2), a.Estimate + s*quantile(pivots[i], (1+level)/2)}
	}
	return to, nil
}

// draw takes a truth and direct estimates from the fitted model.
func (fit *Fit) draw(random *rand.Rand) (*sample, []float64) {
	s := *fit.sample
	s.y = make([]float64, 0, len(fit.sample.y))
	truth := make([]float64, len(fit.Areas))
	for i, a := range fit.Areas {
		truth[i] = a.Synthetic + math.Sqrt(fit.Sigma2+fit.areas[i].Effect)*random.NormFloat64()
		if !a.OutOfSample {
			s.y = append(s.y, truth[i]+math.Sqrt(fit.areas[i].Variance)*random.NormFloat64())
		}
	}
	return &s, truth
}

// quantile is that of sorted values at (n + 1)p, between neighbours in proportion.
func quantile(sorted []float64, p float64) float64 {
	at := p*float64(len(sorted)+1) - 1
	k := min(max(int(math.Floor(at)), 0), len(sorted)-2)
	return sorted[k] + min(max(at-float64(k), 0), 1)*(sorted[k+1]-sorted[k])
}

func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("small areas: confidence level is %v: want a number between 0 and 1, such as 0.95", level)
	}
	return nil
}
