// Package publish writes a release: Parquet files, and made from them a DuckDB
// file, a workbook, SDMX-CSV, a statement of quality, a table description and a
// manifest, installed as one folder that is never changed again. It takes protected rows only; see package disclose.
package publish

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Table is a published dataset with its protected rows. Only [TableOf] makes one.
type Table struct {
	rows            Rows
	cells, withheld int64
}

// TableOf is the published dataset of that name with these rows. It panics if
// there is no such dataset or its rows are of another type.
func TableOf[T any](name string, rows disclose.Protected[T]) Table {
	t := Table{rows: InternalTable(name, rows.Rows())}
	t.cells, t.withheld = withheldIn(rows.Rows())
	if t.rows.dataset.Stage != schemas.Published {
		panic(fmt.Sprintf("publish: %s is not a published dataset", name))
	}
	return t
}

// withheldIn counts rows, and those of them that are withheld.
func withheldIn[T any](rows []T) (all, withheld int64) {
	if _, observed := reflect.TypeFor[T]().FieldByName("ConfStatus"); !observed {
		return int64(len(rows)), 0
	}
	for i := range rows {
		if reflect.ValueOf(&rows[i]).Elem().FieldByName("ConfStatus").String() == schemas.Withheld {
			withheld++
		}
	}
	return int64(len(rows)), withheld
}

// suppressed are the rows of the dataset disclosure about what is withheld of tables of figures.
func suppressed(tables []Table) []schemas.DisclosureRule {
	var out []schemas.DisclosureRule
	for _, t := range tables {
		if slices.ContainsFunc(t.rows.dataset.Columns(), func(c schemas.Column) bool { return c.Name == "conf_status" }) {
			out = append(out, schemas.DisclosureRule{Rule: "withheld", Dataset: t.Name(), Cells: &t.cells, Withheld: &t.withheld,
				Note: "rows of the dataset, and those withheld for their own risk or so that others cannot be computed"})
		}
	}
	return out
}

// Name is the name of the dataset.
func (t Table) Name() string { return t.rows.dataset.Name }

// Rows is a dataset with rows that have not been protected. They may be written
// to the work folder, never to a release.
type Rows struct {
	dataset schemas.Dataset
	// write writes the rows as Parquet, with further metadata.
	write func(w io.Writer, metadata map[string]string) error
	// scan reads the rows back from a Parquet file, in its order: the values of the
	// columns, nil for null. The slice is used again for the next row.
	scan func(parquetFile string, visit func(values []any) error) error
	// file is a Parquet file that holds the rows already, if not "".
	file string
}

// InternalTable is the dataset of that name with these rows. A name that the schemas do
// not know is a table of its own, described by the row's tags. InternalTable panics if
// the rows are not those of the dataset.
func InternalTable[T any](name string, rows []T) Rows {
	var row T
	d, known := schemas.Find(name)
	switch {
	case !known:
		d = schemas.Dataset{Name: name, Row: row}
	case reflect.TypeOf(d.Row) != reflect.TypeFor[T]():
		panic(fmt.Sprintf("publish: a row of %s is a %T, not a %T", name, d.Row, row))
	}
	return Rows{dataset: d, write: func(w io.Writer, metadata map[string]string) error {
		sorted, err := sortByKey(d, rows)
		if err != nil {
			return err
		}
		return writeParquet(w, d, sorted, metadata)
	}, scan: scanParquet[T]}
}

// InternalFile is the dataset of that name with the rows of a Parquet file. It panics
// if there is no such dataset.
func InternalFile(name, parquetFile string) Rows {
	d, known := schemas.Find(name)
	if !known {
		panic(fmt.Sprintf("publish: there is no dataset %s", name))
	}
	return Rows{dataset: d, file: parquetFile}
}

// sortByKey is a copy of the rows in the order of their key columns. Two rows
// with the same key are an error: readers could not tell them apart, and their
// order would be an accident.
func sortByKey[T any](d schemas.Dataset, rows []T) ([]T, error) {
	fields := keyFields(reflect.TypeFor[T]())
	keys := make([][]byte, len(rows))
	order := make([]int, len(rows))
	for i := range rows {
		keys[i] = sortKey(reflect.ValueOf(&rows[i]).Elem(), fields)
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(keys[a], keys[b]) })
	sorted := make([]T, len(rows))
	for n, i := range order {
		if n > 0 && len(fields) > 0 && bytes.Equal(keys[i], keys[order[n-1]]) {
			return nil, fmt.Errorf("%s: two rows with the same key %s", d.Name, describeKey(reflect.ValueOf(rows[i]), fields))
		}
		sorted[n] = rows[i]
	}
	return sorted, nil
}

// keyFields are the fields with the role of a key, in the order of the struct.
func keyFields(row reflect.Type) []reflect.StructField {
	var keys []reflect.StructField
	for _, f := range reflect.VisibleFields(row) {
		if f.Tag.Get("role") == "key" && !f.Anonymous {
			keys = append(keys, f)
		}
	}
	return keys
}

// sortKey encodes the key of a row so that comparing bytes compares keys column
// by column: text in the order of its UTF-8 bytes, numbers and dates by value.
func sortKey(row reflect.Value, fields []reflect.StructField) []byte {
	var key []byte
	for _, f := range fields {
		switch v := row.FieldByIndex(f.Index); v.Kind() {
		case reflect.String:
			// A NUL inside the text must not look like its end.
			key = append(key, bytes.ReplaceAll([]byte(v.String()), []byte{0}, []byte{0, 255})...)
			key = append(key, 0, 0)
		case reflect.Int32, reflect.Int64:
			key = binary.BigEndian.AppendUint64(key, uint64(v.Int())^1<<63)
		default:
			panic(fmt.Sprintf("publish: key %s is a %v", f.Name, v.Type()))
		}
	}
	return key
}

func describeKey(row reflect.Value, fields []reflect.StructField) string {
	parts := make([]any, len(fields))
	for i, f := range fields {
		parts[i] = row.FieldByIndex(f.Index).Interface()
	}
	return fmt.Sprint(parts)
}
