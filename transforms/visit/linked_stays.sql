-- Stays that happened, of persons that are known, from each person's start month.
-- Reads stay, known_identity; writes linked_stay.
SELECT s.source_kind, i.person, s.region_code, s.residence_code, s.first_day, s.last_day, s.nights, s.purposes
FROM stay s JOIN known_identity i ON i.identity = s.identity
WHERE i.person IS NOT NULL AND s.outcome IN ('stayed', 'day_use')
  AND year(s.last_day) * 12 + month(s.last_day) - 1 >= i.start
