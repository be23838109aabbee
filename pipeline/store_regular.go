package pipeline

import (
	"context"
	"fmt"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/regularity"
	"github.com/kankei/kankei/transforms/visit"
)

// regular reads the ties and gaps of bookings until the last reference month.
func (r *Run) regular(ctx context.Context, s *store, c counts) (estimate.RegularCounts, error) {
	if !c.frame.Sources[schemas.SourceBooking].Identified || len(c.frame.References) == 0 {
		return estimate.RegularCounts{}, nil
	}
	if err := s.setRules(ctx, c.rules); err != nil {
		return estimate.RegularCounts{}, err
	}
	return s.regularCounts(ctx, c.frame.References[len(c.frame.References)-1])
}

// regularCounts counts shard of persons by shard, so that the ties of all never have to fit
// into memory. Counts add up over shards.
func (s *store) regularCounts(ctx context.Context, last schemas.Date) (estimate.RegularCounts, error) {
	counts := estimate.RegularCounts{Gaps: map[string][]regularity.Gap{}}
	y, m, _ := last.Civil()
	if err := s.temp(ctx, "regular_span", fmt.Sprintf("SELECT CAST(%d AS INTEGER) AS last_month, DATE '%s' AS last_day", y*12+m-1, last)); err != nil {
		return counts, err
	}
	shards, err := s.shards(ctx)
	if err != nil {
		return counts, err
	}
	const inScope = " AND ((SELECT count(*) FROM scope) = 0 OR left(region_code, 2) IN (SELECT prefecture FROM scope))"
	for i, shard := range shards {
		if err := s.view(ctx, "regular_month", "SELECT * FROM visit_month WHERE ("+shard+")"+inScope); err != nil {
			return counts, err
		}
		for _, of := range []struct{ table, text string }{{"counted_tie", visit.RegularTies}, {"counted_gap", visit.TripGaps}} {
			fill := "CREATE OR REPLACE TEMP TABLE " + of.table + " AS "
			if i > 0 {
				fill = "INSERT INTO " + of.table + " BY NAME "
			}
			if err := s.exec(ctx, fill+of.text); err != nil {
				return counts, err
			}
		}
	}
	for scan, err := range s.rows(ctx, `SELECT region_code, first_month, last_month, trips, last_then, trips_then, CAST(sum(ties) AS BIGINT)
		FROM counted_tie GROUP BY ALL ORDER BY ALL`) {
		var t estimate.RegularTie
		if err == nil {
			err = scan(&t.Region, &t.First, &t.Last, &t.Trips, &t.LastThen, &t.TripsThen, &t.Ties)
		}
		if err != nil {
			return counts, err
		}
		counts.Ties = append(counts.Ties, t)
	}
	for scan, err := range s.rows(ctx, "SELECT region_code, days, CAST(sum(closed) AS BIGINT), CAST(sum(open) AS BIGINT) FROM counted_gap GROUP BY ALL ORDER BY ALL") {
		var region string
		var g regularity.Gap
		if err == nil {
			err = scan(&region, &g.Days, &g.Closed, &g.Open)
		}
		if err != nil {
			return counts, err
		}
		counts.Gaps[region] = append(counts.Gaps[region], g)
	}
	return counts, nil
}
