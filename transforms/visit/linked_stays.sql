-- Stays that happened, of persons that are known.
-- Reads stay, known_identity; writes linked_stay.
SELECT s.source_kind, i.person, s.region_code, s.residence_code, s.first_day, s.last_day, s.nights, s.purposes
FROM stay s JOIN known_identity i ON i.identity = s.identity
WHERE i.person IS NOT NULL AND s.outcome IN ('stayed', 'day_use')
