-- Persons seen at each level of engagement: now, and what became of them between
-- the last two fiscal years.
-- One row per region, outside rule, source, months, statistic and level. Reads engagement_funnel.
SELECT region_code, outside, source, months, statistic, engagement, reference_month, value, obs_status, conf_status
FROM engagement_funnel AS f
WHERE region_level <> 'municipality' AND months IN (0, 12)
  AND statistic IN ('opening', 'entries', 'exits', 'closing', 'from_below', 'to_outside_moved')
  AND reference_month = (SELECT max(l.reference_month) FROM engagement_funnel AS l WHERE l.months = f.months)
ORDER BY region_code, outside, source, months, statistic, engagement
