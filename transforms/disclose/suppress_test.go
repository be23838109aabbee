package disclose_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/kankei/kankei/internal/cubetest"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// cube is a simulated cube whose cells below ten are primary.
func cube(size cubetest.Size, seed uint64) disclose.Table {
	c := cubetest.Make(size, seed)
	t := disclose.Table{Relations: disclose.Cross(disclose.Dimension{Parent: c.Regions}, disclose.Dimension{Parent: c.Origins}, disclose.Dimension{Parent: c.Types})}
	for i, v := range c.Values {
		cell := disclose.Cell{Name: c.Name(i), Value: v, Priority: v, Largest: min(v, 1), Public: c.Structural[i]}
		if !cell.Public && v < 10 {
			cell.Primary, cell.Asked = true, disclose.Asked{Width: max(1, v)}
		}
		t.Cells = append(t.Cells, cell)
	}
	return t
}

// published is what readers see of a table.
func published(t disclose.Table, withheld func(i int) bool) attack.Publication {
	var p attack.Publication
	for i, c := range t.Cells {
		if withheld(i) {
			p.Cells = append(p.Cells, attack.Withheld(fmt.Sprint(i)))
		} else {
			p.Cells = append(p.Cells, attack.Shown(fmt.Sprint(i), c.Value))
		}
	}
	for _, r := range t.Relations {
		if r.AtMost {
			p.Relations = append(p.Relations, attack.AtMost(r.Total, r.Parts...))
		} else {
			p.Relations = append(p.Relations, attack.Sum(r.Total, r.Parts...))
		}
	}
	return p
}

// narrow are the primary cells that an attacker knows better than they ask.
func narrow(t *testing.T, table disclose.Table, withheld func(i int) bool, simplex int) (attack.Report, []attack.Finding) {
	t.Helper()
	r, err := attack.Run(published(table, withheld), attack.Options{Seed: 1, Simplex: simplex})
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Narrower(func(i int) int64 {
		if !table.Cells[i].Primary {
			return 0
		}
		return max(1, table.Cells[i].Asked.Width)
	})
}

var small = cubetest.Size{Municipalities: []int{5, 4}, Origins: 4, Types: 3, Mean: 30}

