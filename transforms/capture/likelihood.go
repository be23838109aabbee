package capture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// problem is what was seen and asked, of which all families are fitted.
type problem struct {
	seen      Frequencies
	asked     []Asked
	detection Detection
	most      int
	kernel    [][]float64 // pseudonyms of j + 1 visits, by v − 1
	left      []float64   // pseudonyms that a person of v visits leaves, by v − 1
	unseen    []float64   // probability that none of v visits is seen, by v − 1
}

func newProblem(seen Frequencies, d Detection, most int, asked []Asked) *problem {
	p := &problem{seen: seen, asked: asked, detection: d, most: most, left: make([]float64, most), unseen: make([]float64, most)}
	for v := range most {
		p.left[v], p.unseen[v] = d.pseudonyms(v+1), d.unseen(v+1)
	}
	for j := range seen {
		row := make([]float64, most)
		for v := range row {
			row[v] = d.kernel(j+1, v+1)
		}
		p.kernel = append(p.kernel, row)
	}
	return p
}

// shares are the probabilities that a pseudonym has 1, 2, … visits, as far as any was
// seen: with c the pseudonyms left by g, q = c/Σc, and a share w of them welded in
// pairs,
//
//	π_j = (1 − w) q_j + w Σ_i q_i q_{j−i}
func (p *problem) shares(g []float64) []float64 {
	left := dot(g, p.left)
	q := make([]float64, len(p.kernel))
	for j, row := range p.kernel {
		q[j] = dot(g, row) / left
	}
	return p.welded(q, q, 1)
}

// welded is (1 − w) a + w·times (a * q).
func (p *problem) welded(a, q []float64, times float64) []float64 {
	w := p.detection.Welded.P
	if w == 0 {
		return a
	}
	out := make([]float64, len(a))
	for j := range a {
		out[j] = (1 - w) * a[j]
		for i := range j {
			out[j] += w * times * a[i] * q[j-1-i]
		}
	}
	return out
}

// persons is the number of persons that the pseudonyms seen speak for.
func (p *problem) persons(g []float64) float64 {
	return p.seen.Seen() * (1 + p.detection.Welded.P) / dot(g, p.left)
}

// point is the likelihood at one place of the parameters: its value less the penalty,
// its gradient, and the expected information with the penalty's.
type point struct {
	theta       []float64
	g           []float64
	likelihood  float64 // without the penalty
	penalised   float64
	gradient    []float64
	information *mat.SymDense
}

// value is the log-likelihood of a distribution of visits, −∞ where it is impossible.
func (p *problem) value(g []float64) float64 {
	var l float64
	for j, share := range p.shares(g) {
		if n := p.seen[j]; n > 0 {
			l += n * math.Log(share)
		}
	}
	for _, a := range p.asked {
		if a.Persons > 0 {
			share, whole := a.share(g, p.most)
			l += a.Persons * math.Log(share/whole)
		}
	}
	if math.IsNaN(l) {
		return math.Inf(-1)
	}
	return l
}

func (f family) penalised(theta []float64, l float64) float64 {
	for k, weight := range f.penalty {
		l -= weight * square(theta[k]) / 2
	}
	return l
}

// derivatives are those of g by the parameters.
func (f family) derivatives(theta, g []float64) [][]float64 {
	if f.slope != nil {
		return f.slope(theta, g)
	}
	const step = 1e-5
	slopes := make([][]float64, len(theta))
	moved := slices.Clone(theta)
	for k := range theta {
		moved[k] = theta[k] + step
		above := f.visits(moved, len(g))
		moved[k] = theta[k] - step
		below := f.visits(moved, len(g))
		moved[k] = theta[k]
		for v := range above {
			above[v] = (above[v] - below[v]) / (2 * step)
		}
		slopes[k] = above
	}
	return slopes
}

// scored adds the gradient and the information to a point whose value is known.
func (p *problem) scored(f family, at *point) {
	slopes, q := f.derivatives(at.theta, at.g), len(at.theta)
	at.gradient, at.information = make([]float64, q), mat.NewSymDense(q, nil)
	add := func(weight, expected float64, score []float64) {
		for a, s := range score {
			at.gradient[a] += weight * s
			for b := a; b < q; b++ {
				at.information.SetSym(a, b, at.information.At(a, b)+expected*s*score[b])
			}
		}
	}
	p.seenScores(at.g, slopes, add)
	for _, a := range p.asked {
		add(a.Persons, a.Persons, a.scores(at.g, slopes, p.most))
	}
	for k, weight := range f.penalty {
		at.gradient[k] -= weight * at.theta[k]
		at.information.SetSym(k, k, at.information.At(k, k)+weight)
	}
}

