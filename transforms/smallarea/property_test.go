package smallarea

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// world draws areas with covariates 1 and x, β = (10, 2), and their truths.
func world(m int, sigma2 float64, d func(i int) float64, random *rand.Rand) (areas []Area, truth []float64) {
	for i := range m {
		x := random.NormFloat64()
		theta := 10 + 2*x + math.Sqrt(sigma2)*random.NormFloat64()
		areas = append(areas, Area{Direct: theta + math.Sqrt(d(i))*random.NormFloat64(), Variance: d(i), X: []float64{1, x}})
		truth = append(truth, theta)
	}
	return areas, truth
}

func near(got, want, relative float64) bool {
	return math.Abs(got-want) <= relative*math.Max(math.Abs(want), 1e-12)
}

// Doubling y and √D doubles estimates and coefficients and makes errors fourfold, by every
// method; the unit of a covariate changes no estimate.
func TestUnits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		method := Method(rapid.IntRange(0, 4).Draw(rt, "method"))
		areas, _ := world(rapid.IntRange(6, 60).Draw(rt, "m"), rapid.Float64Range(0, 2).Draw(rt, "sigma2"),
			func(i int) float64 { return 0.3 + float64(i%5) }, random)
		areas[2].OutOfSample = true
		a, err := FayHerriot(areas, Options{Method: method})
		if err != nil {
			rt.Fatal(err)
		}
		if !(a.Sigma2 > 0) {
			rt.Fatalf("%v: σ² is %v", method, a.Sigma2)
		}
		for i := range areas {
			areas[i].Direct, areas[i].Variance, areas[i].X = 2*areas[i].Direct, 4*areas[i].Variance, []float64{1, 1e6 * areas[i].X[1]}
		}
		b, err := FayHerriot(areas, Options{Method: method})
		if err != nil {
			rt.Fatal(err)
		}
		for i := range areas {
			p, q := a.Areas[i], b.Areas[i]
			if !near(q.Estimate, 2*p.Estimate, 1e-6) || !near(q.MSE, 4*p.MSE, 1e-6) || math.Abs(p.Shrinkage-q.Shrinkage) > 1e-6 {
				rt.Fatalf("%v, area %d: %+v, doubled %+v", method, i, p, q)
			}
		}
		if !near(1e6*b.Beta[1], 2*a.Beta[1], 1e-6) {
			rt.Fatalf("%v: β %v, doubled %v", method, a.Beta, b.Beta)
		}
	})
}

// Where an area's D goes to 0 its estimate is the direct one and its error D.
func TestExactDirectEstimate(t *testing.T) {
	areas, _ := world(20, 1, func(int) float64 { return 1 }, rand.New(rand.NewPCG(4, 1)))
	areas[3].Variance = 1e-9
	for _, method := range []Method{REML, ML, Moment} {
		a := must(FayHerriot(areas, Options{Method: method}))(t).Areas[3]
		if !near(a.Estimate, areas[3].Direct, 1e-8) || !near(a.MSE, 1e-9, 1e-6) || !near(a.Shrinkage, 1, 1e-8) {
			t.Errorf("%v: %+v, direct %v", method, a, areas[3].Direct)
		}
	}
}

// With equal D and a mean alone everything is known by hand: REML and the moment are
// s² − D, the estimate is ȳ + γ(y − ȳ), and g2 = (1 − γ)² V/m.
func TestEqualVariances(t *testing.T) {
	var areas []Area
	for _, y := range []float64{1, 3, 5, 7, 9} { // ȳ = 5, s² = 10
		areas = append(areas, Area{Direct: y, Variance: 2, X: []float64{1}})
	}
	areas = append(areas, Area{X: []float64{1}, OutOfSample: true})
	for method, want := range map[Method]float64{REML: 8, Moment: 8, ML: 6} { // ML: 40/5 − 2
		fit := must(FayHerriot(areas, Options{Method: method}))(t)
		gamma := want / (want + 2)
		if !near(fit.Sigma2, want, 1e-9) || !near(fit.Areas[0].Estimate, 5-4*gamma, 1e-9) || !near(fit.Areas[0].G2, square(1-gamma)*(want+2)/5, 1e-9) {
			t.Errorf("%v: σ² %v, want %v; %+v", method, fit.Sigma2, want, fit.Areas[0])
		}
		out := fit.Areas[5]
		if !out.OutOfSample || !near(out.Estimate, 5, 1e-12) || !near(out.MSE, want+(want+2)/5, 1e-9) || out.Shrinkage != 0 {
			t.Errorf("%v, out of the sample: %+v", method, out)
		}
	}
}

