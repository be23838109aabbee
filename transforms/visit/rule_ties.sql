-- What persons of bookings did in a region in the months of a span, under each
-- outside rule and without each set of purposes that some definition leaves
-- out: as windows.sql counts it for 12 months, for one span of any length. Who
-- is busier than the rules allow in the last 12 months is in none, so that
-- whoever satisfies a rule in some months satisfies it in more of them.
-- One row per outside rule, excluded purposes, person and region.
-- Reads subject, subject_act, rule_span, alternative, outside_rule, rules; writes rule_tie.
WITH asked AS (
    SELECT DISTINCT excluded FROM alternative WHERE source_kind = 'booking'
),
rule AS (
    SELECT DISTINCT rule FROM outside_rule
),
seen AS (
    SELECT m.* REPLACE (a.excluded AS excluded), r.rule AS outside
    FROM subject m
    JOIN asked a ON m.excluded = a.excluded OR (m.excluded = 0 AND m.tie_purposes & a.excluded = 0)
    JOIN rule r ON CASE r.rule WHEN 'everyday_area' THEN m.everyday_area
                               WHEN 'prefecture' THEN NOT m.everyday_area AND left(m.residence_code, 2) <> left(m.region_code, 2)
                               ELSE NOT m.everyday_area END
    WHERE m.source_kind = 'booking' AND (m.everyday_area OR m.residence_code <> left(m.region_code, 2) || '000')
),
busy AS (
    SELECT s.outside, s.excluded, s.person, s.region_code
    FROM seen s CROSS JOIN rule_span p CROSS JOIN rules l
    WHERE l.busiest_days IS NOT NULL AND s.month > p.last_month - 12
    GROUP BY s.outside, s.excluded, s.person, s.region_code HAVING sum(s.visit_days) > min(l.busiest_days)
),
tie AS (
    SELECT s.outside, s.excluded, s.person, s.region_code,
           sum(s.trips_begun) + sum(CASE WHEN s.month = p.first_month THEN s.carried_in ELSE 0 END) AS trips,
           sum(s.visit_days) AS visit_days, sum(s.stay_days) AS stay_days,
           min(CASE WHEN s.month = p.first_month AND s.carried_in = 1 THEN s.first_day ELSE s.first_begun END) AS first_trip,
           max(CASE WHEN s.month = p.first_month AND s.last_begun IS NULL THEN s.first_day ELSE s.last_begun END) AS last_trip,
           bit_or(s.purposes) AS purposes
    FROM seen s CROSS JOIN rule_span p
    WHERE s.month BETWEEN p.first_month AND p.last_month
    GROUP BY s.outside, s.excluded, s.person, s.region_code
),
act AS (
    SELECT a.person, a.region_code, sum(a.acts) AS acts
    FROM subject_act a CROSS JOIN rule_span p
    WHERE a.month BETWEEN p.first_month AND p.last_month AND a.residence_code <> left(a.region_code, 2) || '000'
    GROUP BY a.person, a.region_code
)
SELECT t.outside, t.excluded, t.person, t.region_code, CAST(t.trips AS INTEGER) AS trips,
       CAST(coalesce(t.last_trip - t.first_trip, 0) AS INTEGER) AS gap_days, CAST(t.stay_days AS INTEGER) AS stay_days,
       CAST(t.visit_days AS INTEGER) AS visit_days, CAST(coalesce(a.acts, 0) AS INTEGER) AS acts, CAST(t.purposes AS INTEGER) AS purposes
FROM tie t LEFT JOIN act a ON a.person = t.person AND a.region_code = t.region_code
ANTI JOIN busy b ON b.outside = t.outside AND b.excluded = t.excluded AND b.person = t.person AND b.region_code = t.region_code
