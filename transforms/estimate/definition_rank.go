package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// ranked is a municipality with its figures by two rules.
type ranked struct {
	code   string
	own, v float64
}

// stability are the rows of one prefecture: whether its municipalities keep their order by each
// variant of each definition. Those enter whose figures are shown by both, so that a row tells
// nothing that these do not; it rests on the least that entered.
func (g gridder) stability(outside string, prefecture schemas.Region, all []countedRegion) []disclose.Counted[schemas.RankStability] {
	var rows []disclose.Counted[schemas.RankStability]
	for i, d := range g.family.definitions {
		for k, v := range d.variants {
			if v.own {
				continue
			}
			row := schemas.RankStability{Definition: d.id, Outside: outside, RegionCode: prefecture.RegionCode, RegionLevel: prefecture.RegionLevel,
				ReferenceMonth: g.reference, Source: schemas.SourceBooking, Dimension: v.dimension, Threshold: int32(v.threshold),
				Observation: g.observation(v.rule.months)}
			rows = append(rows, g.ranked(row, i, g.family.varied(i)+k, v.rule.months, all))
		}
	}
	return rows
}

// ranked fills a row from the municipalities with figures by the groups own and at.
func (g gridder) ranked(row schemas.RankStability, own, at int, months int32, all []countedRegion) disclose.Counted[schemas.RankStability] {
	const least = 3 // two are in order or not, which tells little
	var entered []ranked
	persons, facilities := int64(math.MaxInt64), int64(math.MaxInt64)
	for _, c := range all {
		code := c.region.RegionCode
		houses := min(g.facilities(code, windowOfDefinitions), g.facilities(code, months))
		if c.region.RegionLevel != schemas.LevelMunicipality || code[:2] != row.RegionCode[:2] || strings.HasSuffix(code, "999") ||
			!g.counts.Threshold.Shows(min(c.n[own], c.rests[at]), houses) {
			continue
		}
		entered = append(entered, ranked{code, float64(c.n[own]), float64(c.n[at])})
		persons, facilities = min(persons, c.n[own], c.rests[at]), min(facilities, houses)
	}
	tau, ok := kendall(entered)
	if len(entered) < least || !ok {
		row.ObsStatus = schemas.NotEstimable
		return disclose.Counted[schemas.RankStability]{Row: row}
	}
	n := int64(len(entered))
	row.Municipalities, row.TauB, row.TopTenRetained = &n, value(tau), topTen(entered)
	return disclose.Counted[schemas.RankStability]{Row: row, Persons: persons, Facilities: facilities}
}

// kendall is Kendall's rank correlation with ties:
//
//	τ_b = (C − D) ÷ √((n₀ − n₁)(n₀ − n₂))
//
// C and D pairs in the same and in opposite order, n₀ = n(n−1)/2 pairs, n₁ and n₂ those tied by
// either rule. Kendall, The treatment of ties in ranking problems (Biometrika 33, 1945). False
// where all are tied by one.
func kendall(of []ranked) (float64, bool) {
	var order, first, second float64 // C − D, pairs not tied by either rule
	for i, a := range of {
		for _, b := range of[:i] {
			x, y := float64(cmp.Compare(a.own, b.own)), float64(cmp.Compare(a.v, b.v))
			order, first, second = order+x*y, first+x*x, second+y*y
		}
	}
	if first == 0 || second == 0 {
		return 0, false
	}
	return order / math.Sqrt(first*second), true
}

// topTen is the share of the ten greatest by the definition that are among the ten greatest by
// the variant; of equals the one with the lower code comes first. Nil of ten or fewer, all of
// which are among the ten.
func topTen(of []ranked) *float64 {
	const ten = 10
	if len(of) <= ten {
		return nil
	}
	greatest := func(figure func(ranked) float64) []string {
		sorted := slices.SortedFunc(slices.Values(of), func(a, b ranked) int {
			return cmp.Or(cmp.Compare(figure(b), figure(a)), strings.Compare(a.code, b.code))
		})
		var codes []string
		for _, r := range sorted[:ten] {
			codes = append(codes, r.code)
		}
		return codes
	}
	kept := 0.0
	varied := greatest(func(r ranked) float64 { return r.v })
	for _, code := range greatest(func(r ranked) float64 { return r.own }) {
		if slices.Contains(varied, code) {
			kept++
		}
	}
	return value(kept / ten)
}
