package hazard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
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
	mostEM     = 200_000
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

// Turnbull is the nonparametric maximum likelihood estimate by the EM algorithm, with the
// steps of which two foretell a third (SQUAREM, Varadhan & Roland 2008), on the innermost
// intervals, which begin where some row begins and end where the next row ends:
//
//	p_j ← p_j d_j/n,  d_j = Σ_i w_i α_ij/Σ_k α_ik p_k
//
// (Turnbull 1976, JRSS B 38:290). It ends where Gap is 1e-9 or less. Of rows that are known
// or right-censored it is Kaplan and Meier's. A survival curve has no simple standard error
// here, for it converges slowly: draw clusters again instead. Rows that come under observation
// late are not allowed for. Waves that all persons share take no time, thousands of distinct
// ones seconds.
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
	if err := q.climb(p, &fit); err != nil {
		return fit, err
	}
	p = q.pruned(p, &fit)
	fit.LogLikelihood = q.likelihood(p)
	for j, m := range q.masses {
		if m.P = p[j]; m.P > leastOfAll {
			fit.Masses = append(fit.Masses, m)
		}
	}
	return fit, nil
}

// climb moves masses to the maximum.
func (q *npmle) climb(p []float64, fit *NPMLE) error {
	for ; ; fit.Iterations++ {
		first, gap := q.em(p)
		if fit.Gap = gap; gap <= kktGap {
			return nil
		}
		if fit.Iterations == mostEM {
			return fmt.Errorf("turnbull: no end after %d steps: a log-likelihood could still grow by %.2g", mostEM, gap*q.total)
		}
		second, _ := q.em(first)
		copy(p, q.foretold(p, first, second))
	}
}

// pruned leaves out masses so small that the algorithm may have been on its way to 0 with
// them, more slowly than any step could tell, where the maximum is reached without them too.
func (q *npmle) pruned(p []float64, fit *NPMLE) []float64 {
	for _, least := range []float64{1e-3, 1e-5, 1e-7} {
		fewer, sum := make([]float64, len(p)), 0.0
		for j, v := range p {
			if v > least {
				fewer[j] = v
				sum += v
			}
		}
		for j := range fewer {
			fewer[j] /= sum
		}
		without := NPMLE{Iterations: mostEM - 1000}
		if slices.Min(q.shares(fewer)) > 0 && q.climb(fewer, &without) == nil {
			fit.Iterations += without.Iterations - (mostEM - 1000)
			fit.Gap = without.Gap
			return fewer
		}
	}
	return p
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

// em is a step of the algorithm, and the gap where it began.
func (q *npmle) em(p []float64) (next []float64, gap float64) {
	change := make([]float64, len(p)+1)
	for i, s := range q.shares(p) {
		change[q.from[i]] += q.weights[i] / s
		change[q.to[i]] -= q.weights[i] / s
	}
	next = make([]float64, len(p))
	var d, sum float64
	for j := range p {
		d += change[j]
		gap = max(gap, d/q.total-1)
		next[j] = p[j] * max(d, 0) / q.total
		sum += next[j]
	}
	for j := range next {
		next[j] /= sum
	}
	return next, gap
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
	out, sum := make([]float64, len(p)), 0.0
	for j := range p {
		r := first[j] - p[j]
		v := second[j] - first[j] - r
		out[j] = max(p[j]+2*a*r+a*a*v, second[j]/100) // a mass once 0 stays it
		sum += out[j]
	}
	for j := range out {
		out[j] /= sum
	}
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
