-- The relational population of every reference month in Japanese: all origins,
-- relation types and engagement levels together.
-- One row per definition, measure, outside rule, region, source, estimator and
-- reference month. Reads relational_population, region_names and code_names.
SELECT p.region_code AS 地域コード, coalesce(r.name, p.region_code) AS 地域, name_ja('definition', p.definition) AS 定義,
       name_ja('measure', p.measure) AS 数え方, name_ja('outside', p.outside) AS 域外の決め方,
       name_ja('source', p.source) AS 出所, name_ja('estimator', p.estimator) AS 推定方法,
       p.reference_month AS 基準月, p.value AS 値, p.ci_low AS 下限, p.ci_high AS 上限, p.reliability AS 信頼度,
       name_ja('obs_status', p.obs_status) AS 状態, name_ja('conf_status', p.conf_status) AS 秘匿
FROM relational_population AS p
LEFT JOIN region_names AS r ON r.region_code = p.region_code
WHERE p.origin_code = 'all' AND p.relation_type = 'all' AND p.engagement = 'all'
ORDER BY p.definition, p.measure, p.outside, p.region_code, p.source, p.estimator, p.reference_month
