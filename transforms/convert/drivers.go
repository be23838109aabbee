package convert

import (
	"errors"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/contrast"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/hazard"
)

// leastEvents is the number of events, and of persons without one, that a level needs.
const leastEvents = 10

// terms are what a hazard may differ by, each with its levels.
var terms = [...]struct {
	name   string
	levels []string
}{
	{"relation_type", []string{"not_known", schemas.RelationHobby, schemas.RelationParticipation, schemas.RelationTelework, schemas.RelationLocalWork, schemas.RelationDirectContribution}},
	{"trips_at_entry", []string{"up_to_2", "3_to_4", "5_or_more"}},
	{"stay_days_at_entry", []string{"up_to_7", "8_or_more"}},
	{"origin", []string{"near", "middle", "far", "tokyo_area"}},
	{"age_class", []string{"not_known", "18-29", "30-44", "45-59", "60+"}},
	{"deepened", []string{"no", "yes"}},
}

// deepened is the place of the term that changes with time.
const deepened = len(terms) - 1

// levels are the positions of a person's levels, by term.
type levels [len(terms)]int8

// levelsOf are the levels at entry. Who comes five times in 12 months only later has not
// deepened yet, and who does at entry has that level of the trips for good.
func levelsOf(e Entry) levels {
	var l levels
	kind := e.Purposes.RelationType()
	if kind == "" {
		kind = "not_known"
	}
	l[0] = int8(slices.Index(terms[0].levels, kind))
	switch {
	case e.Trips >= 5:
		l[1] = 2
	case e.Trips >= 3:
		l[1] = 1
	}
	if e.StayDays >= 8 {
		l[2] = 1
	}
	l[3] = originLevel(e.Region, e.Origin)
	l[4] = int8(max(0, slices.Index(terms[4].levels, e.AgeClass)))
	return l
}

// originLevel is the place of tokyo_area, or of the class of distance.
func originLevel(region, origin string) int8 {
	const tokyoArea = 3
	if code := origin[:2]; code >= "11" && code <= "14" {
		return tokyoArea
	}
	switch km := distance(region, origin); {
	case km < 150:
		return 0
	case km < 400:
		return 1
	}
	return 2
}

// distance is that between the seats of two prefectures in km.
func distance(a, b string) float64 {
	p, _ := reference.PrefectureOf(a)
	q, _ := reference.PrefectureOf(b)
	return reference.Distance(p, q)
}

// exposure is a time at risk (start, stop] with its levels, in the unit of a model.
type exposure struct {
	start, stop int32
	// event is at stop; last says that nothing of the person follows.
	event, last bool
	stratum     int32
	levels      levels
}

// exposures are the times at risk of those who entered, in days since entry: from the day
// on which moves are recorded, and cut where a tie deepens, so that no time is immortal. An
// event on that day is of the tie before.
func (p *prospect) exposures(entries []Entry) []exposure {
	var all []exposure
	for _, e := range entries {
		s := p.spell(e, 0, firstOf(e.MovedOn, e.ResidentOn), e.ElsewhereOn)
		if s.Exit <= s.Entry {
			continue
		}
		x := exposure{start: s.Entry, stop: s.Exit, event: s.Cause == moved, last: true, stratum: FiscalYear(e.EnteredOn), levels: levelsOf(e)}
		if e.Trips < 5 && e.DeepenedOn != nil {
			all = append(all, x.splitAt(max(0, int32(*e.DeepenedOn-e.EnteredOn)))...)
			continue
		}
		all = append(all, x)
	}
	return all
}

// splitAt cuts a time where the tie deepens, as [hazard.Row.SplitAt] does.
func (x exposure) splitAt(at int32) []exposure {
	before, after := x, x
	after.levels[deepened] = 1
	switch {
	case at <= x.start:
		return []exposure{after}
	case at >= x.stop:
		return []exposure{before}
	}
	before.stop, before.event, before.last, after.start = at, false, false, at
	return []exposure{before, after}
}

// quarterOf is the quarter of a year since entry that a day falls in, from 1.
func quarterOf(day int32) int32 { return int32(math.Ceil(float64(day) / (365.25 / 4))) }

// quarters are the exposures in quarters since entry: first (start) and last (stop), both at
// risk. A quarter counts from its beginning, and without an event to its end. A tie that
// deepens in a quarter has deepened from the next one on, for nothing tells the order within.
func quarters(days []exposure) []exposure {
	var all []exposure
	for i := 0; i < len(days); i++ {
		x := days[i]
		if !x.last && quarterOf(days[i+1].stop) == quarterOf(x.stop) {
			i++
			x.stop, x.event, x.last = days[i].stop, days[i].event, true
		}
		first, last := quarterOf(x.start)+1, quarterOf(x.stop)
		if x.last && !x.event && float64(last)*(365.25/4) > float64(x.stop) {
			last-- // left in the middle of a quarter
		}
		if first <= last {
			x.start, x.stop = first, last
			all = append(all, x)
		}
	}
	return all
}

