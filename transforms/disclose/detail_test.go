package disclose

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// tiesOf are so many persons from each municipality to 30401, numbered from first.
func tiesOf(first int64, from map[string]int64) iter.Seq2[Tie, error] {
	return func(yield func(Tie, error) bool) {
		person := first
		for _, origin := range []string{"13101", "13102", "13103", "13999"} {
			for range from[origin] {
				person++
				if !yield(Tie{person, "30401", origin}, nil) {
					return
				}
			}
		}
	}
}

// ofTokyo is a table of one group, municipality 30401 with persons from Tokyo.
func ofTokyo(m Mechanism) Detail {
	return Detail{Mechanism: m, Secret: []byte("secret"), Origins: map[string][]string{"13000": {"13101", "13102", "13103", "13999"}},
		Row: schemas.OriginDestinationDetail{Definition: "d", Outside: schemas.OutsidePrefecture, Source: schemas.SourceBooking, Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}}}
}

// shownOf shows that there are so many from Tokyo, or withholds it.
func shownOf(n float64, status string) Protected[schemas.RelationalPopulation] {
	return Protected[schemas.RelationalPopulation]{[]schemas.RelationalPopulation{{Definition: "d", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture,
		RegionCode: "30401", RegionLevel: schemas.LevelMunicipality, OriginCode: "13000", RelationType: schemas.All, Engagement: schemas.All,
		Source: schemas.SourceBooking, Estimator: "observed", Value: &n, Observation: schemas.Observation{ConfStatus: status}}}}
}

func perturbed(t *testing.T, d Detail, first int64, from map[string]int64) map[string]schemas.OriginDestinationDetail {
	t.Helper()
	total := int64(0)
	for _, n := range from {
		total += n
	}
	rows, err := d.Perturb(tiesOf(first, from), shownOf(float64(total), schemas.Free))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]schemas.OriginDestinationDetail{}
	for _, r := range rows.Rows() {
		out[r.OriginCode] = r
	}
	if len(out) != 4 {
		t.Fatalf("%d rows, want all four origins of the prefecture", len(out))
	}
	return out
}

// Groups that the release does not show have no rows, and counts that do not add up to what it shows are an error.
func TestDetailIsOfShownTotals(t *testing.T) {
	d := ofTokyo(Mechanism{Name: schemas.RandomRounding, Base: 5})
	from := map[string]int64{"13101": 7, "13102": 6}
	if rows, err := d.Perturb(tiesOf(0, from), shownOf(13, schemas.Withheld)); err != nil || rows.Len() != 0 {
		t.Errorf("of a withheld total %d rows, %v", rows.Len(), err)
	}
	if _, err := d.Perturb(tiesOf(0, from), shownOf(12, schemas.Free)); !errors.Is(err, ErrTable) {
		t.Errorf("7 and 6 of 12: %v", err)
	}
}

// By hand, of 40 = 23 + 6 + 11 + 0 with the base 10: 6 alone is small, and becomes 10, for 44 is as near to 40 as 34 is not. What is
// surely known of it, 1 … 10, is 6 where 23, 11 and the total are known and 0 is 0 … 9: 6 and 0 lie within 0 … 6, one wider
// than half the base. Of 36 = 23 + 2 + 11 + 0 they lie within 0 … 2, so that all is withheld.
func TestDetailThatTheTotalTells(t *testing.T) {
	d := ofTokyo(Mechanism{Name: schemas.ControlledRounding, Base: 10})
	rows := perturbed(t, d, 0, map[string]int64{"13101": 23, "13102": 6, "13103": 11})
	for origin, want := range map[string][3]float64{"13101": {23, 23, 23}, "13102": {10, 1, 10}, "13103": {11, 11, 11}, "13999": {0, 0, 9}} {
		r := rows[origin]
		if r.Value == nil || [3]float64{*r.Value, *r.CILow, *r.CIHigh} != want {
			t.Errorf("%s: %v, want %v", origin, r, want)
		}
	}
	for origin, r := range perturbed(t, d, 0, map[string]int64{"13101": 23, "13102": 2, "13103": 11}) {
		if r.Value != nil || r.StdError != nil || r.CILow != nil || r.CIHigh != nil || r.ConfStatus != schemas.Withheld {
			t.Errorf("%s: %+v, want it withheld", origin, r)
		}
	}
}

// The same persons have the same figures whatever else is there, other persons others.
func TestDetailIsKeyedByPersons(t *testing.T) {
	from := map[string]int64{"13101": 33, "13102": 27, "13103": 41}
	for _, m := range []Mechanism{{Name: schemas.RandomRounding, Base: 10}, {Name: schemas.CellKey, Noise: CellNoise{Variance: 4, Most: 5}},
		{Name: schemas.DiscreteLaplace, Epsilon: 0.5, Cells: 2}, {Name: schemas.DiscreteGaussian, Epsilon: 0.5, Delta: 1e-6, Cells: 2}} {
		d, differ := ofTokyo(m), false
		first := perturbed(t, d, 0, from)
		again, others := perturbed(t, d, 0, from), perturbed(t, d, 1000, from)
		for origin, r := range first {
			if *again[origin].Value != *r.Value {
				t.Errorf("%s, %s: %g, and %g the second time", m.Name, origin, *r.Value, *again[origin].Value)
			}
			differ = differ || *others[origin].Value != *r.Value
		}
		d.Secret = []byte("another")
		for origin, r := range perturbed(t, d, 0, from) {
			differ = differ || *r.Value != *first[origin].Value
		}
		if !differ {
			t.Errorf("%s: other persons and another secret give the same figures", m.Name)
		}
	}
}

