package capture

import (
	"fmt"
	"math"
)

// TwoLists are the sizes of two lists of persons, and how many are on both.
type TwoLists struct{ First, Second, Both float64 }

func (l TwoLists) check() error {
	if !(l.First > 0 && l.Second > 0 && l.Both >= 0) || l.Both > min(l.First, l.Second) || math.IsInf(l.First+l.Second, 0) {
		return fmt.Errorf("two lists of %v and %v persons with %v in common: lists hold somebody, and no more in common than the shorter", l.First, l.Second, l.Both)
	}
	return nil
}

// distinct is the number of persons on either list.
func (l TwoLists) distinct() float64 { return l.First + l.Second - l.Both }

// LincolnPetersen is n₁n₂/m with its variance n₁n₂(n₁−m)(n₂−m)/m³ (Seber 1982). Lists that
// have nobody in common tell no number: an error.
func LincolnPetersen(l TwoLists) (Estimate, error) {
	if err := l.check(); err != nil {
		return Estimate{}, err
	}
	if l.Both == 0 {
		return Estimate{}, fmt.Errorf("two lists without a common person: the number is not estimable; it has no upper limit")
	}
	v := l.First * l.Second * (l.First - l.Both) * (l.Second - l.Both) / math.Pow(l.Both, 3)
	return Estimate{l.First * l.Second / l.Both, math.Sqrt(v), l.distinct()}, nil
}

// Chapman is the nearly unbiased estimate of the number of persons from two lists
// (Chapman 1951; variance of Seber 1970):
//
//	N̂ = (n₁+1)(n₂+1)/(m+1) − 1,  v = (n₁+1)(n₂+1)(n₁−m)(n₂−m)/((m+1)²(m+2))
//
// Lists are taken for independent, closed, and linked without error; see
// [TwoLists.Corrected]. Without a common person it is too small.
func Chapman(l TwoLists) (Estimate, error) {
	if err := l.check(); err != nil {
		return Estimate{}, err
	}
	a, b, m := l.First+1, l.Second+1, l.Both+1
	v := a * b * (l.First - l.Both) * (l.Second - l.Both) / (m * m * (m + 1))
	return Estimate{a*b/m - 1, math.Sqrt(v), l.distinct()}, nil
}

// Sadinle is the transformed-logit interval of the number of persons on two lists
// (Sadinle 2009), which keeps its level in small samples. Where nobody is on both
// lists there is no upper limit: +Inf.
func Sadinle(l TwoLists, level float64) (low, high float64, err error) {
	return sadinle(l, 0, level)
}

// sadinle is [Sadinle] where the number in common has a variance of its own.
func sadinle(l TwoLists, variance, level float64) (low, high float64, err error) {
	if err := l.check(); err != nil {
		return 0, 0, err
	}
	first, second, both := l.First-l.Both+0.5, l.Second-l.Both+0.5, l.Both+0.5
	s := math.Sqrt(1/both + 1/first + 1/second + both/(first*second) + square(1/both+1/first+1/second)*variance)
	z, unseen := normalQuantile((1+level)/2), first*second/both
	low, high = l.distinct()-0.5+unseen*math.Exp(-z*s), l.distinct()-0.5+unseen*math.Exp(z*s)
	if l.Both == 0 {
		high = math.Inf(1)
	}
	return low, high, nil
}

// Exact is the interval of all whole numbers of persons under which neither as many
// nor as few common persons would be rarer than (1 − level)/2, by the
// hypergeometric distribution; +Inf where nobody is on both lists. It is for fewer
// than some twenty in common.
func Exact(l TwoLists, level float64) (low, high float64, err error) {
	if err := l.check(); err != nil {
		return 0, 0, err
	}
	tail := (1 - level) / 2
	low = l.distinct()
	for overlap(l, low, 0, l.Both) <= tail {
		low++
	}
	if l.Both == 0 {
		return low, math.Inf(1), nil
	}
	inside := max(low, math.Ceil(l.First*l.Second/l.Both))
	outside := 2 * inside
	for overlap(l, outside, l.Both, min(l.First, l.Second)) > tail {
		outside *= 2
	}
	for outside-inside > 1 {
		if middle := math.Floor((inside + outside) / 2); overlap(l, middle, l.Both, min(l.First, l.Second)) > tail {
			inside = middle
		} else {
			outside = middle
		}
	}
	return low, inside, nil
}