// levelCount counts those who have the event at a level and those who end at it without.
type levelCount struct{ events, others int64 }

// fewest is the number of persons that a figure of the level rests on.
func (c levelCount) fewest() int64 { return min(c.events, c.others) }

// plan says which levels are compared with which: of each term the first level with enough
// events and others is the reference, and those with too few count as the reference.
type plan struct {
	counts    [len(terms)][]levelCount
	reference [len(terms)]int8 // −1 where no level has enough
	column    [len(terms)][]int
	names     []string
}

// planOf makes a plan of exposures.
func planOf(all []exposure, least int64) plan {
	var p plan
	for t, term := range terms {
		p.counts[t], p.column[t], p.reference[t] = make([]levelCount, len(term.levels)), make([]int, len(term.levels)), -1
	}
	for _, x := range all {
		for t, level := range x.levels {
			switch c := &p.counts[t][level]; {
			case x.event:
				c.events++
			case x.last:
				c.others++
			}
		}
	}
	for t, term := range terms {
		for level := range term.levels {
			p.column[t][level] = -1
			switch {
			case p.counts[t][level].fewest() < least:
			case p.reference[t] < 0:
				p.reference[t] = int8(level)
			default:
				p.column[t][level] = len(p.names)
				p.names = append(p.names, term.name+" "+term.levels[level])
			}
		}
	}
	return p
}

// x are the covariates of some levels.
func (p plan) x(l levels) []float64 {
	x := make([]float64, len(p.names))
	for t, level := range l {
		if at := p.column[t][level]; at >= 0 {
			x[at] = 1
		}
	}
	return x
}

// fitted are log hazard ratios, by column of a plan; nil where they are not estimable.
type fitted []contrast.Estimate

// cox fits days. Rows of censored persons that are alike are one row of their number, which
// changes nothing; those with events stay apart, for ties tell them apart.
func (p plan) cox(days []exposure) (fitted, error) {
	var rows []hazard.Row
	at := map[exposure]int{}
	for _, x := range days {
		covariates := p.x(x.levels)
		x.last, x.levels = false, p.joined(x.levels)
		if i, there := at[x]; there && !x.event {
			rows[i].Weight++
			continue
		}
		at[x] = len(rows)
		rows = append(rows, hazard.Row{Start: float64(x.start), Stop: float64(x.stop), Event: x.event, X: covariates, Weight: 1, Stratum: int(x.stratum)})
	}
	c, err := hazard.FitCox(rows, hazard.CoxOptions{Names: p.names})
	if err != nil {
		return nil, notNeeded(err)
	}
	return estimates(c.Coefficients, c.StdErrs), nil
}

// joined are the levels with those that have too few set to one.
func (p plan) joined(l levels) levels {
	for t, level := range l {
		if p.column[t][level] < 0 {
			l[t] = -1
		}
	}
	return l
}

// discrete fits quarters, whose rows alike are one row of their number. Bands of quarters
// share a hazard: of the first half-year, the rest of the year, each year after, joined
// until each has enough events.
func (p plan) discrete(quarters []exposure, least int64) (fitted, error) {
	type pattern struct {
		quarter int32
		event   bool
		levels  levels
	}
	var rows []hazard.PersonPeriod
	at, events := map[pattern]int{}, map[int32]int64{}
	last := int32(0)
	for _, x := range quarters {
		covariates := p.x(x.levels)
		for q := x.start; q <= x.stop; q++ {
			k := pattern{q, x.event && q == x.stop, p.joined(x.levels)}
			if k.event {
				events[q]++
			}
			if i, there := at[k]; there {
				rows[i].Weight++
				continue
			}
			at[k] = len(rows)
			rows = append(rows, hazard.PersonPeriod{Period: int(q), Event: k.event, X: covariates, Weight: 1})
			last = max(last, q)
		}
	}
	d, err := hazard.FitDiscrete(rows, hazard.DiscreteOptions{Bands: bands(events, last, least), Names: p.names})
	if err != nil {
		return nil, notNeeded(err)
	}
	n := len(d.Bands)
	return estimates(d.Coefficients[n:], d.StdErrs[n:]), nil
}

// bands are the last quarters of the bands.
func bands(events map[int32]int64, last int32, least int64) []int {
	var ends []int
	n := int64(0)
	for q := int32(1); q <= last; q++ {
		n += events[q]
		if (q == 2 || q%4 == 0) && n >= least {
			ends, n = append(ends, int(q)), 0
		}
	}
	switch {
	case len(ends) == 0:
		return []int{int(last)}
	case n < least:
		ends[len(ends)-1] = int(last)
	case ends[len(ends)-1] < int(last):
		ends = append(ends, int(last))
	}
	return ends
}

func estimates(beta, stdErrs []float64) fitted {
	all := make(fitted, len(beta))
	for i := range beta {
		all[i] = contrast.Estimate{Value: beta[i], StdErr: stdErrs[i]}
	}
	return all
}

