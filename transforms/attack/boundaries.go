package attack

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Boundaries are what a publication tells of the municipal boundaries that its region codes follow.
type Boundaries struct {
	// On is the day whose boundaries they are; 0 where it tells none.
	On schemas.Date
	// Changes are the changes of codes that it lists.
	Changes []schemas.RegionChange
}

// area is codes that changes join: what they count together by the boundaries of one day, they count by those of another.
type area struct {
	first, last schemas.Date
	codes       map[string]bool
	// ends are its codes after the last change, and several those of whose figures it is not known which is whose: where a
	// region was divided, or prefectures changed.
	ends    map[string]bool
	several bool
}

// areas are those of all changes after one day up to another, by code. Names that change and codes that stay join nothing.
func areas(changes []schemas.RegionChange, after, until schemas.Date) map[string]*area {
	of := map[string]*area{}
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b schemas.RegionChange) int { return cmp.Compare(a.ChangedOn, b.ChangedOn) })
	for _, c := range changes {
		if c.ChangedOn <= after || c.ChangedOn > until || c.FromCode == c.ToCode {
			continue
		}
		joined := &area{first: c.ChangedOn, last: c.ChangedOn, codes: map[string]bool{c.FromCode: true, c.ToCode: true}, ends: map[string]bool{}}
		for _, code := range []string{c.FromCode, c.ToCode} {
			for other := range joined.take(of[code]) {
				of[other] = joined
			}
			of[code] = joined
		}
		if delete(joined.ends, c.FromCode); c.Reason == "separation" {
			joined.ends[c.FromCode] = true
		}
		joined.ends[c.ToCode] = true
	}
	for _, a := range of {
		prefectures := map[string]bool{}
		for code := range a.codes {
			prefectures[code[:2]] = true
		}
		a.several = len(a.ends) > 1 || len(prefectures) > 1
	}
	return of
}

// take adds the codes of another area, and gives them.
func (a *area) take(b *area) map[string]bool {
	if b == nil {
		return nil
	}
	a.first, a.last = min(a.first, b.first), max(a.last, b.last)
	for code := range b.codes {
		a.codes[code] = true
	}
	for code := range b.ends {
		a.ends[code] = true
	}
	return b.codes
}

// redrawing is how the codes of an earlier publication are those of the new one.
type redrawing struct {
	of map[string]*area
	// forward says that the earlier publication has the earlier boundaries.
	forward bool
	// exact says that whoever follows the earlier boundaries knew of no later ones: else codes that came with these could not be placed,
	// and are missing there.
	exact bool
}

func redraw(before, now Boundaries) redrawing {
	if before.On == 0 || now.On == 0 || before.On == now.On {
		return redrawing{}
	}
	first, last := before, now
	if now.On < before.On {
		first, last = now, before
	}
	r := redrawing{of: areas(last.Changes, first.On, last.On), forward: first.On == before.On, exact: true}
	for _, c := range first.Changes {
		if a := r.of[c.FromCode]; a != nil && c.ChangedOn > first.On {
			r.exact = false
		}
	}
	return r
}

// name is what a code of the earlier publication is called beside the new one: by the day until which, or from which on, it stood
// for another area than there.
func (r redrawing) name(code string) string {
	switch a := r.of[code]; {
	case a == nil:
		return code
	case r.forward:
		return code + " until " + a.first.String()
	default:
		return code + " from " + a.last.String()
	}
}

// place is where a cell of the earlier publication lies beside the new one. Those of a prefecture of an area, and of the nation,
// move if its municipalities are told apart in them.
func (r redrawing) place(p Place) Place {
	moved := Place{p.Cube, slices.Clone(p.Coordinates)}
	for k, column := range p.Cube.Columns {
		if column != "region_code" && column != "origin_code" {
			continue
		}
		moved.Coordinates[k] = r.name(p.Coordinates[k])
		if column == "region_code" && strings.HasSuffix(p.Coordinates[k], "000") && p.Cube.IsBounded(p.Coordinates) {
			moved.Coordinates[k] = r.bounded(p.Coordinates[k])
		}
	}
	return moved
}

