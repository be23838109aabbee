-- What is the relational population of a region? region is its code or a name.
-- One row per definition, measure, outside rule, source and estimator. Reads
-- headline and region_names.
SELECT * FROM headline
WHERE (region_code = region OR region_code IN (SELECT n.region_code FROM region_names AS n WHERE region IN (n.name, n.own_name, n.name_en)))
ORDER BY definition, measure, outside, region_code, source, estimator
