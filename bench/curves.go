package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kankei/kankei/transforms/survival"
)

// The persons of the benchmark, in as many strata as there are municipalities, and the
// days at which the two sides are compared.
const curvePersons = 1_000_000

var curveDays = []int32{180, 365, 730}

// followed are made-up persons followed by day for up to three years: moves to the region,
// moves elsewhere, and ends of observation, many of them on the same day.
func followed() []survival.Spell {
	random := rand.New(rand.NewPCG(panelSeed, 5))
	spells := make([]survival.Spell, curvePersons)
	for i := range spells {
		s := &spells[i]
		s.Stratum = int32(random.IntN(panelRegions))
		s.Exit = min(1095, 200+random.Int32N(1200)) // a share is followed to the end
		for cause, mean := range []float64{3000, 1200} {
			if t := 1 + int32(mean*random.ExpFloat64()); t < s.Exit {
				s.Exit, s.Cause = t, int32(cause+1)
			}
		}
	}
	return spells
}

// curves measures Kaplan–Meier and Aalen–Johansen curves of all strata, beside R.
func curves(ctx context.Context, s settings) error {
	dir, err := fresh(s.dir, "curves")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	spells := followed()
	var all []survival.Curve
	var runs []time.Duration
	cpu := cpuTime()
	for range s.runs {
		begin := time.Now()
		if all, err = survival.Curves(spells, survival.Options{Strata: panelRegions, Causes: 2, Threads: 2}); err != nil {
			return err
		}
		runs = append(runs, time.Since(begin))
	}
	cpu = (cpuTime() - cpu) / time.Duration(s.runs)
	slices.Sort(runs)
	fmt.Printf("(h) %d persons by day in %d strata, two causes, median of %d\n", len(spells), len(all), s.runs)
	fmt.Printf("    Kankei    Kaplan–Meier and Aalen–Johansen %.2f s (%.2f s CPU), wanted < 3 s\n", runs[len(runs)/2].Seconds(), cpu.Seconds())
	rows := rand.New(rand.NewPCG(panelSeed, 6))
	rows.Shuffle(len(spells), func(i, j int) { spells[i], spells[j] = spells[j], spells[i] })
	again, err := survival.Curves(spells, survival.Options{Strata: panelRegions, Causes: 2, Threads: 2})
	if err != nil {
		return err
	}
	for i := range all {
		if !slices.Equal(figures(&all[i]), figures(&again[i])) {
			return fmt.Errorf("stratum %d depends on the order of rows", i)
		}
	}
	return curvesBesideR(ctx, spells, all, filepath.Join(dir, "curves.csv"))
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// figures are what is compared of a curve: S and two incidences with their errors, by day.
func figures(c *survival.Curve) []float64 {
	var all []float64
	in := survival.Interval{}
	for _, day := range curveDays {
		for _, p := range []survival.Point{c.SurvivalAt(day, in), c.IncidenceAt(1, day, in), c.IncidenceAt(2, day, in)} {
			all = append(all, p.Value, p.StdErr)
		}
	}
	return all
}

// curvesBesideR makes the same curves in R and compares.
func curvesBesideR(ctx context.Context, spells []survival.Spell, all []survival.Curve, file string) error {
	if exec.CommandContext(ctx, "Rscript", "-e", "library(survival)").Run() != nil {
		fmt.Println("    R's package survival is not installed (Debian: r-cran-survival): nothing was compared")
		return nil
	}
	if err := writeSpells(spells, file); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, "Rscript", "bench/curves.R", file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("R: %w\n%s", err, output)
	}
	compared, worst := 0, 0.0
	for line := range strings.Lines(string(output)) {
		var stratum, day int
		r := make([]float64, 6)
		n, _ := fmt.Sscanf(line, "%d %d %g %g %g %g %g %g", &stratum, &day, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5])
		if n < 8 {
			fmt.Print("    ", line)
			continue
		}
		at := slices.Index(curveDays, int32(day))
		if at < 0 || stratum >= len(all) {
			return fmt.Errorf("R gave stratum %d, day %d", stratum, day)
		}
		compared++
		for i, ours := range figures(&all[stratum])[6*at : 6*at+6] {
			worst = max(worst, math.Abs(ours-r[i])/math.Max(math.Abs(r[i]), 1e-300))
		}
	}
	if want := len(all) * len(curveDays); compared != want {
		return fmt.Errorf("R gave %d of %d figures:\n%.2000s", compared, want, output)
	}
	fmt.Printf("    greatest relative difference of probabilities and standard errors %.1e, wanted ≤ 1e-10\n", worst)
	if !(worst <= 1e-10) {
		return fmt.Errorf("the two differ by %.1e", worst)
	}
	return nil
}

// writeSpells writes what R reads.
func writeSpells(spells []survival.Spell, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriter(f)
	fmt.Fprintln(b, "stratum,exit,cause")
	for _, s := range spells {
		fmt.Fprintf(b, "%d,%d,%d\n", s.Stratum, s.Exit, s.Cause)
	}
	return b.Flush()
}
