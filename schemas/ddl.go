package schemas

import (
	"fmt"
	"reflect"
	"strings"
)

var (
	dateType      = reflect.TypeFor[Date]()
	timestampType = reflect.TypeFor[Timestamp]()
)

// duckType is the DuckDB type of a field's type. Only these types are known:
// anything else has no agreed form in Parquet and DuckDB, or one that the two
// read differently (time.Time, unsigned integers).
func duckType(field string, t reflect.Type) string {
	switch t {
	case dateType:
		return "DATE"
	case timestampType:
		return "TIMESTAMP"
	case reflect.TypeFor[string]():
		return "VARCHAR"
	case reflect.TypeFor[int32]():
		return "INTEGER"
	case reflect.TypeFor[int64]():
		return "BIGINT"
	case reflect.TypeFor[float64]():
		return "DOUBLE"
	case reflect.TypeFor[bool]():
		return "BOOLEAN"
	}
	panic(fmt.Sprintf("schemas: %s has type %v, which no dataset may hold", field, t))
}

// DDL is the CREATE TABLE statement of an empty table of the dataset. The
// table's name is quoted as one identifier.
func (d Dataset) DDL(table string) string {
	lines := make([]string, 0, 32)
	for _, c := range d.Columns() {
		line := "  " + identifier(c.Name) + " " + c.DuckType
		if !c.Nullable {
			line += " NOT NULL"
		}
		lines = append(lines, line)
	}
	return fmt.Sprintf("CREATE TABLE %s (\n%s\n)", identifier(table), strings.Join(lines, ",\n"))
}

// Comments are the COMMENT ON statements that carry the data dictionary into a
// DuckDB file: one for the table, then one per column, which also says the unit.
func (d Dataset) Comments(table string) []string {
	out := []string{fmt.Sprintf("COMMENT ON TABLE %s IS %s", identifier(table), literal(d.Comment))}
	for _, c := range d.Columns() {
		out = append(out, fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s",
			identifier(table), identifier(c.Name), literal(c.Note())))
	}
	return out
}

// Note is the comment of a column in a DuckDB file, which also says the unit.
func (c Column) Note() string { return c.Comment + " Unit: " + c.Unit + "." }

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
