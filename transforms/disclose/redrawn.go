package disclose

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Former is a cell of an earlier publication whose region codes follow other municipal boundaries.
type Former struct {
	Cube schemas.Cube
	// Coordinates are those of the cell, its region under a name that no region of the table has.
	Coordinates []string
	Value       int64
	// Least is what its row tells by being there.
	Least int64
	// Shown says that the publication shows it. Else it is withheld: for its own sake, with the protection that it asks for, or for others.
	Shown, Primary bool
	Asked          Asked
}

// Area is a region by the boundaries of one day, and those that it is made of by the boundaries of another.
type Area struct {
	Whole string
	Parts []string
}

// Former enters cells of earlier publications, each once: nobody shows them anew, but what is shown of their areas tells of them.
func (l *Linked) Former(cells []Former, areas []Area) {
	l.areas = append(l.areas, areas...)
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

// redrawn are the relations between the regions of areas, as far as the figures meet them: what was revised since does not.
func (l *Linked) redrawn() (out []Relation) {
	for _, cube := range schemas.Cubes() {
		for _, drawn := range cube.Redrawn {
			over := slices.Index(cube.Columns, drawn.Over)
			for _, area := range l.areas {
				for whole, c := range l.cells {
					if c.cube == cube.Name && c.coords[over] == area.Whole && schemas.Meets(drawn.Where, func(column string) string { return c.coords[slices.Index(cube.Columns, column)] }) {
						out = append(out, l.drawn(cube, over, whole, area.Parts, drawn.Distinct)...)
					}
				}
			}
		}
	}
	return out
}

// drawn are the relations between a cell of an area and those of its parts.
func (l *Linked) drawn(cube schemas.Cube, over, whole int, codes []string, distinct bool) (out []Relation) {
	var parts []int
	for _, code := range codes {
		coords := slices.Clone(l.cells[whole].coords)
		coords[over] = code
		if i, there := l.at[cube.CellName(coords)]; there {
			parts = append(parts, i)
		}
	}
	value := l.cells[whole].Value
	if len(parts) == 0 || l.valueOf(parts) < value || !distinct && l.valueOf(parts) > value {
		return nil
	}
	if distinct {
		for _, i := range parts {
			if l.cells[i].Value <= value {
				out = append(out, Relation{Total: i, Parts: []int{whole}, AtMost: true})
			}
		}
	}
	return append(out, Relation{Total: whole, Parts: parts, AtMost: distinct})
}
