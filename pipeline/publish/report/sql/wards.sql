-- The wards of designated cities, with the city that each was part of last.
-- One row per ward. Reads regions.
SELECT region_code, arg_max(parent_code, valid_from) AS parent_code FROM regions WHERE region_level = 'ward' GROUP BY region_code ORDER BY region_code
