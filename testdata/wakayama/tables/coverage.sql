-- 記録した延べ宿泊者数は、公的統計の延べ宿泊者数の何％か（和歌山県）
-- Guest-nights recorded in these bookings, as a share of the official figure
SELECT strftime(month, '%Y-%m') AS month, recorded_guest_nights AS recorded,
       CAST(official_guest_nights AS BIGINT) AS official, round(100 * coverage, 2) AS percent
FROM coverage WHERE region_code = '30000' ORDER BY month DESC LIMIT 6
