-- Exact counts over persons' windows: who satisfies which definition, how often
-- people come, from where, for how long. Every count is a sum over persons, so
-- that the counts of two disjoint sets of persons add up, and rows of sign −1
-- take their person out of it.
-- A spell counts in all its reference months: cells are counted by spell, then
-- stepped through in order of month. Whoever is deeply engaged for being related
-- three years running is taken out of "related" by a row of weight −1 and put into
-- "deep".
-- A window outside under both rules counts for each.
-- Reads current_window, deep_window, reference, alternative, outside_rule; writes tally.
WITH graded AS (
    SELECT *, 1 AS weight FROM current_window
    UNION ALL
    SELECT *, -1 AS weight FROM deep_window
    UNION ALL
    SELECT * REPLACE (3 AS engagement), 1 AS weight FROM deep_window
),
qualified AS (
    SELECT DISTINCT a.definition, g.from_month, g.to_month, g.sign, g.source_kind, g.outside, g.person, g.region_code, g.origin_code,
           g.engagement, g.weight
    FROM graded g
    JOIN alternative a ON a.source_kind = g.source_kind
                      AND (g.excluded = a.excluded OR (g.excluded = 0 AND g.tie_purposes & a.excluded = 0))
                      AND g.trips >= a.min_trips AND g.visit_days >= a.min_days AND g.gap_days >= a.min_gap_days
                      AND g.stay_days >= a.min_stay_days AND g.acts >= a.min_acts
                      AND (a.purposes = 0 OR g.purposes & a.purposes <> 0)
),
-- To find the persons of several regions, the windows of one person must be
-- under the same rules: those of a few are under several.
mixed AS (
    SELECT sign, source_kind, person FROM qualified GROUP BY sign, source_kind, person HAVING min(outside) <> max(outside)
),
municipal AS (
    SELECT q.*, left(q.region_code, 2) || '000' AS prefecture
    FROM qualified q ANTI JOIN mixed m ON m.sign = q.sign AND m.source_kind = q.source_kind AND m.person = q.person
    WHERE right(q.region_code, 3) <> '000'
    UNION ALL
    SELECT q.* REPLACE (o.rule AS outside), left(q.region_code, 2) || '000' AS prefecture
    FROM qualified q JOIN mixed m ON m.sign = q.sign AND m.source_kind = q.source_kind AND m.person = q.person
    JOIN outside_rule o ON o.outside = q.outside
    WHERE right(q.region_code, 3) <> '000'
),
roaming AS (
    SELECT sign, definition, source_kind, outside, person, prefecture
    FROM municipal GROUP BY sign, definition, source_kind, outside, person, prefecture HAVING min(region_code) <> max(region_code)
),
anywhere AS (
    SELECT m.definition, m.from_month, m.to_month, m.sign, m.source_kind, m.outside, m.person, m.prefecture, m.origin_code, m.engagement, m.weight
    FROM municipal m ANTI JOIN roaming r ON r.sign = m.sign AND r.definition = m.definition AND r.source_kind = m.source_kind
                                  AND r.outside = m.outside AND r.person = m.person AND r.prefecture = m.prefecture
    UNION ALL
    SELECT definition, reference_month, reference_month, sign, source_kind, outside, person, prefecture, max(origin_code), max(engagement), 1
    FROM (SELECT m.definition, f.reference_month, m.sign, m.source_kind, m.outside, m.person, m.prefecture, m.origin_code, m.engagement
          FROM municipal m SEMI JOIN roaming r ON r.sign = m.sign AND r.definition = m.definition AND r.source_kind = m.source_kind
                                        AND r.outside = m.outside AND r.person = m.person AND r.prefecture = m.prefecture
          JOIN reference f ON f.reference_month BETWEEN m.from_month AND m.to_month
          GROUP BY m.definition, f.reference_month, m.sign, m.source_kind, m.outside, m.person, m.prefecture, m.region_code, m.origin_code, m.engagement
          HAVING sum(m.weight) > 0)
    GROUP BY definition, reference_month, sign, source_kind, outside, person, prefecture
),
travelling AS (
    SELECT sign, definition, source_kind, outside, person
    FROM anywhere GROUP BY sign, definition, source_kind, outside, person HAVING min(prefecture) <> max(prefecture)
),
nationwide AS (
    SELECT m.definition, m.from_month, m.to_month, m.sign, m.source_kind, m.outside, m.origin_code, m.engagement, m.weight
    FROM anywhere m ANTI JOIN travelling r ON r.sign = m.sign AND r.definition = m.definition AND r.source_kind = m.source_kind
                                     AND r.outside = m.outside AND r.person = m.person
    UNION ALL
    SELECT definition, reference_month, reference_month, sign, source_kind, outside, max(origin_code), max(engagement), 1
    FROM (SELECT m.definition, f.reference_month, m.sign, m.source_kind, m.outside, m.person, m.origin_code, m.engagement
          FROM anywhere m SEMI JOIN travelling r ON r.sign = m.sign AND r.definition = m.definition AND r.source_kind = m.source_kind
                                           AND r.outside = m.outside AND r.person = m.person
          JOIN reference f ON f.reference_month BETWEEN m.from_month AND m.to_month
          GROUP BY m.definition, f.reference_month, m.sign, m.source_kind, m.outside, m.person, m.prefecture, m.origin_code, m.engagement
          HAVING sum(m.weight) > 0)
    GROUP BY definition, reference_month, sign, source_kind, outside, person
),
-- Cells by spell become steps: a count goes up in the first month of a spell
-- and down in the month after its last.
qualifying AS (
    SELECT definition, 'persons' AS measure, source_kind, outside, region_code, origin_code, engagement, from_month, to_month, sum(sign * weight) AS count
    FROM qualified GROUP BY definition, source_kind, outside, region_code, origin_code, engagement, from_month, to_month
    UNION ALL
    SELECT definition, 'persons_any_municipality', source_kind, outside, prefecture, origin_code, engagement, from_month, to_month, sum(sign * weight)
    FROM anywhere GROUP BY definition, source_kind, outside, prefecture, origin_code, engagement, from_month, to_month
    UNION ALL
    SELECT definition, 'persons_any_municipality', source_kind, outside, '00000', origin_code, engagement, from_month, to_month, sum(sign * weight)
    FROM nationwide GROUP BY definition, source_kind, outside, origin_code, engagement, from_month, to_month
),
qualifying_step AS (
    SELECT definition, measure, source_kind, outside, region_code, origin_code, engagement, month, sum(count) AS count
    FROM (SELECT * EXCLUDE (from_month, to_month), from_month AS month FROM qualifying
          UNION ALL BY NAME
          SELECT * EXCLUDE (from_month, to_month) REPLACE (-count AS count), to_month + 1 AS month FROM qualifying)
    GROUP BY definition, measure, source_kind, outside, region_code, origin_code, engagement, month HAVING sum(count) <> 0
),
described AS (
    SELECT source_kind, outside, region_code, origin_code, visit_days AS days, from_month, to_month, sum(sign) AS persons,
           sum(CASE WHEN trips >= 2 THEN sign ELSE 0 END) AS repeaters, sum(sign * trips) AS trips,
           sum(sign * visit_days) AS visit_days, sum(sign * stay_days) AS stay_days
    FROM current_window
    WHERE excluded = 0 AND visit_days > 0
    GROUP BY source_kind, outside, region_code, origin_code, visit_days, from_month, to_month
),
described_step AS (
    SELECT source_kind, outside, region_code, origin_code, days, month, sum(persons) AS persons, sum(repeaters) AS repeaters,
           sum(trips) AS trips, sum(visit_days) AS visit_days, sum(stay_days) AS stay_days
    FROM (SELECT * EXCLUDE (from_month, to_month), from_month AS month FROM described
          UNION ALL BY NAME
          SELECT * EXCLUDE (from_month, to_month) REPLACE (-persons AS persons, -repeaters AS repeaters, -trips AS trips,
                                                           -visit_days AS visit_days, -stay_days AS stay_days), to_month + 1 AS month
          FROM described)
    GROUP BY source_kind, outside, region_code, origin_code, days, month
),
summed_step AS (
    SELECT source_kind, outside, region_code, origin_code, month, sum(persons) AS persons, sum(repeaters) AS repeaters,
           sum(trips) AS trips, sum(visit_days) AS visit_days, sum(stay_days) AS stay_days
    FROM described_step GROUP BY source_kind, outside, region_code, origin_code, month
),
interval AS (
    SELECT source_kind, outside, region_code, gap_days // (trips - 1) AS class, from_month, to_month, sum(sign) AS count
    FROM current_window
    WHERE excluded = 0 AND visit_days > 0 AND trips >= 2
    GROUP BY source_kind, outside, region_code, gap_days // (trips - 1), from_month, to_month
),
-- How often persons of bookings came, trips of the purposes that some definition
-- leaves out not counted: what bookings do not show is estimated from it. Of prefectures by
-- prefecture of residence too, as rates of coming are alike within one.
thinned AS (
    SELECT g.source_kind, 'trip_frequency/' || a.excluded AS tally, g.outside, g.region_code,
           l.origin_code, g.trips, g.from_month, g.to_month, sum(g.sign) AS count
    FROM current_window g
    JOIN (SELECT DISTINCT source_kind, excluded FROM alternative) a ON a.source_kind = g.source_kind
         AND (g.excluded = a.excluded OR (g.excluded = 0 AND g.tie_purposes & a.excluded = 0)),
         LATERAL (SELECT CASE WHEN g.origin_code IN ('abroad', 'unknown') THEN g.origin_code ELSE 'domestic' END AS origin_code
                  UNION ALL
                  SELECT g.origin_code WHERE right(g.region_code, 3) = '000' AND g.origin_code NOT IN ('abroad', 'unknown')) l
    WHERE g.source_kind = 'booking' AND g.trips >= 1
    GROUP BY g.source_kind, a.excluded, g.outside, g.region_code, l.origin_code, g.trips, g.from_month, g.to_month
),
cell AS (
    SELECT q.source_kind, q.definition || '/' || q.measure AS tally, q.outside, q.region_code, l.origin_code, l.class, q.month, q.count
    FROM qualifying_step q, LATERAL (VALUES ('all', -1), (q.origin_code, -1), ('all', q.engagement)) l(origin_code, class)
    UNION ALL
    SELECT q.source_kind, q.definition || '/pairs', q.outside, p.region_code, l.origin_code, l.class, q.month, q.count
    FROM qualifying_step q, LATERAL (VALUES (left(q.region_code, 2) || '000'), ('00000')) p(region_code),
         LATERAL (VALUES ('all', -1), (q.origin_code, -1), ('all', q.engagement)) l(origin_code, class)
    WHERE q.measure = 'persons' AND right(q.region_code, 3) <> '000'
    UNION ALL
    SELECT source_kind, 'frequency', outside, region_code, origin_code, days, month, persons FROM described_step
    UNION ALL
    SELECT source_kind, 'frequency', outside, region_code, 'all', days, month, sum(persons)
    FROM described_step GROUP BY source_kind, outside, region_code, days, month
    UNION ALL
    SELECT d.source_kind, t.tally, d.outside, d.region_code, l.origin_code, -1, d.month, t.count
    FROM summed_step d, LATERAL (VALUES ('all'), (d.origin_code)) l(origin_code),
         LATERAL (VALUES ('persons', d.persons), ('repeaters', d.repeaters), ('trips', d.trips),
                         ('visit_days', d.visit_days), ('stay_days', d.stay_days)) t(tally, count)
    UNION ALL
    SELECT source_kind, 'interval', outside, region_code, 'all', class, from_month, count FROM interval
    UNION ALL
    SELECT source_kind, 'interval', outside, region_code, 'all', class, to_month + 1, -count FROM interval
    UNION ALL
    SELECT source_kind, tally, outside, region_code, origin_code, trips, from_month, count FROM thinned
    UNION ALL
    SELECT source_kind, tally, outside, region_code, origin_code, trips, to_month + 1, -count FROM thinned
),
step AS (
    SELECT c.source_kind, c.tally, o.rule AS outside, c.region_code, c.origin_code, c.class, c.month, sum(c.count) AS count
    FROM cell c JOIN outside_rule o ON o.outside = c.outside
    GROUP BY c.source_kind, c.tally, o.rule, c.region_code, c.origin_code, c.class, c.month
    HAVING sum(c.count) <> 0
),
level AS (
    SELECT source_kind, tally, outside, region_code, origin_code, class, month,
           sum(count) OVER (PARTITION BY source_kind, tally, outside, region_code, origin_code, class ORDER BY month) AS count,
           lead(month, 1, month) OVER (PARTITION BY source_kind, tally, outside, region_code, origin_code, class ORDER BY month) AS next_month
    FROM step
)
SELECT f.reference_month, l.source_kind, l.tally, l.outside, l.region_code, l.origin_code, CAST(l.class AS INTEGER) AS class, CAST(l.count AS BIGINT) AS count
FROM (SELECT *, unnest(range(month, next_month)) AS reference_month FROM level WHERE count <> 0) l
JOIN reference f ON f.reference_month = l.reference_month
