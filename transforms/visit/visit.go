// Package visit turns bookings and observations into stays, stays into trips,
// and trips into what each person did in each region in each calendar month;
// from these it counts, for the 12 months to a reference month, who satisfies
// which definition.
//
// Everything here is exact integer counting, offered as named SELECTs that the
// pipeline runs. The counts are sums over persons: when a night's rows touch a
// few persons, their old counts go out and their new counts come in.
package visit

import _ "embed"

// The named SELECTs of the stages clean and visit. Each says in its comment
// what it reads and what one row is.
var (
	//go:embed stays_of_bookings.sql
	StaysOfBookings string
	//go:embed stays_of_visits.sql
	StaysOfVisits string
	//go:embed touched.sql
	Touched string
	//go:embed linked_stays.sql
	LinkedStays string
	//go:embed contacts.sql
	Contacts string
	//go:embed contacts_everyday.sql
	ContactsEveryday string
	//go:embed visit_months.sql
	VisitMonths string
	//go:embed act_months.sql
	ActMonths string
	//go:embed windows.sql
	Windows string
	//go:embed deep_windows.sql
	DeepWindows string
	//go:embed first_seen.sql
	FirstSeen string
	//go:embed engagement_tallies.sql
	EngagementTallies string
	//go:embed tallies.sql
	Tallies string
	//go:embed month_tallies.sql
	MonthTallies string
	//go:embed report_tallies.sql
	ReportTallies string
	//go:embed restatements.sql
	Restatements string
	//go:embed arrivals.sql
	Arrivals string
	//go:embed input_months.sql
	InputMonths string
	//go:embed night_tallies.sql
	NightTallies string
	//go:embed booking_stays.sql
	BookingStays string
	//go:embed repeaters.sql
	Repeaters string
	//go:embed regular_ties.sql
	RegularTies string
	//go:embed trip_gaps.sql
	TripGaps string
	//go:embed listed.sql
	Listed string
	//go:embed rule_ties.sql
	RuleTies string
	//go:embed rule_cells.sql
	RuleCells string
	//go:embed definition_sets.sql
	DefinitionSets string
	//go:embed detail_ties.sql
	DetailTies string
)

// RestatedFields names the bits of restatement.differing, from the lowest.
var RestatedFields = []string{"check_in", "check_out", "status", "adults", "children", "rooms", "facility", "region", "residence", "purposes", "person"}
