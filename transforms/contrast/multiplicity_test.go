package contrast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

var procedures = map[string]Procedure{"bonferroni": Bonferroni, "holm": Holm, "hochberg": Hochberg, "hommel": Hommel, "BH": BenjaminiHochberg, "BY": BenjaminiYekutieli}

func TestCaseD16Multiplicity(t *testing.T) {
	c := casetable.Open(t, "d16_multiplicity")
	p := c.Read("input.csv").Numbers("p")
	found := func(q []float64) (n float64) {
		for _, v := range q {
			n += float64(count(v <= 0.05))
		}
		return n
	}
	for _, name := range []string{"bonferroni", "holm", "hochberg", "hommel", "BH", "BY"} {
		q := must(Adjust(p, procedures[name]))(t)
		for i, v := range q {
			c.Holds(fmt.Sprintf("adjusted/%d/%s", i, name), v)
		}
	}
	c.Holds("bh_rejections_05", found(must(Adjust(p, BenjaminiHochberg))(t)))
	c.Holds("bonferroni_rejections_05", found(must(Adjust(p, Bonferroni))(t)))
	c.Holds("storey_pi0_lambda05", must(NullShare(p, 0.5))(t))
	c.Holds("sidak_z_47", must(SidakQuantile(47, 0.95))(t))
	c.Holds("bonferroni_z_1741", must(BonferroniQuantile(1741, 0.95))(t))
}

func TestAdjustByHand(t *testing.T) {
	// Holm: 3·0.01, max(…, 2·0.02), max(…, 0.04); BH: min(0.03, 0.03, 0.04) = 0.03, …
	p := []float64{0.04, 0.01, 0.02}
	for procedure, want := range map[Procedure][]float64{
		Holm:              {0.04, 0.03, 0.04},
		Bonferroni:        {0.12, 0.03, 0.06},
		Hochberg:          {0.04, 0.03, 0.04},
		BenjaminiHochberg: {0.04, 0.03, 0.03},
		// Of all sets with 0.01: Simes gives 0.03 of three, 0.02 of two; of those with 0.02:
		// 0.03, 0.02, 0.04 of {0.02, 0.04}; of 0.04 at most 0.04.
		Hommel:             {0.04, 0.03, 0.04},
		BenjaminiYekutieli: {0.04 * 11 / 6, 0.03 * 11 / 6, 0.03 * 11 / 6},
	} {
		for i, q := range must(Adjust(p, procedure))(t) {
			if !near(q, want[i], 1e-12) {
				t.Errorf("%v of %v is %v, want %v", procedure, p[i], q, want[i])
			}
		}
	}
	for _, p := range [][]float64{{-0.1}, {0.5, 1.1}, {math.NaN()}} {
		if q, err := Adjust(p, Holm); err == nil {
			t.Errorf("%v: %v, want an error", p, q)
		}
	}
	if q, err := Adjust(nil, Procedure(9)); err == nil {
		t.Errorf("no procedure: %v, want an error", q)
	}
	if s, err := NullShare(nil, 0.5); err == nil {
		t.Errorf("no test: %v, want an error", s)
	}
	if z, err := SidakQuantile(0, 0.95); err == nil {
		t.Errorf("no interval: %v, want an error", z)
	}
	// One interval is the usual one; two: (1 + √0.95)/2.
	if z := must(SidakQuantile(1, 0.95))(t); !near(z, 1.959963985, 1e-9) {
		t.Errorf("z of one is %v", z)
	}
}

