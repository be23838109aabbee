-- Pseudonyms by their number of stays of bookings. One row per number of stays;
-- sharing is how many of all these stays give a membership number that another
-- stay gives too.
-- Reads stay, identity; writes stays_seen.
WITH seen AS (
    SELECT i.person, i.member FROM stay s JOIN identity i ON i.identity = s.identity
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.person IS NOT NULL
),
shared AS (SELECT member FROM seen WHERE member IS NOT NULL GROUP BY member HAVING count(*) > 1),
of_person AS (
    SELECT s.person, count(*) AS stays, count(m.member) AS sharing
    FROM seen s LEFT JOIN shared m ON m.member = s.member GROUP BY s.person
)
SELECT stays, count(*) AS pseudonyms, CAST(sum(sharing) AS BIGINT) AS sharing FROM of_person GROUP BY stays
