package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// booked is a project of a prefecture with three municipalities, known by bookings: in
// the first two so many persons come so often and are seen with a probability of
// 0.4, the third has no covered house.
type booked struct {
	frame    Frame
	bookings Bookings
	tallies  []schemas.Tally
	truth    map[string][]int // visits of the persons of a municipality
}

const bookedSeen = 0.4

func bookedProject(t *testing.T, persons ...int) booked {
	t.Helper()
	asOf, _ := schemas.NewDate(2025, 9, 30)
	b := booked{truth: map[string][]int{}}
	b.frame = Frame{AsOf: asOf, References: []schemas.Date{asOf}, Outside: []string{schemas.OutsidePrefecture}, Sources: map[string]SourceFrame{
		schemas.SourceBooking: {First: asOf.AddMonths(-24), Last: asOf, Identified: true, Facilities: map[RegionMonth]int64{}}}}
	b.frame.Profiles = slices.DeleteFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID != "repeat-visits" && p.ID != "engaged-stays" })
	b.frame.Regions = []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}
	b.bookings = Bookings{PoolBelow: 200, Threads: 2}
	random := rand.New(rand.NewPCG(30, 4))
	excluded := b.frame.Profiles[0].Excluded()
	whole := map[int]int64{}
	for i, n := range persons {
		code := fmt.Sprintf("30%d01", 2+i)
		b.frame.Regions = append(b.frame.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
		trips, seen := 0.0, map[int]int64{}
		for range n {
			v := 1
			for random.Float64() < 0.5 && v < 40 {
				v++
			}
			b.truth[code] = append(b.truth[code], v)
			trips += float64(v)
			j := 0
			for range v {
				if i < 2 && random.Float64() < bookedSeen {
					j++
				}
			}
			if j > 0 {
				seen[j]++
				whole[j]++
			}
		}
		b.count(code, excluded, seen)
		if i < 2 {
			b.frame.Sources[schemas.SourceBooking].Facilities[RegionMonth{code, asOf}] = 4
			b.bookings.Stays = append(b.bookings.Stays, StayCount{Region: code, Month: month(asOf), Stays: 1000, Counted: 1000, Guests: 2000, Linked: 900, Known: 900})
		}
		for _, stay := range []struct {
			name  string
			share float64
		}{{overnight, 0.75}, {dayTrip, 0.25}} {
			b.bookings.Totals = append(b.bookings.Totals, schemas.Total{Statistic: "visitors", RegionCode: code, PeriodStart: asOf.AddMonths(-12) + 1, PeriodEnd: asOf,
				OriginCode: otherPrefecture, Breakdown: stay.name, Value: trips * stay.share})
		}
	}
	b.count("30000", excluded, whole)
	b.frame.Sources[schemas.SourceBooking].Facilities[RegionMonth{"30000", asOf}] = 8
	return b
}

func (b *booked) count(region string, excluded schemas.Purpose, seen map[int]int64) {
	for j, n := range seen {
		b.tallies = append(b.tallies, schemas.Tally{ReferenceMonth: month(b.frame.AsOf), SourceKind: schemas.SourceBooking, Tally: fmt.Sprint(tripFrequency, excluded),
			Outside: schemas.OutsidePrefecture, RegionCode: region, OriginCode: domesticOrigin, Class: int32(j), Count: n})
	}
}

func (b *booked) figures(t *testing.T) BookingFigures {
	t.Helper()
	return RelationalPopulationBookings(b.frame, b.tallies, nil, b.bookings)
}

func (b *booked) atLeast(region string, k int) (n float64) {
	for code, visits := range b.truth {
		if region == code || region == "30000" {
			for _, v := range visits {
				if v >= k {
					n++
				}
			}
		}
	}
	return n
}

func rowOf(t *testing.T, f BookingFigures, definition, region, measure string) schemas.RelationalPopulation {
	t.Helper()
	for _, c := range f.RelationalPopulation {
		if r := c.Row; r.Definition == definition && r.RegionCode == region && r.Measure == measure && r.Estimator != ThinnedJoint {
			return r
		}
	}
	t.Fatalf("no row of %s %s %s", definition, region, measure)
	return schemas.RelationalPopulation{}
}

func stepOfRegion(f BookingFigures, region, name string) schemas.Coverage {
	for _, c := range f.Coverage {
		if c.Row.RegionCode == region && c.Row.Step == name {
			return c.Row
		}
	}
	return schemas.Coverage{}
}

func assumptionOf(f BookingFigures, region, name string) schemas.Assumption {
	for _, a := range f.Assumptions {
		if a.Row.RegionCode == region && a.Row.Assumption == name {
			return a.Row
		}
	}
	return schemas.Assumption{}
}

