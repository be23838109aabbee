-- What came in from each source and what became of it.
-- One row per source. Reads quality.
SELECT source, CAST(coalesce(sum(value) FILTER (indicator = 'files'), 0) AS BIGINT) AS files,
       CAST(coalesce(sum(value) FILTER (indicator = 'rows_in'), 0) AS BIGINT) AS rows_in,
       CAST(coalesce(sum(value) FILTER (indicator = 'rows_landed'), 0) AS BIGINT) AS rows_landed,
       CAST(coalesce(sum(value) FILTER (indicator = 'rows_rejected'), 0) AS BIGINT) AS rows_rejected,
       CAST(coalesce(sum(value) FILTER (reason = 'cut_off'), 0) AS BIGINT) AS cut_off
FROM quality WHERE conf_status = 'F' AND source <> 'all' AND indicator IN ('files', 'rows_in', 'rows_landed', 'rows_rejected', 'rejected')
GROUP BY source ORDER BY source
