package capture

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat/distuv"
)

// Detection is how likely a visit is seen.
type Detection struct {
	// P is the probability that a visit is seen, StdErr its standard error.
	P, StdErr float64
	// Loyalty is the share of persons of whom all visits are seen or none, such as
	// guests of one house: with probability P all.
	Loyalty float64
}

// kernel is the probability that j of v visits are seen:
//
//	(1 − L) Bin(j; v, p) + L [p 1{j = v} + (1 − p) 1{j = 0}]
func (d Detection) kernel(j, v int) float64 {
	k := (1 - d.Loyalty) * binomial(j, v, d.P)
	if j == v {
		k += d.Loyalty * d.P
	}
	if j == 0 {
		k += d.Loyalty * (1 - d.P)
	}
	return k
}

func (d Detection) check() error {
	if !(d.P > 0 && d.P <= 1 && d.StdErr >= 0 && d.Loyalty >= 0 && d.Loyalty < 1) {
		return fmt.Errorf("detection %+v: the probability lies above 0 and at most at 1, its error is not below 0, and loyalty is a share below 1", d)
	}
	return nil
}

// Asked is a class of an answer of visitors to how often they came, Most being −1 for an
// open class, with the number of persons who gave it: a sample of visitors drawn with
// equal chances.
type Asked struct {
	Least, Most int
	Persons     float64
}

// problem is what was seen and asked, of which all families are fitted.
type problem struct {
	seen      Frequencies
	asked     []Asked
	detection Detection
	most      int
	kernel    [][]float64 // of j seen visits, by v − 1
}

