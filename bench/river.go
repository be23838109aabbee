package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kankei/kankei/bench/generate"
)

// configuration is the kankei.yaml of a measured project.
const configuration = `project: bench
sources:
  - {name: neppan, kind: booking, mapping: neppan, files: "exports/neppan/*.csv"}
  - {name: facilities, kind: facility, files: exports/facilities.csv}
definitions: [repeat-visits, engaged-stays]
regions: ["30000"]
threads: %d
memory: 2GB
`

// newProject writes a project with the monthly exports of a world.
func newProject(s settings, w generate.World, parts ...string) (dir string, err error) {
	if dir, err = fresh(append([]string{s.dir}, parts...)...); err != nil {
		return "", err
	}
	if _, err := w.Write(filepath.Join(dir, "exports", "neppan"), generate.CP932, generate.Months); err != nil {
		return "", err
	}
	err = os.WriteFile(filepath.Join(dir, "exports", "facilities.csv"), generate.Facilities(), 0o644)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "kankei.yaml"), fmt.Appendf(nil, configuration, s.threads), 0o644)
	}
	return dir, err
}

// run is what one run of a project took.
type run struct {
	measure
	stages []stage
}

// stage is a stage of a run, as its record in work/runs tells.
type stage struct {
	Name    string  `json:"name"`
	Skipped bool    `json:"skipped"`
	Seconds float64 `json:"seconds"`
}

// toVisit is the time of the stages up to visit.
func (r run) toVisit() time.Duration {
	var seconds float64
	for _, s := range r.stages {
		seconds += s.Seconds
		if s.Name == "visit" {
			break
		}
	}
	return time.Duration(seconds * float64(time.Second))
}

// runProject runs a project as the nightly job does.
func runProject(ctx context.Context, s settings, dir string) (run, error) {
	m, err := command(ctx, s.binary, "run", "-C", dir, "--as-of", generate.LastDay().String())
	if err != nil {
		return run{}, err
	}
	records, err := filepath.Glob(filepath.Join(dir, "work", "runs", "*.json"))
	if err != nil || len(records) == 0 {
		return run{}, fmt.Errorf("%s: no record of the run", dir)
	}
	// Numbers without leading zeros: the longest name is the latest.
	latest := slices.MaxFunc(records, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	text, err := os.ReadFile(latest)
	if err != nil {
		return run{}, err
	}
	var record struct {
		Stages []stage `json:"stages"`
	}
	return run{m, record.Stages}, json.Unmarshal(text, &record)
}

// severalTimes is up to how many rows a size is run several times; a hundred
// million take half an hour.
const severalTimes = 10_000_000

// river runs projects of growing size, each from nothing: the median of several
// runs up to ten million rows, one run beyond.
func river(ctx context.Context, s settings) error {
	fmt.Println("(b) a run from nothing, seconds per stage")
	var before time.Duration
	var rowsBefore int64
	for _, rows := range s.rows {
		dir, err := newProject(s, world(rows), "river")
		if err != nil {
			return err
		}
		times := s.runs
		if rows > severalTimes {
			times = 1
		}
		var runs []run
		for range times {
			for _, folder := range []string{"work", "releases", "state"} {
				if err := os.RemoveAll(filepath.Join(dir, folder)); err != nil {
					return err
				}
			}
			r, err := runProject(ctx, s, dir)
			if err != nil {
				return err
			}
			runs = append(runs, r)
		}
		r := medianToVisit(runs)
		fmt.Printf("    %11d bookings  %v, median of %d\n     ", rows, r.measure, times)
		for _, stage := range r.stages {
			fmt.Printf(" %s %.1f", stage.Name, stage.Seconds)
		}
		fmt.Printf("; to visit %.1f s", r.toVisit().Seconds())
		if before > 0 {
			fmt.Printf(", %.1f times the time for %.0f times the rows", r.toVisit().Seconds()/before.Seconds(), float64(rows)/float64(rowsBefore))
		}
		fmt.Println("; wanted < 4096 MiB")
		before, rowsBefore = r.toVisit(), rows
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
