package disclose

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Linked is the counts of a release as one table: the cells of [schemas.Cubes], each
// once however many rows show it. [Link] adds the rows of a dataset, [Linked.Suppress] marks
// those to withhold.
type Linked struct {
	rules Rules
	share float64
	known func(name string) bool
	kept  func(name string, value int64) bool
	cells []linkedCell
	at    map[string]int // by name
	rows  []linkedRow
	// parted are the totals of origins that have rows.
	parted map[string]bool
	// contributors are the numbers of those who know their own contributions, by name.
	contributors map[string]int32
	// withheld are the names of withheld cells, apart the names of cells with parts that are withheld for the sake of others.
	withheld, apart map[string]bool
	redrawn         Redrawn
	err             error
}

// linkedCell is a cell, and hidden if no row shows it; former if an earlier publication has it by other boundaries.
type linkedCell struct {
	Cell
	cube           string
	coords         []string
	reason         string
	hidden, former bool
}

// Reasons to withhold a row that rests on enough: it is all of its total, or others could be computed from it.
const (
	reasonFull      = "full"
	reasonSecondary = "secondary"
)

// linkedRow is a row with the cells that each of its figures is.
type linkedRow struct {
	dataset string
	figures map[string][]int
	mark    *string // why it is withheld though it rests on enough
	reason  string  // of primary suppression, '' for none
	made    []Contribution
	houses  int64
	// value and least are those of the last figure.
	value, least int64
}

// NewLinked is an empty table under the rules of primary suppression. A withheld count keeps an interval of the
// share of its value on both sides, 0 being one of at least 1. Known says of the name of a
// cell whether an earlier publication shows it.
func NewLinked(rules Rules, share float64, known func(name string) bool) *Linked {
	rules.Threshold = rules.Effective()
	return &Linked{rules: rules, share: share, known: known, kept: func(string, int64) bool { return false }, at: map[string]int{}, parted: map[string]bool{}, contributors: map[string]int32{}}
}

// Keep says of a cell whether the publication before withholds it with the same count: it stays withheld. A release of the
// same counts is then the same, though what is shown already leaves fewer cells to withhold for the others' sake.
func (l *Linked) Keep(kept func(name string, value int64) bool) { l.kept = kept }

// Link adds the rows of a dataset; those without a figure have no cell. The table
// remembers the rows, which must stay where they are until it is suppressed.
func Link[T Figures[T]](l *Linked, dataset string, rows []Counted[T]) {
	columns := columnsOf(reflect.TypeFor[T]())
	counts := slices.DeleteFunc(schemas.Counts(), func(s schemas.Shown) bool { return s.Dataset != dataset })
	for i := range rows {
		row := reflect.ValueOf(&rows[i].Row).Elem()
		code := func(column string) string { return schemas.Coordinate(row.FieldByIndex(columns[column])) }
		r := linkedRow{dataset: dataset, figures: map[string][]int{}, mark: &rows[i].marked, reason: l.rules.withholds(rows[i].Persons, rows[i].Facilities, rows[i].Contributions), made: rows[i].Contributions, houses: cmp.Or(rows[i].Houses, rows[i].Facilities)}
		for _, shown := range counts {
			if figure, there := whole(row.FieldByIndex(columns[shown.Figure])); there && schemas.Meets(shown.Where, code) {
				r.value, r.least = figure, shown.Least(code)
				r.figures[shown.Figure] = append(r.figures[shown.Figure], l.show(shown, code, figure, r))
			}
		}
		if len(r.figures) > 0 {
			l.rows = append(l.rows, r)
		}
	}
}

// columnsOf says where the fields of columns are.
func columnsOf(row reflect.Type) map[string][]int {
	at := map[string][]int{}
	for _, f := range reflect.VisibleFields(row) {
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		at[name] = f.Index
	}
	return at
}

// whole is a count, and false where there is none.
func whole(figure reflect.Value) (int64, bool) {
	switch {
	case figure.IsNil():
		return 0, false
	case figure.Elem().Kind() == reflect.Float64:
		return int64(math.Round(figure.Elem().Float())), true
	}
	return figure.Elem().Int(), true
}

