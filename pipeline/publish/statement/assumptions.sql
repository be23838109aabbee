-- Whether the data bear out what estimates from bookings rest on.
-- One row per status. Reads assumptions.
SELECT status, count(*) AS number FROM assumptions GROUP BY status ORDER BY status