// What comes out has the mean and the variance that the method states, and the intervals hold the count with 94 % at least:
// a prefecture of 890 municipalities, of each of which there are 27 persons. The mean has a standard error of √(v/890), the
// variance one of v√((κ − 1)/890), κ ≤ 6 being the kurtosis; five of them.
func TestDetailHasTheStatedNoise(t *testing.T) {
	const n, count = 890, 27
	d := ofTokyo(Mechanism{})
	d.Origins["13000"] = nil
	for k := range n {
		d.Origins["13000"] = append(d.Origins["13000"], fmt.Sprintf("13%03d", 101+k))
	}
	ties := func(yield func(Tie, error) bool) {
		for k := range int64(n * count) {
			if !yield(Tie{k + 1, "30401", d.Origins["13000"][k/count]}, nil) {
				return
			}
		}
	}
	gaussian := Mechanism{Name: schemas.DiscreteGaussian, Epsilon: 1, Delta: 1e-6, Cells: 1}
	over, under := gaussian.gaussian()
	for _, c := range []struct {
		m        Mechanism
		variance float64
	}{
		{Mechanism{Name: schemas.RandomRounding, Base: 10}, RandomRoundingVariance(count, 10)}, // 7 · 3
		{Mechanism{Name: schemas.CellKey, Noise: CellNoise{Variance: 4, Most: 6}}, 4},
		{Mechanism{Name: schemas.DiscreteLaplace, Epsilon: 1, Cells: 2}, LaplaceVariance(1, 2)},
		{gaussian, float64(over) / float64(under)},
	} {
		d.Mechanism = c.m
		rows, err := d.Perturb(ties, shownOf(n*count, schemas.Free))
		if err != nil || rows.Len() != n {
			t.Fatalf("%s: %d rows, %v", c.m.Name, rows.Len(), err)
		}
		sum, squares, covered := 0.0, 0.0, 0
		for _, r := range rows.Rows() {
			off := *r.Value - count
			sum, squares = sum+off, squares+off*off
			if *r.CILow <= count && count <= *r.CIHigh {
				covered++
			}
			if c.m.Name != schemas.RandomRounding && math.Abs(*r.StdError-math.Sqrt(c.variance)) > 1e-9 {
				t.Fatalf("%s: standard error %g, want √%g", c.m.Name, *r.StdError, c.variance)
			}
		}
		mean, variance := sum/n, squares/n
		if math.Abs(mean) > 5*math.Sqrt(c.variance/n) || math.Abs(variance/c.variance-1) > 5*math.Sqrt(5./n) {
			t.Errorf("%s: mean %g, variance %g, want 0 and %g", c.m.Name, mean, variance, c.variance)
		}
		if share := float64(covered) / n; share < 0.94 {
			t.Errorf("%s: the interval holds the count in %.3f", c.m.Name, share)
		}
	}
}

// A person with three municipalities is counted in two of them by the discrete mechanisms, and in all by others; the ρ
// of a loss has that loss.
func TestDetailBoundsContributions(t *testing.T) {
	d := ofTokyo(Mechanism{Name: schemas.DiscreteLaplace, Epsilon: 1, Cells: 2})
	table := detailTable{Detail: d, cells: map[[2]string]*detailCell{}}
	for _, region := range []string{"30401", "30402", "30403"} {
		c := &detailCell{region: region, origin: "13101"}
		table.cells[[2]string{region, "13101"}] = c
	}
	err := table.count(func(yield func(Tie, error) bool) {
		for _, region := range []string{"30401", "30402", "30403"} {
			if !yield(Tie{7, region, "13101"}, nil) {
				return
			}
		}
	})
	counts, counted := int64(0), int64(0)
	for _, c := range table.cells {
		counts, counted = counts+c.count, counted+c.counted
	}
	if err != nil || counts != 3 || counted != 2 {
		t.Errorf("%d of %d cells, %v, want 2 of 3", counted, counts, err)
	}
	g := Mechanism{Name: schemas.DiscreteGaussian, Epsilon: 0.7, Delta: 1e-6}
	if got := ConcentratedEpsilon(g.Rho(), 1e-6); math.Abs(got-0.7) > 1e-12 {
		t.Errorf("ε of ρ is %g, want 0.7", got)
	}
}

// 2 · 0.3 of pure losses and ρ = 0.01 twice, at δ = 10⁻⁶: 0.6 + 0.02 + 2√(0.02 · 13.8155…) = 1.671…
func TestBudgetAddsUp(t *testing.T) {
	b := Budget{Epsilon: 1.7, Delta: 1e-6}
	for _, more := range []Spent{{Epsilon: 0.3}, {Rho: 0.01}, {Epsilon: 0.3}, {Rho: 0.01}} {
		var err error
		if b, err = b.Spend(more); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.Spent(), 0.62+2*math.Sqrt(0.02*math.Log(1e6)); math.Abs(got-want) > 1e-12 {
		t.Errorf("spent %g, want %g", got, want)
	}
	if _, err := b.Spend(Spent{Rho: 0.01}); !errors.Is(err, ErrBudget) {
		t.Errorf("a third of ρ = 0.01: %v", err)
	}
}
