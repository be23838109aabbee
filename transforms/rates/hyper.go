package rates

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Shares are the posteriors of the regions' shares with the uncertainty of μ and
// M = α + β among it: the mixture of Beta(μM + x_r, (1 − μ)M + n_r − x_r) over what the
// marginal likelihood leaves of (μ, M). Laplace's normal approximation of that would fail
// at the boundary, where few regions or events put it; so it is summed over a grid, under
//
//	μ ~ Beta(½, ½),  M/(M + n₀) ~ Uniform(0, 1), n₀ the harmonic mean of the n_r > 0
//
// the second being the uniform shrinkage prior: the weight of the model against the
// region's own data may be anything. Christiansen & Morris (1997, JASA 92:618). Both are
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

// nodes sums the posterior of (logit μ, ln M/n₀) over a grid, after closing in on where it
// is not faint.
func (b BetaBinomial) nodes() mixture {
	n0 := b.typical()
	merged := distinct(b.counts)
	density := func(logit, size float64) float64 {
		mu, m := 1/(1+math.Exp(-logit)), n0*math.Exp(size)
		// The priors of logit μ and ln M/n₀: √(μ(1 − μ)) and B(1 − B), B = M/(M + n₀).
		prior := -logit/2 - math.Log1p(math.Exp(-logit)) + size - 2*math.Log1p(math.Exp(size))
		return prior + merged.logLikelihood(mu*m, m/(1+math.Exp(logit)))
	}
	means, sizes := span{-22, 22}, span{-14, 14}
	for grid := 44; ; grid = steps {
		top, closerMeans, closerSizes := bright(density, means, sizes, grid)
		done := closerMeans.to-closerMeans.from > 0.7*(means.to-means.from) && closerSizes.to-closerSizes.from > 0.7*(sizes.to-sizes.from)
		means, sizes = closerMeans, closerSizes
		if done {
			return gather(density, means, sizes, n0, top)
		}
	}
}

// bright is the top of the density on a grid, and the part of either span, with a step
// beyond on both sides, in which the density is not faint.
func bright(density func(a, b float64) float64, means, sizes span, n int) (top float64, m, s span) {
	values := make([]float64, (n+1)*(n+1))
	top = math.Inf(-1)
	for k := range values {
		values[k] = density(means.at(k/(n+1), n), sizes.at(k%(n+1), n))
		top = max(top, values[k])
	}
	firstM, lastM, firstS, lastS := n, 0, n, 0
	for k, v := range values {
		if v > top-faint {
			firstM, lastM = min(firstM, k/(n+1)), max(lastM, k/(n+1))
			firstS, lastS = min(firstS, k%(n+1)), max(lastS, k%(n+1))
		}
	}
	closer := func(s span, first, last int) span {
		return span{s.at(max(first-1, 0), n), s.at(min(last+1, n), n)}
	}
	return top, closer(means, firstM, lastM), closer(sizes, firstS, lastS)
}

func gather(density func(a, b float64) float64, means, sizes span, n0, top float64) (nodes mixture) {
	var sum float64
	for i := range steps + 1 {
		for j := range steps + 1 {
			logit, size := means.at(i, steps), sizes.at(j, steps)
			w := math.Exp(density(logit, size) - top)
			if w < math.Exp(-faint) {
				continue
			}
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
