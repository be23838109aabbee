package hazard

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// panelProblem are the spans by length and covariates.
type panelProblem struct {
	states int
	moves  [][2]int
	exact  []bool
	groups [][]span // of one length and x
	p      int
}

func (q *panelProblem) group(spans []span) {
	for i, s := range spans {
		if i == 0 || s.length != spans[i-1].length || !slices.Equal(s.x, spans[i-1].x) {
			q.groups = append(q.groups, nil)
		}
		last := len(q.groups) - 1
		q.groups[last] = append(q.groups[last], s)
	}
}

// start are the moves seen from one look to the next, and half a one, by the time that began
// in a state.
func (q *panelProblem) start(spans []span) []float64 {
	theta := make([]float64, q.p)
	for k, move := range q.moves {
		n, time := 0.5, 0.0
		for _, s := range spans {
			if s.from == move[0] {
				time += s.n * s.length
				if s.to == move[1] {
					n += s.n
				}
			}
		}
		if time == 0 {
			n, time = 1, spans[len(spans)-1].length
		}
		theta[k] = math.Log(n / time)
	}
	return theta
}

// intensities are those of the moves at covariates.
func (q *panelProblem) intensities(theta, x []float64) []float64 {
	m := len(q.moves)
	out := make([]float64, m)
	for k := range out {
		eta := theta[k]
		for j, u := range x {
			eta += theta[m*(j+1)+k] * u
		}
		out[k] = math.Exp(eta)
	}
	return out
}

// likelihood is the log-likelihood, its gradient, and the sum of squares of scores.
func (q *panelProblem) likelihood(theta []float64) (value float64, score []float64, squares *mat.SymDense) {
	score, squares = make([]float64, q.p), mat.NewSymDense(q.p, nil)
	m := len(q.moves)
	for _, group := range q.groups {
		x := group[0].x
		rates := q.intensities(theta, x)
		for _, rate := range rates {
			if !(rate < 1e8) {
				return math.Inf(-1), score, squares
			}
		}
		p, slopes := exponentials(q.states, q.moves, rates, group[0].length)
		for _, s := range group {
			l, own := q.term(p, slopes, rates, s)
			if !(l > 0) {
				return math.Inf(-1), score, squares
			}
			u := make([]float64, q.p)
			for k := range own {
				u[k] = own[k] / l
				for j, v := range x {
					u[m*(j+1)+k] = own[k] / l * v
				}
			}
			value += s.n * math.Log(l)
			for a := range u {
				score[a] += s.n * u[a]
			}
			addOuter(squares, s.n, u)
		}
	}
	return value, score, squares
}

// term is the probability or density of a span, and its derivative by each ln q.
func (q *panelProblem) term(p *mat.Dense, slopes []*mat.Dense, rates []float64, s span) (l float64, own []float64) {
	own = make([]float64, len(q.moves))
	if !q.exact[s.to] {
		for k := range own {
			own[k] = slopes[k].At(s.from, s.to)
		}
		return p.At(s.from, s.to), own
	}
	for j, move := range q.moves {
		if move[1] != s.to {
			continue
		}
		part := p.At(s.from, move[0]) * rates[j]
		l += part
		own[j] += part
		for k := range own {
			own[k] += slopes[k].At(s.from, move[0]) * rates[j]
		}
	}
	return l, own
}

// maximise climbs by sums of squares of scores until near the top, then by the information.
func (q *panelProblem) maximise(start []float64) ([]float64, *mat.SymDense, error) {
	theta, err := q.near(start)
	if err != nil {
		return nil, nil, err
	}
	for range 20 {
		information := q.information(theta)
		var moved float64
		for range 4 { // the information serves several steps
			_, score, _ := q.likelihood(theta)
			step, ok := newton(information, score, 0)
			if !ok {
				return nil, nil, runaway(weakest(information))
			}
			furthest, most := longest(step, theta)
			for k := range theta {
				theta[k] += max(-1, min(1, step[k]))
			}
			if math.Abs(theta[furthest]) > 40 {
				return nil, nil, runaway(furthest)
			}
			if moved += most; most < 1e-7 {
				break
			}
		}
		if moved < 1e-5 {
			if !invertible(information) {
				return nil, nil, runaway(weakest(information))
			}
			return theta, information, nil
		}
	}
	return nil, nil, runaway(weakest(q.information(theta)))
}

// near climbs by sums of squares of scores.
func (q *panelProblem) near(theta []float64) ([]float64, error) {
	value, score, squares := q.likelihood(theta)
	if math.IsInf(value, 0) {
		return nil, errors.New("the likelihood at the start is 0: are times in a unit in which moves are neither very fast nor very slow?")
	}
	first := squares
	damping := 1e-3
	for range 200 {
		for k := range theta {
			if squares.At(k, k) < 1e-9*first.At(k, k) {
				return nil, runaway(k)
			}
		}
		step, ok := newton(squares, score, damping)
		if !ok {
			return nil, runaway(weakest(squares))
		}
		next, moved := slices.Clone(theta), 0.0
		for k, d := range step {
			next[k] += max(-1, min(1, d))
			moved = max(moved, math.Abs(d))
		}
		v, s, m := q.likelihood(next)
		if v < value {
			if damping *= 8; damping > 1e9 {
				return theta, nil
			}
			continue
		}
		grew := v - value
		theta, value, score, squares, damping = next, v, s, m, damping/4
		if moved < 1e-2 || grew < 1e-4 && moved < 0.3 {
			return theta, nil
		}
	}
	return theta, nil
}

// weakest is the parameter of which least is known, given the others.
func weakest(m *mat.SymDense) int {
	var eigen mat.EigenSym
	if !eigen.Factorize(m, true) {
		return 0
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	k := 0
	for a := range m.SymmetricDim() {
		if math.Abs(vectors.At(a, 0)) > math.Abs(vectors.At(k, 0)) {
			k = a
		}
	}
	return k
}

// information is the observed one, from central differences of the gradient.
func (q *panelProblem) information(theta []float64) *mat.SymDense {
	const step = 1e-4
	rows := make([][]float64, q.p)
	moved := slices.Clone(theta)
	for k := range rows {
		moved[k] = theta[k] + step
		_, above, _ := q.likelihood(moved)
		moved[k] = theta[k] - step
		_, below, _ := q.likelihood(moved)
		moved[k] = theta[k]
		rows[k] = make([]float64, q.p)
		for a := range above {
			rows[k][a] = (below[a] - above[a]) / (2 * step)
		}
	}
	out := mat.NewSymDense(q.p, nil)
	for a := range rows {
		for b := a; b < q.p; b++ {
			out.SetSym(a, b, (rows[a][b]+rows[b][a])/2)
		}
	}
	return out
}
