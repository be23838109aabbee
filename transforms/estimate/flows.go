package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
)

// OriginFlows are the persons of one figure by the prefecture they live in.
type OriginFlows struct {
	Definition, Outside, Region, Source, Estimator, Methodology string
	// Months are the reference months that the figure stands for.
	Months []schemas.Date
	// Cells are the origins with persons.
	Cells []OriginCell
	// Facilities is the number of lodging facilities it rests on, 0 where the rule does not apply.
	Facilities int64
	// Variance is that of Σ slope(origin) × persons of the origin; nil of counts. DF is the degrees of
	// freedom of its root.
	Variance func(slope func(origin string) float64) (float64, error)
	DF       float64
}

// OriginCell is the persons of an origin, or of several that are estimated together.
type OriginCell struct {
	Origins []string
	Value   float64
	// Persons is the number of persons that Value rests on.
	Persons int64
}

// together puts all origins that may not be told apart into one cell, those without anybody among them, and into
// it the smallest of the others until it rests on enough persons itself: what is made of the cells then tells no
// more than these do. Cells are in order of the first origin, the cell of several last. False where no origin is
// left, or where the cell of several has more than half of the persons, of whom then too little is known.
func (o OriginFlows) together(all []string, least int64) ([]OriginCell, bool) {
	var told []OriginCell
	rest, persons := OriginCell{}, int64(0)
	apart := map[string]bool{}
	for _, c := range o.Cells {
		persons += c.Persons
		if len(c.Origins) == 1 && c.Persons >= least {
			told = append(told, c)
			apart[c.Origins[0]] = true
			continue
		}
		rest.Value, rest.Persons = rest.Value+c.Value, rest.Persons+c.Persons
	}
	for _, origin := range all {
		if !apart[origin] {
			rest.Origins = append(rest.Origins, origin)
		}
	}
	slices.SortFunc(told, func(a, b OriginCell) int {
		return cmp.Or(cmp.Compare(b.Persons, a.Persons), strings.Compare(a.Origins[0], b.Origins[0]))
	})
	for len(rest.Origins) > 0 && rest.Persons < least && len(told) > 0 {
		last := told[len(told)-1]
		told = told[:len(told)-1]
		rest = OriginCell{append(rest.Origins, last.Origins...), rest.Value + last.Value, rest.Persons + last.Persons}
	}
	slices.SortFunc(told, func(a, b OriginCell) int { return strings.Compare(a.Origins[0], b.Origins[0]) })
	if len(told) == 0 || 2*rest.Persons > persons {
		return nil, false
	}
	if len(rest.Origins) > 0 {
		told = append(told, rest)
	}
	return told, true
}

// spread is the variance of Σ slope_i Y_i over cells.
func (o OriginFlows) spread(cells []OriginCell, slopes []float64) (float64, error) {
	at := map[string]float64{}
	for i, c := range cells {
		for _, origin := range c.Origins {
			at[origin] = slopes[i]
		}
	}
	v, err := o.Variance(func(origin string) float64 { return at[origin] })
	return max(0, v), err
}

// independent is the variance of cells with errors of their own.
func independent(cells []OriginCell, stdErrs []float64) func(func(string) float64) (float64, error) {
	return func(slope func(string) float64) (float64, error) {
		var v float64
		for i, c := range cells {
			v += square(slope(c.Origins[0]) * stdErrs[i])
		}
		return v, nil
	}
}

// origins are the prefectures from which somebody can come by a rule, in order of their codes.
func origins(rule, region string) []string {
	var codes []string
	for i := range reference.Prefectures {
		code := string([]byte{'0' + byte((i+1)/10), '0' + byte((i+1)%10), '0', '0', '0'})
		if rule != schemas.OutsidePrefecture || code[:2] != region[:2] {
			codes = append(codes, code)
		}
	}
	return codes
}

// originResidents are the residents of prefectures: the totals given where these have all 47, and the census of
// 2020 otherwise.
func originResidents(given map[string]float64) map[string]float64 {
	totals, census := map[string]float64{}, map[string]float64{}
	for _, code := range origins("", schemas.Nation) {
		p, _ := reference.PrefectureOf(code)
		census[code] = p.Residents * 1000
		if n := given[code]; n > 0 {
			totals[code] = n
		}
	}
	if len(totals) == len(census) {
		return totals
	}
	return census
}

