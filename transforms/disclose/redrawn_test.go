package disclose_test

import (
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// A publication by former boundaries has 30206 and 30401 apart, which are one today.
var merged = disclose.Redrawn{
	Areas:  []disclose.Area{{Before: []string{"30206 then", "30401 then"}, Now: []string{"30206", "30401"}}},
	Totals: []disclose.FormerTotal{{Total: "30000 then", Parts: []string{"30206 then", "30401 then"}}},
}

func personsThen(region string) disclose.Former {
	return disclose.Former{Cube: schemas.CubeOf("person"),
		Coordinates: []string{"", schemas.Persons, schemas.OutsidePrefecture, region, "27000", schemas.All, schemas.All, "", "1970-01-31", schemas.SourceBooking}}
}

func bookingsThen(region string) disclose.Former {
	return disclose.Former{Cube: schemas.CubeOf("booking"), Coordinates: []string{region, "1970-01-31", "27000", ""}}
}

func withheldThen(f disclose.Former, n int64, asked disclose.Asked) disclose.Former {
	f.Value, f.Primary, f.Asked = n, true, asked
	return f
}

func shownThen(f disclose.Former, n int64) disclose.Former {
	f.Value, f.Shown = n, true
	return f
}

// Of the two towns 3 and 20 persons were counted, of whom one is in both: 22 today say that the 3 are 2 at least. Where it
// must remain possible that they are 1 the 22 are withheld, though they rest on enough.
func TestDistinctPersonsOfAnAreaTellItsParts(t *testing.T) {
	for _, c := range []struct {
		below    int64
		withheld bool
	}{{1, false}, {2, true}} {
		flows := []disclose.Counted[schemas.OriginDestination]{flow("30401", "27000", 22)}
		l := disclose.NewLinked(rule, 0, nobodyKnows)
		disclose.Link(l, "origin_destination", flows)
		l.Former([]disclose.Former{withheldThen(personsThen("30206 then"), 3, disclose.Asked{Below: c.below}), shownThen(personsThen("30401 then"), 20)}, merged)
		suppress(t, l)
		if withheld := disclose.Protect(flows, rule).Rows()[0].Persons == nil; withheld != c.withheld {
			t.Errorf("%d less must be possible: 22 withheld %t, want %t", c.below, withheld, c.withheld)
		}
	}
}

// 34 bookings are those of both towns, 30 of which were shown: they tell the 4. That there were 7 by a publication before is
// no more than that it was revised.
func TestTheLatestPublicationTellsOfFormerCells(t *testing.T) {
	rows := []disclose.Counted[schemas.GuestNights]{nights("30401", "27000", 34)}
	l := disclose.NewLinked(rule, 0, nobodyKnows)
	disclose.Link(l, "guest_nights", rows)
	l.Former([]disclose.Former{
		withheldThen(bookingsThen("30206 then"), 4, disclose.Asked{Width: 1}), shownThen(bookingsThen("30401 then"), 30),
		withheldThen(bookingsThen("30206 then"), 7, disclose.Asked{Width: 1}),
	}, merged)
	suppress(t, l)
	if disclose.Protect(rows, rule).Rows()[0].Bookings != nil {
		t.Error("34 are shown")
	}
}
