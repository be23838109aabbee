package capture

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Asked is a class of an answer of visitors to how often they came, Most being −1 for an
// open class, with the number of persons who gave it; of a weighted sample, the number
// that a plain sample of the same variance would have.
type Asked struct {
	Least, Most int
	Persons     float64
	// Met says that visitors were met in proportion to their visits, as on the spot;
	// otherwise they were drawn with equal chances.
	Met bool
	// DropOut is the standard error of how much more readily than others those answered whom a number counts, on the
	// logarithm; 0 where all answered alike. It is one error of all classes.
	DropOut float64
}

// share is the weight of a class of a distribution, and of all classes.
func (a Asked) share(g []float64, most int) (class, whole float64) {
	high := a.Most
	if high < 0 || high > most {
		high = most
	}
	for v, p := range g {
		if a.Met {
			p *= float64(v + 1)
		}
		whole += p
		if v+1 >= a.Least && v+1 <= high {
			class += p
		}
	}
	return class, whole
}

// scores are ∂ ln P(class)/∂θ for a distribution with these slopes.
func (a Asked) scores(g []float64, slopes [][]float64, most int) []float64 {
	share, whole := a.share(g, most)
	scores := make([]float64, len(slopes))
	for k, slope := range slopes {
		s, w := a.share(slope, most)
		scores[k] = s/share - w/whole
	}
	return scores
}

// Thinned is what the visits seen of persons tell of all their visits, under one family
// of distributions of visits and a known detection.
type Thinned struct {
	// Family is its name; Theta are its parameters, on the whole line, without those that are
	// held at an end of their range.
	Family        string
	Theta         []float64
	LogLikelihood float64
	// Parameters is their number, those held included, the effective one of a penalised family.
	Parameters float64
	// AIC is 2·Parameters − 2·LogLikelihood.
	AIC        float64
	problem    *problem
	family     family
	visits     []float64
	covariance *mat.SymDense
}

// Refused is a family that does not fit, and why.
type Refused struct {
	Family string
	Err    error
}

// Fits are the families that fit, the best by AIC first, and those that do not.
type Fits struct {
	Fits    []Thinned
	Refused []Refused
	problem *problem
}

// FitThinned estimates the distribution of visits V ≥ 1 of persons of whose visits only
// some are seen and only those with a seen visit are known, for each family g:
//
//	ℓ = Σ_j f_j log π_j + Σ_c n_c log Σ_{v∈c} g(v),  π_j = Σ_v g(v) kernel(j, v) / Σ_v g(v) pseudonyms(v)
//
// by maximum likelihood from several starts, mass beyond most being lumped there. The
// second part is that of visitors who were asked how often they come, which tells the
// tail that bookings do not; of those met on the spot g(v) is weighted by v. The naive count
// of those seen k times falls faster than the detection: of persons with two visits or
// more it finds less than half at 0.35.
//
// A family whose best parameters run to the end of their range is held there if what it
// becomes is a distribution of visits that no other family has, as a negative binomial of
// endless size, which is Poisson; otherwise, or if the likelihood is flat at its top, it is refused. It
// is an error where none is left, or the input is none.
func FitThinned(seen Frequencies, d Detection, most int, asked ...Asked) (Fits, error) {
	if err := seen.check(); err != nil {
		return Fits{}, err
	}
	if err := d.check(); err != nil {
		return Fits{}, err
	}
	for len(seen) > 0 && seen[len(seen)-1] == 0 {
		seen = seen[:len(seen)-1]
	}
	if most < len(seen) {
		return Fits{}, fmt.Errorf("thinned visits: somebody was seen %d times, and no more than %d visits are allowed for", len(seen), most)
	}
	for _, a := range asked {
		if a.Least < 1 || a.Most >= 0 && a.Most < a.Least || a.Least > most || !(a.Persons >= 0) {
			return Fits{}, fmt.Errorf("thinned visits: %v visitors who say %d to %d visits: classes begin at 1 and no higher than %d", a.Persons, a.Least, a.Most, most)
		}
	}
	all := Fits{problem: newProblem(seen, d, most, asked)}
	add := func(name string, fit Thinned, err error) {
		if err != nil {
			all.Refused = append(all.Refused, Refused{name, err})
			return
		}
		all.Fits = append(all.Fits, fit)
	}
	for _, f := range parametric {
		fit, err := all.problem.fit(f)
		add(f.name, fit, err)
	}
	fit, err := all.problem.fitLogSpline()
	add(LogSpline, fit, err)
	if len(all.Fits) == 0 {
		return all, fmt.Errorf("thinned visits: no family fits; the first: %w", all.Refused[0].Err)
	}
	slices.SortStableFunc(all.Fits, func(a, b Thinned) int { return cmp.Compare(a.AIC, b.AIC) })
	return all, nil
}

