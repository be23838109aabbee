-- Relational population, from the survey: respondents living outside the prefecture who call
-- their relation regular and visited in 12 months (definition mlit-visiting). They are counted,
-- not weighted up, hence [u] low reliability; municipalities withheld (under 10) are left out.
SELECT region_code AS code, region_name AS "地域", region_name_en AS region, reference_month AS "12 months to", figure AS persons
FROM headline
WHERE definition = 'mlit-visiting' AND measure = 'persons' AND outside = 'prefecture' AND source = 'survey' AND conf_status = 'F'
ORDER BY value DESC, region_code
