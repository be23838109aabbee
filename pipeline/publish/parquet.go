package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/kankei/kankei/schemas"
)

// rowGroup is the most rows of a row group. It is part of the bytes of a file.
const rowGroup = 1 << 18

// pages compresses the pages of all files: an encoder takes megabytes, and a release has
// dozens of small files.
var pages = zstd.Codec{Level: zstd.SpeedDefault, Concurrency: 1}

// WriteParquet writes rows in the order of their key, as the published files
// are written: the same rows give the same bytes, in whatever order and on
// however many threads. It is for the work folder; a release takes only
// protected rows.
func WriteParquet[T any](w io.Writer, name string, rows []T) error {
	return InternalTable(name, rows).write(w, nil)
}

// writeParquet writes rows as they come. The data dictionary travels in the
// key-value metadata: kankei.comment says what a row is, kankei.comments and
// kankei.units map each column to its meaning and unit.
func writeParquet[T any](w io.Writer, d schemas.Dataset, rows []T, metadata map[string]string) error {
	out := parquet.NewGenericWriter[T](w, parquetOptions(d, metadata)...)
	if _, err := out.Write(rows); err != nil {
		return fmt.Errorf("%s: %w", d.Name, err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("%s: %w", d.Name, err)
	}
	return nil
}

func parquetOptions(d schemas.Dataset, metadata map[string]string) []parquet.WriterOption {
	keys := d.Key()
	sorting := make([]parquet.SortingColumn, len(keys))
	for i, k := range keys {
		sorting[i] = parquet.Ascending(k)
	}
	options := []parquet.WriterOption{
		parquet.CreatedBy("kankei", "1", "0"), // the version of the layout, not of the program
		parquet.Compression(&pages),
		parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.SortingWriterConfig(parquet.SortingColumns(sorting...)),
	}
	all := dictionaryMetadata(d)
	maps.Copy(all, metadata)
	for k, v := range all {
		options = append(options, parquet.KeyValueMetadata(k, v))
	}
	return options
}

// dictionaryMetadata is what the schemas say about a dataset.
func dictionaryMetadata(d schemas.Dataset) map[string]string {
	comments, units := map[string]string{}, map[string]string{}
	for _, c := range d.Columns() {
		comments[c.Name], units[c.Name] = c.Comment, c.Unit
	}
	return map[string]string{
		"kankei.dataset":  d.Name,
		"kankei.comment":  d.Comment,
		"kankei.comments": mustJSON(comments),
		"kankei.units":    mustJSON(units),
	}
}

// mustJSON encodes maps of text, which cannot fail; their keys are sorted.
func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// scanParquet reads a Parquet file row by row, in batches, and gives the values
// of the columns: nil for null, else string, int64, float64, bool or schemas.Date.
func scanParquet[T any](parquetFile string, visit func(values []any) error) (err error) {
	in, err := os.Open(parquetFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	reader := parquet.NewGenericReader[T](in)
	defer func() { err = errors.Join(err, reader.Close()) }()
	fields := slices.DeleteFunc(reflect.VisibleFields(reflect.TypeFor[T]()), func(f reflect.StructField) bool { return f.Anonymous })
	batch, values := make([]T, 1024), make([]any, len(fields))
	for {
		clear(batch)
		n, err := reader.Read(batch)
		for i := range batch[:n] {
			row := reflect.ValueOf(&batch[i]).Elem()
			for k, f := range fields {
				values[k] = plainValue(row.FieldByIndex(f.Index))
			}
			if err := visit(values); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// scanOf is [scanParquet] of a dataset whose rows are of no type known here.
func scanOf(d schemas.Dataset) func(string, func(values []any) error) error {
	return func(parquetFile string, visit func(values []any) error) (err error) {
		in, err := os.Open(parquetFile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, in.Close()) }()
		reader := parquet.NewReader(in, parquet.SchemaOf(d.Row))
		defer func() { err = errors.Join(err, reader.Close()) }()
		of := reflect.TypeOf(d.Row)
		fields := slices.DeleteFunc(reflect.VisibleFields(of), func(f reflect.StructField) bool { return f.Anonymous })
		values := make([]any, len(fields))
		for {
			row := reflect.New(of)
			if err := reader.Read(row.Interface()); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			for k, f := range fields {
				values[k] = plainValue(row.Elem().FieldByIndex(f.Index))
			}
			if err := visit(values); err != nil {
				return err
			}
		}
	}
}

// plainValue is the value of a field as [scanParquet] gives it.
func plainValue(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Float64:
		return v.Float()
	case reflect.Bool:
		return v.Bool()
	}
	if d, ok := v.Interface().(schemas.Date); ok {
		return d
	}
	return v.Int()
}
