package series

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A flag asks a person to look; it takes no month out of any estimate.

// RobustZ is (y − median)/(1.4826 · median|y − median|), which a few months that stand
// out do not move; beyond 3.5 is the usual flag (Iglewicz & Hoaglin 1993). It knows
// neither trend nor season: give remainders of [STL], or a series without either. It is
// an error where half the months are equal, which leaves no scale.
func RobustZ(y []float64) ([]float64, error) {
	if err := checkSeries("robust z", y, 3); err != nil {
		return nil, err
	}
	centre := median(y)
	distances, z := make([]float64, len(y)), make([]float64, len(y))
	for i, v := range y {
		distances[i] = math.Abs(v - centre)
	}
	scale := 1.4826 * median(distances)
	if scale == 0 {
		return nil, fmt.Errorf("robust z: half of the %d months or more are %v, so that there is no scale: flag by counts instead", len(y), centre)
	}
	for i, v := range y {
		z[i] = (v - centre) / scale
	}
	return z, nil
}

// Beyond are the months, from 1, whose |z| is more than a limit.
func Beyond(z []float64, limit float64) []int {
	var months []int
	for i, v := range z {
		if math.Abs(v) > limit {
			months = append(months, i+1)
		}
	}
	return months
}

// Fence gives Tukey's limits, k interquartile ranges outside the quartiles: 1.5 is his
// inner fence and 3 his outer one. Quartiles are those of Hyndman & Fan's type 7.
func Fence(y []float64, k float64) (low, high float64, err error) {
	if err := checkSeries("fence", y, 4); err != nil {
		return 0, 0, err
	}
	first, third := quantile(y, 0.25), quantile(y, 0.75)
	return first - k*(third-first), third + k*(third-first), nil
}

// Studentised are the externally studentised residuals,
//
//	r_i = e_i/(s_(i) √(1 − h_i)),  s²_(i) = (RSS − e²_i/(1 − h_i))/(DF − 1)
//
// in which month i has no part in the scale it is judged by (Cook & Weisberg 1982,
// §2.2.1). A month that alone determines a coefficient has none: NaN.
func (r Regression) Studentised() []float64 {
	studentised := make([]float64, len(r.Residuals))
	rss := square(r.Sigma) * float64(r.DF)
	for i, e := range r.Residuals {
		free := 1 - r.Leverage[i]
		if free < 1e-10 {
			studentised[i] = math.NaN()
			continue
		}
		without := max(0, rss-square(e)/free) / float64(r.DF-1)
		studentised[i] = e / math.Sqrt(without*free)
	}
	return studentised
}

// Outliers are the months that stand out of a trend with a season.
type Outliers struct {
	Fit         Regression
	Studentised []float64
	// Limit is Student's quantile at 1 − alpha/2n with DF − 1 degrees of freedom, beyond
	// which lie Months, counted from 1.
	Limit  float64
	Months []int
}

// LogOutliers tests every month of ln y against a harmonic regression by its studentised
// residual, with Bonferroni's correction for the n months: in a series where nothing
// stands out, alpha is the probability of any flag. Months near one another that stand
// out the same way hide each other.
//
// It is an error where a month is not above 0 (counts with months of nobody are for
// [Farrington]), or where the regression fits exactly.
func LogOutliers(h Harmonic, y []float64, alpha float64) (Outliers, error) {
	if err := checkLevel("the probability of a false flag", alpha); err != nil {
		return Outliers{}, err
	}
	logs := make([]float64, len(y))
	for i, v := range y {
		if !(v > 0) {
			return Outliers{}, fmt.Errorf("outliers of logarithms: month %d is %v: every month must be above 0; for counts that are not, use the exceedance", i+1, v)
		}
		logs[i] = math.Log(v)
	}
	fit, err := h.Fit(logs)
	if err != nil {
		return Outliers{}, err
	}
	if fit.Sigma <= 1e-12*(1+math.Abs(mean(logs))) {
		return Outliers{}, fmt.Errorf("outliers of logarithms: the regression fits all %d months exactly, so that there is no scale", len(y))
	}
	o := Outliers{Fit: fit, Studentised: fit.Studentised()}
	o.Limit = distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(fit.DF - 1)}.Quantile(1 - alpha/float64(2*len(y)))
	o.Months = Beyond(o.Studentised, o.Limit)
	return o, nil
}

// Chart is an exponentially weighted moving average with its limits.
type Chart struct {
	Averages  []float64
	Low, High float64
}

// Months are those, from 1, whose average lies outside the limits.
func (c Chart) Months() []int {
	var months []int
	for i, v := range c.Averages {
		if v < c.Low || v > c.High {
			months = append(months, i+1)
		}
	}
	return months
}

// EWMA follows a level that moves little by little (Roberts 1959):
//
//	z_i = λ y_i + (1 − λ) z_{i−1},  z_0 = ȳ,  limits ȳ ± L s √(λ/(2 − λ))
//
// with mean ȳ and standard deviation s of the first months, which are taken to be in
// order; λ = 0.2 and L = 3 are usual. The limits are for months that are independent:
// a trend, a season or months that follow one another leave them soon, so that
// remainders are charted rather than figures.
func EWMA(y []float64, first int, lambda, width float64) (Chart, error) {
	switch {
	case first < 2 || first > len(y):
		return Chart{}, fmt.Errorf("EWMA: the first %d of %d months are to be in order: give 2 or more, and no more than there are", first, len(y))
	case !(lambda > 0 && lambda <= 1):
		return Chart{}, fmt.Errorf("EWMA: λ is %v: it must be above 0 and at most 1", lambda)
	case !(width > 0):
		return Chart{}, fmt.Errorf("EWMA: limits of %v standard deviations: they must be above 0", width)
	}
	if err := checkSeries("EWMA", y, 2); err != nil {
		return Chart{}, err
	}
	level := mean(y[:first])
	half := width * math.Sqrt(variance(y[:first])*lambda/(2-lambda))
	c := Chart{Low: level - half, High: level + half}
	for _, v := range y {
		level = lambda*v + (1-lambda)*level
		c.Averages = append(c.Averages, level)
	}
	return c, nil
}
