-- Members of panels who name a region with two visits a year or more while they live in another prefecture,
-- from the first such wave on, and what the next waves tell: 1 lives in the region, 2 in another prefecture than
-- then, or another municipality of the region's own; the first wave that tells either, otherwise the last one,
-- with 0. Of a prefecture one of its municipalities does. not_by is the last answer before that one, or that one where it
-- tells neither. The weight is that of the first wave.
-- One row per member and region. Reads survey_response, survey_tie, survey_weight, places; writes followed.
WITH answered AS (
    SELECT r.response, r.answered_on, r.delivery, r.line, r.sampling_unit, coalesce(p.place, r.residence_code) AS place
    FROM survey_response r LEFT JOIN places p ON p.code = r.residence_code AND r.answered_on BETWEEN p.first_day AND p.last_day
    WHERE r.response IS NOT NULL AND coalesce(r.responded, true) AND r.residence_code NOT IN ('abroad', 'unknown')
    QUALIFY row_number() OVER (PARTITION BY r.response, r.answered_on ORDER BY r.delivery, r.line) = 1
),
named AS (
    SELECT t.response, t.answered_on, coalesce(p.place, t.region_code) AS region_code
    FROM survey_tie t LEFT JOIN places p ON p.code = t.region_code AND t.answered_on BETWEEN p.first_day AND p.last_day
    WHERE t.visits_per_year >= 2
),
related AS (
    SELECT response, answered_on, region_code FROM named
    UNION
    SELECT response, answered_on, left(region_code, 2) || '000' FROM named
),
entry AS (
    SELECT r.region_code, a.response, a.answered_on AS entered_on, a.place, w.weight, a.sampling_unit
    FROM related r
    JOIN answered a ON a.response = r.response AND a.answered_on = r.answered_on
    JOIN survey_weight w ON w.delivery = a.delivery AND w.line = a.line
    WHERE left(a.place, 2) <> left(r.region_code, 2)
    QUALIFY row_number() OVER (PARTITION BY r.region_code, a.response ORDER BY a.answered_on) = 1
),
later AS (
    SELECT e.region_code, e.response, e.sampling_unit, e.entered_on, e.weight, a.answered_on,
           CASE WHEN a.place = e.region_code OR right(e.region_code, 3) = '000' AND left(a.place, 2) = left(e.region_code, 2) THEN 1
                WHEN left(a.place, 2) <> left(e.place, 2) THEN 2 ELSE 0 END AS told,
           lag(a.answered_on, 1, e.entered_on) OVER (PARTITION BY e.region_code, e.response ORDER BY a.answered_on) AS before
    FROM entry e JOIN answered a ON a.response = e.response AND a.answered_on > e.entered_on
)
SELECT region_code, response, sampling_unit, entered_on, weight, answered_on AS ended_on, CAST(told AS INTEGER) AS ended,
       CASE WHEN told = 0 THEN answered_on ELSE before END AS not_by
FROM later
QUALIFY row_number() OVER (PARTITION BY region_code, response ORDER BY told = 0, CASE WHEN told = 0 THEN -epoch(answered_on) ELSE epoch(answered_on) END) = 1
