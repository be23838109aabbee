package pipeline

import (
	"context"
	"fmt"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// tallies reads the counts of the reference months, in a fixed order.
func (s *store) tallies(ctx context.Context) ([]schemas.Tally, error) {
	var tallies []schemas.Tally
	for scan, err := range s.rows(ctx, `SELECT reference_month, source_kind, tally, outside, region_code, origin_code, class, count
		FROM tally ORDER BY ALL`) {
		var t schemas.Tally
		if err == nil {
			err = scan(&t.ReferenceMonth, &t.SourceKind, &t.Tally, &t.Outside, &t.RegionCode, &t.OriginCode, &t.Class, &t.Count)
		}
		if err != nil {
			return nil, err
		}
		tallies = append(tallies, t)
	}
	return tallies, nil
}

// nightTallies reads the counts of nights, in a fixed order.
func (s *store) nightTallies(ctx context.Context) ([]schemas.NightTally, error) {
	return s.readNights(ctx, "night_tally")
}

// platformNights counts nights with the booking site or channel in the place of the facility: as the booking that
// counts names it, or the source where it names none.
func (s *store) platformNights(ctx context.Context, now []landed) ([]schemas.NightTally, error) {
	if err := s.scan(ctx, "booking", "booking", now); err != nil {
		return nil, err
	}
	if err := s.view(ctx, "night_stay", `SELECT s.* REPLACE (coalesce(b.platform, s.source) AS facility) FROM stay s
		LEFT JOIN (SELECT delivery, line, max(nullif(platform, '')) AS platform FROM booking GROUP BY delivery, line) b ON b.delivery = s.delivery AND b.line = s.line`); err != nil {
		return nil, err
	}
	return s.readNights(ctx, "("+visit.NightTallies+")")
}

func (s *store) readNights(ctx context.Context, from string) ([]schemas.NightTally, error) {
	var tallies []schemas.NightTally
	for scan, err := range s.rows(ctx, `SELECT region_code, facility, arrival_month, night_month, origin_code, origin_country, guest_nights, arrivals, stays
		FROM `+from+` ORDER BY ALL`) {
		var t schemas.NightTally
		if err == nil {
			err = scan(&t.RegionCode, &t.Facility, &t.ArrivalMonth, &t.NightMonth, &t.OriginCode, &t.OriginCountry, &t.GuestNights, &t.Arrivals, &t.Stays)
		}
		if err != nil {
			return nil, err
		}
		tallies = append(tallies, t)
	}
	return tallies, nil
}

// sources reads what is known of each source kind: its span of days, and
// whether any of its rows can be told to be a person's.
func (s *store) sources(ctx context.Context, now []landed) (map[string]estimate.SourceFrame, error) {
	for _, of := range []string{"survey_tie", "act"} {
		if err := s.scan(ctx, of, of, now); err != nil {
			return nil, err
		}
	}
	sources := map[string]estimate.SourceFrame{}
	for scan, err := range s.rows(ctx, `
		SELECT source_kind, CAST(min(day) - DATE '1970-01-01' AS INTEGER), CAST(max(day) - DATE '1970-01-01' AS INTEGER),
		       CAST(max(CASE WHEN identified THEN 1 ELSE 0 END) AS INTEGER)
		FROM (SELECT source_kind, first_day AS day, identity IN (SELECT identity FROM identity WHERE person IS NOT NULL) AS identified
		      FROM stay WHERE outcome IN ('stayed', 'day_use')
		      UNION ALL SELECT 'survey', answered_on, true FROM survey_tie -- a response is a person's
		      UNION ALL SELECT 'act', acted_on, identity IS NOT NULL FROM act)
		GROUP BY source_kind ORDER BY source_kind`) {
		var kind string
		var first, last, identified int32
		if err == nil {
			err = scan(&kind, &first, &last, &identified)
		}
		if err != nil {
			return nil, err
		}
		sources[kind] = estimate.SourceFrame{First: schemas.Date(first), Last: schemas.Date(last), Identified: identified > 0}
	}
	return sources, nil
}

// totals reads the official totals of the deliveries, by the boundaries of the
// figures. Those of municipalities that are one by these add up; of one that was
// divided nothing is known but what stands in its prefecture's own total.
// Residents of wards are left to the totals of their cities.
func (s *store) totals(ctx context.Context, now []landed) ([]schemas.Total, error) {
	if err := s.scan(ctx, "total", "total", now); err != nil {
		return nil, err
	}
	var totals []schemas.Total
	before := ""
	for scan, err := range s.rows(ctx, `
		SELECT statistic, coalesce(p.place, t.region_code), coalesce(p.ward, false) AS ward, CAST(period_start - DATE '1970-01-01' AS INTEGER),
		       CAST(period_end - DATE '1970-01-01' AS INTEGER), origin_code, breakdown, t.region_code, value
		FROM total t LEFT JOIN places p ON p.code = t.region_code AND t.period_end BETWEEN p.first_day AND p.last_day
		                               AND NOT (p.ward AND t.statistic = 'residents')
		WHERE p.place IS NULL OR p.ward OR right(p.place, 3) <> '000'
		ORDER BY ALL`) {
		var t schemas.Total
		var start, end int32
		var code string
		var ward bool
		if err == nil {
			err = scan(&t.Statistic, &t.RegionCode, &ward, &start, &end, &t.OriginCode, &t.Breakdown, &code, &t.Value)
		}
		if err != nil {
			return nil, err
		}
		t.PeriodStart, t.PeriodEnd = schemas.Date(start), schemas.Date(end)
		if n := len(totals); n > 0 && !ward && code != before && sameFigure(totals[n-1], t) {
			totals[n-1].Value += t.Value
		} else {
			totals = append(totals, t)
		}
		before = code
	}
	return totals, nil
}

// sameFigure says whether two totals are of one figure, whatever their values.
func sameFigure(a, b schemas.Total) bool {
	a.Value, b.Value = 0, 0
	return a == b
}

// outcomes counts what became of the stays, as rows of quality.
func (s *store) outcomes(ctx context.Context, busy int) ([]schemas.Quality, error) {
	queries := []string{
		`SELECT source, CASE outcome WHEN 'day_use' THEN 'stays' WHEN 'stayed' THEN 'stays' ELSE outcome END, count(*) FROM stay GROUP BY 1, 2`,
		`SELECT source, 'day_use', count(*) FROM stay WHERE outcome = 'day_use' GROUP BY source`,
		`SELECT source, 'stays_without_person', count(*) FROM stay s LEFT JOIN identity i ON i.identity = s.identity
		 WHERE i.person IS NULL AND outcome IN ('stayed', 'day_use') GROUP BY source`,
		`SELECT source, 'stays_of_unknown_residence', count(*) FROM stay WHERE residence_code = 'unknown' AND outcome IN ('stayed', 'day_use') GROUP BY source`,
		`SELECT source, 'stays_without_guests', count(*) FROM stay WHERE source_kind = 'booking' AND outcome = 'stayed' AND guests IS NULL GROUP BY source`,
		`SELECT 'all', 'persons', count(DISTINCT person) FROM identity`,
		`SELECT 'all', 'hubs_' || kind, count(*) FROM hub GROUP BY kind`,
		fmt.Sprintf(`SELECT 'all', 'busy_persons', count(*) FROM (
			SELECT person FROM visit_month WHERE excluded = 0 AND NOT everyday_area AND right(region_code, 3) = '000'
			GROUP BY person, region_code HAVING max(visit_days) > 31 OR sum(visit_days) > %d)`, busy),
	}
	var rows []schemas.Quality
	for _, q := range queries {
		for scan, err := range s.rows(ctx, q) {
			var row schemas.Quality
			var n int64
			if err == nil {
				err = scan(&row.Source, &row.Indicator, &n)
			}
			if err != nil {
				return nil, err
			}
			row.Value = &n
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// facilitiesSeen counts, per region and reference month, the facilities with a
// stay in the months to it.
func facilitiesSeen(nights []schemas.NightTally, references []schemas.Date, months int32) map[estimate.RegionMonth]int64 {
	type seat struct {
		at       estimate.RegionMonth
		facility string
	}
	seen := map[seat]bool{}
	counts := map[estimate.RegionMonth]int64{}
	for _, t := range nights {
		for _, reference := range references {
			y, m, _ := reference.Civil()
			last := int32(y*12 + m - 1)
			if t.NightMonth <= last-months || t.NightMonth > last {
				continue
			}
			municipality, prefecture := t.RegionCode, t.RegionCode[:2]+"000"
			if municipality == prefecture {
				municipality = unknownMunicipality(prefecture).RegionCode
			}
			for _, region := range []string{municipality, prefecture} {
				k := seat{estimate.RegionMonth{Region: region, Reference: reference}, t.Facility}
				if !seen[k] {
					seen[k] = true
					counts[k.at]++
				}
			}
		}
	}
	return counts
}
