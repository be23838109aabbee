package combine

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// AreaUnit is a sampled unit of an area.
type AreaUnit struct {
	Area int32
	Y    float64
	// X are covariates known for every unit of the population, or at least on average; a
	// constant is one of them.
	X []float64
}

// UnitModel is a fit of the nested error regression.
type UnitModel struct {
	// Coefficients are β by generalised least squares, StdErrs their errors at the variances estimated.
	Coefficients, StdErrs []float64
	// AreaVariance is σ_u², UnitVariance σ_e². AreaVariance is 0 where areas differ no more than units.
	AreaVariance, UnitVariance float64
	// RestrictedLogLikelihood is that of REML, with all its constants.
	RestrictedLogLikelihood float64
	areas                   []unitArea
	units                   int
	// ratio is σ_u²/σ_e², beta that of it, information Σ X'V⁻¹X with σ_e² = 1.
	ratio       float64
	information mat.Cholesky
}

// unitArea are the sums of one area.
type unitArea struct {
	code  int32
	n     float64
	meanY float64
	meanX []float64
}

// FitUnits fits the nested error regression of Battese, Harter & Fuller (1988, JASA 83:28) by
// restricted maximum likelihood:
//
//	y_ij = x_ij'β + u_i + e_ij,  u_i ~ N(0, σ_u²),  e_ij ~ N(0, σ_e²)
//	ℓ_R(λ) = −½ {(n − p) [1 + log 2π σ̂_e²(λ)] + Σ log(1 + n_i λ) + log |Σ X_i'(I + λ 11')⁻¹X_i|},  λ = σ_u²/σ_e²
//
// with σ̂_e²(λ) the weighted residual squares over n − p. It holds for samples that do not depend on
// y given x: weights are not used, and a sample met on the spot is not one. Outlying units make σ_e²
// too great for all areas. It is an error if there are fewer than three areas, no area has two
// units, or covariates depend on one another.
func FitUnits(units []AreaUnit) (UnitModel, error) {
	var m UnitModel
	if err := checkUnits(units); err != nil {
		return m, err
	}
	fit := newUnitFit(units)
	m.areas, m.units = fit.areas, len(units)
	if len(m.areas) < 3 || len(m.areas) == len(units) {
		return m, fmt.Errorf("nested error regression: %d units in %d areas: give three areas or more, and two units in one at least", len(units), len(m.areas))
	}
	if fit.p >= len(units) {
		return m, fmt.Errorf("nested error regression: %d covariates of %d units: give more units than covariates", fit.p, len(units))
	}
	ratio, err := fit.reml()
	if err != nil {
		return m, err
	}
	at, err := fit.at(ratio)
	if err != nil {
		return m, err
	}
	m.ratio, m.information, m.RestrictedLogLikelihood = ratio, at.information, at.restricted
	m.UnitVariance, m.AreaVariance = at.residual, ratio*at.residual
	if !(m.UnitVariance > 0) {
		return m, fmt.Errorf("nested error regression: the covariates tell y without error: there is nothing to estimate")
	}
	m.Coefficients = at.beta
	var inverse mat.SymDense
	if err := m.information.InverseTo(&inverse); err != nil {
		return m, err
	}
	for j := range fit.p {
		m.StdErrs = append(m.StdErrs, math.Sqrt(m.UnitVariance*inverse.At(j, j)))
	}
	return m, nil
}

func checkUnits(units []AreaUnit) error {
	if len(units) == 0 {
		return fmt.Errorf("nested error regression: no units: there is nothing to estimate from")
	}
	x := mat.NewSymDense(max(1, len(units[0].X)), nil)
	for i, u := range units {
		if len(u.X) == 0 || len(u.X) != len(units[0].X) || slices.ContainsFunc(u.X, notFinite) || notFinite(u.Y) {
			return fmt.Errorf("nested error regression: unit %d has y %v and covariates %v: give a finite y and %d finite covariates, a constant among them", i+1, u.Y, u.X, max(1, len(units[0].X)))
		}
		x.SymRankOne(x, 1, mat.NewVecDense(len(u.X), u.X))
	}
	if err := independent(x); err != nil {
		return fmt.Errorf("nested error regression: %w", err)
	}
	return nil
}

