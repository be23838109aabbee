package convert

import (
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/contrast"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/rates"
)

// The outcomes of a programme contrast, and its statistics.
const (
	stillComing = "still_coming"
	movedIn     = "moved_in"
	logRelated  = "log_related_persons"
)

// Programme is a programme that municipalities began in some month. Those of one name are one
// programme.
type Programme struct {
	Name string
	// Regions are codes of municipalities, or of prefectures for all of theirs.
	Regions []string
	// Since is a day of the month in which they began it.
	Since schemas.Date
}

// holds says whether a municipality is of the programme.
func (p Programme) holds(municipality string) bool {
	return slices.Contains(p.Regions, municipality) || slices.Contains(p.Regions, municipality[:2]+"000")
}

// Programmes contrasts, by prefecture, those who became related to it after an act or a stay
// for a programme's purpose in the 12 months to entry with the others who did: whether they
// are still coming in the 12 months after, and whether they move in within 24 months. It is
// the ATT of [contrast.Compare], with trips and stay days seen in the 12 months to entry, the
// distance of the origin and the season of entry as covariates, and the trips of the 12
// months before as placebo. Whose first such record is earlier is on neither side.
//
// An outcome that fewer than 10 persons of a side have, or have not, is not estimable; nor is
// one of sides that the covariates tell apart. Risks and contrast rest on the fewest of these
// four numbers, what describes the sides on the smaller side. Prefectures where nobody took
// part have no row.
func Programmes(f Frame, entries []Entry, seeing map[string]Seeing) ([]disclose.Counted[schemas.ProgrammeContrast], error) {
	byRegion := map[string][]Entry{}
	for _, e := range entries {
		if e.EnteredOn < f.AsOf && (e.ProgrammeOn == nil || monthOf(*e.ProgrammeOn) > monthOf(e.EnteredOn)-12) {
			byRegion[e.Region] = append(byRegion[e.Region], e)
		}
	}
	var rows []disclose.Counted[schemas.ProgrammeContrast]
	for _, region := range f.Regions {
		of := byRegion[region.RegionCode]
		if region.RegionLevel != schemas.LevelPrefecture || !slices.ContainsFunc(of, took) {
			continue
		}
		p := prospect{Frame: f, seeing: seeing[region.RegionCode]}
		for _, outcome := range []string{stillComing, movedIn} {
			s := p.sides(region.RegionCode, outcome, of)
			if err := s.compare(); err != nil {
				return nil, err
			}
			rows = append(rows, s.rows...)
		}
	}
	return rows, adjust(rows)
}

// attP is the statistic of the p-value of a contrast.
const attP = "att_p"

// adjust adjusts the p-values of the contrasts of an outcome over regions, or programmes of
// regions (Benjamini & Hochberg): among 47 prefectures two or three would have p < 0.05 by chance.
func adjust(rows []disclose.Counted[schemas.ProgrammeContrast]) error {
	ps, at := map[string][]float64{}, map[string][]int{}
	for i, c := range rows {
		if c.Row.Statistic == attP && c.Row.Value != nil {
			ps[c.Row.Outcome], at[c.Row.Outcome] = append(ps[c.Row.Outcome], *c.Row.Value), append(at[c.Row.Outcome], i)
		}
	}
	for outcome, p := range ps {
		adjusted, err := contrast.Adjust(p, contrast.BenjaminiHochberg)
		if err != nil {
			return err
		}
		for k, i := range at[outcome] {
			rows[i].Row.Value = &adjusted[k]
		}
	}
	return nil
}

// took says whether the person took part.
func took(e Entry) bool { return e.ProgrammeOn != nil }

// outcome is whether a person has an outcome; false where that cannot be known yet.
func (p *prospect) outcome(e Entry, outcome string) (has, known bool) {
	on, cause := end(p.AsOf, firstOf(e.MovedOn, e.ResidentOn), e.ElsewhereOn)
	if outcome == stillComing {
		return e.TripsYearAfter != nil && (*e.TripsYearAfter > 0 || cause == moved && on <= e.EnteredOn.AddMonths(12)), e.TripsYearAfter != nil
	}
	until := e.EnteredOn + schemas.Date(days(24))
	return cause == moved && on <= until, until <= p.AsOf && e.EnteredOn+1 >= p.seeing.Since
}

// sides are those who took part and those who did not, with an outcome.
type sides struct {
	base    schemas.ProgrammeContrast
	entries []Entry
	persons contrast.Persons
	// counts are those without and with the outcome, of controls and of those who took part.
	counts [2][2]int64
	rows   []disclose.Counted[schemas.ProgrammeContrast]
}

