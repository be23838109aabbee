-- The figures of the nation and of prefectures in every reference month.
-- One row per definition, outside rule, region, source, estimator and month. Reads relational_population.
SELECT definition, outside, region_code, source, estimator, estimator = 'observed' AS seen, reference_month, value, ci_low, ci_high, reliability, obs_status, conf_status
FROM relational_population
WHERE origin_code = 'all' AND relation_type = 'all' AND engagement = 'all' AND region_level <> 'municipality'
  AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
  AND (source = 'combined' OR estimator = 'observed')
ORDER BY definition, outside, region_code, seen, source, estimator, reference_month