// Detection is trips seen over official visitors; the numbers of persons come back from
// the 40 % of visits that are seen: by a region's own shape, by that of both, and of official visitors
// alone where no house is covered.
func TestBookingsFindWhomTheyDoNotShow(t *testing.T) {
	b := bookedProject(t, 6000, 250, 900)
	f := b.figures(t)
	for _, c := range []struct {
		region, estimator, shape, status string
	}{{"30201", Thinned, schemas.BasisOwn, "E"}, {"30301", Thinned, schemas.BasisPooled, "E"}, {"30401", ThinnedSynthetic, schemas.BasisSynthetic, "U"}} {
		r, truth := rowOf(t, f, "repeat-visits", c.region, schemas.Persons), b.atLeast(c.region, 2)
		if r.Estimator != c.estimator || r.ObsStatus != c.status {
			t.Errorf("%s: estimator %s, status %s, want %s, %s", c.region, r.Estimator, r.ObsStatus, c.estimator, c.status)
		}
		if *r.CILow > truth || truth > *r.CIHigh || math.Abs(*r.Value/truth-1) > 0.15 {
			t.Errorf("%s: %v (%v–%v), true %v", c.region, *r.Value, *r.CILow, *r.CIHigh, truth)
		}
		if a := assumptionOf(f, c.region, "shape"); a.Basis != c.shape {
			t.Errorf("%s: shape %q, want %q", c.region, a.Basis, c.shape)
		}
	}
	if d := stepOfRegion(f, "30201", schemas.StepDetection); math.Abs(*d.Coverage-bookedSeen) > 0.02 || d.Basis != schemas.BasisOfficialVisitors {
		t.Errorf("detection %v by %s, true %v", *d.Coverage, d.Basis, bookedSeen)
	}
	pairs := rowOf(t, f, "repeat-visits", "30000", schemas.Pairs)
	sum := 0.0
	for _, region := range []string{"30201", "30301", "30401"} {
		sum += *rowOf(t, f, "repeat-visits", region, schemas.Persons).Value
	}
	if math.Abs(*pairs.Value-sum) > 1e-9*sum {
		t.Errorf("pairs of the prefecture %v, of its municipalities %v", *pairs.Value, sum)
	}
	for _, definition := range []string{"engaged-stays"} { // gaps and stay-days need a model of when people come
		if r := rowOf(t, f, definition, "30201", schemas.Persons); r.ObsStatus != schemas.NotEstimable || r.Value != nil {
			t.Errorf("%s is estimated: %+v", definition, r)
		}
	}
	if r := rowOf(t, f, "repeat-visits", "30000", schemas.PersonsAnyMunicipality); r.ObsStatus != schemas.NotEstimable {
		t.Errorf("persons in any municipality are estimated: %+v", r)
	}
	one, two := slices.Clone(f.RelationalPopulation), (&booked{b.frame, b.bookings, b.tallies, b.truth})
	two.bookings.Threads = 1
	if again := two.figures(t); fmt.Sprint(dereferenced(again.RelationalPopulation)) != fmt.Sprint(dereferenced(one)) {
		t.Error("one thread makes other figures than two")
	}
}

func dereferenced(rows []disclose.Counted[schemas.RelationalPopulation]) (out []string) {
	for _, c := range rows {
		line := fmt.Sprint(c.Row.Definition, c.Row.RegionCode, c.Row.Measure, c.Row.Estimator, c.Persons, c.Facilities)
		for _, v := range []*float64{c.Row.Value, c.Row.StdError, c.Row.CILow, c.Row.CIHigh} {
			if v != nil {
				line += fmt.Sprint(" ", *v)
			}
		}
		out = append(out, line)
	}
	return out
}

