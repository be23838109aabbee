package convert

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

func part(origin, class string) func(schemas.MigrationConversion) bool {
	return func(r schemas.MigrationConversion) bool {
		return r.OriginCode == origin && r.AgeClass == class && r.RegionCode == "30401" && r.Estimator == "related_before_move"
	}
}

// from sets where movers come from, and their year of birth.
func from(movers []Mover, origin string, born int32) []Mover {
	for i := range movers {
		movers[i].Origin, movers[i].BirthYear = origin, &born
	}
	return movers
}

// In 2024 200 move in from Osaka, 150 of them 30 to 44 years old, and 100 from Tokyo. 30 of 50 answers
// from Osaka were related, 10 of 40 from Tokyo; of the related population, 2,000 ± 5 %, 60 ± 3 % live
// in Osaka:
//
//	Osaka  200 · 30/50 ÷ 1200 = 0.1 a person-year, cv² = v(x) + 0.05² + 0.05²
//
// All answers from Osaka are of the class 30-44, those from Tokyo of 45-59, of which the totals have a part
// alone: no registered. Of 60+ nobody answers.
func TestPartsByHand(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	june := day(2024, 6, 10)
	movers := slices.Concat(from(slices.Concat(answers(30, june, true, nil), answers(20, june, false, nil)), "27000", 1984),
		from(slices.Concat(answers(10, june, true, nil), answers(30, june, false, nil), answers(1, day(2024, 1, 2), false, nil)), "13000", 1970))
	osaka, older, tokyo := inMigrants("30401", 2024, 150), inMigrants("30401", 2024, 50), inMigrants("30401", 2024, 100)
	osaka.Breakdown, older.Breakdown, tokyo.OriginCode, tokyo.Breakdown = "30-44", "45-54", "13000", "45-54"
	senior := inMigrants("30401", 2024, 7)
	senior.OriginCode, senior.Breakdown = "28000", "60+"
	parts := []Part{{"30401", "13000", schemas.All, 0.2, 0.02, 30}, {"30401", "27000", schemas.All, 0.6, 0.03, 15}, {"30401", "28000", schemas.All, 0.1, 0.02, 9},
		{"30401", schemas.All, "30-44", 0.5, 0.025, 80}, {"30401", schemas.All, "45-59", 0.3, 0.025, 80}, {"30401", schemas.All, "60+", 0.2, 0.025, 80}}
	rows := RetrospectiveBy(f, movers, []schemas.Total{osaka, older, tokyo, senior}, population(f, "30401", 2000, 100), parts)

	got := find(t, rows, part("27000", schemas.All))
	rate := 200 * 30 / 50. / 1200
	if got.Row.Value == nil || math.Abs(*got.Row.Value - -math.Expm1(-rate)) > 1e-12 || got.Persons != 15 {
		t.Errorf("Osaka %v of %d, want 1 − exp(−%v) of the 15 who tell the share", *got.Row.Value, got.Persons, rate)
	}
	p := 30.5 / 51
	v := 4 * 3 * 50 * 50 / 49. * p * (1 - p) / (200 * 200)
	smooth := 120.5 / 201 // of which the size of the sample is told
	cv := math.Sqrt(0.4/(smooth*(1-smooth)/v*0.6) + 0.05*0.05 + 0.05*0.05)
	if want := rate * cv * math.Exp(-rate); math.Abs(*got.Row.StdError/want-1) > 1e-9 {
		t.Errorf("error %v, by hand %v", *got.Row.StdError, want)
	}
	// Tokyo's ten related are as many as a figure may rest on.
	if got := find(t, rows, part("13000", schemas.All)); got.Row.Value == nil || math.Abs(*got.Row.Value - -math.Expm1(-100*10/41./400)) > 1e-12 || got.Persons != 10 {
		t.Errorf("Tokyo %+v of %d", got.Row, got.Persons)
	}
	if slices.ContainsFunc(rows, func(c disclose.Counted[schemas.MigrationConversion]) bool { return c.Row.OriginCode == "28000" }) {
		t.Error("a share told by nine has rows")
	}
	if got := find(t, rows, part(schemas.All, "30-44")); got.Row.Value == nil || math.Abs(*got.Row.Value - -math.Expm1(-150*30/50./1000)) > 1e-12 {
		t.Errorf("30 to 44: %+v", got.Row)
	}
	for class, reason := range map[string]string{"45-59": schemas.NoRegistered, "60+": schemas.NoAnswers} {
		if got := find(t, rows, part(schemas.All, class)); got.Row.ObsStatus != schemas.NotEstimable || got.Row.Reason != reason || got.Row.Value != nil {
			t.Errorf("%s: %+v, want %s", class, got.Row, reason)
		}
	}
}

