package ingest

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

// xlsxOf makes a workbook of one sheet, from the XML of its rows and of its
// shared texts.
func xlsxOf(t testing.TB, rows, texts string) []byte {
	t.Helper()
	return zipped(t,
		member{"[Content_Types].xml", "<Types/>"},
		member{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`},
		member{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		member{"xl/sharedStrings.xml", "<sst>" + texts + "</sst>"},
		member{"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"})
}

const (
	headOfSheet = `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>`
	laughs      = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
)

// rowWith is a row of a sheet with one cell.
func rowWith(row int, at, text string) string {
	return fmt.Sprintf(`<row r="%d"><c r="%s%d" t="inlineStr"><is><t>%s</t></is></c></row>`, row, at, row, text)
}

// zippedAs makes an archive of one member of a mode.
func zippedAs(t testing.TB, name string, mode fs.FileMode) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: name}
	h.SetMode(mode)
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte(small))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manyMembers(t testing.TB, n int) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d.xml", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parquetOf is a Parquet file of one column with a dictionary.
func parquetOf(t testing.TB, values []string) []byte {
	type row struct {
		A string `parquet:"a,dict"`
	}
	rows := make([]row, len(values))
	for i, v := range values {
		rows[i].A = v
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.Compression(&parquet.Zstd))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dictionaryBomb is a Parquet file of a few kilobytes whose one column is
// 16,384 times the same 64 KiB.
func dictionaryBomb(t testing.TB) []byte {
	return parquetOf(t, slices.Repeat([]string{strings.Repeat("a", 64<<10)}, 16_384))
}

// manyElements are n elements of different names.
func manyElements(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<e%d>1</e%d>", i, i)
	}
	return b.String()
}

// manyKeys is an object of n keys.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	return "{" + b.String()[1:] + "}\n"
}

// What would fill the memory or the disk, or was made to deceive, is refused
// where it is found, having taken memory for what a batch may have and no more.
func TestBombs(t *testing.T) {
	wide := strings.Repeat("a,", 1_000_000) + "a\n" + strings.Repeat("1,", 1_000_000) + "1\n"
	long := strings.Repeat("あ", cellMax)
	deep := strings.Repeat("<r>", elementDepth+1) + strings.Repeat("</r>", elementDepth+1)
	for name, test := range map[string]struct {
		in     []byte
		reason string
		line   int
		memory uint64 // MiB that may be asked for in all
		hint   Hint
	}{
		"ratio":                 {gzipped("a\n" + strings.Repeat(strings.Repeat("1", 1023)+"\n", 65<<10)), TooLarge, 0, 300, Hint{MaxRatio: 100}},
		"members":               {manyMembers(t, membersMax+1), TooManyMembers, 0, 200, Hint{}},
		"absolute path":         {zipped(t, member{"/etc/a.csv", small}), UnsafeMember, 0, 8, Hint{}},
		"path upwards":          {zipped(t, member{"a/../../a.csv", small}), UnsafeMember, 0, 8, Hint{}},
		"path of Windows":       {zipped(t, member{`C:\a.csv`, small}), UnsafeMember, 0, 8, Hint{}},
		"upwards of Windows":    {zipped(t, member{`..\a.csv`, small}), UnsafeMember, 0, 8, Hint{}},
		"line end in a name":    {zipped(t, member{"a\nb.csv", small}), UnsafeMember, 0, 8, Hint{}},
		"link":                  {zippedAs(t, "a.csv", fs.ModeSymlink|0o777), UnsafeMember, 0, 8, Hint{}},
		"device":                {zippedAs(t, "a.csv", fs.ModeDevice|0o666), UnsafeMember, 0, 8, Hint{}},
		"name twice":            {zipped(t, member{"a.csv", small}, member{"a.csv", small}), DuplicateMember, 0, 8, Hint{}},
		"zip in zip":            {zipped(t, member{"a.zip", string(zipped(t, member{"a.csv", small}))}), NestedArchive, 0, 8, Hint{}},
		"gzip in gzip":          {gzipped(string(gzipped(small))), NestedArchive, 0, 8, Hint{}},
		"huge cell":             {xlsxOf(t, headOfSheet+rowWith(3, "A", strings.Repeat("a", 8<<20)), ""), CellTooLarge, 3, 32, Hint{}},
		"huge cell in runs":     {xlsxOf(t, headOfSheet+rowWith(2, "B", strings.Repeat("</t><t>a", 1<<20)), ""), CellTooLarge, 2, 300, Hint{}},
		"huge shared text":      {xlsxOf(t, headOfSheet, "<si><t>a</t></si><si><t>"+long+"</t></si>"), CellTooLarge, 0, 32, Hint{}},
		"column beyond the end": {xlsxOf(t, headOfSheet+rowWith(7, "XFE", "a"), ""), TooManyColumns, 7, 32, Hint{}},
		"no such text":          {xlsxOf(t, headOfSheet+`<row><c t="s"><v>5</v></c></row>`, ""), Unreadable, 0, 32, Hint{}},
		"deep workbook":         {xlsxOf(t, headOfSheet+deep, ""), Unreadable, 0, 32, Hint{}},
		"laughing workbook":     {xlsxOf(t, headOfSheet+rowWith(2, "A", "&c;"), ""), Unreadable, 0, 32, Hint{}},
		"laughing texts":        {xlsxOf(t, headOfSheet, laughs+"<si><t>&c;</t></si>"), Unreadable, 0, 32, Hint{}},
		"laughing telegram":     {[]byte(laughs + "<AllotmentBookingReport><a>&c;</a></AllotmentBookingReport>"), Unreadable, 1, 8, Hint{}},
		"deep telegram":         {[]byte("<AllotmentBookingReport>" + strings.Repeat("<a>", 100)), Unreadable, 1, 8, Hint{}},
		"elements":              {[]byte("<AllotmentBookingReport>" + manyElements(maxColumns+1) + "</AllotmentBookingReport>"), TooManyColumns, 0, 64, Hint{}},
		"a million columns":     {[]byte(wide), TooManyColumns, 1, 300, Hint{}},
		"keys":                  {[]byte(manyKeys(maxColumns + 1)), TooManyColumns, 1, 200, Hint{}},
		"a line without end":    {[]byte("a,b\n1,2\n" + strings.Repeat("1", recordMax+1)), RecordTooLong, 3, 64, Hint{}},
		"a cell without end":    {[]byte("a,b\n1,2\n1,\"" + strings.Repeat("1\n", recordMax/2+1)), UnclosedQuote, 3, 64, Hint{}},
		"dictionary":            {dictionaryBomb(t), TooLarge, 0, 1200, Hint{}},
	} {
		if testing.Short() && test.memory > 300 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := write(t, "a.csv", test.in)
			test.hint.Name = "exports/a.csv"
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := refusalOf(t, path, test.hint)
			runtime.ReadMemStats(&after)
			if r.Reason != test.reason || r.Line != test.line {
				t.Errorf("refused for %s on line %d, want %s on %d: %v", r.Reason, r.Line, test.reason, test.line, r)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > test.memory {
				t.Errorf("took %d MiB, want at most %d", took, test.memory)
			}
			for _, lang := range []string{"ja", "en"} {
				m := r.Message(lang)
				if !strings.HasPrefix(m, "exports/a.csv:") || strings.Contains(m, "\n") || len(m) > 500 || r.Found.In(lang) == "" || r.Do.In(lang) == "" {
					t.Errorf("message in %s: %s", lang, m)
				}
			}
		})
	}
}

// Rows of one cell in the last column cost what the header is wide.
func TestSparseRows(t *testing.T) {
	rows := headOfSheet
	for i := 2; i <= 500; i++ {
		column := "A"
		if i > 4*headerRows+1 { // behind what tells the width
			column = "XFD"
		}
		rows += rowWith(i, column, "a")
	}
	c := mustRead(t, write(t, "a.xlsx", xlsxOf(t, rows, "")), Hint{})
	if c.faults[schemas.WrongFieldCount] != 299 || len(c.rows) != 499 {
		t.Errorf("faults %v of %d rows, want 299 of 499", c.faults, len(c.rows))
	}
}

// The shared texts of a workbook have a limit, and so have the cells of an old one.
func TestMemoryOfWorkbooks(t *testing.T) {
	in, err := newInput(write(t, "a.xlsx", xlsxOf(t, headOfSheet, strings.Repeat("<si><t>abcdef</t></si>", 10_000))), Hint{})
	if err != nil {
		t.Fatal(err)
	}
	book, err := openXLSXBook(in)
	if err != nil {
		t.Fatal(err)
	}
	defer book.close()
	if s, err := book.readStrings(100_000); err != nil || len(s.blocks) != 3 {
		t.Errorf("texts of just the memory allowed: error %v", err)
	} else if text, ok := s.at(9_999); text != "abcdef" || !ok {
		t.Errorf("the last text is %q", text)
	} else if _, ok := s.at(10_000); ok {
		t.Error("there is a text behind the last")
	}
	_, err = book.readStrings(99_999)
	if refusal := new(Refusal); !errors.As(in.refuseWorkbook(err), &refusal) || refusal.Reason != TooLarge {
		t.Errorf("texts of more than the memory allowed: %v", err)
	}
	defer func() {
		if caught := recover(); caught != errXLSCells {
			t.Errorf("too many cells of an old workbook: %v", caught)
		}
	}()
	table := xlsTable{cells: xlsCells - 11}
	table.set(9, 0, "a") // ten rows and a cell
	table.set(9, 1, "a")
}

// What another reader finds in a workbook is read: texts, numbers and gaps,
// wherever they stand.
func TestXLSXAgainstExcelize(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		book := excelize.NewFile()
		defer book.Close()
		cells := rapid.SliceOfN(rapid.OneOf(
			rapid.StringMatching(`[a-zあ-んヷ一-龥<&" _x0-9]{0,12}`).AsAny(), rapid.IntRange(-1_000_000, 1_000_000).AsAny(),
			rapid.Just[any](2.5), rapid.Just[any](nil)), 0, 40).Draw(rt, "cells")
		for i, v := range cells {
			at, err := excelize.CoordinatesToCellName(1+i*i%7, 2+i/3)
			if err == nil {
				err = book.SetCellValue("Sheet1", at, v)
			}
			if err != nil {
				rt.Fatal(err)
			}
		}
		path := filepath.Join(dir, "a.xlsx")
		if err := book.SaveAs(path); err != nil {
			rt.Fatal(err)
		}
		want, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			rt.Fatal(err)
		}
		in, err := newInput(path, Hint{})
		if err != nil {
			rt.Fatal(err)
		}
		ours, err := openXLSXBook(in)
		if err != nil {
			rt.Fatal(err)
		}
		defer ours.close()
		found := make([][]string, len(want))
		for line, row := range ours.rows("Sheet1", &err) {
			found[line-1] = slices.Clone(row)
		}
		for i := range want {
			for k, v := range want[i] {
				if cellAt(found[i], k) != trimName(v) {
					rt.Fatalf("row %d, column %d is %q, want %q: %v", i+1, k+1, cellAt(found[i], k), v, err)
				}
			}
		}
	})
}
