package capture

import (
	"math"
	"testing"
)

// By hand: of 100 and 100 persons 50 linked, nine of ten matches being found: M̂ = 50/0.9, which
// has the variance M̂·0.9·0.1/0.81 of the links, and M̂²·0.05²/0.81 of a rate known within 0.05.
func TestLinkedByHand(t *testing.T) {
	l := TwoLists{First: 100, Second: 100, Both: 50}
	m := 50 / 0.9
	links, rate := m*0.9*0.1/0.81, m*m*0.05*0.05/0.81
	plain := must(Chapman(TwoLists{First: 100, Second: 100, Both: m}))(t)
	slope := 101.0 * 101 / ((m + 1) * (m + 1)) // of Chapman's number by the number in common
	for _, c := range []struct {
		alpha Rate
		added float64
	}{{Rate{P: 0.9}, links}, {Rate{0.9, 0.05}, links + rate}} {
		n, low, high, err := l.Linked(c.alpha, Rate{}, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		want := math.Sqrt(plain.StdErr*plain.StdErr + slope*slope*c.added)
		if math.Abs(n.N-plain.N) > 1e-9 || math.Abs(n.StdErr-want) > 1e-9 || !(low < n.N && n.N < high) {
			t.Errorf("α = %+v: %v ± %v (%v–%v), want %v ± %v", c.alpha, n.N, n.StdErr, low, high, plain.N, want)
		}
	}
}

// Without linkage errors it is Chapman's number and Sadinle's interval; where linkage tells
// nothing it is refused.
func TestLinkedWithoutErrors(t *testing.T) {
	l := TwoLists{First: 200, Second: 150, Both: 30}
	n, low, high, err := l.Linked(Rate{P: 1}, Rate{}, 0.95)
	plainLow, plainHigh, err2 := Sadinle(l, 0.95)
	if err != nil || err2 != nil || n != must(Chapman(l))(t) || low != plainLow || high != plainHigh {
		t.Errorf("%v, %v–%v (%v, %v), want those of perfect linkage, %v–%v", n, low, high, err, err2, plainLow, plainHigh)
	}
	if _, _, _, err := l.Linked(Rate{P: 0.1}, Rate{P: 0.2}, 0.95); err == nil {
		t.Error("linkage that tells nothing gives a number")
	}
}
