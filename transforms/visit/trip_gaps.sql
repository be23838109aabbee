-- Days from the beginning of a trip to a prefecture to that of the next: closed by a
-- next trip, or open until the last day of the data. Trips as in regular_ties. The
-- days between the first and the last trip begun in one month are shared evenly among
-- the trips between.
-- One row per prefecture and number of days.
-- Reads regular_month, regular_span, rules; writes trip_gap.
WITH trip_month AS (
    SELECT m.person, m.region_code, m.month, sum(m.trips_begun) AS trips, min(m.first_begun) AS first_begun, max(m.last_begun) AS last_begun
    FROM regular_month m CROSS JOIN regular_span s CROSS JOIN rules l
    WHERE m.source_kind = 'booking' AND NOT m.everyday_area AND m.trips_begun > 0 AND m.month <= s.last_month
      AND right(m.region_code, 3) = '000' AND m.residence_code <> 'abroad' AND left(m.residence_code, 2) <> left(m.region_code, 2)
      AND (m.excluded = l.excluded OR (m.excluded = 0 AND m.tie_purposes & l.excluded = 0))
    GROUP BY m.person, m.region_code, m.month
),
tie AS (
    SELECT person, region_code, max(last_begun) AS last_begun, count(*) AS months FROM trip_month GROUP BY person, region_code
),
gap AS (
    SELECT t.region_code, t.first_begun - lag(t.last_begun) OVER (PARTITION BY t.person, t.region_code ORDER BY t.month) AS days, 1 AS closed, 0 AS open
    FROM trip_month t SEMI JOIN (SELECT * FROM tie WHERE months > 1) l ON l.person = t.person AND l.region_code = t.region_code
    UNION ALL
    SELECT region_code, (last_begun - first_begun) // (trips - 1), trips - 1, 0 FROM trip_month WHERE trips > 1
    UNION ALL
    SELECT t.region_code, s.last_day - t.last_begun, 0, 1 FROM tie t CROSS JOIN regular_span s
)
SELECT region_code, CAST(days AS INTEGER) AS days, CAST(sum(closed) AS BIGINT) AS closed, CAST(sum(open) AS BIGINT) AS open
FROM gap WHERE days IS NOT NULL GROUP BY region_code, days
