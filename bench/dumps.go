package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/kankei/kankei/bench/generate"
)

// dumpsConfiguration is the kankei.yaml of a house that delivers all its bookings every night.
const dumpsConfiguration = `project: dumps
sources: [{name: neppan, kind: booking, mapping: neppan, files: "exports/*.csv", region: "30401"}]
definitions: [repeat-visits]
reference_months: 1
outside: [prefecture]
threads: %d
`

// dumps delivers all bookings every night under a name of its own, with 1 % of new rows on the
// night before, and tells what the nights take.
func dumps(ctx context.Context, s settings) error {
	rows, w := s.rows[0], world(s.rows[0])
	dir, err := fresh(s.dir, "dumps")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "kankei.yaml"), fmt.Appendf(nil, dumpsConfiguration, s.threads), 0o644); err != nil {
		return err
	}
	paths, err := w.Write(filepath.Join(dir, "parts"), generate.CP932, 1)
	if err != nil {
		return err
	}
	all, err := os.ReadFile(paths[0])
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "exports"), 0o755); err != nil {
		return err
	}
	fmt.Printf("(l) %d bookings delivered whole every night, 1 %% of them new or changed\n", rows)
	for n := range s.runs {
		if n > 0 {
			part := filepath.Join(dir, "parts", "night.csv")
			if err := w.WriteNight(part, generate.CP932, n-1, rows/100); err != nil {
				return err
			}
			added, err := os.ReadFile(part)
			if err != nil {
				return err
			}
			all = append(all, added[bytes.IndexByte(added, '\n')+1:]...)
		}
		if err := os.WriteFile(filepath.Join(dir, "exports", fmt.Sprintf("night-%03d.csv", n+1)), all, 0o644); err != nil {
			return err
		}
		r, err := runProject(ctx, s, dir)
		if err != nil {
			return err
		}
		if n < 2 || (n+1)%10 == 0 || n == s.runs-1 {
			i := slices.IndexFunc(r.stages, func(s stage) bool { return s.Name == "clean" })
			store, err := os.Stat(filepath.Join(dir, "work", "store.duckdb"))
			if err != nil {
				return err
			}
			fmt.Printf("    night %3d %v  clean %6.2f s  store %5.1f MB\n", n+1, r.measure, r.stages[i].Seconds, float64(store.Size())/1e6)
		}
	}
	return nil
}
