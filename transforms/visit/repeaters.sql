-- Persons from other prefectures with two trips, no more, to a municipality, or to a
-- prefecture, within a span of days, and those of them who slept in one house both
-- times: by the municipality of both trips, '' where they are to two. Squares over
-- the square of trips is the probability that two trips to the municipality are to one
-- house. Touching stays are one trip, in the house it begins in.
-- Reads stay, identity, year_span; writes repeaters.
WITH lodged AS (
    SELECT i.person, s.region_code, s.facility, s.first_day, s.last_day
    FROM stay s JOIN identity i ON i.identity = s.identity
    JOIN year_span y ON s.first_day BETWEEN y.first_day AND y.last_day
    WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use') AND i.person IS NOT NULL
      AND s.residence_code NOT IN ('abroad', 'unknown') AND left(s.residence_code, 2) <> left(s.region_code, 2)
),
placed AS (
    SELECT person, region_code, region_code AS municipality, facility, first_day, last_day FROM lodged WHERE right(region_code, 3) <> '000'
    UNION ALL
    SELECT person, left(region_code, 2) || '000', region_code, facility, first_day, last_day FROM lodged
),
touching AS (
    SELECT person, region_code, municipality, facility, first_day,
           max(last_day) OVER (PARTITION BY person, region_code ORDER BY first_day, last_day, facility
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
    FROM placed
),
trip AS (
    SELECT person, region_code, municipality, facility FROM touching WHERE until IS NULL OR first_day > until + 1
),
house AS (
    SELECT region_code, facility, count(*) AS trips FROM trip WHERE region_code = municipality GROUP BY region_code, facility
),
chance AS (
    SELECT region_code AS municipality, sum(trips * trips) AS squares, sum(trips) AS trips FROM house GROUP BY region_code
),
again AS (
    SELECT region_code, person, count(DISTINCT facility) AS houses,
           CASE WHEN min(municipality) = max(municipality) THEN min(municipality) ELSE '' END AS municipality
    FROM trip GROUP BY region_code, person HAVING count(*) = 2
)
SELECT a.region_code, a.municipality, count(*) AS persons, count(CASE WHEN a.houses = 1 THEN 1 END) AS same,
       CAST(coalesce(c.squares, 0) AS BIGINT) AS squares, CAST(coalesce(c.trips, 0) AS BIGINT) AS trips
FROM again a LEFT JOIN chance c ON c.municipality = a.municipality
GROUP BY a.region_code, a.municipality, c.squares, c.trips
