-- 示した数字と秘匿した数字：10人未満、または3施設未満にもとづくものは秘匿
-- Figures shown and withheld, and what each must at least rest on
SELECT "table", count(*) FILTER (WHERE conf_status = 'F') AS shown, count(*) FILTER (WHERE conf_status = 'C') AS withheld,
       (SELECT string_agg(threshold || ' ' || rule, ', ' ORDER BY rule DESC) FROM disclosure) AS at_least
FROM (SELECT 'relational_population' AS "table", conf_status FROM relational_population
      UNION ALL SELECT 'visit_behaviour', conf_status FROM visit_behaviour
      UNION ALL SELECT 'origin_destination', conf_status FROM origin_destination
      UNION ALL SELECT 'guest_nights', conf_status FROM guest_nights)
GROUP BY "table" ORDER BY "table"
