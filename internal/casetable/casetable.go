// Package casetable sets what the program gives beside what a named authority
// gave, as a table that a test prints and holds.
package casetable

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/kankei/kankei/internal/sharedtest"
)

// Case is a known answer: a folder with inputs and expected.json.
type Case struct {
	t        testing.TB
	name     string
	dir      string
	expected map[string]any
	rows     []string
}

// Open reads a case; its table is printed when the test ends. Where the shared
// inputs are absent the test is skipped, loudly.
func Open(t testing.TB, name string) *Case {
	t.Helper()
	c := &Case{t: t, name: name, dir: filepath.Join(sharedtest.Dir(t), "cases", name)}
	text, err := os.ReadFile(filepath.Join(c.dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c.expected); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.print)
	return c
}

func (c *Case) print() {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "case\tquantity\texpected\tgot\tdifference\t\n%s\n", strings.Join(c.rows, "\n"))
	w.Flush()
	c.t.Logf("\n%s", b.String())
	if len(c.rows) == 0 {
		c.t.Errorf("%s: nothing was compared", c.name)
	}
}

// Answer is the number at a path below answers, such as "total_enroll/se" or
// "ci_t/0"; 1 of true and 0 of false.
func (c *Case) Answer(path string) float64 {
	c.t.Helper()
	v := c.expected["answers"]
	for _, key := range strings.Split(path, "/") {
		switch node := v.(type) {
		case map[string]any:
			v = node[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(node) {
				c.t.Fatalf("%s: no answer %s", c.name, path)
			}
			v = node[i]
		}
	}
	if truth, ok := v.(bool); ok {
		if truth {
			return 1
		}
		return 0
	}
	number, ok := v.(float64)
	if !ok {
		c.t.Fatalf("%s: answer %s is %v, no number", c.name, path, v)
	}
	return number
}

// Tolerance is a relative tolerance of the case, "rel" being the usual one.
func (c *Case) Tolerance(name string) float64 {
	c.t.Helper()
	tolerances, _ := c.expected["tolerance"].(map[string]any)
	v, ok := tolerances[name].(float64)
	if !ok {
		c.t.Fatalf("%s: no tolerance %s", c.name, name)
	}
	return v
}

// Holds compares a number with the answer at a path, within the relative
// tolerance of the case.
func (c *Case) Holds(path string, got float64) { c.t.Helper(); c.Within(path, got, "rel") }

// Within compares with a tolerance of another name.
func (c *Case) Within(path string, got float64, tolerance string) {
	c.t.Helper()
	want := c.Answer(path)
	difference := math.Abs(got - want)
	if want != 0 {
		difference /= math.Abs(want)
	}
	c.rows = append(c.rows, fmt.Sprintf("%s\t%s\t%.12g\t%.12g\t%.1e\t", c.name, path, want, got, difference))
	if !(difference <= c.Tolerance(tolerance)) { // NaN fails
		c.t.Errorf("%s: %s = %v, want %v (relative difference %.2g)", c.name, path, got, want, difference)
	}
}

// Columns are the columns of a CSV file of a case by name.
type Columns map[string][]string

// Read gives the columns of a file of the case.
func (c *Case) Read(file string) Columns {
	c.t.Helper()
	f, err := os.Open(filepath.Join(c.dir, file))
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	columns := Columns{}
	for i, name := range records[0] {
		for _, r := range records[1:] {
			columns[name] = append(columns[name], r[i])
		}
	}
	return columns
}

// Numbers is a column of numbers; missing values are NaN.
func (c Columns) Numbers(name string) []float64 {
	values := make([]float64, len(c[name]))
	for i, text := range c[name] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			v = math.NaN()
		}
		values[i] = v
	}
	return values
}

// Codes numbers the distinct texts of a column in sorted order.
func (c Columns) Codes(name string) (codes []int32, levels []string) {
	levels = slices.Clone(c[name])
	slices.Sort(levels)
	levels = slices.Compact(levels)
	for _, text := range c[name] {
		i, _ := slices.BinarySearch(levels, text)
		codes = append(codes, int32(i))
	}
	return codes, levels
}
