package ingest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// contents is a file read whole.
type contents struct {
	header   []string
	rows     [][]string // "\x00" for null
	lines    []int32
	digests  []uint64
	faults   map[string]int
	replaced int64
	bytes    int64
}

const null = "\x00"

// readAll reads every column of an opened file.
func readAll(f *File) (contents, error) {
	columns := make([]int, len(f.Header))
	for i := range columns {
		columns[i] = i
	}
	c := contents{header: f.Header, faults: map[string]int{}}
	for chunk, err := range f.Chunks(columns) {
		if err != nil {
			return c, err
		}
		batch, err := chunk.Parse()
		if err != nil {
			return c, err
		}
		c.add(batch)
	}
	return c, nil
}

func (c *contents) add(b Batch) {
	for row := range int(b.Record.NumRows()) {
		cells := make([]string, b.Record.NumCols())
		for i := range cells {
			column := b.Record.Column(i).(*array.String)
			cells[i] = null
			if column.IsValid(row) {
				cells[i] = column.Value(row)
			}
		}
		c.rows = append(c.rows, cells)
	}
	c.lines = append(c.lines, b.Lines...)
	c.digests = append(c.digests, b.Digests...)
	for _, f := range b.Faults {
		c.faults[f.Reason]++
	}
	c.replaced += b.Replaced
	c.bytes += b.Bytes
	b.Record.Release()
}

// mustRead opens and reads a file.
func mustRead(t testing.TB, path string, hint Hint) contents {
	t.Helper()
	f := mustOpen(t, path, hint)
	c, err := readAll(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return c
}

func mustOpen(t testing.TB, path string, hint Hint) *File {
	t.Helper()
	f, err := Open(path, hint)
	if err != nil {
		t.Fatalf("Open(%s): %v", path, err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// write puts content into a file of the test.
func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// refusalOf opens and reads a file that is to be refused.
func refusalOf(t testing.TB, path string, hint Hint) *Refusal {
	t.Helper()
	f, err := Open(path, hint)
	if err == nil {
		_, err = readAll(f)
		f.Close()
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("%s: got error %v, want a refusal", path, err)
	}
	return refusal
}
