package hazard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// Between is an event known to lie in (After, By], such as between the last wave that had not
// seen it and the first that had.
type Between struct {
	// After and By are 0 or more, in any one unit. By is +Inf where the event had not come at
	// After; After is 0 where the first wave had seen it; they are equal where its time is known.
	After, By float64
	X         []float64 // for FitWeibull
	Weight    float64   // above 0; 1 where there is none
	Cluster   int       // the same in rows of one person, or of one sampling unit
}

func checkBetween(rows []Between) error {
	events := false
	for i, r := range rows {
		if !(r.After >= 0) || math.IsInf(r.After, 0) || !(r.By >= r.After) || r.By == 0 {
			return fmt.Errorf("row %d: an event after %v and by %v: want 0 or more before or at the other, and +Inf where it had not come", i+1, r.After, r.By)
		}
		if !(r.Weight > 0) || math.IsInf(r.Weight, 0) {
			return fmt.Errorf("row %d: weight is %v: want above 0, 1 where there are none", i+1, r.Weight)
		}
		events = events || !math.IsInf(r.By, 0)
	}
	if !events {
		return fmt.Errorf("%w: no event among %d rows", ErrNotEstimable, len(rows))
	}
	return nil
}

// Mass is the probability P of an event in (Low, High], or at Low where both are equal. Where
// in it, the data do not tell. High is +Inf of what comes after the last wave that tells.
type Mass struct{ Low, High, P float64 }

// NPMLE is the distribution of an event's time that makes interval-censored rows likeliest.
type NPMLE struct {
	Masses        []Mass
	LogLikelihood float64
	// Gap is max_j d_j/n − 1, d_j the derivative of the log-likelihood by the mass of
	// interval j and n the sum of weights: 0 at the maximum by Kuhn and Tucker's conditions, and
	// the log-likelihood is within n·Gap of it wherever it is.
	Gap        float64
	Iterations int
}

const (
	kktGap     = 1e-9
	mostEM     = 300
	mostNewton = 1000
	leastOfAll = 1e-10 // a mass that is nothing
)

// end is an end of an interval: at one value a known time comes first, then the ends that
// hold the value, then those that begin after it.
type end struct {
	value float64
	kind  int
}

const (
	exactTime = iota
	holds
	beginsAfter
)

func compareEnds(a, b end) int {
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.kind, b.kind))
}

func (b Between) ends() (from, to end) {
	if b.After == b.By {
		return end{b.After, exactTime}, end{b.By, holds}
	}
	return end{b.After, beginsAfter}, end{b.By, holds}
}

// npmle is the problem: rows that cover the innermost intervals from … to − 1.
type npmle struct {
	masses   []Mass
	weights  []float64
	from, to []int
	total    float64
}

// Turnbull is the nonparametric maximum likelihood estimate by the EM algorithm, two steps of
// which foretell a third (SQUAREM, Varadhan & Roland 2008), and then Newton's method, on the
// innermost intervals, which begin where some row begins and end where the next row ends:
//
//	p_j ← p_j d_j/n,  d_j = Σ_i w_i α_ij/Σ_k α_ik p_k
//
// (Turnbull 1976, JRSS B 38:290). It ends where Gap is 1e-9 or less. Of rows that are known
// or right-censored it is Kaplan and Meier's. A survival curve has no simple standard error
// here, for it converges slowly: draw clusters again instead. Rows that come under observation
// late are not allowed for.
//
// It is an error where a row is no interval, and [ErrNotEstimable] where nobody has the event.
func Turnbull(rows []Between) (NPMLE, error) {
	if err := checkBetween(rows); err != nil {
		return NPMLE{}, fmt.Errorf("turnbull: %w", err)
	}
	q := newNPMLE(rows)
	p := make([]float64, len(q.masses))
	for j := range p {
		p[j] = 1 / float64(len(p))
	}
	fit := NPMLE{}
	for ; fit.Iterations < mostEM; fit.Iterations++ {
		first, gap := q.em(p)
		if gap <= kktGap {
			break
		}
		second, _ := q.em(first)
		p = q.foretold(p, first, second)
	}
	p, err := q.polished(p, &fit)
	if err != nil {
		return fit, err
	}
	fit.LogLikelihood = q.likelihood(p)
	for j, m := range q.masses {
		if m.P = p[j]; m.P > leastOfAll {
			fit.Masses = append(fit.Masses, m)
		}
	}
	return fit, nil
}

