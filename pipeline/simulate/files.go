package simulate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
)

// layout is how the rows of a file are written.
type layout struct {
	header []string
	// cp932 says that the text is in the code page of Japanese Windows; mark that
	// UTF-8 begins with a byte order mark.
	cp932, mark bool
	// sheet makes the file a workbook: rows are kept as text until all are there.
	sheet bool
}

// page is rows for one file.
type page struct {
	path   string
	layout *layout
	rows   bytes.Buffer // CSV in UTF-8
	writer *csv.Writer
}

// add puts a row on the page of a file.
func (out *part) add(path string, l *layout, row []string) {
	pg := out.pages[path]
	if pg == nil {
		pg = &page{path: path, layout: l}
		pg.writer = newWriter(&pg.rows)
		out.pages[path] = pg
		out.order = append(out.order, path)
	}
	pg.writer.Write(row) // to memory: it cannot fail
}

func newWriter(b *bytes.Buffer) *csv.Writer {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	return w
}

// files are the files of a project while rows are added to them. Few of them need
// to be open: rows wait in memory, and are written when they are many.
type files struct {
	dir     string
	waiting map[string]*bytes.Buffer
	size    int
	begun   map[string]*layout
	// failed is the first error of a file written at the end, told by close.
	failed error
}

// mostWaiting is how many bytes of rows may wait.
const mostWaiting = 64 << 20

func newFiles(dir string) *files {
	return &files{dir: dir, waiting: map[string]*bytes.Buffer{}, begun: map[string]*layout{}}
}

// append adds a page to its file.
func (f *files) append(pg *page) error {
	pg.writer.Flush()
	b := f.waiting[pg.path]
	if b == nil {
		b = &bytes.Buffer{}
		f.waiting[pg.path] = b
	}
	if f.begun[pg.path] == nil {
		f.begun[pg.path] = pg.layout
		if !pg.layout.sheet {
			if pg.layout.mark {
				b.WriteString("\ufeff")
			}
			head := newWriter(b)
			head.Write(pg.layout.header)
			head.Flush()
		}
	}
	b.Write(pg.rows.Bytes())
	f.size += pg.rows.Len()
	if f.size > mostWaiting {
		return f.flush()
	}
	return nil
}

// flush writes what waits.
func (f *files) flush() error {
	paths := make([]string, 0, len(f.waiting))
	for path := range f.waiting {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if err := f.write(path, f.waiting[path].Bytes()); err != nil {
			return err
		}
	}
	clear(f.waiting)
	f.size = 0
	return nil
}

func (f *files) write(path string, rows []byte) error {
	l := f.begun[path]
	if l.cp932 {
		encoded, err := japanese.ShiftJIS.NewEncoder().Bytes(rows)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		rows = encoded
	}
	name := filepath.Join(f.dir, path)
	if l.sheet {
		name += spill
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(rows)
	return errors.Join(err, out.Close())
}

// spill ends the names of rows that wait to be put into a workbook.
const spill = ".rows"

// close writes all rows, and turns those of workbooks into workbooks.
func (f *files) close() error {
	if err := errors.Join(f.failed, f.flush()); err != nil {
		return err
	}
	for path, l := range f.begun {
		if l.sheet {
			if err := workbook(filepath.Join(f.dir, path), l.header); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

// workbook makes an .xlsx file of one sheet of the rows that were spilt beside it.
// Cells of digits are numbers, as a booking site writes them.
func workbook(path string, header []string) error {
	rows, err := os.Open(path + spill)
	if err != nil {
		return err
	}
	defer rows.Close()
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	read := csv.NewReader(rows)
	read.FieldsPerRecord = -1
	record := header
	for line := 1; ; line++ {
		cells := make([]any, len(record))
		for i, text := range record {
			cells[i] = text
			if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '0' && line > 1 {
				cells[i] = n
			}
		}
		if err := sheet.SetRow(fmt.Sprintf("A%d", line), cells); err != nil {
			return err
		}
		if record, err = read.Read(); err != nil {
			break // the end
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	if err := book.SaveAs(path); err != nil {
		return err
	}
	return os.Remove(path + spill)
}
