-- As contacts, for the rule that leaves out the everyday area: municipalities
-- of one area are inside each other. A municipality in no area is its own.
-- Of residences outside the prefecture only the prefecture is kept, so that one
-- home given once in full and once in part is one home.
-- Reads linked_stay, everyday_area; writes contact.
WITH outside AS (
    SELECT s.*
    FROM linked_stay s
    LEFT JOIN everyday_area a ON a.region_code = s.region_code
    LEFT JOIN everyday_area h ON h.region_code = s.residence_code
    WHERE coalesce(a.area, s.region_code) <> coalesce(h.area, s.residence_code)
)
SELECT source_kind, person, region_code,
       CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code
            WHEN left(residence_code, 2) <> left(region_code, 2) THEN left(residence_code, 2) || '000'
            ELSE residence_code END AS residence_code,
       first_day, last_day, nights, purposes
FROM outside WHERE right(region_code, 3) <> '000'
UNION ALL
SELECT source_kind, person, left(region_code, 2) || '000' AS region_code,
       CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code
            WHEN left(residence_code, 2) <> left(region_code, 2) THEN left(residence_code, 2) || '000'
            ELSE residence_code END AS residence_code,
       first_day, last_day, nights, purposes
FROM outside