// polished are the masses at the maximum. The algorithm goes there ever more slowly where a
// mass goes to 0, so that small masses are left out and Newton's method goes the rest of the
// way, over the masses that are left and those whose derivatives are greatest (Wang 2007,
// J. R. Stat. Soc. B 69:185).
func (q *npmle) polished(p []float64, fit *NPMLE) ([]float64, error) {
	for _, least := range []float64{1e-3, 1e-5, 1e-7, 0} {
		fewer := make([]float64, len(p))
		for j, v := range p {
			if v > least {
				fewer[j] = v
			}
		}
		normalise(fewer)
		if slices.Min(q.shares(fewer)) > 0 && q.ascend(fewer, fit) {
			return fewer, nil
		}
	}
	return nil, fmt.Errorf("turnbull: no end after %d steps: a log-likelihood could still grow by %.2g", fit.Iterations, fit.Gap*q.total)
}

func normalise(p []float64) {
	var sum float64
	for _, v := range p {
		sum += v
	}
	for j := range p {
		p[j] /= sum
	}
}

// ascend maximises Σ w ln P_i/n − Σ p over p ≥ 0, whose masses sum to 1 at the top, and tells
// whether it got there.
func (q *npmle) ascend(p []float64, fit *NPMLE) bool {
	for range mostNewton {
		d, shares := q.derivatives(p)
		if fit.Gap = slices.Max(d) - 1; fit.Gap <= kktGap {
			return true
		}
		fit.Iterations++
		free, step := q.direction(p, d, shares)
		if step == nil || !q.along(p, free, step) {
			return false
		}
	}
	return false
}

// direction is Newton's step of the masses that are free to take it: one that is 0 cannot go
// lower, and is left out.
func (q *npmle) direction(p, d, shares []float64) (free []int, step []float64) {
	free = q.free(p, d)
	for {
		score := make([]float64, len(free))
		for a, j := range free {
			score[a] = d[j] - 1
		}
		step, ok := newton(q.curvature(free, shares), score, 1e-9)
		if !ok {
			return nil, nil
		}
		a := 0
		for a < len(free) && (p[free[a]] > 0 || step[a] >= 0) {
			a++
		}
		if a == len(free) {
			return free, step
		}
		free = slices.Delete(free, a, a+1)
	}
}

// free are the masses above 0, and between any two of them the one with the greatest
// derivative where that is above 1.
func (q *npmle) free(p, d []float64) (free []int) {
	best := -1
	for j := range p {
		if p[j] > 0 {
			if best >= 0 {
				free = append(free, best)
			}
			free, best = append(free, j), -1
			continue
		}
		if d[j] > 1 && (best < 0 || d[j] > d[best]) {
			best = j
		}
	}
	if best >= 0 {
		free = append(free, best)
	}
	return free
}

// curvature is Σ w α_ij α_ik/(n P_i²) of some masses.
func (q *npmle) curvature(free []int, shares []float64) *mat.SymDense {
	m := len(free)
	corners := squareMatrix(m + 1)
	for i, s := range shares {
		a, _ := slices.BinarySearch(free, q.from[i])
		b, _ := slices.BinarySearch(free, q.to[i])
		v := q.weights[i] / (q.total * s * s)
		corners[a][a] += v
		corners[a][b] -= v
		corners[b][a] -= v
		corners[b][b] += v
	}
	out := mat.NewSymDense(m, nil)
	for a := range m {
		for b := range m {
			if a > 0 {
				corners[a][b] += corners[a-1][b]
			}
			if b > 0 {
				corners[a][b] += corners[a][b-1]
			}
			if a > 0 && b > 0 {
				corners[a][b] -= corners[a-1][b-1]
			}
			if b >= a {
				out.SetSym(a, b, corners[a][b])
			}
		}
	}
	return out
}

// along goes as far along a step as masses stay at 0 or above and the likelihood rises.
func (q *npmle) along(p []float64, free []int, step []float64) bool {
	size, stop := 1.0, -1
	for a, j := range free {
		if reach := -p[j] / step[a]; step[a] < 0 && reach < size {
			size, stop = reach, j
		}
	}
	before := q.likelihood(p)
	for range 40 {
		next := slices.Clone(p)
		for a, j := range free {
			next[j] = max(0, next[j]+size*step[a])
		}
		if stop >= 0 {
			next[stop] = 0
		}
		normalise(next)
		if q.likelihood(next) >= before-1e-14*math.Abs(before) {
			copy(p, next)
			return true
		}
		size, stop = size/2, -1
	}
	return false
}

