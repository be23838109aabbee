package rates

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BetaBinomial is the law of the shares of regions alike: θ_r ~ Beta(α, β), and the
// events of a region x_r ~ Binomial(n_r, θ_r).
type BetaBinomial struct {
	// Alpha and Beta are the maximum of the marginal likelihood; both +Inf where
	// Overdispersion is 0.
	Alpha, Beta float64
	// Mean is μ = α/(α + β), and Overdispersion ρ = 1/(α + β + 1), the correlation of two
	// persons of one region.
	Mean, Overdispersion float64
	// LogLikelihood is at the maximum, the binomial coefficients among it.
	LogLikelihood float64
	// LogVariances are the variances of ln α̂ and ln β̂, LogCovariance their covariance,
	// from the observed information; 0 where Overdispersion is 0.
	LogVariances  [2]float64
	LogCovariance float64

	counts []Count
}

// Share is the share of a region as the model has it.
type Share struct {
	// Mean and StdErr are of the posterior, Low and High its equal-tailed interval.
	Mean, StdErr, Low, High float64
}

// Fit finds α and β by maximum marginal likelihood (Griffiths 1973, Biometrics 29:637):
//
//	ℓ = Σ ln B(α + x_r, β + n_r − x_r) − ln B(α, β) + ln C(n_r, x_r)
//
// Where the regions differ no more than chance lets them (as one region alone never
// does), the maximum is the binomial law, ρ = 0, with μ = Σx/Σn; among such data are
// those without any event, μ = 0, and those where all persons had one, μ = 1.
// Regions with n = 0 tell nothing and have a posterior all the same. It is an error where
// nobody is in any region.
func Fit(counts []Count) (BetaBinomial, error) {
	b := BetaBinomial{Alpha: math.Inf(1), Beta: math.Inf(1), counts: counts}
	var events, persons, most float64
	for i, c := range counts {
		if err := c.check(); err != nil {
			return b, fmt.Errorf("region %d: %w", i+1, err)
		}
		events, persons = events+float64(c.Events), persons+float64(c.Persons)
		most = max(most, float64(c.Persons))
	}
	if persons == 0 {
		return b, fmt.Errorf("%d regions without a person: no rate can be told", len(counts))
	}
	b.Mean = events / persons
	b.LogLikelihood = binomialLikelihood(counts, b.Mean)
	if events == 0 || events == persons {
		return b, nil
	}
	alpha, beta, found := b.climb(most)
	if !found {
		return b, nil
	}
	b.Alpha, b.Beta = alpha, beta
	b.Mean, b.Overdispersion = alpha/(alpha+beta), 1/(alpha+beta+1)
	b.LogLikelihood = logLikelihood(counts, alpha, beta)
	_, h := derivatives(counts, alpha, beta)
	det := h[0]*h[2] - h[1]*h[1]
	b.LogVariances, b.LogCovariance = [2]float64{-h[2] / det, -h[0] / det}, h[1]/det
	return b, nil
}

// climb is damped Newton on (ln α, ln β) from the likeliest of some α + β at the pooled
// mean. It finds nothing where α + β runs away or the binomial law is as likely.
func (b BetaBinomial) climb(most float64) (alpha, beta float64, found bool) {
	best := math.Inf(-1)
	for size := 0.1; size <= 1e4*most; size *= 3 {
		if l := logLikelihood(b.counts, b.Mean*size, (1-b.Mean)*size); l > best {
			best, alpha, beta = l, b.Mean*size, (1-b.Mean)*size
		}
	}
	damping := 0.0
	for range 200 {
		g, h := derivatives(b.counts, alpha, beta)
		da, db, ok := ascent(g, h, damping)
		if a, c := alpha*math.Exp(da), beta*math.Exp(db); ok && math.Abs(da)+math.Abs(db) < 4 {
			if l := logLikelihood(b.counts, a, c); l >= best-1e-12*math.Abs(best) {
				best, alpha, beta, damping = max(l, best), a, c, damping/10
				if math.Abs(da)+math.Abs(db) < 1e-12 || alpha+beta > 1e6*most {
					break
				}
				continue
			}
		}
		damping = max(10*damping, 1e-6*(math.Abs(h[0])+math.Abs(h[2])))
	}
	return alpha, beta, alpha+beta <= 1e6*most && best > b.LogLikelihood+1e-9
}