// The steps, by hand: 1,000 stays of 2,000 guests, 900 with something that tells the person; three
// quarters of the visitors stay the night; of 40 and 60 beds half the year and none.
func TestStepsOfCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("free distributions of visits")
	}
	b := bookedProject(t, 6000, 250)
	bed := func(n int32) *int32 { return &n }
	from := b.frame.AsOf.AddMonths(-6) + 1
	b.bookings.Frame = []schemas.Facility{
		{Facility: "a", RegionCode: "30201", Capacity: bed(40), JoinedOn: &from},
		{Facility: "b", RegionCode: "30201", Capacity: bed(60)},
	}
	f := b.figures(t)
	for name, want := range map[string]float64{schemas.StepOvernight: 0.75, schemas.StepOwnIdentity: 0.5, schemas.StepLinked: 0.9,
		schemas.StepFacility: 0.2, schemas.StepResidenceKnown: 1} {
		if s := stepOfRegion(f, "30201", name); s.Coverage == nil || math.Abs(*s.Coverage-want) > 1e-12 {
			t.Errorf("%s: %+v, want %v", name, s, want)
		}
	}
	// Of the 0.4 that are seen, 0.75·0.2·0.5·0.9 = 0.0675 would pass: paid lodging is no remainder.
	if s := stepOfRegion(f, "30201", schemas.StepPaidLodging); s.Basis != "" || s.ObsStatus != schemas.NotEstimable {
		t.Errorf("paid lodging %+v", s)
	}
	b.bookings.Assumed = Assumed{PaidLodging: Range{0.7, 0.9}}
	b.bookings.Totals = nil // without official visitors the detection is the product
	b.bookings.Assumed.Overnight = Range{0.5, 0.7}
	f = b.figures(t)
	d := stepOfRegion(f, "30201", schemas.StepDetection)
	if want := 0.6 * 0.8 * 0.2 * 0.5 * 0.9; d.Coverage == nil || math.Abs(*d.Coverage-0.043) > 1e-12 || d.Basis != schemas.BasisProduct {
		t.Errorf("detection %+v, want %v, rounded, as a product", d, want)
	}
	// The relative variance is the sum of those of the steps.
	facility := stepOfRegion(f, "30201", schemas.StepFacility)
	relative := square(0.2/3.92/0.6) + square(0.2/3.92/0.8) + square(*facility.StdError/0.2) + 0.5/0.5/1000/2 + 0.1/0.9/1000
	if want := rounded(0.0432 * math.Sqrt(relative)); math.Abs(*d.StdError-want) > 1e-12 {
		t.Errorf("standard error of the detection %v, want %v", *d.StdError, want)
	}
}

// What could be told from a withheld figure is withheld with it: every row of a region with
// bookings of two houses, but for what rests on no booking.
func TestStepsAreProtectedAsTheDetection(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	bed, joined := int32(40), b.frame.Sources[schemas.SourceBooking].First
	b.bookings.Frame = []schemas.Facility{{Facility: "a", RegionCode: "30201", Capacity: &bed, JoinedOn: &joined}}
	b.bookings.Repeaters = []Repeater{{Region: "30201", Municipality: "30201", Persons: 500, Same: 200, Chance: 0.1}}
	for _, region := range []string{"30000", "30201", "30301"} {
		b.frame.Sources[schemas.SourceBooking].Facilities[RegionMonth{region, b.frame.AsOf}] = 2
	}
	f := b.figures(t)
	rule := disclose.Threshold{Persons: 10, Facilities: 3}
	for _, r := range disclose.Protect(f.Coverage, rule).Rows() {
		own := r.Step == schemas.StepOvernight && r.Basis == schemas.BasisOfficialVisitors
		if r.Coverage != nil && !own {
			t.Errorf("%s %s by %s is shown: %v", r.RegionCode, r.Step, r.Basis, *r.Coverage)
		}
	}
	for _, r := range disclose.Protect(f.Assumptions, rule).Rows() {
		if r.Value != nil || r.Status != schemas.StatusUnknown {
			t.Errorf("%s %s is told: %s %v", r.RegionCode, r.Assumption, r.Status, r.Value)
		}
	}
	for _, r := range disclose.Protect(f.RelationalPopulation, rule).Rows() {
		if r.Value != nil {
			t.Errorf("%s is shown: %v", r.RegionCode, *r.Value)
		}
	}
}

// Where nothing tells the detection there are lower bounds and no number.
func TestUnknownDetectionHasBoundsOnly(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	b.bookings.Totals = nil
	// Visits at random, of rates that differ: 6,000 persons of whom some did not come. Frequencies
	// f_j = 6000 · ½^{j+1}, those of rates that are exponential.
	b.tallies = nil
	for j, n := range []int64{1500, 750, 375, 188, 94, 47, 23, 12, 6, 3} {
		b.count("30201", b.frame.Profiles[0].Excluded(), map[int]int64{j + 1: n})
	}
	f := b.figures(t)
	if r := rowOf(t, f, "repeat-visits", "30201", schemas.Persons); r.ObsStatus != schemas.NotEstimable || r.Value != nil {
		t.Errorf("a number without a detection: %+v", r)
	}
	if a := assumptionOf(f, "30201", "detection"); a.Status != schemas.StatusUnknown {
		t.Errorf("the detection is %q", a.Status)
	}
	bounds := 0
	for _, s := range f.DefinitionSensitivity {
		if s.Row.RegionCode == "30201" && s.Row.Estimator == "chao_lower_bound" {
			bounds++
			if *s.Row.Value > 6000 || *s.Row.Value < 4000 || *s.Row.CILow > *s.Row.Value || s.Row.CIHigh != nil || s.Row.Trips != 1 {
				t.Errorf("bound %v from %v of 6000 persons, upper end %v", *s.Row.Value, *s.Row.CILow, s.Row.CIHigh)
			}
		}
	}
	if bounds != 1 {
		t.Errorf("%d bounds", bounds)
	}
}

