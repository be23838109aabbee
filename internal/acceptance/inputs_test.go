package acceptance

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// bookings is the kankei.yaml of a project of one house.
const bookings = `project: p
key: {env: KANKEI_KEY}
sources:
  - {name: bookings, kind: booking, mapping: booking-com, files: "exports/*.csv*", region: "30401"}
definitions: [repeat-visits]
reference_months: 1
`

const bookingHeader = "Book number,Booked by,Check-in,Check-out,Duration (nights),Booked on,Status,Rooms,Adults\n"

// bookingRow is one stay of two nights, right in itself.
func bookingRow(number int) string {
	return fmt.Sprintf("%d,Hanako Sample,2026-03-01,2026-03-03,2,2026-02-01,ok,1,2\n", 2_000_000_000+number)
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// badInputs are what goes wrong at night, each spoiling a project that ran well
// the day before.
var badInputs = []struct {
	name  string
	spoil func(*testing.T, project)
	code  int
	where string // what the message names
	do    string // what it advises, in either language
	left  bool   // on_refused: continue goes on without it
}{
	{"empty file", func(t *testing.T, p project) { p.write(t, "exports/new.csv", "") }, 3, "exports/new.csv", "on_refused: continue", true},
	{"header only", func(t *testing.T, p project) { p.write(t, "exports/new.csv", bookingHeader) }, 3, "exports/new.csv", "on_refused: continue", true},
	{"HTML saved as .csv", func(t *testing.T, p project) {
		p.write(t, "exports/new.csv", "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n")
	}, 3, "exports/new.csv", "on_refused: continue", true},
	{"truncated gzip", func(t *testing.T, p project) {
		whole := zipped(t, bookingHeader+bookingRow(2))
		p.write(t, "exports/new.csv.gz", whole[:len(whole)-20])
	}, 3, "exports/new.csv.gz", "on_refused: continue", true},
	{"wrong mapping", func(t *testing.T, p project) { p.write(t, "exports/new.csv", "a,b,c\n1,2,3\n") }, 3, "exports/new.csv", "on_refused: continue", true},
	{"file vanished", func(t *testing.T, p project) { p.remove(t, "exports/second.csv") }, 3, "exports/second.csv", "kankei run --accept exports/second.csv", true},
	{"unknown key", func(t *testing.T, p project) {
		p.write(t, "kankei.yaml", strings.Replace(bookings, "sources:", "disclosur: {persons: 10}\nsources:", 1))
	}, 2, "kankei.yaml:3:1", "disclosure", false},
	{"missing key file", func(t *testing.T, p project) {
		p.write(t, "kankei.yaml", strings.Replace(bookings, "{env: KANKEI_KEY}", "{file: secrets/kankei.key}", 1))
	}, 2, "secrets/kankei.key", "create: true", false},
}

// Each fault ends the run with its exit code and a message that names the place
// and says what to do, in both languages, and nothing is released. With
// on_refused: continue a release is made without the file.
func TestBadInput(t *testing.T) {
	slow(t)
	dayBefore := ran(t, "bookings", func(t testing.TB) project {
		p := newProject(t, bookings)
		p.write(t, "exports/first.csv", bookingHeader+bookingRow(1))
		p.write(t, "exports/second.csv", bookingHeader+strings.ReplaceAll(bookingRow(3), "2026-03", "2026-04"))
		return p
	}, "--as-of", "2026-04-30")
	for _, bad := range badInputs {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			p := copyOf(t, dayBefore)
			before, deliveries := digests(t, p.path("releases")), readFile(t, p.path("state", "deliveries.jsonl"))
			bad.spoil(t, p)
			if bad.name == "missing key file" {
				p.env = []string{"KANKEI_KEY="}
			}

			for _, command := range []string{"run", "plan"} {
				if command == "plan" && bad.left && bad.name != "file vanished" {
					continue // what is in a file is seen when it is read
				}
				en := p.ends(t, bad.code, command, "--as-of", "2026-04-30", "--lang", "en")
				ja := p.ends(t, bad.code, command, "--as-of", "2026-04-30", "--lang", "ja")
				checkMessages(t, en.stderr, ja.stderr, bad.where, bad.do)
			}
			reportChanges(t, "releases", before, digests(t, p.path("releases")))
			if now := readFile(t, p.path("state", "deliveries.jsonl")); now != deliveries {
				t.Errorf("state/deliveries.jsonl has changed:\n%s", now)
			}
			if !bad.left {
				return
			}
			p.configure(t, map[string]string{"on_refused": "continue"})
			o := p.ends(t, 5, "run", "--as-of", "2026-04-30", "--lang", "en")
			if !strings.Contains(o.stderr, bad.where) {
				t.Errorf("on_refused: continue does not name %s:\n%s", bad.where, o.stderr)
			}
			p.must(t, "verify")
			for _, row := range p.internal(t, `SELECT file FROM deliveries`) {
				if row[0] == bad.where {
					t.Errorf("%s was refused and is among the deliveries", bad.where)
				}
			}
		})
	}
}

// checkMessages wants each message to hold what either language says, and to
// be in its own.
func checkMessages(t *testing.T, en, ja string, both ...string) {
	t.Helper()
	for lang, message := range map[string]string{"en": en, "ja": ja} {
		for _, want := range both {
			if !strings.Contains(message, want) {
				t.Errorf("the message in %s does not say %q:\n%s", lang, want, message)
			}
		}
		// Column names of an export are katakana and kanji in either language.
		if hiragana := strings.ContainsFunc(message, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }); hiragana != (lang == "ja") {
			t.Errorf("the message in %s is not:\n%s", lang, message)
		}
	}
}

// A row that cannot be right is no reason to stop: it is set aside under the
// name of its fault, with file, line and column, and counted.
func TestBadRowsAreNamed(t *testing.T) {
	slow(t)
	p := newProject(t, bookings)
	text := bookingHeader
	for i := range 12 {
		text += bookingRow(i)
	}
	text += strings.Replace(bookingRow(13), "2026-03-03,2", "2026-02-27,2", 1) // line 14: leaves before it arrives
	text += strings.Replace(bookingRow(14), "2026-03-03,2", "2026-03-03,5", 1) // line 15: two nights, not five
	text += strings.Replace(bookingRow(15), "2026-03-01", "2026-02-30", 1)     // line 16: no such day
	p.write(t, "exports/rows.csv", text)
	o := p.must(t, "run", "--as-of", "2026-04-30")
	expect(t, "records", p.internal(t, `SELECT rows_in, rows_landed, rows_rejected FROM deliveries`), "15", "12", "3")
	for _, reason := range []string{"dates_reversed", "nights_disagree", "bad_date"} {
		expect(t, reason, p.published(t, `SELECT value FROM quality WHERE indicator = 'rejected' AND reason = '`+reason+`'`), "1")
	}
	if !strings.Contains(o.stdout, "exports/rows.csv: 3 of 15 rows rejected") {
		t.Errorf("kankei run does not say what was rejected:\n%s", o.stdout)
	}
	db := openDuckDB(t, "")
	defer db.Close()
	var got []string
	for _, row := range cellsOf(t, db, `
		SELECT file || ':' || line || ': ' || "column" || ': ' || reason
		FROM read_parquet('`+p.path("work", "landed", "*", "rejects.parquet")+`') ORDER BY line`) {
		got = append(got, row[0])
	}
	want := []string{
		"exports/rows.csv:14: Check-out: dates_reversed", "exports/rows.csv:15: Duration (nights): nights_disagree",
		"exports/rows.csv:16: Check-in: bad_date",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("rejects:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
