package disclose

import (
	"math"
	"math/rand/v2"
	"slices"
)

// walker seeks moves; each thread has its own.
type walker struct {
	*network
	random rand.PCG
	paying bool
	avoid  int32
	// barred are contributors who must not be able to exclude the move, in ascending order.
	barred  []int32
	attempt int
	// late is how hard a cell has been to protect so far, 0 to 3: the harder, the less weight prices have.
	late uint64
	// scarce takes the relation that is hardest to close first, not the one that is open longest.
	scarce  bool
	choices []choice
	// open is how far each relation is from closing, openList those that are or were.
	open     []int8
	openList []int32
	in       []bool
	cells    []int32
	signs    []int8
	// moved is by how much steps before this one have changed each cell.
	moved     []int64
	movedList []int32
}

func newWalker(n *network) *walker {
	return &walker{network: n, open: make([]int8, len(n.from)-1), in: make([]bool, len(n.value)), moved: make([]int64, len(n.value))}
}

// longest is the greatest number of cells of a move. A box in three dimensions has 8
// corners; moves around the holes of sparse tables are longer.
const longest = 40

// seek tries to find one move of a step that begins at a cell, and gives its cost. It gives
// up where the cost passes that of a move already had.
func (w *walker) seek(p int32, sign int8, step, bound int64, bounded bool) (cost int64, closed bool) {
	w.clear()
	w.add(p, sign)
	for len(w.cells) < longest {
		if len(w.openList) == 0 {
			return cost, true
		}
		i, s, ok := w.next(step)
		if !ok {
			return 0, false
		}
		cost += w.cost(i)
		if bounded && cost >= bound {
			return 0, false
		}
		w.add(i, s)
	}
	return cost, len(w.openList) == 0
}

func (w *walker) clear() {
	for _, i := range w.cells {
		w.in[i] = false
		for _, e := range w.relationsOf(i) {
			w.open[e.at] = 0
		}
	}
	w.cells, w.signs, w.openList = w.cells[:0], w.signs[:0], w.openList[:0]
}

// add changes a cell.
func (w *walker) add(i int32, sign int8) {
	w.in[i] = true
	w.cells, w.signs = append(w.cells, i), append(w.signs, sign)
	for _, e := range w.relationsOf(i) {
		if w.open[e.at] == 0 {
			w.openList = append(w.openList, e.at)
		}
		w.open[e.at] += e.sign * sign
	}
	w.prune()
}

// prune forgets relations that have closed.
func (w *walker) prune() {
	w.openList = slices.DeleteFunc(w.openList, func(r int32) bool { return w.open[r] == 0 })
}

// cost is what it costs to withhold a cell, 0 where it is withheld.
func (w *walker) cost(i int32) int64 {
	if w.has(i) {
		return 0
	}
	return w.price[i]
}

// weights of prices by attempt. Where cheap cells lead nowhere, as those have little spare themselves, dear ones
// are sought in the end.
var weights = [...][7]float64{
	{1, 0.6, 2, 1.5, 0.8, 4, 3},
	{1, 0.3, 2, 0.1, 0.6, 4, 0},
	{1, 0.3, 0.2, 0.1, 0.6, 0, -0.1},
	{0.3, 0.1, -0.3, 0, 0.6, -0.1, -1},
}

// next chooses how to close the relation that has been open longest: by the change that
// closes more relations than it opens, costs least, and opens none that is hard to close.
// Chance, and the weight of the price, differ between attempts.
func (w *walker) next(step int64) (cell int32, sign int8, ok bool) {
	weight := weights[w.late][w.attempt%7]
	noise := [...]float64{0.1, 0.5, 1, 2}[w.attempt%4] / (1 << 53)
	r := w.openList[0]
	if w.scarce {
		r = w.scarcest(step)
	}
	turn := w.turn(r)
	w.choices = w.choices[:0]
	for _, e := range w.cellsOf(r) {
		i, s := e.at, turn*e.sign
		if w.in[i] || !w.may(i, s, step) {
			continue
		}
		score := w.opened(i, s) + noise*float64(w.random.Uint64()>>11)
		if !w.has(i) {
			score += weight * w.logPrice[i]
		}
		w.choices = append(w.choices, choice{score, i, s})
	}
	return w.choose(step)
}

// choice is a change that would close a relation; the lower its score the better.
type choice struct {
	score float64
	cell  int32
	sign  int8
}