// Thinned is what the visits seen of persons tell of all their visits, under one family
// of distributions of visits and a known detection.
type Thinned struct {
	// Family is its name; Theta are its parameters, on the whole line.
	Family        string
	Theta         []float64
	LogLikelihood float64
	// AIC is 2·parameters − 2·log-likelihood.
	AIC        float64
	problem    *problem
	family     family
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

// FitThinned estimates the distribution of visits V ≥ 1 of persons of whom Bin(V, p)
// visits are seen and only those with a seen visit are known, for each family g:
//
//	ℓ = Σ_j f_j log[P_j/(1 − P_0)] + Σ_c n_c log Σ_{v∈c} g(v),  P_j = Σ_v g(v) kernel(j, v)
//
// by maximum likelihood from several starts, mass beyond most being lumped there. The
// second part is that of visitors who were asked how often they come, which tells the
// tail that bookings do not. The naive count of those seen k times falls faster than p: of
// persons with two visits or more it finds less than half at p = 0.35.
//
// A family whose best parameters run to the end of their range, or whose likelihood is
// flat at its top, is refused. It is an error where none is left, or the input is none.
func FitThinned(seen Frequencies, d Detection, most int, asked ...Asked) (Fits, error) {
	if err := seen.check(); err != nil {
		return Fits{}, err
	}
	if err := d.check(); err != nil {
		return Fits{}, err
	}
	if most < len(seen) {
		return Fits{}, fmt.Errorf("thinned visits: somebody was seen %d times, and no more than %d visits are allowed for", len(seen), most)
	}
	for _, a := range asked {
		if a.Least < 1 || a.Most >= 0 && a.Most < a.Least || a.Least > most || !(a.Persons >= 0) {
			return Fits{}, fmt.Errorf("thinned visits: %v visitors who say %d to %d visits: classes begin at 1 and no higher than %d", a.Persons, a.Least, a.Most, most)
		}
	}
	p := &problem{seen: seen, asked: asked, detection: d, most: most}
	for j := range len(seen) + 1 {
		row := make([]float64, most)
		for v := range row {
			row[v] = d.kernel(j, v+1)
		}
		p.kernel = append(p.kernel, row)
	}
	all := Fits{problem: p}
	for _, f := range families {
		fit, err := p.fit(f)
		if err != nil {
			all.Refused = append(all.Refused, Refused{f.name, err})
			continue
		}
		all.Fits = append(all.Fits, fit)
	}
	if len(all.Fits) == 0 {
		return all, fmt.Errorf("thinned visits: no family fits; the first: %w", all.Refused[0].Err)
	}
	slices.SortStableFunc(all.Fits, func(a, b Thinned) int {
		if a.AIC < b.AIC {
			return -1
		}
		return 1
	})
	return all, nil
}

// edge bounds the parameters.
const edge = 8

func (p *problem) fit(f family) (Thinned, error) {
	t := Thinned{Family: f.name, problem: p, family: f, LogLikelihood: math.Inf(-1)}
	for _, start := range f.starts {
		result, err := optimize.Minimize(optimize.Problem{Func: t.negative}, start, nil, &optimize.NelderMead{})
		if err != nil {
			continue
		}
		// A line search that can go no further has arrived: its error is none.
		if polished, _ := optimize.Minimize(optimize.Problem{Func: t.negative, Grad: t.gradient}, result.X, &optimize.Settings{GradientThreshold: 1e-7}, &optimize.BFGS{}); polished != nil && polished.F <= result.F {
			result = polished
		}
		if -result.F > t.LogLikelihood {
			t.LogLikelihood, t.Theta = -result.F, result.X
		}
	}
	if t.Theta == nil || slices.ContainsFunc(t.Theta, func(x float64) bool { return math.Abs(x) > edge }) {
		return t, fmt.Errorf("%s: the best parameters run to the end of their range: the family does not fit", f.name)
	}
	n := len(t.Theta)
	t.AIC = 2*float64(n) - 2*t.LogLikelihood
	hessian := mat.NewSymDense(n, nil)
	fd.Hessian(hessian, t.negative, t.Theta, &fd.Settings{Formula: fd.Central, Step: 1e-4})
	var chol mat.Cholesky
	if !chol.Factorize(hessian) {
		return t, fmt.Errorf("%s: the likelihood is flat at its top: the visits seen do not tell its parameters", f.name)
	}
	t.covariance = mat.NewSymDense(n, nil)
	return t, chol.InverseTo(t.covariance)
}

// Visits is the distribution of visits, from one on.
func (t Thinned) Visits() []float64 { return t.family.further(t.Theta, t.problem.most) }

func (t Thinned) negative(theta []float64) float64 {
	if slices.ContainsFunc(theta, func(x float64) bool { return math.Abs(x) > 2*edge }) {
		return math.Inf(1)
	}
	p := t.problem
	g := t.family.further(theta, p.most)
	visible := 1 - dot(g, p.kernel[0])
	var l float64
	for j, n := range p.seen {
		if n > 0 {
			l += n * math.Log(dot(g, p.kernel[j+1])/visible)
		}
	}
	for _, a := range p.asked {
		if a.Persons > 0 {
			l += a.Persons * math.Log(classShare(g, a))
		}
	}
	return -l
}

// classShare is the share of persons in a class.
func classShare(g []float64, a Asked) float64 {
	high := a.Most
	if high < 0 || high > len(g) {
		high = len(g)
	}
	var sum float64
	for v := a.Least; v <= high; v++ {
		sum += g[v-1]
	}
	return sum
}

func (t Thinned) gradient(into, theta []float64) {
	fd.Gradient(into, t.negative, theta, &fd.Settings{Formula: fd.Central, Step: 1e-6})
}

// Threshold is the number of persons with at least k visits.
type Threshold struct {
	Estimate
	// Parameters, Sampling, Detected and Model are the parts of the standard error: of
	// the distribution of visits, of who was seen at all, of the detection itself, and
	// of the choice of the family.
	Parameters, Sampling, Detected, Model float64
	// Naive is the number seen k times or more.
	Naive float64
}

// AtLeast estimates the number of persons with at least k visits:
//
//	N̂(k) = N̂ Σ_{v≥k} ĝ(v),  N̂ = n/(1 − P̂_0)
//
// with the variance of the parameters by the delta method, N̂ P̂_0/(1 − P̂_0) of who was
// seen, and (∂N̂(k)/∂p)² v(p), the distribution fitted anew on either side of p.
func (t Thinned) AtLeast(k int) (Threshold, error) {
	p := t.problem
	if k < 1 || k > p.most {
		return Threshold{}, fmt.Errorf("thinned visits: at least %d visits: ask for 1 to %d", k, p.most)
	}
	seen := p.seen.Seen()
	number := func(theta []float64) float64 {
		g := t.family.further(theta, p.most)
		return seen / (1 - dot(g, p.kernel[0])) * tail(g, k)
	}
	slope := make([]float64, len(t.Theta))
	fd.Gradient(slope, number, t.Theta, &fd.Settings{Formula: fd.Central, Step: 1e-5})
	j := mat.NewVecDense(len(slope), slope)
	g := t.Visits()
	zero := dot(g, p.kernel[0])
	n := Threshold{Estimate: Estimate{N: number(t.Theta), Seen: p.seen.AtLeast(k)}, Naive: p.seen.AtLeast(k)}
	n.Parameters = math.Sqrt(mat.Inner(j, t.covariance, j))
	n.Sampling = tail(g, k) * math.Sqrt(seen*zero) / (1 - zero)
	detected, err := t.detectionError(k)
	if err != nil {
		return n, err
	}
	n.Detected = detected
	n.StdErr = math.Sqrt(square(n.Parameters) + square(n.Sampling) + square(n.Detected))
	return n, nil
}

// detectionError is the standard error that the detection's own makes.
func (t Thinned) detectionError(k int) (float64, error) {
	d := t.problem.detection
	if d.StdErr == 0 {
		return 0, nil
	}
	half := min(d.StdErr/2, d.P/2, (1-d.P)/2)
	if half == 0 {
		return 0, fmt.Errorf("thinned visits: every visit is seen, and yet with an error: give a detection below 1")
	}
	var ends [2]float64
	for i, sign := range []float64{-1, 1} {
		moved := d
		moved.P, moved.StdErr = d.P+sign*half, 0
		all, err := FitThinned(t.problem.seen, moved, t.problem.most, t.problem.asked...)
		if err != nil {
			return 0, err
		}
		at := slices.IndexFunc(all.Fits, func(o Thinned) bool { return o.Family == t.Family })
		if at < 0 {
			return 0, fmt.Errorf("%s: the family fits at a detection of %v and not at %v: it is not to be relied on", t.Family, d.P, moved.P)
		}
		n, err := all.Fits[at].AtLeast(k)
		if err != nil {
			return 0, err
		}
		ends[i] = n.N
	}
	return math.Abs(ends[1]-ends[0]) / (2 * half) * d.StdErr, nil
}

// tail is the share with at least k visits.
func tail(g []float64, k int) float64 {
	var sum float64
	for v := k; v <= len(g); v++ {
		sum += g[v-1]
	}
	return sum
}

// AtLeast averages the families by Akaike weights w ∝ e^{−ΔAIC/2} on the log scale, with
// the unconditional standard error, that of the choice included. A family that no longer
// fits where the detection is moved within its error has no weight:
//
//	ln N̂ = Σ w ln N̂_m,  se = Σ w √(v_m + (ln N̂_m − ln N̂)²)
//
// Buckland, Burnham & Augustin (1997, Biometrics 53:603).
func (f Fits) AtLeast(k int) (Threshold, error) {
	var weights []float64
	var numbers []Threshold
	var sum float64
	var last error
	for _, fit := range f.Fits {
		n, err := fit.AtLeast(k)
		if err != nil {
			last = err
			continue
		}
		w := math.Exp((f.Fits[0].AIC - fit.AIC) / 2)
		weights, numbers, sum = append(weights, w), append(numbers, n), sum+w
	}
	if len(numbers) == 0 {
		return Threshold{}, last
	}
	average := Threshold{Estimate: Estimate{Seen: f.problem.seen.AtLeast(k)}, Naive: f.problem.seen.AtLeast(k)}
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
		average.Model += w * math.Abs(math.Log(n.N)-log) * average.N
	}
	average.StdErr = se * average.N
	return average, nil
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
	g, pr := t.Visits(), t.problem
	visible, n := 1-dot(g, pr.kernel[0]), pr.seen.Seen()
	var expected, observed float64
	restE, restO := n, n
	classes := 0
	for j := 1; j <= len(pr.seen); j++ {
		expected, observed = expected+n*dot(g, pr.kernel[j])/visible, observed+pr.seen.At(j)
		if expected >= 5 && restE-expected >= 5 {
			chi2 += square(observed-expected) / expected
			restE, restO, expected, observed = restE-expected, restO-observed, 0, 0
			classes++
		}
	}
	chi2 += square(restO-restE) / restE
	df = math.Max(1, float64(classes-len(t.Theta)))
	return chi2, df, 1 - distuv.ChiSquared{K: df}.CDF(chi2)
}
