package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kankei/kankei/transforms/smallarea"
)

// The areas of the benchmark: all municipalities, in 47 prefectures, a quarter of them
// without a sample, with five covariates and the constant.
const (
	areaCovariates = 5
	areaGroups     = 47
	areaReplicates = 400
)

// municipalities are made-up areas and the prefecture of each.
func municipalities() (areas []smallarea.Area, of []int) {
	random := rand.New(rand.NewPCG(panelSeed, 3))
	for i := range panelRegions {
		a := smallarea.Area{Variance: 0.4 + 1.6*random.Float64(), X: []float64{1}, OutOfSample: i%4 == 3}
		a.Direct = 20 + 0.7*random.NormFloat64() + math.Sqrt(a.Variance)*random.NormFloat64()
		for k := range areaCovariates {
			x := random.NormFloat64()
			a.X, a.Direct = append(a.X, x), a.Direct+float64(k)/4*x
		}
		areas, of = append(areas, a), append(of, i%areaGroups)
	}
	return areas, of
}

// areaSteps are the durations of one run over all areas.
type areaSteps struct{ fit, intervals, bootstrap, benchmarked, all time.Duration }

// estimateAreas does all that is done with small areas. off is by how much the sums of the
// benchmarked estimates miss their totals, relative to these.
func estimateAreas(areas []smallarea.Area, of []int) (fit *smallarea.Fit, steps areaSteps, off float64, err error) {
	begin := time.Now()
	last := begin
	step := func(of *time.Duration) { *of, last = time.Since(last), time.Now() }
	if fit, err = smallarea.FayHerriot(areas, smallarea.Options{}); err != nil {
		return nil, steps, 0, err
	}
	step(&steps.fit)
	if _, err = fit.Intervals(0.95); err != nil {
		return nil, steps, 0, err
	}
	step(&steps.intervals)
	if _, err = fit.BootstrapIntervals(0.95, areaReplicates, rand.New(rand.NewPCG(panelSeed, 4))); err != nil {
		return nil, steps, 0, err
	}
	step(&steps.bootstrap)
	estimates, groups := make([]smallarea.Estimated, len(areas)), make([]smallarea.Estimated, areaGroups)
	for i, a := range fit.Areas {
		estimates[i] = smallarea.Estimated{Estimate: a.Estimate, MSE: a.MSE, Weight: 1}
		g := &groups[of[i]]
		g.Estimate, g.MSE, g.Weight = g.Estimate+a.Estimate, g.MSE+a.MSE, 1
	}
	total := 1.03 * 20 * float64(len(areas))
	moved, movedGroups, err := smallarea.Nested(estimates, of, groups, total, smallarea.InverseMSE)
	if err != nil {
		return nil, steps, 0, err
	}
	step(&steps.benchmarked)
	steps.all = time.Since(begin)
	sums := make([]float64, areaGroups)
	for i, e := range moved {
		sums[of[i]] += e.Estimate
	}
	nation := 0.0
	for g, e := range movedGroups {
		off = max(off, math.Abs(sums[g]/e.Estimate-1))
		nation += e.Estimate
	}
	return fit, steps, max(off, math.Abs(nation/total-1)), nil
}

// areas measures small areas: the model of all municipalities, errors, intervals of both
// kinds and two levels of benchmarking, beside R.
func areas(ctx context.Context, s settings) error {
	dir, err := fresh(s.dir, "areas")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, of := municipalities()
	var fit *smallarea.Fit
	var runs []areaSteps
	var off float64
	for range s.runs {
		var steps areaSteps
		if fit, steps, off, err = estimateAreas(all, of); err != nil {
			return err
		}
		runs = append(runs, steps)
	}
	slices.SortFunc(runs, func(a, b areaSteps) int { return int(a.all - b.all) })
	m := runs[len(runs)/2]
	fmt.Printf("(g) %d small areas, %d of them sampled, %d covariates, median of %d\n", len(all), fit.Sampled, areaCovariates+1, s.runs)
	fmt.Printf("    Kankei    fit and errors %.4f s, intervals %.4f s, by bootstrap (%d) %.2f s, benchmarking %.4f s, together %.2f s, wanted < 10 s\n",
		m.fit.Seconds(), m.intervals.Seconds(), areaReplicates, m.bootstrap.Seconds(), m.benchmarked.Seconds(), m.all.Seconds())
	fmt.Printf("    sums are met to %.1e, wanted ≤ 1e-9\n", off)
	if off > 1e-9 {
		return fmt.Errorf("benchmarked sums miss their totals by %.1e", off)
	}
	return areasBesideR(ctx, all, fit, filepath.Join(dir, "areas.csv"))
}

// areasBesideR fits the sampled areas in R and compares.
func areasBesideR(ctx context.Context, all []smallarea.Area, fit *smallarea.Fit, file string) error {
	var b bytes.Buffer
	b.WriteString("y,v,x1,x2,x3,x4,x5\n")
	var ours []smallarea.Prediction
	for i, a := range all {
		if a.OutOfSample {
			continue
		}
		ours = append(ours, fit.Areas[i])
		fmt.Fprintf(&b, "%.17g,%.17g", a.Direct, a.Variance)
		for _, x := range a.X[1:] {
			fmt.Fprintf(&b, ",%.17g", x)
		}
		b.WriteByte('\n')
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, "Rscript", "bench/areas.R", file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("R is needed (Debian: r-base-core): %w\n%s", err, output)
	}
	var with string
	var seconds, worst float64
	compared := 0
	for line := range strings.Lines(string(output)) {
		var i int
		var estimate, mse float64
		if n, _ := fmt.Sscanf(line, "%d %g %g", &i, &estimate, &mse); n == 3 && i < len(ours) {
			compared++
			worst = max(worst, math.Abs(ours[i].Estimate/estimate-1), math.Abs(ours[i].MSE/mse-1))
			continue
		}
		fmt.Sscanf(line, "seconds %s %g", &with, &seconds)
	}
	if compared != len(ours) {
		return fmt.Errorf("R gave %d of %d areas:\n%s", compared, len(ours), output)
	}
	fmt.Printf("    R, %s  fit and errors %.4f s\n", with, seconds)
	fmt.Printf("    greatest relative difference of estimates and mean squared errors %.1e, wanted ≤ 1e-8\n", worst)
	if worst > 1e-8 {
		return fmt.Errorf("the two differ by %.1e", worst)
	}
	return nil
}
