package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// A sheet per file, named so that Excel takes it, with words in both languages.
func TestSaveRejects(t *testing.T) {
	to := filepath.Join(t.TempDir(), "rejects.xlsx")
	err := SaveRejects([]RejectedFile{
		{File: "exports/a[1].csv", RowsIn: 9, Rows: []schemas.Reject{
			{Line: 7, Column: "到着", Reason: schemas.BadDate, Found: "=1+1"}, {Line: 8, Column: "氏名", Reason: schemas.MissingValue, Found: "11 digits"}}},
		{File: "exports/とても長い名前のファイル_2026年5月分_最終版_修正済み.csv", RowsIn: 1, Rows: []schemas.Reject{{Line: 2, Reason: schemas.FooterRow}}},
	}, to)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(to)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if diff := cmp.Diff([]string{"1 a_1_.csv", "2 とても長い名前のファイル_2026年5月分_最終版_修正済"}, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	rows, err := book.GetRows("1 a_1_.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"exports/a[1].csv"}, {"9 行のうち 2 行を読み込めませんでした。 2 of 9 rows could not be read."}, nil,
		{"行 Line", "列 Column", "値（個人に関わる列は形だけ） Found", "理由", "Reason", "求めるもの", "Expected"},
		{"7", "到着", "=1+1", "日付として読めない", "not a date, or no day of the calendar",
			"暦にある日付（例：2026-05-03、2026年5月3日、令和8年5月3日）。", "A day of the calendar, such as 2026-05-03."},
		{"8", "氏名", "11 digits", "必要な値がない", "a required value is missing", "この列に値を入れてください。", "A value in this column."},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// What looks like a formula is text, and stays text when someone edits the cell.
	formula, err := book.GetCellFormula("1 a_1_.csv", "C5")
	if err != nil || formula != "" {
		t.Errorf("C5 is the formula %q, %v", formula, err)
	}
	id, err := book.GetCellStyle("1 a_1_.csv", "C5")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := book.GetStyle(id); err != nil || style.NumFmt != 49 && (style.CustomNumFmt == nil || *style.CustomNumFmt != "@") {
		t.Errorf("C5 has the style %+v, %v", style, err)
	}
}

// An identity that the program made reads what was kept for its recipient; another
// one is told apart from a fault.
func TestOriginalsWithAnIdentity(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	own, other := filepath.Join(w.Dir, "own.txt"), filepath.Join(w.Dir, "other.txt")
	text, err := NewIdentity(own)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewIdentity(own); ExitCode(err) != ExitMisused {
		t.Errorf("an identity is overwritten: %v", err)
	}
	if _, err := NewIdentity(other); err != nil {
		t.Fatal(err)
	}
	recipient, err := Rejects{Recipient: text}.recipient()
	if err != nil {
		t.Fatal(err)
	}
	folder := w.Path("work", "landed", "x")
	mustMkdir(t, folder)
	var sealed bytes.Buffer
	in, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "kept"); err != nil || in.Close() != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, ingest.OriginalsFile), sealed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if files, err := w.Originals(own, &out); err != nil || files != 1 || out.String() != "kept" {
		t.Errorf("%d files, %q, %v", files, out.String(), err)
	}
	for _, path := range []string{other, filepath.Join(w.Dir, "none.txt"), filepath.Join(folder, ingest.OriginalsFile)} {
		if _, err := w.Originals(path, io.Discard); ExitCode(err) != ExitMisused {
			t.Errorf("%s: %v, want it to be told that it is the wrong identity", path, err)
		}
	}
	secret, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Fields(string(secret))[4]
	if _, err := ParseConfig([]byte("project: p\nrejects: {recipient: " + key + "}\n")); ExitCode(err) != ExitMisused || strings.Contains(err.Error(), key) {
		t.Errorf("a secret key as recipient: %v", err)
	}
}

