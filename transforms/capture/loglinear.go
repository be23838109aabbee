package capture

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Histories counts persons by the lists, or the occasions, that they were seen on.
type Histories struct {
	// Lists are the names of the lists, in the order of time where they are occasions.
	Lists []string
	// Counts has 2^K cells for K lists: Counts[h] persons are on list k where bit k
	// of h is set, and on no other. Counts[0], of those on no list, is 0.
	Counts []float64
}

// mostLists bounds the number of lists: 255 cells.
const mostLists = 8

// NewHistories counts persons by their lists: one row per person, true where the
// person is on the list. It is an error where a row has another length, or somebody is on
// no list.
func NewHistories(lists []string, rows [][]bool) (Histories, error) {
	h := Histories{Lists: lists}
	if len(lists) > mostLists {
		return h, h.check(2)
	}
	h.Counts = make([]float64, 1<<len(lists))
	for i, row := range rows {
		if len(row) != len(lists) {
			return h, fmt.Errorf("histories: person %d has %d marks for %d lists: give one for each list", i+1, len(row), len(lists))
		}
		cell := 0
		for k, on := range row {
			if on {
				cell |= 1 << k
			}
		}
		if cell == 0 {
			return h, fmt.Errorf("histories: person %d is on no list: only persons seen are counted", i+1)
		}
		h.Counts[cell]++
	}
	return h, h.check(2)
}

// Seen is the number of distinct persons.
func (h Histories) Seen() float64 {
	var n float64
	for _, v := range h.Counts {
		n += v
	}
	return n
}

// OnAll is the number of persons who are on all lists of a set, whatever others they
// are on: bit k of the set is list k.
func (h Histories) OnAll(set int) float64 {
	var n float64
	for cell, v := range h.Counts {
		if cell&set == set {
			n += v
		}
	}
	return n
}

// Frequencies are the persons by the number of their lists.
func (h Histories) Frequencies() Frequencies {
	f := make(Frequencies, len(h.Lists))
	for cell, v := range h.Counts[1:] {
		f[bits.OnesCount(uint(cell+1))-1] += v
	}
	return f
}

// check refuses what are no histories of at least so many lists.
func (h Histories) check(least int) error {
	k := len(h.Lists)
	if k < least || k > mostLists {
		return fmt.Errorf("histories of %d lists: give %d to %d", k, least, mostLists)
	}
	if len(h.Counts) != 1<<k {
		return fmt.Errorf("histories of %d lists have %d cells: there are %d, the first for persons on no list", k, len(h.Counts), 1<<k)
	}
	for i, name := range h.Lists {
		if name == "" || slices.Contains(h.Lists[:i], name) {
			return fmt.Errorf("histories: list %d is named %q: each list has a name of its own", i+1, name)
		}
	}
	for cell, v := range h.Counts {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("histories: %v persons on %s: give numbers of at least 0", v, h.name(cell))
		}
	}
	if h.Counts[0] != 0 {
		return fmt.Errorf("histories: %v persons on no list: only persons seen are counted", h.Counts[0])
	}
	for i, name := range h.Lists {
		if h.OnAll(1<<i) == 0 {
			return fmt.Errorf("histories: nobody is on list %s: leave it out", name)
		}
	}
	return nil
}

// name is that of a set of lists.
func (h Histories) name(set int) string {
	var names []string
	for i, name := range h.Lists {
		if set>>i&1 == 1 {
			names = append(names, name)
		}
	}
	if names == nil {
		return "no list"
	}
	return strings.Join(names, "*")
}

// loglinear is a Poisson regression of counts with the logarithm as its link.
type loglinear struct {
	coefficients []float64
	fitted       []float64
	covariance   *mat.SymDense
	deviance     float64
	// logLikelihood is Σ y ln μ − μ − ln y!.
	logLikelihood float64
}

// Why a Poisson regression has no maximum that can be used.
var (
	errInfinite = errors.New("the likelihood has no finite maximum: a fitted number runs to 0")
	errFlat     = errors.New("the likelihood is flat at its top: the counts do not tell all parameters")
	errEndless  = errors.New("no end after 100 steps")
)

const (
	// worstCondition is the condition number of a scaled information matrix beyond
	// which parameters are not told apart.
	worstCondition = 1e12
	// vanishing is a fitted number of persons that is none.
	vanishing = 1e-7
)

