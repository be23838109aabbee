-- How far figures of the publication before were revised, and why.
-- One row per earlier publication, source and reason. Reads revisions.
SELECT publication, source, revision_reason, count(*) AS compared, count(*) FILTER (difference <> 0) AS revised,
       format('{:+.1f} %', 100 * min(relative_difference)) AS least,
       format('{:+.1f} %', 100 * quantile_disc(relative_difference, 0.5)) AS median,
       format('{:+.1f} %', 100 * max(relative_difference)) AS greatest,
       coalesce(format('{:.0f} %', 100 * avg(CAST(value BETWEEN previous_ci_low AND previous_ci_high AS INTEGER))), '-') AS within
FROM revisions WHERE conf_status = 'F'
GROUP BY ALL ORDER BY publication, source, revision_reason
