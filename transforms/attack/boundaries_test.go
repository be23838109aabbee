package attack_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
)

// byRegion are the tables of one figure by region, -1 for one that is withheld.
func byRegion(t *testing.T, cube string, figures map[string]int64, coordinates func(region string) []string, on int, changes ...schemas.RegionChange) attack.Tables {
	t.Helper()
	var all []attack.Figure
	for _, region := range []string{"29000", "29201", "29202", "29203", "30000", "30206", "30401", "30404", "30422", "30999"} {
		n, there := figures[region]
		if !there {
			continue
		}
		f := attack.Figure{Cells: []attack.Place{{Cube: schemas.CubeOf(cube), Coordinates: coordinates(region)}}}
		if n >= 0 {
			f.Value = &n
		}
		all = append(all, f)
	}
	tables, err := attack.TablesOf(all)
	if err != nil {
		t.Fatal(err)
	}
	tables.Boundaries = attack.Boundaries{On: schemas.Date(on), Changes: changes}
	return tables
}

func booking(region string) []string { return []string{region, "2025-01-31", "27000", ""} }

func person(region string) []string {
	return []string{"", schemas.Persons, schemas.OutsidePrefecture, region, "27000", schemas.All, schemas.All, "", "2025-01-31", schemas.SourceBooking}
}

