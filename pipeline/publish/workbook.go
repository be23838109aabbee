package publish

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// Symbols that stand in a cell instead of a figure, as Japanese official
// statistics print them.
const (
	symbolWithheld     = "x"
	symbolNone         = "-"
	symbolNotEstimable = "…"
)

// sheetLimit is how long a sheet may be: Rows, or as long as its last month, but
// never more than Most. A workbook is for reading; whoever needs every month has
// the Parquet files, and a night's run should not wait for it.
type sheetLimit struct{ Rows, Most int }

// sheetLimits are those of a release.
var sheetLimits = sheetLimit{Rows: 2_000, Most: 100_000}

// workbook writes the tables of a release as an Excel file by the rules of the
// Ministry of Internal Affairs and Communications for machine-readable tables
// (統計表における機械判読可能なデータの表記方法の統一ルール, 2020-12-18): one
// datum per cell, one table per sheet from A1, no merged cells, no blank rows,
// columns or cells, no formulas, Western dates, units in the headings, region
// codes beside names. A table has one heading row, for two could not be read by
// a machine: the names of columns as in every other format; the sheet 項目 has
// their titles in Japanese and English.
type workbook struct {
	manifest  Manifest
	tables    []Table
	summaries []summary
	names     names
	// definitions are those in force, for the notes.
	definitions []schemas.Definition
	// parquet is the Parquet file of a dataset.
	parquet func(schemas.Dataset) string
	limit   sheetLimit
	// scratch is the folder for what does not fit into memory.
	scratch string

	file *excelize.File
	text int // style of text: stays text when someone edits the cell
	date int // style of dates
}

// write writes the workbook; the same tables give the same bytes.
func (b *workbook) write(w io.Writer) (err error) {
	b.file = excelize.NewFile(excelize.Options{TmpDir: b.scratch})
	defer func() {
		if e := b.file.Close(); err == nil {
			err = e
		}
	}()
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.front(); err != nil {
		return err
	}
	for i, t := range b.tables {
		if err := b.sheet(t, b.summaries[i]); err != nil {
			return fmt.Errorf("sheet %s: %w", t.Name(), err)
		}
	}
	var packed bytes.Buffer
	if _, err := b.file.WriteTo(&packed); err != nil {
		return err
	}
	return repack(w, packed.Bytes())
}

// prepare sets styles and properties. Excel files name an author and a time;
// this one names the program, and the as-of day.
func (b *workbook) prepare() error {
	textFormat, dateFormat := "@", "yyyy-mm-dd"
	var err error
	if b.text, err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &textFormat}); err != nil {
		return err
	}
	if b.date, err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &dateFormat}); err != nil {
		return err
	}
	stamp := b.manifest.AsOf + "T00:00:00Z"
	return b.file.SetDocProps(&excelize.DocProperties{
		Title: "関係人口 Relational population " + b.manifest.Release, Creator: "kankei", LastModifiedBy: "kankei",
		Created: stamp, Modified: stamp, Language: "ja",
	})
}

