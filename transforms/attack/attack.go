// Package attack does to a publication what a reader with time would do: it computes withheld
// figures from what is published. It knows what readers know, the figures shown, how they
// add up and that nobody is counted less than not at all, and shares nothing with the
// package that protects them, so that a mistake there is seen here.
//
//	report, err := attack.Run(publication, attack.Options{})
//	for _, f := range report.Findings { … f.Exact() … f.High − f.Low … }
package attack

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Unbounded is a limit that is not known. Limits and values stay well below it.
const Unbounded = math.MaxInt64 / 4

// Cell is what readers know of a figure, in units of its last digit: it lies from Low to
// High. A figure shown has both equal.
type Cell struct {
	// Name is the same in all publications that speak of the same figure.
	Name      string
	Low, High int64
}

// Shown is a cell with its value.
func Shown(name string, value int64) Cell { return Cell{name, value, value} }

// Withheld is a cell of which only is known that it is not negative.
func Withheld(name string) Cell { return Cell{name, 0, Unbounded} }

// Rounded is a cell shown as a multiple of base, to which it was rounded to the nearest:
// value ± base/2. With any is it by random rounding: value ± (base − 1).
func Rounded(name string, value, base int64, any bool) Cell {
	within := base / 2
	if any {
		within = base - 1
	}
	return Cell{name, max(0, value-within), value + within}
}

// Term is a multiple of a cell, by position.
type Term struct {
	Cell  int
	Times int64
}

// Relation says that Low ≤ Σ Times × cell ≤ High.
type Relation struct {
	Terms     []Term
	Low, High int64
}

// Sum says that a total is the sum of its parts.
func Sum(total int, parts ...int) Relation {
	r := Relation{Terms: []Term{{total, -1}}}
	for _, i := range parts {
		r.Terms = append(r.Terms, Term{i, 1})
	}
	return r
}

// AtMost says that a cell is no more than the sum of others: persons and their visits,
// distinct persons and the sum over municipalities, a rank and the one above.
func AtMost(cell int, others ...int) Relation {
	r := Sum(cell, others...)
	r.High = Unbounded
	return r
}

// Ratio says that over/under is a share shown as shown/scale to the nearest, such as 123/1000:
// |2·scale·over − 2·shown·under| ≤ under.
func Ratio(over, under int, shown, scale int64) []Relation {
	return []Relation{
		{Terms: []Term{{over, 2 * scale}, {under, -1 - 2*shown}}, Low: -Unbounded, High: 0},
		{Terms: []Term{{over, 2 * scale}, {under, 1 - 2*shown}}, Low: 0, High: Unbounded},
	}
}

// Publication is cells and what holds between them.
type Publication struct {
	Cells     []Cell
	Relations []Relation
}

// ErrContradiction is wrapped where no figures agree with what is known: a revised figure
// under the name of the one before, or a relation that does not hold.
var ErrContradiction = errors.New("what is published contradicts itself")

// Merge joins publications: cells of one name are one figure, known as well as the best of
// them tells. Months, thresholds, vintages of boundaries and earlier releases
// are differenced by being merged. A figure that was revised needs a name of its own; else
// Merge returns an error that wraps [ErrContradiction].
func Merge(publications ...Publication) (Publication, error) {
	var out Publication
	at := map[string]int{}
	for _, p := range publications {
		place := make([]int, len(p.Cells))
		for i, c := range p.Cells {
			k, known := at[c.Name]
			if !known {
				k = len(out.Cells)
				at[c.Name] = k
				out.Cells = append(out.Cells, c)
			}
			place[i] = k
			have := &out.Cells[k]
			have.Low, have.High = max(have.Low, c.Low), min(have.High, c.High)
			if have.Low > have.High {
				return Publication{}, fmt.Errorf("%w: %s", ErrContradiction, c.Name)
			}
		}
		for _, r := range p.Relations {
			moved := Relation{Low: r.Low, High: r.High, Terms: slices.Clone(r.Terms)}
			for k := range moved.Terms {
				moved.Terms[k].Cell = place[r.Terms[k].Cell]
			}
			out.Relations = append(out.Relations, moved)
		}
	}
	return out, nil
}

