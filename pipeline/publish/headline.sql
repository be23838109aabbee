-- The relational population of the latest reference month with the names of
-- regions and definitions: all origins, relation types and engagement levels
-- together. figure is value as a table prints it: [c] withheld, … not
-- estimable, [u] low reliability.
-- One row per definition, measure, outside rule, region, source and estimator.
-- Reads relational_population, regions and definitions.
SELECT p.region_code, p.region_level,
       coalesce(CASE WHEN r.region_level = 'municipality' THEN parent.name || r.name ELSE r.name END, p.region_code) AS region_name,
       coalesce(r.name_en, p.region_code) AS region_name_en,
       p.definition, coalesce(d.title_ja, p.definition) AS definition_title, coalesce(d.title_en, p.definition) AS definition_title_en,
       p.measure, p.outside, p.source, p.estimator, p.reference_month,
       CASE WHEN p.conf_status = 'C' THEN '[c]'
            WHEN p.value IS NULL THEN '…'
            ELSE format('{:,}', CAST(round(p.value) AS BIGINT)) || CASE WHEN p.obs_status = 'U' THEN ' [u]' ELSE '' END
       END AS figure,
       p.value, p.ci_low, p.ci_high, p.per_10000_residents, p.reliability, p.obs_status, p.conf_status
FROM relational_population AS p
LEFT JOIN regions AS r ON r.region_code = p.region_code
      AND r.valid_from <= p.boundary_vintage AND (r.valid_to IS NULL OR r.valid_to >= p.boundary_vintage)
LEFT JOIN regions AS parent ON parent.region_code = r.prefecture_code
      AND parent.valid_from <= p.boundary_vintage AND (parent.valid_to IS NULL OR parent.valid_to >= p.boundary_vintage)
LEFT JOIN definitions AS d ON d.definition = p.definition
WHERE p.origin_code = 'all' AND p.relation_type = 'all' AND p.engagement = 'all'
  AND p.reference_month = (SELECT max(reference_month) FROM relational_population)
ORDER BY p.definition, p.measure, p.outside, p.region_code, p.source, p.estimator
