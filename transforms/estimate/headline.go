package estimate

import (
	"cmp"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Composite is the estimator of the headline: the mean of what each source estimates.
const Composite = "composite"

const headlineMethodology = "composite-3"

// Headline is what the combination of sources needs to know beside the figures.
type Headline struct {
	// Errors are the parts of the figures' errors. A figure without any has an error of its own.
	Errors []FigureErrors
	// Welded is the share of pseudonyms that hold two persons, Missed the probability that a link is missed.
	Welded, Missed float64
	// Rule is that of disclosure: a figure that may not be shown has no part in one that is.
	Rule disclose.Threshold
	// Replicates is the number of replicates of the joint bootstrap, [DefaultReplicates] where it is 0.
	Replicates int
	// Covariates are what tables tell of municipalities, of which [smallarea.Choose] takes some.
	Covariates []AreaCovariate
	// DropOuts are what panels and surveys on the spot say together of those who left a panel.
	DropOuts []DropOut
	// Multiplicity has the numbers of regions per person, among other statistics of surveys.
	Multiplicity []disclose.Counted[schemas.VisitBehaviour]
}

// HeadlineFigures are the figures that combine sources, and what the errors of all come of.
type HeadlineFigures struct {
	RelationalPopulation []disclose.Counted[schemas.RelationalPopulation]
	// Inside are the same rows as the house itself may know them: no interval begins below the persons seen in
	// bookings, less those pseudonyms that hold two, be they few.
	Inside      []schemas.RelationalPopulation
	ErrorBudget []disclose.Counted[schemas.ErrorBudget]
	// SmallAreas are the areas of the models by which municipalities lend one another strength.
	SmallAreas []disclose.Counted[schemas.SmallArea]
}

// component is one source's estimate of a figure.
type component struct {
	disclose.Counted[schemas.RelationalPopulation]
	log   float64
	parts Parts
}

// headlineKey names a figure that several sources estimate.
type headlineKey struct {
	definition, measure, outside, region string
	reference                            schemas.Date
}

func headlineOf(r schemas.RelationalPopulation) (headlineKey, bool) {
	return headlineKey{r.Definition, r.Measure, r.Outside, r.RegionCode, r.ReferenceMonth},
		r.OriginCode == schemas.All && r.RelationType == schemas.All && r.Engagement == schemas.All
}

// Combined is one figure of each definition, measure, outside rule, region and reference month from all
// sources that estimate it, of all origins, relation types and engagement levels, by the rule of
// docs/methods/headline.md:
//
//  1. Bookings enter by their thinned estimate, surveys by the one on the spot and by the calibrated one, or the
//     direct one where there is none. The joint estimate has the answers on the spot in it and does not enter beside
//     them. What is synthetic or of low reliability enters only where there is nothing else. Of a later wave of a
//     panel is taken off what dropping out is told to have added ([DropOut]).
//  2. Logarithms of estimates are averaged with the weights of least variance, none below 0; what their errors have
//     in common, such as that of official visitors, is their covariance.
//  3. Where sources differ by more than chance, each has a bias of its own: a random effect whose variance the
//     regions of a prefecture tell together (DerSimonian & Laird 1986).
//  4. Municipalities of a prefecture lend one another strength where a Fay–Herriot model stands and takes away enough
//     error; one without a composite that may be shown is synthetic.
//  5. Where all municipalities of a prefecture of which any source speaks have a figure, their persons, who are the
//     prefecture's pairs, are moved by one factor to meet these, and the pairs of prefectures before to meet those of the
//     nation. Persons where only pairs are known are these over the regions per person.
//  6. The interval is that of a joint bootstrap of what the errors come of, through 2 to 5, and begins no lower than
//     at the persons seen, where these may be shown.
//  7. Where a figure that is withheld would be the rest of such a sum, another is withheld with it ([Headline.cover]).
//
// Estimates that disclosure withholds enter only where there are no others; the figure is then withheld too, as it
// rests on the fewest persons and houses of what enters. One that no source estimates is not
// estimable; of one that no source speaks of there is no row.
//
// The error budget has a row for every figure of a source that has parts, and for those combined.
func Combined(f Frame, h Headline, population []disclose.Counted[schemas.RelationalPopulation]) HeadlineFigures {
	parts := map[componentKey]Parts{}
	for _, e := range h.Errors {
		parts[componentKey{e.Figure, e.Estimator}] = e.Parts
	}
	var out HeadlineFigures
	e := h.gather(f, population)
	order, of, seen, spoken := e.order, e.of, e.seen, e.spoken
	out.ErrorBudget = componentBudgets(population, parts)
	figures := make(map[headlineKey]*combined, len(order))
	for _, key := range order {
		figures[key] = h.enter(key, of[key], parts)
	}
	tables := areaTables{h.Covariates, seen}
	order = tables.outOfSample(f, order, figures)
	groups := jointsOf(f, order, figures, spoken)
	for _, g := range groups {
		g.combine(h.DropOuts, tables)
	}
	nations := nationsOf(f, groups, figures, spoken)
	for _, n := range nations {
		n.benchmark()
	}
	for _, g := range groups {
		g.finish(h.replicates())
	}
	for _, n := range nations {
		n.finish()
	}
	h.cover(nations, groups)
	h.divide(figures)
	for _, key := range order {
		if isCopy(key, figures) {
			of := key
			of.measure = schemas.Persons
			copied := *figures[of]
			copied.row.Row.Measure = schemas.Pairs
			figures[key] = &copied
		}
	}
	for _, key := range order {
		c := figures[key]
		low := c.fill(f, seen[key])
		out.RelationalPopulation = append(out.RelationalPopulation, c.row)
		inside := c.row.Row
		if inside.CILow != nil {
			inside.CILow = value(low)
		}
		out.Inside = append(out.Inside, inside)
		if c.row.Row.Value != nil {
			out.ErrorBudget = append(out.ErrorBudget, budgetOf(c.row, c.errors))
		}
	}
	for _, g := range groups {
		for _, m := range g.models {
			out.SmallAreas = append(out.SmallAreas, m.rows()...)
		}
	}
	return out
}

// componentBudgets are the error budgets of the figures of single sources that have parts.
func componentBudgets(population []disclose.Counted[schemas.RelationalPopulation], parts map[componentKey]Parts) (rows []disclose.Counted[schemas.ErrorBudget]) {
	for _, c := range population {
		if key, whole := headlineOf(c.Row); whole && c.Row.Estimator != Observed && c.Row.CV != nil {
			if p, known := parts[componentKey{key, c.Row.Estimator}]; known {
				rows = append(rows, budgetOf(c, p))
			}
		}
	}
	return rows
}

// entries are what sources say of figures: their estimates, in order of first mention, the persons seen, and of
// which figures any source speaks.
type entries struct {
	order  []headlineKey
	of     map[headlineKey][]disclose.Counted[schemas.RelationalPopulation]
	seen   map[headlineKey]floor
	spoken map[headlineKey]bool
}

// gather sorts the rows of sources by figure.
func (h Headline) gather(f Frame, population []disclose.Counted[schemas.RelationalPopulation]) entries {
	e := entries{of: map[headlineKey][]disclose.Counted[schemas.RelationalPopulation]{}, seen: map[headlineKey]floor{}, spoken: map[headlineKey]bool{}}
	for _, c := range population {
		key, whole := headlineOf(c.Row)
		if r := c.Row; !whole && r.OriginCode == schemas.Abroad && r.RelationType == schemas.All && r.Engagement == schemas.All &&
			r.Source == schemas.SourceBooking && r.Estimator == Observed && r.Value != nil && *r.Value > 0 { // whom no estimate counts
			at := e.seen[key]
			at.seen, at.hidden = at.seen-*r.Value, !h.shows(c)
			at.shown = at.shown && !at.hidden
			e.seen[key] = at
		}
		if !whole {
			continue
		}
		e.spoken[key] = e.spoken[key] || c.Row.Value != nil && *c.Row.Value > 0
		if c.Row.Estimator == Observed {
			if c.Row.Source == schemas.SourceBooking && c.Row.Value != nil {
				at := e.seen[key]
				at.seen, at.shown = at.seen+*c.Row.Value, h.shows(c) && !at.hidden
				e.seen[key] = at
			}
			continue
		}
		if _, known := e.of[key]; !known {
			e.order = append(e.order, key)
		}
		e.of[key] = append(e.of[key], c)
	}
	for key, at := range e.seen {
		at.seen = h.persons(f, key, at.seen)
		e.seen[key] = at
	}
	return e
}

// persons is the number of persons, at least, that so many pseudonyms are: a share of them holds two, and where links are
// missed those of one trip are more than persons.
func (h Headline) persons(f Frame, key headlineKey, pseudonyms float64) float64 {
	i := slices.IndexFunc(f.Profiles, func(p schemas.Profile) bool { return p.ID == key.definition })
	if h.Missed > 0 && i >= 0 {
		if trips, told := tripsAsked(f.Profiles[i]); !told || trips < 2 {
			return 0
		}
	}
	return pseudonyms * (1 - h.Welded)
}

func (h Headline) shows(c disclose.Counted[schemas.RelationalPopulation]) bool {
	return h.Rule.Effective().Shows(c.Persons, c.Facilities)
}

// componentKey names the estimate of one source.
type componentKey struct {
	figure    headlineKey
	estimator string
}

// combined is one figure in the making.
type combined struct {
	row        disclose.Counted[schemas.RelationalPopulation]
	components []component
	shown      bool        // that it may be
	covariance [][]float64 // of the components, without biases
	a          [][]float64 // of their disagreement, nil where there is one alone
	trace      float64
	log        float64   // of the figure
	weights    []float64 // of the components
	biases     float64   // variance of the biases of sources
	errors     Parts
	relative   float64 // the standard error of the logarithm
	half       float64 // half of its 95 % interval
	made       bool    // of what is known of other figures, by a rule of its own
}

// estimated says that there is a figure.
func (c *combined) estimated() bool { return c.made || len(c.components) > 0 }

// enter is a figure with the estimates that enter it.
func (h Headline) enter(key headlineKey, all []disclose.Counted[schemas.RelationalPopulation], parts map[componentKey]Parts) *combined {
	c := &combined{row: disclose.Counted[schemas.RelationalPopulation]{Row: all[0].Row}}
	r := &c.row.Row
	*r = notEstimable(*r)
	c.components = h.parts(all)
	slices.SortStableFunc(c.components, func(a, b component) int { return cmp.Compare(a.Row.Estimator, b.Row.Estimator) })
	for i := range c.components {
		p := &c.components[i]
		cv := *p.Row.StdError / *p.Row.Value
		if p.parts = parts[componentKey{key, p.Row.Estimator}].to(cv); len(p.parts) == 0 {
			p.parts = Parts{{schemas.CauseSampling, p.Row.Estimator + "/" + key.region, cv}}
		}
		c.row.Facilities = leastOf(c.row.Facilities, p.Facilities)
		if i == 0 || p.Persons < c.row.Persons {
			c.row.Persons = p.Persons
		}
		r.ObsStatus = schemas.Estimated
	}
	c.shown = h.shows(c.row)
	for _, p := range c.components {
		if p.Row.ObsStatus == schemas.LowReliability { // only where there is nothing else
			r.ObsStatus = schemas.LowReliability
		}
	}
	return c
}

// notEstimable is the row of a headline without figures.
func notEstimable(r schemas.RelationalPopulation) schemas.RelationalPopulation {
	r.Source, r.Estimator, r.Reliability = schemas.SourceCombined, Composite, schemas.LowReliability
	r.Value, r.StdError, r.CILow, r.CIHigh, r.CV, r.Per10000Residents = nil, nil, nil, nil, nil, nil
	r.Observation = schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: headlineMethodology}
	return r
}

