package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func second[T any](_ T, err error) error { return err }

// refusal is an error and what it must say.
type refusal struct {
	err  error
	want string
}

func checkRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, r := range refusals {
		if r.err == nil || !strings.Contains(r.err.Error(), r.want) {
			t.Errorf("error %v, want %q", r.err, r.want)
		}
	}
}

func TestCaseE04Seasonality(t *testing.T) {
	c := casetable.Open(t, "e04_seasonality")
	y := c.Read("input.csv").Numbers("y")
	for _, fit := range []struct {
		name, tolerance string
		stl             STL
	}{
		{"stl_periodic", "rel", STL{Period: 12}},
		{"stl_robust", "robust_rel", STL{Period: 12, SeasonalWindow: 7, Robust: true}},
	} {
		d := must(fit.stl.Decompose(y))(t)
		for m := range 12 {
			c.Within(fmt.Sprintf("%s/seasonal_first12/%d", fit.name, m), d.Seasonal[m], fit.tolerance)
		}
		for i, at := range []int{1, 60, 120, 180, 240} {
			c.Within(fmt.Sprintf("%s/trend/%d", fit.name, i), d.Trend[at-1], fit.tolerance)
		}
		c.Within(fit.name+"/remainder_sd", math.Sqrt(variance(d.Remainder)), fit.tolerance)
		c.Within(fit.name+"/strength_seasonal", d.SeasonalStrength(), fit.tolerance)
		c.Within(fit.name+"/strength_trend", d.TrendStrength(), fit.tolerance)
	}
	r := must(Harmonic{Period: 12, Pairs: 2, Trend: true}.Fit(y))(t)
	for i := range r.Coefficients {
		c.Holds(fmt.Sprintf("harmonic/coef/%d", i), r.Coefficients[i])
		c.Holds(fmt.Sprintf("harmonic/se/%d", i), r.StdErrs[i])
	}
	c.Holds("harmonic/sigma", r.Sigma)
	c.Holds("harmonic/r2", r.R2)
	for m, v := range must(ClassicalIndices(y, 12))(t) {
		c.Holds(fmt.Sprintf("classical_figure/%d", m), v)
	}
}

// drawSeries is a series of some years with a season and noise.
func drawSeries(rt *rapid.T, period int) []float64 {
	n := rapid.IntRange(2*period+1, 5*period).Draw(rt, "months")
	return rapid.SliceOfN(rapid.Float64Range(10, 1000), n, n).Draw(rt, "y")
}

// Laws: the parts sum to the series; a constant moves the trend alone; scale scales every
// part; a periodic season is one, and sums to nearly nothing.
func TestSTLProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := STL{Period: rapid.SampledFrom([]int{4, 12}).Draw(rt, "period"), SeasonalWindow: rapid.SampledFrom([]int{0, 7}).Draw(rt, "window"), Robust: rapid.Bool().Draw(rt, "robust")}
		y := drawSeries(rt, s.Period)
		moved, scaled := make([]float64, len(y)), make([]float64, len(y))
		for i := range y {
			moved[i], scaled[i] = y[i]+512, 4*y[i]
		}
		d, m, x := must(s.Decompose(y))(t), must(s.Decompose(moved))(t), must(s.Decompose(scaled))(t)
		for i := range y {
			if math.Abs(d.Trend[i]+d.Seasonal[i]+d.Remainder[i]-y[i]) > 1e-9 {
				rt.Fatalf("month %d: the parts do not sum to %v", i+1, y[i])
			}
			if math.Abs(m.Trend[i]-d.Trend[i]-512) > 1e-5 || math.Abs(m.Seasonal[i]-d.Seasonal[i]) > 1e-5 {
				rt.Fatalf("month %d: a constant moves trend %v to %v and season %v to %v", i+1, d.Trend[i], m.Trend[i], d.Seasonal[i], m.Seasonal[i])
			}
			if math.Abs(x.Trend[i]-4*d.Trend[i]) > 1e-5 || math.Abs(x.Seasonal[i]-4*d.Seasonal[i]) > 1e-5 {
				rt.Fatalf("month %d: four times the series is not four times its parts", i+1)
			}
			if s.SeasonalWindow == 0 && i >= s.Period && d.Seasonal[i] != d.Seasonal[i-s.Period] {
				rt.Fatalf("month %d: a periodic season changes", i+1)
			}
		}
		for _, strength := range []float64{d.SeasonalStrength(), d.TrendStrength()} {
			if !(strength >= 0 && strength <= 1) {
				rt.Fatalf("strength %v", strength)
			}
		}
	})
}

