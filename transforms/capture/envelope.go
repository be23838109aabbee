package capture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Free is what the visits seen of persons tell of all their visits with no family of
// distributions assumed: the nonparametric maximum likelihood.
type Free struct {
	// LogLikelihood is the greatest that any distribution of visits has, in the terms of
	// [Thinned.LogLikelihood]: no family can exceed it by more than Gap.
	LogLikelihood, Gap float64
	// Deviance is twice what a saturated model of the frequencies seen has more. It is great
	// where no distribution of visits fits, as where detection is wrong.
	Deviance  float64
	visits    []float64
	seen      Frequencies
	detection Detection
	unseen    []float64   // K_0v: the probability that nothing is seen of v visits
	rows      [][]float64 // K_jv for the classes j that hold persons
	counts    []float64   // f_j of those classes
	start     []float64   // expected persons by visits, well inside
	best      float64     // the greatest log-likelihood less the saturated one
}

// Envelope is the interval of a number of persons that no family of distributions narrows.
type Envelope struct {
	// LogLikelihood is the greatest of any distribution of visits.
	LogLikelihood float64
	// Low and High are the least and the greatest number of persons.
	Low, High float64
	// Gap is by how many persons an end may lie too far outwards, at the detection at which it
	// was found: none lies too far inwards.
	Gap float64
}

// census is the probability of being unseen below which everybody is taken to be seen: the
// unseen are then lost in the rounding of the seen.
const census = 1e-4

// FitFree estimates the distribution g of visits on 1 to most, free of any family, by
// maximum likelihood of the persons seen, under the detection kernel K of [Detection]:
//
//	ℓ(g) = Σ_j f_j log[P_j/(1 − P_0)],  P_j = Σ_v g_v K_jv
//
// In h_v = N g_v, the expected number of persons with v visits, and u = Σ h_v − n, the
// unseen, it is the profile of a concave function,
//
//	ℓ(h) = Σ_j f_j log(Σ_v h_v K_jv) − u log(u/Σ_v h_v K_0v),
//
// the multinomial likelihood of the seen and the unseen by Stirling's formula. It is
// maximised by a barrier method to a proved gap: see [Free.Gap].
//
// The likelihood is one number, and the fitted frequencies are unique; the distribution
// is not told by them, above all in its tail: use [Free.Envelope]. The standard error of
// detection does not enter here. Linkage errors are refused: see [Frequencies.Joined].
func FitFree(seen Frequencies, d Detection, most int) (Free, error) {
	if err := seen.check(); err != nil {
		return Free{}, err
	}
	if err := d.check(); err != nil {
		return Free{}, err
	}
	if d.Missed.P > 0 || d.Welded.P > 0 {
		return Free{}, fmt.Errorf("free distribution of visits: pseudonyms that are split or welded have no such likelihood: join the frequencies first")
	}
	for len(seen) > 0 && seen[len(seen)-1] == 0 {
		seen = seen[:len(seen)-1]
	}
	if most < len(seen) {
		return Free{}, fmt.Errorf("thinned visits: somebody was seen %d times, and no more than %d visits are allowed for", len(seen), most)
	}
	f := Free{seen: seen, detection: d, unseen: kernelRow(d, 0, most)}
	n := seen.Seen()
	saturated := -n * math.Log(n)
	for j, count := range seen {
		if count > 0 {
			f.rows, f.counts = append(f.rows, kernelRow(d, j+1, most)), append(f.counts, count)
			saturated += count * math.Log(count)
		}
	}
	if slices.Max(f.unseen) < census {
		f.LogLikelihood, f.visits = saturated, append(multiplied(seen, 1/n), make([]float64, most-len(seen))...)
		return f, nil
	}
	start := make([]float64, most)
	for v := range start {
		start[v] = n / float64(most) / (1 - f.unseen[v]) * 1.01
	}
	h := program{likelihood: f.poisson}.maximise(start, n/float64(most), max(1e-7/float64(most), 1e-13*n))
	// At the maximum Σ h_v (1 − K_0v) is n.
	f.best, f.Gap = concave(f.poisson).certify(h, n/(1-slices.Max(f.unseen)))
	if !(f.Gap < 0.01) {
		return f, fmt.Errorf("free distribution of visits: the greatest log-likelihood is found to within %v, and must be to 0.01", f.Gap)
	}
	f.LogLikelihood, f.Deviance = f.best+saturated, -2*f.best
	var sum float64
	for _, h := range h {
		sum += h
	}
	f.visits = multiplied(h, 1/sum)
	f.start = start
	return f, nil
}

func kernelRow(d Detection, j, most int) []float64 {
	row := make([]float64, most)
	for v := range row {
		if row[v] = d.unseen(v + 1); j > 0 {
			row[v] = d.kernel(j, v+1)
		}
	}
	return row
}

// Visits is one of the distributions of visits, from one on, that have the greatest
// likelihood.
func (f Free) Visits() []float64 { return f.visits }

