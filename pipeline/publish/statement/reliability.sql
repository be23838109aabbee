-- How wide the intervals of the latest reference month are.
-- One row per level of region, source and estimator. Reads relational_population.
SELECT region_level, source, estimator,
       count(*) FILTER (conf_status = 'F' AND value IS NOT NULL AND reliability = 'A') AS grade_a,
       count(*) FILTER (conf_status = 'F' AND value IS NOT NULL AND reliability = 'B') AS grade_b,
       count(*) FILTER (conf_status = 'F' AND value IS NOT NULL AND reliability = 'C') AS grade_c,
       count(*) FILTER (conf_status = 'F' AND value IS NOT NULL AND reliability = 'U') AS grade_u,
       coalesce(format('{:.1f} %', 100 * quantile_disc(cv, 0.5) FILTER (conf_status = 'F')), '-') AS median_cv
FROM relational_population
WHERE origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
  AND reference_month = (SELECT max(reference_month) FROM relational_population)
GROUP BY ALL ORDER BY ALL
