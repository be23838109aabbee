package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/transforms/capture"
)

// 2,500 persons come at gamma rates (shape 0.6, 2.5 visits a year) and bookings show 40 % of their visits. In 60 worlds the
// interval of the growth of those who come at all, between windows a month apart, is to hold the truth: with s⁴ it does, with
// the months that the windows share it does not. Models are one error at both ends, as in [Changes].
func TestChangeOfThinnedWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("fits 120 windows")
	}
	const worlds, persons, p, months, shared = 60, 2500, 0.4, 13, 11.0 / 12
	source := rand.NewPCG(77, 1)
	rates := distuv.Gamma{Alpha: 0.6, Beta: 0.6 / (2.5 / 12), Src: source}
	holds := map[float64]int{}
	for range worlds {
		var came [2]float64
		seen := [2]capture.Frequencies{make(capture.Frequencies, 80), make(capture.Frequencies, 80)}
		for range persons {
			rate := rates.Rand()
			var visits, shown [2]int
			for m := range months {
				there := int(distuv.Poisson{Lambda: rate * p, Src: source}.Rand())
				all := there + int(distuv.Poisson{Lambda: rate * (1 - p), Src: source}.Rand())
				for w := range visits {
					if m-w >= 0 && m-w < 12 {
						visits[w], shown[w] = visits[w]+all, shown[w]+there
					}
				}
			}
			for w := range visits {
				if visits[w] > 0 {
					came[w]++
				}
				if shown[w] > 0 {
					seen[w][min(shown[w], 80)-1]++
				}
			}
		}
		var of [2]capture.Threshold
		for w := range of {
			fits, err := capture.FitThinned(seen[w], capture.Detection{Visit: capture.Rate{P: p}}, 90)
			if err != nil {
				t.Fatal(err)
			}
			if of[w], err = fits.AtLeast(1); err != nil {
				t.Fatal(err)
			}
		}
		off := math.Abs(math.Log(of[1].N/of[0].N) - math.Log(came[1]/came[0]))
		a, b := math.Hypot(of[0].Sampling, of[0].Parameters)/of[0].N, math.Hypot(of[1].Sampling, of[1].Parameters)/of[1].N
		model := of[1].Model/of[1].N - of[0].Model/of[0].N
		for _, power := range []float64{1, thinnedPower} {
			if off <= 1.96*math.Sqrt(a*a+b*b-2*math.Pow(shared, power)*a*b+model*model) {
				holds[power]++
			}
		}
	}
	t.Logf("of %d intervals %d hold with s, %d with s⁴", worlds, holds[1], holds[thinnedPower])
	if holds[thinnedPower] < 53 { // 95 % of 60 are 57, with a standard error of 1.7
		t.Errorf("with s⁴ %d of %d intervals hold the truth, want 95 %%", holds[thinnedPower], worlds)
	}
	if holds[1] > 52 {
		t.Errorf("with s %d of %d intervals hold the truth: the power is not needed", holds[1], worlds)
	}
}