// Where the direct estimates vary less than their D says σ̂² is 0, and the adjusted
// likelihoods are not.
func TestNoModelVariance(t *testing.T) {
	var areas []Area
	for i := range 12 {
		areas = append(areas, Area{Direct: 5 + 0.1*float64(i%3), Variance: 1, X: []float64{1}})
	}
	for _, method := range []Method{REML, ML, Moment} {
		kept := must(FayHerriot(areas, Options{Method: method, KeepZero: true}))(t)
		if kept.Sigma2 != 0 || kept.Zero || kept.Areas[0].Shrinkage != 0 {
			t.Errorf("%v kept: σ² = %v, want 0; %+v", method, kept.Sigma2, kept.Areas[0])
		}
		fit := must(FayHerriot(areas, Options{Method: method}))(t)
		if !(fit.Sigma2 > 0) || !fit.Zero || fit.Method != YoshimoriLahiri || !fit.WantsBootstrap() {
			t.Errorf("%v: σ² = %v by %v, want above 0 by Yoshimori–Lahiri", method, fit.Sigma2, fit.Method)
		}
	}
	l := must(FayHerriot(areas, Options{Method: LiLahiri}))(t).Sigma2
	if y := must(FayHerriot(areas, Options{Method: YoshimoriLahiri}))(t).Sigma2; !(y < l) {
		t.Errorf("Yoshimori–Lahiri %v, Li–Lahiri %v: want the first below", y, l)
	}
}

