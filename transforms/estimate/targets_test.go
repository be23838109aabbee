package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func TestProbabilityMet(t *testing.T) {
	for _, c := range []struct{ n, s, target, want float64 }{
		{100, 10, 100, 0.5},
		{120, 12, 100, 0.9658646}, // Φ(ln 1.2 ÷ 0.1) = Φ(1.82322), by Python's math.erfc
		{80, 20, 100, 0.1860426},  // Φ(ln 0.8 ÷ 0.25) = Φ(−0.89257)
		{100, 0, 100, 1},          // a census that counts as many
		{99, 0, 100, 0},
	} {
		got := probabilityMet(c.n, c.s, c.target)
		if got == nil || math.Abs(*got-c.want) > 1e-7 {
			t.Errorf("probabilityMet(%v, %v, %v) = %v, want %v", c.n, c.s, c.target, got, c.want)
		}
	}
	if got := probabilityMet(0, 5, 100); got != nil {
		t.Errorf("of a figure of none: %v, want none", *got)
	}
}

// The higher the target the less likely it is met; twice the figure against twice the target,
// with twice the error, is as likely.
func TestProbabilityMetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, cv := rapid.Float64Range(1, 1e6).Draw(t, "n"), rapid.Float64Range(0.01, 1).Draw(t, "cv")
		target := n * rapid.Float64Range(0.5, 2).Draw(t, "target")
		p, more, twice := *probabilityMet(n, cv*n, target), *probabilityMet(n, cv*n, target*1.1), *probabilityMet(2*n, 2*cv*n, 2*target)
		if more > p || math.Abs(twice-p) > 1e-12 || (p >= 0.5) != (n >= target) {
			t.Fatalf("of %v with cv %v: %v met %v, a tenth more %v, all doubled %v", n, cv, target, p, more, twice)
		}
	})
}

func TestTargetProgressTakesTheFiguresOfItsRegion(t *testing.T) {
	march, _ := schemas.NewDate(2026, 3, 31)
	row := func(source, estimator string, v, stdErr *float64, status string) disclose.Counted[schemas.RelationalPopulation] {
		return disclose.Counted[schemas.RelationalPopulation]{Persons: 40, Facilities: 4, Row: schemas.RelationalPopulation{
			Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: march, Source: source, Estimator: estimator,
			Value: v, StdError: stdErr, Observation: schemas.Observation{ObsStatus: status, ConfStatus: schemas.Free, MethodologyVersion: "m-1"}}}
	}
	observed := row("booking", Observed, value(40), nil, schemas.Normal)
	thinned := row("booking", Thinned, value(120), value(12), schemas.Estimated)
	unknown := row("survey", "survey_calibrated", nil, nil, schemas.NotEstimable)
	combined := row("combined", "composite", value(100), value(10), schemas.Estimated)
	origin, earlier, other := thinned, thinned, thinned
	origin.Row.OriginCode, earlier.Row.ReferenceMonth, other.Row.RegionCode = "13000", march.AddMonths(-1), "30000"
	targets := []Target{
		{Name: "plan", Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30401", Value: 100},
		{Name: "none", Definition: "two-region", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30401", Value: 100},
	}
	rows := TargetProgress(Frame{References: []schemas.Date{march.AddMonths(-1), march}}, targets,
		[]disclose.Counted[schemas.RelationalPopulation]{observed, thinned, unknown, combined, origin, earlier, other})
	want := []struct {
		target, source string
		ratio, met     float64 // −1 for none
		status         string
	}{
		{"plan", "booking", 0.4, -1, schemas.Normal}, {"plan", "booking", 1.2, 0.9658646, schemas.Estimated},
		{"plan", "survey", -1, -1, schemas.NotEstimable}, {"plan", "combined", 1, 0.5, schemas.Estimated},
		{"none", "", -1, -1, schemas.NotEstimable},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %+v", len(rows), len(want), rows)
	}
	orNone := func(v *float64) float64 {
		if v == nil {
			return -1
		}
		return *v
	}
	for i, w := range want {
		r := rows[i].Row
		if r.Target != w.target || r.Source != w.source || r.ObsStatus != w.status ||
			math.Abs(orNone(r.Ratio)-w.ratio) > 1e-7 || math.Abs(orNone(r.ProbabilityMet)-w.met) > 1e-7 {
			t.Errorf("row %d: %s, %s, ratio %v, met %v, %s; want %+v", i, r.Target, r.Source, orNone(r.Ratio), orNone(r.ProbabilityMet), r.ObsStatus, w)
		}
		if w.source != "" && (rows[i].Persons != 40 || rows[i].Facilities != 4) {
			t.Errorf("row %d rests on %d persons and %d houses, want those of its figure, 40 and 4", i, rows[i].Persons, rows[i].Facilities)
		}
	}
	// What is withheld of the figure is withheld here.
	for _, r := range disclose.Protect(rows, disclose.Threshold{Persons: 50}).Rows() {
		if r.Value != nil || r.Ratio != nil || r.ProbabilityMet != nil || r.TargetValue != 100 {
			t.Errorf("withheld, and yet: %+v", r)
		}
	}
}
