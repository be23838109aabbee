package estimate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Dimensions of a definition that are varied, one at a time.
const (
	DimensionTrips        = "trips"
	DimensionGapDays      = "gap_days"
	DimensionStayDays     = "stay_days"
	DimensionWindowMonths = "window_months"
)

// windowOfDefinitions is the months in which definitions count.
const windowOfDefinitions = 12

// ruleGrid is what thresholds are varied over.
var ruleGrid = []struct {
	dimension  string
	thresholds []int
}{
	{DimensionTrips, []int{1, 2, 3, 4, 6, 12}},
	{DimensionGapDays, []int{0, 30, 90, 180}},
	{DimensionStayDays, []int{1, 5, 10, 30}},
	{DimensionWindowMonths, []int{6, windowOfDefinitions, 24}},
}

// RuleWindows are the lengths in months of the windows of the grid.
func RuleWindows() []int32 { return []int32{6, windowOfDefinitions, 24} }

// rule is what a count of persons asks of their contact with a region: one of some ways,
// within the last months, without the visits of some purposes.
type rule struct {
	excluded int32
	months   int32
	ways     []schemas.Alternative
}

// ruleOf is the rule of a definition as bookings can show it; false where they cannot. What
// people say of themselves is in no booking.
func ruleOf(p schemas.Profile) (rule, bool) {
	r := rule{excluded: int32(p.Excluded()), months: windowOfDefinitions}
	for _, a := range p.Any {
		if !a.SelfReported {
			r.ways = append(r.ways, a)
		}
	}
	return r, p.Sees(schemas.SourceBooking) && len(r.ways) > 0
}

// variant is a definition with one threshold set to another value.
type variant struct {
	dimension string
	threshold int
	own       bool // the definition itself
	rule      rule
}

// variants are the rules of the grid around a definition, along each dimension in ascending
// order, the definition's own thresholds among them.
func variants(own rule) []variant {
	var all []variant
	for _, g := range ruleGrid {
		thresholds := slices.Clone(g.thresholds)
		for _, a := range own.ways {
			if t := thresholdOf(&a, g.dimension); t != nil && *t > 1 {
				thresholds = append(thresholds, *t)
			}
		}
		slices.Sort(thresholds)
		for _, t := range slices.Compact(thresholds) {
			r := own.with(g.dimension, t)
			all = append(all, variant{g.dimension, t, r.within(own) && own.within(r), r})
		}
	}
	return all
}

// with is the rule with a threshold set: in the ways that ask for more than one (trip, day)
// along the dimension, or, where none does, in all ways as one condition more. Asking for one
// trip or one stay-day, or for no days between, asks for nothing.
func (r rule) with(dimension string, threshold int) rule {
	if dimension == DimensionWindowMonths {
		r.months = int32(threshold)
		return r
	}
	r.ways = slices.Clone(r.ways)
	asks := func(a schemas.Alternative) bool { return *thresholdOf(&a, dimension) > 1 }
	some := slices.ContainsFunc(r.ways, asks)
	for i := range r.ways {
		if !some && threshold > 1 || some && asks(r.ways[i]) {
			*thresholdOf(&r.ways[i], dimension) = threshold
		}
	}
	return r
}

// thresholdOf is where a way says what it asks for along a dimension; nil for the window.
func thresholdOf(a *schemas.Alternative, dimension string) *int {
	switch dimension {
	case DimensionTrips:
		return &a.MinTrips
	case DimensionGapDays:
		return &a.MinGapDays
	case DimensionStayDays:
		return &a.MinStayDays
	}
	return nil
}

// within says that whoever satisfies r satisfies o, whatever the data are: each way of r asks
// for no less than some way of o, in no more months, of the same visits.
func (r rule) within(o rule) bool {
	return r.excluded == o.excluded && r.months <= o.months && askNoLess(r.ways, o.ways)
}

// askNoLess says that each of some ways asks for no less than one of the others.
func askNoLess(ways, others []schemas.Alternative) bool {
	return !slices.ContainsFunc(ways, func(a schemas.Alternative) bool {
		return !slices.ContainsFunc(others, func(b schemas.Alternative) bool { return noLess(a, b) })
	})
}

// noLess says that a asks for no less than b. What follows from a is asked by it: days between
// trips need two of them, each trip has a visit day, each visit day is a stay-day.
func noLess(a, b schemas.Alternative) bool {
	trips := max(a.MinTrips, 1)
	if a.MinGapDays > 0 {
		trips = max(trips, 2)
	}
	days := max(a.MinDays, trips)
	return trips >= b.MinTrips && days >= b.MinDays && max(a.MinStayDays, days) >= b.MinStayDays && a.MinGapDays >= b.MinGapDays &&
		a.MinActs >= b.MinActs && (b.Purpose == "" || a.Purpose == b.Purpose) && (a.SelfReported || !b.SelfReported)
}

// RuleClasses are the thresholds that the rules of the grid ask for: 0 and those above it in
// ascending order. Persons who reach the same of them satisfy the same rules.
type RuleClasses struct {
	Trips, GapDays, StayDays, VisitDays, Acts []int
	// Purposes is the set of purposes that some rule asks for.
	Purposes int32
}

// ClassesOf are the classes of the definitions that bookings can see, and of the grid around them.
func ClassesOf(profiles []schemas.Profile) RuleClasses {
	c := RuleClasses{Trips: []int{0}, GapDays: []int{0}, StayDays: []int{0}, VisitDays: []int{0}, Acts: []int{0}}
	for _, p := range profiles {
		own, ok := ruleOf(p)
		if !ok {
			continue
		}
		for _, v := range variants(own) {
			for _, a := range v.rule.ways {
				c.Trips, c.GapDays, c.StayDays = append(c.Trips, a.MinTrips), append(c.GapDays, a.MinGapDays), append(c.StayDays, a.MinStayDays)
				c.VisitDays, c.Acts = append(c.VisitDays, a.MinDays), append(c.Acts, a.MinActs)
				c.Purposes |= int32(schemas.PurposeCodes[a.Purpose])
			}
		}
	}
	for _, list := range []*[]int{&c.Trips, &c.GapDays, &c.StayDays, &c.VisitDays, &c.Acts} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c
}

// RuleCell counts the persons of bookings of a region by the thresholds that they reach in the
// last months, without the visits of excluded purposes.
type RuleCell struct {
	Months                                    int32
	Outside, Region                           string
	Excluded                                  int32
	Trips, GapDays, StayDays, VisitDays, Acts int32
	Purposes                                  int32
	Persons                                   int64
}

// satisfies says whether the persons of a cell satisfy a rule.
func (c RuleCell) satisfies(r rule) bool {
	return c.Months == r.months && c.Excluded == r.excluded && slices.ContainsFunc(r.ways, func(a schemas.Alternative) bool {
		purpose := int32(schemas.PurposeCodes[a.Purpose])
		return int(c.Trips) >= a.MinTrips && int(c.GapDays) >= a.MinGapDays && int(c.StayDays) >= a.MinStayDays &&
			int(c.VisitDays) >= a.MinDays && int(c.Acts) >= a.MinActs && (purpose == 0 || c.Purposes&purpose != 0)
	})
}
