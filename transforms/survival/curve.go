package survival

import (
	"slices"
	"sort"
)

// Curve is what became of the spells of one stratum. It has a step at every time at which
// one ended, of an event or censored, in order; slices by step have one value for each,
// slices by cause one slice for each cause 1, 2, ….
type Curve struct {
	// Begin is the time from which the curve runs: it is conditional on no event until then.
	Begin int32
	// Time are the steps.
	Time []int32
	// AtRisk is the weight at risk, and Spells the number of spells.
	AtRisk []float64
	Spells []int32
	// Events is the weight of events by cause and step, and EventSpells their number until
	// and with the step.
	Events      [][]float64
	EventSpells [][]int32
	// Survival is the probability that no event has happened, with its standard error.
	Survival, SurvivalErr []float64
	// Incidence is the probability that an event of a cause has happened, by cause and
	// step, with its standard error.
	Incidence, IncidenceErr [][]float64

	// effective is the effective number at risk: Kish's of the weights, and no more than
	// there are clusters; least is the least one until and with the step.
	effective, least []float64
	observed         []float64 // S before what is divided by sensitivities
	units            int       // clusters, or spells where there are none
	robust           bool
	possible         int // steps until corrected hazards pass 1
	capture          []Capture
	restrictTo       int32
	mean, meanErr    float64
}

// stratum is a curve in the making.
type stratum struct {
	Curve
	o       Options
	spells  []Spell // by exit
	entries []int   // the spells by entry
}

// curve makes the curve of spells in order of their exits.
func curve(spells []Spell, o Options) Curve {
	s := stratum{o: o, spells: spells}
	s.robust, s.capture, s.restrictTo = o.Robust, o.Capture, o.RestrictTo
	if !s.begin() {
		return s.Curve
	}
	s.allocate()
	s.count()
	s.productLimit()
	s.greenwood()
	if o.Robust || o.Causes > 1 {
		s.influence()
	}
	s.captureErrors()
	return s.Curve
}

// orderEntries sorts the spells by entry, those entered together by exit.
func (s *stratum) orderEntries() {
	s.entries = make([]int, len(s.spells))
	for i := range s.entries {
		s.entries[i] = i
	}
	slices.SortStableFunc(s.entries, func(a, b int) int { return int(s.spells[a].Entry) - int(s.spells[b].Entry) })
}

// begin finds when the risk set is large enough for the first time, and forgets what was
// before. It tells whether there is such a time.
func (s *stratum) begin() bool {
	s.orderEntries()
	gone := 0
	for n, i := range s.entries {
		at := s.spells[i].Entry
		if n+1 < len(s.entries) && s.spells[s.entries[n+1]].Entry == at {
			continue
		}
		for gone < len(s.spells) && s.spells[gone].Exit <= at {
			gone++
		}
		if n+1-gone >= s.o.MinAtRisk {
			s.Begin = at
			if at > s.spells[s.entries[0]].Entry {
				s.spells = Landmark(s.spells, at)
				slices.SortFunc(s.spells, byExit) // entries have become equal
				s.orderEntries()
			}
			return true
		}
	}
	return false
}

// allocate makes room for a step at every exit.
func (s *stratum) allocate() {
	steps := 0
	for i, p := range s.spells {
		if i == 0 || p.Exit != s.spells[i-1].Exit {
			steps++
		}
	}
	floats := make([]float64, (6+3*s.o.Causes)*steps)
	row := func() []float64 {
		r := floats[:steps:steps]
		floats = floats[steps:]
		return r
	}
	s.Time, s.Spells = make([]int32, steps), make([]int32, steps)
	s.AtRisk, s.Survival, s.SurvivalErr, s.effective, s.least, s.observed = row(), row(), row(), row(), row(), row()
	for range s.o.Causes {
		s.Events, s.Incidence, s.IncidenceErr = append(s.Events, row()), append(s.Incidence, row()), append(s.IncidenceErr, row())
		s.EventSpells = append(s.EventSpells, make([]int32, steps))
	}
}

// shorten keeps the first steps and the spells that ended by them.
func (s *stratum) shorten(steps, spells int) {
	s.Time, s.Spells = s.Time[:steps], s.Spells[:steps]
	for _, row := range []*[]float64{&s.AtRisk, &s.Survival, &s.SurvivalErr, &s.effective, &s.least, &s.observed} {
		*row = (*row)[:steps]
	}
	for k := range s.Events {
		s.Events[k], s.Incidence[k], s.IncidenceErr[k] = s.Events[k][:steps], s.Incidence[k][:steps], s.IncidenceErr[k][:steps]
		s.EventSpells[k] = s.EventSpells[k][:steps]
	}
	if spells < len(s.spells) {
		s.spells = s.spells[:spells]
		s.orderEntries()
	}
}

