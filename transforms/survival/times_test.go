package survival

import (
	"math"
	"testing"
)

// Of n persons all of whom are followed the incidences are shares of a multinomial law, and of the
// m who have the event by the end so many had it by t: the difference is (m_t − q m)/n with the
// variance Σ (1{T ≤ t} − q)² over them, less its mean squared, by n². Another cause competes.
func TestExcessOfThoseAllFollowed(t *testing.T) {
	var spells []Spell
	add := func(n int, exit, cause int32) {
		for range n {
			spells = append(spells, Spell{Exit: exit, Cause: cause, Weight: 1})
		}
	}
	add(10, 3, 1)
	add(6, 5, 2)
	add(20, 8, 1)
	add(14, 12, 1)
	add(150, 20, 0)
	for _, capture := range [][]Capture{nil, {{Sensitivity: 0.5}, {Sensitivity: 1}}} {
		curves, err := Curves(spells, Options{Causes: 2, Capture: capture})
		if err != nil {
			t.Fatal(err)
		}
		const n, m, early, q = 200.0, 44.0, 30.0, 0.25
		got, stdErr, ok := curves[0].Excess(1, 8, 15, q)
		mean := (early - q*m) / n
		want := math.Sqrt(((early*(1-q)*(1-q)+(m-early)*q*q)/n - mean*mean) / n)
		if !ok || math.Abs(got-mean) > 1e-12 || math.Abs(stdErr/want-1) > 1e-12 {
			t.Errorf("capture %v: %v ± %v, %v, want %v ± %v", capture, got, stdErr, ok, mean, want)
		}
	}
	short, err := Curves(spells[:50], Options{Causes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := short[0].Excess(1, 8, 15, 0.5); !ok { // all had an event: F is known for good
		t.Error("a curve that ends at nobody left tells all later times")
	}
	if censored, err := Curves([]Spell{{Exit: 3, Cause: 1}, {Exit: 9}}, Options{}); err != nil {
		t.Fatal(err)
	} else if _, _, ok := censored[0].Excess(1, 3, 10, 0.5); ok {
		t.Error("nobody is followed to 10")
	}
}
