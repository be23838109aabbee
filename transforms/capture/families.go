package capture

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// family is a distribution of visits from one on, by parameters of the whole line.
type family struct {
	name   string
	starts [][]float64
	// further is the distribution of visits beyond the first, from 0 to most − 1; what
	// lies beyond is lumped at the end.
	further func(theta []float64, most int) []float64
}

// Names of the families.
const (
	ShiftedNegativeBinomial = "shifted_negative_binomial"
	PoissonLogNormal        = "poisson_lognormal"
	TwoPoints               = "two_points"
	MonthlyAtom             = "negative_binomial_monthly"
)

// families are what the visits beyond the first may be: a gamma mixture of Poissons, a
// log-normal one with a heavier tail, two kinds of visitors, and gamma-distributed
// visitors with some who come every month.
var families = []family{
	{ShiftedNegativeBinomial, [][]float64{{0, 0.5}, {-1, -1}, {1.5, 1.5}}, func(theta []float64, most int) []float64 {
		return negativeBinomial(math.Exp(theta[0]), math.Exp(theta[1]), most)
	}},
	{PoissonLogNormal, [][]float64{{0, 0}, {-1, 0.5}, {1, -0.5}}, func(theta []float64, most int) []float64 {
		return poissonLogNormal(theta[0], math.Exp(theta[1]), most)
	}},
	{TwoPoints, [][]float64{{-1, 1.5, -1}, {0, 2, 0}, {-2, 0.5, 0}}, func(theta []float64, most int) []float64 {
		w := logistic(theta[2])
		g := poissonFurther(math.Exp(theta[0]), most)
		for v, p := range poissonFurther(math.Exp(theta[1]), most) {
			g[v] = (1-w)*g[v] + w*p
		}
		return g
	}},
	{MonthlyAtom, [][]float64{{0, 0.5, -3}, {-1, 0, -2}, {1, 1, -4}}, func(theta []float64, most int) []float64 {
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

func negativeBinomial(size, mean float64, most int) []float64 {
	g := make([]float64, most)
	at, _ := math.Lgamma(size)
	for v := range g {
		x := float64(v)
		a, _ := math.Lgamma(x + size)
		c, _ := math.Lgamma(x + 1)
		g[v] = math.Exp(a - at - c + size*math.Log(size/(size+mean)) + x*math.Log(mean/(size+mean)))
	}
	return lumped(g)
}

func poissonFurther(rate float64, most int) []float64 {
	g := make([]float64, most)
	for v := range g {
		g[v] = distuv.Poisson{Lambda: rate}.Prob(float64(v))
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
	g := make([]float64, most)
	for i, x := range hermite[0] {
		w := hermite[1][i] / math.SqrtPi
		rate := math.Exp(mu + sigma*math.Sqrt2*x)
		p := math.Exp(-rate)
		for v := range g {
			g[v] += w * p
			p *= rate / float64(v+1)
		}
	}
	return lumped(g)
}