// notNeeded is nil where data do not tell: the rows then say so.
func notNeeded(err error) error {
	if errors.Is(err, hazard.ErrNotEstimable) {
		return nil
	}
	return err
}

// Drivers are the hazard ratios of moving in between those who became related to a
// prefecture, pooled over all years of entry, by two models:
//
//	cox              λ(t) = λ_year(t) e^{x'β}, t in days since entry, year the fiscal year of entry
//	discrete_hazard  1 − e^{−e^{α_band + x'β}} of a quarter of a year since entry
//
// Ends are as in [Prospective]: who is seen to live elsewhere, or can be followed no longer,
// leaves without an event, so that ratios are of the cause-specific hazard. A level needs 10
// moves and 10 persons without (or the threshold of disclosure, where that is more); with
// fewer it counts as the reference, the first level that has them, and its row is not
// estimable. Errors are the models': a person has one event at most. p-values are adjusted over
// the rows of a model by [contrast.BenjaminiHochberg]. A row rests on the fewest of the
// moves and the other persons at its level and at the reference. Nothing here is an effect.
func Drivers(f Frame, entries []Entry, seeing map[string]Seeing) ([]disclose.Counted[schemas.ConversionDriver], error) {
	least := max(leastEvents, f.Least)
	byRegion := map[string][]Entry{}
	for _, e := range entries {
		if e.EnteredOn < f.AsOf {
			byRegion[e.Region] = append(byRegion[e.Region], e)
		}
	}
	var rows []disclose.Counted[schemas.ConversionDriver]
	for _, region := range f.Regions {
		of := byRegion[region.RegionCode]
		if region.RegionLevel != schemas.LevelPrefecture || len(of) == 0 {
			continue
		}
		p := prospect{Frame: f, seeing: seeing[region.RegionCode]}
		days := p.exposures(of)
		byDay := planOf(days, least)
		byQuarter := quarters(days)
		inQuarters := planOf(byQuarter, least)
		var cox, discrete fitted
		var err error
		if len(byDay.names) > 0 {
			if cox, err = byDay.cox(days); err != nil {
				return nil, err
			}
		}
		if len(inQuarters.names) > 0 {
			if discrete, err = inQuarters.discrete(byQuarter, least); err != nil {
				return nil, err
			}
		}
		for _, m := range []struct {
			name string
			plan plan
			fit  fitted
		}{{"cox", byDay, cox}, {"discrete_hazard", inQuarters, discrete}} {
			of, err := m.plan.rows(f, region.RegionCode, m.name, m.fit)
			if err != nil {
				return nil, err
			}
			rows = append(rows, of...)
		}
	}
	return rows, nil
}

// rows are the rows of a model, one for each level that is no reference.
func (p plan) rows(f Frame, region, model string, fit fitted) ([]disclose.Counted[schemas.ConversionDriver], error) {
	ps := make([]float64, len(fit))
	for i, e := range fit {
		ps[i] = e.P()
	}
	adjusted, err := contrast.Adjust(ps, contrast.BenjaminiHochberg)
	if err != nil {
		return nil, err
	}
	var rows []disclose.Counted[schemas.ConversionDriver]
	for t, term := range terms {
		against := p.reference[t]
		for level, name := range term.levels {
			if level == int(max(against, 0)) {
				continue
			}
			row := schemas.ConversionDriver{Definition: f.Definition, Outside: schemas.OutsidePrefecture, RegionCode: region, Model: model,
				Term: term.name, Level: name, Label: string(contrast.Association), Observation: notEstimable}
			at := p.column[t][level]
			if against >= 0 {
				row.Reference = term.levels[against]
			}
			if at < 0 || fit == nil {
				rows = append(rows, disclose.Counted[schemas.ConversionDriver]{Row: row})
				continue
			}
			ratio, low, high, err := hazard.Estimate{Value: fit[at].Value, StdErr: fit[at].StdErr}.Exp(0.95)
			if err != nil {
				return nil, err
			}
			row.HazardRatio, row.StdError, row.CILow, row.CIHigh, row.PValue = &ratio, &fit[at].StdErr, &low, &high, &adjusted[at]
			row.EventsClass = eventsClass(p.counts[t][level].events)
			row.Observation = schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: estimate.Methodology}
			rests := min(p.counts[t][level].fewest(), p.counts[t][against].fewest())
			rows = append(rows, disclose.Counted[schemas.ConversionDriver]{Row: row, Persons: rests})
		}
	}
	return rows, nil
}

// eventsClass is the class of a number of events.
func eventsClass(n int64) string {
	switch {
	case n >= 500:
		return "500+"
	case n >= 100:
		return "100-499"
	case n >= 50:
		return "50-99"
	case n >= 20:
		return "20-49"
	}
	return "10-19"
}

// monthOf is a day's month as year × 12 + month − 1.
func monthOf(d schemas.Date) int {
	y, m, _ := d.Civil()
	return y*12 + m - 1
}

// seasonOf is the first month of the quarter of the year in which a day falls.
func seasonOf(d schemas.Date) int { return monthOf(d)%12/3*3 + 1 }
