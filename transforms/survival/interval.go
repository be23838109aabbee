package survival

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Scale is on which a probability is taken to be normal.
type Scale int

const (
	// LogLog is ln(−ln p): p^{exp(±z se/(p ln p))}.
	LogLog Scale = iota
	// Log is ln p: p exp(±z se/p), cut at 1.
	Log
	// Plain is p ± z se, cut at 0 and 1.
	Plain
)

// Interval is the kind of an interval; the zero value is of 95 % by log-log.
type Interval struct {
	Scale Scale
	// Level is the confidence level; 0 stands for 0.95.
	Level float64
}

// Status is what a figure rests on.
type Status int

const (
	// Estimated: value, standard error and interval.
	Estimated Status = iota
	// Exact: no event, or nobody without one. The standard error is 0, the interval that of
	// a binomial proportion of 0 or 1.
	Exact
	// NotEstimable: nobody at risk, one cluster alone, or more events after correction
	// than persons. Value and StdErr are 0 and not to be read, and the interval tells
	// nothing.
	NotEstimable
)

// String is the status in print.
func (s Status) String() string {
	return [...]string{"estimated", "exact", "not estimable"}[s]
}

// Point is a figure of a curve at a time.
type Point struct {
	// Value is the probability, StdErr its standard error, Low and High its interval.
	Value, StdErr, Low, High float64
	// AtRisk is the number of spells at risk at the time (with late entry at the first end
	// of a spell from then on), and Events that of the spells with the event until then.
	AtRisk, Events int
	Status         Status
}

// notEstimable is what is said where nothing is known.
var notEstimable = Point{High: 1, Status: NotEstimable}

func (in Interval) normal() float64 {
	return distuv.UnitNormal.Quantile((1 + in.level()) / 2)
}

func (in Interval) level() float64 { return cmp.Or(in.Level, 0.95) }

// exact is the upper limit of a proportion of which n show none: 1 − (α/2)^{1/n} (Clopper &
// Pearson 1934).
func (in Interval) exact(n float64) float64 {
	return -math.Expm1(math.Log((1-in.level())/2) / n)
}

// Limits are the ends of an interval about a probability 0 < p < 1 with the standard error se, within 0 to 1, by the formula of
// the scale. On LogLog that of p is not that of 1 − p: incidences take 1 less the ends of survival's.
func (in Interval) Limits(p, se float64) (low, high float64) {
	z := in.normal()
	switch in.Scale {
	case Plain:
		low, high = p-z*se, p+z*se
	case Log:
		low, high = p*math.Exp(-z*se/p), p*math.Exp(z*se/p)
	default:
		e := z * se / (p * -math.Log(p))
		low, high = math.Pow(p, math.Exp(e)), math.Pow(p, math.Exp(-e))
	}
	return max(0, low), min(1, high)
}

// SurvivalAt is the probability that no event has happened until a time.
//
// While there is no event, S = 1 and the interval is exact: whatever the hazard h at each
// time, P(no event) = Π(1 − h)^Y ≤ S^n with n the least risk set on the way, so that S is
// at least (α/2)^{1/n}. Where everybody at risk has an event S = 0, and at most
// 1 − (α/2)^{1/n} with n the last risk set. n is the effective number: Kish's (Σw)²/Σw², and
// no more than the clusters at risk; 1 − S is divided by the least sensitivity. Before the
// curve begins nothing is estimable, nor after it ends unless it ends at 0.
func (c *Curve) SurvivalAt(t int32, in Interval) Point {
	if !c.known(t) {
		return notEstimable
	}
	p := Point{Value: 1, High: 1, AtRisk: c.atRisk(t)}
	sensitivity := 1.0
	for k := range c.Events {
		p.Events += c.eventsUntil(k, t)
		sensitivity = min(sensitivity, c.capture[k].Sensitivity)
	}
	if p.Events == 0 {
		p.Status, p.Low = Exact, 1-c.unseen(t, sensitivity, in)
		return p
	}
	step := c.last(t)
	p.Value, p.StdErr = c.Survival[step], c.SurvivalErr[step]
	return c.interval(p, step, in)
}