// show enters a figure of a row, and gives its cell.
func (l *Linked) show(shown schemas.Shown, code func(string) string, figure int64, r linkedRow) int {
	cube := schemas.CubeOf(shown.Cube)
	i := l.cell(cube, shown.Coordinates(cube, code))
	c := &l.cells[i]
	if !c.hidden && c.Value != figure && l.err == nil {
		l.err = fmt.Errorf("%w: %s is %d, and %d in %s", ErrTable, c.Name, c.Value, figure, r.dataset)
	}
	c.hidden, c.Value, c.Priority, c.Least = false, figure, figure+1, max(c.Least, r.least)
	if cube.Single {
		c.Largest = min(figure, 1)
	}
	l.own(c, cube, shown.Figure, r)
	if r.reason != "" {
		c.Primary, c.reason = true, r.reason
		c.Asked = c.Asked.and(l.rules.asked(figure, l.share, shown.Figure, r.made))
	}
	return i
}

// own enters what contributors know of a cell: houses, companies or platforms their own bookings and nights, and the only house of a region
// its guests.
func (l *Linked) own(c *linkedCell, cube schemas.Cube, figure string, r linkedRow) {
	for _, made := range r.made {
		if made.Figure == figure {
			for _, who := range slices.Sorted(maps.Keys(made.Of)) {
				l.know(c, who, made.Of[who])
			}
		}
	}
	if len(r.made) == 0 && r.houses == 1 {
		l.know(c, "the only facility of "+c.coords[slices.Index(cube.Columns, "region_code")], c.Value)
	}
}

// know enters that someone has contributed so much to a cell.
func (l *Linked) know(c *linkedCell, who string, figure int64) {
	number, there := l.contributors[who]
	if !there {
		number = int32(len(l.contributors)) + 1
		l.contributors[who] = number
	}
	if own := (Own{number, figure}); !slices.Contains(c.Own, own) {
		c.Own = append(c.Own, own)
	}
}

// ownWholes enters that all of a total is a contributor's who has contributed as much to a part of it: of the one guest of a prefecture from
// somewhere the house that has it.
func (l *Linked) ownWholes(relations []Relation) {
	for found := true; found; {
		found = false
		for _, r := range relations {
			total := &l.cells[r.Total]
			if total.Value == 0 || l.valueOf(r.Parts) != total.Value {
				continue
			}
			for _, i := range r.Parts {
				for _, own := range l.cells[i].Own {
					if own.Figure == total.Value && !slices.Contains(total.Own, own) {
						total.Own, found = append(total.Own, own), true
					}
				}
			}
		}
	}
}

// cell is the position of a cell; a new one is hidden.
func (l *Linked) cell(cube schemas.Cube, coords []string) int {
	name := cube.CellName(coords)
	i, there := l.at[name]
	if !there {
		i = len(l.cells)
		l.at[name] = i
		l.cells = append(l.cells, linkedCell{Cell: Cell{Name: name}, cube: cube.Name, coords: coords, hidden: true})
	}
	return i
}

// LinkedLoss is what it costs a dataset that rows are withheld.
type LinkedLoss struct {
	// Dataset is its name, Rows those of its rows with counts, Withheld how many of them are withheld.
	Dataset        string
	Rows, Withheld int64
	// Value is the sum of the figures, WithheldValue that of those withheld.
	Value, WithheldValue int64
}

// LinkedCell is a withheld cell, for the controller.
type LinkedCell struct {
	Name  string
	Value int64
	// Reason is the rule by which it is withheld for its own sake, '' where it is for that of others.
	Reason string
	// Asked is the protection that it asks for.
	Asked Asked
	// Protected says that no reader can compute it as closely as the rule forbids.
	Protected bool
}

// Suppress marks the rows that are to be withheld beside those under the threshold, so that
// none of these can be computed: [Protect] withholds them. Cells that no relation joins
// are suppressed apart, so that what is withheld of one month or source does not depend on
// others. It gives the loss by dataset and the withheld cells by name. It returns an
// error that wraps [ErrTable] where a relation does not hold.
func (l *Linked) Suppress(o Options) ([]LinkedLoss, []LinkedCell, error) {
	relations := l.relations()
	if l.err != nil {
		return nil, nil, l.err
	}
	l.ownWholes(relations)
	withheld, protected := make([]bool, len(l.cells)), make([]bool, len(l.cells))
	for i, c := range l.cells {
		withheld[i], protected[i] = c.Primary, true
	}
	for _, part := range components(len(l.cells), relations) {
		if err := l.suppress(part, o, withheld, protected); err != nil {
			return nil, nil, err
		}
	}
	for i, c := range l.cells {
		withheld[i] = withheld[i] || !c.hidden && !c.former && !l.known(c.Name) && l.kept(c.Name, c.Value)
	}
	loss := l.mark(withheld)
	l.lost(withheld)
	l.remember(withheld)
	return loss, l.listed(withheld, protected), nil
}

