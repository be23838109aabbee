package series

import (
	"fmt"
	"math"
)

// STL says how a series is decomposed by loess (Cleveland, Cleveland, McRae &
// Terpenning 1990, J. Off. Stat. 6:3). Every point is fitted; none is interpolated.
type STL struct {
	// Period is the number of months after which the season comes again, usually 12.
	Period int
	// SeasonalWindow is the number of years over which a month's season is smoothed:
	// odd, at least 7 by the authors' advice; 0 is a season that never changes.
	SeasonalWindow int
	// TrendWindow is the number of months over which the trend is smoothed, odd; 0 is
	// the authors' choice, the next odd number from 1.5·Period/(1 − 1.5/SeasonalWindow).
	TrendWindow int
	// Robust gives months that stand out less weight, in 15 rounds.
	Robust bool
}

// Decomposition is y = Trend + Seasonal + Remainder, in the unit of y.
type Decomposition struct {
	Trend, Seasonal, Remainder []float64
	// Weights are those of the months in the last round, all 1 where not robust.
	Weights []float64
}

// SeasonalStrength is max(0, 1 − var R/var(S + R)): 0 without a season, 1 where the
// season explains whatever the trend does not. Wang, Smith & Hyndman (2006).
func (d Decomposition) SeasonalStrength() float64 { return strength(d.Seasonal, d.Remainder) }

// TrendStrength is max(0, 1 − var R/var(T + R)).
func (d Decomposition) TrendStrength() float64 { return strength(d.Trend, d.Remainder) }

func strength(part, remainder []float64) float64 {
	both := make([]float64, len(part))
	for i := range part {
		both[i] = part[i] + remainder[i]
	}
	v := variance(both)
	if v == 0 {
		return 0
	}
	return max(0, 1-variance(remainder)/v)
}

// plan is an STL with every window set.
type plan struct {
	period, seasonal, trend, lowPass, inner, outer int
	periodic                                       bool
}

func (s STL) plan(n int) (plan, error) {
	p := plan{period: s.Period, seasonal: s.SeasonalWindow, trend: s.TrendWindow, lowPass: nextOdd(float64(s.Period)), inner: 2}
	if s.SeasonalWindow == 0 {
		p.periodic, p.seasonal = true, 10*n+1
	}
	if s.Robust {
		p.inner, p.outer = 1, 15
	}
	if p.trend == 0 {
		p.trend = nextOdd(math.Ceil(1.5 * float64(s.Period) / (1 - 1.5/float64(p.seasonal))))
	}
	switch {
	case s.Period < 2:
		return p, fmt.Errorf("STL: the period is %d months: it must be 2 or more, as 12 for a year", s.Period)
	case p.seasonal < 3 || p.seasonal%2 == 0:
		return p, fmt.Errorf("STL: the seasonal window is %d years: it must be odd and at least 3, or 0 for a season that never changes", s.SeasonalWindow)
	case p.trend < 3 || p.trend%2 == 0:
		return p, fmt.Errorf("STL: the trend window is %d months: it must be odd and at least 3, or 0 for the usual one", s.TrendWindow)
	}
	return p, nil
}

// nextOdd is x, or the number after it where x is even.
func nextOdd(x float64) int { return int(math.Round(x)) | 1 }

// Decompose splits y into trend, season and remainder. In each inner loop
//
//	C  the months of one position in the year, y − T smoothed over years
//	S  C less its own low pass: running means of Period, Period and 3 months, then loess
//	T  y − S smoothed over months
//
// with loess of degree 0 for the months of a position and degree 1 otherwise. The outer
// loop of the robust fit weighs month i by (1 − (|R_i|/6 median|R|)²)², the bisquare.
//
// It is an error where y holds no more than two periods, or has a gap.
func (s STL) Decompose(y []float64) (Decomposition, error) {
	p, err := s.plan(len(y))
	if err != nil {
		return Decomposition{}, err
	}
	if err := checkSeries("STL", y, 2*s.Period+1); err != nil {
		return Decomposition{}, err
	}
	n := len(y)
	d := Decomposition{Trend: make([]float64, n), Seasonal: make([]float64, n), Remainder: make([]float64, n), Weights: make([]float64, n)}
	for i := range d.Weights {
		d.Weights[i] = 1
	}
	for round := 0; ; round++ {
		for range p.inner {
			p.innerLoop(y, &d)
		}
		for i := range y {
			d.Remainder[i] = y[i] - d.Trend[i] - d.Seasonal[i]
		}
		if round == p.outer {
			break
		}
		d.Weights = bisquare(d.Remainder)
	}
	if p.periodic {
		p.average(y, &d)
	}
	return d, nil
}

