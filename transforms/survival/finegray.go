package survival

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Regression is a fitted proportional hazards model.
type Regression struct {
	// Coefficients are logarithms of ratios of subdistribution hazards, in the order of the
	// covariates, and Covariance their robust covariance.
	Coefficients []float64
	Covariance   *mat.SymDense
	// LogLikelihood is the partial one at the coefficients.
	LogLikelihood float64
	Spells        int
	Events        int
}

// StdErr is the standard error of a coefficient, from 0.
func (r *Regression) StdErr(i int) float64 { return math.Sqrt(r.Covariance.At(i, i)) }

// FineGray regresses the incidence of a cause on covariates: the subdistribution hazard of
// i is λ(t) exp(β'x_i), so that 1 − F(t|x) = {1 − F(t|0)}^{exp(β'x)}. Who has had another
// event stays at risk with the weight G(t−)/G(T_i−), where G is Kaplan–Meier's of
// censoring. Ties are Breslow's. The covariance I⁻¹ Σ(η_i + ψ_i)(η_i + ψ_i)' I⁻¹ has the part
// ψ of estimating G (Fine & Gray 1999, JASA 94:496); R's cmprsk::crr is the same.
//
// Everybody has to be seen from the same time on: late entry needs other weights (Geskus
// 2011) and is an error, as are covariates that tell each other, or the event exactly, and
// fewer events than covariates.
func FineGray(spells []Spell, x [][]float64, cause int32) (*Regression, error) {
	f, err := newFineGray(spells, x, cause)
	if err != nil {
		return nil, err
	}
	beta, at, err := f.maximum()
	if err != nil {
		return nil, err
	}
	var inverse mat.SymDense
	if err := at.information.InverseTo(&inverse); err != nil {
		return nil, fmt.Errorf("survival: Fine–Gray: covariates are told by each other, or tell the event: %w", err)
	}
	var half, whole mat.Dense
	half.Mul(&inverse, f.meat(beta, at))
	whole.Mul(&half, &inverse)
	r := &Regression{Coefficients: beta, LogLikelihood: at.likelihood, Spells: len(f.rows), Covariance: mat.NewSymDense(len(beta), nil)}
	for _, row := range f.rows {
		if row.cause == 1 {
			r.Events++
		}
	}
	for i := range beta {
		for j := range i + 1 {
			r.Covariance.SetSym(i, j, (whole.At(i, j)+whole.At(j, i))/2)
		}
	}
	return r, nil
}

// subject is a spell with covariates: cause 0 is censored, 1 the cause, 2 another.
type subject struct {
	exit  int32
	cause int
	x     []float64 // less their means
	g     float64   // G(exit−)
}

type fineGray struct {
	rows  []subject // by exit
	first []int     // where the rows of each time begin, and the end of all
}

func newFineGray(spells []Spell, x [][]float64, cause int32) (*fineGray, error) {
	if len(x) != len(spells) || len(x) == 0 || len(x[0]) == 0 {
		return nil, fmt.Errorf("survival: Fine–Gray: %d spells and %d rows of covariates: want as many, with one covariate or more", len(spells), len(x))
	}
	f := &fineGray{}
	events := 0
	for i, s := range spells {
		if s.Entry != spells[0].Entry || s.Exit <= s.Entry {
			return nil, fmt.Errorf("survival: Fine–Gray: spell %d is from %d to %d, the first from %d: late entry is not provided for", i+1, s.Entry, s.Exit, spells[0].Entry)
		}
		if len(x[i]) != len(x[0]) || slices.ContainsFunc(x[i], func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			return nil, fmt.Errorf("survival: Fine–Gray: covariates %v of spell %d: want %d numbers", x[i], i+1, len(x[0]))
		}
		row := subject{exit: s.Exit, x: slices.Clone(x[i])}
		switch {
		case s.Cause == cause:
			row.cause = 1
			events++
		case s.Cause != 0:
			row.cause = 2
		}
		f.rows = append(f.rows, row)
	}
	if events <= len(x[0]) {
		return nil, fmt.Errorf("survival: Fine–Gray: %d events for %d covariates: want more", events, len(x[0]))
	}
	f.order()
	f.centre()
	f.censoring()
	return f, nil
}

// order sorts the rows so that sums do not depend on how they came.
func (f *fineGray) order() {
	slices.SortFunc(f.rows, func(a, b subject) int {
		if a.exit != b.exit {
			return int(a.exit) - int(b.exit)
		}
		if a.cause != b.cause {
			return a.cause - b.cause
		}
		return slices.Compare(a.x, b.x)
	})
	for i, r := range f.rows {
		if i == 0 || r.exit != f.rows[i-1].exit {
			f.first = append(f.first, i)
		}
	}
	f.first = append(f.first, len(f.rows))
}

