package disclose_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// detailCells are those of a perturbed group as readers see them, with its exact total.
func detailCells(total int64, by attack.Mechanism, rows []schemas.OriginDestinationDetail) (attack.Tables, error) {
	cube := schemas.CubeOf("person")
	place := func(origin string) []attack.Place {
		return []attack.Place{{Cube: cube, Coordinates: []string{"d", "persons", "prefecture", "30401", origin, "all", "all", "", "2026-03-31", "booking"}}}
	}
	figures := []attack.Figure{{Cells: place("13000"), Value: &total}}
	for _, r := range rows {
		f := attack.Figure{Cells: place(r.OriginCode)}
		if r.Value != nil {
			v := int64(*r.Value)
			f.Value, f.By = &v, &by
		}
		figures = append(figures, f)
	}
	return attack.TablesOf(figures)
}

func leaksOf(t *testing.T, now attack.Tables, earlier ...attack.Earlier) []attack.Leak {
	t.Helper()
	leaks, err := attack.Leaks(now, earlier, func(string) attack.Asked { return attack.Asked{} }, attack.Options{Seed: 1, Simplex: 20})
	if err != nil {
		t.Fatal(err)
	}
	return leaks
}

// Whatever the counts and the keys, the attack knows none of what is shown perturbed closer than the mechanism asks, with the exact
// total beside it; without the protector's rule it would.
func TestPerturbedGroupsWithstandTheAttack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	origins := []string{"13101", "13102", "13103", "13104", "13105", "13999"}
	for _, m := range []disclose.Mechanism{{Name: schemas.RandomRounding, Base: 5}, {Name: schemas.ControlledRounding, Base: 10},
		{Name: schemas.CellKey, Noise: disclose.CellNoise{Variance: 2, Most: 4}}, {Name: schemas.DiscreteLaplace, Epsilon: 1, Cells: 1}} {
		by := attack.Mechanism{Name: m.Name, Parameter: max(m.Base, m.Noise.Most)}
		withheld := 0
		for trial := range 40 {
			var ties []disclose.Tie
			for _, origin := range origins[:1+random.IntN(len(origins))] {
				for range random.IntN(25) {
					ties = append(ties, disclose.Tie{Person: int64(1 + len(ties) + 1000*trial), Region: "30401", Origin: origin})
				}
			}
			total := int64(len(ties))
			if total < 10 {
				continue
			}
			d := disclose.Detail{Mechanism: m, Secret: []byte("secret"), Origins: map[string][]string{"13000": origins},
				Row: schemas.OriginDestinationDetail{Definition: "d", Outside: schemas.OutsidePrefecture, Source: schemas.SourceBooking, Observation: free}}
			exact := population(schemas.Persons, "30401", "13000", total)
			exact.Row.Definition = "d"
			rows, err := d.Perturb(func(yield func(disclose.Tie, error) bool) {
				for _, tie := range ties {
					if !yield(tie, nil) {
						return
					}
				}
			}, disclose.Protect([]disclose.Counted[schemas.RelationalPopulation]{exact}, rule))
			if err != nil {
				t.Fatal(err)
			}
			if rows.Rows()[0].Value == nil {
				withheld++
			}
			now, err := detailCells(total, by, rows.Rows())
			if err != nil {
				t.Fatal(err)
			}
			if leaks := leaksOf(t, now); len(leaks) > 0 {
				t.Fatalf("%s, %v of %d: %+v", m.Name, rows.Rows(), total, leaks)
			}
		}
		if withheld == 0 && !m.Private() {
			t.Errorf("%s: no group was withheld, so that nothing is tested", m.Name)
		}
	}
}

// By hand, with the base 5: 14 shown as 15, 5 and 0 … of a total of 12 the first is at least 11, so that no other has more than one.
// Of 20, 5 and 0 and a total of 24 the first lies within 16 … 23. The same persons are rounded alike: where a cell is 5 now and
// was 10, others are in it, and with another total both say nothing of each other; with the same total and all other cells
// alike they are as many, 6 … 9. Controlled rounding of one count may be either, so that both hold: two of 39 − 33 = 6 persons of
// whom either is 0 … 9 and 1 … 10 are 1 … 5 each.
func TestPlantedLeaksOfPerturbedCells(t *testing.T) {
	shown := func(values ...float64) []schemas.OriginDestinationDetail {
		var rows []schemas.OriginDestinationDetail
		for k, v := range values {
			rows = append(rows, schemas.OriginDestinationDetail{OriginCode: fmt.Sprintf("1310%d", k+1), Value: &v})
		}
		return rows
	}
	rounding, controlled := attack.Mechanism{Name: schemas.RandomRounding, Parameter: 5}, attack.Mechanism{Name: schemas.ControlledRounding, Parameter: 10}
	for _, c := range []struct {
		name   string
		by     attack.Mechanism
		total  int64
		now    []float64
		before []float64 // of as many persons more as the total has more
		more   int64
		want   int
	}{
		{"the total leaves one to all others", rounding, 12, []float64{15, 0, 0}, nil, 0, 3},
		{"the total leaves enough", rounding, 24, []float64{20, 5, 0}, nil, 0, 0},
		{"other persons", rounding, 24, []float64{20, 5, 0}, []float64{20, 10, 0}, 4, 0},
		{"other persons, as many of them", rounding, 24, []float64{20, 5, 0}, []float64{20, 10, 0}, 0, 4},
		{"small counts of which the sum is known", controlled, 35, []float64{33, 0, 0}, nil, 0, 2},
		{"small counts that the sum leaves open", controlled, 40, []float64{33, 10, 0}, nil, 0, 0},
		{"rounded both ways", controlled, 52, []float64{33, 0, 10, 10}, []float64{33, 10, 10, 0}, 0, 0},
		{"rounded both ways, of six", controlled, 39, []float64{33, 0, 10}, []float64{33, 10, 0}, 0, 2},
	} {
		now, err := detailCells(c.total, c.by, shown(c.now...))
		if err != nil {
			t.Fatal(err)
		}
		var earlier []attack.Earlier
		if c.before != nil {
			before, err := detailCells(c.total+c.more, c.by, shown(c.before...))
			if err != nil {
				t.Fatal(err)
			}
			earlier = append(earlier, attack.Earlier{ID: "before", Tables: before})
		}
		if leaks := leaksOf(t, now, earlier...); len(leaks) != c.want {
			t.Errorf("%s: %+v, want %d", c.name, leaks, c.want)
		}
	}
	if _, err := detailCells(20, attack.Mechanism{Name: "unheard of"}, shown(20)); err == nil {
		t.Error("a mechanism that the attack does not know passes")
	}
}
