package estimate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// A list of houses may cover less than the visitors speak for, and all visits may be seen: neither stops
// a run, and the error of the official visitors stays in the figures.
func TestDetectionAtItsEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("free distributions of visits")
	}
	b := bookedProject(t, 6000, 250)
	b.bookings.Assumed = Assumed{OfficialError: 0.1, Facilities: Range{0.2, 0.3}}
	r := rowOf(t, b.figures(t), "repeat-visits", "30201", schemas.Persons)
	if truth := b.atLeast("30201", 2); r.Value == nil || *r.CILow > truth || truth > *r.CIHigh || *r.CV < 0.05 {
		t.Fatalf("houses covered less than visits seen: %+v", r)
	}
	trips := 0.0
	for _, c := range b.tallies {
		if c.RegionCode == "30201" {
			trips += float64(c.Class) * float64(c.Count)
		}
	}
	for i := range b.bookings.Totals { // 3 % more trips than visitors, who are known to 10 %
		if b.bookings.Totals[i].RegionCode == "30201" {
			share := map[string]float64{overnight: 0.75, dayTrip: 0.25}[b.bookings.Totals[i].Breakdown]
			b.bookings.Totals[i].Value = trips * share / 1.03
		}
	}
	f := b.figures(t)
	seen := 0.0
	for _, c := range b.tallies {
		if c.RegionCode == "30201" && c.Class >= 2 {
			seen += float64(c.Count)
		}
	}
	if r = rowOf(t, f, "repeat-visits", "30201", schemas.Persons); r.Value == nil || *r.Value < seen || *r.Value > 1.3*seen || *r.StdError < 0.02*seen {
		t.Errorf("nearly all visits seen, of %v persons: %v ± %v", seen, r.Value, r.StdError)
	}
}

// No figure shows, or lets compute, how many of fewer than ten persons were seen so often.
func TestWhatWasSeenOfFewIsNotTold(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	b.tallies = nil
	for j, n := range []int64{300, 120, 40, 5} { // seen four times: 5
		b.count("30201", b.frame.Profiles[0].Excluded(), map[int]int64{j + 1: n})
		b.count("30000", b.frame.Profiles[0].Excluded(), map[int]int64{j + 1: n})
	}
	sum := 300.0 + 240 + 120 + 20
	for _, detection := range []float64{0.4, 0.995} {
		for i := range b.bookings.Totals {
			share := map[string]float64{overnight: 0.75, dayTrip: 0.25}[b.bookings.Totals[i].Breakdown]
			if b.bookings.Totals[i].RegionCode == "30201" {
				b.bookings.Totals[i].Value = sum / detection * share
			}
		}
		f := b.figures(t)
		shown := map[string]float64{}
		for _, r := range disclose.Protect(f.DefinitionSensitivity, disclose.Threshold{Persons: 10, Facilities: 3}).Rows() {
			if r.RegionCode != "30201" || r.Value == nil {
				continue
			}
			shown[fmt.Sprint(r.Estimator, r.Trips)] = *r.Value
			if r.Trips == 4 && r.CILow != nil && math.Abs(*r.CILow-5) < 1e-9 {
				t.Errorf("detection %v: %s begins at the number seen: %v", detection, r.Estimator, *r.CILow)
			}
			if r.CILow != nil && *r.CILow > *r.Value {
				t.Errorf("detection %v: %s %v lies below its interval from %v", detection, r.Estimator, *r.Value, *r.CILow)
			}
		}
		for _, name := range []string{"chao_lower_bound1", "zelterman_lower_bound1", "chao_one_inflated_lower_bound1"} {
			if v, ok := shown[name]; ok {
				t.Errorf("detection %v: %s is shown: %v", detection, name, v)
			}
		}
		if _, ok := shown["thinned4"]; ok != (detection < nearlyAll) {
			t.Errorf("detection %v: the estimate of four trips is shown: %v", detection, ok)
		}
		if _, ok := shown["thinned2"]; !ok {
			t.Errorf("detection %v: the estimate of two trips is withheld", detection)
		}
		for _, r := range disclose.Protect(f.Assumptions, disclose.Threshold{Persons: 10, Facilities: 3}).Rows() {
			if r.RegionCode == "30201" && r.Assumption == "single_visits" && r.Value != nil {
				t.Errorf("single visits are told: %v", *r.Value)
			}
		}
	}
}

