package estimate

import (
	"math"
	"reflect"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// Classes of detection end where answers do. 1, 2, 3 to 5, 6 to 11 and 12 or more: four is inside a class, so that it moves to
// six. Of 1, 2 to 4 and 5 or more it moves to five, and twelve is told by nobody. Numbers and no answers leave the bounds as they are.
// 3 to 5 and 5 to 8, of two questionnaires, move it on to nine.
func TestClassesOfDetectionEndWhereAnswersDo(t *testing.T) {
	for _, c := range []struct {
		answered, want [][2]int
	}{
		{[][2]int{{6, 11}, {1, 1}, {3, 5}, {12, -1}, {2, 2}}, [][2]int{{1, 1}, {2, 5}, {6, 11}, {12, -1}}},
		{[][2]int{{1, 1}, {2, 4}, {5, -1}}, [][2]int{{1, 1}, {2, 4}, {5, -1}}},
		{[][2]int{{1, 1}, {3, 3}, {4, 4}, {20, 20}}, [][2]int{{1, 1}, {2, 3}, {4, 11}, {12, -1}}},
		{[][2]int{{5, 8}, {3, 5}}, [][2]int{{1, 1}, {2, 8}, {9, 11}, {12, -1}}},
		{nil, [][2]int{{1, 1}, {2, 3}, {4, 11}, {12, -1}}},
	} {
		var answers []OnsiteAnswer
		for _, a := range c.answered {
			answers = append(answers, OnsiteAnswer{Tie: ReportedTie{Visits: int32(a[0]), Most: int32(a[1])}})
		}
		if got := visitClasses(answers, func(OnsiteAnswer) bool { return true }); !reflect.DeepEqual(got, c.want) {
			t.Errorf("classes of %v: %v, want %v", c.answered, got, c.want)
		}
	}
}

// A prefecture of two municipalities: 106 trips are seen in these, 100 in it, so that six are of trips to both. Half of the nights
// are covered, half of the bookings are under the own name, and three quarters of the second ones of a trip: 6 ÷ (½)² ÷ (½ · ¾) = 64
// of 1,000 visits are joined to another, and 936 trips were made. Its relative variance is 1/6, of six, (2 · 0.1)², of the houses, and
// (¼/√3 ÷ ¾)² = 1/27, of the second booking. Of 40 met 32 go to one municipality and eight to two: a tenth of the visits is joined
// to another, whatever bookings show, and the squares of 1 − 1/m add up to 32 · 0.1² + 8 · 0.4² = 1.6. Those who came to see kin do not
// count, and 29 tell nothing. What the prefecture counts itself are trips.
func TestVisitsOfOneTripAreOne(t *testing.T) {
	reference := day("2025-03-31")
	key := func(region string) tripKey {
		return tripKey{0, schemas.OutsidePrefecture, region, domesticOrigin, month(reference)}
	}
	e := &bookingEstimator{visits: map[string]map[visitPeriod]float64{}, counts: map[tripKey]capture.Frequencies{key("30201"): {40, 20}, key("30202"): {26}}}
	for _, code := range []string{"30201", "30202"} {
		e.frame.Regions = append(e.frame.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
	}
	c := seenCell{region: schemas.Region{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}, rule: schemas.OutsidePrefecture,
		reference: reference, persons: capture.Frequencies{70, 15}, visits: 1000, residence: step{basis: schemas.BasisBookings, Rate: capture.Rate{P: 1}}}
	for _, rate := range []capture.Rate{{P: 0.6}, {P: 0.6}, {P: 0.5, StdErr: 0.05}, {P: 0.5}, {P: 1}} {
		c.steps = append(c.steps, step{basis: schemas.BasisBookings, Rate: rate})
	}
	joined := e.joined(&c)
	if relative := math.Sqrt(1.0/6 + 0.04 + 1.0/27); !near(joined.P, 64, 1e-12) || !near(joined.StdErr, 64*relative, 1e-12) {
		t.Errorf("visits joined to another: %+v, want 64 ± %v", joined, 64*relative)
	}
	c.fromVisitors(0.05, step{Rate: capture.Rate{P: 1}}, joined)
	if relative := math.Hypot(0.05*1000/936, joined.StdErr/936); c.visits != 936 || !near(c.detection.P, 100.0/936, 1e-12) || !near(c.detection.StdErr, 100.0/936*relative, 1e-12) {
		t.Errorf("detection %+v of %v trips, want %v ± %v", c.detection.Rate, c.visits, 100.0/936, 100.0/936*relative)
	}
	c.excluded, c.visits = schemas.Kin, 1000
	for i := range int32(40) {
		c.answers = append(c.answers, onTheWay(i, 1+i/32))
	}
	kin := onTheWay(40, 4)
	kin.Tie.Purposes = schemas.Kin
	c.answers = append(c.answers, kin)
	if met := e.joined(&c); !near(met.P, 100, 1e-9) || !near(met.StdErr, 1000*math.Sqrt(1.6*40/39)/40, 1e-9) {
		t.Errorf("visits joined to another: %+v, want 100", met)
	}
	c.excluded, c.answers = 0, c.answers[:29]
	if few := e.joined(&c); few != joined {
		t.Errorf("29 answers say %+v", few)
	}
	e.visits["30000"] = map[visitPeriod]float64{}
	for _, stay := range []string{overnight, dayTrip} {
		e.visits["30000"][visitPeriod{visitClass{otherPrefecture, stay}, reference.AddMonths(-12) + 1, reference}] = 500
	}
	if own := e.joined(&c); own != (capture.Rate{}) {
		t.Errorf("of a prefecture that counts its visitors %+v are joined", own)
	}
}
