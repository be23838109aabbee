-- What later deliveries replaced: of each booking in several deliveries, the rows of
-- all but the one that counts, with the fields in which the two differ though neither
-- says that it changed later, as bits in the order of RestatedFields; and the rows of
-- bookings that have no row left because a later delivery of their month lacks them.
-- The delivery that counts is that of the stay; it is not repeated here, so that a booking
-- told again as it was changes no row. One row per booking and delivery replaced.
-- Reads told_booking, delivered; writes restatement.
WITH versions AS (
    SELECT t.*, d.file, d.delivered_at,
           CASE t.status WHEN 'cancelled' THEN 3 WHEN 'no_show' THEN 2 WHEN 'changed' THEN 1 ELSE 0 END AS precedence,
           count(*) OVER (PARTITION BY t.booking, t.delivery) AS rows,
           max(t.adults) OVER version AS most_adults, max(t.children) OVER version AS most_children, max(t.rooms) OVER version AS most_rooms
    FROM told_booking t
    SEMI JOIN (SELECT booking FROM told_booking WHERE booking IS NOT NULL GROUP BY booking HAVING min(delivery) <> max(delivery)) s ON s.booking = t.booking
    JOIN delivered d ON d.delivery = t.delivery
    WINDOW version AS (PARTITION BY t.booking, t.event_at, t.delivery)
    QUALIFY row_number() OVER (PARTITION BY t.booking, t.delivery ORDER BY t.restated, t.event_at DESC NULLS LAST, precedence DESC, t.line DESC) = 1
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY booking ORDER BY restated, event_at DESC NULLS LAST, delivered_at DESC NULLS LAST, precedence DESC, file DESC, line DESC) AS place
    FROM versions
)
SELECT o.booking, o.delivery, o.rows,
       CAST(CASE WHEN o.event_at IS DISTINCT FROM w.event_at THEN 0 ELSE
           (o.check_in IS DISTINCT FROM w.check_in)::INTEGER
           + 2 * (o.check_out IS DISTINCT FROM w.check_out)::INTEGER
           + 4 * (o.status IS DISTINCT FROM w.status)::INTEGER
           + 8 * (o.most_adults IS DISTINCT FROM w.most_adults)::INTEGER
           + 16 * (o.most_children IS DISTINCT FROM w.most_children)::INTEGER
           + 32 * (o.most_rooms IS DISTINCT FROM w.most_rooms)::INTEGER
           + 64 * (o.facility IS DISTINCT FROM w.facility)::INTEGER
           + 128 * (o.region_code IS DISTINCT FROM w.region_code)::INTEGER
           + 256 * (o.residence_code IS DISTINCT FROM w.residence_code)::INTEGER
           + 512 * (o.purposes IS DISTINCT FROM w.purposes)::INTEGER
           + 1024 * (o.identity IS DISTINCT FROM w.identity)::INTEGER END AS INTEGER) AS differing
FROM placed o JOIN placed w ON w.booking = o.booking AND w.place = 1
WHERE o.place > 1 AND NOT w.restated
UNION ALL
SELECT t.booking, t.delivery, count(*) AS rows, CAST(0 AS INTEGER) AS differing
FROM told_booking t ANTI JOIN (SELECT booking FROM told_booking WHERE NOT restated) s ON s.booking = t.booking
WHERE t.restated AND t.booking IS NOT NULL
GROUP BY t.booking, t.delivery
