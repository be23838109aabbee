package estimate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/transforms/weight"
)

// Survey is a sample ready to be estimated from: how it was drawn, and the
// calibration that its weights went through, nil for none.
type Survey struct {
	Design      weight.Design
	Calibration *weight.Calibration
	// Replicates, where not nil, are what variances of [Domains] are told from.
	Replicates *weight.Replicates
}

// Estimate is a figure with its sampling error, in the unit of the variable.
type Estimate struct {
	Value, StdErr float64
	// DF is the degrees of freedom of the standard error.
	DF float64
}

// Interval is the symmetric interval of Student's t at a level such as 0.95.
func (e Estimate) Interval(level float64) (low, high float64) {
	half := studentQuantile(e.DF, (1+level)/2) * e.StdErr
	return e.Value - half, e.Value + half
}

// LogInterval is the interval of a figure above 0 that is symmetric on the log
// scale: θ̂ e^{±t·se/θ̂}. Of figures that cannot be negative and whose estimates
// are skewed to the right it covers better than [Estimate.Interval]
// (docs/accuracy.md). Of a value of 0 or below it is NaN.
func (e Estimate) LogInterval(level float64) (low, high float64) {
	if !(e.Value > 0) {
		return math.NaN(), math.NaN()
	}
	factor := math.Exp(studentQuantile(e.DF, (1+level)/2) * e.StdErr / e.Value)
	return e.Value / factor, e.Value * factor
}

func studentQuantile(df, p float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p)
}

// Joint is several figures of one sample with their covariance, from which
// contrasts and ratios are taken.
type Joint struct {
	Values     []float64
	Covariance *mat.SymDense
	DF         float64
}

// At is figure i alone.
func (j Joint) At(i int) Estimate {
	return Estimate{Value: j.Values[i], StdErr: math.Sqrt(max(j.Covariance.At(i, i), 0)), DF: j.DF}
}

// Contrast is Σ c_i θ_i with variance cᵀVc: the difference of two domains or of
// two waves that share sampling units, whose variances do not simply add up.
func (j Joint) Contrast(c ...float64) Estimate {
	var value, variance float64
	for i, ci := range c {
		value += ci * j.Values[i]
		for k, ck := range c {
			variance += ci * ck * j.Covariance.At(i, k)
		}
	}
	return Estimate{Value: value, StdErr: math.Sqrt(max(variance, 0)), DF: j.DF}
}

// Weights are the weights to estimate with: the calibrated ones where there are.
func (s Survey) Weights() []float64 {
	if s.Calibration != nil {
		return s.Calibration.Weights
	}
	return s.Design.Weights
}

// joint puts values beside the covariance of their linearised variables, which
// after a calibration are replaced by their residuals on the auxiliary
// variables.
func (s Survey) joint(values []float64, domain []bool, u ...[]float64) (Joint, error) {
	if s.Calibration != nil {
		for i := range u {
			u[i] = s.Calibration.Linearised(u[i])
		}
	}
	v, err := s.Design.Covariance(s.Weights(), u...)
	if err != nil {
		return Joint{}, err
	}
	df, err := s.Design.DegreesOfFreedom(domain)
	return Joint{Values: values, Covariance: v, DF: df}, err
}

// in is y within the domain and 0 outside: all sampling units are kept.
func in(domain []bool, y []float64) []float64 {
	if domain == nil {
		return append([]float64(nil), y...)
	}
	u := make([]float64, len(y))
	for k := range y {
		if domain[k] {
			u[k] = y[k]
		}
	}
	return u
}

// Totals estimates Σ_U y over a domain (nil for the population) for several
// variables: Ŷ = Σ w y. Horvitz & Thompson (1952); linearised variable y.
func (s Survey) Totals(domain []bool, y ...[]float64) (Joint, error) {
	w := s.Weights()
	values, u := make([]float64, len(y)), make([][]float64, len(y))
	for i := range y {
		u[i] = in(domain, y[i])
		for k := range u[i] {
			values[i] += w[k] * u[i][k]
		}
	}
	return s.joint(values, domain, u...)
}

// Total estimates one total; see [Survey.Totals].
func (s Survey) Total(y []float64, domain []bool) (Estimate, error) {
	j, err := s.Totals(domain, y)
	if err != nil {
		return Estimate{}, err
	}
	return j.At(0), nil
}

// Ratio estimates R = Σy/Σx over a domain: R̂ = Ŷ/X̂, linearised variable
// (y − R̂x)/X̂. Of a domain whose x is 0 there is no ratio: an error.
func (s Survey) Ratio(y, x []float64, domain []bool) (Estimate, error) {
	r, u, err := s.linearRatio(y, x, domain)
	if err != nil {
		return Estimate{}, err
	}
	j, err := s.joint([]float64{r}, domain, u)
	if err != nil {
		return Estimate{}, err
	}
	return j.At(0), nil
}

func (s Survey) linearRatio(y, x []float64, domain []bool) (float64, []float64, error) {
	w := s.Weights()
	yd, xd := in(domain, y), in(domain, x)
	var sy, sx float64
	for k := range w {
		sy += w[k] * yd[k]
		sx += w[k] * xd[k]
	}
	if sx == 0 {
		return 0, nil, fmt.Errorf("the denominator of the ratio is 0: the domain holds no respondent who counts in it")
	}
	r := sy / sx
	u := make([]float64, len(w))
	for k := range u {
		u[k] = (yd[k] - r*xd[k]) / sx
	}
	return r, u, nil
}

// Domain is a variable over some units; a nil domain is all.
type Domain struct {
	Y  []float64
	In []bool
}

// Means estimates the means of several variables, each over its own domain, with
// the covariance between them: Hájek's Σwy/Σw.
func (s Survey) Means(domains ...Domain) (Joint, error) {
	ones := make([]float64, len(s.Design.Weights))
	for k := range ones {
		ones[k] = 1
	}
	values, u := make([]float64, len(domains)), make([][]float64, len(domains))
	for i, d := range domains {
		var err error
		if values[i], u[i], err = s.linearRatio(d.Y, ones, d.In); err != nil {
			return Joint{}, fmt.Errorf("mean %d: %w", i+1, err)
		}
	}
	union := domains[0].In
	if len(domains) > 1 {
		union = nil
	}
	return s.joint(values, union, u...)
}

// Mean estimates one mean; see [Survey.Means].
func (s Survey) Mean(y []float64, domain []bool) (Estimate, error) {
	j, err := s.Means(Domain{y, domain})
	if err != nil {
		return Estimate{}, err
	}
	return j.At(0), nil
}

// DesignEffect is the variance of a total or mean over that of a simple random
// sample without replacement of the same size from a population of Σw, for the
// total: v_SRS = N²(1 − n/N) s²/n. Kish (1965).
func (s Survey) DesignEffect(total Estimate, y []float64) float64 {
	w := s.Weights()
	n := float64(len(w))
	var population, mean, square float64
	for k := range w {
		population += w[k]
		mean += w[k] * y[k]
	}
	mean /= population
	for k := range w {
		square += w[k] * (y[k] - mean) * (y[k] - mean)
	}
	s2 := square / population * n / (n - 1)
	return total.StdErr * total.StdErr / (population * population * (1 - n/population) * s2 / n)
}
