-- Are the targets of a region met? region is its code or a name.
-- One row per target, source and estimator. Reads target_progress and region_names.
SELECT * FROM target_progress
WHERE (region_code = region OR region_code IN (SELECT n.region_code FROM region_names AS n WHERE region IN (n.name, n.own_name, regexp_replace(n.own_name, '[県府都市区町村]$', ''), n.name_en)))
ORDER BY target, source, estimator
