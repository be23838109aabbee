-- 関係人口（予約から）：県外に住み、12か月に2回以上その地域を訪れた人のうち、予約に写る人（定義 repeat-visits）
-- [c] は秘匿。
SELECT region_code AS "コード", region_name AS "地域", reference_month AS "12か月の終わり", figure AS "人",
       CASE conf_status WHEN 'C' THEN '秘匿：10人未満または3施設未満' ELSE '' END AS "備考"
FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking' AND obs_status <> 'M'
ORDER BY value DESC NULLS LAST, region_code
