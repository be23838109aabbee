-- Persons by the thresholds that they reach: each number is brought down to the
-- greatest threshold that it is not below, which is all that a rule asks of it.
-- One row per outside rule, excluded purposes, region and thresholds reached.
-- Reads rule_tie, rule_class; writes rule_cell.
WITH exact AS (
    SELECT outside, excluded, region_code, trips, gap_days, stay_days, visit_days, acts, purposes, count(*) AS persons
    FROM rule_tie
    GROUP BY outside, excluded, region_code, trips, gap_days, stay_days, visit_days, acts, purposes
),
reached AS (
    SELECT e.outside, e.excluded, e.region_code,
           list_max(list_filter(c.trips, lambda n: n <= e.trips)) AS trips,
           list_max(list_filter(c.gap_days, lambda n: n <= e.gap_days)) AS gap_days,
           list_max(list_filter(c.stay_days, lambda n: n <= e.stay_days)) AS stay_days,
           list_max(list_filter(c.visit_days, lambda n: n <= e.visit_days)) AS visit_days,
           list_max(list_filter(c.acts, lambda n: n <= e.acts)) AS acts,
           e.purposes & c.purposes AS purposes, e.persons
    FROM exact e CROSS JOIN rule_class c
)
SELECT outside, excluded, region_code, trips, gap_days, stay_days, visit_days, acts, purposes, CAST(sum(persons) AS BIGINT) AS persons
FROM reached
GROUP BY outside, excluded, region_code, trips, gap_days, stay_days, visit_days, acts, purposes
