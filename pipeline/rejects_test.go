package pipeline

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// A sheet per file, named so that Excel takes it, with words in both languages.
func TestSaveRejects(t *testing.T) {
	to := filepath.Join(t.TempDir(), "rejects.xlsx")
	err := SaveRejects([]RejectedFile{
		{File: "exports/a[1].csv", RowsIn: 9, Rows: []schemas.Reject{
			{Line: 7, Column: "到着", Reason: schemas.BadDate, Found: "=1+1"}, {Line: 8, Column: "氏名", Reason: schemas.MissingValue, Found: "11 digits"}}},
		{File: "exports/とても長い名前のファイル_2026年5月分_最終版_修正済み.csv", RowsIn: 1, Rows: []schemas.Reject{{Line: 2, Reason: schemas.FooterRow}}},
	}, to)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(to)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if diff := cmp.Diff([]string{"1 a_1_.csv", "2 とても長い名前のファイル_2026年5月分_最終版_修正済"}, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	rows, err := book.GetRows("1 a_1_.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"exports/a[1].csv"}, {"9 行のうち 2 行を読み込めませんでした。 2 of 9 rows could not be read."}, nil,
		{"行 Line", "列 Column", "値（個人に関わる列は形だけ） Found", "理由", "Reason", "求めるもの", "Expected"},
		{"7", "到着", "=1+1", "日付として読めない", "not a date, or no day of the calendar",
			"暦にある日付（例：2026-05-03、2026年5月3日、令和8年5月3日）。", "A day of the calendar, such as 2026-05-03."},
		{"8", "氏名", "11 digits", "必要な値がない", "a required value is missing", "この列に値を入れてください。", "A value in this column."},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// What looks like a formula is text, and stays text when someone edits the cell.
	formula, err := book.GetCellFormula("1 a_1_.csv", "C5")
	if err != nil || formula != "" {
		t.Errorf("C5 is the formula %q, %v", formula, err)
	}
	id, err := book.GetCellStyle("1 a_1_.csv", "C5")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := book.GetStyle(id); err != nil || style.NumFmt != 49 && (style.CustomNumFmt == nil || *style.CustomNumFmt != "@") {
		t.Errorf("C5 has the style %+v, %v", style, err)
	}
}
