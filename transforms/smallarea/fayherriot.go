package smallarea

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Fit is a Fay–Herriot model fitted to areas.
type Fit struct {
	// Method gave Sigma2; it is [YoshimoriLahiri] where another one gave 0 and Zero is set.
	Method Method
	Zero   bool
	// Sigma2 is the model variance σ̂² and Sigma2StdErr its asymptotic standard error.
	Sigma2, Sigma2StdErr float64
	// Beta are the coefficients β̂, and BetaStdErr their standard errors, the roots of the
	// diagonal of BetaCov = (X'V̂⁻¹X)⁻¹.
	Beta, BetaStdErr []float64
	BetaCov          *mat.SymDense
	// LogLikelihood is that of the sampled areas at the estimates (not the restricted
	// one); AIC and BIC count p coefficients and the variance.
	LogLikelihood, AIC, BIC float64
	// Sampled is the number of areas in the sample.
	Sampled int
	// Areas are in the order given.
	Areas []Prediction

	options Options
	sample  *sample
	areas   []Area
	turned  [][]float64
}

// Prediction is what the model says of an area.
type Prediction struct {
	// Estimate is the EBLUP θ̂_i, or the synthetic estimate out of the sample; MSE its
	// estimated mean squared error.
	Estimate, MSE float64
	// Synthetic is x_i'β̂.
	Synthetic float64
	// Shrinkage is γ_i, the weight of the direct estimate; 0 out of the sample.
	Shrinkage float64
	// G1, G2 and G3 are the parts of the mean squared error that come of the area's own
	// effect, of β̂ and of σ̂². Out of the sample G3 is 0.
	G1, G2, G3 float64
	// OutOfSample: the estimate is synthetic.
	OutOfSample bool

	spread float64 // x_i'(X'V⁻¹X)⁻¹x_i
}

// FayHerriot fits the area-level model of Fay & Herriot (1979, JASA 74:269)
//
//	y_i = θ_i + e_i,  θ_i = x_i'β + u_i,  e_i ~ (0, D_i),  u_i ~ (0, σ² + E_i)
//
// with D_i and E_i known (E_i = 0 in theirs), and predicts every area by the empirical best linear unbiased predictor
//
//	θ̂_i = γ_i y_i + (1 − γ_i) x_i'β̂,  γ_i = (σ̂² + E_i)/(σ̂² + E_i + D_i)
//
// Its mean squared error is (Prasad & Rao 1990, JASA 85:163; Datta & Lahiri 2000, Stat.
// Sinica 10:613; Datta, Rao & Smith 2005, Biometrika 92:183), V_i = σ̂² + E_i + D_i,
//
//	mse = g1 + g2 + 2 g3 − b (1 − γ_i)²
//	g1  = γ_i D_i,  g2 = (1 − γ_i)² x_i'(X'V⁻¹X)⁻¹x_i,  g3 = D_i² V_i⁻³ v(σ̂²)
//	v   = 2/Σ V_j⁻², for Moment 2m/(Σ V_j⁻¹)²
//	b   = 0 for REML and YoshimoriLahiri
//	    = −tr{(X'V⁻¹X)⁻¹ X'V⁻²X}/Σ V_j⁻² for ML
//	    = 2{m Σ V_j⁻² − (Σ V_j⁻¹)²}/(Σ V_j⁻¹)³ for Moment
//	    = 2/(σ̂² Σ V_j⁻²) for LiLahiri
//
// Where the bias term of Moment or LiLahiri would take half or more of g1 + g2 + 2 g3, as
// it does near σ̂² = 0, it is left out. Out of the sample θ̂_i = x_i'β̂ and mse = σ̂² + E_i +
// x_i'(X'V⁻¹X)⁻¹x_i.
//
// Where σ̂² = 0 every estimate would be synthetic whatever the direct one says, but for E_i; then σ²
// is estimated by [YoshimoriLahiri] (2014, J. Multivar. Anal. 124:281) unless
// [Options.KeepZero].
func FayHerriot(areas []Area, o Options) (*Fit, error) {
	if o.Method < REML || o.Method > LiLahiri {
		return nil, fmt.Errorf("small areas: %v is no method of estimating σ²: want REML, ML, Moment, YoshimoriLahiri or LiLahiri", o.Method)
	}
	s, err := newSample(areas)
	if err != nil {
		return nil, err
	}
	fit := &Fit{options: o, sample: s, areas: slices.Clone(areas)}
	for _, a := range areas {
		fit.turned = append(fit.turned, s.turned(a.X))
	}
	if err := fit.estimate(o); err != nil {
		return nil, err
	}
	return fit, nil
}

