-- The combinations of tokens that occur in the landed rows.
-- Reads landed_tokens; writes identity.
SELECT DISTINCT identity, member, email, phone, name, name_dated, CAST(NULL AS BIGINT) AS person
FROM landed_tokens WHERE identity IS NOT NULL