// edge bounds the parameters.
const edge = 8

// absurd is the number of persons for one seen beyond which a fit is refused.
const absurd = 1000

func (p *problem) fit(f family) (Thinned, error) {
	t := Thinned{Family: f.name, problem: p, family: f}
	top := point{penalised: math.Inf(-1)}
	var last error
	for _, start := range f.starts {
		at, err := p.climb(f, start)
		if err != nil {
			last = err
			continue
		}
		if at.penalised > top.penalised {
			top = at
		}
	}
	switch {
	case top.theta == nil:
		return t, last
	case slices.ContainsFunc(top.theta, func(x float64) bool { return math.Abs(x) > edge }):
		if held, ok := f.held(top.theta); ok {
			return p.fitHeld(held, len(top.theta))
		}
		return t, fmt.Errorf("%s: the best parameters run to the end of their range: the family does not fit", f.name)
	case p.persons(top.g) > absurd*p.seen.Seen():
		return t, fmt.Errorf("%s: more than %d persons for one seen: the fit is absurd", f.name, absurd)
	}
	hessian, q := p.hessian(f, top), len(top.theta)
	var chol mat.Cholesky
	if !chol.Factorize(hessian) {
		return t, fmt.Errorf("%s: the likelihood is flat at its top: the visits seen do not tell its parameters", f.name)
	}
	t.covariance = mat.NewSymDense(q, nil)
	if err := chol.InverseTo(t.covariance); err != nil {
		return t, fmt.Errorf("%s: the likelihood is flat at its top: %w", f.name, err)
	}
	t.Theta, t.visits, t.LogLikelihood, t.Parameters = top.theta, top.g, top.likelihood, float64(q)
	for k, weight := range f.penalty {
		t.Parameters -= weight * t.covariance.At(k, k)
	}
	t.AIC = 2*t.Parameters - 2*t.LogLikelihood
	return t, nil
}

// fitHeld fits a family of which some parameters are held. The data chose their end, so that
// they count among its parameters.
func (p *problem) fitHeld(f family, parameters int) (Thinned, error) {
	t, err := p.fit(f)
	t.Parameters = float64(parameters)
	t.AIC = 2*t.Parameters - 2*t.LogLikelihood
	return t, err
}

// Visits is the distribution of visits, from one on.
func (t Thinned) Visits() []float64 { return t.visits }

// Threshold is the number of persons with at least k visits.
type Threshold struct {
	Estimate
	// Parameters, Sampling, Detected and Model are the parts of the standard error: of
	// the distribution of visits, of who was seen at all, of the detection itself, and
	// of the choice of the family.
	Parameters, Sampling, Detected, Model float64
	// ByVisit and Linkage are the parts of Detected that are of the detection of a visit, and of missed and
	// false links.
	ByVisit, Linkage float64
	// DropOut is the part of the standard error of who answered how often they come ([Asked]).
	DropOut float64
	// Shape is the part of Parameters and Model that all places of a [Class] have in common.
	Shape float64
	// Naive is the number seen k times or more.
	Naive float64
}

// number is the number of persons with at least k visits under a distribution of them.
func (p *problem) number(g []float64, k int) float64 { return p.persons(g) * tail(g, k) }

