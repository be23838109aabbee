-- The engagement ladder: how many ties stand on each level, and how many change
-- between states from one month to the next, and from one fiscal year to the next.
-- A tie is in one state at a time:
--
--   0      no contact in the 12 months
--   1–5    one_off … two_region, rank + 1
--   6      contact, but the last of it while living inside the region (moved in)
--   7      as 0, of a tie seen before the 12 months: as a state to come from only
--
-- A state is a digit: the power of 4 of its number, 0 for none. Summed over the
-- spells that begin in a month less those that ended with the month before, the
-- digits tell both states, from and to, as the difference of two powers does; where
-- nothing changed they cancel, and so does the part of "related" that is "deep".
-- Levels count visits without those purposes that no engagement counts. Visitors
-- from abroad are not of the target population.
-- A tie whose windows are all outside under both rules is taken once.
-- Reads current_window, deep_window, first_seen, reference, outside_rule, rules; writes tally.
WITH counting AS (
    SELECT w.*
    FROM (SELECT *, 1 AS weight, outside = 'municipality' AND left(origin_code, 2) = left(region_code, 2) AS inside FROM current_window
          UNION ALL
          SELECT *, -1 AS weight, false AS inside FROM deep_window
          UNION ALL
          SELECT * REPLACE (3 AS engagement), 1 AS weight, false AS inside FROM deep_window) w
    CROSS JOIN rules l
    WHERE (w.excluded = l.excluded OR (w.excluded = 0 AND w.tie_purposes & l.excluded = 0))
      AND w.origin_code <> 'abroad' AND (w.trips > 0 OR w.engagement > 0)
),
mixed AS (
    SELECT DISTINCT sign, source_kind, person, region_code FROM counting WHERE outside IN ('prefecture', 'municipality')
),
moved AS (
    SELECT DISTINCT g.sign, g.source_kind, g.person, g.region_code, g.outside, g.from_month
    FROM (SELECT * FROM counting WHERE outside = 'prefecture') g
    JOIN (SELECT * FROM counting WHERE inside) i ON i.sign = g.sign AND i.source_kind = g.source_kind AND i.person = g.person
          AND i.region_code = g.region_code AND g.from_month BETWEEN i.from_month AND i.to_month
),
piece AS (
    SELECT g.sign, g.source_kind, g.person, g.region_code, g.outside, g.from_month, g.to_month, g.engagement + 1 AS state, g.weight
    FROM counting g ANTI JOIN mixed m ON m.sign = g.sign AND m.source_kind = g.source_kind AND m.person = g.person AND m.region_code = g.region_code
    UNION ALL
    SELECT g.sign, g.source_kind, g.person, g.region_code, o.rule, g.from_month, g.to_month, g.engagement + 1, g.weight
    FROM counting g
    SEMI JOIN mixed m ON m.sign = g.sign AND m.source_kind = g.source_kind AND m.person = g.person AND m.region_code = g.region_code
    ANTI JOIN moved v ON v.sign = g.sign AND v.source_kind = g.source_kind AND v.person = g.person AND v.region_code = g.region_code
              AND v.outside = g.outside AND v.from_month = g.from_month
    JOIN outside_rule o ON o.outside = g.outside
    UNION ALL
    SELECT sign, source_kind, person, region_code, o.rule, from_month, to_month, 6, 1
    FROM counting JOIN outside_rule o ON o.outside = 'prefecture'
    WHERE inside
),
digit AS (
    SELECT *, CASE WHEN state = 0 THEN 0 ELSE 1 << (2 * state - 2) END AS digit FROM (SELECT unnest(range(0, 7)) AS state)
),
-- By month: who changes. By fiscal year: who is where at the end of this one and of the one before.
turn AS (
    SELECT sign, source_kind, person, region_code, outside, month, CAST(sum(digits) AS BIGINT) AS digits
    FROM (SELECT p.* EXCLUDE (from_month, to_month), from_month AS month, weight * digit AS digits FROM piece p JOIN digit d ON d.state = p.state
          UNION ALL
          SELECT p.* EXCLUDE (from_month, to_month), to_month + 1, -weight * digit FROM piece p JOIN digit d ON d.state = p.state)
    GROUP BY sign, source_kind, person, region_code, outside, month HAVING sum(digits) <> 0
),
year_end AS (
    SELECT sign, source_kind, person, region_code, outside, month, CAST(sum(digits_then) AS BIGINT) AS digits_then, CAST(sum(digits_now) AS BIGINT) AS digits_now
    FROM (SELECT p.* EXCLUDE (from_month, to_month), f.reference_month AS month, 0 AS digits_then, weight * digit AS digits_now
          FROM piece p JOIN digit d ON d.state = p.state
          JOIN reference f ON f.reference_month BETWEEN p.from_month AND p.to_month AND f.reference_month % 12 = 2
          UNION ALL
          SELECT p.* EXCLUDE (from_month, to_month), f.reference_month, weight * digit, 0
          FROM piece p JOIN digit d ON d.state = p.state
          JOIN reference f ON f.reference_month - 12 BETWEEN p.from_month AND p.to_month AND f.reference_month % 12 = 2)
    GROUP BY sign, source_kind, person, region_code, outside, month
),
change AS (
    SELECT 'engagement_change' AS tally, t.sign, t.source_kind, t.person, t.region_code, t.outside, t.month, a.state AS origin, b.state AS destination
    FROM turn t SEMI JOIN reference f ON f.reference_month = t.month
    JOIN (digit a JOIN digit b ON a.state <> b.state) ON b.digit - a.digit = t.digits
    UNION ALL
    SELECT 'engagement_year', y.sign, y.source_kind, y.person, y.region_code, y.outside, y.month, a.state, b.state
    FROM year_end y JOIN digit a ON a.digit = y.digits_then JOIN digit b ON b.digit = y.digits_now
),
known AS (
    SELECT c.* REPLACE (CASE WHEN c.origin = 0 AND s.first_month < c.month - 11 THEN 7 ELSE c.origin END AS origin)
    FROM change c
    LEFT JOIN first_seen s ON s.sign = c.sign AND s.source_kind = c.source_kind AND s.person = c.person AND s.region_code = c.region_code
                          AND s.everyday_area = (c.outside = 'everyday_area')
    WHERE c.origin BETWEEN 1 AND 5 OR c.destination BETWEEN 1 AND 5
),
-- The stocks at a month's end, and those at the end of the month before.
step AS (
    SELECT tally, source_kind, outside, region_code, state, month, sum(t.count) AS count
    FROM (SELECT source_kind, outside, region_code, state, from_month, to_month, sum(sign * weight) AS count
          FROM piece WHERE state < 6 GROUP BY source_kind, outside, region_code, state, from_month, to_month) s,
         LATERAL (VALUES ('engagement_closing', from_month, count), ('engagement_closing', to_month + 1, -count),
                         ('engagement_opening', from_month + 1, count), ('engagement_opening', to_month + 2, -count)) t(tally, month, count)
    GROUP BY tally, source_kind, outside, region_code, state, month HAVING sum(t.count) <> 0
),
cell AS (
    SELECT tally, source_kind, outside, region_code, month, 10 * origin + destination AS class, sum(sign) AS count
    FROM known GROUP BY tally, source_kind, outside, region_code, month, origin, destination
    UNION ALL
    SELECT tally, source_kind, outside, region_code, reference_month, state - 1, count
    FROM (SELECT *, unnest(range(month, next_month)) AS reference_month
          FROM (SELECT tally, source_kind, outside, region_code, state, month, sum(count) OVER stock AS count, lead(month, 1, month) OVER stock AS next_month
                FROM step WINDOW stock AS (PARTITION BY tally, source_kind, outside, region_code, state ORDER BY month))
          WHERE count <> 0) SEMI JOIN reference USING (reference_month)
)
SELECT CAST(c.month AS INTEGER) AS reference_month, c.source_kind, c.tally, o.rule AS outside, c.region_code, 'all' AS origin_code,
       CAST(c.class AS INTEGER) AS class, CAST(sum(c.count) AS BIGINT) AS count
FROM cell c JOIN outside_rule o ON o.outside = c.outside
GROUP BY c.month, c.source_kind, c.tally, o.rule, c.region_code, c.class
HAVING sum(c.count) <> 0
