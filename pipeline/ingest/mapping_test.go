package ingest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
)

const smallMapping = `id: small
version: "1"
kind: booking
title: {ja: 小さな予約, en: Small bookings}
detect: [番号, 到着, 泊]
nulls: ["NULL"]
records:
  - dataset: booking
    fields:
      booking_id: {column: 番号, required: true}
      check_in: {column: [到着, arrival], required: true}
      nights: 泊
      status: {column: 状態, values: {ok: booked, ng: cancelled}, default: reject}
      name: 氏名
`

func TestLoadMapping(t *testing.T) {
	m, err := LoadMapping([]byte(smallMapping), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range m.Records[0].Fields {
		got = append(got, f.Target+"="+strings.Join(f.Column, "|"))
	}
	want := []string{"booking_id=番号", "check_in=到着|arrival", "nights=泊", "status=状態", "name=氏名"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields in order (-want +got):\n%s", diff)
	}
}

// What is wrong with a mapping is said with its line, in both languages.
func TestLoadMappingRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "nulls:", "nuls:", "small.yaml:6: unknown key: nuls"},
		{"unknown key of a field", "default: reject", "otherwise: reject", "small.yaml:13: unknown key: otherwise"},
		{"null as a key", "nulls:", "null:", "small.yaml:6: unknown key: null (write nulls)"},
		{"unknown field", "nights: 泊", "night: 泊", "small.yaml:12: booking has no field night; it has adults"},
		{"unknown code", "ng: cancelled", "ng: canceled", "small.yaml:13: status has no code canceled; it has booked"},
		{"field given twice", "name: 氏名", "nights: 氏名", ""},
		{"two sources", "column: 状態,", "column: 状態, const: booked,", "small.yaml:13: status: want exactly one of column"},
		{"wrong reading", "column: 状態,", "column: 状態, parse: date,", "small.yaml:13: parse of status is one of text"},
		{"bad pattern", "name: 氏名", "name: {pattern: '('}", "small.yaml:14: error parsing regexp"},
		{"entities", "nulls:", "entities: xml\nnulls:", "small.yaml: entities is html"},
		{"empty entry", "name: 氏名", "adults:\n        sum:\n          - 大人\n          -", "small.yaml:14: adults: an entry of the list names no column"},
		{"when with sum", "name: 氏名", "adults: {sum: [大人], when: {column: 状態}}", "small.yaml:14: adults: when does not go with sum"},
		{"no dates", "      check_in: {column: [到着, arrival], required: true}\n", "", "small.yaml: booking needs check_in"},
		{"unknown dataset", "dataset: booking", "dataset: bookings", "small.yaml: dataset of kind booking is one of booking"},
		{"unknown kind", "kind: booking", "kind: hotel", "small.yaml: kind is one of act, booking"},
		{"no records", smallMapping[strings.Index(smallMapping, "records:"):], "", "small.yaml: records are needed"},
		{"not YAML", smallMapping, "id: [", "small.yaml"},
		{"alias", "name: 氏名", "name: *x", "small.yaml:14: anchors (&), aliases (*)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(smallMapping, c.old, c.new, 1)
			if text == smallMapping {
				t.Fatalf("%q is not in the mapping", c.old)
			}
			_, err := LoadMapping([]byte(text), "small.yaml")
			said := new(MappingError)
			if !errors.As(err, &said) {
				t.Fatalf("error %v, want a *MappingError", err)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %q, want %q…", err, c.want)
			}
			if said.Message("ja") == "" {
				t.Error("no message in Japanese")
			}
		})
	}
}

func FuzzLoadMapping(f *testing.F) {
	f.Add([]byte(smallMapping))
	f.Add([]byte("records: [{dataset: booking, fields: {check_in: !x}}]"))
	f.Add([]byte("id: a\nversion: 1\nkind: act\nrecords:\n- dataset: act\n  fields: []"))
	for _, m := range Builtins() {
		text, err := builtinFiles.ReadFile("mappings/" + m.name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := LoadMapping(text, "fuzz.yaml")
		if err != nil {
			return
		}
		// A mapping that loads can be bound to its own headers.
		if _, err := m.bind("f.csv", Format{Kind: CSV}, m.headers(), nil, writing{}); err != nil {
			if refusal := new(Refusal); !errors.As(err, &refusal) {
				t.Errorf("bind: %v", err)
			}
		}
	})
}