// IncidenceAt is the probability that an event of a cause, from 1, has happened until a
// time: the cumulative incidence. Its intervals are those of [Curve.SurvivalAt]; without
// an event of the cause it is at most 1 − (α/2)^{1/n}, over the sensitivity.
func (c *Curve) IncidenceAt(cause int, t int32, in Interval) Point {
	if !c.known(t) {
		return notEstimable
	}
	k := cause - 1
	p := Point{AtRisk: c.atRisk(t), Events: c.eventsUntil(k, t)}
	if p.Events == 0 {
		p.Status, p.High = Exact, c.unseen(t, c.capture[k].Sensitivity, in)
		return p
	}
	step := c.last(t)
	p.Value, p.StdErr = c.Incidence[k][step], c.IncidenceErr[k][step]
	return c.interval(p, step, in)
}

// interval gives a figure at a step with events its interval.
func (c *Curve) interval(p Point, step int, in Interval) Point {
	const rounding = 1e-12
	switch {
	case p.Value < rounding:
		p.Value, p.StdErr, p.Low, p.High, p.Status = 0, 0, 0, in.exact(c.effective[step]), Exact
	case p.Value > 1-rounding:
		p.Value, p.StdErr, p.Low, p.High, p.Status = 1, 0, 1-in.exact(c.effective[step]), 1, Exact
	case c.robust && c.units < 2:
		return notEstimable
	default:
		p.Low, p.High = in.Limits(p.Value, p.StdErr)
	}
	return p
}

// known tells whether anything is known of a time.
func (c *Curve) known(t int32) bool {
	if len(c.Time) == 0 || t < c.Begin || c.last(t) >= c.possible {
		return false
	}
	end := len(c.Time) - 1
	return t <= c.Time[end] || c.observed[end] == 0
}

// atRisk is the number of spells at risk at a time.
func (c *Curve) atRisk(t int32) int {
	if step := c.next(t); step < len(c.Time) {
		return int(c.Spells[step])
	}
	return 0
}

// eventsUntil is the number of events of a cause, from 0, until a time.
func (c *Curve) eventsUntil(k int, t int32) int {
	if step := c.last(t); step >= 0 {
		return int(c.EventSpells[k][step])
	}
	return 0
}

// unseen is what the probability of an event of which none was seen is at most.
func (c *Curve) unseen(t int32, sensitivity float64, in Interval) float64 {
	step := min(c.next(t), len(c.Time)-1)
	return min(1, in.exact(c.least[step])/sensitivity)
}

// Limit is a time, and whether the curve reaches it.
type Limit struct {
	Time    float64
	Reached bool
}

// Quantile is a time by which a share of persons have had an event, and its interval.
type Quantile struct{ Value, Low, High Limit }

// Quantile is the time at which 1 − S reaches p, the middle of the times between which it
// is p exactly. Its interval is where the limits of S reach 1 − p (Brookmeyer & Crowley
// 1982), as in R's survfit. A curve, or a limit, that ends before has not reached it.
func (c *Curve) Quantile(p float64, in Interval) Quantile {
	var value, low, high []float64
	for step, t := range c.Time {
		at := c.SurvivalAt(t, in)
		if step >= c.possible {
			break
		}
		if at.Status == NotEstimable || at.Events == 0 {
			at.Low, at.High = 1, 1
		}
		value, low, high = append(value, c.Survival[step]), append(low, at.Low), append(high, at.High)
	}
	return Quantile{c.reaches(value, 1-p), c.reaches(low, 1-p), c.reaches(high, 1-p)}
}

// reaches is when a step function falls to a level.
func (c *Curve) reaches(values []float64, level float64) Limit {
	const tie = 1.5e-8 // R's, the root of the last digit
	for i, v := range values {
		if v > level+tie {
			continue
		}
		t := float64(c.Time[i])
		if v < level-tie {
			return Limit{t, true}
		}
		until := t
		for j := i; j < len(values); j++ {
			if until = float64(c.Time[j]); values[j] < v-tie {
				break
			}
		}
		return Limit{(t + until) / 2, true}
	}
	return Limit{}
}

