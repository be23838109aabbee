-- What the error of each prefecture's figures of the latest reference month comes of.
-- One row per definition, measure, outside rule, prefecture, source and estimator.
-- Reads error_budget.
SELECT region_code, definition, measure, outside, source, estimator, format('{:.1f} %', 100 * cv) AS cv,
       format('{:.0f} %', 100 * sampling) AS sampling, format('{:.0f} %', 100 * detection) AS detection, format('{:.0f} %', 100 * linkage) AS linkage,
       format('{:.0f} %', 100 * model) AS model, format('{:.0f} %', 100 * classification) AS classification
FROM error_budget
WHERE region_level = 'prefecture' AND measure = 'persons' AND outside = 'prefecture' AND conf_status = 'F' AND cv IS NOT NULL AND sampling IS NOT NULL
  AND reference_month = (SELECT max(reference_month) FROM error_budget)
ORDER BY region_code, definition, measure, outside, source, estimator
