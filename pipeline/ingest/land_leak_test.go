package ingest

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a person can be known by, planted in every column that may hold it.
const (
	plantedName    = "漏洩院太郎左衛門"
	plantedKana    = "ロウエイインタロウザエモン"
	plantedEmail   = "planted.person@leak.example.jp"
	plantedPhone   = "090-8765-4321"
	plantedAddress = "和歌山県西牟婁郡白浜町漏洩坂12-34-567"
	plantedMember  = "KAIIN-778899"
	plantedNumber  = "YOYAKU-556677"
	plantedRemark  = "自由記述はどこにも残らない"
	plantedZip     = "649-2211"
	plantedBirth   = "1961-07-23"
)

// traces are the texts that must be in nothing that is written, in the forms
// in which code might write them.
var traces = []string{
	"漏洩", "太郎左", "ロウエイ", "ﾛｳｴｲ", "planted", "leak.example", "8765", "4321", "09087654321", "白浜町漏洩坂", "12-34-567",
	"778899", "556677", "自由記述", "6492211", "649-2211",
	"07-23", "0723",
}

// Through every built-in mapping: a good record, a record shifted by a column so
// that names stand where dates and numbers belong, and records with contact
// details in every column. Nothing written or said names the person.
func TestLandingLeaksNothing(t *testing.T) {
	for _, m := range Builtins() {
		t.Run(m.ID, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "export.csv")
			writePlanted(t, path, m)
			job := testJob(t, m.ID, path)
			job.Overrides.Region, job.Permitted = "30401", true
			report := mustLand(t, job)
			if report.RowsLanded == 0 || report.RowsRejected == 0 {
				t.Errorf("%d landed, %d rejected %v: the test needs both", report.RowsLanded, report.RowsRejected, report.Rejected)
			}
			said := fmt.Sprintf("%+v\n%s", report, describeLanding(t, job, report))
			inspection, err := Inspect(path, "", Builtins())
			if err != nil {
				t.Fatal(err)
			}
			said += inspection.Render("ja") + inspection.Render("en") + fmt.Sprintf("%+v", inspection)
			holdsNoTrace(t, "what is said", said)
			entries, err := os.ReadDir(job.Out)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				content, err := os.ReadFile(filepath.Join(job.Out, entry.Name()))
				if err != nil {
					t.Fatal(err)
				}
				holdsNoTrace(t, entry.Name(), string(content))
			}
		})
	}
}