// No adjustment lowers a p-value or changes the order; Hommel ≤ Hochberg ≤ Holm ≤
// Bonferroni and BH ≤ Hochberg, BH ≤ BY; the order of the tests does not matter; and
// Hommel's is what closing Simes' tests of all sets gives.
func TestAdjustProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 8).Draw(rt, "p")
		for i := range p {
			p[i] = math.Round(100*p[i]*p[i]) / 100 // small ones, and ties
		}
		q := map[string][]float64{}
		for name, procedure := range procedures {
			q[name], _ = Adjust(p, procedure)
			for i := range p {
				if q[name][i] < p[i] || q[name][i] > 1 {
					rt.Fatalf("%s of %v: %v", name, p, q[name])
				}
				for j := range p {
					if p[i] < p[j] && q[name][i] > q[name][j] {
						rt.Fatalf("%s of %v: %v", name, p, q[name])
					}
				}
			}
		}
		for _, pair := range [][2]string{{"hommel", "hochberg"}, {"hochberg", "holm"}, {"holm", "bonferroni"}, {"BH", "hochberg"}, {"BH", "BY"}} {
			for i := range p {
				if q[pair[0]][i] > q[pair[1]][i]+1e-12 {
					rt.Fatalf("%v: %s %v, %s %v", p, pair[0], q[pair[0]], pair[1], q[pair[1]])
				}
			}
		}
		for i := range p {
			if want := closed(p, i); math.Abs(q["hommel"][i]-want) > 1e-12 {
				rt.Fatalf("Hommel of %v: %v, closing gives %v", p, q["hommel"], want)
			}
		}
	})
}

// closed is the greatest Simes p-value of all sets with test i.
func closed(p []float64, i int) (most float64) {
	for set := range 1 << len(p) {
		if set>>i&1 == 0 {
			continue
		}
		var values []float64
		for j, v := range p {
			if set>>j&1 == 1 {
				values = append(values, v)
			}
		}
		q, _ := Adjust(values, BenjaminiHochberg)
		least := 1.0
		for _, v := range q {
			least = min(least, v)
		}
		most = max(most, least)
	}
	return most
}

func TestRanksByHand(t *testing.T) {
	z := must(SidakQuantile(4, 0.95))(t)
	ranks := must(RankIntervals([]Estimate{{Value: 10, StdErr: 1 / z}, {Value: 20, StdErr: 1 / z}, {Value: 11.5, StdErr: 1 / z}, {Value: 10, StdErr: 0}}, 0.95))(t)
	// Intervals 9–11, 19–21, 10.5–12.5, 10–10: the second is before all; the fourth is
	// behind the third and may be before or behind the first.
	for i, want := range []Rank{{3, 2, 4}, {1, 1, 1}, {2, 2, 3}, {3, 3, 4}} {
		if ranks[i] != want {
			t.Errorf("region %d: %+v, want %+v", i, ranks[i], want)
		}
	}
	for _, refused := range [][]Estimate{nil, {{Value: math.NaN()}}, {{Value: 1, StdErr: -1}}} {
		if r, err := RankIntervals(refused, 0.95); err == nil {
			t.Errorf("%v: %v, want an error", refused, r)
		}
	}
}

// The estimated place lies within; a higher level gives no narrower places; exact estimates
// have exact places; and the true places all lie within at once in at least 95 % of runs.
func TestRanksHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		estimates := make([]Estimate, rapid.IntRange(1, 50).Draw(rt, "m"))
		for i := range estimates {
			estimates[i] = Estimate{Value: random.NormFloat64(), StdErr: random.Float64()}
		}
		usual, _ := RankIntervals(estimates, 0.95)
		wide, _ := RankIntervals(estimates, 0.999)
		for i, r := range usual {
			if r.Best > r.Estimated || r.Estimated > r.Worst || wide[i].Best > r.Best || wide[i].Worst < r.Worst {
				rt.Fatalf("%+v, at the higher level %+v", r, wide[i])
			}
			estimates[i].StdErr = 0
		}
		exact, _ := RankIntervals(estimates, 0.95)
		for i, r := range exact {
			if r.Best != r.Worst || r.Best != usual[i].Estimated {
				rt.Fatalf("%+v, exactly known %+v", usual[i], r)
			}
		}
	})
	random := rand.New(rand.NewPCG(4, 4))
	const runs, m = 1000, 47
	held := 0
	for range runs {
		truth, estimates := make([]Estimate, m), make([]Estimate, m)
		for i := range truth {
			truth[i].Value = float64(i) / 4
			estimates[i] = Estimate{Value: truth[i].Value + random.NormFloat64(), StdErr: 1}
		}
		places, _ := RankIntervals(truth, 0.95)
		within := true
		for i, r := range must(RankIntervals(estimates, 0.95))(t) {
			within = within && r.Best <= places[i].Estimated && places[i].Estimated <= r.Worst
		}
		held += count(within)
	}
	t.Logf("all places within in %d of %d", held, runs)
	if held < 950 {
		t.Errorf("all places within in %d of %d", held, runs)
	}
}
