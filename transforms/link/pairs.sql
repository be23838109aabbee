-- The pairs of identities that a clerk may judge. In stratum linked, neighbours
-- under one pseudonym in the order of their digests; in the others, one identity of
-- each of two pseudonyms that share what does not link; a name at one facility only
-- where either residence is not known. Only identities with a stay of a booking. One
-- row per pair, numbered from 1 within its stratum.
-- Reads stay, identity, hub; writes judged_pair.
WITH seen AS (
    SELECT i.person, i.identity, i.email, i.phone, CASE WHEN NOT i.name_dated THEN i.name END AS name,
           CASE WHEN s.residence_code NOT IN ('abroad', 'unknown') AND s.residence_code NOT LIKE '%000' THEN s.residence_code END AS residence,
           s.facility
    FROM stay s JOIN identity i ON i.identity = s.identity
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.person IS NOT NULL
),
known AS (SELECT DISTINCT person, identity FROM seen),
neighbours AS (
    SELECT lag(identity) OVER (PARTITION BY person ORDER BY identity) AS first, identity AS second FROM known
),
weak AS (
    SELECT 2 AS stratum, 'name' AS kind, name AS token, residence AS place, true AS may_be_one, person, identity FROM seen
    UNION ALL SELECT 3, 'name', name, facility, residence IS NULL, person, identity FROM seen
    UNION ALL SELECT 4, 'email', email, residence, true, person, identity FROM seen SEMI JOIN hub h ON h.kind = 'email' AND h.token = email
    UNION ALL SELECT 4, 'phone', phone, residence, true, person, identity FROM seen SEMI JOIN hub h ON h.kind = 'phone' AND h.token = phone
),
member_of AS (
    SELECT stratum, kind, token, place, person, bool_or(may_be_one) AS may_be_one, min(identity) AS identity FROM weak
    WHERE token IS NOT NULL AND place IS NOT NULL GROUP BY stratum, kind, token, place, person
),
near AS (
    SELECT a.stratum, a.identity AS first, b.identity AS second,
           row_number() OVER (PARTITION BY a.person, b.person ORDER BY a.stratum, a.identity, b.identity) AS turn
    FROM member_of a JOIN member_of b ON b.stratum = a.stratum AND b.kind = a.kind AND b.token = a.token AND b.place = a.place AND a.person < b.person
    WHERE a.may_be_one OR b.may_be_one
)
SELECT CASE stratum WHEN 1 THEN 'linked' WHEN 2 THEN 'name_residence' WHEN 3 THEN 'name_facility' ELSE 'hub' END AS stratum,
       row_number() OVER (PARTITION BY stratum ORDER BY first, second) AS number, first, second
FROM (
    SELECT 1 AS stratum, first, second FROM neighbours WHERE first IS NOT NULL
    UNION ALL SELECT stratum, first, second FROM near WHERE turn = 1
)
