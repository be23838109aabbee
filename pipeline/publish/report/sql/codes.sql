-- The names of codes.
-- One row per column and code. Reads code_names.
SELECT column_name, code, name_ja, name_en FROM code_names ORDER BY column_name, code
