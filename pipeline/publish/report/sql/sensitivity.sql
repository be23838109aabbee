-- How persons depend on the thresholds of a definition, in the latest reference
-- month; bounds and what-ifs are in the table itself.
-- One row per definition, outside rule, region, estimator, dimension and threshold. Reads definition_sensitivity.
SELECT definition, outside, region_code, source, estimator, dimension, threshold, own_threshold, value, ci_low, ci_high, obs_status, conf_status
FROM definition_sensitivity
WHERE region_level <> 'municipality' AND estimator IN ('observed', 'thinned', 'thinned_joint')
  AND reference_month = (SELECT max(reference_month) FROM definition_sensitivity)
ORDER BY definition, outside, region_code, dimension, estimator, threshold