// floor is the number of persons seen who live in Japan, and whether that may be shown; hidden says that the number
// of those from abroad may not.
type floor struct {
	seen          float64
	shown, hidden bool
}

// fill sets the row's figures; inside is where the interval begins if the number seen need not be one that may be shown.
func (c *combined) fill(f Frame, least floor) (inside float64) {
	if !c.estimated() {
		return 0
	}
	r, n := &c.row.Row, math.Exp(c.log)
	r.Value, r.StdError, r.CV = value(n), value(n*c.relative), value(c.relative)
	low := n / math.Exp(c.half)
	inside = math.Max(low, math.Min(least.seen, n))
	if least.shown {
		low = inside
	}
	r.CILow, r.CIHigh = value(low), value(n*math.Exp(c.half))
	if r.ObsStatus != schemas.LowReliability {
		r.Reliability = f.Grades.of(*r)
	}
	if r.Reliability == schemas.LowReliability {
		r.ObsStatus = schemas.LowReliability
	}
	if residents := f.Residents[r.RegionCode]; residents > 0 {
		r.Per10000Residents = value(n / residents * 1e4)
	}
	return inside
}

// vaguest is the coefficient of variation from which on an estimate says nothing.
const vaguest = 3

// parts are the estimates that enter: of those that may be shown the firm ones, or else the weak; where there are
// none, of all.
func (h Headline) parts(all []disclose.Counted[schemas.RelationalPopulation]) []component {
	for _, shown := range []bool{true, false} {
		var able []disclose.Counted[schemas.RelationalPopulation]
		for _, c := range all {
			r := c.Row
			if r.Value != nil && r.StdError != nil && *r.Value > 0 && *r.StdError > 0 && *r.StdError < vaguest**r.Value && r.Estimator != ThinnedJoint && (h.shows(c) || !shown) {
				able = append(able, c)
			}
		}
		calibrated := slices.ContainsFunc(able, func(c disclose.Counted[schemas.RelationalPopulation]) bool {
			return c.Row.Estimator == SurveyCalibrated
		})
		var firm, weak []component
		for _, c := range able {
			part := component{c, math.Log(*c.Row.Value), nil}
			switch {
			case c.Row.Estimator == SurveyDirect && calibrated:
			case c.Row.ObsStatus == schemas.LowReliability || c.Row.Estimator == ThinnedSynthetic:
				weak = append(weak, part)
			default:
				firm = append(firm, part)
			}
		}
		if len(firm) > 0 {
			return firm
		}
		if len(weak) > 0 {
			return weak
		}
	}
	return nil
}
