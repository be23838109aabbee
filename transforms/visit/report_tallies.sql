-- Respondents who call their relation to a region regular and continuing, by
-- the survey answers of the 12 months to each reference month. A tie kept up
-- for excluded purposes alone is left out. A respondent without tokens counts
-- once per response.
-- Reads survey_tie, identity, places, reference, outside_rule, reported; writes tally.
WITH ties AS (
    SELECT coalesce(i.person, t.response, CAST(hash(t.delivery, t.line) // 2 AS BIGINT)) AS person,
           year(t.answered_on) * 12 + month(t.answered_on) - 1 AS month,
           coalesce(p.place, t.region_code) AS region_code, coalesce(r.place, t.residence_code) AS residence_code, t.purposes, t.visits_per_year
    FROM survey_tie t
    LEFT JOIN identity i ON i.identity = t.identity
    LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day
    LEFT JOIN places r ON r.code = t.residence_code AND t.answered_on BETWEEN r.first_day AND r.last_day
    WHERE t.regular
),
municipal AS (
    SELECT DISTINCT d.definition, f.reference_month, v.rule AS outside, t.person, t.region_code,
           CASE WHEN t.residence_code IN ('abroad', 'unknown') THEN t.residence_code ELSE left(t.residence_code, 2) || '000' END AS origin_code
    FROM ties t
    JOIN reference f ON t.month BETWEEN f.reference_month - 11 AND f.reference_month
    CROSS JOIN reported d
    JOIN outside_rule v ON v.outside = v.rule
    WHERE t.residence_code <> t.region_code AND coalesce(t.visits_per_year, 0) >= d.min_visits
      AND NOT (t.purposes <> 0 AND t.purposes & ~d.excluded = 0)
      AND CASE v.rule WHEN 'prefecture' THEN left(t.residence_code, 2) <> left(t.region_code, 2)
                         ELSE t.residence_code <> left(t.region_code, 2) || '000' END
),
prefectural AS (
    SELECT DISTINCT definition, reference_month, outside, person, left(region_code, 2) || '000' AS region_code, origin_code FROM municipal
),
qualifying AS (
    SELECT definition || '/persons' AS tally, reference_month, outside, region_code, origin_code FROM municipal WHERE right(region_code, 3) <> '000'
    UNION ALL
    SELECT definition || '/persons' AS tally, reference_month, outside, region_code, origin_code FROM prefectural
    UNION ALL
    SELECT definition || '/pairs' AS tally, reference_month, outside, left(region_code, 2) || '000' AS region_code, origin_code
    FROM municipal WHERE right(region_code, 3) <> '000'
    UNION ALL
    SELECT definition || '/persons_any_municipality' AS tally, reference_month, outside, left(region_code, 2) || '000' AS region_code, origin_code
    FROM (SELECT DISTINCT definition, reference_month, outside, person, left(region_code, 2) AS region_code, origin_code
          FROM municipal WHERE right(region_code, 3) <> '000')
)
SELECT reference_month, 'survey' AS source_kind, tally, outside, region_code,
       CASE WHEN grouping(origin_code) = 1 THEN 'all' ELSE origin_code END AS origin_code,
       CAST(-1 AS INTEGER) AS class, CAST(count(*) AS BIGINT) AS count
FROM qualifying
GROUP BY GROUPING SETS ((reference_month, tally, outside, region_code), (reference_month, tally, outside, region_code, origin_code))
