package main

import (
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/capture"
)

// mostVisits is the greatest number of visits in a year, what lies beyond being lumped there
// in laws and in fits alike.
const mostVisits = 60

// visiting is how often persons come in a year: the shares of those who come 1, 2, …
// mostVisits times.
type visiting struct {
	name, what string
	shares     []float64
}

// tail is the share with k visits or more.
func (w visiting) tail(k int) float64 { return sum(w.shares[k-1:]) }

// year is a year of some persons: the visits of each, and how many pseudonyms were
// seen how often.
type year struct {
	visits []int
	seen   capture.Frequencies
}

// atLeast is the number of persons who came k times or more.
func (y year) atLeast(k int) float64 {
	var n float64
	for _, v := range y.visits {
		if v >= k {
			n++
		}
	}
	return n
}

// year draws persons anew and lets their visits be seen as the detection says, whose
// standard errors say nothing here.
func (w visiting) year(random *rand.Rand, persons int, d capture.Detection) year {
	y := year{visits: make([]int, persons)}
	upTo := cumulated(w.shares)
	var pseudonyms []int
	for i := range y.visits {
		v := 1 + int(choose(random, upTo))
		y.visits[i] = v
		seen := binomial(random, v, d.Visit.P)
		if d.Loyalty.P > 0 && random.Float64() < d.Loyalty.P { // guest of one house: all visits or none
			seen = v * binomial(random, 1, d.Visit.P)
		}
		split := binomial(random, seen, d.Missed.P)
		if seen > split {
			pseudonyms = append(pseudonyms, seen-split)
		}
		for range split {
			pseudonyms = append(pseudonyms, 1)
		}
	}
	for _, n := range welded(random, pseudonyms, d.Welded.P) {
		for len(y.seen) < n {
			y.seen = append(y.seen, 0)
		}
		y.seen[n-1]++
	}
	return y
}

// welded merges pairs of pseudonyms, so that so large a share of those left holds two.
func welded(random *rand.Rand, pseudonyms []int, share float64) []int {
	if share == 0 {
		return pseudonyms
	}
	random.Shuffle(len(pseudonyms), func(i, j int) { pseudonyms[i], pseudonyms[j] = pseudonyms[j], pseudonyms[i] })
	pairs := binomial(random, len(pseudonyms), share/(1+share))
	for i := range pairs {
		pseudonyms[i] += pseudonyms[len(pseudonyms)-1-i]
	}
	return pseudonyms[:len(pseudonyms)-pairs]
}

// binomial draws the number of n that fall to a probability.
func binomial(random *rand.Rand, n int, p float64) int {
	if p == 0 {
		return 0
	}
	hits := 0
	for range n {
		if random.Float64() < p {
			hits++
		}
	}
	return hits
}

// cumulated are the sums of the first shares.
func cumulated(shares []float64) []float64 {
	out, total := make([]float64, len(shares)), 0.0
	for i, s := range shares {
		total += s
		out[i] = total
	}
	return out
}

// asking puts the question how often they come to persons of the year: to some
// drawn with equal chances, or met in proportion to their visits.
type asking struct {
	persons int
	met     bool
}

// classes of the answers, as of [inClasses].
var classes = [][2]int{{1, 1}, {2, 3}, {4, 6}, {7, 11}, {12, -1}}

func (a asking) ask(random *rand.Rand, y year) []capture.Asked {
	if a.persons == 0 {
		return nil
	}
	var answers []capture.Asked
	for _, c := range classes {
		answers = append(answers, capture.Asked{Least: c[0], Most: c[1], Met: a.met})
	}
	for _, i := range a.drawn(random, y.visits) {
		for c := range answers {
			if v := y.visits[i]; v >= classes[c][0] && (classes[c][1] < 0 || v <= classes[c][1]) {
				answers[c].Persons++
			}
		}
	}
	return answers
}

// drawn are the persons who are asked. Whoever is met on the spot may be met twice.
func (a asking) drawn(random *rand.Rand, visits []int) []int32 {
	if !a.met {
		all := make([]int32, len(visits))
		for i := range all {
			all[i] = int32(i)
		}
		return without(random, all, a.persons)
	}
	var each []int32 // the person of each visit
	for i, v := range visits {
		for range v {
			each = append(each, int32(i))
		}
	}
	out := make([]int32, a.persons)
	for i := range out {
		out[i] = each[random.IntN(len(each))]
	}
	return out
}

// checks is how many links or persons are checked by hand for an estimated share.
const checks = 500

// checked is a share as found by checks, with its error.
func checked(random *rand.Rand, r capture.Rate) capture.Rate {
	if r.P == 0 {
		return r
	}
	p := float64(binomial(random, checks, r.P)) / checks
	return capture.Rate{P: p, StdErr: math.Sqrt(p * (1 - p) / checks)}
}

// knowledge is what the estimator is told of a detection.
type knowledge struct {
	name string
	of   func(random *rand.Rand, d capture.Detection) capture.Detection
}

var (
	known   = knowledge{"known", func(_ *rand.Rand, d capture.Detection) capture.Detection { return d }}
	ignored = knowledge{"ignored", func(_ *rand.Rand, d capture.Detection) capture.Detection {
		return capture.Detection{Visit: d.Visit}
	}}
	estimated = knowledge{"estimated", func(random *rand.Rand, d capture.Detection) capture.Detection {
		d.Loyalty, d.Missed, d.Welded = checked(random, d.Loyalty), checked(random, d.Missed), checked(random, d.Welded)
		return d
	}}
)

// drawnTo draws p from the normal distribution around the truth with a standard error of a
// tenth of it, which is stated, or not.
func drawnTo(stated bool) func(random *rand.Rand, d capture.Detection) capture.Detection {
	return func(random *rand.Rand, d capture.Detection) capture.Detection {
		se := d.Visit.P / 10
		d.Visit.P += se * random.NormFloat64()
		if stated {
			d.Visit.StdErr = se
		}
		return d
	}
}
