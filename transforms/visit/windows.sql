-- A person's contact with a region over the trailing 12 months, as spells: runs
-- of reference months whose windows hold the same. A window changes when a
-- month with a visit enters it and when one leaves it, so that a tie of one
-- month is one spell of twelve, and no tie is counted month by month. Trips of
-- the window: those begun in its months, and the one carried into its first
-- month, which is a spell of its own. Someone whose municipality within the
-- prefecture is not known can be told to live outside neither of them and is
-- left out.
--
-- Most ties are outside under both rules, the prefecture's and the
-- municipality's: they are computed once, as 'both'. Residents of the prefecture
-- are outside only under 'municipality'; who moved across its border within the
-- window gets a row for each rule. Rows without the excluded purposes exist only
-- where they differ from the row with all (see tie_purposes). Spells begin no
-- earlier than a row's "since".
-- Reads subject, subject_act, span, rules; writes window.
WITH seen AS (
    SELECT m.*, left(m.residence_code, 2) = left(m.region_code, 2) AS domestic,
           (m.last_day - DATE '1970-01-01') * 100000 + coalesce(try_cast(m.residence_code AS INTEGER), length(m.residence_code)) AS recency
    FROM subject m
    WHERE m.everyday_area OR m.residence_code <> left(m.region_code, 2) || '000'
),
act_seen AS (
    SELECT sign, person, region_code, residence_code, month, acts, since
    FROM subject_act WHERE residence_code <> left(region_code, 2) || '000'
),
acting AS (
    SELECT DISTINCT sign, person, region_code FROM act_seen
),
tie AS (
    SELECT sign, everyday_area, excluded, source_kind, person, region_code, count(*) AS months, max(carried_in) AS carried_in,
           max(since) AS since, max(month) AS month, max(residence_code) AS residence_code, bool_or(domestic) AS domestic,
           sum(visit_days) AS visit_days, sum(trips_begun) AS trips, sum(stay_days) AS stay_days,
           min(first_begun) AS first_trip, max(last_begun) AS last_trip,
           bit_or(purposes) AS purposes, bit_or(tie_purposes) AS tie_purposes
    FROM seen
    GROUP BY sign, everyday_area, excluded, source_kind, person, region_code
),
of_one_month AS (
    SELECT greatest(t.month, t.since, s.first_month) AS from_month, least(t.month + 11, s.last_month) AS to_month,
           t.sign, t.everyday_area, t.excluded, t.source_kind, t.person, t.region_code, t.residence_code,
           t.visit_days, CASE WHEN t.domestic THEN t.visit_days ELSE 0 END AS domestic_days, t.trips, t.stay_days,
           t.first_trip, t.last_trip, t.purposes, t.tie_purposes
    FROM tie t CROSS JOIN span s
    ANTI JOIN acting a ON a.sign = t.sign AND a.person = t.person AND a.region_code = t.region_code
    WHERE t.months = 1 AND t.carried_in = 0
),
longer AS (
    SELECT t.sign, t.everyday_area, t.excluded, t.source_kind, t.person, t.region_code, t.since
    FROM tie t
    LEFT JOIN acting a ON a.sign = t.sign AND a.person = t.person AND a.region_code = t.region_code
    WHERE t.months > 1 OR t.carried_in = 1 OR a.person IS NOT NULL
),
longer_seen AS (
    SELECT m.*
    FROM seen m SEMI JOIN longer l ON l.sign = m.sign AND l.everyday_area = m.everyday_area AND l.excluded = m.excluded
                             AND l.source_kind = m.source_kind AND l.person = m.person AND l.region_code = m.region_code
),
change AS (
    SELECT sign, everyday_area, excluded, source_kind, person, region_code, since,
           unnest(CASE WHEN carried_in = 1 THEN [month, month + 11, month + 12] ELSE [month, month + 12] END) AS month
    FROM longer_seen
    UNION ALL
    SELECT l.sign, l.everyday_area, l.excluded, l.source_kind, l.person, l.region_code, l.since, unnest([a.month, a.month + 12]) AS month
    FROM longer l JOIN act_seen a ON a.sign = l.sign AND a.person = l.person AND a.region_code = l.region_code
),
beginning AS (
    SELECT DISTINCT c.sign, c.everyday_area, c.excluded, c.source_kind, c.person, c.region_code,
           greatest(c.month, c.since, s.first_month) AS from_month
    FROM change c CROSS JOIN span s WHERE c.month <= s.last_month
),
spell AS (
    SELECT b.*, coalesce(lead(b.from_month) OVER (PARTITION BY b.sign, b.everyday_area, b.excluded, b.source_kind, b.person, b.region_code
                                                  ORDER BY b.from_month) - 1, s.last_month) AS to_month
    FROM beginning b CROSS JOIN span s
),
days AS (
    SELECT p.from_month, p.to_month, m.sign, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code,
           arg_max(m.residence_code, m.recency) AS residence_code,
           sum(m.visit_days) AS visit_days, sum(CASE WHEN m.domestic THEN m.visit_days ELSE 0 END) AS domestic_days,
           sum(m.trips_begun) + sum(CASE WHEN m.month = p.from_month - 11 THEN m.carried_in ELSE 0 END) AS trips,
           sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.month = p.from_month - 11 AND m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           max(CASE WHEN m.month = p.from_month - 11 AND m.last_begun IS NULL THEN m.first_day ELSE m.last_begun END) AS last_trip,
           bit_or(m.purposes) AS purposes, bit_or(m.tie_purposes) AS tie_purposes
    FROM longer_seen m
    JOIN spell p ON p.sign = m.sign AND p.everyday_area = m.everyday_area AND p.excluded = m.excluded AND p.source_kind = m.source_kind
                AND p.person = m.person AND p.region_code = m.region_code AND m.month BETWEEN p.from_month - 11 AND p.from_month
    GROUP BY p.from_month, p.to_month, m.sign, m.everyday_area, m.excluded, m.source_kind, m.person, m.region_code
),
moved AS (
    SELECT from_month, to_month, sign, excluded, source_kind, person, region_code
    FROM days WHERE domestic_days > 0 AND domestic_days < visit_days AND NOT everyday_area
),
before_or_after AS (
    SELECT v.from_month, v.to_month, m.sign, m.excluded, m.source_kind, m.person, m.region_code,
           arg_max(m.residence_code, m.recency) AS residence_code,
           sum(m.visit_days) AS visit_days,
           sum(m.trips_begun) + sum(CASE WHEN m.month = v.from_month - 11 THEN m.carried_in ELSE 0 END) AS trips,
           sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.month = v.from_month - 11 AND m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           max(CASE WHEN m.month = v.from_month - 11 AND m.last_begun IS NULL THEN m.first_day ELSE m.last_begun END) AS last_trip,
           bit_or(m.purposes) AS purposes, bit_or(m.tie_purposes) AS tie_purposes
    FROM longer_seen m
    JOIN moved v ON v.sign = m.sign AND v.excluded = m.excluded AND v.source_kind = m.source_kind
                AND v.person = m.person AND v.region_code = m.region_code AND m.month BETWEEN v.from_month - 11 AND v.from_month
    WHERE NOT m.domestic AND NOT m.everyday_area
    GROUP BY v.from_month, v.to_month, m.sign, m.excluded, m.source_kind, m.person, m.region_code
),
act_beginning AS (
    SELECT DISTINCT c.sign, c.person, c.region_code, greatest(c.month, c.since, s.first_month) AS from_month
    FROM (SELECT sign, person, region_code, since, unnest([month, month + 12]) AS month FROM act_seen) c CROSS JOIN span s
    WHERE c.month <= s.last_month
),
act_spell AS (
    SELECT b.*, coalesce(lead(b.from_month) OVER (PARTITION BY b.sign, b.person, b.region_code ORDER BY b.from_month) - 1, s.last_month) AS to_month
    FROM act_beginning b CROSS JOIN span s
),
acts AS (
    SELECT p.from_month, p.to_month, a.sign, a.person, a.region_code, max(a.residence_code) AS residence_code, sum(a.acts) AS acts,
           max(CASE WHEN left(a.residence_code, 2) = left(a.region_code, 2) THEN a.residence_code END) AS domestic_residence,
           max(CASE WHEN left(a.residence_code, 2) <> left(a.region_code, 2) THEN a.residence_code END) AS other_residence
    FROM act_seen a
    JOIN act_spell p ON p.sign = a.sign AND p.person = a.person AND p.region_code = a.region_code AND a.month BETWEEN p.from_month - 11 AND p.from_month
    GROUP BY p.from_month, p.to_month, a.sign, a.person, a.region_code
),
contact AS (
    SELECT from_month, to_month, CASE WHEN everyday_area THEN 'everyday_area' WHEN domestic_days = 0 THEN 'both' ELSE 'municipality' END AS outside,
           sign, excluded, source_kind, person, region_code, residence_code, visit_days, trips, stay_days, first_trip, last_trip, purposes, tie_purposes
    FROM days
    UNION ALL
    SELECT from_month, to_month, 'prefecture' AS outside, sign, excluded, source_kind, person, region_code, residence_code,
           visit_days, trips, stay_days, first_trip, last_trip, purposes, tie_purposes
    FROM before_or_after
    UNION ALL
    SELECT from_month, to_month, CASE WHEN domestic_residence IS NULL THEN 'both' ELSE 'municipality' END AS outside,
           sign, 0 AS excluded, 'act' AS source_kind, person, region_code, residence_code,
           0 AS visit_days, 0 AS trips, 0 AS stay_days, NULL AS first_trip, NULL AS last_trip, 0 AS purposes, 0 AS tie_purposes
    FROM acts
    UNION ALL
    SELECT from_month, to_month, 'prefecture' AS outside, sign, 0 AS excluded, 'act' AS source_kind, person, region_code, other_residence,
           0 AS visit_days, 0 AS trips, 0 AS stay_days, NULL AS first_trip, NULL AS last_trip, 0 AS purposes, 0 AS tie_purposes
    FROM acts WHERE domestic_residence IS NOT NULL AND other_residence IS NOT NULL
),
every_contact AS (
    SELECT c.*, coalesce(a.acts, 0) AS acts
    FROM contact c
    LEFT JOIN acts a ON a.sign = c.sign AND a.person = c.person AND a.region_code = c.region_code
                       AND c.from_month BETWEEN a.from_month AND a.to_month
    UNION ALL
    SELECT from_month, to_month, CASE WHEN everyday_area THEN 'everyday_area' WHEN domestic_days = 0 THEN 'both' ELSE 'municipality' END AS outside,
           sign, excluded, source_kind, person, region_code, residence_code, visit_days, trips, stay_days, first_trip, last_trip, purposes, tie_purposes,
           0 AS acts
    FROM of_one_month
)
SELECT CAST(c.from_month AS INTEGER) AS from_month, CAST(c.to_month AS INTEGER) AS to_month, c.sign, c.outside, c.excluded, c.source_kind, c.person, c.region_code,
       CASE WHEN c.residence_code IN ('abroad', 'unknown') THEN c.residence_code
            ELSE left(c.residence_code, 2) || '000' END AS origin_code,
       CAST(c.visit_days AS INTEGER) AS visit_days, CAST(c.trips AS INTEGER) AS trips, CAST(c.stay_days AS INTEGER) AS stay_days,
       CAST(coalesce(c.last_trip - c.first_trip, 0) AS INTEGER) AS gap_days,
       CAST(c.purposes AS INTEGER) AS purposes, CAST(c.tie_purposes AS INTEGER) AS tie_purposes,
       CAST(c.acts AS INTEGER) AS acts,
       list_max(list_transform(l.rungs, lambda r:
           CASE WHEN c.trips >= r.min_trips AND c.visit_days >= r.min_days AND c.stay_days >= r.min_stay_days
                 AND coalesce(c.last_trip - c.first_trip, 0) >= r.min_gap_days AND c.acts >= r.min_acts
                 AND (r.purposes = 0 OR c.purposes & r.purposes <> 0) THEN r.rank ELSE 0 END)) AS engagement
FROM every_contact c CROSS JOIN rules l
WHERE c.from_month <= c.to_month AND (l.busiest_days IS NULL OR c.visit_days <= l.busiest_days)
