package schemas_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

var update = flag.Bool("update", false, "write docs/dictionary.md anew")

func TestDictionaryIsCurrent(t *testing.T) {
	file := filepath.Join(sharedtest.Root(t), "docs", "dictionary.md")
	if *update {
		if err := os.WriteFile(file, schemas.Dictionary(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, schemas.Dictionary()) {
		t.Error("docs/dictionary.md is stale; run: go test ./schemas -update")
	}
}

var grain = regexp.MustCompile(`(^|\. )One row per [^.]+\.$`)

func TestEveryDatasetStatesItsGrain(t *testing.T) {
	for _, d := range schemas.Datasets() {
		if !grain.MatchString(d.Comment) {
			t.Errorf("%s: comment %q does not end with a sentence “One row per …”", d.Name, d.Comment)
		}
	}
}

func TestEveryColumnIsDocumented(t *testing.T) {
	roles := []string{"key", "dimension", "measure", "attribute"}
	for _, d := range schemas.Datasets() {
		for _, c := range d.Columns() {
			if !strings.HasPrefix(c.Comment, c.Name+" ") || !strings.HasSuffix(c.Comment, ".") {
				t.Errorf("%s.%s: comment %q is not a sentence about the column", d.Name, c.Name, c.Comment)
			}
			if !slices.Contains(roles, c.Role) {
				t.Errorf("%s.%s: role %q, want one of %v", d.Name, c.Name, c.Role, roles)
			}
			if c.Unit == "" {
				t.Errorf("%s.%s: no unit", d.Name, c.Name)
			}
		}
	}
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	lists := schemas.CodeLists()
	if len(lists) == 0 {
		t.Fatal("no code lists")
	}
	for _, list := range lists {
		if !strings.HasSuffix(list.Comment, ".") {
			t.Errorf("code list %q: not a sentence", list.Comment)
		}
		for _, c := range list.Codes {
			if c.Value == "" || c.Meaning == "" {
				t.Errorf("%s code %q: meaning %q", list.Comment, c.Value, c.Meaning)
			}
		}
	}
}

func TestPurposeBitsMatchTheirCodes(t *testing.T) {
	for _, list := range schemas.CodeLists() {
		for _, c := range list.Codes {
			if c.Value == "kin (64)" && strings.HasPrefix(c.Meaning, "帰省") && schemas.Kin == 64 {
				return
			}
		}
	}
	t.Error("no code “kin (64)” with its meaning in the code lists")
}
