-- The targets of regions beside their figures: those of all sources, or else of one.
-- One row per target. Reads target_progress.
SELECT target, definition, measure, outside, region_code, region_level, due_on, target_value, reference_month, source, estimator,
       value, ci_low, ci_high, ratio, probability_met, obs_status, conf_status
FROM target_progress
QUALIFY row_number() OVER (PARTITION BY target ORDER BY source <> 'combined', value IS NULL, source, estimator) = 1
ORDER BY region_code, due_on, target
