package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/combine"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/smallarea"
)

// Composite is the estimator of the headline: the mean of what each source estimates.
const Composite = "composite"

const headlineMethodology = "composite-1"

// Headline is what the combination of sources needs to know beside the figures.
type Headline struct {
	// OfficialError is the standard error of official visitors, as a share of them, which figures
	// scaled by them have in common.
	OfficialError float64
	// Welded is the share of pseudonyms that hold two persons.
	Welded float64
	// Rule is that of disclosure: a figure that may not be shown has no part in one that is.
	Rule disclose.Threshold
}

// component is one source's estimate of a figure.
type component struct {
	disclose.Counted[schemas.RelationalPopulation]
	log, variance float64
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
//  2. Logarithms of estimates are averaged with the weights of least variance, none below 0; bookings and answers on
//     the spot that are both scaled by official visitors share the variance of these.
//  3. Where sources differ by more than chance, each has a bias of its own: a random effect whose variance makes
//     them agree (Paule & Mandel 1982, J. Res. Natl. Bur. Stand. 87:377).
//  4. The interval is that of the logarithm and begins no lower than at the persons seen, where these may be shown.
//  5. Where all municipalities of a prefecture of which any source speaks have a figure, their persons, who are the
//     prefecture's pairs, are moved by one factor to meet these.
//
// Estimates that disclosure withholds enter only where there are no others; the figure is then withheld too, as it
// rests on the fewest persons and houses of what enters. One that no source estimates is not
// estimable; of one that no source speaks of there is no row.
func Combined(f Frame, h Headline, population []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.RelationalPopulation] {
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
		if _, known := of[key]; !known {
			order = append(order, key)
		}
		of[key] = append(of[key], c)
	}
	rows, at := make([]disclose.Counted[schemas.RelationalPopulation], len(order)), map[headlineKey]int{}
	for i, key := range order {
		rows[i], at[key] = h.combine(of[key], f.Residents[key.region]), i
	}
	for _, key := range order {
		if r := rows[at[key]].Row; key.measure == schemas.Pairs && r.RegionLevel == schemas.LevelPrefecture && r.Value != nil {
			for _, measure := range []string{schemas.Persons, schemas.Pairs} { // of a municipality they are the same
				benchmark(f, key, measure, *r.Value, rows, func(k headlineKey) (int, bool) {
					if i, ok := at[k]; ok {
						return i, spoken[k]
					}
					return -1, spoken[k]
				})
			}
		}
	}
	for i, key := range order {
		if r := &rows[i].Row; r.Value != nil {
			*r.CILow = math.Max(*r.CILow, math.Min(seen[key], *r.Value))
		}
	}
	return rows
}

func (h Headline) shows(c disclose.Counted[schemas.RelationalPopulation]) bool {
	return h.Rule.Effective().Shows(c.Persons, c.Facilities)
}

// combine makes one figure of those of several sources.
func (h Headline) combine(all []disclose.Counted[schemas.RelationalPopulation], residents float64) disclose.Counted[schemas.RelationalPopulation] {
	out := disclose.Counted[schemas.RelationalPopulation]{Row: all[0].Row}
	r := &out.Row
	r.Source, r.Estimator, r.Reliability = schemas.SourceCombined, Composite, schemas.LowReliability
	r.Value, r.StdError, r.CILow, r.CIHigh, r.CV, r.Per10000Residents = nil, nil, nil, nil, nil, nil
	r.Observation = schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: headlineMethodology}
	parts := h.parts(all)
	if len(parts) == 0 {
		return out
	}
	mean, ok := h.mean(parts)
	if !ok {
		return out
	}
	r.ObsStatus = schemas.Estimated
	for i, p := range parts {
		out.Facilities = leastOf(out.Facilities, p.Facilities)
		if i == 0 || p.Persons < out.Persons {
			out.Persons = p.Persons
		}
		if p.Row.ObsStatus == schemas.LowReliability { // only where there is nothing else
			r.ObsStatus = schemas.LowReliability
		}
	}
	setFigure(r, math.Exp(mean.Value), math.Exp(mean.Value)*mean.StdErr(), residents)
	return out
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
			part := component{c, math.Log(*c.Row.Value), square(*c.Row.StdError / *c.Row.Value)}
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

// mean is that of the logarithms, the variance between sources included.
func (h Headline) mean(parts []component) (combine.Composite, bool) {
	values := make([]float64, len(parts))
	for i, p := range parts {
		values[i] = p.log
	}
	at := func(between float64) (combine.Composite, bool) {
		covariance := make([][]float64, len(parts))
		for i, p := range parts {
			covariance[i] = make([]float64, len(parts))
			covariance[i][i] = p.variance + between
			for j, q := range parts {
				if i != j && p.scaled() && q.scaled() { // no more than the smaller holds
					covariance[i][j] = math.Min(square(h.OfficialError), 0.9*math.Min(p.variance, q.variance))
				}
			}
		}
		c, err := combine.Several(values, covariance, combine.Bounded)
		return c, err == nil
	}
	c, ok := at(0)
	if free := float64(len(parts) - 1); ok && c.Q > free {
		low, high := 0.0, square(slices.Max(values)-slices.Min(values))
		for range 60 {
			between := (low + high) / 2
			if c, ok = at(between); !ok {
				return c, false
			}
			if c.Q > free {
				low = between
			} else {
				high = between
			}
		}
	}
	return c, ok
}

// scaled says whether an estimate rests on official visitors.
func (p component) scaled() bool {
	return p.Row.Estimator == Thinned || p.Row.Estimator == ThinnedSynthetic || p.Row.Estimator == OnsiteScaled
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

// benchmark moves the figures of municipalities so that they sum to the pairs of their prefecture, where all
// of which any source speaks have one.
func benchmark(f Frame, prefecture headlineKey, measure string, total float64, rows []disclose.Counted[schemas.RelationalPopulation], at func(headlineKey) (int, bool)) {
	var of []int
	var estimates []smallarea.Estimated
	for _, m := range f.Regions {
		if m.RegionLevel != schemas.LevelMunicipality || m.PrefectureCode != prefecture.region {
			continue
		}
		i, spoken := at(headlineKey{prefecture.definition, measure, prefecture.outside, m.RegionCode, prefecture.reference})
		switch {
		case !spoken:
		case i < 0 || rows[i].Row.Value == nil: // seen, and estimated by nothing
			return
		default:
			of = append(of, i)
			estimates = append(estimates, smallarea.Estimated{Estimate: *rows[i].Row.Value, MSE: square(*rows[i].Row.StdError), Weight: 1})
		}
	}
	if len(of) == 0 {
		return
	}
	moved, err := smallarea.Benchmark(estimates, total, smallarea.Ratio)
	if err != nil {
		return
	}
	for j, i := range of {
		setFigure(&rows[i].Row, moved[j].Estimate, math.Sqrt(moved[j].MSE), f.Residents[rows[i].Row.RegionCode])
	}
}
