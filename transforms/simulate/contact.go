package simulate

import (
	"github.com/kankei/kankei/schemas"
)

// contact is what a person did in a region within a span of days.
type contact struct {
	trips, days, gap int32
	purposes         schemas.Purpose
	last             int // index of the last trip
}

// contactOf counts the days and trips of those trips that count, clipped to a span:
// touching days are one trip. The gap is from the first day of the first trip to
// the first day of the last; a trip that goes on from before begins with the
// span. See docs/methods/observed.md, whose rules these are.
func contactOf(trips []Trip, from, to schemas.Date, counts func(t *Trip) bool) contact {
	var c contact
	var first, begun, until schemas.Date
	for i := range trips {
		t := &trips[i]
		if t.Last < from || t.First > to || !counts(t) {
			continue
		}
		begin, end := max(t.First, from), min(t.Last, to)
		switch {
		case c.trips == 0:
			c.trips, c.days, first, begun = 1, int32(end-begin)+1, begin, begin
		case begin <= until+1:
			c.days += max(0, int32(end-until))
		default:
			c.trips, c.days, begun = c.trips+1, c.days+int32(end-begin)+1, begin
		}
		until = max(until, end)
		c.purposes |= t.Purpose
		c.last = i
	}
	c.gap = int32(begun - first)
	return c
}

// meets says whether a contact satisfies one of the alternatives of a rule.
func (c contact) meets(any []schemas.Alternative, acts int32, regular bool) bool {
	if c.trips == 0 && acts == 0 {
		return false
	}
	for _, a := range any {
		if c.trips >= int32(a.MinTrips) && c.days >= int32(a.MinDays) && c.gap >= int32(a.MinGapDays) && c.days >= int32(a.MinStayDays) &&
			acts >= int32(a.MinActs) && (a.Purpose == "" || c.purposes&schemas.PurposeCodes[a.Purpose] != 0) && (!a.SelfReported || regular && c.trips > 0) {
			return true
		}
	}
	return false
}

// level is the rank of the highest engagement level that 12 months reach, −1
// for no contact; levels that look back further are the caller's.
func (c contact) level(ladder []schemas.EngagementLevel, acts int32, regular bool) int {
	best := -1
	for rank, l := range ladder {
		if c.meets(l.Any, acts, regular) {
			best = rank
		}
	}
	return best
}

// levelOf is the engagement level of a person with a place on a day, −1 for none.
func (w *World) levelOf(p *Person, place int32, on schemas.Date) int {
	level := -1
	for back := range 3 {
		to := on - schemas.Date(365*back)
		here := w.levelIn(p, place, to)
		if back == 0 {
			level = here
		}
		if here < Related {
			return level
		}
	}
	return max(level, Related+1)
}

// Related is the rank of the level from which a person counts as related; above
// it lies deep, which three related years in a row reach too.
const Related = 2

func (w *World) levelIn(p *Person, place int32, to schemas.Date) int {
	c := contactOf(p.Trips, to-364, to, func(t *Trip) bool { return t.Place == place && t.Purpose&schemas.EngagementExcludes == 0 })
	return c.level(w.ladder, p.actsIn(place, to-364, to), p.regular(place, to))
}

// repeating says whether the 12 months to a day hold two trips or more to a place, as the
// definition repeat-visits counts them.
func (w *World) repeating(p *Person, place int32, to schemas.Date) bool {
	return contactOf(p.Trips, to.AddMonths(-12)+1, to, func(t *Trip) bool { return t.Place == place && t.Purpose&schemas.EngagementExcludes == 0 }).trips >= 2
}

func (p *Person) actsIn(place int32, from, to schemas.Date) int32 {
	var n int32
	for _, a := range p.Acts {
		if a.Place == place && a.Day >= from && a.Day <= to {
			n++
		}
	}
	return n
}

// regular says whether the person calls the relation to a place regular and
// continuing on a day.
func (p *Person) regular(place int32, on schemas.Date) bool {
	for _, t := range p.Ties {
		if t.Place == place && t.Regular && t.From <= on && on < t.To {
			return true
		}
	}
	return false
}
