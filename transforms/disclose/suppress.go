package disclose

import (
	"cmp"
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
	s.convince()
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
	// used says which proofs are given, unconvinced are the contributors whom those of a cell say nothing.
	used        []bool
	unconvinced map[int][]int32
	walkers     []*walker
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
	return s.spare[m.cells[0]]+m.changes[0] < 0
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
				s.keep(m, func(cell int) bool { return s.unconvinced == nil || cell == chunk[k] })
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
	value := s.table.Cells[p].Value - s.known(p) // how far it may fall
	a := s.table.Cells[p].Asked
	a.Below, a.Width = min(a.Below, value), max(a.Width, 1)
	if up >= a.Above && down >= a.Below && up+down >= a.Width {
		return found{ok: true}
	}
	w.random.Seed(s.o.Seed, s.round<<32|uint64(p))
	w.paying, w.avoid, w.late, w.barred = paying, avoid, min(s.round/2, 3), s.unconvinced[p]
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
		w.attempt, w.scarce = k, k%8 != 7
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
		if !s.tryWithout(i, users, false) && s.price[i] >= dear {
			s.exchange(i, users)
		}
	}
}

// exchange withholds cheaper cells for a secondary one, where that can be.
func (s *search) exchange(i int32, users map[int32][]int) {
	attempts := s.o.Attempts
	for s.round = 1; s.round <= 5; s.round += 2 {
		if s.tryWithout(i, users, true) {
			break
		}
		s.o.Attempts *= 2
	}
	s.o.Attempts = attempts
}

// dear is the price from which a secondary cell is exchanged for cheaper ones, where that can be.
const dear = 50

func (s *search) secondary(i int32) bool {
	return int(i) < len(s.table.Cells) && s.withheld[i] && !s.table.Cells[i].Primary
}

// tryWithout publishes a secondary cell if all that use it can be protected without it, paying by
// withholding others that together are cheaper; else everything stays as it was.
func (s *search) tryWithout(i int32, users map[int32][]int, paying bool) bool {
	needing := slices.Compact(slices.Sorted(slices.Values(users[i])))
	type before struct{ up, down int32 }
	old := make([]before, len(needing))
	known := len(s.proofs)
	for k, p := range needing {
		old[k] = before{s.up[p], s.down[p]}
		if s.uses(s.up[p], i) {
			s.up[p] = -1
		}
		if s.uses(s.down[p], i) {
			s.down[p] = -1
		}
	}
	paid, ok := s.without(i, needing, paying)
	if !ok {
		for k, p := range needing {
			s.up[p], s.down[p] = old[k].up, old[k].down
		}
		for _, j := range paid {
			s.hold(j, false)
		}
		s.proofs = s.proofs[:known]
		return false
	}
	s.hold(i, false)
	for _, m := range s.proofs[known:] {
		for _, j := range m.cells {
			if s.secondary(j) {
				users[j] = append(users[j], needing...)
			}
		}
	}
	return true
}

// without protects cells without another one, and gives the cells withheld for it, which are cheaper.
func (s *search) without(i int32, needing []int, paying bool) (paid []int32, ok bool) {
	left := s.price[i]
	for _, p := range needing {
		f := s.protect(s.walkers[0], p, paying, i)
		if !f.ok {
			return paid, false
		}
		for _, m := range f.moves {
			for _, j := range m.cells {
				if !s.withheld[j] {
					left -= s.price[j]
					paid = append(paid, j)
					s.hold(j, true)
				}
			}
			s.keep(m, func(cell int) bool { _, ok := slices.BinarySearch(needing, cell); return ok })
		}
		if left <= 0 {
			return paid, false
		}
	}
	return paid, true
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
