package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// worlds writes simulated worlds of growing size, one run each: time in proportion
// to the persons, memory to the regions, houses and files.
func worlds(ctx context.Context, s settings) error {
	fmt.Println("(e) simulated worlds of the base scenario")
	for _, persons := range s.rows {
		dir, err := fresh(s.dir, "world")
		if err != nil {
			return err
		}
		m, err := command(ctx, s.binary, "simulate", dir, "--scenario", "base", "--seed", "1", "--persons", strconv.FormatInt(persons, 10))
		if err != nil {
			return err
		}
		fmt.Printf("    %11d persons  %v\n", persons, m)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
