package report

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"time"

	"github.com/kankei/kankei/schemas"
)

//go:embed sql/*.sql
var queries embed.FS

// data are the rows of a release that the page is made of, by query.
type data struct {
	rows  map[string][]row
	codes map[[2]string]schemas.Text // by column and code
	// regions are the names of region codes, municipalities with their prefecture;
	// own the names alone.
	regions, own map[string]schemas.Text
}

// asked are the queries of the page.
var asked = []string{
	"headlines", "trend", "sources", "relations", "change", "revisions", "targets", "conversion", "parts", "times", "curves", "funnel", "origins", "behaviour",
	"sensitivity", "overlap", "coverage", "errors", "assumptions", "inputs", "stays", "withheld", "definitions", "regions", "wards", "codes",
}

func read(ctx context.Context, db *sql.DB) (data, error) {
	d := data{rows: map[string][]row{}, codes: map[[2]string]schemas.Text{}, regions: map[string]schemas.Text{}, own: map[string]schemas.Text{}}
	for _, name := range asked {
		text, err := queries.ReadFile("sql/" + name + ".sql")
		if err != nil {
			return d, err
		}
		if d.rows[name], err = selectRows(ctx, db, string(text)); err != nil {
			return d, fmt.Errorf("report, %s: %w", name, err)
		}
	}
	for _, r := range d.rows["codes"] {
		d.codes[[2]string{r.text("column_name"), r.text("code")}] = schemas.Text{JA: r.text("name_ja"), EN: r.text("name_en")}
	}
	for _, r := range d.rows["regions"] {
		code := r.text("region_code")
		d.regions[code] = schemas.Text{JA: r.text("name"), EN: r.text("name_en")}
		d.own[code] = schemas.Text{JA: r.text("own_name"), EN: r.text("name_en")}
	}
	return d, nil
}

func selectRows(ctx context.Context, db *sql.DB, query string) (out []row, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	columns := map[string]int{}
	for i, n := range names {
		columns[n] = i
	}
	for rows.Next() {
		r := row{columns, make([]any, len(names))}
		places := make([]any, len(names))
		for i := range places {
			places[i] = &r.values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// row is a row of a query.
type row struct {
	columns map[string]int
	values  []any
}

func (r row) value(column string) any {
	i, ok := r.columns[column]
	if !ok {
		panic("report: no column " + column)
	}
	return r.values[i]
}

// text is a text, "" for null.
func (r row) text(column string) string {
	s, _ := r.value(column).(string)
	return s
}

// number is a number, nil for null.
func (r row) number(column string) *float64 {
	var x float64
	switch v := r.value(column).(type) {
	case float64:
		x = v
	case int64:
		x = float64(v)
	case int32:
		x = float64(v)
	default:
		return nil
	}
	return &x
}

// count is a whole number that is never null.
func (r row) count(column string) int {
	if x := r.number(column); x != nil {
		return int(*x)
	}
	return 0
}

func (r row) is(column string) bool {
	b, _ := r.value(column).(bool)
	return b
}

func (r row) day(column string) time.Time {
	d, _ := r.value(column).(time.Time)
	return d
}

// where are the rows that have these values in these columns, in turn.
func where(rows []row, columnsAndValues ...string) []row {
	var out []row
	for _, r := range rows {
		if r.has(columnsAndValues) {
			out = append(out, r)
		}
	}
	return out
}

func (r row) has(columnsAndValues []string) bool {
	for i := 0; i < len(columnsAndValues); i += 2 {
		if r.text(columnsAndValues[i]) != columnsAndValues[i+1] {
			return false
		}
	}
	return true
}

// code is the name of a code: that of a region, or as the release or the schemas
// have it.
func (d data) code(column, code string) schemas.Text {
	if t, ok := d.codes[[2]string{column, code}]; ok {
		return t
	}
	return schemas.CodeName(column, code)
}

// region is the name of a region without its prefecture.
func (d data) region(code string) schemas.Text {
	if t, ok := d.own[code]; ok {
		return t
	}
	return d.code("origin_code", code)
}
