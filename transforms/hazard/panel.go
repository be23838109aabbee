package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Seen is a person's state at a time, such as the level of a relation at a wave.
type Seen struct {
	Person int
	// Time is in any one unit, and rises within a person.
	Time float64
	// State counts from 0.
	State int
	// X are covariates from this time until the person is seen next; a last row has as many,
	// which are not used.
	X []float64
}

// Transitions are the moves that a model allows.
type Transitions struct {
	// Allowed tells whether a person can move from r to s at once; a path of several moves
	// between two waves needs none from end to end. A state that nothing leaves is absorbing.
	Allowed [][]bool
	// Exact tells which absorbing states are entered at the very time at which they are seen,
	// such as death or a registered move; nil is none.
	Exact []bool
	// Names of the states and of the covariates, for messages.
	Names, Covariates []string
}

// Panel is a Markov model in continuous time, with intensities
//
//	q_rs(x) = q_rs exp(x'β_rs),  q_rr = −Σ_s q_rs,  P(t) = exp(Qt)
//
// of persons seen at times that do not depend on their states.
type Panel struct {
	// Moves are the allowed moves (r, s) in order of r and s, which is that of Theta: first
	// ln q_rs of each, then the β of the first covariate of each, and so on.
	Moves [][2]int
	Theta []float64
	// Covariance is that of Theta, the inverse of the observed information.
	Covariance    *mat.SymDense
	LogLikelihood float64
	// Table is by state how often each state was seen next.
	Table [][]int

	model Transitions
	mean  []float64
}

// span is one or several times between two looks, alike in all that matters.
type span struct {
	from, to int
	length   float64
	x        []float64
	n        float64
}

// FitPanel maximises the likelihood of Kalbfleisch & Lawless (1985, JASA 80:863), with exact
// times of entry into some states as in Jackson (2011, J. Stat. Softw. 38(8)):
//
//	L = Π P_rs(Δ), or Σ_{k≠s} P_rk(Δ) q_ks where s is entered at its exact time
//
// It starts at the moves seen over the time in a state, and uses scores until near the top
// and the observed information there. Persons count alike: there are no weights. It is an
// error where a person is seen after an absorbing state, twice at one time, or in a state to
// which no path leads, and [ErrNotEstimable] where nobody is seen twice, an intensity runs to
// 0 or infinity, as of moves that nobody makes, or a covariate is told by others.
func FitPanel(rows []Seen, model Transitions) (*Panel, error) {
	p, err := fitPanel(rows, model)
	if err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	return p, nil
}

func (m Transitions) state(s int) string {
	if s < len(m.Names) {
		return m.Names[s]
	}
	return fmt.Sprintf("state %d", s)
}

// check says what is wrong with a model, and gives its moves.
func (m Transitions) check() (moves [][2]int, err error) {
	n := len(m.Allowed)
	if m.Exact != nil && len(m.Exact) != n {
		return nil, fmt.Errorf("exact times of %d states, of %d: want as many or none", len(m.Exact), n)
	}
	for r, row := range m.Allowed {
		if len(row) != n {
			return nil, fmt.Errorf("%s has moves to %d states, of %d", m.state(r), len(row), n)
		}
		for s, allowed := range row {
			if allowed && r != s {
				moves = append(moves, [2]int{r, s})
			}
		}
	}
	for s := range n {
		if m.exact(s) && slices.ContainsFunc(moves, func(move [2]int) bool { return move[0] == s }) {
			return nil, fmt.Errorf("%s is left again: exact times are of absorbing states", m.state(s))
		}
	}
	if len(moves) == 0 {
		return nil, errors.New("no move is allowed")
	}
	return moves, nil
}

func (m Transitions) exact(s int) bool { return m.Exact != nil && m.Exact[s] }

// reach is from which states to which a path leads.
func (m Transitions) reach() [][]bool {
	n := len(m.Allowed)
	reach := make([][]bool, n)
	for r := range reach {
		reach[r] = slices.Clone(m.Allowed[r])
		reach[r][r] = true
	}
	for k := range n {
		for r := range n {
			for s := range n {
				reach[r][s] = reach[r][s] || reach[r][k] && reach[k][s]
			}
		}
	}
	return reach
}

