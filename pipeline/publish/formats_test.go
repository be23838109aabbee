package publish

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// hostileRelease is [sampleRelease] with names that a spreadsheet would run, a
// database would end a text at, or Markdown would draw.
func hostileRelease(t testing.TB) Release {
	r := sampleRelease(t)
	put := func(table Table) {
		i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name() == table.Name() })
		r.Tables[i] = table
	}
	status := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: "1"}
	target := func(name string, persons int64) disclose.Counted[schemas.TargetProgress] {
		return disclose.Counted[schemas.TargetProgress]{Persons: persons, Row: schemas.TargetProgress{
			Target: name, Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture,
			RegionCode: "30401", RegionLevel: schemas.LevelMunicipality, DueOn: day(t, "1899-12-31"), TargetValue: 3000,
			ReferenceMonth: day(t, "2025-03-31"), Source: "combined", Estimator: "composite",
			Value: ptr(0.1 + 0.2), Ratio: ptr(1e-7), Observation: status}}
	}
	put(TableOf("target_progress", disclose.Protect([]disclose.Counted[schemas.TargetProgress]{
		target("=HYPERLINK(\"http://x\")", 40), target("+1", 40), target("-1", 40), target("@SUM(1)", 3), target("two\nlines", 40),
	}, disclose.Threshold{Persons: 10})))
	earlier := disclose.EarlierFigures{Publication: "2025-03-01-0123abcd", Reasons: []string{schemas.RevisionRestatement}}
	for i, value := range []float64{1472, 0, 12, 0, 1700.5} { // 1,766 is 20.0 % more than the first; the last is the same
		row := sampleRows(t)[i].Row
		if row.Value != nil && value > 0 {
			row.Value = ptr(value)
			earlier.Rows = append(earlier.Rows, row)
		}
	}
	put(TableOf("revisions", disclose.Revisions(disclose.Protect(sampleRows(t), disclose.Threshold{Persons: 10, Facilities: 3}), earlier)))
	put(TableOf("quality", disclose.Public([]schemas.Quality{
		{Source: "a|b <i>it's</i> *", Indicator: "files", Value: ptr(int64(2)), Observation: status},
		{Source: "a|b <i>it's</i> *", Indicator: "rows_in", Value: ptr(int64(1234567)), Observation: status},
		{Source: "a|b <i>it's</i> *", Indicator: "rows_landed", Value: ptr(int64(1234560)), Observation: status},
		{Source: "a|b <i>it's</i> *", Indicator: "rows_rejected", Value: ptr(int64(7)), Observation: status},
		{Source: "all", Indicator: "linkage_missed", Reason: "clerical", Ratio: ptr(0.0213), Observation: status},
		{Source: "all", Indicator: "linkage_missed_low", Reason: "clerical", Ratio: ptr(0.014), Observation: status},
		{Source: "all", Indicator: "linkage_missed_high", Reason: "clerical", Ratio: ptr(0.031), Observation: status},
	})))
	put(TableOf("regions", disclose.Public([]schemas.Region{
		{RegionCode: "30000", CheckedCode: "300004", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000", ParentCode: "00000", Name: "=和歌山県", Kana: "わかやまけん", NameEN: "+Wakayama", ValidFrom: day(t, "1970-04-01")},
		{RegionCode: "30201", CheckedCode: "302015", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000", ParentCode: "30000", Name: "旧名市", Kana: "", NameEN: "Old", ValidFrom: day(t, "1970-04-01"), ValidTo: ptr(day(t, "2005-03-31"))},
		{RegionCode: "30201", CheckedCode: "302015", RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000", ParentCode: "30000", Name: "和歌山市", Kana: "わかやまし", NameEN: "Wakayama-shi", ValidFrom: day(t, "2005-04-01")},
	})))
	r.Definitions[0].TitleJA, r.Definitions[0].Rule = "=反復'訪問", "two trips\tor more"
	return r
}

// values are the rows of the Parquet file of a dataset, read by DuckDB: an
// independent reader.
func values(t testing.TB, folder string, d schemas.Dataset) [][]any {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, rows, err := selectRows(t.Context(), db, "SELECT * FROM read_parquet("+literal(filepath.Join(folder, filepath.FromSlash(parquetPath(d))))+")")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func published() []schemas.Dataset {
	return slices.DeleteFunc(schemas.Datasets(), func(d schemas.Dataset) bool { return d.Stage != schemas.Published })
}

func openWorkbook(t testing.TB, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// cell is what a cell of a sheet holds, by its type.
func cell(t testing.TB, f *excelize.File, sheet string, column, row int) any {
	t.Helper()
	at, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		t.Fatal(err)
	}
	kind, err := f.GetCellType(sheet, at)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case excelize.CellTypeInlineString, excelize.CellTypeSharedString:
		return raw
	case excelize.CellTypeBool:
		return raw == "1"
	case excelize.CellTypeNumber, excelize.CellTypeUnset:
		n, err := strconv.ParseFloat(raw, 64)
		if err != nil {
			t.Fatalf("%s %s is neither text nor a number: %q", sheet, at, raw)
		}
		if shown, _ := f.GetCellValue(sheet, at); strings.Count(shown, "-") == 2 {
			return shown // a number in the form of dates
		}
		return n
	}
	t.Fatalf("%s %s is of type %v", sheet, at, kind)
	return nil
}

// wantedCell is what a cell of the workbook should hold for a value as DuckDB
// reads it.
func wantedCell(v any, measure bool, obs, conf any) any {
	switch v := v.(type) {
	case nil:
		switch {
		case measure && conf == "C":
			return "x"
		case measure && obs == "M":
			return "…"
		}
		return "-"
	case string:
		if v == "" {
			return "-"
		}
		return strings.NewReplacer("\n", " ", "\t", " ").Replace(v)
	case time.Time:
		return v.Format(time.DateOnly)
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	}
	return v
}

// The workbook holds what the Parquet files hold, with symbols where there is no
// figure.
func TestWorkbookEqualsParquet(t *testing.T) {
	folder := hostileFolder(t)
	f := openWorkbook(t, filepath.Join(folder, workbookName))
	seen := map[any]int{}
	for _, d := range published() {
		rows := values(t, folder, d)
		sheet, err := f.GetRows(d.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(sheet) != len(rows)+1 {
			t.Errorf("%s has %d rows, want a heading and %d", d.Name, len(sheet), len(rows))
			continue
		}
		at := map[string]int{}
		for i, h := range sheet[0] {
			name, _, _ := strings.Cut(h, " (")
			at[name] = i + 1
		}
		obs, conf := columnOf(d, "obs_status"), columnOf(d, "conf_status")
		for n, row := range rows {
			var o, c any
			if obs >= 0 {
				o, c = row[obs], row[conf]
			}
			for i, col := range d.Columns() {
				want := wantedCell(row[i], col.Role == "measure" && obs >= 0, o, c)
				got := cell(t, f, d.Name, at[col.Name], n+2)
				if got != want {
					t.Errorf("%s, row %d, %s: %v, want %v", d.Name, n+1, col.Name, got, want)
				}
				seen[got]++
			}
		}
	}
	for _, symbol := range []string{"x", "-", "…"} {
		if seen[symbol] == 0 {
			t.Errorf("no cell has the symbol %s: the test is too small", symbol)
		}
	}
	for _, text := range []string{"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(1)", "two lines", "=和歌山県"} {
		if seen[text] == 0 {
			t.Errorf("no cell has the text %q", text)
		}
	}
}

// The rules of the Ministry of Internal Affairs and Communications for tables
// that machines read, by their numbers (2020-12-18).
func TestWorkbookIsMachineReadable(t *testing.T) {
	path := filepath.Join(hostileFolder(t), workbookName)
	f := openWorkbook(t, path)
	want := []string{sheetCover, sheetContents, sheetNotes, sheetColumns, sheetCodes}
	for _, d := range published() {
		want = append(want, d.Name)
	}
	if diff := gocmp.Diff(want, f.GetSheetList()); diff != "" { // 2-2 one table per sheet
		t.Errorf("sheets: %s", diff)
	}
	for _, sheet := range f.GetSheetList() {
		if merged, err := f.GetMergeCells(sheet); err != nil || len(merged) > 0 { // 1-4
			t.Errorf("%s: merged cells %v, %v", sheet, merged, err)
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		headings := map[string]bool{}
		for i, row := range rows { // 1-6, 2-1: nothing is left out, nothing is torn apart
			if len(row) != len(rows[0]) {
				t.Errorf("%s: row %d has %d cells, the headings %d", sheet, i+1, len(row), len(rows[0]))
			}
			for k, text := range row {
				at, _ := excelize.CoordinatesToCellName(k+1, i+1)
				if text == "" || strings.ContainsAny(text, "\n\r\t") || strings.TrimSpace(text) != text { // 1-5
					t.Errorf("%s %s is %q", sheet, at, text)
				}
				if formula, err := f.GetCellFormula(sheet, at); err != nil || formula != "" { // 1-7
					t.Errorf("%s %s is the formula %q, %v", sheet, at, formula, err)
				}
				if dependent(text) { // 1-10
					t.Errorf("%s %s has characters that depend on the machine: %q", sheet, at, text)
				}
				if i == 0 && headings[text] {
					t.Errorf("%s has the heading %q twice", sheet, text)
				}
				headings[text] = headings[text] || i == 0
			}
		}
	}
	for _, d := range published() {
		first, err := f.GetRows(d.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Columns() {
			heading := c.Name
			if c.Role == "measure" { // 1-9
				heading += " (" + c.Unit + ")"
			}
			i := slices.Index(first[0], heading)
			if i < 0 {
				t.Errorf("%s has no heading %q", d.Name, heading)
			}
			if c.Name == "region_code" && d.Name != "regions" && first[0][i+1] != "region_name" { // 1-12
				t.Errorf("%s: beside region_code is %q", d.Name, first[0][i+1])
			}
		}
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, part := range archive.File { // 1-8
		for _, object := range []string{"drawing", "media", "chart", "comments", "vba", "externalLink"} {
			if strings.Contains(part.Name, object) {
				t.Errorf("the workbook has the object %s", part.Name)
			}
		}
		if !part.Modified.IsZero() && part.Modified.Year() > 1980 {
			t.Errorf("%s has the time %v", part.Name, part.Modified)
		}
	}
	if name := fmt.Sprint(cell(t, f, "relational_population", 5, 3)); name != "=和歌山県" {
		t.Errorf("the region beside 30000 is %q", name)
	}
	if name := fmt.Sprint(cell(t, f, "relational_population", 5, 4)); name != "=和歌山県和歌山市" {
		t.Errorf("the region beside 30201 is %q", name)
	}
	if linked, target, err := f.GetCellHyperLink(sheetContents, "A2"); err != nil || !linked || target != "'relational_population'!A1" {
		t.Errorf("the contents link %v to %q, %v", linked, target, err)
	}
}

// dependent says whether a text has characters of the rows that vendors added to
// JIS X 0208: circled digits, Roman numerals, ㈱ and the like.
func dependent(text string) bool {
	for _, r := range text {
		b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(string(r)))
		if err == nil && (b[0] == 0x87 || b[0] == 0xed || b[0] == 0xee || b[0] >= 0xfa && b[0] <= 0xfc) {
			return true
		}
	}
	return false
}

func TestDependentCharacters(t *testing.T) {
	for text, want := range map[string]bool{"①": true, "㈱": true, "髙": true, "和歌山県 … 〜": false, "ー（人）": false} {
		if dependent(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}

// writtenBook is the workbook of a release with few rows a sheet.
func writtenBook(t *testing.T, r Release, limit sheetLimit) *excelize.File {
	t.Helper()
	b := builder{release: r, releases: t.TempDir(), manifest: newManifest(r), before: func(string) error { return nil }, limit: limit}
	for _, step := range []func() error{b.complete, b.open, b.writeParquet, b.survey, func() error { return b.writeWorkbook(context.Background()) }} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return openWorkbook(t, b.path(workbookName))
}

// A sheet that would be too long has the last months, and says so: of 5 rows, 4
// are of March. The last month is whole as long as a sheet can be; where there are
// no months a sheet has the first rows.
func TestLongSheetsAreCut(t *testing.T) {
	if testing.Short() {
		t.Skip("writes five workbooks")
	}
	for _, c := range []struct {
		limit               sheetLimit
		population, regions int
	}{{sheetLimit{5, 9}, 5, 3}, {sheetLimit{4, 9}, 4, 3}, {sheetLimit{1, 9}, 4, 3}, {sheetLimit{2, 3}, 3, 3}, {sheetLimit{1, 2}, 2, 2}} {
		f := writtenBook(t, sampleRelease(t), c.limit)
		rows, err := f.GetRows("relational_population")
		if err != nil {
			t.Fatal(err)
		}
		if len(rows)-1 != c.population {
			t.Errorf("limit %v: %d rows, want %d", c.limit, len(rows)-1, c.population)
		}
		month := slices.Index(rows[0], "reference_month")
		for _, row := range rows[1:] {
			if c.limit.Rows < 5 && row[month] != "2025-03-31" {
				t.Errorf("limit %v: a row of %s", c.limit, row[month])
			}
		}
		if regions, err := f.GetRows("regions"); err != nil || len(regions)-1 != c.regions {
			t.Errorf("limit %v: %d regions, want %d, %v", c.limit, len(regions)-1, c.regions, err)
		}
		contents, err := f.GetRows(sheetContents)
		if err != nil {
			t.Fatal(err)
		}
		first, extent := "2025-02-28", "everything"
		if c.limit.Rows < 5 {
			first, extent = "2025-03-31", "the last months alone; Parquet has everything"
		}
		want := []string{"relational_population", "関係人口", "Relational population", "5", strconv.Itoa(c.population), first, "2025-03-31"}
		if diff := gocmp.Diff(want, contents[1][:7]); diff != "" || contents[1][8] != extent {
			t.Errorf("limit %v: contents %s, %q", c.limit, diff, contents[1][8])
		}
	}
}

// SDMX-CSV holds what the Parquet files hold.
func TestSDMXEqualsParquet(t *testing.T) {
	folder := hostileFolder(t)
	for _, d := range published() {
		path := filepath.Join(folder, filepath.FromSlash(sdmxPath(d)))
		if columnOf(d, "obs_status") < 0 {
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("%s is no dataset of observations and has a file, %v", d.Name, err)
			}
			continue
		}
		lines := readCSV(t, path)
		columns, places := sdmxColumns(d)
		rows := values(t, folder, d)
		if len(lines) != len(rows)+1 {
			t.Errorf("%s has %d lines, want %d", d.Name, len(lines), len(rows)+1)
			continue
		}
		for n, row := range rows {
			got := lines[n+1]
			if want := []string{"dataflow", "KANKEI:" + strings.ToUpper(d.Name) + "(1.0.0)", "I"}; !slices.Equal(got[:3], want) {
				t.Errorf("%s: %v", d.Name, got[:3])
			}
			for i, c := range columns {
				if back := fromSDMX(t, c, got[i+3]); !sameValue(back, row[places[i]]) {
					t.Errorf("%s, line %d, %s: %v, want %v", d.Name, n+2, c.Name, back, row[places[i]])
				}
				if text := got[i+3]; text != "" && strings.ContainsRune("=+@\t\r", rune(text[0])) {
					t.Errorf("%s, line %d, %s would be a formula: %s", d.Name, n+2, c.Name, text)
				}
			}
		}
	}
	want := "STRUCTURE,STRUCTURE_ID,ACTION,DEFINITION,MEASURE,OUTSIDE,REGION_CODE,REGION_LEVEL,ORIGIN_CODE,RELATION_TYPE,ENGAGEMENT,TIME_PERIOD,SOURCE,ESTIMATOR," +
		"OBS_VALUE,STD_ERROR,CI_LOW,CI_HIGH,CV,PER_10000_RESIDENTS,RELIABILITY,BOUNDARY_VINTAGE,KNOWN_ON,SOURCE_PERIOD,OBS_STATUS,CONF_STATUS,METHODOLOGY_VERSION"
	if got := strings.Join(readCSV(t, filepath.Join(folder, "sdmx", "relational_population.csv"))[0], ","); got != want {
		t.Errorf("header %s", got)
	}
	for _, want := range [][]string{
		{"CONF_STATUS", "C", "秘匿", "Withheld"}, {"REGION_CODE", "30201", "'=和歌山県和歌山市", "Wakayama-shi"},
		{"TARGET", "'=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"}, {"DEFINITION", "repeat-visits", "'=反復'訪問", "Repeat visits"},
	} {
		if lines := readCSV(t, filepath.Join(folder, filepath.FromSlash(codeListsName))); !slices.ContainsFunc(lines, func(l []string) bool { return slices.Equal(l, want) }) {
			t.Errorf("no code %v", want)
		}
	}
}

func readCSV(t testing.TB, path string) [][]string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// fromSDMX reads a field back as the type of its column.
func fromSDMX(t testing.TB, c schemas.Column, text string) any {
	t.Helper()
	if text == "" && c.DuckType != "VARCHAR" {
		return nil
	}
	var v any
	var err error
	switch c.DuckType {
	case "VARCHAR":
		if text == "_Z" {
			return ""
		}
		return strings.TrimPrefix(text, "'")
	case "DATE":
		v, err = time.Parse(time.DateOnly, text)
	case "BOOLEAN":
		v, err = strconv.ParseBool(text)
	case "DOUBLE":
		v, err = strconv.ParseFloat(text, 64)
	default:
		v, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sameValue(a, b any) bool {
	if n, ok := b.(int32); ok {
		b = int64(n)
	}
	if d, ok := a.(time.Time); ok {
		e, ok := b.(time.Time)
		return ok && d.Equal(e)
	}
	return a == b
}

func TestViewsAndMacros(t *testing.T) {
	folder := hostileFolder(t)
	db := openFile(t, filepath.Join(folder, databaseName))
	for query, want := range map[string]string{
		`SELECT 地域コード, 地域, 定義, 出所, 推定方法, 表示, 状態, 秘匿 FROM "関係人口" WHERE 地域コード <> '30401'`: "[[30000 =和歌山県 =反復'訪問 予約 見えた人の数 1,766 数えた値 公表できる] " +
			"[30201 =和歌山県和歌山市 =反復'訪問 予約 見えた人の数 12 [u] 信頼度が低い 公表できる] [30202 30202 =反復'訪問 予約 見えた人の数 … 推定できない 公表できる]]",
		`SELECT CAST(基準月 AS VARCHAR), 値 FROM "関係人口の推移" WHERE 地域コード = '30000'`: "[[2025-02-28 1700.5] [2025-03-31 1766]]",
		`SELECT 目標, 目標値, 秘匿 FROM "目標の進捗" WHERE 目標 LIKE '@%'`:                  "[[@SUM(1) 3000 秘匿]]",
		`SELECT count(*) FROM "居住地"`:                                                                "[[0]]",
		`SELECT region_code, figure FROM headline('和歌山市')`:                                          "[[30201 12 [u]]]",
		`SELECT region_code, figure FROM headline('30201')`:                                         "[[30201 12 [u]]]",
		`SELECT region_code, figure FROM headline('Wakayama-shi')`:                                  "[[30201 12 [u]]]",
		`SELECT region_code FROM headline('和歌山') ORDER BY ALL`:                                      "[[30201]]", // 30000 is =和歌山県 here
		`SELECT region_code, figure FROM headline('旧名市')`:                                           "[]",
		`SELECT CAST(reference_month AS VARCHAR), value FROM trend('30000')`:                        "[[2025-02-28 1700.5] [2025-03-31 1766]]",
		`SELECT target, conf_status FROM progress('30401') ORDER BY target LIMIT 1`:                 "[[+1 F]]",
		`SELECT count(*) FROM origins('30000')`:                                                     "[[0]]",
		`SELECT name FROM regions_on(DATE '2005-03-31') WHERE region_code = '30201'`:                "[[旧名市]]",
		`SELECT name FROM regions_on(DATE '2005-04-01') WHERE region_code = '30201'`:                "[[和歌山市]]",
		`SELECT region_code, name FROM regions_20050401`:                                            "[[30000 =和歌山県] [30201 和歌山市]]",
		`SELECT count(*) FROM duckdb_views() WHERE view_name LIKE 'regions\_%' ESCAPE '\'`:          "[[1]]",
		`SELECT name_ja('conf_status', 'C'), name_ja('conf_status', 'none'), name_ja('source', '')`: "[[秘匿 none ]]",
		`SELECT macro_name FROM (SELECT DISTINCT function_name AS macro_name, comment FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro') WHERE comment IS NULL`: "[]",
	} {
		if got := fmt.Sprint(table(t, db, query)); got != want {
			t.Errorf("%s\ngives %s\nwant  %s", query, got, want)
		}
	}
	// Go and SQL name regions alike.
	r := hostileRelease(t)
	i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name() == "regions" })
	n, err := namesOf(r.Tables[i], filepath.Join(folder, filepath.FromSlash(parquetPath(r.Tables[i].rows.dataset))), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table(t, db, "SELECT region_code, name, name_en FROM region_names") {
		if got := n.regions[row[0]]; got != (name{row[1], row[2]}) {
			t.Errorf("%s is %v in Go, %v in SQL", row[0], got, row[1:])
		}
	}
}

// The statement has the release's figures, in both languages, and names in it
// draw nothing.
func TestStatementOfQuality(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(hostileFolder(t), statementName))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"公表不可", "Not for publication",
		`| a\|b &lt;i&gt;it's&lt;/i&gt; \* | 2 | 1,234,567 | 1,234,560 | 7 |`,
		"| 名寄せの漏れ | clerical | 2.13 % | 1.40–3.10 % |", "| Linkage missed | clerical | 2.13 % | 1.40–3.10 % |",
		"| 関係人口 | 5 | 1 | 1 |", "| Relational population | 5 | 1 | 1 |", // rows, withheld, not estimable
		"| 市町村 | 予約 | 見えた人の数 | 0 | 0 | 0 | 1 | - |", // of three municipalities one is shown
		"| =和歌山県 | =反復'訪問 | 予約 | 見えた人の数 | 1,766 | - |",
		"| 2025-03-01-0123abcd | 予約 | 納品の差し替え・取り下げ | 1 | 1 | +20.0 % | +20.0 % | +20.0 % | - |", "| 2025-03-01-0123abcd | Booking | Unchanged | 2 | 0 |",
		"最後の基準月は 2025-03-31", "The latest reference month ends on 2025-03-31",
		"このリリースには該当する値がありません。", "This release has none.",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q", want)
		}
	}
	for _, heading := range []string{"ニーズ適合性", "正確性", "適時性", "アクセス可能性", "解釈可能性・明確性", "整合性・比較可能性", "Relevance", "Accuracy", "Timeliness", "Accessibility", "Interpretability", "Coherence and comparability"} {
		if strings.Count(string(text), "\n## "+heading+"\n") != 1 {
			t.Errorf("%s is not there once", heading)
		}
	}
	if t.Failed() {
		t.Log(string(text))
	}
}

func TestCommas(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 1234567: "1,234,567"} {
		if got := commas(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// Parts of a workbook in any order give the same bytes.
func TestRepack(t *testing.T) {
	pack := func(names ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, n := range names {
			part, err := w.Create(n)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(part, "text of "+n); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var first, second bytes.Buffer
	if err := repack(&first, pack("a", "b", "c")); err != nil {
		t.Fatal(err)
	}
	if err := repack(&second, pack("c", "a", "b")); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the order of parts shows in the bytes")
	}
	in, err := zip.NewReader(bytes.NewReader(second.Bytes()), int64(second.Len()))
	if err != nil || len(in.File) != 3 {
		t.Fatalf("%v, %v", in, err)
	}
	part, err := in.File[2].Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(part); err != nil || string(text) != "text of c" {
		t.Errorf("%q, %v", text, err)
	}
}
