package hazard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Episode is a time (Start, Stop] that a person spends in one state; To is the state entered
// at Stop, or [Censored]. A person who moves on has further episodes, the next one beginning
// where the last ended.
type Episode struct {
	From, To    int // states, from 0
	Start, Stop float64
}

// Censored is the To of an episode that ends without a move.
const Censored = -1

// TransitionMatrix are the probabilities of moves between two times.
type TransitionMatrix struct {
	From, To float64
	// P[r][s] is the probability to be in s at To of a person in r at From.
	P [][]float64
	// AtRisk are the persons seen in each state just before To, and Moves[r][s] the moves seen
	// after From and until To.
	AtRisk []int
	Moves  [][]int

	covariance [][][][]float64 // of P[r][s] and P[k][l]: by r, k, s, l
}

// AalenJohansen estimates P(from, t) for rising times t by the product integral over the times
// of moves, exactly as they were seen, with Y_r persons in r just before and dN_rs moves:
//
//	P(from, t) = Π (I + dA),  dA_rs = dN_rs/Y_r,  dA_rr = −Σ_s dN_rs/Y_r
//	cov P(t) = (I + dA)' cov P(t−) (I + dA) + Σ_r P_·r(t−) P_·r(t−)' {diag(p_r) − p_r p_r'}/Y_r,  p_r the row r of I + dA
//
// (Aalen & Johansen 1978, Scand. J. Statist. 5:141; Andersen et al. 1993, §IV.4.1.3, the
// covariance of Greenwood's type). Of two states it is Kaplan and Meier's estimate with
// Greenwood's error, of one that is left for several the cumulative incidence. It needs the
// Markov property for r at from > 0; from the beginning, occupation probabilities do not
// (Datta & Satten 2001).
//
// Persons count alike: there are no weights. A state in which nobody is seen keeps whom it has:
// look at AtRisk. It is an error where an episode has no time or no such state, and
// [ErrNotEstimable] beyond the last time seen.
func AalenJohansen(episodes []Episode, states int, from float64, times []float64) ([]TransitionMatrix, error) {
	last := math.Inf(-1)
	for i, e := range episodes {
		if e.From < 0 || e.From >= states || e.To < Censored || e.To >= states || e.To == e.From {
			return nil, fmt.Errorf("transition matrix: episode %d from state %d to %d: want another one of %d states, or Censored", i+1, e.From, e.To, states)
		}
		if notFinite(e.Start) || notFinite(e.Stop) || e.Start >= e.Stop {
			return nil, fmt.Errorf("transition matrix: episode %d from %v to %v: want a start before the stop", i+1, e.Start, e.Stop)
		}
		last = max(last, e.Stop)
	}
	if !slices.IsSorted(times) || len(times) > 0 && !(times[0] >= from) {
		return nil, fmt.Errorf("transition matrix: times %v from %v: want rising ones, none before", times, from)
	}
	if n := len(times); n > 0 && !(times[n-1] <= last) {
		return nil, fmt.Errorf("transition matrix: %w at time %v: nobody is seen after %v", ErrNotEstimable, times[n-1], last)
	}
	c := newLooks(episodes, states)
	at := TransitionMatrix{From: from, To: from, P: squareMatrix(states), Moves: make([][]int, states), covariance: make([][][][]float64, states)}
	for r := range states {
		at.P[r][r], at.Moves[r], at.covariance[r] = 1, make([]int, states), make([][][]float64, states)
		for k := range states {
			at.covariance[r][k] = squareMatrix(states)
		}
	}
	var out []TransitionMatrix
	k, _ := slices.BinarySearch(c.times, from)
	if k < len(c.times) && c.times[k] == from {
		k++ // moves after from
	}
	for _, t := range times {
		for ; k < len(c.times) && c.times[k] <= t; k++ {
			at.move(c.moves[k], c.atRisk(c.times[k]))
		}
		now := at.clone()
		now.To, now.AtRisk = t, c.atRisk(t)
		out = append(out, now)
	}
	return out, nil
}

func squareMatrix(n int) [][]float64 {
	out := make([][]float64, n)
	for r := range out {
		out[r] = make([]float64, n)
	}
	return out
}

// looks are the moves at each time, and when persons came into each state and left it.
type looks struct {
	times         []float64
	moves         [][][]int
	starts, stops [][]float64 // by state, sorted
}

