package convert

import (
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// Thirty members with a weight of 3, half of whom move in after a year, and thirty with 1, who are asked
// for two years: 45/120 have by 12 months. Two members a sampling unit, alike, tell half as much: the
// variance is twice that of members by themselves.
func TestSurveyedByHand(t *testing.T) {
	f := frame(day(2026, 3, 31), 1)
	members := func(unit func(i int) string) (all []Member) {
		for i := range 60 {
			m := Member{Region: "30000", Number: int64(i), SamplingUnit: unit(i), EnteredOn: day(2023, 10, 1), EndedOn: day(2025, 10, 6), Weight: 1}
			if i < 30 {
				m.Weight = 3
				if i < 15 {
					m.End, m.EndedOn = moved, day(2024, 10, 12) // a year and eleven days later
				}
			}
			all = append(all, m)
		}
		return all
	}
	at := func(members []Member, horizon int32) (schemas.MigrationConversion, int64) {
		rows, err := Surveyed(f, members)
		if err != nil {
			t.Fatal(err)
		}
		c := find(t, rows, conversionOf(surveyEstimator, "30000", horizon))
		return c.Row, c.Persons
	}
	alone := members(func(int) string { return "" })
	got, persons := at(alone, 12)
	// Influences w (1{moved} − 0.375)/120.
	want := math.Sqrt((15*9*0.625*0.625 + 15*9*0.375*0.375 + 30*0.375*0.375) / (120 * 120))
	if got.Value == nil || math.Abs(*got.Value-0.375) > 1e-12 || math.Abs(*got.StdError-want) > 1e-12 || persons != 15 {
		t.Errorf("%+v of %d, want 0.375 ± %v of 15", got, persons, want)
	}
	if got, _ := at(alone, 36); got.Value != nil || got.Reason != schemas.FollowUpShort {
		t.Errorf("36 months: %+v", got)
	}
	pairs := members(func(i int) string { return string(rune('A' + i/2)) })
	pairs[14].SamplingUnit, pairs[15].SamplingUnit = "alone", "lone" // one moves, the other does not
	if got, _ := at(pairs, 12); *got.StdError < 1.35*want || *got.StdError > math.Sqrt2*want {
		t.Errorf("by pairs ± %v, by themselves %v", *got.StdError, want)
	}
	for n, reason := range map[int]string{9: schemas.FewAtRisk, 51: schemas.FewMovers} {
		few := alone[60-n:]
		if n == 51 {
			few = alone[9:]
		}
		if got, _ := at(few, 12); got.Value != nil || got.Reason != reason {
			t.Errorf("of %d: %+v, want %s", n, got, reason)
		}
	}
	if rows, err := Surveyed(f, nil); err != nil || rows != nil {
		t.Errorf("of no panel: %v, %v", rows, err)
	}
}