// centre takes the means from the covariates, which changes no coefficient.
func (f *fineGray) centre() {
	for j := range f.rows[0].x {
		mean := 0.0
		for _, r := range f.rows {
			mean += r.x[j] / float64(len(f.rows))
		}
		for _, r := range f.rows {
			r.x[j] -= mean
		}
	}
}

// censoring fills in G(t−).
func (f *fineGray) censoring() {
	g := 1.0
	for t, begin := range f.first[:len(f.first)-1] {
		end, censored := f.first[t+1], 0.0
		for i := begin; i < end; i++ {
			f.rows[i].g = g
			if f.rows[i].cause == 0 {
				censored++
			}
		}
		g *= 1 - censored/float64(len(f.rows)-begin)
	}
}

// fineGrayAt is the likelihood at a β, and what is known of each time there.
type fineGrayAt struct {
	likelihood  float64
	score       *mat.VecDense
	information *mat.Cholesky
	mean        [][]float64 // x̄(t) of those at risk, by time
	hazard      []float64   // d/Σ w e^{β'x}
}

func score(beta, x []float64) float64 {
	s := 0.0
	for j, b := range beta {
		s += b * x[j]
	}
	return s
}

// moments are sums of e^{β'x}, of it times x, and times xx'.
type moments struct {
	zero float64
	one  []float64
	two  *mat.SymDense
}

func newMoments(p int) *moments {
	return &moments{one: make([]float64, p), two: mat.NewSymDense(p, nil)}
}

func (m *moments) add(w float64, x []float64) {
	m.zero += w
	for i, v := range x {
		m.one[i] += w * v
		for j := range i + 1 {
			m.two.SetSym(i, j, m.two.At(i, j)+w*v*x[j])
		}
	}
}

// present are the sums over those who leave at each time or later.
func (f *fineGray) present(beta []float64) []moments {
	all, sum := make([]moments, len(f.first)-1), newMoments(len(beta))
	for t := len(all) - 1; t >= 0; t-- {
		for _, r := range f.rows[f.first[t]:f.first[t+1]] {
			sum.add(math.Exp(score(beta, r.x)), r.x)
		}
		all[t] = moments{sum.zero, slices.Clone(sum.one), mat.NewSymDense(len(beta), nil)}
		all[t].two.CopySym(sum.two)
	}
	return all
}

// at computes likelihood, score and information, and tells whether they are of use.
func (f *fineGray) at(beta []float64) (*fineGrayAt, bool) {
	p := len(beta)
	a := &fineGrayAt{score: mat.NewVecDense(p, nil), information: &mat.Cholesky{}}
	information := mat.NewSymDense(p, nil)
	past := newMoments(p) // of those who have had another event, over G(T−)
	for t, risk := range f.present(beta) {
		rows := f.rows[f.first[t]:f.first[t+1]]
		risk.plus(rows[0].g, past)
		mean, d := risk.one, 0.0
		for i := range mean {
			mean[i] /= risk.zero
		}
		for _, r := range rows {
			switch r.cause {
			case 1:
				d++
				a.likelihood += score(beta, r.x) - math.Log(risk.zero)
				for i, v := range r.x {
					a.score.SetVec(i, a.score.AtVec(i)+v-mean[i])
				}
			case 2:
				past.add(math.Exp(score(beta, r.x))/r.g, r.x)
			}
		}
		for i := range p {
			for j := range i + 1 {
				information.SetSym(i, j, information.At(i, j)+d*(risk.two.At(i, j)/risk.zero-mean[i]*mean[j]))
			}
		}
		a.mean, a.hazard = append(a.mean, mean), append(a.hazard, d/risk.zero)
	}
	ok := a.information.Factorize(information) && a.information.Cond() < 1e12
	return a, ok && !math.IsInf(a.likelihood, 0) && !math.IsNaN(a.likelihood)
}

// plus adds other sums times a weight.
func (m *moments) plus(w float64, other *moments) {
	m.zero += w * other.zero
	for i := range m.one {
		m.one[i] += w * other.one[i]
		for j := range i + 1 {
			m.two.SetSym(i, j, m.two.At(i, j)+w*other.two.At(i, j))
		}
	}
}

var errNoMaximum = errors.New("survival: Fine–Gray: the likelihood has no maximum: a covariate tells the event, or the other covariates")

