package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/pipeline/ingest"
)

// TestTwins: the CP932 rows, decoded, are the UTF-8 rows, and every row has 20 columns.
func TestTwins(t *testing.T) {
	w := World{Seed: 1, Rows: 5000}
	cp932, utf8 := w.read(t, CP932, 1), w.read(t, UTF8, 1)
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(cp932)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(decoded, utf8) {
		t.Error("the CP932 file decodes to other rows than the UTF-8 file has")
	}
	lines := strings.Split(strings.TrimSuffix(string(utf8), "\r\n"), "\r\n")
	if len(lines) != 5001 {
		t.Errorf("%d lines, want a header and 5000 rows", len(lines))
	}
	for i, line := range lines {
		if n := strings.Count(line, ",") + 1; n != len(Header) {
			t.Fatalf("line %d has %d columns, want %d: %s", i+1, n, len(Header), line)
		}
	}
}

// TestFiles: however many files the rows are cut into, they are the same rows.
func TestFiles(t *testing.T) {
	w := World{Seed: 2, Rows: 4800}
	header := appendHeader(nil, UTF8)
	one := bytes.TrimPrefix(w.read(t, UTF8, 1), header)
	many := bytes.ReplaceAll(w.read(t, UTF8, Months), header, nil)
	if !bytes.Equal(one, many) {
		t.Error("24 files have other rows than one")
	}
}

// TestShares holds the world to what its comment says of it.
func TestShares(t *testing.T) {
	w := World{Seed: 3, Rows: 200_000}
	var follows, agencies, regulars float64
	persons := map[int64]bool{}
	for i := range w.Rows {
		r := w.at(i)
		persons[r.person] = true
		if r.kind != first {
			follows++
		}
		if r.byAgency {
			agencies++
		}
		if r.person%10 == 0 {
			regulars++
		}
	}
	n := float64(w.Rows)
	for _, share := range []struct {
		what             string
		got, want, slack float64
	}{
		{"changes and cancellations", follows / n, 1. / 32, 0.002},
		{"bookings by agencies", agencies / n, 1. / 256, 0.001},
		{"bookings of regulars", regulars / n, 0.4 + 0.6*0.1, 0.01},
		{"persons per row", float64(len(persons)) / n, 0.25 * (0.1 + 0.9*(1-0.0907)), 0.005}, // e^−2.4 = 0.0907 of the others never book
	} {
		if share.got < share.want-share.slack || share.got > share.want+share.slack {
			t.Errorf("share of %s = %.4f, want %.4f ± %.4f", share.what, share.got, share.want, share.slack)
		}
	}
}

// TestNight: nine in ten rows of the night are of the last month.
func TestNight(t *testing.T) {
	w := World{Seed: 4, Rows: 240_000}
	last := 0
	for i := w.Rows; i < w.Rows+10_000; i++ {
		if w.at(i).arrival >= monthStart[Months-1] {
			last++
		}
	}
	if last < 8900 || last > 9200 {
		t.Errorf("%d of 10000 rows are of the last month, want about 9040", last)
	}
}

func (w World) read(t *testing.T, e Encoding, files int) []byte {
	t.Helper()
	dir := t.TempDir()
	paths, err := w.Write(dir, e, files)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, path := range paths {
		b, err := os.ReadFile(filepath.Join(path))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func BenchmarkRow(b *testing.B) {
	w := World{Seed: 5, Rows: 10_000_000}
	buf := make([]byte, 0, 512)
	var bytes int64
	for i := range b.N {
		buf = w.appendRow(buf[:0], CP932, int64(i)%w.Rows)
		bytes += int64(len(buf))
	}
	b.SetBytes(bytes / int64(b.N))
}

// TestWorkbook: the workbook reads as the rows do.
func TestWorkbook(t *testing.T) {
	w := World{Seed: 3, Rows: 200}
	dir := t.TempDir()
	book := filepath.Join(dir, "a.xlsx")
	if err := w.WriteWorkbook(book); err != nil {
		t.Fatal(err)
	}
	files, err := w.Write(dir, UTF8, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, got := records(t, files[0]), records(t, book)
	if len(want) != 201 || !slices.Equal(got, want) {
		t.Errorf("the workbook has %d rows, the text %d; the first are\n%s\n%s", len(got), len(want), got[1], want[1])
	}
}

// records are the header and the records of an export, with commas between.
func records(t *testing.T, path string) []string {
	f, err := ingest.Open(path, ingest.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := []string{strings.Join(f.Header, ",")}
	columns := make([]int, len(f.Header))
	for i := range columns {
		columns[i] = i
	}
	for chunk, err := range f.Chunks(columns) {
		if err != nil {
			t.Fatal(err)
		}
		batch, err := chunk.Parse()
		if err != nil {
			t.Fatal(err)
		}
		for row := range int(batch.Record.NumRows()) {
			var cells []string
			for _, column := range batch.Record.Columns() {
				cells = append(cells, column.(*array.String).Value(row))
			}
			all = append(all, strings.Join(cells, ","))
		}
		batch.Record.Release()
	}
	return all
}
