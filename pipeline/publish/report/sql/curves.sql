-- The share whose relation has ended in a way by a time since it began, of all
-- years together.
-- One row per region, definition, outside rule, end, estimator and months. Reads conversion_curve.
SELECT region_code, definition, outside, end_code, estimator, months, value, ci_low, ci_high, obs_status, conf_status
FROM conversion_curve
WHERE cohort = 0 AND region_level <> 'municipality'
ORDER BY region_code, definition, outside, end_code, estimator, months