func fitPanel(rows []Seen, model Transitions) (*Panel, error) {
	moves, err := model.check()
	if err != nil {
		return nil, err
	}
	out := &Panel{Moves: moves, model: model}
	spans, err := out.spans(rows)
	if err != nil {
		return nil, err
	}
	scale, err := out.standardise(spans)
	if err != nil {
		return nil, err
	}
	q := &panelProblem{states: len(model.Allowed), moves: moves, exact: make([]bool, len(model.Allowed)), p: len(moves) * (1 + len(scale))}
	copy(q.exact, model.Exact)
	q.group(spans)
	at, information, err := q.maximise(q.start(spans))
	if j, ran := err.(runaway); ran {
		return nil, out.unbounded(int(j))
	} else if err != nil {
		return nil, err
	}
	out.LogLikelihood, _, _ = q.likelihood(at)
	return out, out.finish(at, information, scale)
}

// standardise makes covariates of mean 0 and standard deviation 1 over the spans.
func (p *Panel) standardise(spans []span) (scale []float64, err error) {
	if len(spans[0].x) == 0 {
		return nil, nil
	}
	var x [][]float64
	var weights []float64
	for _, s := range spans {
		x, weights = append(x, s.x), append(weights, s.n)
	}
	z, mean, scale, err := standardise(x, weights, p.model.Covariates)
	for i := range z {
		spans[i].x = z[i]
	}
	p.mean = mean
	return scale, err
}

// unbounded says which parameter has no finite estimate.
func (p *Panel) unbounded(j int) error {
	move, what := p.Moves[j%len(p.Moves)], "intensity"
	if j >= len(p.Moves) {
		what = "effect of " + covariate(p.model.Covariates, j/len(p.Moves)-1) + " on the intensity"
	}
	return fmt.Errorf("%w: the %s from %s to %s has no finite estimate: such moves are not seen, a path of others explains what is seen as well, or they are faster than the looks: leave the move out",
		ErrNotEstimable, what, p.model.state(move[0]), p.model.state(move[1]))
}

// spans are the distinct times between two looks, in an order of their own.
func (p *Panel) spans(rows []Seen) ([]span, error) {
	n := len(p.model.Allowed)
	reach := p.model.reach()
	p.Table = make([][]int, n)
	for s := range p.Table {
		p.Table[s] = make([]int, n)
	}
	for i, r := range rows {
		if r.State < 0 || r.State >= n || notFinite(r.Time) {
			return nil, fmt.Errorf("row %d: state %d at time %v: want a number and one of %d states", i+1, r.State, r.Time, n)
		}
		if err := checkX(i, r.X, rows[0].X, p.model.Covariates); err != nil {
			return nil, err
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Seen) int { return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Time, b.Time)) })
	var all []span
	for i := 1; i < len(rows); i++ {
		a, b := rows[i-1], rows[i]
		if a.Person != b.Person {
			continue
		}
		absorbed := !slices.ContainsFunc(p.Moves, func(move [2]int) bool { return move[0] == a.State })
		switch {
		case !(b.Time > a.Time):
			return nil, fmt.Errorf("person %d is seen twice at time %v", b.Person, b.Time)
		case absorbed:
			return nil, fmt.Errorf("person %d is seen at time %v after %s, which nothing leaves", b.Person, b.Time, p.model.state(a.State))
		case !reach[a.State][b.State]:
			return nil, fmt.Errorf("person %d is seen in %s and then in %s at time %v: no path of moves leads there", b.Person, p.model.state(a.State), p.model.state(b.State), b.Time)
		}
		p.Table[a.State][b.State]++
		all = append(all, span{a.State, b.State, b.Time - a.Time, a.X, 1})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: nobody is seen twice", ErrNotEstimable)
	}
	slices.SortFunc(all, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.length, b.length), slices.Compare(a.x, b.x), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var out []span
	for _, s := range all {
		if k := len(out) - 1; k >= 0 && out[k].length == s.length && out[k].from == s.from && out[k].to == s.to && slices.Equal(out[k].x, s.x) {
			out[k].n++
			continue
		}
		out = append(out, s)
	}
	return out, nil
}

// finish brings covariates back to their own units; q_rs is then at x = 0.
func (p *Panel) finish(theta []float64, information *mat.SymDense, scale []float64) error {
	covariance, err := inverse(information)
	if err != nil {
		return err
	}
	n, m := len(theta), len(p.Moves)
	back := mat.NewDense(n, n, nil)
	for k := range m {
		back.Set(k, k, 1)
		for j := range scale {
			at := m*(j+1) + k
			back.Set(at, at, 1/scale[j])
			back.Set(k, at, -p.mean[j]/scale[j])
		}
	}
	var out mat.VecDense
	out.MulVec(back, mat.NewVecDense(n, theta))
	p.Theta = out.RawVector().Data
	p.Covariance = within(back, covariance)
	return nil
}
