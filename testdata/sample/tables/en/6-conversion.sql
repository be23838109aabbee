-- How many of those who come twice a year or more move there within 12 months: told backwards from the survey of
-- those who moved in (retrospective), followed forwards from bookings (prospective), and everybody who moved in
-- over the same population, which is no conversion but an upper bound.
SELECT region_code AS code, estimand, estimator,
       CASE WHEN conf_status = 'C' THEN '[c]' WHEN obs_status = 'M' THEN 'not estimable' ELSE format('{:.1f} %', 100 * value) END AS conversion,
       coalesce(format('{:.1f} – {:.1f} %', 100 * ci_low, 100 * ci_high), '') AS "95 % interval", reliability AS grade
FROM migration_conversion
WHERE region_level = 'prefecture' AND origin_code = 'all' AND age_class = 'all' AND statistic = 'probability' AND horizon_months = 12 AND estimator IN ('related_at_start', 'related_before_move', 'all_in_migrants', 'aalen_johansen_corrected', 'complete_follow_up')
  AND cohort = CASE estimand WHEN 'prospective' THEN 0 ELSE (SELECT max(cohort) FROM migration_conversion WHERE estimand = 'retrospective') END
ORDER BY code, estimand DESC, estimator DESC
