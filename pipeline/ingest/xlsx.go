package ingest

import (
	"bytes"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

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
	return f.openSheet(in, XLSX, xlsxBook{book, in.size}, hint)
}

func (in *input) refuseWorkbook(err error) *Refusal {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return in.tooLarge(memoryMax)
	}
	return in.refuse(Unreadable, text("Excelブックとして読めません。", fmt.Sprintf("the workbook cannot be read (%v).", err)),
		text("Excelで開いて保存し直してください。", "Open it in Excel and save it again."))
}

// xlsxBook is an open workbook, and its size as a file.
type xlsxBook struct {
	file *excelize.File
	size int64
}

func (b xlsxBook) sheets() []string { return b.file.GetSheetList() }

func (b xlsxBook) close() error { return b.file.Close() }

// rows yields the rows of the sheet that hold text, with their numbers.
func (b xlsxBook) rows(sheet string, err *error) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		rows, e := b.file.Rows(sheet)
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

// mergedMax is the size of a workbook beyond which merged cells are not looked
// for: they stand behind all rows, and finding them takes all of them into memory.
const mergedMax = 8 << 20

// spans says whether a cell of a row is merged with others to its right.
func (b xlsxBook) spans(sheet string, line int) bool {
	if b.size > mergedMax {
		return false
	}
	ranges, err := b.file.GetMergeCells(sheet)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(ranges, func(m excelize.MergeCell) bool {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		right, _, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		return err == nil && err2 == nil && top == line && right > left
	})
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