// More trips than official visitors say that one of the two is wrong.
func TestMoreTripsThanVisitors(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	for i := range b.bookings.Totals {
		b.bookings.Totals[i].Value /= 4
	}
	f := b.figures(t)
	if r := rowOf(t, f, "repeat-visits", "30201", schemas.Persons); r.ObsStatus != schemas.NotEstimable {
		t.Errorf("estimated from more trips than visitors: %+v", r)
	}
	if a := assumptionOf(f, "30201", "detection"); a.Status != schemas.StatusViolated || *a.Value < 1 {
		t.Errorf("the detection is %q", a.Status)
	}
}

// Visitors met on the spot tell what part of the visits counts, how often people come, and
// that those who come often sleep elsewhere.
func TestMetOnTheSpot(t *testing.T) {
	if testing.Short() {
		t.Skip("free distributions of visits")
	}
	b := bookedProject(t, 6000, 250)
	random := rand.New(rand.NewPCG(7, 7))
	for i := range 2000 {
		// Visits met in proportion to visits: geometric visits are then negative binomial.
		v := int32(1)
		for range 2 {
			for random.Float64() < 0.5 {
				v++
			}
		}
		a := OnsiteAnswer{Person: int32(i), Unit: -1, Day: b.frame.AsOf - schemas.Date(random.IntN(360)), Region: "30201", Residence: "13101", Weight: 1,
			Tie: ReportedTie{Region: "30201", Visits: v, Most: v, Purposes: schemas.Leisure}}
		if i%4 == 0 {
			a.Tie.Purposes = schemas.Kin
		}
		if random.Float64() < 0.8-0.02*float64(min(v, 10)) {
			a.Nights = 1
		}
		b.bookings.Answers = append(b.bookings.Answers, a)
	}
	f := b.figures(t)
	if s := stepOfRegion(f, "30201", schemas.StepRelatedPurpose); math.Abs(*s.Coverage-0.75) > 1e-12 || s.Basis != schemas.BasisSurvey {
		t.Errorf("visits that count: %+v", s)
	}
	// A quarter of the official visits do not count: the detection of the others is greater by a third.
	if s := stepOfRegion(f, "30201", schemas.StepDetection); math.Abs(*s.Coverage-bookedSeen/0.75) > 0.03 {
		t.Errorf("detection %v, want about %v", *s.Coverage, bookedSeen/0.75)
	}
	if a := assumptionOf(f, "30201", "equal_detection"); a.Status != schemas.StatusEstimated {
		t.Errorf("detection by visits is %q", a.Status)
	}
	var alone, joint *schemas.RelationalPopulation
	for _, c := range f.RelationalPopulation {
		if c.Row.RegionCode == "30201" && c.Row.Measure == schemas.Persons && c.Row.Definition == "repeat-visits" {
			if c.Row.Estimator == ThinnedJoint {
				joint = &c.Row
			} else {
				alone = &c.Row
			}
		}
	}
	if joint == nil || *joint.StdError >= *alone.StdError {
		t.Fatalf("the question on the spot narrows nothing: %+v and %+v", joint, alone)
	}
}

// Loyalty is found from those who slept in one house both times.
func TestLoyaltyIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 3))
	const persons, loyalty, house, visit, houses = 40_000, 0.3, 0.5, 0.6, 5
	seen := make(capture.Frequencies, 40)
	r := Repeater{Region: "30201", Municipality: "30201", Chance: 1.0 / houses}
	for range persons {
		v := 1
		for random.Float64() < 0.6 && v < 40 {
			v++
		}
		loyal, covered := random.Float64() < loyalty, random.Float64() < house
		slept := map[int]bool{}
		j := 0
		for range v {
			in := covered
			at := 0
			if !loyal {
				in, at = random.Float64() < house, random.IntN(houses)
			}
			if in && random.Float64() < visit {
				j++
				slept[at] = true
			}
		}
		if j > 0 {
			seen[j-1]++
		}
		if j == 2 {
			r.Persons++
			if len(slept) == 1 {
				r.Same++
			}
		}
	}
	var pairs twoTrips
	pairs.add(r)
	s := sameHouse(seen, capture.Detection{Visit: capture.Rate{P: house * visit}, House: house}, 60, pairs)
	if math.Abs(s.P-loyalty) > 3*s.StdErr || s.StdErr <= 0 || s.StdErr > 0.02 {
		t.Errorf("loyalty %v ± %v, true %v", s.P, s.StdErr, loyalty)
	}
	t.Logf("loyalty %.3f ± %.3f, true %.3f", s.P, s.StdErr, loyalty)
}
