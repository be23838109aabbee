package weight

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each refusal names what is wrong and says what to do.
func TestRefusals(t *testing.T) {
	two := []Margin{{Name: "sex", Classes: []string{"m", "f"}, Totals: []float64{50, 50}, Of: []int32{0, 1, 0, 1}}}
	with := func(m Margin) error { return CheckMargins(append(slices.Clone(two), m)...) }
	calibrate := func(totals []float64, o Options) error {
		a := Dense([]string{"1", "young"}, []float64{1, 1, 1, 1}, []float64{1, 0, 0, 0})
		_, err := Calibrate([]float64{10, 10, 10, 10}, a, totals, o)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"no unit", Design{}.Check(), []string{"no unit"}},
		{"zero weight", Design{Weights: []float64{1, 0}}.Check(), []string{"unit 2", "design weight 0", "leave the unit out"}},
		{"missing weight", Design{Weights: []float64{math.NaN()}}.Check(), []string{"unit 1", "NaN"}},
		{"column too short", Design{Weights: []float64{1, 1}, Stages: []Stage{{Strata: []int32{0}}}}.Check(), []string{"stage 1", "strata has 1 values for 2 units"}},
		{"small population", Design{Weights: []float64{1, 1}, Stages: []Stage{{Population: []float64{1, 1}}}}.Check(), []string{"stratum 1", "2 sampling units of a population of 1"}},
		{"two populations", Design{Weights: []float64{1, 1}, Stages: []Stage{{Population: []float64{5, 6}}}}.Check(), []string{"stratum 1", "5", "6"}},
		{"lonely", second(Design{Weights: []float64{1, 1, 1}, Stages: []Stage{{Strata: []int32{0, 0, 1}}}, Lonely: LonelyRefuse}.Covariance([]float64{1, 1, 1}, []float64{1, 2, 3})),
			[]string{"stratum 2 has one sampling unit", "lonely_psu"}},
		{"all lonely", second(Design{Weights: []float64{1}, Lonely: LonelyAverage}.Covariance([]float64{1}, []float64{1})), []string{"every stratum", "join strata"}},
		{"jackknife of one", second(Design{Weights: []float64{1}}.Jackknife()), []string{"stratum 1", "join"}},
		{"halves of three", second(Design{Weights: []float64{1, 1, 1}}.BalancedRepeated(0)), []string{"stratum 1 has 3 sampling units, not 2"}},
		{"rho", second(Design{Weights: []float64{1, 1}}.BalancedRepeated(1)), []string{"rho"}},
		{"empty class", second(NonResponse([]float64{1, 1}, []int32{0, 1}, []string{"young", "old"}, []bool{true, false})), []string{"class old", "nobody answered", "join"}},
		{"separated", second(Propensities([]float64{1, 1, 1, 1}, Dense([]string{"1", "x"}, []float64{1, 1, 1, 1}, []float64{0, 0, 1, 1}), []bool{false, false, true, true})),
			[]string{"tell exactly who answered"}},
		{"contradiction", with(Margin{Name: "age", Classes: []string{"y", "o"}, Totals: []float64{60, 50}, Of: []int32{0, 1, 0, 1}}), []string{"sex and age contradict", "100", "110"}},
		{"nobody", with(Margin{Name: "age", Classes: []string{"y", "o"}, Totals: []float64{60, 40}, Of: []int32{0, 0, 0, 0}}), []string{"class o", "no respondent", "join"}},
		{"too many", with(Margin{Name: "age", Classes: []string{"y", "o"}, Totals: []float64{100, 0}, Of: []int32{0, 1, 0, 0}}), []string{"class o", "nobody in the population"}},
		{"no class", with(Margin{Name: "age", Classes: []string{"y"}, Totals: []float64{100}, Of: []int32{0, 0, 0, 5}}), []string{"unit 4", "no class"}},
		{"negative total", with(Margin{Name: "age", Classes: []string{"y"}, Totals: []float64{-1}, Of: []int32{0, 0, 0, 0}}), []string{"-1"}},
		{"bounds", calibrate([]float64{40, 10}, Options{Distance: Logit, Low: 1.1, High: 2}), []string{"either side of 1"}},
		{"infeasible", calibrate([]float64{40, 35}, Options{Distance: Logit, Low: 0.5, High: 1.5}), []string{"young", "wanted 35", "widen the bounds"}},
		{"infeasible, cut", calibrate([]float64{40, 35}, Options{Distance: TruncatedLinear, Low: 0.5, High: 1.5}), []string{"wanted", "widen the bounds"}},
		{"not of this world", calibrate([]float64{40, -5}, Options{Distance: Raking}), []string{"young", "wanted -5", "join classes"}},
		{"trim", second(Trim([]float64{1, 1}, 1)), []string{"above 1"}},
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

func second[T any](_ T, err error) error { return err }

// Raked weights meet their margins, whatever the weights were; a further margin
// that says the same changes nothing.
func TestRakedWeightsMeetTheirMargins(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(20, 200).Draw(rt, "n")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		design := make([]float64, n)
		margins := []Margin{{Name: "a", Classes: []string{"0", "1", "2"}}, {Name: "b", Classes: []string{"0", "1"}}}
		for m := range margins {
			margins[m].Totals, margins[m].Of = make([]float64, len(margins[m].Classes)), make([]int32, n)
		}
		for k := range n {
			design[k] = 0.5 + random.Float64()
			at := []int32{int32(k % 3), int32(k % 2)}
			share := 0.5 + random.Float64() // the population that the sample is of
			for m := range margins {
				margins[m].Of[k] = at[m]
				margins[m].Totals[at[m]] += 10 * share
			}
		}
		if err := CheckMargins(margins...); err != nil {
			rt.Fatal(err)
		}
		aux, totals := Margins(margins...)
		c, err := Calibrate(design, aux, totals, Options{Distance: Raking})
		if err != nil {
			rt.Fatal(err)
		}
		for i, got := range aux.Sum(c.Weights) {
			if math.Abs(got-totals[i]) > 1e-8*totals[i] {
				rt.Fatalf("%s: %v, want %v", aux.Names[i], got, totals[i])
			}
		}
		again, x := Margins(append(margins, margins[0])...)
		d, err := Calibrate(design, again, x, Options{Distance: Raking})
		if err != nil {
			rt.Fatal(err)
		}
		for k := range c.G {
			if math.Abs(c.G[k]-d.G[k]) > 1e-9*c.G[k] {
				rt.Fatalf("unit %d: g %v with the margin given twice, %v once", k, d.G[k], c.G[k])
			}
		}
	})
}

