-- The parts of related spells in which the tie is related in three windows
-- running, a year apart: there it is deeply engaged. One row per part, with the
-- rule of living outside under which all three count, and the level "related".
-- Reads current_window, earlier_window, outside_rule; writes deep_window.
WITH earlier AS (
    SELECT w.from_month + y.months AS from_month, w.to_month + y.months AS to_month, y.months, o.rule AS outside,
           w.sign, w.excluded, w.source_kind, w.person, w.region_code
    FROM earlier_window w CROSS JOIN (VALUES (12), (24)) y(months) JOIN outside_rule o ON o.outside = w.outside
    WHERE w.engagement >= 2
)
SELECT w.* REPLACE (a.outside AS outside, greatest(w.from_month, a.from_month, b.from_month) AS from_month,
                    least(w.to_month, a.to_month, b.to_month) AS to_month)
FROM (SELECT * FROM earlier WHERE months = 24) b
JOIN (SELECT * FROM earlier WHERE months = 12) a ON a.outside = b.outside AND a.sign = b.sign AND a.excluded = b.excluded
              AND a.source_kind = b.source_kind AND a.person = b.person AND a.region_code = b.region_code
JOIN current_window w ON w.sign = a.sign AND w.excluded = a.excluded AND w.source_kind = a.source_kind
              AND w.person = a.person AND w.region_code = a.region_code
JOIN outside_rule o ON o.outside = w.outside AND o.rule = a.outside
WHERE w.engagement = 2
  AND greatest(w.from_month, a.from_month, b.from_month) <= least(w.to_month, a.to_month, b.to_month)
