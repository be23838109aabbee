-- The definitions in force.
-- One row per definition. Reads definitions.
SELECT definition, version, title_ja, title_en, follows, follows_ja, rule, rule_ja, sources, target_population FROM definitions ORDER BY definition
