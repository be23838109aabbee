-- Presences of linked persons, once for the municipality and once for the
-- prefecture. Days in the person's own municipality are no visit under any rule.
-- Of residences outside the prefecture only the prefecture is kept, so that one
-- home given once in full and once in part is one home.
-- Reads linked_stay; writes contact.
SELECT source_kind, person, region_code,
       CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code
            WHEN left(residence_code, 2) <> left(region_code, 2) THEN left(residence_code, 2) || '000'
            ELSE residence_code END AS residence_code,
       first_day, last_day, nights, purposes
FROM linked_stay
WHERE right(region_code, 3) <> '000' AND residence_code <> region_code
UNION ALL
SELECT source_kind, person, left(region_code, 2) || '000' AS region_code,
       CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code
            WHEN left(residence_code, 2) <> left(region_code, 2) THEN left(residence_code, 2) || '000'
            ELSE residence_code END AS residence_code,
       first_day, last_day, nights, purposes
FROM linked_stay
WHERE residence_code <> region_code
