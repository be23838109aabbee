-- What members of panels who name a prefecture with two visits a year or more, while they live in another one, answer from the
-- first such wave on: 2 lives in the prefecture, 1 names it so, 0 neither.
-- One row per member, prefecture and wave. Reads survey_response, survey_tie, places; writes states.
WITH answered AS (
    SELECT r.response, r.answered_on, coalesce(p.place, r.residence_code) AS place
    FROM survey_response r LEFT JOIN places p ON p.code = r.residence_code AND r.answered_on BETWEEN p.first_day AND p.last_day
    WHERE r.response IS NOT NULL AND coalesce(r.responded, true) AND r.residence_code NOT IN ('abroad', 'unknown')
    QUALIFY row_number() OVER (PARTITION BY r.response, r.answered_on ORDER BY r.delivery, r.line) = 1
),
related AS (
    SELECT DISTINCT t.response, t.answered_on, left(coalesce(p.place, t.region_code), 2) || '000' AS region_code
    FROM survey_tie t LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day
    WHERE t.visits_per_year >= 2
),
entry AS (
    SELECT r.region_code, r.response, min(r.answered_on) AS entered_on
    FROM related r JOIN answered a ON a.response = r.response AND a.answered_on = r.answered_on
    WHERE left(a.place, 2) <> left(r.region_code, 2)
    GROUP BY r.region_code, r.response
)
SELECT e.region_code, e.response, a.answered_on,
       CAST(CASE WHEN left(a.place, 2) = left(e.region_code, 2) THEN 2 WHEN r.response IS NOT NULL THEN 1 ELSE 0 END AS INTEGER) AS state
FROM entry e JOIN answered a ON a.response = e.response AND a.answered_on >= e.entered_on
LEFT JOIN related r ON r.response = e.response AND r.answered_on = a.answered_on AND r.region_code = e.region_code
