package main

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// partShares are the shares of a part among the movers who were not related and those who were,
// and among the relational pairs.
type partShares struct {
	others, related, pairs float64
	age                    int // reached in the year of the move
}

// Tokyo and Osaka, and the rest for all others; three age classes.
var (
	originShares = map[string]partShares{"13000": {others: 0.4, related: 0.25, pairs: 0.35}, "27000": {others: 0.3, related: 0.5, pairs: 0.4}, "01000": {others: 0.3, related: 0.25, pairs: 0.25}}
	ageShares    = map[string]partShares{"18-29": {0.5, 0.35, 0.25, 25}, "30-44": {0.3, 0.4, 0.35, 40}, "45-59": {0.2, 0.25, 0.4, 50}}
)

// partAsked is the number of related persons whom a survey asks where they live and how old they are.
const partAsked = 500

// drawn is a part drawn by the shares of a kind of mover.
func drawn(random *rand.Rand, kind int, shares map[string]partShares) string {
	u := random.Float64()
	names := slices.Sorted(maps.Keys(shares))
	for _, name := range names {
		share := shares[name].others
		if kind == 1 {
			share = shares[name].related
		}
		if u -= share; u < 0 {
			return name
		}
	}
	return names[len(names)-1]
}

func partOf(random *rand.Rand, kind int) string { return drawn(random, kind, originShares) }

func bornIn(random *rand.Rand, kind, year int) *int32 {
	born := int32(year - ageShares[drawn(random, kind, ageShares)].age)
	return &born
}

func yearOf(d schemas.Date) int {
	y, _, _ := d.Civil()
	return y
}

// registered are the official in-migrants of a year, by origin and age where movers have them.
func (a arriving) registered(all []arrival, year int) []schemas.Total {
	sums := map[[2]string]float64{}
	for _, m := range all {
		if yearOf(m.MovedOn) != year {
			continue
		}
		k := [2]string{"other_prefecture", ""}
		if a.parts {
			k = [2]string{m.Origin, schemas.AgeClassOf(year - int(*m.BirthYear))}
		}
		sums[k]++
	}
	var totals []schemas.Total
	for k, n := range sums {
		t := registeredIn(year, n)
		t.OriginCode, t.Breakdown = k[0], k[1]
		totals = append(totals, t)
	}
	return totals
}

// surveyedParts are the shares of the pairs that a simple random sample of the related tells.
func surveyedParts(random *rand.Rand) []convert.Part {
	var parts []convert.Part
	for i, shares := range []map[string]partShares{originShares, ageShares} {
		left, rest := partAsked, 1.0
		for _, name := range slices.Sorted(maps.Keys(shares)) {
			n := binomial(random, left, min(1, shares[name].pairs/rest))
			left, rest = left-n, rest-shares[name].pairs
			share := float64(n) / partAsked
			p := convert.Part{Region: moveTo, Origin: schemas.All, AgeClass: schemas.All, Share: share, StdErr: math.Sqrt(share * (1 - share) / partAsked), Persons: int64(n)}
			if p.Origin = name; i == 1 {
				p.Origin, p.AgeClass = schemas.All, name
			}
			parts = append(parts, p)
		}
	}
	return parts
}

// byPart are the figures by part: all of 12 months, and of the others those before the move.
func byPart() []backward {
	var figures []backward
	for _, shares := range []map[string]partShares{originShares, ageShares} {
		for _, name := range slices.Sorted(maps.Keys(shares)) {
			figures = append(figures, backward{"related_at_start", 36, holds, name}, backward{"related_before_move", 12, holds, name})
		}
	}
	return figures
}
