-- Persons from other prefectures by the lists that they are on, a bit each, and where
-- they live: by municipality and by prefecture visited. A list is the stays, contribution
-- acts and answers of some sources in a span of days.
-- Reads stay, act, survey_tie, delivered, identity, places, list_span; writes listed.
WITH seen AS (
    SELECT s.identity, s.region_code, s.residence_code, NULL AS told_on, l.list -- stays are placed
    FROM stay s JOIN list_span l ON l.source = s.source AND s.first_day BETWEEN l.first_day AND l.last_day
    WHERE s.outcome IN ('stayed', 'day_use')
    UNION ALL
    SELECT a.identity, a.region_code, a.residence_code, a.acted_on, l.list
    FROM act a JOIN delivered d ON d.delivery = a.delivery
    JOIN list_span l ON l.source = d.source AND a.acted_on BETWEEN l.first_day AND l.last_day
    UNION ALL
    SELECT t.identity, t.region_code, t.residence_code, t.answered_on, l.list
    FROM survey_tie t JOIN delivered d ON d.delivery = t.delivery
    JOIN list_span l ON l.source = d.source AND t.answered_on BETWEEN l.first_day AND l.last_day
),
placed AS (
    SELECT i.person, coalesce(p.place, s.region_code) AS region_code, coalesce(r.place, s.residence_code) AS residence_code, s.list
    FROM seen s JOIN identity i ON i.identity = s.identity AND i.person IS NOT NULL
    LEFT JOIN places p ON p.code = s.region_code AND s.told_on BETWEEN p.first_day AND p.last_day
    LEFT JOIN places r ON r.code = s.residence_code AND s.told_on BETWEEN r.first_day AND r.last_day
),
outside AS (
    SELECT person, region_code, left(residence_code, 2) || '000' AS origin_code, list FROM placed
    WHERE residence_code NOT IN ('abroad', 'unknown') AND left(residence_code, 2) <> left(region_code, 2) AND right(region_code, 3) <> '000'
    UNION ALL
    SELECT person, left(region_code, 2) || '000', left(residence_code, 2) || '000', list FROM placed
    WHERE residence_code NOT IN ('abroad', 'unknown') AND left(residence_code, 2) <> left(region_code, 2)
),
history AS (
    SELECT region_code, person, max(origin_code) AS origin_code, bit_or(1 << list) AS lists FROM outside GROUP BY region_code, person
)
SELECT region_code, origin_code, CAST(lists AS INTEGER) AS lists, count(*) AS persons FROM history GROUP BY region_code, origin_code, lists
