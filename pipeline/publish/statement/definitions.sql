-- The definitions in force.
-- One row per definition. Reads definitions.
SELECT definition, version, follows, follows_ja FROM definitions ORDER BY definition
