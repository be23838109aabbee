-- How has the relational population of a region gone? region is its code or a name.
-- One row per definition, measure, outside rule, source, estimator and reference
-- month. Reads relational_population and region_names.
SELECT region_code, definition, measure, outside, source, estimator, reference_month, value, ci_low, ci_high, reliability, obs_status, conf_status
FROM relational_population
WHERE (region_code = region OR region_code IN (SELECT n.region_code FROM region_names AS n WHERE region IN (n.name, n.own_name, regexp_replace(n.own_name, '[県府都市区町村]$', ''), n.name_en)))
  AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
ORDER BY definition, measure, outside, region_code, source, estimator, reference_month
