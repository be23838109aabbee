package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/transforms/visit"
)

// Bookings of arrivals in May 2025 (month 24304), of two guests for two nights unless told:
//
//	1 made in March, cancelled in June by a row of its own: 1 in March, −1 in June
//	2 made in May for two, changed in June to three nights and July: what stood is taken from May, and July has it
//	3 one row, cancelled, made in April, cancelled in May: both
//	4 a row without a number and without a day: not known when
//	5 the same row in two files: once
//	6 cancelled, without a day of it: nothing
func TestArrivalsFollowBookingsThroughTheirChanges(t *testing.T) {
	ctx := context.Background()
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := d.exec(ctx, storeDDL, dataset("booking").DDL("booking"), "INSERT INTO places VALUES ('30299', DATE '1970-01-01', DATE '2999-12-31', '30201', false)",
		"INSERT INTO delivered (delivery, source, file) VALUES ('x', 's', 'a.csv'), ('y', 's', 'b.csv')"); err != nil {
		t.Fatal(err)
	}
	line := 0
	row := func(delivery, booking, status, booked, event, in, out string) {
		line++
		quoted := func(s string) string {
			if s == "" {
				return "NULL"
			}
			return literal(s)
		}
		err := d.exec(ctx, fmt.Sprintf(`INSERT INTO booking (source, delivery, line, booking, status, booked_on, event_at, check_in, check_out, facility, region_code, adults, platform, purposes, age_class, residence_code, postcode, origin_country, name_dated)
			VALUES ('s', %s, %d, %s, %s, CAST(%s AS DATE), CAST(%s AS TIMESTAMP), CAST(%s AS DATE), CAST(%s AS DATE), 'inn', '30299', 2, '', 0, '', '13000', '', '', false)`,
			literal(delivery), line, quoted(booking), literal(status), quoted(booked), quoted(event), literal(in), literal(out)))
		if err != nil {
			t.Fatal(err)
		}
	}
	const in, out = "2025-05-10", "2025-05-12"
	row("x", "1", "booked", "2025-03-01", "2025-03-01 09:00:00", in, out)
	row("y", "1", "cancelled", "2025-03-01", "2025-06-02 09:00:00", in, out)
	row("x", "2", "booked", "2025-05-01", "2025-05-01 09:00:00", in, out)
	row("y", "2", "changed", "2025-05-01", "2025-06-03 09:00:00", "2025-07-10", "2025-07-13")
	row("x", "3", "cancelled", "2025-04-01", "2025-05-02 09:00:00", in, out)
	row("x", "", "booked", "", "", in, out)
	row("x", "5", "booked", "2025-05-05", "2025-05-05 09:00:00", in, out)
	row("y", "5", "booked", "2025-05-05", "2025-05-05 09:00:00", in, out)
	row("x", "6", "cancelled", "2025-05-06", "", in, out)
	want := []string{
		"30000 inn 24304 24302 1 4",   // March: 1
		"30000 inn 24304 24303 1 4",   // April: 3
		"30000 inn 24304 24304 1 4",   // May: 2 and 5 come, 3 goes
		"30000 inn 24304 24305 -2 -8", // June: 1 and 2 go
		"30000 inn 24304 never 1 4",   // 4
		"30000 inn 24306 24305 1 6",   // July, known in June: 2
	}
	var got []string
	for scan, err := range d.rows(ctx, "SELECT region_code, facility, stay_month, known_month, bookings, guest_nights FROM ("+visit.Arrivals+") ORDER BY ALL") {
		var region, facility string
		var stay int32
		var known sql.NullInt32
		var bookings, nights int64
		if err == nil {
			err = scan(&region, &facility, &stay, &known, &bookings, &nights)
		}
		if err != nil {
			t.Fatal(err)
		}
		month := "never"
		if known.Valid {
			month = fmt.Sprint(known.Int32)
		}
		got = append(got, fmt.Sprintf("%s %s %d %s %d %d", region, facility, stay, month, bookings, nights))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrivals (-want +got):\n%s", diff)
	}
	// The class of ages that any event of a booking tells goes with its stay, the latest first.
	if err := d.exec(ctx, "UPDATE booking SET age_class = '30-44' WHERE booking = 2 AND delivery = 'x'", "UPDATE booking SET age_class = '60+' WHERE booking = 1 AND delivery = 'x'",
		"UPDATE booking SET age_class = '18-29' WHERE booking = 1 AND delivery = 'y'", "UPDATE booking SET age_class = '45-59' WHERE booking = 3"); err != nil {
		t.Fatal(err)
	}
	ages := texts(t, d, "SELECT concat(booking, ' ', age_class) AS stay FROM ("+visit.StaysOfBookings+") ORDER BY stay")
	if diff := cmp.Diff([]string{" ", "1 18-29", "2 30-44", "3 45-59", "5 ", "6 "}, ages); diff != "" {
		t.Errorf("ages of stays (-want +got):\n%s", diff)
	}
}
