package ingest

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// workbook is a file of sheets. Cells come as stored, numbers without their
// format, except that a cell with a date format comes as YYYY-MM-DD (with
// HH:MM:SS if it has a time of day) and one with a time format as HH:MM:SS.
type workbook interface {
	sheets() []string
	// rows yields the rows of a sheet that hold text, with their numbers. A row
	// is good until the next.
	rows(sheet string, err *error) iter.Seq2[int, []string]
	// spans says whether a cell of a row is merged with others to its right.
	spans(sheet string, line int) bool
	// since1904 says that day numbers count from 1904.
	since1904() bool
	close() error
}

// sheetReader reads one sheet of a workbook, row by row. A row without any text
// is no record: workbooks often carry thousands of formatted empty rows.
type sheetReader struct {
	in      *input
	book    workbook
	kind    string
	sheet   string
	names   []string
	headers [][]string
	body    int // row of the first record
	// preamble is the lines above the header.
	preamble []string
}

// openSheet opens a sheet of a workbook.
func (f *File) openSheet(in *input, kind string, book workbook, hint Hint) error {
	r := &sheetReader{in: in, book: book, kind: kind}
	if err := r.open(hint, &f.Format); err != nil {
		book.close()
		return err
	}
	f.Header, f.Preamble, f.reader = r.names, r.preamble, r
	return nil
}

// open chooses the sheet and reads the header.
func (r *sheetReader) open(hint Hint, format *Format) error {
	top, err := r.choose(hint)
	if err != nil {
		return err
	}
	found, ok := sniffHeader(top.rows, hint)
	if !ok {
		return r.in.noHeader(top.lines[0])
	}
	if found.rows == 1 && hint.HeaderRows == 0 {
		found = r.merged(top.sample, found)
	}
	last := found.row + found.rows - 1
	if last == len(top.rows)-1 {
		return r.in.headerOnly()
	}
	format.Since1904 = r.book.since1904()
	format.Kind, format.Sheet, format.Preamble, format.HeaderRows = r.kind, r.sheet, top.lines[found.row]-1, found.rows
	r.preamble = preamble(top.rows[:found.row])
	r.names, r.headers, r.body = found.names, top.rows[found.row:last+1], top.lines[last]+1
	return nil
}

// merged is the header of two rows that is laid out by merged cells: a heading
// over several columns, each with a heading of its own below, beside headings
// as high as both. found is one of the two rows; without merged cells it stays.
func (r *sheetReader) merged(top sample, found header) header {
	for _, upper := range []int{found.row - 1, found.row} {
		if upper < 0 || upper+1 >= len(top.rows) || top.lines[upper+1] != top.lines[upper]+1 || !twoRows(top.rows[upper], top.rows[upper+1]) {
			continue
		}
		if r.book.spans(r.sheet, top.lines[upper]) {
			return header{row: upper, rows: 2, names: mergedNames(top.rows[upper], top.rows[upper+1])}
		}
	}
	return found
}

// twoRows says whether two rows could be a header: every column has a heading
// in one of them, some only in the lower, and none is a value.
func twoRows(upper, lower []string) bool {
	below := false
	for i := range upper {
		above := cellAt(upper, i) != ""
		if !above && cellAt(lower, i) == "" {
			return false
		}
		below = below || !above
	}
	return below && filled(lower) > 1 && !slices.ContainsFunc(lower, looksLikeValue)
}

// mergedNames names each column by its own heading, with the one above it where
// two columns would have the same.
func mergedNames(upper, lower []string) []string {
	own, count := make([]string, len(upper)), map[string]int{}
	for i := range own {
		if own[i] = cellAt(lower, i); own[i] == "" {
			own[i] = cellAt(upper, i)
		}
		count[foldHeader(own[i])]++
	}
	names, heading := slices.Clone(own), ""
	for i := range names {
		if above := cellAt(upper, i); above != "" {
			heading = above
		}
		if count[foldHeader(own[i])] > 1 && cellAt(lower, i) != "" {
			names[i] = heading + " / " + own[i]
		}
	}
	return names
}

// leaf is the top of a sheet: its first rows, the names its header has, and how
// far they look like the table that is meant.
type leaf struct {
	sample
	sheet string
	names []string
	score int
}

