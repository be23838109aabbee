package estimate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/series"
)

const nowcastMethodology = "chain-ladder-1"

// nowcastDelays is the number of months that a month takes to be complete, its own included.
const nowcastDelays = 6

// Arrival is how many bookings and guest-nights of a month of arrival became known in a month, below 0 where
// changes and cancellations take away.
type Arrival struct {
	// Region is the 5-digit code of the prefecture, Facility that of the house.
	Region, Facility string
	// Stay is the month of arrival, year × 12 + month − 1, and Known that of knowledge; nil where no day tells.
	Stay                  int32
	Known                 *int32
	Bookings, GuestNights int64
}

// Nowcasts foretell, of the prefectures, what the months of arrival that are still arriving will come to: the last
// six whole months up to the as-of day. Bookings count from the month in which they were made, those made ahead at once,
// and cancellations take away in the month in which they were entered; see [series.Describe]. Bookings that do not
// tell when they became known have no part, and a prefecture of such alone has no row. Where no month
// is complete, or nothing has arrived yet, a row is not estimable.
//
// A row rests on the bookings and houses of its month. Where some do not tell when they became known, or are entered or
// cancelled after the as-of day, it rests on the fewer of these and the others, since the difference from guest_nights,
// which has them, would give them away.
func Nowcasts(f Frame, arrivals []Arrival) []disclose.Counted[schemas.Nowcast] {
	through := f.AsOf
	if through != through.MonthEnd() {
		through = through.AddMonths(-1)
	}
	levels := f.levels()
	of := map[string][]Arrival{}
	var regions []string
	for _, a := range arrivals {
		if levels[a.Region] == "" || lastDay(a.Stay) > through {
			continue
		}
		if of[a.Region] == nil {
			regions = append(regions, a.Region)
		}
		of[a.Region] = append(of[a.Region], a)
	}
	slices.Sort(regions)
	var rows []disclose.Counted[schemas.Nowcast]
	for _, region := range regions {
		rows = append(rows, nowcastsOf(region, levels[region], through, of[region])...)
	}
	return rows
}

func nowcastsOf(region, level string, through schemas.Date, all []Arrival) []disclose.Counted[schemas.Nowcast] {
	first := int32(-1)
	for _, a := range all {
		if a.Known != nil && (first < 0 || a.Stay < first) {
			first = a.Stay
		}
	}
	if first < 0 {
		return nil
	}
	var rows []disclose.Counted[schemas.Nowcast]
	for _, statistic := range []struct {
		name  string
		count func(Arrival) int64
	}{
		{"bookings", func(a Arrival) int64 { return a.Bookings }},
		{"guest_nights", func(a Arrival) int64 { return a.GuestNights }},
	} {
		var known []series.Arrival
		for _, a := range all {
			if a.Known != nil {
				known = append(known, series.Arrival{Month: lastDay(a.Stay), Known: lastDay(*a.Known), Count: float64(statistic.count(a))})
			}
		}
		told, err := series.Describe(known, series.Plan{Through: through, Since: lastDay(first), Delays: nowcastDelays, Level: 0.95, Alpha: 0.05})
		for at := max(first, month(through)-nowcastDelays+1); at <= month(through); at++ {
			row := standing(at, month(through), all, statistic.count)
			row.Row.Statistic, row.Row.RegionCode, row.Row.RegionLevel = statistic.name, region, level
			row.Row.Waited = month(through) - at
			if i := len(told.Months) - 1 - int(row.Row.Waited); err == nil && i >= 0 {
				fillNowcast(&row.Row, told.Months[i])
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// fillNowcast sets what a month will come to.
func fillNowcast(row *schemas.Nowcast, m series.MonthFigure) {
	if m.Untold || !(m.Value > 0) {
		return
	}
	row.Value, row.StdError, row.CILow, row.CIHigh = value(m.Value), value(m.StdErr), value(m.Low), value(m.High)
	row.Completeness, row.ObsStatus = value(m.Completeness()), schemas.Provisional
}

// standing is what is known of a month by another, with the bookings and houses it rests on.
func standing(at, through int32, all []Arrival, count func(Arrival) int64) disclose.Counted[schemas.Nowcast] {
	var known, dated, undated, later int64
	bookings := [2]map[string]int64{{}, {}} // of houses, known by then, and not or who knows when
	for _, a := range all {
		switch {
		case a.Stay != at:
		case a.Known == nil:
			undated += a.Bookings
			bookings[1][a.Facility] += a.Bookings
		case *a.Known > through:
			n := max(a.Bookings, -a.Bookings, 1) // a change of guests alone has no booking
			later, bookings[1][a.Facility] = later+n, bookings[1][a.Facility]+n
		default:
			known, dated = known+count(a), dated+a.Bookings
			bookings[0][a.Facility] += a.Bookings
		}
	}
	var houses [2]int64
	for i := range bookings {
		for _, n := range bookings[i] {
			if n > 0 {
				houses[i]++
			}
		}
	}
	persons := dated
	if undated+later > 0 {
		persons = min(dated, undated+later)
	}
	row := schemas.Nowcast{Month: lastDay(at), Source: schemas.SourceBooking, Known: &known,
		Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: nowcastMethodology}}
	if dated+undated > 0 {
		row.Dated = value(float64(dated) / float64(dated+undated))
	}
	return disclose.Counted[schemas.Nowcast]{Row: row, Persons: persons, Facilities: leastOf(houses[0], houses[1])}
}
