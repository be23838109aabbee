-- Contacts → trips → calendar months. Touching days of one person in one region
-- under one residence are one trip: a contact begins a trip if it starts more
-- than a day after everything before it has ended, so that a trip is a run of
-- days without a gap and its days are simply counted. Contacts of the same days
-- are peers (RANGE), so that no order among them is needed.
-- One row per source kind, person, region, residence and month.
-- Reads contact, variant; writes visit_month.
WITH reached AS (
    SELECT *, max(last_day) OVER (PARTITION BY source_kind, person, region_code, residence_code ORDER BY first_day, last_day
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM contact
),
numbered AS (
    SELECT *, sum(CASE WHEN first_day <= reached + 1 THEN 0 ELSE 1 END)
                  OVER (PARTITION BY source_kind, person, region_code, residence_code ORDER BY first_day, last_day
                        RANGE UNBOUNDED PRECEDING) AS trip
    FROM reached
),
trips AS (
    SELECT source_kind, person, region_code, residence_code, trip,
           min(first_day) AS first_day, max(last_day) AS last_day,
           bit_or(purposes) AS purposes, max(nights) AS nights,
           min(year(first_day) * 12 + month(first_day) - 1) AS first_month,
           max(year(last_day) * 12 + month(last_day) - 1) AS last_month
    FROM numbered
    GROUP BY source_kind, person, region_code, residence_code, trip
),
trip_months AS (
    SELECT source_kind, person, region_code, residence_code, first_day AS begun, purposes,
           CAST(unnest(range(first_month, last_month + 1)) AS INTEGER) AS month,
           first_day, last_day, first_month,
           greatest(nights + 1 - (last_day - first_day + 1), 0) AS unseen_days
    FROM trips
),
parts AS (
    SELECT source_kind, person, region_code, residence_code, month, purposes, begun, month = first_month AS begins,
           greatest(first_day, make_date(CAST(month // 12 AS INTEGER), CAST(month % 12 + 1 AS INTEGER), 1)) AS first_day,
           least(last_day, last_day(make_date(CAST(month // 12 AS INTEGER), CAST(month % 12 + 1 AS INTEGER), 1))) AS last_day,
           CASE WHEN month = first_month THEN coalesce(unseen_days, 0) ELSE 0 END AS unseen_days
    FROM trip_months
),
months AS (
    SELECT source_kind, person, region_code, residence_code, month,
           sum(last_day - first_day + 1) AS visit_days,
           sum(CASE WHEN begins THEN 1 ELSE 0 END) AS trips_begun,
           sum(CASE WHEN begins THEN 0 ELSE 1 END) AS carried_in,
           sum(last_day - first_day + 1 + unseen_days) AS stay_days,
           min(first_day) AS first_day, max(last_day) AS last_day,
           min(CASE WHEN begins THEN begun END) AS first_begun, max(CASE WHEN begins THEN begun END) AS last_begun,
           bit_or(purposes) AS purposes
    FROM parts
    GROUP BY source_kind, person, region_code, residence_code, month
),
ties AS (
    SELECT source_kind, person, region_code, bit_or(purposes) AS purposes
    FROM contact WHERE purposes <> 0 GROUP BY source_kind, person, region_code
)
SELECT m.source_kind, m.person, m.region_code, m.residence_code, v.everyday_area, v.excluded, month,
       CAST(visit_days AS INTEGER) AS visit_days, CAST(trips_begun AS INTEGER) AS trips_begun,
       CAST(carried_in AS INTEGER) AS carried_in, CAST(stay_days AS INTEGER) AS stay_days,
       first_day, last_day, first_begun, last_begun, m.purposes,
       coalesce(t.purposes, 0) AS tie_purposes
FROM months m CROSS JOIN variant v
LEFT JOIN ties t ON t.source_kind = m.source_kind AND t.person = m.person AND t.region_code = m.region_code