// unitFit are the sums of squares and products that the likelihood needs: those over units, of
// [X y], and those of areas' means.
type unitFit struct {
	p     int
	n     float64
	areas []unitArea
	cross *mat.SymDense
	means []*mat.VecDense
}

func newUnitFit(units []AreaUnit) unitFit {
	sorted := slices.Clone(units)
	slices.SortStableFunc(sorted, func(a, b AreaUnit) int { return int(a.Area) - int(b.Area) })
	f := unitFit{p: len(units[0].X), n: float64(len(units))}
	f.cross = mat.NewSymDense(f.p+1, nil)
	for i, u := range sorted {
		row := mat.NewVecDense(f.p+1, append(slices.Clone(u.X), u.Y))
		f.cross.SymRankOne(f.cross, 1, row)
		if i == 0 || u.Area != sorted[i-1].Area {
			f.areas = append(f.areas, unitArea{code: u.Area})
			f.means = append(f.means, mat.NewVecDense(f.p+1, nil))
		}
		f.areas[len(f.areas)-1].n++
		f.means[len(f.means)-1].AddVec(f.means[len(f.means)-1], row)
	}
	for i := range f.areas {
		a := &f.areas[i]
		f.means[i].ScaleVec(1/a.n, f.means[i])
		a.meanX, a.meanY = slices.Clone(f.means[i].RawVector().Data[:f.p]), f.means[i].AtVec(f.p)
	}
	return f
}

// unitFitAt is the fit at a ratio of variances.
type unitFitAt struct {
	beta                 []float64
	residual, restricted float64
	information          mat.Cholesky
}

// at computes the fit: (I + λ11')⁻¹ = I − λ/(1 + nλ) 11'.
func (f unitFit) at(ratio float64) (unitFitAt, error) {
	var r unitFitAt
	v := mat.NewSymDense(f.p+1, nil)
	v.CopySym(f.cross)
	logs := 0.0
	for i, a := range f.areas {
		v.SymRankOne(v, -ratio*a.n*a.n/(1+a.n*ratio), f.means[i])
		logs += math.Log1p(a.n * ratio)
	}
	xx, xy := mat.NewSymDense(f.p, nil), mat.NewVecDense(f.p, nil)
	for j := range f.p {
		xy.SetVec(j, v.At(j, f.p))
		for k := j; k < f.p; k++ {
			xx.SetSym(j, k, v.At(j, k))
		}
	}
	var beta mat.VecDense
	if !r.information.Factorize(xx) {
		return r, fmt.Errorf("nested error regression: covariates depend on one another within areas: leave one out")
	}
	if err := r.information.SolveVecTo(&beta, xy); err != nil && r.information.Cond() > 1e15 {
		return r, fmt.Errorf("nested error regression: covariates depend on one another: %w", err)
	}
	r.beta = slices.Clone(beta.RawVector().Data)
	free := f.n - float64(f.p)
	r.residual = (v.At(f.p, f.p) - mat.Dot(xy, &beta)) / free
	r.restricted = -(free*(1+math.Log(2*math.Pi*r.residual)) + logs + r.information.LogDet()) / 2
	return r, nil
}

// reml is the ratio of variances with the greatest restricted likelihood: over a grid, then by golden section.
func (f unitFit) reml() (float64, error) {
	grid := []float64{0}
	for t := 1e-6; t < 1e6; t *= 2 {
		grid = append(grid, t)
	}
	best, values := 0, make([]float64, len(grid))
	for i, t := range grid {
		r, err := f.at(t)
		if err != nil {
			return 0, err
		}
		if values[i] = r.restricted; values[i] > values[best] {
			best = i
		}
	}
	if best == 0 {
		return 0, nil
	}
	low, high := math.Log(max(grid[best-1], 1e-7)), math.Log(grid[min(best+1, len(grid)-1)])
	value := func(x float64) float64 {
		r, err := f.at(math.Exp(x))
		if err != nil {
			return math.Inf(-1)
		}
		return r.restricted
	}
	const golden = 0.6180339887498949
	for range 60 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if value(a) > value(b) {
			high = b
		} else {
			low = a
		}
	}
	return math.Exp((low + high) / 2), nil
}

