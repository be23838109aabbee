package smallarea

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// VarianceModel is a generalised variance function (Wolter 2007, Introduction to Variance
// Estimation, ch. 7).
type VarianceModel int

const (
	// LogSize is ln v = a + b ln n. It does not look at the direct estimate and is to be
	// preferred: a variance that falls and rises with y makes areas that are low by
	// chance seem precise.
	LogSize VarianceModel = iota
	// LogEstimate is ln v = a + b ln y.
	LogEstimate
	// RelativeVariance is v/y² = a + b/y, by iterated least squares with weights
	// inverse to the square of the fitted relative variance.
	RelativeVariance
)

// Correction is of the bias that exp brings to a fitted logarithm.
type Correction int

const (
	// MeanRatio multiplies by Σ v/Σ exp(fitted), so that the smoothed variances have the
	// sum of those measured; no distribution is assumed (Hidiroglou, Beaumont & Yung
	// 2019, Surv. Methodol. 45:101).
	MeanRatio Correction = iota
	// LogNormal multiplies by exp(s²/2), s² the residual variance; too much where v is
	// from few units, being χ² and not log-normal.
	LogNormal
)

// Measured is a direct estimate with the variance that the sample gave and the number of
// respondents. Variance is NaN or 0 where the sample gave none.
type Measured struct{ Estimate, Variance, N float64 }

// Smoothed are sampling variances from a generalised variance function.
type Smoothed struct {
	// A and B are its coefficients, and S2 the residual variance, on the scale of the fit.
	A, B, S2 float64
	// Factor is the correction that the exponentials were multiplied by; 1 for
	// [RelativeVariance].
	Factor float64
	// Used is the number of areas with a variance, from which the function was fitted.
	Used int
	// Variances are for every area, those without a variance of their own too.
	Variances []float64
}

// SmoothVariances fits a generalised variance function to measured variances and gives
// every area that of the function. The model of the areas takes them as known: what is
// uncertain in them is not in its mean squared errors.
func SmoothVariances(areas []Measured, model VarianceModel, correction Correction) (*Smoothed, error) {
	if model < LogSize || model > RelativeVariance || correction < MeanRatio || correction > LogNormal {
		return nil, fmt.Errorf("variance function: model %d with correction %d: want LogSize, LogEstimate or RelativeVariance, with MeanRatio or LogNormal", int(model), int(correction))
	}
	x := make([]float64, len(areas))
	var at, to []float64
	for i, a := range areas {
		of, what := a.N, "number of respondents"
		if model != LogSize {
			of, what = a.Estimate, "estimate"
		}
		if !(of > 0) || !finite(of) {
			return nil, fmt.Errorf("variance function: area %d: %s is %v: want a number above 0", i+1, what, of)
		}
		x[i] = math.Log(of)
		if model == RelativeVariance {
			x[i] = 1 / of
		}
		switch {
		case math.IsNaN(a.Variance) || a.Variance == 0:
		case a.Variance < 0 || !finite(a.Variance):
			return nil, fmt.Errorf("variance function: area %d: variance is %v: want a number of at least 0", i+1, a.Variance)
		case model == RelativeVariance:
			at, to = append(at, x[i]), append(to, a.Variance/square(of))
		default:
			at, to = append(at, x[i]), append(to, math.Log(a.Variance))
		}
	}
	if len(at) < 3 {
		return nil, fmt.Errorf("variance function: %d areas with a variance: want 3 or more", len(at))
	}
	if model == RelativeVariance {
		return relativeVariance(areas, x, at, to)
	}
	s := &Smoothed{Used: len(at), Factor: 1}
	var err error
	if s.A, s.B, s.S2, err = line(at, to, nil); err != nil {
		return nil, err
	}
	if correction == LogNormal {
		s.Factor = math.Exp(s.S2 / 2)
	} else {
		var sum, fitted float64
		for i := range at {
			sum, fitted = sum+math.Exp(to[i]), fitted+math.Exp(s.A+s.B*at[i])
		}
		s.Factor = sum / fitted
	}
	for _, v := range x {
		s.Variances = append(s.Variances, s.Factor*math.Exp(s.A+s.B*v))
	}
	return s, nil
}

func relativeVariance(areas []Measured, x, at, to []float64) (*Smoothed, error) {
	s := &Smoothed{Used: len(at), Factor: 1}
	w := make([]float64, len(at))
	for i := range w {
		w[i] = 1
	}
	for range 100 {
		before := [2]float64{s.A, s.B}
		var err error
		if s.A, s.B, s.S2, err = line(at, to, w); err != nil {
			return nil, err
		}
		if math.Abs(s.A-before[0])+math.Abs(s.B-before[1]) <= 1e-12*(math.Abs(s.A)+math.Abs(s.B)) {
			return s, s.relative(areas, x)
		}
		for i, v := range at {
			fitted := s.A + s.B*v
			if !(fitted > 0) {
				return nil, fmt.Errorf("variance function: v/y² = %v + %v/y is not above 0 at y = %v: take LogSize or LogEstimate", s.A, s.B, 1/v)
			}
			w[i] = 1 / square(fitted)
		}
	}
	return nil, fmt.Errorf("variance function: v/y² = %v + %v/y does not settle: take LogSize or LogEstimate", s.A, s.B)
}

// relative gives every area the variance of a relative variance function.
func (s *Smoothed) relative(areas []Measured, x []float64) error {
	for i, v := range x {
		variance := (s.A + s.B*v) * square(areas[i].Estimate)
		if !(variance > 0) {
			return fmt.Errorf("variance function: v/y² = %v + %v/y is not above 0 for area %d: take LogSize or LogEstimate", s.A, s.B, i+1)
		}
		s.Variances = append(s.Variances, variance)
	}
	return nil
}

// line is y = a + bx by least squares, weighted if w is there, with the residual variance.
func line(x, y, w []float64) (a, b, s2 float64, err error) {
	design, right := mat.NewDense(len(x), 2, nil), mat.NewVecDense(len(x), nil)
	root := func(i int) float64 {
		if w == nil {
			return 1
		}
		return math.Sqrt(w[i])
	}
	for i := range x {
		design.SetRow(i, []float64{root(i), root(i) * x[i]})
		right.SetVec(i, root(i)*y[i])
	}
	var c mat.VecDense
	if err := c.SolveVec(design, right); err != nil {
		return 0, 0, 0, fmt.Errorf("variance function: the areas are all of one size: give areas that differ, or take the mean variance")
	}
	a, b = c.AtVec(0), c.AtVec(1)
	for i := range x {
		s2 += square(root(i)*(y[i]-a-b*x[i])) / float64(len(x)-2)
	}
	return a, b, s2, nil
}
