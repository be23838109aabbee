package disclose_test

import (
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// Of 41 persons 20 come from 13000, 19 from 23000, and one each from 27000 and 28000. Rows by origin are there only where somebody comes from:
// of two rows without figures, 41 − 20 − 19 = 2 are one and one. So one of the others is withheld too, and the cheapest is 19. Of
// 42 with two from 28000 either may be the two.
func TestRowsThatAreThereTellOne(t *testing.T) {
	for _, c := range []struct {
		last, total int64
		shown       bool
	}{{1, 41, false}, {2, 42, true}} {
		flows := []disclose.Counted[schemas.OriginDestination]{flow("30401", "13000", 20), flow("30401", "23000", 19), flow("30401", "27000", 1), flow("30401", "28000", c.last)}
		totals := []disclose.Counted[schemas.VisitBehaviour]{behaviour("30401", c.total)}
		l := disclose.NewLinked(rule, 0, nobodyKnows)
		disclose.Link(l, "origin_destination", flows)
		disclose.Link(l, "visit_behaviour", totals)
		suppress(t, l)
		rows := disclose.Protect(flows, rule).Rows()
		if rows[0].Persons == nil || (rows[1].Persons != nil) != c.shown {
			t.Errorf("of %d: %v and %v, want 20 and the 19 shown: %t", c.total, rows[0].Persons, rows[1].Persons, c.shown)
		}
	}
}

// The attack knows it too: one and one are 53 − 51. With a row more there is more than one way.
func TestTheAttackKnowsWhichRowsAreThere(t *testing.T) {
	cube := schemas.CubeOf("person")
	for _, c := range []struct {
		origins []string
		want    int
	}{{[]string{"13000", "27000"}, 2}, {[]string{"13000"}, 1}, {[]string{"13000", "27000", "28000"}, 3}} {
		at := func(origin string, v *int64) attack.Figure {
			f := attack.Figure{Value: v, Cells: []attack.Place{{Cube: cube, Coordinates: []string{"", "persons", "prefecture", "30401", origin, "all", "all", "", "2026-03-31", "booking"}}}}
			if origin != schemas.All {
				f.Least = 1
			}
			return f
		}
		leaks := func(hidden int64) int {
			figures := []attack.Figure{at(schemas.All, n(51+hidden)), at("23000", n(51))}
			for _, o := range c.origins {
				figures = append(figures, at(o, nil))
			}
			tables, err := attack.TablesOf(figures)
			if err != nil {
				t.Fatal(err)
			}
			found, err := attack.Leaks(tables, nil, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1, Simplex: 10})
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		rows := int64(len(c.origins))
		if got := leaks(rows); got != c.want {
			t.Errorf("%d rows and as many persons: %d leaks, want %d", rows, got, c.want)
		}
		if got := leaks(rows + 1); rows > 1 && got != 0 {
			t.Errorf("%d rows and a person more: %d leaks, want none", rows, got)
		}
	}
}

// Nobody of a municipality without rows by origin: readers know the zero, which is withheld for the rule's sake alone. The pairs of the others
// and their prefecture may be shown, and the attack says nothing of it. Where a row by origin is there, the zero would be a leak if it were one.
func TestNobodyIsToldByTheAbsenceOfRows(t *testing.T) {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	for _, r := range []struct {
		region string
		n      int64
	}{{"30401", 0}, {"30402", 20}, {"30403", 30}, {"30000", 50}} {
		rows = append(rows, population(schemas.Pairs, r.region, schemas.All, r.n))
		if r.n > 0 {
			rows = append(rows, population(schemas.Pairs, r.region, "13000", r.n))
		}
	}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "relational_population", rows)
	suppress(t, l)
	cube := schemas.CubeOf("person")
	var figures []attack.Figure
	for _, row := range disclose.Protect(rows, rule).Rows() {
		if got, want := row.Value == nil, row.RegionCode == "30401"; got != want {
			t.Errorf("%s from %s withheld: %t, want %t", row.RegionCode, row.OriginCode, got, want)
		}
		f := attack.Figure{Cells: []attack.Place{{Cube: cube, Coordinates: []string{row.Definition, row.Measure, row.Outside, row.RegionCode, row.OriginCode, schemas.All, schemas.All, "", "2026-03-31", row.Source}}}}
		if row.Value != nil {
			f.Value = n(int64(*row.Value))
		}
		figures = append(figures, f)
	}
	for _, hidden := range []int{0, 1} {
		if hidden == 1 { // a row by origin of the municipality of nobody
			f := figures[0]
			f.Cells = []attack.Place{{Cube: cube, Coordinates: append([]string{}, f.Cells[0].Coordinates...)}}
			f.Cells[0].Coordinates[4] = "27000"
			figures = append(figures, f)
		}
		tables, err := attack.TablesOf(figures)
		if err != nil {
			t.Fatal(err)
		}
		found, err := attack.Leaks(tables, nil, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1, Simplex: 10})
		if err != nil || (len(found) > 0) != (hidden > 0) {
			t.Errorf("%d rows by origin: %v, %v", hidden, found, err)
		}
	}
}

