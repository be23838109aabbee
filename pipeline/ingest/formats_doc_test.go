package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/formats.md is written from the mappings; -update writes it anew.
func TestFormatsDoc(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "formats.md")
	got := formatsDoc()
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/formats.md is stale; go test ./pipeline/ingest -run FormatsDoc -update (-want +got):\n%s", diff)
	}
}

func formatsDoc() string {
	var b strings.Builder
	b.WriteString(`# Formats that are read as they come

> **要約** 組み込みのマッピングと、それぞれの書き出しの注意点です。この頁はマッピングから自動で作られます。

This page is written from the mappings in ` + "`pipeline/ingest/mappings`" + ` by a test. Every format may come as CSV or TSV in
UTF-8, UTF-16 or CP932 (Shift_JIS), as a workbook (.xlsx, or .xls of Excel 97 to 2003), as JSON Lines or Parquet, plain or in gzip or
zip; telegrams come as XML. How to read others: [mappings](mappings.md).

| mapping | kind | format | known by |
|---|---|---|---|
`)
	for _, m := range Builtins() {
		known := make([]string, len(m.Detect))
		for i, names := range m.Detect {
			known[i] = names[0]
		}
		if len(known) == 0 {
			known = []string{"named in kankei.yaml"}
		}
		fmt.Fprintf(&b, "| [`%s`](#%s) | `%s` | %s / %s | %s |\n", m.ID, m.ID, m.Kind, m.Title.JA, m.Title.EN, strings.Join(known, ", "))
	}
	for _, m := range Builtins() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", m.ID, strings.TrimSpace(m.About))
		if missing := m.wants(); len(missing) > 0 {
			names := make([]string, 0, len(missing))
			for _, want := range missing {
				names = append(names, strings.Join(want, " or "))
			}
			fmt.Fprintf(&b, "\nNeeds: %s.\n", strings.Join(names, "; "))
		}
		var rows []string
		for _, r := range m.Records {
			fills := map[string]bool{}
			for _, f := range r.Fields {
				stem, _, _ := strings.Cut(f.Target, ".")
				fills[stem] = true
			}
			row := fmt.Sprintf("`%s` of %s", r.Dataset, strings.Join(sortedKeys(fills), ", "))
			if len(rows) == 0 || rows[len(rows)-1] != row {
				rows = append(rows, row)
			}
		}
		fmt.Fprintf(&b, "\nGives %s.\n", strings.Join(rows, "; "))
	}
	return b.String()
}

// docs/mappings.md names every field and every code that a mapping may use. Fields of a group, such as region.code, are named whole or
// by what follows the dot.
func TestMappingsDocNamesEveryField(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "mappings.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) bool { return strings.Contains(string(page), "`"+name+"`") }
	for name, target := range targets {
		if _, part, grouped := strings.Cut(name, "."); !named(name) && (!grouped || !named("."+part)) {
			t.Errorf("docs/mappings.md has no field %s", name)
		}
		for _, code := range target.codes {
			if target.kind != boolValue && !named(code) {
				t.Errorf("docs/mappings.md has no code %s of %s", code, name)
			}
		}
	}
}
