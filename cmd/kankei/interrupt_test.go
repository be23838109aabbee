package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// interrupter is the terminal of someone who interrupts at a given word.
type interrupter struct {
	bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (w *interrupter) Write(p []byte) (int, error) {
	if w.at != "" && bytes.Contains(p, []byte(w.at)) {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

// A run interrupted while it lands files, or between stages, ends with 130 and
// leaves nothing unfinished; the next one goes on and releases what a run in
// peace does.
func TestInterruptedRunGoesOn(t *testing.T) {
	run := func(dir, at string) (code int, said string) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		log := &interrupter{at: at, cancel: cancel}
		key := func(name string) string {
			return map[string]string{"KANKEI_KEY": "0123456789abcdef0123456789abcdef"}[name]
		}
		code = Main(ctx, []string{"run", "-C", dir}, World{Out: log, Err: log, Getenv: key, Now: time.Now})
		return code, log.String()
	}
	peaceful := interruptible(t)
	if code, said := run(peaceful, ""); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, said)
	}
	want := current(t, peaceful)

	dir := interruptible(t)
	for _, at := range []string{"exports/a.csv:", "exports/b.csv:", "stage link", "stage publish"} {
		code, said := run(dir, at)
		if code != 130 || !strings.HasSuffix(said, "run again to go on from there\n") {
			t.Errorf("interrupted at %q: exit code %d:\n%s", at, code, said)
		}
		left, err := filepath.Glob(filepath.Join(dir, "*", ".tmp*"))
		if err != nil || len(left) > 0 {
			t.Errorf("interrupted at %q: %v is left (%v)", at, left, err)
		}
	}
	if code, said := run(dir, ""); code != 0 || current(t, dir) != want {
		t.Errorf("after the interruptions: exit code %d, release %s, want %s:\n%s", code, current(t, dir), want, said)
	}
}

// interruptible is a project of two files.
func interruptible(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	header := "Book number,Booked by,Check-in,Check-out,Booked on,Status,Rooms,Adults\n"
	for name, text := range map[string]string{
		"kankei.yaml":   "project: p\nreference_months: 1\nsources:\n  - {name: b, kind: booking, mapping: booking-com, files: exports/*.csv, region: \"30401\"}\n",
		"exports/a.csv": header + "1000000001,Hanako Sample,2026-02-01,2026-02-03,2026-02-01,ok,1,2\n",
		"exports/b.csv": header + "1000000002,Taro Sample,2026-02-27,2026-03-01,2026-02-28,ok,1,1\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// current is the id of the release in force.
func current(t *testing.T, dir string) string {
	t.Helper()
	id, err := os.ReadFile(filepath.Join(dir, "releases", "CURRENT"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(id))
}
