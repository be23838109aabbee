-- The identities to link, numbered in the order of their digests, with the
-- tokens that may link: a phone or e-mail shared by too many names links
-- nobody, and a name links only with a birth year.
-- Reads candidate, hub; writes node.
SELECT CAST(row_number() OVER (ORDER BY c.identity) - 1 AS INTEGER) AS node, c.identity, c.member,
       CASE WHEN e.token IS NULL THEN c.email END AS email,
       CASE WHEN p.token IS NULL THEN c.phone END AS phone,
       CASE WHEN c.name_dated THEN c.name END AS name,
       c.member IS NOT NULL OR (c.name IS NOT NULL AND c.name_dated)
           OR (c.email IS NOT NULL AND (e.token IS NULL OR c.name IS NOT NULL))
           OR (c.phone IS NOT NULL AND (p.token IS NULL OR c.name IS NOT NULL)) AS tells_a_person
FROM candidate c
LEFT JOIN hub e ON e.kind = 'email' AND e.token = c.email
LEFT JOIN hub p ON p.kind = 'phone' AND p.token = c.phone
