-- What they miss: bookings never show day trips, nights with kin or friends, or guests
-- of houses that do not take part. Besides:
WITH seen AS (SELECT indicator, sum(value) AS n FROM quality GROUP BY indicator)
SELECT 'rows rejected' AS what, n AS number, (SELECT n FROM seen WHERE indicator = 'rows_in') AS "of" FROM seen WHERE indicator = 'rows_rejected'
UNION ALL
SELECT 'stays that tell no person', n, (SELECT n FROM seen WHERE indicator = 'stays') FROM seen WHERE indicator = 'stays_without_person'
UNION ALL
SELECT 'stays of unknown residence (counted as outside)', n, (SELECT n FROM seen WHERE indicator = 'stays') FROM seen WHERE indicator = 'stays_of_unknown_residence'
UNION ALL
SELECT 'municipalities without bookings', count(*) FILTER (WHERE obs_status = 'M'), count(*) FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking' AND estimator = 'observed' AND region_level = 'municipality'
