package pipeline

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The columns are what was published, also where nothing else is left of it, and the last release of each as-of day.
func TestKeptReleases(t *testing.T) {
	p := &Project{Workspace: Workspace{Dir: t.TempDir()}, Config: &Config{}}
	for number, id := range []string{"2025-08-31-aaaaaaaa", "2025-09-30-bbbbbbbb", "2025-09-30-cccccccc", "2025-09-30-bbbbbbbb", "2025-09-30-dddddddd", "2025-10-31-gone0000"} {
		if err := p.ReplaceJSON(p.recordPath(number+1), Record{Number: number + 1, Release: id}); err != nil {
			t.Fatal(err)
		}
		if id != "2025-10-31-gone0000" {
			if err := os.MkdirAll(p.Path("releases", id), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, line := range []publication{{ID: "2025-07-31-00000001", Release: "2025-07-31-deleted0"}, {ID: "2025-09-30-00000002", Release: "2025-09-30-cccccccc"}} {
		if err := p.AppendJSON(p.ledgerPath(), line); err != nil {
			t.Fatal(err)
		}
	}
	got, err := p.keptReleases()
	if err != nil {
		t.Fatal(err)
	}
	want := []TriangleRelease{
		{ID: "2025-07-31-deleted0", Publication: "2025-07-31-00000001"}, {ID: "2025-08-31-aaaaaaaa"},
		{ID: "2025-09-30-cccccccc", Publication: "2025-09-30-00000002"}, {ID: "2025-09-30-dddddddd"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	last, err := p.LastPublication()
	if err != nil || last.Count != 2 || last.ID != "2025-09-30-00000002" {
		t.Errorf("the last publication is %+v, %v", last, err)
	}
}
