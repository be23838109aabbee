// Package combine makes one estimate of several: of a survey and of bookings, of two
// frames that overlap, of areas that lend one another strength. Estimates come with
// variances and covariances, which are taken as known; what is unknown besides, such as a
// bias of bookings or a variance between areas, is estimated here.
package combine

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is an estimate of a total, mean or rate with its variance.
type Estimate struct {
	Value, Variance float64
}

// StdErr is the root of the variance.
func (e Estimate) StdErr() float64 { return math.Sqrt(e.Variance) }

// Normal is the interval of a level such as 0.95 by the normal distribution.
func (e Estimate) Normal(level float64) (low, high float64) {
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	return e.Value - z*e.StdErr(), e.Value + z*e.StdErr()
}

// Rule is what to do where the weight of least variance is below 0 or above 1.
type Rule int

const (
	// Bounded takes the least variance among weights that are not negative. With two
	// estimates that is the better one alone. It is the default: a weight outside [0, 1]
	// leaves the range of the estimates, and does so on the strength of a covariance, of
	// all the numbers here the one known worst.
	Bounded Rule = iota
	// Free takes the least variance of all.
	Free
)

// worstCondition is the condition number of a correlation matrix above which it has no inverse to rely on.
const worstCondition = 1e10

// Composite is a weighted mean of estimates of one figure.
type Composite struct {
	Estimate
	// Weights are those of the estimates, in their order; they sum to 1.
	Weights []float64
	// Unbounded are the weights of least variance of all: other than Weights where the rule
	// Bounded held one at 0.
	Unbounded []float64
	// Held says that the rule held a weight at 0.
	Held bool
	// Q is how far the estimates are from one another, Σ Σ (y_i − θ)(V⁻¹)_ij (y_j − θ) at the
	// weights of least variance: χ² with one degree of freedom fewer than estimates where
	// they estimate one figure. P is the probability of a greater one. A composite of
	// estimates that disagree is an estimate of neither.
	Q, P float64
}

// Pair is the composite of least variance of two estimates of one figure, such as s of a
// survey and b of bookings, with covariance c:
//
//	θ̂ = φ s + (1 − φ) b,   φ = (v_b − c)/(v_s + v_b − 2c)
//	v = (v_s v_b − c²)/(v_s + v_b − 2c)
//
// Weights are φ and 1 − φ. φ leaves [0, 1] where c > min(v_s, v_b); see [Rule]. The variances are taken
// as known: where they are estimated from few units and go with their estimates, the
// composite is pulled towards the estimate that came out small. Neither source may be biased; of
// bookings that are see [FitLogBias].
//
// It is an error if a variance is not positive, or c² ≥ v_s v_b, which no covariance is.
func Pair(s, b Estimate, c float64, rule Rule) (Composite, error) {
	return Several([]float64{s.Value, b.Value}, [][]float64{{s.Variance, c}, {c, b.Variance}}, rule)
}

// Several is the composite of least variance of estimates of one figure with a covariance
// matrix V (generalised least squares):
//
//	θ̂ = w'y,   w = V⁻¹1/(1'V⁻¹1),   v = w'Vw = 1/(1'V⁻¹1)
//
// Under the rule Bounded w is the least of w'Vw with w ≥ 0 and Σw = 1, and v = w'Vw.
//
// It is an error if V is not a symmetric positive definite matrix of as many rows as
// estimates, or so near to none that its inverse is noise.
func Several(values []float64, covariance [][]float64, rule Rule) (Composite, error) {
	v, err := positiveDefinite(covariance, len(values))
	if err != nil {
		return Composite{}, fmt.Errorf("composite of %d estimates: %w", len(values), err)
	}
	for i, y := range values {
		if notFinite(y) {
			return Composite{}, fmt.Errorf("composite of %d estimates: estimate %d is %v: give finite numbers", len(values), i+1, y)
		}
	}
	all := make([]int, len(values))
	for i := range all {
		all[i] = i
	}
	free, err := leastVariance(v, all)
	if err != nil {
		return Composite{}, err
	}
	c := Composite{Weights: free, Unbounded: free}
	if rule == Bounded && slices.ContainsFunc(free, func(w float64) bool { return w < 0 }) {
		if c.Weights, err = boundedLeastVariance(v); err != nil {
			return c, err
		}
		c.Held = true
	}
	c.Value, c.Variance = dot(c.Weights, values), quadratic(v, c.Weights)
	if c.Q, err = disagreement(v, values, dot(free, values)); err != nil {
		return c, err
	}
	c.P = 1
	if len(values) > 1 {
		c.P = distuv.ChiSquared{K: float64(len(values) - 1)}.Survival(c.Q)
	}
	return c, nil
}

