package convert

import (
	"cmp"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/rates"
	"github.com/kankei/kankei/transforms/survival"
)

// Entry is a person from another prefecture who is seen to become related to a region, and
// what is seen of them from then on.
type Entry struct {
	Region, Origin string
	// EnteredOn is the day on which the definition's rule is certainly met.
	EnteredOn schemas.Date
	// Trips and StayDays are those seen in the 12 months to entry.
	Trips, StayDays int32
	Purposes        schemas.Purpose
	// AgeClass is one of [schemas.AgeClasses], '' where it is not known.
	AgeClass string
	// LastSeen is the last day of presence seen.
	LastSeen schemas.Date
	// MovedOn is the day of a record of moving in, ResidentOn the first on which a booking
	// gives the region as residence, ElsewhereOn another place than before; nil for none.
	MovedOn, ResidentOn, ElsewhereOn *schemas.Date
	// DeepenedOn is the last day of presence of the month in which five trips in 12 months are
	// first seen, ProgrammeOn the day of the first act, or stay with a programme's purpose, up
	// to entry; nil for none.
	DeepenedOn, ProgrammeOn *schemas.Date
	// TripsYearBefore are the trips begun in the 12 months before the 12 months to entry,
	// TripsYearAfter those begun in the 12 months after the month of entry; nil where the
	// bookings do not cover them.
	TripsYearBefore, TripsYearAfter *int32
}

// Seeing is how much of what happens the data of a prefecture show.
type Seeing struct {
	// Since is the first day from which moves are recorded.
	Since schemas.Date
	// Moves is the share of the moves of those who entered that a linked record shows, with
	// its standard error; 0 where nothing tells.
	Moves, MovesErr float64
}

// CurveMonths is the grid of a published curve, in months since entry.
var CurveMonths = []int32{3, 6, 9, 12, 18, 24, 30, 36}

// leastAtRisk is the number of persons at risk below which a curve is not begun.
const leastAtRisk = 10

// lapseMonths is the time without a trip seen after which a relation counts as lapsed.
const lapseMonths = 24

// The causes of the curves.
const (
	moved = iota + 1
	elsewhere
	lapsed
)

// Prospective follows those who are seen to become related to a region from the day on which
// the rule is met: nothing before it counts as time at risk, so that no time is immortal.
// Cohorts are fiscal years of entry, and all years together (cohort 0). Ends are the first of
// moving in, being seen to live elsewhere, and lapsing; who is in none of them is censored on
// the as-of day. Persons who enter before moves are recorded are at risk from then on (delayed
// entry).
//
//	aalen_johansen_detected  moves seen; moved_elsewhere competes, a lapse does not
//	aalen_johansen_corrected moves by linked records over the share of moves they show: all moves
//	                         of those seen to enter, from then on
//	complete_follow_up       x of the n who can be followed the whole horizon, moves seen: Wilson
//	beta_binomial            the same for municipalities, drawn towards those of their prefecture
//
// None of them is of all who became related: whom no booking shows twice does not enter, and whom
// they show does so late. Where those who come often move more readily the figures are above that
// of all, and where most move soon after they became related below it (docs/accuracy.md has how
// far; docs/decisions/0030 why nothing is made of it).
//
// The curve of a lapse is of its own: those who have lapsed may still move, and what is seen
// of moves does not depend on trips.
func Prospective(f Frame, entries []Entry, seeing map[string]Seeing) ([]disclose.Counted[schemas.MigrationConversion], []disclose.Counted[schemas.ConversionCurve], error) {
	var rows []disclose.Counted[schemas.MigrationConversion]
	var curve []disclose.Counted[schemas.ConversionCurve]
	byRegion := map[string][]Entry{}
	for _, e := range entries {
		if e.EnteredOn < f.AsOf {
			byRegion[e.Region] = append(byRegion[e.Region], e)
		}
	}
	for _, prefecture := range f.Regions {
		if prefecture.RegionLevel != schemas.LevelPrefecture {
			continue
		}
		p := prospect{Frame: f, seeing: seeing[prefecture.RegionCode]}
		for _, region := range f.Regions {
			if region.RegionCode == prefecture.RegionCode || region.RegionLevel == schemas.LevelMunicipality && region.PrefectureCode == prefecture.RegionCode {
				p.strata = append(p.strata, cohorts(region, byRegion[region.RegionCode])...)
			}
		}
		if err := p.curves(); err != nil {
			return nil, nil, err
		}
		if err := p.followed(); err != nil {
			return nil, nil, err
		}
		rows, curve = append(rows, p.rows...), append(curve, p.curve...)
	}
	slices.SortStableFunc(rows, func(a, b disclose.Counted[schemas.MigrationConversion]) int { // statistics stay in their order
		return cmp.Or(cmp.Compare(a.Row.RegionCode, b.Row.RegionCode), cmp.Compare(a.Row.Cohort, b.Row.Cohort),
			cmp.Compare(a.Row.HorizonMonths, b.Row.HorizonMonths), cmp.Compare(a.Row.Estimator, b.Row.Estimator))
	})
	return rows, curve, nil
}

