package series

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Harmonic is a regression on a season made of pairs of waves,
//
//	η_t = α + βt + Σ_k [γ_k cos(2πkt/Period) + δ_k sin(2πkt/Period)]
//
// with coefficients in that order. With Period/2 pairs every month has its own season;
// the last sine is then 0 throughout, and left out.
type Harmonic struct {
	Period, Pairs int
	// Trend adds βt.
	Trend bool
}

// row is the row of the design at month t.
func (h Harmonic) row(t float64) []float64 {
	row := []float64{1}
	if h.Trend {
		row = append(row, t)
	}
	for k := 1; k <= h.Pairs; k++ {
		turn := 2 * math.Pi * float64(k) * t / float64(h.Period)
		row = append(row, math.Cos(turn))
		if 2*k < h.Period {
			row = append(row, math.Sin(turn))
		}
	}
	return row
}

func (h Harmonic) design(n int) [][]float64 {
	x := make([][]float64, n)
	for i := range x {
		x[i] = h.row(float64(i + 1))
	}
	return x
}

func (h Harmonic) check(y []float64) error {
	if h.Period < 2 || h.Pairs < 1 || 2*h.Pairs > h.Period {
		return fmt.Errorf("harmonic regression: %d pairs of waves of a period of %d months: give 1 pair or more, and at most half the period", h.Pairs, h.Period)
	}
	return checkSeries("harmonic regression", y, max(h.Period, len(h.row(1))+2))
}

// Regression is a least-squares fit.
type Regression struct {
	Coefficients, StdErrs []float64
	// Sigma is the standard deviation of the residuals, over DF = n − p.
	Sigma float64
	DF    int
	// R2 is the share of the variance of y that is explained.
	R2 float64
	// Fitted, Residuals and Leverage are by month.
	Fitted, Residuals, Leverage []float64
}

// Fit is the least-squares fit to y, its errors those of independent residuals of one
// variance. A year is wanted at least, and two months more than coefficients.
func (h Harmonic) Fit(y []float64) (Regression, error) {
	if err := h.check(y); err != nil {
		return Regression{}, err
	}
	ones := make([]float64, len(y))
	for i := range ones {
		ones[i] = 1
	}
	x := h.design(len(y))
	beta, inverse, err := WeightedLeastSquares(x, y, ones)
	if err != nil {
		return Regression{}, fmt.Errorf("harmonic regression: %w", err)
	}
	r := Regression{Coefficients: beta, DF: len(y) - len(beta)}
	var rss float64
	for i := range y {
		fitted := dot(x[i], beta)
		r.Fitted, r.Residuals = append(r.Fitted, fitted), append(r.Residuals, y[i]-fitted)
		r.Leverage = append(r.Leverage, quadratic(x[i], inverse))
		rss += square(y[i] - fitted)
	}
	r.Sigma = math.Sqrt(rss / float64(r.DF))
	for a := range beta {
		r.StdErrs = append(r.StdErrs, r.Sigma*math.Sqrt(inverse.At(a, a)))
	}
	if total := variance(y) * float64(len(y)-1); total > 0 {
		r.R2 = 1 - rss/total
	}
	return r, nil
}

// CountRegression is a log-linear fit to counts.
type CountRegression struct {
	Harmonic     Harmonic
	Coefficients []float64
	// StdErrs hold the dispersion.
	StdErrs []float64
	// Dispersion is Pearson's X²/(n − p), and 1 where that is less.
	Dispersion float64
	// Fitted is the expected count by month, Leverage its weight on itself.
	Fitted, Leverage []float64
	covariance       *mat.SymDense // with the dispersion
}

// FitCounts is the Poisson likelihood's fit to counts,
//
//	E y_t = e_t exp η_t,  var y_t = φ E y_t
//
// which takes months without anybody and needs no logarithm of them; e is the exposure,
// as days of the month or houses that report, and nil is 1 throughout. The dispersion
// φ ≥ 1 widens the errors (McCullagh & Nelder 1989, ch. 6).
//
// It is an error where a count is negative, an exposure is not above 0, or the likelihood
// has no maximum, as where a position in the year never had anybody and has waves of its own.
func (h Harmonic) FitCounts(y, exposure []float64) (CountRegression, error) {
	return h.fitCounts(y, exposure, nil, nil)
}

