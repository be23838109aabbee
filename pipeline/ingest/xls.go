package ingest

import (
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"unicode/utf16"
)

// xlsCells is how many cells and rows a workbook of the old format may have up
// to its filled cells, all sheets together: about those of one full sheet.
const xlsCells = 1 << 24

// lastColumn is IV, beyond which the format has no columns.
const lastColumn = 255

// Records of a workbook, by their numbers (MS-XLS 2.3).
const (
	xlsFormula  = 0x0006
	xlsEOF      = 0x000A
	xlsDateMode = 0x0022
	xlsFilePass = 0x002F
	xlsContinue = 0x003C
	xlsSheet    = 0x0085
	xlsMulRK    = 0x00BD
	xlsRString  = 0x00D6
	xlsXF       = 0x00E0
	xlsMerged   = 0x00E5
	xlsSST      = 0x00FC
	xlsLabelSST = 0x00FD
	xlsNumber   = 0x0203
	xlsLabel    = 0x0204
	xlsBoolErr  = 0x0205
	xlsString   = 0x0207
	xlsRK       = 0x027E
	xlsFormat   = 0x041E
	xlsBOF      = 0x0809
)

var (
	errXLS          = errors.New("the records of the workbook contradict each other")
	errXLSVersion   = errors.New("the workbook is older than Excel 97")
	errXLSProtected = errors.New("the workbook is encrypted")
	errXLSCells     = errors.New("the workbook has more cells than a sheet can hold")
)

// openXLS reads a workbook of Excel 97 to 2003.
func (f *File) openXLS(in *input, head []byte, hint Hint) error {
	if isEncryptedOLE(head) {
		return in.encrypted()
	}
	content, err := in.all()
	if err != nil {
		return err
	}
	container, err := openOLE(content)
	if err != nil {
		return in.refuseWorkbook(err)
	}
	stream, err := container.stream("Workbook", "Book")
	if err != nil {
		return in.legacyExcel() // something else of Office
	}
	book, err := readXLS(stream)
	switch {
	case errors.Is(err, errXLSProtected):
		return in.encrypted()
	case errors.Is(err, errXLSVersion):
		return in.legacyExcel()
	case err != nil:
		return in.refuseWorkbook(err)
	}
	return f.openSheet(in, XLS, book, hint)
}

// xlsBook is a workbook of the old format (BIFF8).
type xlsBook struct {
	names   []string
	tables  []xlsTable
	strings []string
	own     map[int]string
	numbers []int // of each cell format, the number format
	cells   int   // of all sheets so far
	cellFormats
}

// xlsTable is a sheet: its rows, from 0, and the rows with cells merged to the right.
type xlsTable struct {
	rows   [][]string
	merged map[int]bool
	cells  int // of it and the sheets before
}

func (b *xlsBook) sheets() []string { return b.names }

func (b *xlsBook) close() error { return nil }

func (b *xlsBook) table(sheet string) xlsTable {
	for i, name := range b.names {
		if name == sheet {
			return b.tables[i]
		}
	}
	return xlsTable{}
}

func (b *xlsBook) spans(sheet string, line int) bool { return b.table(sheet).merged[line-1] }

func (b *xlsBook) rows(sheet string, _ *error) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for i, row := range b.table(sheet).rows {
			if filled(row) > 0 && !yield(i+1, row) {
				return
			}
		}
	}
}

// xlsRecord is one record: its number, and its data with those of the records
// that continue it, each apart.
type xlsRecord struct {
	number int
	data   []byte
	more   [][]byte
}

// xlsRecords reads the records of a stream from a position on.
func xlsRecords(stream []byte, at int) iter.Seq2[xlsRecord, error] {
	return func(yield func(xlsRecord, error) bool) {
		for at+4 <= len(stream) {
			r := xlsRecord{number: int(binary.LittleEndian.Uint16(stream[at:]))}
			var ok bool
			if r.data, at, ok = xlsData(stream, at); !ok {
				yield(r, errXLS)
				return
			}
			for at+4 <= len(stream) && binary.LittleEndian.Uint16(stream[at:]) == xlsContinue {
				var part []byte
				if part, at, ok = xlsData(stream, at); !ok {
					yield(r, errXLS)
					return
				}
				r.more = append(r.more, part)
			}
			if !yield(r, nil) {
				return
			}
		}
		yield(xlsRecord{}, errXLS) // every part of a workbook says where it ends
	}
}

