-- 関係人口（予約から）：県外に住み、12か月に2回以上その地域を訪れた人（定義 repeat-visits）。
-- 予約に写った人と、写らなかった人を含む推計。A〜C は区間の狭さ、[c] は秘匿、[u] は信頼性が低い。
SELECT e.region_code AS "コード", e.region_name AS "地域", s.figure AS "写った人", e.figure AS "推計",
       coalesce(format('{:,} 〜 {:,}', CAST(round(e.ci_low) AS BIGINT), CAST(round(e.ci_high) AS BIGINT)), '') AS "95％区間", e.reliability AS "等級",
       CASE e.conf_status WHEN 'C' THEN '秘匿：10人未満または3施設未満' ELSE '' END AS "備考"
FROM headline e JOIN headline s USING (definition, measure, outside, source, region_code)
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking'
  AND e.estimator = 'thinned' AND s.estimator = 'observed' AND e.obs_status <> 'M'
ORDER BY e.value DESC NULLS LAST, region_code
