// Package hazard regresses the time to an event, and estimates models of several states.
//
// [FitCox] is proportional hazards in continuous time, over rows (start, stop] whose
// covariates may change ([Row.SplitAt] begins an exposure at the time it is reached, so that
// no time is immortal); [FitDiscrete] is the hazard by period of yearly waves; [Turnbull] and
// [FitWeibull] are for events known to lie between two waves. [AalenJohansen] is for
// transitions at known times, [FitPanel] for states seen at waves, and [FitChain] for counts
// from year to year.
//
// What the data cannot tell is [ErrNotEstimable], with the reason, never NaN. Answers do not
// depend on the order of rows.
package hazard

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// ErrNotEstimable is in every error that says that the data hold no answer: no event,
// covariates that depend on one another, a likelihood without a maximum.
var ErrNotEstimable = errors.New("not estimable")

// Estimate is a value with its standard error, in the unit of the value.
type Estimate struct{ Value, StdErr float64 }

// Interval is value ± z·error.
func (e Estimate) Interval(level float64) (low, high float64, err error) {
	z, err := deviate(level)
	return e.Value - z*e.StdErr, e.Value + z*e.StdErr, err
}

// Exp is the interval of e^value, such as a hazard ratio: e^{value ± z·error}.
func (e Estimate) Exp(level float64) (ratio, low, high float64, err error) {
	low, high, err = e.Interval(level)
	return math.Exp(e.Value), math.Exp(low), math.Exp(high), err
}

// positive is the interval of a value above 0, by its logarithm.
func (e Estimate) positive(z float64) (low, high float64) {
	if e.Value <= 0 {
		return 0, 0
	}
	reach := z * e.StdErr / e.Value
	return e.Value * math.Exp(-reach), e.Value * math.Exp(reach)
}

// share is the interval of a probability, by its log-odds; 0 and 1 are taken as certain.
func (e Estimate) share(z float64) (low, high float64) {
	if e.Value <= 0 || e.Value >= 1 {
		return e.Value, e.Value
	}
	odds, reach := math.Log(e.Value/(1-e.Value)), z*e.StdErr/(e.Value*(1-e.Value))
	return 1 / (1 + math.Exp(reach-odds)), 1 / (1 + math.Exp(-reach-odds))
}

// survival is the log-log interval of a survival probability: S^{exp(±z·error/(S ln S))}.
func (e Estimate) survival(z float64) (low, high float64) {
	if e.Value <= 0 || e.Value >= 1 {
		return e.Value, e.Value
	}
	reach := z * e.StdErr / (e.Value * -math.Log(e.Value))
	return math.Pow(e.Value, math.Exp(reach)), math.Pow(e.Value, math.Exp(-reach))
}

// Test is a test with the χ² distribution.
type Test struct{ Statistic, DF, P float64 }

func chiSquared(statistic, df float64) Test {
	return Test{statistic, df, distuv.ChiSquared{K: df}.Survival(statistic)}
}

func deviate(level float64) (float64, error) {
	if !(level > 0 && level < 1) {
		return 0, fmt.Errorf("the level of an interval is %v: want between 0 and 1, such as 0.95", level)
	}
	return distuv.UnitNormal.Quantile((1 + level) / 2), nil
}

// likelihood gives at θ the log-likelihood, its gradient and an information matrix.
type likelihood func(theta []float64) (value float64, score []float64, information *mat.SymDense)

// top is where a likelihood is greatest.
type top struct {
	theta       []float64
	value       float64
	score       []float64
	information *mat.SymDense
}

// runaway is the parameter that went furthest in the last step of a search without end.
type runaway int

func (r runaway) Error() string { return fmt.Sprintf("parameter %d has no finite estimate", int(r)+1) }

// errDependent is an information without an inverse where the search began.
var errDependent = errors.New("the information has no inverse")

// climb maximises a likelihood by Newton's method, with the damping of Levenberg and
// Marquardt where a step does not go higher. It ends where Newton's own step moves no
// parameter by more than 1e-11 of 1 + |θ|; where that step does not shrink, as when a
// likelihood is greatest at infinity, the error is a runaway.
func climb(start []float64, f likelihood) (top, error) {
	at := top{theta: start}
	at.value, at.score, at.information = f(start)
	if notFinite(at.value) {
		return at, fmt.Errorf("the likelihood at the start is %v", at.value)
	}
	if !invertible(at.information) {
		return at, errDependent
	}
	first := at.information
	damping, furthest, moved := 0.0, 0, math.Inf(1)
	for range 200 {
		for k := range start {
			if at.information.At(k, k) < 1e-10*first.At(k, k) {
				return at, runaway(k) // on the way to infinity a parameter is told ever less of
			}
		}
		step, ok := newton(at.information, at.score, 0)
		if ok {
			if furthest, moved = longest(step, at.theta); moved < 1e-11 {
				return at, nil
			}
		}
		if damping > 0 || !ok {
			damping = max(damping, 1e-3)
			step, ok = newton(at.information, at.score, damping)
		}
		next := top{value: math.Inf(-1)}
		if ok {
			next.theta = make([]float64, len(start))
			for k, d := range step {
				next.theta[k] = at.theta[k] + max(-5, min(5, d))
			}
			next.value, next.score, next.information = f(next.theta)
		}
		if next.value >= at.value-1e-13*(1+math.Abs(at.value)) {
			if at, damping = next, damping/10; damping < 1e-6 {
				damping = 0
			}
			continue
		}
		if moved < 1e-6 {
			return at, nil // what is left is in the likelihood's last digits
		}
		if damping = max(1e-3, 10*damping); damping > 1e12 {
			break
		}
	}
	return at, runaway(furthest)
}

