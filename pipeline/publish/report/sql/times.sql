-- The months by which a quarter, half and three quarters of those who move in within three years have, of all years of entry together.
-- One row per region, definition, outside rule, estimator and statistic that is shown. Reads migration_conversion.
SELECT region_code, definition, outside, estimator, statistic, horizon_months, value, ci_low, ci_high, obs_status, conf_status
FROM migration_conversion
WHERE statistic LIKE 'months_%' AND cohort = 0 AND value IS NOT NULL AND region_level <> 'municipality'
ORDER BY region_code, definition, outside, estimator, statistic = 'months_three_quarters', statistic = 'months_half'
