package estimate

import (
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// A coefficient of variation of 0.165 is of class A with the log-normal interval that goes with it, 100/e^0.3234 to
// 100·e^0.3234 = 72.4 to 138.2, width 0.658; an interval wider than that is of a lower class.
func TestGrades(t *testing.T) {
	row := func(cv, low, high float64) schemas.RelationalPopulation {
		return schemas.RelationalPopulation{Value: value(100), CV: value(cv), CILow: value(low), CIHigh: value(high)}
	}
	for _, c := range []struct {
		row    schemas.RelationalPopulation
		grades Grades
		want   string
	}{
		{row(0.165, 72.4, 138.1), Grades{}, "A"},
		{row(0.166, 72.4, 138.1), Grades{}, "B"},
		{row(0.165, 60, 138.1), Grades{}, "B"}, // from few answers
		{row(0.333, 52.1, 192.0), Grades{}, "B"},
		{row(0.5, 37.6, 266.4), Grades{}, "C"},
		{row(0.51, 37.6, 266.4), Grades{}, "U"},
		{row(0.1, 5, 400), Grades{}, "U"},
		{row(0.1, 80, 125), Grades{0.05, 0.1, 0.2}, "C"}, // 0.45 is wider than 2 sinh(0.196) = 0.39
		{row(0.1, 82.2, 121.6), Grades{0.05, 0.1, 0.2}, "B"},
		{schemas.RelationalPopulation{Value: value(100)}, Grades{}, "U"},
		{schemas.RelationalPopulation{Value: value(0), CV: value(0)}, Grades{}, "U"},
	} {
		if got := c.grades.of(c.row); got != c.want {
			t.Errorf("cv %v, %v: %s, want %s", c.row.CV, c.grades, got, c.want)
		}
	}
}

// A release that shows class B and better has rows of C without figures, free and of status U, and leaves what has no
// interval.
func TestReliable(t *testing.T) {
	row := schemas.RelationalPopulation{Value: value(100), StdError: value(40), CV: value(0.4), CILow: value(45), CIHigh: value(220), Reliability: "C",
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: "m"}}
	for _, least := range []string{"", "C", "U"} {
		if got := Reliable(row, least); got != row {
			t.Errorf("%q: %+v", least, got)
		}
	}
	got := Reliable(row, "B")
	if got.Value != nil || got.CILow != nil || got.CV != nil || got.ObsStatus != schemas.LowReliability || got.ConfStatus != schemas.Free || got.MethodologyVersion != "m" {
		t.Errorf("below the least class: %+v", got)
	}
	seen := schemas.RelationalPopulation{Value: value(100), Reliability: "U"}
	if got := Reliable(seen, "A"); got != seen {
		t.Errorf("a count: %+v", got)
	}
	target := schemas.TargetProgress{Value: value(100), StdError: value(40), CILow: value(45), CIHigh: value(220), ProbabilityMet: value(0.5)}
	if got := DefaultGrades.ReliableProgress(target, "B"); got.Value != nil || got.ProbabilityMet != nil || got.ObsStatus != schemas.LowReliability {
		t.Errorf("the target of a figure below the least class: %+v", got)
	}
	if got := DefaultGrades.ReliableProgress(target, "C"); got != target {
		t.Errorf("the target of a figure of the least class: %+v", got)
	}
}

// What tells a figure that is kept back is kept back with it: its error, and the same estimate among the thresholds. Counts,
// bounds and other figures stay.
func TestWhatTellsAFigureThatIsKeptBack(t *testing.T) {
	row := estimated("30201", schemas.Persons, schemas.SourceBooking, Thinned, 100, 0.4, 4).Row
	row.CILow, row.CIHigh, row.Reliability = value(45), value(220), "C"
	cut := CutOf([]schemas.RelationalPopulation{row}, "B")
	budget := budgetOf(disclose.Counted[schemas.RelationalPopulation]{Row: row}, Parts{{schemas.CauseSampling, "a", 0.4}}).Row
	if got := cut.Budget(budget); got.CV != nil || got.Sampling != nil || got.ObsStatus != schemas.LowReliability {
		t.Errorf("the error of a figure that is kept back: %+v", got)
	}
	other := budget
	other.RegionCode = "30202"
	if got := cut.Budget(other); got != other {
		t.Errorf("the error of another figure: %+v", got)
	}
	if got := CutOf([]schemas.RelationalPopulation{row}, "C").Budget(budget); got != budget {
		t.Errorf("the error of a figure of the least class: %+v", got)
	}
	s := schemas.DefinitionSensitivity{Value: value(100), StdError: value(40), CILow: value(45), CIHigh: value(220)}
	if got := DefaultGrades.ReliableSensitivity(s, "B"); got.Value != nil || got.ObsStatus != schemas.LowReliability {
		t.Errorf("by thresholds: %+v", got)
	}
	bound := schemas.DefinitionSensitivity{Value: value(100), StdError: value(40), CILow: value(45)}
	if got := DefaultGrades.ReliableSensitivity(bound, "A"); got != bound {
		t.Errorf("a bound: %+v", got)
	}
}