func newLooks(episodes []Episode, states int) looks {
	c := looks{starts: make([][]float64, states), stops: make([][]float64, states)}
	sorted := slices.Clone(episodes)
	slices.SortFunc(sorted, func(a, b Episode) int { return cmp.Compare(a.Stop, b.Stop) })
	for _, e := range sorted {
		c.starts[e.From], c.stops[e.From] = append(c.starts[e.From], e.Start), append(c.stops[e.From], e.Stop)
		if e.To == Censored {
			continue
		}
		if n := len(c.times); n == 0 || c.times[n-1] < e.Stop {
			counts := make([][]int, states)
			for r := range counts {
				counts[r] = make([]int, states)
			}
			c.times, c.moves = append(c.times, e.Stop), append(c.moves, counts)
		}
		c.moves[len(c.moves)-1][e.From][e.To]++
	}
	for r := range states {
		slices.Sort(c.starts[r])
		slices.Sort(c.stops[r])
	}
	return c
}

// atRisk are the persons in each state just before t: start < t ≤ stop.
func (c looks) atRisk(t float64) []int {
	out := make([]int, len(c.starts))
	for r := range out {
		began := sort.SearchFloat64s(c.starts[r], t)
		ended := sort.SearchFloat64s(c.stops[r], t)
		out[r] = began - ended
	}
	return out
}

// move multiplies by I + dA.
func (m *TransitionMatrix) move(counts [][]int, atRisk []int) {
	n := len(m.P)
	step := squareMatrix(n)
	for r := range n {
		step[r][r] = 1
		for s, d := range counts[r] {
			if d > 0 {
				step[r][s] = float64(d) / float64(atRisk[r])
				step[r][r] -= step[r][s]
				m.Moves[r][s] += d
			}
		}
	}
	for r := range n {
		for k := r; k < n; k++ {
			next := sandwich(m.covariance[r][k], step)
			for h := range n {
				by := m.P[r][h] * m.P[k][h]
				if by == 0 || atRisk[h] == 0 {
					continue
				}
				for s := range n {
					for l := range n {
						v := -step[h][s] * step[h][l]
						if s == l {
							v += step[h][s]
						}
						next[s][l] += by * v / float64(atRisk[h])
					}
				}
			}
			m.covariance[r][k] = next
			if k > r {
				for s := range n {
					for l := range n {
						m.covariance[k][r][l][s] = next[s][l]
					}
				}
			}
		}
	}
	p := squareMatrix(n)
	for r := range n {
		for h, v := range m.P[r] {
			if v == 0 {
				continue
			}
			for s, u := range step[h] {
				p[r][s] += v * u
			}
		}
	}
	m.P = p
}

// sandwich is M'CM.
func sandwich(c, m [][]float64) [][]float64 {
	n := len(c)
	half, out := squareMatrix(n), squareMatrix(n)
	for a := range n {
		for b, v := range c[a] {
			if v != 0 {
				for l, u := range m[b] {
					half[a][l] += v * u
				}
			}
		}
	}
	for a := range n {
		for s, u := range m[a] {
			if u != 0 {
				for l := range n {
					out[s][l] += u * half[a][l]
				}
			}
		}
	}
	return out
}

// StdErr is the standard error of P[r][s].
func (m TransitionMatrix) StdErr(r, s int) float64 {
	return math.Sqrt(max(0, m.covariance[r][r][s][s]))
}

// Covariance is that of P[r][s] and P[k][l].
func (m TransitionMatrix) Covariance(r, s, k, l int) float64 { return m.covariance[r][k][s][l] }

// Interval is P[r][s] with its interval by log-odds; 0 and 1 are taken as certain.
func (m TransitionMatrix) Interval(r, s int, level float64) (Interval, error) {
	z, err := deviate(level)
	if err != nil {
		return Interval{}, err
	}
	e := Estimate{m.P[r][s], m.StdErr(r, s)}
	low, high := e.share(z)
	return Interval{e, low, high}, nil
}

func (m TransitionMatrix) clone() TransitionMatrix {
	p := squareMatrix(len(m.P))
	for r := range p {
		copy(p[r], m.P[r])
	}
	moves := make([][]int, len(m.Moves))
	for r := range moves {
		moves[r] = slices.Clone(m.Moves[r])
	}
	covariance := make([][][][]float64, len(m.covariance))
	for r := range covariance {
		covariance[r] = slices.Clone(m.covariance[r])
		for k := range covariance[r] {
			covariance[r][k] = slices.Clone(covariance[r][k])
			for s := range covariance[r][k] {
				covariance[r][k][s] = slices.Clone(covariance[r][k][s])
			}
		}
	}
	m.P, m.Moves, m.covariance = p, moves, covariance
	return m
}
