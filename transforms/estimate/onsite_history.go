package estimate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// History counts persons by how many of their visits they answered on: the first
// number is of those with one answer, and so on; the last is of those with so
// many or more.
type History []int64

// HistoryFit is what a person's own answers tell of their visits.
type HistoryFit struct {
	// Family is the distribution of visits assumed.
	Family string
	// Q is the probability that a visit is answered on: assumed, not estimated.
	Q float64
	// Persons is the number of visitors, seen and not seen; Share is the share of
	// them with at least two visits.
	Persons, Share float64
	// ShareLow and ShareHigh are the 95 % profile-likelihood interval of the share
	// under the family and q: they hold neither the choice of the family nor q.
	ShareLow, ShareHigh float64
	// LogLikelihood is the greatest.
	LogLikelihood float64
}

// historyFamilies are distributions of visits from 1 on, by one parameter of the
// whole line. One parameter is what a short history can carry.
var historyFamilies = []struct {
	name string
	pmf  func(theta float64) []float64
}{
	{"shifted_geometric", func(theta float64) []float64 {
		p := 1 / (1 + math.Exp(theta)) // of a further visit
		return normalised(func(v float64) float64 { return math.Pow(p, v-1) })
	}},
	{"zeta", func(theta float64) []float64 {
		s := 1 + math.Exp(theta)
		return normalised(func(v float64) float64 { return math.Pow(v, -s) })
	}},
}

// normalised is a distribution on 1 … mostVisits; index 0 is one visit.
func normalised(f func(v float64) float64) []float64 {
	g := make([]float64, mostVisits)
	var sum float64
	for i := range g {
		g[i] = f(float64(i + 1))
		sum += g[i]
	}
	for i := range g {
		g[i] /= sum
	}
	return g
}

// FitHistories estimates the share of visitors with at least two visits from
// their own answers, for a probability q that a visit is answered on. Of V visits
// Bin(V, q) are answered on, and only persons with an answer are seen, so that
//
//	ℓ = Σ_j f_j log[P_j/(1 − P_0)],  P_j = Σ_v g(v) Bin(j; v, q)
//
// is maximised over one family g at a time; persons are n/(1 − P̂_0). Weights of one over
// the own answers would merely count each person once; this is the likelihood
// that they are seen at all. q cannot be told from the answers: a caller shows
// several.
//
// It is an error where q is not above 0 and at most 1, where fewer than two
// classes hold persons, or where the best parameter runs to the end of its range,
// as it does when the family cannot have so many seen once only.
func FitHistories(seen History, q float64) ([]HistoryFit, error) {
	if !(q > 0 && q <= 1) {
		return nil, fmt.Errorf("own history: the probability of an answer is %v: it must be above 0 and at most 1", q)
	}
	classes := 0
	for _, f := range seen {
		if f > 0 {
			classes++
		}
	}
	if classes < 2 {
		return nil, fmt.Errorf("own history: nobody answered on more visits than others, from which nothing can be told: collect over a longer time")
	}
	var fits []HistoryFit
	for _, family := range historyFamilies {
		fit, err := fitHistory(seen, q, family.pmf)
		if err != nil {
			return nil, fmt.Errorf("own history, family %s, q = %v: %w", family.name, q, err)
		}
		fit.Family, fit.Q = family.name, q
		fits = append(fits, fit)
	}
	return fits, nil
}

// edge bounds the parameter: beyond it the families are points.
const edge = 12

func fitHistory(seen History, q float64, pmf func(float64) []float64) (HistoryFit, error) {
	thin := binomials(len(seen), q)
	at := func(theta float64) float64 { return historyLikelihood(seen, thin, pmf(theta)) }
	result, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 {
		if math.Abs(x[0]) > 2*edge {
			return math.Inf(1)
		}
		return -at(x[0])
	}}, []float64{0.5}, nil, &optimize.NelderMead{})
	if err != nil {
		return HistoryFit{}, err
	}
	theta := result.X[0]
	// On a plateau the search may stop anywhere: what is no worse at the end has run
	// to it.
	if best := at(theta); math.Abs(theta) > edge || at(edge) >= best || at(-edge) >= best {
		return HistoryFit{}, fmt.Errorf("the best parameter runs to the end of its range: the family does not fit")
	}
	g := pmf(theta)
	var n, zero float64
	for _, f := range seen {
		n += float64(f)
	}
	for v, p := range g {
		zero += p * math.Pow(1-q, float64(v+1))
	}
	fit := HistoryFit{Persons: n / (1 - zero), Share: 1 - g[0], LogLikelihood: at(theta)}
	// Half the 95 % quantile of chi-square with one degree of freedom.
	const drop = 1.920729410347062
	fit.ShareLow = 1 - pmf(profileEnd(at, theta, edge, fit.LogLikelihood-drop))[0]
	fit.ShareHigh = 1 - pmf(profileEnd(at, theta, -edge, fit.LogLikelihood-drop))[0]
	return fit, nil
}

// profileEnd is where the likelihood falls to a level on the way from its top to
// an end; the end itself where it does not.
func profileEnd(at func(float64) float64, top, end, level float64) float64 {
	if at(end) > level {
		return end
	}
	inside, outside := top, end
	for range 100 {
		middle := (inside + outside) / 2
		if at(middle) > level {
			inside = middle
		} else {
			outside = middle
		}
	}
	return inside
}

// binomials is Bin(j; v, q) for j = 0 … classes − 1; the rest is more.
func binomials(classes int, q float64) [][]float64 {
	thin := make([][]float64, mostVisits)
	for i := range thin {
		v := float64(i + 1)
		thin[i] = make([]float64, classes)
		for j := range thin[i] {
			if float64(j) > v || q == 1 && float64(j) != v {
				continue
			}
			if q == 1 {
				thin[i][j] = 1
				continue
			}
			a, _ := math.Lgamma(v + 1)
			b, _ := math.Lgamma(float64(j) + 1)
			c, _ := math.Lgamma(v - float64(j) + 1)
			thin[i][j] = math.Exp(a - b - c + float64(j)*math.Log(q) + (v-float64(j))*math.Log1p(-q))
		}
	}
	return thin
}

// historyLikelihood is ℓ of a distribution of visits.
func historyLikelihood(seen History, thin [][]float64, g []float64) float64 {
	p := make([]float64, len(seen))
	for v, share := range g {
		for j := range p {
			p[j] += share * thin[v][j]
		}
	}
	visible, below := 1-p[0], 0.0
	var l float64
	for j, f := range seen[:len(seen)-1] {
		l += float64(f) * math.Log(p[j+1]/visible)
		below += p[j+1]
	}
	return l + float64(seen[len(seen)-1])*math.Log(max(visible-below, 1e-300)/visible)
}
