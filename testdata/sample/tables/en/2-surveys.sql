-- The same persons, estimated from surveys with 95 % intervals: on the spot, where whoever
-- comes often is asked often (onsite_scaled), and from a web panel (survey_calibrated).
-- A to C grade the interval, [u] is of low reliability; withheld ones are left out.
SELECT region_code AS code, region_name_en AS region, estimator, figure AS persons,
       format('{:,} – {:,}', CAST(round(ci_low) AS BIGINT), CAST(round(ci_high) AS BIGINT)) AS "95 % interval", reliability AS grade
FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'survey'
  AND estimator <> 'observed' AND conf_status = 'F' AND obs_status <> 'M'
ORDER BY estimator, value DESC, region_code
