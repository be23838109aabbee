package attack

import "fmt"

// limits are what is known of each cell so far, and by what.
type limits struct {
	p         Publication
	low, high []int64
	by        []string
	touched   []int // cells narrowed since their relations were last looked at
}

// narrow takes what was learnt of a cell.
func (b *limits) narrow(cell int, low, high int64, by string) error {
	changed := false
	if low > b.low[cell] {
		b.low[cell], changed = low, true
	}
	if high < b.high[cell] {
		b.high[cell], changed = high, true
	}
	if b.low[cell] > b.high[cell] {
		return fmt.Errorf("%w: %s would lie from %d to %d", ErrContradiction, b.p.Cells[cell].Name, b.low[cell], b.high[cell])
	}
	if changed {
		b.by[cell] = by
		b.touched = append(b.touched, cell)
	}
	return nil
}

// rounds is how often, on average, each relation is looked at before propagation ends. It
// would end by itself, but can close in on a limit by one unit at a time.
const rounds = 60

// propagate narrows cells by one relation after the other until nothing changes.
func (b *limits) propagate() error {
	of := make([][]int32, len(b.p.Cells))
	var queue []int32
	waiting := make([]bool, len(b.p.Relations))
	for k, r := range b.p.Relations {
		for _, t := range r.Terms {
			of[t.Cell] = append(of[t.Cell], int32(k))
		}
		queue = append(queue, int32(k))
		waiting[k] = true
	}
	b.touched = b.touched[:0]
	for looked := 0; len(queue) > 0 && looked < rounds*len(b.p.Relations); looked++ {
		k := queue[0]
		queue = queue[1:]
		waiting[k] = false
		if err := b.within(b.p.Relations[k]); err != nil {
			return err
		}
		for _, cell := range b.touched {
			for _, other := range of[cell] {
				if !waiting[other] {
					waiting[other] = true
					queue = append(queue, other)
				}
			}
		}
		b.touched = b.touched[:0]
	}
	return nil
}

// within narrows the cells of a relation: Times × cell lies between Low less the most that
// the others can be and High less the least.
func (b *limits) within(r Relation) error {
	var least, most sum
	for _, t := range r.Terms {
		lo, hi := b.term(t)
		least.add(lo)
		most.add(hi)
	}
	for _, t := range r.Terms {
		lo, hi := b.term(t)
		from, to := int64(-Unbounded), int64(Unbounded)
		if others, ok := most.without(hi); ok && r.Low > -Unbounded {
			from = r.Low - others
		}
		if others, ok := least.without(lo); ok && r.High < Unbounded {
			to = r.High - others
		}
		if t.Times < 0 {
			from, to = -to, -from
		}
		n := max(t.Times, -t.Times)
		if from > -Unbounded {
			from = -floorDiv(-from, n)
		}
		if to < Unbounded {
			to = floorDiv(to, n)
		}
		if err := b.narrow(t.Cell, from, to, ByPropagation); err != nil {
			return err
		}
	}
	return nil
}

// term is the least and the greatest a term can be.
func (b *limits) term(t Term) (low, high int64) {
	low, high = scaled(b.low[t.Cell], t.Times), scaled(b.high[t.Cell], t.Times)
	return min(low, high), max(low, high)
}

func scaled(v, by int64) int64 {
	if v >= Unbounded || v <= -Unbounded {
		if (v > 0) == (by > 0) {
			return Unbounded
		}
		return -Unbounded
	}
	return v * by
}

// sum is a sum of limits, some of which may be unknown.
type sum struct {
	known   int64
	unknown int
}

func (s *sum) add(v int64) {
	if v >= Unbounded || v <= -Unbounded {
		s.unknown++
		return
	}
	s.known += v
}

// without is the sum without one of its terms, if it is known.
func (s sum) without(v int64) (int64, bool) {
	if v >= Unbounded || v <= -Unbounded {
		return s.known, s.unknown == 1
	}
	return s.known - v, s.unknown == 0
}

func floorDiv(a, n int64) int64 {
	q := a / n
	if a%n != 0 && a < 0 {
		q--
	}
	return q
}
