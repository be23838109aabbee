-- Which regions were there on a day? day is a date, such as DATE '2023-12-31'.
-- One row per region code. Reads regions.
SELECT * FROM regions
WHERE valid_from <= day AND (valid_to IS NULL OR valid_to >= day)
ORDER BY region_code
