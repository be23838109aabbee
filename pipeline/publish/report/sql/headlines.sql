-- What stands for each region in the latest reference month: the figure of all
-- sources, and the persons seen.
-- One row per definition, outside rule, region and whether persons are only those
-- seen. Reads relational_population.
SELECT definition, measure, outside, region_code, region_level, reference_month, source, estimator, estimator = 'observed' AS seen,
       value, ci_low, ci_high, per_10000_residents, reliability, obs_status, conf_status
FROM relational_population
WHERE origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
  AND reference_month = (SELECT max(reference_month) FROM relational_population)
  AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
  AND (source = 'combined' OR estimator = 'observed')
QUALIFY row_number() OVER (PARTITION BY definition, outside, region_code, estimator = 'observed' ORDER BY value IS NULL, source, estimator) = 1
ORDER BY definition, outside, region_code, seen