// observedFlows are everybody seen, by origin.
func observedFlows(f Frame, tallies []schemas.Tally) []OriginFlows {
	type key struct {
		source, outside, region string
		month                   int32
	}
	at := map[key]int{}
	var all []OriginFlows
	levels := f.levels()
	for _, t := range tallies {
		if t.Tally != "persons" || levels[t.RegionCode] == "" {
			continue
		}
		if _, ok := reference.PrefectureOf(t.OriginCode); !ok {
			continue
		}
		k := key{t.SourceKind, t.Outside, t.RegionCode, t.ReferenceMonth}
		i, there := at[k]
		if !there {
			i, at[k] = len(all), len(all)
			reference := lastDay(t.ReferenceMonth)
			all = append(all, OriginFlows{Outside: t.Outside, Region: t.RegionCode, Source: t.SourceKind, Estimator: Observed, Methodology: Methodology,
				Months: []schemas.Date{reference}, Facilities: f.Sources[t.SourceKind].facilities(t.RegionCode, reference)})
		}
		all[i].Cells = append(all[i].Cells, OriginCell{[]string{t.OriginCode}, float64(t.Count), t.Count})
	}
	return all
}

// SurveyFlows are the rows of persons by origin as rows of origin_destination.
func SurveyFlows(rows []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.OriginDestination] {
	var flows []disclose.Counted[schemas.OriginDestination]
	for _, c := range rows {
		r := c.Row
		if r.Measure != schemas.Persons || r.OriginCode == schemas.All || r.RelationType != schemas.All || r.Engagement != schemas.All || r.Value == nil {
			continue
		}
		persons := c.Persons
		flows = append(flows, disclose.Counted[schemas.OriginDestination]{Persons: c.Persons, Facilities: c.Facilities, Row: schemas.OriginDestination{
			Definition: r.Definition, Outside: r.Outside, RegionCode: r.RegionCode, RegionLevel: r.RegionLevel, OriginCode: r.OriginCode,
			ReferenceMonth: r.ReferenceMonth, Source: r.Source, Estimator: r.Estimator, Value: r.Value, StdError: r.StdError, CILow: r.CILow, CIHigh: r.CIHigh,
			Persons: &persons, Observation: r.Observation}})
	}
	return flows
}

// flows adds the persons of each definition, rule and region by origin, their variance being the design's.
func (e *surveyEstimator) flows() {
	for _, k := range e.keys() {
		all := e.cells.cells[k]
		if all == nil || k.measure != schemas.Persons || k.origin != schemas.All || k.relation != schemas.All || k.engagement >= 0 || e.cells.undecided[k.definition] {
			continue
		}
		row := e.row(k, e.survey.Last.MonthEnd())
		o := OriginFlows{Definition: k.definition, Outside: k.outside, Region: k.region, Source: row.Source, Estimator: row.Estimator,
			Methodology: row.MethodologyVersion, Months: e.months, DF: e.domains.df}
		weights := e.survey.Weights()
		for _, origin := range origins(k.outside, k.region) {
			from := k
			from.origin = origin
			if c := e.cells.cells[from]; c != nil {
				cell := OriginCell{Origins: []string{origin}, Persons: int64(len(c.units))}
				for i, unit := range c.units {
					cell.Value += weights[unit] * c.y[i]
				}
				o.Cells = append(o.Cells, cell)
			}
		}
		o.Variance = func(slope func(string) float64) (float64, error) {
			u := make([]float64, len(all.units))
			for i, unit := range all.units {
				u[i] = all.y[i] * slope(originOf(e.survey.Residences[unit]))
			}
			total, err := e.domains.Total(all.units, u)
			return square(total.StdErr), err
		}
		e.out.Flows = append(e.out.Flows, o)
	}
}

// flowRow sets the figure of an origin with its coefficient of variation.
func flowRow(row schemas.OriginDestination, n, relative float64, persons int64) schemas.OriginDestination {
	factor := math.Exp(1.96 * relative)
	row.Value, row.StdError, row.CILow, row.CIHigh, row.Persons = value(n), value(n*relative), value(n/factor), value(n*factor), &persons
	return row
}
