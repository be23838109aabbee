-- The persons to count anew, and the month from which: that of the day before
-- the first changed stay, or the month before it where a trip goes on into it,
-- so that no trip crosses its beginning. All months where the person's
-- identities changed hands, where a trip spans whole months, and where purposes
-- are known, since those mark all months of a tie; no month where no stay changed.
-- Reads pending_person, pending_stay, identity, visit_month; writes touched.
WITH pending AS (
    SELECT person, bool_or(whole) AS whole FROM pending_person GROUP BY person
),
stays AS (
    SELECT i.person, min(p.first_day) - 1 AS before, bool_or(p.purposes <> 0) AS purposeful
    FROM pending_stay p JOIN identity i ON i.identity = p.identity
    WHERE i.person IS NOT NULL
    GROUP BY i.person
),
persons AS (
    SELECT p.person, p.whole OR coalesce(s.purposeful, false) AS whole, year(s.before) * 12 + month(s.before) - 1 AS month
    FROM pending p LEFT JOIN stays s ON s.person = p.person
),
history AS (
    SELECT m.person, bool_or(m.tie_purposes <> 0) AS purposeful,
           bool_or(m.carried_in > 0 AND m.month = p.month) AS carried, bool_or(m.carried_in > 0 AND m.month = p.month - 1) AS carried_before
    FROM visit_month m JOIN persons p ON p.person = m.person
    GROUP BY m.person
)
SELECT p.person,
       CAST(CASE WHEN p.whole OR coalesce(h.purposeful, false) THEN 0
                 WHEN p.month IS NULL THEN 1000000
                 WHEN NOT coalesce(h.carried, false) THEN p.month
                 WHEN NOT h.carried_before THEN p.month - 1
                 ELSE 0 END AS INTEGER) AS start
FROM persons p LEFT JOIN history h ON h.person = p.person