func xlsData(stream []byte, at int) (data []byte, next int, ok bool) {
	next = at + 4 + int(binary.LittleEndian.Uint16(stream[at+2:]))
	if next > len(stream) {
		return nil, at, false
	}
	return stream[at+4 : next], next, true
}

// readXLS reads the sheets of a workbook. Records too short for what they are
// make the slices below panic; that is the file's fault.
func readXLS(stream []byte) (b *xlsBook, err error) {
	defer func() {
		switch recover() {
		case nil:
		case errXLSCells:
			b, err = nil, errXLSCells
		default:
			b, err = nil, errXLS
		}
	}()
	b = &xlsBook{own: map[int]string{}}
	var offsets []int
	for r, err := range xlsRecords(stream, 0) {
		if err != nil {
			return nil, err
		}
		if r.number == xlsEOF {
			break
		}
		switch r.number {
		case xlsBOF:
			if binary.LittleEndian.Uint16(r.data) != 0x0600 {
				return nil, errXLSVersion
			}
		case xlsFilePass:
			return nil, errXLSProtected
		case xlsDateMode:
			b.date1904 = binary.LittleEndian.Uint16(r.data) == 1
		case xlsSheet:
			if r.data[5] == 0 { // no chart, no macro
				b.names = append(b.names, (&xlsText{data: r.data[6:]}).short())
				offsets = append(offsets, int(binary.LittleEndian.Uint32(r.data)))
			}
		case xlsSST:
			b.readStrings(r)
		case xlsXF:
			b.numbers = append(b.numbers, int(binary.LittleEndian.Uint16(r.data[2:])))
		case xlsFormat:
			b.own[int(binary.LittleEndian.Uint16(r.data))] = (&xlsText{data: r.data[2:], more: r.more}).long()
		}
	}
	for _, number := range b.numbers {
		b.kinds = append(b.kinds, isoFormat(number, b.own[number]))
	}
	for _, at := range offsets {
		table, err := b.readSheet(stream, at)
		if err != nil {
			return nil, err
		}
		b.tables = append(b.tables, table)
	}
	return b, nil
}

// readStrings reads the texts that the cells of all sheets share.
func (b *xlsBook) readStrings(r xlsRecord) {
	n := int(binary.LittleEndian.Uint32(r.data[4:]))
	t := &xlsText{data: r.data[8:], more: r.more}
	for range n {
		b.strings = append(b.strings, t.long())
	}
}

// readSheet reads the cells of a sheet. Within a sheet lie its charts, which
// are passed over.
func (b *xlsBook) readSheet(stream []byte, at int) (xlsTable, error) {
	t := xlsTable{merged: map[int]bool{}, cells: b.cells}
	depth := 0
	var row, column int // of the formula whose text follows
	for r, err := range xlsRecords(stream, at) {
		if err != nil {
			return t, err
		}
		switch r.number {
		case xlsBOF:
			depth++
		case xlsEOF:
			depth--
		}
		switch {
		case depth == 0:
			b.cells = t.cells
			return t, nil
		case depth > 1:
			continue
		}
		switch r.number {
		case xlsFormula:
			row, column = int(binary.LittleEndian.Uint16(r.data)), int(binary.LittleEndian.Uint16(r.data[2:]))
			t.set(row, column, b.formula(r.data))
		case xlsString:
			t.set(row, column, (&xlsText{data: r.data, more: r.more}).long())
		case xlsMerged:
			t.merge(r.data)
		default:
			b.cell(&t, r)
		}
	}
	return t, errXLS
}

