-- Persons from other prefectures whose bookings come to satisfy a definition in a region
-- for the first time after a year of bookings in which they did not, and what becomes of
-- them. Entry is the last day of presence of the month in which the rule is met, so that
-- nothing before it counts as time at risk. Who moved in before that day does not enter.
-- Events are the first after entry: moved_on of a record that is linked, resident_on of a
-- booking or answer that gives the region as residence, elsewhere_on of one that gives
-- another prefecture than before, or another municipality of the region's own.
-- deepened_on is the last day of presence of the month in which five trips in 12 months are
-- first seen. programme_on is the first act, or stay with a programme's purpose, up to entry.
-- trips_year_before are those begun in the 12 months before the 12 months to entry,
-- trips_year_after those begun in the 12 months after the month of entry; null where bookings
-- do not cover these months.
-- age_class is that of the last stay up to entry that tells one.
-- Beside them, with landmark true, those who satisfy the definition by the 12 months to a landmark in a
-- prefecture, whenever they came to: entered_on is the landmark, trips are those to it.
-- One row per person and region, municipality or prefecture, and per person, prefecture and landmark.
-- Reads visit_month, alternative, entry_rule, landmark, stay, act, identity, places, move; writes entry.
WITH outside AS (
    SELECT m.person, m.region_code, m.month, arg_max(m.residence_code, m.last_day) AS residence_code,
           sum(m.trips_begun) AS trips_begun, max(m.carried_in) AS carried_in, sum(m.visit_days) AS visit_days, sum(m.stay_days) AS stay_days,
           min(CASE WHEN m.carried_in = 1 THEN m.first_day ELSE m.first_begun END) AS first_trip,
           min(m.first_begun) AS first_begun, max(coalesce(m.last_begun, m.first_day)) AS last_trip, max(m.last_day) AS last_day,
           bit_or(m.purposes) AS purposes
    FROM visit_month m CROSS JOIN entry_rule r
    WHERE m.source_kind = 'booking' AND NOT m.everyday_area
      AND (m.excluded = 0 AND m.tie_purposes & r.excluded = 0 OR m.excluded = r.excluded AND m.tie_purposes & r.excluded <> 0)
      AND m.residence_code NOT IN ('abroad', 'unknown') AND left(m.residence_code, 2) <> left(m.region_code, 2) AND right(m.region_code, 3) <> '999'
    GROUP BY m.person, m.region_code, m.month
),
trail AS (
    SELECT person, region_code, month, residence_code, last_day, last_trip AS last_begun,
           sum(trips_begun) OVER year + CASE WHEN first_value(month) OVER year = month - 11 THEN first_value(carried_in) OVER year ELSE 0 END AS trips,
           sum(visit_days) OVER year AS visit_days, sum(stay_days) OVER year AS stay_days,
           least(min(first_begun) OVER year, CASE WHEN first_value(month) OVER year = month - 11 THEN first_value(first_trip) OVER year END) AS first_trip,
           max(last_trip) OVER year AS last_trip, bit_or(purposes) OVER year AS purposes,
           max(last_day) OVER (PARTITION BY person, region_code) AS last_seen
    FROM outside
    WINDOW year AS (PARTITION BY person, region_code ORDER BY month RANGE BETWEEN 11 PRECEDING AND CURRENT ROW)
),
met AS (
    SELECT t.person, t.region_code, min(t.month) AS month
    FROM trail t JOIN alternative a ON a.source_kind = 'booking' JOIN entry_rule r ON r.definition = a.definition
    WHERE t.trips >= a.min_trips AND t.visit_days >= a.min_days AND t.stay_days >= a.min_stay_days AND a.min_acts = 0
      AND coalesce(t.last_trip - t.first_trip, 0) >= a.min_gap_days AND (a.purposes = 0 OR t.purposes & a.purposes <> 0)
    GROUP BY t.person, t.region_code
),
standing AS (
    SELECT o.person, o.region_code, l.day AS entered_on, arg_max(o.residence_code, o.month) AS residence_code,
           sum(o.trips_begun) + sum(CASE WHEN o.month = l.month - 11 THEN o.carried_in ELSE 0 END) AS trips,
           sum(o.stay_days) AS stay_days, bit_or(o.purposes) AS purposes, max(o.last_day) AS last_seen
    FROM outside o JOIN landmark l ON o.month BETWEEN l.month - 11 AND l.month
    WHERE right(o.region_code, 3) = '000'
    GROUP BY o.person, o.region_code, l.day
),
entered AS (
    SELECT t.person, t.region_code, false AS landmark, t.residence_code, t.last_day AS entered_on, t.trips, t.stay_days, t.purposes, t.last_seen
    FROM met m JOIN trail t ON t.person = m.person AND t.region_code = m.region_code AND t.month = m.month
    CROSS JOIN entry_rule r WHERE m.month >= r.first_month
    UNION ALL
    SELECT s.person, s.region_code, true, s.residence_code, s.entered_on, s.trips, s.stay_days, s.purposes, s.last_seen
    FROM standing s CROSS JOIN entry_rule r
    WHERE s.trips >= (SELECT min(a.min_trips) FROM alternative a WHERE a.source_kind = 'booking' AND a.definition = r.definition)
),
deepened AS (
    SELECT t.person, t.region_code, min(t.last_day) AS deepened_on
    FROM trail t SEMI JOIN met m ON m.person = t.person AND m.region_code = t.region_code
    WHERE t.trips >= 5
    GROUP BY t.person, t.region_code
),
around AS (
    SELECT m.person, m.region_code,
           CASE WHEN m.month - 12 >= r.first_month THEN sum(CASE WHEN o.month BETWEEN m.month - 23 AND m.month - 12 THEN o.trips_begun ELSE 0 END) END AS trips_year_before,
           CASE WHEN m.month + 12 <= r.last_month THEN sum(CASE WHEN o.month BETWEEN m.month + 1 AND m.month + 12 THEN o.trips_begun ELSE 0 END) END AS trips_year_after
    FROM met m JOIN outside o ON o.person = m.person AND o.region_code = m.region_code
    CROSS JOIN entry_rule r
    GROUP BY m.person, m.region_code, m.month, r.first_month, r.last_month
),
part AS (
    SELECT i.person, s.region_code AS place, s.first_day AS day
    FROM stay s JOIN identity i ON i.identity = s.identity CROSS JOIN entry_rule r
    WHERE s.outcome IN ('stayed', 'day_use') AND s.purposes & r.programme <> 0 AND i.person IN (SELECT person FROM entered)
    UNION ALL
    SELECT i.person, coalesce(p.place, a.region_code), a.acted_on
    FROM act a JOIN identity i ON i.identity = a.identity LEFT JOIN places p ON p.code = a.region_code AND a.acted_on BETWEEN p.first_day AND p.last_day CROSS JOIN entry_rule r
    WHERE (a.purposes = 0 OR a.purposes & r.programme <> 0) AND i.person IN (SELECT person FROM entered)
),
joined AS (
    SELECT e.person, e.region_code, min(p.day) AS programme_on
    FROM entered e JOIN part p ON NOT e.landmark AND p.person = e.person AND p.day <= e.entered_on
    WHERE p.place = e.region_code OR right(e.region_code, 3) = '000' AND left(p.place, 2) = left(e.region_code, 2)
    GROUP BY e.person, e.region_code
),
aged AS (
    SELECT e.person, e.region_code, arg_max(s.age_class, (s.first_day, s.age_class)) AS age_class
    FROM entered e JOIN identity i ON i.person = e.person JOIN stay s ON s.identity = i.identity
    WHERE NOT e.landmark AND s.age_class <> '' AND s.outcome IN ('stayed', 'day_use') AND s.first_day <= e.entered_on
    GROUP BY e.person, e.region_code
),
moved AS (
    SELECT i.person, coalesce(p.place, m.region_code) AS place, m.moved_on
    FROM move m JOIN identity i ON i.identity = m.identity LEFT JOIN places p ON p.code = m.region_code AND m.moved_on BETWEEN p.first_day AND p.last_day
    WHERE i.person IN (SELECT person FROM entered)
),
lived AS (
    SELECT i.person, s.residence_code AS place, s.first_day AS day
    FROM stay s JOIN identity i ON i.identity = s.identity
    WHERE s.outcome IN ('stayed', 'day_use') AND s.residence_code NOT IN ('abroad', 'unknown') AND i.person IN (SELECT person FROM entered)
    UNION ALL
    SELECT i.person, coalesce(p.place, a.residence_code), a.acted_on
    FROM act a JOIN identity i ON i.identity = a.identity LEFT JOIN places p ON p.code = a.residence_code AND a.acted_on BETWEEN p.first_day AND p.last_day
    WHERE a.residence_code NOT IN ('abroad', 'unknown') AND i.person IN (SELECT person FROM entered)
),
event AS (
    SELECT e.person, e.region_code, e.landmark, e.entered_on,
           min(CASE WHEN m.moved_on <= e.entered_on THEN m.moved_on END) AS before,
           min(CASE WHEN m.moved_on > e.entered_on THEN m.moved_on END) AS moved_on
    FROM entered e JOIN moved m ON m.person = e.person
    WHERE m.place = e.region_code OR right(e.region_code, 3) = '000' AND left(m.place, 2) = left(e.region_code, 2)
    GROUP BY e.person, e.region_code, e.landmark, e.entered_on
),
residence AS (
    SELECT e.person, e.region_code, e.landmark, e.entered_on,
           min(CASE WHEN l.place = e.region_code OR right(e.region_code, 3) = '000' AND left(l.place, 2) = left(e.region_code, 2) THEN l.day END) AS resident_on,
           min(CASE WHEN left(l.place, 2) <> left(e.region_code, 2) AND left(l.place, 2) <> left(e.residence_code, 2)
                      OR right(e.region_code, 3) <> '000' AND left(l.place, 2) = left(e.region_code, 2) AND l.place <> e.region_code
                    THEN l.day END) AS elsewhere_on
    FROM entered e JOIN lived l ON l.person = e.person AND l.day > e.entered_on
    GROUP BY e.person, e.region_code, e.landmark, e.entered_on
)
SELECT e.region_code, left(e.residence_code, 2) || '000' AS origin_code, e.entered_on, CAST(e.trips AS INTEGER) AS trips, CAST(e.stay_days AS INTEGER) AS stay_days,
       CAST(e.purposes AS INTEGER) AS purposes, e.last_seen, v.moved_on, r.resident_on, r.elsewhere_on,
       d.deepened_on, j.programme_on, CAST(a.trips_year_before AS INTEGER) AS trips_year_before, CAST(a.trips_year_after AS INTEGER) AS trips_year_after,
       coalesce(g.age_class, '') AS age_class, e.landmark, e.person
FROM entered e
LEFT JOIN event v ON v.person = e.person AND v.region_code = e.region_code AND v.landmark = e.landmark AND v.entered_on = e.entered_on
LEFT JOIN residence r ON r.person = e.person AND r.region_code = e.region_code AND r.landmark = e.landmark AND r.entered_on = e.entered_on
LEFT JOIN deepened d ON d.person = e.person AND d.region_code = e.region_code AND NOT e.landmark
LEFT JOIN joined j ON j.person = e.person AND j.region_code = e.region_code AND NOT e.landmark
LEFT JOIN aged g ON g.person = e.person AND g.region_code = e.region_code AND NOT e.landmark
LEFT JOIN around a ON a.person = e.person AND a.region_code = e.region_code AND NOT e.landmark
WHERE v.before IS NULL