// likelihood is ℓ(h) less that of the saturated model.
func (f Free) likelihood(h []float64) (value float64, gradient []float64, roots [][]float64) {
	gradient = make([]float64, len(h))
	var u float64
	for _, x := range h {
		u += x
	}
	u -= f.seen.Seen()
	a := dot(f.unseen, h)
	if !(u > 0) || !(a > 0) {
		return math.Inf(-1), nil, nil
	}
	value = -u * math.Log(u/a)
	root := make([]float64, len(h))
	for v, k := range f.unseen {
		gradient[v] = u*k/a - math.Log(u/a) - 1
		root[v] = (1 - u*k/a) / math.Sqrt(u)
	}
	return f.add(h, value, gradient, [][]float64{root})
}

// poisson is Σ_j f_j log[Σ_v h_v K_jv] − Σ_v h_v (1 − K_0v) less that of the saturated
// model: the unseen left out, it has the maximum of likelihood, at the same h.
func (f Free) poisson(h []float64) (value float64, gradient []float64, roots [][]float64) {
	value, gradient = f.seen.Seen(), make([]float64, len(h))
	for v, k := range f.unseen {
		value -= h[v] * (1 - k)
		gradient[v] = k - 1
	}
	return f.add(h, value, gradient, nil)
}

// add adds Σ_j f_j log(Σ_v h_v K_jv/f_j), the part of the seen.
func (f Free) add(h []float64, value float64, gradient []float64, roots [][]float64) (float64, []float64, [][]float64) {
	for j, row := range f.rows {
		m := dot(row, h)
		value += f.counts[j] * math.Log(m/f.counts[j])
		for v, k := range row {
			gradient[v] += f.counts[j] * k / m
		}
		roots = append(roots, multiplied(row, math.Sqrt(f.counts[j])/m))
	}
	return value, gradient, roots
}

// Envelope bounds the number of persons with at least k visits at a level such as 0.95:
// the least and the greatest over all distributions of visits that the likelihood does
// not reject,
//
//	min, max Σ_{v≥k} h_v  subject to  2(ℓ_max − ℓ(h)) ≤ χ²_1(level)
//
// a profile likelihood interval. It holds the number that any family says whose
// likelihood is as near to the greatest, and no fewer than were seen so often. The unseen
// being in h, it also has the chance of who was seen at all; and that of detection, if it
// has a standard error: see [Free.acrossDetections]. The problem is convex, and its ends
// are proved, rounding apart: each is where its certificate lies, at most Gap outwards of
// the true one. Where every visit is seen both are the number seen.
//
// The tail is limited by most alone where detection is low, and the envelope may then be
// wide: that is what the visits seen say without a family. It is finite for any detection
// above 0, since persons of one visit are not all unseen.
func (f Free) Envelope(k int, level float64) (Envelope, error) {
	if k < 1 || k > len(f.visits) {
		return Envelope{}, fmt.Errorf("thinned visits: at least %d visits: ask for 1 to %d", k, len(f.visits))
	}
	if !(level > 0 && level < 1) {
		return Envelope{}, fmt.Errorf("thinned visits: an interval at the level %v: it lies between 0 and 1", level)
	}
	slack := distuv.ChiSquared{K: 1}.Quantile(level) / 2
	if f.detection.Visit.StdErr > 0 {
		return f.acrossDetections(k, slack)
	}
	return f.given(k, slack)
}

// given is the envelope with the detection as it is, of all h whose log-likelihood is
// below the greatest by no more than slack.
func (f Free) given(k int, slack float64) (Envelope, error) {
	e := Envelope{LogLikelihood: f.LogLikelihood}
	n, most, naive := f.seen.Seen(), float64(len(f.visits)), f.seen.AtLeast(k)
	if slices.Max(f.unseen) < census {
		e.Low, e.High = naive, naive
		return e, nil
	}
	// No more than half of the slack is used up here.
	inside := program{likelihood: f.likelihood}.maximise(f.start, n/most, slack/(2*most))
	l, floor := concave(f.likelihood), f.best-slack
	_, total := l.greatest(f.direction(1, 1), floor, math.Inf(1), inside, n, 1e-2)
	least, low := l.greatest(f.direction(k, -1), floor, total, inside, n, 1e-7)
	greatest, high := l.greatest(f.direction(k, 1), floor, total, inside, n, 1e-7)
	e.Low, e.High = max(-low, naive), max(high, naive)
	if e.Gap = max(-least-e.Low, high-greatest); !(e.Gap < 1e-3*(e.High+n)) {
		return e, fmt.Errorf("persons with at least %d visits: %v to %v are off by up to %v: too much to be relied on", k, e.Low, e.High, e.Gap)
	}
	return e, nil
}

// direction is c with c·h = sign Σ_{v≥k} h_v.
func (f Free) direction(k int, sign float64) []float64 {
	c := make([]float64, len(f.visits))
	for v := k - 1; v < len(c); v++ {
		c[v] = sign
	}
	return c
}
