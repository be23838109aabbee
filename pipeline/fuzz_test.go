package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// FuzzCodeChanges: whatever a table of changes of codes says, it is used or
// refused as misuse, and every code then has a place at every vintage.
func FuzzCodeChanges(f *testing.F) {
	const head = "changed_on,from_code,to_code,reason\n"
	for _, seed := range []string{
		head + "2005-03-28,21486,21213,merger\n", head + "2024-01-01,22135,22139,分割\n2024-01-01,22139,22135,renaming\n", head + "2005-03-28,30401\n",
		head + "2005-03-28,x,y,z\n", "date,type,event\n", "\ufeff" + head, head + "\"2005-03-28\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		history, err := parseChanges("changes.csv", text)
		if err != nil {
			if ExitCode(err) != ExitMisused {
				t.Errorf("%v is not told as misuse", err)
			}
			return
		}
		table, err := reference.Load().WithHistory(history)
		if err != nil {
			return
		}
		for _, c := range history.Changes {
			in := boundaries{table, c.ChangedOn}
			for _, on := range []schemas.Date{c.ChangedOn - 1, c.ChangedOn, reference.Forever} {
				if place := in.place(c.FromCode, on); place == "" || in.place(place, in.vintage) != place {
					t.Errorf("%s on %s is %q at %s, and that %q", c.FromCode, on, place, in.vintage, in.place(place, in.vintage))
				}
			}
		}
	})
}

// FuzzReview: whatever the file of judged pairs says, it is read or refused as misuse.
func FuzzReview(f *testing.F) {
	head := strings.Join(pairColumns, ",") + "\n"
	for _, seed := range []string{head, head + strings.Repeat("1,", len(pairColumns)-1) + "yes\n", head + "1\n", head + "\"", "\ufeff" + head} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := pairFile{name: "pairs.csv", read: map[string]bool{}}
		if err := file.parse(text); err != nil && ExitCode(err) != ExitMisused {
			t.Errorf("%v is not told as misuse", err)
		}
	})
}

// FuzzEverydayAreas: whatever the table of everyday areas says, it is read or refused as misuse.
func FuzzEverydayAreas(f *testing.F) {
	for _, seed := range []string{"region_code,area\n30401,a\n", "region_code,area\n304018,a\n", "a\n", "region_code,area\n30401\n", "\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &Run{Project: &Project{Workspace: Workspace{Dir: t.TempDir()}, Config: &Config{EverydayArea: "areas.csv"}}, Regions: reference.Load()}
		mustWrite(t, r.Path("areas.csv"), text)
		if _, err := r.everydayAreas(); err != nil && ExitCode(err) != ExitMisused {
			t.Errorf("%v is not told as misuse", err)
		}
	})
}

// FuzzState: whatever stands in the files of a project's state and of a
// release, they are read or give an error.
func FuzzState(f *testing.F) {
	for _, seed := range []string{"{}", "", `{"stages":null}`, `{"event":"seen","at":"2026-01-01T00:00:00Z"}` + "\n{", `{"files":[{"path":"../x","sha256":"","bytes":-1}]}`, "[1]", "null\nnull\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		w := Workspace{Dir: t.TempDir()}
		for _, path := range []string{w.deliveriesPath(), w.acceptancesPath(), w.ledgerPath(), w.manifestPath(), w.Path("r", "manifest.json")} {
			mustWrite(t, path, text)
		}
		w.deliveryLog()
		w.Replacements()
		w.accepted()
		w.publications()
		if m := w.readManifest(); m.Stages == nil || m.Programs == nil {
			t.Errorf("the manifest %q has no stages", text)
		}
		publish.ReadManifest(w.Path("r"))
		publish.Check(w.Path("r"))
	})
}

// FuzzPublished: whatever the bytes of a published table, they are read back or
// give an error.
func FuzzPublished(f *testing.F) {
	path := filepath.Join(f.TempDir(), "a.parquet")
	nights := int64(12)
	if err := parquet.WriteFile(path, []schemas.GuestNights{{RegionCode: "30401", RegionLevel: "municipality", GuestNights: &nights}}); err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		folder := t.TempDir()
		mustWrite(t, filepath.Join(folder, "parquet", "guest_nights", "guest_nights.parquet"), text)
		readTables(context.Background(), folder)
	})
}

func mustWrite(t testing.TB, path string, text []byte) {
	t.Helper()
	mustMkdir(t, filepath.Dir(path))
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
