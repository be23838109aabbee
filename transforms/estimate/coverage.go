package estimate

import (
	"cmp"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// Bookings is what is known of how bookings come about, beside the counts of persons.
type Bookings struct {
	Stays     []StayCount
	Frame     []schemas.Facility // all houses with their capacity, covered or not
	Repeaters []Repeater
	Answers   []OnsiteAnswer
	Surveys   []WeightedSurvey
	Totals    []schemas.Total
	// Missed and Welded are the errors of linkage, on LinkageBasis, '' where nothing tells them.
	Missed, Welded capture.Rate
	LinkageBasis   string
	Assumed        Assumed
	// PoolBelow is the number of persons seen below which the shape is the prefecture's.
	PoolBelow int64
	// LeastPersons is the rule of disclosure on persons, for figures that show what was seen.
	LeastPersons int64
	// Threads is how many regions are fitted at a time; results do not depend on it.
	Threads int
}

// StayCount counts stays of guests in a municipality that began in a month.
type StayCount struct {
	Region string
	Month  int32 // year × 12 + month − 1
	// Stays is all of them, Counted those with a number of guests, Guests these.
	Stays, Counted, Guests int64
	// Linked is the stays with something that tells the person, Unknown those of them
	// whose residence is not known, Known those who live in Japan.
	Linked, Known, Unknown int64
}

// Repeater counts the persons from other prefectures with two trips, no more, seen in a
// region, a prefecture or municipality, in the 12 months to the as-of day, by the
// municipality of both trips.
type Repeater struct {
	Region string
	// Municipality is that of both trips, '' where they are to two.
	Municipality string
	// Persons is all of them, Same those who slept in one house both times.
	Persons, Same int64
	// Chance is the probability that two trips to the municipality are to one house.
	Chance float64
}

// Range is a share that is assumed to lie between two others; the zero Range is none.
type Range struct{ Low, High float64 }

func (r Range) given() bool { return r.High > 0 }

// rate takes a range for a 95 % interval.
func (r Range) rate() capture.Rate {
	return capture.Rate{P: (r.Low + r.High) / 2, StdErr: (r.High - r.Low) / (2 * 1.96)}
}

// Assumed are the shares assumed where nothing tells them.
type Assumed struct {
	Overnight, PaidLodging, Facilities, Loyalty, RelatedPurpose Range
	// OfficialError is the standard error of official visitors and guest-nights, as a share of them.
	OfficialError float64
}

// step is a share of what passes from one stage to the next, and what it rests on.
type step struct {
	name, basis string
	capture.Rate
	low, high float64 // of the 95 % interval, or of the range assumed
	// persons and facilities are the least numbers that the step rests on.
	persons, facilities int64
}

// known says whether anything tells the step.
func (s step) known() bool { return s.basis != "" }

// stepOf has the interval of a share on the logit scale, which stays between 0 and 1.
func stepOf(name, basis string, r capture.Rate) step {
	s := step{name: name, basis: basis, Rate: r, low: r.P, high: r.P}
	if r.StdErr > 0 && r.P > 0 && r.P < 1 {
		odds, half := r.P/(1-r.P), 1.96*r.StdErr/(r.P*(1-r.P))
		s.low, s.high = odds*math.Exp(-half)/(1+odds*math.Exp(-half)), odds*math.Exp(half)/(1+odds*math.Exp(half))
	}
	if r.StdErr > 0 && r.P >= 1 { // more than there can be, by chance or by mistake
		s.low, s.high = r.P*math.Exp(-1.96*r.StdErr/r.P), r.P*math.Exp(1.96*r.StdErr/r.P)
	}
	return s
}

func assumedStep(name string, r Range) step {
	s := step{name: name, basis: schemas.BasisAssumed, Rate: r.rate(), low: r.Low, high: r.High}
	if !r.given() {
		s.basis = ""
	}
	return s
}

// shareStep is x of n with its binomial standard error. It rests on the fewer of those it is of and those it is not.
func shareStep(name, basis string, x, n int64) step {
	if n == 0 {
		return step{name: name}
	}
	p := float64(x) / float64(n)
	s := stepOf(name, basis, capture.Rate{P: p, StdErr: math.Sqrt(p * (1 - p) / float64(n))})
	s.persons = n
	if few := min(x, n-x); few > 0 { // share and error together tell both
		s.persons = few
	}
	return s
}

// byRegion gathers what belongs to each region: a municipality, and its prefecture.
func byRegion[T any](all []T, region func(T) string) map[string][]T {
	out := map[string][]T{}
	for _, t := range all {
		for _, place := range places(region(t)) {
			out[place] = append(out[place], t)
		}
	}
	return out
}

// year sums the stays that began in the 12 months to a reference month.
func (e *bookingEstimator) year(region string, reference schemas.Date) (sum StayCount) {
	last := month(reference)
	for _, s := range e.stays[region] {
		if s.Month > last-12 && s.Month <= last {
			sum.Stays, sum.Counted, sum.Guests = sum.Stays+s.Stays, sum.Counted+s.Counted, sum.Guests+s.Guests
			sum.Linked, sum.Known, sum.Unknown = sum.Linked+s.Linked, sum.Known+s.Known, sum.Unknown+s.Unknown
		}
	}
	return sum
}

// occupancySpread is the coefficient of variation of occupancy between houses, of which a
// capacity says nothing: an assumption.
const occupancySpread = 0.3

// capacity is the share of a region's capacity whose bookings are delivered, houses
// counting in the months in which they are open and take part:
//
//	c = Σ_m Σ_covered capacity ÷ Σ_m Σ_open capacity
//
// Its error is that of houses of unequal occupancy. It is unknown where the frame lists no
// house of the region.
func (e *bookingEstimator) capacity(region string, reference schemas.Date) step {
	size := e.size
	var covered, all, covered2, rest2 float64
	houses := map[string]bool{}
	for _, f := range e.houses[region] {
		var in, open float64
		for back := range 12 {
			middle := reference.AddMonths(-back) - 14
			if f.OpenedOn != nil && *f.OpenedOn > middle || f.ClosedOn != nil && *f.ClosedOn <= middle {
				continue
			}
			open++
			if f.JoinedOn != nil && *f.JoinedOn <= middle && (f.LeftOn == nil || *f.LeftOn > middle) {
				in++
				houses[f.Facility] = true
			}
		}
		covered, all = covered+in*size(f), all+open*size(f)
		covered2, rest2 = covered2+in*in*size(f)*size(f), rest2+(open-in)*(open-in)*size(f)*size(f)
	}
	if all == 0 {
		return step{name: schemas.StepFacility}
	}
	c := covered / all
	s := step{name: schemas.StepFacility, basis: schemas.BasisFacilityFrame, Rate: capture.Rate{P: c}, low: c, high: c}
	if c > 0 && c < 1 {
		logit := occupancySpread * math.Sqrt(covered2/(covered*covered)+rest2/((all-covered)*(all-covered)))
		s = stepOf(s.name, s.basis, capture.Rate{P: c, StdErr: c * (1 - c) * logit})
	}
	s.facilities = int64(len(houses))
	return s
}

// capacityOf is the measure of size that all houses of a frame have: guests, rooms, or
// one each.
func capacityOf(frame []schemas.Facility) func(schemas.Facility) float64 {
	switch {
	case !slices.ContainsFunc(frame, func(f schemas.Facility) bool { return f.Capacity == nil }):
		return func(f schemas.Facility) float64 { return float64(*f.Capacity) }
	case !slices.ContainsFunc(frame, func(f schemas.Facility) bool { return f.Rooms == nil }):
		return func(f schemas.Facility) float64 { return float64(*f.Rooms) }
	}
	return func(schemas.Facility) float64 { return 1 }
}

// nightsRecorded is recorded over official guest-nights of the 12 months to a reference
// month, by the monthly rows of coverage; false where a month has none.
func nightsRecorded(monthly map[RegionMonth]schemas.Coverage, region string, reference schemas.Date) (capture.Rate, bool) {
	var recorded, official float64
	for back := range 12 {
		c, ok := monthly[RegionMonth{region, reference.AddMonths(-back).MonthEnd()}]
		if !ok || c.Official == nil || c.Recorded == nil {
			return capture.Rate{}, false
		}
		recorded, official = recorded+float64(*c.Recorded), official+*c.Official
	}
	return capture.Rate{P: recorded / official}, official > 0 && recorded <= official
}

// met are the answers on the spot of the 12 months to a reference month, of people who
// live outside by the rule: where the region is a prefecture, those of all its municipalities.
// None by the everyday area, which answers are not set against.
func (e *bookingEstimator) met(rule, region string, reference schemas.Date) []OnsiteAnswer {
	if rule == schemas.OutsideEverydayArea {
		return nil
	}
	answers := e.answers[region] // by day
	from, _ := slices.BinarySearchFunc(answers, reference.AddMonths(-12)+1, func(a OnsiteAnswer, d schemas.Date) int { return cmp.Compare(a.Day, d) })
	var met []OnsiteAnswer
	for _, a := range answers[from:] {
		if a.Day > reference {
			break
		}
		if len(a.Residence) == 5 && isOutside(rule, a.Residence, a.Region) {
			met = append(met, a)
		}
	}
	return met
}

// leastAnswers is the least number of answers that a share is told from.
const leastAnswers = 30

// metSum is the weight of those met, and of those of them of whom something holds.
type metSum struct{ all, with float64 }

func (s metSum) share() float64 { return s.with / s.all }

// sumMet sums the answers by person, the sampling unit, and over all; with is that of w y.
func sumMet(answers []OnsiteAnswer, asked func(OnsiteAnswer) bool, y func(OnsiteAnswer) float64) (whole metSum, persons map[int32]metSum) {
	persons = map[int32]metSum{}
	for _, a := range answers {
		if !asked(a) {
			continue
		}
		p := persons[a.Person]
		p.all, whole.all = p.all+a.Weight, whole.all+a.Weight
		p.with, whole.with = p.with+a.Weight*y(a), whole.with+a.Weight*y(a)
		persons[a.Person] = p
	}
	return whole, persons
}

// oneIf is 1 where a condition holds, 0 elsewhere.
func oneIf(holds func(OnsiteAnswer) bool) func(OnsiteAnswer) float64 {
	return func(a OnsiteAnswer) float64 {
		if holds(a) {
			return 1
		}
		return 0
	}
}

// shareMet is the share of those met on the spot who satisfy a condition, as [meanMet].
func shareMet(answers []OnsiteAnswer, asked, holds func(OnsiteAnswer) bool) (capture.Rate, int64, bool) {
	return meanMet(answers, asked, oneIf(holds))
}

// meanMet is the mean of y over those met on the spot, by design weight, with its standard
// error, persons being the sampling units. Answers without the question are left out. False
// where fewer than 30 persons answer.
func meanMet(answers []OnsiteAnswer, asked func(OnsiteAnswer) bool, y func(OnsiteAnswer) float64) (capture.Rate, int64, bool) {
	whole, persons := sumMet(answers, asked, y)
	if len(persons) < leastAnswers {
		return capture.Rate{}, int64(len(persons)), false
	}
	var squares float64
	for _, person := range sortedPersons(persons) {
		squares += square(persons[person].with - whole.share()*persons[person].all)
	}
	m := float64(len(persons))
	return capture.Rate{P: whole.share(), StdErr: math.Sqrt(squares*m/(m-1)) / whole.all}, int64(len(persons)), true
}

// ratioMet is the share of those of a class who satisfy a condition over that of all, by design
// weight, its standard error from the linearised variable, in which the class is part of all:
//
//	R = s_c/s,  u = R [(y_c − s_c w_c)/(s_c W_c) − (y − s w)/(s W)]
//
// False where fewer than 30 persons of the class answer, or none satisfies it.
func ratioMet(answers []OnsiteAnswer, asked, class, holds func(OnsiteAnswer) bool) (capture.Rate, bool) {
	all, of := sumMet(answers, asked, oneIf(holds))
	some, within := sumMet(answers, func(a OnsiteAnswer) bool { return asked(a) && class(a) }, oneIf(holds))
	if len(within) < leastAnswers || some.with == 0 {
		return capture.Rate{}, false
	}
	ratio := some.share() / all.share()
	var squares float64
	for _, person := range sortedPersons(of) {
		a, c := of[person], within[person]
		squares += square((c.with-some.share()*c.all)/some.with - (a.with-all.share()*a.all)/all.with)
	}
	m := float64(len(of))
	return capture.Rate{P: ratio, StdErr: ratio * math.Sqrt(squares*m/(m-1))}, true
}

func sortedPersons[T any](set map[int32]T) []int32 {
	keys := make([]int32, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// slept is the share with a night of the visits of those met on the spot.
func slept(answers []OnsiteAnswer) step {
	rate, persons, ok := shareMet(answers, func(a OnsiteAnswer) bool { return a.Nights >= 0 }, func(a OnsiteAnswer) bool { return a.Nights > 0 })
	if !ok {
		return step{name: schemas.StepOvernight}
	}
	s := stepOf(schemas.StepOvernight, schemas.BasisSurvey, rate)
	s.persons = persons
	return s
}

// paid is the share with a night in paid lodging of the visits with a night of those met on the spot.
func paid(answers []OnsiteAnswer) step {
	rate, persons, ok := shareMet(answers, func(a OnsiteAnswer) bool { return a.Nights > 0 && a.Lodged != 0 }, lodged)
	if !ok {
		return step{name: schemas.StepPaidLodging}
	}
	s := stepOf(schemas.StepPaidLodging, schemas.BasisSurvey, rate)
	s.persons = persons
	return s
}

// lodged says that there is a night that is paid for.
func lodged(a OnsiteAnswer) bool { return a.Lodged == 1 }

// overnight is the share of visits with a night: of official visitors from other
// prefectures, whose two totals err apart, of those met on the spot, or assumed.
func (b *Bookings) overnight(visits map[visitClass]float64, slept step) step {
	if _, halves := visits[visitClass{origin: otherPrefecture}]; visits != nil && !halves {
		night, day := visits[visitClass{otherPrefecture, overnight}], visits[visitClass{otherPrefecture, dayTrip}]
		if night+day > 0 {
			p := night / (night + day)
			return stepOf(schemas.StepOvernight, schemas.BasisOfficialVisitors, capture.Rate{P: p, StdErr: p * (1 - p) * math.Sqrt2 * b.Assumed.OfficialError})
		}
	}
	if slept.known() {
		return slept
	}
	return assumedStep(schemas.StepOvernight, b.Assumed.Overnight)
}

// related is the share of visits that a definition counts: of those met on the spot
// with a purpose, or assumed; where nothing tells it, all of them.
func (b *Bookings) related(answers []OnsiteAnswer, excluded schemas.Purpose) step {
	if excluded == 0 {
		return step{name: schemas.StepRelatedPurpose, basis: schemas.BasisProduct, Rate: capture.Rate{P: 1}, low: 1, high: 1}
	}
	rate, persons, ok := shareMet(answers, func(a OnsiteAnswer) bool { return a.Tie.Purposes != 0 },
		func(a OnsiteAnswer) bool { return a.Tie.Purposes&^excluded != 0 })
	if ok && rate.P > 0 {
		s := stepOf(schemas.StepRelatedPurpose, schemas.BasisSurvey, rate)
		s.persons = persons
		return s
	}
	return assumedStep(schemas.StepRelatedPurpose, b.Assumed.RelatedPurpose)
}

// product multiplies steps; it is unknown where one of them is.
func product(name string, steps ...step) step {
	out := step{name: name, basis: schemas.BasisProduct, Rate: capture.Rate{P: 1}}
	var relative float64
	for _, s := range steps {
		if !s.known() || s.P == 0 {
			return step{name: name}
		}
		out.P *= s.P
		relative += math.Pow(s.StdErr/s.P, 2)
		out.persons, out.facilities = leastOf(out.persons, s.persons), leastOf(out.facilities, s.facilities)
	}
	out.StdErr = out.P * math.Sqrt(relative)
	with := stepOf(name, out.basis, out.Rate)
	with.persons, with.facilities = out.persons, out.facilities
	return with
}

// leastOf is the smaller of two numbers, of which 0 is none.
func leastOf(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
