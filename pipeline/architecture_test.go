package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

const module = "github.com/kankei/kankei/"

// floors are the floors of the house from the ground up; a package may import
// its own floor and those below.
var floors = []string{"schemas", "transforms", "pipeline", "cmd"}

// floor is the floor of a package of the module, or -1 for none of them.
func floor(pkg string) int {
	top, _, _ := strings.Cut(strings.TrimPrefix(pkg, module), "/")
	return slices.Index(floors, top)
}

// TestImportsRunDown asks the go command what every package imports.
func TestImportsRunDown(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = sharedtest.Root(t)
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for d := json.NewDecoder(bytes.NewReader(out)); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			if wrong := wrongImport(p.ImportPath, imported); wrong != "" {
				t.Error(wrong)
			}
		}
	}
	if packages < 5 {
		t.Errorf("go list gave %d packages", packages)
	}
}

// wrongImport says what is wrong with one package importing another, or ”.
func wrongImport(pkg, imported string) string {
	from, to := floor(pkg), floor(imported)
	if from < 0 || !strings.HasPrefix(imported, module) {
		return ""
	}
	switch {
	case to < 0:
		return fmt.Sprintf("%s imports %s, which is on no floor of the house", pkg, imported)
	case to > from:
		return fmt.Sprintf("%s imports %s: imports run down, never up", pkg, imported)
	case imported == module+"pipeline" && strings.HasPrefix(pkg, module+"pipeline/"):
		return fmt.Sprintf("%s imports pipeline, which uses it", pkg)
	case pkg == module+"schemas":
		return fmt.Sprintf("schemas imports %s, but lies at the ground", imported)
	}
	return ""
}

func TestWrongImports(t *testing.T) {
	tests := []struct {
		pkg, imported string
		wrong         bool
	}{
		{"cmd/kankei", "pipeline", false},
		{"cmd/kankei", "schemas", false},
		{"pipeline", "pipeline/ingest", false},
		{"pipeline/ingest", "transforms/clean", false},
		{"transforms/visit", "schemas", false},
		{"schemas/reference", "schemas", false},
		{"pipeline/ingest", "pipeline", true},
		{"transforms/visit", "pipeline", true},
		{"schemas", "schemas/reference", true},
		{"schemas", "transforms/clean", true},
		{"pipeline", "cmd/kankei", true},
		{"pipeline", "internal/sharedtest", true},
	}
	for _, test := range tests {
		if got := wrongImport(module+test.pkg, module+test.imported); (got != "") != test.wrong {
			t.Errorf("%s imports %s: %q, want wrong %t", test.pkg, test.imported, got, test.wrong)
		}
	}
}

// forbidden are the imports that transforms do without, themselves and what
// lies below them: a transform is a function of its arguments.
var forbidden = []string{
	"database/sql", "os", "net", "syscall", "io/ioutil", "crypto/rand", "log", "unsafe", "runtime",
	"github.com/duckdb", "github.com/parquet-go", "github.com/apache/arrow-go",
}

// allowedOf are the only names that may be used of packages which otherwise
// look at the clock or throw dice of their own.
var allowedOf = map[string][]string{
	"math/rand/v2": {"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"},
	"math/rand":    {"New", "NewZipf", "Rand", "Source", "Source64", "Zipf"},
}

// clock are the names of package time that ask what time it is, or wait.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep"}

// TestTransformsAreFunctionsOfTheirArguments reads their syntax trees.
func TestTransformsAreFunctionsOfTheirArguments(t *testing.T) {
	files := 0
	eachSource(t, "transforms", func(name string, file *ast.File, set *token.FileSet) {
		files++
		for _, wrong := range impurities(file, set) {
			t.Error(wrong)
		}
	})
	if files < 5 {
		t.Errorf("%d files of transforms found", files)
	}
}

// impurities are the places where a file depends on anything but arguments.
func impurities(file *ast.File, set *token.FileSet) []string {
	var wrong []string
	names := map[string]string{} // the name a package goes by in the file → its path
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if slices.ContainsFunc(forbidden, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") }) {
			wrong = append(wrong, fmt.Sprintf("%s: imports %s", set.Position(spec.Pos()), path))
		}
		name := filepath.Base(strings.TrimSuffix(path, "/v2"))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			wrong = append(wrong, fmt.Sprintf("%s: imports %s without its name", set.Position(spec.Pos()), path))
		}
		names[name] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := selector.X.(*ast.Ident)
		if !ok || names[pkg.Name] == "" {
			return true
		}
		path, used := names[pkg.Name], selector.Sel.Name
		allowed, limited := allowedOf[path]
		if path == "time" && slices.Contains(clock, used) || limited && !slices.Contains(allowed, used) {
			wrong = append(wrong, fmt.Sprintf("%s: uses %s.%s", set.Position(n.Pos()), path, used))
		}
		return true
	})
	return wrong
}

func TestImpurities(t *testing.T) {
	tests := []struct {
		source string
		want   int
	}{
		{`import "time"; var _ = time.UTC`, 0},
		{`import "time"; var _ = time.Now()`, 1},
		{`import clock "time"; var _ = clock.Since`, 1},
		{`import "os"`, 1},
		{`import "os/exec"`, 1},
		{`import "database/sql"`, 1},
		{`import "net/http"`, 1},
		{`import . "time"`, 1},
		{`import "math/rand/v2"; var _ = rand.New(rand.NewPCG(1, 2))`, 0},
		{`import "math/rand/v2"; var _ = rand.IntN(6)`, 1},
		{`import "math/rand"; var _ = rand.Intn(6)`, 1},
		{`import "crypto/rand"`, 1},
		{`import "github.com/duckdb/duckdb-go/v2"`, 1},
	}
	for _, test := range tests {
		set := token.NewFileSet()
		file, err := goparser.ParseFile(set, "x.go", "package x; "+test.source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := impurities(file, set); len(got) != test.want {
			t.Errorf("%s: %v, want %d faults", test.source, got, test.want)
		}
	}
}

// sqlFiles are the only files that may open a database.
var sqlFiles = []string{"pipeline/duck.go", "pipeline/query.go", "pipeline/publish/duckdb.go"}

// TestSQLRunsInFewPlaces keeps connections where memory, threads and settings
// are bounded.
func TestSQLRunsInFewPlaces(t *testing.T) {
	found := map[string]bool{}
	for _, dir := range []string{"cmd", "pipeline", "schemas", "transforms"} {
		eachSource(t, dir, func(name string, file *ast.File, _ *token.FileSet) {
			if opensDatabase(file) {
				found[name] = true
			}
		})
	}
	for name := range found {
		if !slices.Contains(sqlFiles, name) {
			t.Errorf("%s opens a database; only %v may", name, sqlFiles)
		}
	}
	if !found["pipeline/duck.go"] {
		t.Errorf("pipeline/duck.go opens no database: this test looks for the wrong thing")
	}
}

// opensDatabase says whether a file opens a DuckDB or database/sql connection.
func opensDatabase(file *ast.File) bool {
	opens := false
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := s.X.(*ast.Ident); ok {
				opens = opens || pkg.Name == "sql" && (s.Sel.Name == "Open" || s.Sel.Name == "OpenDB") || pkg.Name == "duckdb" && s.Sel.Name == "NewConnector"
			}
		}
		return true
	})
	return opens
}

// eachSource visits the Go files of a folder of the module, without tests.
func eachSource(t *testing.T, dir string, visit func(name string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	root := sharedtest.Root(t)
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := goparser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err == nil {
			visit(filepath.ToSlash(name), file, set)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
