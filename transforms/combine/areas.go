package combine

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
)

// Trials are the successes among so many trials of an area, such as the persons with ties among those
// asked, or those of one class of an area; areas may have several rows.
type Trials struct {
	Area int32
	// X are covariates; a constant is one of them.
	X                 []float64
	Successes, Trials float64
}

// AreaRates is a fit of rates of areas.
type AreaRates struct {
	// Coefficients are β, on the logit scale; StdErrs their errors, by the observed information on β and σ.
	Coefficients, StdErrs []float64
	// SD is σ, the standard deviation between areas on the logit scale; SDStdErr its error,
	// NaN where SD is 0: areas differ no more than chance says, and Modes are all 0.
	SD, SDStdErr float64
	// LogLikelihood is the marginal one, binomial coefficients in it; Saturated is that of a
	// probability for each row.
	LogLikelihood, Saturated float64
	// Points is the number of quadrature points: 1 is Laplace's approximation.
	Points int
	// Modes are the conditional modes of areas, in the order of area codes.
	Modes []AreaMode
	// areas are the rows of each area; parameters are β and σ, covariance theirs.
	areas      []areaTrials
	parameters []float64
	covariance *mat.SymDense
}

// AreaMode is an area's deviation on the logit scale.
type AreaMode struct {
	Area int32
	// Mode is that of the deviation given the area's trials, StdErr from the curvature there:
	// the error of β and σ is not in it, see [AreaRates.Predict].
	Mode, StdErr float64
}

// Deviance is the deviance as lme4 defines it: −2 log-likelihood where Points is 1, and with
// more points that from the saturated model. Compare it between fits of as many points only.
func (r AreaRates) Deviance() float64 {
	if r.Points == 1 {
		return -2 * r.LogLikelihood
	}
	return 2 * (r.Saturated - r.LogLikelihood)
}

// AreaOptions say how rates of areas are fitted.
type AreaOptions struct {
	// Points is the number of quadrature points: 25 are exact for most purposes, 1 is Laplace's approximation.
	Points int
	// Adjusted maximises ℓ + log σ instead of ℓ, so that σ is never 0 (Chung et al. 2013,
	// Psychometrika 78:685; the adjusted likelihood of Li & Lahiri 2010, J. Multivar. Anal. 101:882,
	// is ℓ + 2 log σ). It is for predicting rates of fewer than a hundred or so areas, where the σ
	// of the likelihood is too small and errors with it.
	Adjusted bool
}

// FitAreaRates fits the binomial logit-normal model of rates, in which areas lend one another strength:
//
//	y_ij ~ Bin(n_ij, p_ij),  logit p_ij = x_ij'β + b_i,  b_i ~ N(0, σ²)
//	ℓ(β, σ) = Σ_i log ∫ Π_j Bin(y_ij; n_ij, p_ij) φ(b; σ) db
//
// The integral is by adaptive Gauss–Hermite quadrature about each area's mode (Pinheiro & Bates
// 1995, J. Comput. Graph. Stat. 4:12; Lesaffre & Spiessens 2001, Appl. Stat. 50:325); one point is
// Laplace's approximation, whose σ is too small where areas have few trials. With covariates, or
// fewer than a hundred or so areas, maximum likelihood's σ is too small too, or 0: see
// [AreaOptions].
//
// Trials of a survey with unequal weights or clusters are not binomial: give effective numbers
// (n/deff). It is an error if trials are not positive, successes not between 0 and trials,
// covariates depend on one another, there are fewer than three areas or than 1 point, or no finite
// maximum is found, as where a class has no success at all.
func FitAreaRates(rows []Trials, o AreaOptions) (AreaRates, error) {
	r := AreaRates{Points: o.Points}
	if err := checkTrials(rows, o.Points); err != nil {
		return r, err
	}
	r.areas = groupTrials(rows)
	if len(r.areas) < 3 {
		return r, fmt.Errorf("rates of %d areas: give three or more: a variance between them is not told by fewer", len(r.areas))
	}
	l := newAreaLikelihood(r.areas, o)
	best, err := l.maximise(0.5)
	if err != nil || math.Abs(best.x[l.covariates]) < boundarySD {
		// The likelihood may have a second top away from 0.
		if other, err2 := l.maximise(1.5); err2 == nil && (err != nil || other.value > best.value) {
			best, err = other, nil
		}
	}
	if err != nil {
		return r, fmt.Errorf("rates of %d areas: %w", len(r.areas), err)
	}
	if math.Abs(best.x[l.covariates]) < boundarySD && !o.Adjusted {
		if best, err = l.withoutVariance(best.x); err != nil {
			return r, fmt.Errorf("rates of %d areas: %w", len(r.areas), err)
		}
	}
	r.finish(l, best)
	return r, nil
}

// boundarySD is a standard deviation between areas below which there is none.
const boundarySD = 1e-3

func checkTrials(rows []Trials, points int) error {
	if len(rows) == 0 {
		return fmt.Errorf("rates of areas: no rows: there is nothing to estimate from")
	}
	if points < 1 || points > 100 {
		return fmt.Errorf("rates of areas: %d quadrature points: give 1 to 100; 25 are enough", points)
	}
	x := mat.NewSymDense(max(1, len(rows[0].X)), nil)
	for i, row := range rows {
		if len(row.X) == 0 || len(row.X) != len(rows[0].X) || slices.ContainsFunc(row.X, notFinite) {
			return fmt.Errorf("rates of areas: row %d has covariates %v: give each row %d finite numbers, a constant among them", i+1, row.X, max(1, len(rows[0].X)))
		}
		if !(row.Trials > 0) || !(row.Successes >= 0) || !(row.Successes <= row.Trials) || notFinite(row.Trials) {
			return fmt.Errorf("rates of areas: row %d has %v successes in %v trials: give trials above 0 and successes between 0 and them", i+1, row.Successes, row.Trials)
		}
		x.SymRankOne(x, 1, mat.NewVecDense(len(row.X), row.X))
	}
	if err := independent(x); err != nil {
		return fmt.Errorf("rates of areas: %w", err)
	}
	return nil
}

