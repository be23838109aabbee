package hazard

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func near(got, want, relative float64) bool {
	return math.Abs(got-want) <= relative*math.Max(math.Abs(want), 1e-12)
}

func closeTo(t testing.TB, what string, got, want []float64, relative float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	for i := range want {
		if !near(got[i], want[i], relative) {
			t.Errorf("%s %d: %.15g, want %.15g", what, i+1, got[i], want[i])
		}
	}
}

func second[T any](_ T, err error) error { return err }

// refused says what an error must: the words wanted, and whether it is ErrNotEstimable.
func refused(t *testing.T, name string, err error, notEstimable bool, want []string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", name)
		return
	}
	if errors.Is(err, ErrNotEstimable) != notEstimable {
		t.Errorf("%s: %q: not estimable is %v, want %v", name, err, !notEstimable, notEstimable)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q does not say %q", name, err, w)
		}
	}
}
