package main

import (
	"container/heap"
	"math/bits"
	"slices"

	"github.com/kankei/kankei/internal/cubetest"
)

// eliminate is secondary suppression by Gaussian elimination, the other side of (i): cells are published in descending order
// of value, each unless a primary cell would become a linear combination of what is published. Every cell is a column
// over the inner cells that it is the sum of; the columns of published cells are pivots, those of primary
// cells are kept reduced by them, and one that becomes zero could be computed. No intervals are
// asked for (after Langsrud 2024, Privacy in Statistical Databases). Arithmetic is modulo 2⁶¹ − 1. It gives the cells
// withheld beside the primary ones.
func eliminate(c cubetest.Cube, primary func(cell int) bool) (secondary []int) {
	columns := columnsOf(c)
	e := elimination{pivotOf: make([]int32, len(c.Values)), work: make([]uint64, len(c.Values)), holders: make([][]int32, len(c.Values))}
	for i := range e.pivotOf {
		e.pivotOf[i] = -1
	}
	var order []int
	for cell, column := range columns {
		switch {
		case len(column) == 0:
		case primary(cell):
			e.protect(column)
		default:
			order = append(order, cell)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(c.Values[b] - c.Values[a]) })
	for _, cell := range order {
		if !e.publish(columns[cell]) {
			secondary = append(secondary, cell)
		}
	}
	return secondary
}

// entry is a number other than 0 in a row of a column.
type entry struct {
	row   int32
	value uint64
}

// columnsOf are the inner cells of each cell, those that are structurally zero left out; a cell has no column where none is left.
func columnsOf(c cubetest.Cube) [][]entry {
	columns := make([][]entry, len(c.Values))
	at := func(r, o, t int) int { return (r*len(c.Origins)+o)*len(c.Types) + t }
	up := func(parents []int, code int) (chain []int) {
		for ; code >= 0; code = parents[code] {
			chain = append(chain, code)
		}
		return chain
	}
	inner := func(parents []int, code int) bool { return !slices.Contains(parents, code) }
	for r := range c.Regions {
		for o := range c.Origins {
			for t := range c.Types {
				row := at(r, o, t)
				if c.Structural[row] || !inner(c.Regions, r) || !inner(c.Origins, o) || !inner(c.Types, t) {
					continue
				}
				for _, R := range up(c.Regions, r) {
					for _, O := range up(c.Origins, o) {
						for _, T := range up(c.Types, t) {
							columns[at(R, O, T)] = append(columns[at(R, O, T)], entry{int32(row), 1})
						}
					}
				}
			}
		}
	}
	return columns
}

type elimination struct {
	pivots  [][]entry // in the order in which they were published, each without the pivot rows of those before, its own first
	pivotOf []int32   // by row, −1 for none
	primary [][]entry // sorted by row, without pivot rows
	holders [][]int32 // by row, the primary columns that may have it
	work    []uint64
}

func (e *elimination) protect(column []entry) {
	for _, x := range column {
		e.holders[x.row] = append(e.holders[x.row], int32(len(e.primary)))
	}
	e.primary = append(e.primary, column)
}

// publish makes a column a pivot, unless a primary column would become zero.
func (e *elimination) publish(column []entry) bool {
	column = e.reduced(column)
	if len(column) == 0 {
		return true // it could be computed already
	}
	pivot := 0
	for k, x := range column {
		if len(e.holders[x.row]) < len(e.holders[column[pivot].row]) {
			pivot = k
		}
	}
	at := column[pivot]
	changed := map[int32][]entry{}
	for _, p := range e.holders[at.row] {
		k, has := slices.BinarySearchFunc(e.primary[p], at.row, func(x entry, row int32) int { return int(x.row - row) })
		if _, done := changed[p]; done || !has {
			continue
		}
		times := multiply(e.primary[p][k].value, inverse(at.value))
		after := minus(e.primary[p], times, column)
		if len(after) == 0 {
			return false
		}
		changed[p] = after
	}
	for p, after := range changed {
		e.primary[p] = after
	}
	for p := range changed {
		for _, x := range column {
			e.holders[x.row] = append(e.holders[x.row], p)
		}
	}
	e.holders[at.row] = nil
	column[0], column[pivot] = column[pivot], column[0]
	e.pivotOf[at.row] = int32(len(e.pivots))
	e.pivots = append(e.pivots, column)
	return true
}

// reduced is a column without the rows of pivots, sorted by row.
func (e *elimination) reduced(column []entry) []entry {
	var queue pivotQueue
	var rows []int32
	add := func(row int32, value uint64) {
		if e.work[row] == 0 {
			rows = append(rows, row)
			if p := e.pivotOf[row]; p >= 0 {
				heap.Push(&queue, p)
			}
		}
		e.work[row] = plus(e.work[row], value)
	}
	for _, x := range column {
		add(x.row, x.value)
	}
	for len(queue) > 0 {
		p := heap.Pop(&queue).(int32)
		pivot := e.pivots[p]
		times := multiply(e.work[pivot[0].row], inverse(pivot[0].value))
		if times == 0 {
			continue
		}
		for _, x := range pivot {
			add(x.row, multiply(prime-times, x.value))
		}
	}
	slices.Sort(rows)
	var out []entry
	for _, row := range slices.Compact(rows) {
		if e.work[row] != 0 {
			out = append(out, entry{row, e.work[row]})
			e.work[row] = 0
		}
	}
	return out
}

// minus is a − times · b, both sorted by row.
func minus(a []entry, times uint64, b []entry) []entry {
	out := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].row < b[0].row:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].row < a[0].row:
			out, b = append(out, entry{b[0].row, multiply(prime-times, b[0].value)}), b[1:]
		default:
			if v := plus(a[0].value, multiply(prime-times, b[0].value)); v != 0 {
				out = append(out, entry{a[0].row, v})
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}

// pivotQueue gives pivots in the order in which they were published.
type pivotQueue []int32

func (q pivotQueue) Len() int           { return len(q) }
func (q pivotQueue) Less(i, j int) bool { return q[i] < q[j] }
func (q pivotQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *pivotQueue) Push(x any)        { *q = append(*q, x.(int32)) }
func (q *pivotQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

const prime = 1<<61 - 1

func plus(a, b uint64) uint64 {
	if a += b; a >= prime {
		a -= prime
	}
	return a
}

func multiply(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return plus((high<<3|low>>61)%prime, low&prime)
}

// inverse is a^(prime − 2).
func inverse(a uint64) uint64 {
	out := uint64(1)
	for k := uint64(prime - 2); k > 0; k >>= 1 {
		if k&1 == 1 {
			out = multiply(out, a)
		}
		a = multiply(a, a)
	}
	return out
}
