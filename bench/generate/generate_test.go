package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
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

// TestWorkbook: the cells of the workbook are those of the rows.
func TestWorkbook(t *testing.T) {
	w := World{Seed: 3, Rows: 200}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := w.WriteWorkbook(path); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("予約")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		line := strings.TrimSuffix(string(w.appendRow(nil, UTF8, int64(i))), "\r\n")
		if got := strings.Join(row, ","); got != line {
			t.Fatalf("row %d is %s, want %s", i, got, line)
		}
	}
	if len(rows) != 201 || rows[0][0] != Header[0] {
		t.Errorf("%d rows, the first cell %s", len(rows), rows[0][0])
	}
}
