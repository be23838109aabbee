package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/regularity"
)

// By hand: five persons of Osaka and Fukui over three years, with every kind of
// change. What 12 months hold is written beside the visits.
func TestEngagementByHand(t *testing.T) {
	const anna, ben, chie, dai, emi = 1, 2, 3, 4, 5
	osaka, fukui := "27127", "18201"
	rows := []schemas.Visit{
		// Anna: 71 days apart, related, until May 2022 leaves; then one trip until July; comes again in June 2024. Kin do not count.
		seen("2022-05-10", fukui, osaka, 0, anna), seen("2022-07-20", fukui, osaka, 0, anna),
		seen("2023-12-24", fukui, osaka, schemas.Kin, anna), seen("2024-06-03", fukui, osaka, 0, anna),
		// Ben: two trips 9 days apart, repeat; a third in August makes it related; in June 2024 that one is left.
		seen("2023-06-01", fukui, osaka, 0, ben), seen("2023-06-10", fukui, osaka, 0, ben), seen("2023-08-15", fukui, osaka, 0, ben),
		// Chie: 41 days in April 2023, two regions; when they leave, December and February keep her related.
		seen("2023-04-05", fukui, osaka, 0, chie), seen("2023-12-01", fukui, osaka, 0, chie), seen("2024-02-01", fukui, osaka, 0, chie),
		// Emi: one trip from Osaka; then seen in Sakai, living in Fukui.
		seen("2023-09-01", fukui, osaka, 0, emi), seen("2023-10-20", "18210", fukui, 0, emi),
	}
	nights := int32(40)
	rows[7].Nights = &nights
	// Dai: every January and July from 2021 to July 2024: related since July 2021, for three years running in July 2023.
	for year := 2021; year <= 2024; year++ {
		rows = append(rows, seen(fmt.Sprintf("%d-01-10", year), fukui, osaka, 0, dai), seen(fmt.Sprintf("%d-07-10", year), fukui, osaka, 0, dai))
	}
	for i := range rows {
		rows[i].Line = int32(i + 2)
	}
	rules := testRules
	rules.References = nil
	for m := refMonth(2023, 3); m <= refMonth(2025, 3); m++ {
		rules.References = append(rules.References, m)
	}
	dir := t.TempDir()
	s := fillStore(t, filepath.Join(dir, "store.duckdb"), []landed{deliver(t, dir, "d", "visit", rows)}, rules)
	defer s.close()

	got := map[string]string{}
	for scan, err := range s.rows(context.Background(), `SELECT tally, reference_month, class, count FROM tally
		WHERE tally IN ('engagement_change', 'engagement_year') AND outside = 'prefecture' AND region_code = '18000' ORDER BY ALL`) {
		var tally string
		var month, class int32
		var n int64
		if err == nil {
			err = scan(&tally, &month, &class, &n)
		}
		if err != nil {
			t.Fatal(err)
		}
		got[tally] += fmt.Sprintf(" %d-%02d:%02d", month/12, month%12+1, class)
		if n != 1 {
			t.Errorf("%s %d class %d: %d persons, want 1", tally, month, class, n)
		}
	}
	want := map[string]string{
		"engagement_change": " 2023-04:05" + // Chie, new, in two regions
			" 2023-05:31" + // Anna, related → one_off
			" 2023-06:02" + // Ben, new, repeat
			" 2023-07:10 2023-07:34" + // Anna lapses; Dai, related → deep
			" 2023-08:23" + // Ben, repeat → related
			" 2023-09:01 2023-10:16" + // Emi, new, and moved in
			" 2024-04:53" + // Chie, two_region → related
			" 2024-06:31 2024-06:71" + // Ben, related → one_off; Anna is back
			" 2024-08:10" + // Ben lapses
			" 2024-12:31" + // Chie, related → one_off
			" 2025-01:41" + // Dai, deep → one_off
			" 2025-02:10", // Chie lapses
		"engagement_year": " 2023-03:03 2023-03:33" + // Anna; Dai stays
			" 2024-03:03 2024-03:05 2024-03:30 2024-03:34" + // Ben, Chie, Anna, Dai
			" 2025-03:30 2025-03:41 2025-03:50 2025-03:71", // Ben, Dai, Chie, Anna
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}

	// Emi's municipality does not see where she lives now: there she lapses, a year after the trip.
	if n := tallyOf(t, s, "engagement_change", "prefecture", fukui, "all", refMonth(2024, 9), 10); n != 1 {
		t.Errorf("%d persons lapse in %s in September 2024, want Emi", n, fukui)
	}

	balanced(t, s, rules)
}

