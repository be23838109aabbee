package flow

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/kankei/kankei/transforms/series"
)

// ErrSeparated is wrapped by errors of fits whose likelihood has no maximum, for a
// combination of regressors tells the flows of 0 from the others.
var ErrSeparated = errors.New("regressors tell the flows of 0 from the others, so that the likelihood has no maximum")

// Gravity is a model of flows between pairs of places by Poisson pseudo-likelihood,
//
//	E y_c = Σ_{p in c} exp(α_o(p) + γ_d(p) + x_p'β)
//
// which takes flows of 0 as they are and needs of y no more than its mean (Santos Silva &
// Tenreyro 2006, Rev. Econ. Stat. 88:641). A cell c is a pair p, or several of which only
// the sum is to be used, as of pairs too small to be shown.
type Gravity struct {
	// X are the regressors of each pair, such as the logarithm of the distance.
	X [][]float64
	// Origin and Destination number the places of a pair from 0 where they have effects of
	// their own; nil for none. Without either there is one constant.
	Origin, Destination []int32
	// Cell is the cell of each pair, numbered from 0; nil where each is its own.
	Cell []int32
}

// GravityFit is a fitted Gravity.
type GravityFit struct {
	// Coefficients are those of X; Effects those of the constant or of the places: origins
	// first, then destinations but the first of those where both have effects.
	Coefficients, Effects []float64
	// Fitted is the expected flow of each pair, 0 of those in Separated: the pairs of places
	// from or to which nobody came, which their effects fit perfectly and which tell nothing
	// of the others (Correia, Guimarães & Zylkin 2020).
	Fitted    []float64
	Separated []int
	// Deviance is 2 Σ [y ln(y/μ) − (y − μ)] over cells.
	Deviance float64

	y, mu   []float64   // of the cells
	rows    [][]float64 // of the cells, means of their pairs' by expected flow
	inverse *mat.SymDense
	regress int // number of coefficients of X
}

// design are the rows of the pairs, the columns being X, then effects.
func (g Gravity) design() [][]float64 {
	origins, destinations := places(g.Origin), places(g.Destination)
	constant := origins+destinations == 0
	dropped := 0
	if origins > 0 && destinations > 0 {
		dropped = 1
	}
	rows := make([][]float64, len(g.X))
	for p, x := range g.X {
		row := append(slices.Clone(x), make([]float64, origins+destinations-dropped)...)
		if constant {
			row = append(row, 1)
		}
		if origins > 0 {
			row[len(x)+int(g.Origin[p])] = 1
		}
		if destinations > 0 && int(g.Destination[p]) >= dropped {
			row[len(x)+origins+int(g.Destination[p])-dropped] = 1
		}
		rows[p] = row
	}
	return rows
}

func places(of []int32) int {
	n := int32(-1)
	for _, p := range of {
		n = max(n, p)
	}
	return int(n) + 1
}

func (g Gravity) check(y []float64) ([]int32, error) {
	cells := g.Cell
	if cells == nil {
		for p := range g.X {
			cells = append(cells, int32(p))
		}
	}
	for _, n := range []int{len(cells), cmp.Or(len(g.Origin), len(g.X)), cmp.Or(len(g.Destination), len(g.X))} {
		if n != len(g.X) {
			return nil, fmt.Errorf("gravity: %d pairs and %d origins, destinations or cells: give one for each", len(g.X), n)
		}
	}
	if places(cells) != len(y) {
		return nil, fmt.Errorf("gravity: %d flows for %d cells", len(y), places(cells))
	}
	_, err := check("gravity", y, nil)
	return cells, err
}

// Fit maximises the likelihood by Fisher scoring. Pairs of a place from or to which nobody
// came are left out with an expectation of 0. It is an error that wraps [ErrSeparated] where
// regressors tell zeros from the others, as the iterated rectifier of Correia, Guimarães &
// Zylkin (2020) finds, and an error where columns depend on one another or cells are fewer
// than coefficients.
func (g Gravity) Fit(y []float64) (GravityFit, error) {
	cells, err := g.check(y)
	if err != nil {
		return GravityFit{}, err
	}
	fit := GravityFit{Fitted: make([]float64, len(g.X)), y: y, regress: len(g.X[0])}
	kept, left := g.without(y, cells)
	fit.Separated = left
	all := g.design()
	used := columnsUsed(all, kept)
	rows, of := make([][]float64, len(kept)), make([]int32, len(kept))
	for i, p := range kept {
		rows[i], of[i] = pick(all[p], used), cells[p]
	}
	if separated(rows, of, y) {
		return fit, fmt.Errorf("gravity: %w", ErrSeparated)
	}
	beta, err := fit.score(rows, of)
	if err != nil {
		return fit, err
	}
	full := make([]float64, len(all[0]))
	for j, column := range used {
		full[column] = beta[j]
	}
	fit.Coefficients, fit.Effects = full[:fit.regress], full[fit.regress:]
	for i, p := range kept {
		fit.Fitted[p] = math.Exp(dot(rows[i], beta))
	}
	return fit, nil
}

