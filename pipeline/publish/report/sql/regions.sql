-- The names of the regions that figures speak of or come from.
-- One row per region code. Reads region_names.
SELECT region_code, region_level, name, own_name, name_en FROM region_names ORDER BY region_code