// With equal D and a mean alone the adjusted likelihoods have one line: with V = σ² + D
// and S = Σ (y − ȳ)² their score is {S/V − (m − 1)}/2V plus 1/σ², or plus the derivative
// of ln(arctan mσ²/V)/m, and nowhere else are they greater.
func TestAdjustedLikelihoods(t *testing.T) {
	for _, spread := range []float64{0.1, 1, 3} {
		var areas []Area
		var s float64
		for i := range 11 {
			areas = append(areas, Area{Direct: spread * float64(i-5), Variance: 2, X: []float64{1}})
			s += square(spread * float64(i-5))
		}
		of := map[Method]func(a float64) float64{
			LiLahiri:        func(a float64) float64 { return math.Log(a) - 5*math.Log(a+2) - s/(a+2)/2 },
			YoshimoriLahiri: func(a float64) float64 { return math.Log(math.Atan(11*a/(a+2)))/11 - 5*math.Log(a+2) - s/(a+2)/2 },
		}
		for method, l := range of {
			a := must(FayHerriot(areas, Options{Method: method}))(t).Sigma2
			if slope := (l(a*1.0001) - l(a/1.0001)) / 0.0002; math.Abs(slope) > 1e-6 {
				t.Errorf("%v, spread %v: slope %v at σ² = %v", method, spread, slope, a)
			}
			for k := -40; k < 40; k++ {
				if b := math.Exp(float64(k) / 4); l(b) > l(a)+1e-9 {
					t.Errorf("%v, spread %v: likelier at %v than at %v", method, spread, b, a)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	nan := math.NaN()
	good := func() []Area {
		areas, _ := world(8, 1, func(int) float64 { return 1 }, rand.New(rand.NewPCG(1, 1)))
		return areas
	}
	with := func(change func([]Area) []Area) error {
		_, err := FayHerriot(change(good()), Options{})
		return err
	}
	fit := must(FayHerriot(good(), Options{}))(t)
	random := rand.New(rand.NewPCG(1, 1))
	one := []Estimated{{Estimate: 1, MSE: 1, Weight: 1}}
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"none", with(func([]Area) []Area { return nil }), []string{"0 areas"}},
		{"few", with(func(a []Area) []Area { return a[:3] }), []string{"3 areas", "2 coefficients", "4 areas or more"}},
		{"ragged", with(func(a []Area) []Area { a[2].X = []float64{1}; return a }), []string{"area 3 has 1 covariates", "2"}},
		{"no variance", with(func(a []Area) []Area { a[4].Variance = 0; return a }), []string{"area 5", "sampling variance is 0", "above 0"}},
		{"negative effect", with(func(a []Area) []Area { a[4].Effect = -1; return a }), []string{"area 5", "effect is -1", "at least 0"}},
		{"no estimate", with(func(a []Area) []Area { a[4].Direct = nan; return a }), []string{"area 5", "NaN", "out of the sample"}},
		{"no covariate", with(func(a []Area) []Area { a[4].X[1] = nan; return a }), []string{"area 5", "covariate 2"}},
		{"told twice", with(func(a []Area) []Area {
			for i := range a {
				a[i].X = []float64{1, a[i].X[1], 3 - a[i].X[1]}
			}
			return a
		}), []string{"covariate 3", "leave it out"}},
		{"method", second(FayHerriot(good(), Options{Method: 9})), []string{"Method(9)", "REML"}},
		{"level", second(fit.Intervals(95)), []string{"95", "between 0 and 1"}},
		{"replicates", second(fit.BootstrapIntervals(0.95, 20, random)), []string{"20", "200 or more"}},
		{"scale", second(fit.Back(7)), []string{"scale 7"}},
		{"log", third(LogDirect(0, 1)), []string{"estimate 0"}},
		{"arcsine", third(ArcsineDirect(1.2, 10)), []string{"1.2", "from 0 to 1"}},
		{"one size", second(SmoothVariances([]Measured{{1, 1, 5}, {2, 1, 5}, {3, 2, 5}}, LogSize, MeanRatio)), []string{"one size"}},
		{"no size", second(SmoothVariances([]Measured{{1, 1, 0}}, LogSize, MeanRatio)), []string{"area 1", "respondents is 0"}},
		{"too few", second(SmoothVariances([]Measured{{1, 1, 5}, {2, 0, 6}, {2, nan, 6}}, LogSize, MeanRatio)), []string{"1 areas", "3 or more"}},
		{"total", second(Benchmark(one, nan, Ratio)), []string{"NaN"}},
		{"ratio", second(Benchmark([]Estimated{{-1, 1, 1}}, 1, Ratio)), []string{"estimate 1 is -1"}},
		{"nothing moves", second(Benchmark([]Estimated{{1, 1, 0}}, 1, Ratio)), []string{"weight above 0"}},
		{"exact", second(Benchmark([]Estimated{{1, 0, 1}}, 1, InverseMSE)), []string{"mean squared error 1 is 0"}},
		{"group", third(Nested(one, []int{1}, one, 1, Ratio)), []string{"area 1 is of group 1"}},
		{"empty group", third(Nested(one, []int{0}, append(one, one...), 1, Ratio)), []string{"group 1", "0 estimates"}},
	} {
		if c.err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(c.err.Error(), want) {
				t.Errorf("%s: %q does not say %q", c.name, c.err, want)
			}
		}
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

// Whatever the sampling variances, over eight powers of ten, no model variance is likelier
// than the estimate, and the moment's equation holds.
func TestVarianceIsGreatest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 7))
		d := make([]float64, rapid.IntRange(6, 40).Draw(rt, "m"))
		for i := range d {
			d[i] = math.Pow(10, 8*random.Float64()-4)
		}
		areas, _ := world(len(d), math.Pow(10, 8*random.Float64()-4), func(i int) float64 { return d[i] }, random)
		s, err := newSample(areas)
		if err != nil {
			rt.Fatal(err)
		}
		for method := REML; method <= LiLahiri; method++ {
			got, err := s.variance(method)
			if err != nil {
				rt.Fatal(err)
			}
			if score, _ := got.score(method, s.m(), s.p()); method == Moment {
				if got.sigma2 > 0 && math.Abs(score) > 1e-6 || got.sigma2 == 0 && score > 0 {
					rt.Fatalf("moment: Σ r²/V less m − p is %v at σ² = %v", score, got.sigma2)
				}
				continue
			}
			for k := range 200 {
				f, err := s.at(math.Pow(10, float64(k)/18-6))
				if err != nil {
					rt.Fatal(err)
				}
				if l, top := f.target(method, s.m()), got.target(method, s.m()); l > top+1e-6 {
					rt.Fatalf("%v: %v at σ² = %v, above %v at the estimate %v", method, l, f.sigma2, top, got.sigma2)
				}
			}
		}
	})
}
