// Package regularity tells from when a tie was seen, and how often, whether it is
// still alive, and how long the gaps between trips are.
//
// A living tie makes trips as a Poisson process; how often differs from tie to tie
// as a gamma distribution; in every month a tie may end, with one hazard for all.
// That is the Pareto/NBD model (Schmittlein, Morrison & Colombo 1987; Fader, Hardie
// & Lee 2005) with a geometric lifetime counted in months in place of a mixed
// exponential one, and with a season. Where each trip is seen with a probability
// of its own, what is seen is of the same model with fewer trips: the rates are those
// of trips seen, the lifetimes those of ties.
package regularity

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Tie is what is seen of ties until a month: those that are alike are counted.
// Months are year × 12 + month − 1.
type Tie struct {
	// First and Last are the months of the first and the last trip seen.
	First, Last int32
	// Trips is the number of trips seen.
	Trips int32
	// Ties is how many ties are so.
	Ties int64
}

// Season is how many trips the calendar months have, January first, their mean at 1.
type Season [12]float64

// Even is the season of twelve months alike.
var Even = Season{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}

// leastSeason keeps a month in which hardly anybody comes from telling nothing at all.
const leastSeason = 0.05

// Model is the law of trips and endings: a tie's trips seen per month of a mean
// season are gamma with Shape and mean Shape ÷ Scale; each month it ends with the
// probability Hazard.
type Model struct {
	Shape, Scale, Hazard float64
	Season               Season
	// Until is the last month of the data.
	Until int32
}

// Fit is a model fitted by maximum likelihood.
type Fit struct {
	Model
	LogLikelihood float64
	// least and most are the models with the least and the greatest hazard that the
	// data do not speak against.
	least, most Model
}

// ErrFew is returned where too few ties came again to tell a rate from an ending.
var ErrFew = errors.New("too few ties with two trips or more")

// leastAgain is the least number of ties with two trips or more that a model is fitted to.
const leastAgain = 30

// exposure gives the mean-season months in which trips after the first can have
// been seen, from the month of the first trip to each month until the last of the
// data: half of the first month, all of the others.
func (m *Model) exposure(first int32) []float64 {
	e := make([]float64, m.Until-first+1)
	sum := 0.0
	for i := range e {
		part := math.Max(m.Season[(first+int32(i))%12], leastSeason)
		if i == 0 {
			part /= 2
		}
		sum += part
		e[i] = sum
	}
	return e
}

// terms are the likelihood of a tie, as its logarithm, and the probability that it
// has not ended before the last month of the data:
//
//	L       = A + Σ_{τ=l}^{T−1} h (1−h)^{τ−f} g(E(τ)),  A = (1−h)^{T−f} g(E(T)),  P(alive) = A ÷ L
//	g(E)    = Γ(r+x) ÷ Γ(r) · s^r ÷ (s + E)^{r+x}
//
// f, l the months of the first and last trip, T the last month, x the trips after
// the first, E(τ) the exposure until month τ, r the shape, s the scale, h the
// hazard: the tie either goes on, or ended with a month from that of the last trip on.
// logs are log(s + E) by month since the first.
func (m *Model) terms(t Tie, logs []float64) (logL, alive float64) {
	r, x := m.Shape, float64(t.Trips-1)
	stay, ends := math.Log1p(-m.Hazard), math.Log(m.Hazard)
	last, end := int(t.Last-t.First), int(m.Until-t.First)
	a := float64(end)*stay - (r+x)*logs[end]
	sum := 1.0
	for tau := end - 1; tau >= last; tau-- {
		sum += math.Exp(ends + float64(tau)*stay - (r+x)*logs[tau] - a)
	}
	up, _ := math.Lgamma(r + x)
	down, _ := math.Lgamma(r)
	return a + math.Log(sum) + up - down + r*math.Log(m.Scale), 1 / sum
}

// logs prepares log(Scale + exposure) for each month of a first trip.
func (m *Model) logs(exposures map[int32][]float64) map[int32][]float64 {
	out := make(map[int32][]float64, len(exposures))
	for first, e := range exposures {
		l := make([]float64, len(e))
		for i, v := range e {
			l[i] = math.Log(m.Scale + v)
		}
		out[first] = l
	}
	return out
}

func (m *Model) exposures(ties []Tie) map[int32][]float64 {
	out := map[int32][]float64{}
	for _, t := range ties {
		if out[t.First] == nil {
			out[t.First] = m.exposure(t.First)
		}
	}
	return out
}

