-- Relational population, from bookings: persons living outside the prefecture who made
-- two trips or more in 12 months (definition repeat-visits): as far as bookings show them,
-- and estimated with those whom bookings do not show. A to C grade the interval; [c] is
-- withheld, [u] of low reliability.
SELECT e.region_code AS code, e.region_name AS "地域", e.region_name_en AS region, s.figure AS seen, e.figure AS estimated,
       coalesce(format('{:,} – {:,}', CAST(round(e.ci_low) AS BIGINT), CAST(round(e.ci_high) AS BIGINT)), '') AS "95 % interval", e.reliability AS grade,
       CASE e.conf_status WHEN 'C' THEN 'under 10 persons or 3 houses' ELSE '' END AS note
FROM headline e JOIN headline s USING (definition, measure, outside, source, region_code)
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking'
  AND e.estimator = 'thinned' AND s.estimator = 'observed' AND e.obs_status <> 'M'
ORDER BY e.value DESC NULLS LAST, region_code