// By hand: of 100, 40, 33, 30 and 2 persons with at least 1, 2, 3, 4 and 12 trips a definition asks for 3; 2 differs
// from it by 7, 4 by 3.
func TestShownPersons(t *testing.T) {
	seen := make(capture.Frequencies, 12)
	seen[0], seen[1], seen[2], seen[3], seen[11] = 60, 7, 3, 28, 2
	got := shownPersons(seen, []int{3})
	for k, want := range map[int]int64{3: 33, 1: 67, 2: 7, 4: 3, 12: 2} {
		if got[k] != want {
			t.Errorf("%d trips rest on %d persons, want %d", k, got[k], want)
		}
	}
}

// A municipality with trips and without official visitors would leave its trips to the visitors of the others.
func TestPrefecturePartlyCovered(t *testing.T) {
	b := bookedProject(t, 6000, 2500)
	if s := stepOfRegion(b.figures(t), "30000", schemas.StepDetection); s.Coverage == nil || math.Abs(*s.Coverage-bookedSeen) > 0.02 {
		t.Fatalf("detection of the prefecture %+v", s)
	}
	var kept []schemas.Total
	for _, total := range b.bookings.Totals {
		if total.RegionCode != "30301" {
			kept = append(kept, total)
		}
	}
	b.bookings.Totals = kept
	f := b.figures(t)
	if s := stepOfRegion(f, "30000", schemas.StepDetection); s.Step != schemas.StepDetection || s.Basis != "" {
		t.Errorf("detection of the prefecture by half of its visitors: %+v", s)
	}
	if r := rowOf(t, f, "repeat-visits", "30201", schemas.Persons); r.Value == nil {
		t.Error("the municipality with visitors is not estimated")
	}
}

// The product of the steps is that of all visits: if half of them count, those are seen twice as likely.
func TestProductOfVisitsThatCount(t *testing.T) {
	if testing.Short() {
		t.Skip("free distributions of visits")
	}
	b := bookedProject(t, 6000, 250)
	b.bookings.Totals = nil
	b.bookings.Assumed = Assumed{Overnight: Range{0.5, 0.7}, PaidLodging: Range{0.7, 0.9}, Facilities: Range{0.4, 0.6}}
	whole := stepOfRegion(b.figures(t), "30201", schemas.StepDetection)
	b.bookings.Assumed.RelatedPurpose = Range{0.4, 0.6}
	half := stepOfRegion(b.figures(t), "30201", schemas.StepDetection)
	if math.Abs(*half.Coverage / *whole.Coverage - 2) > 1e-12 || *half.StdError/(*half.Coverage) <= *whole.StdError/(*whole.Coverage) {
		t.Errorf("detection %v ± %v where half of the visits count, %v ± %v where all do", *half.Coverage, *half.StdError, *whole.Coverage, *whole.StdError)
	}
}

