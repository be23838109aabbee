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

// variances are of five kinds of areas, 0.4 to 2 and 1.1 in the mean.
func variances(i int) float64 { return []float64{0.4, 0.7, 1, 1.4, 2}[i%5] }

// simulate counts a method's normal intervals, and the share of runs in which it gave 0.
func simulate(t *testing.T, runs, m int, sigma2 float64, o Options) (s score, zero float64) {
	random := rand.New(rand.NewPCG(uint64(m), 9))
	for range runs {
		areas, truth := world(m, sigma2, variances, random)
		fit := must(FayHerriot(areas, o))(t)
		if fit.Zero || fit.Sigma2 == 0 {
			zero += 1 / float64(runs)
		}
		s.add(fit, truth, must(fit.Intervals(0.95))(t))
	}
	return s, zero
}

// Normal intervals hold nearly as often as they say and the estimated mean squared errors
// are those that occur, but for few areas with little model variance, where they are too
// great. Limits are for REML in short runs; what is printed is for the reader.
func TestCoverage(t *testing.T) {
	runs := 120
	if !testing.Short() {
		runs = 1500
	}
	for _, c := range []struct {
		m                                int
		sigma2                           float64
		least, most, leastBias, mostBias float64 // of the coverage, and of the bias of mse
	}{
		{47, 1, 0.93, 0.965, -0.08, 0.08},
		{47, 0.2, 0.9, 0.97, -0.1, 0.3},
		{15, 1, 0.91, 0.965, -0.12, 0.15},
		{15, 0.2, 0.91, 0.985, 0, 0.8},
		{15, 0, 0.95, 1, 0, 4},
	} {
		for _, method := range []Method{REML, ML, Moment, YoshimoriLahiri, LiLahiri} {
			s, zero := simulate(t, runs, c.m, c.sigma2, Options{Method: method})
			t.Logf("m = %d, σ² = %v, %v: coverage %.1f %%, bias of mse %+.1f %%, width %.2f, σ̂² = 0 in %.1f %%; mse over direct %.2f",
				c.m, c.sigma2, method, 100*s.coverage(), 100*s.bias(), s.width/s.areas, 100*zero, s.loss/s.areas/1.1)
			if method == REML && (s.coverage() < c.least || s.coverage() > c.most || s.bias() < c.leastBias || s.bias() > c.mostBias) {
				t.Errorf("m = %d, σ² = %v: coverage %v, bias of mse %v", c.m, c.sigma2, s.coverage(), s.bias())
			}
		}
	}
}

// σ̂² = 0 taken at its word lets intervals miss where there is a little model variance;
// the adjusted likelihood lets fewer miss.
func TestAdjustedAgainstZero(t *testing.T) {
	runs := 300
	if !testing.Short() {
		runs = 2000
	}
	for _, sigma2 := range []float64{0, 0.2, 0.5} {
		kept, zero := simulate(t, runs, 15, sigma2, Options{KeepZero: true})
		adjusted, _ := simulate(t, runs, 15, sigma2, Options{})
		t.Logf("m = 15, σ² = %v, 0 in %.0f %%: kept coverage %.1f %%, bias of mse %+.0f %%; adjusted %.1f %%, %+.0f %%; loss %.3f and %.3f",
			sigma2, 100*zero, 100*kept.coverage(), 100*kept.bias(), 100*adjusted.coverage(), 100*adjusted.bias(), kept.loss/kept.areas, adjusted.loss/adjusted.areas)
		if adjusted.coverage() < kept.coverage()-0.002 {
			t.Errorf("σ² = %v: coverage adjusted %v, kept %v", sigma2, adjusted.coverage(), kept.coverage())
		}
	}
}

// Bootstrap intervals hold for few areas, whether or not there is a model variance.
func TestBootstrapCoverage(t *testing.T) {
	runs, replicates, least := 8, 200, 0.85
	if !testing.Short() {
		runs, replicates, least = 300, 400, 0.93
	}
	for _, sigma2 := range []float64{0, 0.2, 1} {
		random := rand.New(rand.NewPCG(15, 10))
		var boot, normal score
		for range runs {
			areas, truth := world(15, sigma2, variances, random)
			areas[14].OutOfSample = true
			fit := must(FayHerriot(areas, Options{}))(t)
			normal.add(fit, truth, must(fit.Intervals(0.95))(t))
			boot.add(fit, truth, must(fit.BootstrapIntervals(0.95, replicates, random))(t))
		}
		t.Logf("m = 15, σ² = %v: bootstrap %.1f %% (width %.2f), normal %.1f %% (width %.2f)", sigma2,
			100*boot.coverage(), boot.width/boot.areas, 100*normal.coverage(), normal.width/normal.areas)
		if boot.coverage() < least {
			t.Errorf("m = 15, σ² = %v: bootstrap coverage %v, want %v or more", sigma2, boot.coverage(), least)
		}
	}
}
