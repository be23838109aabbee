package capture

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The interval of the delta method and that of the bootstrap agree, with the detection
// known, unsure, and with loyalty and missed links that are unsure too; both hold the
// truth.
func TestBootstrapAgreesWithTheDeltaMethod(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 12))
	g := negativeBinomial(0.8, 1.5, 40)
	cases := []struct {
		name string
		Detection
	}{
		{"known", Detection{Visit: Rate{P: 0.35}}},
		{"unsure", Detection{Visit: Rate{0.35, 0.02}}},
		{"loyal and split", Detection{Visit: Rate{0.35, 0.02}, Loyalty: Rate{0.3, 0.03}, Missed: Rate{0.04, 0.01}, Welded: Rate{0.01, 0.005}}},
	}
	if testing.Short() {
		cases = cases[1:2]
	}
	for _, c := range cases {
		seen := c.see(random, g, 5000)
		fits := must(FitThinned(seen, c.Detection, 40))(t)
		n := must(fits.AtLeast(2))(t)
		low, high := n.Interval(0.95)
		bootLow, bootHigh, err := fits.Bootstrap(2, 0.95, random, 100)
		if err != nil {
			t.Fatal(err)
		}
		delta, boot := math.Log(high/low), math.Log(bootHigh/bootLow)
		if boot < 0.6*delta || boot > 1.4*delta {
			t.Errorf("%s: the delta method says %.0f–%.0f, the bootstrap %.0f–%.0f", c.name, low, high, bootLow, bootHigh)
		}
		truth := 5000 * tail(g, 2)
		if truth < low || truth > high || truth < bootLow || truth > bootHigh {
			t.Errorf("%s: %.0f persons; the delta method says %.0f–%.0f, the bootstrap %.0f–%.0f", c.name, truth, low, high, bootLow, bootHigh)
		}
		t.Logf("%s: truth %.0f, estimate %.0f, delta method %.0f–%.0f, bootstrap %.0f–%.0f", c.name, truth, n.N, low, high, bootLow, bootHigh)
	}
}