// riskSet are sums over those at risk: of exits from the end less those yet to enter.
// Numbers of spells are exact, so that an empty set is known to be empty.
type riskSet struct {
	exit, entry   suffixes
	exit2, entry2 suffixes // of squares
	clusters      *clustersAtRisk
}

func (s *stratum) riskSet() *riskSet {
	n := len(s.spells)
	r := &riskSet{newSuffixes(n), newSuffixes(n), newSuffixes(n), newSuffixes(n), s.clustersAtRisk()}
	for i := n - 1; i >= 0; i-- {
		w, v := s.spells[i].Weight, s.spells[s.entries[i]].Weight
		r.exit.put(i, w)
		r.exit2.put(i, w*w)
		r.entry.put(i, v)
		r.entry2.put(i, v*v)
	}
	return r
}

// weight is that of the spells that entered before place in and leave from place out on.
func (r *riskSet) weight(out, in int) float64 {
	if in == out {
		return 0
	}
	return difference(r.exit, out, r.entry, in)
}

// effective is the number of equal weights that tell as much (Kish 1965), no more than
// there are clusters.
func (r *riskSet) effective(out, in int) float64 {
	if in == out {
		return 0
	}
	w := r.weight(out, in)
	return min(w*w/difference(r.exit2, out, r.entry2, in), float64(in-out), r.clusters.number(in-out))
}

// suffixes are sums from a place to the end, in two parts: a few light spells have to be
// what is left when many heavy ones are taken from a sum.
type suffixes struct{ high, low []float64 }

func newSuffixes(n int) suffixes { return suffixes{make([]float64, n+1), make([]float64, n+1)} }

// put adds a value at a place to the sum from the next one on (Knuth's two-sum).
func (s suffixes) put(i int, v float64) {
	a := s.high[i+1]
	sum := a + v
	part := sum - a
	s.high[i], s.low[i] = sum, s.low[i+1]+((a-(sum-part))+(v-part))
}

func difference(a suffixes, i int, b suffixes, j int) float64 {
	return (a.high[i] - b.high[j]) + (a.low[i] - b.low[j])
}

// clustersAtRisk counts the clusters with a spell at risk.
type clustersAtRisk struct {
	of    []int // cluster of each spell
	open  []int // spells at risk
	count int
}

// clustersAtRisk is nil where there are no clusters.
func (s *stratum) clustersAtRisk() *clustersAtRisk {
	if !s.o.Clustered {
		return nil
	}
	of, n := s.clusters()
	return &clustersAtRisk{of: of, open: make([]int, n)}
}

// clusters numbers the clusters of spells in order of their names.
func (s *stratum) clusters() (of []int, n int) {
	names := make([]int64, len(s.spells))
	for i, p := range s.spells {
		names[i] = p.Cluster
	}
	slices.Sort(names)
	names = slices.Compact(names)
	of = make([]int, len(s.spells))
	for i, p := range s.spells {
		of[i], _ = slices.BinarySearch(names, p.Cluster)
	}
	return of, len(names)
}

func (c *clustersAtRisk) move(spell, by int) {
	if c == nil {
		return
	}
	before := c.open[c.of[spell]]
	c.open[c.of[spell]] += by
	switch {
	case before == 0:
		c.count++
	case before+by == 0:
		c.count--
	}
}

func (c *clustersAtRisk) number(otherwise int) float64 {
	if c == nil {
		return float64(otherwise)
	}
	return float64(c.count)
}