// Every built-in mapping is complete, and recognises its own columns alone.
func TestBuiltinMappings(t *testing.T) {
	for _, m := range Builtins() {
		if m.Title.JA == "" || m.Title.EN == "" || m.About == "" || len(m.Detect) == 0 && m.ID != "aipass" {
			t.Errorf("%s lacks a title, a description or what detects it", m.ID)
		}
		if m.name != m.ID+".yaml" {
			t.Errorf("%s is in %s", m.ID, m.name)
		}
		var header []string
		for _, r := range m.Records {
			for _, f := range r.Fields {
				for _, names := range f.columns() {
					header = append(header, names[0])
				}
			}
		}
		for _, names := range m.Detect {
			header = append(header, names[0])
		}
		if m.ID == "residents-census" {
			header = append(header, "全国，都道府県，市区町村 コード")
		}
		got, err := Choose("export.csv", header, Builtins())
		if len(m.Detect) == 0 { // its headers are nobody's: it is named, never guessed
			if err == nil && got.ID == m.ID {
				t.Errorf("%s is guessed", m.ID)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.ID, err)
		} else if got.ID != m.ID {
			t.Errorf("columns of %s are taken for %s", m.ID, got.ID)
		}
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func smallJob(t *testing.T, text string) Job {
	t.Helper()
	m, err := LoadMapping([]byte(smallMapping), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job := testJob(t, "neppan", writeFile(t, "small.csv", text))
	job.Mapping, job.Overrides.Region = m, "30401"
	return job
}

func TestWrongMappingIsRefused(t *testing.T) {
	job := smallJob(t, "番号,出発,氏名\n1,2025-05-03,山田 太郎\n")
	_, err := Land(context.Background(), job)
	refusal := new(Refusal)
	if !errors.As(err, &refusal) || refusal.Reason != WrongMapping {
		t.Fatalf("error %v, want a refusal for wrong_mapping", err)
	}
	want := "small.csv: the columns that mapping small needs are missing: 到着. Columns found: 番号, 出発, 氏名."
	if !strings.HasPrefix(refusal.Error(), want) {
		t.Errorf("refused with %q, want %q…", refusal, want)
	}
}

// A mapping that requires nothing still needs a column to read.
func TestMappingWithoutItsColumnsIsRefused(t *testing.T) {
	m, err := LoadMapping([]byte(strings.ReplaceAll(smallMapping, ", required: true", "")), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	job := smallJob(t, "山田 太郎,090-1111-2222\n鈴木 花子,090-3333-4444\n")
	job.Mapping = m
	_, err = Land(context.Background(), job)
	if refusal := new(Refusal); !errors.As(err, &refusal) || strings.Contains(err.Error(), "山田") {
		t.Errorf("error %v, want a refusal that names nobody", err)
	}
}

// Columns are found by name whatever their order, width, case and the space around them.
func TestColumnsGoByName(t *testing.T) {
	job := smallJob(t, "氏名,ARRIVAL ,泊,備考,番号,状態\n山田 太郎,2025-05-03,2,x,７,OK\n")
	report := mustLand(t, job)
	rows := landedRows[schemas.Booking](t, job, "booking")
	if len(rows) != 1 || rows[0].CheckOut-rows[0].CheckIn != 2 || rows[0].Booking == 0 || rows[0].Status != schemas.Booked {
		t.Errorf("landed %+v", rows)
	}
	if diff := cmp.Diff([]string{"備考"}, report.Unplaced); diff != "" {
		t.Errorf("unplaced (-want +got):\n%s", diff)
	}
}

// Dates with the year last are read by the order that some value of the column
// shows; a column that shows none goes by the others, and alone it is refused.
func TestDayAndMonthOfAColumn(t *testing.T) {
	for _, c := range []struct {
		name, rows, want string
	}{
		{"day first", "1,03/04/2025,1,ok,\n2,25/04/2025,1,ok,\n", "2025-04-03"},
		{"month first", "1,03/04/2025,1,ok,\n2,04/25/2025,1,ok,\n", "2025-03-04"},
		{"undecided", "1,03/04/2025,1,ok,\n", "ambiguous_date"},
		{"contradicting", "1,25/04/2025,1,ok,\n2,04/25/2025,1,ok,\n3,03/04/2025,1,ok,\n", "ambiguous_date"},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := smallJob(t, "番号,到着,泊,状態,氏名\n"+c.rows)
			report := mustLand(t, job)
			if c.want == schemas.AmbiguousDate {
				if report.Rejected[schemas.AmbiguousDate] != 1 || report.RowsRejected != 1 {
					t.Errorf("rejected %v, want one ambiguous_date", report.Rejected)
				}
				return
			}
			if got := landedRows[schemas.Booking](t, job, "booking")[0].CheckIn.String(); got != c.want {
				t.Errorf("check-in %s, want %s", got, c.want)
			}
		})
	}
}

// What guards a text from being read as a number or formula is no part of it;
// an apostrophe that begins a name is.
func TestGuardedCells(t *testing.T) {
	for in, want := range map[string]string{
		`="0012"`: "0012", `=""`: "", `'0012`: "0012", `'=1+1`: "=1+1", `'+81 90`: "+81 90", `'="012"`: "012", `="a`: `="a`, "=A1": "=A1",
		"'t Hooft": "'t Hooft", "'": "'", `"`: `"`, "": "",
	} {
		if got := unguarded(in); got != want {
			t.Errorf("unguarded(%s) = %s, want %s", in, got, want)
		}
	}
	job := smallJob(t, "番号,到着,泊,状態,氏名\n\"=\"\"0012\"\"\",\"=\"\"2025-05-03\"\"\",=\"2\",'ok,'t Hooft\n0012,2025-05-03,'2,ok,'t Hooft\n")
	report := mustLand(t, job)
	if report.RowsLanded != 1 || report.Rejected[schemas.UnknownCode] != 1 {
		t.Fatalf("rejected %v", report.Rejected)
	}
	rows := landedRows[schemas.Booking](t, job, "booking")
	if rows[0].CheckIn.String() != "2025-05-03" || rows[0].CheckOut-rows[0].CheckIn != 2 {
		t.Errorf("landed %+v", rows)
	}
}

// The set of kankei.yaml replaces what the mapping says, and knows its codes.
func TestOverrides(t *testing.T) {
	job := smallJob(t, "番号,到着,泊,状態\n1,2025-05-03,1,?\n")
	job.Overrides.Set = map[string]string{"status": "blocked", "platform": "自社"}
	mustLand(t, job)
	if b := landedRows[schemas.Booking](t, job, "booking")[0]; b.Status != "blocked" || b.Platform != "自社" {
		t.Errorf("status %s, platform %s", b.Status, b.Platform)
	}
	for _, set := range []map[string]string{{"state": "x"}, {"status": "x"}} {
		job.Overrides.Set = set
		if _, err := Land(context.Background(), job); err == nil {
			t.Errorf("set %v is taken", set)
		}
	}
	job.Overrides = Overrides{Region: "99999"}
	if _, err := Land(context.Background(), job); err == nil {
		t.Error("region 99999 is taken")
	}
}
