-- The view headline in Japanese.
-- One row as in headline. Reads headline and code_names.
SELECT h.region_code AS 地域コード, h.region_name AS 地域, h.definition_title AS 定義,
       name_ja('measure', h.measure) AS 数え方, name_ja('outside', h.outside) AS 域外の決め方,
       name_ja('source', h.source) AS 出所, name_ja('estimator', h.estimator) AS 推定方法,
       h.reference_month AS 基準月, h.figure AS 表示, h.value AS 値, h.ci_low AS 下限, h.ci_high AS 上限,
       h.per_10000_residents AS 住民1万人当たり, h.reliability AS 信頼度,
       name_ja('obs_status', h.obs_status) AS 状態, name_ja('conf_status', h.conf_status) AS 秘匿
FROM headline AS h
ORDER BY h.definition, h.measure, h.outside, h.region_code, h.source, h.estimator
