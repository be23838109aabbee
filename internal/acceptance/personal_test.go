package acceptance

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	_ "github.com/duckdb/duckdb-go/v2" // reads what was written
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// No name, telephone number, mail address, address, member or booking number of
// the exports is in any byte that a run writes or says, nor in any text inside
// the compressed files: not when the run ends well, not when it is killed half
// way, and not where a value stands in a column that is not its own. The values of
// refused rows are kept for whoever may read them, encrypted: with the identity
// they are there, and without it nowhere, nor in the workbook for the supplier.
func TestNothingWrittenNamesAPerson(t *testing.T) {
	slow(t)
	p := sample(t)
	plantMisplaced(t, p)
	identity := keepRejects(t, p)
	personal := harvest(t, p)
	for _, value := range misplaced {
		personal.add(value)
	}
	if n := len(personal.values); n < 5000 {
		t.Fatalf("%d personal values in the exports, want at least 5000", n)
	}
	for _, path := range []string{"exports/temairazu", "exports/booking/koya", "exports/neppan/tanabe"} {
		if len(personal.inFolder(t, p.path(path))) < 200 {
			t.Fatalf("%s: the search does not find what is there", path)
		}
	}

	began := time.Now()
	run := p.must(t, "run")
	length := time.Since(began)
	said := run.stdout + run.stderr
	for _, lang := range []string{"ja", "en"} {
		for _, command := range []string{"status", "rejects"} {
			o := p.must(t, command, "--lang", lang)
			said += o.stdout + o.stderr
		}
	}
	p.must(t, "rejects", "--xlsx")
	personal.absentInWorkbook(t, p.path("rejects.xlsx"))
	personal.absent(t, "what the program says", []byte(said))
	personal.absentBelow(t, p)
	kept := p.must(t, "rejects", "--identity", identity).stdout
	for _, value := range misplaced {
		if !strings.Contains(kept, value) {
			t.Errorf("%q is not kept", value)
		}
	}

	killed := copyOf(t, p)
	for _, folder := range []string{"work", "state", "releases"} {
		killed.remove(t, folder)
	}
	ctx, kill := context.WithTimeout(t.Context(), length/2)
	defer kill()
	killed.call(t, ctx, "run")
	for name, value := range personal.inFolder(t, killed.path("work")) {
		t.Errorf("killed half way: work/%s: there is the personal value %q", name, value)
	}
}

