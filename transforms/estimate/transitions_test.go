package estimate

import (
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// transitionsOf are those of a prefecture with two levels, by the changes of two fiscal years.
func transitionsOf(t *testing.T, years ...map[int32]int64) []disclose.Counted[schemas.EngagementTransition] {
	t.Helper()
	f := Frame{Outside: []string{schemas.OutsidePrefecture}, Regions: []schemas.Region{{RegionCode: "18000", RegionLevel: schemas.LevelPrefecture}},
		Sources: map[string]SourceFrame{schemas.SourceSurvey: {Identified: true, First: lastDay(2010 * 12)}}}
	var tallies []schemas.Tally
	for i, changes := range years {
		at := int32((2024+i)*12 + 2)
		f.References = append(f.References, lastDay(at), lastDay(at+1))
		for class, n := range changes {
			tallies = append(tallies, schemas.Tally{ReferenceMonth: at, SourceKind: schemas.SourceSurvey, Tally: tallyYear, Outside: schemas.OutsidePrefecture,
				RegionCode: "18000", OriginCode: schemas.All, Class: class, Count: n})
		}
	}
	rows, err := Transitions(f, tallies, []string{"one_off", "repeat"})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Of 300 and 600 at one_off 60 and 120 become repeat: 0.2, with the error √(0.2·0.8/900).
// Who moved in (state 6) has no level, and who comes from none (0, 7) is in no row.
func TestTransitionsByHand(t *testing.T) {
	rows := transitionsOf(t,
		map[int32]int64{11: 40, 12: 60, 10: 197, 16: 3, 21: 12, 22: 18, 20: 20, 1: 99, 72: 5},
		map[int32]int64{11: 80, 12: 120, 10: 400, 21: 24, 22: 36, 20: 40})
	want := map[[2]string]float64{{"one_off", "one_off"}: 120. / 900, {"one_off", "repeat"}: 0.2, {"one_off", "none"}: 600. / 900,
		{"repeat", "one_off"}: 36. / 150, {"repeat", "repeat"}: 54. / 150, {"repeat", "none"}: 60. / 150}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for _, c := range rows {
		k := [2]string{c.Row.FromEngagement, c.Row.ToEngagement}
		if math.Abs(*c.Row.Value-want[k]) > 1e-12 || c.Persons != 12 || c.Row.Years != 2 {
			t.Errorf("%v: %v on %d persons in %d years, want %v on 12 in 2", k, *c.Row.Value, c.Persons, c.Row.Years, want[k])
		}
		if k == [2]string{"one_off", "repeat"} && math.Abs(*c.Row.StdError-math.Sqrt(0.16/900)) > 1e-12 {
			t.Errorf("error %v, want %v", *c.Row.StdError, math.Sqrt(0.16/900))
		}
	}
}

// A change that fewer than ten made in one of the years, or nobody, withholds all of the
// prefecture's; nobody on any level has no rows.
func TestTransitionsOfFew(t *testing.T) {
	many := map[int32]int64{11: 40, 12: 60, 10: 200, 21: 12, 22: 18, 20: 20}
	few := map[int32]int64{11: 40, 12: 60, 10: 200, 21: 9, 22: 18, 20: 20}
	none := map[int32]int64{11: 40, 12: 60, 10: 200, 22: 18, 20: 20}
	shown := func(years ...map[int32]int64) (n int) {
		for _, row := range disclose.Protect(transitionsOf(t, years...), disclose.Threshold{Persons: 10}).Rows() {
			if row.Value != nil {
				n++
			}
		}
		return n
	}
	if a, b, c := shown(many, many), shown(many, few), shown(none, many); a != 6 || b != 0 || c != 0 {
		t.Errorf("%d, %d and %d shown, want 6, none and none", a, b, c)
	}
	if rows := transitionsOf(t, map[int32]int64{1: 50}); len(rows) != 0 {
		t.Errorf("%d rows of nobody", len(rows))
	}
	alone := transitionsOf(t, map[int32]int64{12: 1})
	for _, c := range alone {
		if c.Persons != 0 || c.Row.Value != nil && math.IsNaN(*c.Row.Value) {
			t.Errorf("one person: %+v", c)
		}
	}
}
