-- What months still arriving will come to.
-- One row per statistic, prefecture and month. Reads nowcast.
SELECT region_code, statistic, month, CAST(waited AS BIGINT) AS waited, known, format('{:.1f} %', 100 * completeness) AS completeness,
       CASE WHEN ci_low IS NULL OR ci_high IS NULL THEN '-' ELSE format('{:,}–{:,}', CAST(round(ci_low) AS BIGINT), CAST(round(ci_high) AS BIGINT)) END AS ci
FROM nowcast WHERE conf_status = 'F' AND completeness IS NOT NULL
ORDER BY region_code, statistic, month
