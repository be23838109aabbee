package main

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// heading is that of every table whose cells have one row.
const heading = `| cell | truth | R | bias | sd | SE/sd − 1 | coverage | below / above | width | score | failed |
|---|---|---|---|---|---|---|---|---|---|---|
`

// The target: coverage of 95 % intervals in percent.
const leastCoverage, mostCoverage = 93.5, 96.5

// row is one line of a table. All but the truth is in percent; bias, sd, width
// and score are of the truth. Coverage that misses the target is bold.
func row(name string, r Result) string {
	bias, biasError := r.Bias()
	covered, coveredError := r.Coverage()
	coverage := fmt.Sprintf("%.1f ± %.1f", 100*covered, 100*coveredError)
	if 100*covered < leastCoverage || 100*covered > mostCoverage {
		coverage = "**" + coverage + "**"
	}
	failed := fmt.Sprint(r.Failed)
	if r.Unreliable > 0 {
		failed += fmt.Sprintf(", U %.0f %%", r.percent(r.Unreliable))
	}
	truth := math.Abs(r.Truth)
	return fmt.Sprintf("| `%s` | %.5g | %d | %+.2f ± %.2f | %.1f | %+.1f | %s | %.1f / %.1f | %.1f | %.1f | %s |",
		name, r.Truth, r.Runs, 100*bias, 100*biasError, 100*r.SD/truth, 100*r.Calibration(),
		coverage, r.percent(r.Below), r.percent(r.Above), 100*r.Width/truth, 100*r.Score/truth, failed)
}

func (r Result) percent(n int) float64 { return 100 * float64(n) / float64(r.Runs) }

// cellOf is the name of the row of a line, or ”.
func cellOf(line string) string {
	rest, isRow := strings.CutPrefix(line, "| `")
	if !isRow {
		return ""
	}
	name, _, _ := strings.Cut(rest, "`")
	return name
}

// rewrite puts rows into the tables of a page, which stand between markers
// <!-- study:NAME --> and <!-- study:end -->. Rows of cells that were not run stay;
// those of cells there are no more go.
func rewrite(file string, rows map[string]string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if name := cellOf(line); name != "" && rows[name] == "" {
			rows[name] = strings.TrimSuffix(line, "\n")
		}
	}
	out := string(text)
	for _, g := range groups {
		begin, end := "<!-- study:"+g.name+" -->\n", "<!-- study:end -->"
		before, rest, found := strings.Cut(out, begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			return fmt.Errorf("%s: there are no markers %s… %s", file, begin, end)
		}
		out = before + begin + g.heading + table(g.cells, rows) + end + after
	}
	return os.WriteFile(file, []byte(out), 0o644)
}

// table is the rows of some cells, as far as there are any.
func table(cells []Cell, rows map[string]string) string {
	var b strings.Builder
	for _, c := range cells {
		for _, name := range c.rows() {
			if rows[name] != "" {
				b.WriteString(rows[name] + "\n")
			}
		}
	}
	return b.String()
}
