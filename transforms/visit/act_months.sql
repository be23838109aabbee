-- Contribution acts by person, region and month, once for the municipality and
-- once for the prefecture.
-- Reads act, known_identity, places; writes act_month.
WITH acts AS (
    SELECT i.person, coalesce(p.place, a.region_code) AS region_code, coalesce(r.place, a.residence_code) AS residence_code,
           year(a.acted_on) * 12 + month(a.acted_on) - 1 AS month, coalesce(a.act, a.line) AS act
    FROM act a
    JOIN known_identity i ON i.identity = a.identity AND i.person IS NOT NULL
    LEFT JOIN places p ON p.code = a.region_code AND a.acted_on BETWEEN p.first_day AND p.last_day
    LEFT JOIN places r ON r.code = a.residence_code AND a.acted_on BETWEEN r.first_day AND r.last_day
)
SELECT person, region_code, residence_code, CAST(month AS INTEGER) AS month, CAST(count(DISTINCT act) AS INTEGER) AS acts
FROM acts WHERE right(region_code, 3) <> '000' AND residence_code <> region_code GROUP BY person, region_code, residence_code, month
UNION ALL
SELECT person, left(region_code, 2) || '000' AS region_code, residence_code, CAST(month AS INTEGER) AS month,
       CAST(count(DISTINCT act) AS INTEGER) AS acts
FROM acts WHERE residence_code <> region_code GROUP BY person, left(region_code, 2) || '000', residence_code, month
