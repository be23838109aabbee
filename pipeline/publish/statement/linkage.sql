-- How often linkage errs, where it was judged.
-- One row per rate. Reads quality.
SELECT q.indicator, q.reason, format('{:.2f} %', 100 * q.ratio) AS share,
       format('{:.2f}–{:.2f} %', 100 * low.ratio, 100 * high.ratio) AS ci
FROM quality AS q
LEFT JOIN quality AS low ON low.source = q.source AND low.indicator = q.indicator || '_low' AND low.reason = q.reason
LEFT JOIN quality AS high ON high.source = q.source AND high.indicator = q.indicator || '_high' AND high.reason = q.reason
WHERE q.indicator IN ('linkage_missed', 'linkage_false') AND q.ratio IS NOT NULL AND q.conf_status = 'F'
ORDER BY q.source, q.indicator, q.reason