// fitCounts weighs months, nil being 1 throughout, and may begin from coefficients that are near.
func (h Harmonic) fitCounts(y, exposure, weights, near []float64) (CountRegression, error) {
	if err := h.check(y); err != nil {
		return CountRegression{}, err
	}
	if exposure != nil && len(exposure) != len(y) {
		return CountRegression{}, fmt.Errorf("harmonic regression of counts: %d counts and %d exposures: give one for each month", len(y), len(exposure))
	}
	if weights == nil {
		weights = make([]float64, len(y))
		for i := range weights {
			weights[i] = 1
		}
	}
	offset, start, err := beginning(y, exposure)
	if err != nil {
		return CountRegression{}, fmt.Errorf("harmonic regression of counts: %w", err)
	}
	r := CountRegression{Harmonic: h}
	x := h.design(len(y))
	for i := range x {
		if near != nil {
			start[i] = dot(x[i], near)
		}
	}
	eta, working, information := start, make([]float64, len(y)), make([]float64, len(y))
	last := math.Inf(1)
	for round := 0; ; round++ { // iteratively reweighted least squares
		for i := range y {
			mu := math.Exp(eta[i] + offset[i])
			information[i], working[i] = weights[i]*mu, eta[i]+(y[i]-mu)/mu
		}
		beta, _, err := WeightedLeastSquares(x, working, information)
		if err != nil || round == 100 {
			return r, fmt.Errorf("harmonic regression of counts: the likelihood has no maximum, as where a position in the year never had anybody: take fewer pairs of waves than %d or a longer series", h.Pairs)
		}
		r.Coefficients = beta
		eta = make([]float64, len(y))
		var deviance float64
		for i := range y {
			eta[i] = dot(x[i], beta)
			mu := math.Exp(eta[i] + offset[i])
			deviance += 2 * weights[i] * (mu - y[i])
			if y[i] > 0 {
				deviance += 2 * weights[i] * y[i] * math.Log(y[i]/mu)
			}
		}
		if math.Abs(last-deviance) <= 1e-12*(1+math.Abs(deviance)) {
			break
		}
		last = deviance
	}
	for i := range y {
		information[i] = weights[i] * math.Exp(eta[i]+offset[i])
	}
	_, inverse, err := WeightedLeastSquares(x, eta, information) // at the maximum itself
	if err != nil {
		return r, fmt.Errorf("harmonic regression of counts: %w", err)
	}
	return r.finish(x, y, offset, weights, inverse)
}

// beginning is the logarithm of the exposure by month, 0 where there is none, and the
// linear predictor from which the fit to counts begins.
func beginning(y, exposure []float64) (offset, start []float64, err error) {
	offset, start = make([]float64, len(y)), make([]float64, len(y))
	for i, v := range y {
		if v < 0 {
			return nil, nil, fmt.Errorf("month %d is %v: counts are at least 0", i+1, v)
		}
		if exposure != nil {
			if !(exposure[i] > 0) || math.IsInf(exposure[i], 0) {
				return nil, nil, fmt.Errorf("the exposure of month %d is %v: it must be above 0", i+1, exposure[i])
			}
			offset[i] = math.Log(exposure[i])
		}
		start[i] = math.Log(v+0.5) - offset[i]
	}
	if mean(y) == 0 {
		return nil, nil, fmt.Errorf("all %d months are 0: there is no season to tell", len(y))
	}
	return offset, start, nil
}

