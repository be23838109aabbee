package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// history fills the tables that the SELECTs of convert read.
type history struct {
	*duck
	t    *testing.T
	line int
}

func newHistory(t *testing.T) *history {
	ctx := context.Background()
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	h := &history{d, t, 0}
	h.do(storeDDL, "INSERT INTO places VALUES ('30299', DATE '1970-01-01', DATE '2999-12-31', '30206', false)", "INSERT INTO delivered (delivery, source, file) VALUES ('x', 'counter', 'a.csv'), ('y', 'counter', 'b.csv'), ('z', 'grants', 'c.csv')")
	for _, name := range []string{"visit_month", "stay", "act", "identity", "move", "survey_response", "survey_tie", "survey_weight"} {
		h.do(dataset(name).DDL(name))
	}
	for _, name := range []string{"entry_rule", "landmark", "alternative"} {
		h.do(fmt.Sprintf("CREATE TABLE %s (%s)", name, relations[name]))
	}
	return h
}

func (h *history) do(statements ...string) {
	h.t.Helper()
	if err := h.exec(context.Background(), statements...); err != nil {
		h.t.Fatal(err)
	}
}

func number12(day string) int {
	d, _ := schemas.ParseDate(day)
	y, m, _ := d.Civil()
	return y*12 + m - 1
}

// person is an identity of its own person.
func (h *history) person(person int) {
	h.do(fmt.Sprintf("INSERT INTO identity (identity, person, name_dated) VALUES (%d, %d, false)", person, person))
}

// trip is a trip of a night of a person, to a region and its prefecture, on a day.
func (h *history) trip(person int, region, home, day string) {
	h.t.Helper()
	for _, code := range []string{region, region[:2] + "000"} {
		h.do(fmt.Sprintf(`INSERT INTO visit_month (source_kind, person, region_code, residence_code, everyday_area, excluded, month, visit_days, trips_begun, carried_in, stay_days,
			first_day, last_day, first_begun, last_begun, purposes, tie_purposes)
			VALUES ('booking', %d, '%s', '%s', false, 0, %d, 2, 1, 0, 2, DATE '%[5]s', DATE '%[5]s' + 1, DATE '%[5]s', DATE '%[5]s', 1, 1)`, person, code, home, number12(day), day))
	}
	h.stay(person, region, home, day)
}

func (h *history) stay(person int, region, home, day string) {
	h.line++
	h.do(fmt.Sprintf(`INSERT INTO stay (source_kind, source, delivery, line, identity, facility, region_code, residence_code, origin_country, first_day, last_day, purposes, age_class, outcome)
		VALUES ('booking', 's', 'x', %d, %d, 'inn', '%s', '%s', '', DATE '%[5]s', DATE '%[5]s' + 1, 1, '', 'stayed')`, h.line, person, region, home, day))
}

// moves is a record of a move; number 0 is none.
func (h *history) moves(delivery string, number, person int, record, region, from, day, related string) {
	h.line++
	value := func(n int) string {
		if n == 0 {
			return "NULL"
		}
		return fmt.Sprint(n)
	}
	h.do(fmt.Sprintf(`INSERT INTO move (source, delivery, line, move, moved_on, region_code, record, related_before, residence_code, postcode, origin_country, identity, name_dated)
		VALUES ('s', '%s', %d, %s, DATE '%s', '%s', '%s', %s, '%s', '', '', %s, false)`, delivery, h.line, value(number), day, region, record, related, from, value(person)))
}

func text(d sql.NullString) string {
	if !d.Valid {
		return "-"
	}
	return strings.TrimSuffix(d.String, " 00:00:00")
}

