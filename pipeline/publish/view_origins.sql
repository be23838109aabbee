-- Where visitors and related persons of the latest reference month live, in
-- Japanese.
-- One row per definition, region, origin, outside rule, source and estimator.
-- Reads origin_destination, region_names and code_names.
SELECT o.region_code AS 地域コード, coalesce(r.name, o.region_code) AS 地域,
       o.origin_code AS 居住地コード, coalesce(h.name, name_ja('origin_code', o.origin_code)) AS 居住地,
       name_ja('definition', o.definition) AS 定義, name_ja('outside', o.outside) AS 域外の決め方,
       name_ja('source', o.source) AS 出所, name_ja('estimator', o.estimator) AS 推定方法,
       o.reference_month AS 基準月, o.value AS 値, o.ci_low AS 下限, o.ci_high AS 上限, name_ja('conf_status', o.conf_status) AS 秘匿
FROM origin_destination AS o
LEFT JOIN region_names AS r ON r.region_code = o.region_code
LEFT JOIN region_names AS h ON h.region_code = o.origin_code
WHERE o.reference_month = (SELECT max(reference_month) FROM origin_destination)
ORDER BY o.region_code, o.outside, o.definition, o.source, o.estimator, o.origin_code
