package survival

import (
	"math"
	"testing"
)

// By hand: of four one is seen to move at 1, half of the moves being seen. If the others
// left unseen at once the hazard is 2/4; if they go on looking at risk F is 2 · 1/4. A
// second at 2, of three: 1/2 + 1/2 · 2/3, or 2 · (1/4 + 3/4 · 1/3) = 1.
func TestCaptureByHand(t *testing.T) {
	spells := until(1, 1, 2, 1, 3, 0, 3, 0)
	for _, e := range []struct {
		leave      bool
		one, two   float64
		statusOf12 [2]Status
	}{
		{true, 0.5, 0.5 + 0.5*2/3, [2]Status{Estimated, Estimated}},
		{false, 0.5, 1, [2]Status{Estimated, Exact}},
	} {
		c := first(t, spells, Options{Capture: []Capture{{Sensitivity: 0.5, MissedLeave: e.leave}}})
		one, two := c.IncidenceAt(1, 1, Interval{}), c.IncidenceAt(1, 2, Interval{})
		if !near(one.Value, e.one, 1e-15) || !near(two.Value, e.two, 1e-15) || [2]Status{one.Status, two.Status} != e.statusOf12 {
			t.Errorf("missed leave %v: %+v, %+v, want %v, %v", e.leave, one, two, e.one, e.two)
		}
	}
	for _, leave := range []bool{true, false} { // three of four are seen: six
		c := first(t, until(1, 1, 1, 1, 1, 1, 3, 0), Options{Capture: []Capture{{Sensitivity: 0.5, MissedLeave: leave}}})
		if p := c.IncidenceAt(1, 2, Interval{}); p.Status != NotEstimable {
			t.Errorf("missed leave %v: %+v of more events than persons", leave, p)
		}
	}
	none := first(t, until(2, 0, 2, 0), Options{Capture: []Capture{{Sensitivity: 0.9}}})
	if p := none.IncidenceAt(1, 2, Interval{}); p.Status != Exact || !near(p.High, (1-math.Sqrt(0.025))/0.9, 1e-15) {
		t.Errorf("of two none is seen: %+v", p)
	}
}

// What the errors of sensitivities add to the variance is (Δ/2h)² of what their change by
// ±h makes of the figures.
func TestCaptureErrors(t *testing.T) {
	const h, se = 1e-5, 0.1
	figures := func(s1, s2, se1, se2 float64) (values, errors []float64) {
		o := Options{Causes: 2, Weighted: true, RestrictTo: 15, Capture: []Capture{{s1, se1, true}, {s2, se2, false}}}
		c := first(t, late(t), o)
		for _, p := range []Point{c.IncidenceAt(1, 13, Interval{}), c.IncidenceAt(2, 13, Interval{}), c.SurvivalAt(13, Interval{}), c.RestrictedMean(Interval{})} {
			if p.Status != Estimated {
				t.Fatalf("%+v", p)
			}
			values, errors = append(values, p.Value), append(errors, p.StdErr)
		}
		return values, errors
	}
	_, without := figures(0.9, 0.8, 0, 0)
	for j := range 2 {
		d, at := make([]float64, 2), make([]float64, 2)
		d[j], at[j] = h, se
		up, _ := figures(0.9+d[0], 0.8+d[1], 0, 0)
		down, _ := figures(0.9-d[0], 0.8-d[1], 0, 0)
		_, with := figures(0.9, 0.8, at[0], at[1])
		for i := range with {
			want := se * (up[i] - down[i]) / (2 * h)
			if got := with[i]*with[i] - without[i]*without[i]; !near(got, want*want, 1e-6*(want*want+1e-3)) {
				t.Errorf("sensitivity %d, figure %d: variance grows by %v, want %v", j+1, i, got, want*want)
			}
		}
	}
}