// The bootstrap draws weights whose mean is the design's, in multiples of
// n_h/(n_h − 1), and keeps each stratum's weight in the mean.
func TestBootstrapWeights(t *testing.T) {
	d := Design{Weights: []float64{3, 3, 3, 5, 5, 5, 5}, Stages: []Stage{{Strata: []int32{0, 0, 0, 1, 1, 1, 1}}}}
	const sets = 20_000
	r, err := d.Bootstrap(sets, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	mean := make([]float64, len(d.Weights))
	for _, w := range r.Weights {
		for k := range w {
			mean[k] += w[k] / sets
			unit := d.Weights[k] * []float64{1.5, 4.0 / 3}[d.Stages[0].Strata[k]]
			if times := w[k] / unit; math.Abs(times-math.Round(times)) > 1e-12 {
				t.Fatalf("weight %v is no multiple of %v", w[k], unit)
			}
		}
	}
	for k := range mean { // standard error below 0.04
		if math.Abs(mean[k]-d.Weights[k]) > 0.16 {
			t.Errorf("unit %d: mean weight %v, want %v", k, mean[k], d.Weights[k])
		}
	}
}

// Half samples give exactly the linearised variance of a total: for two units
// per stratum, v = Σ (z₁ − z₂)².
func TestBalancedRepeatedIsExactForTotals(t *testing.T) {
	d := Design{Weights: []float64{1, 1, 2, 2, 3, 3}, Stages: []Stage{{Strata: []int32{0, 0, 1, 1, 2, 2}}}}
	y := []float64{1, 4, 2, 2.5, 7, 5}
	const want = 9 + 1 + 36
	for _, rho := range []float64{0, 0.3} {
		r, err := d.BalancedRepeated(rho)
		if err != nil {
			t.Fatal(err)
		}
		var full, v float64
		for k := range y {
			full += d.Weights[k] * y[k]
		}
		for i, w := range r.Weights {
			var total float64
			for k := range y {
				total += w[k] * y[k]
			}
			v += r.Coefficients[i] * square(total-full)
		}
		if math.Abs(v-want) > 1e-12 {
			t.Errorf("rho %v: variance %v, want %v", rho, v, want)
		}
	}
}

// By hand: median 2, limit 4. 10 is cut by 6, which 1, 2 and 2 take in
// proportion: 2.2, 4.4, 4.4; cut by 0.8, which the first takes.
func TestTrimByHand(t *testing.T) {
	got, err := Trim([]float64{1, 2, 2, 10}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{3, 4, 4, 4}
	for k := range want {
		if math.Abs(got.Weights[k]-want[k]) > 1e-12 {
			t.Errorf("trimmed %v, want %v", got.Weights, want)
		}
	}
	if got.Cut != 3 || got.Limit != 4 || math.Abs(got.Moved-6.8) > 1e-12 {
		t.Errorf("cut %d at %v, moved %v; want 3 at 4, 6.8", got.Cut, got.Limit, got.Moved)
	}
}
