-- Where do the people of a region live? region is its code or a name.
-- One row per definition, origin, outside rule, source and estimator of the latest
-- reference month. Reads origin_destination and region_names.
SELECT o.region_code, o.origin_code, coalesce(h.name, o.origin_code) AS origin_name, o.definition, o.outside, o.source, o.estimator,
       o.reference_month, o.value, o.ci_low, o.ci_high, o.obs_status, o.conf_status
FROM origin_destination AS o
LEFT JOIN region_names AS h ON h.region_code = o.origin_code
WHERE (o.region_code = region OR o.region_code IN (SELECT n.region_code FROM region_names AS n WHERE region IN (n.name, n.own_name, regexp_replace(n.own_name, '[県府都市区町村]$', ''), n.name_en)))
  AND o.reference_month = (SELECT max(reference_month) FROM origin_destination)
ORDER BY o.definition, o.outside, o.source, o.estimator, o.region_code, o.value DESC NULLS LAST, o.origin_code