// A file without a header shows its first record to whoever looks for column names.
func TestMessagesOfHeaderlessFileLeakNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.csv")
	row := strings.Join([]string{"1001", plantedName, plantedKana, plantedEmail, plantedPhone, plantedAddress, "2025-05-03", "2"}, ",")
	if err := os.WriteFile(path, []byte(strings.Repeat(row+"\n", 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	job := testJob(t, "neppan", path)
	_, err := Land(context.Background(), job)
	refusal := new(Refusal)
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v, want a refusal", err)
	}
	said := refusal.Message("ja") + refusal.Message("en")
	if inspection, err := Inspect(path, "", Builtins()); err == nil {
		said += inspection.Render("ja") + inspection.Render("en")
	} else {
		said += err.Error()
	}
	holdsNoTrace(t, "what is said", said)
}

// Of a guest's day of birth, or age, the class is all that stays: neither the day nor its year.
func TestAgeIsLandedAsAClass(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.csv")
	content := "宿泊年月日,氏名,住所,生年月日,年齢\n2025-05-03,甲,和歌山県,1961-07-23,\n2025-05-03,乙,和歌山県,,31\n2025-05-03,丙,和歌山県,2010-01-01,\n2025-05-03,丁,和歌山県,,\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	job := testJob(t, "guest-register", path)
	job.Overrides.Region = "30401"
	report := mustLand(t, job)
	said := describeLanding(t, job, report)
	if got := strings.Count(said, "age_class="); got != 2 || !strings.Contains(said, "age_class=60+") || !strings.Contains(said, "age_class=30-44") {
		t.Errorf("classes of ages 64, 31, 15 and not known: %s", said)
	}
	entries, err := os.ReadDir(job.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		landed, err := os.ReadFile(filepath.Join(job.Out, entry.Name()))
		if text := said + string(landed); err != nil || strings.Contains(text, "1961") || strings.Contains(text, "07-23") {
			t.Errorf("%s: %v, or it holds the day of birth", entry.Name(), err)
		}
	}
}

func holdsNoTrace(t *testing.T, where, text string) {
	t.Helper()
	for _, trace := range traces {
		if i := strings.Index(text, trace); i >= 0 {
			t.Errorf("%s holds %q: …%s…", where, trace, text[max(0, i-60):min(len(text), i+60)])
		}
	}
}

// writePlanted writes an export of the mapping's columns with planted values.
func writePlanted(t *testing.T, path string, m *Mapping) {
	t.Helper()
	header, good, shifted := []string{"備考"}, []string{plantedRemark}, []string{plantedRemark}
	seen := map[string]bool{}
	add := func(name string, f *Field) {
		if seen[foldHeader(name)] {
			return
		}
		seen[foldHeader(name)] = true
		header = append(header, name)
		good = append(good, goodValue(f))
		kind := targets[f.Target].kind
		if kind == dateValue || kind == instantValue || kind == countValue || kind == numberValue {
			shifted = append(shifted, plantedName)
		} else {
			shifted = append(shifted, goodValue(f))
		}
	}
	for _, r := range m.Records {
		// A column that is read for something else too holds what is not personal.
		fields := slices.Clone(r.Fields)
		slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(boolInt(a.personal()), boolInt(b.personal())) })
		for i := range fields {
			f := &fields[i]
			for n, names := range f.columns() {
				add(names[0], f)
				if len(f.Join) == 3 && f.Target == "check_in" {
					good[len(good)-1] = []string{"2025", "May", "3"}[n]
				}
			}
			if f.Pattern != "" {
				add("全国，都道府県，市区町村 コード", f)
			}
		}
	}
	for _, names := range m.Detect {
		add(names[0], &Field{Target: "booking_id"})
	}
	everywhere := func(value string) []string {
		row := make([]string, len(header))
		for i := range row {
			row[i] = value
		}
		return row
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := csv.NewWriter(out)
	rows := [][]string{header, good, good, shifted, everywhere(plantedPhone), everywhere(plantedEmail)}
	if m.Kind != "facility" { // whose names may be anything that does not look like a contact
		rows = append(rows, everywhere(plantedAddress))
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}

// goodValue is a value with which a field lands: planted where it is personal.
func goodValue(f *Field) string {
	switch f.Target {
	case "name":
		return plantedName
	case "kana":
		return plantedKana
	case "email":
		return plantedEmail
	case "phone":
		return plantedPhone
	case "member_id":
		return plantedMember
	case "residence.address":
		return plantedAddress
	case "residence.postcode":
		return plantedZip
	case "birth_date":
		return plantedBirth
	case "birth_year":
		return plantedBirth[:4]
	case "age":
		return "63"
	case "residence.prefecture", "region.prefecture", "origin.prefecture":
		return "和歌山県"
	case "residence.municipality", "region.municipality", "region.address":
		return "白浜町"
	case "residence.code", "region.code", "origin.code":
		return firstOr(f.Values, "30401")
	case "residence.country":
		return "JP"
	case "check_out", "period_end":
		return "2025-05-04"
	case "period":
		return firstOr(f.Values, "2025")
	case "as_of":
		return firstOr(f.Values, "2025-10-01")
	case "facility":
		return "青凪荘"
	}
	if len(f.Matches) > 0 && f.Values == nil && targets[f.Target].kind == codeValue {
		text, _, _ := strings.Cut(f.Matches[0].Pattern, "|")
		return text
	}
	t := targets[f.Target]
	switch t.kind {
	case dateValue, instantValue:
		return "2025-05-03"
	case countValue, numberValue:
		return "1"
	case codeValue, setValue, boolValue:
		return firstOr(f.Values, "1")
	}
	if t.personal {
		return plantedNumber
	}
	return firstOr(f.Values, "区分")
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func firstOr(values map[string]string, otherwise string) string {
	for _, text := range sortedKeys(values) {
		return text
	}
	return otherwise
}