// innerLoop brings season and trend up to date.
func (p plan) innerLoop(y []float64, d *Decomposition) {
	n := len(y)
	cycle := make([]float64, n+2*p.period) // a year more on either side
	for position := range p.period {
		var values, weights []float64
		for i := position; i < n; i += p.period {
			values, weights = append(values, y[i]-d.Trend[i]), append(weights, d.Weights[i])
		}
		for j := -1; j <= len(values); j++ {
			cycle[position+(j+1)*p.period] = loess(values, weights, float64(j), p.seasonal, 0)
		}
	}
	low := runningMean(runningMean(runningMean(cycle, p.period), p.period), 3)
	low = smooth(low, nil, p.lowPass)
	deseasonalised := make([]float64, n)
	for i := range y {
		d.Seasonal[i] = cycle[i+p.period] - low[i]
		deseasonalised[i] = y[i] - d.Seasonal[i]
	}
	d.Trend = smooth(deseasonalised, d.Weights, p.trend)
}

// average makes the season of each position its mean over years, so that it is the
// same in all of them to the last digit.
func (p plan) average(y []float64, d *Decomposition) {
	for position := range p.period {
		var values []float64
		for i := position; i < len(y); i += p.period {
			values = append(values, d.Seasonal[i])
		}
		m := mean(values)
		for i := position; i < len(y); i += p.period {
			d.Seasonal[i] = m
			d.Remainder[i] = y[i] - d.Trend[i] - m
		}
	}
}

// bisquare weighs remainders; all count in full where more than half are 0.
func bisquare(remainder []float64) []float64 {
	sizes, weights := make([]float64, len(remainder)), make([]float64, len(remainder))
	for i, r := range remainder {
		sizes[i] = math.Abs(r)
	}
	h := 6 * median(sizes)
	for i, r := range sizes {
		switch {
		case r <= 0.001*h || h == 0:
			weights[i] = 1
		case r <= 0.999*h:
			weights[i] = square(1 - square(r/h))
		}
	}
	return weights
}

// runningMean is the mean of every w values in a row: w − 1 fewer than y has.
func runningMean(y []float64, w int) []float64 {
	means := make([]float64, len(y)-w+1)
	for i := range means {
		means[i] = mean(y[i : i+w])
	}
	return means
}

// smooth is the loess of degree 1 at each of its points; nil weights are 1.
func smooth(y, weights []float64, window int) []float64 {
	smoothed := make([]float64, len(y))
	for i := range y {
		smoothed[i] = loess(y, weights, float64(i), window, 1)
	}
	return smoothed
}

// loess is the local fit at x of values at 0, 1, … n − 1 by the window nearest of them,
// with tricube weights (1 − (r/h)³)³ over the distance h of the farthest; a window wider
// than the series widens h by half of what is missing. A neighbourhood whose weights are
// all 0 is given the value of the month nearest to x.
func loess(y, weights []float64, x float64, window, degree int) float64 {
	n := len(y)
	q := min(window, n)
	left := max(0, min(n-q, int(x)-(q-1)/2))
	h := max(x-float64(left), float64(left+q-1)-x)
	if window > n {
		h += float64((window - n) / 2)
	}
	w := make([]float64, q)
	var sum float64
	for j := range w {
		r := math.Abs(float64(left+j) - x)
		switch {
		case r <= 0.001*h:
			w[j] = 1
		case r <= 0.999*h:
			w[j] = cube(1 - cube(r/h))
		}
		if weights != nil {
			w[j] *= weights[left+j]
		}
		sum += w[j]
	}
	if sum <= 0 {
		return y[max(0, min(n-1, int(x)))]
	}
	var centre, spread, fit float64
	for j := range w {
		w[j] /= sum
		centre += w[j] * float64(left+j)
	}
	for j := range w {
		spread += w[j] * square(float64(left+j)-centre)
	}
	slope := 0.0
	if degree > 0 && math.Sqrt(spread) > 0.001*float64(n-1) {
		slope = (x - centre) / spread
	}
	for j := range w {
		fit += w[j] * (1 + slope*(float64(left+j)-centre)) * y[left+j]
	}
	return fit
}

func cube(x float64) float64 { return x * x * x }

// ClassicalIndices are the additive indices of the positions in the year: the means of
// y less its centred running mean over one period, less their own mean. They are the
// textbook's, kept beside [STL] since a reader can check them by hand; a month that
// stands out moves them.
func ClassicalIndices(y []float64, period int) ([]float64, error) {
	if period < 2 {
		return nil, fmt.Errorf("classical indices: the period is %d months: it must be 2 or more", period)
	}
	if err := checkSeries("classical indices", y, 2*period); err != nil {
		return nil, err
	}
	trend, half := runningMean(y, period), period/2
	if period%2 == 0 {
		trend = runningMean(trend, 2)
	}
	sums, years := make([]float64, period), make([]float64, period)
	for i, t := range trend {
		sums[(i+half)%period] += y[i+half] - t
		years[(i+half)%period]++
	}
	for i := range sums {
		sums[i] /= years[i]
	}
	m := mean(sums)
	for i := range sums {
		sums[i] -= m
	}
	return sums, nil
}