// Visits to a municipality that is not known are seen as likely as the prefecture's, and pairs hold them.
func TestMunicipalityNotKnown(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	b.frame.Regions = append(b.frame.Regions, schemas.Region{RegionCode: "30999", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
	b.count("30999", b.frame.Profiles[0].Excluded(), map[int]int64{1: 60, 2: 20, 3: 8})
	b.frame.Sources[schemas.SourceBooking].Facilities[RegionMonth{"30999", b.frame.AsOf}] = 4
	f := b.figures(t)
	r := rowOf(t, f, "repeat-visits", "30999", schemas.Persons)
	if r.Value == nil || *r.Value < 28 {
		t.Fatalf("a municipality not known: %+v", r)
	}
	sum := *r.Value
	for _, region := range []string{"30201", "30301"} {
		sum += *rowOf(t, f, "repeat-visits", region, schemas.Persons).Value
	}
	if pairs := rowOf(t, f, "repeat-visits", "30000", schemas.Pairs); pairs.Value == nil || math.Abs(*pairs.Value-sum) > 1e-9*sum {
		t.Errorf("pairs %v, of the municipalities %v", pairs.Value, sum)
	}
}

// A definition may ask for more visits than are usually allowed for, or than there are days.
func TestManyTripsAsked(t *testing.T) {
	for trips, most := range map[int]int{80: 80, 400: 366} {
		if testing.Short() && trips > most {
			continue
		}
		b := bookedProject(t, 6000, 250)
		for i, p := range b.frame.Profiles {
			if p.ID == "repeat-visits" {
				b.frame.Profiles[i].Any = slices.Clone(p.Any)
				b.frame.Profiles[i].Any[0].MinTrips = trips
			}
		}
		f := b.figures(t)
		if r := rowOf(t, f, "repeat-visits", "30201", schemas.Persons); trips > most && r.ObsStatus != schemas.NotEstimable {
			t.Errorf("%d trips in a year: %+v", trips, r)
		}
		if got := newBookingEstimator(b.frame, b.tallies, nil, &b.bookings).most(capture.Frequencies{9}, 0.4); got != most {
			t.Errorf("%d trips: up to %d are allowed for, want %d", trips, got, most)
		}
		two := 0
		for _, s := range f.DefinitionSensitivity { // the other numbers of trips are estimated all the same
			if s.Row.RegionCode == "30201" && s.Row.Estimator == Thinned && s.Row.Trips == 2 && s.Row.Value != nil {
				two++
			}
		}
		if two != 1 {
			t.Errorf("%d trips: %d rows of two trips", trips, two)
		}
	}
}

// Of three municipalities, by hand: 200 ± 30, of which the detection makes 10 and a shape in common 20, 100 ± 13 of
// 5 and 12, and 10 synthetic ± 10 of 6 and 8. Own parts: √(900 − 100 − 400) = 20, 0 and 0; in common 21 and 40:
// √(400 + 441 + 1600) = 49.4.
func TestPairsAddWhatIsInCommon(t *testing.T) {
	e := &bookingEstimator{b: &Bookings{LeastPersons: 10}, frame: Frame{Sources: map[string]SourceFrame{}}}
	cell := func(level, shape string, seen float64, f figure) *countedCell {
		c := &countedCell{e: e, shape: shape, made: map[figureKey]figure{{false, 2}: f}, shown: map[int]int64{2: 5},
			class:    &shapeClass{found: true, seen: 100},
			seenCell: &seenCell{region: schemas.Region{RegionCode: "30000", RegionLevel: level}, persons: capture.Frequencies{seen}, visits: 50, reference: 20_000}}
		return c
	}
	parts := func(name string, own, detected, shape float64) Parts {
		return partsOf(Part{schemas.CauseSampling, name, own}, Part{schemas.CauseDetection, "detection", detected}, Part{schemas.CauseModel, "shape", shape})
	}
	all := []*countedCell{
		cell(schemas.LevelPrefecture, schemas.BasisOwn, 70, figure{}),
		cell(schemas.LevelMunicipality, schemas.BasisPooled, 40, figure{n: 200, parts: parts("a", 0.1, 0.05, 0.1)}),
		cell(schemas.LevelMunicipality, schemas.BasisPooled, 30, figure{n: 100, parts: parts("b", 0, 0.05, 0.12)}),
		cell(schemas.LevelMunicipality, schemas.BasisSynthetic, 0, figure{n: 10, parts: parts("c", 0, 0.6, 0.8)}),
	}
	row, of, synthetic := pairs(schemas.RelationalPopulation{}, all, 2)
	if *row.Row.Value != 310 || math.Abs(*row.Row.StdError-math.Sqrt(400+441+1600)) > 1e-9 || row.Persons != 70 {
		t.Errorf("pairs %v ± %v of %d persons", *row.Row.Value, *row.Row.StdError, row.Persons)
	}
	if d, m := of.share(schemas.CauseDetection), of.share(schemas.CauseModel); math.Abs(d-441.0/2441) > 1e-12 || math.Abs(m-1600.0/2441) > 1e-12 {
		t.Errorf("the detection makes %v of the variance, the shape %v", d, m)
	}
	if synthetic != 10.0/310 || row.Row.ObsStatus == schemas.LowReliability {
		t.Errorf("synthetic %v, status %s", synthetic, row.Row.ObsStatus)
	}
	all[3].made[figureKey{false, 2}] = figure{n: 40, stdErr: 10}
	if row, _, synthetic = pairs(schemas.RelationalPopulation{}, all, 2); synthetic != 40.0/340 || row.Row.ObsStatus != schemas.LowReliability {
		t.Errorf("synthetic %v, status %s", synthetic, row.Row.ObsStatus)
	}
}

// Forty answers of one person tell no share, and a share of a class is set against all with the errors of both.
func TestSharesOfThoseMet(t *testing.T) {
	var one, many []OnsiteAnswer
	for i := range 40 {
		one = append(one, OnsiteAnswer{Person: 1, Weight: 1, Nights: 1})
		a := OnsiteAnswer{Person: int32(i), Weight: 1, Tie: ReportedTie{Visits: 1}}
		if i%2 == 0 {
			a.Nights = 1
		}
		many = append(many, a)
	}
	any := func(OnsiteAnswer) bool { return true }
	if _, _, ok := shareMet(one, any, any); ok {
		t.Error("a share is told from one person")
	}
	night := func(a OnsiteAnswer) bool { return a.Nights > 0 }
	if r, ok := ratioMet(many, any, any, night); !ok || r.P != 1 || r.StdErr > 1e-12 { // of all against all there is no error
		t.Errorf("ratio of all to all: %+v %v", r, ok)
	}
	// 30 of class one, 15 of them with a night, and 30 of class two, all with one: ½ ÷ ¾ = ⅔. The linearised
	// variable is ⅔ (± ½ · ⅟₁₅ − e/45) with e = ¼, −¾ in class one and ¼ in class two.
	many = many[:30]
	for i := range 30 {
		many = append(many, OnsiteAnswer{Person: int32(100 + i), Weight: 1, Nights: 1, Tie: ReportedTie{Visits: 5}})
	}
	r, ok := ratioMet(many, any, func(a OnsiteAnswer) bool { return a.Tie.Visits == 1 }, night)
	squares := 15*square(0.5/15-0.25/45) + 15*square(-0.5/15+0.75/45) + 30*square(0.25/45)
	if want := 2.0 / 3 * math.Sqrt(squares*60/59); !ok || math.Abs(r.P-2.0/3) > 1e-12 || math.Abs(r.StdErr-want) > 1e-12 {
		t.Errorf("ratio %v ± %v, want ⅔ ± %v", r.P, r.StdErr, want)
	}
}

// By hand: 30 who came once sleep in a hotel, and of 30 who come monthly 15 do and 15 sleep with friends: ¾ of the
// visits with a night are paid for, and leave a booking 4/3 and 2/3 times as often as all. Where it is not asked where they
// sleep, all are alike.
func TestPaidLodgingOfThoseMet(t *testing.T) {
	c := seenCell{region: schemas.Region{RegionCode: "30201", RegionLevel: schemas.LevelMunicipality}}
	for i := range 60 {
		a := OnsiteAnswer{Person: int32(i), Weight: 1, Nights: 1, Lodged: 1, Tie: ReportedTie{Visits: 1, Most: 1}}
		if i >= 30 {
			a.Tie.Visits, a.Tie.Most = 12, 365
		}
		if i >= 45 {
			a.Lodged = -1
		}
		c.answers = append(c.answers, a)
	}
	told := paid(c.answers)
	if told.basis != schemas.BasisSurvey || told.persons != 60 || math.Abs(told.P-0.75) > 1e-12 {
		t.Errorf("paid lodging %+v", told)
	}
	ratios := func() map[int]float64 {
		c.ratios = nil
		c.ask(nil)
		of := map[int]float64{}
		for _, r := range c.ratios {
			of[r.Least] = math.Round(r.P*1e9) / 1e9
		}
		return of
	}
	if got, want := ratios(), map[int]float64{1: 1.333333333, 12: 0.666666667}; !maps.Equal(got, want) {
		t.Errorf("ratios %v, want %v", got, want)
	}
	for i := range c.answers {
		c.answers[i].Lodged = 0
	}
	if got, want := ratios(), map[int]float64{1: 1, 12: 1}; paid(c.answers).known() || !maps.Equal(got, want) {
		t.Errorf("where it is not asked: ratios %v, want %v", got, want)
	}
}

// Lists rest on the fewest persons that can be told from them: on one alone, on all of three, and of a year
// on those seen on either side of it.
func TestListsRestOnTheFewest(t *testing.T) {
	asOf, _ := schemas.NewDate(2025, 9, 30)
	f := Frame{AsOf: asOf, References: []schemas.Date{asOf}, Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture}}}
	listed := func(counts ...int64) (all []Listed) {
		for lists, n := range counts {
			all = append(all, Listed{Region: "30000", Origin: "13000", Lists: int32(lists), Persons: n})
		}
		return all[1:]
	}
	rests := map[string]int64{}
	for _, r := range ListEstimates(f, Lists{Names: []string{"a", "b", "c"}, Reference: asOf, Seed: 1, Listed: listed(0, 200, 150, 30, 90, 25, 40, 6)}) {
		rests[r.Row.Estimator+" "+r.Row.Lists] = r.Persons
	}
	for name, want := range map[string]int64{"chapman a + b": 36, "log_linear_averaged a + b + c": 6} {
		if rests[name] != want {
			t.Errorf("%s rests on %d persons, want %d", name, rests[name], want)
		}
	}
	years := Lists{Years: listed(0, 200, 150, 30, 90, 25, 40, 6), Ends: []schemas.Date{asOf.AddMonths(-24), asOf.AddMonths(-12), asOf},
		Facilities: map[RegionMonth]int64{{"30000", asOf.AddMonths(-12)}: 2}}
	rows := ListEstimates(f, years)
	// Of the second year: before it and in it 30 + 6, in it and after 40 + 6, around it 25; two houses.
	if len(rows) != 1 || rows[0].Persons != 25 || *rows[0].Row.Persons != 36 || rows[0].Facilities != 2 {
		t.Errorf("years %+v", rows)
	}
}

