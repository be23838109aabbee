package rates

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestConversionByHand(t *testing.T) {
	// c = 0.2·500/10,000 = 0.01; v(ln c) = 0.8/(100·0.2) + 0.03² + 0.1² = 0.0509
	f := Factors{ProportionOf(Count{20, 100}), Total{500, 15}, Total{10_000, 1000}}
	r := must(Conversion(f, LogScale, 0.95))(t)
	relative := math.Sqrt(0.0509)
	want := Rate{0.01, 0.01 * relative, 0.01 * math.Exp(-1.959964*relative), 0.01 * math.Exp(1.959964*relative)}
	if !same(r, want, 1e-6) {
		t.Errorf("%+v, want %+v", r, want)
	}
	// logit: ln(0.01/0.99) ± 1.959964·√0.0509/0.99
	r = must(Conversion(f, LogitScale, 0.95))(t)
	odds := math.Exp(1.959964 * relative / 0.99)
	want.Low, want.High = 1/(1+99*odds), 1/(1+99/odds)
	if !same(r, want, 1e-6) {
		t.Errorf("%+v, want %+v", r, want)
	}
	// Only p uncertain: ratio times the interval of p on its scale.
	exact := Factors{ProportionOf(Count{0, 100}), Total{500, 0}, Total{10_000, 0}}
	none := must(Conversion(exact, LogScale, 0.95))(t)
	if want := 0.05 * (1 - math.Pow(0.025, 0.01)); none.Value != 0 || none.Low != 0 || !near(none.High, want, 1e-9) || !(none.StdErr > 0) {
		t.Errorf("nobody related before: %+v, want up to %v", none, want)
	}
	drawn := must(BootstrapConversion(exact, 0.95, 100_000, 1))(t)
	_, jeffreys, _ := Interval(0, 100, Jeffreys, 0.95)
	if drawn.Value != 0 || drawn.Low != 0 || !near(drawn.High, 0.05*jeffreys, 0.03) {
		t.Errorf("nobody related before: %+v, want up to %v", drawn, 0.05*jeffreys)
	}
	if again := must(BootstrapConversion(exact, 0.95, 100_000, 1))(t); again != drawn {
		t.Errorf("the same seed: %+v and %+v", drawn, again)
	}
	exact.InMigrants.Value = 0
	if r := must(Conversion(exact, LogScale, 0.95))(t); r != (Rate{}) {
		t.Errorf("nobody moved in: %+v", r)
	}
	// p(1 − p)/v = 0.16/0.0016
	if p := EffectiveProportion(0.2, 0.04, 500); !near(p.EffectiveSize, 100, 1e-9) {
		t.Errorf("effective size %v, want 100", p.EffectiveSize)
	}
	if p := EffectiveProportion(0, 0, 500); p != (Proportion{0, 500}) {
		t.Errorf("share of 0: %+v", p)
	}
	// The logit interval of 20 among 100 comes from 100 persons.
	low, high, _ := Interval(20, 100, Logit, 0.9)
	if p := must(ProportionFromInterval(0.2, low, high, 0.9))(t); !near(p.EffectiveSize, 100, 1e-9) || p.Value != 0.2 {
		t.Errorf("share %+v, want 0.2 of 100", p)
	}
	// √(80·125) = 100, ln(125/80)/(2·1.959964) = 0.113851
	total := must(TotalFromInterval(80, 125, 0.95))(t)
	if !near(total.Value, 100, 1e-12) || !near(total.StdErr, 11.3851, 1e-5) {
		t.Errorf("total %+v, want 100 ± 11.3851", total)
	}
}

func same(a, b Rate, tolerance float64) bool {
	return near(a.Value, b.Value, tolerance) && near(a.StdErr, b.StdErr, tolerance) && near(a.Low, b.Low, tolerance) && near(a.High, b.High, tolerance)
}