// FitTies fits the model to ties seen until a month. It returns [ErrFew] where fewer
// than 30 ties came again. The order of ties does not matter.
func FitTies(ties []Tie, season Season, until int32) (Fit, error) {
	ties = merged(ties)
	var again int64
	for _, t := range ties {
		if t.Trips > 1 {
			again += t.Ties
		}
	}
	if again < leastAgain {
		return Fit{}, ErrFew
	}
	l := likelihood{Model: Model{Season: season, Until: until}, ties: ties}
	l.from = l.exposures(ties)
	const fine = 1e-6
	p, _ := l.peak([]float64{math.Log(0.5), math.Log(6), math.Log(0.05)}, 3, fine)
	p, best := l.peak(p, 3, fine) // a simplex may shrink too early: the second begins where the first ended
	return Fit{Model: l.at(p), LogLikelihood: best, least: l.end(p, best, -1), most: l.end(p, best, 1)}, nil
}

// likelihood is the likelihood of ties as a function of (log shape, log scale, logit hazard).
type likelihood struct {
	Model
	ties []Tie
	from map[int32][]float64 // exposures by month of the first trip
}

// mostLog bounds the parameters, which may run away where the likelihood is flat.
const mostLog = 12

func (l *likelihood) value(p []float64) float64 {
	m, sum := l.at(p), 0.0
	logs := m.logs(l.from)
	for _, t := range l.ties {
		v, _ := m.terms(t, logs[t.First])
		sum += float64(t.Ties) * v
	}
	for _, v := range p {
		if math.Abs(v) > mostLog {
			sum -= 1e3 * (math.Abs(v) - mostLog)
		}
	}
	if math.IsNaN(sum) {
		return math.Inf(-1)
	}
	return sum
}

// peak climbs from p, moving the first n parameters (Nelder & Mead 1965), until ten steps
// gain less than the tolerance.
func (l *likelihood) peak(p []float64, n int, tolerance float64) ([]float64, float64) {
	p = slices.Clone(p)
	whole := func(x []float64) []float64 { return append(slices.Clone(x), p[n:]...) }
	result, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 { return -l.value(whole(x)) }}, p[:n],
		&optimize.Settings{FuncEvaluations: 200 * n, Converger: &optimize.FunctionConverge{Absolute: tolerance, Iterations: 10}},
		&optimize.NelderMead{SimplexSize: 0.2})
	if result == nil || err != nil && len(result.X) != n {
		return p, l.value(p)
	}
	return whole(result.X), -result.F
}

// end is the model at an end of the 95 % interval of the hazard: where the profile of
// the likelihood, its peak over shape and scale, is χ²(0.95; 1) ÷ 2 = 1.92 below the
// greatest. Where it is so nowhere within bounds, the model at the bound.
func (l *likelihood) end(p []float64, best, direction float64) Model {
	const below, coarse = 1.92, 0.01
	near, far, at := slices.Clone(p), slices.Clone(p), 0.0
	for step := 0.25; ; step *= 2 {
		far[2] = math.Min(math.Max(near[2]+direction*step, -mostLog), mostLog)
		if far, at = l.peak(far, 2, coarse); at < best-below {
			break
		}
		near = slices.Clone(far)
		if math.Abs(far[2]) >= mostLog {
			return l.at(far)
		}
	}
	for range 5 {
		middle := slices.Clone(near)
		middle[2] = (near[2] + far[2]) / 2
		if middle, at = l.peak(middle, 2, coarse); at < best-below {
			far = middle
		} else {
			near = middle
		}
	}
	return l.at(near)
}

// at is the model at (log shape, log scale, logit hazard).
func (m Model) at(p []float64) Model {
	m.Shape, m.Scale, m.Hazard = math.Exp(p[0]), math.Exp(p[1]), 1/(1+math.Exp(-p[2]))
	m.Hazard = math.Min(math.Max(m.Hazard, 1e-9), 1-1e-9)
	return m
}

// merged counts ties that are alike together, in a fixed order.
func merged(ties []Tie) []Tie {
	sums := map[Tie]int64{}
	for _, t := range ties {
		n := t.Ties
		t.Ties = 0
		sums[t] += n
	}
	out := make([]Tie, 0, len(sums))
	for t, n := range sums {
		t.Ties = n
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Tie) int {
		return slices.Compare([]int32{a.First, a.Last, a.Trips}, []int32{b.First, b.Last, b.Trips})
	})
	return out
}

// Alive is the probability that a tie of which that much is seen until a month has
// not ended before it. Until may lie before the last month of the fit.
func (m Model) Alive(t Tie, until int32) float64 {
	m.Until = until
	logs := m.logs(map[int32][]float64{t.First: m.exposure(t.First)})
	_, alive := m.terms(t, logs[t.First])
	return alive
}

