package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Spell is a person's time in periods, such as waves or years, counted from 1.
type Spell struct {
	// First and Last are the first and last periods at risk; a person met late has a First
	// above 1. Event tells whether the event came in Last.
	First, Last int
	Event       bool
	X           []float64
	Weight      float64 // above 0; 1 where there is none
	Cluster     int     // the same in rows of one person, or of one sampling unit
}

// SplitAfter gives the spell until a period in which an exposure is reached, that period
// included, with its own covariates, and the periods after it, with x, as [Row.SplitAt] does in
// continuous time: what is reached and what happens in one period have no order, and so the
// exposure begins with the next one. One part is all there is where the exposure is reached
// before the spell, or in its last period or later.
func (s Spell) SplitAfter(period int, x []float64) []Spell {
	before, after := s, s
	after.X = x
	switch {
	case period < s.First:
		return []Spell{after}
	case period >= s.Last:
		return []Spell{before}
	}
	before.Last, before.Event, after.First = period, false, period+1
	return []Spell{before, after}
}

// PersonPeriod is one period of one person at risk.
type PersonPeriod struct {
	Period  int
	Event   bool
	X       []float64
	Weight  float64
	Cluster int
}

// PersonPeriods are the periods of spells: a spell from First to Last has as many, without an
// event but in Last. Covariates that change take one spell for each value ([Spell.SplitAfter]).
// It is an error where a spell has no period, or begins before period 1.
func PersonPeriods(spells []Spell) ([]PersonPeriod, error) {
	var rows []PersonPeriod
	for i, s := range spells {
		if s.First < 1 || s.Last < s.First {
			return nil, fmt.Errorf("spell %d: periods %d to %d: want a first period of 1 or more, and a last one not before it", i+1, s.First, s.Last)
		}
		for t := s.First; t <= s.Last; t++ {
			rows = append(rows, PersonPeriod{t, s.Event && t == s.Last, s.X, s.Weight, s.Cluster})
		}
	}
	return rows, nil
}

// LifeTableRow is a period of a life table, weighted.
type LifeTableRow struct {
	Period int
	// AtRisk and Events are sums of weights; Persons is the number of rows at risk.
	AtRisk, Events float64
	Persons        int
	// Hazard is Events/AtRisk, with the binomial error √(h(1 − h)/AtRisk).
	Hazard Estimate
	// Survival is Π (1 − h) to the end of the period, with Greenwood's error. A period that
	// nobody reaches ends the table, for nothing is known beyond.
	Survival Estimate
}

// LifeTable are the hazards by period, without covariates. Errors take the weights for
// numbers of persons. It ends before the first period with nobody at risk.
func LifeTable(rows []PersonPeriod) ([]LifeTableRow, error) {
	rows, err := sortedPeriods(rows, nil)
	if err != nil {
		return nil, fmt.Errorf("life table: %w", err)
	}
	var out []LifeTableRow
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Period < r.Period {
			if r.Period != len(out)+1 {
				break
			}
			out = append(out, LifeTableRow{Period: r.Period})
		}
		last := &out[len(out)-1]
		last.Persons++
		last.AtRisk += r.Weight
		if r.Event {
			last.Events += r.Weight
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("life table: %w: nobody is at risk in period 1", ErrNotEstimable)
	}
	s, greenwood := 1.0, 0.0
	for i := range out {
		r := &out[i]
		h := r.Events / r.AtRisk
		r.Hazard = Estimate{h, math.Sqrt(h * (1 - h) / r.AtRisk)}
		s *= 1 - h
		if h < 1 {
			greenwood += h / ((1 - h) * r.AtRisk)
		}
		r.Survival = Estimate{s, s * math.Sqrt(greenwood)}
	}
	return out, nil
}

// Link ties the hazard h of a period to η = α_period + x'β.
type Link int

const (
	// CLogLog is h = 1 − exp(−e^η): proportional hazards in continuous time, seen by period,
	// so that e^β is a hazard ratio whatever the length of a period (Prentice & Gloeckler
	// 1978, Biometrics 34:57).
	CLogLog Link = iota
	// Logit is h = 1/(1 + e^{−η}): e^β is an odds ratio of one period (Cox 1972).
	Logit
)

