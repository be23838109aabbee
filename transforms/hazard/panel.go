package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
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

// panelProblem are the spans by length and covariates.
type panelProblem struct {
	states int
	moves  [][2]int
	exact  []bool
	groups [][]span // of one length and x
	p      int
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

// exponentials are P(t) = exp(Qt) and its derivatives by the logarithm of each intensity, by
// scaling and squaring, both at once, of which mat.Dense.Exp gives one only:
//
//	P ← P P,  dP ← dP P + P dP,  from the series M_n = M_{n−1}A/n, dM_n = (dM_{n−1}A + M_{n−1}dA)/n
func exponentials(states int, moves [][2]int, rates []float64, t float64) (p *mat.Dense, slopes []*mat.Dense) {
	n, fastest := states, 0.0
	a := make([]float64, n*n)
	for k, move := range moves {
		a[move[0]*n+move[1]] += rates[k] * t
		a[move[0]*n+move[0]] -= rates[k] * t
	}
	for r := range n {
		fastest = max(fastest, -2*a[r*n+r])
	}
	squarings, scale := 0, 1.0
	for ; fastest*scale > 0.5; squarings++ {
		scale /= 2
	}
	for i := range a {
		a[i] *= scale
	}
	sum, dsum := series(n, a, moves, rates, t*scale)
	square, left, right := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for range squarings {
		for k := range moves {
			times(left, dsum[k], sum, n)
			times(right, sum, dsum[k], n)
			for i := range left {
				dsum[k][i] = left[i] + right[i]
			}
		}
		times(square, sum, sum, n)
		copy(sum, square)
	}
	for k := range moves {
		slopes = append(slopes, mat.NewDense(n, n, dsum[k]))
	}
	return mat.NewDense(n, n, sum), slopes
}

// series are exp(a) of a small a = Qt and its derivatives, term by term.
func series(n int, a []float64, moves [][2]int, rates []float64, t float64) (sum []float64, dsum [][]float64) {
	const terms = 16 // 0.5¹⁷/17! is below a double's last digit
	term, next := identity(n), make([]float64, n*n)
	sum = identity(n)
	dterm, dsum := make([][]float64, len(moves)), make([][]float64, len(moves))
	for k := range moves {
		dterm[k], dsum[k] = make([]float64, n*n), make([]float64, n*n)
	}
	for m := 1; m <= terms; m++ {
		for k, move := range moves {
			times(next, dterm[k], a, n)
			for i := range n {
				d := term[i*n+move[0]] * rates[k] * t
				next[i*n+move[1]] += d
				next[i*n+move[0]] -= d
			}
			for i := range next {
				dterm[k][i] = next[i] / float64(m)
				dsum[k][i] += dterm[k][i]
			}
		}
		times(next, term, a, n)
		for i := range next {
			term[i] = next[i] / float64(m)
			sum[i] += term[i]
		}
	}
	return sum, dsum
}

func identity(n int) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		out[i*n+i] = 1
	}
	return out
}