// Returns is the probability that a tie of which that much is seen until a month is
// seen again until the last month of the fit: the likelihood of what is seen, with no
// trip since, against that of what was seen then.
func (m Model) Returns(t Tie, until int32) float64 {
	then := m
	then.Until = until
	e := m.exposure(t.First)
	now, _ := m.terms(t, m.logs(map[int32][]float64{t.First: e})[t.First])
	before, _ := then.terms(t, then.logs(map[int32][]float64{t.First: e[:until-t.First+1]})[t.First])
	return -math.Expm1(now - before)
}

// The cuts by which ties are told apart: active from [Active] on, lapsed below
// [Lapsed], lapsing between.
const (
	Active = 2. / 3
	Lapsed = 1. / 3
)

// States are ties by the probability that they are alive.
type States struct {
	Ties, Active, Lapsing, Lapsed int64
	// Share is the mean of the probability, the expected share of ties that live.
	Share float64
	// Low and High are the ends of the 95 % interval of the share of these ties that live.
	Low, High float64
}

// StatesOf counts ties by whether they are alive in the last month of the data. The
// interval of the share runs from that under the greatest hazard that the data allow
// to that under the least, and 1.96 times the error of which of the ties live,
// √(Σ P(1−P)) ÷ n, beyond.
func (f Fit) StatesOf(ties []Tie) States {
	ties = merged(ties)
	exposures := f.exposures(ties)
	s, spread := f.share(ties, exposures)
	low, lowSpread := f.most.share(ties, exposures)
	high, highSpread := f.least.share(ties, exposures)
	const z = 1.96
	s.Low = math.Max(0, math.Min(low.Share-z*lowSpread, s.Share-z*spread))
	s.High = math.Min(1, math.Max(high.Share+z*highSpread, s.Share+z*spread))
	return s
}

// share counts the ties by state, and gives the standard error of which of them live.
func (m Model) share(ties []Tie, exposures map[int32][]float64) (s States, spread float64) {
	logs := m.logs(exposures)
	for _, t := range ties {
		_, p := m.terms(t, logs[t.First])
		s.Ties += t.Ties
		s.Share += float64(t.Ties) * p
		spread += float64(t.Ties) * p * (1 - p)
		switch {
		case p >= Active:
			s.Active += t.Ties
		case p < Lapsed:
			s.Lapsed += t.Ties
		default:
			s.Lapsing += t.Ties
		}
	}
	n := float64(s.Ties)
	s.Share /= n
	return s, math.Sqrt(spread) / n
}

// daysPerMonth is the mean length of a month.
const daysPerMonth = 365.25 / 12

// MedianGap is the median number of days from a trip of a living tie to its next, in a
// mean season, where each trip is seen with the probability seen: 1 for the gaps
// between trips as they are seen. Ties that make more trips have more gaps, so that
// rates of gaps are gamma with a shape greater by one:
//
//	P(gap > t) = (s ÷ (s + t))^{r+1},  median = s (2^{1/(r+1)} − 1) · seen
//
// since rates of trips as they are made are those of trips seen over seen.
func (m Model) MedianGap(seen float64) float64 {
	return daysPerMonth * seen * m.Scale * (math.Pow(2, 1/(m.Shape+1)) - 1)
}

// Gap is how many gaps of so many days there are: closed by a next trip, or open,
// the last trip being so many days before the end of the data.
type Gap struct {
	Days         int32
	Closed, Open int64
}

// MedianClosed is the median of the closed gaps, whose open fellows are left out: it is
// too short. NaN where there are none.
func MedianClosed(gaps []Gap) float64 {
	closed := slices.Clone(gaps)
	for i := range closed {
		closed[i].Open = 0
	}
	return Median(closed)
}

// Median is the Kaplan–Meier median of gaps, open ones censored: the least number
// of days by which at least half of the gaps are closed (Kaplan & Meier 1958). Gaps
// open for as many days as others took are still at risk on that day. NaN where fewer than
// half are ever closed: half of those who came do not come again while the data last.
func Median(gaps []Gap) float64 {
	sorted := slices.Clone(gaps)
	slices.SortFunc(sorted, func(a, b Gap) int { return int(a.Days) - int(b.Days) })
	var risk int64
	for _, g := range sorted {
		risk += g.Closed + g.Open
	}
	survival := 1.0
	for i := 0; i < len(sorted); {
		days, closed, open := sorted[i].Days, int64(0), int64(0)
		for ; i < len(sorted) && sorted[i].Days == days; i++ {
			closed += sorted[i].Closed
			open += sorted[i].Open
		}
		survival *= 1 - float64(closed)/float64(risk)
		if survival <= 0.5+1e-12 {
			return float64(days)
		}
		risk -= closed + open
	}
	return math.NaN()
}
