package main

import (
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/capture"
)

// boundPersons is the number of persons of the cells of lower bounds.
const boundPersons = 1000

// bounds are the estimators of one list of which the detection is not known.
var bounds = []struct {
	name  string
	bound bool // never above, of whatever persons
	of    func(f capture.Frequencies) (capture.Estimate, error)
}{
	{"chao", true, capture.ChaoCorrected},
	{"zelterman", false, capture.Zelterman},
	{"one-inflated", true, func(f capture.Frequencies) (capture.Estimate, error) {
		n, _, err := capture.OneInflated(f)
		return capture.Estimate{N: n, Seen: f.Seen()}, err
	}},
}

// boundCell estimates all persons, each of whom is seen a Poisson number of times with a
// rate of their own, some of the times under a pseudonym apart.
func boundCell(name, what string, missed float64, targets [3]target, rate func(random *rand.Rand) float64) Cell {
	c := Cell{Name: "capture/bounds/" + name, What: "1,000 persons, seen a Poisson number of times, " + what}
	for i, b := range bounds {
		c.Figures = append(c.Figures, part{b.name, targets[i]})
	}
	c.Draw = func(seed uint64, runs int) []Result {
		var results []Result
		for _, outcomes := range repeatAll(seed, runs, len(bounds), func(random *rand.Rand) []outcome {
			var f capture.Frequencies
			for range boundPersons {
				seen := poisson(random, rate(random))
				split := binomial(random, seen, missed)
				f = counted(counted(f, seen-split, 1), 1, split)
			}
			out := make([]outcome, len(bounds))
			for i, b := range bounds {
				e, err := b.of(f)
				low, high := e.LogNormal(level)
				out[i] = outcome{value: e.N, stdErr: e.StdErr, low: low, high: high, failed: err != nil, naive: f.Seen()}
			}
			return out
		}) {
			results = append(results, besideNaive(boundPersons, outcomes))
		}
		return results
	}
	return c
}

// counted adds persons seen so often.
func counted(f capture.Frequencies, often, persons int) capture.Frequencies {
	if often == 0 || persons == 0 {
		return f
	}
	for len(f) < often {
		f = append(f, 0)
	}
	f[often-1] += float64(persons)
	return f
}

func constant(rate float64) func(*rand.Rand) float64 {
	return func(*rand.Rand) float64 { return rate }
}

// gammaRate draws rates of mean 1 and a squared CV of 1/shape, a multiple of a half: the sum of
// squares of normal numbers.
func gammaRate(halves int) func(*rand.Rand) float64 {
	return func(random *rand.Rand) float64 {
		var squares float64
		for range halves {
			z := random.NormFloat64()
			squares += z * z
		}
		return squares / float64(halves)
	}
}

// boundCells are those of lower bounds.
func boundCells() []Cell {
	exactly := [3]target{{bias: 1, least: 94, most: 97}, {}, {}}
	floor := [3]target{{above: 2.5}, {}, {}}
	none := [3]target{}
	return []Cell{
		boundCell("homogeneous/rate=0.5", "0.5 in the mean", 0, exactly, constant(0.5)),
		boundCell("homogeneous/rate=1", "1 in the mean", 0, exactly, constant(1)),
		boundCell("homogeneous/rate=2", "2 in the mean", 0, exactly, constant(2)),
		boundCell("heterogeneous/cv=0.71", "1 in the mean, gamma rates with a CV of 0.71", 0, floor, gammaRate(4)),
		boundCell("heterogeneous/cv=1.41", "1 in the mean, gamma rates with a CV of 1.41", 0, floor, gammaRate(1)),
		boundCell("homogeneous/missed=0.05", "1 in the mean, 5 % of the links missed", 0.05, none, constant(1)),
		boundCell("heterogeneous/missed=0.05", "1 in the mean, gamma rates with a CV of 0.71, 5 % of the links missed", 0.05, none, gammaRate(4)),
	}
}

// joinedCells count pseudonyms seen k times as if no link had been missed: the truth is what
// would have been seen with every link.
func joinedCells() []Cell {
	var cells []Cell
	for _, missed := range []float64{0.02, 0.05, 0.1} {
		c := Cell{Name: "capture/joined/missed=" + number(missed), What: "5,000 persons, persons seen k times of split pseudonyms, p = 0.35, " + number(100*missed) + " % of the links missed; " + middle.what, Most: 500}
		ks := []int{1, 2, 4}
		for _, k := range ks {
			c.Figures = append(c.Figures, part{"seen≥" + number(float64(k)), target{bias: 1}})
		}
		d := seenWith(0.35)
		d.Missed.P = missed
		c.Draw = func(seed uint64, runs int) []Result {
			outcomes := repeatAll(seed, runs, len(ks), func(random *rand.Rand) []outcome {
				y := middle.year(random, regionPersons, d)
				joined, err := y.seen.Joined(1 - missed)
				out := make([]outcome, len(ks))
				for i, k := range ks {
					out[i] = outcome{value: joined.AtLeast(k), failed: err != nil, naive: y.seen.AtLeast(k)}
				}
				return out
			})
			var results []Result
			for i, k := range ks {
				results = append(results, besideNaive(regionPersons*middle.seenAtLeast(k, 0.35), outcomes[i]))
			}
			return results
		}
		cells = append(cells, c)
	}
	return cells
}

// seenAtLeast is the share of persons of whom at least k visits are seen.
func (w visiting) seenAtLeast(k int, p float64) float64 {
	var share float64
	for i, g := range w.shares {
		for j := k; j <= i+1; j++ {
			n, v := float64(j), float64(i+1)
			share += g * math.Exp(logGamma(v+1)-logGamma(n+1)-logGamma(v-n+1)+n*math.Log(p)+(v-n)*math.Log1p(-p))
		}
	}
	return share
}
