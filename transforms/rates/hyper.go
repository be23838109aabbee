package rates

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/kankei/kankei/transforms/golden"
)

// Shares are the posteriors of the regions' shares with the uncertainty of μ and
// M = α + β among it: the mixture of Beta(μM + x_r, (1 − μ)M + n_r − x_r) over what the
// marginal likelihood leaves of (μ, M). Laplace's normal approximation of that would fail
// at the boundary, where few regions or events put it; so it is summed over a grid, under
//
//	μ ~ Beta(½, ½),  M/(M + n₀) ~ Beta(0.6, 0.6), n₀ the harmonic mean of the n_r > 0
//
// the second being of the weight of the model against the region's own data. In a normal model
// Beta(½, ½) is a half-Cauchy law of the standard deviation between regions (Gelman 2006, Bayesian
// Anal. 1:515; Polson & Scott 2012, Bayesian Anal. 7:887), Beta(1, 1) uniform shrinkage (Christiansen
// & Morris 1997, JASA 92:618). The first takes regions for alike too readily, the second too
// seldom, so that its intervals of shares that hardly differ hold in 98 of 100 cases; 0.6 is near the
// first, and was chosen by how often the intervals hold (docs/accuracy.md). Both laws are
// proper, so that every case has its interval: one region, ρ̂ = 0, n_r = 0 (the law of a
// region never seen). Where no event was seen at all the low end is 0, where all persons
// had one the high end is 1.
func (b BetaBinomial) Shares(level float64) ([]Share, error) {
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	var events, persons int64
	for _, c := range b.counts {
		events, persons = events+c.Events, persons+c.Persons
	}
	nodes := b.nodes()
	known := map[Count]Share{}
	shares := make([]Share, len(b.counts))
	for i, c := range b.counts {
		share, ok := known[c]
		if !ok {
			share = nodes.share(c, level)
			if events == 0 {
				share.Low = 0
			}
			if events == persons {
				share.High = 1
			}
			known[c] = share
		}
		shares[i] = share
	}
	return shares, nil
}

// mixture are points of (α, β) with weights that sum to 1.
type mixture []struct{ alpha, beta, weight float64 }

// Of the posterior of (logit μ, ln M/n₀) what lies below e^-faint of its top is left out.
const (
	faint = 8.0
	steps = 12
)

// span is the values of one coordinate between two ends.
type span struct{ from, to float64 }

func (s span) at(i, n int) float64 { return s.from + (s.to-s.from)*float64(i)/float64(n) }

// nodes sums the posterior of (logit μ, ln M/n₀) over a grid of ln M/n₀ where it is not faint,
// and for each over one of logit μ: the greater M, the narrower that is.
func (b BetaBinomial) nodes() (nodes mixture) {
	n0 := b.typical()
	merged := distinct(b.counts)
	density := func(logit, size float64) float64 {
		mu, m := 1/(1+math.Exp(-logit)), n0*math.Exp(size)
		// The priors of logit μ and ln M/n₀: (μ(1 − μ))^½ and (B(1 − B))^0.6, B = M/(M + n₀).
		prior := -logit/2 - math.Log1p(math.Exp(-logit)) + 0.6*(size-2*math.Log1p(math.Exp(size)))
		return prior + merged.logLikelihood(mu*m, m/(1+math.Exp(logit)))
	}
	at := func(size float64) slice {
		return sliceOf(func(logit float64) float64 { return density(logit, size) })
	}
	const coarse = 44
	all := span{-14, 14}
	first, last, top := coarse, 0, math.Inf(-1)
	tops := make([]float64, coarse+1)
	for i := range tops {
		tops[i] = at(all.at(i, coarse)).top
		top = max(top, tops[i])
	}
	for i, t := range tops {
		if t > top-faint {
			first, last = min(first, i), max(last, i)
		}
	}
	sizes := span{all.at(max(first-1, 0), coarse), all.at(min(last+1, coarse), coarse)}
	var sum float64
	for j := range steps + 1 {
		size := sizes.at(j, steps)
		slice := at(size)
		if slice.top < top-faint {
			continue
		}
		means := slice.above(slice.top - faint)
		for i := range steps + 1 {
			logit := means.at(i, steps)
			w := math.Exp(slice.density(logit)-top) * (means.to - means.from)
			m := n0 * math.Exp(size)
			nodes = append(nodes, struct{ alpha, beta, weight float64 }{m / (1 + math.Exp(-logit)), m / (1 + math.Exp(logit)), w})
			sum += w
		}
	}
	for k := range nodes {
		nodes[k].weight /= sum
	}
	return nodes
}

// slice is the log density of logit μ at one M, up to a constant. It has one maximum: its
// derivative by μ falls, since those of ln(μM + j) and of −ln((1 − μ)M + j) do.
type slice struct {
	density   func(logit float64) float64
	top, mode float64 // the greatest density, and where it is
}

