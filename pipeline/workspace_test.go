package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReplaceLeavesNothingBeside(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	path := w.Path("work", "runs", "a.json")
	for _, text := range []string{"one", "two"} {
		if err := w.Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "two" {
		t.Errorf("file holds %q, want two", got)
	}
	left, err := os.ReadDir(w.Path("work", tempName))
	if err != nil || len(left) > 0 {
		t.Errorf("unfinished files left: %v, %v", left, err)
	}
}

func TestCommitGivesAFolderItsPlaceWhole(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	final := w.Path("releases", "r1")
	temp, err := w.TempDir(final)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "a"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(temp, final); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(final, "a")) || exists(temp) {
		t.Errorf("folder is not where it belongs")
	}
	if err := w.Commit(temp, final); err == nil {
		t.Errorf("Commit of a folder that is not there succeeds")
	}
}

func TestCleanRemovesUnfinishedFilesOnly(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	temp, err := w.TempDir(w.Path("work", "landed", "x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Replace(w.Path("work", "kept"), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Clean(); err != nil {
		t.Fatal(err)
	}
	if exists(temp) || !exists(w.Path("work", "kept")) {
		t.Errorf("after Clean: temp there %t, kept there %t", exists(temp), exists(w.Path("work", "kept")))
	}
}

// TestTornLineIsNotThere cuts a file as a crash might and appends to it.
func TestTornLineIsNotThere(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	path := w.Path("state", "x.jsonl")
	type line struct{ N int }
	read := func() []int {
		var all []int
		for l, err := range readLines[line](path) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, l.N)
		}
		return all
	}
	for n := range 3 {
		if err := w.AppendJSON(path, line{n}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(1); cut <= 3; cut++ {
		if err := os.Truncate(path, info.Size()-cut); err != nil {
			t.Fatal(err)
		}
		if got := read(); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("cut by %d: %v, want 0, 1", cut, got)
		}
	}
	if err := w.AppendJSON(path, line{7}); err != nil {
		t.Fatal(err)
	}
	if got := read(); !slices.Equal(got, []int{0, 1, 7}) {
		t.Errorf("after appending: %v, want 0, 1, 7", got)
	}
}

func TestSecondLockSaysWhoHoldsTheFirst(t *testing.T) {
	w := Workspace{Dir: t.TempDir()}
	unlock, err := w.Lock("kankei run", time.Date(2026, 4, 1, 3, 10, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Lock("kankei run", time.Now())
	if ExitCode(err) != ExitFailed || !strings.Contains(err.Error(), "another run is in progress (process ") {
		t.Errorf("second lock: %v (exit code %d), want who holds it (1)", err, ExitCode(err))
	}
	if h, held := w.LockedBy(); !held || h.PID != os.Getpid() {
		t.Errorf("LockedBy = %+v, %t, want this process", h, held)
	}
	unlock()
	if _, held := w.LockedBy(); held {
		t.Errorf("lock is held after it was let go")
	}
	unlock, err = w.Lock("kankei run", time.Now())
	if err != nil {
		t.Fatalf("lock cannot be taken again: %v", err)
	}
	unlock()
}
