package golden

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// By hand, of 3 − |x − 2| between 0 and 5 to a width of 2: the points 1.9098 and 3.0902, the
// first being greater; between 0 and 3.0902 the points 1.1803 and 1.9098, the second being
// greater; what lies between 1.1803 and 3.0902 is narrow enough, and 1.9098 is above 2.3607.
func TestSectionByHand(t *testing.T) {
	tried := 0
	got := Section(0, 5, 2, func(x float64) float64 {
		tried++
		return 3 - math.Abs(x-2)
	})
	third := 5 * (3 - math.Sqrt(5)) / 2 // 1.9098
	want := Peak{Low: 1.18034, High: 3.09017, At: third, Top: 3 - (2 - third)}
	for i, d := range []float64{got.Low - want.Low, got.High - want.High, got.At - want.At, got.Top - want.Top} {
		if math.Abs(d) > 1e-5 {
			t.Errorf("part %d of %+v, want %+v", i, got, want)
		}
	}
	if tried != 4 { // each section after the first two points tries one
		t.Errorf("%d points were tried", tried)
	}
}

// A parabola's peak lies within the width, at its ends too, and no point tried is above it.
func TestSectionHoldsThePeak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		peak := rapid.Float64Range(-1, 1).Draw(t, "peak")
		top := math.Inf(-1)
		p := Section(-1, 1, 1e-3, func(x float64) float64 {
			y := -(x - peak) * (x - peak)
			top = max(top, y)
			return y
		})
		if p.Low > peak || peak > p.High || p.High-p.Low > 1e-3 || p.At < p.Low || p.At > p.High || p.Top != top {
			t.Fatalf("%+v, want the peak %v and the value %v", p, peak, top)
		}
	})
}
