package publish

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// Sheets before the tables.
const (
	sheetCover    = "表紙"
	sheetContents = "目次"
	sheetNotes    = "注記"
	sheetColumns  = "項目"
	sheetCodes    = "符号"
)

// front writes the sheets before the tables. They are tables too, read by the
// same rules; nothing but the links of the contents is more than a cell.
func (b *workbook) front() error {
	if err := b.file.SetSheetName("Sheet1", sheetCover); err != nil {
		return err
	}
	for _, s := range []struct {
		name string
		rows [][]any
	}{
		{sheetCover, b.cover()}, {sheetContents, b.contents()}, {sheetNotes, b.notes()}, {sheetColumns, b.columns()}, {sheetCodes, b.codes()},
	} {
		if _, err := b.file.NewSheet(s.name); err != nil {
			return err
		}
		for i, row := range s.rows {
			if err := b.plainRow(s.name, i+1, row); err != nil {
				return err
			}
		}
	}
	for i, t := range b.tables {
		if err := b.file.SetCellHyperLink(sheetContents, fmt.Sprintf("A%d", i+2), "'"+t.Name()+"'!A1", "Location"); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbook) plainRow(sheet string, row int, values []any) error {
	for i, v := range values {
		at, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			return err
		}
		c := b.cell(v)
		if err := b.file.SetCellValue(sheet, at, c.Value); err != nil {
			return err
		}
		if err := b.file.SetCellStyle(sheet, at, at, c.StyleID); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbook) cover() [][]any {
	asOf, _ := schemas.ParseDate(b.manifest.AsOf)
	use := schemas.Text{JA: "公表できます。", EN: "May be published."}
	if b.manifest.NotForPublication {
		use = schemas.Text(b.manifest.Reason)
	}
	return [][]any{
		{"項目", "item", "内容", "content"},
		{"表題", "title", "関係人口", "Relational population"},
		{"リリース", "release", b.manifest.Release, b.manifest.Release},
		{"データの基準日", "as of", asOf, asOf},
		{"公表の可否", "use", use.JA, use.EN},
		{"目次", "contents", "シート「目次」に表の一覧", "the sheet 目次 lists the tables"},
		{"注記", "notes", "シート「注記」に記号と定義", "the sheet 注記 has symbols and definitions"},
		{"項目", "columns", "シート「項目」に列の題名・単位・説明", "the sheet 項目 has titles, units and comments of columns"},
		{"符号", "codes", "シート「符号」に符号の名称", "the sheet 符号 has the names of codes"},
		{"品質", "quality", "quality.md", "quality.md"},
		{"作成", "made by", "kankei", "kankei"},
	}
}

func (b *workbook) contents() [][]any {
	out := [][]any{{"sheet", "題名", "title", "全行数", "シートの行数", "最初の月", "最後の月", "範囲", "extent", "comment"}}
	for i, t := range b.tables {
		s, d, title := b.summaries[i], t.rows.dataset, schemas.Title(t.Name())
		shown := b.shown(s)
		extent := schemas.Text{JA: "すべて", EN: "everything"}
		switch {
		case shown < s.rows && len(s.months) > 0:
			extent = schemas.Text{JA: "最後の月だけ。すべては Parquet にあります", EN: "the last months alone; Parquet has everything"}
		case shown < s.rows:
			extent = schemas.Text{JA: "最初の行だけ。すべては Parquet にあります", EN: "the first rows alone; Parquet has everything"}
		}
		var first, last any = symbolNone, symbolNone
		if f, l := s.span(b.from(s)); l != 0 {
			first, last = f, l
		}
		out = append(out, []any{d.Name, title.JA, title.EN, s.rows, shown, first, last, extent.JA, extent.EN, d.Comment})
	}
	return out
}

func (b *workbook) notes() [][]any {
	out := [][]any{
		{"種類", "kind", "語", "日本語", "English"},
		{"記号", "symbol", symbolWithheld, "秘匿した値", "withheld"},
		{"記号", "symbol", symbolNone, "該当する値がない（0 ではない）", "not applicable, or none; never a counted zero"},
		{"記号", "symbol", symbolNotEstimable, "推定できない、値が得られない", "not available: not estimable"},
		{"記号", "symbol", "0", "数えて 0 だった値", "counted, and none"},
		{"表記", "form", "heading", "見出しは一行で、全ての形式に共通の列名です。かっこ内は単位です。題名はシート「項目」にあります",
			"one row of headings, the names of columns in every format, units in brackets; titles are on the sheet 項目"},
		{"表記", "form", "date", "日付は西暦です（年-月-日）。基準月は 12 か月の末日です", "dates are of the Western calendar; a reference month is the last day of its 12 months"},
		{"表記", "form", "ci", "区間は 95% 区間です", "intervals are 95 % intervals"},
	}
	for _, r := range b.manifest.Rules {
		out = append(out, []any{"秘匿", "disclosure", r.Rule,
			r.Says().JA, r.Says().EN})
	}
	definitions := slices.SortedFunc(slices.Values(b.definitions), func(x, y schemas.Definition) int { return strings.Compare(x.Definition, y.Definition) })
	for _, d := range definitions {
		out = append(out, []any{"定義", "definition", d.Definition, orNone(joined(d.TitleJA, d.RuleJA)), orNone(joined(d.TitleEN, d.Rule))})
	}
	return out
}

func joined(title, rule string) string {
	if title == "" || rule == "" {
		return title + rule
	}
	return title + ": " + rule
}

func (b *workbook) columns() [][]any {
	out := [][]any{{"sheet", "column", "題名", "title", "unit", "role", "comment"}}
	for _, t := range b.tables {
		for _, c := range t.rows.dataset.Columns() {
			title := schemas.Title(c.Name)
			out = append(out, []any{t.Name(), heading(c), title.JA, title.EN, c.Unit, c.Role, c.Comment})
			if named(t.rows.dataset, c) {
				out = append(out,
					[]any{t.Name(), nameColumn(c), title.JA + "の名称", "Name of " + c.Name + " in Japanese", "text", "attribute", "the name as of the release"},
					[]any{t.Name(), nameColumn(c) + "_en", title.JA + "の英語名", "Name of " + c.Name + " in English", "text", "attribute", "the name as of the release"})
			}
		}
	}
	return out
}

func (b *workbook) codes() [][]any {
	out := [][]any{{"column", "code", "名称", "name"}}
	for _, c := range codeLists(b.summaries, b.names) {
		if !isRegion(c.list) {
			out = append(out, []any{c.list, c.code, orNone(c.name.ja), orNone(c.name.en)})
		}
	}
	return out
}

// listedCode is a code of a column, with its name.
type listedCode struct {
	list, code string
	name       name
	region     bool // a code of the table of regions
}

// codeLists are the codes that a release uses, by column and code.
func codeLists(summaries []summary, names names) []listedCode {
	all := map[string]map[string]bool{}
	for _, s := range summaries {
		for column, codes := range s.codes {
			if all[column] == nil {
				all[column] = map[string]bool{}
			}
			maps.Copy(all[column], codes)
		}
	}
	var out []listedCode
	for _, column := range slices.Sorted(maps.Keys(all)) {
		for _, code := range slices.Sorted(maps.Keys(all[column])) {
			_, known := names.regions[code]
			out = append(out, listedCode{column, code, names.of(column, code), known && isRegion(column)})
		}
	}
	return out
}