// independent refuses cross-products of covariates that depend on one another.
func independent(cross *mat.SymDense) error {
	size := cross.SymmetricDim()
	scaled := mat.NewSymDense(size, nil)
	for a := range size {
		if !(cross.At(a, a) > 0) {
			return fmt.Errorf("covariate %d is 0 everywhere: leave it out", a+1)
		}
		for b := a; b < size; b++ {
			scaled.SetSym(a, b, cross.At(a, b)/math.Sqrt(cross.At(a, a)*cross.At(b, b)))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(scaled) || chol.Cond() > worstCondition {
		return fmt.Errorf("covariates depend on one another: leave one out, such as one class of each variable")
	}
	return nil
}

func (r *AreaRates) finish(l *areaLikelihood, best top) {
	p := l.covariates
	r.parameters = make([]float64, p+1)
	for j := range r.parameters {
		r.parameters[j] = best.x[j] / l.scale[j]
	}
	r.parameters[p] = math.Abs(r.parameters[p])
	if best.x[p] < 0 { // the likelihood is even in σ
		for j := range p {
			best.covariance.SetSym(j, p, -best.covariance.At(j, p))
		}
	}
	r.covariance = mat.NewSymDense(p+1, nil)
	for j := range r.parameters {
		for k := j; k <= p; k++ {
			r.covariance.SetSym(j, k, best.covariance.At(j, k)/l.scale[j]/l.scale[k])
		}
	}
	r.Coefficients = slices.Clone(r.parameters[:p])
	for j := range p {
		r.StdErrs = append(r.StdErrs, math.Sqrt(r.covariance.At(j, j)))
	}
	r.SD, r.SDStdErr = r.parameters[p], math.Sqrt(r.covariance.At(p, p))
	if r.SD == 0 {
		r.SDStdErr = math.NaN()
	}
	r.LogLikelihood = l.marginal(best.x)
	for _, a := range r.areas {
		constant, saturated := a.constants()
		r.LogLikelihood += constant
		r.Saturated += constant + saturated
		u, curvature := a.mode(r.parameters)
		r.Modes = append(r.Modes, AreaMode{a.code, r.SD * u, r.SD / math.Sqrt(curvature)})
	}
}

// Rate is the predicted rate of an area at its covariates.
type Rate struct {
	// Value is the mean of the rate given the area's trials (the empirical best predictor: Jiang & Lahiri
	// 2001, Ann. Inst. Stat. Math. 53:217), StdErr its prediction error.
	Value, StdErr float64
	// Logit is x'β̂ and the area's mode, LogitStdErr its prediction error: intervals are best taken on this scale.
	Logit, LogitStdErr float64
}

// Predict is the rate of an area at covariates x. An area without trials has the mean over all that
// areas might be, and their variance in its error. Errors are those given β and σ, and of these by
// the delta method (Kass & Steffey 1989, JASA 84:717):
//
//	v = V(· | y_i; β̂, σ̂) + ∇'V(β̂, σ̂)∇
//
// Where SD is 0 all areas are held to be alike, and errors are too small.
func (r AreaRates) Predict(area int32, x []float64) (Rate, error) {
	if len(x) != len(r.Coefficients) || slices.ContainsFunc(x, notFinite) {
		return Rate{}, fmt.Errorf("rate of area %d: covariates %v: give %d finite numbers", area, x, len(r.Coefficients))
	}
	a := areaTrials{code: area}
	if i, found := slices.BinarySearchFunc(r.areas, area, func(a areaTrials, code int32) int { return int(a.code) - int(code) }); found {
		a = r.areas[i]
	}
	rule := hermite(max(25, r.Points))
	mean, variance, logit, logitVariance := a.predict(r.parameters, x, rule)
	g, h := mat.NewVecDense(len(r.parameters), nil), mat.NewVecDense(len(r.parameters), nil)
	for j, v := range r.parameters {
		if r.covariance.At(j, j) == 0 {
			continue
		}
		step := 1e-3 * math.Sqrt(r.covariance.At(j, j))
		up, down := slices.Clone(r.parameters), slices.Clone(r.parameters)
		up[j], down[j] = v+step, v-step
		m1, _, l1, _ := a.predict(up, x, rule)
		m0, _, l0, _ := a.predict(down, x, rule)
		g.SetVec(j, (m1-m0)/(2*step))
		h.SetVec(j, (l1-l0)/(2*step))
	}
	return Rate{
		Value: mean, StdErr: math.Sqrt(variance + mat.Inner(g, r.covariance, g)),
		Logit: logit, LogitStdErr: math.Sqrt(logitVariance + mat.Inner(h, r.covariance, h)),
	}, nil
}

// nodes are the points and weights of Gauss–Hermite quadrature, ∫ e^{−z²} f(z) dz = Σ w f(z).
type nodes struct{ z, w []float64 }

func hermite(points int) nodes {
	n := nodes{make([]float64, points), make([]float64, points)}
	quad.Hermite{}.FixedLocations(n.z, n.w, math.Inf(-1), math.Inf(1))
	return n
}