// AtLeast estimates the number of persons with at least k visits:
//
//	N̂(k) = N̂ Σ_{v≥k} ĝ(v),  N̂ = n (1 + w)/Σ_v ĝ(v) pseudonyms(v)
//
// with the variance of the parameters by the delta method, N̂ P̂_0/(1 − P̂_0) of who was
// seen at all, P_0 the share never seen, and (dN̂(k)/dp)² v(p) of each part p of the detection that has
// an error, in which the parameters move with p: dθ̂/dp = H⁻¹ ∂²ℓ/∂θ∂p; and with who answered (dropOutError).
func (t Thinned) AtLeast(k int) (Threshold, error) {
	p := t.problem
	if k < 1 || k > p.most {
		return Threshold{}, fmt.Errorf("thinned visits: at least %d visits: ask for 1 to %d", k, p.most)
	}
	slopes := t.family.derivatives(t.Theta, t.visits)
	left := dot(t.visits, p.left)
	slope := mat.NewVecDense(len(t.Theta), nil)
	for a, s := range slopes {
		slope.SetVec(a, p.persons(t.visits)*(tail(s, k)-tail(t.visits, k)*dot(s, p.left)/left))
	}
	zero := dot(t.visits, p.unseen)
	out := Threshold{Estimate: Estimate{N: p.number(t.visits, k), Seen: p.seen.AtLeast(k)}, Naive: p.seen.AtLeast(k)}
	out.Parameters = math.Sqrt(mat.Inner(slope, t.covariance, slope))
	out.Sampling = tail(t.visits, k) * math.Sqrt(p.persons(t.visits)*zero/(1-zero))
	t.detectionError(k, slope, &out)
	out.DropOut = t.dropOutError(k, slope)
	out.StdErr = math.Sqrt(square(out.Parameters) + square(out.Sampling) + square(out.Detected) + square(out.DropOut))
	return out, nil
}

// dropOutError is what the number moves by where those with at least k visits answered more readily than the others by a
// standard error d: their classes have n_c e^{d} answers for n_c, to first order,
//
//	dN̂(k) = ∂N̂(k)/∂θ · H⁻¹ Σ_{c: least ≥ k} d n_c ∂ ln P(c)/∂θ
func (t Thinned) dropOutError(k int, slope *mat.VecDense) float64 {
	p, slopes := t.problem, [][]float64(nil)
	score := mat.NewVecDense(len(t.Theta), nil)
	for _, a := range p.asked {
		if a.DropOut == 0 || a.Least < k {
			continue
		}
		if slopes == nil {
			slopes = t.family.derivatives(t.Theta, t.visits)
		}
		for i, s := range a.scores(t.visits, slopes, p.most) {
			score.SetVec(i, score.AtVec(i)+a.DropOut*a.Persons*s)
		}
	}
	return math.Abs(mat.Inner(slope, t.covariance, score))
}

// detectionError adds the standard error that the detection's own makes.
func (t Thinned) detectionError(k int, slope *mat.VecDense, out *Threshold) {
	p := t.problem
	for _, move := range p.detection.moved() {
		var numbers [2]float64
		var gradients [2]*mat.VecDense
		for side, d := range move.ends {
			moved := newProblem(p.seen, d, p.most, p.asked)
			numbers[side] = moved.number(t.visits, k)
			at := point{theta: t.Theta, g: t.visits}
			moved.scored(t.family, &at)
			gradients[side] = mat.NewVecDense(len(at.gradient), at.gradient)
		}
		var score mat.VecDense
		score.SubVec(gradients[1], gradients[0])
		out.detected(move, numbers[1]-numbers[0]+mat.Inner(slope, t.covariance, &score))
	}
}

// detected adds what a move of the detection changes, by its cause.
func (n *Threshold) detected(m move, change float64) {
	by := change / m.steps
	n.Detected = math.Hypot(n.Detected, by)
	switch m.cause {
	case ofVisit:
		n.ByVisit = math.Hypot(n.ByVisit, by)
	case ofLinkage:
		n.Linkage = math.Hypot(n.Linkage, by)
	}
}

// tail is the share with at least k visits.
func tail(g []float64, k int) float64 {
	var sum float64
	for v := k; v <= len(g); v++ {
		sum += g[v-1]
	}
	return sum
}

