package ingest

import (
	"bytes"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

// xlsxReader reads one sheet of a workbook, row by row. Cells come as stored,
// numbers without their format, except that a cell with a date format comes as
// YYYY-MM-DD (with HH:MM:SS if it has a time of day) and one with a time format
// as HH:MM:SS. A row without any text is no record: workbooks often carry
// thousands of formatted empty rows.
type xlsxReader struct {
	in      *input
	book    *excelize.File
	sheet   string
	names   []string
	headers [][]string
	body    int // row of the first record
}

// openXLSX opens the workbook and finds the sheet and its header.
func (f *File) openXLSX(in *input, hint Hint) error {
	content, err := in.all()
	if err != nil {
		return err
	}
	// Excelize would write large sheets to the temporary folder; what guests
	// wrote must not leave memory.
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: memoryMax, UnzipXMLSizeLimit: memoryMax})
	if err != nil {
		return in.refuseWorkbook(err)
	}
	readDatesAsISO(book)
	r := &xlsxReader{in: in, book: book}
	if err := r.open(hint, &f.Format); err != nil {
		book.Close()
		return err
	}
	f.Header, f.reader = r.names, r
	return nil
}

func (in *input) refuseWorkbook(err error) *Refusal {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return in.tooLarge(memoryMax)
	}
	return in.refuse(Unreadable, text("Excelブックとして読めません。", fmt.Sprintf("the workbook cannot be read (%v).", err)),
		text("Excelで開いて保存し直してください。", "Open it in Excel and save it again."))
}

// open chooses the sheet and reads the header.
func (r *xlsxReader) open(hint Hint, format *Format) error {
	top, err := r.choose(hint.Sheet)
	if err != nil {
		return err
	}
	found, ok := sniffHeader(top.rows, hint)
	if !ok {
		return r.in.noHeader(top.lines[0])
	}
	if found.rows == 1 && hint.HeaderRows == 0 {
		found = r.merged(top, found)
	}
	last := found.row + found.rows - 1
	if last == len(top.rows)-1 {
		return r.in.headerOnly()
	}
	format.Kind, format.Sheet, format.Preamble, format.HeaderRows = XLSX, r.sheet, top.lines[found.row]-1, found.rows
	r.names, r.headers, r.body = found.names, top.rows[found.row:last+1], top.lines[last]+1
	return nil
}

// mergedMax is the size of a workbook beyond which merged cells are not looked
// for: they stand behind all rows, and finding them takes all of them into memory.
const mergedMax = 8 << 20

