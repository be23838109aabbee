package estimate

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/kankei/kankei/transforms/weight"
)

// Replicated estimates any statistic of the weights with its variance over
// replicate weights; several figures at once, so that contrasts can be taken.
// The statistic is a function of a set of weights.
func Replicated(r weight.Replicates, full []float64, statistic func(weights []float64) []float64) Joint {
	j := Joint{Values: statistic(full), DF: r.DF}
	p := len(j.Values)
	values := make([][]float64, len(r.Weights))
	center := make([]float64, p)
	for i, w := range r.Weights {
		values[i] = statistic(w)
		for v := range center {
			center[v] += values[i][v] / float64(len(r.Weights))
		}
	}
	if r.AboutEstimate {
		copy(center, j.Values)
	}
	j.Covariance = mat.NewSymDense(p, nil)
	for a := range p {
		for b := a; b < p; b++ {
			var sum float64
			for i := range values {
				sum += r.Coefficients[i] * (values[i][a] - center[a]) * (values[i][b] - center[b])
			}
			j.Covariance.SetSym(a, b, sum)
		}
	}
	return j
}

// WeightedTotal is Σ w y as a statistic of weights.
func WeightedTotal(y []float64) func([]float64) []float64 {
	return func(w []float64) []float64 { return []float64{dot(w, y)} }
}

// WeightedRatio is Σ wy/Σ wx as a statistic of weights; NaN where Σ wx is 0.
func WeightedRatio(y, x []float64) func([]float64) []float64 {
	return func(w []float64) []float64 {
		below := dot(w, x)
		if below == 0 {
			return []float64{math.NaN()}
		}
		return []float64{dot(w, y) / below}
	}
}

func dot(w, y []float64) float64 {
	var sum float64
	for k := range y {
		sum += w[k] * y[k]
	}
	return sum
}
