package disclose

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Former is a cell of an earlier publication whose region is another by today's municipal boundaries.
type Former struct {
	Cube schemas.Cube
	// Coordinates are those of the cell, its region under a name that no region of the table has.
	Coordinates []string
	Value       int64
	// Least is what its row tells by being there.
	Least int64
	// Shown says that the publication shows it. Else it is withheld: Primary, for its own sake or for others, if nobody can compute it so far.
	Shown, Primary bool
	Asked          Asked
}

// Redrawn is what joins the cells of earlier publications with those of today.
type Redrawn struct {
	// Areas are the same by either boundaries.
	Areas []Area
	// Totals are regions of earlier publications with the regions that they consist of, where regions add up.
	Totals []FormerTotal
}

// Area is regions of an earlier publication, and those that they are today.
type Area struct{ Before, Now []string }

// FormerTotal is a prefecture or the nation as it was, and its parts.
type FormerTotal struct {
	Total string
	Parts []string
}

// Former enters cells of earlier publications, the latest first: nobody shows them anew, but what is shown of their areas tells of them.
func (l *Linked) Former(cells []Former, redrawn Redrawn) {
	l.redrawn = redrawn
	for _, f := range cells {
		i := l.cell(f.Cube, f.Coordinates)
		c := &l.cells[i]
		if c.former && (c.Value != f.Value || !f.Shown) {
			continue // a later publication tells it
		}
		c.former, c.Value, c.Least, c.Public = true, f.Value, f.Least, f.Shown
		if f.Cube.Single {
			c.Largest = min(f.Value, 1)
		}
		if c.Primary = f.Primary && !f.Shown; c.Primary {
			c.Asked = f.Asked
		}
	}
}

// formerRelations are those of former cells beside the sums of their cubes, as far as the figures meet them: what was revised since does not.
func (l *Linked) formerRelations() (out []Relation) {
	for _, cube := range schemas.Cubes() {
		for _, drawn := range cube.Redrawn {
			for _, area := range l.redrawn.Areas {
				for _, coords := range l.meeting(cube, drawn.Over, area.Before, drawn.Where) {
					over := slices.Index(cube.Columns, drawn.Over)
					out = append(out, l.drawn(cube, l.along(cube, coords, over, area.Before), l.along(cube, coords, over, area.Now), drawn.Distinct)...)
				}
			}
		}
		for _, sum := range cube.Sums {
			for _, t := range l.redrawn.Totals {
				if sum.Over != "region_code" {
					continue
				}
				for _, coords := range l.meeting(cube, sum.Over, []string{t.Total}, sum.Where) {
					over := slices.Index(cube.Columns, sum.Over)
					total, parts := l.along(cube, coords, over, []string{t.Total}), l.along(cube, coords, over, t.Parts)
					if len(parts) > 0 && l.valueOf(total) == l.valueOf(parts) {
						out = append(out, Relation{Total: total[0], Parts: parts})
					}
				}
			}
		}
	}
	return append(out, l.pairsArePersons()...)
}

// meeting are the coordinates of cells that have one of some codes in a column, and the codes asked for in others; once each, whatever the
// code.
func (l *Linked) meeting(cube schemas.Cube, column string, codes []string, where map[string]string) (out [][]string) {
	over := slices.Index(cube.Columns, column)
	seen := map[string]bool{}
	for _, c := range l.cells {
		if c.cube != cube.Name || !slices.Contains(codes, c.coords[over]) || !schemas.Meets(where, func(column string) string { return c.coords[slices.Index(cube.Columns, column)] }) {
			continue
		}
		coords := slices.Clone(c.coords)
		coords[over] = ""
		if name := cube.CellName(coords); !seen[name] {
			seen[name] = true
			out = append(out, coords)
		}
	}
	return out
}

// along are the cells that there are of the codes of a column.
func (l *Linked) along(cube schemas.Cube, coords []string, over int, codes []string) (out []int) {
	for _, code := range codes {
		coords[over] = code
		if i, there := l.at[cube.CellName(coords)]; there {
			out = append(out, i)
		}
	}
	return out
}

// drawn are the relations between the cells of an area as it was and as it is: both add up to the same, or none of either is more than
// the others together.
func (l *Linked) drawn(cube schemas.Cube, before, now []int, distinct bool) (out []Relation) {
	was, is := l.valueOf(before), l.valueOf(now)
	switch {
	case len(before) == 0 || len(now) == 0:
	case distinct:
		for _, sides := range [][2][]int{{before, now}, {now, before}} {
			for _, i := range sides[0] {
				if l.cells[i].Value <= l.valueOf(sides[1]) {
					out = append(out, Relation{Total: i, Parts: sides[1], AtMost: true})
				}
			}
		}
	case was != is:
	case len(now) == 1:
		out = append(out, Relation{Total: now[0], Parts: before})
	case len(before) == 1:
		out = append(out, Relation{Total: before[0], Parts: now})
	default:
		coords := slices.Clone(l.cells[before[0]].coords)
		coords[slices.Index(cube.Columns, "region_code")] += " and others"
		whole := l.cell(cube, coords)
		l.cells[whole].Value = was
		out = append(out, Relation{Total: whole, Parts: before}, Relation{Total: whole, Parts: now})
	}
	return out
}

// pairsArePersons says of former cells that in one municipality every person is one pair.
func (l *Linked) pairsArePersons() (out []Relation) {
	for i, c := range l.cells {
		cube := schemas.CubeOf(c.cube)
		k := slices.Index(cube.Columns, "measure")
		if !c.former || k < 0 || c.coords[k] != schemas.Persons {
			continue
		}
		coords := slices.Clone(c.coords)
		coords[k] = schemas.Pairs
		if j, there := l.at[cube.CellName(coords)]; there && l.cells[j].Value == c.Value && !l.isTotal(coords[slices.Index(cube.Columns, "region_code")]) {
			out = append(out, Relation{Total: i, Parts: []int{j}})
		}
	}
	return out
}

func (l *Linked) isTotal(region string) bool {
	return slices.ContainsFunc(l.redrawn.Totals, func(t FormerTotal) bool { return t.Total == region })
}
