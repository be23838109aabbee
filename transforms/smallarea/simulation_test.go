package smallarea

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// score counts, run by run, how often intervals hold and how the estimated errors compare.
// Areas of one run have β̂ and σ̂² in common, so that Monte-Carlo errors are of runs.
type score struct{ held, mse, loss, width []float64 }

func (s *score) add(fit *Fit, truth []float64, intervals []Interval) {
	var held, mse, loss, width float64
	n := float64(len(truth))
	for i, a := range fit.Areas {
		mse, loss, width = mse+a.MSE/n, loss+square(a.Estimate-truth[i])/n, width+(intervals[i].High-intervals[i].Low)/n
		if intervals[i].Low <= truth[i] && truth[i] <= intervals[i].High {
			held += 1 / n
		}
	}
	s.held, s.mse, s.loss, s.width = append(s.held, held), append(s.mse, mse), append(s.loss, loss), append(s.width, width)
}

// mean is that of runs, with its Monte-Carlo standard error.
func mean(x []float64) (mean, mcse float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		mcse += square(v-mean) / (n * (n - 1))
	}
	return mean, math.Sqrt(mcse)
}

func (s *score) coverage() (share, mcse float64) { return mean(s.held) }

// bias is that of the mean squared errors, Σ mse/Σ loss − 1, and its Monte-Carlo standard
// error, of a ratio.
func (s *score) bias() (bias, mcse float64) {
	m, _ := mean(s.mse)
	l, _ := mean(s.loss)
	rest := make([]float64, len(s.mse))
	for i := range rest {
		rest[i] = (s.mse[i] - m/l*s.loss[i]) / l
	}
	_, mcse = mean(rest)
	return m/l - 1, mcse
}

func (s *score) String() string {
	c, ce := s.coverage()
	b, be := s.bias()
	w, _ := mean(s.width)
	l, _ := mean(s.loss)
	return fmt.Sprintf("coverage %.1f ± %.1f %%, bias of mse %+.1f ± %.1f %%, width %.2f, mse over direct %.2f", 100*c, 100*ce, 100*b, 100*be, w, l/1.1)
}

// within is an error unless a figure is shown to lie between two: by two Monte-Carlo
// standard errors. In short runs it has to lie within two of the bounds.
func within(t *testing.T, what string, figure, mcse, least, most float64) {
	t.Helper()
	if testing.Short() {
		mcse = -mcse
	}
	if figure-2*mcse < least || figure+2*mcse > most {
		t.Errorf("%s is %.4f ± %.4f, want %v to %v", what, figure, math.Abs(mcse), least, most)
	}
}

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
// are those that occur, but where there is little model variance: there errors are too
// great, and at 47 areas intervals hold in 92 %. Limits are for REML; the other methods
// are printed for the reader.
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
		{47, 1, 0.93, 0.97, -0.05, 0.05},
		{47, 0.2, 0.915, 0.97, -0.05, 0.15},
		{15, 1, 0.92, 0.97, -0.05, 0.08},
		{15, 0.2, 0.92, 0.985, 0, 0.6},
		{15, 0, 0.95, 1, 0, 2},
	} {
		for _, method := range []Method{REML, ML, Moment, YoshimoriLahiri, LiLahiri} {
			s, zero := simulate(t, runs, c.m, c.sigma2, Options{Method: method})
			t.Logf("m = %d, σ² = %v, %v: %v, σ̂² = 0 in %.1f %%", c.m, c.sigma2, method, &s, 100*zero)
			if method != REML {
				continue
			}
			held, mcse := s.coverage()
			within(t, fmt.Sprintf("m = %d, σ² = %v: coverage", c.m, c.sigma2), held, mcse, c.least, c.most)
			bias, mcse := s.bias()
			within(t, fmt.Sprintf("m = %d, σ² = %v: bias of mse", c.m, c.sigma2), bias, mcse, c.leastBias, c.mostBias)
		}
	}
}

// σ̂² = 0 taken at its word lets intervals miss where there is a little model variance;
// the adjusted likelihood lets fewer miss. Both see the same runs.
func TestAdjustedAgainstZero(t *testing.T) {
	runs := 300
	if !testing.Short() {
		runs = 2000
	}
	for _, sigma2 := range []float64{0, 0.2, 0.5} {
		kept, zero := simulate(t, runs, 15, sigma2, Options{KeepZero: true})
		adjusted, _ := simulate(t, runs, 15, sigma2, Options{})
		t.Logf("m = 15, σ² = %v, 0 in %.0f %%: kept %v; adjusted %v", sigma2, 100*zero, &kept, &adjusted)
		gain := make([]float64, runs)
		for i := range gain {
			gain[i] = adjusted.held[i] - kept.held[i]
		}
		more, mcse := mean(gain)
		within(t, fmt.Sprintf("σ² = %v: gain in coverage", sigma2), more, mcse, 0, 1)
	}
}

// Bootstrap intervals hold in 92 % or more for few areas, one of them out of the sample,
// whether or not there is a model variance, and the default is to take them.
func TestBootstrapCoverage(t *testing.T) {
	runs, replicates := 20, 200
	if !testing.Short() {
		runs, replicates = 300, 400
	}
	for _, sigma2 := range []float64{0, 0.2, 1} {
		random := rand.New(rand.NewPCG(15, 10))
		var boot, normal score
		for range runs {
			areas, truth := world(15, sigma2, variances, random)
			areas[14].OutOfSample = true
			fit := must(FayHerriot(areas, Options{}))(t)
			normal.add(fit, truth, must(fit.Intervals(0.95))(t))
			intervals, byBootstrap, err := fit.DefaultIntervals(0.95, replicates, random)
			if err != nil || !byBootstrap {
				t.Fatalf("bootstrap %v, %v: want it for 15 areas", byBootstrap, err)
			}
			boot.add(fit, truth, intervals)
		}
		t.Logf("m = 15, σ² = %v: bootstrap %v; normal %v", sigma2, &boot, &normal)
		held, mcse := boot.coverage()
		within(t, fmt.Sprintf("m = 15, σ² = %v: bootstrap coverage", sigma2), held, mcse, 0.92, 1)
	}
}
