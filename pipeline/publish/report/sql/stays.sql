-- Stays that tell no person or no residence, of all there are.
-- One row per indicator. Reads quality.
SELECT indicator, CAST(sum(value) AS BIGINT) AS value
FROM quality
WHERE conf_status = 'F' AND indicator IN ('stays', 'stays_without_person', 'stays_of_unknown_residence') AND value IS NOT NULL
GROUP BY indicator ORDER BY indicator
