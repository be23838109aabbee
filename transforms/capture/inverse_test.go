package capture

import (
	"math"
	"testing"
)

// Half of the persons have two visits and half three, each seen with probability ½: two are seen of 1/4
// and 3/8, three of 1/8. Behind one seen twice stand (½·1 + ½·1)/(½·¼ + ½·⅜)·… by hand:
//
//	P(≥ 2 | 2) = 1/4, P(≥ 2 | 3) = 1/2
//	2 seen: v = 2 with weight 1/4, v = 3 with 3/8: E[1/P] = (1/4·4 + 3/8·2)/(5/8) = 2.8, E[v] = (1/4·2 + 3/8·3)/(5/8) = 2.6
//	3 seen: v = 3: 2, 3
func TestInverseByHand(t *testing.T) {
	d := Detection{Visit: Rate{P: 0.5}}
	p := newProblem(Frequencies{1, 5, 1}, d, 3, nil)
	f := Fits{Fits: []Thinned{{visits: []float64{0, 0.5, 0.5}}}, problem: p}
	got, err := f.Inverse(2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ weight, visits float64 }{{2.8, 2.6}, {2, 3}} {
		if weight, visits := got.At(i+2, 2); math.Abs(weight-want.weight) > 1e-12 || math.Abs(visits-want.visits) > 1e-12 {
			t.Errorf("of one seen %d times: %v of %v visits, want %v of %v", i+2, weight, visits, want.weight, want.visits)
		}
	}
	if got.Mean != 2.5 {
		t.Errorf("mean %v, want 2.5", got.Mean)
	}
	if weight, _ := got.At(9, 2); weight != got.Weights[1] {
		t.Errorf("beyond the last: %v", weight)
	}
	if _, err := f.Inverse(4); err == nil {
		t.Error("four visits of three at most: want an error")
	}
}

// Weights sum to those with k visits or more, whatever the detection.
func TestInverseSumsToEverybody(t *testing.T) {
	seen := Frequencies{400, 150, 60, 25, 10, 4, 2}
	for _, d := range []Detection{{Visit: Rate{P: 0.3}}, {Visit: Rate{P: 0.3}, Loyalty: Rate{P: 0.4}, House: 0.6}, {Visit: Rate{P: 0.3}, Missed: Rate{P: 0.1}}} {
		fits, err := FitThinned(seen, d, 60)
		if err != nil {
			t.Fatal(err)
		}
		in, err := fits.Inverse(2)
		if err != nil {
			t.Fatal(err)
		}
		g := fits.averaged()
		var sum, visits, all, of float64
		for j := range in.Weights {
			var share float64
			for v := 2; v <= 60; v++ {
				share += g[v-1] * d.kernel(j+2, v)
			}
			sum, visits = sum+share*in.Weights[j], visits+share*in.Weights[j]*in.Visits[j]
		}
		for v := 2; v <= 60; v++ {
			all, of = all+g[v-1], of+float64(v)*g[v-1]
		}
		if math.Abs(sum/all-1) > 0.02 { // what is seen more often than anybody was is left out
			t.Errorf("%+v: weights sum to %v of %v", d, sum, all)
		}
		if visits/sum <= in.Mean {
			t.Errorf("%+v: weighted visits %v, all have %v: want more", d, visits/sum, in.Mean)
		}
	}
}
