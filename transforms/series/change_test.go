package series

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// By hand: from 100 to 120 with variances 25 and 36 and covariance 18 the difference is
// 20 ± √(25 + 36 − 36) = 5; ln 1.2 has the variance 0.0025 + 0.0025 − 36/12000 = 0.002.
func TestChangeByHand(t *testing.T) {
	c := Change{100, 120, 25, 36, 18}
	if d := must(c.Difference())(t); d != (Estimate{20, 5}) {
		t.Errorf("difference %+v, want 20 ± 5", d)
	}
	g := must(c.Growth())(t)
	if math.Abs(g.Rate-0.2) > 1e-12 || math.Abs(g.LogStdErr-math.Sqrt(0.002)) > 1e-12 || math.Abs(g.StdErr-1.2*math.Sqrt(0.002)) > 1e-12 {
		t.Errorf("growth %+v, want 0.2 with log error %v", g, math.Sqrt(0.002))
	}
	low, high, err := g.Interval(0.95)
	if err != nil || math.Abs((1+low)*(1+high)-1.44) > 1e-12 || math.Abs(high-(1.2*math.Exp(1.959963984540054*math.Sqrt(0.002))-1)) > 1e-12 {
		t.Errorf("interval %v–%v: %v", low, high, err)
	}
	if low, high, err := must(c.Difference())(t).Interval(0.95); err != nil || math.Abs(low-(20-5*1.959963984540054)) > 1e-9 || math.Abs(low+high-40) > 1e-9 {
		t.Errorf("interval of the difference %v–%v: %v", low, high, err)
	}
}

// By hand: one stratum, values 1, 3, 5 and 2, 4, 9, all common: v₁ = 3/2·8 = 12,
// v₂ = 3/2·26 = 39, c = 3/2·(−2·−3 + 0 + 2·4) = 21. With 1 and 3 common alone r is 1 of
// (1, 2), (3, 4) and c = 2/3·√(12·39).
func TestOverlapByHand(t *testing.T) {
	first := []Linearised{{1, 1, 1}, {1, 2, 3}, {1, 3, 5}}
	o := must(Between(first, []Linearised{{1, 3, 9}, {1, 1, 1}, {1, 2, 4}, {1, 1, 1}}))(t)
	if o.FirstVariance != 12 || o.SecondVariance != 39 || math.Abs(o.Covariance-21) > 1e-12 || o.Common != 3 {
		t.Errorf("all common: %+v, want 12, 39 and 21", o)
	}
	o = must(Between(first, []Linearised{{1, 1, 2}, {1, 2, 4}, {1, 9, 9}}))(t)
	if want := 2.0 / 3 * math.Sqrt(12*39); math.Abs(o.Covariance-want) > 1e-12 || o.Common != 2 {
		t.Errorf("two common: %+v, want %v", o, want)
	}
	o = must(Between(first, []Linearised{{1, 1, 2}, {1, 8, 4}, {2, 1, 9}, {2, 2, 9}}))(t)
	if o.Covariance != 0 || o.Untold != 1 || o.Common != 1 || o.Second != 4 {
		t.Errorf("one common: %+v", o)
	}
}

// Laws: a change back is the same change with the other sign; the same estimate twice has
// not changed, without error; another unit changes the difference alone; correlations
// are at most 1, whatever is common; order does not matter.
func TestChangeProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) []Linearised {
			var units []Linearised
			for h := range int32(3) {
				for i := range int32(6) {
					if i < 2 || rapid.Bool().Draw(rt, name) {
						units = append(units, Linearised{h, i, rapid.Float64Range(-50, 50).Draw(rt, name)})
					}
				}
			}
			return units
		}
		first, second := draw("first"), draw("second")
		o := must(Between(first, second))(t)
		back := must(Between(second, first))(t)
		if math.Abs(o.Covariance) > math.Sqrt(o.FirstVariance*o.SecondVariance)*(1+1e-12) || math.Abs(o.Covariance-back.Covariance) > 1e-9*(1+math.Abs(o.Covariance)) {
			rt.Fatalf("%+v, and back %+v", o, back)
		}
		c := o.Change(rapid.Float64Range(100, 1000).Draw(rt, "Y1"), rapid.Float64Range(100, 1000).Draw(rt, "Y2"))
		d, g := must(c.Difference())(t), must(c.Growth())(t)
		b := must(back.Change(c.Second, c.First).Difference())(t)
		if d.Value != -b.Value || math.Abs(d.StdErr-b.StdErr) > 1e-6 {
			rt.Fatalf("%+v, and back %+v", d, b)
		}
		unit := Change{3 * c.First, 3 * c.Second, 9 * c.FirstVariance, 9 * c.SecondVariance, 9 * c.Covariance}
		if e, f := must(unit.Difference())(t), must(unit.Growth())(t); math.Abs(e.StdErr-3*d.StdErr) > 1e-6*(1+d.StdErr) || math.Abs(f.LogStdErr-g.LogStdErr) > 1e-6 || math.Abs(f.Rate-g.Rate) > 1e-9 {
			rt.Fatalf("another unit: %+v %+v, before %+v %+v", e, f, d, g)
		}
		twice := must(Between(first, first))(t)
		if same := must(twice.Change(5, 5).Difference())(t); same.Value != 0 || same.StdErr > 1e-5*math.Sqrt(1+twice.FirstVariance) {
			rt.Fatalf("the same sample twice: %+v", same)
		}
		if low, _, err := g.Interval(0.95); err != nil || low <= -1 {
			rt.Fatalf("growth from %v: %v", low, err)
		}
	})
}