// RestrictedMean is the mean time without an event from the beginning of the curve to
// RestrictTo of [Options], in the unit of time, with its standard error:
//
//	μ = ∫ S du,   v(μ) = Σ (∫_u S)² d/{Y(Y − d)}
//
// or that of the infinitesimal jackknife for robust curves. The interval is plain. It is
// not estimable where the curve ends before, above 0, nor where nothing tells its error.
func (c *Curve) RestrictedMean(in Interval) Point {
	if c.restrictTo <= c.Begin || !c.known(c.restrictTo) || c.robust && c.units < 2 {
		return Point{Status: NotEstimable}
	}
	p := Point{Value: c.mean, StdErr: c.meanErr, AtRisk: c.atRisk(c.restrictTo)}
	for k := range c.Events {
		p.Events += c.eventsUntil(k, c.restrictTo)
	}
	whole := float64(c.restrictTo - c.Begin)
	if p.Events == 0 { // nobody fell out: at least as if all hazard were at once at the start
		p.Status, p.Low, p.High = Exact, whole*c.SurvivalAt(c.restrictTo, in).Low, whole
		return p
	}
	if p.StdErr <= 1e-12*whole { // everybody fell out at once: what is left is rounding
		return Point{Status: NotEstimable}
	}
	p.Low, p.High = max(0, p.Value-in.normal()*p.StdErr), min(whole, p.Value+in.normal()*p.StdErr)
	return p
}

// CumulativeHazard is the Nelson–Aalen estimate of a cause by step, with standard errors:
//
//	Ĥ = Σ d/Y,   v(Ĥ) = Σ d/Y²
//
// (Aalen 1978), of what is seen, without correction. Cause 0 is all causes together.
// exp(−Ĥ) is Breslow's estimate of survival.
func (c *Curve) CumulativeHazard(cause int) (hazard, stdErr []float64) {
	h, v := 0.0, 0.0
	for step, y := range c.AtRisk {
		d := c.eventWeight(step)
		if cause > 0 {
			d = c.Events[cause-1][step]
		}
		h, v = h+d/y, v+d/(y*y)
		hazard, stdErr = append(hazard, h), append(stdErr, math.Sqrt(v))
	}
	return hazard, stdErr
}

// Naive is 1 − Kaplan–Meier of a cause by step, the other causes taken for censoring. It is
// the share there would be if the others did not exist and nothing else were to change, and
// is above the incidence wherever they do: it is here to be compared, not published.
func (c *Curve) Naive(cause int) []float64 {
	left := 1.0
	naive := make([]float64, len(c.Time))
	for step, y := range c.AtRisk {
		left *= (y - c.Events[cause-1][step]) / y
		naive[step] = 1 - left
	}
	return naive
}

// AalenErr are standard errors of an incidence by step by the delta method, with the
// variance of hypergeometric ties, as cmprsk's cuminc has them:
//
//	v(F_k(t)) = Σ_u Q(u) {(d − d_k)(F_k(t) − F_k(u))² + d_k (S(u) − F_k(t) + F_k(u))²},
//	Q = S(u−)²/{S(u) Y}² · (Y − d)/(Y − 1)
//
// where each of d_k and d − d_k has its own (Y − d)/(Y − 1). It is for spells that count 1 and
// events that are all seen; those of IncidenceErr are for all.
func (c *Curve) AalenErr(cause int) []float64 {
	k := cause - 1
	var one, slope, square float64 // v = one − 2 slope F + square F²
	errors := make([]float64, len(c.Time))
	before, f := 1.0, 0.0
	for step, y := range c.AtRisk {
		dk := c.Events[k][step]
		other, s := c.eventWeight(step)-dk, c.observed[step]
		f += before * dk / y
		add := func(d, constant, ofF float64) { // an influence constant − ofF·F
			if d == 0 {
				return
			}
			q := before * before * d / (y * y)
			if d > 1 {
				q *= (y - d) / (y - 1)
			}
			one, slope, square = one+constant*constant*q, slope+constant*ofF*q, square+ofF*ofF*q
		}
		if s > 0 {
			add(other, f/s, 1/s)
			add(dk, 1+f/s, 1/s)
		} else {
			add(dk, 1, 0)
		}
		errors[step] = sqrt(one - 2*slope*f + square*f*f)
		before = s
	}
	return errors
}
