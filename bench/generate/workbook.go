package generate

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// workbookBytes is the most a row of a workbook takes.
const workbookBytes = 250

// numbers are the columns that a workbook holds as numbers: persons.
var numbers = map[int]bool{17: true, 18: true}

// WriteWorkbook writes the rows as an Excel workbook of one sheet. Every text is
// one of its own among those that cells share, as though none occurred twice:
// Excel would share more, and a reader then has less to keep.
func (w World) WriteWorkbook(path string) (err error) {
	if err := makeRoom(filepath.Dir(path), w.Rows*workbookBytes); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	book := zip.NewWriter(f)
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"[Content_Types].xml", constant(contentTypes)},
		{"xl/workbook.xml", constant(workbookXML)},
		{"xl/_rels/workbook.xml.rels", constant(relations)},
		{"xl/worksheets/sheet1.xml", w.writeSheet},
		{"xl/sharedStrings.xml", w.writeTexts},
	} {
		out, err := book.Create(part.name)
		if err == nil {
			err = part.write(out)
		}
		if err != nil {
			return err
		}
	}
	return book.Close()
}

const (
	declaration  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	contentTypes = declaration + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`
	workbookXML  = declaration + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="予約" sheetId="1" r:id="rId1"/></sheets></workbook>`
	relations    = declaration + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	sheetStart   = declaration + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	textsStart   = declaration + `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
)

func constant(text string) func(io.Writer) error {
	return func(out io.Writer) error { _, err := io.WriteString(out, text); return err }
}

// writeSheet writes the cells, which name their texts by number.
func (w World) writeSheet(out io.Writer) error {
	text := 0
	return w.eachRow(out, sheetStart, "</sheetData></worksheet>", func(b []byte, i int64, cells [][]byte) []byte {
		row := strconv.FormatInt(i+2, 10)
		b = append(append(append(b, `<row r="`...), row...), `">`...)
		for k, cell := range cells {
			if len(cell) == 0 {
				continue
			}
			b = append(append(append(b, `<c r="`...), 'A'+byte(k)), row...)
			if i >= 0 && numbers[k] {
				b = append(append(b, `"><v>`...), cell...)
			} else {
				b = strconv.AppendInt(append(b, `" t="s"><v>`...), int64(text), 10)
				text++
			}
			b = append(b, "</v></c>"...)
		}
		return append(b, "</row>"...)
	})
}

// writeTexts writes the texts in the order in which the cells name them.
func (w World) writeTexts(out io.Writer) error {
	return w.eachRow(out, textsStart, "</sst>", func(b []byte, i int64, cells [][]byte) []byte {
		for k, cell := range cells {
			if len(cell) > 0 && (i < 0 || !numbers[k]) {
				b = append(append(append(b, "<si><t>"...), cell...), "</t></si>"...)
			}
		}
		return b
	})
}

// eachRow writes what add makes of the cells of each row, the header being row −1.
func (w World) eachRow(out io.Writer, start, end string, add func(b []byte, i int64, cells [][]byte) []byte) error {
	const block = 1 << 20
	b, line := []byte(start), appendHeader(nil, UTF8)
	for i := int64(-1); i < w.Rows; i++ {
		if i >= 0 {
			line = w.appendRow(line[:0], UTF8, i)
		}
		cells := bytes.Split(bytes.TrimSuffix(line, []byte("\r\n")), []byte{','})
		if len(cells) != len(Header) {
			return fmt.Errorf("row %d has %d cells, want %d", i, len(cells), len(Header))
		}
		if b = add(b, i, cells); len(b) >= block {
			if _, err := out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := out.Write(append(b, end...))
	return err
}