// sheet writes a table, or its last months.
func (b *workbook) sheet(t Table, s summary) error {
	if _, err := b.file.NewSheet(t.Name()); err != nil {
		return err
	}
	out, err := b.file.NewStreamWriter(t.Name())
	if err != nil {
		return err
	}
	d := t.rows.dataset
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := b.streamRow(out, 1, headings(d)); err != nil {
		return err
	}
	from, month, row := b.from(s), monthColumn(d), 1
	form := newSheetForm(d, b.names)
	err = t.rows.scan(b.parquet(d), func(values []any) error {
		if month >= 0 && values[month].(schemas.Date) < from || row > b.limit.Most {
			return nil
		}
		row++
		return b.streamRow(out, row, form.cells(values))
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// from is the first month that the sheet of a table shows; a day before all
// where it shows all.
func (b *workbook) from(s summary) schemas.Date {
	if s.rows <= b.limit.Rows {
		return math.MinInt32
	}
	return s.since(b.limit.Rows)
}

// shown is how many rows of a table its sheet has.
func (b *workbook) shown(s summary) int {
	if len(s.months) == 0 {
		return min(s.rows, b.limit.Most)
	}
	n, from := 0, b.from(s)
	for m, rows := range s.months {
		if m >= from {
			n += rows
		}
	}
	return min(n, b.limit.Most)
}

// streamRow writes cells: text as text, whatever it looks like.
func (b *workbook) streamRow(out *excelize.StreamWriter, row int, cells []any) error {
	styled := make([]any, len(cells))
	for i, c := range cells {
		styled[i] = b.cell(c)
	}
	return out.SetRow(fmt.Sprintf("A%d", row), styled)
}

// cell is a value with the style of its kind.
func (b *workbook) cell(value any) excelize.Cell {
	switch v := value.(type) {
	case string:
		return excelize.Cell{StyleID: b.text, Value: oneLine(v)}
	case schemas.Date:
		if serial := int64(v) + excelEpoch; serial > excelLeapDay {
			return excelize.Cell{StyleID: b.date, Value: serial}
		}
		return excelize.Cell{StyleID: b.text, Value: v.String()}
	}
	return excelize.Cell{Value: value}
}

const (
	excelEpoch   = 25569 // the number of 1970-01-01 in a sheet
	excelLeapDay = 60    // 1900-02-29, which Excel believes in: days before have no number to trust
)

// oneLine takes line breaks and other control characters out of a cell.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// headings are the column names of a sheet; those of measures say the unit.
func headings(d schemas.Dataset) []any {
	var out []any
	for _, c := range d.Columns() {
		out = append(out, heading(c))
		if named(d, c) {
			out = append(out, nameColumn(c), nameColumn(c)+"_en")
		}
	}
	return out
}

func heading(c schemas.Column) string {
	if c.Role == "measure" {
		return c.Name + " (" + c.Unit + ")"
	}
	return c.Name
}

// named says whether a column of region codes is followed by the names.
func named(d schemas.Dataset, c schemas.Column) bool {
	return isRegion(c.Name) && d.Name != "regions"
}

// nameColumn is the column of the names of region codes: region_code has region_name.
func nameColumn(c schemas.Column) string { return strings.TrimSuffix(c.Name, "_code") + "_name" }

// sheetForm turns rows of a dataset into cells.
type sheetForm struct {
	columns   []schemas.Column
	named     []bool // followed by the names of regions
	obs, conf int    // columns of the statuses, -1 where there are none
	names     names
	out       []any
}

func newSheetForm(d schemas.Dataset, names names) *sheetForm {
	f := &sheetForm{columns: d.Columns(), names: names, obs: columnOf(d, "obs_status"), conf: columnOf(d, "conf_status")}
	for _, c := range f.columns {
		f.named = append(f.named, named(d, c))
	}
	return f
}

// cells are the cells of a row, none of them empty. They are used again for the
// next row.
func (f *sheetForm) cells(values []any) []any {
	f.out = f.out[:0]
	for i, v := range values {
		f.out = append(f.out, f.shown(values, i, v))
		if f.named[i] {
			n := f.names.of(f.columns[i].Name, v.(string))
			f.out = append(f.out, orNone(n.ja), orNone(n.en))
		}
	}
	return f.out
}

// shown is a value, or the symbol that stands for there being none.
func (f *sheetForm) shown(values []any, i int, v any) any {
	switch v := v.(type) {
	case string:
		return orNone(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return symbolNotEstimable
		}
	case nil:
		if f.columns[i].Role != "measure" || f.conf < 0 {
			return symbolNone
		}
		switch {
		case values[f.conf] == schemas.Withheld:
			return symbolWithheld
		case values[f.obs] == schemas.NotEstimable:
			return symbolNotEstimable
		}
		return symbolNone
	}
	return v
}

func orNone(s string) string {
	if s == "" {
		return symbolNone
	}
	return s
}

// repack writes the parts of a zip file in the order of their names, for
// excelize writes streamed sheets in the order of a map. Compressed bytes are
// copied; no part has a time.
func repack(w io.Writer, packed []byte) error {
	in, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range in.File {
		raw, err := part.OpenRaw()
		if err != nil {
			return err
		}
		head := part.FileHeader
		to, err := out.CreateRaw(&head)
		if err != nil {
			return err
		}
		if _, err := io.Copy(to, raw); err != nil {
			return err
		}
	}
	return out.Close()
}
