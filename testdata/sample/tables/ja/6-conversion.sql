-- 年2回以上来る人のうち、12か月以内に移住する人の割合。転入者アンケートから逆算したもの（retrospective）、予約で関わりの
-- 始まりから追ったもの（prospective）、および転入者全員を分子にした場合（移住率ではなく上限）です。
SELECT region_code AS "コード", estimand AS "考え方", estimator AS "推計方法",
       CASE WHEN conf_status = 'C' THEN '[c]' WHEN obs_status = 'M' THEN '推計不可' ELSE format('{:.1f} %', 100 * value) END AS "移住する割合",
       coalesce(format('{:.1f} – {:.1f} %', 100 * ci_low, 100 * ci_high), '') AS "95%区間", reliability AS "信頼度"
FROM migration_conversion
WHERE region_level = 'prefecture' AND origin_code = 'all' AND age_class = 'all' AND statistic = 'probability' AND horizon_months = 12 AND estimator IN ('related_at_start', 'related_before_move', 'all_in_migrants', 'aalen_johansen_corrected', 'complete_follow_up')
  AND cohort = CASE estimand WHEN 'prospective' THEN 0 ELSE (SELECT max(cohort) FROM migration_conversion WHERE estimand = 'retrospective') END
ORDER BY "コード", "考え方" DESC, "推計方法" DESC