// lost withholds the cells that no row shows any more, because all that did lose another figure.
func (l *Linked) lost(withheld []bool) {
	shown := make([]bool, len(l.cells))
	for _, r := range l.rows {
		for _, cells := range r.figures {
			for _, i := range cells {
				shown[i] = shown[i] || *r.mark == "" && r.reason == ""
			}
		}
	}
	for i, c := range l.cells {
		withheld[i] = withheld[i] || !shown[i] && !c.hidden
	}
}

// suppress protects one component.
func (l *Linked) suppress(part component, o Options, withheld, protected []bool) error {
	// By name, so that the order in which datasets come decides nothing.
	slices.SortFunc(part.cells, func(a, b int) int { return strings.Compare(l.cells[a].Name, l.cells[b].Name) })
	t, place := Table{}, map[int]int{}
	for k, i := range part.cells {
		place[i] = k
		c := l.cells[i].Cell
		if c.Primary && l.empty(l.cells[i]) {
			// Readers know it, and nothing can be hidden behind it.
			c.Primary, c.Public = false, true
			withheld[i], protected[i] = true, false
		}
		c.Public = c.Public || !c.Primary && !l.cells[i].hidden && l.known(c.Name)
		t.Cells = append(t.Cells, c)
	}
	for _, r := range part.relations {
		moved := Relation{Total: place[r.Total], AtMost: r.AtMost}
		for _, i := range r.Parts {
			moved.Parts = append(moved.Parts, place[i])
		}
		t.Relations = append(t.Relations, moved)
	}
	s, err := Suppress(t, o)
	if err != nil {
		return err
	}
	for k, i := range part.cells {
		withheld[i] = withheld[i] || s.Withheld[k]
	}
	for _, k := range s.Unprotected {
		protected[part.cells[k]] = false
	}
	return nil
}

// empty says that a cell is nobody's and a total of origins of which none has a row: origins have rows where at least
// one person was seen, so that their absence tells.
func (l *Linked) empty(c linkedCell) bool {
	return c.Value == 0 && !c.hidden && !l.parted[c.Name] && schemas.CubeOf(c.cube).HasOrigins(c.coords)
}

// mark marks the rows of withheld cells. A row loses all of its figures at once, which protects the more.
func (l *Linked) mark(withheld []bool) []LinkedLoss {
	var out []LinkedLoss
	for _, r := range l.rows {
		k := slices.IndexFunc(out, func(loss LinkedLoss) bool { return loss.Dataset == r.dataset })
		if k < 0 {
			k = len(out)
			out = append(out, LinkedLoss{Dataset: r.dataset})
		}
		out[k].Rows++
		out[k].Value += r.value
		for _, cells := range r.figures {
			for _, i := range cells {
				switch {
				case withheld[i] && l.cells[i].reason == reasonFull:
					*r.mark = reasonFull
				case withheld[i] && *r.mark == "":
					*r.mark = reasonSecondary
				}
			}
		}
		if *r.mark != "" {
			out[k].Withheld++
			out[k].WithheldValue += r.value
		}
	}
	return out
}

