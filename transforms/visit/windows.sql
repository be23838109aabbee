-- A person's contact with a region in the 12 months to each reference month.
-- Trips of the window: those begun in its months, and the one carried into its
-- first month. The rule of living outside is tested on the residence of the
-- rows (the latest counts, the greater code where two are as late): under 'prefecture' residents of the prefecture are left out; under
-- 'municipality' whoever's municipality within the prefecture is not known.
-- Acts are a source of their own; they also raise the engagement of visitors.
-- Reads subject, subject_act, reference, perspective, rules; writes window.
WITH days AS (
    SELECT r.reference_month, v.outside, v.excluded, m.source_kind, m.person, m.region_code,
           arg_max(m.residence_code, (m.last_day - DATE '1970-01-01') * 100000 + coalesce(try_cast(m.residence_code AS INTEGER), length(m.residence_code))) AS residence_code,
           sum(m.visit_days) AS visit_days,
           sum(m.trips_begun) + sum(CASE WHEN m.month = r.reference_month - 11 THEN m.carried_in ELSE 0 END) AS trips,
           sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.month = r.reference_month - 11 AND m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           max(CASE WHEN m.month = r.reference_month - 11 AND m.last_begun IS NULL THEN m.first_day ELSE m.last_begun END) AS last_trip,
           bit_or(m.purposes) AS purposes
    FROM subject m
    JOIN reference r ON m.month BETWEEN r.reference_month - 11 AND r.reference_month
    JOIN perspective v ON m.everyday_area = (v.outside = 'everyday_area')
                      AND (m.excluded = v.excluded OR (m.excluded = 0 AND m.tie_purposes & v.excluded = 0))
    WHERE CASE v.outside WHEN 'prefecture' THEN left(m.residence_code, 2) <> left(m.region_code, 2)
                         ELSE m.residence_code <> left(m.region_code, 2) || '000' END
    GROUP BY r.reference_month, v.outside, v.excluded, m.source_kind, m.person, m.region_code
),
acts AS (
    SELECT r.reference_month, v.outside, v.excluded, a.person, a.region_code,
           arg_max(a.residence_code, a.month * 100000 + coalesce(try_cast(a.residence_code AS INTEGER), length(a.residence_code))) AS residence_code, sum(a.acts) AS acts
    FROM subject_act a
    JOIN reference r ON a.month BETWEEN r.reference_month - 11 AND r.reference_month
    CROSS JOIN perspective v
    WHERE CASE v.outside WHEN 'prefecture' THEN left(a.residence_code, 2) <> left(a.region_code, 2)
                         ELSE a.residence_code <> left(a.region_code, 2) || '000' END
    GROUP BY r.reference_month, v.outside, v.excluded, a.person, a.region_code
),
contacts AS (
    SELECT * FROM days
    UNION ALL
    SELECT reference_month, outside, excluded, 'act' AS source_kind, person, region_code, residence_code,
           0 AS visit_days, 0 AS trips, 0 AS stay_days, NULL AS first_trip, NULL AS last_trip, 0 AS purposes
    FROM acts
)
SELECT c.reference_month, c.outside, c.excluded, c.source_kind, c.person, c.region_code,
       CASE WHEN c.residence_code IN ('abroad', 'unknown') THEN c.residence_code
            ELSE left(c.residence_code, 2) || '000' END AS origin_code,
       CAST(c.visit_days AS INTEGER) AS visit_days, CAST(c.trips AS INTEGER) AS trips, CAST(c.stay_days AS INTEGER) AS stay_days,
       CAST(coalesce(c.last_trip - c.first_trip, 0) AS INTEGER) AS gap_days, CAST(c.purposes AS INTEGER) AS purposes,
       CAST(coalesce(a.acts, 0) AS INTEGER) AS acts,
       list_max(list_transform(l.rungs, lambda r:
           CASE WHEN c.trips >= r.min_trips AND c.visit_days >= r.min_days AND c.stay_days >= r.min_stay_days
                 AND coalesce(c.last_trip - c.first_trip, 0) >= r.min_gap_days AND coalesce(a.acts, 0) >= r.min_acts
                 AND (r.purposes = 0 OR c.purposes & r.purposes <> 0) THEN r.rank ELSE 0 END)) AS engagement
FROM contacts c CROSS JOIN rules l
LEFT JOIN acts a ON a.reference_month = c.reference_month AND a.outside = c.outside AND a.excluded = c.excluded
                AND a.person = c.person AND a.region_code = c.region_code
WHERE l.busiest_days IS NULL OR c.visit_days <= l.busiest_days
