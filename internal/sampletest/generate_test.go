// Package sampletest holds tests of the sample project's files.
package sampletest

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

// The exports of the sample project are what their generator writes: whoever
// edits one by hand, or changes the generator alone, is told.
func TestGeneratorWritesTheSample(t *testing.T) {
	sample := filepath.Join(sharedtest.Root(t), "testdata", "wakayama")
	made := t.TempDir()
	generate := exec.Command("go", "run", filepath.Join(sample, "generate.go"), "-C", made)
	generate.Dir = sharedtest.Root(t)
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("go run generate.go: %v\n%s", err, out)
	}
	files := 0
	for _, folder := range []string{"neppan", "temairazu", "booking", "visitors"} {
		want, got := read(t, filepath.Join(sample, "exports", folder)), read(t, filepath.Join(made, "exports", folder))
		for name := range want {
			if _, ok := got[name]; !ok {
				t.Errorf("exports/%s/%s: in the sample, not made by the generator", folder, name)
			}
		}
		for name, data := range got {
			if !bytes.Equal(want[name], data) {
				t.Errorf("exports/%s/%s: differs from what the generator writes; run make generate", folder, name)
			}
			files++
		}
	}
	if files < 20 {
		t.Errorf("the generator wrote %d files, want at least 20", files)
	}
}

// Read is the content of every file of a folder, by path below it.
func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
