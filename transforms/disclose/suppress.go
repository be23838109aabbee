package disclose

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Options say how [Suppress] searches.
type Options struct {
	// Seed is that of the search; the same seed gives the same cells.
	Seed uint64
	// Threads is how many searches run at once; it does not change the result. 0 is 1.
	Threads int
	// Attempts is how many moves are tried for a cell before others are withheld for it, and
	// again with them. 0 is 24.
	Attempts int
}

func (o Options) filled() Options {
	o.Threads = max(o.Threads, 1)
	if o.Attempts == 0 {
		o.Attempts = 24
	}
	return o
}

// Suppression is what may be published of a table.
type Suppression struct {
	// Withheld says of every cell whether it is.
	Withheld []bool
	// Secondary are the positions of the cells withheld for others, in ascending order.
	Secondary []int
	// Unprotected are the primary cells that withholding cannot protect as asked, in ascending
	// order: what is public already tells too much. Nothing may be published while there are any.
	Unprotected []int
	// Proofs are the other tables that readers of what is published cannot exclude.
	Proofs []Proof
	// Loss is what it costs.
	Loss Loss
}

// Proof is a table that agrees with everything published: the values of the true one, but
// that of Cells[k] is changed by Changes[k]. It shows that those cells can be that far from
// their values, and so how wide the interval of an attacker is at least.
type Proof struct {
	Cells   []int
	Changes []int64
}

// Loss counts what is withheld. The shares are of all cells that are not public already, and
// of their values.
type Loss struct {
	Cells, Primary, Secondary  int
	Value, SecondaryValue      int64
	ShareOfCells, ShareOfValue float64
}

// Suppress chooses which cells to withhold beside the primary ones, such that each of these
// keeps the protection that it asks for against a reader who knows the relations, that
// no figure is negative, and, being the greatest contributor to one cell, the own
// contribution to it.
//
// The tables that readers cannot exclude are the true one plus any integer solution u of
//
//	Σ_{i ∈ parts} u_i − u_total = 0 for every relation,  u_i = 0 of every published cell,
//	x_i + u_i ≥ the greatest contribution to i
//
// A primary cell p is protected by a solution with u_p of the size asked for (of both signs
// where both are): a move. It is exhibited, so that protection is proved, not estimated, and
// in integers, so that nothing is rounded. Withheld cells of an exact linear attack are a
// special case: a cell can be computed if and only if u_p = 0 in all solutions. An inequality
// a ≤ Σ b is an equality with a slack that nobody publishes.
//
//  1. A move through cells that are withheld anyway is sought for every primary cell.
//  2. For those without, the cheapest of the moves found in Attempts, where cells withheld
//     anew cost their priority; these become secondary.
//  3. In descending order of priority each secondary cell is published after all if the
//     cells that it protects can do without it.
//
// Moves are sought by closing relations: where a changed cell leaves a sum open, the
// cheapest change that closes more sums than it opens is taken, and so on. The moves between
// corners of a box are those of the hypercube method (Giessing & Repsilber 2002); elimination
// (Langsrud 2024) publishes cells in order while no primary becomes a combination of them,
// which step 3 does by moves, and with intervals. A search may miss a move that exists: that costs
// a cell withheld without need, never protection. Suppress returns the error of [Table.Check].
func Suppress(t Table, o Options) (Suppression, error) {
	if err := t.Check(); err != nil {
		return Suppression{}, err
	}
	s := newSearch(t, o.filled())
	s.sweep()
	s.withhold()
	s.republish()
	return s.result(), nil
}

// batch is how many cells are searched for between two looks at what others found. It is a
// constant, and moves are taken in order, so that threads change nothing.
const (
	batch     = 1024
	costBatch = 16
)

// search is the state of one suppression.
type search struct {
	network
	o     Options
	table Table
	// proofs are the moves taken; of each primary cell up and down hold the one that proves
	// most, −1 for none.
	proofs   []move
	up, down []int32
	failed   []int
	round    uint64 // so that chance differs when a cell is tried again
	walkers  []*walker
}