// Mean is the EBLUP of an area's mean with its mean squared error.
type Mean struct {
	Estimate
	// Gamma is the weight of the area's own sample, 0 where it has none: the estimate is then X̄'β.
	Gamma float64
}

// EBLUP predicts the mean of an area whose population means of covariates are X̄:
//
//	X̄'β̂ + γ(ȳ − x̄'β̂),  γ = σ_u²/(σ_u² + σ_e²/n)
//	mse = g1 + g2 + 2 g3  (Prasad & Rao 1990, JASA 85:163; Datta & Lahiri 2000, Stat. Sinica 10:613, for REML)
//	g1 = (1 − γ) σ_u²,  g2 = (X̄ − γx̄)'(ΣX'V⁻¹X)⁻¹(X̄ − γx̄)
//	g3 = n⁻²(σ_u² + σ_e²/n)⁻³ [σ_e⁴ v(σ̂_u²) + σ_u⁴ v(σ̂_e²) − 2σ_u²σ_e² c(σ̂_u², σ̂_e²)]
//
// The sample is taken to be a small part of the area. Where σ̂_u² is 0 all areas are X̄'β̂ and g1 is
// 0: the error is then too small.
func (m UnitModel) EBLUP(area int32, means []float64) (Mean, error) {
	if len(means) != len(m.Coefficients) || slices.ContainsFunc(means, notFinite) {
		return Mean{}, fmt.Errorf("mean of area %d: means of covariates %v: give %d finite numbers", area, means, len(m.Coefficients))
	}
	d := mat.NewVecDense(len(means), slices.Clone(means))
	e := Mean{Estimate: Estimate{Value: dot(means, m.Coefficients), Variance: m.AreaVariance}}
	if i, found := slices.BinarySearchFunc(m.areas, area, func(a unitArea, code int32) int { return int(a.code) - int(code) }); found {
		a := m.areas[i]
		u, s := m.AreaVariance, m.UnitVariance
		e.Gamma = u / (u + s/a.n)
		e.Value += e.Gamma * (a.meanY - dot(a.meanX, m.Coefficients))
		d.AddScaledVec(d, -e.Gamma, mat.NewVecDense(len(means), a.meanX))
		vu, vs, c := m.varianceErrors()
		g3 := (s*s*vu + u*u*vs - 2*u*s*c) / (a.n * a.n * math.Pow(u+s/a.n, 3))
		e.Variance = (1-e.Gamma)*u + 2*g3
	}
	var solved mat.VecDense
	if err := m.information.SolveVecTo(&solved, d); err != nil && m.information.Cond() > 1e15 {
		return e, err
	}
	e.Variance += m.UnitVariance * mat.Dot(d, &solved)
	return e, nil
}

// varianceErrors are the asymptotic variances of σ̂_u² and σ̂_e² and their covariance, by the
// expected information:
//
//	I_uu = ½ Σ n²/α²,  I_ue = ½ Σ n/α²,  I_ee = ½ Σ [(n − 1)/σ_e⁴ + 1/α²],  α = σ_e² + nσ_u²
func (m UnitModel) varianceErrors() (area, unit, covariance float64) {
	var uu, ue, ee float64
	for _, a := range m.areas {
		alpha2 := square(m.UnitVariance + a.n*m.AreaVariance)
		uu += a.n * a.n / alpha2 / 2
		ue += a.n / alpha2 / 2
		ee += ((a.n-1)/square(m.UnitVariance) + 1/alpha2) / 2
	}
	det := uu*ee - ue*ue
	return ee / det, uu / det, -ue / det
}
