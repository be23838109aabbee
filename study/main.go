// Study measures how right Kankei's estimates and intervals are: it draws many
// samples from populations that are known, and compares. docs/accuracy.md
// describes what is simulated and holds the last numbers.
//
//	study [-cells REGEXP] [-runs N] [-budget 1h] [-keep DIR] [-write]
//	study -list
//
// Every cell has random streams of its own, one per run: numbers depend neither on
// the number of processors nor on which other cells are run. Rows of one cell are
// estimated from the same draws.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"time"
)

// page is where -write puts the tables.
const page = "docs/accuracy.md"

// groups are the tables of the page, each of cells in order.
var groups = []struct {
	name, heading string
	cells         []Cell
}{
	{"design", heading, designCells()},
	{"onsite", heading, onsiteCells()},
	{"panel", heading, panelCells()},
	{"world", heading, worldCells()},
	{"capture", captureHeading, captureCells()},
	{"smallarea", areasHeading, areasCells()},
	{"headline", captureHeading, headlineCells()},
	{"conversion", captureHeading, convertCells()},
	{"null", nullHeading, nullCells()},
	{"chain", chainHeading, chainCells()},
}

func main() {
	wanted := flag.String("cells", "", "regular expression of the names of the rows to make, and all of the same cells; all if empty")
	runs := flag.Int("runs", 2000, "samples drawn in each cell")
	budget := flag.Duration("budget", time.Hour, "no cell is begun after so long")
	write := flag.Bool("write", false, "put the rows into "+page+", in place of those of the same cells")
	flag.StringVar(&kept, "keep", "", "keep finished worlds of the chain in this `folder`, and take from there those that this same program has run before")
	list := flag.Bool("list", false, "list the cells, and what is drawn and estimated in each")
	flag.Parse()
	if *list {
		for _, g := range groups {
			for _, c := range g.cells {
				for _, name := range c.rows() {
					fmt.Printf("%s\t%s\n", name, c.What)
				}
			}
		}
		return
	}
	if err := study(*wanted, *runs, *budget, *write); err != nil {
		fmt.Fprintln(os.Stderr, "study:", err)
		os.Exit(1)
	}
}

func study(wanted string, runs int, budget time.Duration, write bool) error {
	names, err := regexp.Compile(wanted)
	if err != nil {
		return err
	}
	begin := time.Now()
	rows := map[string]string{}
	for _, g := range groups {
		titled := false
		for _, c := range g.cells {
			if !slices.ContainsFunc(c.rows(), names.MatchString) {
				continue
			}
			if time.Since(begin) > budget {
				return fmt.Errorf("the budget of %v is used up before %s: raise -budget or choose the rest by -cells", budget, c.Name)
			}
			if !titled {
				fmt.Print(g.heading)
				titled = true
			}
			start := time.Now()
			for i, line := range c.lines(runs) {
				rows[c.rows()[i]] = line
				fmt.Println(line)
			}
			fmt.Fprintf(os.Stderr, "%s %.1f s\n", c.Name, time.Since(start).Seconds())
			if write { // at once: whoever stops a long study keeps the cells that were run
				if err := rewrite(page, rows); err != nil {
					return err
				}
			}
		}
	}
	if len(rows) == 0 {
		return fmt.Errorf("no cell is called %s", wanted)
	}
	fmt.Fprintf(os.Stderr, "%.0f s\n", time.Since(begin).Seconds())
	return nil
}
