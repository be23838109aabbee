-- How many of those who keep up contact move within 12 months, by prefecture lived in before and by age, of the latest cohort.
-- One row per region, definition, outside rule, estimator, origin and age class that is shown. Reads migration_conversion.
SELECT region_code, definition, outside, estimator, origin_code, age_class, horizon_months, value, ci_low, ci_high, reliability, obs_status, conf_status
FROM migration_conversion
WHERE (origin_code <> 'all' OR age_class <> 'all') AND statistic = 'probability' AND horizon_months = 12 AND value IS NOT NULL AND region_level <> 'municipality'
QUALIFY cohort = max(cohort) OVER (PARTITION BY region_code, definition, outside, estimator, origin_code, age_class)
ORDER BY region_code, definition, outside, estimator, age_class <> 'all', origin_code, age_class
