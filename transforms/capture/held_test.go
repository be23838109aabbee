package capture

import (
	"math"
	"testing"
)

// 5,000 persons whose visits beyond the first are Poisson with mean 1.2, each seen at 0.15, in
// the numbers expected: the negative binomial runs to its end, where it is the truth.
func TestHeldAtTheEnd(t *testing.T) {
	const persons, p = 5000, 0.15
	g := mixed([]float64{1}, []float64{1.2}, 24)
	d := Detection{Visit: Rate{P: p}}
	f := make(Frequencies, 8)
	for j := range f {
		for v, share := range g {
			f[j] += persons * share * d.kernel(j+1, v+1)
		}
	}
	fit := familyOf(t, must(FitThinned(f, d, 24))(t), ShiftedNegativeBinomial)
	if len(fit.Theta) != 1 || fit.Parameters != 2 || math.Abs(math.Exp(fit.Theta[0])-1.2) > 1e-3 {
		t.Errorf("mean e^%v with %v parameters, want 1.2 and the size held, which counts as one of 2", fit.Theta, fit.Parameters)
	}
	for k, want := range map[int]float64{1: persons, 2: persons * (1 - math.Exp(-1.2)), 4: persons * (1 - math.Exp(-1.2)*(1+1.2+0.72))} {
		if n := must(fit.AtLeast(k))(t); math.Abs(n.N/want-1) > 1e-3 || !(n.StdErr > 0) {
			t.Errorf("%v ± %v persons with %d visits or more, want %v", n.N, n.StdErr, k, want)
		}
	}
}

// What was seen in one of the simulated years of little heterogeneity, at a detection of 0.15:
// every family ran to an end, and there was no figure.
func TestLittleHeterogeneityHasAFigure(t *testing.T) {
	n := must(must(FitThinned(Frequencies{1179, 184, 13, 1}, Detection{Visit: Rate{P: 0.15}}, 60))(t).AtLeast(1))(t)
	if low, high := n.Interval(0.99); !(low < 5000 && 5000 < high) {
		t.Errorf("%v–%v persons, of 5000", low, high)
	}
}

// An end that is another family, or none, is refused.
func TestEndsThatAreRefused(t *testing.T) {
	for _, f := range parametric {
		ends := make([]float64, len(f.starts[0]))
		for k := range ends {
			ends[k] = 2 * edge
		}
		if held, ok := f.held(ends); ok {
			t.Errorf("%s is held as %v with every parameter at its end", f.name, held.starts)
		}
	}
}