// cell reads a record of one cell, or of several numbers side by side.
func (b *xlsBook) cell(t *xlsTable, r xlsRecord) {
	if len(r.data) < 6 {
		return
	}
	row, column, format := int(binary.LittleEndian.Uint16(r.data)), int(binary.LittleEndian.Uint16(r.data[2:])), int(binary.LittleEndian.Uint16(r.data[4:]))
	switch r.number {
	case xlsLabelSST:
		t.set(row, column, b.strings[binary.LittleEndian.Uint32(r.data[6:])])
	case xlsLabel, xlsRString:
		t.set(row, column, (&xlsText{data: r.data[6:], more: r.more}).long())
	case xlsNumber:
		t.set(row, column, b.number(math.Float64frombits(binary.LittleEndian.Uint64(r.data[6:])), format))
	case xlsRK:
		t.set(row, column, b.number(rkNumber(binary.LittleEndian.Uint32(r.data[6:])), format))
	case xlsBoolErr:
		if r.data[7] == 0 {
			t.set(row, column, yesNoOf(r.data[6]))
		}
	case xlsMulRK:
		for at := 4; at+8 <= len(r.data); at += 6 {
			t.set(row, column, b.number(rkNumber(binary.LittleEndian.Uint32(r.data[at+2:])), int(binary.LittleEndian.Uint16(r.data[at:]))))
			column++
		}
	}
}

// formula is the value that a formula had when the workbook was saved. A text
// follows in a record of its own.
func (b *xlsBook) formula(data []byte) string {
	value := data[6:14]
	if value[6] != 0xFF || value[7] != 0xFF {
		return b.number(math.Float64frombits(binary.LittleEndian.Uint64(value)), int(binary.LittleEndian.Uint16(data[4:])))
	}
	if value[0] == 1 {
		return yesNoOf(value[2])
	}
	return ""
}

func yesNoOf(b byte) string {
	if b == 0 {
		return "FALSE"
	}
	return "TRUE"
}

// set puts a text into a cell.
func (t *xlsTable) set(row, column int, text string) {
	if column > lastColumn {
		panic(errXLS)
	}
	t.cells += max(0, row+1-len(t.rows))
	for len(t.rows) <= row {
		t.rows = append(t.rows, nil)
	}
	if t.cells += max(0, column+1-len(t.rows[row])); t.cells > xlsCells {
		panic(errXLSCells)
	}
	for len(t.rows[row]) <= column {
		t.rows[row] = append(t.rows[row], "")
	}
	t.rows[row][column] = text
}

// merge notes the rows at the top of merged cells that span columns.
func (t *xlsTable) merge(data []byte) {
	for at := 2; at+8 <= len(data); at += 8 {
		if binary.LittleEndian.Uint16(data[at+6:]) > binary.LittleEndian.Uint16(data[at+4:]) {
			t.merged[int(binary.LittleEndian.Uint16(data[at:]))] = true
		}
	}
}

// rkNumber unpacks a number of 30 bits: whole, or the upper part of a floating
// one, and either a hundredfold.
func rkNumber(rk uint32) float64 {
	x := float64(int32(rk) >> 2)
	if rk&2 == 0 {
		x = math.Float64frombits(uint64(rk&^3) << 32)
	}
	if rk&1 != 0 {
		x /= 100
	}
	return x
}

// xlsText reads texts out of the data of a record and of those that continue
// it. Characters may be parted between two of them; the second then says anew
// whether its characters have one byte or two.
type xlsText struct {
	data []byte
	more [][]byte
}

// fill makes the next part of the record the current one where that is used up.
func (t *xlsText) fill() {
	for len(t.data) == 0 && len(t.more) > 0 {
		t.data, t.more = t.more[0], t.more[1:]
	}
}

func (t *xlsText) byte() byte {
	t.fill()
	c := t.data[0]
	t.data = t.data[1:]
	return c
}

func (t *xlsText) uint16() int { low := t.byte(); return int(low) | int(t.byte())<<8 }

// short reads a text whose length is one byte, long one of two bytes' length.
func (t *xlsText) short() string { return t.text(int(t.byte())) }

func (t *xlsText) long() string { return t.text(t.uint16()) }

// text reads a text of n characters. What stands behind it, runs of fonts and
// the reading that Japanese Excel keeps for every name, is passed over.
func (t *xlsText) text(n int) string {
	flags := t.byte()
	skip := 0
	if flags&8 != 0 {
		skip = 4 * t.uint16()
	}
	if flags&4 != 0 {
		low := t.uint16()
		skip += low | t.uint16()<<16
	}
	units := make([]uint16, 0, n)
	for range n {
		if len(t.data) == 0 {
			t.fill()
			flags = t.byte()
		}
		unit := uint16(t.byte())
		if flags&1 != 0 {
			unit |= uint16(t.byte()) << 8
		}
		units = append(units, unit)
	}
	for ; skip > 0; skip-- {
		t.byte()
	}
	return string(utf16.Decode(units))
}