// Options say how much is tried.
type Options struct {
	// Seed is that of the random figures of the rank test.
	Seed uint64
	// Simplex is the greatest number of unknown cells of a linear programme. The programme of a cell
	// takes the relations nearest to it as far as they fit, so that its interval is
	// valid whatever the size, and the narrowest there is where all fit. 0 is none, and intervals are
	// those of propagation.
	Simplex int
	// Only are the cells whose intervals are sought by simplex; nil is all.
	Only []int
}

// How a finding was made.
const (
	ByRank        = "rank"        // the relations determine it
	ByPropagation = "propagation" // sums and what is not negative
	BySimplex     = "simplex"     // a linear programme
	Unknown       = "unknown"     // nothing above what was said of it
)

// Finding is what a reader knows of a cell that was not shown.
type Finding struct {
	Cell      int
	Name      string
	Low, High int64
	By        string
}

// Exact says that the figure is recovered.
func (f Finding) Exact() bool { return f.Low == f.High }

// Report is what was found, a finding for every cell not shown, in their order.
type Report struct {
	Findings []Finding
	// Recovered is how many are exact, ByRank how many of these by the relations alone.
	Recovered, ByRank int
}

// Narrower are the findings whose interval is narrower than asked of the cell.
func (r Report) Narrower(width func(cell int) int64) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.High < Unbounded && f.High-f.Low < width(f.Cell) {
			out = append(out, f)
		}
	}
	return out
}

// Run attacks a publication:
//
//  1. rank: which cells do the equalities determine? ([recover])
//  2. propagation: in each relation a cell lies between what the limits of the others
//     leave, and in whole units, until nothing changes
//  3. simplex: the least and the greatest value of a cell under the relations, each proved by
//     exact arithmetic
//
// It returns an error that wraps [ErrContradiction] where nothing agrees with what is known.
func Run(p Publication, o Options) (Report, error) {
	if err := p.check(); err != nil {
		return Report{}, err
	}
	b := limits{p: p, low: make([]int64, len(p.Cells)), high: make([]int64, len(p.Cells)), by: make([]string, len(p.Cells))}
	for i, c := range p.Cells {
		b.low[i], b.high[i], b.by[i] = c.Low, c.High, Unknown
	}
	values, err := recoverCells(p, o.Seed)
	if err != nil {
		return Report{}, err
	}
	for _, v := range values {
		if err := b.narrow(v.cell, v.value, v.value, ByRank); err != nil {
			return Report{}, err
		}
	}
	if err := b.propagate(); err != nil {
		return Report{}, err
	}
	if o.Simplex > 0 {
		if err := b.simplex(o); err != nil {
			return Report{}, err
		}
	}
	return b.report(), nil
}

func (p Publication) check() error {
	for i, c := range p.Cells {
		if c.Low > c.High {
			return fmt.Errorf("%w: cell %d (%s) from %d to %d", ErrContradiction, i, c.Name, c.Low, c.High)
		}
	}
	for k, r := range p.Relations {
		for _, t := range r.Terms {
			if t.Cell < 0 || t.Cell >= len(p.Cells) || t.Times == 0 {
				return fmt.Errorf("relation %d: %d times cell %d: %w", k, t.Times, t.Cell, ErrContradiction)
			}
		}
	}
	return nil
}

func (b *limits) report() Report {
	var r Report
	for i, c := range b.p.Cells {
		if c.Low == c.High {
			continue
		}
		f := Finding{Cell: i, Name: c.Name, Low: b.low[i], High: b.high[i], By: b.by[i]}
		if f.Exact() {
			r.Recovered++
			if f.By == ByRank {
				r.ByRank++
			}
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}
