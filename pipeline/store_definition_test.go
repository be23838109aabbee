package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// gridRules are rules with definitions that leave out different purposes, every outside rule,
// and now and then a limit of visit days.
func gridRules(rt *rapid.T) countRules {
	rules := testRules
	builtin := schemas.BuiltinProfiles()
	engaged := builtin[slices.Index(ids(builtin), "engaged-stays")]
	all := OwnDefinition{ID: "all-purposes", From: "engaged-stays", Count: "all_purposes"}.profile(engaged)
	acts := builtin[0]
	acts.ID, acts.Any = "visits-and-acts", []schemas.Alternative{{MinTrips: 1, MinActs: 1}, {MinDays: 4}}
	rules.Profiles = append(builtin, all, acts)
	rules.Outside = append(rules.Outside, schemas.OutsideEverydayArea)
	rules.EverydayArea = map[string]string{"18201": "north", "18210": "north"}
	rules.References = []int32{rapid.Int32Range(refMonth(2023, 1), refMonth(2025, 6)).Draw(rt, "reference")}
	rules.BusiestDays = rapid.SampledFrom([]int{0, 0, 5}).Draw(rt, "busiest")
	return rules
}

// What is counted by thresholds and by sets of definitions gives, for each definition as it is,
// the count that the windows give; more is asked for, or in fewer months, by no more persons.
func TestDefinitionCountsAreThoseOfTheWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a hundred stores; `make test` runs it")
	}
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		rules := gridRules(rt)
		deliveries := drawDeliveries(t, rt, dir)
		s := fillStore(t, filepath.Join(dir, "store.duckdb"), deliveries, rules)
		defer s.close()
		cells, sets, err := s.definitionCounts(context.Background(), rules)
		if err != nil {
			t.Fatal(err)
		}
		at := rules.References[0]
		first, _ := schemas.NewDate(int(at)/12, int(at)%12+1, 1)
		frame := estimate.Frame{References: []schemas.Date{first.MonthEnd()}, Profiles: rules.Profiles, Outside: rules.Outside,
			Sources: map[string]estimate.SourceFrame{schemas.SourceBooking: {Identified: true}}}
		for _, code := range []string{"18201", "18210", "30401", "22138", "22130"} {
			frame.Regions = append(frame.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality})
		}
		for _, code := range []string{"18000", "30000", "22000"} {
			frame.Regions = append(frame.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelPrefecture})
		}
		counts := estimate.DefinitionCounts{Cells: cells, Sets: sets, Threshold: disclose.Threshold{Persons: 10}}
		tallies, err := s.tallies(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		windows := map[[3]string]int64{}
		for _, w := range tallies {
			if w.SourceKind == schemas.SourceBooking && w.OriginCode == schemas.All && w.Class < 0 {
				windows[[3]string{w.Tally, w.Outside, w.RegionCode}] = w.Count
			}
		}
		if rapid.IntRange(0, 2).Draw(rt, "in detail") == 0 {
			detailIsThatOfTheWindows(rt, s, rules, tallies)
			nightsAreByPlatform(rt, s, deliveries)
		}
		var before schemas.DefinitionSensitivity
		for _, c := range estimate.DefinitionFiguresOf(frame, counts).Sensitivity {
			row := c.Row
			n := windows[[3]string{row.Definition + "/persons", row.Outside, row.RegionCode}]
			if row.OwnThreshold && (int64(*row.Value) != n || c.Persons != n) {
				rt.Fatalf("%s outside %s of %s, %s %d: %v, and %d by definitions; the windows have %d",
					row.Definition, row.Outside, row.RegionCode, row.Dimension, row.Threshold, *row.Value, c.Persons, n)
			}
			more, less := *row.Value, *row.Value
			if before.Value != nil {
				less = *before.Value
			}
			if row.Dimension == estimate.DimensionWindowMonths {
				more, less = less, more
			}
			same := before.Definition == row.Definition && before.RegionCode == row.RegionCode && before.Outside == row.Outside && before.Dimension == row.Dimension
			if same && more > less {
				rt.Fatalf("%s outside %s of %s: %s %d has %v persons, %d has %v", row.Definition, row.Outside, row.RegionCode,
					row.Dimension, before.Threshold, *before.Value, row.Threshold, *row.Value)
			}
			before = row
		}
	})
}

// detailIsThatOfTheWindows holds the persons by municipality of residence of one definition against the counts by prefecture
// of residence: they add up to these, in every region and outside either rule.
func detailIsThatOfTheWindows(rt *rapid.T, s *store, rules countRules, tallies []schemas.Tally) {
	profiles := slices.DeleteFunc(slices.Clone(rules.Profiles), func(p schemas.Profile) bool { return !p.Sees(schemas.SourceBooking) })
	of := schemas.OriginDestinationDetail{Definition: rapid.SampledFrom(profiles).Draw(rt, "definition").ID,
		Outside: rapid.SampledFrom([]string{schemas.OutsidePrefecture, schemas.OutsideMunicipality}).Draw(rt, "outside")}
	want, got := map[[2]string]int64{}, map[[2]string]int64{}
	for _, w := range tallies {
		if w.SourceKind == schemas.SourceBooking && w.Tally == of.Definition+"/persons" && w.Outside == of.Outside && w.Class < 0 && strings.HasSuffix(w.OriginCode, "000") {
			want[[2]string{w.RegionCode, w.OriginCode}] = w.Count
		}
	}
	last := int64(-1 << 63)
	for tie, err := range s.detailTies(context.Background(), rules, of) {
		if err != nil {
			rt.Fatal(err)
		}
		if tie.Person < last {
			rt.Fatalf("person %d after %d", tie.Person, last)
		}
		last = tie.Person
		if strings.HasSuffix(tie.Origin, "000") || tie.Origin == tie.Region {
			rt.Fatalf("%+v: want another municipality of residence", tie)
		}
		got[[2]string{tie.Region, tie.Origin[:2] + "000"}]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("%s outside %s (-windows +detail):\n%s", of.Definition, of.Outside, diff)
	}
}

// nightsAreByPlatform holds the nights by platform against those by facility: in drawn deliveries the site of a sells a, and b and
// what has no name itself.
func nightsAreByPlatform(rt *rapid.T, s *store, deliveries []landed) {
	want, err := s.nightTallies(context.Background())
	if err != nil {
		rt.Fatal(err)
	}
	got, err := s.platformNights(context.Background(), deliveries)
	if err != nil {
		rt.Fatal(err)
	}
	sites := false
	for i, n := range got {
		sites = sites || n.Facility == "site of a"
		got[i].Facility = strings.Replace(n.Facility, "site of a", "a", 1)
	}
	order := func(a, b schemas.NightTally) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("(-facilities +platforms):\n%s", diff)
	}
	if slices.ContainsFunc(want, func(n schemas.NightTally) bool { return n.Facility == "a" }) != sites {
		rt.Fatal("platforms are facilities")
	}
}
