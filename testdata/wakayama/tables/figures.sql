-- 関係人口：県外に住み、12か月に2回以上その地域に泊まった人（repeat-visits）
-- Relational population: persons living outside the prefecture with two trips or more in 12 months
SELECT r.name AS "市町村", r.name_en AS municipality, CAST(p.value AS BIGINT) AS persons,
       round(p.per_10000_residents, 1) AS per_10000_residents,
       CASE p.conf_status WHEN 'C' THEN 'withheld' ELSE '' END AS note
FROM relational_population p JOIN regions r USING (region_code)
WHERE p.definition = 'repeat-visits' AND p.measure = 'persons' AND p.outside = 'prefecture' AND p.source = 'booking'
  AND p.origin_code = 'all' AND p.relation_type = 'all' AND p.engagement = 'all' AND r.valid_to IS NULL
  AND p.reference_month = (SELECT max(reference_month) FROM relational_population)
ORDER BY p.region_level = 'municipality', p.value DESC NULLS LAST, p.region_code
