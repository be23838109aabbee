-- Relational population, from bookings: persons living outside the prefecture who made
-- two trips or more in 12 months (definition repeat-visits), as far as bookings show them.
-- [c] is withheld.
SELECT region_code AS code, region_name AS "地域", region_name_en AS region, reference_month AS "12 months to", figure AS persons,
       CASE conf_status WHEN 'C' THEN 'under 10 persons or 3 houses' ELSE '' END AS note
FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking' AND obs_status <> 'M'
ORDER BY value DESC NULLS LAST, region_code
