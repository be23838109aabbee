-- The targets beside the figures in Japanese.
-- One row per target, source and estimator. Reads target_progress, region_names
-- and code_names.
SELECT t.target AS 目標, t.region_code AS 地域コード, coalesce(r.name, t.region_code) AS 地域, name_ja('definition', t.definition) AS 定義,
       t.due_on AS 期日, t.target_value AS 目標値, t.reference_month AS 基準月,
       name_ja('source', t.source) AS 出所, name_ja('estimator', t.estimator) AS 推定方法,
       t.value AS 値, t.ci_low AS 下限, t.ci_high AS 上限, t.ratio AS 目標比, t.probability_met AS 達した確率,
       name_ja('conf_status', t.conf_status) AS 秘匿
FROM target_progress AS t
LEFT JOIN region_names AS r ON r.region_code = t.region_code
ORDER BY t.target, t.source, t.estimator
