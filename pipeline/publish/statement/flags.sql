-- Months that stand out of their series.
-- One row per kind of series. Reads flags.
SELECT kind, count(*) AS number FROM flags WHERE conf_status = 'F' AND direction <> 0 GROUP BY kind ORDER BY kind
