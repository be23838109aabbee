// Package estimate turns exact counts into the rows that are published. The
// estimator here is "observed": it counts the persons seen and estimates
// nothing, so that its figures carry no standard error.
package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Methodology names the method of the observed figures. It changes when the
// same data would give another figure.
const Methodology = "observed-1"

// Observed is the name of the estimator.
const Observed = "observed"

// Frame is what the counts are set into: the regions that get a row, the months
// asked for, and what is known of the sources.
type Frame struct {
	AsOf       schemas.Date
	References []schemas.Date   // last days of the reference months, ascending
	Regions    []schemas.Region // prefectures and municipalities that get rows, and the nation where the sources cover it
	Profiles   []schemas.Profile
	Outside    []string
	// Sources says for each source kind what is known of it.
	Sources map[string]SourceFrame
	// Residents is the resident population by region code, for rates.
	Residents map[string]float64
	// Vintage is the day whose municipal boundaries the region codes follow.
	Vintage schemas.Date
	// Companies are the companies that run facilities, by the facility; a facility that is not named is its own.
	Companies map[string]string
	// Platforms are the counts of nights with the booking site or channel in the place of the facility, where no platform
	// may make up almost all of a figure; nil where they are not told apart.
	Platforms []schemas.NightTally
	// Grades are the classes of reliability; the zero Grades are DefaultGrades.
	Grades Grades
}

// SourceFrame is what is known of all sources of one kind together.
type SourceFrame struct {
	// First and Last are the first and the last day the sources speak of.
	First, Last schemas.Date
	// Identified says that at least one row can be told to be a person's.
	Identified bool
	// Facilities counts the facilities with a stay in the 12 months to a
	// reference month, by region; nil where the sources have no facilities.
	Facilities map[RegionMonth]int64
}

// RegionMonth is a region in the 12 months to a reference month.
type RegionMonth struct {
	Region    string
	Reference schemas.Date
}

// month is a reference month as the tallies number it.
func month(d schemas.Date) int32 {
	y, m, _ := d.Civil()
	return int32(y*12 + m - 1)
}

// lastDay is the last day of a month as the tallies number it.
func lastDay(m int32) schemas.Date {
	d, _ := schemas.NewDate(int(m)/12, int(m)%12+1, 1)
	return d.MonthEnd()
}

// kinds are the source kinds of the frame in a fixed order.
func (f Frame) kinds() []string {
	kinds := make([]string, 0, len(f.Sources))
	for k := range f.Sources {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}

// observation is the status of a row of observed figures: not estimable where
// the source cannot tell, of low reliability where the 12 months begin before
// the data do, so that less was seen than happened.
func (f Frame) observation(source SourceFrame, reference schemas.Date, able bool) schemas.Observation {
	o := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: Methodology}
	switch {
	case !able:
		o.ObsStatus = schemas.NotEstimable
	case reference.AddMonths(-12)+1 < source.First:
		o.ObsStatus = schemas.LowReliability
	}
	return o
}

// able says whether a source can tell anything of a region in a window: it must
// know persons, and where it has facilities, at least one must have had guests.
func (s SourceFrame) able(region string, reference schemas.Date) bool {
	return s.Identified && (s.Facilities == nil || s.Facilities[RegionMonth{region, reference}] > 0)
}

// facilities is the number of facilities a cell rests on, 0 where the rule does
// not apply.
func (s SourceFrame) facilities(region string, reference schemas.Date) int64 {
	if s.Facilities == nil {
		return 0
	}
	return s.Facilities[RegionMonth{region, reference}]
}

// tallyKey picks a count out of the tallies of one kind.
type tallyKey struct {
	tally, source, outside, region, origin string
	month, class                           int32
}

func index(tallies []schemas.Tally) map[tallyKey]int64 {
	m := make(map[tallyKey]int64, len(tallies))
	for _, t := range tallies {
		m[tallyKey{t.Tally, t.SourceKind, t.Outside, t.RegionCode, t.OriginCode, t.ReferenceMonth, t.Class}] = t.Count
	}
	return m
}

