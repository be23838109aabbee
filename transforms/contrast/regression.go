package contrast

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

var errDependent = errors.New("the covariates depend on one another there, or have too few cases: leave some out")

// design is the covariates with a constant before them, standardised over all cases, so
// that no unit of a covariate makes the sums ill conditioned; no estimate depends on it.
type design struct {
	x           [][]float64
	mean, scale []float64
}

// newDesign standardises covariates. One that is the same for all cases is an error.
func newDesign(covariates [][]float64, names []string) (design, error) {
	n, k := len(covariates), len(names)
	d := design{x: make([][]float64, n), mean: make([]float64, k), scale: make([]float64, k)}
	for i, row := range covariates {
		if len(row) != k {
			return d, fmt.Errorf("case %d has %d covariates: wanted are %d", i+1, len(row), k)
		}
		d.x[i] = make([]float64, k+1)
		d.x[i][0] = 1
	}
	for j := range k {
		for i := range covariates {
			if v := covariates[i][j]; math.IsNaN(v) || math.IsInf(v, 0) {
				return d, fmt.Errorf("covariate %s of case %d is %v: every case needs a number", names[j], i+1, v)
			}
			d.mean[j] += covariates[i][j] / float64(n)
		}
		for i := range covariates {
			d.scale[j] += square(covariates[i][j]-d.mean[j]) / float64(n)
		}
		d.scale[j] = math.Sqrt(d.scale[j])
		if d.scale[j] <= 1e-12*math.Abs(d.mean[j]) {
			return d, fmt.Errorf("covariate %s is the same for all: leave it out", names[j])
		}
		for i := range covariates {
			d.x[i][j+1] = (covariates[i][j] - d.mean[j]) / d.scale[j]
		}
	}
	return d, nil
}

// natural brings coefficients back to the units of the covariates.
func (d design) natural(coefficients []float64) []float64 {
	out := make([]float64, len(coefficients))
	out[0] = coefficients[0]
	for j := range d.mean {
		out[j+1] = coefficients[j+1] / d.scale[j]
		out[0] -= out[j+1] * d.mean[j]
	}
	return out
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func addTo(sum []float64, by float64, x []float64) {
	for i, v := range x {
		sum[i] += by * v
	}
}

// information is Σ w x xᵀ as its Cholesky factor.
func (d design) information(weights []float64) (*mat.Cholesky, error) {
	k := len(d.mean) + 1
	sums := make([]float64, k*k)
	for i, w := range weights {
		if w == 0 {
			continue
		}
		for a, v := range d.x[i] {
			for b := a; b < k; b++ {
				sums[a*k+b] += w * v * d.x[i][b]
			}
		}
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(k, sums)) || c.Cond() > 1e12 {
		return nil, errDependent
	}
	return &c, nil
}

func solve(c *mat.Cholesky, b []float64) []float64 {
	out := mat.NewVecDense(len(b), nil)
	// The factor is well conditioned: information has seen to it.
	if err := c.SolveVecTo(out, mat.NewVecDense(len(b), b)); err != nil {
		panic(err)
	}
	return out.RawVector().Data
}

// leastSquares is the weighted regression of y and the factor of its Σ w x xᵀ.
func (d design) leastSquares(weights, y []float64) ([]float64, *mat.Cholesky, error) {
	c, err := d.information(weights)
	if err != nil {
		return nil, nil, err
	}
	b := make([]float64, len(d.mean)+1)
	for i, w := range weights {
		addTo(b, w*y[i], d.x[i])
	}
	return solve(c, b), c, nil
}

// propensity is a logistic regression of taking part: e = 1/(1 + exp(−x'γ)).
type propensity struct {
	coefficients, fitted []float64
	// spread is Σ e(1 − e) x xᵀ.
	spread *mat.Cholesky
}

// propensity fits by Newton's steps; cases with weight 0 have no part in the fit. It is an
// error where the covariates tell exactly who takes part.
func (d design) propensity(treated, weights []float64) (p propensity, err error) {
	p.coefficients, p.fitted = make([]float64, len(d.mean)+1), make([]float64, len(treated))
	spread := make([]float64, len(treated))
	for range 50 {
		score := make([]float64, len(p.coefficients))
		for i, w := range weights {
			e := 1 / (1 + math.Exp(-dot(d.x[i], p.coefficients)))
			p.fitted[i], spread[i] = e, w*e*(1-e)
			addTo(score, w*(treated[i]-e), d.x[i])
		}
		if p.spread, err = d.information(spread); err != nil {
			break
		}
		step := solve(p.spread, score)
		addTo(p.coefficients, 1, step)
		if math.Sqrt(dot(step, step)) <= 1e-12*(1+math.Sqrt(dot(p.coefficients, p.coefficients))) {
			return p, nil
		}
	}
	return p, fmt.Errorf("the propensity of taking part: the covariates tell exactly who takes part, or depend on one another: leave some out or join their classes")
}
