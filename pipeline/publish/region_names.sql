-- The names of region codes, municipalities with their prefecture: the last that
-- each code had.
-- One row per region code. Reads regions.
SELECT r.region_code, r.region_level,
       CASE WHEN r.region_level IN ('municipality', 'ward') THEN coalesce(p.name, '') || r.name ELSE r.name END AS name,
       r.name AS own_name, r.name_en
FROM (SELECT region_code, arg_max(region_level, valid_from) AS region_level, arg_max(prefecture_code, valid_from) AS prefecture_code,
             arg_max(name, valid_from) AS name, arg_max(name_en, valid_from) AS name_en
      FROM regions GROUP BY region_code) AS r
LEFT JOIN (SELECT region_code, arg_max(name, valid_from) AS name FROM regions GROUP BY region_code) AS p ON p.region_code = r.prefecture_code
ORDER BY r.region_code
