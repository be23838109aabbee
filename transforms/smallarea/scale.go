package smallarea

import (
	"fmt"
	"math"
)

// Scale is one on which the model holds better than on that of the estimate.
type Scale int

const (
	// Log is for totals and counts above 0.
	Log Scale = iota
	// Arcsine, arcsin √p, is for proportions.
	Arcsine
)

// LogDirect takes a direct estimate Y above 0 and its variance v to the log scale: ln Y
// with variance v/Y² (delta method).
func LogDirect(estimate, variance float64) (direct, on float64, err error) {
	if !(estimate > 0) || !(variance > 0) || !finite(estimate) || !finite(variance) {
		return 0, 0, fmt.Errorf("small areas: log scale: estimate %v with variance %v: want both above 0", estimate, variance)
	}
	return math.Log(estimate), variance / square(estimate), nil
}

// ArcsineDirect takes a proportion p of n persons to the arcsine scale with variance
// 1/(4n), the same for every p, so that no sample variance is needed:
//
//	arcsin √{(np + 1/4)/(n + 1/2)}
//
// The quarter makes its mean arcsin √π to the order 1/n, π being the truth, where arcsin √p
// is too small for rare traits (Brown, Cai & Zhou 2010, Ann. Stat. 38:2005). n is the
// effective number, that of respondents divided by the design effect.
func ArcsineDirect(proportion, n float64) (direct, variance float64, err error) {
	if !(proportion >= 0 && proportion <= 1) || !(n > 0) || !finite(n) {
		return 0, 0, fmt.Errorf("small areas: arcsine scale: proportion %v of %v persons: want a proportion from 0 to 1 and an effective number above 0", proportion, n)
	}
	return math.Asin(math.Sqrt((n*proportion + 0.25) / (n + 0.5))), 1 / (4 * n), nil
}

// BackTransformed is an area's estimate on its own scale.
type BackTransformed struct{ Estimate, MSE float64 }

// Back takes the predictions back from a scale without the bias of the mere inverse. With
// η̂_i the EBLUP there, and
//
//	v_i = σ̂² − var(η̂_i) = g1_i − (1 − γ_i²) x_i'(X'V⁻¹X)⁻¹x_i,
//
// the variance that η_i has and its predictor lacks,
//
//	Log      exp(η̂_i + v_i/2)
//	Arcsine  {1 − exp(−2v_i) cos 2η̂_i}/2, held to 0 to 1
//
// have the mean of exp η_i and sin² η_i under the normal model, σ² being known (Slud &
// Maiti 2006, J. R. Stat. Soc. B 68:239, have g1 in place of v and a factor for the rest).
// MSE is the variance of exp η and of sin² η where η is normal with variance mse_i about
// the prediction. Ends of intervals are taken back by [Scale.Ends] as they are.
func (fit *Fit) Back(scale Scale) ([]BackTransformed, error) {
	if scale != Log && scale != Arcsine {
		return nil, fmt.Errorf("small areas: scale %d: want Log or Arcsine", int(scale))
	}
	var to []BackTransformed
	for _, a := range fit.Areas {
		v := a.G1 - (1-square(a.Shrinkage))*a.spread
		if scale == Log {
			e := math.Exp(a.Estimate + v/2)
			to = append(to, BackTransformed{e, e * e * math.Expm1(a.MSE)})
			continue
		}
		e := (1 - math.Exp(-2*v)*math.Cos(2*a.Estimate)) / 2
		first := (1 - math.Exp(-2*a.MSE)*math.Cos(2*a.Estimate)) / 2
		second := 3./8 - math.Exp(-2*a.MSE)*math.Cos(2*a.Estimate)/2 + math.Exp(-8*a.MSE)*math.Cos(4*a.Estimate)/8
		to = append(to, BackTransformed{min(max(e, 0), 1), second - first*first})
	}
	return to, nil
}

// Ends takes an interval back; on the arcsine scale what lies beyond 0 or π/2 is 0 or 1.
func (scale Scale) Ends(i Interval) Interval {
	if scale == Log {
		return Interval{math.Exp(i.Low), math.Exp(i.High)}
	}
	of := func(x float64) float64 { return square(math.Sin(min(max(x, 0), math.Pi/2))) }
	return Interval{of(i.Low), of(i.High)}
}
