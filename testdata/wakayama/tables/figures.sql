-- 関係人口：県外に住み、12か月に2回以上その地域を訪れた人（repeat-visits、予約から）
-- Relational population: persons living outside the prefecture who made two trips or more
-- in 12 months, as bookings show them. [c] is withheld; municipalities without bookings are left out.
SELECT region_name AS "地域", region_name_en AS region, reference_month, figure AS persons,
       coalesce(format('{:.1f}', per_10000_residents), '') AS per_10000_residents
FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking' AND obs_status <> 'M'
ORDER BY value DESC NULLS LAST, region_code
