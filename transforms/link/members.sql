-- Members by their number of stays of bookings that give the membership number and
-- something else that tells a person, and by the number of pseudonyms that these
-- stays would have without it. One row per number of stays and pseudonyms.
-- Reads stay, identity, linked; writes members_seen. In linked, persons are told
-- without membership numbers.
WITH member_stay AS (
    SELECT i.member, l.person
    FROM stay s JOIN identity i ON i.identity = s.identity JOIN linked l ON l.identity = s.identity
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.member IS NOT NULL AND l.person IS NOT NULL
),
of_member AS (
    SELECT member, count(*) AS stays, count(DISTINCT person) AS parts FROM member_stay GROUP BY member
)
SELECT stays, parts, count(*) AS members FROM of_member WHERE stays > 1 GROUP BY stays, parts
