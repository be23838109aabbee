package capture

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Regression is a zero-truncated Poisson regression: persons are seen at rates that
// covariates explain, and only those seen at least once are known.
type Regression struct {
	Estimate
	// Coefficients are those of the log rate, StdErrs their errors.
	Coefficients, StdErrs []float64
	LogLikelihood         float64
}

// ZeroTruncatedPoisson estimates the number of persons from how often each of those
// seen was seen, and covariates x (the constant among them, if wanted):
//
//	ln λ_i = x_i'β,  N̂ = Σ 1/(1 − e^{−λ_i})
//	v = Σ (1 − p_i)/p_i² + ∇N' I(β)⁻¹ ∇N,  p_i = 1 − e^{−λ_i}
//
// van der Heijden, Cruyff & van Houwelingen (2003, Stat. Neerl. 57:289). Rates that the
// covariates leave unexplained make it too small: a lower bound.
//
// It is an error where lengths differ, a count is below 1, the covariates depend on one
// another, or nobody was seen twice.
func ZeroTruncatedPoisson(counts []float64, x [][]float64) (Regression, error) {
	var r Regression
	if err := checkCounts(counts, x); err != nil {
		return r, err
	}
	p := len(x[0])
	r.Coefficients = make([]float64, p)
	information := mat.NewSymDense(p, nil)
	for range 200 {
		score := mat.NewVecDense(p, nil)
		information.Zero()
		for i, y := range counts {
			rate := math.Exp(dot(x[i], r.Coefficients))
			mean, variance := truncatedMoments(rate)
			for a := range p {
				score.SetVec(a, score.AtVec(a)+(y-mean)*x[i][a])
				for b := a; b < p; b++ {
					information.SetSym(a, b, information.At(a, b)+variance*x[i][a]*x[i][b])
				}
			}
		}
		var step mat.VecDense
		if err := step.SolveVec(information, score); err != nil {
			return r, fmt.Errorf("zero-truncated Poisson regression: the covariates depend on one another, or nobody of a class was seen twice: %w", err)
		}
		largest := 0.0
		for a := range p {
			d := max(-2, min(2, step.AtVec(a))) // a first step may lead far off
			r.Coefficients[a] += d
			largest = max(largest, math.Abs(d))
		}
		if largest < 1e-12 {
			return r.finish(counts, x, information)
		}
	}
	return r, fmt.Errorf("zero-truncated Poisson regression: no end after 200 steps, as where nobody of a class was seen twice: join it to a like class")
}

func checkCounts(counts []float64, x [][]float64) error {
	twice := false
	if len(counts) == 0 || len(counts) != len(x) {
		return fmt.Errorf("zero-truncated Poisson regression: %d counts and %d rows of covariates: give one for each person", len(counts), len(x))
	}
	for i, y := range counts {
		if !(y >= 1) || math.IsInf(y, 0) || len(x[i]) != len(x[0]) {
			return fmt.Errorf("zero-truncated Poisson regression: person %d: a count of %v with %d covariates: counts begin at 1, and all have as many covariates", i+1, y, len(x[i]))
		}
		twice = twice || y > 1
	}
	if !twice {
		return fmt.Errorf("zero-truncated Poisson regression: nobody was seen twice: how many were not seen cannot be told")
	}
	return nil
}

// truncatedMoments are mean and variance of a Poisson number given that it is not 0.
func truncatedMoments(rate float64) (mean, variance float64) {
	mean = rate / -math.Expm1(-rate)
	return mean, mean * (1 + rate - mean)
}

// finish computes the number of persons and the errors.
func (r Regression) finish(counts []float64, x [][]float64, information *mat.SymDense) (Regression, error) {
	p := len(r.Coefficients)
	slope := mat.NewVecDense(p, nil)
	var v float64
	r.Seen = float64(len(counts))
	for i, y := range counts {
		rate := math.Exp(dot(x[i], r.Coefficients))
		seen := -math.Expm1(-rate)
		r.N += 1 / seen
		v += (1 - seen) / square(seen)
		for a := range p {
			slope.SetVec(a, slope.AtVec(a)-rate*math.Exp(-rate)/square(seen)*x[i][a])
		}
		factorial, _ := math.Lgamma(y + 1)
		r.LogLikelihood += y*math.Log(rate) - rate - math.Log(seen) - factorial
	}
	var chol mat.Cholesky
	if !chol.Factorize(information) {
		return r, fmt.Errorf("zero-truncated Poisson regression: the covariates depend on one another")
	}
	var covariance mat.SymDense
	if err := chol.InverseTo(&covariance); err != nil {
		return r, err
	}
	for a := range p {
		r.StdErrs = append(r.StdErrs, math.Sqrt(covariance.At(a, a)))
	}
	r.StdErr = math.Sqrt(v + mat.Inner(slope, &covariance, slope))
	return r, nil
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
