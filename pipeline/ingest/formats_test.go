package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

const small = "a,b\n1,2\n3,4\n"

func gzipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		w.Write([]byte(part))
		w.Close()
	}
	return b.Bytes()
}

// member is a file of a zip archive.
type member struct{ name, content string }

func zipped(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, NonUTF8: !strings.HasPrefix(m.name, "u")})
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(m.content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The kind is told by the bytes: every file here has the same, wrong name.
func TestCompression(t *testing.T) {
	for name, test := range map[string]struct {
		in   []byte
		hint Hint
		want Format
	}{
		"gzip":           {gzipped(small), Hint{}, Format{Compression: Gzip}},
		"gzip in parts":  {gzipped("a,b\n1,", "2\n3,4\n"), Hint{}, Format{Compression: Gzip}},
		"zip":            {zipped(t, member{"exports/", ""}, member{"__MACOSX/._a.csv", "x"}, member{"exports/a.csv", small}), Hint{}, Format{Compression: Zip, Member: "exports/a.csv"}},
		"zip, one named": {zipped(t, member{"a.csv", small}, member{"b.csv", "c\n1\n"}), Hint{Member: "a.csv"}, Format{Compression: Zip, Member: "a.csv"}},
		"zip of Windows": {zipped(t, member{"\x97\x5C\x96\xF1.csv", small}), Hint{}, Format{Compression: Zip, Member: "予約.csv"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustOpen(t, write(t, "export.xls", test.in), test.hint)
			c, err := readAll(f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{{"1", "2"}, {"3", "4"}}, c.rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if f.Format.Compression != test.want.Compression || f.Format.Member != test.want.Member || f.Format.Kind != CSV {
				t.Errorf("format %+v, want %+v", f.Format, test.want)
			}
			if again, err := readAll(f); err != nil || len(again.rows) != 2 {
				t.Errorf("read again: %d rows, error %v", len(again.rows), err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("1,abcdefg\n", 300_000)
	packed := gzipped("a,b\n" + long)
	xls := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 512)...)
	locked := append(bytes.Clone(xls), utf16Bytes("EncryptedPackage", false)...)
	euc := []byte("\xBB\xE1\xCC\xBE,\xA5\xAB\xA5\xCA\n\xA4\xA2\xA4\xA4,\xA4\xA6\xA4\xA8\n")
	for name, test := range map[string]struct {
		in     []byte
		hint   Hint
		reason string
		line   int
	}{
		"nothing":               {nil, Hint{}, EmptyFile, 0},
		"blank lines":           {[]byte("\n \r\n"), Hint{}, EmptyFile, 0},
		"mark only":             {[]byte("\xEF\xBB\xBF"), Hint{}, EmptyFile, 0},
		"header only":           {[]byte("a,b\n"), Hint{}, HeaderOnly, 0},
		"header, no line end":   {[]byte("予約番号,チェックイン"), Hint{}, HeaderOnly, 0},
		"no header":             {[]byte("01101,060,0600000\n01101,060,0600001\n"), Hint{}, NoHeader, 1},
		"HTML":                  {[]byte("\n<!DOCTYPE html><html><body>login</body></html>"), Hint{}, HTML, 0},
		"HTML table as xls":     {[]byte("<table><tr><td>a</td></tr></table>"), Hint{}, HTML, 0},
		"Excel XML":             {[]byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), Hint{}, LegacyExcel, 0},
		"xls":                   {xls, Hint{}, Unreadable, 0},
		"password":              {locked, Hint{}, EncryptedFile, 0},
		"old Word":              {oleWith(t, "WordDocument", nil), Hint{}, LegacyExcel, 0},
		"Excel 95":              {oleWith(t, "Book", []byte{9, 8, 2, 0, 0, 5, 0x0A, 0, 0, 0}), Hint{}, LegacyExcel, 0},
		"xls with password":     {oleWith(t, "Workbook", []byte{9, 8, 2, 0, 0, 6, 0x2F, 0, 0, 0, 0x0A, 0, 0, 0}), Hint{}, EncryptedFile, 0},
		"PDF":                   {[]byte("%PDF-1.7\n..."), Hint{}, BinaryFile, 0},
		"noise":                 {[]byte("\x00\x01\x02\x00\x00\x00\xFF\xFE\x00\x03"), Hint{}, BinaryFile, 0},
		"truncated gzip":        {packed[:len(packed)/2], Hint{}, TruncatedGzip, 0},
		"gzip without checksum": {packed[:len(packed)-3], Hint{}, TruncatedGzip, 0},
		"damaged gzip":          {append(bytes.Clone(packed[:len(packed)-8]), "12345678"...), Hint{}, Unreadable, 0},
		"gzip header only":      {packed[:6], Hint{}, TruncatedGzip, 0},
		"truncated zip":         {zipped(t, member{"a.csv", long})[:2000], Hint{}, TruncatedFile, 0},
		"zip of several":        {zipped(t, member{"a.csv", small}, member{"b.csv", small}), Hint{}, SeveralMembers, 0},
		"zip without the file":  {zipped(t, member{"a.csv", small}), Hint{Member: "c.csv"}, NoSuchMember, 0},
		"zip of nothing":        {zipped(t, member{"a/", ""}), Hint{}, EmptyFile, 0},
		"gzip in zip":           {zipped(t, member{"a.gz", string(gzipped(small))}), Hint{}, NestedArchive, 0},
		"bomb":                  {gzipped("a,b\n" + long), Hint{MaxBytes: 1 << 20}, TooLarge, 0},
		"EUC-JP":                {euc, Hint{}, WrongEncoding, 0},
		"ISO-2022-JP":           {[]byte("a,b\n\x1b$B;aL>\x1b(B,1\n"), Hint{}, WrongEncoding, 0},
		"Latin-1":               {[]byte("nom,ville\ncaf\xE9,\xC0 b\xE2le\nna\xEFve,\xE9t\xE9\n"), Hint{}, WrongEncoding, 2},
		"old Mac":               {[]byte("a,b\r1,2\r3,4\r"), Hint{}, CarriageReturns, 0},
		"open quote":            {[]byte("a,b\n1,2\n3,\"4\n5,6\n7,8\n"), Hint{}, UnclosedQuote, 3},
		"JSON array":            {[]byte("[\n {\"a\":1},\n {\"a\":2}\n]"), Hint{}, JSONArray, 0},
		"JSON over lines":       {[]byte("{\n \"a\": 1\n}\n"), Hint{}, BadJSON, 1},
		"damaged workbook":      {zipped(t, member{"xl/workbook.xml", "<workbook><sheets><sheet name='a' sheetId='1'/></sheets></workbook>"}), Hint{}, Unreadable, 0},
		"workbook of noise":     {zipped(t, member{"xl/workbook.xml", "no XML"}, member{"xl/styles.xml", "<styleSheet><cellXfs><xf/></cellXfs>"}), Hint{}, Unreadable, 0},
		"damaged Parquet":       {[]byte("PAR1 and nothing else PAR1"), Hint{}, Unreadable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			test.hint.Name = "exports/a.csv"
			r := refusalOf(t, write(t, "a.csv", test.in), test.hint)
			if r.Reason != test.reason || r.Line != test.line {
				t.Errorf("refused for %s on line %d, want %s on %d: %v", r.Reason, r.Line, test.reason, test.line, r)
			}
			for _, lang := range []string{"ja", "en"} {
				m := r.Message(lang)
				if !strings.HasPrefix(m, "exports/a.csv:") || strings.ContainsAny(m, "\n") || r.Found.In(lang) == "" || r.Do.In(lang) == "" {
					t.Errorf("message in %s: %s", lang, m)
				}
			}
		})
	}
	folder := t.TempDir()
	if r := refusalOf(t, folder, Hint{}); r.Reason != Directory {
		t.Errorf("a folder is refused for %s", r.Reason)
	}
	if r := refusalOf(t, filepath.Join(folder, "none.csv"), Hint{}); r.Reason != Unreadable {
		t.Errorf("a missing file is refused for %s", r.Reason)
	}
}

func TestRefusalMessage(t *testing.T) {
	r := refusalOf(t, write(t, "a.csv", []byte("a,b\n1,2\n3,\"4\n")), Hint{Name: "exports/a.csv"})
	if got, want := r.Message("en"), "exports/a.csv:3: a quote opens here and is never closed. Mend the line, or export the file again."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := r.Message("ja"), "exports/a.csv:3: ここで始まる引用符が閉じられていません。この行を直すか、書き出しをやり直してください。"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A workbook as a hotel would save it, with what Excel does to dates.
func TestXLSX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.csv") // the name says nothing
	saveBook(t, path)
	f := mustOpen(t, path, Hint{})
	if f.Format.Kind != XLSX || f.Format.Sheet != "予約" || f.Format.Preamble != 2 {
		t.Errorf("format %+v", f.Format)
	}
	c, err := readAll(f)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"5425310803", "2026-05-01", "2026-05-01 15:30:00", "2026-05-01", "46143", "36125.5", "髙橋", "15:30:00", "TRUE"},
		{"090", "2026-05-29", "", "2026-05-29", "46171", "", "a\nb", "26:00:00", ""},
		{"予約番号", "チェックイン", "予約日時", "和暦", "連番", "料金", "氏名", "時刻", "可否"},
		{"1", "", "", "", "", "", "", "", ""},
	}
	if diff := cmp.Diff(want, c.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{4, 6, 7, 8}, c.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{schemas.RepeatedHeader: 1}, c.faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if r := refusalOf(t, path, Hint{Sheet: "宿泊"}); r.Reason != NoSuchSheet || !strings.Contains(r.Error(), "予約") {
		t.Errorf("a sheet that is not there: %v", r)
	}
	if r := refusalOf(t, path, Hint{Sheet: "空"}); r.Reason != EmptyFile {
		t.Errorf("an empty sheet: %v", r)
	}
	book, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if packed := mustRead(t, write(t, "a.xlsx.gz", gzipped(string(book))), Hint{}); len(packed.rows) != 4 {
		t.Errorf("gzip of the workbook: %d rows", len(packed.rows))
	}
}

// A workbook is read by the sheet that has the columns and records, whatever
// stands before it; of two such sheets neither is chosen unseen.
func TestSheetThatIsMeant(t *testing.T) {
	table := [][]any{{"予約番号", "到着日"}, {1, "2026-05-03"}, {2, "2026-05-04"}}
	cover := [][]any{{"担当", "連絡先"}, {"a", "b"}, {"c", "d"}}
	must := Hint{HeaderMust: []string{"予約番号"}}
	for name, c := range map[string]struct {
		sheets []sheetOf
		hint   Hint
		read   string
	}{
		"a cover first":            {[]sheetOf{{"表紙", cover}, {"5月", table}}, must, "5月"},
		"a note of one line first": {[]sheetOf{{"メモ", cover[:1]}, {"5月", table}}, Hint{}, "5月"},
		"a sheet without records":  {[]sheetOf{{"5月", table}, {"6月", table[:1]}}, must, "5月"},
		"of two the one named":     {[]sheetOf{{"5月", table}, {"6月", table}}, Hint{Sheet: "6月", HeaderMust: must.HeaderMust}, "6月"},
		"other columns behind":     {[]sheetOf{{"5月", table}, {"集計", cover}}, Hint{}, "5月"},
	} {
		f := mustOpen(t, saveSheets(t, c.sheets), c.hint)
		if f.Format.Sheet != c.read {
			t.Errorf("%s: sheet %s is read, want %s", name, f.Format.Sheet, c.read)
		}
		f.Close()
	}
	r := refusalOf(t, saveSheets(t, []sheetOf{{"表紙", cover}, {"5月", table}, {"6月", table}}), must)
	if r.Reason != SeveralSheets || !strings.Contains(r.Error(), "5月, 6月") {
		t.Errorf("two sheets of the same columns: %v", r)
	}
	both := saveSheets(t, []sheetOf{{"5月", table}, {"6月", table[:2]}})
	if i, err := Inspect(both, "6月", Builtins()); err != nil || i.Format.Sheet != "6月" || len(i.Header) != 2 {
		t.Errorf("inspected by name: %v, %v", i.Format, err)
	}
	if _, err := Inspect(both, "7月", Builtins()); err == nil || !strings.Contains(err.Error(), `no sheet "7月"; it has 5月, 6月`) {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

// sheetOf is a sheet of a workbook by name, with its rows.
type sheetOf struct {
	name string
	rows [][]any
}

func saveSheets(t *testing.T, sheets []sheetOf) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for _, sheet := range sheets {
		if _, err := book.NewSheet(sheet.name); err != nil {
			t.Fatal(err)
		}
		for j, row := range sheet.rows {
			if err := book.SetSheetRow(sheet.name, fmt.Sprintf("A%d", j+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/a.xlsx"
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func saveBook(t *testing.T, path string) {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(book.SetSheetName("Sheet1", "空"))
	_, err := book.NewSheet("予約")
	check(err)
	style := func(code string) int {
		id, err := book.NewStyle(&excelize.Style{CustomNumFmt: &code})
		check(err)
		return id
	}
	us, err := book.NewStyle(&excelize.Style{NumFmt: 14}) // m/d/yy
	check(err)
	rows := map[string][]any{
		"A1": {"予約一覧"},
		"A3": {"予約番号", "チェックイン", "予約日時", "和暦", "連番", "料金", "氏名", "時刻", "可否"},
		"A4": {5425310803.0, 46143, 46143 + 15.5/24, 46143, 46143, 36125.5, "髙橋", 15.5 / 24, true},
		"A6": {"090", 46171, nil, 46171, 46171, nil, "a\nb", 26.0 / 24},
		"A7": {"予約番号", "チェックイン", "予約日時", "和暦", "連番", "料金", "氏名", "時刻", "可否"},
		"A8": {1},
	}
	for at, row := range rows {
		check(book.SetSheetRow("予約", at, &row))
	}
	check(book.MergeCell("予約", "A1", "D1"))
	check(book.SetCellStyle("予約", "B4", "B8", us))
	check(book.SetCellStyle("予約", "C4", "C8", style("yyyy/mm/dd hh:mm")))
	check(book.SetCellStyle("予約", "D4", "D8", style(`[$-411]ggge"年"m"月"d"日"`)))
	check(book.SetCellStyle("予約", "F4", "F8", style(`"¥"#,##0;[Red]"¥"-#,##0`)))
	check(book.SetCellStyle("予約", "H4", "H4", style("h:mm")))
	check(book.SetCellStyle("予約", "H6", "H6", style("[h]:mm")))
	check(book.SaveAs(path + ".xlsx"))
	check(os.Rename(path+".xlsx", path))
}

func TestJSONLines(t *testing.T) {
	in := `{"id": 1, "guest": {"name": "髙橋", "age": null}, "tags": ["a", "b"]}
{"id": "2", "late": true, "n": 1.50}

not an object
{"guest": {"name": "x"}, "tags": [{"k": 1}], "id": 12345678901234567890}
{"id": 3, "gue`
	f := mustOpen(t, write(t, "a.csv", []byte(in)), Hint{})
	c, err := readAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"id", "guest.name", "guest.age", "tags", "late", "n"}, c.header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := [][]string{
		{"1", "髙橋", null, "a;b", null, null},
		{"2", null, null, null, "true", "1.50"},
		{null, null, null, null, null, null},
		{"12345678901234567890", "x", null, `{"k": 1}`, null, null},
		{null, null, null, null, null, null},
	}
	if diff := cmp.Diff(want, c.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{1, 2, 4, 5, 6}, c.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if c.faults[schemas.Undecodable] != 1 || c.faults[schemas.CutOff] != 1 {
		t.Errorf("faults %v", c.faults)
	}
}

func TestParquet(t *testing.T) {
	tokyo := &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Asia/Tokyo"}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "day", Type: arrow.PrimitiveTypes.Date32, Nullable: true},
		{Name: "at", Type: tokyo},
		{Name: "price", Type: &arrow.Decimal128Type{Precision: 9, Scale: 2}},
		{Name: "tags", Type: arrow.ListOf(arrow.BinaryTypes.String)},
		{Name: "guest", Type: arrow.StructOf(arrow.Field{Name: "name", Type: arrow.BinaryTypes.String})},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	at := arrow.Timestamp(time.Date(2025, 3, 1, 0, 30, 0, 0, time.UTC).UnixMicro())
	for i := range 2 {
		b.Field(0).(*array.Int64Builder).Append(int64(i + 1))
		b.Field(2).(*array.TimestampBuilder).Append(at)
		b.Field(3).(*array.Decimal128Builder).Append(decimal128.FromI64(1810050))
		tags := b.Field(4).(*array.ListBuilder)
		tags.Append(true)
		tags.ValueBuilder().(*array.StringBuilder).AppendValues([]string{"a", "b"}, nil)
		guest := b.Field(5).(*array.StructBuilder)
		guest.Append(true)
		guest.FieldBuilder(0).(*array.StringBuilder).Append("髙橋")
	}
	b.Field(1).(*array.Date32Builder).Append(arrow.Date32FromTime(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)))
	b.Field(1).AppendNull()
	record := b.NewRecordBatch()
	defer record.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, nil, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err == nil {
		err = w.Write(record)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1", "2025-03-01", "2025-03-01 09:30:00", "18100.50", "a;b", "髙橋"},
		{"2", null, "2025-03-01 09:30:00", "18100.50", "a;b", "髙橋"},
	}
	for name, content := range map[string][]byte{"plain": out.Bytes(), "gzip": gzipped(out.String())} {
		c := mustRead(t, write(t, "a.csv", content), Hint{})
		if diff := cmp.Diff([]string{"id", "day", "at", "price", "tags", "guest.name"}, c.header); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want, c.rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		if c.bytes != int64(len(content)) || c.lines[1] != 2 {
			t.Errorf("%s: progress %d of %d, lines %v", name, c.bytes, len(content), c.lines)
		}
	}
}

// FuzzOpen: whatever the bytes, a file is read or refused.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{small, "", "\xEF\xBB\xBFa\n1", "a,b\r1,2", "{\"a\":1}\n", "[{", "PAR1", "\x1f\x8b\x08", "PK\x03\x04", "\xFF\xFEa\x00", "<html>", "a|b\n\x83\x7C|1\n", "\"", ",\n\n,"} {
		f.Add([]byte(seed))
	}
	f.Add(gzipped(small))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Open(write(t, "in", in), Hint{MaxBytes: 1 << 24})
		if err == nil {
			_, err = readAll(file)
			file.Close()
		}
		if _, refused := err.(*Refusal); err != nil && !refused {
			t.Errorf("error %T %v, want a refusal", err, err)
		}
	})
}
