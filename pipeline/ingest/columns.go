package ingest

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/zeebo/xxh3"
)

// textColumn is an Arrow text column in the making: the text of all rows one
// after another, and where each begins. Arrow's own builder costs a call with
// checks per value, four times as much.
type textColumn struct {
	offsets  []int32
	data     []byte
	valid    []byte // bitmap, nil while no row is null
	nulls    int
	replaced int64
	cp932    *cp932 // decoder, nil for UTF-8
}

// newTextColumn makes a column for at most rows rows and about size bytes.
func newTextColumn(rows, size int, isCP932 bool) *textColumn {
	t := &textColumn{offsets: make([]int32, rows+1), data: make([]byte, 0, size)}
	if isCP932 {
		t.cp932 = cp932Table()
	}
	return t
}

// append adds the bytes of the field of row.
func (t *textColumn) append(row int, field []byte) {
	if t.cp932 == nil || isASCII(field) {
		t.data = append(t.data, field...)
	} else {
		var replaced int64
		t.data, replaced = t.cp932.appendText(t.data, field)
		t.replaced += replaced
	}
	t.offsets[row+1] = int32(len(t.data))
}

// appendString adds text that is valid UTF-8.
func (t *textColumn) appendString(row int, s string) {
	t.data = append(t.data, s...)
	t.offsets[row+1] = int32(len(t.data))
}

// appendNull adds a row that has no such field.
func (t *textColumn) appendNull(row int) {
	if t.valid == nil {
		t.valid = bytes.Repeat([]byte{0xFF}, (len(t.offsets)+6)/8)
	}
	t.valid[row/8] &^= 1 << (row % 8)
	t.nulls++
	t.offsets[row+1] = int32(len(t.data))
}

// isASCII looks at eight bytes at a time.
func isASCII(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&high != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var (
	utf8BOM         = []byte("\xEF\xBB\xBF")
	utf8Replacement = []byte(string(replacement))
	textType        = arrow.BinaryTypes.String
)

// validate makes UTF-8 text valid, and counts the U+FFFD in it, those the
// supplier's own tools left included. CP932 was counted when it was decoded.
func (t *textColumn) validate(rows int) {
	if t.cp932 != nil {
		return
	}
	if !t.validUTF8(rows) {
		t.repair(rows)
	}
	t.replaced += int64(bytes.Count(t.data, utf8Replacement))
}

// repair puts U+FFFD for every byte that is not part of a character.
func (t *textColumn) repair(rows int) {
	repaired := make([]byte, 0, len(t.data)+len(t.data)/8)
	start := int32(0)
	for row := range rows {
		end := t.offsets[row+1]
		for _, r := range string(t.data[start:end]) {
			repaired = utf8.AppendRune(repaired, r)
		}
		t.offsets[row+1] = int32(len(repaired))
		start = end
	}
	t.data = repaired
}

// array is the column as an Arrow array of its first rows.
func (t *textColumn) array(rows int) arrow.Array {
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(t.offsets[:rows+1])), memory.NewBufferBytes(t.data)}
	if t.nulls > 0 {
		buffers[0] = memory.NewBufferBytes(t.valid)
	}
	data := array.NewData(textType, rows, buffers, nil, t.nulls, 0)
	defer data.Release()
	return array.NewStringData(data)
}

// textTable is what a batch has beside its columns.
type textTable struct {
	rows     int
	lines    []int32
	digests  []uint64
	faults   []Fault
	replaced int64
}

func (t *textTable) init(rows int) {
	t.lines = make([]int32, 0, rows)
	t.digests = make([]uint64, 0, rows)
}

// add ends a row; the reason of its fault is "" for a sound one.
func (t *textTable) add(line int32, digest uint64, fault Fault) {
	if fault.Reason != "" {
		fault.Row, fault.Line = t.rows, line
		t.faults = append(t.faults, fault)
	}
	t.lines = append(t.lines, line)
	t.digests = append(t.digests, digest)
	t.rows++
}

// batch puts columns and the rest together. A column may stand twice.
func (t *textTable) batch(names []string, columns []*textColumn) Batch {
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: names[i], Type: textType, Nullable: true}
		arrays[i] = c.array(t.rows)
		defer arrays[i].Release()
	}
	record := array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, int64(t.rows))
	return Batch{Record: record, Lines: t.lines, Digests: t.digests, Faults: t.faults, Replaced: t.replaced}
}

// cell is a field of a format that has no bytes of its own: text or null.
type cell struct {
	text string
	null bool
}

// digestCells stands for the record's bytes where there are none.
func digestCells(cells []cell) uint64 {
	var h xxh3.Hasher
	for _, c := range cells {
		if c.null {
			h.Write([]byte{0})
		}
		h.WriteString(c.text)
		h.Write([]byte{'\x1f'})
	}
	return h.Sum64()
}
