package pipeline

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/transforms/convert"
	"github.com/kankei/kankei/transforms/link"
	"github.com/kankei/kankei/transforms/visit"
)

// relations are the tables between two SELECTs that are no dataset: parameters,
// and steps on the way. Each is declared here once, and every SELECT that reads
// or writes it is bound to it.
var relations = map[string]string{
	"linked_stay":    "source_kind VARCHAR, person BIGINT, region_code VARCHAR, residence_code VARCHAR, first_day DATE, last_day DATE, nights INTEGER, purposes INTEGER",
	"contact":        "source_kind VARCHAR, person BIGINT, region_code VARCHAR, residence_code VARCHAR, first_day DATE, last_day DATE, nights INTEGER, purposes INTEGER",
	"variant":        "everyday_area BOOLEAN, excluded INTEGER",
	"reference":      "reference_month INTEGER",
	"span":           "first_month INTEGER, last_month INTEGER",
	"outside_rule":   "outside VARCHAR, rule VARCHAR",
	"rules":          "rungs STRUCT(rank INTEGER, min_trips INTEGER, min_days INTEGER, min_gap_days INTEGER, min_stay_days INTEGER, min_acts INTEGER, purposes INTEGER)[], busiest_days INTEGER, excluded INTEGER",
	"first_seen":     "sign INTEGER, source_kind VARCHAR, person BIGINT, region_code VARCHAR, everyday_area BOOLEAN, first_month INTEGER",
	"regular_span":   "last_month INTEGER, last_day DATE",
	"regular_tie":    "region_code VARCHAR, first_month INTEGER, last_month INTEGER, trips INTEGER, last_then INTEGER, trips_then INTEGER, ties BIGINT",
	"trip_gap":       "region_code VARCHAR, days INTEGER, closed BIGINT, open BIGINT",
	"everyday_area":  "region_code VARCHAR, area VARCHAR",
	"alternative":    "definition VARCHAR, source_kind VARCHAR, excluded INTEGER, min_trips INTEGER, min_days INTEGER, min_gap_days INTEGER, min_stay_days INTEGER, min_acts INTEGER, purposes INTEGER",
	"reported":       "definition VARCHAR, excluded INTEGER, min_visits INTEGER",
	"linkage":        "shared_by INTEGER",
	"landed_tokens":  "identity BIGINT, member BIGINT, email BIGINT, phone BIGINT, name BIGINT, name_dated BOOLEAN",
	"node":           "node INTEGER, identity BIGINT, member BIGINT, email BIGINT, phone BIGINT, name BIGINT, tells_a_person BOOLEAN",
	"edge":           "root INTEGER, node INTEGER",
	"hub_candidate":  "email BIGINT, phone BIGINT",
	"touched":        "person BIGINT, start INTEGER",
	"list_span":      "source VARCHAR, first_day DATE, last_day DATE, list INTEGER",
	"listed":         "region_code VARCHAR, origin_code VARCHAR, lists INTEGER, persons BIGINT",
	"year_span":      "first_day DATE, last_day DATE",
	"booking_stays":  "region_code VARCHAR, month INTEGER, stays BIGINT, counted BIGINT, guests BIGINT, linked BIGINT, known BIGINT, unknown BIGINT",
	"repeaters":      "region_code VARCHAR, municipality VARCHAR, persons BIGINT, same BIGINT, squares BIGINT, trips BIGINT",
	"arrivals":       "region_code VARCHAR, facility VARCHAR, stay_month INTEGER, known_month INTEGER, bookings BIGINT, guest_nights BIGINT",
	"input_months":   "source_kind VARCHAR, region_code VARCHAR, month INTEGER, rows BIGINT, persons BIGINT",
	"rule_span":      "first_month INTEGER, last_month INTEGER",
	"rule_class":     "trips INTEGER[], gap_days INTEGER[], stay_days INTEGER[], visit_days INTEGER[], acts INTEGER[], purposes INTEGER",
	"rule_tie":       "outside VARCHAR, excluded INTEGER, person BIGINT, region_code VARCHAR, trips INTEGER, gap_days INTEGER, stay_days INTEGER, visit_days INTEGER, acts INTEGER, purposes INTEGER",
	"rule_cell":      "outside VARCHAR, excluded INTEGER, region_code VARCHAR, trips INTEGER, gap_days INTEGER, stay_days INTEGER, visit_days INTEGER, acts INTEGER, purposes INTEGER, persons BIGINT",
	"numbered":       "definition VARCHAR, number INTEGER",
	"detail":         "definition VARCHAR, outside VARCHAR",
	"detail_tie":     "person BIGINT, region_code VARCHAR, origin_code VARCHAR",
	"definition_set": "outside VARCHAR, region_code VARCHAR, definitions BIGINT, persons BIGINT",
	"judged_pair":    "stratum VARCHAR, number BIGINT, first BIGINT, second BIGINT",
	"stays_seen":     "stays BIGINT, pseudonyms BIGINT, sharing BIGINT",
	"landmark":       "day DATE, month INTEGER",
	"entry_rule":     "definition VARCHAR, excluded INTEGER, first_month INTEGER, last_month INTEGER, programme INTEGER",
	"entry":          "region_code VARCHAR, origin_code VARCHAR, entered_on DATE, trips INTEGER, stay_days INTEGER, purposes INTEGER, last_seen DATE, moved_on DATE, resident_on DATE, elsewhere_on DATE, deepened_on DATE, programme_on DATE, trips_year_before INTEGER, trips_year_after INTEGER, age_class VARCHAR, landmark BOOLEAN, person BIGINT",
	"mover":          "source VARCHAR, record VARCHAR, region_code VARCHAR, origin_code VARCHAR, moved_on DATE, birth_year INTEGER, related_before BOOLEAN, related_since DATE, tells_a_person BOOLEAN, first_record BOOLEAN, trips_before INTEGER, contradicted BOOLEAN, response BIGINT, weight DOUBLE, sampling_unit VARCHAR",
	"states":         "region_code VARCHAR, response BIGINT, answered_on DATE, state INTEGER",
	"followed":       "region_code VARCHAR, response BIGINT, sampling_unit VARCHAR, entered_on DATE, weight DOUBLE, ended_on DATE, ended INTEGER, not_by DATE",
	"members_seen":   "stays BIGINT, parts BIGINT, members BIGINT",
}