// A panel of sampling units of which half are replaced: intervals of the change hold it;
// those of variances that are added are too wide.
func TestChangeOfRotatingSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 84))
	const strata, units, runs = 3, 20, 1000 // units in each stratum and month
	covered, added, grown := 0, 0, 0
	var width, wide float64
	for range runs {
		var first, second []Linearised
		var a, b float64
		for h := range int32(strata) {
			for i := range int32(units * 3 / 2) {
				level := 10 + 3*random.NormFloat64() // of the unit, both months
				if i < units {
					z := level + random.NormFloat64()
					first, a = append(first, Linearised{h, i, z}), a+z
				}
				if i >= units/2 {
					z := 1.05*level + random.NormFloat64()
					second, b = append(second, Linearised{h, i, z}), b+z
				}
			}
		}
		o := must(Between(first, second))(t)
		c := o.Change(a, b)
		independent := c
		independent.Covariance = 0
		d, e := must(c.Difference())(t), must(independent.Difference())(t)
		truth := 0.05 * 10 * strata * units
		if math.Abs(d.Value-truth) <= 1.96*d.StdErr {
			covered++
		}
		if math.Abs(e.Value-truth) <= 1.96*e.StdErr {
			added++
		}
		if low, high, err := must(c.Growth())(t).Interval(0.95); err == nil && low <= 0.05 && 0.05 <= high {
			grown++
		}
		width, wide = width+d.StdErr/runs, wide+e.StdErr/runs
	}
	t.Logf("half of the units in common: 95%% intervals of the difference hold it %.1f%%, of growth %.1f%%; variances added %.1f%%; mean error %.1f, added %.1f",
		100*float64(covered)/runs, 100*float64(grown)/runs, 100*float64(added)/runs, width, wide)
	if float64(covered) < 0.93*runs || float64(covered) > 0.97*runs || float64(grown) < 0.93*runs || added <= covered {
		t.Errorf("difference %d, growth %d, added %d of %d", covered, grown, added, runs)
	}
}

// Replicates that differ by 1e-170 have no variance in numbers of 64 bits, and a covariance with others that have one.
func TestChangeOfNextToNothing(t *testing.T) {
	c := must(OfReplicates(5, 1, Replicated{[]float64{4, 6}, []float64{1e-170, -1e-170}, []float64{1, 1}, false}))(t)
	if c.SecondVariance != 0 || c.Covariance == 0 {
		t.Fatalf("%+v: the test shows nothing", c)
	}
	if d := must(c.Difference())(t); math.Abs(square(d.StdErr)-c.FirstVariance) > 1e-12*c.FirstVariance {
		t.Errorf("a variance of %v, want %v", square(d.StdErr), c.FirstVariance)
	}
}

func TestChangeRefusals(t *testing.T) {
	two := []Linearised{{1, 1, 1}, {1, 2, 2}}
	_, _, levelErr := Growth{}.Interval(95)
	checkRefusals(t, []refusal{
		{second(Change{1, 2, 4, 9, 7}.Difference()), "it can be no larger than 6"},
		{second(Change{1, 2, -4, 9, 0}.Difference()), "variances of -4 and 9"},
		{second(Change{1, math.NaN(), 4, 9, 0}.Growth()), "every number must be known"},
		{second(Change{0, 2, 4, 9, 0}.Growth()), "growth from 0 to 2"},
		{levelErr, "is 95: it must lie between"},
		{second(Between(nil, two)), "no sampling unit of the first month"},
		{second(Between(two, []Linearised{{7, 1, 1}})), "stratum 7 has 0 sampling units in the first month and 1 in the second"},
		{second(Between(two, []Linearised{{1, 1, math.Inf(1)}, {1, 2, 1}})), "unit 1 of stratum 1 in the second month"},
	})
}
