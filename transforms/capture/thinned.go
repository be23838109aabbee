package capture

import (
	"fmt"
	"math"

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

// Thinned is what the visits seen of persons tell of all their visits, under a shifted
// negative binomial number of visits and a known detection.
type Thinned struct {
	// Size and Mean are the parameters of the visits beyond the first.
	Size, Mean    float64
	LogLikelihood float64
	detection     Detection
	seen          Frequencies
	most          int
	kernel        [][]float64 // of j seen visits, by v − 1
	theta         []float64
	covariance    *mat.SymDense
}

// FitThinned estimates the distribution of visits V ≥ 1 of persons of whom Bin(V, p)
// visits are seen and only those with a seen visit are known:
//
//	V − 1 ~ NB(size, mean), the mass beyond most lumped there
//	ℓ = Σ_j f_j log[P_j/(1 − P_0)],  P_j = Σ_v g(v) kernel(j, v)
//
// by maximum likelihood from several starts. The naive count of those seen k times falls
// faster than p: of persons with two visits or more it finds less than half at p = 0.35.
//
// It is an error where the best parameters run to the end of their range: the family
// does not fit, and no number is given.
func FitThinned(seen Frequencies, d Detection, most int) (Thinned, error) {
	if err := seen.check(); err != nil {
		return Thinned{}, err
	}
	if err := d.check(); err != nil {
		return Thinned{}, err
	}
	if most < len(seen) {
		return Thinned{}, fmt.Errorf("thinned visits: somebody was seen %d times, and no more than %d visits are allowed for", len(seen), most)
	}
	t := Thinned{detection: d, seen: seen, most: most, LogLikelihood: math.Inf(-1)}
	for j := range len(seen) + 1 {
		row := make([]float64, most)
		for v := range row {
			row[v] = d.kernel(j, v+1)
		}
		t.kernel = append(t.kernel, row)
	}
	for _, start := range [][]float64{{0, 0.5}, {-1, -1}, {1.5, 1.5}} {
		result, err := optimize.Minimize(optimize.Problem{Func: t.negative}, start, nil, &optimize.NelderMead{})
		if err != nil {
			continue
		}
		if polished, err := optimize.Minimize(optimize.Problem{Func: t.negative, Grad: t.gradient}, result.X, &optimize.Settings{GradientThreshold: 1e-7}, &optimize.BFGS{}); polished != nil && polished.F <= result.F {
			result = polished
			_ = err // a line search that can go no further has arrived
		}
		if -result.F > t.LogLikelihood {
			t.LogLikelihood, t.theta = -result.F, result.X
		}
	}
	if t.theta == nil || math.Abs(t.theta[0]) > edge || math.Abs(t.theta[1]) > edge {
		return t, fmt.Errorf("thinned visits: the best parameters run to the end of their range: the shifted negative binomial family does not fit")
	}
	t.Size, t.Mean = math.Exp(t.theta[0]), math.Exp(t.theta[1])
	hessian := mat.NewSymDense(2, nil)
	fd.Hessian(hessian, t.negative, t.theta, &fd.Settings{Formula: fd.Central, Step: 1e-4})
	var chol mat.Cholesky
	if !chol.Factorize(hessian) {
		return t, fmt.Errorf("thinned visits: the likelihood is flat at its top: the visits seen do not tell the family's parameters")
	}
	t.covariance = mat.NewSymDense(2, nil)
	return t, chol.InverseTo(t.covariance)
}

// edge bounds the logarithms of the parameters.
const edge = 8

// Visits is the distribution of visits, from one on.
func (t Thinned) Visits() []float64 { return t.visits(t.theta) }

func (t Thinned) visits(theta []float64) []float64 {
	size, mean := math.Exp(theta[0]), math.Exp(theta[1])
	g := make([]float64, t.most)
	rest := 1.0
	for v := range g {
		if v == t.most-1 {
			g[v] = max(rest, 0)
			break
		}
		x := float64(v)
		a, _ := math.Lgamma(x + size)
		b, _ := math.Lgamma(size)
		c, _ := math.Lgamma(x + 1)
		g[v] = math.Exp(a - b - c + size*math.Log(size/(size+mean)) + x*math.Log(mean/(size+mean)))
		rest -= g[v]
	}
	return g
}

// unseen is P_0.
func (t Thinned) unseen(g []float64) float64 {
	return dot(g, t.kernel[0])
}

func (t Thinned) negative(theta []float64) float64 {
	if math.Abs(theta[0]) > 2*edge || math.Abs(theta[1]) > 2*edge {
		return math.Inf(1)
	}
	g := t.visits(theta)
	visible := 1 - t.unseen(g)
	var l float64
	for j := range t.seen {
		if t.seen[j] == 0 {
			continue
		}
		l += t.seen[j] * math.Log(dot(g, t.kernel[j+1])/visible)
	}
	return -l
}

func (t Thinned) gradient(into, theta []float64) {
	fd.Gradient(into, t.negative, theta, &fd.Settings{Formula: fd.Central, Step: 1e-6})
}

// Threshold is the number of persons with at least k visits.
type Threshold struct {
	Estimate
	// Parameters, Sampling and Detected are the parts of the standard error: of the
	// distribution of visits, of who was seen at all, and of the detection itself.
	Parameters, Sampling, Detected float64
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
	if k < 1 || k > t.most {
		return Threshold{}, fmt.Errorf("thinned visits: at least %d visits: ask for 1 to %d", k, t.most)
	}
	number := func(theta []float64) float64 {
		g := t.visits(theta)
		return t.seen.Seen() / (1 - t.unseen(g)) * tail(g, k)
	}
	slope := make([]float64, 2)
	fd.Gradient(slope, number, t.theta, &fd.Settings{Formula: fd.Central, Step: 1e-5})
	j := mat.NewVecDense(2, slope)
	g := t.Visits()
	zero := t.unseen(g)
	n := Threshold{Estimate: Estimate{N: number(t.theta), Seen: t.seen.AtLeast(k)}, Naive: t.seen.AtLeast(k)}
	n.Parameters = math.Sqrt(mat.Inner(j, t.covariance, j))
	n.Sampling = tail(g, k) * math.Sqrt(t.seen.Seen()*zero) / (1 - zero)
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
	if t.detection.StdErr == 0 {
		return 0, nil
	}
	var ends [2]float64
	half := min(t.detection.StdErr/2, t.detection.P/2, (1-t.detection.P)/2)
	if half == 0 {
		return 0, fmt.Errorf("thinned visits: every visit is seen, and yet with an error: give a detection below 1")
	}
	for i, sign := range []float64{-1, 1} {
		d := t.detection
		d.P, d.StdErr = d.P+sign*half, 0
		other, err := FitThinned(t.seen, d, t.most)
		if err != nil {
			return 0, err
		}
		n, err := other.AtLeast(k)
		if err != nil {
			return 0, err
		}
		ends[i] = n.N
	}
	return math.Abs(ends[1]-ends[0]) / (2 * half) * t.detection.StdErr, nil
}

// tail is the share with at least k visits.
func tail(g []float64, k int) float64 {
	var sum float64
	for v := k; v <= len(g); v++ {
		sum += g[v-1]
	}
	return sum
}

// Adequacy sets the frequencies seen beside those that the fit expects: Pearson's
// X² over classes that expect at least five, the last open, and the probability of one
// as great if the family were true. Small ones name a misfit: real tails of visits are
// heavier than negative binomial.
func (t Thinned) Adequacy() (chi2, df, p float64) {
	g := t.Visits()
	visible, n := 1-t.unseen(g), t.seen.Seen()
	var expected, observed, restE, restO float64
	restE, restO = n, n
	classes := 0
	for j := 1; j <= len(t.seen); j++ {
		expected, observed = expected+n*dot(g, t.kernel[j])/visible, observed+t.seen.At(j)
		if expected >= 5 && restE-expected >= 5 {
			chi2 += square(observed-expected) / expected
			restE, restO, expected, observed = restE-expected, restO-observed, 0, 0
			classes++
		}
	}
	chi2 += square(restO-restE) / restE
	df = math.Max(1, float64(classes)-2)
	return chi2, df, 1 - distuv.ChiSquared{K: df}.CDF(chi2)
}