// sides gathers those whose outcome is known.
func (p *prospect) sides(region, outcome string, entries []Entry) *sides {
	s := &sides{base: schemas.ProgrammeContrast{Design: "persons", Programme: "recorded", Definition: p.Definition, Outside: schemas.OutsidePrefecture,
		RegionCode: region, Outcome: outcome, Label: string(contrast.Association), Observation: notEstimable}}
	for _, e := range entries {
		has, known := p.outcome(e, outcome)
		if !known {
			continue
		}
		y := 0
		if has {
			y = 1
		}
		s.entries = append(s.entries, e)
		s.persons.Treated, s.persons.Outcome = append(s.persons.Treated, took(e)), append(s.persons.Outcome, float64(y))
		if took(e) {
			s.counts[1][y]++
		} else {
			s.counts[0][y]++
		}
	}
	s.persons.Names, s.persons.Covariates = covariatesOf(s.entries)
	return s
}

// covariatesOf are the covariates, without those that are the same for all. A season that
// fewer than 10 of either side have, or have not, is not told from the one that most have.
func covariatesOf(entries []Entry) (names []string, x [][]float64) {
	x = make([][]float64, len(entries))
	add := func(name string, of func(Entry) float64) {
		varies := slices.ContainsFunc(entries, func(e Entry) bool { return of(e) != of(entries[0]) })
		if !varies {
			return
		}
		names = append(names, name)
		for i, e := range entries {
			x[i] = append(x[i], of(e))
		}
	}
	add("trips", func(e Entry) float64 { return float64(e.Trips) })
	add("stay_days", func(e Entry) float64 { return float64(e.StayDays) })
	add("distance", func(e Entry) float64 { return distance(e.Region, e.Origin) / 100 })
	seasons := []int{1, 4, 7, 10}
	var in [13][2]int
	var side [2]int
	for _, e := range entries {
		a := 0
		if took(e) {
			a = 1
		}
		in[seasonOf(e.EnteredOn)][a]++
		side[a]++
	}
	most := slices.MaxFunc(seasons, func(a, b int) int { return in[a][0] + in[a][1] - in[b][0] - in[b][1] })
	for _, q := range seasons {
		n := in[q]
		if q != most && min(n[0], n[1], side[0]-n[0], side[1]-n[1]) >= leastEvents {
			add(fmt.Sprintf("season_%02d", q), func(e Entry) float64 {
				if seasonOf(e.EnteredOn) == q {
					return 1
				}
				return 0
			})
		}
	}
	return names, x
}

// compare makes the rows.
func (s *sides) compare() error {
	of, size := [2]int64{}, [2]int64{}
	for a, n := range s.counts {
		of[a], size[a] = min(n[0], n[1]), n[0]+n[1]
	}
	cell, side := min(of[0], of[1]), min(size[0], size[1])
	if err := s.risks(of, size); err != nil {
		return err
	}
	var c *contrast.PersonContrast
	if cell >= leastEvents && len(s.persons.Names) > 0 {
		// An error is of sides that covariates tell apart, or smaller than the regression
		// needs: nothing that anybody could mend, and so a row without a figure.
		c, _ = contrast.Compare(s.persons, contrast.ATT, contrast.DefaultOverlap)
	}
	if c == nil || !finite(c.DoublyRobust) {
		s.add(s.row("att", ""), cell)
		s.add(s.row(attP, ""), cell)
		return nil
	}
	placebo, persons := s.placebo()
	s.label(c, placebo)
	low, high, err := c.DoublyRobust.Interval(0.95)
	if err != nil {
		return err
	}
	att := s.row("att", "")
	s.set(&att, c.DoublyRobust.Value)
	att.StdError, att.CILow, att.CIHigh = &c.DoublyRobust.StdErr, &low, &high
	s.add(att, cell)
	found := s.row(attP, "")
	s.set(&found, c.DoublyRobust.P())
	s.add(found, cell)
	for _, b := range c.Balance {
		for name, v := range map[string]float64{"smd_before": b.Before, "smd_after": b.After} {
			row := s.row(name, b.Name)
			s.set(&row, v)
			s.add(row, side)
		}
	}
	outside := int64(c.TreatedOutside + c.ControlsOutside)
	trimmed, size0 := s.row("trimmed", ""), s.row("effective_sample_size", "")
	s.set(&trimmed, float64(outside)/float64(size[0]+size[1]))
	s.set(&size0, min(c.EffectiveTreated, c.EffectiveControls))
	if outside == 0 {
		outside = side // that all are alike tells of nobody
	}
	s.add(trimmed, min(outside, side))
	s.add(size0, side)
	before := s.row("placebo_p", "")
	if placebo != nil {
		s.set(&before, placebo.P())
	}
	s.add(before, persons)
	slices.SortStableFunc(s.rows, func(a, b disclose.Counted[schemas.ProgrammeContrast]) int {
		return slices.Compare([]string{a.Row.Statistic, a.Row.Covariate}, []string{b.Row.Statistic, b.Row.Covariate})
	})
	return nil
}

