package capture

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// merge joins neighbouring points of the support, the closest first, for as long as the
// likelihood of the best mixture of one point less is not below.
func (c tallied) merge(m Mixture) Mixture {
	m = c.polish(m)
	for {
		merged, ok := c.mergeOne(m)
		if !ok {
			break
		}
		m = merged
	}
	var sum float64
	for _, w := range m.Weights {
		sum += w
	}
	return c.mixture(m.Support, multiplied(m.Weights, 1/sum))
}

func (c tallied) mergeOne(m Mixture) (Mixture, bool) {
	order := make([]int, len(m.Support)-1)
	for k := range order {
		order[k] = k
	}
	distance := func(k int) float64 { return math.Sqrt(m.Support[k+1]) - math.Sqrt(m.Support[k]) }
	slices.SortStableFunc(order, func(a, b int) int {
		if distance(a) < distance(b) {
			return -1
		}
		return 1
	})
	for _, k := range order {
		w := m.Weights[k] + m.Weights[k+1]
		rate := (m.Weights[k]*m.Support[k] + m.Weights[k+1]*m.Support[k+1]) / w
		support := slices.Concat(m.Support[:k], []float64{rate}, m.Support[k+2:])
		weights := slices.Concat(m.Weights[:k], []float64{w}, m.Weights[k+2:])
		if merged := c.polish(c.mixture(support, weights)); merged.mean() >= m.mean()-1e-12 {
			return merged, true
		}
	}
	return m, false
}

// polish makes rates and weights best together, by Newton's method on their logarithms with
// the damping of Levenberg and Marquardt. A rate of 0 stays.
func (c tallied) polish(m Mixture) Mixture {
	damping := 1e-3
	for range 500 {
		gradient, curvature := m.derivatives()
		if mat.Norm(gradient, math.Inf(1)) < 1e-15 || damping > 1e6 {
			break
		}
		n := gradient.Len()
		damped := mat.NewSymDense(n, nil)
		damped.CopySym(curvature)
		for a := range n {
			damped.SetSym(a, a, damped.At(a, a)+damping)
		}
		var chol mat.Cholesky
		step := mat.NewVecDense(n, nil)
		if !chol.Factorize(damped) {
			damping *= 4
			continue
		}
		_ = chol.SolveVecTo(step, gradient) // a bad step is refused below
		next := m.along(step.RawVector().Data)
		if !(next.mean() >= m.mean()-1e-15) {
			damping *= 4
			continue
		}
		m, damping = next, max(damping/5, 1e-15)
	}
	return m
}

// along is the mixture a step of the logarithms away, each factor within e^{±1}.
func (m Mixture) along(step []float64) Mixture {
	k := len(m.Support)
	support, weights := make([]float64, k), make([]float64, k)
	for i := range k {
		support[i] = m.Support[i] * math.Exp(max(-1, min(1, step[i])))
		weights[i] = m.Weights[i] * math.Exp(max(-1, min(1, step[k+i])))
	}
	return m.counts.mixture(support, weights)
}

// derivatives are the gradient of the mean log-likelihood by the logarithms of rates and
// weights, and minus its second derivatives.
func (m Mixture) derivatives() (gradient *mat.VecDense, curvature *mat.SymDense) {
	k := len(m.Support)
	gradient, curvature = mat.NewVecDense(2*k, nil), mat.NewSymDense(2*k, nil)
	for i, y := range m.counts.y {
		share := m.counts.share[i] / m.fitted[i]
		first := mat.NewVecDense(2*k, nil) // of P_y
		for a, rate := range m.Support {
			p := m.Weights[a] * relative(y, rate)
			first.SetVec(a, p*(y-rate))
			first.SetVec(k+a, p)
			curvature.SetSym(a, a, curvature.At(a, a)-share*p*(square(y-rate)-rate))
			curvature.SetSym(a, k+a, curvature.At(a, k+a)-share*p*(y-rate))
			curvature.SetSym(k+a, k+a, curvature.At(k+a, k+a)-share*p)
		}
		gradient.AddScaledVec(gradient, share, first)
		curvature.SymRankOne(curvature, share/m.fitted[i], first)
	}
	for a, w := range m.Weights {
		gradient.SetVec(k+a, gradient.AtVec(k+a)-w)
		curvature.SetSym(k+a, k+a, curvature.At(k+a, k+a)+w)
	}
	return gradient, curvature
}
