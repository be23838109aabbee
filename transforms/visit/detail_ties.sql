-- Persons of bookings who satisfy a definition in a municipality or prefecture,
-- and the municipality that they live in: of the prefecture that windows.sql
-- takes a person to live in, the one of the last stay that tells it, numbered
-- 999 in the prefecture where none does. Who lives abroad or nobody knows where
-- is left out. One row per person and region visited.
-- Reads rule_tie, alternative, detail, subject, rule_span, stay, identity; writes detail_tie.
WITH satisfied AS (
    SELECT DISTINCT t.person, t.region_code, t.outside, t.excluded
    FROM rule_tie t
    JOIN detail d ON d.outside = t.outside
    JOIN alternative a ON a.definition = d.definition AND a.source_kind = 'booking' AND a.excluded = t.excluded
                      AND t.trips >= a.min_trips AND t.visit_days >= a.min_days AND t.gap_days >= a.min_gap_days
                      AND t.stay_days >= a.min_stay_days AND t.acts >= a.min_acts AND (a.purposes = 0 OR t.purposes & a.purposes <> 0)
),
home AS (
    SELECT s.person, s.region_code,
           arg_max(m.residence_code, (m.last_day - DATE '1970-01-01') * 100000 + coalesce(try_cast(m.residence_code AS INTEGER), length(m.residence_code))) AS residence_code
    FROM satisfied s CROSS JOIN rule_span p
    JOIN subject m ON m.person = s.person AND m.region_code = s.region_code AND m.month BETWEEN p.first_month AND p.last_month
                  AND (m.excluded = s.excluded OR (m.excluded = 0 AND m.tie_purposes & s.excluded = 0))
    WHERE m.source_kind = 'booking' AND NOT m.everyday_area AND m.residence_code <> left(m.region_code, 2) || '000'
      AND (s.outside = 'municipality' OR left(m.residence_code, 2) <> left(m.region_code, 2))
    GROUP BY s.person, s.region_code
),
stayed AS (
    SELECT i.person, s.region_code, s.residence_code, s.last_day
    FROM stay s JOIN identity i ON i.identity = s.identity CROSS JOIN rule_span p
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.person IS NOT NULL
      AND s.residence_code NOT IN ('abroad', 'unknown') AND right(s.residence_code, 3) <> '000'
      AND year(s.last_day) * 12 + month(s.last_day) - 1 >= p.first_month AND year(s.first_day) * 12 + month(s.first_day) - 1 <= p.last_month
),
told AS (
    SELECT * REPLACE (CASE WHEN right(region_code, 3) = '000' THEN left(region_code, 2) || '999' ELSE region_code END AS region_code) FROM stayed
    UNION ALL
    SELECT * REPLACE (left(region_code, 2) || '000' AS region_code) FROM stayed
)
SELECT h.person, h.region_code,
       CASE WHEN left(h.residence_code, 2) = left(h.region_code, 2) THEN h.residence_code
            ELSE coalesce(arg_max(t.residence_code, (t.last_day - DATE '1970-01-01') * 100000 + CAST(t.residence_code AS INTEGER)),
                          left(h.residence_code, 2) || '999') END AS origin_code
FROM home h
LEFT JOIN told t ON t.person = h.person AND t.region_code = h.region_code AND left(t.residence_code, 2) = left(h.residence_code, 2)
WHERE h.residence_code NOT IN ('abroad', 'unknown')
GROUP BY h.person, h.region_code, h.residence_code
