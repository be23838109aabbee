package capture

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// concave gives a concave function ℓ at x > 0: its value, −∞ outside its domain; its
// gradient; and vectors r with −∇²ℓ = Σ r rᵀ.
type concave func(x []float64) (value float64, gradient []float64, roots [][]float64)

// program is to maximise a concave function ℓ over x ≥ 0; or, where a direction c is given,
// to maximise c·x over those x ≥ 0 with ℓ(x) ≥ floor.
type program struct {
	likelihood concave
	direction  []float64
	floor      float64
}

// steps are how many Newton steps one barrier may take.
const steps = 100

// maximise goes along the central path of the logarithmic barrier,
//
//	φ_τ(x) = ℓ(x) + τ Σ ln x_v    or    c·x + τ ln(ℓ(x) − floor) + τ Σ ln x_v
//
// by Newton's method from x, which must lie inside, τ falling from first to last: Boyd &
// Vandenberghe, Convex Optimization (2004), §11.3. At the end the value is off by
// some τ for each x_v: see certify for how far it is indeed.
func (p program) maximise(x []float64, first, last float64) []float64 {
	for tau := first; ; tau = max(tau/6, last) {
		x = p.center(x, tau)
		if tau <= last {
			return x
		}
	}
}

// center maximises φ_τ by Newton's method with steps relative to x. Far from the top a step
// is as long as raises φ_τ; near it, where steps converge quadratically and their gain
// drowns in rounding, they are full until they get no smaller.
func (p program) center(x []float64, tau float64) []float64 {
	last := math.Inf(1)
	for range steps {
		value, gradient, roots := p.barrier(x, tau)
		step, decrement := newton(x, gradient, roots, tau)
		if !(decrement > 0) {
			return x
		}
		near := decrement < 1e-3*tau
		if near && decrement > last/2 {
			return x
		}
		last = decrement
		length := 1.0
		for _, s := range step {
			length = min(length, -0.95/min(s, -0.95))
		}
		next := moved(x, step, length)
		for !p.rises(next, tau, value, length*decrement, near) {
			if length /= 2; length < 1e-9 {
				return x
			}
			next = moved(x, step, length)
		}
		x = next
	}
	return x
}

// rises says whether a step has some of the gain it should, or near the top that it is
// within the domain.
func (p program) rises(x []float64, tau, from, gain float64, near bool) bool {
	value, _, _ := p.barrier(x, tau)
	if near {
		return !math.IsInf(value, -1)
	}
	return value >= from+1e-4*gain
}

func moved(x, step []float64, length float64) []float64 {
	to := make([]float64, len(x))
	for v := range x {
		to[v] = x[v] * (1 + length*step[v])
	}
	return to
}

// barrier is φ_τ with its gradient and roots, the τ Σ ln x_v of the curvature left out.
func (p program) barrier(x []float64, tau float64) (value float64, gradient []float64, roots [][]float64) {
	value, gradient, roots = p.likelihood(x)
	if p.direction != nil {
		slack := value - p.floor
		if !(slack > 0) {
			return math.Inf(-1), nil, nil
		}
		along := multiplied(gradient, math.Sqrt(tau)/slack)
		for i := range roots {
			roots[i] = multiplied(roots[i], math.Sqrt(tau/slack))
		}
		roots = append(roots, along)
		value = dot(p.direction, x) + tau*math.Log(slack)
		for v := range gradient {
			gradient[v] = p.direction[v] + tau/slack*gradient[v]
		}
	}
	for v := range gradient {
		value += tau * math.Log(x[v])
		gradient[v] += tau / x[v]
	}
	return value, gradient, roots
}

func multiplied(x []float64, by float64) []float64 {
	to := make([]float64, len(x))
	for v := range x {
		to[v] = by * x[v]
	}
	return to
}

// newton is the step relative to x, and twice what it would gain were φ quadratic.
func newton(x, gradient []float64, roots [][]float64, tau float64) (step []float64, decrement float64) {
	n := len(x)
	curvature, slope := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for v := range x {
		curvature.SetSym(v, v, tau)
		slope.SetVec(v, x[v]*gradient[v])
	}
	for _, r := range roots {
		along := mat.NewVecDense(n, nil)
		for v := range x {
			along.SetVec(v, x[v]*r[v])
		}
		curvature.SymRankOne(curvature, 1, along)
	}
	var chol mat.Cholesky
	to := mat.NewVecDense(n, nil)
	if !chol.Factorize(curvature) {
		return nil, math.NaN()
	}
	// A badly conditioned curvature is one whose step the line search shortens.
	_ = chol.SolveVecTo(to, slope)
	return to.RawVector().Data, mat.Dot(to, slope)
}

// certify proves how great ℓ can be over y ≥ 0 with Σ y_v ≤ total: ℓ being concave,
//
//	ℓ(y) ≤ ℓ(x) + ∇ℓ(x)·(y − x) ≤ ℓ(x) − ∇ℓ(x)·x + total·max{∇ℓ(x)_v, 0}
//
// of which what exceeds ℓ(x) is the gap. It is nought where the conditions of Karush, Kuhn
// and Tucker hold. An infinite total proves something only where no gradient is above 0.
func (l concave) certify(x []float64, total float64) (value, gap float64) {
	value, gradient, _ := l(x)
	if worst := slices.Max(gradient); worst > 0 {
		gap = worst * total
	}
	return value, gap - dot(gradient, x)
}

// tilted is ℓ(x) + t c·x.
func (l concave) tilted(t float64, c []float64) concave {
	return func(x []float64) (float64, []float64, [][]float64) {
		value, gradient, roots := l(x)
		for v := range gradient {
			gradient[v] += t * c[v]
		}
		return value + t*dot(c, x), gradient, roots
	}
}

// greatest bounds the greatest c·x over x ≥ 0 with ℓ(x) ≥ floor, of which Σ x_v ≤ total,
// from both sides: reached is the value at such an x, and bound is proved to be no less
// than any,
//
//	c·y ≤ (max_x {ℓ(x) + t c·x} − floor)/t
//
// for whatever t > 0, here the multipliers (ℓ(x) − floor)/τ along the path from start, which
// lies inside. It begins at τ = scale, the order of c·x, and ends where the two are within
// gap·scale, or where rounding lets it go no further.
func (l concave) greatest(c []float64, floor, total float64, start []float64, scale, gap float64) (reached, bound float64) {
	x := start
	reached, bound = dot(c, x), math.Inf(1)
	last := gap * scale / float64(2*len(start))
	for tau := scale; bound-reached > gap*scale && tau > last; tau /= 6 {
		x = program{l, c, floor}.center(x, tau)
		value, _, _ := l(x)
		t := (value - floor) / tau
		tilted := l.tilted(t, c)
		top, rest := tilted.certify(program{likelihood: tilted}.center(x, t*tau), total)
		reached, bound = max(reached, dot(c, x)), min(bound, (top+rest-floor)/t)
	}
	return reached, bound
}
