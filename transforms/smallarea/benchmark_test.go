package smallarea

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func TestCaseC04Benchmark(t *testing.T) {
	c := casetable.Open(t, "c04_benchmark")
	d := c.Read("input.csv")
	fit := must(FayHerriot(milk(d, "major"), Options{}))(t)
	var estimates []Estimated
	var total float64
	for i, w := range d.Numbers("share") {
		estimates = append(estimates, Estimated{fit.Areas[i].Estimate, fit.Areas[i].MSE, w})
		total += 1.03 * w * d.Numbers("yi")[i]
	}
	c.Holds("target", total)
	c.Holds("sum_before", sumOf(estimates))
	for name, rule := range map[string]Rule{"ratio": Ratio, "difference": Difference, "optimal_inverse_mse": InverseMSE, "optimal_w_over_eblup": Ratio} {
		for i, e := range must(Benchmark(estimates, total, rule))(t) {
			c.Holds(fmt.Sprintf("%s/%d", name, i), e.Estimate)
			if want := estimates[i].MSE + square(e.Estimate-estimates[i].Estimate); e.MSE != want {
				t.Errorf("%s: mse %v, want %v", name, e.MSE, want)
			}
			if rule == Ratio && i == 0 {
				c.Holds("ratio_factor", e.Estimate/estimates[i].Estimate)
			}
		}
	}
}

func sumOf(estimates []Estimated) float64 {
	var sum float64
	for _, e := range estimates {
		sum += e.Weight * e.Estimate
	}
	return sum
}

// Sums are exact at both levels, by every rule, and nothing moves where they hold already.
func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		rule := Rule(rapid.IntRange(0, 2).Draw(rt, "rule"))
		groups := make([]Estimated, rapid.IntRange(1, 47).Draw(rt, "groups"))
		var areas []Estimated
		var of []int
		for g := range groups {
			groups[g] = Estimated{math.Exp(3 * random.NormFloat64()), math.Exp(2 * random.NormFloat64()), random.Float64() + 0.1}
			for range 1 + random.IntN(40) {
				areas = append(areas, Estimated{math.Exp(3 * random.NormFloat64()), math.Exp(2 * random.NormFloat64()), random.Float64() + 0.1})
				of = append(of, g)
			}
		}
		total := 1000 * random.Float64()
		moved, movedGroups, err := Nested(areas, of, groups, total, rule)
		if err != nil {
			rt.Fatal(err)
		}
		// Signs may mix, so that rounding is of the size of the terms.
		scale := func(e []Estimated) (size float64) {
			for _, x := range e {
				size += math.Abs(x.Weight * x.Estimate)
			}
			return size
		}
		if got := sumOf(movedGroups); math.Abs(got-total) > 1e-9*math.Max(total, scale(movedGroups)*1e-3) {
			rt.Fatalf("rule %d: groups sum to %v, want %v", rule, got, total)
		}
		for g := range groups {
			var within []Estimated
			for i := range areas {
				if of[i] == g {
					within = append(within, moved[i])
				}
			}
			if got, want := sumOf(within), movedGroups[g].Estimate; math.Abs(got-want) > 1e-9*math.Max(math.Abs(want), scale(within)*1e-3) {
				rt.Fatalf("rule %d: group %d sums to %v, want %v", rule, g, got, want)
			}
		}
		again, err := Benchmark(movedGroups, total, rule)
		if rule == Ratio && err == nil {
			for g := range again {
				if !near(again[g].Estimate, movedGroups[g].Estimate, 1e-9) {
					rt.Fatalf("group %d moved again: %v, %v", g, movedGroups[g], again[g])
				}
			}
		}
	})
}
