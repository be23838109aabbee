-- What the sources say of each prefecture in the latest reference month.
-- One row per definition, prefecture, source and estimator. Reads relational_population.
SELECT region_code, definition, source, estimator, CAST(round(value) AS BIGINT) AS value,
       CASE WHEN ci_low IS NULL OR ci_high IS NULL THEN '-' ELSE format('{:,}–{:,}', CAST(round(ci_low) AS BIGINT), CAST(round(ci_high) AS BIGINT)) END AS ci
FROM relational_population
WHERE region_level = 'prefecture' AND measure = 'persons' AND outside = 'prefecture' AND conf_status = 'F' AND value IS NOT NULL
  AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
  AND reference_month = (SELECT max(reference_month) FROM relational_population)
ORDER BY definition, region_code, source, estimator