// prospect is the work on the cohorts of one prefecture.
type prospect struct {
	Frame
	seeing Seeing
	strata []stratum
	rows   []disclose.Counted[schemas.MigrationConversion]
	curve  []disclose.Counted[schemas.ConversionCurve]
}

// stratum is a cohort of a region.
type stratum struct {
	region  schemas.Region
	cohort  int32
	entries []Entry
}

// cohorts are those of a region by fiscal year, after the cohort 0 of all years.
func cohorts(region schemas.Region, entries []Entry) []stratum {
	all := []stratum{{region, 0, entries}}
	years := map[int32]int{}
	for _, e := range entries {
		y := FiscalYear(e.EnteredOn)
		at, there := years[y]
		if !there {
			at = len(all)
			years[y] = at
			all = append(all, stratum{region: region, cohort: y})
		}
		all[at].entries = append(all[at].entries, e)
	}
	slices.SortFunc(all, func(a, b stratum) int { return cmp.Compare(a.cohort, b.cohort) })
	return all
}

// end is the first of some days, with its cause: none is censoring on the last day.
func end(last schemas.Date, days ...*schemas.Date) (schemas.Date, int32) {
	on, cause := last, int32(0)
	for i, d := range days {
		if d != nil && (*d < on || *d == on && cause == 0) {
			on, cause = *d, int32(i+1)
		}
	}
	return on, cause
}

