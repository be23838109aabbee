package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/smallarea"
)

// PairsOverMultiplicity is the estimator of persons where sources estimate pairs and the regions per person.
const PairsOverMultiplicity = "pairs_over_multiplicity"

// nation is the pairs of the nation and of its prefectures, within one outside rule.
type nation struct {
	pairs       *combined
	prefectures []*combined
	under       []*combined // all figures that sum to those of a prefecture
	summed      bool        // no source estimates the pairs of the nation
	added       float64     // variance that the move adds to every logarithm under it
}

// nationsOf are the nations of the frame, which has one where it has all prefectures, and every prefecture that any source
// speaks of has pairs. Figures that may be shown are not moved to some that may not.
func nationsOf(f Frame, groups []*joint, figures map[headlineKey]*combined, spoken map[headlineKey]bool) []*nation {
	if !slices.ContainsFunc(f.Regions, func(r schemas.Region) bool { return r.RegionLevel == schemas.LevelNation }) {
		return nil
	}
	var nations []*nation
	at := map[headlineKey]*nation{}
	for _, g := range groups {
		if g.pairs == nil || g.key.prefecture == schemas.Nation {
			continue
		}
		key := headlineKey{g.key.definition, schemas.Pairs, g.key.outside, schemas.Nation, g.key.reference}
		if figures[key] == nil {
			continue
		}
		n := at[key]
		if n == nil {
			n = &nation{pairs: figures[key]}
			at[key], nations = n, append(nations, n)
		}
		n.prefectures = append(n.prefectures, g.pairs)
		for _, s := range g.sums {
			n.under = append(n.under, s.of...)
		}
	}
	return slices.DeleteFunc(nations, func(n *nation) bool {
		for _, r := range f.Regions {
			key, _ := headlineOf(n.pairs.row.Row)
			key.region = r.RegionCode
			if c := figures[key]; r.RegionLevel == schemas.LevelPrefecture && spoken[key] && (c == nil || !c.estimated()) {
				return true
			}
		}
		shown := n.pairs.shown || !n.pairs.estimated()
		return !shown && slices.ContainsFunc(n.prefectures, func(c *combined) bool { return c.shown })
	})
}

// benchmark moves the pairs of prefectures by one factor to those of the nation, or makes these of them. What the move
// adds to the variance of a logarithm is that of the nation beyond that of the sum,
//
//	max(0, v(ln T) − v(ln Σ P)) + max(0, (ln T − ln Σ P)² − v(ln T) − v(ln Σ P))
//
// and of the square of the move what neither lets expect. The two are taken to be independent.
func (n *nation) benchmark() {
	numbers, of := []float64{}, []Parts{}
	var sum float64
	for _, c := range n.prefectures {
		numbers, of = append(numbers, math.Exp(c.log)), append(of, c.soFar())
		sum += math.Exp(c.log)
	}
	parts := sumOfParts(sharesOf(numbers), of)
	if !n.pairs.estimated() {
		n.summed, n.pairs.made = true, true
		n.pairs.log, n.pairs.errors = math.Log(sum), parts
		n.pairs.row.Row.ObsStatus = schemas.Estimated
		for i, c := range n.prefectures {
			n.pairs.row.Facilities = leastOf(n.pairs.row.Facilities, c.row.Facilities)
			if i == 0 || c.row.Persons < n.pairs.row.Persons {
				n.pairs.row.Persons = c.row.Persons
			}
		}
		return
	}
	shift, total, own := n.pairs.log-math.Log(sum), n.pairs.composed().variance(), parts.variance()
	for _, c := range n.prefectures {
		c.log += shift
	}
	n.added = math.Max(0, total-own) + math.Max(0, square(shift)-total-own)
}

// finish gives the figures their errors, those of the prefectures being made.
func (n *nation) finish() {
	if n.summed {
		n.pairs.relative = math.Sqrt(n.pairs.errors.variance())
		n.pairs.half = 1.96 * n.pairs.relative
		return
	}
	for _, c := range slices.Concat(n.prefectures, n.under) {
		before := c.relative
		c.relative = math.Sqrt(square(before) + n.added)
		if before > 0 {
			c.half *= c.relative / before
		}
		c.errors = partsOf(append(slices.Clone(c.errors), Part{schemas.CauseModel, "nation", math.Sqrt(n.added)})...)
	}
}

// divide makes persons of pairs by the pairs per person that surveys tell ([smallarea.Persons]): those with a tie to
// some municipality of the nation, and of prefectures whose persons no source estimates; and those with a tie to a
// prefecture, whose pairs have more sources than its persons, and meet the sum of its municipalities. The errors of pairs
// and of pairs per person are taken to be independent.
func (h Headline) divide(figures map[headlineKey]*combined) {
	for _, c := range h.Multiplicity {
		m := c.Row
		measure, told := map[string]string{multiplicity: schemas.PersonsAnyMunicipality, pairsPerPerson: schemas.Persons}[m.Statistic]
		if !told || m.Source != schemas.SourceSurvey || m.Value == nil || m.StdError == nil || *m.Value <= 0 {
			continue
		}
		key := headlineKey{m.Definition, measure, m.Outside, m.RegionCode, m.ReferenceMonth}
		of := key
		of.measure = schemas.Pairs
		persons, pairs := figures[key], figures[of]
		if persons == nil || pairs == nil || !pairs.estimated() || persons.estimated() && measure != schemas.Persons && m.RegionLevel != schemas.LevelNation {
			continue
		}
		shown := disclose.Counted[schemas.RelationalPopulation]{Persons: min(c.Persons, pairs.row.Persons), Facilities: leastOf(c.Facilities, pairs.row.Facilities)}
		if persons.estimated() && persons.shown && !h.shows(shown) {
			continue
		}
		persons.divide(pairs, m, shown.Persons, shown.Facilities)
	}
}

// divide makes the figure of pairs and regions per person.
func (c *combined) divide(pairs *combined, m schemas.VisitBehaviour, persons, facilities int64) {
	total := math.Exp(pairs.log)
	n, err := smallarea.Persons(smallarea.Estimated{Estimate: total, MSE: square(total * pairs.relative), Weight: 1},
		smallarea.Multiplicity{Value: *m.Value, Variance: square(*m.StdError)})
	if err != nil {
		return
	}
	r := &c.row.Row
	r.Estimator, r.ObsStatus, r.MethodologyVersion = PairsOverMultiplicity, schemas.Estimated, areasMethodology
	if pairs.row.Row.ObsStatus == schemas.LowReliability {
		r.ObsStatus = schemas.LowReliability
	}
	c.row.Persons, c.row.Facilities = persons, facilities
	c.made, c.log, c.relative = true, math.Log(n.Estimate), math.Sqrt(n.MSE)/n.Estimate
	c.half = math.Hypot(pairs.half, 1.96**m.StdError / *m.Value)
	c.errors = partsOf(append(slices.Clone(pairs.errors), Part{schemas.CauseSampling, "multiplicity/" + m.RegionCode, *m.StdError / *m.Value})...).to(c.relative)
}
