package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// parquetReader reads Parquet of any shape as text: dates YYYY-MM-DD, instants
// YYYY-MM-DD HH:MM:SS on the clock of their zone (UTC with a Z), decimals and
// numbers as digits, a list joined by ";", a struct as columns outer.inner.
// A record's line is its number, from 1.
type parquetReader struct {
	in      *input
	content []byte // of a compressed file, otherwise read from disk
	names   []string
}

// openParquet reads the schema.
func (f *File) openParquet(in *input) (err error) {
	r := &parquetReader{in: in}
	if in.compression != "" {
		if r.content, err = in.all(); err != nil {
			return err
		}
	}
	p, err := r.open()
	if err != nil {
		return err
	}
	defer p.Close()
	if p.rows == 0 {
		return in.headerOnly()
	}
	r.names = columnNames("", p.schema.Fields())
	f.Format.Kind, f.Header, f.reader = Parquet, r.names, r
	return nil
}

// parquetPass is one reading of the file.
type parquetPass struct {
	reader *file.Reader
	arrow  *pqarrow.FileReader
	schema *arrow.Schema
	rows   int64
	meter  *meter
}

// batchMax is the memory that reading one batch may ask for: a few bytes of a
// dictionary can stand for any number of long values.
const batchMax = 512 << 20

var errBatchLarge = errors.New("a batch of records is too large")

// meter gives memory until a batch has had too much.
type meter struct {
	memory.GoAllocator
	given int
}

// Allocate gives size bytes.
func (m *meter) Allocate(size int) []byte {
	m.take(size)
	return m.GoAllocator.Allocate(size)
}

// Reallocate gives size bytes in place of those of b.
func (m *meter) Reallocate(size int, b []byte) []byte {
	m.take(size - len(b))
	return m.GoAllocator.Reallocate(size, b)
}

// take counts what is given, in the order of the file alone: what is given
// back depends on how far the workers are.
func (m *meter) take(size int) {
	if m.given += max(0, size); m.given > batchMax {
		panic(errBatchLarge)
	}
}

func (p *parquetPass) Close() error { return p.reader.Close() }

// open starts a pass. The library panics on some damaged files.
func (r *parquetReader) open() (p *parquetPass, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = r.damaged(caught)
		}
	}()
	var src pq.ReaderAtSeeker = bytes.NewReader(r.content)
	if r.content == nil {
		f, err := os.Open(r.in.path)
		if err != nil {
			return nil, r.in.unreadable(err)
		}
		src = f
	}
	p = &parquetPass{meter: &meter{}}
	props := pq.NewReaderProperties(p.meter)
	props.BufferedStreamEnabled = true // a page at a time, not a whole row group
	if p.reader, err = file.NewParquetReader(src, file.WithReadProps(props)); err != nil {
		if closer, ok := src.(io.Closer); ok {
			closer.Close()
		}
		return nil, r.damaged(err)
	}
	p.arrow, err = pqarrow.NewFileReader(p.reader, pqarrow.ArrowReadProperties{BatchSize: rowsPerChunk}, p.meter)
	if err == nil {
		p.schema, err = p.arrow.Schema()
	}
	if err != nil {
		p.Close()
		return nil, r.damaged(err)
	}
	p.rows = p.reader.NumRows()
	return p, nil
}

func (r *parquetReader) damaged(cause any) *Refusal {
	if err, ok := cause.(error); ok && errors.Is(err, errBatchLarge) {
		return r.in.tooLarge(batchMax)
	}
	return r.in.refuse(Unreadable, text("Parquetとして読めません。", fmt.Sprintf("the Parquet data cannot be read (%v).", cause)),
		text("送り直してもらうか、もう一度書き出してください。", "Fetch or export the file again."))
}

func (r *parquetReader) close() error { return nil }

func (r *parquetReader) chunks(columns []int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		p, err := r.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer p.Close()
		records, err := p.arrow.GetRecordReader(context.Background(), nil, nil)
		if err != nil {
			yield(nil, r.damaged(err))
			return
		}
		defer records.Release()
		for done := int64(0); ; {
			p.meter.given = 0
			record, err := r.next(records)
			if errors.Is(err, io.EOF) || err == nil && record == nil {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			record.Retain()
			c := &parquetChunk{r: r, record: record, columns: columns, first: done}
			before := r.in.size * done / p.rows
			done += record.NumRows()
			c.bytes = r.in.size*done/p.rows - before
			if !yield(c, nil) {
				return
			}
		}
	}
}

