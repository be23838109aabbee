package ingest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

func realFile(t testing.TB, parts ...string) string {
	return filepath.Join(append([]string{sharedtest.Dir(t), "real"}, parts...)...)
}

// The answers of csv-spectrum are in its json folder. Its location_coordinates
// is one object, not a list of one, and gives another telephone number than its
// CSV; the cell that newlines_crlf answers with CR LF has LF in the CSV.
func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob(realFile(t, "csv-spectrum", "csvs", "*.csv"))
	if err != nil || len(files) != 12 {
		t.Fatalf("%d files, error %v; want 12", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		answer, err := os.ReadFile(realFile(t, "csv-spectrum", "json", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if answer = bytes.TrimSpace(answer); answer[0] == '{' {
			answer = slices.Concat([]byte("["), answer, []byte("]"))
		}
		var want, got []map[string]string
		if err := json.Unmarshal(answer, &want); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "location_coordinates":
			want[0]["Contact Phone Number"] = "2095257564"
		case "newlines_crlf":
			want[1]["a"] = strings.ReplaceAll(want[1]["a"], "\r\n", "\n")
		}
		c := mustRead(t, path, Hint{})
		for _, row := range c.rows {
			record := map[string]string{}
			for i, cell := range row {
				record[c.header[i]] = cell
			}
			got = append(got, record)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// real/README.md: 42 monthly files, 82,681 rows, 89 columns to 2023-03 and 90
// after, UTF-8 with byte order mark, one wholly empty row (2025-04).
func TestFTAS(t *testing.T) {
	files, err := filepath.Glob(realFile(t, "ftas", "*.csv.gz"))
	if err != nil || len(files) != 42 {
		t.Fatalf("%d files, error %v; want 42", len(files), err)
	}
	if testing.Short() {
		files = files[:12]
	}
	rows, multiline := 0, 0
	faults := map[string]int{}
	for _, path := range files {
		c := mustRead(t, path, Hint{})
		want := 90
		if filepath.Base(path) <= "202303.csv.gz" {
			want = 89
		}
		if len(c.header) != want {
			t.Errorf("%s: %d columns, want %d", filepath.Base(path), len(c.header), want)
		}
		rows += len(c.rows)
		for reason, n := range c.faults {
			faults[reason] += n
		}
		for _, row := range c.rows {
			if strings.Contains(strings.Join(row, ""), "\n") {
				multiline++
			}
		}
		if c.replaced != 0 {
			t.Errorf("%s: %d characters replaced", filepath.Base(path), c.replaced)
		}
	}
	t.Logf("%d rows, %d with line ends in a cell, faults %v", rows, multiline, faults)
	if multiline == 0 {
		t.Error("no multi-line cell seen")
	}
	if testing.Short() {
		return
	}
	if rows != 82681 {
		t.Errorf("%d rows, want 82,681", rows)
	}
	if diff := cmp.Diff(map[string]int{schemas.EmptyRow: 1}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// real/README.md: 119,390 bookings.
func TestHotel(t *testing.T) {
	c := mustRead(t, realFile(t, "hotel", "hotel_bookings.csv.gz"), Hint{})
	if len(c.rows) != 119390 || len(c.faults) != 0 {
		t.Errorf("%d rows with faults %v, want 119,390 without", len(c.rows), c.faults)
	}
	seen := map[uint64]bool{}
	again := 0
	for _, d := range c.digests {
		if seen[d] {
			again++
		}
		seen[d] = true
	}
	if again != 31994 {
		t.Errorf("%d identical rows, want 31,994", again)
	}
}

// The raw e-Stat census table: ten lines of preamble with blank ones among
// them, then a header of two axes of which the fourth row names the columns.
func TestCensus(t *testing.T) {
	path := realFile(t, "residents", "census_2020_raw.csv")
	hint := Hint{HeaderMust: []string{"全国，都道府県，市区町村（2000年市区町村含む） コード", "総数", "男", "女"}}
	for name, hint := range map[string]Hint{"by names": hint, "by looks": {}} {
		f := mustOpen(t, path, hint)
		want := []string{"時間軸（年次） コード", "時間軸（年次）", "全国，都道府県，市区町村（2000年市区町村含む） コード",
			"全国，都道府県，市区町村（2000年市区町村含む）", "/男女", "総数", "男", "女"}
		if diff := cmp.Diff(want, f.Header); diff != "" && name == "by names" {
			t.Errorf("%s: header (-want +got):\n%s", name, diff)
		}
		if name != "by names" {
			continue
		}
		if f.Format.Preamble != 12 || !f.Format.BOM || f.Format.Encoding != UTF8 {
			t.Errorf("%s: format %+v", name, f.Format)
		}
		c := mustRead(t, path, hint)
		if got := c.rows[0]; got[2] != "00000" || got[5] != "126,146,099" || c.lines[0] != 14 {
			t.Errorf("%s: first row %q on line %d", name, got, c.lines[0])
		}
	}
}

// real/README.md: SurveyMonkey's two header rows, 1,186 respondents × 38. The
// two bytes that are not UTF-8 make one CP932 character.
func TestStarWars(t *testing.T) {
	path := realFile(t, "surveys", "star-wars-survey", "StarWars.csv")
	c := mustRead(t, path, Hint{})
	if len(c.rows) != 1186 || len(c.header) != 38 || c.replaced != 0 || len(c.faults) != 0 {
		t.Errorf("%d rows × %d columns, %d replaced, faults %v; want 1,186 × 38, none", len(c.rows), len(c.header), c.replaced, c.faults)
	}
	if c.header[0] != "RespondentID" || !strings.HasSuffix(c.header[15], " / Han Solo") {
		t.Errorf("header %q", c.header)
	}
}

// The same list of 2019 in two encodings.
func TestTwins(t *testing.T) {
	sjis := mustRead(t, realFile(t, "codes", "local_governments_2019_cp932.csv"), Hint{})
	utf := mustRead(t, realFile(t, "codes", "local_governments_2019_utf8.csv"), Hint{})
	if len(sjis.rows) != 1916 || sjis.replaced != 0 {
		t.Errorf("%d rows, %d replaced; want 1,916 and 0", len(sjis.rows), sjis.replaced)
	}
	if diff := cmp.Diff(utf.rows, sjis.rows); diff != "" {
		t.Errorf("UTF-8 and CP932 differ:\n%s", diff)
	}
	if diff := cmp.Diff(utf.header, sjis.header); diff != "" {
		t.Errorf("headers differ:\n%s", diff)
	}
}

// Japan Post's table has no header: it is refused, not read with a row lost.
func TestKenAll(t *testing.T) {
	r := refusalOf(t, realFile(t, "codes", "ken_all.zip"), Hint{Name: "exports/ken_all.zip"})
	if r.Reason != NoHeader {
		t.Errorf("refused for %s, want %s", r.Reason, NoHeader)
	}
}