func TestSuppressedCubeWithstandsTheAttack(t *testing.T) {
	table := cube(small, 3)
	before, leaks := narrow(t, table, func(i int) bool { return table.Cells[i].Primary }, 0)
	if before.Recovered == 0 || len(leaks) == 0 {
		t.Fatal("the threshold alone leaks nothing: the test shows nothing")
	}
	out, err := disclose.Suppress(table, disclose.Options{Seed: 1, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Unprotected) > 0 {
		t.Errorf("unprotected: %v", out.Unprotected)
	}
	_, leaks = narrow(t, table, func(i int) bool { return out.Withheld[i] }, 400)
	if len(leaks) > 0 {
		t.Errorf("known too well: %v", leaks)
	}
	t.Logf("threshold alone: %d of %d recovered; with %d secondary cells none", before.Recovered, len(before.Findings), out.Loss.Secondary)
}

// Every proof is a table of its own: it meets the relations, shows what is published and
// has nothing below nothing; and every primary cell has the proofs that it asks for.
func TestProofsAreTables(t *testing.T) {
	table := cube(small, 4)
	out, err := disclose.Suppress(table, disclose.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	up, down := make([]int64, len(table.Cells)), make([]int64, len(table.Cells))
	for _, p := range out.Proofs {
		other := disclose.Table{Cells: slices.Clone(table.Cells), Relations: table.Relations}
		for k, i := range p.Cells {
			if !out.Withheld[i] {
				t.Fatalf("cell %d is published and changes", i)
			}
			other.Cells[i].Value += p.Changes[k]
			other.Cells[i].Largest = 0
			up[i], down[i] = max(up[i], p.Changes[k]), max(down[i], -p.Changes[k])
		}
		if err := other.Check(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range table.Cells {
		if c.Primary && up[i]+down[i] < c.Asked.Width && !slices.Contains(out.Unprotected, i) {
			t.Errorf("cell %d is moved by %d and %d, asked for %d", i, up[i], down[i], c.Asked.Width)
		}
	}
}

func TestThreadsChangeNothing(t *testing.T) {
	table := cube(small, 5)
	one, err := disclose.Suppress(table, disclose.Options{Seed: 2, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	three, err := disclose.Suppress(table, disclose.Options{Seed: 2, Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, three) {
		t.Error("another number of threads withholds other cells")
	}
}

// By hand: 3 + 20 + 30 = 53. The 3 needs a second cell; 20 is the cheapest.
func TestOneSecondaryCell(t *testing.T) {
	table := disclose.Table{
		Cells:     []disclose.Cell{{Value: 53, Priority: 53}, {Value: 3, Primary: true, Asked: disclose.Asked{Below: 1, Above: 2}}, {Value: 20, Priority: 20}, {Value: 30, Priority: 30}},
		Relations: []disclose.Relation{{Total: 0, Parts: []int{1, 2, 3}}},
	}
	out, err := disclose.Suppress(table, disclose.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Secondary, []int{2}) || len(out.Unprotected) != 0 {
		t.Errorf("secondary %v, unprotected %v, want [2] and none", out.Secondary, out.Unprotected)
	}
	// A sole contributor to the 20 would know the 3: the 30 is withheld instead.
	table.Cells[2].Own = []disclose.Own{{Who: 1, Figure: 20}}
	if out, _ = disclose.Suppress(table, disclose.Options{}); !slices.Equal(out.Secondary, []int{3}) {
		t.Errorf("with a singleton secondary %v, want [3]", out.Secondary)
	}
	// What an earlier publication shows cannot be withheld any more.
	table.Cells[0].Public, table.Cells[2].Public, table.Cells[3].Public = true, true, true
	if out, _ = disclose.Suppress(table, disclose.Options{}); !slices.Equal(out.Unprotected, []int{1}) {
		t.Errorf("unprotected %v, want [1]", out.Unprotected)
	}
}

// 53 = 3 + 20 + 30, of which 3 and 20 are withheld. Whoever has the 20 knows the 3, so the 30 goes as well; then its contributor knows no more than
// that 3 and 20 are 23. Both together know the 3, which nobody is asked to prevent.
func TestEachContributorIsHeldAgainstByItself(t *testing.T) {
	table := disclose.Table{
		Cells: []disclose.Cell{{Value: 53, Priority: 53}, {Value: 3, Primary: true}, {Value: 20, Primary: true, Own: []disclose.Own{{Who: 1, Figure: 20}}},
			{Value: 30, Priority: 30, Own: []disclose.Own{{Who: 2, Figure: 30}}}},
		Relations: []disclose.Relation{{Total: 0, Parts: []int{1, 2, 3}}},
	}
	out, err := disclose.Suppress(table, disclose.Options{})
	if err != nil || !slices.Equal(out.Secondary, []int{3}) || len(out.Unprotected) != 0 {
		t.Errorf("secondary %v, unprotected %v, %v; want [3] and none", out.Secondary, out.Unprotected, err)
	}
	table.Cells[0].Public, table.Cells[3].Public = true, true
	if out, _ = disclose.Suppress(table, disclose.Options{}); !slices.Equal(out.Unprotected, []int{1}) {
		t.Errorf("with the 30 and the total known unprotected %v, want the 3", out.Unprotected)
	}
}

// Persons ≤ trips: 4 persons of 4 trips have no room above, and 1 below.
func TestInequalitiesBindToo(t *testing.T) {
	table := disclose.Table{
		Cells:     []disclose.Cell{{Value: 4, Primary: true, Asked: disclose.Asked{Above: 1}}, {Value: 4, Priority: 4}},
		Relations: []disclose.Relation{{Total: 0, Parts: []int{1}, AtMost: true}},
	}
	out, err := disclose.Suppress(table, disclose.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Secondary, []int{1}) {
		t.Errorf("secondary %v, want the trips", out.Secondary)
	}
}

func TestCheckFindsContradictions(t *testing.T) {
	for _, table := range []disclose.Table{
		{Cells: []disclose.Cell{{Value: 5}, {Value: 4}}, Relations: []disclose.Relation{{Total: 0, Parts: []int{1}}}},
		{Cells: []disclose.Cell{{Value: 5}}, Relations: []disclose.Relation{{Total: 0, Parts: []int{7}}}},
		{Cells: []disclose.Cell{{Value: -1}}},
		{Cells: []disclose.Cell{{Value: 1, Primary: true, Public: true}}},
	} {
		if _, err := disclose.Suppress(table, disclose.Options{}); !errors.Is(err, disclose.ErrTable) {
			t.Errorf("%+v: %v", table, err)
		}
	}
}
