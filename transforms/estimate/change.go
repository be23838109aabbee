package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/series"
)

const changeMethodology = "change-1"

// changesBefore are the numbers of months that a figure is compared over.
var changesBefore = []int{1, 12}

// Changes are the differences and growth rates of figures that have an error, of all origins, relation
// types and engagement levels, from the reference month before and from that of a year before, where the release
// holds both by the same estimator.
//
//	c = Y₁Y₂ Σ ρ effect₁ effect₂
//
// over the parts that the errors have in common. With s the overlap of the days that were sampled, ρ is
//
//	s   of the sampling of surveys, of the drift of answers that stand for a later month, and of what the answers and
//	    bookings of the 12 months tell of a detection: which visits count, steps, known residence
//	s⁴  of the sampling of bookings: persons who came often enough are no sum of months, and the number that thinning
//	    leaves unseen turns on who was seen how often, which a month changes for many
//	1   of all else: official statistics, links, classes and models are the same, and cancel in growth
//
// Of errors that are not told apart all is sampling, of bookings unless they are a survey's.
// The parts of a figure of several sources are those of its components by their precision, each cause scaled
// to its share of the error budget.
//
// A row rests on the fewest persons and houses of the two figures, so that it is withheld where either is.
// Figures that are not above 0 have no growth and no row.
func Changes(errors []FigureErrors, budget []disclose.Counted[schemas.ErrorBudget], population []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.Change] {
	figures := datedFigures(errors, budget, population)
	at := make(map[componentKey]*datedFigure, len(figures))
	for i := range figures {
		at[figures[i].key] = &figures[i]
	}
	var rows []disclose.Counted[schemas.Change]
	for i := range figures {
		later := &figures[i]
		for _, months := range changesBefore {
			key := later.key
			key.figure.reference = key.figure.reference.AddMonths(-months)
			earlier := at[key]
			if earlier == nil || earlier.Row.Source != later.Row.Source {
				continue
			}
			if row, ok := changeOf(earlier, later, months); ok {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// datedFigure is a figure, and what its error comes of.
type datedFigure struct {
	disclose.Counted[schemas.RelationalPopulation]
	key   componentKey
	parts []datedPart
}

// datedPart is a part of an error, with the days of the sample.
type datedPart struct {
	Part
	sampled period
}

// period is a first and a last day.
type period struct{ first, last schemas.Date }

// periodOf reads the span of a row's data, which is the 12 months to the reference month where there is none.
func periodOf(r schemas.RelationalPopulation) period {
	first, last, _ := strings.Cut(r.SourcePeriod, "/")
	a, e := schemas.ParseDate(first)
	b, f := schemas.ParseDate(last)
	if e != nil || f != nil || b < a {
		return period{r.ReferenceMonth.AddMonths(-12) + 1, r.ReferenceMonth}
	}
	return period{a, b}
}

// overlap is m/√(n₁n₂) of the days: 1 of one sample, 0 of samples with no day in common.
func (p period) overlap(q period) float64 {
	common := float64(min(p.last, q.last)-max(p.first, q.first)) + 1
	return math.Max(0, common) / math.Sqrt(float64(p.last-p.first+1)*float64(q.last-q.first+1))
}

// thinnedPower is that of the overlap of two windows by which errors of thinned bookings are alike: simulated ones,
// of which bookings show 15 to 70 %, correlate by 0.59 to 0.78 a month apart (0.92⁴ = 0.71), by 0.20 to 0.48 three
// months (0.32), by 0.08 to 0.25 six (0.06), and not at all a year apart.
const thinnedPower = 4

// shared is the correlation ρ of a part in two months.
func (p datedPart) shared(q datedPart) float64 {
	overlap := p.sampled.overlap(q.sampled)
	of, _, _ := strings.Cut(p.Name, "/")
	switch {
	case p.Cause == schemas.CauseSampling && slices.Contains([]string{"survey", "onsite", SurveyDirect, SurveyCalibrated, OnsiteScaled}, of):
		return overlap
	case p.Cause == schemas.CauseSampling:
		return math.Pow(overlap, thinnedPower)
	case slices.Contains([]string{"drift", "counting", "steps", "residence"}, of):
		return overlap
	}
	return 1
}

// datedFigures are the figures with an error in the order of population.
func datedFigures(errors []FigureErrors, budget []disclose.Counted[schemas.ErrorBudget], population []disclose.Counted[schemas.RelationalPopulation]) []datedFigure {
	told := make(map[componentKey]Parts, len(errors))
	for _, e := range errors {
		told[componentKey{e.Figure, e.Estimator}] = e.Parts
	}
	causes := map[componentKey]schemas.ErrorBudget{}
	for _, b := range budget {
		r := b.Row
		if r.Source == schemas.SourceCombined {
			causes[componentKey{headlineKey{r.Definition, r.Measure, r.Outside, r.RegionCode, r.ReferenceMonth}, r.Estimator}] = r
		}
	}
	var figures []datedFigure
	components := map[headlineKey][]datedFigure{}
	for _, c := range population {
		figure, whole := headlineOf(c.Row)
		r := c.Row
		if !whole || r.Value == nil || r.StdError == nil || !(*r.Value > 0) {
			continue
		}
		f := datedFigure{Counted: c, key: componentKey{figure, r.Estimator}}
		if r.Source != schemas.SourceCombined {
			f.parts = dated(told[f.key], r)
			components[figure] = append(components[figure], f)
		}
		figures = append(figures, f)
	}
	for i := range figures {
		if f := &figures[i]; f.Row.Source == schemas.SourceCombined {
			f.parts = combinedParts(told[f.key], causes[f.key], components[f.key.figure], f.Row)
		}
	}
	return figures
}

// dated are the parts of a figure of one source, scaled to its standard error.
func dated(parts Parts, r schemas.RelationalPopulation) []datedPart {
	cv, sampled := *r.StdError / *r.Value, periodOf(r)
	if len(parts) == 0 {
		parts = Parts{{schemas.CauseSampling, r.Estimator + "/" + r.RegionCode, cv}}
	}
	var out []datedPart
	for _, p := range parts.to(cv) {
		out = append(out, datedPart{p, sampled})
	}
	return out
}

// combinedParts are those of a figure of several sources.
func combinedParts(told Parts, budget schemas.ErrorBudget, components []datedFigure, r schemas.RelationalPopulation) []datedPart {
	if len(told) > 0 {
		return dated(told, r)
	}
	var precision float64
	components = entering(components)
	for _, c := range components {
		precision += square(*c.Row.Value / *c.Row.StdError)
	}
	var parts []datedPart
	for _, c := range components {
		w := square(*c.Row.Value / *c.Row.StdError) / precision
		for _, p := range c.parts {
			p.Effect *= w
			parts = append(parts, p)
		}
	}
	parts = together(parts)
	if budget.CV == nil {
		budget.CV, budget.Sampling = value(*r.StdError / *r.Value), value(1)
	}
	var out []datedPart
	for _, of := range []struct {
		cause string
		share *float64
	}{
		{schemas.CauseSampling, budget.Sampling}, {schemas.CauseDetection, budget.Detection}, {schemas.CauseLinkage, budget.Linkage},
		{schemas.CauseModel, budget.Model}, {schemas.CauseClassification, budget.Classification},
	} {
		if of.share == nil || *of.share == 0 {
			continue
		}
		effect := *budget.CV * math.Sqrt(*of.share)
		var inside Parts
		var sampled []period
		for _, p := range parts {
			if p.Cause == of.cause {
				inside, sampled = append(inside, p.Part), append(sampled, p.sampled)
			}
		}
		if len(inside) == 0 { // none of the components tells it
			inside, sampled = Parts{{of.cause, "figure/" + r.RegionCode, effect}}, []period{periodOf(r)}
		}
		for i, p := range inside.to(effect) {
			out = append(out, datedPart{p, sampled[i]})
		}
	}
	return together(out)
}

// entering are the components that a composite is of: firm ones, or weak ones where there are no others.
func entering(all []datedFigure) []datedFigure {
	calibrated := slices.ContainsFunc(all, func(f datedFigure) bool { return f.Row.Estimator == SurveyCalibrated })
	var firm, weak []datedFigure
	for _, f := range all {
		switch {
		case *f.Row.StdError == 0 || f.Row.Estimator == ThinnedJoint || f.Row.Estimator == SurveyDirect && calibrated:
		case f.Row.ObsStatus == schemas.LowReliability || f.Row.Estimator == ThinnedSynthetic:
			weak = append(weak, f)
		default:
			firm = append(firm, f)
		}
	}
	if len(firm) > 0 {
		return firm
	}
	return weak
}

// together orders parts, and adds those of one name and cause.
func together(parts []datedPart) []datedPart {
	slices.SortStableFunc(parts, func(a, b datedPart) int { return a.compare(b.Part) })
	var out []datedPart
	for _, p := range parts {
		if n := len(out); n > 0 && out[n-1].compare(p.Part) == 0 {
			out[n-1].Effect += p.Effect
			continue
		}
		out = append(out, p)
	}
	return out
}

// sharedError is the covariance of the logarithms of two figures.
func sharedError(a, b []datedPart) float64 {
	a, b = together(slices.Clone(a)), together(slices.Clone(b))
	var sum float64
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := a[i].compare(b[j].Part); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			sum += a[i].shared(b[j]) * a[i].Effect * b[j].Effect
			i, j = i+1, j+1
		}
	}
	return sum
}

// changeOf is the row of two figures, and whether there is one.
func changeOf(earlier, later *datedFigure, months int) (disclose.Counted[schemas.Change], bool) {
	a, b := earlier.Row, later.Row
	most := *a.StdError * *b.StdError
	c := series.Change{First: *a.Value, Second: *b.Value, FirstVariance: square(*a.StdError), SecondVariance: square(*b.StdError),
		Covariance: math.Max(-most, math.Min(most, *a.Value**b.Value*sharedError(earlier.parts, later.parts)))}
	difference, err := c.Difference()
	if err != nil {
		return disclose.Counted[schemas.Change]{}, false
	}
	growth, err := c.Growth()
	if err != nil {
		return disclose.Counted[schemas.Change]{}, false
	}
	low, high, _ := difference.Interval(0.95) // a level that is one
	least, greatest, _ := growth.Interval(0.95)
	row := schemas.Change{
		Definition: b.Definition, Measure: b.Measure, Outside: b.Outside, RegionCode: b.RegionCode, RegionLevel: b.RegionLevel,
		ReferenceMonth: b.ReferenceMonth, MonthsBefore: int32(months), Source: b.Source, Estimator: b.Estimator,
		Earlier: a.Value, Later: b.Value, Covariance: value(c.Covariance),
		Difference: value(difference.Value), DifferenceStdError: value(difference.StdErr), DifferenceCILow: value(low), DifferenceCIHigh: value(high),
		Growth: value(growth.Rate), GrowthStdError: value(growth.StdErr), GrowthCILow: value(least), GrowthCIHigh: value(greatest),
		ProbabilityIncrease: probabilityIncrease(growth), Reliability: max(a.Reliability, b.Reliability), // A < B < C < U
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: b.MethodologyVersion + "+" + changeMethodology},
	}
	if a.ObsStatus == schemas.LowReliability || b.ObsStatus == schemas.LowReliability {
		row.ObsStatus = schemas.LowReliability
	}
	return disclose.Counted[schemas.Change]{Row: row, Persons: min(earlier.Persons, later.Persons), Facilities: leastOf(earlier.Facilities, later.Facilities)}, true
}

// probabilityIncrease is Φ(ln R/s) of a ratio R whose logarithm has the standard error s, and nil where that is 0
// up to rounding: the two figures are then one.
func probabilityIncrease(g series.Growth) *float64 {
	if g.LogStdErr < 1e-9 {
		return nil
	}
	return value(distuv.UnitNormal.CDF(math.Log1p(g.Rate) / g.LogStdErr))
}

// ReliableChange keeps a change of two figures of the grade least and better, as [Reliable] keeps these.
func ReliableChange(r schemas.Change, least string) schemas.Change {
	if least == "" || cmp.Or(r.Reliability, schemas.LowReliability) <= least {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}
