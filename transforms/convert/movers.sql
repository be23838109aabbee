-- Records of moves into municipalities, each beside what the bookings show of the same
-- person: trips seen there in the 12 months before the move, and a stay there as somebody
-- from another prefecture more than a year after it, which contradicts it.
-- A panel member who lives in another municipality than in the wave before is a record too: moved on
-- the day of the answer at the latest, related before where the wave before names the municipality
-- with two visits a year or more, with the weight and the sampling unit of that answer. One row per record.
-- Reads move, survey_response, survey_tie, survey_weight, delivered, identity, places, visit_month; writes mover.
WITH placed AS (
    SELECT m.delivery, m.line, m.record, m.moved_on, coalesce(p.place, m.region_code) AS region_code,
           CASE WHEN m.residence_code IN ('abroad', 'unknown') THEN m.residence_code ELSE left(m.residence_code, 2) || '000' END AS origin_code,
           m.birth_year, m.related_before, m.related_since, i.person, year(m.moved_on) * 12 + month(m.moved_on) - 1 AS month, d.source
    FROM move m JOIN delivered d ON d.delivery = m.delivery
    LEFT JOIN identity i ON i.identity = m.identity
    LEFT JOIN places p ON p.code = m.region_code AND m.moved_on BETWEEN p.first_day AND p.last_day
    -- A record delivered again is one: by its number, or by person, day and region.
    QUALIFY row_number() OVER (PARTITION BY d.source, m.move, CASE WHEN m.move IS NULL THEN m.identity END,
        CASE WHEN m.move IS NULL THEN m.moved_on END, CASE WHEN m.move IS NULL THEN m.region_code END,
        CASE WHEN m.move IS NULL AND m.identity IS NULL THEN m.delivery || ':' || m.line END
        ORDER BY d.delivered_at DESC NULLS LAST, d.file DESC, m.line DESC) = 1
),
answered AS (
    SELECT r.response, r.answered_on, coalesce(p.place, r.residence_code) AS place
    FROM survey_response r LEFT JOIN places p ON p.code = r.residence_code AND r.answered_on BETWEEN p.first_day AND p.last_day
    WHERE r.response IS NOT NULL AND coalesce(r.responded, true) AND r.residence_code NOT IN ('abroad', 'unknown') AND right(r.residence_code, 3) <> '000'
    QUALIFY row_number() OVER (PARTITION BY r.response, r.answered_on ORDER BY r.delivery, r.line) = 1
),
wave AS (
    SELECT *, lag(place) OVER member AS place_before, lag(answered_on) OVER member AS answered_before
    FROM answered WINDOW member AS (PARTITION BY response ORDER BY answered_on)
),
panel AS (
    SELECT d.source, 'panel' AS record, w.place AS region_code, left(w.place_before, 2) || '000' AS origin_code, w.answered_on AS moved_on,
           bool_or(t.visits_per_year >= 2) AS related_before, w.response, max(s.weight) AS weight, max(r.sampling_unit) AS sampling_unit
    FROM wave w
    JOIN survey_response r ON r.response = w.response AND r.answered_on = w.answered_on
    JOIN delivered d ON d.delivery = r.delivery
    LEFT JOIN survey_weight s ON s.delivery = r.delivery AND s.line = r.line
    LEFT JOIN (SELECT t.response, t.answered_on, coalesce(p.place, t.region_code) AS place, coalesce(t.visits_per_year, 0) AS visits_per_year
               FROM survey_tie t LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day) t
           ON t.response = w.response AND t.answered_on = w.answered_before AND t.place = w.place
    WHERE w.place_before IS NOT NULL AND w.place_before <> w.place
    GROUP BY w.response, d.source, w.place, w.place_before, w.answered_on
),
seen AS (
    SELECT m.delivery, m.line,
           sum(CASE WHEN v.month BETWEEN m.month - 12 AND m.month - 1 THEN v.trips_begun ELSE 0 END) AS trips_before,
           max(CASE WHEN v.last_day > m.moved_on + 365 AND left(v.residence_code, 2) <> left(m.region_code, 2) THEN 1 ELSE 0 END) AS contradicted
    FROM placed m JOIN visit_month v ON v.person = m.person AND v.region_code = m.region_code
    WHERE v.source_kind = 'booking' AND v.excluded = 0 AND NOT v.everyday_area AND v.residence_code NOT IN ('abroad', 'unknown')
    GROUP BY m.delivery, m.line
)
SELECT m.source, m.record, m.region_code, m.origin_code, m.moved_on, m.birth_year, m.related_before, m.related_since,
       m.person IS NOT NULL AS tells_a_person,
       m.person IS NOT NULL AND row_number() OVER (PARTITION BY m.person, m.region_code ORDER BY m.moved_on, m.record, m.source, m.delivery, m.line) = 1 AS first_record, CAST(coalesce(s.trips_before, 0) AS INTEGER) AS trips_before, coalesce(s.contradicted, 0) = 1 AS contradicted,
       CAST(NULL AS BIGINT) AS response, CAST(NULL AS DOUBLE) AS weight, '' AS sampling_unit
FROM placed m LEFT JOIN seen s ON s.delivery = m.delivery AND s.line = m.line
UNION ALL
SELECT source, record, region_code, origin_code, moved_on, NULL, coalesce(related_before, false), NULL, false, false, 0, false, response, weight, sampling_unit FROM panel
