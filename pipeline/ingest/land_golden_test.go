package ingest

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/schemas"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files of landing")

// Small exports with the oddities of their formats, beside what they land as:
// one line per row, tokens numbered in order of appearance, empty fields left out.
func TestLandGolden(t *testing.T) {
	for _, c := range []struct{ file, mapping string }{
		{"neppan-booking.csv", "neppan"},
		{"neppan-night.csv", "neppan"},
		{"temairazu.csv", "temairazu"},
		{"booking-com-ja.csv", "booking-com"},
		{"booking-com-en.csv", "booking-com"},
		{"google-forms.csv", "google-forms"},
		{"airbnb-ja.csv", "airbnb"},
		{"airbnb-en.csv", "airbnb"},
		{"airbnb-undecided.csv", "airbnb"},
		{"airhost.csv", "airhost"},
		{"suitebook.csv", "suitebook"},
		{"beds24.csv", "beds24"},
		{"cloudbeds.csv", "cloudbeds"},
		{"little-hotelier.csv", "little-hotelier"},
		{"aipass.csv", "aipass"},
		{"guest-register.csv", "guest-register"},
		{"tl-lincoln", "tl-lincoln"},
		{"booking-com-xlsx.book", "booking-com"},
		{"guest-register-merged.book", "guest-register"},
		{"booking-com-xls.xls", "booking-com"},
		{"booking-com-utf16.tsv", "booking-com"},
		{"qualtrics.csv", "qualtrics"},
		{"limesurvey.csv", "limesurvey"},
		{"surveymonkey.csv", "surveymonkey"},
		{"web-panel.csv", "web-panel"},
		{"onsite.csv", "onsite"},
		{"move.csv", "move"},
		{"register-moves.csv", "register-moves"},
		{"programme-moves.csv", "programme-moves"},
		{"act.csv", "act"},
		{"facility.csv", "facility"},
		{"in-migrants.csv", "in-migrants"},
		{"migration-report.csv", "migration-report"},
		{"residents-classes.csv", "residents-classes"},
		{"visitors.csv", "visitors"},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := filepath.Join("testdata", "landing", c.file)
			job := testJob(t, c.mapping, delivered(t, path))
			job.Permitted = c.mapping == "register-moves"
			if job.Kind == "booking" {
				job.Overrides.Region = "30000"
				job.Overrides.Frame = map[string]string{"白浜 月影ホテル": "30401"}
			}
			got := describeLanding(t, job, mustLand(t, job))
			golden := strings.TrimSuffix(path, filepath.Ext(path)) + ".txt"
			if *updateGolden {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// delivered gives the file that a fixture stands for: a folder is delivered as a
// zip, with its documents in an order of no meaning, a .book as a workbook and a
// .tsv in UTF-16.
func delivered(t *testing.T, path string) string {
	t.Helper()
	switch filepath.Ext(path) {
	case "":
	case ".book":
		return saveFixture(t, path)
	case ".tsv":
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return write(t, filepath.Base(path), append([]byte("\xFF\xFE"), utf16Bytes(string(content), false)...))
	default:
		return path
	}
	var members []member
	err := filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		within, _ := filepath.Rel(path, name)
		members = append(members, member{filepath.ToSlash(within), string(content)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(members)
	return write(t, filepath.Base(path)+".zip", zipped(t, members...))
}

// saveFixture makes a workbook of a table of cells: 46143# is a number, 46143@
// one with a format of dates, < is merged with the cell to the left and ^ with
// the one above; everything else is text.
func saveFixture(t *testing.T, path string) string {
	t.Helper()
	content, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	table := csv.NewReader(content)
	table.FieldsPerRecord = -1
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	defer book.Close()
	dates, err := book.NewStyle(&excelize.Style{NumFmt: 14}) // m/d/yy
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	for y, row := range rows {
		for x, cell := range row {
			at, err := excelize.CoordinatesToCellName(x+1, y+1)
			check(err)
			number, isNumber := strings.CutSuffix(strings.TrimSuffix(cell, "@"), "#")
			switch {
			case cell == "<", cell == "^":
				from := x
				for ; rows[y][from] == "<"; from-- {
				}
				up := y
				for ; rows[up][x] == "^"; up-- {
				}
				start, err := excelize.CoordinatesToCellName(from+1, up+1)
				check(err)
				check(book.MergeCell("Sheet1", start, at))
			case isNumber, strings.HasSuffix(cell, "@"):
				value, err := strconv.ParseFloat(number, 64)
				check(err)
				check(book.SetCellFloat("Sheet1", at, value, -1, 64))
				if !isNumber {
					check(book.SetCellStyle("Sheet1", at, at, dates))
				}
			default:
				check(book.SetCellStr("Sheet1", at, cell))
			}
		}
	}
	saved := filepath.Join(t.TempDir(), filepath.Base(path)+".xlsx")
	check(book.SaveAs(saved))
	return saved
}

// describeLanding writes everything a landing gave as text.
func describeLanding(t *testing.T, job Job, r Report) string {
	var b strings.Builder
	names := map[int64]string{0: ""}
	for _, dataset := range datasets {
		if r.Landed[dataset] > 0 {
			describeDataset(t, &b, job, dataset, names)
		}
	}
	for _, reject := range landedRows[schemas.Reject](t, job, rejectsFile) {
		fmt.Fprintf(&b, "rejected %s\n", describeRow(reflect.ValueOf(reject), names))
	}
	fmt.Fprintf(&b, "in=%d landed=%d rejected=%d identical=%d unread=%v incomplete=%v dates=%v..%v through=%v\n",
		r.RowsIn, r.RowsLanded, r.RowsRejected, r.Identical, r.Unread, r.Incomplete, r.FirstDate, r.LastDate, r.DataThrough)
	fmt.Fprintf(&b, "unplaced=%s\nmissing=%s\n", strings.Join(r.Unplaced, ","), strings.Join(r.Missing, ","))
	return b.String()
}

func describeDataset(t *testing.T, b *strings.Builder, job Job, dataset string, names map[int64]string) {
	describe := func(rows reflect.Value) {
		for i := range rows.Len() {
			fmt.Fprintf(b, "%s %s\n", dataset, describeRow(rows.Index(i), names))
		}
	}
	switch dataset {
	case "booking":
		describe(reflect.ValueOf(landedRows[schemas.Booking](t, job, dataset)))
	case "visit":
		describe(reflect.ValueOf(landedRows[schemas.Visit](t, job, dataset)))
	case "survey_response":
		describe(reflect.ValueOf(landedRows[schemas.SurveyResponse](t, job, dataset)))
	case "survey_tie":
		describe(reflect.ValueOf(landedRows[schemas.SurveyTie](t, job, dataset)))
	case "act":
		describe(reflect.ValueOf(landedRows[schemas.Act](t, job, dataset)))
	case "move":
		describe(reflect.ValueOf(landedRows[schemas.Move](t, job, dataset)))
	case "facility":
		describe(reflect.ValueOf(landedRows[schemas.Facility](t, job, dataset)))
	case "total":
		describe(reflect.ValueOf(landedRows[schemas.Total](t, job, dataset)))
	}
}

// describeRow writes the fields of a row that say something.
func describeRow(row reflect.Value, names map[int64]string) string {
	var parts []string
	for i := range row.NumField() {
		field, value := row.Type().Field(i), row.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("parquet"), ",")
		switch {
		case field.Anonymous:
			if inner := describeRow(value, names); inner != "" {
				parts = append(parts, inner)
			}
			continue
		case value.IsZero() || name == "source" || name == "delivery" || name == "file":
			continue
		case value.Kind() == reflect.Pointer:
			value = value.Elem()
		}
		text := fmt.Sprint(value.Interface())
		if strings.Contains(string(field.Tag), `unit:"token"`) {
			token := value.Int()
			if names[token] == "" {
				names[token] = fmt.Sprintf("#%d", len(names))
			}
			text = names[token]
		}
		if at, ok := value.Interface().(schemas.Timestamp); ok {
			text = fmt.Sprintf("%s+%ds", dayOf(at), int64(at)/1e6%86400)
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, " ")
}
