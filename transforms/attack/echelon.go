package attack

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// prime is the modulus of the rank test, 2⁶¹ − 1. A cell that the relations do not determine
// passes for determined with probability 1/prime, by equal random figures; the reverse
// needs a minor of the relations that is a multiple of the prime.
const prime = 1<<61 - 1

func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return plus(low&prime, low>>61|high<<3)
}

func plus(a, b uint64) uint64 {
	s := a + b
	s = s&prime + s>>61
	if s >= prime {
		s -= prime
	}
	return s
}

func minus(a, b uint64) uint64 { return plus(a, prime-b) }

func inverse(a uint64) uint64 {
	out := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			out = times(out, a)
		}
		a = times(a, a)
	}
	return out
}

// residue is an integer modulo prime.
func residue(v int64) uint64 {
	if v < 0 {
		return minus(0, residue(-v))
	}
	return uint64(v) % prime
}

// number is the integer nearest to 0 of a residue.
func number(r uint64) int64 {
	if r > prime/2 {
		return -int64(prime - r)
	}
	return int64(r)
}

// recovered is a cell that the equalities determine.
type recovered struct {
	cell  int
	value int64
}

// recoverCells finds the cells that the equalities among cells determine, and their values.
// Two solutions with random values of what is free agree at a cell if and only if
// it is determined, but for chance. A determined figure that is no integer below 2⁶⁰ is
// given back as none: figures are whole.
func recoverCells(p Publication, seed uint64) ([]recovered, error) {
	e := newEchelon(p)
	if err := e.eliminate(); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 61))
	first, second := e.solution(random), e.solution(random)
	var out []recovered
	for j, cell := range e.cells {
		if first[j] == second[j] {
			out = append(out, recovered{cell, number(first[j])})
		}
	}
	return out, nil
}

// echelon is the equalities over the unknown cells, Σ factor × column = right, on their way to
// row echelon form. Rows are taken in order of their length and pivots in order of how few
// rows have their column (Markowitz 1957), so that what is local stays local.
type echelon struct {
	cells []int // of each column
	rows  []row
	// in are the rows that a column was ever in, count those that it is in.
	in     [][]int32
	count  []int32
	done   []bool
	pivots []pivot
	// byLength are rows by their length when they were put there.
	byLength [][]int32
	spare    []factor
}

type row struct {
	factors []factor // by ascending column
	right   uint64
}

type factor struct {
	column int32
	by     uint64
}

// pivot is a row solved for a column.
type pivot struct {
	row    int32
	column int32
}

func newEchelon(p Publication) *echelon {
	e := &echelon{}
	column := make([]int32, len(p.Cells))
	for i, c := range p.Cells {
		column[i] = -1
		if c.Low < c.High {
			column[i] = int32(len(e.cells))
			e.cells = append(e.cells, i)
		}
	}
	e.in, e.count = make([][]int32, len(e.cells)), make([]int32, len(e.cells))
	for _, r := range p.Relations {
		if r.Low != r.High {
			continue
		}
		x := row{right: residue(r.Low)}
		for _, t := range r.Terms {
			if k := column[t.Cell]; k >= 0 {
				x.factors = append(x.factors, factor{k, residue(t.Times)})
			} else {
				x.right = minus(x.right, times(residue(t.Times), residue(p.Cells[t.Cell].Low)))
			}
		}
		x.factors = joined(x.factors)
		at := int32(len(e.rows))
		for _, f := range x.factors {
			e.in[f.column] = append(e.in[f.column], at)
			e.count[f.column]++
		}
		e.rows = append(e.rows, x)
		e.put(at)
	}
	e.done = make([]bool, len(e.rows))
	return e
}

// joined sorts factors and adds those of one column.
func joined(all []factor) []factor {
	slices.SortFunc(all, func(a, b factor) int { return int(a.column - b.column) })
	out := all[:0]
	for _, f := range all {
		if n := len(out); n > 0 && out[n-1].column == f.column {
			out[n-1].by = plus(out[n-1].by, f.by)
			continue
		}
		out = append(out, f)
	}
	return slices.DeleteFunc(out, func(f factor) bool { return f.by == 0 })
}

func (e *echelon) put(at int32) {
	n := len(e.rows[at].factors)
	for len(e.byLength) <= n {
		e.byLength = append(e.byLength, nil)
	}
	e.byLength[n] = append(e.byLength[n], at)
}

// shortest takes the shortest row that is not done, −1 if there is none.
func (e *echelon) shortest() int32 {
	for n := 0; n < len(e.byLength); n++ {
		for len(e.byLength[n]) > 0 {
			at := e.byLength[n][0]
			e.byLength[n] = e.byLength[n][1:]
			if !e.done[at] && len(e.rows[at].factors) == n {
				return at
			}
		}
	}
	return -1
}

func (e *echelon) eliminate() error {
	for at := e.shortest(); at >= 0; at = e.shortest() {
		e.done[at] = true
		r := e.rows[at]
		if len(r.factors) == 0 {
			if r.right != 0 {
				return fmt.Errorf("%w: a sum misses its total by %d", ErrContradiction, number(r.right))
			}
			continue
		}
		best := r.factors[0]
		for _, f := range r.factors {
			e.count[f.column]--
			if e.count[f.column] < e.count[best.column] {
				best = f
			}
		}
		e.pivots = append(e.pivots, pivot{at, best.column})
		negative := minus(0, inverse(best.by))
		for _, other := range e.in[best.column] {
			if e.done[other] {
				continue
			}
			if by, ok := find(e.rows[other].factors, best.column); ok {
				e.addTo(other, r, times(by, negative))
			}
		}
		e.in[best.column] = nil
	}
	return nil
}

func find(factors []factor, column int32) (uint64, bool) {
	k, ok := slices.BinarySearchFunc(factors, column, func(f factor, c int32) int { return int(f.column - c) })
	if !ok {
		return 0, false
	}
	return factors[k].by, true
}

// addTo adds a multiple of a row to another.
func (e *echelon) addTo(at int32, r row, by uint64) {
	a, b := e.rows[at].factors, r.factors
	out := e.spare[:0]
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].column < b[0].column:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].column < a[0].column:
			out = append(out, factor{b[0].column, times(by, b[0].by)})
			e.in[b[0].column] = append(e.in[b[0].column], at)
			e.count[b[0].column]++
			b = b[1:]
		default:
			if sum := plus(a[0].by, times(by, b[0].by)); sum != 0 {
				out = append(out, factor{a[0].column, sum})
			} else {
				e.count[a[0].column]--
			}
			a, b = a[1:], b[1:]
		}
	}
	e.spare, e.rows[at].factors = e.rows[at].factors[:0], out
	e.rows[at].right = plus(e.rows[at].right, times(by, r.right))
	e.put(at)
}

// solution is one solution, with random values of the free columns.
func (e *echelon) solution(random *rand.Rand) []uint64 {
	x := make([]uint64, len(e.cells))
	for j := range x {
		x[j] = random.Uint64N(prime)
	}
	for _, p := range slices.Backward(e.pivots) {
		r := e.rows[p.row]
		sum, own := r.right, uint64(0)
		for _, f := range r.factors {
			if f.column == p.column {
				own = f.by
				continue
			}
			sum = minus(sum, times(f.by, x[f.column]))
		}
		x[p.column] = times(sum, inverse(own))
	}
	return x
}