// Municipalities by the boundaries of day 100 and of day 200. On day 150 codes change.
func TestRedrawnBoundariesTell(t *testing.T) {
	change := func(reason, from, to string) schemas.RegionChange {
		return schemas.RegionChange{ChangedOn: 150, FromCode: from, ToCode: to, Reason: reason}
	}
	absorbed := []schemas.RegionChange{change("absorption", "30206", "30401")}
	whole := map[string]int64{"30000": -1, "30401": 34, "30422": -1}
	parts := map[string]int64{"30000": -1, "30206": -1, "30401": 30, "30422": -1}
	for _, c := range []struct {
		what        string
		cube        string
		before, now map[string]int64
		changes     []schemas.RegionChange
		backwards   bool
		want        []string
	}{
		{"34 of both less 30", "booking", parts, whole, absorbed, false, []string{"booking: 30206 until 1970-05-31/2025-01-31/27000/ 4 4"}},
		{"the town apart again", "booking", whole, map[string]int64{"30000": -1, "30206": -1, "30401": 30, "30422": -1}, absorbed, true, []string{"booking: 30206/2025-01-31/27000/ 4 4"}},
		{"the code alone is another", "guest-night", map[string]int64{"30000": -1, "30404": -1, "30422": -1}, map[string]int64{"30000": -1, "30206": 40, "30422": -1}, []schemas.RegionChange{change("city_status", "30404", "30206")}, false,
			[]string{"guest-night: 30404 until 1970-05-31/2025-01-31/27000/ 40 40"}},
		{"renamed without another code", "booking", parts, whole, []schemas.RegionChange{change("renaming", "30401", "30401")}, false, nil},
		{"divided: whose is what is not told", "booking", map[string]int64{"30000": -1, "30401": 34, "30422": -1}, map[string]int64{"30000": -1, "30206": -1, "30401": 30, "30999": -1, "30422": -1},
			[]schemas.RegionChange{change("separation", "30401", "30206")}, false, nil},
		{"of two prefectures: the one that has it now counts others", "booking", map[string]int64{"29000": -1, "29201": 30, "29202": -1, "30000": -1, "30206": -1, "30422": -1}, map[string]int64{"29000": -1, "29201": 34, "29203": -1},
			[]schemas.RegionChange{change("absorption", "30206", "29201")}, false, nil},
		{"without the prefecture some of the area may be left out", "booking", map[string]int64{"30206": -1, "30401": 30}, map[string]int64{"30401": 34}, absorbed, false, nil},
		{"persons may be the same", "person", parts, whole, absorbed, false, nil},
		{"persons of the one alone", "person", map[string]int64{"30000": -1, "30206": -1, "30422": -1}, whole, absorbed, false,
			[]string{"person: /persons/prefecture/30206 until 1970-05-31/27000/all/all//2025-01-31/booking 34 34"}},
	} {
		at := booking
		if c.cube == "person" {
			at = person
		}
		days := []int{100, 200}
		if c.backwards {
			slices.Reverse(days)
		}
		before, now := byRegion(t, c.cube, c.before, at, days[0], c.changes...), byRegion(t, c.cube, c.now, at, days[1], c.changes...)
		if !c.backwards {
			before.Changes = nil // the publication did not know of them
		} else {
			now.Changes = nil
		}
		leaks, err := attack.Leaks(now, []attack.Earlier{{ID: "before", Tables: before}}, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Simplex: 20})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range leaks {
			got = append(got, fmt.Sprint(l.Name, " ", l.Low, " ", l.High))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// Before day 150 somebody who follows the boundaries of day 100 but knew of the change could not place who came to the new code afterwards: the parts
// are no more than the whole, so that 30206 had at most 4.
func TestWhatCouldNotBePlacedIsMissing(t *testing.T) {
	change := schemas.RegionChange{ChangedOn: 150, FromCode: "30206", ToCode: "30401", Reason: "absorption"}
	// Of no municipality is known who is in 30999.
	before := byRegion(t, "booking", map[string]int64{"30000": -1, "30206": -1, "30401": 30, "30422": -1, "30999": -1}, booking, 100, change)
	now := byRegion(t, "booking", map[string]int64{"30000": -1, "30401": 34, "30422": -1}, booking, 200, change)
	asked := func(string) attack.Asked { return attack.Asked{Width: 10} }
	leaks, err := attack.Leaks(now, []attack.Earlier{{ID: "before", Tables: before}}, asked, attack.Options{})
	if err != nil || len(leaks) != 1 || leaks[0].Name != "booking: 30206 until 1970-05-31/2025-01-31/27000/" || leaks[0].Low != 0 || leaks[0].High != 4 {
		t.Errorf("%+v, %v, want 0 to 4", leaks, err)
	}
}

// Estimates of three towns, 900 together. Then the first two were withheld, now the first and the third: with both publications the first is
// 900 − 300 − 400. Where one of those shown by both was estimated anew, and by other boundaries, they do not add up.
func TestEstimatesOfTwoPublications(t *testing.T) {
	of := func(on int, total int64, towns ...int64) attack.Tables {
		out := attack.Tables{Boundaries: attack.Boundaries{On: schemas.Date(on)}, Estimates: []attack.Estimated{{Sum: "30000", Name: "30000", Total: true, Value: &total}}}
		for k, n := range towns {
			e := attack.Estimated{Sum: "30000", Name: fmt.Sprint("town ", k), Known: n < 0}
			if n >= 0 {
				e.Value = &n
			}
			out.Estimates = append(out.Estimates, e)
		}
		return out
	}
	now := of(100, 900, -1, 300, -1)
	for _, c := range []struct {
		what   string
		before attack.Tables
		want   int
	}{
		{"the same estimates", of(100, 900, -1, -1, 400), 1},
		{"the same withheld", of(100, 900, -1, 300, -1), 0},
		{"estimated anew", of(100, 901, -1, -1, 400), 0},
		{"other boundaries", of(200, 900, -1, -1, 400), 0},
		{"other towns", of(100, 900, -1, -1), 0},
	} {
		leaks, err := attack.Leaks(now, []attack.Earlier{{ID: "before", Tables: c.before}}, func(string) attack.Asked { return attack.Asked{} }, attack.Options{})
		if err != nil || len(leaks) != c.want || c.want > 0 && (leaks[0].Name != "town 0" || leaks[0].Low > 200 || leaks[0].High < 200) {
			t.Errorf("%s: %v, %v, want %d", c.what, leaks, err, c.want)
		}
	}
}