// An assumed share rests on nobody, whatever the rule.
func TestAssumedStepsAreShown(t *testing.T) {
	b := bookedProject(t, 6000, 250)
	b.bookings.LeastPersons = 50
	b.bookings.Assumed = Assumed{PaidLodging: Range{0.7, 0.9}}
	for _, r := range disclose.Protect(b.figures(t).Coverage, disclose.Threshold{Persons: 50}).Rows() {
		if r.RegionCode == "30201" && r.Step == schemas.StepPaidLodging && r.Coverage == nil {
			t.Error("an assumed step is withheld")
		}
	}
}

// Of two prefectures of residence, each with a rate of its own: the persons of each are n/(1 − e^−λ) with the mean
// λ/(1 − e^−λ) of the trips seen. A third, of which few came again, is counted with the last.
func TestBoundByPrefectureOfResidence(t *testing.T) {
	near, far, few := capture.Frequencies{40, 30, 12, 11}, capture.Frequencies{80, 20}, capture.Frequencies{9, 3}
	e := &bookingEstimator{b: &Bookings{}, frame: Frame{References: []schemas.Date{20_000}, Sources: map[string]SourceFrame{}}, origins: []string{"13000", "27000", "28000"},
		counts: map[tripKey]capture.Frequencies{}}
	c := &countedCell{e: e, seenCell: &seenCell{region: schemas.Region{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture}, rule: schemas.OutsidePrefecture,
		reference: 20_000, persons: capture.Frequencies{129, 53, 12, 11}, residence: stepOf(schemas.StepResidenceKnown, schemas.BasisBookings, capture.Rate{P: 0.8})}}
	for origin, seen := range map[string]capture.Frequencies{"13000": near, "27000": far, "28000": few} {
		e.counts[tripKey{0, schemas.OutsidePrefecture, "30000", origin, month(20_000)}] = seen
	}
	number := func(n, mean float64) float64 {
		low, high := 1e-9, 50.0
		for range 200 {
			rate := (low + high) / 2
			if rate/-math.Expm1(-rate) < mean {
				low = rate
			} else {
				high = rate
			}
		}
		return n / -math.Expm1(-low)
	}
	want := (number(93, (40+60+36+44)/93.0) + number(112, (89+46)/112.0)) / 0.8
	row, persons, ok := c.regressed()
	if !ok || math.Abs(*row.Value/want-1) > 1e-9 || !(*row.CILow < *row.Value) || persons != 11 {
		t.Fatalf("%+v of %d persons, %v: want %v", row, persons, ok, want)
	}
	if plain, err := capture.Zelterman(c.persons); err != nil || !(*row.Value > 205/0.8) || plain.N <= 205 {
		t.Errorf("the bound %v is no more than those seen", *row.Value)
	}
	e.frame.References = append(e.frame.References, 20_031)
	if _, _, ok := c.regressed(); ok {
		t.Error("a bound of an earlier month")
	}
	e.frame.References = e.frame.References[:1]
	delete(e.counts, tripKey{0, schemas.OutsidePrefecture, "30000", "13000", month(20_000)})
	if row, persons, whole := c.regressed(); row.Value != nil || persons != 0 || !whole {
		t.Errorf("a regression on one class: %+v", row)
	}
}

// How many are loyal to a house is told from how likely it is covered, which must not wait for loyalty to be known: of
// municipalities with 100 and 50 trips seen, at 0.2 and 0.1, whose visits are 500 each, houses are covered with 0.5 and 0.3.
func TestHousesAreToldBeforeLoyalty(t *testing.T) {
	e := &bookingEstimator{b: &Bookings{}}
	cell := func(seen, detection, houses float64) *seenCell {
		rate := capture.Rate{P: detection, StdErr: detection / 20}
		return &seenCell{persons: capture.Frequencies{seen}, detection: stepOf(schemas.StepDetection, schemas.BasisOfficialVisitors, rate),
			steps: []step{stepOf(schemas.StepFacility, schemas.BasisFacilityFrame, capture.Rate{P: houses})}}
	}
	seen, d, ok := e.together([]*seenCell{cell(100, 0.2, 0.5), cell(50, 0.1, 0.3)}, &seenCell{})
	if !ok || seen.Seen() != 150 || math.Abs(d.House-0.4) > 0.001 || math.Abs(d.Visit.P-0.15) > 0.001 || d.Loyalty.P != 0 {
		t.Errorf("%v seen, %+v, %v", seen, d, ok)
	}
}
