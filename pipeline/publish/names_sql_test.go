package publish

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Names of definitions, sources and targets come from configurations and stand in the statements that make the
// DuckDB file: they are text there, whatever they look like.
func TestNamesAreNeverSQL(t *testing.T) {
	names := []string{"O'Brien", `"quoted"`, "'); DROP TABLE code_names; --", `back\slash`, "新宮'市", "two\nlines", "$1 ? %"}
	var codes []listedCode
	for _, n := range names {
		codes = append(codes, listedCode{list: "definition", code: n, name: name{n, n + "'"}})
	}
	path := filepath.Join(t.TempDir(), "names.duckdb")
	if err := buildDatabase(t.Context(), path, codeNames(codes)); err != nil {
		t.Fatal(err)
	}
	db, err := readDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, rows, err := selectRows(t.Context(), db, "SELECT code, name_ja, name_en FROM code_names")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r[0].(string))
		if r[1] != r[0] || r[2] != r[0].(string)+"'" {
			t.Errorf("%q is named %q and %q", r[0], r[1], r[2])
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Error(diff)
	}
}

// Any text without NUL, which the parser ends at, is itself as a literal, and a column name as an identifier.
func TestLiteralsAndIdentifiers(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(t *rapid.T) {
		text, column := rapid.StringMatching(`[^\x00]*`).Draw(t, "text"), rapid.StringMatching(`[^\x00]+`).Draw(t, "column")
		columns, rows, err := selectRows(t.Context(), db, "SELECT "+literal(text)+" AS "+identifier(column))
		if err != nil || columns[0] != column || rows[0][0] != text {
			t.Fatalf("%q as %q reads %v, %v, %v", text, column, columns, rows, err)
		}
	})
}