// without finds the pairs of places whose flows are all 0.
func (g Gravity) without(y []float64, cells []int32) (kept, left []int) {
	came := func(place []int32) []bool {
		seen := make([]bool, places(place))
		for p, at := range place {
			seen[at] = seen[at] || y[cells[p]] > 0
		}
		return seen
	}
	origins, destinations := came(g.Origin), came(g.Destination)
	for p := range g.X {
		if g.Origin != nil && !origins[g.Origin[p]] || g.Destination != nil && !destinations[g.Destination[p]] {
			left = append(left, p)
			continue
		}
		kept = append(kept, p)
	}
	return kept, left
}

// columnsUsed are those that some kept pair has.
func columnsUsed(rows [][]float64, kept []int) []int {
	var used []int
	for j := range rows[0] {
		if slices.ContainsFunc(kept, func(p int) bool { return rows[p][j] != 0 }) {
			used = append(used, j)
		}
	}
	return used
}

func pick(row []float64, columns []int) []float64 {
	out := make([]float64, len(columns))
	for i, j := range columns {
		out[i] = row[j]
	}
	return out
}

// score iterates β ← β + (Σ μ x̄x̄')⁻¹ Σ x̄ (y − μ), x̄ being the mean of a cell's rows by
// expected flow, and halves steps that lose likelihood.
func (f *GravityFit) score(rows [][]float64, cells []int32) ([]float64, error) {
	beta, err := start(rows, cells, f.y)
	if err != nil {
		return nil, fmt.Errorf("gravity: %w", err)
	}
	f.Deviance = f.at(beta, rows, cells)
	for range 200 {
		step, inverse, err := newton(f.rows, f.y, f.mu)
		if err != nil {
			return nil, fmt.Errorf("gravity: %w", err)
		}
		f.inverse = inverse
		next, before := make([]float64, len(beta)), f.Deviance
		for share := 1.0; ; share /= 2 {
			for j := range next {
				next[j] = beta[j] + share*step[j]
			}
			f.Deviance = f.at(next, rows, cells)
			if f.Deviance <= before+1e-12*(1+before) || share < 1e-6 {
				break
			}
		}
		beta = next
		if math.Abs(before-f.Deviance) <= 1e-13*(1+before) && largest(step) < 1e-7 {
			return beta, nil
		}
	}
	return nil, fmt.Errorf("gravity: 200 rounds did not find the maximum of the likelihood: take fewer regressors")
}

// start is the least-squares fit of ln(y + ½) with flows as weights, a cell's sum being
// shared out evenly.
func start(rows [][]float64, cells []int32, y []float64) ([]float64, error) {
	size := make([]float64, len(y))
	for _, c := range cells {
		size[c]++
	}
	target, weights := make([]float64, len(rows)), make([]float64, len(rows))
	for i, c := range cells {
		v := y[c]/size[c] + 0.5
		target[i], weights[i] = math.Log(v), v
	}
	beta, _, err := leastSquares(rows, target, weights)
	return beta, err
}

// at sets the cells' expectations and rows, and gives the deviance.
func (f *GravityFit) at(beta []float64, rows [][]float64, cells []int32) float64 {
	f.mu, f.rows = make([]float64, len(f.y)), make([][]float64, len(f.y))
	for c := range f.rows {
		f.rows[c] = make([]float64, len(beta))
	}
	for i, row := range rows {
		mu := math.Exp(dot(row, beta))
		f.mu[cells[i]] += mu
		for j, x := range row {
			f.rows[cells[i]][j] += mu * x
		}
	}
	var deviance float64
	for c, mu := range f.mu {
		if mu > 0 {
			for j := range f.rows[c] {
				f.rows[c][j] /= mu
			}
		}
		deviance += 2 * (mu - f.y[c])
		if f.y[c] > 0 {
			deviance += 2 * f.y[c] * math.Log(f.y[c]/mu)
		}
	}
	return deviance
}

// newton is one step and (Σ μ x̄x̄')⁻¹.
func newton(rows [][]float64, y, mu []float64) ([]float64, *mat.SymDense, error) {
	residual := make([]float64, len(y))
	for c := range y {
		if mu[c] > 0 {
			residual[c] = (y[c] - mu[c]) / mu[c]
		}
	}
	return leastSquares(rows, residual, mu)
}

// separated is the iterated rectifier: where some regression on x is 0 at every cell with a
// flow, and at least 0 and somewhere above it at cells of 0, these run to −∞.
func separated(rows [][]float64, cells []int32, y []float64) bool {
	const heavy, small = 1e6, 1e-5
	weights, u := make([]float64, len(rows)), make([]float64, len(rows))
	zeros := 0
	for i, c := range cells {
		weights[i] = heavy
		if y[c] == 0 {
			weights[i], u[i] = 1, 1
			zeros++
		}
	}
	if zeros == 0 {
		return false
	}
	for range 100 {
		beta, _, err := leastSquares(rows, u, weights)
		if err != nil {
			return false // told by the fit itself
		}
		var most, least float64
		for i, c := range cells {
			fitted := dot(rows[i], beta)
			if y[c] > 0 {
				continue
			}
			most, least = max(most, fitted), min(least, fitted)
			u[i] = max(fitted, 0)
		}
		if most < small*100 {
			return false
		}
		if least > -small {
			return true
		}
	}
	return false
}

