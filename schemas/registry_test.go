package schemas_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
)

func TestNamesAreUniqueAndFound(t *testing.T) {
	for _, d := range schemas.Datasets() {
		got, ok := schemas.Find(d.Name)
		if !ok || got.Row != d.Row {
			t.Errorf("Find(%q) = %T, %v, want %T", d.Name, got.Row, ok, d.Row)
		}
	}
	if _, ok := schemas.Find("nights"); ok {
		t.Error("Find(nights) found a dataset that does not exist")
	}
}

func TestColumnsFlattenEmbeddedStructs(t *testing.T) {
	facility, _ := schemas.Find("facility")
	var names []string
	for _, c := range facility.Columns() {
		names = append(names, c.Name)
	}
	want := []string{
		"source", "delivery", "line", // Provenance, embedded
		"facility", "region_code", "rooms", "capacity", "opened_on", "closed_on", "joined_on", "left_on",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	wantOpened := schemas.Column{
		Name: "opened_on", GoType: "*Date", DuckType: "DATE", Role: "attribute", Unit: "date", Nullable: true,
		Comment: "opened_on is the day it opened; null where it has been open throughout.",
	}
	if diff := cmp.Diff(wantOpened, facility.Columns()[7]); diff != "" {
		t.Error(diff)
	}
}

func TestKeyColumnsAreNeverNull(t *testing.T) {
	for _, d := range schemas.Datasets() {
		if len(d.Key()) == 0 {
			t.Errorf("%s: no key", d.Name)
		}
		for _, c := range d.Columns() {
			if c.Role == "key" && c.Nullable {
				t.Errorf("%s.%s: a key that may be null", d.Name, c.Name)
			}
		}
	}
}

func TestOnlyOptionalColumnsAreNullable(t *testing.T) {
	for _, d := range schemas.Datasets() {
		fields := parquet.SchemaOf(d.Row).Fields()
		for i, c := range d.Columns() {
			if f := fields[i]; f.Name() != c.Name || f.Optional() != c.Nullable {
				t.Errorf("%s: Parquet column %s (optional %v), want %s (%v)", d.Name, f.Name(), f.Optional(), c.Name, c.Nullable)
			}
		}
	}
}

func TestPublishedFiguresCarryTheirStatus(t *testing.T) {
	reference := []string{"definitions", "regions", "region_changes", "disclosure"} // no figures about persons
	for _, d := range schemas.Datasets() {
		if d.Stage != schemas.Published || slices.Contains(reference, d.Name) {
			continue
		}
		columns := d.Columns()
		var last []string
		for _, c := range columns[len(columns)-3:] {
			last = append(last, c.Name)
		}
		if diff := cmp.Diff([]string{"obs_status", "conf_status", "methodology_version"}, last); diff != "" {
			t.Errorf("%s: %s", d.Name, diff)
		}
		for _, c := range columns {
			if c.Role == "measure" && !c.Nullable {
				t.Errorf("%s.%s: a published figure that cannot be withheld", d.Name, c.Name)
			}
		}
	}
}

// A struct that says what a row is but stands in no dataset would have neither
// DDL nor dictionary, and nobody would notice.
func TestEveryRowStructIsADataset(t *testing.T) {
	registered := map[string]bool{}
	for _, d := range schemas.Datasets() {
		registered[reflect.TypeOf(d.Row).Name()] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE || !strings.Contains(strings.Join(strings.Fields(gen.Doc.Text()), " "), "One row per") {
				continue
			}
			if name := gen.Specs[0].(*ast.TypeSpec).Name.Name; !registered[name] {
				t.Errorf("%s: %s has a grain but is no dataset of registry.go", file, name)
			}
		}
	}
}

// The comment of an embedded field reaches no column: it must not exist.
func TestEmbeddedFieldsHaveNoComment(t *testing.T) {
	for _, file := range []string{"landed.go", "published.go", "store.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok && len(f.Names) == 0 && f.Doc != nil {
				t.Errorf("%s: the comment %q of an embedded struct is lost; say it in the comment of the row", file, f.Doc.Text())
			}
			return true
		})
	}
}
