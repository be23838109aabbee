-- 見えていないもの：日帰りの人、親族・友人宅に泊まる人、参加していない宿の客は、予約には現れない。ほかに次のもの。
WITH seen AS (SELECT indicator, sum(value) AS n FROM quality GROUP BY indicator)
SELECT '除外した行' AS "もの", n AS "件", (SELECT n FROM seen WHERE indicator = 'rows_in') AS "全体" FROM seen WHERE indicator = 'rows_rejected'
UNION ALL
SELECT '誰のものか分からない宿泊', n, (SELECT n FROM seen WHERE indicator = 'stays') FROM seen WHERE indicator = 'stays_without_person'
UNION ALL
SELECT '居住地の分からない宿泊（県外に数える）', n, (SELECT n FROM seen WHERE indicator = 'stays') FROM seen WHERE indicator = 'stays_of_unknown_residence'
UNION ALL
SELECT '予約の無い市町村', count(*) FILTER (WHERE obs_status = 'M'), count(*) FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking' AND estimator = 'observed' AND region_level = 'municipality'
