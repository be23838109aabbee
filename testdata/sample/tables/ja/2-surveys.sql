-- 同じ人数を調査から推計したもの（95%区間つき）。現地調査はよく来る人ほど多く出会うため、訪問回数で
-- 割り戻しています（onsite_scaled）。ウェブパネルは人口に合わせています（survey_calibrated）。
-- A〜C は区間の狭さ、[u] は信頼度が低い数字。秘匿した市町村は省きます。
SELECT region_code AS "コード", region_name AS "地域", estimator AS "推計方法", figure AS "人数",
       format('{:,} – {:,}', CAST(round(ci_low) AS BIGINT), CAST(round(ci_high) AS BIGINT)) AS "95%区間", reliability AS "信頼度"
FROM headline
WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'survey'
  AND estimator <> 'observed' AND conf_status = 'F' AND obs_status <> 'M'
ORDER BY estimator, value DESC, region_code
