package survival

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// anySpells draws spells of few times, so that there are ties, gaps and empty risk sets.
func anySpells(t *rapid.T, strata, causes int) []Spell {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Spell {
		entry := int32(max(0, rapid.IntRange(-8, 6).Draw(t, "entry")))
		return Spell{
			Entry: entry, Exit: entry + int32(rapid.IntRange(1, 9).Draw(t, "length")),
			Cause: int32(rapid.IntRange(0, causes).Draw(t, "cause")), Stratum: int32(rapid.IntRange(0, strata-1).Draw(t, "stratum")),
			Weight: rapid.SampledFrom([]float64{0, 1e-9, 0.1, 1, 1.7, 40, 1e9}).Draw(t, "weight"), Cluster: int64(rapid.IntRange(1, 9).Draw(t, "cluster")),
		}
	}), 0, 40).Draw(t, "spells")
}

// anyOptions draws options of two strata and two causes.
func anyOptions(t *rapid.T) Options {
	o := Options{Strata: 2, Causes: 2, RestrictTo: 7, MinAtRisk: rapid.IntRange(0, 4).Draw(t, "least")}
	o.Weighted, o.Clustered, o.Robust = rapid.Bool().Draw(t, "weighted"), rapid.Bool().Draw(t, "clustered"), rapid.Bool().Draw(t, "robust")
	if rapid.Bool().Draw(t, "capture") {
		for range 2 {
			o.Capture = append(o.Capture, Capture{Sensitivity: rapid.SampledFrom([]float64{0.2, 0.7, 1}).Draw(t, "s"), StdErr: rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "se"), MissedLeave: rapid.Bool().Draw(t, "leave")})
		}
	}
	return o
}

// In any order of rows the curves are the same to the last bit.
func TestOrderOfRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		spells, o := anySpells(rt, 2, 2), anyOptions(rt)
		want, tests := must(Curves(spells, o))(t), []Test{must(LogRank(spells, 2, 0))(t), must(Gray(spells, 2, 1, 2, 0))(t)}
		other := rapid.Permutation(spells).Draw(rt, "order")
		if got := must(Curves(other, o))(t); !reflect.DeepEqual(got, want) {
			rt.Fatalf("%+v, in another order %+v", want, got)
		}
		if got := []Test{must(LogRank(other, 2, 0))(t), must(Gray(other, 2, 1, 2, 0))(t)}; !reflect.DeepEqual(got, tests) {
			rt.Fatalf("%+v, in another order %+v", tests, got)
		}
	})
}

// Whatever the spells, every figure is a number and within its interval, probabilities add
// to 1, and the incidence is at most 1 − Kaplan–Meier.
func TestAlwaysNumbers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		spells, o := anySpells(rt, 2, 2), anyOptions(rt)
		in := Interval{Scale: Scale(rapid.IntRange(0, 2).Draw(rt, "scale"))}
		for _, c := range must(Curves(spells, o))(t) {
			for at := int32(-1); at < 18; at++ {
				s, one, two := c.SurvivalAt(at, in), c.IncidenceAt(1, at, in), c.IncidenceAt(2, at, in)
				for _, p := range []Point{s, one, two} {
					if !(p.Low >= 0 && p.Low <= p.Value+1e-12 && p.Value <= p.High+1e-12 && p.High <= 1 && p.StdErr >= 0 && !math.IsInf(p.StdErr, 1)) {
						rt.Fatalf("at %d: %+v", at, p)
					}
				}
				if s.Status != NotEstimable && one.Status != NotEstimable && two.Status != NotEstimable && !near(s.Value+one.Value+two.Value, 1, 1e-9) {
					rt.Fatalf("at %d: %v + %v + %v", at, s.Value, one.Value, two.Value)
				}
			}
			for step, naive := range c.Naive(1) {
				if o.Capture == nil && c.Incidence[0][step] > naive+1e-12 {
					rt.Fatalf("incidence %v above %v", c.Incidence[0][step], naive)
				}
			}
			m := c.RestrictedMean(in)
			if !(m.Low <= m.Value && m.Value <= m.High && m.High <= 7 && !math.IsNaN(m.StdErr)) {
				rt.Fatalf("restricted mean %+v", m)
			}
		}
	})
}

