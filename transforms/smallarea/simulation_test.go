package smallarea

import (
	"math/rand/v2"
	"testing"
)

// score counts how often intervals hold and how the estimated errors compare.
type score struct{ held, areas, mse, loss, width float64 }

func (s *score) add(fit *Fit, truth []float64, intervals []Interval) {
	for i, a := range fit.Areas {
		s.areas++
		s.mse, s.loss = s.mse+a.MSE, s.loss+square(a.Estimate-truth[i])
		s.width += intervals[i].High - intervals[i].Low
		if intervals[i].Low <= truth[i] && truth[i] <= intervals[i].High {
			s.held++
		}
	}
}

func (s *score) coverage() float64 { return s.held / s.areas }
func (s *score) bias() float64     { return s.mse/s.loss - 1 }

// variances are of five kinds of areas, 0.4 to 2 about 1.
func variances(i int) float64 { return []float64{0.4, 0.7, 1, 1.4, 2}[i%5] }

// Intervals hold as often as they say and the estimated mean squared errors are those
// that occur; with a given σ² of 0 or little the adjusted likelihood errs to the safe side.
func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		m            int
		sigma2       float64
		runs         int
		least, most  float64 // of the coverage
		biasL, biasH float64 // of the mean squared error
	}{
		{47, 1, 600, 0.935, 0.965, -0.06, 0.06},
		{47, 0.2, 600, 0.91, 0.97, -0.1, 0.3},
		{15, 1, 1200, 0.91, 0.965, -0.1, 0.15},
		{15, 0.2, 1200, 0.90, 0.975, -0.1, 0.6},
		{15, 0, 1200, 0.93, 1, 0, 9},
	} {
		for _, method := range []Method{REML, ML, Moment, YoshimoriLahiri, LiLahiri} {
			random := rand.New(rand.NewPCG(uint64(c.m), 9))
			var s score
			zero := 0
			for range c.runs {
				areas, truth := world(c.m, c.sigma2, variances, random)
				fit := must(FayHerriot(areas, Options{Method: method}))(t)
				if fit.Zero {
					zero++
				}
				s.add(fit, truth, must(fit.Intervals(0.95))(t))
			}
			t.Logf("m = %d, σ² = %v, %v: coverage %.1f %%, bias of mse %+.1f %%, width %.2f, σ̂² = 0 in %.1f %%; mse over direct %.2f", c.m, c.sigma2, method,
				100*s.coverage(), 100*s.bias(), s.width/s.areas, 100*float64(zero)/float64(c.runs), s.loss/s.areas/1.1)
			if method == REML && (s.coverage() < c.least || s.coverage() > c.most || s.bias() < c.biasL || s.bias() > c.biasH) {
				t.Errorf("m = %d, σ² = %v: coverage %v, bias of mse %v", c.m, c.sigma2, s.coverage(), s.bias())
			}
		}
	}
}

// Bootstrap intervals hold for few areas, whether or not there is a model variance.
func TestBootstrapCoverage(t *testing.T) {
	runs, replicates := 60, 200
	if !testing.Short() {
		runs, replicates = 400, 400
	}
	for _, sigma2 := range []float64{0, 0.2, 1} {
		random := rand.New(rand.NewPCG(15, 10))
		var boot, normal score
		for range runs {
			areas, truth := world(15, sigma2, variances, random)
			fit := must(FayHerriot(areas, Options{}))(t)
			normal.add(fit, truth, must(fit.Intervals(0.95))(t))
			boot.add(fit, truth, must(fit.BootstrapIntervals(0.95, replicates, random))(t))
		}
		t.Logf("m = 15, σ² = %v: bootstrap %.1f %% (width %.2f), normal %.1f %% (width %.2f)", sigma2, 100*boot.coverage(), boot.width/boot.areas, 100*normal.coverage(), normal.width/normal.areas)
		if boot.coverage() < 0.92 {
			t.Errorf("m = 15, σ² = %v: bootstrap coverage %v, want 0.92 or more", sigma2, boot.coverage())
		}
	}

}