func newSearch(t Table, o Options) *search {
	s := &search{network: newNetwork(t), o: o, table: t}
	s.up, s.down = make([]int32, len(t.Cells)), make([]int32, len(t.Cells))
	for i := range t.Cells {
		s.up[i], s.down[i] = -1, -1
	}
	for range o.Threads {
		s.walkers = append(s.walkers, newWalker(&s.network))
	}
	return s
}

// reached is how far the proofs so far move a cell up and down.
func (s *search) reached(p int) (up, down int64) {
	if k := s.up[p]; k >= 0 {
		up = s.proofs[k].of(p)
	}
	if k := s.down[p]; k >= 0 {
		down = -s.proofs[k].of(p)
	}
	return up, down
}

// keep remembers a move, and every primary cell of which it proves more than was known, if
// only those asked for.
func (s *search) keep(m move, only func(cell int) bool) {
	k := int32(len(s.proofs))
	s.proofs = append(s.proofs, m)
	for j, i := range m.cells {
		if j > 0 && s.ownKnows(m) {
			return
		}
		if int(i) >= len(s.table.Cells) || !s.table.Cells[i].Primary || !only(int(i)) {
			continue
		}
		up, down := s.reached(int(i))
		if m.changes[j] > up {
			s.up[i] = k
		}
		if -m.changes[j] > down {
			s.down[i] = k
		}
	}
}

// ownKnows says that a contributor to the cell that a move begins at could exclude the
// table: it is a proof for that cell towards others, and for no other cell.
func (s *search) ownKnows(m move) bool {
	i := m.cells[0]
	return s.locked[i] || s.spare[i]+m.changes[0] < 0
}

// found are moves for one cell; none where it stays unprotected.
type found struct {
	moves []move
	ok    bool
}

// sweep seeks moves through what is withheld anyway.
func (s *search) sweep() {
	var open []int
	for i, c := range s.table.Cells {
		if c.Primary {
			open = append(open, i)
		}
	}
	s.failed = s.protectAll(open, batch, false)
}

// withhold protects what is left by withholding more, the largest first: what protects
// those protects others beside.
func (s *search) withhold() {
	slices.SortStableFunc(s.failed, func(a, b int) int { return cmp.Compare(s.table.Cells[b].Value, s.table.Cells[a].Value) })
	for s.round = 1; s.round <= 6 && len(s.failed) > 0; s.round++ {
		s.failed = s.protectAll(s.failed, costBatch, true)
		s.o.Attempts *= 2 // more for the few that are left
	}
	s.o.Attempts >>= s.round - 1
	slices.Sort(s.failed)
}

// protectAll seeks moves for cells, in batches, and gives those that it found none for.
func (s *search) protectAll(open []int, size int, paying bool) (failed []int) {
	for chunk := range slices.Chunk(open, size) {
		results := make([]found, len(chunk))
		s.parallel(len(chunk), func(w *walker, k int) { results[k] = s.protect(w, chunk[k], paying, -1) })
		for k, r := range results {
			for _, m := range r.moves {
				s.pay(m)
				s.keep(m, func(int) bool { return true })
			}
			if !r.ok {
				failed = append(failed, chunk[k])
			}
		}
	}
	return failed
}

// parallel calls f for 0 … n−1, each walker every so many.
func (s *search) parallel(n int, f func(w *walker, k int)) {
	var group sync.WaitGroup
	for t, w := range s.walkers {
		group.Go(func() {
			for k := t; k < n; k += len(s.walkers) {
				f(w, k)
			}
		})
	}
	group.Wait()
}

// pay withholds the cells of a move that were to be published.
func (s *search) pay(m move) {
	for _, i := range m.cells {
		s.hold(i, true)
	}
}

