package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"strconv"
	"strings"
)

// mergedMax is the size of a workbook beyond which merged cells are not looked
// for: they stand behind all rows, and finding them takes a pass over all of them.
const mergedMax = 8 << 20

// openXLSX opens the workbook and finds the sheet and its header. Its parts are
// read as they come: a sheet is never held in memory, nor written to disk in
// the clear (see docs/decisions/0028-limits-of-inputs.md).
func (f *File) openXLSX(in *input, hint Hint) error {
	book, err := openXLSXBook(in)
	if err != nil {
		return in.refuseWorkbook(err)
	}
	return f.openSheet(in, XLSX, book, hint)
}

// refuseWorkbook is the refusal for an error of a workbook; a refusal stays itself.
func (in *input) refuseWorkbook(err error) error {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return err
	case errors.Is(err, errCellLarge):
		return in.cellTooLarge(0)
	case errors.Is(err, errStrings):
		return in.tooLarge(stringsMax)
	case errors.Is(err, errPartLarge):
		return in.tooLarge(partMax)
	}
	return in.refuse(Unreadable, text("Excelブックとして読めません。", fmt.Sprintf("the workbook cannot be read (%v).", withoutText(err))),
		text("Excelで開いて保存し直してください。", "Open it in Excel and save it again."))
}

// xlsxBook is an open workbook (ECMA-376 part 1, SpreadsheetML).
type xlsxBook struct {
	in      *input
	closer  io.Closer // of the file, where it is read from disk
	parts   map[string]*zip.File
	names   []string
	paths   map[string]string       // of the sheets, by name
	strings *sharedStrings          // read when the first sheet is
	merged  map[string]map[int]bool // by sheet, the rows with cells merged to the right
	cellFormats
}

// openXLSXBook reads what stands around the sheets.
func openXLSXBook(in *input) (*xlsxBook, error) {
	b := &xlsxBook{in: in, parts: map[string]*zip.File{}, paths: map[string]string{}, merged: map[string]map[int]bool{}}
	archive, err := b.archive()
	if err == nil {
		for _, m := range archive.File {
			b.parts[partName(m.Name)] = m
		}
		if err = b.readSheets(); err == nil {
			err = b.readStyles()
		}
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// archive opens the file itself, or the memory it was unpacked into.
func (b *xlsxBook) archive() (*zip.Reader, error) {
	if b.in.compression != "" {
		content, err := b.in.all()
		if err != nil {
			return nil, err
		}
		return b.in.newZip(bytes.NewReader(content), int64(len(content)))
	}
	file, err := os.Open(b.in.path)
	if err != nil {
		return nil, b.in.unreadable(err)
	}
	b.closer = file
	return b.in.newZip(file, b.in.size)
}

// partName makes names of parts comparable: some programs write them with
// other cases and strokes.
func partName(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), "/")
}

func (b *xlsxBook) sheets() []string { return b.names }

func (b *xlsxBook) close() error {
	if b.closer == nil {
		return nil
	}
	return b.closer.Close()
}

// readSheets reads the names of the sheets and where they are.
func (b *xlsxBook) readSheets() error {
	targets := map[string]string{}
	err := b.elements("xl/_rels/workbook.xml.rels", func(_ string, e xml.StartElement) {
		if e.Name.Local == "Relationship" && strings.HasSuffix(attribute(e, "Type"), "/worksheet") {
			targets[attribute(e, "Id")] = attribute(e, "Target")
		}
	})
	if err != nil {
		return err
	}
	return b.elements("xl/workbook.xml", func(_ string, e xml.StartElement) {
		name := attribute(e, "name")
		target, found := targets[attribute(e, "id")]
		switch {
		case e.Name.Local == "workbookPr" && yes(attribute(e, "date1904")):
			b.date1904 = true
		case e.Name.Local != "sheet" || !found || b.paths[name] != "":
		case strings.HasPrefix(target, "/"):
			b.names, b.paths[name] = append(b.names, name), partName(target)
		default:
			b.names, b.paths[name] = append(b.names, name), partName(path.Join("xl", target))
		}
	})
}

// formatsMax is more than the cell formats that Excel allows, 65,490.
const formatsMax = 1 << 16

// readStyles reads what the number formats of the cells make of numbers.
func (b *xlsxBook) readStyles() error {
	if b.parts["xl/styles.xml"] == nil {
		return nil // every cell is as stored
	}
	own, formats := map[int]string{}, []int(nil)
	err := b.elements("xl/styles.xml", func(parent string, e xml.StartElement) {
		id, _ := strconv.Atoi(attribute(e, "numFmtId"))
		switch {
		case parent == "numFmts" && e.Name.Local == "numFmt" && len(own) < formatsMax:
			own[id] = attribute(e, "formatCode")
		case parent == "cellXfs" && e.Name.Local == "xf" && len(formats) < formatsMax:
			formats = append(formats, id)
		}
	})
	for _, id := range formats {
		b.kinds = append(b.kinds, isoFormat(id, own[id]))
	}
	return err
}

// rows yields the rows of the sheet that hold text, with their numbers.
func (b *xlsxBook) rows(sheet string, err *error) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		*err = b.eachRow(sheet, yield)
	}
}

// eachRow gives the rows of a sheet until it is told to stop.
func (b *xlsxBook) eachRow(sheet string, yield func(int, []string) bool) error {
	if b.strings == nil {
		var err error
		if b.strings, err = b.readStrings(stringsMax); err != nil {
			return err
		}
	}
	part, err := b.open(b.paths[sheet])
	if err != nil {
		return err
	}
	defer part.close()
	rows := sheetRows{xlsxPart: part, book: b}
	for {
		line, row, err := rows.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return rows.failed(err)
		case filled(row) > 0 && !yield(line, row):
			return nil
		}
	}
}

// spans says whether a cell of a row is merged with others to its right.
func (b *xlsxBook) spans(sheet string, line int) bool {
	if b.in.size > mergedMax {
		return false
	}
	if b.merged[sheet] == nil {
		rows := map[int]bool{}
		b.merged[sheet] = rows
		// What is wrong with the sheet is said when its rows are read.
		_ = b.elements(b.paths[sheet], func(_ string, e xml.StartElement) {
			if start, end, ok := strings.Cut(attribute(e, "ref"), ":"); ok && e.Name.Local == "mergeCell" {
				top, left := cellReference(start)
				if _, right := cellReference(end); right > left {
					rows[top] = true
				}
			}
		})
	}
	return b.merged[sheet][line]
}
