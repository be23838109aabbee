-- Telephone numbers and e-mail addresses that go with more different names than
-- one household has: an agency's or a company's. They stop linking.
-- Reads hub_candidate, identity, linkage; writes hub.
WITH shared AS (
    SELECT 'phone' AS kind, i.phone AS token, i.name
    FROM identity i SEMI JOIN hub_candidate c ON c.phone = i.phone WHERE i.name IS NOT NULL
    UNION ALL
    SELECT 'email' AS kind, i.email AS token, i.name
    FROM identity i SEMI JOIN hub_candidate c ON c.email = i.email WHERE i.name IS NOT NULL
),
several AS (
    SELECT kind, token FROM shared GROUP BY kind, token HAVING min(name) <> max(name)
)
SELECT s.kind, s.token, CAST(count(DISTINCT s.name) AS INTEGER) AS names
FROM shared s SEMI JOIN several v ON v.kind = s.kind AND v.token = s.token
CROSS JOIN linkage l
GROUP BY s.kind, s.token, l.shared_by
HAVING count(DISTINCT s.name) > l.shared_by
