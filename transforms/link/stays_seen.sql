-- Pseudonyms by their number of stays of bookings. One row per number of stays;
-- sharing is how many of all these stays give a membership number that another
-- stay gives too.
-- Reads stay, identity; writes stays_seen.
WITH seen AS (
    SELECT i.person, count(*) OVER (PARTITION BY i.person) AS stays,
           i.member IS NOT NULL AND count(*) OVER (PARTITION BY i.member) > 1 AS shares
    FROM stay s JOIN identity i ON i.identity = s.identity
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.person IS NOT NULL
)
SELECT stays, count(DISTINCT person) AS pseudonyms, count(CASE WHEN shares THEN 1 END) AS sharing
FROM seen GROUP BY stays
