package capture

import (
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/transforms/golden"
)

// Mixture is a distribution of Poisson rates on finitely many points, of greatest likelihood.
type Mixture struct {
	// Support are the rates, in visits per period, and Weights their shares, which sum to 1.
	Support, Weights []float64
	// LogLikelihood is that of the counts, with the factorials.
	LogLikelihood float64
	// MaxGradient is the greatest of [Mixture.Gradient] over all rates: at the greatest
	// likelihood it is 0, and n times it bounds what any other mixture could have more.
	MaxGradient float64
	counts      tallied
	fitted      []float64 // P_y of the counts that occur
}

// tallied are the counts that occur, with their shares f_y/n.
type tallied struct {
	n        float64
	y, share []float64
}

// FitMixture is the nonparametric maximum likelihood estimate of the distribution of
// Poisson rates among n persons of whom f_y have y visits, y from 0 on:
//
//	ℓ(Q) = Σ_y f_y log P_y,  P_y = Σ_i w_i e^{−λ_i} λ_i^y/y!
//
// Simar (1976, Ann. Statist. 4:1200). Lindsay (1983, Ann. Statist. 11:86): it has no more
// points than there are distinct counts, lies between the least and the greatest, and is the
// mixture at which the gradient function is nowhere above 0,
//
//	D(λ) = Σ_y (f_y/n) e^{−λ}λ^y/(y! P_y) − 1 ≤ 0
//
// All local maxima of D are taken into the support and the weights made best, points of no
// weight leaving; points that lie as twins on either side of one are merged where the
// likelihood allows it, rates and weights being made best together. Where D is nearly flat, as low rates have it, the points are
// uncertain though the likelihood is not.
//
// Everybody counts here, those with no visit too; for persons seen at least once see [FitFree].
func FitMixture(counts []float64) (Mixture, error) {
	c, err := talliedOf(counts)
	if err != nil {
		return Mixture{}, err
	}
	m := c.directions()
	if !(m.MaxGradient < 1e-6) {
		return m, fmt.Errorf("Poisson mixture: the greatest gradient is %v, and must be below 1e-6: the greatest likelihood is not reached", m.MaxGradient)
	}
	m.LogLikelihood = m.logLikelihood()
	return m, nil
}

func talliedOf(counts []float64) (tallied, error) {
	var c tallied
	for y, f := range counts {
		if !(f >= 0) || math.IsInf(f, 0) {
			return c, fmt.Errorf("persons with %d visits: %v is no count: give numbers of at least 0", y, f)
		}
		if f > 0 {
			c.n, c.y, c.share = c.n+f, append(c.y, float64(y)), append(c.share, f)
		}
	}
	if c.n == 0 {
		return c, fmt.Errorf("Poisson mixture: nobody is counted: there is nothing to estimate from")
	}
	c.share = multiplied(c.share, 1/c.n)
	return c, nil
}

func (m Mixture) logLikelihood() float64 {
	var l float64
	for i, y := range m.counts.y {
		l += m.counts.n * m.counts.share[i] * (math.Log(m.fitted[i]) + logPeak(y))
	}
	return l
}

// Gradient is D(λ), what the mean log-likelihood gains per share of persons moved to λ.
func (m Mixture) Gradient(rate float64) float64 {
	d := -1.0
	for i, y := range m.counts.y {
		d += m.counts.share[i] * relative(y, rate) / m.fitted[i]
	}
	return d
}

// relative is the Poisson probability of y at a rate over its greatest, that at rate y.
func relative(y, rate float64) float64 {
	switch {
	case y == 0:
		return math.Exp(-rate)
	case rate == 0:
		return 0
	}
	return math.Exp(y*math.Log(rate/y) - rate + y)
}

// logPeak is the logarithm of the Poisson probability of y at rate y.
func logPeak(y float64) float64 {
	factorial, _ := math.Lgamma(y + 1)
	if y == 0 {
		return 0
	}
	return y*math.Log(y) - y - factorial
}