// newNPMLE finds the innermost intervals, and those that each distinct row covers.
func newNPMLE(rows []Between) *npmle {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Between) int {
		return cmp.Or(cmp.Compare(a.After, b.After), cmp.Compare(a.By, b.By), cmp.Compare(a.Weight, b.Weight))
	})
	var ends, begins, stops []end
	for _, r := range rows {
		from, to := r.ends()
		ends, begins, stops = append(ends, from, to), append(begins, from), append(stops, to)
	}
	slices.SortFunc(ends, compareEnds)
	q := &npmle{}
	var lefts, rights []end
	for k := 1; k < len(ends); k++ {
		if ends[k-1].kind != holds && ends[k].kind == holds {
			q.masses = append(q.masses, Mass{Low: ends[k-1].value, High: ends[k].value})
			lefts, rights = append(lefts, ends[k-1]), append(rights, ends[k])
		}
	}
	for i, r := range rows {
		q.total += r.Weight
		if i > 0 && r.After == rows[i-1].After && r.By == rows[i-1].By {
			q.weights[len(q.weights)-1] += r.Weight
			continue
		}
		q.weights = append(q.weights, r.Weight)
		q.from = append(q.from, sort.Search(len(lefts), func(j int) bool { return compareEnds(lefts[j], begins[i]) >= 0 }))
		q.to = append(q.to, sort.Search(len(rights), func(j int) bool { return compareEnds(rights[j], stops[i]) > 0 }))
	}
	return q
}

// shares are the probabilities of the rows.
func (q *npmle) shares(p []float64) []float64 {
	until := make([]float64, len(p)+1)
	for j, v := range p {
		until[j+1] = until[j] + v
	}
	out := make([]float64, len(q.weights))
	for i := range out {
		out[i] = until[q.to[i]] - until[q.from[i]]
	}
	return out
}

func (q *npmle) likelihood(p []float64) (sum float64) {
	for i, s := range q.shares(p) {
		sum += q.weights[i] * math.Log(s)
	}
	if math.IsNaN(sum) {
		return math.Inf(-1)
	}
	return sum
}

// derivatives are d_j/n, and the probabilities of the rows.
func (q *npmle) derivatives(p []float64) (d, shares []float64) {
	d, shares = make([]float64, len(p)+1), q.shares(p)
	for i, s := range shares {
		d[q.from[i]] += q.weights[i] / (q.total * s)
		d[q.to[i]] -= q.weights[i] / (q.total * s)
	}
	for j := 1; j < len(d); j++ {
		d[j] += d[j-1]
	}
	return d[:len(p)], shares
}

// em is a step of the algorithm, and the gap where it began.
func (q *npmle) em(p []float64) (next []float64, gap float64) {
	d, _ := q.derivatives(p)
	next = make([]float64, len(p))
	for j := range p {
		next[j] = p[j] * max(d[j], 0)
	}
	normalise(next)
	return next, slices.Max(d) - 1
}

// foretold extrapolates two steps, r = first − p and v = second − first − r, to
// p + 2ar + a²v, a = |r|/|v|, and keeps the second step where that is likelier.
func (q *npmle) foretold(p, first, second []float64) []float64 {
	var rr, vv float64
	for j := range p {
		r := first[j] - p[j]
		v := second[j] - first[j] - r
		rr, vv = rr+r*r, vv+v*v
	}
	if vv == 0 {
		return second
	}
	a := max(1, math.Sqrt(rr/vv))
	out := make([]float64, len(p))
	for j := range p {
		r := first[j] - p[j]
		v := second[j] - first[j] - r
		out[j] = max(p[j]+2*a*r+a*a*v, second[j]/100) // a mass once 0 stays it
	}
	normalise(out)
	if q.likelihood(out) < q.likelihood(second) {
		return second
	}
	return out
}

// Survival is what is known of the probability of no event until t: low where all of a mass
// that t divides comes before t, high where none does. They are equal but within such masses.
func (n NPMLE) Survival(t float64) (low, high float64) {
	low, high = 1, 1
	for _, m := range n.Masses {
		if m.High <= t {
			high -= m.P
		}
		if m.High <= t || m.Low < t {
			low -= m.P
		}
	}
	return max(0, low), max(0, high)
}
