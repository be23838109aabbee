-- Presences of linked persons, once for the municipality and once for the
-- prefecture. A municipality that is not known is one of its own, numbered 999
-- in the prefecture, as the census shows 不詳; people of the same prefecture
-- cannot be told to be outside it. Days in the person's own municipality are no
-- visit under any rule. Of residences outside the prefecture only the prefecture
-- is kept, so that one home given once in full and once in part is one home.
-- Reads linked_stay; writes contact.
WITH outside AS (
    SELECT source_kind, person, region_code,
           CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code
                WHEN left(residence_code, 2) <> left(region_code, 2) THEN left(residence_code, 2) || '000'
                ELSE residence_code END AS residence_code,
           first_day, last_day, nights, purposes
    FROM linked_stay
    WHERE CASE WHEN right(region_code, 3) = '000' THEN left(residence_code, 2) <> left(region_code, 2) ELSE residence_code <> region_code END
)
SELECT * REPLACE (CASE WHEN right(region_code, 3) = '000' THEN left(region_code, 2) || '999' ELSE region_code END AS region_code) FROM outside
UNION ALL
SELECT * REPLACE (left(region_code, 2) || '000' AS region_code) FROM outside
