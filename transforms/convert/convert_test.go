package convert

import (
	"math"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func day(y, m, d int) schemas.Date {
	on, ok := schemas.NewDate(y, m, d)
	if !ok {
		panic("no such day")
	}
	return on
}

func ptr[T any](v T) *T { return &v }

var (
	wakayama  = schemas.Region{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}
	shirahama = schemas.Region{RegionCode: "30401", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"}
	tanabe    = schemas.Region{RegionCode: "30206", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"}
)

func frame(asOf schemas.Date, months int) Frame {
	f := Frame{AsOf: asOf, Regions: []schemas.Region{wakayama, tanabe, shirahama}, Definition: "repeat-visits", Least: 10}
	for back := months - 1; back >= 0; back-- {
		f.References = append(f.References, asOf.AddMonths(-back))
	}
	return f
}

// population is so many pairs in every reference month, with a standard error.
func population(f Frame, region string, value, stdErr float64) []disclose.Counted[schemas.RelationalPopulation] {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	for _, t := range f.References {
		rows = append(rows, disclose.Counted[schemas.RelationalPopulation]{Persons: 400, Row: schemas.RelationalPopulation{Definition: "repeat-visits",
			Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: region, OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All,
			ReferenceMonth: t, Source: schemas.SourceCombined, Estimator: "composite", Value: &value, StdError: &stdErr}})
	}
	return rows
}

func inMigrants(region string, year int, n float64) schemas.Total {
	return schemas.Total{Statistic: "in_migrants", RegionCode: region, PeriodStart: day(year, 1, 1), PeriodEnd: day(year, 12, 31), OriginCode: "27000", Value: n}
}

// answers are so many answers at the counter on the same day.
func answers(n int, on schemas.Date, related bool, since *schemas.Date) []Mover {
	var all []Mover
	for range n {
		all = append(all, Mover{Source: "counter", Record: schemas.RecordCounterSurvey, Region: "30401", Origin: "27000", MovedOn: on, RelatedBefore: &related, RelatedSince: since,
			TellsPerson: true, FirstRecord: true})
	}
	return all
}

func find[T any](t *testing.T, rows []disclose.Counted[T], is func(T) bool) disclose.Counted[T] {
	t.Helper()
	i := slices.IndexFunc(rows, func(c disclose.Counted[T]) bool { return is(c.Row) })
	if i < 0 {
		t.Fatal("there is no such row")
	}
	return rows[i]
}

func conversionOf(estimator, region string, horizon int32) func(schemas.MigrationConversion) bool {
	return func(r schemas.MigrationConversion) bool {
		return r.Estimator == estimator && r.RegionCode == region && r.HorizonMonths == horizon
	}
}

// In 2024 and 2025 200 people a year move in from Osaka and 50 a year answer: each stands for four.
// Of the 50 of the 12 months to July 2025, 20 were related, 5 of them only since the half
// year before, 8 only after July 2024. The population is 2,000:
//
//	related at the start      12 · 4 / 2000 = 0.024
//	related before the move   20 · 4 / 2000 = 0.04 a person-year: 1 − exp(−0.04)
//	not only of late          15 · 4 / 2000 = 0.03: 1 − exp(−0.03)
//
// By subtraction the second tells of 8 (20 − 12) and the third of 3 (15 − 12): they rest on no more.
//
//	everybody                 200 / 2000 = 0.1: 1 − exp(−0.1)
func TestRetrospectiveByHand(t *testing.T) {
	f := frame(day(2025, 7, 31), 13)
	autumn, spring := day(2024, 11, 20), day(2025, 4, 10)
	movers := slices.Concat(
		answers(25, day(2024, 1, 20), true, ptr(day(2020, 1, 31))), // before the span
		answers(15, autumn, false, nil), answers(10, autumn, true, ptr(day(2023, 5, 31))),
		answers(15, spring, false, nil), answers(2, spring, true, ptr(day(2024, 7, 31))), answers(3, spring, true, ptr(day(2024, 9, 30))), answers(5, spring, true, ptr(day(2025, 1, 31))),
		answers(25, day(2025, 7, 31).AddMonths(0), false, nil)[:0])
	totals := []schemas.Total{inMigrants("30401", 2024, 200), inMigrants("30401", 2025, 100)}
	rows := Retrospective(f, movers, totals, population(f, "30401", 2000, 100))
	for _, want := range []struct {
		estimator string
		value     float64
		persons   int64
	}{
		{"related_at_start", 12 * 4. / 2000, 12},
		{"related_before_move", -math.Expm1(-20 * 4. / 2000), 8},
		{"without_last_half_year", -math.Expm1(-15 * 4. / 2000), 3},
		{"all_in_migrants", -math.Expm1(-(5*200./12 + 7*100./12) / 2000), 400},
	} {
		c := find(t, rows, conversionOf(want.estimator, "30401", 12))
		if c.Row.Value == nil || math.Abs(*c.Row.Value-want.value) > 1e-12 || c.Persons != want.persons {
			t.Errorf("%s: %+v of %d persons, want %v of %d", want.estimator, c.Row.Value, c.Persons, want.value, want.persons)
			continue
		}
		if *c.Row.CILow >= want.value || *c.Row.CIHigh <= want.value || *c.Row.StdError <= 0 {
			t.Errorf("%s: %v in %v to %v, error %v", want.estimator, want.value, *c.Row.CILow, *c.Row.CIHigh, *c.Row.StdError)
		}
		if from := day(2024, 7, 31); *c.Row.FromDay != from || c.Row.Cohort != 2024 {
			t.Errorf("%s: from %v, cohort %d", want.estimator, c.Row.FromDay, c.Row.Cohort)
		}
	}
	// Relative error of the first, by hand: v(x) = Σ 4·3·n²/(n−1)·p̃(1−p̃), p̃ = (x+½)/(n+1), of
	// n = 50 and 25 answers to moves of 2024 and 2025, x = 10 and 2.
	v := 4*3*50*50/49.*(10.5/51)*(40.5/51) + 4*3*25*25/24.*(2.5/26)*(23.5/26)
	share := 48.5 / 201 // smoothed, of 200 people
	size := share * (1 - share) / (v / 200 / 200)
	p := 48 / 200.
	cv := math.Sqrt((1-p)/(size*p) + 0.05*0.05)
	if got := find(t, rows, conversionOf("related_at_start", "30401", 12)).Row; math.Abs(*got.StdError / *got.Value - cv) > 1e-9 {
		t.Errorf("relative error %v, by hand %v", *got.StdError / *got.Value, cv)
	}
	if far := find(t, rows, conversionOf("related_at_start", "30401", 24)); far.Row.ObsStatus != schemas.NotEstimable || far.Row.Value != nil {
		t.Errorf("of 24 months, of which 12 are known: %+v", far.Row)
	}
	if other := find(t, rows, conversionOf("related_at_start", "30206", 12)); other.Row.ObsStatus != schemas.NotEstimable {
		t.Errorf("of a region without answers: %+v", other.Row)
	}
}

// Nobody of those asked was related: the value is 0 with an upper end, never a missing one.
func TestRetrospectiveOfNobody(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	movers := slices.Concat(answers(1, day(2023, 12, 5), false, nil), answers(30, day(2024, 6, 1), false, nil))
	rows := Retrospective(f, movers, []schemas.Total{inMigrants("30401", 2023, 60), inMigrants("30401", 2024, 60)}, population(f, "30401", 500, 50))
	c := find(t, rows, conversionOf("related_at_start", "30401", 12))
	if c.Row.Value == nil || *c.Row.Value != 0 || *c.Row.CILow != 0 || *c.Row.CIHigh <= 0 || *c.Row.CIHigh > 0.05 || c.Persons != 0 {
		t.Errorf("%+v of %d persons", c.Row, c.Persons)
	}
}

// Who does not say since when leaves open who was related at the start.
func TestRetrospectiveNeedsWhatItAsks(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	movers := slices.Concat(answers(1, day(2023, 12, 5), false, nil), answers(20, day(2024, 6, 1), true, nil), answers(20, day(2024, 6, 1), false, nil))
	totals := []schemas.Total{inMigrants("30401", 2023, 60), inMigrants("30401", 2024, 60)}
	rows := Retrospective(f, movers, totals, population(f, "30401", 500, 50))
	for estimator, estimable := range map[string]bool{"related_at_start": false, "without_last_half_year": false, "related_before_move": true, "all_in_migrants": true} {
		if got := find(t, rows, conversionOf(estimator, "30401", 12)).Row.ObsStatus != schemas.NotEstimable; got != estimable {
			t.Errorf("%s: estimable %t, want %t", estimator, got, estimable)
		}
	}
	for _, c := range Retrospective(f, movers, nil, population(f, "30401", 500, 50)) {
		if c.Row.Value != nil {
			t.Errorf("without registered in-migrants: %+v", c.Row)
		}
	}
	for _, c := range Retrospective(f, movers, totals, nil) {
		if c.Row.Value != nil {
			t.Errorf("without a population: %+v", c.Row)
		}
	}
}

// Of 20 who were related 15 say since when, 12 of these since early enough: 16 of the 20. The total of
// 2024 is not out: an answer stands for as many as one of 2023, 60/30.
func TestRetrospectiveFillsIn(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	movers := slices.Concat(answers(30, day(2023, 1, 5), false, nil), answers(12, day(2024, 6, 1), true, ptr(day(2020, 1, 31))), answers(3, day(2024, 6, 1), true, ptr(day(2024, 5, 31))),
		answers(5, day(2024, 6, 1), true, nil), answers(20, day(2024, 6, 1), false, nil))
	rows := Retrospective(f, movers, []schemas.Total{inMigrants("30401", 2023, 60)}, population(f, "30401", 500, 50))
	if got := find(t, rows, conversionOf("related_at_start", "30401", 12)); math.Abs(*got.Row.Value-2*16./500) > 1e-12 {
		t.Errorf("%v, want %v", *got.Row.Value, 2*16./500)
	}
}

// A survey begins in April 2024: of 240 registered in the year 180 may have answered, and 30 did, 10
// of them related: each stands for six. Five answers from April on may as well be of a survey
// that began in January, (9/12)^5 = 0.24, and stand for 48 each; a source without a say in this
// region changes nothing.
func TestRetrospectiveOfASurveyThatBegins(t *testing.T) {
	f := frame(day(2025, 3, 31), 13)
	totals := []schemas.Total{inMigrants("30401", 2024, 240)}
	since := ptr(day(2020, 1, 31))
	elsewhere := answers(40, day(2024, 1, 5), false, nil)
	for i := range elsewhere {
		elsewhere[i].Source, elsewhere[i].Region = "another counter", "30206"
	}
	for _, c := range []struct {
		name             string
		related, neither int
		value            float64
	}{{"many", 10, 20, 10 * 6. / 5000}, {"few", 2, 3, 2 * 48. / 5000}} {
		movers := slices.Concat(elsewhere, answers(c.related, day(2024, 4, 5), true, since), answers(c.neither, day(2024, 9, 1), false, nil))
		rows := Retrospective(f, movers, totals, population(f, "30401", 5000, 50))
		if got := find(t, rows, conversionOf("related_at_start", "30401", 12)); got.Row.Value == nil || math.Abs(*got.Row.Value-c.value) > 1e-12 {
			t.Errorf("%s: %+v, want %v", c.name, got.Row, c.value)
		}
	}
}

// The registered totals: all other prefectures, one by one, or by age; never the own, never by sex.
func TestRegister(t *testing.T) {
	total := func(origin, class string, n float64) schemas.Total {
		r := inMigrants("30401", 2024, n)
		r.OriginCode, r.Breakdown = origin, class
		return r
	}
	half := inMigrants("30401", 2024, 999)
	half.PeriodEnd = day(2024, 6, 30)
	for _, c := range []struct {
		name   string
		totals []schemas.Total
		want   float64
	}{
		{"by prefecture", []schemas.Total{total("27000", "", 30), total("13000", "", 20), total("30000", "", 500), total("all", "", 550), total("abroad", "", 9), total("00000", "", 550)}, 50},
		{"by age", []schemas.Total{total("27000", "18-29", 10), total("27000", "30-44", 5), total("27000", "female", 8), total("27000", "male/18-29", 4)}, 15},
		{"all other prefectures", []schemas.Total{total("other_prefecture", "", 70), total("27000", "", 30)}, 70},
		{"of half a year", []schemas.Total{half}, 0},
		{"without origins", []schemas.Total{total("all", "", 550)}, 0},
	} {
		if got := register(c.totals)[regionYear{"30401", 2024}]; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// entry is a person who became related on 1 April 2022 and was last seen in 2024.
func entry(region string) Entry {
	return Entry{Region: region, Origin: "27000", EnteredOn: day(2022, 4, 1), Trips: 2, LastSeen: day(2024, 12, 1)}
}

// Of 40 who became related on one day, 10 move in 100 days later, 10 are seen to live
// elsewhere 200 days later, and 20 are followed for three years: 10/40 have moved in by
// 12 months. Lapses are none.
func TestProspectiveByHand(t *testing.T) {
	f := frame(day(2025, 3, 31), 1)
	var entries []Entry
	for i := range 40 {
		e := entry("30401")
		switch {
		case i < 5:
			e.MovedOn = ptr(e.EnteredOn + 100)
		case i < 10:
			e.ResidentOn = ptr(e.EnteredOn + 100)
		case i < 20:
			e.ElsewhereOn = ptr(e.EnteredOn + 200)
		}
		entries = append(entries, e)
	}
	rows, curve, err := Prospective(f, entries, map[string]Seeing{"30000": {Since: day(2020, 1, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	in := func(end string, months int32) disclose.Counted[schemas.ConversionCurve] {
		return find(t, curve, func(r schemas.ConversionCurve) bool {
			return r.RegionCode == "30401" && r.Cohort == 2022 && r.End == end && r.Months == months && r.Estimator == "aalen_johansen_detected"
		})
	}
	for _, c := range []struct {
		end     string
		months  int32
		value   float64
		persons int64
	}{
		{schemas.EndMigrated, 3, 0, 0}, {schemas.EndMigrated, 6, 0.25, 10}, {schemas.EndMigrated, 12, 0.25, 0}, {schemas.EndMoved, 12, 0.25, 0}, {schemas.EndLapsed, 24, 0, 0},
	} {
		if got := in(c.end, c.months); got.Row.Value == nil || math.Abs(*got.Row.Value-c.value) > 1e-12 || got.Persons != c.persons {
			t.Errorf("%s by %d months: %v of %d persons, want %v of %d", c.end, c.months, got.Row.Value, got.Persons, c.value, c.persons)
		}
	}
	followed := find(t, rows, conversionOf("complete_follow_up", "30401", 24))
	if *followed.Row.Value != 0.25 || math.Abs(*followed.Row.CILow-0.1419) > 1e-4 || math.Abs(*followed.Row.CIHigh-0.4019) > 1e-4 { // Wilson of 10 in 40
		t.Errorf("followed 24 months: %+v", followed.Row)
	}
	for _, c := range rows {
		if c.Row.Estimator == "aalen_johansen_corrected" && c.Row.Value != nil {
			t.Errorf("corrected by a capture that nothing tells: %+v", c.Row)
		}
		for _, v := range []*float64{c.Row.Value, c.Row.StdError, c.Row.CILow, c.Row.CIHigh} {
			if v != nil && (math.IsNaN(*v) || *v < 0 || *v > 1) {
				t.Errorf("%+v", c.Row)
			}
		}
	}
}

// A record shows 0.5 of the moves: what is seen is doubled.
func TestProspectiveCorrectsForCapture(t *testing.T) {
	f := frame(day(2025, 3, 31), 1)
	var entries []Entry
	for i := range 100 {
		e := entry("30000")
		if i < 10 {
			e.MovedOn = ptr(e.EnteredOn + 100)
		}
		entries = append(entries, e)
	}
	rows, _, err := Prospective(f, entries, map[string]Seeing{"30000": {Since: day(2020, 1, 1), Moves: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, rows, conversionOf("aalen_johansen_corrected", "30000", 12)).Row; math.Abs(*got.Value-0.2) > 1e-12 {
		t.Errorf("corrected %v, want 0.2", *got.Value)
	}
	if got := find(t, rows, conversionOf("aalen_johansen_detected", "30000", 12)).Row; math.Abs(*got.Value-0.1) > 1e-12 {
		t.Errorf("detected %v, want 0.1", *got.Value)
	}
}

// Last seen on 10 March 2022, a relation has lapsed on 10 March 2024; on 29 February, there being no such
// day after two years, on the 28th.
func TestLapse(t *testing.T) {
	for _, c := range []struct{ seen, asOf, want schemas.Date }{
		{day(2022, 3, 10), day(2024, 3, 10), day(2024, 3, 10)}, {day(2022, 3, 10), day(2024, 3, 9), 0}, {day(2024, 2, 29), day(2026, 3, 31), day(2026, 2, 28)},
		{day(2022, 2, 28), day(2026, 3, 31), day(2024, 2, 28)},
	} {
		if got := (Entry{LastSeen: c.seen}).lapse(c.asOf); (got == nil) != (c.want == 0) || got != nil && *got != c.want {
			t.Errorf("seen on %v: lapsed on %v, want %v", c.seen, got, c.want)
		}
	}
}

// Whoever enters before moves are recorded is at risk from then on; one person, nobody, and
// moves before the records change nothing and break nothing.
func TestProspectiveOfFew(t *testing.T) {
	f := frame(day(2025, 3, 31), 1)
	for name, entries := range map[string][]Entry{"nobody": nil, "one": {entry("30401")}, "after the records": {entry("30401"), entry("30000")}} {
		rows, curve, err := Prospective(f, entries, map[string]Seeing{"30000": {Since: day(2025, 3, 31), Moves: 0.3}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, c := range curve {
			if c.Row.Value != nil {
				t.Errorf("%s: a curve of fewer than ten at risk: %+v", name, c.Row)
			}
		}
		for _, c := range rows {
			if c.Row.Value != nil && c.Row.Estimator != "beta_binomial" {
				t.Errorf("%s: %+v", name, c.Row)
			}
		}
	}
}

// Records begin in May, so that of 300 registered in the year 200 could have one: 60 have one of
// their own, linked in 9 of 10: 0.27.
func TestSee(t *testing.T) {
	f := frame(day(2024, 12, 31), 1)
	movers := answers(60, day(2024, 5, 1), false, nil)
	again := answers(5, day(2024, 6, 1), false, nil) // a second record of the same persons
	for i := range again {
		again[i].FirstRecord = false
	}
	s := See(f, "30000", append(movers, again...), []schemas.Total{inMigrants("30000", 2024, 300)}, Link{0.9, 0.03})
	want := math.Hypot(0.3*0.03, 0.9*math.Sqrt(0.3*0.7/200))
	if math.Abs(s.Moves-0.27) > 1e-12 || math.Abs(s.MovesErr-want) > 1e-12 || s.Since != day(2024, 5, 1) {
		t.Errorf("%+v, want 0.27 ± %v since 1 May", s, want)
	}
	if none := See(f, "30000", nil, nil, Link{P: 1}); none.Moves != 0 {
		t.Errorf("without records: %+v", none)
	}
}

// Records, what they tell, and where they contradict the bookings.
func TestSources(t *testing.T) {
	f := frame(day(2024, 12, 31), 1)
	movers := slices.Concat(answers(20, day(2024, 5, 1), true, nil), answers(20, day(2024, 5, 1), false, nil))
	for i := range 10 {
		movers[20+i].TripsBefore = 3 // says "not related", and is seen three times
	}
	movers[0].Contradicted = true
	movers = append(movers, Mover{Record: schemas.RecordCounterSurvey, Region: "30401", Origin: "30000", MovedOn: day(2024, 5, 1)}) // from the own prefecture
	rows := Sources(f, movers, []Entry{{Region: "30401", ResidentOn: ptr(day(2024, 3, 1))}}, []schemas.Total{inMigrants("30401", 2024, 80)})
	for _, c := range []struct {
		statistic string
		value     float64
		persons   int64
	}{
		{"moves", 40, 40}, {"detection", 0.5, 40}, {"related_before", 0.5, 20}, {"unrelated_but_seen", 0.5, 10}, {"seen_before", 0.25, 10}, {"contradicted", 1. / 40, 1},
		{"tells_a_person", 1, 0},
	} {
		got := find(t, rows, func(r schemas.MigrationSource) bool {
			return r.RegionCode == "30401" && r.Record == schemas.RecordCounterSurvey && r.Statistic == c.statistic
		})
		if *got.Row.Value != c.value || got.Persons != c.persons {
			t.Errorf("%s: %v of %d, want %v of %d", c.statistic, *got.Row.Value, got.Persons, c.value, c.persons)
		}
	}
	find(t, rows, func(r schemas.MigrationSource) bool { return r.Record == RecordOfficial && *r.Value == 80 })
	find(t, rows, func(r schemas.MigrationSource) bool {
		return r.Record == RecordBookings && r.RegionCode == "30401" && *r.Value == 1
	})
}

// 10 % of 2,000 are 200 converts where 50 moved in: certain. 3 % of 2,000 are 60: a warning, for the
// lower end is below 50; and so are 80 of which at least 58 seem certain, as a year in which 65.9 are
// expected has 50 or fewer in one of 40. 2 % of 2,000 are 40.
func TestCheck(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	for _, c := range []struct {
		value, low     float64
		found, certain bool
	}{{0.1, 0.08, true, true}, {0.03, 0.015, true, false}, {0.04, 0.032, true, false}, {0.02, 0.01, false, false}} {
		row := schemas.MigrationConversion{Estimand: schemas.Prospective, RegionCode: "30401", HorizonMonths: 12, Estimator: "aalen_johansen_corrected", Value: &c.value, CILow: &c.low}
		found := Check(f, []disclose.Counted[schemas.MigrationConversion]{{Row: row}}, []schemas.Total{inMigrants("30401", 2024, 50)}, population(f, "30401", 2000, 100))
		if (len(found) == 1) != c.found || c.found && found[0].Certain() != c.certain {
			t.Errorf("%v: %+v", c.value, found)
		}
	}
}

func TestFiscalYear(t *testing.T) {
	for on, want := range map[schemas.Date]int32{day(2024, 3, 31): 2023, day(2024, 4, 1): 2024, day(2024, 12, 31): 2024, day(2025, 1, 1): 2024} {
		if got := FiscalYear(on); got != want {
			t.Errorf("FiscalYear(%v) = %d, want %d", on, got, want)
		}
	}
}
