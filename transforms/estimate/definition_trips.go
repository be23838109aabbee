package estimate

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// JoinSensitivity joins the rows by number of trips, which the estimate from bookings makes for
// every reference month, with those of the grid. Of a count in both, that of the grid stands,
// which knows of all numbers that it is nested with; other counts of persons seen rest on their
// differences to those by other numbers of trips.
func JoinSensitivity(byTrips, grid []disclose.Counted[schemas.DefinitionSensitivity]) []disclose.Counted[schemas.DefinitionSensitivity] {
	key := func(r schemas.DefinitionSensitivity) schemas.DefinitionSensitivity {
		return schemas.DefinitionSensitivity{Definition: r.Definition, Outside: r.Outside, RegionCode: r.RegionCode, ReferenceMonth: r.ReferenceMonth,
			Source: r.Source, Estimator: r.Estimator, Dimension: r.Dimension, Threshold: r.Threshold}
	}
	inGrid := map[schemas.DefinitionSensitivity]bool{}
	for _, c := range grid {
		inGrid[key(c.Row)] = true
	}
	counts := map[schemas.DefinitionSensitivity][]int64{}
	var rows []disclose.Counted[schemas.DefinitionSensitivity]
	for _, c := range byTrips {
		c.Row.Dimension, c.Row.Threshold = DimensionTrips, c.Row.Trips
		if inGrid[key(c.Row)] {
			continue
		}
		rows = append(rows, c)
		if c.Row.Estimator == Observed {
			all := key(c.Row)
			all.Threshold = 0
			counts[all] = append(counts[all], c.Persons)
		}
	}
	for i, c := range rows {
		if c.Row.Estimator != Observed || c.Row.OwnThreshold {
			continue
		}
		all := key(c.Row)
		all.Threshold = 0
		same := 0
		for _, n := range counts[all] {
			if n == c.Persons {
				same++ // itself, and any whose difference is nobody
				continue
			}
			rows[i].Persons = min(rows[i].Persons, max(n-c.Persons, c.Persons-n))
		}
		if same > 1 {
			rows[i].Persons = 0
		}
	}
	return append(rows, grid...)
}