// The guest-nights of a row go with its bookings. Where no other row shows them, neither may the nowcast.
func TestWhatARowLosesBesideIsWithheld(t *testing.T) {
	rows := []disclose.Counted[schemas.GuestNights]{nights("30401", schemas.All, 41), nights("30401", "13000", 20), nights("30401", "23000", 19), nights("30401", "27000", 1), nights("30401", "28000", 1)}
	rows[3].Row.GuestNights, rows[4].Row.GuestNights = n(2), n(4) // 41 bookings are 20 + 19 + 1 + 1, but 123 nights 117 + 2 + 4
	month := rows[0].Row.Month
	known := func(statistic string) disclose.Counted[schemas.Nowcast] {
		return disclose.Counted[schemas.Nowcast]{Persons: 41, Facilities: 3, Row: schemas.Nowcast{Statistic: statistic, RegionCode: "30401", Month: month, Source: schemas.SourceBooking, Observation: free}}
	}
	nowcasts := []disclose.Counted[schemas.Nowcast]{known("bookings"), known("guest_nights")}
	l := disclose.NewLinked(rule, 0, func(name string) bool { // all but the total were shown by bookings before
		return name == "booking: 30401/1970-01-31/13000/" || name == "booking: 30401/1970-01-31/23000/"
	})
	disclose.Link(l, "guest_nights", rows)
	suppress(t, l)
	if marked := disclose.Derive(l, "nowcast", nowcasts); marked != 2 {
		t.Errorf("%d rows of the nowcast go with the total, want both", marked)
	}
}

// Of 12 persons the 2 from 13000 were withheld beside 10; by now one more has a row, and the total is withheld. The figures of then are not those of
// now, though none that is shown differs.
func TestARowMoreIsARevision(t *testing.T) {
	cube := schemas.CubeOf("person")
	at := func(origin string, v *int64) attack.Figure {
		f := attack.Figure{Value: v, Cells: []attack.Place{{Cube: cube, Coordinates: []string{"", "persons", "prefecture", "30401", origin, "all", "all", "", "2026-03-31", "booking"}}}}
		if origin != schemas.All {
			f.Least = 1
		}
		return f
	}
	before, err := attack.TablesOf([]attack.Figure{at(schemas.All, n(12)), at("13000", nil), at("27000", nil)})
	if err != nil {
		t.Fatal(err)
	}
	now, err := attack.TablesOf([]attack.Figure{at(schemas.All, nil), at("13000", nil), at("27000", nil), at("28000", nil)})
	if err != nil {
		t.Fatal(err)
	}
	leaks, err := attack.Leaks(now, []attack.Earlier{{ID: "before", Tables: before}}, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1, Simplex: 10})
	if err != nil || len(leaks) > 0 {
		t.Errorf("%v, %v", leaks, err)
	}
}

// What is expected of each month is made of the bookings of all. Where those of one are withheld for another's sake, the others of the series
// would tell them.
func TestAFlagTellsTheMonthsOfItsSeries(t *testing.T) {
	rows := []disclose.Counted[schemas.GuestNights]{nights("30401", "13000", 3), nights("30401", "27000", 40), nights("30401", schemas.All, 43), nights("30402", schemas.All, 50)}
	rows[2].Facilities, rows[0].Facilities = 3, 1
	flag := func(region, statistic string, month schemas.Date) disclose.Counted[schemas.Flag] {
		return disclose.Counted[schemas.Flag]{Persons: 40, Facilities: 3, Row: schemas.Flag{Kind: "input", Source: schemas.SourceBooking, Statistic: statistic, RegionCode: region, Month: month, Observation: free}}
	}
	flags := []disclose.Counted[schemas.Flag]{flag("30401", "bookings", 400), flag("30402", "bookings", 400), flag("30401", "guest_nights", 400), flag("30402", "guest_nights", 400)}
	l := disclose.NewLinked(rule, 0, func(name string) bool {
		return name == "booking: 30401/1970-01-31/27000/" || name == "guest-night: 30401/1970-01-31/27000/"
	})
	disclose.Link(l, "guest_nights", rows)
	suppress(t, l)
	if marked := disclose.Derive(l, "flags", flags); marked != 2 {
		t.Errorf("%d rows go with the total that is withheld, want those of another month of the same region", marked)
	}
}

