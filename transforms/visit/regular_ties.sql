-- Ties with a region, by the months of their first and last trip and their number of
-- trips, until a month and until a year before it: what tells whether a tie is
-- alive. Trips of bookings by persons living outside the prefecture, in Japan or
-- unknown where, of purposes that engagement counts. Of nothing seen a year before, the
-- number of trips then is 0, and so is their last month.
-- One row per region and combination, with the number of ties.
-- Reads regular_month, regular_span, rules; writes regular_tie.
WITH tie AS (
    SELECT m.person, m.region_code, min(m.month) AS first_month, max(m.month) AS last_month, sum(m.trips_begun) AS trips,
           max(CASE WHEN m.month <= s.last_month - 12 THEN m.month ELSE 0 END) AS last_then,
           sum(CASE WHEN m.month <= s.last_month - 12 THEN m.trips_begun ELSE 0 END) AS trips_then
    FROM regular_month m CROSS JOIN regular_span s CROSS JOIN rules l
    WHERE m.source_kind = 'booking' AND NOT m.everyday_area AND m.trips_begun > 0 AND m.month <= s.last_month
      AND m.residence_code <> 'abroad' AND left(m.residence_code, 2) <> left(m.region_code, 2)
      AND (m.excluded = l.excluded OR (m.excluded = 0 AND m.tie_purposes & l.excluded = 0))
    GROUP BY m.person, m.region_code
)
SELECT region_code, first_month, last_month, CAST(trips AS INTEGER) AS trips, CAST(last_then AS INTEGER) AS last_then,
       CAST(trips_then AS INTEGER) AS trips_then, count(*) AS ties
FROM tie GROUP BY region_code, first_month, last_month, trips, last_then, trips_then