// widest are the logits beyond which nothing is looked for.
const widest = 40.0

// sliceOf finds the maximum.
func sliceOf(density func(logit float64) float64) slice {
	peak := golden.Section(-widest, widest, 1e-3, density)
	return slice{density, peak.Top, (peak.Low + peak.High) / 2}
}

// above is where the density is at least so much.
func (s slice) above(least float64) span {
	edge := func(outside float64) float64 {
		inside := s.mode
		for math.Abs(outside-inside) > 1e-3 {
			if middle := (inside + outside) / 2; s.density(middle) >= least {
				inside = middle
			} else {
				outside = middle
			}
		}
		return outside
	}
	return span{edge(-widest), edge(widest)}
}

// typical is n₀.
func (b BetaBinomial) typical() float64 {
	var inverse, regions float64
	for _, c := range b.counts {
		if c.Persons > 0 {
			inverse, regions = inverse+1/float64(c.Persons), regions+1
		}
	}
	return regions / inverse
}

// tallies are the distinct parts of the likelihood with the number of their regions.
type tallies struct{ events, others, persons []tally }

type tally struct{ k, regions float64 }

// distinct counts how many regions have the same events, persons without, and persons:
// among hundreds of municipalities many are alike.
func distinct(counts []Count) (t tallies) {
	add := func(list []tally, at map[int64]int, k int64) []tally {
		i, ok := at[k]
		if !ok {
			i, list = len(list), append(list, tally{k: float64(k)})
			at[k] = i
		}
		list[i].regions++
		return list
	}
	events, others, persons := map[int64]int{}, map[int64]int{}, map[int64]int{}
	for _, c := range counts {
		t.events = add(t.events, events, c.Events)
		t.others = add(t.others, others, c.Persons-c.Events)
		t.persons = add(t.persons, persons, c.Persons)
	}
	return t
}

// logLikelihood is ℓ without the binomial coefficients.
func (t tallies) logLikelihood(alpha, beta float64) (sum float64) {
	for _, e := range t.events {
		sum += e.regions * rising(alpha, e.k)
	}
	for _, e := range t.others {
		sum += e.regions * rising(beta, e.k)
	}
	for _, e := range t.persons {
		sum -= e.regions * rising(alpha+beta, e.k)
	}
	return sum
}

// share is the mixture's mean, standard deviation and equal-tailed interval.
func (m mixture) share(c Count, level float64) Share {
	x, rest := float64(c.Events), float64(c.Persons-c.Events)
	var s Share
	var squares float64
	for _, node := range m {
		p := posterior{node.alpha + x, node.beta + rest}
		s.Mean += node.weight * p.mean()
		squares += node.weight * (p.variance() + square(p.mean()))
	}
	variance := max(squares-square(s.Mean), 0)
	s.StdErr = math.Sqrt(variance)
	below := func(logit float64) (sum float64) {
		theta := 1 / (1 + math.Exp(-logit))
		for _, node := range m {
			sum += node.weight * mathext.RegIncBeta(node.alpha+x, node.beta+rest, theta)
		}
		return sum
	}
	width := s.StdErr / (s.Mean * (1 - s.Mean))
	end := func(p float64) float64 { return quantile(below, s.alike(p), width/50, p) }
	s.Low, s.High = end((1-level)/2), end((1+level)/2)
	return s
}

// alike is the logit of the quantile of the Beta law with the same mean and variance, from
// where the mixture's is not far.
func (s Share) alike(p float64) float64 {
	size := s.Mean*(1-s.Mean)/square(s.StdErr) - 1
	theta := mathext.InvRegIncBeta(s.Mean*size, (1-s.Mean)*size, p)
	return max(-600, min(600, math.Log(theta/(1-theta))))
}

// quantile is where a distribution function of logit θ reaches p, sought from a center by
// a width: bracketed, then by false position with halving (Illinois). Beyond logits of
// ±700 it is 0 or 1.
func quantile(below func(logit float64) float64, center, width, p float64) float64 {
	a, fa := center, below(center)-p
	step := width
	if fa > 0 {
		step = -width
	}
	b, fb := a, fa
	for fa*fb > 0 {
		a, fa = b, fb
		b += step
		if b < -700 {
			return 0
		}
		if b > 700 {
			return 1
		}
		fb, step = below(b)-p, 2*step
	}
	for range 100 {
		if math.Abs(b-a) < 1e-9*(1+math.Abs(b)) || math.Abs(fb) < 1e-9 {
			break
		}
		c := b - fb*(b-a)/(fb-fa)
		fc := below(c) - p
		if fc*fb < 0 {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = c, fc
	}
	return 1 / (1 + math.Exp(-b))
}