// next reads a record batch; damaged pages make the library panic.
func (r *parquetReader) next(records pqarrow.RecordReader) (record arrow.RecordBatch, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = r.damaged(caught)
		}
	}()
	if !records.Next() {
		if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
			return nil, r.damaged(err)
		}
		return nil, io.EOF
	}
	return records.RecordBatch(), nil
}

// parquetChunk is a run of records.
type parquetChunk struct {
	r       *parquetReader
	record  arrow.RecordBatch
	columns []int
	first   int64
	bytes   int64
}

// Parse writes the values as text.
func (c *parquetChunk) Parse() (Batch, error) {
	defer c.record.Release()
	var columns []textOf
	for i, field := range c.record.Schema().Fields() {
		columns = append(columns, textsOfArray(field.Type, c.record.Column(i))...)
	}
	n := int(c.record.NumRows())
	rows := newRowsParser(chosen(c.r.names, c.columns), c.columns, n)
	row := make([]cell, len(columns))
	for i := range n {
		for k, column := range columns {
			row[k] = column(i)
		}
		rows.add(row, lineNumber(int(c.first)+i+1), "")
	}
	batch := rows.batch()
	batch.Bytes = c.bytes
	return batch, nil
}

// columnNames flattens structs.
func columnNames(prefix string, fields []arrow.Field) (names []string) {
	for _, field := range fields {
		if s, ok := field.Type.(*arrow.StructType); ok {
			names = append(names, columnNames(prefix+field.Name+".", s.Fields())...)
			continue
		}
		names = append(names, prefix+field.Name)
	}
	return names
}

// textOf gives the text of a row of a column.
type textOf func(row int) cell

// textsOfArray gives a column's text, or those of a struct's columns.
func textsOfArray(t arrow.DataType, values arrow.Array) []textOf {
	s, ok := t.(*arrow.StructType)
	if !ok {
		return []textOf{orNull(values, textOfArray(values))}
	}
	var columns []textOf
	for i, field := range s.Fields() {
		for _, column := range textsOfArray(field.Type, values.(*array.Struct).Field(i)) {
			columns = append(columns, orNull(values, column))
		}
	}
	return columns
}

func orNull(values arrow.Array, inner textOf) textOf {
	return func(row int) cell {
		if values.IsNull(row) {
			return cell{null: true}
		}
		return inner(row)
	}
}

// textOfArray gives the text of values that are not null.
func textOfArray(values arrow.Array) textOf {
	switch v := values.(type) {
	case *array.String:
		return func(row int) cell { return cell{text: v.Value(row)} }
	case *array.LargeString:
		return func(row int) cell { return cell{text: v.Value(row)} }
	case *array.Binary:
		return func(row int) cell { return cell{text: strings.ToValidUTF8(string(v.Value(row)), string(replacement))} }
	case *array.Date32:
		return func(row int) cell { return cell{text: v.Value(row).ToTime().Format(time.DateOnly)} }
	case *array.Date64:
		return func(row int) cell { return cell{text: v.Value(row).ToTime().Format(time.DateOnly)} }
	case *array.Timestamp:
		return textOfTimestamp(v)
	case *array.Decimal128:
		scale := v.DataType().(*arrow.Decimal128Type).Scale
		return func(row int) cell { return cell{text: v.Value(row).ToString(scale)} }
	case *array.Dictionary:
		words := textOfArray(v.Dictionary())
		return func(row int) cell { return words(v.GetValueIndex(row)) }
	case array.ListLike:
		return textOfList(v)
	}
	return func(row int) cell { return cell{text: values.ValueStr(row)} }
}

// textOfTimestamp writes the clock of the column's zone. UTC, in which tools
// store instants whatever the zone they were taken in, is marked with a Z.
func textOfTimestamp(v *array.Timestamp) textOf {
	t := v.DataType().(*arrow.TimestampType)
	zone, layout := time.UTC, "2006-01-02 15:04:05.999999999"
	if t.TimeZone != "" {
		if found, err := t.GetZone(); err == nil && found.String() != "UTC" {
			zone = found
		} else {
			layout += "Z"
		}
	}
	return func(row int) cell { return cell{text: v.Value(row).ToTime(t.Unit).In(zone).Format(layout)} }
}

func textOfList(v array.ListLike) textOf {
	inner := v.ListValues()
	element := orNull(inner, textOfArray(inner))
	return func(row int) cell {
		start, end := v.ValueOffsets(row)
		parts := make([]string, 0, end-start)
		for i := start; i < end; i++ {
			parts = append(parts, element(int(i)).text)
		}
		return cell{text: strings.Join(parts, ";")}
	}
}
