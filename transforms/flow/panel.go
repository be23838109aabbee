package flow

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Panel is regions observed at several times, with an effect of each:
//
//	y_it = α_i + λ_t + x_it'β + ε_it
type Panel struct {
	// Region and Time number them from 0.
	Region, Time []int32
	Y            []float64
	// X are the regressors of each row.
	X [][]float64
}

// PanelFit is a least-squares fit of a Panel within regions and times.
type PanelFit struct {
	Coefficients []float64
	// Classical takes errors for independent and of one variance, over n − k − N − T + 1.
	Classical []float64
	// Arellano is clustered by region without correction (Arellano 1987), CR1 with
	// G/(G − 1) (n − 1)/(n − k), effects counted in k.
	Arellano, CR1 []float64
	// RSS is the residual sum of squares, DF the degrees of freedom of Classical.
	RSS float64
	DF  int
}

// Fit takes means of regions and times out of y and x, by turns until nothing is left of
// them, and fits the rest by least squares. Panels need not be balanced, but must hang
// together: it is an error where columns depend on one another or the effects, and where
// rows are too few.
func (p Panel) Fit() (PanelFit, error) {
	n := len(p.Y)
	if n == 0 || len(p.Region) != n || len(p.Time) != n || len(p.X) != n || len(p.X[0]) == 0 {
		return PanelFit{}, fmt.Errorf("panel: %d values, %d regions, %d times and %d rows of regressors: give one for each", n, len(p.Region), len(p.Time), len(p.X))
	}
	k := len(p.X[0])
	effects := distinct(p.Region) + distinct(p.Time) - 1
	fit := PanelFit{DF: n - k - effects}
	if fit.DF < 1 {
		return fit, fmt.Errorf("panel: %d rows for %d coefficients and %d effects: give more", n, k, effects)
	}
	y, err := p.within(p.Y)
	if err != nil {
		return fit, err
	}
	x, err := p.regressorsWithin()
	if err != nil {
		return fit, err
	}
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	beta, inverse, err := leastSquares(x, y, ones)
	if err != nil {
		return fit, fmt.Errorf("panel: %w", err)
	}
	fit.Coefficients = beta
	regions := places(p.Region)
	scores := mat.NewDense(regions, k, nil)
	for i := range y {
		e := y[i] - dot(x[i], beta)
		fit.RSS += e * e
		for j, v := range x[i] {
			at := int(p.Region[i])
			scores.Set(at, j, scores.At(at, j)+v*e)
		}
	}
	var half mat.Dense
	half.Mul(scores, inverse)
	clustered := mat.NewSymDense(k, nil)
	clustered.SymOuterK(1, half.T())
	groups := float64(distinct(p.Region))
	cr1 := groups / (groups - 1) * float64(n-1) / float64(fit.DF)
	for j := range k {
		fit.Classical = append(fit.Classical, math.Sqrt(fit.RSS/float64(fit.DF)*inverse.At(j, j)))
		fit.Arellano = append(fit.Arellano, math.Sqrt(clustered.At(j, j)))
		fit.CR1 = append(fit.CR1, math.Sqrt(cr1*clustered.At(j, j)))
	}
	return fit, nil
}

// regressorsWithin are the rows of x without the means of regions and times.
func (p Panel) regressorsWithin() ([][]float64, error) {
	x := make([][]float64, len(p.X))
	for i := range x {
		x[i] = make([]float64, len(p.X[i]))
	}
	for j := range p.X[0] {
		column := make([]float64, len(p.X))
		var before, after float64
		for i := range column {
			column[i] = p.X[i][j]
			before += column[i] * column[i]
		}
		column, err := p.within(column)
		if err != nil {
			return nil, err
		}
		for i, v := range column {
			x[i][j] = v
			after += v * v
		}
		if after <= 1e-18*before {
			return nil, fmt.Errorf("panel: regressor %d does not vary within regions and times: leave it out", j+1)
		}
	}
	return x, nil
}

// within takes the means of regions and times out.
func (p Panel) within(values []float64) ([]float64, error) {
	v := append([]float64(nil), values...)
	size := largest(v)
	for range 10_000 {
		if moved := max(centre(v, p.Region), centre(v, p.Time)); moved <= 1e-14*size {
			return v, nil
		}
	}
	return nil, fmt.Errorf("panel: the means of regions and times do not settle: regions and times hardly hang together")
}

// centre takes the mean of each group out of v, and gives the greatest of them.
func centre(v []float64, group []int32) float64 {
	sums, sizes := make([]float64, places(group)), make([]float64, places(group))
	for i, g := range group {
		sums[g] += v[i]
		sizes[g]++
	}
	var most float64
	for g := range sums {
		if sizes[g] > 0 {
			sums[g] /= sizes[g]
			most = max(most, math.Abs(sums[g]))
		}
	}
	for i, g := range group {
		v[i] -= sums[g]
	}
	return most
}

func distinct(of []int32) int {
	seen := map[int32]bool{}
	for _, v := range of {
		seen[v] = true
	}
	return len(seen)
}