// Covariance is that of the coefficients of X and the effects that are used,
//
//	A (Σ_g e_g e_g') A G/(G − 1),  A = (Σ μ x̄x̄')⁻¹,  e_g = Σ_{c in g} x̄_c (y_c − μ_c)
//
// over G clusters of cells, numbered from 0; without any every cell is its own, which is
// that by pair. With two it is V_1 + V_2 − V_12, the third by the clusters' intersections
// (Cameron, Gelbach & Miller 2011), each with its own G, which may be indefinite: variances
// below 0 are set to 0.
func (f GravityFit) Covariance(clusters ...[]int32) (*mat.SymDense, error) {
	switch len(clusters) {
	case 0:
		return f.sandwich(nil)
	case 1:
		return f.sandwich(clusters[0])
	case 2:
	default:
		return nil, fmt.Errorf("gravity: %d ways of clusters: 2 at most", len(clusters))
	}
	first, err := f.sandwich(clusters[0])
	if err != nil {
		return nil, err
	}
	second, err := f.sandwich(clusters[1])
	if err != nil {
		return nil, err
	}
	both, err := f.sandwich(crossed(clusters[0], clusters[1]))
	if err != nil {
		return nil, err
	}
	first.AddSym(first, second)
	for i := range first.SymmetricDim() {
		for j := i; j < first.SymmetricDim(); j++ {
			first.SetSym(i, j, first.At(i, j)-both.At(i, j))
		}
		first.SetSym(i, i, max(0, first.At(i, i)))
	}
	return first, nil
}

// crossed numbers the pairs of two clusters in order of appearance.
func crossed(a, b []int32) []int32 {
	type pair struct{ a, b int32 }
	numbers := map[pair]int32{}
	out := make([]int32, min(len(a), len(b)))
	for i := range out {
		n, seen := numbers[pair{a[i], b[i]}]
		if !seen {
			n = int32(len(numbers))
			numbers[pair{a[i], b[i]}] = n
		}
		out[i] = n
	}
	return out
}

func (f GravityFit) sandwich(clusters []int32) (*mat.SymDense, error) {
	if clusters == nil {
		for c := range f.y {
			clusters = append(clusters, int32(c))
		}
	}
	if len(clusters) != len(f.y) {
		return nil, fmt.Errorf("gravity: %d cells and %d clusters: give one for each", len(f.y), len(clusters))
	}
	n := places(clusters)
	if n < 2 {
		return nil, fmt.Errorf("gravity: %d clusters: at least 2 are wanted", n)
	}
	scores := mat.NewDense(n, len(f.rows[0]), nil)
	for c, row := range f.rows {
		for j, x := range row {
			at := int(clusters[c])
			scores.Set(at, j, scores.At(at, j)+x*(f.y[c]-f.mu[c]))
		}
	}
	var half mat.Dense
	half.Mul(scores, f.inverse)
	v := mat.NewSymDense(len(f.rows[0]), nil)
	v.SymOuterK(float64(n)/float64(n-1), half.T())
	return v, nil
}

// StdErr is the standard error of coefficient j of X under a covariance.
func (f GravityFit) StdErr(v *mat.SymDense, j int) float64 { return math.Sqrt(max(0, v.At(j, j))) }

// Residual is what a cell's flow is of its expectation, y/μ: above 1 of places that attract
// beyond what the model tells, as size and distance. Its slopes by the flows of all cells,
//
//	∂ ln(y_c/μ_c)/∂y_k = 1{c = k}/y_c − x̄_c'A x̄_k
//
// are those of its logarithm, by which the errors of the flows become that of the residual. The
// residual is that of the true flows about the model fitted to them; how far these scatter
// about it by themselves is what it tells, not its error. Of a flow of 0 it is 0 without slopes.
func (f GravityFit) Residual(cell int) Statistic {
	if f.y[cell] == 0 || f.mu[cell] == 0 {
		return Statistic{}
	}
	r := Statistic{Value: f.y[cell] / f.mu[cell], Slopes: make([]float64, len(f.y))}
	weighted := make([]float64, len(f.rows[cell]))
	for j := range weighted {
		for k, x := range f.rows[cell] {
			weighted[j] += f.inverse.At(j, k) * x
		}
	}
	for k := range r.Slopes {
		r.Slopes[k] = -dot(weighted, f.rows[k])
	}
	r.Slopes[cell] += 1 / f.y[cell]
	return r
}

// leastSquares is weighted least squares of flows.
func leastSquares(x [][]float64, y, w []float64) (beta []float64, inverse *mat.SymDense, err error) {
	if n, p := len(x), len(x[0]); n < p {
		return nil, nil, fmt.Errorf("%d flows for %d coefficients: give more flows or fewer regressors", n, p)
	}
	if beta, inverse, err = series.WeightedLeastSquares(x, y, w); err != nil {
		return nil, nil, fmt.Errorf("%w: leave one out", err)
	}
	return beta, inverse, nil
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func largest(x []float64) float64 {
	var most float64
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}
