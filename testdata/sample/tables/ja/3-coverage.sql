-- このデータに見えているもの：記録した延べ宿泊者数と、公的統計に対する割合（和歌山県）
SELECT strftime(month, '%Y-%m') AS "月", recorded_guest_nights AS "記録",
       CAST(official_guest_nights AS BIGINT) AS "公的統計", round(100 * coverage, 2) AS "％"
FROM coverage WHERE region_code = '30000' ORDER BY month DESC LIMIT 6