// estimate does the fit on fit.sample.
func (fit *Fit) estimate(o Options) error {
	s := fit.sample
	f, err := s.variance(o.Method)
	fit.Method, fit.Zero = o.Method, false
	if err == nil && f.sigma2 == 0 && !o.KeepZero {
		fit.Method, fit.Zero = YoshimoriLahiri, true
		f, err = s.variance(YoshimoriLahiri)
	}
	if err != nil {
		return err
	}
	m, p := float64(s.m()), s.p()
	fit.Sigma2, fit.Sampled = f.sigma2, s.m()
	fit.Sigma2StdErr = math.Sqrt(f.varianceOfVariance(fit.Method, m))
	fit.LogLikelihood = f.target(ML, s.m()) - m/2*math.Log(2*math.Pi)
	fit.AIC = -2*fit.LogLikelihood + 2*float64(p+1)
	fit.BIC = -2*fit.LogLikelihood + math.Log(m)*float64(p+1)
	fit.coefficients(f)
	fit.predict(f)
	return nil
}

// coefficients brings β̂ back from the orthonormal covariates.
func (fit *Fit) coefficients(f point) {
	s, p := fit.sample, fit.sample.p()
	var beta mat.VecDense
	beta.MulVec(s.inverse, mat.NewVecDense(p, f.beta))
	fit.Beta = beta.RawVector().Data
	var half, whole mat.Dense
	half.Mul(s.inverse, f.q)
	whole.Mul(&half, s.inverse.T())
	fit.BetaCov, fit.BetaStdErr = mat.NewSymDense(p, nil), nil
	for i := range p {
		for j := i; j < p; j++ {
			fit.BetaCov.SetSym(i, j, whole.At(i, j))
		}
		fit.BetaStdErr = append(fit.BetaStdErr, math.Sqrt(whole.At(i, i)))
	}
}

// varianceOfVariance is the asymptotic variance of σ̂².
func (f point) varianceOfVariance(method Method, m float64) float64 {
	if method == Moment {
		return 2 * m / square(f.v1)
	}
	return 2 / f.v2
}

// bias is that of σ̂² to the order 1/m.
func (f point) bias(method Method, m float64) float64 {
	switch method {
	case ML:
		return -f.qs2 / f.v2
	case Moment:
		return 2 * (m*f.v2 - square(f.v1)) / (f.v1 * f.v1 * f.v1)
	case LiLahiri:
		return 2 / (f.sigma2 * f.v2)
	}
	return 0
}

// predict gives every area its estimate and error.
func (fit *Fit) predict(f point) {
	m := float64(fit.sample.m())
	v, b := f.varianceOfVariance(fit.Method, m), f.bias(fit.Method, m)
	fit.Areas = make([]Prediction, len(fit.turned))
	at := 0
	for i, x := range fit.turned {
		p := Prediction{Synthetic: dot(x, f.beta), OutOfSample: fit.areas[i].OutOfSample, spread: form(f.q, x)}
		if p.OutOfSample {
			p.Estimate, p.G1, p.G2 = p.Synthetic, f.sigma2+fit.areas[i].Effect, p.spread
			p.MSE = p.G1 + p.G2
			fit.Areas[i] = p
			continue
		}
		y, d, effect := fit.sample.y[at], fit.areas[i].Variance, f.sigma2+fit.areas[i].Effect
		at++
		rest := d / (effect + d) // 1 − γ, without loss where D is small
		p.Shrinkage = effect / (effect + d)
		p.Estimate = y + rest*(p.Synthetic-y)
		p.G1 = p.Shrinkage * d
		p.G2 = square(rest) * p.spread
		p.G3 = square(rest) * v / (effect + d)
		p.MSE = p.G1 + p.G2 + 2*p.G3
		if correction := b * square(rest); correction < p.MSE/2 {
			p.MSE -= correction
		}
		fit.Areas[i] = p
	}
}
