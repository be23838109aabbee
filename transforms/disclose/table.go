package disclose

import (
	"errors"
	"fmt"
	"slices"
)

// Cell is one figure of the tables that are to be published, in whole units: persons,
// visits, yen. Figures with a fraction come in units of their last published digit, so that
// the relations hold exactly.
type Cell struct {
	// Name is what the audit calls the cell; it is not looked at otherwise.
	Name string
	// Value is the figure before protection, 0 or more.
	Value int64
	// Least is what every reader knows the figure to be at least: 1 where a row is there only because somebody is counted.
	Least int64
	// Largest is the largest contribution of one contributor, who knows it; 0 where nobody's is
	// known. In a count of persons it is 1 of every cell that is not empty.
	Largest int64
	// Own are contributions of contributors who are told apart: each knows its own, in all cells, and no other.
	Own []Own
	// Priority orders publication: of two cells that could be withheld to protect a third, the
	// one of the lower priority is. The unit is that of the loss that withholding it costs, 0 or
	// more; cells of priority 0 are withheld first.
	Priority int64
	// Primary says that the cell is withheld for its own risk.
	Primary bool
	// Asked is the protection of a primary cell.
	Asked Asked
	// Public says that the figure is known whatever is decided here: by an earlier publication,
	// or because it follows from a definition (a structural zero). It cannot be withheld.
	Public bool
}

// Own is a contribution to a cell, and who makes it. Whoever makes all of a cell is taken to know that.
type Own struct {
	Who    int32
	Figure int64
}

// Asked is how far from its value a withheld cell must still be possible: at least Below
// under it, at least Above over it, and over an interval of at least Width in all (the
// sliding protection of Hundepool et al. 2012, §4.2.2). What is below 0 is never asked.
// A primary cell of which nothing is asked gets a width of 1: it cannot be computed.
type Asked struct{ Below, Above, Width int64 }

// and is the protection that gives both.
func (a Asked) and(b Asked) Asked {
	return Asked{max(a.Below, b.Below), max(a.Above, b.Above), max(a.Width, b.Width)}
}

// Relation says that Total is the sum of Parts, by position in [Table.Cells].
type Relation struct {
	Total int
	Parts []int
	// AtMost makes it the inequality Total ≤ Σ Parts: distinct persons of several
	// municipalities and their sum, trips and days.
	AtMost bool
}

// Table is any number of linked tables stated as data: cells, each once however many tables
// show it, and what is known to hold between them. Months, thresholds and earlier
// publications are further cells and relations.
type Table struct {
	Cells     []Cell
	Relations []Relation
}

// ErrTable is wrapped by the errors of [Table.Check].
var ErrTable = errors.New("the tables contradict themselves")

// Check returns an error that wraps [ErrTable] where a relation does not hold between the
// values, or names a cell that there is not, or where a cell holds less than nothing, less
// than it is known to or than its largest contribution, or is both primary and public.
func (t Table) Check() error {
	for i, c := range t.Cells {
		switch {
		case c.Least < 0 || c.Value < c.Least || c.Priority < 0 || c.Largest < 0 || c.Largest > c.Value:
			return fmt.Errorf("%w: cell %d (%s): value %d, at least %d, priority %d, largest contribution %d", ErrTable, i, c.Name, c.Value, c.Least, c.Priority, c.Largest)
		case c.Primary && c.Public:
			return fmt.Errorf("%w: cell %d (%s) is to be withheld and is public already", ErrTable, i, c.Name)
		}
	}
	for k, r := range t.Relations {
		if err := t.checkRelation(r); err != nil {
			return fmt.Errorf("%w: relation %d: %v", ErrTable, k, err)
		}
	}
	return nil
}

func (t Table) checkRelation(r Relation) error {
	cells := append([]int{r.Total}, r.Parts...)
	for _, i := range cells {
		if i < 0 || i >= len(t.Cells) {
			return fmt.Errorf("there is no cell %d", i)
		}
	}
	slices.Sort(cells)
	if len(slices.Compact(cells)) != len(r.Parts)+1 {
		return fmt.Errorf("cell %d (%s) has a cell twice", r.Total, t.Cells[r.Total].Name)
	}
	sum := int64(0)
	for _, i := range r.Parts {
		sum += t.Cells[i].Value
	}
	if total := t.Cells[r.Total].Value; total > sum || total < sum && !r.AtMost {
		return fmt.Errorf("cell %d (%s) is %d, its parts %d", r.Total, t.Cells[r.Total].Name, total, sum)
	}
	return nil
}

// Dimension is a classification with totals: Parent gives the position of the code that a
// code is counted in, −1 for none. Codes may stand in any order.
type Dimension struct{ Parent []int }

// Size is the number of codes.
func (d Dimension) Size() int { return len(d.Parent) }

// Cross gives the relations of a table that crosses dimensions in full: along each of them
// every code with parts is their sum, at every combination of codes of the others. The cell
// of codes c₁, c₂, …, of dimensions of sizes n₁, n₂, … is at (c₁n₂ + c₂)n₃ + ….
func Cross(dimensions ...Dimension) []Relation {
	size := 1
	for _, d := range dimensions {
		size *= d.Size()
	}
	var out []Relation
	stride := size
	for _, d := range dimensions {
		block := stride
		stride /= d.Size()
		parts := make([][]int, d.Size())
		for code, parent := range d.Parent {
			if parent >= 0 {
				parts[parent] = append(parts[parent], code)
			}
		}
		for total, of := range parts {
			if len(of) == 0 {
				continue
			}
			for outer := 0; outer < size; outer += block {
				for inner := range stride {
					r := Relation{Total: outer + total*stride + inner, Parts: make([]int, len(of))}
					for k, code := range of {
						r.Parts[k] = outer + code*stride + inner
					}
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// component is cells that relations join.
type component struct {
	cells     []int
	relations []Relation
}

// components splits a table; cells without relations are in none.
func components(cells int, relations []Relation) []component {
	parent := make([]int, cells)
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, r := range relations {
		for _, i := range r.Parts {
			a, b := root(r.Total), root(i)
			parent[max(a, b)] = min(a, b)
		}
	}
	var out []component
	place := map[int]int{}
	joined := make([]bool, cells)
	for _, r := range relations {
		k, there := place[root(r.Total)]
		if !there {
			k = len(out)
			place[root(r.Total)] = k
			out = append(out, component{})
		}
		out[k].relations = append(out[k].relations, r)
		for _, i := range append([]int{r.Total}, r.Parts...) {
			if !joined[i] {
				joined[i] = true
				out[k].cells = append(out[k].cells, i)
			}
		}
	}
	return out
}
