package main

import (
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// sample is persons drawn, ready to be estimated from.
type sample struct {
	units []int32
	estimate.Survey
}

// draw is a way to draw a sample.
type draw func(p *population, random *rand.Rand) (sample, error)

// without draws n of the units without replacement, each set alike (Floyd); the
// order is that of drawing, which decides nothing.
func without(random *rand.Rand, units []int32, n int) []int32 {
	drawn, out := make(map[int]bool, n), make([]int32, 0, n)
	for j := len(units) - n; j < len(units); j++ {
		i := random.IntN(j + 1)
		if drawn[i] {
			i = j
		}
		drawn[i] = true
		out = append(out, units[i])
	}
	return out
}

// persons draws n_h persons of each stratum at random; one number draws from all.
func persons(sizes ...int) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		strata := make([][]int32, len(sizes))
		for k, h := range p.stratum {
			strata[int(h)%len(sizes)] = append(strata[int(h)%len(sizes)], int32(k))
		}
		var s sample
		stage := weight.Stage{}
		for h, n := range sizes {
			s.units = append(s.units, without(random, strata[h], n)...)
			for range n {
				s.Design.Weights = append(s.Design.Weights, float64(len(strata[h]))/float64(n))
				stage.Strata = append(stage.Strata, int32(h))
				stage.Population = append(stage.Population, float64(len(strata[h])))
			}
		}
		s.Design.Stages = []weight.Stage{stage}
		return s, nil
	}
}

// taken is how many persons are drawn of a district.
const taken = 15

// proportional draws n(h) districts of each stratum in proportion to their
// persons, with replacement, and of each 15 persons at random: weights are equal
// within a stratum. strata says which stratum a person is of.
func proportional(strata func(p *population) []int32, n func(h int) int, lonely weight.Lonely) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		districts := districtsBy(p, strata(p))
		s := sample{}
		stage := weight.Stage{}
		cluster := int32(0)
		for h := range districts {
			var size int
			for _, d := range districts[h] {
				size += len(p.members[d])
			}
			for range n(h) {
				s.units = append(s.units, without(random, p.members[bySize(p, random, districts[h], size)], taken)...)
				for range taken {
					s.Design.Weights = append(s.Design.Weights, float64(size)/float64(n(h)*taken))
					stage.Strata, stage.Clusters = append(stage.Strata, int32(h)), append(stage.Clusters, cluster)
				}
				cluster++
			}
		}
		s.Design.Stages, s.Design.Lonely = []weight.Stage{stage}, lonely
		return s, nil
	}
}

// districtsBy lists the districts of each stratum.
func districtsBy(p *population, strata []int32) [][]int32 {
	var districts [][]int32
	for d, members := range p.members {
		h := int(strata[members[0]])
		for len(districts) <= h {
			districts = append(districts, nil)
		}
		districts[h] = append(districts[h], int32(d))
	}
	return districts
}

// bySize draws a district in proportion to its persons.
func bySize(p *population, random *rand.Rand, districts []int32, size int) int32 {
	u := random.IntN(size)
	for _, d := range districts {
		if u -= len(p.members[d]); u < 0 {
			return d
		}
	}
	panic("the sizes of the districts do not add up")
}

// byStratum and bySubstratum are the strata of [proportional].
func byStratum(p *population) []int32    { return p.stratum }
func bySubstratum(p *population) []int32 { return p.sub }

// everywhere is the same number in every stratum.
func everywhere(n int) func(int) int { return func(int) int { return n } }

// equal draws n districts of each stratum with equal chances without replacement,
// and of each either everybody or 15 persons, with finite population corrections
// at both stages. corrected false leaves the corrections out.
func equal(n int, all, corrected bool) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		var s sample
		var first, second weight.Stage
		for h, districts := range districtsBy(p, p.stratum) {
			for _, d := range without(random, districts, n) {
				members := p.members[d]
				if !all {
					members = without(random, members, taken)
				}
				s.units = append(s.units, members...)
				w := float64(len(districts)) / float64(n) * float64(len(p.members[d])) / float64(len(members))
				for range members {
					s.Design.Weights = append(s.Design.Weights, w)
					first.Strata, first.Clusters = append(first.Strata, int32(h)), append(first.Clusters, d)
					first.Population = append(first.Population, float64(len(districts)))
					second.Population = append(second.Population, float64(len(p.members[d])))
				}
			}
		}
		if !corrected {
			first.Population = nil
		}
		s.Design.Stages = []weight.Stage{first}
		if !all && corrected {
			s.Design.Stages = append(s.Design.Stages, second)
		}
		return s, nil
	}
}

// calibrated meets the population by sex, age and stratum.
func calibrated(from draw, o weight.Options) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		s, err := from(p, random)
		if err != nil {
			return s, err
		}
		margins := []weight.Margin{p.margin("sex", p.sex, 2, s.units), p.margin("age", p.age, ageClasses, s.units), p.margin("stratum", p.stratum, strataCount, s.units)}
		if err := weight.CheckMargins(margins...); err != nil {
			return s, err
		}
		aux, totals := weight.Margins(margins...)
		s.Calibration, err = weight.Calibrate(s.Design.Weights, aux, totals, o)
		return s, err
	}
}

// margin counts the population by class.
func (p *population) margin(name string, classes []int32, n int, units []int32) weight.Margin {
	m := weight.Margin{Name: name, Classes: make([]string, n), Totals: make([]float64, n), Of: of(classes, units)}
	for _, c := range classes {
		m.Totals[c]++
	}
	return m
}

// responding lets each person of a sample answer with a probability of their own,
// and makes the non-respondents up by age class.
func responding(from draw, probability func(p *population, k int32) float64) draw {
	return func(p *population, random *rand.Rand) (sample, error) {
		s, err := from(p, random)
		if err != nil {
			return s, err
		}
		answered := make([]bool, len(s.units))
		for i, k := range s.units {
			answered[i] = random.Float64() < probability(p, k)
		}
		factors, err := weight.NonResponse(s.Design.Weights, of(p.age, s.units), make([]string, ageClasses), answered)
		if err != nil {
			return s, err
		}
		return s.only(answered, factors), nil
	}
}

// only keeps some units of a design of one stage, their weights times factors.
func (s sample) only(kept []bool, factors []float64) sample {
	out := sample{Survey: estimate.Survey{Design: weight.Design{Lonely: s.Design.Lonely}}}
	var stage weight.Stage
	for i, keep := range kept {
		if keep {
			out.units = append(out.units, s.units[i])
			out.Design.Weights = append(out.Design.Weights, s.Design.Weights[i]*factors[i])
			stage.Strata = append(stage.Strata, s.Design.Stages[0].Strata[i])
			stage.Clusters = append(stage.Clusters, s.Design.Stages[0].Clusters[i])
		}
	}
	out.Design.Stages = []weight.Stage{stage}
	return out
}