// fitLoglinear maximises Σ y ln μ − μ, ln μ = x'β, by iteratively reweighted least
// squares, each step being the solution of
//
//	X'WX β = X'W z,  W = diag(μ),  z = Xβ + (y − μ)/μ
//
// halved as long as the deviance rises. It begins at start, or at μ = y + 0.1 where start
// is nil, and ends when no coefficient moves by more than 1e-10 of itself: where a
// coefficient runs to infinity the deviance settles, and the coefficient does not.
func fitLoglinear(x [][]float64, y, start []float64) (loglinear, error) {
	m := loglinear{coefficients: slices.Clone(start), fitted: make([]float64, len(y))}
	if len(y) < len(x[0]) {
		return m, fmt.Errorf("%d cells for %d parameters: %w", len(y), len(x[0]), errFlat)
	}
	z := make([]float64, len(y))
	if start == nil {
		for i, v := range y {
			m.fitted[i] = v + 0.1
			z[i] = math.Log(m.fitted[i]) - 0.1/m.fitted[i]
		}
		beta, err := weighted(x, m.fitted, z)
		if err != nil {
			return m, err
		}
		m.coefficients = beta
	}
	m.evaluate(x, y)
	for i := range 100 {
		for i, v := range y {
			z[i] = math.Log(m.fitted[i]) + (v-m.fitted[i])/m.fitted[i]
		}
		beta, err := weighted(x, m.fitted, z)
		if err != nil {
			return m, m.because(y, err)
		}
		moved := m.step(x, y, beta)
		if moved < 1e-10 {
			return m, m.finish(x, y)
		}
		if i > 30 && m.because(y, nil) != nil {
			return m, errInfinite
		}
	}
	return m, m.because(y, errEndless)
}

// because names the vanishing of a cell as the reason, where one vanishes.
func (m *loglinear) because(y []float64, err error) error {
	for i, v := range m.fitted {
		if y[i] == 0 && v < vanishing {
			return errInfinite
		}
	}
	return err
}

// step moves towards new coefficients, by halves where they are worse, and is the
// greatest relative move.
func (m *loglinear) step(x [][]float64, y, to []float64) float64 {
	before, from := m.deviance, slices.Clone(m.coefficients)
	for range 30 {
		m.coefficients = slices.Clone(to)
		m.evaluate(x, y)
		if m.deviance <= before+1e-9*(1+math.Abs(before)) {
			break
		}
		for a := range to {
			to[a] = (to[a] + from[a]) / 2
		}
	}
	moved := 0.0
	for a, b := range m.coefficients {
		moved = max(moved, math.Abs(b-from[a])/(1+math.Abs(b)))
	}
	return moved
}

// evaluate computes fitted numbers and deviance; it is infinite where a number overflows.
func (m *loglinear) evaluate(x [][]float64, y []float64) {
	m.deviance = 0
	for i, v := range y {
		eta := dot(x[i], m.coefficients)
		m.fitted[i] = math.Exp(eta)
		m.deviance += 2 * (m.fitted[i] - v)
		if v > 0 {
			m.deviance += 2 * v * (math.Log(v) - eta)
		}
	}
	if math.IsNaN(m.deviance) {
		m.deviance = math.Inf(1)
	}
}

func (m *loglinear) finish(x [][]float64, y []float64) error {
	for i, v := range y {
		factorial, _ := math.Lgamma(v + 1)
		m.logLikelihood += v*dot(x[i], m.coefficients) - m.fitted[i] - factorial
	}
	information := weightedProducts(x, m.fitted)
	var chol mat.Cholesky
	if !chol.Factorize(scaled(information)) || chol.Cond() > worstCondition {
		return errFlat
	}
	m.covariance = mat.NewSymDense(len(x[0]), nil)
	if err := chol.InverseTo(m.covariance); err != nil {
		return errFlat
	}
	for a := range x[0] {
		for b := a; b < len(x[0]); b++ {
			m.covariance.SetSym(a, b, m.covariance.At(a, b)/math.Sqrt(information.At(a, a)*information.At(b, b)))
		}
	}
	return nil
}

// weightedProducts is X'WX.
func weightedProducts(x [][]float64, w []float64) *mat.SymDense {
	p := len(x[0])
	products := mat.NewSymDense(p, nil)
	for i, row := range x {
		for a, u := range row {
			if u == 0 {
				continue
			}
			for b := a; b < p; b++ {
				products.SetSym(a, b, products.At(a, b)+w[i]*u*row[b])
			}
		}
	}
	return products
}

// scaled divides a matrix of products by its diagonal, so that units of columns do
// not make its condition.
func scaled(m *mat.SymDense) *mat.SymDense {
	p := m.SymmetricDim()
	s := mat.NewSymDense(p, nil)
	for a := range p {
		for b := a; b < p; b++ {
			s.SetSym(a, b, m.At(a, b)/math.Sqrt(m.At(a, a)*m.At(b, b)))
		}
	}
	return s
}

// weighted solves X'WX β = X'W z.
func weighted(x [][]float64, w, z []float64) ([]float64, error) {
	p := len(x[0])
	products := weightedProducts(x, w)
	right := mat.NewVecDense(p, nil)
	for i, row := range x {
		for a, u := range row {
			right.SetVec(a, right.AtVec(a)+u*w[i]*z[i])
		}
	}
	for a := range p {
		right.SetVec(a, right.AtVec(a)/math.Sqrt(products.At(a, a)))
	}
	var chol mat.Cholesky
	if !chol.Factorize(scaled(products)) {
		return nil, errFlat
	}
	beta := mat.NewVecDense(p, nil)
	if err := chol.SolveVecTo(beta, right); err != nil && chol.Cond() > 1e15 {
		return nil, errFlat
	}
	for a := range p {
		beta.SetVec(a, beta.AtVec(a)/math.Sqrt(products.At(a, a)))
	}
	return beta.RawVector().Data, nil
}
