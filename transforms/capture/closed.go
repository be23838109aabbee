package capture

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// ClosedModel is a log-linear model of a closed population that is seen on several
// occasions, named as Otis et al. (1978) name them: t for occasions that differ, h for
// persons who differ, b for persons who behave otherwise once seen.
type ClosedModel string

// The models of [FitClosed]; k is the number of a person's occasions and a the first.
const (
	M0          ClosedModel = "M0"           // k
	Mt          ClosedModel = "Mt"           // one parameter for each occasion
	MhChao      ClosedModel = "Mh Chao"      // k and max(0, k − j + 1), j = 3..K: a lower bound
	MhPoisson2  ClosedModel = "Mh Poisson2"  // k and 2^k − 1
	MhDarroch   ClosedModel = "Mh Darroch"   // k and k²/2
	MhGamma35   ClosedModel = "Mh Gamma3.5"  // k and ln 3.5 − ln(3.5 + k)
	MthChao     ClosedModel = "Mth Chao"     // as Mh, with a parameter for each occasion
	MthPoisson2 ClosedModel = "Mth Poisson2" //
	MthDarroch  ClosedModel = "Mth Darroch"  //
	MthGamma35  ClosedModel = "Mth Gamma3.5" //
	Mb          ClosedModel = "Mb"           // a − 1 and k − 1
	Mbh         ClosedModel = "Mbh"          // as Mb, the first occasion apart
)

// ClosedModels are all of them, in the order of the table of Baillargeon & Rivest (2007).
var ClosedModels = []ClosedModel{M0, Mt, MhChao, MhPoisson2, MhDarroch, MhGamma35, MthChao, MthPoisson2, MthDarroch, MthGamma35, Mb, Mbh}

// heterogeneity is the part of a model for persons who differ.
var heterogeneity = map[ClosedModel]func(k, lists float64) []float64{
	MhChao: chaoColumns, MthChao: chaoColumns,
	MhPoisson2: poisson2, MthPoisson2: poisson2,
	MhDarroch: darroch, MthDarroch: darroch,
	MhGamma35: gamma35, MthGamma35: gamma35,
}

func chaoColumns(k, lists float64) []float64 {
	var columns []float64
	for j := 3.0; j <= lists; j++ {
		columns = append(columns, max(0, k-j+1))
	}
	return columns
}

func poisson2(k, _ float64) []float64 { return []float64{math.Exp2(k) - 1} }
func darroch(k, _ float64) []float64  { return []float64{k * k / 2} }
func gamma35(k, _ float64) []float64  { return []float64{math.Log(3.5) - math.Log(3.5+k)} }

func (m ClosedModel) behaviour() bool { return m == Mb || m == Mbh }

// row is the design of a cell; that of the cell 0, of persons never seen, is 1, 0, 0, ...
// but for models of behaviour.
func (m ClosedModel) row(cell, lists int) []float64 {
	k, row := float64(bits.OnesCount(uint(cell))), []float64{1}
	switch m {
	case Mt, MthChao, MthPoisson2, MthDarroch, MthGamma35:
		for i := range lists {
			row = append(row, float64(cell>>i&1))
		}
	case Mb, Mbh:
		first := bits.TrailingZeros(uint(cell))
		row = append(row, float64(first), k-1)
		if m == Mbh && first == 0 {
			row = append(row, 1)
		} else if m == Mbh {
			row = append(row, 0)
		}
	default:
		row = append(row, k)
	}
	if h := heterogeneity[m]; h != nil {
		row = append(row, h(k, float64(lists))...)
	}
	return row
}

// ClosedFit is a log-linear model of a closed population, fitted.
type ClosedFit struct {
	Estimate
	Model         ClosedModel
	Coefficients  []float64 // the constant first
	Deviance      float64
	DF            int // cells less parameters
	LogLikelihood float64
	AIC, BIC      float64 // −2ℓ + 2·parameters; −2ℓ + ln n·parameters
	// Dropped are the heterogeneity parameters j of Chao's models that came out below
	// 0, and were set to 0.
	Dropped []int
	lists   int
	y       []float64
	x, all  [][]float64 // designs, without and with what was dropped
	// covariance is that of the coefficients.
	covariance *mat.SymDense
}

// FitClosed fits a model of a closed population to the 2^K − 1 cells of persons seen on K
// occasions, as a Poisson regression:
//
//	ln μ_h = x_h'β,  N̂ = n + n̂₀,  v = n̂₀ + ∇n₀' v(β̂) ∇n₀
//
// n₀ is e^{β₀}, the expected number in the cell of those never seen; where a first sighting
// changes persons (Mb, Mbh) it is Σ_{a>K} of the geometric series of first sightings
//
//	M_a = e^{β₀+(a−1)β₁} (1 + e^{β₂})^{K−a},  q = M_{a+1}/M_a = e^{β₁}/(1 + e^{β₂})
//	n₀  = e^{β₀+(K−1)β₁} q/(1 − q)
//
// (Baillargeon & Rivest 2007, JSS 19(5); Rivest & Lévesque 2001; Rivest & Baillargeon
// 2007, Biometrics 63:999.) Chao's parameters of heterogeneity cannot be below 0 under
// any mixture: the first that is is set to 0 and the model fitted anew, until none is. The
// standard error then is of the model without them.
//
// It is an error where there are more parameters than cells, where the likelihood has no
// finite maximum, or where first sightings do not become fewer (q ≥ 1).
func FitClosed(h Histories, model ClosedModel) (ClosedFit, error) {
	fit := ClosedFit{Model: model}
	if err := h.check(2); err != nil {
		return fit, err
	}
	if !slices.Contains(ClosedModels, model) {
		return fit, fmt.Errorf("closed population: no model %q: there are %q", model, ClosedModels)
	}
	fit.Seen, fit.y, fit.lists = h.Seen(), h.Counts[1:], len(h.Lists)
	for cell := 1; cell < len(h.Counts); cell++ {
		fit.all = append(fit.all, model.row(cell, fit.lists))
	}
	m, x, dropped, err := model.fit(fit.all, fit.y, nil, fit.lists)
	if err != nil {
		return fit, fmt.Errorf("model %s of %d occasions: %w", model, fit.lists, err)
	}
	fit.x, fit.Dropped = x, dropped
	p := len(m.coefficients)
	fit.covariance = m.covariance
	fit.Coefficients, fit.Deviance, fit.DF, fit.LogLikelihood = m.coefficients, m.deviance, len(fit.y)-p, m.logLikelihood
	fit.AIC = 2*float64(p) - 2*m.logLikelihood
	fit.BIC = math.Log(fit.Seen)*float64(p) - 2*m.logLikelihood
	unseen, slope, err := model.unseen(m.coefficients, float64(fit.lists))
	if err != nil {
		return fit, err
	}
	g := mat.NewVecDense(p, slope)
	fit.N, fit.StdErr = fit.Seen+unseen, math.Sqrt(unseen+mat.Inner(g, m.covariance, g))
	return fit, nil
}

