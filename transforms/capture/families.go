package capture

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// family is a distribution of visits from one on, by parameters of the whole line.
type family struct {
	name   string
	starts [][]float64
	// visits is the distribution of 1 to most visits; what lies beyond is lumped at the end.
	visits func(theta []float64, most int) []float64
	// slope is its derivative by each parameter; nil for central differences.
	slope func(theta, g []float64) [][]float64
	// penalty is the curvature of the penalty ½ Σ penalty·θ²; nil for none.
	penalty []float64
	// limits say on which side a parameter may run to its end and leave a distribution of
	// visits that no other family has: 1 above, −1 below, 0 neither; nil for none.
	limits []float64
}

// held is the family in which the parameters beyond their ends are held there, to be begun
// where the others are. It is false where such an end is no limit.
func (f family) held(theta []float64) (family, bool) {
	full := slices.Clone(theta)
	var free []int
	var start []float64
	for k, x := range theta {
		switch {
		case math.Abs(x) <= edge:
			free, start = append(free, k), append(start, x)
		case f.limits == nil || f.limits[k]*x <= 0:
			return f, false
		default:
			full[k] = f.limits[k] * edge
		}
	}
	return family{name: f.name, starts: [][]float64{start}, visits: func(theta []float64, most int) []float64 {
		all := slices.Clone(full)
		for i, k := range free {
			all[k] = theta[i]
		}
		return f.visits(all, most)
	}}, len(free) > 0
}

// Names of the families.
const (
	ShiftedNegativeBinomial = "shifted_negative_binomial"
	PoissonLogNormal        = "poisson_lognormal"
	TwoPoints               = "two_points"
	ThreePoints             = "three_points"
	MonthlyAtom             = "negative_binomial_monthly"
	LogSpline               = "log_spline"
)

// parametric are what the visits beyond the first may be: a gamma mixture of Poissons, a
// log-normal one with a heavier tail, two or three kinds of visitors, and
// gamma-distributed visitors with some who come every month.
var parametric = []family{
	{name: ShiftedNegativeBinomial, starts: [][]float64{{0, 0.5}, {-1, -1}, {1.5, 1.5}}, limits: []float64{1, 0}, visits: func(theta []float64, most int) []float64 {
		return negativeBinomial(math.Exp(theta[0]), math.Exp(theta[1]), most)
	}},
	{name: PoissonLogNormal, starts: [][]float64{{0, 0}, {-1, 0.5}, {1, -0.5}}, visits: func(theta []float64, most int) []float64 {
		return poissonLogNormal(theta[0], math.Exp(theta[1]), most)
	}},
	{name: TwoPoints, starts: [][]float64{{-1, 1.5, -1}, {0, 2, 0}, {-2, 0.5, 0}}, limits: []float64{-1, -1, 0}, visits: func(theta []float64, most int) []float64 {
		w := logistic(theta[2])
		return mixed([]float64{1 - w, w}, []float64{math.Exp(theta[0]), math.Exp(theta[1])}, most)
	}},
	{name: ThreePoints, starts: [][]float64{{-2, 0.5, 2, 0, -2}, {-1, 1, 2.5, -1, -3}}, limits: []float64{-1, -1, -1, 0, 0}, visits: func(theta []float64, most int) []float64 {
		a, b := math.Exp(theta[3]), math.Exp(theta[4])
		return mixed([]float64{1 / (1 + a + b), a / (1 + a + b), b / (1 + a + b)}, []float64{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])}, most)
	}},
	{name: MonthlyAtom, starts: [][]float64{{0, 0.5, -3}, {-1, 0, -2}, {1, 1, -4}}, visits: func(theta []float64, most int) []float64 {
		w := logistic(theta[2])
		g := negativeBinomial(math.Exp(theta[0]), math.Exp(theta[1]), most)
		for v := range g {
			g[v] *= 1 - w
		}
		g[min(most, monthly)-1] += w
		return g
	}},
}

// monthly is the number of visits in a year of someone who comes every month.
const monthly = 12

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// lumped puts what is missing to 1 at the end.
func lumped(g []float64) []float64 {
	rest := 1.0
	for _, p := range g[:len(g)-1] {
		rest -= p
	}
	g[len(g)-1] = max(rest, 0)
	return g
}

// negativeBinomial is the negative binomial distribution of the visits beyond the first, by
// g(v+1) = g(v) (size + v)/(v + 1) · mean/(size + mean).
func negativeBinomial(size, mean float64, most int) []float64 {
	g := make([]float64, most)
	p := math.Exp(-size * math.Log1p(mean/size))
	for v := range g {
		g[v] = p
		p *= (size + float64(v)) / float64(v+1) * mean / (size + mean)
	}
	return lumped(g)
}

// mixed are Poisson numbers of visits beyond the first, of several rates.
func mixed(shares, rates []float64, most int) []float64 {
	g := make([]float64, most)
	for i, rate := range rates {
		p := shares[i] * math.Exp(-rate)
		for v := range g {
			g[v] += p
			p *= rate / float64(v+1)
		}
	}
	return lumped(g)
}

// nodes is the number of points of the Gauss–Hermite rule over the log-normal rate.
const nodes = 40

var hermite = func() (points [2][]float64) {
	points[0], points[1] = make([]float64, nodes), make([]float64, nodes)
	quad.Hermite{}.FixedLocations(points[0], points[1], math.Inf(-1), math.Inf(1))
	return points
}()

// poissonLogNormal is ∫ Poisson(v; e^{μ+σz}) φ(z) dz.
func poissonLogNormal(mu, sigma float64, most int) []float64 {
	shares, rates := make([]float64, nodes), make([]float64, nodes)
	for i, x := range hermite[0] {
		shares[i], rates[i] = hermite[1][i]/math.SqrtPi, math.Exp(mu+sigma*math.Sqrt2*x)
	}
	return mixed(shares, rates, most)
}