// A weight of 2 is a row twice; a spell cut in two parts of one cluster is the spell; two
// causes taken for one leave survival and its robust error.
func TestSameCurve(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		spells := anySpells(rt, 1, 2)
		for i := range spells {
			spells[i].Cluster, spells[i].Weight = int64(i), 1
		}
		var heavy, twice, cut, merged []Spell
		for i, s := range spells {
			double := s
			if i%2 == 0 {
				double.Weight = 2
				twice = append(twice, s)
			}
			heavy, twice = append(heavy, double), append(twice, s)
			one := s
			one.Cause = min(1, one.Cause)
			merged = append(merged, one)
			if s.Exit-s.Entry > 1 {
				early := s
				early.Exit, early.Cause = s.Entry+1, 0
				s.Entry++
				cut = append(cut, early)
			}
			cut = append(cut, s)
		}
		o := Options{Causes: 2, Clustered: true, RestrictTo: 7}
		whole := first(t, spells, o)
		for name, pair := range map[string][2]*Curve{
			"twice":  {first(t, heavy, Options{Causes: 2, Weighted: true}), first(t, twice, Options{Causes: 2})},
			"cut":    {first(t, cut, o), whole},
			"merged": {first(t, merged, Options{Clustered: true, RestrictTo: 7}), whole},
		} {
			for at := int32(0); at < 16; at++ {
				a, b := pair[0].SurvivalAt(at, Interval{}), pair[1].SurvivalAt(at, Interval{})
				if !near(a.Value, b.Value, 1e-12) || name != "twice" && !near(a.StdErr, b.StdErr, 1e-12) {
					rt.Fatalf("%s, at %d: %+v, want %+v", name, at, a, b)
				}
			}
			a, b := pair[0].RestrictedMean(Interval{}), pair[1].RestrictedMean(Interval{})
			if !near(a.Value, b.Value, 1e-9) || name != "twice" && !near(a.StdErr, b.StdErr, 1e-9) {
				rt.Fatalf("%s: mean %+v, want %+v", name, a, b)
			}
		}
	})
}

// Without censoring and late entry the curves are binomial proportions with their errors,
// by Greenwood's formula and by the jackknife; and a sensitivity of a half doubles them.
func TestProportions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		causes := rapid.SliceOfN(rapid.Int32Range(1, 3), 3, 40).Draw(rt, "causes")
		var spells []Spell
		moved, gone := 0.0, 0.0
		for i, k := range causes { // 3 stays to the end
			s := Spell{Exit: int32(1 + i%5), Cause: k % 3}
			switch k {
			case 1:
				moved++
			case 3:
				s.Exit = 9
			}
			if k < 3 {
				gone++
			}
			spells = append(spells, s)
		}
		n := float64(len(causes))
		se := func(x float64) float64 { return math.Sqrt(x / n * (1 - x/n) / n) }
		for _, o := range []Options{{Causes: 2}, {Causes: 2, Robust: true}} {
			c := first(t, spells, o)
			step := c.last(5)
			if step < 0 {
				continue
			}
			for _, pair := range [][2]float64{{c.Incidence[0][step], moved / n}, {c.IncidenceErr[0][step], se(moved)}, {c.Survival[step], 1 - gone/n}, {c.SurvivalErr[step], se(gone)}} {
				if !near(pair[0], pair[1], 1e-12) {
					rt.Fatalf("%v, want %v", pair[0], pair[1])
				}
			}
			o.Capture = []Capture{{Sensitivity: 0.5}, {Sensitivity: 1}}
			double := first(t, spells, o)
			if !near(double.Incidence[0][step], 2*moved/n, 1e-12) || !near(double.IncidenceErr[0][step], 2*se(moved), 1e-12) {
				rt.Fatalf("half are seen: %v ± %v of %v", double.Incidence[0][step], double.IncidenceErr[0][step], moved/n)
			}
		}
	})
}