// Of 40 related and 40 others 30 and 30 come from Osaka, five and five from Tokyo: who has the figure of
// everybody and that of Osaka would have what Tokyo's and the rest, fewer than the threshold each, share.
// With eleven each from Tokyo there is nothing to learn of a rest of none.
func TestPartsDoNotTellTheRest(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	june := day(2024, 6, 10)
	both := func(n int, origin string) []Mover {
		return from(slices.Concat(answers(n, june, true, nil), answers(n, june, false, nil)), origin, 1984)
	}
	tokyo := inMigrants("30401", 2024, 90)
	tokyo.OriginCode = "13000"
	totals := []schemas.Total{inMigrants("30401", 2024, 200), tokyo}
	parts := []Part{{"30401", "13000", schemas.All, 0.4, 0.02, 30}, {"30401", "27000", schemas.All, 0.6, 0.03, 90}}
	shown := func(movers []Mover) (of []string) {
		for _, c := range RetrospectiveBy(f, movers, totals, population(f, "30401", 2000, 100), parts) {
			if c.Row.Estimator == "related_before_move" && c.Row.RegionCode == "30401" && c.Row.Value != nil && c.Persons >= f.Least {
				of = append(of, c.Row.OriginCode)
			}
		}
		return of
	}
	for _, c := range []struct {
		movers []Mover
		want   []string
	}{
		{slices.Concat(both(30, "27000"), both(5, "13000"), both(5, "14000")), []string{"27000"}},
		{slices.Concat(both(30, "27000"), both(5, "13000")), nil},
		{slices.Concat(both(30, "27000"), both(11, "13000")), []string{"13000", "27000"}},
		{slices.Concat(both(30, "27000"), both(11, "13000"), both(5, "14000")), []string{"27000"}},
	} {
		if got := shown(c.movers); !slices.Equal(got, c.want) {
			t.Errorf("%d answers: %v are shown, want %v", len(c.movers), got, c.want)
		}
	}
}

// Of 2,000 ± 100 persons estimated from bookings 500 ± 40 live in Osaka: a quarter, with a relative
// error of √(0.08² − 0.05²). Earlier months are not looked at, not even for those from Nara, of whom the last tells nothing.
func TestOriginPartsOfBookings(t *testing.T) {
	f := frame(day(2024, 12, 31), 2)
	var whole []disclose.Counted[schemas.RelationalPopulation]
	for _, c := range population(f, "30401", 2000, 100) {
		c.Row.Measure, c.Row.Source, c.Row.Estimator = schemas.Persons, schemas.SourceBooking, estimate.Thinned
		whole = append(whole, c)
	}
	flow := func(origin string, month schemas.Date, n float64) disclose.Counted[schemas.OriginDestination] {
		return disclose.Counted[schemas.OriginDestination]{Persons: 40, Row: schemas.OriginDestination{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			OriginCode: origin, ReferenceMonth: month, Source: schemas.SourceBooking, Estimator: estimate.Thinned, Value: &n, StdError: ptr(n * 0.08)}}
	}
	got := OriginParts(f, []disclose.Counted[schemas.OriginDestination]{
		flow("27000", day(2024, 11, 30), 900), flow("29000", day(2024, 11, 30), 300), flow("27000", day(2024, 12, 31), 500)}, whole)
	want := 0.25 * math.Sqrt(0.08*0.08-0.05*0.05)
	if len(got) != 1 || got[0].Share != 0.25 || math.Abs(got[0].StdErr-want) > 1e-12 || got[0].Persons != 40 || got[0].AgeClass != schemas.All {
		t.Errorf("%+v, want a quarter ± %v", got, want)
	}
}