func (l *Linked) listed(withheld, protected []bool) []LinkedCell {
	var out []LinkedCell
	for i, c := range l.cells {
		if withheld[i] && !c.hidden {
			out = append(out, LinkedCell{c.Name, c.Value, c.reason, c.Asked, protected[i]})
		}
	}
	slices.SortFunc(out, func(a, b LinkedCell) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// relations are all sums of all cubes, and that cells which one figure of a row shows are equal.
func (l *Linked) relations() []Relation {
	var out []Relation
	for _, cube := range schemas.Cubes() {
		for _, sum := range cube.Sums {
			out = append(out, l.sum(cube, sum)...)
		}
	}
	told := map[[2]int]bool{} // by another row of the same cells
	for _, r := range l.rows {
		for _, figure := range slices.Sorted(maps.Keys(r.figures)) {
			cells := r.figures[figure]
			for _, i := range cells[1:] {
				if pair := [2]int{cells[0], i}; i != cells[0] && !told[pair] {
					told[pair] = true
					out = append(out, Relation{Total: cells[0], Parts: []int{i}})
				}
			}
		}
	}
	return append(out, l.formerRelations()...)
}

// sum are the relations of a sum, one for each combination of the codes of other columns.
func (l *Linked) sum(cube schemas.Cube, sum schemas.Sum) []Relation {
	type group struct {
		total int
		parts []int
	}
	over := slices.Index(cube.Columns, sum.Over)
	groups := map[string]*group{}
	var order []string
	of := func(coords []string, code string) *group {
		key := slices.Clone(coords)
		key[over] = code
		name := cube.CellName(key)
		g := groups[name]
		if g == nil {
			g = &group{total: -1}
			groups[name], order = g, append(order, name)
		}
		return g
	}
	known := len(l.cells) // what is hidden enters below
	for i := range known {
		c := l.cells[i]
		if c.cube != cube.Name || !schemas.Meets(sum.Where, func(column string) string { return c.coords[slices.Index(cube.Columns, column)] }) {
			continue
		}
		if code := c.coords[over]; sum.IsTotal(code) {
			of(c.coords, code).total = i
		}
		if total, part := sum.TotalOf(c.coords[over]); part {
			g := of(c.coords, total)
			g.parts = append(g.parts, i)
		}
	}
	var out []Relation
	for _, name := range order {
		g := groups[name]
		if len(g.parts) == 0 || g.total < 0 && !sum.Hidden {
			continue
		}
		if sum.Over == "origin_code" {
			l.parted[name] = true
		}
		if g.total >= 0 && l.cells[g.total].coords[over] == schemas.Nation && !sum.AtMost && l.valueOf(g.parts) > l.cells[g.total].Value {
			// No total of these parts, but the nation of a source that does not count it. The gate of a
			// publication says so; a nightly release is not held up by it.
			continue
		}
		if l.cells[g.parts[0]].former && g.total >= 0 && !sum.AtMost && l.valueOf(g.parts) > l.cells[g.total].Value {
			continue
		}
		l.full(sum, g.total, g.parts)
		out = append(out, l.relation(cube, sum, over, g.total, g.parts))
	}
	return out
}

// full marks a part that is all of its total, where the rules ask: whoever is counted in the total is known to belong there.
func (l *Linked) full(sum schemas.Sum, total int, parts []int) {
	if !l.rules.Full || total < 0 || sum.AtMost || sum.Over == "region_code" {
		return
	}
	values := make([]int64, len(parts))
	for k, i := range parts {
		values[k] = l.cells[i].Value
	}
	all, _ := Full(values)
	for _, k := range all {
		if c := &l.cells[parts[k]]; !c.Primary && !c.former && c.Value == l.cells[total].Value {
			c.Primary, c.reason = true, reasonFull
			c.Asked = c.Asked.and(Asked{Width: 1})
		}
	}
}

// valueOf is the sum of cells.
func (l *Linked) valueOf(cells []int) int64 {
	value := int64(0)
	for _, i := range cells {
		value += l.cells[i].Value
	}
	return value
}

// relation is that of a total and its parts, with the hidden cells that it needs.
func (l *Linked) relation(cube schemas.Cube, sum schemas.Sum, over, total int, parts []int) Relation {
	value := l.valueOf(parts)
	if total < 0 {
		coords := slices.Clone(l.cells[parts[0]].coords)
		coords[over] = sum.Total
		total = l.cell(cube, coords)
		l.cells[total].Value = value
	}
	// Parts that no row has are one cell; where there are none readers are taken to know it.
	if rest := l.cells[total].Value - value; rest > 0 && !sum.AtMost && !sum.Hidden {
		coords := slices.Clone(l.cells[total].coords)
		coords[over] = "rest of " + coords[over]
		i := l.cell(cube, coords)
		l.cells[i].Value = rest
		parts = append(parts, i)
	}
	return Relation{Total: total, Parts: parts, AtMost: sum.AtMost}
}
