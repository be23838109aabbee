-- The definitions in force.
-- One row per definition. Reads definitions.
SELECT definition, version, follows FROM definitions ORDER BY definition