// RelationalPopulation counts, for each definition that a source of the project
// can see, the persons and pairs seen to satisfy it. Every region of the frame
// has a row for all origins and engagements together; origins and engagement
// levels have rows where at least one person was seen.
func RelationalPopulation(f Frame, tallies []schemas.Tally, engagements []string) []disclose.Counted[schemas.RelationalPopulation] {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	counts := index(tallies)
	breakdowns := breakdownsOf(tallies)
	levels := map[string]string{}
	for _, r := range f.Regions {
		levels[r.RegionCode] = r.RegionLevel
	}
	for _, p := range f.Profiles {
		for _, kind := range f.kinds() {
			source := f.Sources[kind]
			sees := slices.Contains(p.Sources, kind)
			for _, outside := range f.Outside {
				for _, reference := range f.References {
					for _, region := range f.Regions {
						able := sees && source.able(region.RegionCode, reference)
						for _, measure := range measuresOf(region.RegionLevel) {
							key := tallyKey{p.ID + "/" + measure, kind, outside, region.RegionCode, schemas.All, month(reference), -1}
							if measure == schemas.Pairs && region.RegionLevel == schemas.LevelMunicipality {
								key.tally = p.ID + "/" + schemas.Persons // in one municipality every person is one pair
							}
							base := schemas.RelationalPopulation{
								Definition: p.ID, Measure: measure, Outside: outside,
								RegionCode: region.RegionCode, RegionLevel: region.RegionLevel,
								OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All,
								ReferenceMonth: reference, Source: kind, Estimator: Observed,
								Reliability: schemas.LowReliability, BoundaryVintage: f.Vintage, KnownOn: f.AsOf,
								SourcePeriod: source.First.String() + "/" + min(source.Last, f.AsOf).String(),
								Observation:  f.observation(source, reference, able),
							}
							if !able {
								rows = append(rows, disclose.Counted[schemas.RelationalPopulation]{Row: base})
								continue
							}
							count := func(row schemas.RelationalPopulation, n int64) {
								row.Value = value(float64(n))
								if residents := f.Residents[row.RegionCode]; residents > 0 {
									row.Per10000Residents = value(float64(n) / residents * 1e4)
								}
								rows = append(rows, disclose.Counted[schemas.RelationalPopulation]{
									Row: row, Persons: n, Facilities: source.facilities(row.RegionCode, reference)})
							}
							count(base, counts[key])
							for _, b := range breakdowns[key] {
								row := base
								if b.origin != schemas.All {
									row.OriginCode = b.origin
								} else {
									row.Engagement = engagements[b.class]
								}
								count(row, b.count)
							}
						}
					}
				}
			}
		}
	}
	return rows
}

// measuresOf lists the measures a region has: inside one municipality any
// municipality is that one.
func measuresOf(level string) []string {
	switch level {
	case schemas.LevelMunicipality:
		return []string{schemas.Persons, schemas.Pairs}
	case schemas.LevelNation: // the nation has no outside
		return []string{schemas.PersonsAnyMunicipality, schemas.Pairs}
	}
	return []string{schemas.Persons, schemas.PersonsAnyMunicipality, schemas.Pairs}
}

type breakdown struct {
	origin string
	class  int32
	count  int64
}

// breakdownsOf gathers the counts by origin and by engagement under the key of
// their total.
func breakdownsOf(tallies []schemas.Tally) map[tallyKey][]breakdown {
	m := map[tallyKey][]breakdown{}
	for _, t := range tallies {
		if t.OriginCode == schemas.All && t.Class < 0 {
			continue
		}
		key := tallyKey{t.Tally, t.SourceKind, t.Outside, t.RegionCode, schemas.All, t.ReferenceMonth, -1}
		m[key] = append(m[key], breakdown{t.OriginCode, t.Class, t.Count})
	}
	for _, b := range m {
		slices.SortFunc(b, func(x, y breakdown) int {
			return cmp.Or(strings.Compare(x.origin, y.origin), cmp.Compare(x.class, y.class))
		})
	}
	return m
}

// VisitFrequency gives the internal frequency table: persons by number of
// distinct visit days.
func VisitFrequency(f Frame, tallies []schemas.Tally) []schemas.VisitFrequency {
	var rows []schemas.VisitFrequency
	levels := f.levels()
	for _, t := range tallies {
		if level, ok := levels[t.RegionCode]; ok && t.Tally == "frequency" {
			rows = append(rows, schemas.VisitFrequency{RegionCode: t.RegionCode, RegionLevel: level, Outside: t.Outside,
				OriginCode: t.OriginCode, ReferenceMonth: lastDay(t.ReferenceMonth), VisitDays: t.Class, Persons: t.Count, Source: t.SourceKind})
		}
	}
	return rows
}

// levels gives the level of each region of the frame.
func (f Frame) levels() map[string]string {
	levels := map[string]string{}
	for _, r := range f.Regions {
		levels[r.RegionCode] = r.RegionLevel
	}
	return levels
}

// OriginDestination counts persons, trips and visit days by the prefecture of
// residence.
func OriginDestination(f Frame, tallies []schemas.Tally) []disclose.Counted[schemas.OriginDestination] {
	var rows []disclose.Counted[schemas.OriginDestination]
	counts, levels := index(tallies), f.levels()
	for _, t := range tallies {
		level, ok := levels[t.RegionCode]
		if t.Tally != "persons" || t.OriginCode == schemas.All || !ok {
			continue
		}
		source, reference := f.Sources[t.SourceKind], lastDay(t.ReferenceMonth)
		of := func(tally string) *int64 {
			n := counts[tallyKey{tally, t.SourceKind, t.Outside, t.RegionCode, t.OriginCode, t.ReferenceMonth, -1}]
			return &n
		}
		rows = append(rows, disclose.Counted[schemas.OriginDestination]{
			Row: schemas.OriginDestination{Outside: t.Outside, RegionCode: t.RegionCode, RegionLevel: level, OriginCode: t.OriginCode,
				ReferenceMonth: reference, Source: t.SourceKind, Estimator: Observed, Value: value(float64(t.Count)), Persons: of("persons"), Trips: of("trips"), VisitDays: of("visit_days"),
				Observation: f.observation(source, reference, true)},
			Persons: t.Count, Facilities: source.facilities(t.RegionCode, reference),
		})
	}
	return rows
}

