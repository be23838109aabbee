package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// tableRow is a row of a published dataset, of whichever.
type tableRow struct{ v reflect.Value }

// parquetName is the column of a field.
func parquetName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	return name
}

// columnsOf are the fields of a row struct that are columns.
func columnsOf(row reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(row), func(f reflect.StructField) bool { return f.Anonymous })
}

// field is the value of a column; not valid where the dataset has none of that name.
func (r tableRow) field(column string) reflect.Value {
	if r.v.IsValid() {
		for _, f := range columnsOf(r.v.Type()) {
			if parquetName(f) == column {
				return r.v.FieldByIndex(f.Index)
			}
		}
	}
	return reflect.Value{}
}

// has says that the dataset has the column.
func (r tableRow) has(column string) bool { return r.field(column).IsValid() }

// code is the code of a column, ” where the dataset has none.
func (r tableRow) code(column string) string {
	f := r.field(column)
	if !f.IsValid() || f.Kind() == reflect.Pointer {
		return ""
	}
	return schemas.Coordinate(f)
}

// number is the number of a column; nil where it is null, or the dataset has none.
func (r tableRow) number(column string) *float64 {
	f := r.field(column)
	if f.IsValid() && f.Kind() == reflect.Pointer {
		if f.IsNil() {
			return nil
		}
		f = f.Elem()
	}
	var x float64
	switch {
	case !f.IsValid():
		return nil
	case f.CanFloat():
		x = f.Float()
	case f.CanInt():
		x = float64(f.Int())
	default:
		return nil
	}
	return &x
}

// key are the key columns, with their codes.
func (r tableRow) key() []KeyColumn {
	var key []KeyColumn
	for _, f := range columnsOf(r.v.Type()) {
		if f.Tag.Get("role") == "key" {
			key = append(key, KeyColumn{parquetName(f), schemas.Coordinate(r.v.FieldByIndex(f.Index))})
		}
	}
	return key
}

// codes are the key columns by name.
func (r tableRow) codes() coded {
	out := coded{}
	for _, k := range r.key() {
		out[k.Column] = k.Code
	}
	return out
}

// of are the columns of these that the dataset has, keys or not, with their codes.
func (r tableRow) of(columns ...string) coded {
	out := coded{}
	for _, column := range columns {
		if r.has(column) {
			out[column] = r.code(column)
		}
	}
	return out
}

// coded are columns with the codes that are asked for.
type coded map[string]string

func (c coded) only(columns ...string) coded {
	out := coded{}
	for _, column := range columns {
		if code, there := c[column]; there {
			out[column] = code
		}
	}
	return out
}

func (c coded) without(columns ...string) coded {
	out := coded{}
	for column, code := range c {
		if !slices.Contains(columns, column) {
			out[column] = code
		}
	}
	return out
}

func (c coded) with(column, code string) coded {
	out := c.without(column)
	out[column] = code
	return out
}

// condition is that of a SELECT, with its arguments.
func (c coded) condition(further string) (string, []any) {
	conditions, args := []string{"true"}, []any{}
	for column, code := range c {
		conditions = append(conditions, "CAST("+identifier(column)+" AS VARCHAR) = ?")
		args = append(args, code)
	}
	if further != "" {
		conditions = append(conditions, "("+further+")")
	}
	return strings.Join(conditions, " AND "), args
}

// selectRows are the rows of a table that have these codes, in the order of their columns, as structs of a type.
func selectRows(ctx context.Context, db *sql.DB, row reflect.Type, table string, where coded, further string) ([]tableRow, error) {
	fields := columnsOf(row)
	var columns []string
	for _, f := range fields {
		column := identifier(parquetName(f))
		if strings.Contains(f.Tag.Get("parquet"), ",date") {
			column = "CAST(" + column + " - DATE '1970-01-01' AS INTEGER)" // schemas.Date
		}
		columns = append(columns, column)
	}
	condition, args := where.condition(further)
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+identifier(table)+" WHERE "+condition+" ORDER BY ALL", args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", table, err)
	}
	defer rows.Close()
	var out []tableRow
	for rows.Next() {
		made := reflect.New(row).Elem()
		var into []any
		for _, f := range fields {
			into = append(into, made.FieldByIndex(f.Index).Addr().Interface())
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		out = append(out, tableRow{made})
	}
	return out, rows.Err()
}

// selectInto appends the rows of a table that have these codes, in the order of their columns.
func selectInto[T any](ctx context.Context, db *sql.DB, out *[]T, table string, where coded, further string) error {
	rows, err := selectRows(ctx, db, reflect.TypeFor[T](), table, where, further)
	for _, r := range rows {
		*out = append(*out, r.v.Interface().(T))
	}
	return err
}
