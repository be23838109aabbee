-- Bookings and guest-nights by prefecture, facility, month of arrival and the month in
-- which they became known: a booking when it was made, a change or cancellation, which
-- takes away what stood, when it was entered. Summed over the months of knowledge they are
-- the stays that stand. The month of knowledge is null where no day says when a booking
-- was made. Cancellations without a day count as if known from the first.
-- Reads booking, delivered, places; writes arrivals.
WITH repeated AS (
    SELECT booking FROM booking WHERE booking IS NOT NULL GROUP BY booking HAVING count(*) > 1
),
dated AS (
    SELECT booking, delivery, line, CASE WHEN facility = '' THEN source ELSE facility END AS facility, region_code, adults, children, status, event_at,
           status IN ('booked', 'changed', 'day_use') AS stands,
           CASE status WHEN 'cancelled' THEN 3 WHEN 'no_show' THEN 2 WHEN 'changed' THEN 1 ELSE 0 END AS precedence,
           CAST(check_out - check_in AS INTEGER) AS nights,
           year(check_in) * 12 + month(check_in) - 1 AS stay_month,
           year(event_at) * 12 + month(event_at) - 1 AS event_month,
           coalesce(year(booked_on) * 12 + month(booked_on) - 1,
                    CASE WHEN status = 'booked' THEN year(event_at) * 12 + month(event_at) - 1 END) AS booked_month
    FROM booking WHERE status NOT IN ('blocked', 'requested')
),
versions AS (
    SELECT e.* REPLACE (max(e.adults) OVER version AS adults, max(e.children) OVER version AS children), d.file, d.delivered_at
    FROM dated e SEMI JOIN repeated r ON r.booking = e.booking
    JOIN delivered d ON d.delivery = e.delivery
    WINDOW version AS (PARTITION BY e.booking, e.event_at, d.file)
    QUALIFY row_number() OVER (PARTITION BY e.booking, e.event_at, d.file ORDER BY e.precedence DESC, e.line DESC) = 1
),
steps AS (
    SELECT facility, region_code, stay_month, stands, nights * (coalesce(adults, 0) + coalesce(children, 0)) AS guest_nights, event_month,
           min(booked_month) OVER (PARTITION BY booking) AS booked_month,
           row_number() OVER told = 1 AS begins,
           lag(struct_pack(facility, region_code, stay_month, stands, guest_nights := nights * (coalesce(adults, 0) + coalesce(children, 0)))) OVER told AS before
    FROM versions
    WINDOW told AS (PARTITION BY booking ORDER BY event_at NULLS FIRST, delivered_at NULLS FIRST, precedence, file, line)
    UNION ALL
    SELECT facility, region_code, stay_month, stands, nights * (coalesce(adults, 0) + coalesce(children, 0)), event_month, booked_month, true, NULL
    FROM dated WHERE booking IS NULL OR booking NOT IN (SELECT booking FROM repeated)
),
known AS (
    SELECT *, CASE WHEN booked_month IS NOT NULL THEN greatest(booked_month, coalesce(event_month, booked_month)) END AS known_month FROM steps
),
moves AS (
    SELECT facility, region_code, stay_month, CASE WHEN begins THEN booked_month ELSE known_month END AS known_month, 1 AS bookings, guest_nights
    FROM known WHERE begins OR stands
    UNION ALL
    SELECT facility, region_code, stay_month, known_month, -1, -guest_nights FROM known WHERE begins AND NOT stands
    UNION ALL
    SELECT before.facility, before.region_code, before.stay_month, known_month, -1, -before.guest_nights FROM known WHERE before.stands
)
SELECT left(coalesce(p.place, m.region_code), 2) || '000' AS region_code, m.facility, CAST(m.stay_month AS INTEGER) AS stay_month,
       CAST(m.known_month AS INTEGER) AS known_month, CAST(sum(m.bookings) AS BIGINT) AS bookings, CAST(sum(m.guest_nights) AS BIGINT) AS guest_nights
FROM moves m LEFT JOIN places p ON p.code = m.region_code
    AND make_date(m.stay_month // 12, m.stay_month % 12 + 1, 1) BETWEEN p.first_day AND p.last_day
GROUP BY ALL
HAVING sum(m.bookings) <> 0 OR sum(m.guest_nights) <> 0