// firstOf is the earlier of two days, either of which may be missing.
func firstOf(a, b *schemas.Date) *schemas.Date {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

// lapse is the day on which a relation has lapsed, nil where that day is not over: that of the
// month as the last day seen, or the last of the month where it has none such.
func (e Entry) lapse(asOf schemas.Date) *schemas.Date {
	d := e.LastSeen.AddMonths(lapseMonths)
	_, _, last := d.Civil()
	if _, _, seen := e.LastSeen.Civil(); seen < last {
		d -= schemas.Date(last - seen)
	}
	if d <= asOf {
		return &d
	}
	return nil
}

// spell is a person's time under observation, in days since entry.
func (p *prospect) spell(e Entry, at int, days ...*schemas.Date) survival.Spell {
	on, cause := end(p.AsOf, days...)
	since := max(0, p.seeing.Since-1-e.EnteredOn)
	return survival.Spell{Entry: int32(since), Exit: int32(on - e.EnteredOn), Cause: cause, Stratum: int32(at), Weight: 1}
}

// curves makes the curves of all cohorts, and the rows that are read off them.
func (p *prospect) curves() error {
	var detected, recorded, left []survival.Spell
	for at, s := range p.strata {
		for _, e := range s.entries {
			in := firstOf(e.MovedOn, e.ResidentOn)
			detected = append(detected, p.spell(e, at, in, e.ElsewhereOn))
			left = append(left, p.spell(e, at, in, e.ElsewhereOn, e.lapse(p.AsOf)))
			recorded = append(recorded, p.spell(e, at, e.MovedOn, e.ElsewhereOn))
		}
	}
	seen, err := survival.Curves(atRisk(detected), survival.Options{Strata: len(p.strata), Causes: elsewhere, MinAtRisk: leastAtRisk})
	if err != nil {
		return err
	}
	ends, err := survival.Curves(atRisk(left), survival.Options{Strata: len(p.strata), Causes: lapsed, MinAtRisk: leastAtRisk})
	if err != nil {
		return err
	}
	corrected := make([]survival.Curve, len(p.strata))
	if p.seeing.Moves > 0 {
		corrected, err = survival.Curves(atRisk(recorded), survival.Options{Strata: len(p.strata), Causes: elsewhere, MinAtRisk: leastAtRisk,
			Capture: []survival.Capture{{Sensitivity: p.seeing.Moves, StdErr: p.seeing.MovesErr}, {Sensitivity: 1}}})
		if err != nil {
			return err
		}
	}
	for at, s := range p.strata {
		shown := p.read(s, detectedEstimator, schemas.EndMigrated, &seen[at], moved, nil)
		p.read(s, correctedEstimator, schemas.EndMigrated, &corrected[at], moved, shown)
		p.times(s, detectedEstimator, &seen[at])
		p.times(s, correctedEstimator, &corrected[at])
		p.read(s, detectedEstimator, schemas.EndMoved, &seen[at], elsewhere, nil)
		p.read(s, detectedEstimator, schemas.EndLapsed, &ends[at], lapsed, nil)
	}
	return nil
}

const (
	detectedEstimator  = "aalen_johansen_detected"
	correctedEstimator = "aalen_johansen_corrected"
)

// read reads a curve at the months of the grid, and at the horizons where its end is moving in.
// A point rests on the fewest of those who ended so since the last point that may be shown,
// those who ended so at all, and those who did not: shown are these numbers by month, given
// where another curve of the same persons tells them.
func (p *prospect) read(s stratum, estimator, of string, c *survival.Curve, cause int, shown map[int32]int64) map[int32]int64 {
	rests := map[int32]int64{}
	before := int64(0)
	for _, months := range CurveMonths {
		at := survival.Point{Status: survival.NotEstimable}
		if len(c.Time) > 0 {
			at = c.IncidenceAt(cause, days(months), survival.Interval{})
		}
		rest, known := shown[months]
		if !known {
			rest = min(int64(at.Events)-before, int64(len(s.entries)-at.Events))
			if rest >= p.Least {
				before = int64(at.Events)
			}
		}
		rests[months] = rest
		p.curve = append(p.curve, p.point(s, estimator, of, months, at, rest))
		if of == schemas.EndMigrated && slices.Contains(Horizons, months) {
			p.rows = append(p.rows, p.conversion(s, estimator, months, at, rest, p.reason(estimator, c)))
		}
	}
	return rests
}

// reason says why a curve does not tell a figure.
func (p *prospect) reason(estimator string, c *survival.Curve) string {
	switch {
	case estimator == correctedEstimator && p.seeing.Moves == 0:
		return schemas.NoRecords
	case len(c.Time) == 0:
		return schemas.FewAtRisk
	}
	return schemas.FollowUpShort
}

// point is a point of a curve as a row.
func (p *prospect) point(s stratum, estimator, of string, months int32, at survival.Point, persons int64) disclose.Counted[schemas.ConversionCurve] {
	row := schemas.ConversionCurve{Definition: p.Definition, Outside: schemas.OutsidePrefecture, RegionCode: s.region.RegionCode, RegionLevel: s.region.RegionLevel,
		Cohort: s.cohort, End: of, Months: months, Estimator: estimator, Observation: notEstimable}
	if at.Status == survival.NotEstimable {
		return disclose.Counted[schemas.ConversionCurve]{Row: row}
	}
	row.ObsStatus = schemas.Estimated
	row.Value, row.StdError, row.CILow, row.CIHigh = &at.Value, &at.StdErr, &at.Low, &at.High
	return disclose.Counted[schemas.ConversionCurve]{Row: row, Persons: persons}
}

// blank is the row of a cohort by a horizon, without figures.
func (p *prospect) blank(s stratum, estimator string, horizon int32) schemas.MigrationConversion {
	return schemas.MigrationConversion{Estimand: schemas.Prospective, Definition: p.Definition, Outside: schemas.OutsidePrefecture,
		RegionCode: s.region.RegionCode, RegionLevel: s.region.RegionLevel, OriginCode: schemas.All, AgeClass: schemas.All, Cohort: s.cohort, HorizonMonths: horizon,
		Estimator: estimator, Statistic: schemas.Probability, Reliability: schemas.LowReliability, Observation: notEstimable}
}

// conversion is a figure of a cohort by a horizon as a row, or without it the reason.
func (p *prospect) conversion(s stratum, estimator string, horizon int32, at survival.Point, persons int64, reason string) disclose.Counted[schemas.MigrationConversion] {
	row := p.blank(s, estimator, horizon)
	if at.Status == survival.NotEstimable {
		row.Reason = reason
		return disclose.Counted[schemas.MigrationConversion]{Row: row}
	}
	row.ObsStatus = schemas.Estimated
	row.Value, row.StdError, row.CILow, row.CIHigh = &at.Value, &at.StdErr, &at.Low, &at.High
	row.Reliability = p.Grades.Figure(at.Value, at.StdErr, at.Low, at.High)
	return disclose.Counted[schemas.MigrationConversion]{Row: row, Persons: persons}
}

// followed gives the shares of those who can be followed a whole horizon, and for
// municipalities the same as those of their prefecture let one expect.
func (p *prospect) followed() error {
	for _, horizon := range Horizons {
		var municipal []stratum
		var counts []rates.Count
		events := int64(0)
		for _, s := range p.strata {
			n := p.count(s, horizon)
			low, high, err := rates.Interval(n.Events, n.Persons, rates.DefaultMethod(n.Events, n.Persons), 0.95)
			if err != nil {
				return err
			}
			at := survival.Point{Status: survival.NotEstimable}
			if n.Persons > 0 {
				share := float64(n.Events) / float64(n.Persons)
				at = survival.Point{Value: share, StdErr: math.Sqrt(share * (1 - share) / float64(n.Persons)), Low: low, High: high}
			}
			p.rows = append(p.rows, p.conversion(s, "complete_follow_up", horizon, at, min(n.Events, n.Persons-n.Events), schemas.FollowUpShort))
			if s.cohort == 0 && s.region.RegionLevel == schemas.LevelMunicipality {
				municipal, counts, events = append(municipal, s), append(counts, n), events+n.Events
			}
		}
		if !slices.ContainsFunc(counts, func(n rates.Count) bool { return n.Persons > 0 }) {
			continue
		}
		model, err := rates.Fit(counts)
		if err != nil {
			return err
		}
		shares, err := model.Shares(0.95)
		if err != nil {
			return err
		}
		for i, s := range municipal {
			at := survival.Point{Value: shares[i].Mean, StdErr: shares[i].StdErr, Low: shares[i].Low, High: shares[i].High}
			p.rows = append(p.rows, p.conversion(s, "beta_binomial", horizon, at, min(counts[i].Persons, events), ""))
		}
	}
	return nil
}

// count is how many of a cohort can be followed a horizon from entry, and how many of them
// are seen to move in within it.
func (p *prospect) count(s stratum, horizon int32) rates.Count {
	var n rates.Count
	for _, e := range s.entries {
		if e.EnteredOn+schemas.Date(days(horizon)) > p.AsOf || e.EnteredOn+1 < p.seeing.Since {
			continue
		}
		n.Persons++
		if on, cause := end(p.AsOf, firstOf(e.MovedOn, e.ResidentOn), e.ElsewhereOn); cause == moved && on <= e.EnteredOn+schemas.Date(days(horizon)) {
			n.Events++
		}
	}
	return n
}

// notEstimable is the observation of a row without figures.
var notEstimable = schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: estimate.Methodology}

// atRisk leaves out those who are never at risk: their time ends before moves are recorded,
// or on the day it begins.
func atRisk(spells []survival.Spell) []survival.Spell {
	return slices.DeleteFunc(spells, func(s survival.Spell) bool { return s.Exit <= s.Entry })
}

// days is a number of months in days.
func days(months int32) int32 { return int32(math.Round(float64(months) * 365.25 / 12)) }
