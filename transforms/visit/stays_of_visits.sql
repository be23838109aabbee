-- One stay per dated observation. An observation with a number of its own
-- counts once however many files hold it: the later delivery wins, then the later file name.
-- Reads visit, delivered, places; writes stay.
WITH numbered AS (
    SELECT v.*
    FROM visit v JOIN delivered d ON d.delivery = v.delivery
    WHERE v.observation IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY v.source, v.observation ORDER BY d.delivered_at DESC NULLS LAST, d.file DESC, v.line DESC) = 1
),
visits AS (
    SELECT * FROM numbered
    UNION ALL
    SELECT * FROM visit WHERE observation IS NULL
)
SELECT 'survey' AS source_kind, v.source, v.delivery, v.line, v.observation AS booking, v.identity,
       v.source AS facility,
       coalesce(p.place, v.region_code) AS region_code,
       coalesce(r.place, v.residence_code) AS residence_code,
       v.origin_country,
       v.visited_on AS first_day, v.visited_on AS last_day,
       v.nights, CAST(NULL AS INTEGER) AS guests, v.purposes, '' AS age_class, 'stayed' AS outcome
FROM visits v
LEFT JOIN places p ON p.code = v.region_code AND v.visited_on BETWEEN p.first_day AND p.last_day
LEFT JOIN places r ON r.code = v.residence_code AND v.visited_on BETWEEN r.first_day AND r.last_day