// longest is the greatest step, relative to 1 + |θ|, and its parameter.
func longest(step, theta []float64) (at int, moved float64) {
	for k, d := range step {
		if m := math.Abs(d) / (1 + math.Abs(theta[k])); m > moved {
			at, moved = k, m
		}
	}
	return at, moved
}

// newton solves (information + damping·diagonal) step = score.
func newton(information *mat.SymDense, score []float64, damping float64) ([]float64, bool) {
	p := len(score)
	scaled, root := unit(information)
	for a := range p {
		if !(root[a] > 0) {
			return nil, false
		}
		scaled.SetSym(a, a, 1+damping)
	}
	var chol mat.Cholesky
	if !chol.Factorize(scaled) {
		return nil, false
	}
	right, step := mat.NewVecDense(p, nil), mat.NewVecDense(p, nil)
	for a, s := range score {
		right.SetVec(a, s/root[a])
	}
	if err := chol.SolveVecTo(step, right); err != nil && !errors.As(err, new(mat.Condition)) {
		return nil, false
	}
	for a := range p {
		step.SetVec(a, step.AtVec(a)/root[a])
	}
	return step.RawVector().Data, true
}

// unit divides a matrix by the roots of its diagonal, so that units of covariates do not make
// its condition.
func unit(m *mat.SymDense) (scaled *mat.SymDense, root []float64) {
	p := m.SymmetricDim()
	scaled, root = mat.NewSymDense(p, nil), make([]float64, p)
	for a := range p {
		root[a] = math.Sqrt(m.At(a, a))
	}
	for a := range p {
		for b := a; b < p; b++ {
			scaled.SetSym(a, b, m.At(a, b)/(root[a]*root[b]))
		}
	}
	return scaled, root
}

func invertible(m *mat.SymDense) bool {
	scaled, root := unit(m)
	for _, r := range root {
		if !(r > 0) {
			return false
		}
	}
	var chol mat.Cholesky
	return chol.Factorize(scaled) && chol.Cond() < 1e13
}

// inverse is that of a positive definite matrix.
func inverse(m *mat.SymDense) (*mat.SymDense, error) {
	if !invertible(m) {
		return nil, errDependent
	}
	scaled, root := unit(m)
	var chol mat.Cholesky
	chol.Factorize(scaled)
	v := mat.NewSymDense(len(root), nil)
	if err := chol.InverseTo(v); err != nil && !errors.As(err, new(mat.Condition)) {
		return nil, err
	}
	for a := range root {
		for b := a; b < len(root); b++ {
			v.SetSym(a, b, v.At(a, b)/(root[a]*root[b]))
		}
	}
	return v, nil
}

// within is TVT'.
func within(t mat.Matrix, v mat.Symmetric) *mat.SymDense {
	var half, whole mat.Dense
	half.Mul(t, v)
	whole.Mul(&half, t.T())
	n, _ := whole.Dims()
	s := mat.NewSymDense(n, nil)
	for a := range n {
		for b := a; b < n; b++ {
			s.SetSym(a, b, (whole.At(a, b)+whole.At(b, a))/2)
		}
	}
	return s
}

// outer is Σ uu' over the rows.
func outer(rows [][]float64, p int) *mat.SymDense {
	s := mat.NewSymDense(p, nil)
	for _, u := range rows {
		addOuter(s, 1, u)
	}
	return s
}

func addOuter(s *mat.SymDense, weight float64, u []float64) {
	for a := range u {
		for b := a; b < len(u); b++ {
			s.SetSym(a, b, s.At(a, b)+weight*u[a]*u[b])
		}
	}
}

func roots(v mat.Symmetric) []float64 {
	out := make([]float64, v.SymmetricDim())
	for a := range out {
		out[a] = math.Sqrt(max(0, v.At(a, a)))
	}
	return out
}

// quadratic is x'Vx.
func quadratic(x []float64, v mat.Symmetric) float64 {
	u := mat.NewVecDense(len(x), x)
	return mat.Inner(u, v, u)
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// exact is a sum that carries the digits that hi rounds away, so that what entered a risk set
// and left it again leaves nothing behind (Knuth's two-sum).
type exact struct{ hi, lo float64 }

func (e *exact) add(x float64) {
	s := e.hi + x
	t := s - e.hi
	e.lo += (e.hi - (s - t)) + (x - t)
	e.hi = s
}

func (e exact) value() float64 { return e.hi + e.lo }
