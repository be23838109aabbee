package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/pipeline"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kankei": main})
}

// TestSessions plays the sessions of testdata/script as a user types them.
func TestSessions(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(sharedtest.Root(t), "testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "C.UTF-8")
			e.Setenv("KANKEI_KEY", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "gzip": compress, "cut": cut, "lock": lock, "cells": cells,
		},
	})
}

// exits runs a command and wants its exit code: exits 2 kankei plan.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// compress replaces FILE by FILE.gz.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	ts.Check(err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(text)
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(os.WriteFile(path+".gz", b.Bytes(), 0o644))
	ts.Check(os.Remove(path))
}

// cut takes the last bytes off a file: cut FILE BYTES.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-n))
}

// cells prints rows of a sheet of a workbook as CSV: cells FILE SHEET FIRST LAST.
func cells(ts *testscript.TestScript, _ bool, args []string) {
	first, err := strconv.Atoi(args[2])
	ts.Check(err)
	last, err := strconv.Atoi(args[3])
	ts.Check(err)
	book, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer book.Close()
	rows, err := book.GetRows(args[1])
	ts.Check(err)
	ts.Check(csv.NewWriter(ts.Stdout()).WriteAll(rows[first-1 : min(last, len(rows))]))
}

// lock holds the lock of a project until the end of the session.
func lock(ts *testscript.TestScript, _ bool, args []string) {
	unlock, err := pipeline.Workspace{Dir: ts.MkAbs(args[0])}.Lock("kankei run", time.Date(2026, 4, 1, 3, 10, 0, 0, time.UTC))
	ts.Check(err)
	ts.Defer(unlock)
}
