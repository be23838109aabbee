package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kankei/kankei/bench/generate"
)

// night runs a project once, then on several nights with 1 % new rows each,
// then rebuilds it from nothing as often, and compares times and releases.
func night(ctx context.Context, s settings) error {
	rows := s.rows[0]
	w := world(rows)
	dir, err := newProject(s, w, "night")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := runProject(ctx, s, dir); err != nil {
		return err
	}
	var nights, rebuilds []run
	for n := range s.runs {
		path := filepath.Join(dir, "exports", "neppan", fmt.Sprintf("night-%d.csv", n+1))
		if err := w.WriteNight(path, generate.CP932, n, rows/100); err != nil {
			return err
		}
		r, err := runProject(ctx, s, dir)
		if err != nil {
			return err
		}
		nights = append(nights, r)
	}
	patched, err := released(dir)
	if err != nil {
		return err
	}
	for range s.runs {
		for _, folder := range []string{"work", "releases"} {
			if err := os.RemoveAll(filepath.Join(dir, folder)); err != nil {
				return err
			}
		}
		r, err := runProject(ctx, s, dir)
		if err != nil {
			return err
		}
		rebuilds = append(rebuilds, r)
	}
	rebuilt, err := released(dir)
	if err != nil {
		return err
	}
	one, all := medianToVisit(nights), medianToVisit(rebuilds)
	fmt.Printf("(c) a night with 1 %% new rows, %d bookings, to visit, median of %d\n", rows, s.runs)
	for _, side := range []struct {
		name string
		run  run
	}{{"night", one}, {"rebuild", all}} {
		fmt.Printf("    %-8s %7.2f s  (whole run %v)\n     ", side.name, side.run.toVisit().Seconds(), side.run.measure)
		for _, stage := range side.run.stages {
			fmt.Printf(" %s %.2f", stage.Name, stage.Seconds)
		}
		fmt.Println()
	}
	fmt.Printf("    ratio %.1f %%, wanted < 5 %%\n", 100*one.toVisit().Seconds()/all.toVisit().Seconds())
	return same(patched, rebuilt)
}

// medianToVisit is the run of the median time up to visit.
func medianToVisit(runs []run) run {
	sorted := slices.SortedFunc(slices.Values(runs), func(a, b run) int { return int(a.toVisit() - b.toVisit()) })
	return sorted[len(sorted)/2]
}

// released gives the Parquet files of the current release by their path in it.
func released(dir string) (map[string][]byte, error) {
	id, err := os.ReadFile(filepath.Join(dir, "releases", "CURRENT"))
	if err != nil {
		return nil, err
	}
	release := os.DirFS(filepath.Join(dir, "releases", string(bytes.TrimSpace(id))))
	files := map[string][]byte{}
	return files, fs.WalkDir(release, "parquet", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(release, path)
		return err
	})
}

// same says whether two releases have the same files, byte for byte.
func same(patched, rebuilt map[string][]byte) error {
	for path, b := range rebuilt {
		if !bytes.Equal(patched[path], b) {
			return fmt.Errorf("%s: the patched release differs from the rebuilt one", path)
		}
	}
	if len(patched) != len(rebuilt) || len(rebuilt) == 0 {
		return fmt.Errorf("the patched release has %d files, the rebuilt one %d", len(patched), len(rebuilt))
	}
	fmt.Printf("    the %d Parquet files of the release equal those of a rebuild byte for byte\n", len(rebuilt))
	return nil
}
