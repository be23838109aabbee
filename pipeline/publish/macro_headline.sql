-- What is the relational population of a region? region is its code or a name, without 県, 市, 町 or 村 if need be.
-- One row per definition, measure, outside rule, source and estimator. Reads
-- headline and region_names.
SELECT * FROM headline
WHERE (region_code = region OR region_code IN (SELECT n.region_code FROM region_names AS n WHERE region IN (n.name, n.own_name, regexp_replace(n.own_name, '[県府都市区町村]$', ''), n.name_en)))
ORDER BY definition, measure, outside, region_code, source, estimator