// protect seeks the moves that a cell lacks, without the cell avoid. Paying, it may use cells
// that would then be withheld, and takes the cheapest.
func (s *search) protect(w *walker, p int, paying bool, avoid int32) (out found) {
	up, down := s.reached(p)
	value := s.table.Cells[p].Value
	a := s.table.Cells[p].Asked
	a.Below, a.Width = min(a.Below, value), max(a.Width, 1)
	if up >= a.Above && down >= a.Below && up+down >= a.Width {
		return found{ok: true}
	}
	w.random.Seed(s.o.Seed, s.round<<32|uint64(p))
	w.paying, w.avoid = paying, avoid
	take := func(sign, want int64, m move) {
		out.moves = append(out.moves, m)
		if sign > 0 {
			up = want
		} else {
			down = want
		}
	}
	if up < a.Above {
		m, far := s.reach(w, p, 1, a.Above)
		if far < a.Above {
			return out
		}
		take(1, far, m)
	}
	if down < a.Below {
		m, far := s.reach(w, p, -1, a.Below)
		if far < a.Below {
			return out
		}
		take(-1, far, m)
	}
	if up+down >= a.Width {
		out.ok = true
		return out
	}
	m, far := s.reach(w, p, 1, a.Width-down)
	if rest := a.Width - up; rest <= value && (far < a.Width-down || m.cost > 0) {
		if d, fine := s.reach(w, p, -1, rest); fine == rest && (far < a.Width-down || d.cost < m.cost) {
			take(-1, rest, d)
			out.ok = true
			return out
		}
	}
	if far > up {
		take(1, far, m)
	}
	if rest := a.Width - up; rest > down && rest <= value {
		if d, far := s.reach(w, p, -1, rest); far == rest {
			take(-1, far, d)
		}
	}
	out.ok = up+down >= a.Width
	return out
}

// reach moves a cell as far as wanted, in one step or, where none is that large, in several
// behind each other, and says how far it came.
func (s *search) reach(w *walker, p int, sign int8, want int64) (m move, far int64) {
	m, ok := s.best(w, p, sign, want, s.o.Attempts)
	if ok {
		return m, want
	}
	total := move{}
	for step := want / 2; step > 0 && far < want; {
		m, ok := s.best(w, p, sign, min(step, want-far), (s.o.Attempts+1)/2)
		if !ok {
			step /= 2
			continue
		}
		far += min(step, want-far)
		total.cost += m.cost
		for k, i := range m.cells {
			w.moved[i] += m.changes[k]
			w.movedList = append(w.movedList, i)
		}
	}
	if far == 0 {
		return move{}, 0
	}
	return w.take(total), far
}

// best is the cheapest of the moves found for a cell; the first, where nothing is paid.
func (s *search) best(w *walker, p int, sign int8, step int64, attempts int) (best move, ok bool) {
	for k := range attempts {
		w.attempt = k
		cost, closed := w.seek(int32(p), sign, step, best.cost, ok)
		if !closed || ok && cost >= best.cost {
			continue
		}
		best, ok = w.move(step, cost), true
		if cost == 0 {
			break
		}
	}
	return best, ok
}

// republish publishes the secondary cells that nobody needs, the most wanted first.
func (s *search) republish() {
	users := map[int32][]int{}
	s.eachPrimary(func(p int) {
		for _, k := range []int32{s.up[p], s.down[p]} {
			if k < 0 {
				continue
			}
			for _, i := range s.proofs[k].cells {
				if s.secondary(i) {
					users[i] = append(users[i], p)
				}
			}
		}
	})
	var order []int32
	for i := range s.table.Cells {
		if s.secondary(int32(i)) {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(s.table.Cells[b].Priority, s.table.Cells[a].Priority) })
	for _, i := range order {
		s.tryWithout(i, users)
	}
}

func (s *search) secondary(i int32) bool {
	return int(i) < len(s.table.Cells) && s.withheld[i] && !s.table.Cells[i].Primary
}