// sameRow lists relations that have the columns of a dataset.
var sameRow = map[string]string{
	"candidate":      "identity",
	"linked":         "identity",
	"regular_month":  "visit_month",
	"current_window": "window", "earlier_window": "window", "deep_window": "window", "night_stay": "stay",
}

// Every embedded SELECT binds to empty declared tables, and gives the names and
// types of what it writes.
func TestSelectsBind(t *testing.T) {
	ctx := context.Background()
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	declare := []string{storeDDL}
	for _, name := range append([]string{"booking", "visit", "act", "move", "survey_response", "survey_tie", "window"}, storeTables...) {
		declare = append(declare, dataset(name).DDL(name))
	}
	for name, columns := range relations {
		declare = append(declare, fmt.Sprintf("CREATE TABLE %s (%s)", name, columns))
	}
	for name, of := range sameRow {
		declare = append(declare, dataset(of).DDL(name))
	}
	for name, of := range map[string]string{"subject": "visit_month", "subject_act": "act_month", "tie_month": "visit_month", "tie_act": "act_month"} {
		declare = append(declare, fmt.Sprintf("CREATE VIEW %s AS SELECT *, CAST(0 AS INTEGER) AS since, CAST(1 AS INTEGER) AS sign FROM %s", name, of))
	}
	declare = append(declare, "CREATE VIEW told_booking AS SELECT *, false AS restated FROM booking")
	declare = append(declare, "CREATE VIEW known_identity AS SELECT *, CAST(0 AS INTEGER) AS start FROM identity")
	if err := d.exec(ctx, declare...); err != nil {
		t.Fatal(err)
	}
	bound := map[string]bool{}
	for _, c := range []struct{ file, text, writes string }{
		{"visit/stays_of_bookings.sql", visit.StaysOfBookings, "stay"},
		{"visit/stays_of_visits.sql", visit.StaysOfVisits, "stay"},
		{"visit/touched.sql", visit.Touched, "touched"},
		{"visit/linked_stays.sql", visit.LinkedStays, "linked_stay"},
		{"visit/contacts.sql", visit.Contacts, "contact"},
		{"visit/contacts_everyday.sql", visit.ContactsEveryday, "contact"},
		{"visit/visit_months.sql", visit.VisitMonths, "visit_month"},
		{"visit/act_months.sql", visit.ActMonths, "act_month"},
		{"visit/windows.sql", visit.Windows, "window"},
		{"visit/deep_windows.sql", visit.DeepWindows, "deep_window"},
		{"visit/first_seen.sql", visit.FirstSeen, "first_seen"},
		{"visit/engagement_tallies.sql", visit.EngagementTallies, "tally"},
		{"visit/tallies.sql", visit.Tallies, "tally"},
		{"visit/month_tallies.sql", visit.MonthTallies, "tally"},
		{"visit/report_tallies.sql", visit.ReportTallies, "tally"},
		{"visit/night_tallies.sql", visit.NightTallies, "night_tally"},
		{"visit/booking_stays.sql", visit.BookingStays, "booking_stays"},
		{"visit/restatements.sql", visit.Restatements, "restatement"},
		{"visit/arrivals.sql", visit.Arrivals, "arrivals"},
		{"visit/input_months.sql", visit.InputMonths, "input_months"},
		{"visit/repeaters.sql", visit.Repeaters, "repeaters"},
		{"visit/regular_ties.sql", visit.RegularTies, "regular_tie"},
		{"visit/trip_gaps.sql", visit.TripGaps, "trip_gap"},
		{"visit/listed.sql", visit.Listed, "listed"},
		{"visit/rule_ties.sql", visit.RuleTies, "rule_tie"},
		{"visit/rule_cells.sql", visit.RuleCells, "rule_cell"},
		{"visit/definition_sets.sql", visit.DefinitionSets, "definition_set"},
		{"visit/detail_ties.sql", visit.DetailTies, "detail_tie"},
		{"link/identities.sql", link.Identities, "identity"},
		{"link/hubs.sql", link.Hubs, "hub"},
		{"link/nodes.sql", link.Nodes, "node"},
		{"link/edges.sql", link.Edges, "edge"},
		{"link/pairs.sql", link.Pairs, "judged_pair"},
		{"link/stays_seen.sql", link.StaysSeen, "stays_seen"},
		{"link/members.sql", link.MembersSeen, "members_seen"},
		{"convert/entries.sql", convert.Entries, "entry"},
		{"convert/movers.sql", convert.Movers, "mover"},
		{"convert/followed.sql", convert.Followed, "followed"},
		{"convert/states.sql", convert.States, "states"},
	} {
		bound[c.file] = true
		want, got := describe(t, d, "SELECT * FROM "+identifier(c.writes)), describe(t, d, c.text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s does not give the columns of %s (-want +got):\n%s", c.file, c.writes, diff)
		}
	}
	root := filepath.Join(sharedtest.Root(t), "transforms")
	err = fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".sql") && !bound[path] {
			t.Errorf("transforms/%s is bound to nothing in this test", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// describe gives the columns of a SELECT as "name TYPE", sorted by name: rows
// are inserted by name.
func describe(t *testing.T, d *duck, query string) []string {
	t.Helper()
	var columns []string
	for scan, err := range d.rows(context.Background(), "SELECT column_name || ' ' || column_type FROM (DESCRIBE "+query+")") {
		var c string
		if err == nil {
			err = scan(&c)
		}
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	slices.Sort(columns)
	return columns
}