// choose finds the sheet that is meant and gives its first rows: the one asked
// for, otherwise the one whose header has most of the names wanted, and the
// first of those that hold records where none has any. Two sheets of the same
// columns are refused: the records of one of them would be lost unseen.
func (r *sheetReader) choose(hint Hint) (leaf, error) {
	sheets := r.book.sheets()
	if hint.Sheet != "" && !slices.Contains(sheets, hint.Sheet) {
		return leaf{}, r.in.refuse(NoSuchSheet,
			text(fmt.Sprintf("シート「%s」がありません。あるのは%s。", hint.Sheet, list(sheets, "、")), fmt.Sprintf("no sheet %q; it has %s.", hint.Sheet, list(sheets, ", "))),
			text("シート名を直してください。", "Correct the name of the sheet."))
	}
	best, alike := leaf{}, []string(nil)
	for _, sheet := range sheets {
		if hint.Sheet != "" && sheet != hint.Sheet {
			continue
		}
		top, err := r.top(sheet, hint)
		switch {
		case err != nil:
			return leaf{}, err
		case len(top.rows) == 0:
		case len(best.rows) == 0 || top.score > best.score:
			best, alike = top, []string{sheet}
		case top.score > 0 && slices.Equal(top.names, best.names):
			alike = append(alike, sheet)
		}
	}
	switch {
	case len(best.rows) == 0:
		return leaf{}, r.in.empty()
	case len(alike) > 1:
		return leaf{}, r.in.refuse(SeveralSheets,
			text(fmt.Sprintf("同じ列のシートが%d枚あります：%s。", len(alike), list(alike, "、")), fmt.Sprintf("%d sheets with the same columns: %s.", len(alike), list(alike, ", "))),
			text("一枚ずつ別のファイルにするか、読むシートを kankei.yaml のソースに sheet: で（inspect には --sheet で）書いてください。", "Save each as a file of its own, or name the one to read: sheet of the source in kankei.yaml, --sheet of inspect."))
	}
	r.sheet = best.sheet
	return best, nil
}

// top gives the first rows of a sheet, and how far they look like the table that
// is meant: 0 without a record below a header, otherwise 1 and the number of
// names wanted that the header has.
func (r *sheetReader) top(sheet string, hint Hint) (leaf, error) {
	top := leaf{sheet: sheet}
	var err error
	for line, row := range r.book.rows(sheet, &err) {
		top.rows, top.lines = append(top.rows, slices.Clone(row)), append(top.lines, line)
		if len(top.rows) == 4*headerRows {
			break
		}
	}
	if err != nil {
		return leaf{}, r.in.refuseWorkbook(err)
	}
	if len(top.rows) == 0 {
		return top, nil
	}
	pad(top.rows)
	if found, ok := sniffHeader(top.rows, hint); ok && found.row+found.rows < len(top.rows) {
		_, wanted := bestHeader(top.rows, hint.HeaderMust)
		top.names, top.score = found.names, 1+wanted
	}
	return top, nil
}

// pad gives rows the same width: cells behind the last filled one are not stored.
func pad(rows [][]string) {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	for i, row := range rows {
		rows[i] = append(row, make([]string, width-len(row))...)
	}
}

func (r *sheetReader) close() error { return r.book.close() }

func (r *sheetReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		var err error
		c := r.newChunk(columns)
		cells := 0
		for line, row := range r.book.rows(r.sheet, &err) {
			if line < r.body {
				continue
			}
			if len(c.rows) == rowsPerChunk || cells >= cellsPerChunk {
				if !yield(c, nil) {
					return
				}
				c, cells = r.newChunk(columns), 0
			}
			c.rows, c.lines = append(c.rows, r.cells(row)), append(c.lines, lineNumber(line))
			cells += len(r.names)
		}
		if err != nil {
			yield(nil, r.in.refuseWorkbook(err))
			return
		}
		c.bytes = r.in.size // the rows do not say how far they are in the file
		yield(c, nil)
	}
}

func (r *sheetReader) newChunk(columns []int) *rowsChunk {
	return &rowsChunk{names: chosen(r.names, columns), columns: columns, judge: r.judge}
}

// cells pads a row to the width of the header. Of what stands to the right of
// the header one cell is enough to refuse the row.
func (r *sheetReader) cells(row []string) []cell {
	width := len(r.names)
	cells := make([]cell, width, width+1)
	for i, s := range row[:min(len(row), width)] {
		cells[i].text = strings.TrimSuffix(s, midnight(s))
	}
	if i := slices.IndexFunc(row[min(len(row), width):], func(s string) bool { return trimName(s) != "" }); i >= 0 {
		cells = append(cells, cell{text: row[width+i]})
	}
	return cells
}

// midnight is the time of day of a date without one.
func midnight(s string) string {
	const none = " 00:00:00"
	if len(s) == len("2006-01-02 00:00:00") && strings.HasSuffix(s, none) {
		return none
	}
	return ""
}

func (r *sheetReader) judge(row []cell) string {
	for _, h := range r.headers {
		if sameCells(h, row) {
			return schemas.RepeatedHeader
		}
	}
	if !isEmptyRow(row[len(r.names):]) {
		return schemas.WrongFieldCount
	}
	return ""
}

func sameCells(names []string, row []cell) bool {
	for i, c := range row {
		if cellAt(names, i) != trimName(c.text) {
			return false
		}
	}
	return true
}
