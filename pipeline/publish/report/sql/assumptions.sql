-- What estimates from bookings rest on, and whether the data bear it out, in the
-- latest reference month.
-- One row per definition, outside rule, region and assumption. Reads assumptions.
SELECT definition, outside, region_code, assumption, status, basis, value, obs_status, conf_status
FROM assumptions
WHERE region_level <> 'municipality' AND assumption NOT LIKE 'family/%'
  AND reference_month = (SELECT max(reference_month) FROM assumptions)
ORDER BY definition, outside, region_code, assumption
