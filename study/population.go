package main

import (
	"math"
	"math/rand/v2"
	"sync"
)

// The population of the design-based cells: districts (the primary sampling
// units) in ten strata, persons in districts.
const (
	strataCount        = 10
	districtsOfStratum = 40
	substrata          = 4 // of each stratum, ten districts each
	ageClasses         = 6
	regionCount        = 40
	nobody             = -1 // region of a person related to none
)

// population is a finite population. Persons differ, and those of one district
// are alike in all they do.
type population struct {
	stratum, sub, district []int32 // of each person; districts numbered over all
	members                [][]int32
	sex, age               []int32
	// ties is the number of regions a person relates to, visits those to all of
	// them in a year; spent is yen.
	ties, visits, spent []float64
	// share50, share10 and share02 are had by about so many in a hundred.
	share50, share10, share02 []float64
	// older are a third; rare about one in fifty, in clusters.
	older, rare []bool
	// region is the one region that a person is related to, of very unequal sizes.
	region []int32
}

// thePopulation is made once.
var thePopulation = sync.OnceValue(func() *population { return newPopulation(rand.New(rand.NewPCG(base, 1))) })

func newPopulation(random *rand.Rand) *population {
	p := &population{}
	popularity := zipf(regionCount)
	for h := range int32(strataCount) {
		level := 0.35 * random.NormFloat64()
		for d := range int32(districtsOfStratum) {
			place := place{h, h*substrata + d/(districtsOfStratum/substrata), int32(len(p.members)), level, random.NormFloat64()}
			p.members = append(p.members, nil)
			for range max(40, int(170*math.Exp(0.4*random.NormFloat64()-0.08))) {
				p.add(place, popularity, random)
			}
		}
	}
	return p
}

// place is a district with what its people have in common.
type place struct {
	stratum, sub, district int32
	level, effect          float64
}

// add makes one person.
func (p *population) add(at place, popularity []float64, random *rand.Rand) {
	p.members[at.district] = append(p.members[at.district], int32(len(p.sex)))
	p.stratum, p.sub, p.district = append(p.stratum, at.stratum), append(p.sub, at.sub), append(p.district, at.district)
	sex, age := random.Int32N(2), random.Int32N(ageClasses)
	p.sex, p.age = append(p.sex, sex), append(p.age, age)
	years := float64(age) - 2.5
	common := at.level + 0.4*at.effect
	ties := poisson(random, math.Exp(-1.1+common+0.15*years-0.2*float64(sex)+0.7*random.NormFloat64()))
	var visits float64
	for range ties {
		visits += min(math.Floor(math.Pow(1-random.Float64(), -1/1.5)), 60) // a heavy tail: most come once
	}
	p.ties, p.visits = append(p.ties, float64(ties)), append(p.visits, visits)
	p.spent = append(p.spent, 100*math.Round(math.Exp(9+0.3*at.effect+0.8*random.NormFloat64())/100))
	p.share50 = append(p.share50, bernoulli(random, common+0.3*years))
	p.share10 = append(p.share10, bernoulli(random, -2.4+common+0.3*years))
	p.share02 = append(p.share02, bernoulli(random, -4.1+common+0.3*years))
	p.older = append(p.older, age >= 4)
	p.rare = append(p.rare, bernoulli(random, -4.2+0.8*at.effect) == 1)
	region := int32(nobody)
	if ties > 0 {
		region = choose(random, popularity)
	}
	p.region = append(p.region, region)
}

// bernoulli is 1 with the probability of these log-odds.
func bernoulli(random *rand.Rand, logOdds float64) float64 {
	if random.Float64() < 1/(1+math.Exp(-logOdds)) {
		return 1
	}
	return 0
}

// poisson draws by multiplication (Knuth), for small means.
func poisson(random *rand.Rand, mean float64) int {
	limit, n := math.Exp(-mean), 0
	for product := random.Float64(); product > limit; product *= random.Float64() {
		n++
	}
	return n
}

// zipf is the cumulative distribution of n places in proportion to 1/rank.
func zipf(n int) []float64 {
	cumulated := make([]float64, n)
	var sum float64
	for i := range cumulated {
		sum += 1 / float64(i+1)
		cumulated[i] = sum
	}
	for i := range cumulated {
		cumulated[i] /= sum
	}
	return cumulated
}

// choose draws from a cumulative distribution.
func choose(random *rand.Rand, cumulated []float64) int32 {
	u := random.Float64()
	for i, c := range cumulated {
		if u < c {
			return int32(i)
		}
	}
	return int32(len(cumulated) - 1)
}

func sum(y []float64) float64 {
	var s float64
	for _, v := range y {
		s += v
	}
	return s
}

// of are the values of some units.
func of[T any](y []T, units []int32) []T {
	out := make([]T, len(units))
	for i, k := range units {
		out[i] = y[k]
	}
	return out
}
