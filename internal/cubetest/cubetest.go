// Package cubetest makes simulated cubes of relational population for the tests and
// benchmarks of disclosure control: persons by municipality, origin and type, heavy-tailed,
// with structural zeros and all totals.
package cubetest

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Municipalities are the numbers of municipalities of the 47 prefectures (2024, without the
// six villages of the Northern Territories): 1,741 in all.
var Municipalities = []int{
	179, 40, 33, 35, 25, 35, 59, 44, 25, 35, 63, 54, 62, 33, 30, 15, 19, 17, 27, 77, 42, 35, 54, 29,
	19, 26, 43, 41, 39, 30, 19, 19, 27, 23, 19, 24, 17, 20, 34, 60, 20, 21, 45, 18, 26, 43, 41,
}

// Size is what a cube is made of.
type Size struct {
	// Municipalities of each prefecture. The nation is above them if there are several.
	Municipalities []int
	Origins, Types int
	// Mean is the mean number of persons of a cell that is no structural zero.
	Mean float64
}

// National is the cube of the nation: 1,789 regions × 48 origins × 6 types = 515,232 cells.
func National() Size {
	return Size{Municipalities: Municipalities, Origins: 47, Types: 5, Mean: 40}
}

// Cube is a table of region × origin × type in row-major order.
type Cube struct {
	// Regions, Origins and Types give the position of the code above each, −1 for the topmost.
	Regions, Origins, Types []int
	Values                  []int64
	// Structural says which cells are zero by definition: a prefecture is no origin of itself.
	Structural []bool
}

// Name is what a cell is called.
func (c Cube) Name(i int) string {
	types, origins := len(c.Types), len(c.Origins)
	return fmt.Sprintf("r%d/o%d/t%d", i/(types*origins), i/types%origins, i%types)
}

// Make draws a cube: the number of persons is Poisson with a mean that is log-normal by
// municipality, origin, type, nearness and cell.
func Make(s Size, seed uint64) Cube {
	random := rand.New(rand.NewPCG(seed, 7))
	c := Cube{Regions: regions(s.Municipalities), Origins: flat(s.Origins), Types: flat(s.Types)}
	prefecture := prefectureOf(s.Municipalities)
	regionCount, types := len(c.Regions), len(c.Types)
	n := regionCount * len(c.Origins) * types
	c.Values, c.Structural = make([]int64, n), make([]bool, n)
	size := effects(random, regionCount, 1.3)
	from := effects(random, s.Origins, 0.9)
	kind := effects(random, s.Types, 0.7)
	const spread = (1.3*1.3 + 0.9*0.9 + 0.7*0.7 + 0.8*0.8) / 2
	for r := range regionCount {
		if prefecture[r] < 0 {
			continue
		}
		for o := range s.Origins {
			structural := o == prefecture[r]
			for t := range s.Types {
				mean := s.Mean * math.Exp(size[r]+from[o]+kind[t]+0.8*random.NormFloat64()-spread) / (1 + 0.05*math.Abs(float64(o-prefecture[r])))
				v := poisson(random, mean)
				if structural {
					v = 0
				}
				c.put(r, o+1, t+1, v)
			}
		}
	}
	c.total(types)
	for r := range regionCount {
		for t := range types {
			if p := home(c, r, prefecture, s); p >= 0 {
				c.Structural[(r*len(c.Origins)+p+1)*types+t] = true
			}
		}
	}
	return c
}

// home is the origin that a region cannot have, −1 for none.
func home(c Cube, r int, prefecture []int, s Size) int {
	if prefecture[r] >= 0 && prefecture[r] < s.Origins {
		return prefecture[r]
	}
	for child, parent := range c.Regions {
		if parent == r && prefecture[child] >= 0 && prefecture[child] < s.Origins {
			return prefecture[child]
		}
	}
	return -1
}

func (c Cube) put(r, o, t int, v int64) { c.Values[(r*len(c.Origins)+o)*len(c.Types)+t] = v }

// total fills the totals from the cells that are none.
func (c Cube) total(types int) {
	origins := len(c.Origins)
	at := func(r, o, t int) int { return (r*origins+o)*types + t }
	for r := range c.Regions {
		for o := range origins {
			for t := 1; t < types; t++ {
				c.Values[at(r, o, 0)] += c.Values[at(r, o, t)]
			}
		}
		for t := range types {
			for o := 1; o < origins; o++ {
				c.Values[at(r, 0, t)] += c.Values[at(r, o, t)]
			}
		}
	}
	for r := len(c.Regions) - 1; r > 0; r-- { // a region stands behind the one that it lies in
		for k := range origins * types {
			c.Values[at(c.Regions[r], 0, 0)+k] += c.Values[at(r, 0, 0)+k]
		}
	}
}

// regions puts the nation first, if there are several prefectures, then the prefectures,
// then their municipalities.
func regions(municipalities []int) []int {
	var parents []int
	first := 0
	if len(municipalities) > 1 {
		parents, first = append(parents, -1), 1
	}
	for range municipalities {
		parents = append(parents, first-1)
	}
	for p, n := range municipalities {
		for range n {
			parents = append(parents, first+p)
		}
	}
	return parents
}

// prefectureOf is the number of the prefecture of each municipality, −1 for other regions.
func prefectureOf(municipalities []int) []int {
	above := len(municipalities)
	if above > 1 {
		above++
	}
	var of []int
	for range above {
		of = append(of, -1)
	}
	for p, n := range municipalities {
		for range n {
			of = append(of, p)
		}
	}
	return of
}

// flat is a classification of n codes below a total.
func flat(n int) []int {
	parents := make([]int, n+1)
	parents[0] = -1
	return parents
}

func effects(random *rand.Rand, n int, sd float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = sd * random.NormFloat64()
	}
	return out
}

// poisson draws a count: by multiplication where it is small, rounded normal where not.
func poisson(random *rand.Rand, mean float64) int64 {
	if mean > 60 {
		return int64(max(0, math.Round(mean+math.Sqrt(mean)*random.NormFloat64())))
	}
	limit, k := math.Exp(-mean), int64(0)
	for p := random.Float64(); p > limit; p *= random.Float64() {
		k++
	}
	return k
}