// Two trips in 12 months are asked for; bookings begin in April 2022, so that entries count from April 2023.
//
//	1 trips in May and August 2023, moves in on 1 June 2024: enters on the last day of the second trip
//	2 trips in May 2022 and May 2023: a year and a day apart are not within 12 months; again in March 2024: enters then
//	3 trips in May and June 2022: was related already when entries begin to count
//	4 trips in May and June 2023, moved in before the second trip ended: never enters
//	5 as 1, books from Kobe in 2024: elsewhere; 6 as 1, books from the region itself: resident
//	7 from abroad, 8 from the own prefecture: never enter
func TestEntriesFollowPersons(t *testing.T) {
	h := newHistory(t)
	h.do(fmt.Sprintf("INSERT INTO entry_rule VALUES ('repeat-visits', 64, %d, %d, 6)", number12("2023-04-01"), number12("2026-03-01")),
		"INSERT INTO alternative VALUES ('repeat-visits', 'booking', 64, 2, 0, 0, 0, 0, 0), ('other', 'booking', 0, 1, 0, 0, 0, 0, 0)")
	for person := 1; person <= 8; person++ {
		h.person(person)
	}
	for _, person := range []int{1, 5, 6} {
		h.trip(person, "30401", "27100", "2023-05-10")
		h.trip(person, "30401", "27100", "2023-08-20")
	}
	h.moves("x", 11, 1, "counter_survey", "30401", "27100", "2024-06-01", "true")
	h.stay(5, "30401", "28100", "2024-02-02")
	h.stay(6, "30206", "30401", "2024-03-03")
	h.trip(2, "30206", "13104", "2022-05-10")
	h.trip(2, "30206", "13104", "2023-05-11")
	h.trip(2, "30206", "13104", "2024-03-01")
	h.trip(3, "30206", "13104", "2022-05-10")
	h.trip(3, "30206", "13104", "2022-06-10")
	h.trip(4, "30206", "13104", "2023-05-10")
	h.trip(4, "30206", "13104", "2023-06-10")
	h.moves("x", 12, 4, "counter_survey", "30299", "13104", "2023-06-09", "true") // a former code of 30206
	h.trip(7, "30206", "abroad", "2023-05-10")
	h.trip(7, "30206", "abroad", "2023-06-10")
	h.trip(8, "30206", "30201", "2023-05-10")
	h.trip(8, "30206", "30201", "2023-06-10")
	var got []string
	for scan, err := range h.rows(context.Background(), `SELECT region_code, origin_code, CAST(entered_on AS VARCHAR), trips, CAST(moved_on AS VARCHAR), CAST(resident_on AS VARCHAR), CAST(elsewhere_on AS VARCHAR)
		FROM (`+convert.Entries+`) ORDER BY region_code, origin_code, entered_on, moved_on, resident_on NULLS LAST, elsewhere_on`) {
		var region, origin, entered string
		var trips int
		var moved, resident, elsewhere sql.NullString
		if err == nil {
			err = scan(&region, &origin, &entered, &trips, &moved, &resident, &elsewhere)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s %d moved %s resident %s elsewhere %s", region, origin, entered, trips, text(moved), text(resident), text(elsewhere)))
	}
	want := []string{
		"30000 13000 2024-03-02 2 moved - resident - elsewhere -",
		"30000 27000 2023-08-21 2 moved 2024-06-01 resident - elsewhere -",
		"30000 27000 2023-08-21 2 moved - resident 2024-03-03 elsewhere -",
		"30000 27000 2023-08-21 2 moved - resident - elsewhere 2024-02-02",
		"30206 13000 2024-03-02 2 moved - resident - elsewhere -",
		"30401 27000 2023-08-21 2 moved 2024-06-01 resident - elsewhere -",
		"30401 27000 2023-08-21 2 moved - resident 2024-03-03 elsewhere -",
		"30401 27000 2023-08-21 2 moved - resident - elsewhere 2024-02-02",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// answer is an answer of a member of a panel, living somewhere, who names a region with three visits a year
// or none, with a weight of 100 and the line.
func (h *history) answer(response int, on, at, tied string) {
	h.line++
	h.do(fmt.Sprintf(`INSERT INTO survey_response (source, delivery, line, response, answered_on, sex, stratum, sampling_unit, replicate_weights, migration_intent, revisit_intent, residence_code, postcode, origin_country, name_dated)
		VALUES ('s', 'x', %d, %d, DATE '%s', 'female', '', 'u', '', '', '', '%s', '', '', false)`, h.line, response, on, at),
		fmt.Sprintf("INSERT INTO survey_weight VALUES ('s', 'x', %[1]d, '', 'u', 1, 1, 1, 100 + %[1]d)", h.line))
	if tied != "" {
		h.do(fmt.Sprintf(`INSERT INTO survey_tie (source, delivery, line, response, answered_on, region_code, visits_per_year, purposes, residence_code, postcode, origin_country, name_dated)
			VALUES ('s', 'x', %d, %d, DATE '%s', '%s', 3, 0, '%s', '', '', false)`, h.line, response, on, tied, at))
	}
}

// Members are followed from the first wave in which they name a region from another prefecture, with the
// weight of that wave:
//
//	1 names Shirahama in the second of four waves, lives there in the third and in Tokyo in the fourth
//	2 names Tanabe, stays for two waves; 3 names it by a former code, lives in Tokyo next
//	4 names it while living in the prefecture, 5 in its last wave: not followed
//	6 names Tanabe and moves to Shirahama: elsewhere than Tanabe, and in the prefecture
func TestMembersOfAPanelAreFollowed(t *testing.T) {
	h := newHistory(t)
	for _, a := range []struct {
		response     int
		on, at, tied string
	}{{1, "2021-09-30", "27100", ""}, {1, "2022-09-30", "27100", "30401"}, {1, "2023-09-30", "30401", "30401"}, {1, "2024-09-30", "13104", ""},
		{2, "2021-09-30", "27100", "30206"}, {2, "2022-09-30", "27100", ""}, {2, "2023-09-30", "27100", "30206"},
		{3, "2021-09-30", "27100", "30299"}, {3, "2022-09-30", "13104", ""}, {4, "2021-09-30", "30201", "30206"}, {4, "2022-09-30", "30206", ""},
		{5, "2021-09-30", "27100", ""}, {5, "2022-09-30", "27100", "30206"}, {6, "2021-09-30", "27100", "30206"}, {6, "2022-09-30", "30401", ""}} {
		h.answer(a.response, a.on, a.at, a.tied)
	}
	var got []string
	for scan, err := range h.rows(context.Background(), `SELECT concat_ws(' ', region_code, response, entered_on, CAST(weight AS INTEGER), ended_on, ended) AS member FROM (`+convert.Followed+`) ORDER BY member`) {
		var member string
		if err == nil {
			err = scan(&member)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, member)
	}
	want := []string{
		"30000 1 2022-09-30 102 2023-09-30 1", "30000 2 2021-09-30 105 2023-09-30 0", "30000 3 2021-09-30 108 2022-09-30 2", "30000 6 2021-09-30 114 2022-09-30 1",
		"30206 2 2021-09-30 105 2023-09-30 0", "30206 3 2021-09-30 108 2022-09-30 2", "30206 6 2021-09-30 114 2022-09-30 2",
		"30401 1 2022-09-30 102 2023-09-30 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	// What each answers of the prefecture from then on.
	states := texts(t, h.duck, `SELECT concat_ws(' ', region_code, response, string_agg(year(answered_on) || ':' || state, ' ' ORDER BY answered_on)) AS member FROM (`+convert.States+`) GROUP BY region_code, response ORDER BY member`)
	answered := []string{
		"30000 1 2022:1 2023:2 2024:0", "30000 2 2021:1 2022:0 2023:1", "30000 3 2021:1 2022:0", "30000 5 2022:1", "30000 6 2021:1 2022:2",
	}
	if diff := cmp.Diff(answered, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// A record delivered twice is one; a grant of the same person is another record, but not the first;
// trips before the month of the move are counted, and a booking from the old address two years later
// contradicts.
func TestMoversBesideTheirBookings(t *testing.T) {
	h := newHistory(t)
	h.person(1)
	h.person(2)
	h.trip(1, "30401", "27100", "2023-05-10")
	h.trip(1, "30401", "27100", "2023-08-20")
	h.trip(2, "30401", "27100", "2026-05-10")
	h.moves("x", 11, 1, "counter_survey", "30401", "27100", "2024-03-01", "false")
	h.moves("y", 11, 1, "counter_survey", "30401", "27100", "2024-03-01", "true") // delivered again, corrected
	h.moves("z", 0, 1, "programme", "30401", "27100", "2024-03-15", "NULL")
	h.moves("x", 12, 2, "counter_survey", "30401", "27100", "2024-03-01", "false")
	h.moves("x", 13, 0, "counter_survey", "30401", "abroad", "2024-03-02", "NULL")
	// Three members of a panel: one moves to Shirahama, named with three visits before; one moves there
	// unnamed; one stays.
	for _, a := range []struct {
		response     int
		on, at, tied string
	}{{21, "2023-09-30", "27100", "30401"}, {21, "2024-09-30", "30401", ""}, {22, "2023-09-30", "27100", ""}, {22, "2024-09-30", "30401", ""},
		{23, "2023-09-30", "27100", "30401"}, {23, "2024-09-30", "27100", "30401"}} {
		h.answer(a.response, a.on, a.at, a.tied)
	}
	var got []string
	for scan, err := range h.rows(context.Background(), `SELECT record, origin_code, CAST(moved_on AS VARCHAR), CAST(related_before AS VARCHAR), tells_a_person, first_record, trips_before, contradicted
		FROM (`+convert.Movers+`) ORDER BY ALL`) {
		var record, origin, on string
		var related sql.NullString
		var tells, first, contradicted bool
		var trips int
		if err == nil {
			err = scan(&record, &origin, &on, &related, &tells, &first, &trips, &contradicted)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s related %s person %t first %t trips %d contradicted %t", record, origin, on, text(related), tells, first, trips, contradicted))
	}
	want := []string{
		"counter_survey 27000 2024-03-01 related false person true first true trips 0 contradicted true",
		"counter_survey 27000 2024-03-01 related true person true first true trips 2 contradicted false",
		"counter_survey abroad 2024-03-02 related - person false first false trips 0 contradicted false",
		"panel 27000 2024-09-30 related false person false first false trips 0 contradicted false",
		"panel 27000 2024-09-30 related true person false first false trips 0 contradicted false",
		"programme 27000 2024-03-15 related - person true first false trips 2 contradicted false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("movers (-want +got):\n%s", diff)
	}
}

// More converts than in-migrants stop the run where it is certain, and warn otherwise.
func TestConvertsBeyondInMigrants(t *testing.T) {
	r := &Run{Log: NewReporter(io.Discard, "en", false)}
	doubtful := convert.Excess{Region: "30401", Estimator: "aalen_johansen_corrected", Converts: 60, Low: 30, Registered: 50}
	if err := r.checkConverts([]convert.Excess{doubtful}); err != nil {
		t.Errorf("60 (30 and more) of 50: %v", err)
	}
	if w := r.Log.Warnings(); len(w) != 1 || w[0].Kind != "converts" {
		t.Errorf("warnings %v", w)
	}
	certain := doubtful
	certain.Converts, certain.Low = 80, 66 // a year in which 65.9 are expected may have 50
	err := r.checkConverts([]convert.Excess{doubtful, certain})
	if ExitCode(err) != ExitGated || !strings.Contains(Message(err, "en"), "30401: 80 converts") || !strings.Contains(Message(err, "ja"), "転入者数 50 人") {
		t.Errorf("80 (66 and more) of 50: %v", Message(err, "en"))
	}
}