// Age classes of totals fill a class, or do not.
func TestAgesThatFillAClass(t *testing.T) {
	class, last := schemas.AgeClasses[1], schemas.AgeClasses[3]
	for _, c := range []struct {
		class schemas.AgeClass
		spans []schemas.AgeClass
		want  bool
	}{
		{class, []schemas.AgeClass{{Low: 35, High: 39}, {Low: 30, High: 34}, {Low: 40, High: 44}, {Low: 30, High: 34}}, true},
		{class, []schemas.AgeClass{{Low: 30, High: 34}, {Low: 40, High: 44}}, false},
		{class, []schemas.AgeClass{{Low: 30, High: 39}, {Low: 35, High: 44}}, false},
		{class, nil, false},
		{last, []schemas.AgeClass{{Low: 60, High: 74}, {Low: 75, High: math.MaxInt}}, true},
		{last, []schemas.AgeClass{{Low: 60, High: 74}}, false},
	} {
		if got := filledBy(c.class, c.spans); got != c.want {
			t.Errorf("%s of %v: %v", c.class.Name, c.spans, got)
		}
	}
}

// Whatever few movers, parts and members there are: a figure within its interval, or none and a reason.
func TestPartsOfFew(t *testing.T) {
	f := frame(day(2024, 12, 31), 13)
	rapid.Check(t, func(rt *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(rt, name) }
		movers := slices.Concat(from(answers(n("related", 3), day(2024, 6, 10), true, ptr(day(2022, 1, 31))), "27000", 1984), from(answers(n("others", 3), day(2024, 3, 10), false, nil), "27000", 1984),
			from(answers(n("elsewhere", 2), day(2024, 6, 10), true, nil), "13000", 2010))
		var totals []schemas.Total
		if n("registered", 2) > 0 {
			totals = append(totals, inMigrants("30401", 2024, float64(n("in-migrants", 20))))
			totals[0].Breakdown = "30-44"
		}
		share := rapid.SampledFrom([]float64{0, 1e-9, 0.5, 1}).Draw(rt, "share")
		parts := []Part{{"30401", "27000", schemas.All, share, share / 2, int64(n("persons", 20))}, {"30401", schemas.All, "30-44", share, 0, 10}, {"30401", schemas.All, "60+", share, 0, 10}}
		rows := RetrospectiveBy(f, movers, totals, population(f, "30401", 20, 3), parts)
		var members []Member
		for i := range n("members", 24) {
			m := Member{Region: "30401", Number: int64(i % 12), EnteredOn: day(2022, 9, 1), EndedOn: day(2022, 9, 1) + schemas.Date(1+n("days", 800)), Weight: rapid.SampledFrom([]float64{0, 1, 1e6}).Draw(rt, "weight"), End: int32(n("end", 2))}
			members = append(members, m)
		}
		followed, err := Surveyed(f, members)
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range slices.Concat(rows, followed) {
			r := c.Row
			if r.Value == nil {
				if r.Reason == "" || r.ObsStatus != schemas.NotEstimable || r.CILow != nil || c.Persons != 0 {
					rt.Fatalf("no figure: %+v", r)
				}
				continue
			}
			if r.Reason != "" || !(0 <= *r.CILow && *r.CILow <= *r.Value && *r.Value <= *r.CIHigh && *r.CIHigh <= 1 && *r.StdError >= 0) {
				rt.Fatalf("%v ± %v in %v to %v: %+v", *r.Value, *r.StdError, *r.CILow, *r.CIHigh, r)
			}
		}
	})
}
