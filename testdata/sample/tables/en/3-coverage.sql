-- What these data hold: guest-nights recorded, as a share of the official figure (Wakayama).
SELECT strftime(month, '%Y-%m') AS month, recorded_guest_nights AS recorded,
       CAST(official_guest_nights AS BIGINT) AS official, round(100 * coverage, 2) AS percent
FROM coverage WHERE region_code = '30000' ORDER BY month DESC LIMIT 6