// seenScores gives ∂ ln π_j/∂θ of each number of visits seen, with the pseudonyms
// seen and expected of it, and of all beyond, of which none was seen.
func (p *problem) seenScores(g []float64, slopes [][]float64, add func(weight, expected float64, score []float64)) {
	left, n := dot(g, p.left), p.seen.Seen()
	q := make([]float64, len(p.kernel))
	for j, row := range p.kernel {
		q[j] = dot(g, row) / left
	}
	share := p.welded(q, q, 1)
	moves := make([][]float64, len(slopes))
	for k, slope := range slopes {
		all := dot(slope, p.left) / left
		move := make([]float64, len(q))
		for j, row := range p.kernel {
			move[j] = dot(slope, row)/left - q[j]*all
		}
		moves[k] = p.welded(move, q, 2)
	}
	score, rest, restMove := make([]float64, len(slopes)), 1.0, make([]float64, len(slopes))
	for j, s := range share {
		rest -= s
		for k := range score {
			score[k] = moves[k][j] / s
			restMove[k] -= moves[k][j]
		}
		if s > 0 {
			add(p.seen[j], n*s, score)
		}
	}
	if rest > 1e-9 {
		for k := range score {
			score[k] = restMove[k] / rest
		}
		add(0, n*rest, score)
	}
}

// climb maximises the penalised likelihood from a start by Fisher scoring, damped as
// Levenberg and Marquardt do.
func (p *problem) climb(f family, start []float64) (point, error) {
	at, err := p.at(f, start)
	if err != nil {
		return at, err
	}
	p.scored(f, &at)
	damping, q := 1e-3, len(start)
	for range 200 {
		damped := mat.NewSymDense(q, nil)
		damped.CopySym(at.information)
		for a := range q {
			damped.SetSym(a, a, at.information.At(a, a)*(1+damping)+1e-10)
		}
		var chol mat.Cholesky
		var step mat.VecDense
		next := point{penalised: math.Inf(-1)}
		largest := 0.0
		if chol.Factorize(damped) && chol.SolveVecTo(&step, mat.NewVecDense(q, at.gradient)) == nil {
			theta := slices.Clone(at.theta)
			for a := range theta {
				d := max(-2, min(2, step.AtVec(a)))
				theta[a] += d
				largest = max(largest, math.Abs(d))
			}
			if next, err = p.at(f, theta); err != nil {
				next.penalised = math.Inf(-1)
			}
		}
		if next.penalised >= at.penalised {
			if largest < 1e-7 {
				return at, nil
			}
			p.scored(f, &next)
			at, damping = next, max(damping/5, 1e-9)
			continue
		}
		if damping *= 6; damping > 1e9 || largest < 1e-9 && largest > 0 {
			return at, nil // no step goes higher
		}
	}
	return at, fmt.Errorf("%s: no end after 200 steps", f.name)
}

// at is a place of the parameters with its likelihood.
func (p *problem) at(f family, theta []float64) (point, error) {
	at := point{theta: theta}
	if slices.ContainsFunc(theta, func(x float64) bool { return math.Abs(x) > 2*edge }) {
		return at, fmt.Errorf("%s: parameters beyond their range", f.name)
	}
	at.g = f.visits(theta, p.most)
	at.likelihood = p.value(at.g)
	at.penalised = f.penalised(theta, at.likelihood)
	if math.IsInf(at.penalised, 0) {
		return at, fmt.Errorf("%s: what was seen is impossible", f.name)
	}
	return at, nil
}

// hessian is the observed information of the penalised likelihood at its top, from
// differences of its gradient.
func (p *problem) hessian(f family, top point) *mat.SymDense {
	const step = 1e-4
	q := len(top.theta)
	rows := make([][]float64, q)
	moved := slices.Clone(top.theta)
	for k := range rows {
		var ends [2]point
		for i, sign := range []float64{1, -1} {
			moved[k] = top.theta[k] + sign*step
			ends[i] = point{theta: slices.Clone(moved), g: f.visits(moved, p.most)}
			p.scored(f, &ends[i])
		}
		moved[k] = top.theta[k]
		rows[k] = make([]float64, q)
		for b := range q {
			rows[k][b] = -(ends[0].gradient[b] - ends[1].gradient[b]) / (2 * step)
		}
	}
	h := mat.NewSymDense(q, nil)
	for a := range q {
		for b := a; b < q; b++ {
			h.SetSym(a, b, (rows[a][b]+rows[b][a])/2)
		}
	}
	return h
}
