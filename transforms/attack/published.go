package attack

import (
	"errors"
	"maps"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Figure is a count as a row shows it: the cells that it is of, and its value; nil if withheld. By is the mechanism
// that made the value from the count, nil if none did.
type Figure struct {
	Cells []Place
	Value *int64
	By    *Mechanism
	// Least is what the row tells by being there.
	Least int64
}

// Place is where a cell lies in a cube.
type Place struct {
	Cube        schemas.Cube
	Coordinates []string
}

// Tables is a publication as readers put it together: the figures of its rows, and the sums
// that the dictionary says they make.
type Tables struct {
	Publication
	// Withheld are the names of the cells that rows have, but no row shows.
	Withheld map[string]bool
	// Estimates are those that add up.
	Estimates []Estimated
	// Steps are the numbers of persons by threshold, Dressed the names of withheld rows that have a figure.
	Steps   []Step
	Dressed []string
	// Boundaries are those that its region codes follow.
	Boundaries
	shown     map[string]bool
	perturbed map[string]perturbed
	derived   map[string]bool
	places    []Place
	at        map[string]int
}

// TablesOf puts figures together. It returns an error that wraps [ErrContradiction] where two rows show a
// cell with two values.
func TablesOf(figures []Figure) (Tables, error) {
	t := Tables{at: map[string]int{}, Withheld: map[string]bool{}, perturbed: map[string]perturbed{}, derived: map[string]bool{}, shown: map[string]bool{}}
	for _, f := range figures {
		if f.By != nil && f.Value != nil {
			if err := t.perturb(f); err != nil {
				return t, err
			}
			continue
		}
		var first int
		for k, place := range f.Cells {
			i := t.cell(place)
			c := &t.Cells[i]
			if c.Low = max(c.Low, f.Least); f.Value != nil {
				c.Low, c.High = max(c.Low, *f.Value), min(c.High, *f.Value)
				t.shown[c.Name] = true
			}
			if c.Low > c.High {
				return t, errors.Join(ErrContradiction, errors.New(c.Name))
			}
			t.Withheld[t.Cells[i].Name] = true
			if k == 0 {
				first = i
			} else if i != first {
				t.Relations = append(t.Relations, Sum(first, i))
			}
		}
	}
	rows := len(t.Cells)
	parted := map[string]bool{}
	for _, cube := range schemas.Cubes() {
		for _, sum := range cube.Sums {
			for _, total := range t.add(cube, sum, rows) {
				parted[total] = parted[total] || sum.Over == "origin_code"
			}
		}
	}
	for i := range t.Cells[:rows] {
		c, p := &t.Cells[i], t.places[i]
		if c.Low == 0 && c.High > 0 && p.Cube.HasOrigins(p.Coordinates) && !parted[c.Name] {
			c.High = 0 // told by the absence of rows, whether the row has the figure or not
		}
		if c.Low == c.High {
			delete(t.Withheld, c.Name)
		}
	}
	return t, nil
}

// Derive enters the cells that rows tell to readers who divide or multiply: a share beside what it is of, an index
// with a known denominator.
func (t *Tables) Derive(places []Place) {
	for _, p := range places {
		t.derived[p.Cube.CellName(p.Coordinates)] = true
	}
}

// Each calls f for every cell, with where it lies.
func (t Tables) Each(f func(p Place, c Cell)) {
	for i, p := range t.places {
		f(p, t.Cells[i])
	}
}

// cell is the position of a cell, which is not known where it is new.
func (t *Tables) cell(p Place) int {
	name := p.Cube.CellName(p.Coordinates)
	i, there := t.at[name]
	if !there {
		i = len(t.Cells)
		t.at[name] = i
		t.Cells = append(t.Cells, Withheld(name))
		t.places = append(t.places, p)
	}
	return i
}

// add adds the relations of a sum between the first so many cells: each part names its total. It gives the names of the totals.
func (t *Tables) add(cube schemas.Cube, sum schemas.Sum, rows int) []string {
	over := slices.Index(cube.Columns, sum.Over)
	parts := map[string][]int{}
	totals := map[string]Place{}
	var order []string
	for i, p := range t.places[:rows] {
		if p.Cube.Name != cube.Name || !schemas.Meets(sum.Where, func(column string) string { return p.Coordinates[slices.Index(cube.Columns, column)] }) {
			continue
		}
		code, part := sum.TotalOf(p.Coordinates[over])
		if !part {
			continue
		}
		total := Place{cube, slices.Clone(p.Coordinates)}
		total.Coordinates[over] = code
		name := cube.CellName(total.Coordinates)
		if parts[name] == nil {
			order = append(order, name)
			totals[name] = total
		}
		parts[name] = append(parts[name], i)
	}
	for _, name := range order {
		total, shown := t.at[name]
		if !shown {
			if !sum.Hidden {
				continue
			}
			total = t.cell(totals[name])
		}
		r := Sum(total, parts[name]...)
		switch {
		case sum.AtMost:
			r.High = Unbounded
		case sum.Rest:
			r.Low = -Unbounded
		}
		t.Relations = append(t.Relations, r)
	}
	return order
}

// Leak is a withheld cell that readers can compute, or know within less than is asked.
type Leak struct {
	Finding
	// Publication is the earlier publication that withholds it, '' for the new one.
	Publication string
}

// Asked is the protection of a withheld cell: an interval of at least Width that reaches to Reach or further.
type Asked struct{ Width, Reach int64 }

// fails says whether a finding tells more than that.
func (a Asked) fails(f Finding) bool {
	return f.High < Unbounded && (f.High-f.Low < max(a.Width, 1) || f.High < a.Reach)
}

// ByEarlier is a finding of a cell that an earlier publication shows, ByDerived of one that a row beside it tells.
const (
	ByEarlier = "earlier publication"
	ByDerived = "derived figure"
)

// Earlier is a publication of before.
type Earlier struct {
	ID string
	Tables
}

// Leaks attacks tables together with all earlier publications. A cell of one name is one figure, unless
// it was revised: where cells that sums join differ between two publications, those of the
// earlier one are taken for others. Asked is the protection of a cell, by name; of any withheld cell it is asked that it cannot be computed.
func Leaks(now Tables, earlier []Earlier, asked func(name string) Asked, o Options) ([]Leak, error) {
	all, known := now.Publication, map[string]Leak{}
	for name := range now.Withheld {
		known[name] = Leak{}
	}
	left, told := maps.Clone(now.perturbed), maps.Clone(now.derived)
	for _, e := range earlier {
		e = e.redrawn(now).apart(now)
		for name, p := range e.perturbed {
			left[name] = p
		}
		revised := differing(all, e.Publication)
		own := func(name string) string {
			if revised[name] {
				name += "@" + e.ID
			}
			return name
		}
		before := renamed(e.Publication, own)
		for name := range e.derived {
			told[name] = told[name] || !revised[name]
		}
		for name := range e.Withheld {
			name = own(name)
			if i, shown := now.at[name]; shown && now.Cells[i].Low == now.Cells[i].High {
				continue // it may be shown by now
			}
			if _, there := known[name]; !there {
				known[name] = Leak{Publication: e.ID}
			}
		}
		var err error
		if all, err = Merge(all, before); err != nil {
			return nil, err
		}
	}
	leaks := append(divided(now, known, told), Added(together(now, earlier))...)
	for _, c := range all.Cells {
		if leak, withheld := known[c.Name]; withheld && c.Low == c.High {
			leak.Finding = Finding{Name: c.Name, Low: c.Low, High: c.High, By: ByEarlier}
			leaks = append(leaks, leak)
		}
	}
	for _, part := range Parts(all) {
		report, err := Run(part, o)
		if err != nil {
			return nil, err
		}
		for _, f := range report.Findings {
			if leak, withheld := known[f.Name]; withheld && left[f.Name].atLeast(asked(f.Name)).fails(f) {
				leak.Finding = f
				leaks = append(leaks, leak)
			}
		}
	}
	return leaks, nil
}

// divided are the withheld cells that rows tell beside which they stand: withheld now and told by a row of any publication, or withheld
// before and told by one now. What earlier publications tell of each other cannot be taken back.
func divided(now Tables, known map[string]Leak, told map[string]bool) (leaks []Leak) {
	for _, name := range slices.Sorted(maps.Keys(known)) {
		leak := known[name]
		if now.derived[name] || told[name] && leak.Publication == "" {
			leak.Finding = Finding{Name: name, High: Unbounded, By: ByDerived}
			leaks = append(leaks, leak)
		}
	}
	return leaks
}

// renamed gives cells other names.
func renamed(p Publication, name func(string) string) Publication {
	p.Cells = slices.Clone(p.Cells)
	for i, c := range p.Cells {
		p.Cells[i].Name = name(c.Name)
	}
	return p
}

// differing are the cells of an earlier publication that were revised since, or are joined with one that was:
// both show it and differ, or no figures agree with both.
func differing(now, before Publication) map[string]bool {
	parts, of := Parts(now), map[string]int{}
	for k, part := range parts {
		for _, c := range part.Cells {
			of[c.Name] = k
		}
	}
	out := map[string]bool{}
	for _, part := range Parts(before) {
		if !agrees(part, parts, of) {
			for _, c := range part.Cells {
				out[c.Name] = true
			}
		}
	}
	return out
}

// agrees says whether the cells of an earlier publication can be those known now, of which parts are joined with them.
func agrees(part Publication, now []Publication, of map[string]int) bool {
	joined, taken := []Publication{part}, map[int]bool{}
	for _, c := range part.Cells {
		if k, there := of[c.Name]; there && !taken[k] {
			taken[k] = true
			joined = append(joined, now[k])
		}
	}
	merged, err := Merge(joined...)
	if err == nil {
		_, err = Run(merged, Options{})
	}
	return err == nil
}

// Parts splits a publication into those that no relation joins.
func Parts(p Publication) []Publication {
	of := make([]int, len(p.Cells)) // a forest
	for i := range of {
		of[i] = i
	}
	top := func(i int) int {
		for of[i] != i {
			of[i] = of[of[i]]
			i = of[i]
		}
		return i
	}
	for _, r := range p.Relations {
		for _, t := range r.Terms {
			of[top(t.Cell)] = top(r.Terms[0].Cell)
		}
	}
	var out []Publication
	part, place := map[int]int{}, make([]int, len(p.Cells))
	for i, c := range p.Cells {
		k, there := part[top(i)]
		if !there {
			k = len(out)
			part[top(i)] = k
			out = append(out, Publication{})
		}
		place[i] = len(out[k].Cells)
		out[k].Cells = append(out[k].Cells, c)
	}
	for _, r := range p.Relations {
		k := part[top(r.Terms[0].Cell)]
		moved := Relation{Low: r.Low, High: r.High}
		for _, t := range r.Terms {
			moved.Terms = append(moved.Terms, Term{place[t.Cell], t.Times})
		}
		out[k].Relations = append(out[k].Relations, moved)
	}
	return out
}
