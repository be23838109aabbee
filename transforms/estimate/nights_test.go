package estimate

import (
	"slices"
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
		{nil, disclose.Contribution{Total: 100, First: 50, Second: 40}, disclose.Contribution{Total: 10, First: 5, Second: 4}},
		{map[string]string{"a": "x", "b": "x"}, disclose.Contribution{Total: 100, First: 90, Second: 10}, disclose.Contribution{Total: 10, First: 9, Second: 1}},
	} {
		f.Companies = c.companies
		c.nights.Figure, c.stays.Figure = "guest_nights", "bookings"
		for _, row := range GuestNights(f, tallies) {
			if want := []disclose.Contribution{c.nights, c.stays}; !slices.Equal(row.Contributions, want) || row.Facilities != 3 {
				t.Errorf("from %s: %+v of %d facilities, want %+v of 3", row.Row.OriginCode, row.Contributions, row.Facilities, want)
			}
		}
		recorded := Coverage(f, tallies, nil)
		c.nights.Figure = "recorded"
		if len(recorded) != 1 || recorded[0].Contributions[0] != c.nights {
			t.Errorf("coverage: %+v, want one row with %+v", recorded, c.nights)
		}
	}
}
