package smallarea

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// By hand: σ² of the log scale known in effect (many areas), the estimate is exp(η̂ + g1/2).
func TestBackOfOneArea(t *testing.T) {
	fit := &Fit{Areas: []Prediction{{Estimate: math.Log(100), MSE: 0.02, Shrinkage: 0.5, G1: 0.04, spread: 0.01}}}
	v := 0.04 - 0.75*0.01
	log := must(fit.Back(Log))(t)[0]
	if want := 100 * math.Exp(v/2); !near(log.Estimate, want, 1e-12) || !near(log.MSE, want*want*(math.Exp(0.02)-1), 1e-12) {
		t.Errorf("log: %+v, want %v", log, want)
	}
	fit.Areas[0].Estimate = math.Pi / 4 // cos 2η̂ = 0: a half, whatever v, with variance (1 − e^{−8 mse})/8
	arcsine := must(fit.Back(Arcsine))(t)[0]
	if !near(arcsine.Estimate, 0.5, 1e-12) || !near(arcsine.MSE, (1-math.Exp(-0.16))/8, 1e-12) {
		t.Errorf("arcsine: %+v, want a half", arcsine)
	}
	if i := Arcsine.Ends(Interval{-0.1, math.Pi / 6}); i.Low != 0 || !near(i.High, 0.25, 1e-12) {
		t.Errorf("arcsine ends: %+v, want 0 to 1/4", i)
	}
	if i := Log.Ends(Interval{0, math.Log(3)}); !near(i.Low, 1, 1e-12) || !near(i.High, 3, 1e-12) {
		t.Errorf("log ends: %+v, want 1 to 3", i)
	}
}

// Estimates taken back have the mean of the truth, where the mere inverse has not, and
// their ends hold as often as on the scale of the model.
func TestBackIsUnbiased(t *testing.T) {
	runs, most := 100, 0.012
	if !testing.Short() {
		runs, most = 900, 0.004
	}
	for _, scale := range []Scale{Log, Arcsine} {
		random := rand.New(rand.NewPCG(20, uint64(scale)))
		var back, naive, truth, mse, loss, held, areas, held2 float64
		for range runs {
			var input []Area
			var of []float64
			for i := range 200 {
				x := random.NormFloat64()
				var a Area
				var theta float64
				var err error
				if scale == Log {
					eta := 6 + 0.5*x + 0.4*random.NormFloat64()
					theta = math.Exp(eta)
					d := 0.15 * variances(i)
					a = Area{Direct: eta + math.Sqrt(d)*random.NormFloat64(), Variance: d}
				} else {
					theta = square(math.Sin(0.4 + 0.05*x + 0.1*random.NormFloat64()))
					n := []int{20, 40, 80}[i%3]
					seen := 0.0
					for range n {
						if random.Float64() < theta {
							seen++
						}
					}
					if a.Direct, a.Variance, err = ArcsineDirect(seen/float64(n), float64(n)); err != nil {
						t.Fatal(err)
					}
				}
				a.X, a.OutOfSample = []float64{1, x}, i%10 == 9
				input, of = append(input, a), append(of, theta)
			}
			fit := must(FayHerriot(input, Options{}))(t)
			ends := must(fit.Intervals(0.95))(t)
			for i, b := range must(fit.Back(scale))(t) {
				at := scale.Ends(Interval{fit.Areas[i].Estimate, fit.Areas[i].Estimate}).Low
				back, naive, truth = back+b.Estimate, naive+at, truth+of[i]
				mse, loss, areas = mse+b.MSE, loss+square(b.Estimate-of[i]), areas+1
				if e := scale.Ends(ends[i]); e.Low <= of[i] && of[i] <= e.High {
					held++
				}
				if math.Abs(b.Estimate-of[i]) <= 1.96*math.Sqrt(b.MSE) {
					held2++
				}
			}
		}
		t.Logf("scale %d: bias %+.2f %%, of the mere inverse %+.2f %%; mse %+.1f %%; ends hold %.1f %%, ± 1.96 √mse %.1f %%",
			scale, 100*(back/truth-1), 100*(naive/truth-1), 100*(mse/loss-1), 100*held/areas, 100*held2/areas)
		if math.Abs(back/truth-1) > most || math.Abs(back-truth) > math.Abs(naive-truth) || held/areas < 0.935 || held/areas > 0.965 {
			t.Errorf("scale %d: bias %v (mere inverse %v), coverage %v", scale, back/truth-1, naive/truth-1, held/areas)
		}
	}
}

// A variance function that is exact comes back exact, by any correction; areas without a
// variance have one from it.
func TestVarianceFunctionIsFound(t *testing.T) {
	for model, of := range map[VarianceModel]func(y, n float64) float64{
		LogSize:          func(_, n float64) float64 { return 3 * math.Pow(n, -1.1) },
		LogEstimate:      func(y, _ float64) float64 { return 2 * math.Pow(y, 1.5) },
		RelativeVariance: func(y, _ float64) float64 { return y * y * (0.01 + 4/y) },
	} {
		for _, correction := range []Correction{MeanRatio, LogNormal} {
			var areas []Measured
			var want []float64
			for i := range 12 {
				y, n := 5+float64(3*i), 4+float64(i*i)
				want = append(want, of(y, n))
				areas = append(areas, Measured{y, want[i], n})
			}
			areas[3].Variance, areas[8].Variance = 0, math.NaN()
			got := must(SmoothVariances(areas, model, correction))(t)
			if got.Used != 10 || !slices.EqualFunc(got.Variances, want, func(a, b float64) bool { return near(a, b, 1e-8) }) {
				t.Errorf("model %d: %v, want %v (%d used)", model, got.Variances, want, got.Used)
			}
		}
	}
}

// Of variances that are χ² with 4 degrees of freedom the ratio finds the mean; exp of the
// mean logarithm is 24 % too small (e^{ψ(2)−ln 2} = 0.763) and log-normal 5 % too great (× e^{ψ′(2)/2} = 1.380).
func TestCorrectionOfExp(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var areas []Measured
	var truth []float64
	for i := range 20_000 {
		n := float64(5 + i%50)
		var chi float64
		for range 4 {
			chi += square(random.NormFloat64()) / 4
		}
		truth = append(truth, 10/n)
		areas = append(areas, Measured{1, 10 / n * chi, n})
	}
	for correction, want := range map[Correction]float64{MeanRatio: 1, LogNormal: 0.763 * 1.380} {
		got := must(SmoothVariances(areas, LogSize, correction))(t)
		var ratio float64
		for i, v := range got.Variances {
			ratio += v / truth[i] / float64(len(truth))
		}
		t.Logf("correction %d: smoothed over true %.3f, factor %.3f", correction, ratio, got.Factor)
		if math.Abs(ratio-want) > 0.02 {
			t.Errorf("correction %d: smoothed over true %v, want %v", correction, ratio, want)
		}
	}
}
