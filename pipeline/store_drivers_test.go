package pipeline

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// Both from Tokyo have a trip in Wakayama in February and April 2022 (entry on 12 April), June,
// July twice, April 2023 and May 2023, and one of December 2020, before the 12 months to entry.
// The fifth trip in 12 months is the second of July 2022; the trips of the 12 months after are
// four. Person 1 has a workation in February 2022, one in Osaka before, and one after entry.
// Person 2 has an act for the prefecture in January 2022 that says no purpose, and an earlier
// one for another purpose. For one who enters in May 2023, bookings tell no year after.
func TestEntriesTellWhatComesBeforeAndAfter(t *testing.T) {
	h := newHistory(t)
	h.do("INSERT INTO alternative VALUES ('repeat-visits', 'booking', 0, 2, 0, 30, 0, 0, 0)",
		fmt.Sprintf("INSERT INTO entry_rule VALUES ('repeat-visits', 0, %d, %d, %d)", number12("2021-04-01"), number12("2024-03-31"), schemas.Telework))
	for person := 1; person <= 2; person++ {
		h.person(person)
		for _, day := range []string{"2020-12-05", "2022-02-10", "2022-04-11", "2022-06-01", "2022-07-05", "2023-04-02", "2023-05-03"} {
			h.trip(person, "30401", "13101", day)
		}
		h.do(fmt.Sprintf("UPDATE visit_month SET trips_begun = 2, last_begun = DATE '2022-07-20', last_day = DATE '2022-07-21' WHERE person = %d AND month = %d", person, number12("2022-07-05")))
	}
	// Person 1 is known to be of a class by a stay before entry, and of another by one after it.
	h.do("UPDATE stay SET age_class = '18-29' WHERE identity = 1 AND first_day = DATE '2022-02-10'", "UPDATE stay SET age_class = '30-44' WHERE identity = 1 AND first_day = DATE '2022-06-01'")
	h.person(3)
	h.trip(3, "30206", "27100", "2023-03-01")
	h.trip(3, "30206", "27100", "2023-05-01")
	for day, region := range map[string]string{"2022-02-10": "30401", "2022-06-01": "30401", "2021-06-01": "27100"} {
		h.stay(1, region, "13101", day)
		h.do(fmt.Sprintf("UPDATE stay SET purposes = %d WHERE line = %d", schemas.Telework, h.line))
	}
	for day, purposes := range map[string]schemas.Purpose{"2022-01-05": 0, "2021-12-01": schemas.Kin} {
		h.line++
		h.do(fmt.Sprintf(`INSERT INTO act (source, delivery, line, acted_on, region_code, purposes, residence_code, postcode, origin_country, identity, name_dated)
			VALUES ('s', 'x', %d, DATE '%s', '30000', %d, '13101', '', '', 2, false)`, h.line, day, purposes))
	}
	got := texts(t, h.duck, `SELECT concat_ws(' ', region_code, origin_code, entered_on, trips, coalesce(CAST(deepened_on AS VARCHAR), '-'), coalesce(CAST(programme_on AS VARCHAR), '-'),
		coalesce(CAST(trips_year_before AS VARCHAR), '-'), coalesce(CAST(trips_year_after AS VARCHAR), '-'), age_class) AS entry FROM (`+convert.Entries+`) WHERE region_code <> '30206' ORDER BY entry`)
	want := []string{
		"30000 13000 2022-04-12 2 2022-07-21 2022-01-05 1 4 ",
		"30000 13000 2022-04-12 2 2022-07-21 2022-02-10 1 4 18-29",
		"30000 27000 2023-05-02 2 - - 0 - ",
		"30401 13000 2022-04-12 2 2022-07-21 - 1 4 ",
		"30401 13000 2022-04-12 2 2022-07-21 2022-02-10 1 4 18-29",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// On 31 March 2024 persons 1 and 2 have two trips of the 12 months, one of them begun before its first month; person 1
// moves in later, person 2 books from Kobe. Person 3 has one trip, person 4 two of 13 months; person 5 has
// moved in before. On 31 March 2023 person 1 has two, and moves in 14 months later as well.
func TestWhoIsRelatedOnALandmark(t *testing.T) {
	h := newHistory(t)
	h.do("INSERT INTO alternative VALUES ('repeat-visits', 'booking', 0, 2, 0, 0, 0, 0, 0)",
		fmt.Sprintf("INSERT INTO entry_rule VALUES ('repeat-visits', 0, %d, %d, 0)", number12("2021-04-01"), number12("2026-03-31")),
		"INSERT INTO landmark "+landmarkTable([]schemas.Date{day("2023-03-31"), day("2024-03-31")}))
	for person := 1; person <= 5; person++ {
		h.person(person)
	}
	trips := func(person int, days ...string) {
		for _, day := range days {
			h.trip(person, "30401", "27100", day)
		}
	}
	trips(1, "2022-05-10", "2023-03-31", "2023-04-02", "2024-03-20")
	trips(2, "2023-04-10", "2024-01-20")
	h.do(fmt.Sprintf("UPDATE visit_month SET trips_begun = 0, carried_in = 1, first_begun = NULL WHERE person = 2 AND month = %d", number12("2023-04-10")))
	h.stay(2, "30401", "28100", "2024-04-20")
	trips(3, "2023-04-10")
	trips(4, "2023-03-10", "2024-03-10")
	trips(5, "2023-04-10", "2024-01-20")
	h.moves("x", 11, 1, "counter_survey", "30401", "27100", "2024-06-01", "true")
	h.moves("x", 12, 5, "counter_survey", "30401", "27100", "2024-03-31", "true")
	got := texts(t, h.duck, `SELECT concat_ws(' ', person, region_code, origin_code, entered_on, trips, coalesce(CAST(moved_on AS VARCHAR), '-'), coalesce(CAST(elsewhere_on AS VARCHAR), '-')) AS entry
		FROM (`+convert.Entries+`) WHERE landmark ORDER BY entry`)
	want := []string{
		"1 30000 27000 2023-03-31 2 2024-06-01 -",
		"1 30000 27000 2024-03-31 2 2024-06-01 -",
		"2 30000 27000 2024-03-31 2 - 2024-04-20",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
