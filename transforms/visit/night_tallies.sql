-- Nights of stays by region, facility, month of arrival, month of the night and
-- origin. Cancelled, no-show, blocked and requested rows spend no night; day use counts as
-- a stay with none. Stays without a number of guests add stays but no
-- guest-nights.
-- Reads night_stay; writes night_tally.
WITH months AS (
    SELECT region_code, facility, guests, first_day, last_day,
           CASE WHEN residence_code IN ('abroad', 'unknown') THEN residence_code ELSE left(residence_code, 2) || '000' END AS origin_code,
           origin_country,
           year(first_day) * 12 + month(first_day) - 1 AS arrival_month,
           unnest(range(year(first_day) * 12 + month(first_day) - 1,
                        year(greatest(last_day - 1, first_day)) * 12 + month(greatest(last_day - 1, first_day)))) AS night_month
    FROM night_stay
    WHERE source_kind = 'booking' AND outcome IN ('stayed', 'day_use')
),
nights AS (
    SELECT *, least(last_day, last_day(make_date(CAST(night_month // 12 AS INTEGER), CAST(night_month % 12 + 1 AS INTEGER), 1)) + 1)
              - greatest(first_day, make_date(CAST(night_month // 12 AS INTEGER), CAST(night_month % 12 + 1 AS INTEGER), 1)) AS nights
    FROM months
)
SELECT region_code, facility, CAST(arrival_month AS INTEGER) AS arrival_month, CAST(night_month AS INTEGER) AS night_month,
       origin_code, origin_country,
       CAST(coalesce(sum(nights * guests), 0) AS BIGINT) AS guest_nights,
       CAST(sum(CASE WHEN night_month = arrival_month THEN 1 ELSE 0 END) AS BIGINT) AS arrivals,
       CAST(count(*) AS BIGINT) AS stays
FROM nights
GROUP BY region_code, facility, arrival_month, night_month, origin_code, origin_country
