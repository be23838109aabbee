-- Persons of bookings by the set of definitions that they satisfy in a region:
-- bit n of the set for the definition numbered n. Who satisfies none is left out.
-- One row per outside rule, region and set.
-- Reads rule_tie, alternative, numbered; writes definition_set.
WITH satisfied AS (
    SELECT t.outside, t.region_code, t.person, bit_or(CAST(1 AS BIGINT) << n.number) AS definitions
    FROM rule_tie t
    JOIN alternative a ON a.excluded = t.excluded AND t.trips >= a.min_trips AND t.visit_days >= a.min_days AND t.gap_days >= a.min_gap_days
                      AND t.stay_days >= a.min_stay_days AND t.acts >= a.min_acts AND (a.purposes = 0 OR t.purposes & a.purposes <> 0)
    JOIN numbered n ON n.definition = a.definition
    WHERE a.source_kind = 'booking'
    GROUP BY t.outside, t.region_code, t.person
)
SELECT outside, region_code, definitions, count(*) AS persons
FROM satisfied GROUP BY outside, region_code, definitions