// VisitBehaviour describes the persons seen in a region:
//
//	repeat_rate           persons with ≥ 2 trips ÷ persons
//	trip_interval_median  median over persons with ≥ 2 trips of
//	                      (first day of last trip − first day of first trip) ÷ (trips − 1), in whole days
//	length_of_stay_mean   stay-days ÷ trips
//	month_index           100 · (d_m ÷ D_m) ÷ mean over 12 months of (d ÷ D), d visit days, D days of the month
//
// Open intervals, from the last trip to the end of the window, are left out of
// the median, which is therefore short for people who come seldom.
func VisitBehaviour(f Frame, tallies []schemas.Tally) []disclose.Counted[schemas.VisitBehaviour] {
	var rows []disclose.Counted[schemas.VisitBehaviour]
	counts, levels := index(tallies), f.levels()
	intervals := map[tallyKey][]breakdown{}
	for _, t := range tallies {
		if t.Tally == "interval" {
			key := tallyKey{"persons", t.SourceKind, t.Outside, t.RegionCode, schemas.All, t.ReferenceMonth, -1}
			intervals[key] = append(intervals[key], breakdown{class: t.Class, count: t.Count})
		}
	}
	for _, t := range tallies {
		level, ok := levels[t.RegionCode]
		if t.Tally != "persons" || t.OriginCode != schemas.All || !ok {
			continue
		}
		source, reference := f.Sources[t.SourceKind], lastDay(t.ReferenceMonth)
		at := func(tally string, class int32) int64 {
			return counts[tallyKey{tally, t.SourceKind, t.Outside, t.RegionCode, schemas.All, t.ReferenceMonth, class}]
		}
		add := func(statistic string, monthOfYear int32, v *float64, persons int64) {
			rows = append(rows, disclose.Counted[schemas.VisitBehaviour]{
				Row: schemas.VisitBehaviour{Statistic: statistic, Outside: t.Outside, RegionCode: t.RegionCode, RegionLevel: level,
					MonthOfYear: monthOfYear, ReferenceMonth: reference, Source: t.SourceKind, Value: v, Persons: &persons,
					Observation: f.observation(source, reference, v != nil)},
				Persons: persons, Facilities: source.facilities(t.RegionCode, reference),
			})
		}
		repeaters, trips := at("repeaters", -1), at("trips", -1)
		add("repeat_rate", 0, value(float64(repeaters)/float64(t.Count)), t.Count)
		add("length_of_stay_mean", 0, value(float64(at("stay_days", -1))/float64(trips)), t.Count)
		add("trip_interval_median", 0, median(intervals[tallyKey{"persons", t.SourceKind, t.Outside, t.RegionCode, schemas.All, t.ReferenceMonth, -1}]), repeaters)
		var days [12]float64
		for m := range days {
			days[m] = float64(at("month", int32(m+1)))
		}
		for m, v := range monthIndex(days, reference) {
			add("month_index", int32(m+1), v, t.Count)
		}
	}
	return rows
}

// median of whole days counted by class: the mean of the two middle values where
// their number is even. Nil of nothing.
func median(classes []breakdown) *float64 {
	slices.SortFunc(classes, func(x, y breakdown) int { return cmp.Compare(x.class, y.class) })
	var n int64
	for _, c := range classes {
		n += c.count
	}
	if n == 0 {
		return nil
	}
	at := func(rank int64) float64 { // the rank-th smallest, from 0
		for _, c := range classes {
			if rank < c.count {
				return float64(c.class)
			}
			rank -= c.count
		}
		return math.NaN()
	}
	return value((at((n-1)/2) + at(n/2)) / 2)
}

// monthIndex is the visit days per day of each calendar month, their mean over
// the 12 months being 100. Months of no visit days have index 0; nil where no
// month has any.
func monthIndex(days [12]float64, reference schemas.Date) [12]*float64 {
	var perDay [12]float64
	var sum float64
	for back := range 12 {
		end := reference.AddMonths(-back)
		_, m, length := end.Civil()
		perDay[m-1] = days[m-1] / float64(length)
	}
	for _, v := range perDay {
		sum += v
	}
	var indices [12]*float64
	if sum == 0 {
		return indices
	}
	for m, v := range perDay {
		indices[m] = value(100 * v / (sum / 12))
	}
	return indices
}

func value(v float64) *float64 { return &v }
