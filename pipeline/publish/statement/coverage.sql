-- How much of what happens the bookings of each prefecture show.
-- One row per definition, outside rule, prefecture and step. Reads coverage.
SELECT region_code, definition, outside, step, basis, format('{:.1f} %', 100 * coverage) AS share,
       CASE WHEN ci_low IS NULL OR ci_high IS NULL THEN '-' ELSE format('{:.1f}–{:.1f} %', 100 * ci_low, 100 * ci_high) END AS ci
FROM coverage
WHERE region_level = 'prefecture' AND step IN ('detection', 'residence_known', 'loyalty') AND coverage IS NOT NULL AND conf_status = 'F'
  AND month = (SELECT max(month) FROM coverage WHERE step = 'detection')
ORDER BY region_code, definition, outside, step