// tryWithout publishes a secondary cell if all that use it can be protected without it;
// else everything stays as it was.
func (s *search) tryWithout(i int32, users map[int32][]int) {
	needing := slices.Compact(slices.Sorted(slices.Values(users[i])))
	type before struct{ up, down int32 }
	old := make([]before, len(needing))
	known := len(s.proofs)
	back := func() {
		for k, p := range needing {
			s.up[p], s.down[p] = old[k].up, old[k].down
		}
		s.proofs = s.proofs[:known]
	}
	for k, p := range needing {
		old[k] = before{s.up[p], s.down[p]}
	}
	for _, p := range needing {
		if s.uses(s.up[p], i) {
			s.up[p] = -1
		}
		if s.uses(s.down[p], i) {
			s.down[p] = -1
		}
	}
	for _, p := range needing {
		f := s.protect(s.walkers[0], p, false, i)
		if !f.ok {
			back()
			return
		}
		for _, m := range f.moves {
			s.keep(m, func(cell int) bool { _, ok := slices.BinarySearch(needing, cell); return ok })
		}
	}
	s.hold(i, false)
	for _, m := range s.proofs[known:] {
		for _, j := range m.cells {
			if s.secondary(j) {
				users[j] = append(users[j], needing...)
			}
		}
	}
}

func (s *search) uses(proof, cell int32) bool {
	return proof >= 0 && slices.Contains(s.proofs[proof].cells, cell)
}

func (s *search) eachPrimary(f func(p int)) {
	for p, c := range s.table.Cells {
		if c.Primary {
			f(p)
		}
	}
}

func (s *search) result() Suppression {
	n := len(s.table.Cells)
	out := Suppression{Withheld: slices.Clone(s.withheld[:n]), Unprotected: s.failed}
	values := int64(0)
	for i, c := range s.table.Cells {
		if c.Public {
			continue
		}
		out.Loss.Cells++
		values += c.Value
		switch {
		case !s.withheld[i]:
			continue
		case c.Primary:
			out.Loss.Primary++
		default:
			out.Secondary = append(out.Secondary, i)
			out.Loss.Secondary++
			out.Loss.SecondaryValue += c.Value
		}
		out.Loss.Value += c.Value
	}
	if out.Loss.Cells > 0 {
		out.Loss.ShareOfCells = float64(out.Loss.Primary+out.Loss.Secondary) / float64(out.Loss.Cells)
	}
	if values > 0 {
		out.Loss.ShareOfValue = float64(out.Loss.Value) / float64(values)
	}
	used := make([]bool, len(s.proofs))
	s.eachPrimary(func(p int) {
		for _, k := range []int32{s.up[p], s.down[p]} {
			if k >= 0 {
				used[k] = true
			}
		}
	})
	for k, m := range s.proofs {
		if used[k] {
			out.Proofs = append(out.Proofs, m.proof(n))
		}
	}
	return out
}

// walker seeks moves; each thread has its own.
type walker struct {
	*network
	random  rand.PCG
	paying  bool
	avoid   int32
	attempt int
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

// next chooses how to close the relation that has been open longest: by the change that
// closes more relations than it opens, costs least, and opens none that is hard to close.
// Chance, and the weight of the price, differ between attempts.
func (w *walker) next(step int64) (cell int32, sign int8, ok bool) {
	best := math.Inf(1)
	weight := [...]float64{1, 0.3, 2, 0.1, 0.6, 4, 0}[w.attempt%7]
	noise := [...]float64{0.1, 0.5, 1, 2}[w.attempt%4] / (1 << 53)
	r := w.openList[0]
	turn := int8(1)
	if w.open[r] > 0 {
		turn = -1
	}
	for _, e := range w.cellsOf(r) {
		i, s := e.at, turn*e.sign
		if w.in[i] || !w.may(i, s, step) {
			continue
		}
		score := w.opened(i, s) + noise*float64(w.random.Uint64()>>11)
		if !w.has(i) {
			score += weight * w.logPrice[i]
		}
		if score < best {
			best, cell, sign, ok = score, i, s, true
		}
	}
	return cell, sign, ok
}

// may says whether a cell can be changed.
func (w *walker) may(i int32, sign int8, step int64) bool {
	if i == w.avoid || !w.has(i) && (!w.paying || w.price[i] < 0) {
		return false
	}
	return sign > 0 && !w.locked[i] || sign < 0 && w.spare[i]+w.moved[i] >= step
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
