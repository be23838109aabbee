-- One stay per booking: the latest event wins by its own time, then that of the
-- later delivery, then a cancellation before a change before a booking, then the
-- later file name.
-- The nights and rooms of one booking are one stay with the most guests of any.
-- Rows without a booking number stay as they are.
-- Reads booking, delivered, places; writes stay.
WITH repeated AS (
    SELECT booking FROM booking WHERE booking IS NOT NULL GROUP BY booking HAVING count(*) > 1
),
events AS (
    SELECT b.*, d.file, d.delivered_at,
           CASE b.status WHEN 'cancelled' THEN 3 WHEN 'no_show' THEN 2 WHEN 'changed' THEN 1 ELSE 0 END AS precedence
    FROM booking b SEMI JOIN repeated r ON r.booking = b.booking
    JOIN delivered d ON d.delivery = b.delivery
),
settled AS (
    SELECT e.* REPLACE (
               first_value(e.identity IGNORE NULLS) OVER latest AS identity,
               first_value(nullif(e.age_class, '') IGNORE NULLS) OVER latest AS age_class,
               max(e.adults) OVER version AS adults,
               max(e.children) OVER version AS children,
               max(e.rooms) OVER version AS rooms)
    FROM events e
    WINDOW latest AS (PARTITION BY e.booking ORDER BY e.event_at DESC NULLS LAST, e.delivered_at DESC NULLS LAST, e.precedence DESC, e.file DESC, e.line DESC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
           version AS (PARTITION BY e.booking, e.event_at, e.file)
    QUALIFY row_number() OVER (PARTITION BY e.booking ORDER BY e.event_at DESC NULLS LAST, e.delivered_at DESC NULLS LAST, e.precedence DESC, e.file DESC, e.line DESC) = 1
),
bookings AS (
    SELECT source, delivery, line, booking, identity, facility, region_code, residence_code, origin_country,
           check_in, check_out, adults, children, purposes, age_class, status
    FROM settled
    UNION ALL
    SELECT source, delivery, line, booking, identity, facility, region_code, residence_code, origin_country,
           check_in, check_out, adults, children, purposes, age_class, status
    FROM booking b WHERE b.booking IS NULL OR b.booking NOT IN (SELECT booking FROM repeated)
)
SELECT 'booking' AS source_kind, b.source, b.delivery, b.line, b.booking, b.identity,
       CASE WHEN b.facility = '' THEN b.source ELSE b.facility END AS facility,
       coalesce(p.place, b.region_code) AS region_code,
       coalesce(r.place, b.residence_code) AS residence_code,
       b.origin_country,
       b.check_in AS first_day, b.check_out AS last_day,
       CAST(b.check_out - b.check_in AS INTEGER) AS nights,
       CASE WHEN b.adults IS NULL AND b.children IS NULL THEN NULL
            ELSE CAST(coalesce(b.adults, 0) + coalesce(b.children, 0) AS INTEGER) END AS guests,
       b.purposes, coalesce(b.age_class, '') AS age_class,
       CASE b.status WHEN 'booked' THEN 'stayed' WHEN 'changed' THEN 'stayed' ELSE b.status END AS outcome
FROM bookings b
LEFT JOIN places p ON p.code = b.region_code AND b.check_in BETWEEN p.first_day AND p.last_day
LEFT JOIN places r ON r.code = b.residence_code AND b.check_in BETWEEN r.first_day AND r.last_day