// bounded is the name of a prefecture or the nation whose municipalities are others.
func (r redrawing) bounded(code string) string {
	name := code
	for _, a := range r.of {
		for c := range a.codes {
			if code == schemas.Nation || c[:2] == code[:2] {
				name = max(name, code+strings.TrimPrefix(r.name(c), c))
			}
		}
	}
	return name
}

// redrawn gives the cells of areas whose boundaries are others in the new tables names of their own, and states what they say of the
// cells that are there.
func (e Earlier) redrawn(now Tables) Earlier {
	r := redraw(e.Boundaries, now.Boundaries)
	if len(r.of) == 0 {
		return e
	}
	before, names := e.places, map[string]string{}
	for i, p := range before {
		names[e.Cells[i].Name] = p.Cube.CellName(r.place(p).Coordinates)
	}
	e = e.called(func(name string) string { return cmp.Or(names[name], name) })
	e.Relations = slices.Clone(e.Relations)
	for _, cube := range schemas.Cubes() {
		for _, drawn := range cube.Redrawn {
			was, order := r.gather(before, cube, drawn)
			is, _ := r.gather(now.places, cube, drawn)
			for _, key := range order {
				if len(is[key]) > 0 {
					e.join(r, drawn, was[key], is[key], now)
				}
			}
		}
	}
	return e
}

// gather are the positions of the cells of areas, by all that tells areas apart, in the order in which they come. Municipalities are there
// only in publications that have their prefecture: others may have left some of an area out.
func (r redrawing) gather(places []Place, cube schemas.Cube, drawn schemas.Redrawn) (of map[string][]int, order []string) {
	of = map[string][]int{}
	there := map[string]bool{}
	for _, p := range places {
		if k := slices.Index(p.Cube.Columns, drawn.Over); k >= 0 {
			there[p.Coordinates[k]] = true
		}
	}
	over := slices.Index(cube.Columns, drawn.Over)
	for i, p := range places {
		if p.Cube.Name != cube.Name || !schemas.Meets(drawn.Where, func(column string) string { return p.Coordinates[slices.Index(cube.Columns, column)] }) {
			continue
		}
		code := p.Coordinates[over]
		a := r.of[code]
		if a == nil || a.several || drawn.Over == "region_code" && !there[code[:2]+"000"] {
			continue
		}
		whole := slices.Clone(p.Coordinates)
		whole[over] = slices.Min(slices.Collect(maps.Keys(a.codes)))
		key := cube.CellName(whole)
		if of[key] == nil {
			order = append(order, key)
		}
		of[key] = append(of[key], i)
	}
	return of, order
}

// join states what the cells of an area were and are: both add up to the same, or, of distinct persons, none of either is more than
// the others together. Where codes are missing by the earlier boundaries, these have no more.
func (e *Earlier) join(r redrawing, drawn schemas.Redrawn, was, is []int, now Tables) {
	var cells []int
	for _, i := range is {
		cells = append(cells, len(e.Cells))
		e.Cells = append(e.Cells, Withheld(now.Cells[i].Name))
	}
	first, last := was, cells
	if !r.forward {
		first, last = cells, was
	}
	if drawn.Distinct {
		for _, i := range first {
			e.Relations = append(e.Relations, AtMost(i, last...))
		}
		for _, i := range last {
			if r.exact {
				e.Relations = append(e.Relations, AtMost(i, first...))
			}
		}
		return
	}
	var same Relation
	for _, i := range first {
		same.Terms = append(same.Terms, Term{i, 1})
	}
	for _, i := range last {
		same.Terms = append(same.Terms, Term{i, -1})
	}
	if !r.exact {
		same.Low = -Unbounded
	}
	e.Relations = append(e.Relations, same)
}
