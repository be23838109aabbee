package estimate

import (
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/regularity"
)

// One prefecture of two municipalities: of 100 ties seen every month from January 2024, 30
// were last seen in June 2024, 30 in April 2025, and 40 go on until December 2025; visits
// are seen for a quarter.
func TestRegularityOfAPrefecture(t *testing.T) {
	from, last := int32(2024*12), int32(2025*12+11)
	reference := lastDay(last)
	f := Frame{
		References: []schemas.Date{reference}, Profiles: schemas.BuiltinProfiles(),
		Regions: []schemas.Region{
			{RegionCode: "18000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "18000"},
			{RegionCode: "18201", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "18000"},
			{RegionCode: "18202", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "18000"},
		},
		Sources: map[string]SourceFrame{schemas.SourceBooking: {First: lastDay(from) - 30, Last: reference, Identified: true}},
	}
	counts := RegularCounts{Gaps: map[string][]regularity.Gap{"18000": {{Days: 30, Closed: 560, Open: 40}, {Days: 455, Open: 60}}}}
	for _, region := range []string{"18000", "18201"} {
		counts.Ties = append(counts.Ties,
			RegularTie{Region: region, First: from, Last: last, Trips: 24, LastThen: from + 11, TripsThen: 12, Ties: 40},
			RegularTie{Region: region, First: from, Last: from + 15, Trips: 16, LastThen: from + 11, TripsThen: 12, Ties: 30},
			RegularTie{Region: region, First: from, Last: from + 5, Trips: 6, LastThen: from + 5, TripsThen: 6, Ties: 30})
	}
	seen := 0.25
	coverage := []disclose.Counted[schemas.Coverage]{{Row: schemas.Coverage{Step: schemas.StepDetection, Definition: "repeat-visits",
		RegionCode: "18000", Month: reference, Outside: schemas.OutsidePrefecture, Coverage: &seen}}}

	got := map[string]disclose.Counted[schemas.VisitBehaviour]{}
	for _, c := range Regularity(f, counts, nil, coverage) {
		got[c.Row.RegionCode+" "+c.Row.Statistic] = c
	}
	at := func(key string) float64 {
		t.Helper()
		if got[key].Row.Value == nil {
			t.Fatalf("%s has no value: %+v", key, got[key].Row)
		}
		return *got[key].Row.Value
	}
	for key, want := range map[string]float64{
		"18000 gap_median_closed": 30, // all 560
		"18000 gap_median":        30, // 1 − 560 ÷ 660 are open after 30 days
		"18000 again_share":       0.7,
		"18000 reactivated_share": 0, // of the 30 silent for half a year
		"18000 active_share":      0.4, "18000 lapsed_share": 0.6,
	} {
		if v := at(key); v != want {
			t.Errorf("%s = %v, want %v", key, v, want)
		}
	}
	if v := at("18000 alive_share"); math.Abs(v-0.4) > 0.02 {
		t.Errorf("alive_share %v where 40 of 100 come every month and 60 have not come for eight", v)
	}
	if low, high := *got["18000 alive_share"].Row.CILow, *got["18000 alive_share"].Row.CIHigh; low > 0.4 || high < 0.4 {
		t.Errorf("alive_share is from %v to %v, without 0.4", low, high)
	}
	if a, b := at("18000 gap_median_made"), at("18000 gap_median_alive"); math.Abs(a-b*seen) > 1e-9 {
		t.Errorf("gap_median_made %v, want a quarter of %v", a, b)
	}
	if c := got["18000 lapsing_share"]; c.Persons != 0 || got["18000 active_share"].Persons != 0 {
		t.Errorf("active_share rests on %d persons: nobody is lapsing, and it would tell", got["18000 active_share"].Persons)
	}
	if _, there := got["18202 alive_share"]; there {
		t.Error("a municipality without ties has a row")
	}
	// Without a law to go by nothing is told, and no gap of living ties.
	counts.Ties = []RegularTie{{Region: "18000", First: from, Last: from, Trips: 1, LastThen: from, TripsThen: 1, Ties: 1000}}
	for _, c := range Regularity(f, counts, nil, coverage) {
		if s := c.Row.Statistic; s != statClosedGap && s != statOpenGap && (c.Row.Value != nil || c.Row.ObsStatus != schemas.NotEstimable) {
			t.Errorf("one trip each tells %s = %v, %s", s, c.Row.Value, c.Row.ObsStatus)
		}
	}
}