// balanced holds the funnel of a store against its identities: opening + entries −
// exits = closing for every region, level and span of months, parts that add up,
// and levels that open as they closed.
func balanced(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, s *store, rules countRules) {
	tallies, err := s.tallies(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	frame := estimate.Frame{Outside: rules.Outside, Sources: map[string]estimate.SourceFrame{}}
	regions := map[string]bool{}
	for _, c := range tallies {
		frame.Sources[c.SourceKind] = estimate.SourceFrame{Identified: true}
		if !regions[c.RegionCode] {
			regions[c.RegionCode] = true
			frame.Regions = append(frame.Regions, schemas.Region{RegionCode: c.RegionCode, RegionLevel: schemas.LevelMunicipality})
		}
	}
	for _, m := range rules.References {
		first, _ := schemas.NewDate(int(m/12), int(m%12)+1, 1)
		frame.References = append(frame.References, first.MonthEnd())
	}
	type key struct {
		source, outside, region, level string
		month                          schemas.Date
		months                         int32
	}
	figures := map[key]map[string]int64{}
	for _, r := range estimate.EngagementFunnel(frame, tallies, levelNames(rules.Ladder), disclose.Threshold{}).Inside {
		k := key{r.Source, r.Outside, r.RegionCode, r.Engagement, r.ReferenceMonth, r.Months}
		if figures[k] == nil {
			figures[k] = map[string]int64{}
		}
		figures[k][r.Statistic] = *r.Value
	}
	for k, f := range figures {
		if f["opening"]+f["entries"]-f["exits"] != f["closing"] {
			t.Errorf("%v: %d + %d − %d ≠ %d", k, f["opening"], f["entries"], f["exits"], f["closing"])
		}
		for sum, parts := range map[string]string{
			"entries": "from_outside from_below from_above", "from_outside": "from_outside_new from_outside_again",
			"exits": "to_outside to_below to_above", "to_outside": "to_outside_lapsed to_outside_moved",
		} {
			var n int64
			for _, p := range strings.Fields(parts) {
				n += f[p]
			}
			if n != f[sum] {
				t.Errorf("%v: the parts of %s are %d, not %d", k, sum, n, f[sum])
			}
		}
		for statistic, n := range f {
			if n < 0 {
				t.Errorf("%v: %s is %d", k, statistic, n)
			}
		}
		before := k
		before.month, before.months = k.month.AddMonths(-int(k.months)), 1
		if slices.Contains(frame.References, before.month) && figures[before]["closing"] != f["opening"] {
			t.Errorf("%v opens with %d, closed with %d", k, f["opening"], figures[before]["closing"])
		}
	}
}

// By hand: one guest of Osaka comes on 10 and 20 January and 5 April 2024, another on 3 February
// 2025; a third lives in Fukui, a fourth abroad.
func TestRegularTiesByHand(t *testing.T) {
	stay := func(line int32, on, residence string, who int64) schemas.Booking {
		return schemas.Booking{Provenance: schemas.Provenance{Source: "s", Delivery: "d", Line: line}, Booking: int64(line), Status: schemas.Booked,
			RegionCode: "18201", CheckIn: day(on), CheckOut: day(on) + 1, Residence: schemas.Residence{ResidenceCode: residence}, Tokens: guest(who)}
	}
	dir := t.TempDir()
	s := fillStore(t, filepath.Join(dir, "store.duckdb"), []landed{deliver(t, dir, "d", "booking", []schemas.Booking{
		stay(2, "2024-01-10", "27127", 1), stay(3, "2024-01-20", "27127", 1), stay(4, "2024-04-05", "27127", 1),
		stay(5, "2025-02-03", "27127", 2), stay(6, "2025-02-03", "18202", 3), stay(7, "2025-02-03", schemas.Abroad, 4),
	})}, testRules)
	defer s.close()
	got, err := s.regularCounts(context.Background(), day("2025-03-31"))
	if err != nil {
		t.Fatal(err)
	}
	january, april, february := refMonth(2024, 1), refMonth(2024, 4), refMonth(2025, 2)
	want := estimate.RegularCounts{Gaps: map[string][]regularity.Gap{"18000": {
		{Days: 10, Closed: 1}, {Days: 56, Open: 1}, // until 31 March 2025
		{Days: 76, Closed: 1}, {Days: 360, Open: 1},
	}}}
	for _, region := range []string{"18000", "18201"} {
		want.Ties = append(want.Ties,
			estimate.RegularTie{Region: region, First: january, Last: april, Trips: 3, LastThen: january, TripsThen: 2, Ties: 1},
			estimate.RegularTie{Region: region, First: february, Last: february, Trips: 1, Ties: 1})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ties and gaps (-want +got):\n%s", diff)
	}
}
