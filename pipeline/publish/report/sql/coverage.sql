-- How likely a visit is seen in bookings, step by step, in the latest month.
-- One row per region, outside rule, definition and step. Reads coverage.
SELECT region_code, outside, definition, step, basis, coverage, ci_low, ci_high, obs_status, conf_status
FROM coverage
WHERE region_level <> 'municipality' AND step <> 'guest_nights'
  AND month = (SELECT max(month) FROM coverage WHERE step <> 'guest_nights')
ORDER BY region_code, outside, definition,
         list_position(['overnight', 'paid_lodging', 'facility', 'own_identity', 'linked', 'steps', 'related_purpose', 'detection', 'residence_known', 'loyalty'], step), step
