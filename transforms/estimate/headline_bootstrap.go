package estimate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// bootstrap draws everything that the errors of the group come of, once for all figures that share it, and the biases
// of sources, and makes the figures again from what the sources would then have estimated: τ², weights and the move
// to the pairs included. A figure's standard error and interval are those of what it came out at, about what was put in;
// a move to the pairs greater than such moves are adds what it is greater by.
func (g *joint) bootstrap(replicates int) {
	names := map[Part]int{}
	index := make([][][]int, len(g.members))
	place := map[*combined]int{}
	for i, c := range g.members {
		place[c] = i
		for _, p := range c.components {
			of := make([]int, len(p.parts))
			for j, part := range p.parts {
				part.Effect = 0
				if _, known := names[part]; !known {
					names[part] = len(names)
				}
				of[j] = names[part]
			}
			index[i] = append(index[i], of)
		}
	}
	random := rand.New(rand.NewPCG(g.seed(), 1))
	z, again, truth := make([]float64, len(names)), make([]float64, len(g.members)), make([]float64, len(g.members))
	logs := make([][]float64, len(g.members))
	for i, c := range g.members {
		logs[i] = make([]float64, len(c.components))
	}
	deviations := make([][]float64, len(g.members))
	moves := make([]float64, len(g.sums))
	for range replicates {
		for i := range z {
			z[i] = random.NormFloat64()
		}
		g.drawAreas(random, truth, place)
		for i, c := range g.members {
			for j, p := range c.components {
				logs[i][j] = truth[i] + math.Sqrt(c.biases)*random.NormFloat64()
				for l, part := range p.parts {
					logs[i][j] += part.Effect * z[index[i][j][l]]
				}
			}
		}
		common := g.between(logs)
		for i, c := range g.members {
			again[i], _ = c.mean(logs[i], c.between(logs[i], common))
		}
		for _, m := range g.models {
			m.again(again, place)
		}
		g.addUpAgain(again, truth, place, func(i int, shift float64) { moves[i] += square(shift) / float64(replicates) })
		for i := range g.members {
			deviations[i] = append(deviations[i], math.Abs(again[i]-truth[i]))
		}
	}
	g.spread(deviations, moves)
}

// addUpAgain makes pairs and sums of a replicate one, and moves it to them, as [joint.blend] and [joint.finish] do with the
// figures; moved is told of each move.
func (g *joint) addUpAgain(again, truth []float64, place map[*combined]int, moved func(sum int, shift float64)) {
	of := func(logs []float64) func(*combined) float64 {
		return func(c *combined) float64 { return logs[place[c]] }
	}
	if len(g.sums) > 0 {
		at, s := place[g.pairs], g.sums[0]
		again[at] = g.weight*again[at] + (1-g.weight)*(truth[at]+s.sum(of(again))-s.sum(of(truth)))
	}
	for i, s := range g.sums {
		total := again[place[g.pairs]] - g.pairs.log + s.sum(of(truth))
		shift := s.move(total, of(again))
		moved(i, shift)
		for j, c := range s.of {
			again[place[c]] += shift * s.moves[j]
		}
	}
}

// spread sets standard errors and intervals from the replicates' absolute deviations and mean squared moves.
func (g *joint) spread(deviations [][]float64, moves []float64) {
	excess := map[*combined]float64{}
	for i, s := range g.sums {
		s.excess = math.Max(0, square(s.shift)-moves[i])
		for j, c := range s.of {
			excess[c] = square(s.moves[j]) * s.excess
		}
	}
	for i, c := range g.members {
		var squares float64
		for _, d := range deviations[i] {
			squares += square(d) / float64(len(deviations[i]))
		}
		slices.Sort(deviations[i])
		c.relative = math.Sqrt(squares + excess[c])
		c.half = deviations[i][min(len(deviations[i])-1, len(deviations[i])*95/100)]
		if squares > 0 {
			c.half *= c.relative / math.Sqrt(squares)
		}
	}
}

// seed is a number of the group's name.
func (g *joint) seed() uint64 {
	h := fnv.New64a()
	for _, s := range []string{g.key.definition, g.key.outside, g.key.prefecture, g.key.reference.String()} {
		h.Write([]byte(s + "\x00"))
	}
	return h.Sum64()
}

// soFar is what the error of a figure comes of before it is moved to a sum.
func (c *combined) soFar() Parts {
	if c.made {
		return c.errors
	}
	return c.composed()
}

// composed is what the error of the weighted mean comes of, the biases of sources among it.
func (c *combined) composed() Parts {
	var of []Parts
	var squares float64
	for i, p := range c.components {
		of = append(of, p.parts)
		squares += square(c.weights[i])
	}
	return partsOf(append(sumOfParts(c.weights, of), Part{schemas.CauseModel, "sources/" + c.row.Row.RegionCode, math.Sqrt(c.biases * squares)})...)
}

// budget sets what the errors come of: of the weighted mean, of the biases of sources, and of the move to the pairs,
//
//	d ln y_m = d ln y_m + v_m/Σ s_j v_j (d ln P − Σ s_j d ln y_j),  s_j = y_j/P
//
// scaled to the standard error of the bootstrap.
func (g *joint) budget() {
	for _, c := range g.members {
		if !c.made {
			c.errors = c.composed()
		}
	}
	for _, s := range g.sums {
		numbers, of := []float64{}, []Parts{}
		for _, c := range s.of {
			numbers, of = append(numbers, math.Exp(c.log)), append(of, c.errors)
		}
		shares, mean := sharesOf(numbers), 0.0
		all := sumOfParts(shares, of)
		for i, share := range shares {
			mean += share * s.moves[i]
		}
		for i, c := range s.of {
			follows := s.moves[i] / mean
			c.errors = sumOfParts([]float64{1, follows, -follows}, []Parts{of[i], g.pairs.errors, all})
			c.errors = partsOf(append(c.errors, Part{schemas.CauseModel, "adding up", s.moves[i] * math.Sqrt(s.excess)})...)
		}
	}
	for _, c := range g.members {
		c.errors = c.errors.to(c.relative)
	}
}

// budgetOf is the row of a figure's error.
func budgetOf(c disclose.Counted[schemas.RelationalPopulation], parts Parts) disclose.Counted[schemas.ErrorBudget] {
	r := c.Row
	share := func(cause string) *float64 { return value(parts.share(cause)) }
	return disclose.Counted[schemas.ErrorBudget]{Persons: c.Persons, Facilities: c.Facilities, Row: schemas.ErrorBudget{
		Definition: r.Definition, Measure: r.Measure, Outside: r.Outside, RegionCode: r.RegionCode, RegionLevel: r.RegionLevel,
		ReferenceMonth: r.ReferenceMonth, Source: r.Source, Estimator: r.Estimator,
		Sampling: share(schemas.CauseSampling), Detection: share(schemas.CauseDetection), Linkage: share(schemas.CauseLinkage),
		Model: share(schemas.CauseModel), Classification: share(schemas.CauseClassification), CV: r.CV, Observation: r.Observation,
	}}
}
