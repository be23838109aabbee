-- As contacts, for the rule that leaves out the everyday area: municipalities
-- of one area are inside each other. A municipality in no area is its own.
-- Reads linked_stay, everyday_area; writes contact.
WITH outside AS (
    SELECT s.source_kind, s.person, s.region_code,
           CASE WHEN s.residence_code IN ('abroad', 'unknown') THEN s.residence_code
                WHEN left(s.residence_code, 2) <> left(s.region_code, 2) THEN left(s.residence_code, 2) || '000'
                ELSE s.residence_code END AS residence_code,
           s.first_day, s.last_day, s.nights, s.purposes
    FROM linked_stay s
    LEFT JOIN everyday_area a ON a.region_code = s.region_code
    LEFT JOIN everyday_area h ON h.region_code = s.residence_code
    WHERE coalesce(a.area, s.region_code) <> coalesce(h.area, s.residence_code)
      AND (left(s.residence_code, 2) <> left(s.region_code, 2) OR (right(s.region_code, 3) <> '000' AND right(s.residence_code, 3) <> '000'))
)
SELECT * REPLACE (CASE WHEN right(region_code, 3) = '000' THEN left(region_code, 2) || '999' ELSE region_code END AS region_code) FROM outside
UNION ALL
SELECT * REPLACE (left(region_code, 2) || '000' AS region_code) FROM outside
