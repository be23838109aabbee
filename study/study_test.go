package main

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

// Score by hand: length 2; the truth 1 below an interval costs 2/0.05 = 40 more.
func TestIntervalScore(t *testing.T) {
	for _, c := range []struct{ low, high, truth, want float64 }{{1, 3, 2, 2}, {1, 3, 0, 42}, {1, 3, 3.5, 22}} {
		if got := intervalScore(c.low, c.high, c.truth); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("intervalScore(%v, %v, %v) = %v, want %v", c.low, c.high, c.truth, got, c.want)
		}
	}
}

// By hand: three estimates 1, 2, 3 of 2 and a failure. Two intervals cover, the
// third lies above; of four runs that is 50 %.
func TestSummarise(t *testing.T) {
	r := summarise(2, []outcome{{value: 1, stdErr: 1, low: 0, high: 2}, {failed: true}, {value: 2, stdErr: 1, low: 1, high: 3}, {value: 3, stdErr: 4, low: 2.5, high: 4.5}})
	want := Result{Truth: 2, Runs: 4, Mean: 2, SD: 1, StdErr: 2, Covered: 2, Above: 1, Width: 2, Score: 2 + 20.0/3, Failed: 1}
	if math.Abs(r.Score-want.Score) > 1e-12 {
		t.Errorf("score %v, want %v", r.Score, want.Score)
	}
	if r.Score = want.Score; r != want {
		t.Errorf("summarise = %+v, want %+v", r, want)
	}
	if c, mcse := r.Coverage(); c != 0.5 || mcse != 0.25 {
		t.Errorf("coverage %v ± %v, want 0.5 ± 0.25", c, mcse)
	}
	if bias, mcse := r.Bias(); bias != 0 || math.Abs(mcse-0.5/math.Sqrt(3)) > 1e-12 {
		t.Errorf("bias %v ± %v, want 0 ± 0.5/√3", bias, mcse)
	}
	if r.Calibration() != 1 {
		t.Errorf("calibration %v, want 1", r.Calibration())
	}
}

// Results pooled are means of what is relative, and sums of what is counted.
func TestPool(t *testing.T) {
	a := Result{Truth: 10, Runs: 2, Mean: 11, SD: 1, StdErr: 2, Covered: 1, Below: 1, Width: 4, Score: 8}
	b := Result{Truth: 30, Runs: 2, Mean: 27, SD: 3, StdErr: 3, Covered: 2, Width: 6, Score: 6, Failed: 1}
	got, want := pool([]Result{a, b}), Result{Truth: 20, Runs: 4, Mean: 20, SD: 2, StdErr: 3, Covered: 3, Below: 1, Width: 6, Score: 10, Failed: 1}
	if got != want {
		t.Errorf("pool = %+v, want %+v", got, want)
	}
}

// Every set of n of the units is drawn alike, and no unit twice.
func TestWithout(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	units, times := []int32{3, 5, 8, 9}, map[int32]int{}
	for range 4000 {
		drawn := without(random, units, 2)
		if len(drawn) != 2 || drawn[0] == drawn[1] {
			t.Fatalf("drawn %v", drawn)
		}
		times[drawn[0]]++
		times[drawn[1]]++
	}
	for _, u := range units {
		if math.Abs(float64(times[u])-2000) > 150 { // 4.7 standard deviations
			t.Errorf("unit %d was drawn %d times in 4000, want about 2000", u, times[u])
		}
	}
}

// A cell gives the same on any number of threads.
func TestThreadsDoNotMatter(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	names := []string{"design/twostage/n=60psu/bootstrap/ratio", "onsite/clusters/atleast2", "panel/byclass/calibrated/pairs", "headline/m=8/pairs", "conversion/null/programme/n=600/found",
		"capture/loyalty=0.3/estimated/k=2/averaged", "smallarea/m=15/variance=1/default", "conversion/prospective/moves=0.6/few/aalen_johansen_corrected/36"}
	if testing.Short() {
		names = names[:5] // the others are as dear as all of these
	}
	for _, name := range names {
		c := cellCalled(t, name)
		runtime.GOMAXPROCS(1)
		one := c.lines(45)
		runtime.GOMAXPROCS(4)
		if four := c.lines(45); !slices.Equal(one, four) {
			t.Errorf("one thread:   %s\nfour threads: %s", one, four)
		}
	}
}

// Names are unique, and the page has a row of each cell, of as many runs.
func TestPageIsWhole(t *testing.T) {
	rows, seen := pageRows(t), map[string]bool{}
	for _, g := range groups {
		for _, c := range g.cells {
			for _, name := range c.rows() {
				if seen[name] {
					t.Errorf("two rows are called %s", name)
				}
				seen[name] = true
				if rows[name] == "" {
					t.Errorf("%s has no row of %s: run make study", page, name)
				}
			}
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("%s has a row of %s, which is no cell: run make study", page, name)
		}
	}
}

// What the page says of some cells is what they give today: whoever changes an
// estimator runs the study anew.
func TestPageIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 2,000 samples of some cells")
	}
	rows := pageRows(t)
	for _, name := range []string{"design/twostage/n=60psu/total/log", "design/calibrated/raked/n=60psu/prop10", "onsite/exact/atleast2", "capture/lists/independent/chapman", "capture/p-drawn/p=0.35/stated/k=2/averaged", "smallarea/m=1741/variance=0.5/default", "headline/m=8/pairs", "conversion/retrospective/answers=0.5-0.3/related_at_start/12", "conversion/prospective/moves=0.6/few/aalen_johansen_corrected/36"} {
		c := cellCalled(t, name)
		runs, err := strconv.Atoi(strings.TrimSpace(strings.Split(rows[name], "|")[3]))
		if err != nil {
			t.Fatalf("%s: %q: %v", page, rows[name], err)
		}
		for i, got := range c.lines(runs) {
			if said := rows[c.rows()[i]]; got != said {
				t.Errorf("%s is out of date: run make study\n it says %s\n now     %s", page, said, got)
			}
		}
	}
}

// cellCalled is the cell that has a row of this name.
func cellCalled(t *testing.T, name string) Cell {
	t.Helper()
	for _, g := range groups {
		for _, c := range g.cells {
			if slices.Contains(c.rows(), name) {
				return c
			}
		}
	}
	t.Fatalf("no cell is called %s", name)
	return Cell{}
}

// pageRows are the rows of the committed page.
func pageRows(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(sharedtest.Root(t), page))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name := cellOf(line); name != "" {
			rows[name] = strings.TrimSuffix(line, "\n")
		}
	}
	return rows
}

// Rows replace those of the same cell; others stay, and those of no cell go.
func TestRewrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	var text strings.Builder
	for _, g := range groups {
		text.WriteString("before " + g.name + "\n<!-- study:" + g.name + " -->\n| `no/cell` | 1 |\n| `" + g.cells[0].rows()[0] + "` | old |\n<!-- study:end -->\n")
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	first := groups[0].cells
	if err := rewrite(file, map[string]string{first[1].Name: "| `" + first[1].Name + "` | new |"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "before design\n<!-- study:design -->\n" + heading + "| `" + first[0].Name + "` | old |\n| `" + first[1].Name + "` | new |\n<!-- study:end -->\nbefore onsite\n"
	if !strings.HasPrefix(string(got), want) || strings.Contains(string(got), "no/cell") {
		t.Errorf("rewritten:\n%s\nwant it to begin\n%s", got, want)
	}
}
