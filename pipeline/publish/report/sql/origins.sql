-- Where visitors and related persons live, in the latest reference month.
-- One row per definition, region, outside rule, source, estimator and origin. Reads origin_destination.
SELECT definition, region_code, outside, origin_code, source, estimator, value, ci_low, ci_high, obs_status, conf_status
FROM origin_destination
WHERE region_level <> 'municipality' AND reference_month = (SELECT max(reference_month) FROM origin_destination)
ORDER BY definition, region_code, outside, source, estimator, origin_code
