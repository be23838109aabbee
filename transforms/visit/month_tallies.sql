-- Visit days by calendar month over the 12 months to each reference month, all
-- purposes: the season of a region.
-- Reads subject, reference, perspective, rules; writes tally.
SELECT r.reference_month, m.source_kind, 'month' AS tally, v.outside, m.region_code, 'all' AS origin_code,
       CAST(m.month % 12 + 1 AS INTEGER) AS class, CAST(sum(m.visit_days) AS BIGINT) AS count
FROM subject m
JOIN reference r ON m.month BETWEEN r.reference_month - 11 AND r.reference_month
JOIN perspective v ON v.excluded = 0 AND m.excluded = 0 AND m.everyday_area = (v.outside = 'everyday_area')
WHERE CASE v.outside WHEN 'prefecture' THEN left(m.residence_code, 2) <> left(m.region_code, 2)
                     ELSE m.residence_code <> left(m.region_code, 2) || '000' END
GROUP BY r.reference_month, m.source_kind, v.outside, m.region_code, m.month % 12 + 1