func (r CountRegression) finish(x [][]float64, y, offset, weights []float64, inverse *mat.SymDense) (CountRegression, error) {
	var pearson, least float64
	for i := range y {
		mu := math.Exp(dot(x[i], r.Coefficients) + offset[i])
		r.Fitted = append(r.Fitted, mu)
		r.Leverage = append(r.Leverage, weights[i]*mu*quadratic(x[i], inverse))
		pearson += weights[i] * square(y[i]-mu) / mu
		least = max(least, -dot(x[i], r.Coefficients))
	}
	if least > 30 { // an expectation of 1e-13 a month is one that runs to 0
		return r, fmt.Errorf("harmonic regression of counts: the likelihood has no maximum, for some month's expectation runs to 0: take fewer pairs of waves than %d or a longer series", r.Harmonic.Pairs)
	}
	used := 0
	for _, w := range weights {
		if w > 0 {
			used++
		}
	}
	r.Dispersion = max(1, pearson/float64(used-len(r.Coefficients)))
	r.covariance = mat.NewSymDense(len(r.Coefficients), nil)
	r.covariance.ScaleSym(r.Dispersion, inverse)
	for a := range r.Coefficients {
		r.StdErrs = append(r.StdErrs, math.Sqrt(r.covariance.At(a, a)))
	}
	return r, nil
}

// Index is the level of one position in the year, 1 being the mean of the year.
type Index struct{ Value, StdErr float64 }

// Indices are those of the positions 1 … Period in the year, whose mean is 1:
//
//	I_m = Period · e^{s_m}/Σ_j e^{s_j}
//
// with s the waves alone, and errors by the delta method.
func (r CountRegression) Indices() []Index {
	h := Harmonic{r.Harmonic.Period, r.Harmonic.Pairs, false}
	skip := len(r.Coefficients) - len(h.row(1)) // the trend's coefficient has no part in the season
	waves := make([][]float64, h.Period)
	indices := make([]Index, h.Period)
	var sum float64
	for m := range waves {
		waves[m] = make([]float64, len(r.Coefficients))
		copy(waves[m][1+skip:], h.row(float64(m + 1))[1:])
		indices[m].Value = math.Exp(dot(waves[m], r.Coefficients))
		sum += indices[m].Value
	}
	centre := make([]float64, len(r.Coefficients))
	for m := range indices {
		indices[m].Value *= float64(h.Period) / sum
		for a, w := range waves[m] {
			centre[a] += indices[m].Value * w / float64(h.Period)
		}
	}
	for m := range indices {
		slope := make([]float64, len(centre))
		for a := range slope {
			slope[a] = indices[m].Value * (waves[m][a] - centre[a])
		}
		indices[m].StdErr = math.Sqrt(quadratic(slope, r.covariance))
	}
	return indices
}

// WeightedLeastSquares minimises Σ w (y − x'β)² by the QR decomposition of √W X (Golub & Van
// Loan, Matrix Computations, §5.3): x has a row of p regressors for each of the n ≥ p values y with
// weight w ≥ 0. beta is in the unit of y per regressor, and inverse is (X'WX)⁻¹. Regressors that
// depend on one another, with a condition of R of 10¹² or more, are an error.
func WeightedLeastSquares(x [][]float64, y, w []float64) (beta []float64, inverse *mat.SymDense, err error) {
	n, p := len(x), len(x[0])
	a, b := mat.NewDense(n, p, nil), mat.NewDense(n, 1, nil)
	for i := range x {
		root := math.Sqrt(w[i])
		for j, v := range x[i] {
			a.Set(i, j, root*v)
		}
		b.Set(i, 0, root*y[i])
	}
	var qr mat.QR
	qr.Factorize(a)
	if c := qr.Cond(); !(c < 1e12) {
		return nil, nil, fmt.Errorf("the columns depend on one another (condition %.1g)", c)
	}
	var solution, r, inverseR mat.Dense
	if err := qr.SolveTo(&solution, false, b); err != nil {
		return nil, nil, err
	}
	qr.RTo(&r)
	if err := inverseR.Inverse(r.Slice(0, p, 0, p)); err != nil {
		return nil, nil, err
	}
	inverse = mat.NewSymDense(p, nil)
	inverse.SymOuterK(1, &inverseR)
	return mat.Col(nil, 0, &solution), inverse, nil
}

// quadratic is x'Vx.
func quadratic(x []float64, v mat.Symmetric) float64 {
	vector := mat.NewVecDense(len(x), x)
	return mat.Inner(vector, v, vector)
}
