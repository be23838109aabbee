package schemas_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

// docs/simulation.md lists the keys of a scenario as the types have them.
func TestScenarioReferenceIsCurrent(t *testing.T) {
	path := filepath.Join(sharedtest.Root(t), "docs", "simulation.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), "<!-- reference:begin -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- reference:end -->")
	if !ok || !ok2 {
		t.Fatal("docs/simulation.md has no reference between its marks")
	}
	want := before + "<!-- reference:begin -->\n" + schemas.ScenarioReference() + "<!-- reference:end -->" + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(page) != want {
		t.Error("docs/simulation.md is stale; run go test ./schemas -run ScenarioReference -update")
	}
}

// Every built-in scenario is read, and has the name of its file.
func TestBuiltinScenarios(t *testing.T) {
	all := schemas.BuiltinScenarios()
	if len(all) < 3 {
		t.Fatalf("%d scenarios", len(all))
	}
	for _, s := range all {
		text, ok := schemas.ScenarioText(s.ID)
		if !ok {
			t.Errorf("scenario %s is not in %s.yaml", s.ID, s.ID)
		}
		if again, err := schemas.ParseScenario(text); err != nil || again.Version != s.Version {
			t.Errorf("%s: %v", s.ID, err)
		}
		if s.LastDay() <= s.FirstMonth() {
			t.Errorf("%s ends on %s before it begins on %s", s.ID, s.LastDay(), s.FirstMonth())
		}
	}
}

// The scenarios that studies use are frozen: whoever changes one gives it a new
// version, runs the study again and writes the new digest here.
func TestStudiedScenariosAreFrozen(t *testing.T) {
	for id, want := range map[string]string{"base": "ab2e61553bb18abd71b1464d46d92135b4ba7bb9c62837b744486e153ff9d093"} {
		text, _ := schemas.ScenarioText(id)
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != want {
			t.Errorf("scenario %s has the digest %s, its version 2 had %s: give it a new version, and run make study", id, got, want)
		}
	}
}

func TestScenariosThatAreRefused(t *testing.T) {
	base, _ := schemas.ScenarioText("base")
	for _, c := range []struct{ old, new, want string }{
		{"distance_decay:", "distanse_decay:", `there is no key "distanse_decay"`},
		{`first: "2023-10"`, `first: "Oct 2023"`, "first is a month such as 2023-10"},
		{"months: 24", "months: 0", "months is 1 to 120"},
		{"family: gamma, mean: 0.5, shape: 0.6", "family: weibull, mean: 0.5", `family "weibull" is none of gamma, points, regular`},
		{"family: gamma, mean: 0.5, shape: 0.6", "family: gamma, mean: 0.5", "gamma needs a mean and a shape"},
		{"rates: [1.5, 4, 9], weights: [60, 30, 10]", "rates: [1.5, 4, 9], weights: [60]", "as many weights"},
		{"purposes: {kin: 1}", "purposes: {family: 1}", `no "family"`},
		{"share: 0.30", "share: 30", "a share is above 1"},
		{"own_name: 0.55", "own_name: 55", "the share 55 is above 1"},
		{"hazard: {one_off:", "hazard: {oneoff:", `there is no level "oneoff"`},
		{`waves: ["2024-09", "2025-09"]`, `waves: ["2031-09"]`, `"2031-09" is no month of the exports`},
		{"join_age: [1.2, 1.3, 1.1, 0.8, 0.4]", "join_age: [1.2]", "five classes of age"},
		{"season: [0.7, ", "season: [", "season is 12 weights"},
		{"nights: [62, 28, 8, 2], ", "", "nights"},
		{"id: base", "id: Base World", "id takes lower-case"},
		{"mobility: 0.6", "mobility: .nan", "mobility holds what is no number"},
		{"met: 0.25", "met: -0.25", "onsite holds what is no number"},
		{"weekend: 2", "weekend: 1e9", "a number is too great"},
		{"mean: 0.5, shape", "mean: 5000, shape", "rates go to 400 a year"},
		{"nights: [62, 28, 8, 2]", "nights: [0, 0]", "all weights are 0"},
		{"mean: 0.5, shape", "migrates: 1e9, mean: 0.5, shape", "holidays and migrates to"},
		{"migration:", "programmes: [{since: 2024, visits: 2}]\nmigration:", "programmes: since is a month"},
		{"migration:", "programmes: [{since: \"2024-04\"}]\nmigration:", "visits a number above 0"},
	} {
		text := strings.Replace(string(base), c.old, c.new, 1)
		if text == string(base) {
			t.Fatalf("%q is not in the base scenario", c.old)
		}
		if _, err := schemas.ParseScenario([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.new, err, c.want)
		}
	}
}

// Whatever a file holds, it is a scenario or a fault with its line.
func FuzzParseScenario(f *testing.F) {
	for _, s := range schemas.BuiltinScenarios() {
		text, _ := schemas.ScenarioText(s.ID)
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schemas.ParseScenario([]byte(text))
		if fault := new(schemas.ProfileError); err != nil && !errors.As(err, &fault) {
			t.Errorf("%T: %v", err, err)
		}
		if err == nil && (s.LastDay() < s.FirstMonth() || len(s.Ties) == 0) {
			t.Errorf("%+v was accepted", s)
		}
	})
}