// DiscreteOptions of a fit; the zero value is the cloglog link and a hazard for each period.
type DiscreteOptions struct {
	Link Link
	// Bands are the last periods of bands whose periods share one α, such as {1, 2, 5} for 1,
	// 2, and 3–5; nil is a band for each period that has anybody at risk. Periods after the
	// last band are of no band, which is an error.
	Bands []int
	// Names of the covariates, for messages.
	Names []string
}

// Discrete is a regression of the hazard by period.
type Discrete struct {
	// Coefficients are the α of each band, then β.
	Coefficients, StdErrs []float64
	// Bands are the last periods of the bands.
	Bands []int
	// Covariance is the inverse of the expected information.
	Covariance *mat.SymDense
	// Robust is the variance between clusters, V(Σ_c U_c U_c')V of the sums of scores of a
	// cluster (Binder 1983, ISR 51:279); nil where all rows are of one cluster.
	Robust        *mat.SymDense
	RobustStdErrs []float64
	// LogLikelihood is Σ w {y ln h + (1 − y) ln(1 − h)}; Deviance is −2 of it.
	LogLikelihood, Deviance float64
	// Rows and Events are numbers of rows, unweighted.
	Rows, Events int

	options DiscreteOptions
}

// FitDiscrete maximises the likelihood of person-periods by iteratively reweighted least
// squares. Persons count once however many periods they have: the likelihood of a person is
// the product over periods, so that no clustering is needed for that alone.
//
// Rows refused are as in [FitCox]. [ErrNotEstimable] is also a band without an event, or with
// nothing but events, whose α would be infinite: join it to a neighbour with Bands.
func FitDiscrete(rows []PersonPeriod, o DiscreteOptions) (*Discrete, error) {
	d, err := fitDiscrete(rows, o)
	if err != nil {
		return nil, fmt.Errorf("discrete hazard: %w", err)
	}
	return d, nil
}

func fitDiscrete(rows []PersonPeriod, o DiscreteOptions) (*Discrete, error) {
	if o.Link != CLogLog && o.Link != Logit {
		return nil, fmt.Errorf("link %d: want CLogLog or Logit", o.Link)
	}
	sorted, err := sortedPeriods(rows, o.Names)
	if err != nil {
		return nil, err
	}
	d := &Discrete{options: o, Rows: len(rows), Bands: o.Bands}
	for _, r := range sorted {
		if r.Event {
			d.Events++
		}
		if len(o.Bands) == 0 && (len(d.Bands) == 0 || d.Bands[len(d.Bands)-1] < r.Period) {
			d.Bands = append(d.Bands, r.Period)
		}
	}
	if d.Events == 0 {
		return nil, fmt.Errorf("%w: no event among %d rows", ErrNotEstimable, len(rows))
	}
	band, err := d.banded(sorted)
	if err != nil {
		return nil, err
	}
	return d, d.fit(sorted, band)
}

// sortedPeriods are the rows in an order of their own.
func sortedPeriods(rows []PersonPeriod, names []string) ([]PersonPeriod, error) {
	for i, r := range rows {
		if r.Period < 1 {
			return nil, fmt.Errorf("row %d: period %d: periods count from 1", i+1, r.Period)
		}
		if !(r.Weight > 0) || math.IsInf(r.Weight, 0) {
			return nil, fmt.Errorf("row %d: weight is %v: want above 0, 1 where there are none", i+1, r.Weight)
		}
		if err := checkX(i, r.X, rows[0].X, names); err != nil {
			return nil, err
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b PersonPeriod) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), compareBools(a.Event, b.Event), slices.Compare(a.X, b.X), cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Cluster, b.Cluster))
	})
	return rows, nil
}

