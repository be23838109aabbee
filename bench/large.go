package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kankei/kankei/bench/generate"
)

// residentMax is what landing one file may take, however large it is.
const residentMax = 1 << 30

// large lands one CSV and one workbook of the greatest size that can be met:
// -rows has the rows of each.
func large(ctx context.Context, s settings) error {
	if len(s.rows) != 2 {
		s.rows = counts{21_500_000, 1_000_000} // 5 GB, and what a sheet holds
	}
	fmt.Printf("(j) one large file, once each; wanted < %d MiB\n", residentMax>>20)
	for i, write := range []func(dir string, rows int64) (string, error){largeCSV, largeWorkbook} {
		if err := landLarge(ctx, s, s.rows[i], write); err != nil {
			return err
		}
	}
	return nil
}

func largeCSV(dir string, rows int64) (string, error) {
	paths, err := world(rows).Write(dir, generate.CP932, 1)
	if err != nil {
		return "", err
	}
	return paths[0], nil
}

func largeWorkbook(dir string, rows int64) (string, error) {
	path := filepath.Join(dir, "ReservationTotalList.xlsx")
	return path, world(rows).WriteWorkbook(path)
}

// landLarge writes one file, lands it in a process of its own and removes it.
func landLarge(ctx context.Context, s settings, rows int64, write func(dir string, rows int64) (string, error)) error {
	dir, err := fresh(s.dir, "large")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begin := time.Now()
	path, err := write(dir, rows)
	if err != nil {
		return err
	}
	wrote := time.Since(begin)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	out, err := fresh(dir, "out")
	if err != nil {
		return err
	}
	m, err := command(ctx, self, "land", "-threads", fmt.Sprint(s.threads), path, out)
	if err != nil {
		return err
	}
	verdict := "met"
	if m.peak >= residentMax {
		verdict = "MISSED"
	}
	fmt.Printf("    %-4s %11d rows  %6.0f MB  %v  %s (written in %.0f s)\n", filepath.Ext(path)[1:], rows, float64(info.Size())/1e6, m, verdict, wrote.Seconds())
	return nil
}
