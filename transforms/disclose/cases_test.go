package disclose

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

// caseRules are the rules of case f01. Its cells are of facilities alone, so that the number of persons, which a
// project can not set below ten, is set as tests of this package can.
var caseRules = map[string]Rule{
	"threshold3":  Threshold{Facilities: 3},
	"threshold10": Threshold{Persons: 10},
	"p10":         Rules{Dominance: Dominance{P: 10}},
	"p15":         Rules{Dominance: Dominance{P: 15}},
	"pq":          Rules{Dominance: Dominance{PriorP: 10, PriorQ: 50}},
	"nk1_75":      Rules{Dominance: Dominance{One: 75}},
	"nk2_85":      Rules{Dominance: Dominance{Two: 85}},
}

func TestCasePrimaryRules(t *testing.T) {
	c := casetable.Open(t, "f01_primary_rules")
	in := c.Read("input.csv")
	cells, values := in.Numbers("cell"), in.Numbers("value")
	of := map[int][]int64{}
	for i, cell := range cells {
		of[int(cell)] = append(of[int(cell)], int64(values[i]))
	}
	counts := map[string]float64{}
	for cell := 1; cell <= 24; cell++ {
		x := ContributionOf("", numbered(of[cell]))
		c.Holds(fmt.Sprintf("cells/%d/total", cell-1), float64(x.Total))
		c.Holds(fmt.Sprintf("cells/%d/n", cell-1), float64(len(of[cell])))
		for name, rule := range caseRules {
			at := 0.0
			if rule.withholds(int64(len(of[cell])), int64(len(of[cell])), []Contribution{x}) != "" {
				at = 1
			}
			c.Holds(fmt.Sprintf("cells/%d/%s", cell-1, name), at)
		}
		if (Dominance{P: 10}).AtRisk(x) {
			counts["n_p10"]++
		}
		if (Dominance{Two: 85}).AtRisk(x) {
			counts["n_nk2_85"]++
		}
	}
	c.Holds("n_p10", counts["n_p10"])
	c.Holds("n_nk2_85", counts["n_nk2_85"])
	// Cell 10 (1538, 177, 169, 78): 247 left of 1538, 16 %; 78 % and 87 % of 1962. Cell 7 (985, 517, 234): 87 %.
	for _, x := range []struct {
		rule Dominance
		cell int
		want bool
	}{
		{Dominance{P: 15}, 10, false}, {Dominance{PriorP: 10, PriorQ: 50}, 10, true}, {Dominance{One: 75}, 10, true},
		{Dominance{Two: 85}, 7, true}, {Dominance{One: 75}, 7, false}, {Dominance{P: 15}, 5, true},
	} {
		if got := x.rule.AtRisk(ContributionOf("", numbered(of[x.cell]))); got != x.want {
			t.Errorf("%+v of cell %d: %t", x.rule, x.cell, got)
		}
	}
}

func TestCaseDifferentialPrivacy(t *testing.T) {
	c := casetable.Open(t, "f05_differential_privacy")
	in := c.Read("input.csv")
	eps, delta := in.Numbers("eps"), in.Numbers("delta")
	for i := range eps {
		sigma, err := GaussianSigma(eps[i], delta[i], 1)
		if err != nil {
			t.Fatal(err)
		}
		c.Holds(fmt.Sprintf("analytic_gaussian_sigma/%d", i), sigma)
		c.Holds(fmt.Sprintf("discrete_laplace_variance/%d", i), LaplaceVariance(eps[i], 1))
		c.Holds(fmt.Sprintf("discrete_laplace_q975/%d", i), float64(LaplaceQuantile(0.975, eps[i], 1)))
	}
	for i, rho := range []float64{.01, .1, .5, 1} {
		c.Holds(fmt.Sprintf("zcdp/%d/eps", i), ConcentratedEpsilon(rho, 1e-5))
	}
	b := Budget{Epsilon: 1.2}
	for range 12 {
		var err error
		if b, err = b.Spend(Spent{For: "month", Epsilon: 0.1}); err != nil {
			t.Fatal(err)
		}
	}
	c.Holds("composition_eps_basic_12x0.1", b.Spent())
	if _, err := b.Spend(Spent{For: "one more", Epsilon: 0.1}); !errors.Is(err, ErrBudget) {
		t.Errorf("a spent budget: %v", err)
	}
}

func TestCaseNoiseAwareIntervals(t *testing.T) {
	c := casetable.Open(t, "f06_noise_aware_ci")
	in := c.Read("input.csv")
	est, se := in.Numbers("est"), in.Numbers("se")
	const z = 1.959963984540054
	for i := range est {
		for name, v := range map[string]float64{"round5": RoundingVariance(5), "round10": RoundingVariance(10), "cellkey_V2": 2, "dlaplace_eps1": LaplaceVariance(1, 1)} {
			s, lo, hi := WithNoise(est[i], se[i], v, z)
			c.Holds(fmt.Sprintf("%s/%d/se", name, i), s)
			c.Holds(fmt.Sprintf("%s/%d/lo", name, i), lo)
			c.Holds(fmt.Sprintf("%s/%d/hi", name, i), hi)
		}
		c.Holds(fmt.Sprintf("random_rounding_base5_variance/%d", i), RandomRoundingVariance(int64(est[i]), 5))
	}
}

func TestCaseRandomRounding(t *testing.T) {
	c := casetable.Open(t, "f07_random_rounding")
	in := c.Read("input.csv")
	n, u := in.Numbers("n"), in.Numbers("u")
	for i := range n {
		c.Holds(fmt.Sprintf("rounded/%d", i), float64(RandomRound(int64(n[i]), 5, u[i])))
	}
}

func TestCellKeysAreOfPersons(t *testing.T) {
	a, b := []byte("a"), []byte("b")
	if CellKey([]byte("k"), [][]byte{a, b}) != CellKey([]byte("k"), [][]byte{b, a}) {
		t.Error("the order of persons changes the key")
	}
	if CellKey([]byte("k"), [][]byte{a}) == CellKey([]byte("other"), [][]byte{a}) {
		t.Error("the secret does not")
	}
	sum := math.Mod(CellKey([]byte("k"), [][]byte{a})+CellKey([]byte("k"), [][]byte{b}), 1)
	if d := math.Abs(sum - CellKey([]byte("k"), [][]byte{a, b})); d > 1e-15 {
		t.Errorf("keys do not add up: %g", d)
	}
}

func TestFullAndEmpty(t *testing.T) {
	full, empty := Full([]int64{0, 12, 0})
	if !slices.Equal(full, []int{1}) || !slices.Equal(empty, []int{0, 2}) {
		t.Errorf("full %v, empty %v", full, empty)
	}
	if full, empty = Full([]int64{0, 0}); full != nil || empty != nil {
		t.Error("nothing is not full")
	}
}

// numbered are contributions of contributors who are told apart by number.
func numbered(contributions []int64) map[string]int64 {
	of := map[string]int64{}
	for i, v := range contributions {
		of[fmt.Sprint(i)] = v
	}
	return of
}
