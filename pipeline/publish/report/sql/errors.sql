-- What the error of the figures comes of, in the latest reference month.
-- One row per definition, outside rule, region, source and estimator. Reads error_budget.
SELECT definition, outside, region_code, source, estimator, sampling, detection, linkage, model, classification, cv, obs_status, conf_status
FROM error_budget
WHERE region_level <> 'municipality' AND measure = CASE region_level WHEN 'nation' THEN 'persons_any_municipality' ELSE 'persons' END
  AND reference_month = (SELECT max(reference_month) FROM error_budget)
ORDER BY definition, outside, region_code, source = 'combined' DESC, source, estimator