// choose is the best of the choices. Where a cell has been hard to protect, it is the best that leads on.
func (w *walker) choose(step int64) (cell int32, sign int8, ok bool) {
	for len(w.choices) > 0 {
		best := 0
		for k, c := range w.choices {
			if c.score < w.choices[best].score {
				best = k
			}
		}
		c := w.choices[best]
		if w.late == 0 || w.leads(c.cell, c.sign, step) {
			return c.cell, c.sign, true
		}
		w.choices[best] = w.choices[len(w.choices)-1]
		w.choices = w.choices[:len(w.choices)-1]
	}
	return 0, 0, false
}

// leads says whether every relation that a change opens can be closed again.
func (w *walker) leads(i int32, sign int8, step int64) bool {
	for _, e := range w.relationsOf(i) {
		before := w.open[e.at]
		if after := before + e.sign*sign; max(after, -after) > max(before, -before) && !w.closable(e.at, e.sign*sign, i, step) {
			return false
		}
	}
	return true
}

// closable says whether a relation that a cell has opened in a direction can be closed by another one.
func (w *walker) closable(relation int32, direction int8, by int32, step int64) bool {
	for _, e := range w.cellsOf(relation) {
		if e.at != by && !w.in[e.at] && w.may(e.at, -direction*e.sign, step) {
			return true
		}
	}
	return false
}

// turn is the sign of the change that a relation lacks.
func (w *walker) turn(relation int32) int8 {
	if w.open[relation] > 0 {
		return -1
	}
	return 1
}

// scarcest is the open relation that the fewest changes can close; where none can, the search has
// failed and need not go on.
func (w *walker) scarcest(step int64) (relation int32) {
	fewest := math.MaxInt
	for _, r := range w.openList {
		turn, n := w.turn(r), 0
		for _, e := range w.cellsOf(r) {
			if !w.in[e.at] && w.may(e.at, turn*e.sign, step) {
				if n++; n >= fewest {
					break
				}
			}
		}
		if n < fewest {
			fewest, relation = n, r
		}
	}
	return relation
}

// may says whether a cell can be changed.
func (w *walker) may(i int32, sign int8, step int64) bool {
	if i == w.avoid || !w.has(i) && (!w.paying || w.price[i] < 0) {
		return false
	}
	if sign < 0 && w.spare[i]+w.moved[i] < step {
		return false
	}
	return len(w.barred) == 0 || !w.excluded(i, w.moved[i]+int64(sign)*step)
}

// excluded says that one of the barred knows that a cell is not changed so.
func (w *walker) excluded(i int32, change int64) bool {
	return slices.ContainsFunc(w.ownOf(i), func(o Own) bool {
		_, barred := slices.BinarySearch(w.barred, o.Who)
		return barred && w.knows(o, i, change)
	})
}

// has says that a cell is withheld, or is by the steps before.
func (w *walker) has(i int32) bool { return w.withheld[i] || w.moved[i] != 0 }

// opened is by how much a change opens relations, less those that it closes; one in which
// little else is withheld is harder to close.
func (w *walker) opened(i int32, sign int8) float64 {
	n := 0.0
	for _, e := range w.relationsOf(i) {
		before := w.open[e.at]
		after := before + e.sign*sign
		if max(after, -after) < max(before, -before) {
			n--
			continue
		}
		others := w.free[e.at]
		if w.withheld[i] {
			others--
		}
		n += 1 + 3/float64(1+2*others)
	}
	return n
}

// move is the move found.
func (w *walker) move(step, cost int64) move {
	m := move{cells: slices.Clone(w.cells), changes: make([]int64, len(w.cells)), cost: cost}
	for k, sign := range w.signs {
		m.changes[k] = int64(sign) * step
	}
	return m
}

// take makes one move of the steps taken, and forgets them.
func (w *walker) take(m move) move {
	for _, i := range w.movedList {
		if w.moved[i] != 0 {
			m.cells, m.changes = append(m.cells, i), append(m.changes, w.moved[i])
			w.moved[i] = 0
		}
	}
	w.movedList = w.movedList[:0]
	return m
}

// move is a solution of the relations, from the cell that it was sought for on.
type move struct {
	cells   []int32
	changes []int64
	cost    int64
}

func (m move) of(p int) int64 { return m.changes[slices.Index(m.cells, int32(p))] }

// proof leaves the slacks of inequalities out.
func (m move) proof(cells int) Proof {
	p := Proof{}
	for k, i := range m.cells {
		if int(i) < cells {
			p.Cells, p.Changes = append(p.Cells, int(i)), append(p.Changes, m.changes[k])
		}
	}
	return p
}