// merged is the header of two rows that is laid out by merged cells: a heading
// over several columns, each with a heading of its own below, beside headings
// as high as both. found is one of the two rows; without merged cells it stays.
func (r *xlsxReader) merged(top sample, found header) header {
	if r.in.size > mergedMax {
		return found
	}
	for _, upper := range []int{found.row - 1, found.row} {
		if upper < 0 || upper+1 >= len(top.rows) || top.lines[upper+1] != top.lines[upper]+1 || !twoRows(top.rows[upper], top.rows[upper+1]) {
			continue
		}
		if r.spansColumns(top.lines[upper]) {
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

// spansColumns says whether a cell of a row is merged with others to its right.
func (r *xlsxReader) spansColumns(line int) bool {
	ranges, err := r.book.GetMergeCells(r.sheet)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(ranges, func(m excelize.MergeCell) bool {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		right, _, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		return err == nil && err2 == nil && top == line && right > left
	})
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

// choose finds the sheet asked for, or the first that holds text, and gives
// its first rows.
func (r *xlsxReader) choose(want string) (sample, error) {
	sheets := r.book.GetSheetList()
	if want != "" && !slices.Contains(sheets, want) {
		return sample{}, r.in.refuse(NoSuchSheet,
			text(fmt.Sprintf("シート「%s」がありません。あるのは%s。", want, list(sheets, "、")), fmt.Sprintf("no sheet %q; it has %s.", want, list(sheets, ", "))),
			text("シート名を直してください。", "Correct the name of the sheet."))
	}
	for _, sheet := range sheets {
		if want != "" && sheet != want {
			continue
		}
		r.sheet = sheet
		var top sample
		for line, row := range r.walk(new(error)) {
			top.rows, top.lines = append(top.rows, row), append(top.lines, line)
			if len(top.rows) == 4*headerRows {
				break
			}
		}
		if len(top.rows) > 0 {
			pad(top.rows)
			return top, nil
		}
	}
	return sample{}, r.in.empty()
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

// walk yields the rows of the sheet that hold text, with their numbers.
func (r *xlsxReader) walk(err *error) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		rows, e := r.book.Rows(r.sheet)
		if e != nil {
			*err = e
			return
		}
		defer rows.Close()
		for line := 1; rows.Next(); line++ {
			row, e := rows.Columns()
			if e != nil {
				*err = e
				return
			}
			if filled(row) > 0 && !yield(line, row) {
				return
			}
		}
		*err = rows.Error()
	}
}

func (r *xlsxReader) close() error { return r.book.Close() }

func (r *xlsxReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		var err error
		c := r.newChunk(columns)
		for line, row := range r.walk(&err) {
			if line < r.body {
				continue
			}
			if len(c.rows) == rowsPerChunk {
				if !yield(c, nil) {
					return
				}
				c = r.newChunk(columns)
			}
			c.rows, c.lines = append(c.rows, r.cells(row)), append(c.lines, lineNumber(line))
		}
		if err != nil {
			yield(nil, r.in.refuseWorkbook(err))
			return
		}
		c.bytes = r.in.size // the rows do not say how far they are in the file
		yield(c, nil)
	}
}

func (r *xlsxReader) newChunk(columns []int) *rowsChunk {
	return &rowsChunk{names: chosen(r.names, columns), columns: columns, judge: r.judge}
}

// cells pads a row to the width of the header.
func (r *xlsxReader) cells(row []string) []cell {
	cells := make([]cell, max(len(row), len(r.names)))
	for i, s := range row {
		cells[i].text = strings.TrimSuffix(s, midnight(s))
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

func (r *xlsxReader) judge(row []cell) string {
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

// Ids of the number formats that readDatesAsISO puts in place of others. Ids
// from 164 on are the workbook's own; no format has the id plain, so that
// excelize gives the value as stored.
const (
	isoDateID = 60001 + iota
	isoTimeID
	isoElapsedID
	plainID
)

// readDatesAsISO gives every cell style a format without locale: dates ISO
// 8601, everything else as stored. Excel's own formats lose the century
// (5/29/26), the order of day and month, or the era.
func readDatesAsISO(book *excelize.File) {
	if _, err := book.GetStyle(0); err != nil || book.Styles.CellXfs == nil {
		return // no styles: every cell is as stored
	}
	own := map[int]string{}
	if formats := book.Styles.NumFmts; formats != nil {
		for _, format := range formats.NumFmt {
			own[format.NumFmtID] = format.FormatCode
		}
	}
	for i := range book.Styles.CellXfs.Xf {
		xf := &book.Styles.CellXfs.Xf[i]
		id := plainID
		if xf.NumFmtID != nil {
			id = isoFormat(*xf.NumFmtID, own[*xf.NumFmtID])
		}
		xf.NumFmtID = &id
	}
	for id, code := range map[int]string{isoDateID: "yyyy-mm-dd hh:mm:ss", isoTimeID: "hh:mm:ss", isoElapsedID: "[hh]:mm:ss"} {
		style := excelize.Style{CustomNumFmt: &code}
		if n, err := book.NewStyle(&style); err == nil {
			own := book.Styles.CellXfs.Xf[n].NumFmtID
			for _, format := range book.Styles.NumFmts.NumFmt {
				if format.NumFmtID == *own {
					format.NumFmtID = id
				}
			}
		}
	}
}

// isoFormat is the format to use in place of one with an id and, if it is the
// workbook's own, a code. Ids below 164 are fixed by ECMA-376 part 1, 18.8.30;
// 27–36 and 50–58 are the Japanese ones.
func isoFormat(id int, code string) int {
	switch {
	case code != "":
		return isoFormatOf(code)
	case id >= 18 && id <= 21, id == 32, id == 33, id == 45, id == 47:
		return isoTimeID
	case id == 46:
		return isoElapsedID
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return isoDateID
	}
	return plainID
}

var (
	elapsed  = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
	literals = regexp.MustCompile(`(?i)"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|e[+-]|AM/PM|A/P`)
)

// isoFormatOf reads a format code: y, d, g and e (era and its year) make a
// date, h and s a time, m either, depending on its company.
func isoFormatOf(code string) int {
	first, _, _ := strings.Cut(code, ";")
	if elapsed.MatchString(first) {
		return isoElapsedID
	}
	letters := strings.ToLower(literals.ReplaceAllString(first, ""))
	switch {
	case strings.ContainsAny(letters, "ydge"):
		return isoDateID
	case strings.ContainsAny(letters, "hs"):
		return isoTimeID
	case strings.Contains(letters, "m"):
		return isoDateID
	}
	return plainID
}
