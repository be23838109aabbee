-- Visit days by calendar month over the 12 months to each reference month, all
-- purposes: the season of a region. Rows of sign −1 are taken out.
-- Reads subject, reference, outside_rule; writes tally.
SELECT r.reference_month, m.source_kind, 'month' AS tally, o.rule AS outside, m.region_code, 'all' AS origin_code,
       CAST(m.month % 12 + 1 AS INTEGER) AS class, CAST(sum(m.visit_days) AS BIGINT) AS count
FROM (SELECT source_kind, region_code, month, since, sum(sign * visit_days) AS visit_days,
             CASE WHEN everyday_area THEN 'everyday_area'
                  WHEN left(residence_code, 2) <> left(region_code, 2) THEN 'both' ELSE 'municipality' END AS outside
      FROM subject
      WHERE excluded = 0 AND (everyday_area OR residence_code <> left(region_code, 2) || '000')
      GROUP BY ALL) m
JOIN reference r ON m.month BETWEEN r.reference_month - 11 AND r.reference_month AND r.reference_month >= m.since
JOIN outside_rule o ON o.outside = m.outside
GROUP BY r.reference_month, m.source_kind, o.rule, m.region_code, m.month % 12 + 1
HAVING sum(m.visit_days) <> 0
