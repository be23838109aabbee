package series

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// Farrington says how a count is judged by the months before it, after Farrington,
// Andrews, Beale & Catchpole (1996, JRSS A 159:547) as improved by Noufaily et al.
// (2013, Stat. Med. 32:1206).
type Farrington struct {
	// Harmonic is the model of the baseline; its trend is kept whether significant or not.
	Harmonic Harmonic
	// Alpha is the probability of a false flag, in a month where nothing stands out.
	Alpha float64
	// Recent months just before the one judged are left out, so that what begins slowly
	// is not its own baseline.
	Recent int
	// Least is the smallest count that is worth a flag: Farrington et al. take 5.
	Least float64
}

// Exceedance is a count beside what was to be expected of it.
type Exceedance struct {
	Count, Expected float64
	// Limit is the greatest count that is no flag.
	Limit float64
	// Score is (Count − Expected)/(Limit − Expected): above 1 is a flag. Where nearly
	// nobody is expected, so that Limit is no more than Expected, it is 0, or +Inf for a flag.
	Score float64
	// Dispersion is φ of the baseline.
	Dispersion float64
}

// Flag tells whether the count is above its limit.
func (e Exceedance) Flag() bool { return e.Count > e.Limit }

// outlying is the Anscombe residual beyond which a month of the baseline counts less.
const outlying = 2.58

// Judge judges the last of the counts by those before it. The baseline is fitted by
// Poisson likelihood with dispersion φ, then again with months of a scaled Anscombe
// residual
//
//	s_i = (3/2)(y_i^{2/3} − μ_i^{2/3})/(μ_i^{1/6} √(φ(1 − h_i)))
//
// above 2.58 weighing s_i⁻², so that past exceedances do not hide new ones. The limit is
// the quantile Φ(t) of the negative binomial distribution with the mean expected, μ, and
// the variance of the prediction, φμ + μ² x'v(β̂)x; t is Student's quantile 1 − Alpha with
// the baseline's degrees of freedom, since φ is estimated. Noufaily et al. leave the second
// term out and take t to be normal, having hundreds of weeks; with a few years of months
// both matter.
//
// Exposure is as in [Harmonic.FitCounts], one for each count, or nil.
func (f Farrington) Judge(counts, exposure []float64) (Exceedance, error) {
	if err := checkLevel("the probability of a false flag", f.Alpha); err != nil {
		return Exceedance{}, err
	}
	last := len(counts) - 1
	if f.Recent < 0 || last-f.Recent < 1 {
		return Exceedance{}, fmt.Errorf("exceedance: %d months, of which %d just before the last are left out: no baseline remains", len(counts), f.Recent)
	}
	if err := checkSeries("exceedance", counts, 1); err != nil {
		return Exceedance{}, err
	}
	if counts[last] < 0 {
		return Exceedance{}, fmt.Errorf("exceedance: the count judged is %v: counts are at least 0", counts[last])
	}
	exposed := 1.0
	y := counts[:last-f.Recent]
	if exposure != nil {
		if len(exposure) != len(counts) {
			return Exceedance{}, fmt.Errorf("exceedance: %d counts and %d exposures: give one for each month", len(counts), len(exposure))
		}
		if !(exposure[last] > 0) || math.IsInf(exposure[last], 0) {
			return Exceedance{}, fmt.Errorf("exceedance: the exposure of the month judged is %v: it must be above 0", exposure[last])
		}
		exposed = exposure[last]
		exposure = exposure[:len(y)]
	}
	fit, err := f.Harmonic.fitCounts(y, exposure, nil, nil)
	if err != nil {
		return Exceedance{}, err
	}
	if fit, err = f.Harmonic.fitCounts(y, exposure, fit.downweighted(y), nil); err != nil {
		return Exceedance{}, err
	}
	mu, spread := fit.predict(float64(len(counts)), exposed)
	level := distuv.UnitNormal.CDF(studentQuantile(1-f.Alpha, float64(len(y)-len(fit.Coefficients))))
	e := Exceedance{Count: counts[last], Expected: mu, Dispersion: fit.Dispersion}
	e.Limit = max(f.Least-1, negativeBinomialQuantile(level, mu, spread))
	switch {
	case e.Limit > mu:
		e.Score = (e.Count - mu) / (e.Limit - mu)
	case e.Flag():
		e.Score = math.Inf(1)
	}
	return e, nil
}

// downweighted are weights whose sum is the number of months.
func (r CountRegression) downweighted(y []float64) []float64 {
	weights := make([]float64, len(y))
	var sum float64
	for i, mu := range r.Fitted {
		weights[i] = 1
		s := 1.5 * (math.Pow(y[i], 2.0/3) - math.Pow(mu, 2.0/3)) / (math.Pow(mu, 1.0/6) * math.Sqrt(r.Dispersion*max(1e-10, 1-r.Leverage[i])))
		if s > outlying {
			weights[i] = 1 / (s * s)
		}
		sum += weights[i]
	}
	for i := range weights {
		weights[i] *= float64(len(y)) / sum
	}
	return weights
}

// negativeBinomialQuantile is the least count whose probability not to be exceeded is p,
// for a mean and a variance; the Poisson distribution where they hardly differ.
func negativeBinomialQuantile(p, mean, variance float64) float64 {
	below := func(count int) float64 { return atMost(float64(count), mean, variance) }
	high := 1
	for below(high) < p {
		high *= 2
	}
	return float64(sort.Search(high, func(count int) bool { return below(count) >= p }))
}
