// Package smallarea estimates for areas in which too few persons were asked to trust the
// direct estimate alone: it borrows strength from areas alike by an area-level mixed model
// and makes the estimates add up to published totals.
//
// [FayHerriot] is the model, [Fit.Intervals] and [Fit.BootstrapIntervals] its intervals,
// [Fit.Back] the way back from the log or arcsine scale, [SmoothVariances] the sampling
// variances it wants, [Choose] the rule by which covariates enter, [Fit.Diagnostics] how
// well areas agree with it, [Spatial] its alternate for neighbours alike, [Benchmark] and
// [Nested] the sums, and [Persons] the persons behind pairs.
package smallarea

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Area is an area with its direct estimate on the scale of the model.
type Area struct {
	// Direct is the direct estimate y_i, and Variance its sampling variance D_i, in the
	// square of the unit of y, taken to be known.
	Direct, Variance float64
	// Effect is a known part E_i of the variance of the area's own effect, beside σ²: of the logarithm of a
	// number of persons 1/μ, as the number is itself a draw. 0 for a model with σ² alone.
	Effect float64
	// X are the covariates x_i, the constant 1 among them if the model is to have one.
	X []float64
	// OutOfSample: nobody was asked. Direct and Variance are not read, and the estimate
	// is synthetic.
	OutOfSample bool
}

// Method is how the model variance σ² is estimated.
type Method int

const (
	// REML is restricted maximum likelihood.
	REML Method = iota
	// ML is maximum likelihood.
	ML
	// Moment solves Σ (y_i − x_i'β̂)²/(σ² + D_i) = m − p (Fay & Herriot 1979).
	Moment
	// YoshimoriLahiri is restricted likelihood times (arctan Σ γ_i)^{1/m}, which is never
	// greatest at 0 and leaves the bias as small as that of REML.
	YoshimoriLahiri
	// LiLahiri is restricted likelihood times σ²: never 0, and too great for few areas.
	LiLahiri
)

// String is the method's name in print.
func (m Method) String() string {
	names := []string{"REML", "ML", "Fay–Herriot moment", "Yoshimori–Lahiri", "Li–Lahiri"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("Method(%d)", int(m))
	}
	return names[m]
}

// Options of a fit; the zero value is REML, adjusted where it gives σ̂² = 0.
type Options struct {
	Method Method
	// KeepZero leaves σ̂² = 0 where the method gives it, so that every estimate is
	// synthetic. Without it such a fit is made again by [YoshimoriLahiri].
	KeepZero bool
}

// sample are the areas that were asked, their covariates made orthonormal: X = QR and x
// holds the rows of Q, so that no unit of a covariate can make the sums ill conditioned.
type sample struct {
	x       [][]float64
	y, d    []float64  // d is the known variance, E_i + D_i
	inverse *mat.Dense // R⁻¹, which brings coefficients back
}

func (s *sample) m() int { return len(s.y) }
func (s *sample) p() int { return len(s.x[0]) }

// newSample checks the areas and turns their covariates.
func newSample(areas []Area) (*sample, error) {
	if err := check(areas); err != nil {
		return nil, err
	}
	s := &sample{}
	var rows [][]float64
	for _, a := range areas {
		if !a.OutOfSample {
			s.y, s.d, rows = append(s.y, a.Direct), append(s.d, a.Effect+a.Variance), append(rows, a.X)
		}
	}
	p := len(areas[0].X)
	if len(rows) <= p+1 {
		return nil, fmt.Errorf("small areas: %d areas in the sample for %d coefficients and a variance: want %d areas or more", len(rows), p, p+2)
	}
	return s, s.turn(rows)
}

// turn takes the covariates to orthonormal ones, or names the one that the others tell.
func (s *sample) turn(rows [][]float64) error {
	m, p := len(rows), len(rows[0])
	x := mat.NewDense(m, p, nil)
	for i, r := range rows {
		x.SetRow(i, r)
	}
	var qr mat.QR
	qr.Factorize(x)
	var r mat.Dense
	qr.RTo(&r)
	upper := mat.DenseCopyOf(r.Slice(0, p, 0, p))
	for j := range p {
		length := mat.Norm(x.ColView(j), 2)
		if !(math.Abs(upper.At(j, j)) > 1e-9*length) {
			return fmt.Errorf("small areas: covariate %d is 0 or told by those before it: leave it out", j+1)
		}
	}
	identity := mat.NewDiagDense(p, nil)
	for j := range p {
		identity.SetDiag(j, 1)
	}
	s.inverse = mat.NewDense(p, p, nil)
	// Covariates of very different units are badly conditioned, and solved well all the same.
	if err := s.inverse.Solve(upper, identity); err != nil && !errors.As(err, new(mat.Condition)) {
		return fmt.Errorf("small areas: covariates: %w", err)
	}
	for _, x := range rows { // Q, of which gonum would make m × m
		s.x = append(s.x, s.turned(x))
	}
	return nil
}

// turned are an area's covariates among the orthonormal ones, R⁻ᵀx.
func (s *sample) turned(x []float64) []float64 {
	z := make([]float64, len(x))
	for j := range z {
		for k := range x {
			z[j] += s.inverse.At(k, j) * x[k]
		}
	}
	return z
}

func check(areas []Area) error {
	if len(areas) == 0 || len(areas[0].X) == 0 {
		return fmt.Errorf("small areas: %d areas without covariates: want areas with one covariate or more, such as the constant 1", len(areas))
	}
	for i, a := range areas {
		if len(a.X) != len(areas[0].X) {
			return fmt.Errorf("small areas: area %d has %d covariates, area 1 has %d: give all of them the same", i+1, len(a.X), len(areas[0].X))
		}
		for j, x := range a.X {
			if !finite(x) {
				return fmt.Errorf("small areas: area %d: covariate %d is %v: want a number", i+1, j+1, x)
			}
		}
		switch {
		case !(a.Effect >= 0) || !finite(a.Effect):
			return fmt.Errorf("small areas: area %d: known variance of the effect is %v: want a number of at least 0", i+1, a.Effect)
		case a.OutOfSample:
		case !finite(a.Direct):
			return fmt.Errorf("small areas: area %d: direct estimate is %v: give a number, or mark the area out of the sample", i+1, a.Direct)
		case !(a.Variance > 0) || !finite(a.Variance):
			return fmt.Errorf("small areas: area %d: sampling variance is %v: want a number above 0, smoothed where the sample gives none", i+1, a.Variance)
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func square(x float64) float64 { return x * x }

func dot(a, b []float64) float64 {
	var sum float64
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// form is the quadratic form a'Qa.
func form(q *mat.SymDense, a []float64) float64 {
	var sum float64
	for i, u := range a {
		for j, v := range a {
			sum += u * q.At(i, j) * v
		}
	}
	return sum
}
