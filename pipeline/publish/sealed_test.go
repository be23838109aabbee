package publish_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Only protected rows reach a release, by type: each snippet of testdata/sealed
// states in its first line the error of the compiler, or that there is none.
func TestOnlyProtectedRowsArePublished(t *testing.T) {
	files, err := filepath.Glob("testdata/sealed/*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d snippets, %v", len(files), err)
	}
	exports := exportData(t)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace(strings.TrimPrefix(file.Comments[0].List[0].Text, "// compiler:"))
			open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
			conf := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
			_, err = conf.Check("snippet", fset, []*ast.File{file}, nil)
			switch {
			case want == "accepts" && err != nil:
				t.Errorf("the compiler says: %v", err)
			case want != "accepts" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("the compiler says %v, want %q", err, want)
			}
		})
	}
}

// exportData gives the compiled form of each package that snippets import.
func exportData(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"github.com/kankei/kankei/schemas", "github.com/kankei/kankei/transforms/disclose", "github.com/kankei/kankei/pipeline/publish").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return exports
}