// fit fits cells, leaving out negative parameters of Chao's models one by one: dropped are
// their j, and x the design that is left.
func (m ClosedModel) fit(all [][]float64, y, start []float64, lists int) (fit loglinear, x [][]float64, dropped []int, err error) {
	if m != MhChao && m != MthChao {
		fit, err = fitLoglinear(all, y, start)
		return fit, all, nil, err
	}
	var columns []int // the j of the columns from fixed on
	for j := 3; j <= lists; j++ {
		columns = append(columns, j)
	}
	fixed := len(all[0]) - len(columns)
	for _, row := range all {
		x = append(x, slices.Clone(row))
	}
	for {
		if fit, err = fitLoglinear(x, y, nil); err != nil {
			return fit, x, dropped, err
		}
		at := slices.IndexFunc(fit.coefficients[fixed:], func(b float64) bool { return b < 0 })
		if at < 0 {
			return fit, x, dropped, nil
		}
		dropped = append(dropped, columns[at])
		columns = slices.Delete(columns, at, at+1)
		for i := range x {
			x[i] = slices.Delete(x[i], fixed+at, fixed+at+1)
		}
	}
}

// unseen is the expected number of persons never seen, with its slope.
func (m ClosedModel) unseen(beta []float64, lists float64) (n float64, slope []float64, err error) {
	slope = make([]float64, len(beta))
	if !m.behaviour() {
		slope[0] = math.Exp(beta[0])
		return slope[0], slope, nil
	}
	q := math.Exp(beta[1]) / (1 + math.Exp(beta[2]))
	if !(q < 1) {
		return 0, nil, fmt.Errorf("model %s of %v occasions: first sightings do not become fewer from one occasion to the next (ratio %v): the number has no upper limit", m, lists, q)
	}
	n = math.Exp(beta[0]+(lists-1)*beta[1]) * q / (1 - q)
	slope[0] = n
	slope[1] = n * (lists - 1 + 1/(1-q))
	slope[2] = -n * logistic(beta[2]) / (1 - q)
	return n, slope, nil
}

// Profile is the number of persons of greatest multinomial likelihood, and the interval of
// all numbers whose log-likelihood, maximised over the other parameters, is less than
// half the χ²₁ quantile below it:
//
//	ℓ(N) = ln Γ(N+1) − ln Γ(N−n+1) + Σ_h y_h ln(μ_h/N) + (N − n) ln(μ_0/N)
//
// (Cormack 1992, Biometrics 48:567). The interval begins at n where it would go below, and
// is without end (+Inf) where the likelihood no longer falls before ten thousand times n.
// Chao's models leave out what is negative at each N. Models of behaviour have no cell of
// persons never seen in their regression: an error.
func (f ClosedFit) Profile(level float64) (n, low, high float64, err error) {
	if f.Model.behaviour() {
		return 0, 0, 0, fmt.Errorf("model %s: the likelihood is profiled for models without behaviour alone: use the standard error", f.Model)
	}
	p := profiled{y: append(slices.Clone(f.y), 0), x: append(slices.Clone(f.all), f.Model.row(0, f.lists)), seen: f.Seen}
	p.maximise = func(unseen float64) (loglinear, [][]float64, error) {
		start := slices.Clone(f.Coefficients)
		start[0] = math.Log(unseen)
		m, x, _, err := f.Model.fit(p.x, p.y, start, f.lists)
		if err != nil { // the others may have moved far
			m, x, _, err = f.Model.fit(p.x, p.y, nil, f.lists)
		}
		return m, x, err
	}
	return p.interval(f.N-f.Seen, level)
}

// FitAllClosed fits all models, the best by AIC first, and names those that do not fit. AIC
// tells how well the cells of persons seen are described; models that describe them
// equally may differ manifold in the number never seen, which no cell shows. It is an error
// where no model fits.
func FitAllClosed(h Histories) ([]ClosedFit, []RefusedModel, error) {
	var fits []ClosedFit
	var refused []RefusedModel
	for _, model := range ClosedModels {
		if fit, err := FitClosed(h, model); err != nil {
			refused = append(refused, RefusedModel{Model: string(model), Err: err})
		} else {
			fits = append(fits, fit)
		}
	}
	if len(fits) == 0 {
		return nil, refused, fmt.Errorf("closed population: no model fits; the first: %w", refused[0].Err)
	}
	slices.SortStableFunc(fits, func(a, b ClosedFit) int { return cmp.Compare(a.AIC, b.AIC) })
	return fits, refused, nil
}