// The nights of covered houses over official ones in 12 months are told with the step and what it is multiplied into. Where
// those of one of the months are withheld, with the official ones of each month and eleven of the covered houses' they would be
// told; not where it is the month before these, another region, or the step is told by the list of houses.
func TestAShareOfTwelveMonthsTellsEach(t *testing.T) {
	on := func(month string) schemas.Date {
		d, err := schemas.ParseDate(month)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	row := func(region, month, step, basis string, facilities int64) disclose.Counted[schemas.Coverage] {
		r := schemas.Coverage{RegionCode: region, Month: on(month), Step: step, Basis: basis, Observation: free}
		if step == schemas.StepGuestNights {
			r.Recorded = n(300)
		}
		return disclose.Counted[schemas.Coverage]{Persons: 90, Facilities: facilities, Row: r}
	}
	for _, c := range []struct {
		hidden string
		want   int
	}{{"2024-04-30", 3}, {"2025-03-31", 3}, {"2024-03-31", 0}, {"", 0}} {
		rows := []disclose.Counted[schemas.Coverage]{
			row("30000", "2025-03-31", schemas.StepFacility, schemas.BasisOfficialNights, 5), row("30000", "2025-03-31", schemas.StepProduct, schemas.BasisProduct, 5),
			row("30000", "2025-03-31", schemas.StepDetection, schemas.BasisProduct, 5), row("30000", "2025-03-31", schemas.StepFacility, schemas.BasisFacilityFrame, 5),
			row("30000", "2025-03-31", schemas.StepDetection, schemas.BasisOfficialVisitors, 5), row("29000", "2025-03-31", schemas.StepFacility, schemas.BasisOfficialNights, 5),
		}
		for _, month := range []string{"2024-03-31", "2024-04-30", "2025-03-31"} {
			facilities := int64(5)
			if month == c.hidden {
				facilities = 2
			}
			rows = append(rows, row("30000", month, schemas.StepGuestNights, schemas.BasisOfficialNights, facilities))
		}
		l := disclose.NewLinked(rule, 0, func(string) bool { return false })
		disclose.Link(l, "coverage", rows)
		suppress(t, l)
		if marked := disclose.Derive(l, "coverage", rows); marked != c.want {
			t.Errorf("%q withheld: %d rows go with it, want %d", c.hidden, marked, c.want)
		}
	}
}

// A rate tells a withheld count whether it was published before or is now.
func TestRatesOfEarlierPublications(t *testing.T) {
	cube := schemas.CubeOf("person")
	place := attack.Place{Cube: cube, Coordinates: []string{"", "persons", "prefecture", "30401", schemas.All, "all", "all", "repeaters", "2026-03-31", "booking"}}
	for _, c := range []struct {
		name                  string
		before, now           *int64
		ratedBefore, ratedNow bool
		want                  int
	}{
		{"withheld twice, the rate was shown", nil, nil, true, false, 1},
		{"withheld twice, the rate is shown", nil, nil, false, true, 1},
		{"withheld twice, no rate", nil, nil, false, false, 0},
		{"shown by now", nil, n(20), true, false, 0},
		{"both were shown", n(20), n(20), true, true, 0},
	} {
		tables := func(v *int64, rated bool) attack.Tables {
			out, err := attack.TablesOf([]attack.Figure{{Cells: []attack.Place{place}, Value: v}})
			if err != nil {
				t.Fatal(err)
			}
			if rated {
				out.Derive([]attack.Place{place})
			}
			return out
		}
		leaks, err := attack.Leaks(tables(c.now, c.ratedNow), []attack.Earlier{{ID: "before", Tables: tables(c.before, c.ratedBefore)}},
			func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1})
		if err != nil || len(leaks) != c.want || c.want > 0 && leaks[0].By != attack.ByDerived {
			t.Errorf("%s: %v, %v; want %d", c.name, leaks, err, c.want)
		}
	}
}