// banded gives each row its band, and says which band has no finite α.
func (d *Discrete) banded(rows []PersonPeriod) (band []int, err error) {
	if !slices.IsSorted(d.Bands) || d.Bands[0] < 1 || len(slices.Compact(slices.Clone(d.Bands))) < len(d.Bands) {
		return nil, fmt.Errorf("bands %v: want rising last periods of 1 or more", d.Bands)
	}
	n, events := make([]int, len(d.Bands)), make([]int, len(d.Bands))
	for _, r := range rows {
		k, _ := slices.BinarySearch(d.Bands, r.Period)
		if k == len(d.Bands) {
			return nil, fmt.Errorf("period %d is after the last band, which ends with %d", r.Period, d.Bands[k-1])
		}
		band = append(band, k)
		n[k]++
		if r.Event {
			events[k]++
		}
	}
	for k, last := range d.Bands {
		switch {
		case events[k] == 0:
			return nil, fmt.Errorf("%w: no event among the %d person-periods of the band that ends with period %d: join it to a neighbour", ErrNotEstimable, n[k], last)
		case events[k] == n[k]:
			return nil, fmt.Errorf("%w: all %d person-periods of the band that ends with period %d have the event: join it to a neighbour", ErrNotEstimable, n[k], last)
		}
	}
	return band, nil
}

// eta gives h, 1 − h and dh/dη, the small one of h and 1 − h to its last digits.
func (l Link) eta(eta float64) (h, rest, slope float64) {
	if l == Logit {
		h, rest = 1/(1+math.Exp(-eta)), 1/(1+math.Exp(eta))
		return h, rest, h * rest
	}
	e := math.Exp(eta)
	rest = math.Exp(-e)
	return -math.Expm1(-e), rest, e * rest
}

// term is a row's log-likelihood, its derivative by η, and the expected information.
func (l Link) term(eta float64, event bool) (value, score, information float64) {
	h, rest, slope := l.eta(eta)
	information = slope / h * slope / rest
	if l == CLogLog {
		information = slope / h * math.Exp(eta) // slope/rest, where both are 0
	}
	switch {
	case event:
		return math.Log(h), slope / h, information
	case l == CLogLog:
		return -math.Exp(eta), -math.Exp(eta), information
	}
	return math.Log(rest), -slope / rest, information
}

func (d *Discrete) fit(rows []PersonPeriod, band []int) error {
	k := len(d.Bands)
	design, mean, scale, err := d.design(rows, band)
	if err != nil {
		return err
	}
	start := d.start(rows, band, k+len(mean))
	f := func(theta []float64) (float64, []float64, *mat.SymDense) { return d.likelihood(rows, design, theta) }
	at, err := climb(start, f)
	if errors.Is(err, errDependent) {
		_, _, information := f(start)
		for j := range mean {
			if !invertible(mat.NewSymDense(k+j+1, lead(information, k+j+1))) {
				return fmt.Errorf("%w: %s is told by the periods and the covariates before it: leave it out", ErrNotEstimable, covariate(d.options.Names, j))
			}
		}
	}
	if j, ran := err.(runaway); ran {
		if int(j) < k {
			return fmt.Errorf("%w: the hazard of the band that ends with period %d runs to 0 or 1 where covariates are at their means", ErrNotEstimable, d.Bands[j])
		}
		return separated(d.options.Names, int(j)-k, func(i int) (float64, bool) { return rows[i].X[int(j)-k], rows[i].Event }, len(rows))
	}
	if err != nil {
		return err
	}
	return d.finish(rows, design, at, mean, scale)
}

// design are the rows of the regression: 1 for the band, then standardised covariates.
func (d *Discrete) design(rows []PersonPeriod, band []int) (design [][]float64, mean, scale []float64, err error) {
	z := make([][]float64, len(rows))
	if len(rows[0].X) > 0 {
		var x [][]float64
		var weights []float64
		for _, r := range rows {
			x, weights = append(x, r.X), append(weights, r.Weight)
		}
		if z, mean, scale, err = standardise(x, weights, d.options.Names); err != nil {
			return nil, nil, nil, err
		}
	}
	for i := range rows {
		u := make([]float64, len(d.Bands), len(d.Bands)+len(mean))
		u[band[i]] = 1
		design = append(design, append(u, z[i]...))
	}
	return design, mean, scale, nil
}

func (d *Discrete) likelihood(rows []PersonPeriod, design [][]float64, theta []float64) (value float64, score []float64, information *mat.SymDense) {
	score, information = make([]float64, len(theta)), mat.NewSymDense(len(theta), nil)
	for i, r := range rows {
		l, s, v := d.options.Link.term(dot(design[i], theta), r.Event)
		value += r.Weight * l
		for a, u := range design[i] {
			score[a] += r.Weight * s * u
		}
		addOuter(information, r.Weight*v, design[i])
	}
	return value, score, information
}

