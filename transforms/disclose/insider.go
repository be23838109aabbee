package disclose

import "slices"

// convince protects against single contributors. One who knows its own part of the cells can exclude some of the tables by
// which a cell is protected from everybody else: those in which a cell holds less than its own, or another figure though all of it
// is its own. Of each cell those contributors are gathered, and tables are sought that none of them can exclude; where there are
// none, for each of them one that it cannot; and where nothing else helps, more is withheld. So whoever reads, be it one contributor,
// has tables left as far apart as was asked. A cell that is nobody's but the contributor's is not protected from it.
func (s *search) convince() {
	s.unconvinced = map[int][]int32{}
	var open []int
	s.eachPrimary(func(p int) {
		if who := s.excluders(p); len(who) > 0 {
			s.unconvinced[p] = who
			open = append(open, p)
		}
	})
	first, all := s.forget(open), s.unconvinced
	failed := s.failed
	together := s.again(open)
	s.used = make([]bool, len(s.proofs))
	s.eachPrimary(s.use)
	for k, p := range open {
		alone := slices.Contains(together, p)
		if alone && !s.each(p, all[p]) {
			failed = append(failed, p)
		}
		if alone || len(s.excluders(p)) > 0 { // else the second proof is one for everybody
			s.up[p], s.down[p] = first[k][0], first[k][1]
			s.use(p)
		}
	}
	s.failed = slices.Compact(slices.Sorted(slices.Values(failed)))
	s.publishUnused()
}

// again seeks the proofs of cells, and gives those that it finds none for.
func (s *search) again(open []int) (failed []int) {
	s.round = 0
	s.failed = s.protectAll(open, batch, false)
	s.withhold()
	return s.failed
}

// each seeks a proof for each of some contributors apart.
func (s *search) each(p int, who []int32) bool {
	for _, one := range who {
		s.forget([]int{p})
		s.unconvinced = map[int][]int32{p: {one}}
		if len(s.again([]int{p})) > 0 {
			return false
		}
		s.use(p)
	}
	return true
}

// forget takes the proofs of cells away, and gives them.
func (s *search) forget(open []int) (proofs [][2]int32) {
	for _, p := range open {
		proofs = append(proofs, [2]int32{s.up[p], s.down[p]})
		s.up[p], s.down[p] = -1, -1
	}
	return proofs
}

// use marks the proofs that a cell has.
func (s *search) use(p int) {
	s.used = append(s.used, make([]bool, len(s.proofs)-len(s.used))...)
	for _, k := range []int32{s.up[p], s.down[p]} {
		if k >= 0 {
			s.used[k] = true
		}
	}
}

// publishUnused publishes the secondary cells that are in no proof.
func (s *search) publishUnused() {
	needed := make([]bool, len(s.value))
	for k, m := range s.proofs[:len(s.used)] {
		for _, i := range m.cells {
			needed[i] = needed[i] || s.used[k]
		}
	}
	for i := range s.table.Cells {
		if s.secondary(int32(i)) && !needed[i] {
			s.hold(int32(i), false)
		}
	}
}

// excluders are the contributors who can exclude one of the proofs of a cell, in ascending order, but for the one whose own the cell
// is.
func (s *search) excluders(p int) (who []int32) {
	for _, k := range []int32{s.up[p], s.down[p]} {
		if k < 0 {
			continue
		}
		m := s.proofs[k]
		for j, i := range m.cells {
			for _, o := range s.ownOf(i) {
				if s.knows(o, i, m.changes[j]) && !slices.Contains(s.table.Cells[p].Own, Own{o.Who, s.table.Cells[p].Value}) {
					who = append(who, o.Who)
				}
			}
		}
	}
	slices.Sort(who)
	return slices.Compact(who)
}

// known is the least that everybody whom a proof must convince knows a cell to be.
func (s *search) known(p int) int64 {
	least := s.table.Cells[p].Least
	for _, o := range s.table.Cells[p].Own {
		if _, barred := slices.BinarySearch(s.unconvinced[p], o.Who); barred {
			least = max(least, o.Figure)
		}
	}
	return least
}
