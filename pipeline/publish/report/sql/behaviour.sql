-- How those seen visit, in the latest reference month.
-- One row per statistic, definition, outside rule, region, month of the year and source. Reads visit_behaviour.
SELECT statistic, definition, outside, region_code, month_of_year, source, value, ci_low, ci_high, persons, obs_status, conf_status
FROM visit_behaviour
WHERE region_level <> 'municipality' AND reference_month = (SELECT max(reference_month) FROM visit_behaviour)
ORDER BY region_code, definition, outside, source, statistic, month_of_year