// By hand: a level, or a line, with a season that repeats is itself; its season has
// strength 1. (Where the season never changes, two rounds leave part of a steep line in
// it, as the algorithm is published; there the line is a level.)
func TestSTLOfALineWithASeason(t *testing.T) {
	season := []float64{-3, 1, 5, -3}
	var y []float64
	for _, fit := range []struct {
		stl   STL
		slope float64
	}{{STL{Period: 4}, 0}, {STL{Period: 4, SeasonalWindow: 7, Robust: true}, 2}} {
		y = nil
		for i := range 24 {
			y = append(y, 100+fit.slope*float64(i)+season[i%4])
		}
		d := must(fit.stl.Decompose(y))(t)
		for i := range y {
			if line := 100 + fit.slope*float64(i); math.Abs(d.Trend[i]-line) > 1e-6 || math.Abs(d.Seasonal[i]-season[i%4]) > 1e-6 {
				t.Errorf("%+v, month %d: trend %v and season %v, want %v and %v", fit.stl, i+1, d.Trend[i], d.Seasonal[i], line, season[i%4])
			}
		}
		if d.SeasonalStrength() < 0.9999 {
			t.Errorf("strength %v, want 1", d.SeasonalStrength())
		}
	}
	indices := must(ClassicalIndices(y, 4))(t)
	for m, want := range season {
		if math.Abs(indices[m]-want) > 1e-12 {
			t.Errorf("classical index %d: %v, want %v", m+1, indices[m], want)
		}
	}
}

// By hand: two positions with counts 30 and 10 throughout have indices 1.5 and 0.5.
func TestIndicesByHand(t *testing.T) {
	y := []float64{30, 10, 30, 10, 30, 10}
	r := must(Harmonic{Period: 2, Pairs: 1}.FitCounts(y, nil))(t)
	for m, want := range []float64{1.5, 0.5} {
		// The share 3/4 of 120 has the binomial error √(0.75·0.25/120), and the index is twice it.
		if i := r.Indices()[m]; math.Abs(i.Value-want) > 1e-9 || math.Abs(i.StdErr-2*math.Sqrt(0.75*0.25/120)) > 1e-9 {
			t.Errorf("index %d is %+v, want %v ± %v", m+1, i, want, 2*math.Sqrt(0.75*0.25/120))
		}
	}
	doubled := must(Harmonic{Period: 2, Pairs: 1}.FitCounts(y, []float64{3, 1, 3, 1, 3, 1}))(t)
	for m, i := range doubled.Indices() {
		if math.Abs(i.Value-1) > 1e-9 {
			t.Errorf("three times as many days, three times as many persons: index %d is %v, want 1", m+1, i.Value)
		}
	}
}

// Small counts with a season, zeros among them: intervals of the indices hold the truth.
func TestIndicesOfSmallCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 12))
	const runs, months = 200, 60
	h := Harmonic{Period: 12, Pairs: 1, Trend: true}
	truth := make([]float64, 12)
	for m := range truth {
		truth[m] = math.Exp(0.8 * math.Cos(2*math.Pi*float64(m+1)/12))
	}
	year := mean(truth)
	covered, zeros := 0, 0
	for range runs {
		y := make([]float64, months)
		for i := range y {
			rate := 2 * truth[i%12] * random.ExpFloat64() // exponential rates: dispersion above 1
			y[i] = distuv.Poisson{Lambda: rate, Src: random}.Rand()
			if y[i] == 0 {
				zeros++
			}
		}
		for m, i := range must(h.FitCounts(y, nil))(t).Indices() {
			if math.Abs(i.Value-truth[m]/year) <= 1.96*i.StdErr {
				covered++
			}
		}
	}
	share := float64(covered) / (12 * runs)
	t.Logf("indices of counts about 2 a month, %.0f%% of them 0: %.1f%% of 95%% intervals hold the truth", 100*float64(zeros)/(runs*months), 100*share)
	if share < 0.89 || share > 0.98 {
		t.Errorf("%.3f of the intervals hold the truth, want 0.89 to 0.98", share)
	}
}

func TestSeasonRefusals(t *testing.T) {
	long := make([]float64, 30)
	for i := range long {
		long[i] = float64(i % 12)
	}
	h := Harmonic{Period: 12, Pairs: 6}
	checkRefusals(t, []refusal{
		{second(STL{Period: 1}.Decompose(long)), "the period is 1 months"},
		{second(STL{Period: 12}.Decompose(long[:24])), "24 months were given: at least 25"},
		{second(STL{Period: 12, SeasonalWindow: 8}.Decompose(long)), "the seasonal window is 8 years"},
		{second(STL{Period: 12, TrendWindow: 20}.Decompose(long)), "the trend window is 20 months"},
		{second(STL{Period: 4}.Decompose(append([]float64{math.NaN()}, long...))), "month 1 is NaN"},
		{second(ClassicalIndices(long, 1)), "the period is 1"},
		{second(ClassicalIndices(long[:23], 12)), "23 months were given: at least 24"},
		{second(Harmonic{Period: 12, Pairs: 7}.Fit(long)), "7 pairs of waves"},
		{second(h.Fit(long[:12])), "12 months were given: at least 14"},
		{second(h.FitCounts(long, nil)), "no maximum"},
		{second(h.FitCounts(make([]float64, 30), nil)), "all 30 months are 0"},
		{second(h.FitCounts(append([]float64{-1}, long...), nil)), "month 1 is -1"},
		{second(h.FitCounts(long, []float64{1})), "30 counts and 1 exposures"},
		{second(h.FitCounts(long, make([]float64, 30))), "the exposure of month 1 is 0"},
	})
}