// maximum climbs the likelihood by Newton's steps, halved where they do not rise.
func (f *fineGray) maximum() (beta []float64, a *fineGrayAt, err error) {
	const steps, halvings = 50, 30
	beta = make([]float64, len(f.rows[0].x))
	a, ok := f.at(beta)
	if !ok {
		return nil, nil, errNoMaximum
	}
	for range steps {
		var step mat.VecDense
		if err := a.information.SolveVecTo(&step, a.score); err != nil {
			return nil, nil, errNoMaximum
		}
		if mat.Dot(&step, a.score) < 1e-16 { // the square of the step in standard errors
			if f.spread(beta) > 30 {
				return nil, nil, errNoMaximum
			}
			return beta, a, nil
		}
		size := 1.0
		for range halvings {
			next := slices.Clone(beta)
			for i := range next {
				next[i] += size * step.AtVec(i)
			}
			if b, ok := f.at(next); ok && b.likelihood >= a.likelihood-1e-12*math.Abs(a.likelihood) {
				beta, a = next, b
				break
			}
			size /= 2
		}
	}
	return nil, nil, errNoMaximum
}

// spread is the greatest logarithm of a ratio of hazards between two rows.
func (f *fineGray) spread(beta []float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range f.rows {
		low, high = min(low, score(beta, r.x)), max(high, score(beta, r.x))
	}
	return high - low
}

// integral are sums over times until each: of hazards, and of hazards times x̄.
type integral struct {
	zero []float64
	one  [][]float64
}

func (f *fineGray) integral(a *fineGrayAt, weight func(t int) float64) integral {
	var all integral
	zero, one := 0.0, make([]float64, len(a.mean[0]))
	for t, h := range a.hazard {
		zero += weight(t) * h
		for i, m := range a.mean[t] {
			one[i] += weight(t) * h * m
		}
		all.zero, all.one = append(all.zero, zero), append(all.one, slices.Clone(one))
	}
	return all
}

// after is the integral over times after t.
func (n integral) after(t int) (zero float64, one []float64) {
	end := len(n.zero) - 1
	if t < 0 {
		return n.zero[end], n.one[end]
	}
	one = slices.Clone(n.one[end])
	for i := range one {
		one[i] -= n.one[t][i]
	}
	return n.zero[end] - n.zero[t], one
}

// censorings are what estimating G adds to the influence of who is censored at a time,
// q(u)/Y(u), and takes from that of everybody there until then, Σ q(u) c(u)/Y(u)²:
//
//	q(u) = Σ_{other, T_j < u} e_j/G_j {x_j J − C_J}, J and C_J from u on
//
// where c(u) are censored at u. As in crr, who has another event at u is not in q(u).
func (f *fineGray) censorings(beta []float64, j integral) (own, all [][]float64) {
	past, drift := newMoments(len(beta)), make([]float64, len(beta))
	for t := range j.zero {
		rows, y := f.rows[f.first[t]:f.first[t+1]], float64(len(f.rows)-f.first[t])
		censored := 0.0
		for _, r := range rows {
			if r.cause == 0 {
				censored++
			}
		}
		zero, one := j.after(t - 1)
		q := make([]float64, len(beta))
		for i := range q {
			q[i] = (past.one[i]*zero - past.zero*one[i]) / y
			drift[i] += q[i] * censored / y
		}
		own, all = append(own, q), append(all, slices.Clone(drift))
		for _, r := range rows {
			if r.cause == 2 {
				past.add(math.Exp(score(beta, r.x))/r.g, r.x)
			}
		}
	}
	return own, all
}

// meat is Σ (η_i + ψ_i)(η_i + ψ_i)': with H and J the integrals of the hazard and of the
// hazard times G(t−), and C those of x̄ times these,
//
//	η_i = [cause] (x_i − x̄) − e_i {x_i H(T_i) − C_H(T_i)} − [other] e_i/G_i {x_i J − C_J}, J and C_J after T_i
//
// and ψ_i by censorings.
func (f *fineGray) meat(beta []float64, a *fineGrayAt) *mat.SymDense {
	h := f.integral(a, func(int) float64 { return 1 })
	j := f.integral(a, func(t int) float64 { return f.rows[f.first[t]].g })
	own, all := f.censorings(beta, j)
	meat := mat.NewSymDense(len(beta), nil)
	for t := range a.hazard {
		zero, one := j.after(t)
		for _, r := range f.rows[f.first[t]:f.first[t+1]] {
			e, u := math.Exp(score(beta, r.x)), make([]float64, len(beta))
			for i, x := range r.x {
				u[i] = -e*(x*h.zero[t]-h.one[t][i]) - all[t][i]
				switch r.cause {
				case 0:
					u[i] += own[t][i]
				case 1:
					u[i] += x - a.mean[t][i]
				case 2:
					u[i] -= e / r.g * (x*zero - one[i])
				}
			}
			meat.SymRankOne(meat, 1, mat.NewVecDense(len(beta), u))
		}
	}
	return meat
}
