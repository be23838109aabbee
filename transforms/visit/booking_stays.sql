-- Stays from bookings by region and month of arrival: with a number of guests,
-- and with something that tells the person, by whether the residence is known.
-- Reads stay, identity; writes booking_stays.
SELECT s.region_code, CAST(year(s.first_day) * 12 + month(s.first_day) - 1 AS INTEGER) AS month,
       count(*) AS stays,
       count(CASE WHEN s.guests > 0 THEN 1 END) AS counted,
       CAST(coalesce(sum(s.guests), 0) AS BIGINT) AS guests,
       count(i.person) AS linked,
       count(CASE WHEN s.residence_code NOT IN ('abroad', 'unknown') THEN i.person END) AS known,
       count(CASE WHEN s.residence_code = 'unknown' THEN i.person END) AS unknown
FROM stay s LEFT JOIN identity i ON i.identity = s.identity
WHERE s.source_kind = 'booking' AND s.outcome IN ('stayed', 'day_use')
GROUP BY s.region_code, year(s.first_day) * 12 + month(s.first_day) - 1
