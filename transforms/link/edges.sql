-- Pairs of nodes that share a token, each node with the least node of its token,
-- the most trusted kind of token first.
-- Reads node; writes edge.
WITH tokens AS (
    SELECT 1 AS trust, member AS token, node FROM node WHERE member IS NOT NULL
    UNION ALL SELECT 2, email, node FROM node WHERE email IS NOT NULL
    UNION ALL SELECT 3, phone, node FROM node WHERE phone IS NOT NULL
    UNION ALL SELECT 4, name, node FROM node WHERE name IS NOT NULL
),
roots AS (
    SELECT trust, token, min(node) AS root FROM tokens GROUP BY trust, token HAVING count(*) > 1
)
SELECT r.root, t.node FROM tokens t JOIN roots r ON r.trust = t.trust AND r.token = t.token WHERE t.node <> r.root