// A file that could be read and is cut off waits for someone to accept it, as one
// that lost rows does: exit code 4, not 3.
func TestCutOffWaits(t *testing.T) {
	r := &Run{Project: &Project{Config: &Config{Sources: []Source{{Name: "s"}}}}, mappings: []*ingest.Mapping{nil}, acceptances: map[acceptance]bool{}}
	cut := ingest.Report{Source: "s", FileDigest: "d", Cut: &ingest.Cut{Line: 7, Column: "到着日"}}
	err := r.held(inputFile{rel: "exports/a.csv", source: Source{Name: "s"}}, cut)
	if err == nil || !strings.HasPrefix(err.Error(), "exports/a.csv:7: the file ends within this row (column 到着日)") {
		t.Fatalf("a file that is cut off: %v", err)
	}
	if stop := r.stopped(Problems{err}); ExitCode(stop) != ExitGated {
		t.Errorf("exit code %d, want %d", ExitCode(stop), ExitGated)
	}
	r.acceptances[acceptance{Source: "s", Path: "exports/a.csv", Digest: "d", Reason: reasonCutOff}] = true
	if err := r.held(inputFile{rel: "exports/a.csv", source: Source{Name: "s"}}, cut); err != nil {
		t.Errorf("once accepted: %v", err)
	}
}

// Of a file that was landed several times, as between runs that released nothing,
// the latest landing tells what was refused.
func TestRejectsAreOfTheLastLanding(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	for i, rejected := range []int64{2, 0} {
		folder := w.Path("work", "landed", []string{"b", "a"}[i]) // the older one is read last
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		report, path := fmt.Sprintf(`{"source": "s", "file": "exports/a.csv", "rows_in": 2, "rows_rejected": %d}`, rejected), filepath.Join(folder, "report.json")
		at := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
		if err := errors.Join(os.WriteFile(path, []byte(report), 0o666), os.Chtimes(path, at, at),
			parquet.WriteFile(filepath.Join(folder, "rejects.parquet"), make([]schemas.Reject, rejected))); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := w.Rejects(); err != nil || len(files) != 0 {
		t.Errorf("%+v, %v: the rows landed the second time", files, err)
	}
}

// A file whose houses nobody can place is no matter of its columns: what is
// wanted is the house, by its name, in the facility frame.
func TestHouseToBePlaced(t *testing.T) {
	lost := ingest.Report{RowsIn: 20, RowsRejected: 20, Rejected: map[string]int64{schemas.UnknownRegion: 19, schemas.WrongFieldCount: 1}}
	for _, c := range []struct {
		kind, house, want string
		report            ingest.Report
	}{
		{"booking", "青海荘", `the house "青海荘" lies in.*facility frame`, lost},
		{"booking", "青凪荘", `no house "青凪荘". If it is "青凪 荘"`, lost},
		{"booking", "", `which municipality the house lies in. Name it in the source`, lost},
		{"survey", "", `kankei inspect`, lost},
		{"booking", "青凪荘", `kankei inspect`, ingest.Report{RowsIn: 20, RowsRejected: 20, Rejected: map[string]int64{schemas.BadDate: 20}}},
	} {
		err := new(Run).checkTelling(inputFile{rel: "exports/a.csv", source: Source{Kind: c.kind, Facility: c.house}}, c.report, map[string]string{"白浜 湯元さざなみ": "30401", "青凪 荘": "30401"})
		if err == nil || !regexp.MustCompile(c.want).MatchString(err.Error()) {
			t.Errorf("%s of %q: %v, want %s", c.kind, c.house, err, c.want)
		}
	}
}

// A run that looks back to before a file came does not refuse it for its rows:
// the frame that places its houses had not come either.
func TestFileOfLaterIsNotJudged(t *testing.T) {
	f := inputFile{rel: "exports/a.csv", source: Source{Name: "s", Kind: "booking"}}
	lost := ingest.Report{Source: "s", File: f.rel, FileDigest: "d", RowsIn: 20, RowsRejected: 20, Rejected: map[string]int64{schemas.UnknownRegion: 20}}
	for _, known := range []bool{false, true} {
		r := &Run{Project: &Project{Config: &Config{Sources: []Source{{Name: "s"}}}}, mappings: []*ingest.Mapping{nil}, then: map[content]bool{{"s", "d"}: known}}
		r.Vintage = "2020-01-01"
		if err := r.checkReport(f, lost, nil); (err != nil) != known {
			t.Errorf("a file known then (%t): %v", known, err)
		}
	}
}