// times is ab of square matrices by rows.
func times(to, a, b []float64, n int) {
	for i := range n {
		row := to[i*n : i*n+n]
		clear(row)
		for k := range n {
			if v := a[i*n+k]; v != 0 {
				for j, u := range b[k*n : k*n+n] {
					row[j] += v * u
				}
			}
		}
	}
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

// Interval is an estimate with its interval.
type Interval struct {
	Estimate
	Low, High float64
}

// gradient turns derivatives by ln q of each move into those by Theta.
func (p *Panel) gradient(own, x []float64) []float64 {
	u := slices.Clone(own)
	for _, v := range x {
		for _, d := range own {
			u = append(u, d*v)
		}
	}
	return u
}

func (p *Panel) rates(x []float64, level float64) (rates []float64, z float64, err error) {
	if z, err = deviate(level); err != nil {
		return nil, 0, err
	}
	if len(x) != len(p.mean) || slices.ContainsFunc(x, notFinite) {
		return nil, 0, fmt.Errorf("panel: covariates %v: want %d numbers", x, len(p.mean))
	}
	q := &panelProblem{moves: p.Moves}
	return q.intensities(p.Theta, x), z, nil
}

func (p *Panel) states() int { return len(p.model.Allowed) }

// Intensities are Q at covariates, per unit of time, with intervals by their logarithms; moves
// that are not allowed are 0 without error.
func (p *Panel) Intensities(x []float64, level float64) ([][]Interval, error) {
	rates, z, err := p.rates(x, level)
	if err != nil {
		return nil, err
	}
	out := make([][]Interval, p.states())
	for r := range out {
		out[r] = make([]Interval, p.states())
		leaving, all := make([]float64, len(rates)), 0.0
		for k, move := range p.Moves {
			if move[0] != r {
				continue
			}
			own := make([]float64, len(rates))
			own[k] = rates[k]
			leaving[k] = rates[k]
			all += rates[k]
			out[r][move[1]] = p.bounded(rates[k], own, x, z)
		}
		if all > 0 {
			b := p.bounded(all, leaving, x, z)
			out[r][r] = Interval{Estimate{-all, b.StdErr}, -b.High, -b.Low}
		}
	}
	return out, nil
}

// bounded is a value above 0 with its error by the delta method.
func (p *Panel) bounded(value float64, own, x []float64, z float64) Interval {
	e := Estimate{value, math.Sqrt(quadratic(p.gradient(own, x), p.Covariance))}
	low, high := e.positive(z)
	return Interval{e, low, high}
}

// Transition is P(t) at covariates that do not change, with errors by the delta method and
// intervals by log-odds; what is impossible, or certain, is so without error.
func (p *Panel) Transition(x []float64, t, level float64) ([][]Interval, error) {
	rates, z, err := p.rates(x, level)
	if err != nil {
		return nil, err
	}
	if !(t >= 0) || math.IsInf(t, 0) {
		return nil, fmt.Errorf("panel: transitions in a time of %v: want 0 or more", t)
	}
	probability, slopes := exponentials(p.states(), p.Moves, rates, t)
	reach := p.model.reach()
	out := make([][]Interval, p.states())
	for r := range out {
		out[r] = make([]Interval, p.states())
		absorbing := !slices.ContainsFunc(p.Moves, func(move [2]int) bool { return move[0] == r })
		for s := range out[r] {
			switch {
			case r == s && absorbing:
				out[r][s] = Interval{Estimate{1, 0}, 1, 1}
				continue
			case !reach[r][s]:
				continue
			}
			own := make([]float64, len(rates))
			for k := range own {
				own[k] = slopes[k].At(r, s)
			}
			e := Estimate{probability.At(r, s), math.Sqrt(quadratic(p.gradient(own, x), p.Covariance))}
			low, high := e.share(z)
			out[r][s] = Interval{e, low, high}
		}
	}
	return out, nil
}

// Sojourn is the mean time −1/q_rr in a state before it is left, by state; of an absorbing
// state, which is never left, all is 0.
func (p *Panel) Sojourn(x []float64, level float64) ([]Interval, error) {
	q, err := p.Intensities(x, level)
	if err != nil {
		return nil, err
	}
	z, _ := deviate(level)
	out := make([]Interval, len(q))
	for r := range q {
		if leaving := -q[r][r].Value; leaving > 0 {
			e := Estimate{1 / leaving, q[r][r].StdErr / (leaving * leaving)}
			low, high := e.positive(z)
			out[r] = Interval{e, low, high}
		}
	}
	return out, nil
}

// Effect is the β of a covariate on a move, a log ratio of intensities.
func (p *Panel) Effect(from, to, covariate int) (Estimate, error) {
	k := slices.Index(p.Moves, [2]int{from, to})
	if k < 0 || covariate < 0 || covariate >= len(p.mean) {
		return Estimate{}, fmt.Errorf("panel: no effect of covariate %d on a move from state %d to %d", covariate, from, to)
	}
	k += len(p.Moves) * (covariate + 1)
	return Estimate{p.Theta[k], math.Sqrt(p.Covariance.At(k, k))}, nil
}
