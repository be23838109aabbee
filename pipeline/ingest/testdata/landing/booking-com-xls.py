"""Writes booking-com-xls.xls, a workbook as Excel 97 saves it. Needs xlwt 1.3.0; run it in this folder."""

import datetime

import xlwt

book = xlwt.Workbook(encoding="utf-8")
sheet = book.add_sheet("予約")
date = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
rows = [
    ["予約一覧"],
    [],
    ["予約番号", "予約者名", "チェックイン", "チェックアウト", "予約日", "ステータス", "客室数", "大人", "子供", "料金", "住所"],
    [5425310803.0, "試験 太郎", datetime.date(2026, 5, 1), datetime.date(2026, 5, 3), 46113.5, "ok", 1, 2, 0, "36125 JPY", "大阪府大阪市北区1-1"],
    ["5425310804", "𠮷田 試験", 46143, 46144, 46113, "no_show", "1室", "２名", "", "￥18,100", ""],
    [5425310805.0, "Test Jiro", "2026/5/3", "2026/5/2", 46113, "ok", 1, 1, 0, 0, ""],
    ["合計", "", "", "", "", "", xlwt.Formula("SUM(G4:G6)"), "", "", "", ""],
]
for y, row in enumerate(rows):
    for x, cell in enumerate(row):
        if isinstance(cell, datetime.date):
            sheet.write(y, x, cell, date)
        else:
            sheet.write(y, x, cell)
sheet.merge(0, 0, 0, 10)
book.save("booking-com-xls.xls")
