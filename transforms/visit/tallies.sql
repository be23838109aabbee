-- Exact counts over persons' windows: who satisfies which definition, how often
-- people come, from where, for how long. Every count is a sum over persons, so
-- that the counts of two disjoint sets of persons add up.
-- Whoever is related in three windows running, a year apart, is deeply engaged.
-- A window outside under both rules counts for each.
-- Reads current_window, earlier_window, alternative, outside_rule; writes tally.
WITH earlier AS (
    SELECT w.reference_month, o.rule AS outside, w.excluded, w.source_kind, w.person, w.region_code
    FROM earlier_window w JOIN outside_rule o ON o.outside = w.outside
    WHERE w.engagement >= 2
),
related AS (
    SELECT w.* REPLACE (o.rule AS outside) FROM current_window w JOIN outside_rule o ON o.outside = w.outside WHERE w.engagement = 2
),
graded AS (
    SELECT * FROM current_window WHERE engagement <> 2
    UNION ALL
    SELECT w.* REPLACE (CASE WHEN a.person IS NOT NULL AND b.person IS NOT NULL THEN 3 ELSE 2 END AS engagement)
    FROM related w
    LEFT JOIN earlier a ON a.reference_month = w.reference_month - 12 AND a.outside = w.outside AND a.excluded = w.excluded
                       AND a.source_kind = w.source_kind AND a.person = w.person AND a.region_code = w.region_code
    LEFT JOIN earlier b ON b.reference_month = w.reference_month - 24 AND b.outside = w.outside AND b.excluded = w.excluded
                       AND b.source_kind = w.source_kind AND b.person = w.person AND b.region_code = w.region_code
),
visits AS (
    SELECT * FROM graded WHERE excluded = 0 AND visit_days > 0
),
qualified AS (
    SELECT DISTINCT a.definition, g.reference_month, g.source_kind, o.rule AS outside, g.person, g.region_code, g.origin_code, g.engagement
    FROM graded g
    JOIN alternative a ON a.source_kind = g.source_kind
                      AND (g.excluded = a.excluded OR (g.excluded = 0 AND g.tie_purposes & a.excluded = 0))
                      AND g.trips >= a.min_trips AND g.visit_days >= a.min_days AND g.gap_days >= a.min_gap_days
                      AND g.stay_days >= a.min_stay_days AND g.acts >= a.min_acts
                      AND (a.purposes = 0 OR g.purposes & a.purposes <> 0)
    JOIN outside_rule o ON o.outside = g.outside
),
anywhere AS (
    SELECT definition, reference_month, source_kind, outside, person, left(region_code, 2) || '000' AS region_code,
           max(origin_code) AS origin_code, max(engagement) AS engagement
    FROM qualified WHERE right(region_code, 3) <> '000'
    GROUP BY definition, reference_month, source_kind, outside, person, left(region_code, 2) || '000'
),
nationwide AS (
    SELECT definition, reference_month, source_kind, outside, person, '00000' AS region_code,
           max(origin_code) AS origin_code, max(engagement) AS engagement
    FROM anywhere
    GROUP BY definition, reference_month, source_kind, outside, person
),
qualifying AS (
    SELECT definition || '/persons' AS tally, reference_month, source_kind, outside, region_code, origin_code, engagement FROM qualified
    UNION ALL
    SELECT definition || '/pairs' AS tally, reference_month, source_kind, outside, left(region_code, 2) || '000' AS region_code, origin_code, engagement
    FROM qualified WHERE right(region_code, 3) <> '000'
    UNION ALL
    SELECT definition || '/pairs' AS tally, reference_month, source_kind, outside, '00000' AS region_code, origin_code, engagement
    FROM qualified WHERE right(region_code, 3) <> '000'
    UNION ALL
    SELECT definition || '/persons_any_municipality' AS tally, reference_month, source_kind, outside, region_code, origin_code, engagement FROM anywhere
    UNION ALL
    SELECT definition || '/persons_any_municipality' AS tally, reference_month, source_kind, outside, region_code, origin_code, engagement FROM nationwide
),
counts AS (
    SELECT reference_month, source_kind, tally, outside, region_code,
           CASE WHEN grouping(origin_code) = 1 THEN 'all' ELSE origin_code END AS origin_code,
           CASE WHEN grouping(engagement) = 1 THEN -1 ELSE engagement END AS class, count(*) AS count
    FROM qualifying
    GROUP BY GROUPING SETS ((reference_month, source_kind, tally, outside, region_code),
                            (reference_month, source_kind, tally, outside, region_code, origin_code),
                            (reference_month, source_kind, tally, outside, region_code, engagement))
),
described AS (
    SELECT reference_month, source_kind, 'frequency' AS tally, outside, region_code,
           CASE WHEN grouping(origin_code) = 1 THEN 'all' ELSE origin_code END AS origin_code, visit_days AS class, count(*) AS count
    FROM visits
    GROUP BY GROUPING SETS ((reference_month, source_kind, outside, region_code, visit_days),
                            (reference_month, source_kind, outside, region_code, visit_days, origin_code))
    UNION ALL
    SELECT reference_month, source_kind, t.tally, outside, region_code, origin_code, -1, t.count
    FROM (SELECT reference_month, source_kind, outside, region_code,
                 CASE WHEN grouping(origin_code) = 1 THEN 'all' ELSE origin_code END AS origin_code,
                 count(*) AS persons, count(*) FILTER (WHERE trips >= 2) AS repeaters,
                 sum(trips) AS trips, sum(visit_days) AS visit_days, sum(stay_days) AS stay_days
          FROM visits
          GROUP BY GROUPING SETS ((reference_month, source_kind, outside, region_code),
                                  (reference_month, source_kind, outside, region_code, origin_code))) s,
         LATERAL (VALUES ('persons', s.persons), ('repeaters', s.repeaters), ('trips', s.trips),
                         ('visit_days', s.visit_days), ('stay_days', s.stay_days)) t(tally, count)
    UNION ALL
    SELECT reference_month, source_kind, 'interval', outside, region_code, 'all', gap_days // (trips - 1), count(*)
    FROM visits WHERE trips >= 2
    GROUP BY reference_month, source_kind, outside, region_code, gap_days // (trips - 1)
),
every_tally AS (
    SELECT reference_month, source_kind, tally, outside, region_code, origin_code, class, count FROM counts
    UNION ALL
    SELECT d.reference_month, d.source_kind, d.tally, o.rule, d.region_code, d.origin_code, d.class, sum(d.count)
    FROM described d JOIN outside_rule o ON o.outside = d.outside
    GROUP BY d.reference_month, d.source_kind, d.tally, o.rule, d.region_code, d.origin_code, d.class
)
SELECT reference_month, source_kind, tally, outside, region_code, origin_code,
       CAST(class AS INTEGER) AS class, CAST(count AS BIGINT) AS count
FROM every_tally WHERE count <> 0