// risks are the shares with the outcome on either side, of so many and of the fewer of those with and
// without it.
func (s *sides) risks(of, size [2]int64) error {
	for a, name := range []string{"risk_control", "risk_treated"} {
		row := s.row(name, "")
		if of[a] >= leastEvents {
			low, high, err := rates.Interval(s.counts[a][1], size[a], rates.DefaultMethod(s.counts[a][1], size[a]), 0.95)
			if err != nil {
				return err
			}
			s.set(&row, float64(s.counts[a][1])/float64(size[a]))
			row.CILow, row.CIHigh = &low, &high
		}
		s.add(row, min(of[0], of[1]))
	}
	return nil
}

// placebo is the same contrast of the trips of the year before the covariates, among those of
// whom it is known, with the size of the smaller side.
func (s *sides) placebo() (*contrast.Estimate, int64) {
	var known []Entry
	var p contrast.Persons
	n := [2]int64{}
	for _, e := range s.entries {
		if e.TripsYearBefore == nil {
			continue
		}
		known = append(known, e)
		p.Treated, p.Outcome = append(p.Treated, took(e)), append(p.Outcome, float64(*e.TripsYearBefore))
		if took(e) {
			n[1]++
		} else {
			n[0]++
		}
	}
	p.Names, p.Covariates = covariatesOf(known)
	if min(n[0], n[1]) < leastEvents || len(p.Names) == 0 {
		return nil, min(n[0], n[1])
	}
	c, err := contrast.Compare(p, contrast.ATT, contrast.DefaultOverlap)
	if err != nil || !finite(c.DoublyRobust) {
		return nil, min(n[0], n[1])
	}
	return &c.DoublyRobust, min(n[0], n[1])
}

// label sets the label by the checks of the contrast, that of the time before by the placebo.
func (s *sides) label(c *contrast.PersonContrast, placebo *contrast.Estimate) {
	checks := slices.DeleteFunc(slices.Clone(c.Checks), func(k contrast.Check) bool { return k.Name == "pre-trend" })
	checks = append(checks, contrast.Check{Name: "pre-trend", Met: placebo != nil && placebo.P() >= contrast.MinPreTrendP})
	s.base.Label = string(contrast.LabelOf(checks))
	for i := range s.rows {
		s.rows[i].Row.Label = s.base.Label
	}
}

func (s *sides) row(statistic, covariate string) schemas.ProgrammeContrast {
	row := s.base
	row.Statistic, row.Covariate = statistic, covariate
	return row
}

// set gives a row its figure.
func (s *sides) set(row *schemas.ProgrammeContrast, v float64) {
	row.Value = &v
	row.Observation = schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: estimate.Methodology}
}

func (s *sides) add(row schemas.ProgrammeContrast, persons int64) {
	s.rows = append(s.rows, disclose.Counted[schemas.ProgrammeContrast]{Row: row, Persons: persons})
}

// finite says whether an estimate has a value and an error above 0.
func finite(e contrast.Estimate) bool {
	return !math.IsNaN(e.Value) && !math.IsInf(e.Value, 0) && e.StdErr > 0 && !math.IsInf(e.StdErr, 0)
}

