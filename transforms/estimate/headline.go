package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Composite is the estimator of the headline: the mean of what each source estimates.
const Composite = "composite"

const headlineMethodology = "composite-2"

// Headline is what the combination of sources needs to know beside the figures.
type Headline struct {
	// Errors are the parts of the figures' errors. A figure without any has an error of its own.
	Errors []FigureErrors
	// Welded is the share of pseudonyms that hold two persons.
	Welded float64
	// Rule is that of disclosure: a figure that may not be shown has no part in one that is.
	Rule disclose.Threshold
	// Replicates is the number of replicates of the joint bootstrap, [DefaultReplicates] where it is 0.
	Replicates int
}

// HeadlineFigures are the figures that combine sources, and what the errors of all come of.
type HeadlineFigures struct {
	RelationalPopulation []disclose.Counted[schemas.RelationalPopulation]
	ErrorBudget          []disclose.Counted[schemas.ErrorBudget]
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
//     them. What is synthetic or of low reliability enters only where there is nothing else.
//  2. Logarithms of estimates are averaged with the weights of least variance, none below 0; what their errors have
//     in common, such as that of official visitors, is their covariance.
//  3. Where sources differ by more than chance, each has a bias of its own: a random effect whose variance the
//     regions of a prefecture tell together (DerSimonian & Laird 1986).
//  4. Where all municipalities of a prefecture of which any source speaks have a figure, their persons, who are the
//     prefecture's pairs, are moved by one factor to meet these.
//  5. The interval is that of a joint bootstrap of what the errors come of, through 2 to 4, and begins no lower than
//     at the persons seen, where these may be shown.
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
	var order []headlineKey
	of, seen := map[headlineKey][]disclose.Counted[schemas.RelationalPopulation]{}, map[headlineKey]float64{}
	spoken := map[headlineKey]bool{}
	for _, c := range population {
		key, whole := headlineOf(c.Row)
		if !whole {
			continue
		}
		spoken[key] = spoken[key] || c.Row.Value != nil && *c.Row.Value > 0
		if c.Row.Estimator == Observed {
			if c.Row.Source == schemas.SourceBooking && c.Row.Value != nil && h.shows(c) {
				seen[key] = *c.Row.Value * (1 - h.Welded)
			}
			continue
		}
		if p, known := parts[componentKey{key, c.Row.Estimator}]; known && c.Row.CV != nil {
			out.ErrorBudget = append(out.ErrorBudget, budgetOf(c, p))
		}
		if _, known := of[key]; !known {
			order = append(order, key)
		}
		of[key] = append(of[key], c)
	}
	figures := make(map[headlineKey]*combined, len(order))
	for _, key := range order {
		figures[key] = h.enter(key, of[key], parts)
	}
	for _, g := range jointsOf(f, order, figures, spoken) {
		g.combine(h.replicates())
	}
	for _, key := range order {
		c := figures[key]
		c.fill(f.Residents[key.region], seen[key])
		out.RelationalPopulation = append(out.RelationalPopulation, c.row)
		if c.row.Row.Value != nil {
			out.ErrorBudget = append(out.ErrorBudget, budgetOf(c.row, c.errors))
		}
	}
	return out
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
}

// enter is a figure with the estimates that enter it.
func (h Headline) enter(key headlineKey, all []disclose.Counted[schemas.RelationalPopulation], parts map[componentKey]Parts) *combined {
	c := &combined{row: disclose.Counted[schemas.RelationalPopulation]{Row: all[0].Row}}
	r := &c.row.Row
	r.Source, r.Estimator, r.Reliability = schemas.SourceCombined, Composite, schemas.LowReliability
	r.Value, r.StdError, r.CILow, r.CIHigh, r.CV, r.Per10000Residents = nil, nil, nil, nil, nil, nil
	r.Observation = schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: headlineMethodology}
	c.components = h.parts(all)
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

// fill sets the row's figures; so many persons were seen, where that may be shown.
func (c *combined) fill(residents, seen float64) {
	if len(c.components) == 0 {
		return
	}
	n := math.Exp(c.log)
	setFigure(&c.row.Row, n, n*c.relative, residents)
	low, high := n/math.Exp(c.half), n*math.Exp(c.half)
	c.row.Row.CILow, c.row.Row.CIHigh = value(math.Max(low, math.Min(seen, n))), value(high)
}

// parts are the estimates that enter: of those that may be shown the firm ones, or else the weak; where there are
// none, of all.
func (h Headline) parts(all []disclose.Counted[schemas.RelationalPopulation]) []component {
	for _, shown := range []bool{true, false} {
		var able []disclose.Counted[schemas.RelationalPopulation]
		for _, c := range all {
			r := c.Row
			if r.Value != nil && r.StdError != nil && *r.Value > 0 && *r.StdError > 0 && r.Estimator != ThinnedJoint && (h.shows(c) || !shown) {
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

// setFigure fills in a figure with its interval and grade.
func setFigure(r *schemas.RelationalPopulation, n, stdErr, residents float64) {
	f := figure{n: n}
	f.interval(stdErr / n)
	r.Value, r.StdError, r.CILow, r.CIHigh, r.CV = value(n), value(stdErr), value(f.low), value(f.high), value(stdErr/n)
	if r.ObsStatus != schemas.LowReliability {
		r.Reliability = reliability(*r.CV)
	}
	if r.Reliability == schemas.LowReliability {
		r.ObsStatus = schemas.LowReliability
	}
	if residents > 0 {
		r.Per10000Residents = value(n / residents * 1e4)
	}
}
