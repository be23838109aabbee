package smallarea

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// By hand: σ̂² is 0 where estimates differ by less than their variances E + D = 2, 4, 4, 4 tell, so that
// β̂ = (10/2 + 10.1/4 + 9.9/4 + 10/4)/(5/4) = 10 and γ = E/(E + D) = 1/2, 3/4, 1/2, 1/2. Of the first area g1 = 1/2,
// g2 = (1/4)/(5/4), g3 = 1²/2³ · 2/(1/4 + 3/16) = 4/7; one that was not asked has E + 4/5.
func TestKnownEffects(t *testing.T) {
	areas := []Area{
		{Direct: 10, Variance: 1, Effect: 1, X: []float64{1}}, {Direct: 10.1, Variance: 1, Effect: 3, X: []float64{1}},
		{Direct: 9.9, Variance: 2, Effect: 2, X: []float64{1}}, {Direct: 10, Variance: 2, Effect: 2, X: []float64{1}},
		{OutOfSample: true, Effect: 5, X: []float64{1}},
	}
	fit := must(FayHerriot(areas, Options{KeepZero: true}))(t)
	if fit.Sigma2 != 0 {
		t.Fatalf("σ² is %v, want 0", fit.Sigma2)
	}
	for i, want := range []Prediction{
		{Estimate: 10, Shrinkage: 0.5, MSE: 0.5 + 0.2 + 2*4./7}, {Estimate: 10.075, Shrinkage: 0.75, MSE: 0.75 + 0.05 + 2*(1./64)*32/7},
		{Estimate: 9.95, Shrinkage: 0.5, MSE: 1 + 0.2 + 2*(4./64)*32/7}, {Estimate: 10, Shrinkage: 0.5, MSE: 1 + 0.2 + 2*(4./64)*32/7},
		{Estimate: 10, MSE: 5.8},
	} {
		if got := fit.Areas[i]; !near(got.Estimate, want.Estimate, 1e-12) || !near(got.Shrinkage, want.Shrinkage, 1e-12) || !near(got.MSE, want.MSE, 1e-12) {
			t.Errorf("area %d: %+v, want %+v", i, got, want)
		}
	}
}

// A variance that all effects have is part of σ²: the estimate of σ² is less by it, and nothing else changes.
func TestEffectsOfAllAreSigma2(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		method := rapid.SampledFrom([]Method{REML, ML, Moment}).Draw(rt, "method")
		areas, _ := world(rapid.IntRange(8, 40).Draw(rt, "m"), 4, func(i int) float64 { return 0.3 + float64(i%5) }, random)
		areas[2].OutOfSample = true
		a, err := FayHerriot(areas, Options{Method: method, KeepZero: true})
		if err != nil {
			rt.Fatal(err)
		}
		effect := a.Sigma2 * rapid.Float64Range(0, 0.9).Draw(rt, "part")
		for i := range areas {
			areas[i].Effect = effect
		}
		b, err := FayHerriot(areas, Options{Method: method, KeepZero: true})
		if err != nil {
			rt.Fatal(err)
		}
		if math.Abs(b.Sigma2+effect-a.Sigma2) > 1e-6*(1+a.Sigma2) {
			rt.Fatalf("%v: σ² %v with effects of %v, %v without", method, b.Sigma2, effect, a.Sigma2)
		}
		for i := range areas {
			p, q := a.Areas[i], b.Areas[i]
			if math.Abs(p.Estimate-q.Estimate) > 1e-5 || math.Abs(p.MSE-q.MSE) > 1e-4*p.MSE || math.Abs(p.Shrinkage-q.Shrinkage) > 1e-5 {
				rt.Fatalf("%v, area %d: %+v, with effects %+v", method, i, p, q)
			}
		}
	})
}

// Where numbers of persons are draws of Poisson's variance, intervals hold them whether they are small or great with that
// variance told. Without it σ² is one between, so that those of the small are too short.
func TestEffectsOfNumbers(t *testing.T) {
	const runs, m = 40, 30
	random := rand.New(rand.NewPCG(7, 5))
	held := map[bool]map[bool]float64{true: {}, false: {}} // told, small
	for range runs {
		var areas []Area
		var truth []float64
		for i := range m {
			variance, x := 0.02, math.Log(20)
			if i%2 == 0 {
				variance, x = 0.0005, math.Log(2000)
			}
			truth = append(truth, x+math.Sqrt(0.001+math.Exp(-x))*random.NormFloat64())
			areas = append(areas, Area{Direct: truth[i] + math.Sqrt(variance)*random.NormFloat64(), Variance: variance, X: []float64{1, x}})
		}
		for _, told := range []bool{false, true} {
			for i := range areas {
				areas[i].Effect = 0
				if told {
					areas[i].Effect = math.Exp(-areas[i].X[1])
				}
			}
			fit := must(FayHerriot(areas, Options{Method: LiLahiri}))(t)
			for i, interval := range must(fit.BootstrapIntervals(0.95, 200, random))(t) {
				if interval.Low <= truth[i] && truth[i] <= interval.High {
					held[told][i%2 == 1] += 200. / runs / m
				}
			}
		}
	}
	t.Logf("hold: told, small %.1f %%, great %.1f %%; untold, small %.1f %%", held[true][true], held[true][false], held[false][true])
	for _, small := range []bool{true, false} {
		if h := held[true][small]; h < 92.5 || h > 97.5 {
			t.Errorf("small %v: intervals hold %.1f %% of numbers whose variance is told, want about 95", small, h)
		}
	}
	if h := held[false][true]; h > 80 {
		t.Errorf("intervals hold %.1f %% of small numbers without their variance: the test shows nothing", h)
	}
}
