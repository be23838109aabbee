-- The first month in which a tie was seen, in visits of purposes that engagement
-- counts, of whatever residence, or in acts.
-- One row per sign, source kind, person, region and everyday area.
-- Reads tie_month, tie_act, rules; writes first_seen.
SELECT m.sign, m.source_kind, m.person, m.region_code, m.everyday_area, CAST(min(m.month) AS INTEGER) AS first_month
FROM tie_month m CROSS JOIN rules l
WHERE m.excluded = l.excluded OR (m.excluded = 0 AND m.tie_purposes & l.excluded = 0)
GROUP BY m.sign, m.source_kind, m.person, m.region_code, m.everyday_area
UNION ALL
SELECT sign, 'act', person, region_code, false, CAST(min(month) AS INTEGER) FROM tie_act GROUP BY sign, person, region_code
