// Package sharedtest finds the inputs that tests share with other checkouts:
// real exports and known answers that are not part of the project.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is the folder of shared inputs: KANKEI_SHARED, or ../shared beside the
// module. Where it is absent the test is skipped with a message, and fails
// when CI is set, so that a green CI has seen the real inputs.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("KANKEI_SHARED")
	if dir == "" {
		dir = filepath.Join(Root(t), "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "real")); err == nil {
		return dir
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("shared inputs: no folder %s; set KANKEI_SHARED", dir)
	}
	t.Skipf("SKIPPED, NOT PASSED: shared inputs not found at %s; set KANKEI_SHARED to run this test", dir)
	return ""
}

// Root is the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
