-- How many of those who keep up contact move, of all origins and ages together.
-- One row per region, estimand, definition, outside rule, horizon and estimator. Reads migration_conversion.
SELECT region_code, region_level, estimand, definition, outside, horizon_months, estimator, value, ci_low, ci_high, reliability, obs_status, conf_status
FROM migration_conversion
WHERE origin_code = 'all' AND age_class = 'all' AND statistic = 'probability' AND region_level <> 'municipality'
QUALIFY cohort = max(CASE WHEN cohort = 0 THEN 9999 ELSE cohort END) OVER (PARTITION BY region_code, estimand, definition, outside, horizon_months, estimator)
     OR cohort = 0
ORDER BY region_code, estimand DESC, definition, outside, horizon_months, estimator
