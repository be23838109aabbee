-- Answers on the spot and acts by month, of municipalities and prefectures: rows, and the
-- persons they are of; a row that tells no person is one of its own.
-- Reads stay, act, places; writes input_months.
WITH came AS (
    SELECT source_kind, region_code, year(first_day) * 12 + month(first_day) - 1 AS month, coalesce(identity, hash(delivery, line)) AS who
    FROM stay WHERE source_kind <> 'booking' AND outcome IN ('stayed', 'day_use')
    UNION ALL
    SELECT 'act', coalesce(p.place, a.region_code), year(a.acted_on) * 12 + month(a.acted_on) - 1, coalesce(a.identity, hash(a.delivery, a.line))
    FROM act a LEFT JOIN places p ON p.code = a.region_code AND a.acted_on BETWEEN p.first_day AND p.last_day
),
places_of AS (
    SELECT source_kind, unnest(list_distinct([region_code, left(region_code, 2) || '000'])) AS region_code, month, who FROM came
)
SELECT source_kind, region_code, CAST(month AS INTEGER) AS month, count(*) AS rows, count(DISTINCT who) AS persons
FROM places_of GROUP BY source_kind, region_code, month