// keepRejects lets a project keep the values of refused rows, and gives the file of the
// identity that reads them, which lies outside it.
func keepRejects(t *testing.T, p project) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "identity.txt")
	if err := os.WriteFile(path, []byte(identity.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.configure(t, map[string]string{"rejects": "{recipient: " + identity.Recipient().String() + "}"})
	return path
}

// misplaced are values of somebody that stand where others should.
var misplaced = []string{"見本山 花子", "08012345678", "hanako.mihonyama@example.jp"}

// plantMisplaced adds rows that are rejected because a name, a telephone number
// or a mail address stands where a date or a number of guests should, and one
// whose values are all shifted to the column before.
func plantMisplaced(t *testing.T, p project) {
	t.Helper()
	const name = "exports/booking/koya/予約_20231001-20240331.csv"
	text := readFile(t, p.path(name))
	header, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []struct{ column, value string }{
		{"チェックイン", misplaced[0]}, {"チェックアウト", misplaced[1]}, {"大人", misplaced[2]}, {"予約日", misplaced[0]}, {"ステータス", misplaced[2]},
	} {
		row := slices.Repeat([]string{""}, len(header))
		for column, value := range map[string]string{
			"予約番号": "4999000001", "予約者名": "見本山 花子", "宿泊者氏名": "見本山 花子", "チェックイン": "2023-10-01", "チェックアウト": "2023-10-02",
			"予約日": "2023-09-01 10:00:00", "ステータス": "ok", "客室数": "1", "大人": "1", "電話番号": "+81 80 1234 5678",
			"住所": "大阪府大阪市北区見本町9-87", "備考": "hanako.mihonyama@example.jp",
			in.column: in.value,
		} {
			row[slices.Index(header, column)] = value
		}
		text += strings.Join(row, ",") + "\n"
		if in.column == "チェックイン" {
			text += strings.Join(append(row[1:], ""), ",") + "\n"
		}
	}
	p.write(t, name, text)
}

// personalColumns are the columns of the exports that tell who someone is.
var personalColumns = []string{
	"宿泊者氏名", "宿泊者氏名カタカナ", "宿泊者氏名カナ", "予約者氏名", "予約者氏名カタカナ", "予約者名", "会員氏名", "会員氏名カナ",
	"電話番号", "FAX番号", "メールアドレス", "住所", "住所1", "会員番号", "予約番号", "予約ID",
	"会員ID", "回答ID", "氏名", "フリガナ", "活動ID", "整理番号",
}

// personalValues are what tells who someone is, as it may be written; and the
// same by its first bytes, so that one pass over a file finds any.
type personalValues struct {
	values  map[string]bool
	byStart map[[sharpness]byte][]string
}

// sharpness is the least length of a value that is searched for: shorter ones
// would be found by chance.
const sharpness = 6

// harvest collects the personal values of a project's exports.
func harvest(t *testing.T, p project) personalValues {
	t.Helper()
	c := personalValues{map[string]bool{}, map[[sharpness]byte][]string{}}
	err := filepath.WalkDir(p.path("exports"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		table := tableOf(t, path)
		for i, column := range table[0] {
			if !slices.Contains(personalColumns, column) {
				continue
			}
			for _, row := range table[1:] {
				if i < len(row) {
					c.add(row[i])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(testKey, "=")
	c.add(key)
	return c
}

// tableOf reads an export of the sample with its header in the first row.
func tableOf(t *testing.T, path string) [][]string {
	t.Helper()
	if strings.HasSuffix(path, ".xlsx") {
		book, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		table, err := book.GetRows(book.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	text := readFile(t, path)
	if strings.Contains(path, "/neppan/") || strings.Contains(path, "/temairazu/") {
		decoded, err := japanese.ShiftJIS.NewDecoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		text = decoded
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord = -1
	table, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return table
}

// add adds a value in the spellings and encodings in which it might be written.
func (c personalValues) add(value string) {
	digits := strings.NewReplacer(" ", "", "-", "", "+81", "0").Replace(value)
	for _, spelling := range []string{value, strings.ReplaceAll(value, " ", ""), strings.ToLower(value), digits} {
		c.addText(spelling)
		if cp932, err := japanese.ShiftJIS.NewEncoder().String(spelling); err == nil {
			c.addText(cp932)
		}
		if utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(spelling); err == nil {
			c.addText(utf16)
		}
	}
}

func (c personalValues) addText(text string) {
	if len(text) < sharpness || c.values[text] {
		return
	}
	c.values[text] = true
	start := [sharpness]byte([]byte(text))
	c.byStart[start] = append(c.byStart[start], text)
}

// find gives the first value that is in data, ” if none is.
func (c personalValues) find(data []byte) string {
	for i := 0; i+sharpness <= len(data); i++ {
		for _, value := range c.byStart[[sharpness]byte(data[i:])] {
			if bytes.HasPrefix(data[i:], []byte(value)) {
				return value
			}
		}
	}
	return ""
}

func (c personalValues) absent(t *testing.T, what string, data []byte) {
	t.Helper()
	if value := c.find(data); value != "" {
		t.Errorf("%s: there is the personal value %q", what, value)
	}
}

// inFolder gives the first personal value of each line below dir that holds one,
// by file and line.
func (c personalValues) inFolder(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for i, line := range bytes.Split(data, []byte("\n")) {
			if value := c.find(line); value != "" {
				found[relative(dir, path)+":"+strconv.Itoa(i+1)] = value
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// absentBelow searches every byte of what a run has written, and every text
// inside its Parquet and DuckDB files.
func (c personalValues) absentBelow(t *testing.T, p project) {
	t.Helper()
	tables := 0
	for _, root := range []string{"work", "state", "releases"} {
		for name, value := range c.inFolder(t, p.path(root)) {
			t.Errorf("%s/%s: there is the personal value %q", root, name, value)
		}
		for name := range describe(t, p.path(root), func(string, fs.FileInfo) string { return "" }) {
			switch path := p.path(root, name); filepath.Ext(name) {
			case ".parquet":
				tables += c.absentInTables(t, "", "read_parquet('"+path+"')")
			case ".xlsx":
				c.absentInWorkbook(t, path)
			case ".duckdb":
				tables += c.absentInTables(t, path, tablesOf(t, path)...)
			}
		}
	}
	if tables < 100 {
		t.Errorf("%d tables searched, want at least 100", tables)
	}
}

// absentInWorkbook searches the parts of a workbook, unpacked.
func (c personalValues) absentInWorkbook(t *testing.T, path string) {
	t.Helper()
	book, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, part := range book.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		c.absent(t, relative(filepath.Dir(path), path)+" "+part.Name, text)
	}
}

// absentInTables searches all cells of tables of a DuckDB file, or of relations
// outside one, and gives the number of tables. A number is wanted not to be a
// personal value, a text not to hold one: among the 19 digits of a pseudonym
// those of some booking number stand by chance.
func (c personalValues) absentInTables(t *testing.T, database string, tables ...string) int {
	t.Helper()
	db := openDuckDB(t, database)
	defer db.Close()
	for _, table := range tables {
		var isText []bool
		for _, row := range cellsOf(t, db, `SELECT column_type = 'VARCHAR' FROM (DESCRIBE SELECT * FROM `+table+`)`) {
			isText = append(isText, row[0] == "true")
		}
		for _, row := range cellsOf(t, db, `SELECT DISTINCT CAST(COLUMNS(*) AS VARCHAR) FROM `+table) {
			for i, cell := range row {
				if where := fmt.Sprintf("%s %s, column %d", database, table, i+1); isText[i] {
					c.absent(t, where, []byte(cell))
				} else if c.values[cell] {
					t.Errorf("%s: there is the personal value %q", where, cell)
				}
			}
		}
	}
	return len(tables)
}

// cellsOf gives the answer to a query as texts, ” for null.
func cellsOf(t *testing.T, db *sql.DB, query string) [][]string {
	t.Helper()
	answer, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer answer.Close()
	columns, err := answer.Columns()
	if err != nil {
		t.Fatal(err)
	}
	row, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	var all [][]string
	for answer.Next() {
		if err := answer.Scan(into...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(row))
		for i, cell := range row {
			texts[i] = cell.String
		}
		all = append(all, texts)
	}
	if err := answer.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// tablesOf are the tables of a DuckDB file, quoted.
func tablesOf(t *testing.T, path string) []string {
	t.Helper()
	db := openDuckDB(t, path)
	defer db.Close()
	var all []string
	for _, row := range cellsOf(t, db, `SELECT '"' || table_name || '"' FROM duckdb_tables() ORDER BY 1`) {
		all = append(all, row[0])
	}
	return all
}

func openDuckDB(t *testing.T, path string) *sql.DB {
	t.Helper()
	if path != "" {
		path += "?access_mode=read_only"
	}
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
