-- What stands for each region in the latest reference month: the figure of all
-- sources, and the persons seen: of the source that shows most of them in the
-- prefecture, and by the same one in its municipalities, for counts of two sources
-- are nothing to compare.
-- One row per definition, outside rule, region and whether persons are only those
-- seen. Reads relational_population.
WITH latest AS (
  SELECT *, estimator = 'observed' AS seen
  FROM relational_population
  WHERE origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
    AND reference_month = (SELECT max(reference_month) FROM relational_population)
    AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
    AND (source = 'combined' OR estimator = 'observed')
), shows_most AS (
  SELECT definition, outside, left(region_code, 2) AS prefecture, source AS most
  FROM latest
  WHERE seen AND region_level <> 'municipality'
  QUALIFY row_number() OVER (PARTITION BY definition, outside, region_code ORDER BY value DESC NULLS LAST, obs_status = 'M', source) = 1
)
SELECT l.definition, measure, l.outside, region_code, region_level, reference_month, source, estimator, seen,
       value, ci_low, ci_high, per_10000_residents, reliability, obs_status, conf_status
FROM latest l LEFT JOIN shows_most m ON m.definition = l.definition AND m.outside = l.outside AND m.prefecture = left(l.region_code, 2)
WHERE NOT seen OR source = coalesce(most, source)
QUALIFY row_number() OVER (PARTITION BY l.definition, l.outside, region_code, seen ORDER BY value IS NULL, source, estimator) = 1
ORDER BY l.definition, l.outside, region_code, seen
