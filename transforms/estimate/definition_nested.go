package estimate

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Nested are the pairs of definitions, by their places in the list, of which one counts everybody whom the other counts: with and without visits to kin, two trips and three. Rules that count the same persons are no pair.
func Nested(profiles []schemas.Profile) (pairs [][2]int) {
	for later := range profiles {
		for first := range later {
			if OneHolds(profiles[first], profiles[later]) {
				pairs = append(pairs, [2]int{first, later})
			}
		}
	}
	return pairs
}

// OneHolds says that one of two definitions counts everybody whom the other counts, and may count more.
func OneHolds(a, b schemas.Profile) bool { return holds(a, b) != holds(b, a) }

// holds says that whoever satisfies the narrow definition satisfies the wide one: it asks for no less, of no more visits. (Where a
// visit that the narrow one leaves out joins two trips into one, it alone counts them as two; few have such a visit.)
func holds(wide, narrow schemas.Profile) bool {
	return wide.Excluded()&^narrow.Excluded() == 0 && askNoLess(narrow.Any, wide.Any)
}

// RestOnDifferences lets counts of a definition rest on the persons by whom it differs from one before it in the list that
// holds it or is held by it, where that is shown: who has both figures knows their number, such as of those who come for their kin
// alone. The definition named first keeps its figures. Rows of other estimators stay as they are.
func RestOnDifferences(profiles []schemas.Profile, rows []disclose.Counted[schemas.RelationalPopulation], rule disclose.Threshold) {
	type cell struct {
		measure, outside, region, origin, relation, engagement, source string
		reference                                                      schemas.Date
	}
	at := func(r schemas.RelationalPopulation) cell {
		return cell{r.Measure, r.Outside, r.RegionCode, r.OriginCode, r.RelationType, r.Engagement, r.Source, r.ReferenceMonth}
	}
	rule = rule.Effective()
	for _, pair := range Nested(profiles) {
		first, later := profiles[pair[0]].ID, profiles[pair[1]].ID
		shown := map[cell]float64{}
		for _, c := range rows {
			if c.Row.Definition == first && c.Row.Estimator == Observed && c.Row.Value != nil && c.Persons >= rule.Persons && (c.Facilities == 0 || c.Facilities >= rule.Facilities) {
				shown[at(c.Row)] = *c.Row.Value
			}
		}
		for i := range rows {
			c := &rows[i]
			if c.Row.Definition != later || c.Row.Estimator != Observed || c.Row.Value == nil {
				continue
			}
			if other, there := shown[at(c.Row)]; there {
				c.Persons = min(c.Persons, int64(max(other-*c.Row.Value, *c.Row.Value-other)))
			}
		}
	}
}

// RestOnEarlier lets counts rest on the persons by whom they differ from those that earlier publications show by a definition that holds
// theirs, or is held by it, as [RestOnDifferences] does within one. Before gives the counts of the row's persons that were
// published by such definitions.
func RestOnEarlier(rows []disclose.Counted[schemas.RelationalPopulation], before func(row schemas.RelationalPopulation) []int64) {
	for i := range rows {
		c := &rows[i]
		if c.Row.Estimator != Observed || c.Row.Value == nil {
			continue
		}
		for _, n := range before(c.Row) {
			c.Persons = min(c.Persons, max(n-int64(*c.Row.Value), int64(*c.Row.Value)-n))
		}
	}
}