// positiveDefinite is a covariance matrix of so many estimates, or what is wrong with it.
func positiveDefinite(rows [][]float64, size int) (*mat.SymDense, error) {
	if size == 0 || len(rows) != size {
		return nil, fmt.Errorf("a covariance matrix of %d rows: give one row for each estimate, and at least one", len(rows))
	}
	v := mat.NewSymDense(size, nil)
	for i, row := range rows {
		if len(row) != size || slices.ContainsFunc(row, notFinite) {
			return nil, fmt.Errorf("covariances %v of estimate %d: give %d finite numbers", row, i+1, size)
		}
		if !(row[i] > 0) {
			return nil, fmt.Errorf("variance %v of estimate %d: give a number above 0", row[i], i+1)
		}
	}
	correlation := mat.NewSymDense(size, nil)
	for i := range size {
		for j := i; j < size; j++ {
			scale := math.Sqrt(rows[i][i]) * math.Sqrt(rows[j][j])
			if math.Abs(rows[i][j]-rows[j][i]) > 1e-9*scale {
				return nil, fmt.Errorf("covariance of estimates %d and %d is %v in one row and %v in the other: a covariance matrix is symmetric", i+1, j+1, rows[i][j], rows[j][i])
			}
			if r := rows[i][j] / scale; i != j && math.Abs(r) >= 1 {
				return nil, fmt.Errorf("covariance %v of estimates %d and %d with variances %v and %v is a correlation of %.4g: it must be between −1 and 1", rows[i][j], i+1, j+1, rows[i][i], rows[j][j], r)
			}
			v.SetSym(i, j, rows[i][j])
			correlation.SetSym(i, j, rows[i][j]/scale)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(correlation) || chol.Cond() > worstCondition {
		return nil, fmt.Errorf("the covariance matrix is not positive definite: some weighted sum of the estimates would have no variance; check the covariances, or leave an estimate out that others imply")
	}
	return v, nil
}

// leastVariance are the weights of the estimates in a set that sum to 1 with least
// variance; those of the others are 0.
func leastVariance(v *mat.SymDense, set []int) ([]float64, error) {
	x, err := solveOnes(v, set)
	if err != nil {
		return nil, err
	}
	weights, sum := make([]float64, v.SymmetricDim()), 0.0
	for _, xi := range x {
		sum += xi
	}
	for k, i := range set {
		weights[i] = x[k] / sum
	}
	return weights, nil
}

// solveOnes is V⁻¹1 of a set of estimates, solved at unit variances.
func solveOnes(v *mat.SymDense, set []int) ([]float64, error) {
	r, ones := mat.NewSymDense(len(set), nil), mat.NewVecDense(len(set), nil)
	for k, i := range set {
		ones.SetVec(k, 1/math.Sqrt(v.At(i, i)))
		for l := k; l < len(set); l++ {
			r.SetSym(k, l, v.At(i, set[l])/math.Sqrt(v.At(i, i))/math.Sqrt(v.At(set[l], set[l])))
		}
	}
	var chol mat.Cholesky
	var x mat.VecDense
	if !chol.Factorize(r) {
		return nil, fmt.Errorf("the covariance matrix is not positive definite")
	}
	if err := chol.SolveVecTo(&x, ones); err != nil {
		return nil, err
	}
	solution := make([]float64, len(set))
	for k, i := range set {
		solution[k] = x.AtVec(k) / math.Sqrt(v.At(i, i))
	}
	return solution, nil
}

// boundedLeastVariance are the weights that are not negative, sum to 1 and have least
// variance, by the nearest point of a polytope (Wolfe 1976, Math. Programming 11:128): estimates
// enter while one would lower the variance, and leave where their weight would be negative.
func boundedLeastVariance(v *mat.SymDense) ([]float64, error) {
	size := v.SymmetricDim()
	best := 0
	for i := range size {
		if v.At(i, i) < v.At(best, best) {
			best = i
		}
	}
	weights := make([]float64, size)
	weights[best] = 1
	set := []int{best}
	for range 50 * size {
		variance, enters, least := quadratic(v, weights), -1, 0.0
		for i := range size {
			if gain := covarianceWith(v, weights, i) - variance; gain < least-1e-12*variance && !slices.Contains(set, i) {
				enters, least = i, gain
			}
		}
		if enters < 0 {
			return weights, nil
		}
		set = append(set, enters)
		for {
			next, err := leastVariance(v, set)
			if err != nil {
				return nil, err
			}
			step, leaves := 1.0, -1
			for k, i := range set {
				if next[i] <= 0 {
					if s := weights[i] / (weights[i] - next[i]); s < step || leaves < 0 {
						step, leaves = s, k
					}
				}
			}
			for _, i := range set {
				weights[i] += step * (next[i] - weights[i])
			}
			if leaves < 0 {
				break
			}
			weights[set[leaves]] = 0
			set = slices.Delete(set, leaves, leaves+1)
		}
	}
	return nil, fmt.Errorf("composite of %d estimates: no weights of least variance found: the covariance matrix is too near to none", size)
}

// covarianceWith is the covariance of estimate i with the weighted sum.
func covarianceWith(v *mat.SymDense, weights []float64, i int) float64 {
	var c float64
	for j, w := range weights {
		c += w * v.At(i, j)
	}
	return c
}

// quadratic is w'Vw.
func quadratic(v mat.Symmetric, w []float64) float64 {
	var sum float64
	for i := range w {
		for j := range w {
			sum += w[i] * v.At(i, j) * w[j]
		}
	}
	return sum
}

// disagreement is (y − θ)'V⁻¹(y − θ).
func disagreement(v *mat.SymDense, values []float64, theta float64) (float64, error) {
	var chol mat.Cholesky
	var x mat.VecDense
	residual := mat.NewVecDense(len(values), nil)
	for i, y := range values {
		residual.SetVec(i, y-theta)
	}
	if !chol.Factorize(v) {
		return 0, fmt.Errorf("the covariance matrix is not positive definite")
	}
	if err := chol.SolveVecTo(&x, residual); err != nil {
		return 0, err
	}
	return max(0, mat.Dot(residual, &x)), nil
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func square(x float64) float64 { return x * x }

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
