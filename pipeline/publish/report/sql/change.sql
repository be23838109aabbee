-- How the figures of all sources changed from a year before.
-- One row per definition, outside rule and region. Reads change.
SELECT definition, outside, region_code, earlier, later, growth, growth_ci_low, growth_ci_high, difference, difference_ci_low, difference_ci_high,
       probability_increase, reliability, obs_status, conf_status
FROM change
WHERE months_before = 12 AND source = 'combined'
  AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
  AND reference_month = (SELECT max(reference_month) FROM change)
ORDER BY definition, outside, region_code
