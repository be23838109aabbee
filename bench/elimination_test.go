package main

import (
	"slices"
	"testing"

	"github.com/kankei/kankei/internal/cubetest"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// Of a cube of 396 cells nothing that elimination withholds for itself can be computed, and each of the others is needed when it is
// withheld: with it and all cells that come before it published, the attack recovers a primary cell.
func TestEliminationWithholdsWhatIsNeeded(t *testing.T) {
	cube := cubetest.Make(cubetest.Size{Municipalities: []int{5}, Origins: 10, Types: 5, Mean: 40}, 30_000)
	table := cubeTable(cube, false)
	secondary := eliminate(cube, func(i int) bool { return table.Cells[i].Primary })
	recovered := func(withheld func(i int) bool) (primary int) {
		report, err := attack.Run(rankOnly(seen(table, withheld)), attack.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if f.By == attack.ByRank && table.Cells[f.Cell].Primary {
				primary++
			}
		}
		return primary
	}
	is := func(i int) bool { return table.Cells[i].Primary || slices.Contains(secondary, i) }
	if n := recovered(is); n > 0 {
		t.Errorf("%d primary cells are linear combinations of what is published", n)
	}
	if len(secondary) == 0 || recovered(func(i int) bool { return table.Cells[i].Primary }) == 0 {
		t.Fatalf("%d secondary cells: nothing is tested", len(secondary))
	}
	for k, needed := range secondary {
		if n := recovered(func(i int) bool {
			return table.Cells[i].Primary || slices.Contains(secondary[:k], i) || i != needed && !table.Cells[i].Public && cube.Values[i] < cube.Values[needed]
		}); n == 0 {
			t.Errorf("cell %d of %d is withheld without need", needed, cube.Values[needed])
		}
	}
	moves, err := disclose.Suppress(table, disclose.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("elimination withholds %d cells, moves %d", len(secondary), moves.Loss.Secondary)
}

// rankOnly leaves what is not negative out of account: elimination does.
func rankOnly(p attack.Publication) attack.Publication {
	for i, c := range p.Cells {
		if c.Low != c.High {
			p.Cells[i].Low = -attack.Unbounded
		}
	}
	return p
}
