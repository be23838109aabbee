-- A person's contact with a region in the 12 months to each reference month.
-- Trips of the window: those begun in its months, and the one carried into its
-- first month. Someone whose municipality within the prefecture is not known
-- can be told to live outside neither of them and is left out.
--
-- Most ties are outside under both rules, the prefecture's and the
-- municipality's: they are computed once, as 'both'. Residents of the prefecture
-- are outside only under 'municipality'; who moved across its border within the
-- window gets a row for each rule. Rows without the excluded purposes exist only
-- where they differ from the row with all (see tie_purposes). Windows that
-- serve no reference month from a row's "since" on are not asked for.
-- Reads subject, subject_act, reference, rules; writes window.
WITH seen AS (
    SELECT m.*, left(m.residence_code, 2) = left(m.region_code, 2) AS domestic
    FROM subject m
    WHERE m.everyday_area OR m.residence_code <> left(m.region_code, 2) || '000'
),
days AS (
    SELECT r.reference_month, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code,
           arg_max(m.residence_code, (m.last_day - DATE '1970-01-01') * 100000 + coalesce(try_cast(m.residence_code AS INTEGER), length(m.residence_code))) AS residence_code,
           sum(m.visit_days) AS visit_days, sum(CASE WHEN m.domestic THEN m.visit_days ELSE 0 END) AS domestic_days,
           sum(m.trips_begun) + sum(CASE WHEN m.month = r.reference_month - 11 THEN m.carried_in ELSE 0 END) AS trips,
           sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.month = r.reference_month - 11 AND m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           max(CASE WHEN m.month = r.reference_month - 11 AND m.last_begun IS NULL THEN m.first_day ELSE m.last_begun END) AS last_trip,
           bit_or(m.purposes) AS purposes, bit_or(m.tie_purposes) AS tie_purposes
    FROM seen m JOIN reference r ON m.month BETWEEN r.reference_month - 11 AND r.reference_month AND r.serves >= m.since
    GROUP BY r.reference_month, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code
),
moved AS (
    SELECT DISTINCT person, region_code FROM days WHERE domestic_days > 0 AND domestic_days < visit_days AND NOT everyday_area
),
before_or_after AS (
    SELECT r.reference_month, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code,
           arg_max(m.residence_code, (m.last_day - DATE '1970-01-01') * 100000 + coalesce(try_cast(m.residence_code AS INTEGER), length(m.residence_code))) AS residence_code,
           sum(m.visit_days) AS visit_days,
           sum(m.trips_begun) + sum(CASE WHEN m.month = r.reference_month - 11 THEN m.carried_in ELSE 0 END) AS trips,
           sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.month = r.reference_month - 11 AND m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           max(CASE WHEN m.month = r.reference_month - 11 AND m.last_begun IS NULL THEN m.first_day ELSE m.last_begun END) AS last_trip,
           bit_or(m.purposes) AS purposes, bit_or(m.tie_purposes) AS tie_purposes
    FROM seen m SEMI JOIN moved v ON v.person = m.person AND v.region_code = m.region_code
    JOIN reference r ON m.month BETWEEN r.reference_month - 11 AND r.reference_month AND r.serves >= m.since
    WHERE NOT m.domestic AND NOT m.everyday_area
    GROUP BY r.reference_month, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code
),
acts AS (
    SELECT r.reference_month, a.person, a.region_code,
           CASE WHEN left(a.residence_code, 2) = left(a.region_code, 2) THEN 'municipality' ELSE 'both' END AS outside,
           max(a.residence_code) AS residence_code, sum(a.acts) AS acts
    FROM subject_act a
    JOIN reference r ON a.month BETWEEN r.reference_month - 11 AND r.reference_month AND r.serves >= a.since
    WHERE a.residence_code <> left(a.region_code, 2) || '000'
    GROUP BY r.reference_month, a.person, a.region_code, left(a.residence_code, 2) = left(a.region_code, 2)
),
contacts AS (
    SELECT reference_month, CASE WHEN everyday_area THEN 'everyday_area' WHEN domestic_days = 0 THEN 'both' ELSE 'municipality' END AS outside,
           excluded, source_kind, person, region_code, residence_code, visit_days, trips, stay_days, first_trip, last_trip, purposes, tie_purposes
    FROM days
    UNION ALL
    SELECT b.reference_month, 'prefecture' AS outside, b.excluded, b.source_kind, b.person, b.region_code, b.residence_code,
           b.visit_days, b.trips, b.stay_days, b.first_trip, b.last_trip, b.purposes, b.tie_purposes
    FROM before_or_after b
    JOIN days d ON d.reference_month = b.reference_month AND d.excluded = b.excluded AND d.source_kind = b.source_kind
               AND d.person = b.person AND d.region_code = b.region_code AND NOT d.everyday_area AND d.domestic_days > 0
    UNION ALL
    SELECT reference_month, outside, 0 AS excluded, 'act' AS source_kind, person, region_code, residence_code,
           0 AS visit_days, 0 AS trips, 0 AS stay_days, NULL AS first_trip, NULL AS last_trip, 0 AS purposes, 0 AS tie_purposes
    FROM acts
),
acts_of AS (
    SELECT reference_month, person, region_code, sum(acts) AS acts FROM acts GROUP BY reference_month, person, region_code
)
SELECT c.reference_month, c.outside, c.excluded, c.source_kind, c.person, c.region_code,
       CASE WHEN c.residence_code IN ('abroad', 'unknown') THEN c.residence_code
            ELSE left(c.residence_code, 2) || '000' END AS origin_code,
       CAST(c.visit_days AS INTEGER) AS visit_days, CAST(c.trips AS INTEGER) AS trips, CAST(c.stay_days AS INTEGER) AS stay_days,
       CAST(coalesce(c.last_trip - c.first_trip, 0) AS INTEGER) AS gap_days,
       CAST(c.purposes AS INTEGER) AS purposes, CAST(c.tie_purposes AS INTEGER) AS tie_purposes,
       CAST(coalesce(a.acts, 0) AS INTEGER) AS acts,
       list_max(list_transform(l.rungs, lambda r:
           CASE WHEN c.trips >= r.min_trips AND c.visit_days >= r.min_days AND c.stay_days >= r.min_stay_days
                 AND coalesce(c.last_trip - c.first_trip, 0) >= r.min_gap_days AND coalesce(a.acts, 0) >= r.min_acts
                 AND (r.purposes = 0 OR c.purposes & r.purposes <> 0) THEN r.rank ELSE 0 END)) AS engagement
FROM contacts c CROSS JOIN rules l
LEFT JOIN acts_of a ON a.reference_month = c.reference_month AND a.person = c.person AND a.region_code = c.region_code
WHERE l.busiest_days IS NULL OR c.visit_days <= l.busiest_days
