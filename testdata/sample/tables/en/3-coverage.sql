-- How likely a trip to Wakayama from another prefecture is seen in these bookings, step by
-- step over the 12 months, and what tells it.
SELECT step, basis, format('{:.1f} %', 100 * coverage) AS share,
       CASE WHEN std_error IS NULL THEN '' ELSE format('{:.1f} – {:.1f}', 100 * ci_low, 100 * ci_high) END AS "95 % interval"
FROM coverage JOIN (VALUES (1, 'overnight'), (2, 'paid_lodging'), (3, 'facility'), (4, 'own_identity'), (5, 'linked'), (6, 'steps'),
                           (7, 'related_purpose'), (8, 'detection'), (9, 'residence_known'), (10, 'loyalty')) o(n, step) USING (step)
WHERE region_code = '30000' AND outside = 'prefecture' AND definition IN ('', 'repeat-visits') AND coverage IS NOT NULL
  AND month = (SELECT max(month) FROM coverage WHERE step = 'detection')
ORDER BY n
