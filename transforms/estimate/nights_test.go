package estimate

import (
	"reflect"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Three houses with 50, 40 and 10 guest-nights of 5, 4 and 1 stays; the first two are of one company. Taken for themselves
// the others of the largest two are 10; by companies the largest has 90, the second 10, and there are no others.
func TestContributionsAreOfCompanies(t *testing.T) {
	month := int32(2025*12 + 2)
	var tallies []schemas.NightTally
	for facility, n := range map[string]int64{"a": 50, "b": 40, "c": 10} {
		tallies = append(tallies, schemas.NightTally{RegionCode: "30401", Facility: facility, ArrivalMonth: month, NightMonth: month, OriginCode: "13000",
			GuestNights: n, Arrivals: n / 10, Stays: n / 10})
	}
	f := Frame{AsOf: lastDay(month), Regions: []schemas.Region{{RegionCode: "30401", RegionLevel: schemas.LevelMunicipality}}}
	for _, c := range []struct {
		companies     map[string]string
		nights, stays disclose.Contribution
	}{
		{nil, disclose.ContributionOf("guest_nights", map[string]int64{"facility a": 50, "facility b": 40, "facility c": 10}),
			disclose.ContributionOf("bookings", map[string]int64{"facility a": 5, "facility b": 4, "facility c": 1})},
		{map[string]string{"a": "x", "b": "x"}, disclose.ContributionOf("guest_nights", map[string]int64{"company x": 90, "facility c": 10}),
			disclose.ContributionOf("bookings", map[string]int64{"company x": 9, "facility c": 1})},
	} {
		f.Companies = c.companies
		for _, row := range GuestNights(f, tallies) {
			if want := []disclose.Contribution{c.nights, c.stays}; !reflect.DeepEqual(row.Contributions, want) || row.Facilities != 3 {
				t.Errorf("from %s: %+v of %d facilities, want %+v of 3", row.Row.OriginCode, row.Contributions, row.Facilities, want)
			}
		}
		recorded := Coverage(f, tallies, nil)
		c.nights.Figure = "recorded"
		if len(recorded) != 1 || !reflect.DeepEqual(recorded[0].Contributions[0], c.nights) {
			t.Errorf("coverage: %+v, want one row with %+v", recorded, c.nights)
		}
	}
}

// Three houses of which two sell by one site: it has 90 of 100, and the rule that asks of platforms finds it where that of houses, of which
// the largest has 50, does not.
func TestContributionsAreOfPlatforms(t *testing.T) {
	month := int32(2025*12 + 2)
	tally := func(facility string, n int64) schemas.NightTally {
		return schemas.NightTally{RegionCode: "30401", Facility: facility, ArrivalMonth: month, NightMonth: month, OriginCode: "13000", GuestNights: 10 * n, Arrivals: n, Stays: n}
	}
	houses := []schemas.NightTally{tally("a", 50), tally("b", 40), tally("c", 10)}
	f := Frame{AsOf: lastDay(month), Regions: []schemas.Region{{RegionCode: "30401", RegionLevel: schemas.LevelMunicipality}}}
	rule := disclose.Rules{Threshold: disclose.Threshold{Facilities: 3}, Dominance: disclose.Dominance{One: 60}}
	for _, c := range []struct {
		platforms []schemas.NightTally
		shown     bool
	}{{nil, true}, {[]schemas.NightTally{tally("x", 90), tally("y", 10)}, false}, {[]schemas.NightTally{tally("x", 55), tally("y", 45)}, true}} {
		f.Platforms = c.platforms
		for _, row := range disclose.Protect(GuestNights(f, houses), rule).Rows() {
			if (row.GuestNights != nil) != c.shown {
				t.Errorf("with platforms %v: %+v, want it shown: %t", c.platforms, row, c.shown)
			}
		}
		if got := disclose.Protect(Coverage(f, houses, nil), rule).Rows(); len(got) != 1 || (got[0].Recorded != nil) != c.shown {
			t.Errorf("coverage with platforms %v: %+v, want it shown: %t", c.platforms, got, c.shown)
		}
	}
}
