-- 示した数字と秘匿した数字：10人未満、または3施設未満にもとづくものは秘匿（元の数字が0のものも含む）
SELECT "table" AS "表", count(*) FILTER (WHERE conf_status = 'F') AS "表示", count(*) FILTER (WHERE conf_status = 'C') AS "秘匿"
FROM (SELECT 'relational_population' AS "table", conf_status FROM relational_population
      UNION ALL SELECT 'visit_behaviour', conf_status FROM visit_behaviour
      UNION ALL SELECT 'origin_destination', conf_status FROM origin_destination
      UNION ALL SELECT 'guest_nights', conf_status FROM guest_nights)
GROUP BY "table" ORDER BY "table"