// Staggered contrasts municipalities by the year in which they began a programme
// ([contrast.DifferenceInDifferences], all cells from then on by municipalities) with those
// that never did: y = ln(1 + persons seen to be related), by the reference months a year
// apart that end with the last. A year belongs to the programme if it began before the
// reference month was over; since is the first day of bookings, before which there are no
// years. Municipalities with fewer persons than the threshold in some year, and those of
// another programme, are in neither group, so that the figure says nothing of small numbers.
func Staggered(f Frame, programmes []Programme, tallies []schemas.Tally, since schemas.Date) ([]disclose.Counted[schemas.ProgrammeContrast], error) {
	if len(programmes) == 0 || len(f.References) == 0 {
		return nil, nil
	}
	years := f.years(since)
	counts := f.related(tallies)
	var names []string
	for _, p := range programmes {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	var rows []disclose.Counted[schemas.ProgrammeContrast]
	for _, name := range names {
		rows = append(rows, f.staggered(name, programmes, years, counts)...)
	}
	return rows, adjust(rows)
}

// years are the reference months a year apart whose 12 months the bookings cover, ascending.
func (f Frame) years(since schemas.Date) []schemas.Date {
	last := monthOf(f.References[len(f.References)-1])
	var all []schemas.Date
	for _, d := range f.References {
		if (last-monthOf(d))%12 == 0 && d.AddMonths(-12) >= since-1 {
			all = append(all, d)
		}
	}
	return all
}

// regionMonth is a region in the 12 months to a month.
type regionMonth struct {
	region string
	month  int
}

// related are the persons seen to satisfy the definition.
func (f Frame) related(tallies []schemas.Tally) map[regionMonth]int64 {
	counts := map[regionMonth]int64{}
	for _, t := range tallies {
		if t.Tally == f.Definition+"/persons" && t.SourceKind == schemas.SourceBooking && t.Outside == schemas.OutsidePrefecture && t.OriginCode == schemas.All && t.Class < 0 {
			counts[regionMonth{t.RegionCode, int(t.ReferenceMonth)}] += t.Count
		}
	}
	return counts
}

// panelOf is what the municipalities of a programme and those of none had in each year, the fewest
// persons among it, and the programme's prefecture, ” where no municipality of it gets rows.
func (f Frame) panelOf(name string, programmes []Programme, years []schemas.Date, counts map[regionMonth]int64) (panel contrast.Panel, least int64, prefecture string) {
	least = math.MaxInt64
	for _, y := range years {
		panel.Periods = append(panel.Periods, monthOf(y)/12)
	}
	for _, region := range f.Regions {
		if region.RegionLevel != schemas.LevelMunicipality || region.RegionCode[2:] == "999" {
			continue
		}
		began, mine, others := schemas.Date(math.MaxInt32), false, false
		for _, p := range programmes {
			if !p.holds(region.RegionCode) {
				continue
			}
			mine, others = mine || p.Name == name, others || p.Name != name
			began = min(began, p.Since)
		}
		if mine {
			switch prefecture {
			case "", region.PrefectureCode:
				prefecture = region.PrefectureCode
			default:
				prefecture = schemas.Nation
			}
		}
		of := contrast.Region{}
		few := int64(math.MaxInt64)
		for i, y := range years {
			n := counts[regionMonth{region.RegionCode, monthOf(y)}]
			few = min(few, n)
			of.Outcome = append(of.Outcome, math.Log1p(float64(n)))
			if mine && of.FirstTreated == 0 && began <= y {
				of.FirstTreated = panel.Periods[i]
			}
		}
		if others || few < f.Least {
			continue
		}
		least = min(least, few)
		panel.Regions = append(panel.Regions, of)
	}
	return panel, least, prefecture
}

// staggered makes the rows of one programme.
func (f Frame) staggered(name string, programmes []Programme, years []schemas.Date, counts map[regionMonth]int64) []disclose.Counted[schemas.ProgrammeContrast] {
	panel, least, prefecture := f.panelOf(name, programmes, years, counts)
	if prefecture == "" {
		return nil // of no municipality that gets rows
	}
	s := sides{base: schemas.ProgrammeContrast{Design: "regions", Programme: name, Definition: f.Definition, Outside: schemas.OutsidePrefecture,
		RegionCode: prefecture, Outcome: logRelated, Label: string(contrast.Association), Observation: notEstimable}}
	att, found, trend := s.row("att", ""), s.row(attP, ""), s.row("pre_trend_p", "")
	// An error says that there is no year before, no programme or no control in the panel.
	var fit *contrast.Stagger
	if len(years) > 1 && len(panel.Regions) > 0 {
		fit, _ = contrast.DifferenceInDifferences(panel, contrast.DifferenceOptions{})
	}
	if fit != nil {
		s.base.Label = string(fit.Label())
		att.Label, found.Label, trend.Label = s.base.Label, s.base.Label, s.base.Label
		if a, err := fit.Aggregate(contrast.Simple); err == nil && finite(a.Overall) {
			s.set(&att, a.Overall.Value)
			s.set(&found, a.Overall.P())
			if low, high, err := a.Overall.Interval(0.95); err == nil {
				att.StdError, att.CILow, att.CIHigh = &a.Overall.StdErr, &low, &high
			}
		}
		if p, known := fit.PreTrend(); known && !math.IsNaN(p.P) {
			s.set(&trend, p.P)
		}
	}
	s.add(att, least)
	s.add(found, least)
	s.add(trend, least)
	return s.rows
}
