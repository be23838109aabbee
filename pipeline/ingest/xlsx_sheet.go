package ingest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errNoString  = errors.New("a cell names a text that is not there")
	errReference = errors.New("a cell stands nowhere")
)

// sheetRows reads the rows of a sheet of a workbook.
type sheetRows struct {
	*xlsxPart
	book   *xlsxBook
	line   int // number of the row read last
	column int // number of the cell read last in it
	cells  []string
}

// next gives the next row, without empty cells at its end, or io.EOF behind the
// whole of the sheet. The row is good until the next: one filled cell in the
// last column makes it 16,384 texts long.
func (s *sheetRows) next() (int, []string, error) {
	for {
		s.allow()
		t, err := s.token()
		if err != nil {
			return 0, nil, err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "row" {
			row, err := s.row(e)
			return s.line, row, err
		}
	}
}

// failed is the error of a sheet with the row where it occurred.
func (s *sheetRows) failed(err error) error {
	if errors.Is(err, errCellLarge) {
		return s.in.cellTooLarge(s.line)
	}
	return err
}

// row reads the cells of a row. Rows and cells without a number follow the one before.
func (s *sheetRows) row(start xml.StartElement) ([]string, error) {
	s.line, s.column = s.line+1, 0
	if n, err := strconv.Atoi(attribute(start, "r")); err == nil && n > 0 {
		s.line = n
	}
	row := s.cells[:0]
	for depth := s.depth; s.depth >= depth; {
		s.allow()
		t, err := s.token()
		if err != nil {
			return nil, err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local != "c" {
			if err := s.skip(); err != nil {
				return nil, err
			}
			continue
		}
		value, err := s.cell(e)
		if err != nil {
			return nil, err
		}
		if value == "" {
			continue
		}
		for len(row) < s.column {
			row = append(row, "")
		}
		row[s.column-1] = value
	}
	s.cells = row
	return row, nil
}

// cell reads a cell and notes its column.
func (s *sheetRows) cell(c xml.StartElement) (value string, err error) {
	kind, style, at := "", 0, ""
	for _, a := range c.Attr {
		switch a.Name.Local {
		case "t":
			kind = a.Value
		case "s":
			style, _ = strconv.Atoi(a.Value)
		case "r":
			at = a.Value
		}
	}
	s.column++
	if at != "" {
		_, s.column = cellReference(at)
	}
	switch {
	case s.column == 0:
		return "", errReference
	case s.column > maxColumns:
		return "", s.in.tooManyColumns(s.line, s.column)
	}
	for depth := s.depth; s.depth >= depth; {
		t, err := s.token()
		if err != nil {
			return "", err
		}
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "v":
			value, err = s.text()
		case e.Name.Local == "is":
			value, err = s.richText()
		default:
			err = s.skip()
		}
		if err != nil {
			return "", err
		}
	}
	return s.book.value(kind, style, value)
}

// value is the text of a cell of a kind (ECMA-376 part 1, 18.18.11).
func (b *xlsxBook) value(kind string, style int, v string) (string, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(v)
		if v == "" {
			return "", nil
		}
		text, ok := b.strings.at(i)
		if err != nil || !ok {
			return "", errNoString
		}
		return text, nil
	case "b":
		if v == "" {
			return "", nil
		}
		return strings.ToUpper(strconv.FormatBool(yes(v))), nil
	case "", "n":
		if x, err := strconv.ParseFloat(v, 64); err == nil && strings.Trim(v, "+-.0123456789eE") == "" {
			return b.number(x, style), nil
		}
	}
	return unescaped(v), nil
}

// cellReference reads the place of a cell such as XFD12; 0 for a part that is
// not there or beyond all sheets.
func cellReference(at string) (row, column int) {
	for at != "" && (at[0]|0x20) >= 'a' && (at[0]|0x20) <= 'z' && column <= maxColumns {
		column = 26*column + int(at[0]|0x20-'a') + 1
		at = at[1:]
	}
	row, err := strconv.Atoi(at)
	if err != nil || row < 1 {
		return 0, column
	}
	return row, column
}

// maxColumns is the number of columns of a table: that of an Excel sheet.
const maxColumns = 16_384

func (in *input) tooManyColumns(line, n int) *Refusal {
	r := in.refuse(TooManyColumns,
		text(fmt.Sprintf("列が%d以上あります。", n), fmt.Sprintf("a table of %d columns or more.", n)),
		text("区切り文字と改行を確かめ、必要な列だけを書き出してください。", "Check its delimiter and line ends, and export only the columns that are needed."))
	r.Line, r.Wanted = line, text(fmt.Sprintf("%d列まで読めます。", maxColumns), fmt.Sprintf("At most %d are read.", maxColumns))
	return r
}

// escape is a character that XML cannot hold, as Excel writes it: _x000D_.
var escape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescaped puts the characters in place of what Excel wrote for them.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 16)
		if r := rune(n); !utf16.IsSurrogate(r) {
			return string(r)
		}
		return string(utf8.RuneError)
	})
}