// mixture is that of rates and weights.
func (c tallied) mixture(support, weights []float64) Mixture {
	m := Mixture{Support: support, Weights: weights, counts: c, fitted: make([]float64, len(c.y))}
	for i, y := range c.y {
		for k, rate := range support {
			m.fitted[i] += weights[k] * relative(y, rate)
		}
	}
	return m
}

// mean is the mean log-likelihood less what no mixture changes, the weights' sum being free:
// Σ (f_y/n) log P_y − Σ w_i, greatest where they sum to 1.
func (m Mixture) mean() float64 {
	var l float64
	for i, p := range m.fitted {
		l += m.counts.share[i] * math.Log(p)
	}
	for _, w := range m.Weights {
		l -= w
	}
	return l
}

// grid is the distance of rates on the square root scale, where a Poisson number has a
// standard deviation of a half.
const grid = 0.05

// rates lie between the least and the greatest count, step apart on the square root scale.
func (c tallied) rates(step float64) []float64 {
	low, high := math.Sqrt(c.y[0]), math.Sqrt(c.y[len(c.y)-1])
	rates := []float64{c.y[0]}
	for at := low + step; at < high; at += step {
		rates = append(rates, at*at)
	}
	if high > low {
		rates = append(rates, c.y[len(c.y)-1])
	}
	return rates
}

// peaks are the local maxima of D, and the greatest of them.
func (m Mixture) peaks() (at []float64, greatest float64) {
	rates := m.counts.rates(grid)
	d := make([]float64, len(rates))
	for i, rate := range rates {
		d[i] = m.Gradient(rate)
	}
	greatest = slices.Max(d)
	for i := range d {
		before, after := max(i-1, 0), min(i+1, len(d)-1)
		if d[i] < d[before] || d[i] < d[after] {
			continue
		}
		peak := golden.Section(rates[before], rates[after], 1e-9*(1+rates[after]), m.Gradient)
		if d[i] >= peak.Top {
			peak.At = rates[i]
		}
		at, greatest = append(at, peak.At), max(greatest, peak.Top)
	}
	return at, greatest
}

// lightest is the weight below which a point leaves the support.
const lightest = 1e-7

// directions takes the local maxima of D into the support, and merges twins once D is small,
// until it is nowhere above 1e−10, or as near as rounding lets it.
func (c tallied) directions() Mixture {
	support := c.rates(10 * grid)
	var m Mixture
	for range 60 {
		m = c.mixture(c.weigh(support))
		peaks, greatest := m.peaks()
		if greatest < 1e-4 {
			m = c.merge(m)
			peaks, greatest = m.peaks()
		}
		m.MaxGradient = greatest
		if greatest < 1e-10 {
			break
		}
		support = m.Support
		for _, peak := range peaks {
			if m.Gradient(peak) > 0 {
				support = append(support, peak)
			}
		}
		slices.Sort(support)
		support = slices.CompactFunc(support, func(a, b float64) bool { return math.Abs(a-b) < 1e-7*(1+b) })
	}
	return m
}

// weigh is the best weights of a support, the points of no weight left out.
func (c tallied) weigh(support []float64) (points, weights []float64) {
	start := make([]float64, len(support))
	for k := range start {
		start[k] = 1 / float64(len(start))
	}
	rows := make([][]float64, len(c.y))
	for i, y := range c.y {
		for _, rate := range support {
			rows[i] = append(rows[i], relative(y, rate))
		}
	}
	l := func(w []float64) (value float64, gradient []float64, roots [][]float64) {
		gradient = make([]float64, len(w))
		for k := range w {
			value, gradient[k] = value-w[k], -1
		}
		for i, row := range rows {
			fitted := dot(row, w)
			value += c.share[i] * math.Log(fitted)
			for k, p := range row {
				gradient[k] += c.share[i] * p / fitted
			}
			roots = append(roots, multiplied(row, math.Sqrt(c.share[i])/fitted))
		}
		return value, gradient, roots
	}
	for k, w := range (program{likelihood: l}).maximise(start, 0.1, 1e-12) {
		if w > lightest {
			points, weights = append(points, support[k]), append(weights, w)
		}
	}
	return points, weights
}