// overlap is the probability that lists of these sizes, drawn from n persons, have from
// least to most persons in common.
func overlap(l TwoLists, n, least, most float64) float64 {
	var sum float64
	all := choose(n, l.Second)
	for m := max(least, l.First+l.Second-n); m <= most; m++ {
		sum += math.Exp(choose(l.First, m) + choose(n-l.First, l.Second-m) - all)
	}
	return sum
}

// choose is the logarithm of n over k.
func choose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// Corrected are the lists with the true number in common, where a true match is
// linked with probability alpha and a person of the first list who is not on the
// second is linked falsely with probability beta:
//
//	M̂ = (m − n₁β)/(α − β)
//
// Ding & Fienberg (1994); Di Consiglio & Tuoto (2015). It is an error where linkage tells
// nothing (α ≤ β), or fewer were linked than falsely would be.
func (l TwoLists) Corrected(alpha, beta float64) (TwoLists, error) {
	if err := l.check(); err != nil {
		return l, err
	}
	if !(alpha > beta && alpha <= 1 && beta >= 0) {
		return l, fmt.Errorf("linkage finds %v of the matches and %v of the others: it must find more of the matches", alpha, beta)
	}
	l.Both = (l.Both - l.First*beta) / (alpha - beta)
	if l.Both < 0 || l.Both > min(l.First, l.Second) {
		return l, fmt.Errorf("linkage errors of %v and %v leave %v persons in common: they do not fit the lists", 1-alpha, beta, l.Both)
	}
	return l, nil
}

// Linked is the number of persons on two lists linked with errors, and its interval: Chapman's
// and Sadinle's of the lists as [TwoLists.Corrected], to which linkage adds what it leaves
// unknown of the number in common,
//
//	v(M̂) = [M̂ α(1−α) + (n₁−M̂) β(1−β) + M̂² v(α) + (n₁−M̂)² v(β)]/(α−β)²
//
// by the delta method. Alpha and beta have a standard error where they come from checks.
func (l TwoLists) Linked(alpha, beta Rate, level float64) (n Estimate, low, high float64, err error) {
	corrected, err := l.Corrected(alpha.P, beta.P)
	if err != nil {
		return n, 0, 0, err
	}
	if n, err = Chapman(corrected); err != nil {
		return n, 0, 0, err
	}
	m, others := corrected.Both, l.First-corrected.Both
	v := m*alpha.P*(1-alpha.P) + others*beta.P*(1-beta.P) + square(m*alpha.StdErr) + square(others*beta.StdErr)
	v /= square(alpha.P - beta.P)
	n.StdErr = math.Hypot(n.StdErr, (n.N+1)/(m+1)*math.Sqrt(v))
	low, high, err = sadinle(corrected, v, level)
	return n, low, high, err
}

// Joined are the frequencies that there would be without missed links, where each
// time a person is seen joins them to their pseudonym with probability alpha, and
// makes a pseudonym of its own otherwise: the solution of A F = f with
//
//	A_jv = Bin(j; v, α) + 1{j = 1} v (1 − α)
//
// A is upper triangular but for its first row, which is solved last. Small counts may
// come out below 0: they are noise, and are kept so that sums stay right.
func (f Frequencies) Joined(alpha float64) (Frequencies, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if !(alpha > 0 && alpha <= 1) {
		return nil, fmt.Errorf("linkage finds %v of the matches: it must be above 0 and at most 1", alpha)
	}
	k := len(f)
	joined := make(Frequencies, k)
	for v := k; v >= 1; v-- {
		rest := f.At(v)
		for w := v + 1; w <= k; w++ {
			rest -= binomial(v, w, alpha) * joined.At(w)
			if v == 1 {
				rest -= float64(w) * (1 - alpha) * joined.At(w)
			}
		}
		diagonal := binomial(v, v, alpha)
		if v == 1 {
			diagonal += 1 - alpha
		}
		joined[v-1] = rest / diagonal
	}
	return joined, nil
}

// binomial is Bin(j; v, p).
func binomial(j, v int, p float64) float64 {
	switch {
	case j > v:
		return 0
	case p == 1:
		if j == v {
			return 1
		}
		return 0
	}
	return math.Exp(choose(float64(v), float64(j)) + float64(j)*math.Log(p) + float64(v-j)*math.Log1p(-p))
}