func TestConversionRefusals(t *testing.T) {
	good := Factors{Proportion{0.2, 100}, Total{500, 15}, Total{10_000, 1000}}
	for _, change := range []func(f *Factors){
		func(f *Factors) { f.RelatedBefore.Value = 1.1 },
		func(f *Factors) { f.RelatedBefore = ProportionOf(Count{0, 0}) },
		func(f *Factors) { f.RelatedBefore.EffectiveSize = 0 },
		func(f *Factors) { f.InMigrants.Value = -1 },
		func(f *Factors) { f.InMigrants.Value = 0 },
		func(f *Factors) { f.InMigrants.StdErr = math.NaN() },
		func(f *Factors) { f.Relational.Value = 0 },
		func(f *Factors) { f.Relational.StdErr = math.Inf(1) },
	} {
		f := good
		change(&f)
		if r, err := Conversion(f, LogScale, 0.95); err == nil {
			t.Errorf("%+v: %+v, want an error", f, r)
		}
		if r, err := BootstrapConversion(f, 0.95, 100, 1); err == nil {
			t.Errorf("%+v: %+v, want an error", f, r)
		}
	}
	many := Factors{Proportion{0.5, 100}, Total{500, 0}, Total{200, 10}}
	if r := must(Conversion(many, LogScale, 0.95))(t); r.Value != 1.25 {
		t.Errorf("%+v, want 1.25", r)
	}
	if r, err := Conversion(many, LogitScale, 0.95); err == nil {
		t.Errorf("%+v, want an error", r)
	}
	if r, err := Conversion(good, LogScale, 0); err == nil {
		t.Errorf("level 0: %+v, want an error", r)
	}
	if r, err := BootstrapConversion(good, 0.95, 99, 1); err == nil {
		t.Errorf("99 draws: %+v, want an error", r)
	}
	for _, ends := range [][2]float64{{0, 0.3}, {0.1, 1}, {0.2, 0.3}, {0.3, 0.1}} {
		if p, err := ProportionFromInterval(0.2, ends[0], ends[1], 0.95); err == nil {
			t.Errorf("%v: %+v, want an error", ends, p)
		}
	}
	for _, ends := range [][2]float64{{0, 1}, {2, 1}, {1, math.Inf(1)}} {
		if total, err := TotalFromInterval(ends[0], ends[1], 0.95); err == nil {
			t.Errorf("%v: %+v, want an error", ends, total)
		}
	}
}

// Twice the in-migrants make twice the rate, twice the population half of it; a factor
// known less well makes no interval shorter.
func TestConversionProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := Factors{
			Proportion{rapid.Float64Range(0.01, 0.99).Draw(rt, "p"), rapid.Float64Range(2, 1000).Draw(rt, "n")},
			Total{rapid.Float64Range(1, 1e4).Draw(rt, "I"), rapid.Float64Range(0, 100).Draw(rt, "se I")},
			Total{rapid.Float64Range(1e4, 1e6).Draw(rt, "N"), rapid.Float64Range(0, 1e5).Draw(rt, "se N")},
		}
		r, err := Conversion(f, LogScale, 0.95)
		if err != nil {
			rt.Fatal(err)
		}
		if !(0 < r.Low && r.Low < r.Value && r.Value < r.High) {
			rt.Fatalf("%+v: %+v", f, r)
		}
		twice := f
		twice.InMigrants = Total{2 * f.InMigrants.Value, 2 * f.InMigrants.StdErr}
		half := f
		half.Relational = Total{2 * f.Relational.Value, 2 * f.Relational.StdErr}
		a, _ := Conversion(twice, LogScale, 0.95)
		b, _ := Conversion(half, LogScale, 0.95)
		if !same(a, Rate{2 * r.Value, 2 * r.StdErr, 2 * r.Low, 2 * r.High}, 1e-9) || !same(r, Rate{2 * b.Value, 2 * b.StdErr, 2 * b.Low, 2 * b.High}, 1e-9) {
			rt.Fatalf("%+v, of twice the in-migrants %+v, of twice the population %+v", r, a, b)
		}
		f.Relational.StdErr += 1
		if worse, _ := Conversion(f, LogScale, 0.95); worse.Low > r.Low || worse.High < r.High {
			rt.Fatalf("%+v, with N known less well %+v", r, worse)
		}
	})
}

// Movers surveyed, in-migrants counted or estimated, and a relational population with an
// error of 15 %: all intervals hold in 93 to 97 %.
func TestConversionHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, world := range []struct {
		name               string
		movers             int64
		p, migrants, error float64
	}{
		{"150 movers of whom 20 %, registered", 150, 0.2, 800, 0},
		{"80 movers of whom 10 %, estimated ± 5 %", 80, 0.1, 300, 0.05},
		{"600 movers of whom 40 %", 600, 0.4, 5000, 0.02},
	} {
		const runs, truth = 1500, 20_000.0
		var log, logit, drawnHeld int
		for run := range runs {
			estimate := func(value, cv float64) Total {
				v := value * math.Exp(cv*random.NormFloat64())
				return Total{v, v * cv}
			}
			f := Factors{ProportionOf(Count{drawn(world.movers, world.p, random), world.movers}), estimate(world.migrants, world.error), estimate(truth, 0.15)}
			want := world.p * world.migrants / truth
			hold := func(r Rate) int {
				if r.Low <= want && want <= r.High {
					return 1
				}
				return 0
			}
			log += hold(must(Conversion(f, LogScale, 0.95))(t))
			logit += hold(must(Conversion(f, LogitScale, 0.95))(t))
			drawnHeld += hold(must(BootstrapConversion(f, 0.95, 400, uint64(run)))(t))
		}
		t.Logf("%s: log %.3f, logit %.3f, bootstrap %.3f", world.name, float64(log)/runs, float64(logit)/runs, float64(drawnHeld)/runs)
		for name, held := range map[string]int{"log": log, "logit": logit, "bootstrap": drawnHeld} {
			if c := float64(held) / runs; c < 0.93 || c > 0.97 {
				t.Errorf("%s: %s holds in %.3f", world.name, name, c)
			}
		}
	}
}
