package publish_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
)

// openDuck opens a database in memory, on one connection so that settings hold.
func openDuck(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// text gives the first column of a query's only row, as DuckDB prints it.
func text(t testing.TB, db *sql.DB, expression string, args ...any) string {
	t.Helper()
	var s string
	if err := db.QueryRow("SELECT CAST(("+expression+") AS VARCHAR)", args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// texts are the values that a SELECT of one column gives.
func texts(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		out = append(out, s)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

// ofEach is a SELECT of an expression in each column, as text, below each other.
func ofEach(d schemas.Dataset, expression, from string) string {
	of := make([]string, len(d.Columns()))
	for i, c := range d.Columns() {
		of[i] = "CAST(" + strings.ReplaceAll(expression, "?", `"`+c.Name+`"`) + " AS VARCHAR)"
	}
	return "SELECT unnest([" + strings.Join(of, ", ") + "]) FROM " + from
}

type described struct {
	Name, Type string
	Nullable   bool
}

func describe(t testing.TB, db *sql.DB, what string, args ...any) []described {
	t.Helper()
	rows, err := db.Query("SELECT column_name, column_type, \"null\" = 'YES' FROM (DESCRIBE "+what+")", args...)
	if err != nil {
		t.Fatalf("DESCRIBE %s: %v", what, err)
	}
	defer rows.Close()
	var out []described
	for rows.Next() {
		var d described
		if err := rows.Scan(&d.Name, &d.Type, &d.Nullable); err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func wanted(d schemas.Dataset) []described {
	var out []described
	for _, c := range d.Columns() {
		out = append(out, described{c.Name, c.DuckType, c.Nullable})
	}
	return out
}

// writeParquet writes rows of one struct type, through reflection because the
// registry holds values of many types.
func writeParquet(t testing.TB, rows ...any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewWriter(f, parquet.SchemaOf(rows[0]))
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// filled is a pointer to a row in which no column is zero or null.
func filled(row any) any {
	p := reflect.New(reflect.TypeOf(row))
	fill(p.Elem())
	return p.Interface()
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("和歌山")
	case reflect.Int32, reflect.Int64:
		v.SetInt(20178) // as a date: 2025-03-31
	case reflect.Float64:
		v.SetFloat(0.1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// What DuckDB declares, what parquet-go writes and what DuckDB reads back from
// it are one schema, for every dataset.
func TestParquetAndDuckDBAgree(t *testing.T) {
	db := openDuck(t)
	for _, d := range schemas.Datasets() {
		execute(t, db, d.DDL(d.Name))
		if diff := cmp.Diff(wanted(d), describe(t, db, `"`+d.Name+`"`)); diff != "" {
			t.Errorf("%s as declared: %s", d.Name, diff)
		}
		path := writeParquet(t, filled(d.Row))
		want := wanted(d)
		for i := range want {
			want[i].Nullable = true // DuckDB says so of every column of a file
		}
		if diff := cmp.Diff(want, describe(t, db, "SELECT * FROM read_parquet('"+path+"')")); diff != "" {
			t.Errorf("%s as read from Parquet: %s", d.Name, diff)
		}
		execute(t, db, `INSERT INTO "`+d.Name+`" BY NAME SELECT * FROM read_parquet('`+path+`')`)
		got := texts(t, db, ofEach(d, "?", `"`+d.Name+`"`))
		for i, c := range d.Columns() {
			want := map[string]string{"VARCHAR": "和歌山", "INTEGER": "20178", "BIGINT": "20178", "DOUBLE": "0.1",
				"BOOLEAN": "true", "DATE": "2025-03-31", "TIMESTAMP": "1970-01-01 00:00:00.020178"}[c.DuckType]
			if got[i] != want {
				t.Errorf("%s.%s: read back %s, want %s", d.Name, c.Name, got[i], want)
			}
		}
	}
}

// A row of nulls survives: every nullable column of the zero row is null in
// DuckDB, every other is not.
func TestZeroRowIsNullWhereItMayBe(t *testing.T) {
	db := openDuck(t)
	for _, d := range schemas.Datasets() {
		got := texts(t, db, ofEach(d, "? IS NULL", "read_parquet('"+writeParquet(t, d.Row)+"')"))
		for i, c := range d.Columns() {
			want := "false"
			if c.Nullable {
				want = "true"
			}
			if got[i] != want {
				t.Errorf("%s.%s: null %s, want %s", d.Name, c.Name, got[i], want)
			}
		}
	}
}

func TestCommentsReachDuckDB(t *testing.T) {
	db := openDuck(t)
	for _, d := range schemas.Datasets() {
		name := d.Name + ` "new" it's`
		execute(t, db, d.DDL(name))
		for _, statement := range d.Comments(name) {
			execute(t, db, statement)
		}
		if got := text(t, db, "SELECT comment FROM duckdb_tables() WHERE table_name = ?", name); got != d.Comment {
			t.Errorf("%s: comment %q, want %q", d.Name, got, d.Comment)
		}
		got := texts(t, db, "SELECT comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", name)
		for i, c := range d.Columns() {
			if !strings.HasPrefix(got[i], c.Comment) || !strings.HasSuffix(got[i], "Unit: "+c.Unit+".") {
				t.Errorf("%s.%s: comment %q, want %q and the unit", d.Name, c.Name, got[i], c.Comment)
			}
		}
	}
}

// DuckDB reads the day that parquet-go wrote, and calls it by the same name.
func TestDateRoundTripsThroughParquet(t *testing.T) {
	type row struct {
		Day  schemas.Date `parquet:"day,date"`
		Text string       `parquet:"text"`
	}
	var rows []any
	for day := schemas.Date(-800_000); day < 800_000; day += 997 { // years −220 to 4160
		if year, _, _ := day.Civil(); year > 0 { // DuckDB writes earlier years as BC
			rows = append(rows, row{day, day.String()})
		}
	}
	path := writeParquet(t, rows...)
	db := openDuck(t)
	if got := text(t, db, "SELECT count(*) FROM read_parquet(?) WHERE CAST(day AS VARCHAR) <> text", path); got != "0" {
		t.Errorf("%s of %d days read back as other days", got, len(rows))
	}
	back, err := parquet.ReadFile[row](path)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range back {
		if r != rows[i] {
			t.Fatalf("row %d: read back %v, want %v", i, r, rows[i])
		}
	}
}
