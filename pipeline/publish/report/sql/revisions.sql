-- How figures that an earlier publication showed too were revised, and why.
-- One row per definition, outside rule, region, source and reference month, the latest first. Reads revisions.
SELECT definition, outside, region_code, source, reference_month, publication, revision_reason,
       previous_value, previous_ci_low, previous_ci_high, value, obs_status, conf_status
FROM revisions
WHERE region_level <> 'municipality' AND (source = 'combined' OR estimator = 'observed')
  AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
ORDER BY definition, outside, region_code, source, reference_month DESC