// VisitsShare is the share of all visits that are those of persons with at least k, by Akaike
// weights.
func (f Fits) VisitsShare(k int) float64 {
	var with, all float64
	for v, share := range f.averaged() {
		visits := float64(v+1) * share
		all += visits
		if v+1 >= k {
			with += visits
		}
	}
	return with / all
}

// leastWeight is the Akaike weight below which a family has no say.
const leastWeight = 1e-3

// AtLeast averages the families by Akaike weights w ∝ e^{−ΔAIC/2} on the log scale, with
// the unconditional standard error, that of the choice included:
//
//	ln N̂ = Σ w ln N̂_m,  se = Σ w √(v_m + (ln N̂_m − ln N̂)²)
//
// Buckland, Burnham & Augustin (1997, Biometrics 53:603).
func (f Fits) AtLeast(k int) (Threshold, error) {
	p := f.problem
	if k < 1 || k > p.most {
		return Threshold{}, fmt.Errorf("thinned visits: at least %d visits: ask for 1 to %d", k, p.most)
	}
	var weights []float64
	var numbers []Threshold
	var sum float64
	for _, fit := range f.Fits {
		w := math.Exp((f.Fits[0].AIC - fit.AIC) / 2)
		if w < leastWeight {
			continue
		}
		n, err := fit.AtLeast(k)
		if err != nil {
			return Threshold{}, err
		}
		weights, numbers, sum = append(weights, w), append(numbers, n), sum+w
	}
	average := Threshold{Estimate: Estimate{Seen: p.seen.AtLeast(k)}, Naive: p.seen.AtLeast(k)}
	var log float64
	for i, n := range numbers {
		log += weights[i] / sum * math.Log(n.N)
	}
	average.N = math.Exp(log)
	var se float64
	for i, n := range numbers {
		w := weights[i] / sum
		se += w * math.Hypot(n.StdErr/n.N, math.Log(n.N)-log)
		average.Parameters += w * n.Parameters
		average.Sampling += w * n.Sampling
		average.Detected += w * n.Detected
		average.ByVisit += w * n.ByVisit
		average.Linkage += w * n.Linkage
		average.DropOut += w * n.DropOut
		average.Model += w * math.Abs(math.Log(n.N)-log) * average.N
	}
	average.StdErr = se * average.N
	return average, nil
}

func visitsMean(g []float64) float64 {
	var sum float64
	for v, p := range g {
		sum += float64(v+1) * p
	}
	return sum
}

// Interval is the interval of a threshold count on the log scale; it holds no fewer than
// were seen so often.
func (n Threshold) Interval(level float64) (low, high float64) {
	factor := math.Exp(normalQuantile((1+level)/2) * n.StdErr / n.N)
	return max(n.N/factor, n.Naive), n.N * factor
}

// Adequacy sets the frequencies seen beside those that the fit expects: Pearson's
// X² over classes that expect at least five, the last open, and the probability of one
// as great if the family were true. Small ones name a misfit: real tails of visits are
// heavier than negative binomial.
func (t Thinned) Adequacy() (chi2, df, p float64) {
	pr := t.problem
	n := pr.seen.Seen()
	shares := pr.shares(t.visits)
	var expected, observed float64
	restE, restO := n, n
	classes := 0
	for j := 1; j <= len(pr.seen); j++ {
		expected, observed = expected+n*shares[j-1], observed+pr.seen.At(j)
		if expected >= 5 && restE-expected >= 5 {
			chi2 += square(observed-expected) / expected
			restE, restO, expected, observed = restE-expected, restO-observed, 0, 0
			classes++
		}
	}
	chi2 += square(restO-restE) / restE
	df = math.Max(1, float64(classes)-t.Parameters)
	return chi2, df, 1 - distuv.ChiSquared{K: df}.CDF(chi2)
}

// SeenTwice is the probability that a loyal person, and another, is seen twice and no
// more.
func (t Thinned) SeenTwice() (loyal, other float64) {
	d := t.problem.detection
	for i, share := range t.visits {
		v := i + 1
		house, visit := d.loyal(v)
		loyal += share * house * binomial(2, v, visit)
		other += share * binomial(2, v, d.visit(v))
	}
	return loyal, other
}