// count fills in who is at risk and who has an event at each step, and ends the curve
// where nobody is left, or all who were have had the event.
func (s *stratum) count() {
	r := s.riskSet()
	out, in, step := 0, 0, 0
	enter := func(until int32) { // those who entered until a time
		for in < len(s.entries) && s.spells[s.entries[in]].Entry <= until {
			r.clusters.move(s.entries[in], 1)
			in++
		}
	}
	enter(s.Begin)
	least := r.effective(out, in)
	for ; out < in; step++ {
		at := s.spells[out].Exit
		enter(at - 1)
		s.Time[step], s.Spells[step], s.AtRisk[step] = at, int32(in-out), r.weight(out, in)
		s.effective[step], s.least[step] = r.effective(out, in), least
		first, events := out, 0
		for k := range s.EventSpells {
			if step > 0 {
				s.EventSpells[k][step] = s.EventSpells[k][step-1]
			}
		}
		for ; out < len(s.spells) && s.spells[out].Exit == at; out++ {
			r.clusters.move(out, -1)
			if k := s.spells[out].Cause - 1; k >= 0 {
				s.Events[k][step] += s.spells[out].Weight
				s.EventSpells[k][step]++
				events++
			}
		}
		if events == in-first { // S = 0 for good, to the last digit
			s.AtRisk[step] = s.eventWeight(step)
			step++
			break
		}
		enter(at)
		least = min(least, r.effective(out, in))
	}
	s.shorten(step, out)
}

// eventWeight is the weight of all events at a step.
func (c *Curve) eventWeight(step int) float64 {
	d := 0.0
	for k := range c.Events {
		d += c.Events[k][step]
	}
	return d
}

// hazard is the share of those at risk who have an event of a cause at a step, with those
// who left unseen.
func (s *stratum) hazard(cause, step int) float64 {
	h := s.Events[cause][step] / s.AtRisk[step]
	if c := s.capture[cause]; c.MissedLeave {
		h /= c.Sensitivity
	}
	return h
}

// divisor is what the incidence of a cause is divided by for those who are not seen to leave.
func (s *stratum) divisor(cause int) float64 {
	if c := s.capture[cause]; !c.MissedLeave {
		return c.Sensitivity
	}
	return 1
}

// productLimit fills in the probabilities.
func (s *stratum) productLimit() {
	survival, incidence := 1.0, make([]float64, s.o.Causes)
	s.possible = len(s.Time)
	for step := range s.Time {
		left, all := 1.0, s.eventWeight(step)
		for k := range incidence {
			h := s.hazard(k, step)
			left -= h
			incidence[k] += survival * h
		}
		if !s.corrected() {
			left = (s.AtRisk[step] - all) / s.AtRisk[step]
		}
		if left < -1e-12 || !(s.AtRisk[step] > 0) { // the latter by weights below 0
			s.possible = min(s.possible, step)
		}
		survival *= max(0, left)
		s.observed[step] = survival
		s.Survival[step] = survival
		for k, f := range incidence {
			s.Incidence[k][step] = f / s.divisor(k)
			s.Survival[step] -= s.Incidence[k][step] - f
		}
		if s.Survival[step] < -1e-12 {
			s.possible = min(s.possible, step)
		}
	}
	s.mean = s.restrictedMean(s.Survival)
}

// corrected tells whether not all events are seen.
func (s *stratum) corrected() bool {
	for _, c := range s.capture {
		if c.Sensitivity < 1 {
			return true
		}
	}
	return false
}

// restrictedMean is the area under a step function that is 1 at the beginning, to the
// time of restriction.
func (c *Curve) restrictedMean(survival []float64) float64 {
	area, height, from := 0.0, 1.0, c.Begin
	for step, at := range c.Time {
		if at >= c.restrictTo {
			break
		}
		area += height * float64(at-from)
		height, from = survival[step], at
	}
	return area + height*float64(max(0, c.restrictTo-from))
}

// greenwood fills in Greenwood's standard errors of survival and, with one cause, of its
// incidence. At S = 0 it is 0: there the interval is another one.
func (s *stratum) greenwood() {
	sum, area, variance := 0.0, s.mean, 0.0
	height, from := 1.0, s.Begin
	for step, at := range s.Time {
		d, y := s.eventWeight(step), s.AtRisk[step]
		if y > d {
			sum += d / (y * (y - d))
			s.SurvivalErr[step] = s.Survival[step] * sqrt(sum)
		}
		if s.o.Causes == 1 {
			s.IncidenceErr[0][step] = s.SurvivalErr[step]
		}
		if at < s.restrictTo {
			area -= height * float64(at-from) // what is left of it after the step
			height, from = s.Survival[step], at
			if y > d {
				variance += area * area * d / (y * (y - d))
			}
		}
	}
	s.meanErr = sqrt(variance)
}

// last is the last step at a time or before it, −1 where there is none, and next the first
// one at it or after it.
func (c *Curve) last(t int32) int {
	return sort.Search(len(c.Time), func(i int) bool { return c.Time[i] > t }) - 1
}

func (c *Curve) next(t int32) int {
	return sort.Search(len(c.Time), func(i int) bool { return c.Time[i] >= t })
}
