package capture

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// segments is the number of pieces of the log-spline over the logarithm of the visits,
// free that of its parameters without a penalty.
const segments, free = 8, 2

// smoothness are the penalties tried, from a power law to what is all but free.
var smoothness = []float64{1e5, 1e3, 100, 30, 10, 3, 1, 0.3, 0.1}

// logSpline is the penalised log-spline, an exponential family after Efron (2016,
// Biometrika 103:1) with the smoothness penalty of Eilers & Marx (1996, Statist. Sci. 11:89):
//
//	ln g(v) = θ₀ x + θ₁ 1{v = 1} + Σ_{k≥2} θ_k z_k(x) − ψ(θ),  x = ln v
//
// with z the cubic B-splines of x turned so that the penalty on the second differences
// of their coefficients is λ Σ θ_k². It has no opinion on straight lines, nor on how many
// come once: with a great λ it is the power law v^{θ₀} of those who come again, which is
// what the tails of real visits are nearest to, beside those who came once and will not
// again. Segments and the free share of single visits were chosen on one year of real
// visits and judged on two others: docs/methods/capture.md.
type logSpline struct{ basis [][]float64 }

func newLogSpline(most int) logSpline {
	n := segments + 3
	width := math.Log(float64(most)) / segments
	splines := mat.NewDense(most, n, nil)
	for v := range most {
		for k := range n {
			splines.Set(v, k, cubic(math.Log(float64(v+1))/width-float64(k)+3))
		}
	}
	differences := mat.NewDense(n-2, n, nil)
	for k := range n - 2 {
		differences.Set(k, k, 1)
		differences.Set(k, k+1, -2)
		differences.Set(k, k+2, 1)
	}
	var square, inverse, turn, turned mat.Dense
	square.Mul(differences, differences.T())
	if err := inverse.Inverse(&square); err != nil {
		panic(err) // second differences are independent
	}
	turn.Mul(differences.T(), &inverse)
	turned.Mul(splines, &turn)
	s := logSpline{basis: make([][]float64, free+n-2)}
	for k := range s.basis {
		s.basis[k] = make([]float64, most)
		for v := range most {
			if k >= free {
				s.basis[k][v] = turned.At(v, k-free)
			} else if k == 0 {
				s.basis[k][v] = math.Log(float64(v + 1))
			}
		}
	}
	s.basis[1][0] = 1
	return s
}

// cubic is the cubic B-spline over 0 to 4.
func cubic(t float64) float64 {
	switch {
	case t <= 0 || t >= 4:
		return 0
	case t > 2:
		return cubic(4 - t)
	case t <= 1:
		return t * t * t / 6
	}
	return (1 + 3*(t-1)*(1+(t-1)-(t-1)*(t-1))) / 6
}

// family is the log-spline under a penalty, begun at a start.
func (s logSpline) family(lambda float64, start []float64) family {
	penalty := make([]float64, len(s.basis))
	for k := free; k < len(penalty); k++ {
		penalty[k] = lambda
	}
	return family{name: LogSpline, starts: [][]float64{start}, visits: s.visits, slope: s.slope, penalty: penalty}
}

func (s logSpline) visits(theta []float64, most int) []float64 {
	g := make([]float64, most)
	for k, b := range s.basis {
		for v := range g {
			g[v] += theta[k] * b[v]
		}
	}
	highest, sum := math.Inf(-1), 0.0
	for _, l := range g {
		highest = max(highest, l)
	}
	for v, l := range g {
		g[v] = math.Exp(l - highest)
		sum += g[v]
	}
	for v := range g {
		g[v] /= sum
	}
	return g
}

// slope is ∂g/∂θ_k = g (z_k − E z_k).
func (s logSpline) slope(_, g []float64) [][]float64 {
	slope := make([][]float64, len(s.basis))
	for k, b := range s.basis {
		mean := dot(g, b)
		slope[k] = make([]float64, len(g))
		for v, p := range g {
			slope[k][v] = p * (b[v] - mean)
		}
	}
	return slope
}

// fitLogSpline fits the log-spline with the penalty of the least AIC, in which the
// effective number of parameters is tr((H + λP)⁻¹ H), H the curvature of the likelihood.
func (p *problem) fitLogSpline() (Thinned, error) {
	s := newLogSpline(p.most)
	start := make([]float64, len(s.basis))
	start[0] = -2
	var best Thinned
	var last error
	for _, lambda := range smoothness {
		fit, err := p.fit(s.family(lambda, start))
		if err != nil {
			last = err
			continue
		}
		start = fit.Theta
		if best.Theta == nil || fit.AIC < best.AIC {
			best = fit
		}
	}
	if best.Theta == nil {
		return best, last
	}
	return best, nil
}