// ascent solves (damping·I − H) d = g; ok only where that matrix is positive definite.
func ascent(g [2]float64, h [3]float64, damping float64) (da, db float64, ok bool) {
	a, b, c := damping-h[0], -h[1], damping-h[2]
	det := a*c - b*b
	return (c*g[0] - b*g[1]) / det, (a*g[1] - b*g[0]) / det, a > 0 && det > 0
}

// logLikelihood is ℓ with α and β above 0.
func logLikelihood(counts []Count, alpha, beta float64) (sum float64) {
	for _, c := range counts {
		x, n := float64(c.Events), float64(c.Persons)
		sum += rising(alpha, x) + rising(beta, n-x) - rising(alpha+beta, n) + logChoose(n, x)
	}
	return sum
}

func binomialLikelihood(counts []Count, p float64) (sum float64) {
	for _, c := range counts {
		x, n := float64(c.Events), float64(c.Persons)
		sum += logChoose(n, x)
		if x > 0 {
			sum += x * math.Log(p)
		}
		if x < n {
			sum += (n - x) * math.Log1p(-p)
		}
	}
	return sum
}

// derivatives are the gradient of ℓ and its second derivatives (αα, αβ, ββ), all with
// respect to ln α and ln β.
func derivatives(counts []Count, alpha, beta float64) (g [2]float64, h [3]float64) {
	var a, b, aa, ab, bb float64
	for _, c := range counts {
		x, n := float64(c.Events), float64(c.Persons)
		common := mathext.Digamma(alpha+beta) - mathext.Digamma(alpha+beta+n)
		a += mathext.Digamma(alpha+x) - mathext.Digamma(alpha) + common
		b += mathext.Digamma(beta+n-x) - mathext.Digamma(beta) + common
		common = trigamma(alpha+beta) - trigamma(alpha+beta+n)
		aa += trigamma(alpha+x) - trigamma(alpha) + common
		bb += trigamma(beta+n-x) - trigamma(beta) + common
		ab += common
	}
	g = [2]float64{alpha * a, beta * b}
	return g, [3]float64{alpha*alpha*aa + g[0], alpha * beta * ab, beta*beta*bb + g[1]}
}

func trigamma(x float64) float64 { return mathext.Zeta(2, x) }

// rising is ln Γ(a + k) − ln Γ(a), also where a is so great that the two would cancel.
func rising(a, k float64) float64 {
	switch {
	case k <= 20 && a < 1e9:
		product := 1.0
		for j := range int(k) {
			product *= a + float64(j)
		}
		return math.Log(product)
	case a >= 20:
		return (a-0.5)*math.Log1p(k/a) + k*math.Log(a+k) - k + stirling(a+k) - stirling(a)
	}
	above, _ := math.Lgamma(a + k)
	below, _ := math.Lgamma(a)
	return above - below
}

// stirling is what Stirling's formula leaves of ln Γ, to 1e-14 from 20 upwards.
func stirling(z float64) float64 {
	return (1.0/12 - (1.0/360-(1.0/1260-1/(1680*z*z))/(z*z))/(z*z)) / z
}

func logChoose(n, x float64) float64 { return rising(x+1, n-x) - rising(1, n-x) }

// PlugIn are the posteriors Beta(α̂ + x_r, β̂ + n_r − x_r), as if α̂ and β̂ were known: for
// comparison, since their intervals hold too seldom (Morris 1983, JASA 78:47). Where
// ρ = 0 every region has the pooled share and an interval of length 0.
func (b BetaBinomial) PlugIn(level float64) ([]Share, error) {
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	shares := make([]Share, len(b.counts))
	for i, c := range b.counts {
		if b.Overdispersion == 0 {
			shares[i] = Share{Mean: b.Mean, Low: b.Mean, High: b.Mean}
			continue
		}
		p := posterior{b.Alpha + float64(c.Events), b.Beta + float64(c.Persons-c.Events)}
		shares[i] = Share{p.mean(), math.Sqrt(p.variance()),
			mathext.InvRegIncBeta(p.a, p.b, (1-level)/2), mathext.InvRegIncBeta(p.a, p.b, (1+level)/2)}
	}
	return shares, nil
}

// posterior is Beta(a, b).
type posterior struct{ a, b float64 }

func (p posterior) mean() float64 { return p.a / (p.a + p.b) }

func (p posterior) variance() float64 {
	return p.a / (p.a + p.b) * (p.b / (p.a + p.b)) / (p.a + p.b + 1)
}
