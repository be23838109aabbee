package attack

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// simplex narrows the cells that are not shown by linear programmes: the greatest and the
// least value of each under the relations near it. A bound is taken only as proved in
// exact arithmetic from the multipliers of the programme (weak duality), so that rounding in
// the simplex can cost width, never truth.
func (b *limits) simplex(o Options) error {
	targets := o.Only
	if targets == nil {
		for i, c := range b.p.Cells {
			if c.Low < c.High {
				targets = append(targets, i)
			}
		}
	}
	near := newNeighbourhood(b.p)
	for _, cell := range targets {
		if b.low[cell] == b.high[cell] {
			continue
		}
		relations := near.around(b, cell, o.Simplex)
		for _, sign := range []int64{1, -1} {
			bound, ok := b.greatest(relations, cell, sign)
			var err error
			switch {
			case ok && sign > 0:
				err = b.narrow(cell, b.low[cell], bound, BySimplex)
			case ok:
				err = b.narrow(cell, -bound, b.high[cell], BySimplex)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// neighbourhood finds the relations near a cell.
type neighbourhood struct {
	p       Publication
	of      [][]int32
	reached []bool
	have    []bool
}

func newNeighbourhood(p Publication) *neighbourhood {
	n := &neighbourhood{p: p, of: make([][]int32, len(p.Cells)), reached: make([]bool, len(p.Cells)), have: make([]bool, len(p.Relations))}
	for k, r := range p.Relations {
		for _, t := range r.Terms {
			n.of[t.Cell] = append(n.of[t.Cell], int32(k))
		}
	}
	return n
}

// around gives relations in order of their distance from a cell, as long as the unknown
// cells in them are no more than most.
func (n *neighbourhood) around(b *limits, cell, most int) []Relation {
	var out []Relation
	var taken []int32
	cells := []int{cell}
	n.reached[cell] = true
	for at := 0; at < len(cells); at++ {
		for _, k := range n.of[cells[at]] {
			if n.have[k] {
				continue
			}
			var fresh []int
			for _, t := range n.p.Relations[k].Terms {
				if b.low[t.Cell] < b.high[t.Cell] && !n.reached[t.Cell] {
					fresh = append(fresh, t.Cell)
				}
			}
			if len(cells)+len(fresh) > most {
				continue
			}
			for _, i := range fresh {
				n.reached[i] = true
			}
			n.have[k] = true
			taken = append(taken, k)
			cells = append(cells, fresh...)
			out = append(out, n.p.Relations[k])
		}
	}
	for _, i := range cells {
		n.reached[i] = false
	}
	for _, k := range taken {
		n.have[k] = false
	}
	return out
}

// greatest is a proved upper limit of sign × cell under relations, in whole units.
func (b *limits) greatest(relations []Relation, cell int, sign int64) (int64, bool) {
	l, columns := b.programme(relations)
	at := slices.Index(columns, cell)
	if at < 0 {
		return 0, false // in no relation
	}
	multipliers, err := l.maximise(at, float64(sign))
	if err != nil {
		return 0, false
	}
	return b.proved(relations, cell, sign, multipliers)
}

// proved evaluates what multipliers y of the relations prove,
//
//	c'x = Σ_k y_k (a_k'x) + Σ_j (c_j − Σ_k y_k a_kj) x_j ≤ the same with every factor at its limit,
//
// in rational numbers, and rounds down, for figures are whole.
func (b *limits) proved(relations []Relation, cell int, sign int64, multipliers []float64) (int64, bool) {
	total := new(big.Rat)
	rest := map[int]*big.Rat{cell: big.NewRat(sign, 1)}
	order := []int{cell}
	for k, r := range relations {
		y := rational(multipliers[k])
		if y.Sign() == 0 {
			continue
		}
		limit := r.High
		if y.Sign() < 0 {
			limit = r.Low
		}
		if limit >= Unbounded || limit <= -Unbounded {
			return 0, false
		}
		total.Add(total, new(big.Rat).Mul(y, big.NewRat(limit, 1)))
		for _, t := range r.Terms {
			if rest[t.Cell] == nil {
				rest[t.Cell] = new(big.Rat)
				order = append(order, t.Cell)
			}
			rest[t.Cell].Sub(rest[t.Cell], new(big.Rat).Mul(y, big.NewRat(t.Times, 1)))
		}
	}
	for _, i := range order {
		limit := b.high[i]
		switch rest[i].Sign() {
		case 0:
			continue
		case -1:
			limit = b.low[i]
		}
		if limit >= Unbounded || limit <= -Unbounded {
			return 0, false
		}
		total.Add(total, new(big.Rat).Mul(rest[i], big.NewRat(limit, 1)))
	}
	// The quotient of Euclidean division by a positive number is the floor.
	whole := new(big.Int).Div(total.Num(), total.Denom())
	return whole.Int64(), whole.IsInt64()
}

// rational is the fraction with a denominator of 5040, the least that all of 1 … 10 divide,
// where one is near, and else the number itself. Any multiplier proves something; the one meant
// proves most.
func rational(v float64) *big.Rat {
	if n := math.Round(v * 5040); math.Abs(v*5040-n) < 1e-3 {
		return big.NewRat(int64(n), 5040)
	}
	return new(big.Rat).SetFloat64(v)
}

// programme is the relations with a slack each, Σ a_kj x_j − s_k = 0, L_k ≤ s_k ≤ H_k, as a
// tableau whose first basis is the slacks. Cells shown are columns of no width.
func (b *limits) programme(relations []Relation) (*tableau, []int) {
	var columns []int
	at := map[int]int{}
	for _, r := range relations {
		for _, t := range r.Terms {
			if _, known := at[t.Cell]; !known {
				at[t.Cell] = len(columns)
				columns = append(columns, t.Cell)
			}
		}
	}
	l := &tableau{n: len(columns)}
	for _, i := range columns {
		l.low, l.high = append(l.low, finite(b.low[i])), append(l.high, finite(b.high[i]))
	}
	for k, r := range relations {
		line := make([]float64, len(columns)+len(relations))
		for _, t := range r.Terms {
			line[at[t.Cell]] += float64(t.Times)
		}
		l.a = append(l.a, line)
		l.basis = append(l.basis, len(columns)+k)
		l.low, l.high = append(l.low, finite(r.Low)), append(l.high, finite(r.High))
	}
	l.start()
	return l, columns
}

func finite(v int64) float64 {
	switch {
	case v >= Unbounded:
		return math.Inf(1)
	case v <= -Unbounded:
		return math.Inf(-1)
	}
	return float64(v)
}

// tableau is a linear programme with bounded variables in dictionary form: each basic
// variable is Σ a_kj x_j over those that are not basic, which stand at a bound.
type tableau struct {
	n         int // variables that are no slacks
	a         [][]float64
	basis     []int
	isBasic   []bool
	low, high []float64
	x         []float64
}

var (
	errSteps      = errors.New("too many steps")
	errInfeasible = errors.New("nothing is feasible")
	errUnbounded  = errors.New("no limit")
)

// tolerance of the tableau; figures are integers and multipliers small fractions.
const tolerance = 1e-7

func (l *tableau) start() {
	l.x, l.isBasic = make([]float64, len(l.low)), make([]bool, len(l.low))
	for j := range l.n {
		switch {
		case !math.IsInf(l.low[j], 0):
			l.x[j] = l.low[j]
		case !math.IsInf(l.high[j], 0):
			l.x[j] = l.high[j]
		}
	}
	for _, j := range l.basis {
		l.isBasic[j] = true
	}
	l.evaluate()
}

// evaluate sets the basic variables from the others.
func (l *tableau) evaluate() {
	for k, line := range l.a {
		sum := 0.0
		for j, by := range line {
			if by != 0 && !l.isBasic[j] {
				sum += by * l.x[j]
			}
		}
		l.x[l.basis[k]] = sum
	}
}

// maximise gives the multipliers of the relations at the greatest value of sign × variable.
func (l *tableau) maximise(variable int, sign float64) ([]float64, error) {
	for step := 0; ; step++ {
		if step > 50*(len(l.a)+20) {
			return nil, errSteps
		}
		cost, outside := l.infeasibility()
		if !outside {
			cost = l.objective(variable, sign)
		}
		j, direction := l.entering(cost)
		if j < 0 && outside {
			return nil, errInfeasible
		}
		if j < 0 {
			// Of a slack s_k = a_k'x at its limit the reduced cost is the multiplier of the relation.
			return cost[l.n:], nil
		}
		if !l.step(j, direction) {
			return nil, errUnbounded
		}
	}
}

// infeasibility is the slope of the sum of what basic variables miss their bounds by, with
// the sign of a gain.
func (l *tableau) infeasibility() (slope []float64, outside bool) {
	for k, basic := range l.basis {
		sign := 0.0
		switch {
		case l.x[basic] < l.low[basic]-tolerance:
			sign = 1
		case l.x[basic] > l.high[basic]+tolerance:
			sign = -1
		default:
			continue
		}
		if slope == nil {
			slope = make([]float64, len(l.x))
		}
		for j, by := range l.a[k] {
			slope[j] += sign * by
		}
	}
	return slope, slope != nil
}

// objective is the slope of sign × variable.
func (l *tableau) objective(variable int, sign float64) []float64 {
	slope := make([]float64, len(l.x))
	k := slices.Index(l.basis, variable)
	if k < 0 {
		slope[variable] = sign
		return slope
	}
	for j, by := range l.a[k] {
		slope[j] = sign * by
	}
	return slope
}

// entering is the first variable that can change to the better, after Bland (1977): it never
// cycles.
func (l *tableau) entering(slope []float64) (j int, direction float64) {
	for j, s := range slope {
		if l.isBasic[j] || l.low[j] == l.high[j] {
			continue
		}
		if s > tolerance && l.x[j] < l.high[j] {
			return j, 1
		}
		if s < -tolerance && l.x[j] > l.low[j] {
			return j, -1
		}
	}
	return -1, 0
}

// step moves a variable until it, or a basic one, meets a bound; it says whether one does. A
// basic variable outside its bounds may go to the near one and stop there.
func (l *tableau) step(j int, direction float64) bool {
	length, leaving := l.high[j]-l.low[j], -1
	target := 0.0
	for k, basic := range l.basis {
		rate := direction * l.a[k][j]
		if math.Abs(rate) < 1e-9 {
			continue
		}
		bound := l.meets(basic, rate)
		if math.IsInf(bound, 0) {
			continue
		}
		at := max(0, (bound-l.x[basic])/rate)
		if at < length-1e-12 || leaving >= 0 && at <= length && basic < l.basis[leaving] {
			length, leaving, target = at, k, bound
		}
	}
	if math.IsInf(length, 0) {
		return false
	}
	l.x[j] += direction * length
	if leaving < 0 {
		l.x[j] = l.high[j]
		if direction < 0 {
			l.x[j] = l.low[j]
		}
		l.evaluate()
		return true
	}
	l.x[l.basis[leaving]] = target
	l.pivot(leaving, j)
	l.evaluate()
	return true
}

// meets is the bound that a basic variable meets first when it changes at a rate.
func (l *tableau) meets(basic int, rate float64) float64 {
	x, low, high := l.x[basic], l.low[basic], l.high[basic]
	switch {
	case rate > 0 && x < low-tolerance:
		return low
	case rate > 0 && x > high+tolerance:
		return math.Inf(1) // it is outside already and counted
	case rate > 0:
		return high
	case x > high+tolerance:
		return high
	case x < low-tolerance:
		return math.Inf(-1)
	}
	return low
}

// pivot exchanges a basic variable for one that is not.
func (l *tableau) pivot(k, j int) {
	line, out := l.a[k], l.basis[k]
	by := line[j]
	line[j] = 0
	for i := range line {
		line[i] /= -by
	}
	line[out] = 1 / by
	for other, to := range l.a {
		f := to[j]
		if other == k || f == 0 {
			continue
		}
		to[j] = 0
		for i, v := range line {
			if v != 0 {
				to[i] += f * v
			}
		}
	}
	l.basis[k] = j
	l.isBasic[out], l.isBasic[j] = false, true
}

// String is for messages of tests.
func (f Finding) String() string {
	return fmt.Sprintf("%s in [%d, %d] by %s", f.Name, f.Low, f.High, f.By)
}
