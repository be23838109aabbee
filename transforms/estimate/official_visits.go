package estimate

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// visitClass is a class of official visits: where visitors live, and whether they
// stay the night, ” for both.
type visitClass struct{ origin, stay string }

// Origins of official visits.
const (
	samePrefecture  = "same_prefecture"
	otherPrefecture = "other_prefecture"
	domestic        = "domestic"
	overnight       = "overnight"
	dayTrip         = "day_trip"
)

// visitPeriod is a class of visits in a period of an official table.
type visitPeriod struct {
	visitClass
	start, end schemas.Date
}

// visitPeriods are the official visits of a region by class and period. Tables by purpose
// are summed over it, where the total over purposes is not given.
func visitPeriods(totals []schemas.Total) map[visitPeriod]float64 {
	sums, plain := map[visitPeriod]float64{}, map[visitPeriod]bool{}
	for _, t := range totals {
		if t.OriginCode != samePrefecture && t.OriginCode != otherPrefecture {
			continue
		}
		c := visitClass{origin: t.OriginCode}
		byPurpose := false
		for _, part := range strings.Split(t.Breakdown, "/") {
			switch part {
			case overnight, dayTrip:
				c.stay = part
			case "":
			default:
				byPurpose = true
			}
		}
		k := visitPeriod{c, t.PeriodStart, t.PeriodEnd}
		switch {
		case byPurpose && plain[k]:
		case !byPurpose && !plain[k]:
			sums[k], plain[k] = t.Value, true
		default:
			sums[k] += t.Value
		}
	}
	return sums
}

// yearOfVisits sums the official visits of the 12 months by class; nil where they do
// not cover them whole. A class that a period of the table does not list had no visits in
// it. Those without the stay are given to both stays in halves, beside the whole under the class of no stay,
// which says that only classes without it may use them.
func yearOfVisits(periods map[visitPeriod]float64, from, to schemas.Date) map[visitClass]float64 {
	visits := map[visitClass]float64{}
	origins := map[string]bool{}
	listed := [2]map[visitPeriod]bool{{}, {}} // periods of tables by stay, and of those without
	for _, k := range slices.SortedFunc(maps.Keys(periods), func(a, b visitPeriod) int {
		return cmp.Or(cmp.Compare(a.start, b.start), strings.Compare(a.origin, b.origin), strings.Compare(a.stay, b.stay), cmp.Compare(a.end, b.end))
	}) {
		if k.start < from || k.end > to {
			continue
		}
		visits[k.visitClass] += periods[k]
		origins[k.origin] = true
		table := 0
		if k.stay == "" {
			table = 1
		}
		listed[table][visitPeriod{start: k.start, end: k.end}] = true
	}
	covers := func(periods map[visitPeriod]bool) bool {
		days := 0
		for k := range periods {
			days += int(k.end-k.start) + 1
		}
		return days == int(to-from)+1
	}
	out := map[visitClass]float64{}
	for _, origin := range []string{samePrefecture, otherPrefecture} {
		night, day, both := visitClass{origin, overnight}, visitClass{origin, dayTrip}, visitClass{origin, ""}
		switch {
		case !origins[origin]: // the table does not tell it
		case covers(listed[0]):
			out[night], out[day] = visits[night], visits[day]
		case covers(listed[1]):
			out[night], out[day], out[both] = visits[both]/2, visits[both]/2, visits[both]
		default:
			return nil
		}
	}
	if !origins[otherPrefecture] {
		return nil
	}
	return out
}
