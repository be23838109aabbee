-- How many of those seen to satisfy one definition satisfy another, in the latest
-- reference month.
-- One row per definition, other definition, outside rule and region. Reads definition_overlap.
SELECT definition, other_definition, outside, region_code, persons_both, share, jaccard, obs_status, conf_status
FROM definition_overlap
WHERE region_level <> 'municipality' AND definition <> other_definition
  AND reference_month = (SELECT max(reference_month) FROM definition_overlap)
ORDER BY region_code, outside, definition, other_definition
