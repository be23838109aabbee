-- 関係人口（アンケートから）：継続的な関わりがあると答え、12か月に1回以上訪れた県外の人（定義 mlit-visiting）
-- 回答者の実数で、推計ではない。そのため [u]（精度が低い）。秘匿した市町村（10人未満）は省略。
SELECT region_code AS "コード", region_name AS "地域", reference_month AS "12か月の終わり", figure AS "人"
FROM headline
WHERE definition = 'mlit-visiting' AND measure = 'persons' AND outside = 'prefecture' AND source = 'survey' AND conf_status = 'F'
ORDER BY value DESC, region_code
