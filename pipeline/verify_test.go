package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/internal/releasetest"
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

// emptyRelease is a release in which nothing was counted.
func emptyRelease(t *testing.T) (releases, id string) {
	t.Helper()
	releases = t.TempDir()
	return releases, releaseOf(t, releases)
}

// releaseOf is a release of these tables, all others being empty.
func releaseOf(t *testing.T, releases string, given ...publish.Table) (id string) {
	t.Helper()
	asOf, _ := schemas.NewDate(2025, 3, 31)
	done, err := publish.Write(t.Context(), releases, publish.Release{AsOf: asOf, NotForPublication: true, Lean: true, Tables: releasetest.With(given...)})
	if err != nil {
		t.Fatal(err)
	}
	return done.ID
}

func TestVerify(t *testing.T) {
	releases, id := emptyRelease(t)
	report, err := Verify(t.Context(), releases)
	if err != nil || report.Err() != nil || report.Release != id || report.Files != 35 {
		t.Fatalf("a fresh release: %+v, %v, %v", report, report.Err(), err)
	}
	at := func(path string) string { return filepath.Join(releases, id, path) }
	text, err := os.ReadFile(at("datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		"datapackage.json": strings.Replace(string(text), "a", "b", 1),
		"notes.txt":        "mine",
	} {
		if err := os.WriteFile(at(path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(at("kankei.duckdb")); err != nil {
		t.Fatal(err)
	}
	report, err = Verify(t.Context(), releases)
	if err != nil {
		t.Fatal(err)
	}
	want := []publish.Fault{{Path: "datapackage.json", Kind: publish.Changed}, {Path: "kankei.duckdb", Kind: publish.Missing}, {Path: "notes.txt", Kind: publish.Stray}}
	if diff := cmp.Diff(want, report.Faults); diff != "" {
		t.Error(diff)
	}
	if ExitCode(report.Err()) != ExitFailed {
		t.Errorf("exit code %d", ExitCode(report.Err()))
	}
	for _, w := range []string{"datapackage.json: has been changed", "kankei.duckdb: is missing", "notes.txt: is not part"} {
		if !strings.Contains(Message(report.Err(), "en"), w) {
			t.Errorf("message lacks %q:\n%s", w, Message(report.Err(), "en"))
		}
	}
}

func TestVerifyWithoutRelease(t *testing.T) {
	_, err := Verify(t.Context(), t.TempDir())
	if ExitCode(err) != ExitFailed || !strings.Contains(Message(err, "en"), "no release yet") {
		t.Errorf("error %v", err)
	}
}

func TestVerifySeesARenamedRelease(t *testing.T) {
	releases, id := emptyRelease(t)
	other := "2025-03-31-00000000"
	if err := os.Rename(filepath.Join(releases, id), filepath.Join(releases, other)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(releases, "CURRENT"), []byte(other+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(t.Context(), releases)
	if err != nil || len(report.Faults) != 1 || report.Faults[0].Kind != publish.Renamed {
		t.Errorf("%+v, %v", report, err)
	}
}
