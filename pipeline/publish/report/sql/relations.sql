-- How those counted are related, by primary relation type, in the latest reference
-- month.
-- One row per definition, outside rule, region, relation type, source and estimator.
-- Reads relational_population.
SELECT definition, outside, region_code, source, estimator, relation_type, value, ci_low, ci_high, reliability, obs_status, conf_status
FROM relational_population
WHERE origin_code = 'all' AND relation_type <> 'all' AND engagement = 'all' AND region_level <> 'municipality'
  AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
  AND reference_month = (SELECT max(reference_month) FROM relational_population)
ORDER BY definition, outside, region_code, source, estimator, relation_type