// start is the hazard of each band, of which no covariate tells anything.
func (d *Discrete) start(rows []PersonPeriod, band []int, n int) []float64 {
	events, all := make([]float64, len(d.Bands)), make([]float64, len(d.Bands))
	for i, r := range rows {
		all[band[i]] += r.Weight
		if r.Event {
			events[band[i]] += r.Weight
		}
	}
	start := make([]float64, n)
	for k := range events {
		h := events[k] / all[k]
		start[k] = math.Log(h / (1 - h))
		if d.options.Link == CLogLog {
			start[k] = math.Log(-math.Log1p(-h))
		}
	}
	return start
}

// finish brings coefficients back to the covariates as they were given: β = b/scale and
// α = a − Σ β mean.
func (d *Discrete) finish(rows []PersonPeriod, design [][]float64, at top, mean, scale []float64) error {
	k, n := len(d.Bands), len(at.theta)
	covariance, err := inverse(at.information)
	if err != nil {
		return err
	}
	back := mat.NewDense(n, n, nil)
	for a := range n {
		back.Set(a, a, 1)
		if a >= k {
			back.Set(a, a, 1/scale[a-k])
			for b := range k {
				back.Set(b, a, -mean[a-k]/scale[a-k])
			}
		}
	}
	var coefficients mat.VecDense
	coefficients.MulVec(back, mat.NewVecDense(n, at.theta))
	d.Coefficients = coefficients.RawVector().Data
	d.Covariance = within(back, covariance)
	d.StdErrs = roots(d.Covariance)
	d.LogLikelihood, d.Deviance = at.value, -2*at.value
	var influence [][]float64
	var moved mat.Dense
	moved.Mul(back, covariance)
	for i, r := range rows {
		_, s, _ := d.options.Link.term(dot(design[i], at.theta), r.Event)
		u := mat.NewVecDense(n, nil)
		u.MulVec(&moved, mat.NewVecDense(n, design[i]))
		u.ScaleVec(r.Weight*s, u)
		influence = append(influence, u.RawVector().Data)
	}
	if sums := clusters(influence, func(i int) int { return rows[i].Cluster }); sums != nil {
		d.Robust = outer(sums, n)
		d.RobustStdErrs = roots(d.Robust)
	}
	return nil
}

// Survival predicts Π (1 − h) to the end of the periods 1 … n for a person whose covariates
// never change, n up to the last band, with log-log intervals by the delta method and the
// robust variance where there is one. Where Bands were not given and nobody was at risk in some
// period, it has the α of the next one that has a row.
func (d *Discrete) Survival(x []float64, n int, level float64) ([]Survival, error) {
	z, err := deviate(level)
	if err != nil {
		return nil, err
	}
	k := len(d.Bands)
	if len(x) != len(d.Coefficients)-k || slices.ContainsFunc(x, notFinite) {
		return nil, fmt.Errorf("predicted survival: covariates %v: want %d numbers", x, len(d.Coefficients)-k)
	}
	if n < 1 || n > d.Bands[k-1] {
		return nil, fmt.Errorf("predicted survival: %w to period %d: the last band ends with %d", ErrNotEstimable, n, d.Bands[k-1])
	}
	v := d.Robust
	if v == nil {
		v = d.Covariance
	}
	var out []Survival
	var log float64
	slope := make([]float64, len(d.Coefficients)) // of ln S
	for t := 1; t <= n; t++ {
		b, _ := slices.BinarySearch(d.Bands, t)
		value, score, _ := d.options.Link.term(d.Coefficients[b]+dot(x, d.Coefficients[k:]), false)
		log += value
		slope[b] += score
		for j, u := range x {
			slope[k+j] += score * u
		}
		s := math.Exp(log)
		e := Estimate{s, s * math.Sqrt(quadratic(slope, v))}
		low, high := e.survival(z)
		out = append(out, Survival{float64(t), e, low, high})
	}
	return out, nil
}
