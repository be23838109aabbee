-- Figures shown and withheld: those under 10 persons or 3 houses are withheld, figures of none too
SELECT "table", count(*) FILTER (WHERE conf_status = 'F') AS shown, count(*) FILTER (WHERE conf_status = 'C') AS withheld
FROM (SELECT 'relational_population' AS "table", conf_status FROM relational_population
      UNION ALL SELECT 'visit_behaviour', conf_status FROM visit_behaviour
      UNION ALL SELECT 'origin_destination', conf_status FROM origin_destination
      UNION ALL SELECT 'guest_nights', conf_status FROM guest_nights)
GROUP BY "table" ORDER BY "table"
