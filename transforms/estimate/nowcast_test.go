package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func arrival(facility string, stay, waited int32, bookings int64) Arrival {
	known := stay + waited
	return Arrival{Region: "30000", Facility: facility, Stay: stay, Known: &known, Bookings: bookings, GuestNights: 2 * bookings}
}

func nowcastFrame(asOf schemas.Date) Frame {
	return Frame{AsOf: asOf, Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}}
}

// Of every month 90 bookings are made by its end and 30 in the month after, of which 20 are cancelled a month later:
// 90, 120, 100, 100, 100, 100. The factors are 4/3, 5/6 and 1, without error. A month at delay 0 comes to
// 90·4/3·5/6 = 100 and is 0.9 complete, at delay 1 to 120·5/6 = 100, 1.2 complete.
func TestNowcastsByHand(t *testing.T) {
	through := month(monthEnd(2025, 9))
	var arrivals []Arrival
	for stay := through - 11; stay <= through; stay++ {
		for _, a := range []Arrival{arrival("a", stay, -2, 50), arrival("b", stay, 0, 40), arrival("c", stay, 1, 30), arrival("c", stay, 2, -20)} {
			if *a.Known <= through {
				arrivals = append(arrivals, a)
			}
		}
	}
	rows := Nowcasts(nowcastFrame(monthEnd(2025, 9)), arrivals)
	if len(rows) != 12 {
		t.Fatalf("%d rows, want six of each statistic", len(rows))
	}
	for i, c := range rows {
		r, unit := c.Row, 1.0
		if r.Statistic == "guest_nights" {
			unit = 2
		}
		known := []float64{90, 120, 100, 100, 100, 100}[r.Waited]
		if r.Month != lastDay(through-r.Waited) || r.Waited != int32(5-i%6) || float64(*r.Known) != known*unit || math.Abs(*r.Value-100*unit) > 1e-9 ||
			math.Abs(*r.Completeness-known/100) > 1e-12 || *r.StdError > 1e-9 || math.Abs(*r.CILow-100*unit) > 1e-6 || *r.Dated != 1 {
			t.Errorf("%+v (known %d, value %v, completeness %v, error %v)", r, *r.Known, *r.Value, *r.Completeness, *r.StdError)
		}
		houses := int64(3)
		if r.Waited == 0 {
			houses = 2 // nothing of the third is known yet
		}
		if float64(c.Persons) != known || c.Facilities != houses {
			t.Errorf("waited %d: rests on %d bookings and %d houses, want %v and %d", r.Waited, c.Persons, c.Facilities, known, houses)
		}
	}
	// As of a day within a month, and of an earlier month: nothing later is known.
	mid, _ := schemas.NewDate(2025, 10, 15)
	if again := Nowcasts(nowcastFrame(mid), arrivals); len(again) != 12 || again[11].Row.Month != monthEnd(2025, 9) || *again[11].Row.Value != *rows[11].Row.Value {
		t.Errorf("as of mid-October: %d rows", len(again))
	}
	if early := Nowcasts(nowcastFrame(monthEnd(2025, 8)), arrivals); early[5].Row.Month != monthEnd(2025, 8) || *early[5].Row.Known != 90 {
		t.Errorf("as of August: %+v", early[5].Row)
	}
}

// Bookings that do not tell when they became known have no part; a row then rests on the fewer of the two, and a
// prefecture of such alone has none. Four months have no complete one: known, and not estimable.
func TestNowcastsOfFewDates(t *testing.T) {
	through := month(monthEnd(2025, 9))
	undated := Arrival{Region: "30000", Facility: "z", Stay: through, Bookings: 4, GuestNights: 8}
	if rows := Nowcasts(nowcastFrame(monthEnd(2025, 9)), []Arrival{undated}); len(rows) != 0 {
		t.Errorf("of no dates: %d rows", len(rows))
	}
	all := []Arrival{undated}
	for stay := through - 3; stay <= through; stay++ {
		all = append(all, arrival("a", stay, 0, 12))
	}
	rows := Nowcasts(nowcastFrame(monthEnd(2025, 9)), all)
	if len(rows) != 8 {
		t.Fatalf("%d rows, want four months of two statistics", len(rows))
	}
	last := rows[3]
	if last.Row.ObsStatus != schemas.NotEstimable || last.Row.Value != nil || *last.Row.Known != 12 || last.Persons != 4 || last.Facilities != 1 || *last.Row.Dated != 0.75 {
		t.Errorf("%+v rests on %d bookings and %d houses", last.Row, last.Persons, last.Facilities)
	}
}

// Twice as much of everything is twice the nowcast, and the same completeness; the order of arrivals is nothing.
func TestNowcastsProperties(t *testing.T) {
	through := month(monthEnd(2025, 9))
	rapid.Check(t, func(t *rapid.T) {
		var arrivals, twice []Arrival
		for stay := through - 13; stay <= through; stay++ {
			for waited := int32(0); waited < 4 && stay+waited <= through; waited++ {
				n := rapid.Int64Range(20, 60).Draw(t, "bookings")
				arrivals = append(arrivals, arrival("a", stay, waited, n))
				twice = append([]Arrival{arrival("a", stay, waited, 2*n)}, twice...)
			}
		}
		a, b := Nowcasts(nowcastFrame(monthEnd(2025, 9)), arrivals), Nowcasts(nowcastFrame(monthEnd(2025, 9)), twice)
		for i := range a {
			x, y := a[i].Row, b[i].Row
			if math.Abs(2**x.Value-*y.Value) > 1e-6**y.Value || math.Abs(*x.Completeness-*y.Completeness) > 1e-6 || *x.CILow > *x.Value || *x.CIHigh < *x.Value {
				t.Fatalf("%+v and of twice as many %+v", x, y)
			}
		}
	})
}

// What is entered after the as-of day is in guest_nights and not in what is known: of 40 bookings, 5 that come later and 2
// of them cancelled a row rests on these 7, which the difference would give away.
func TestNowcastsRestOnWhatComesLater(t *testing.T) {
	through := month(monthEnd(2025, 9))
	var all []Arrival
	for stay := through - 11; stay <= through; stay++ {
		all = append(all, arrival("a", stay, 0, 40))
	}
	all = append(all, arrival("b", through, 1, 5), arrival("b", through, 1, -2))
	rows := Nowcasts(nowcastFrame(monthEnd(2025, 9)), all)
	for _, c := range rows {
		want, houses := int64(40), int64(1)
		if c.Row.Waited == 0 {
			want = 7 // 5 entered, 2 cancelled
		}
		if c.Persons != want || c.Facilities != houses || *c.Row.Dated != 1 {
			t.Errorf("%s, waited %d: rests on %d bookings and %d houses, want %d and %d", c.Row.Statistic, c.Row.Waited, c.Persons, c.Facilities, want, houses)
		}
	}
	if *rows[5].Row.Known != 40 || *rows[5].Row.Value != 40 {
		t.Errorf("known %d, foretold %v, want 40 of what was known", *rows[5].Row.Known, *rows[5].Row.Value)
	}
}
