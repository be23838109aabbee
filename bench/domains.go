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

	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// The panel of the benchmark: as many respondents as the land ministry's survey
// of 2023 had, calibrated to three margins, each tied to one of all
// municipalities or to none.
const (
	panelSize    = 118_963
	panelRegions = 1_741
	panelSeed    = 2023
	// sampledDomains is of how many domains R makes the totals; the rest is
	// extrapolated.
	sampledDomains = 12
)

// panel is a made-up sample with the margins of its population.
type panel struct {
	weights []float64
	region  []int32 // −1 for none
	margins []weight.Margin
}

func newPanel() panel {
	random := rand.New(rand.NewPCG(panelSeed, 1))
	p := panel{weights: make([]float64, panelSize), region: make([]int32, panelSize)}
	for i, classes := range []int{14, 47, 6} {
		m := weight.Margin{Name: string(rune('a' + i)), Totals: make([]float64, classes), Of: make([]int32, panelSize)}
		for c := range classes {
			m.Classes = append(m.Classes, fmt.Sprintf("%02d", c))
		}
		p.margins = append(p.margins, m)
	}
	for k := range p.weights {
		p.weights[k] = 864 * (0.7 + 0.6*random.Float64())
		p.region[k] = -1
		if random.Float64() < 0.35 {
			p.region[k] = int32(random.IntN(panelRegions))
		}
		stands := p.weights[k] * (0.6 + 0.8*random.Float64()) // what the margins are made of
		for i := range p.margins {
			m := &p.margins[i]
			m.Of[k] = int32(random.IntN(len(m.Classes)))
			m.Totals[m.Of[k]] += stands
		}
	}
	return p
}

// write writes the panel and its totals for R.
func (p panel) write(dir string) (rows, totals string, err error) {
	var b, t bytes.Buffer
	b.WriteString("w,region,a,b,c\n")
	for k, w := range p.weights {
		fmt.Fprintf(&b, "%.17g,%d", w, p.region[k])
		for _, m := range p.margins {
			b.WriteString("," + m.Classes[m.Of[k]])
		}
		b.WriteByte('\n')
	}
	t.WriteString("margin,class,total\n")
	for _, m := range p.margins {
		for c, class := range m.Classes {
			fmt.Fprintf(&t, "%s,%s,%.17g\n", m.Name, class, m.Totals[c])
		}
	}
	rows, totals = filepath.Join(dir, "panel.csv"), filepath.Join(dir, "totals.csv")
	if err := os.WriteFile(rows, b.Bytes(), 0o644); err != nil {
		return "", "", err
	}
	return rows, totals, os.WriteFile(totals, t.Bytes(), 0o644)
}

// estimate rakes the panel and estimates every domain.
func (p panel) estimate() (totals []estimate.DomainTotal, raked, estimated time.Duration, err error) {
	begin := time.Now()
	aux, population := weight.Margins(p.margins...)
	c, err := weight.Calibrate(p.weights, aux, population, weight.Options{Distance: weight.Raking})
	if err != nil {
		return nil, 0, 0, err
	}
	raked = time.Since(begin)
	units := make([][]int32, panelRegions)
	for k, r := range p.region {
		if r >= 0 {
			units[r] = append(units[r], int32(k))
		}
	}
	d, err := estimate.NewDomains(estimate.Survey{Design: weight.Design{Weights: p.weights}, Calibration: c})
	if err != nil {
		return nil, 0, 0, err
	}
	for _, u := range units {
		t, err := d.Total(u, slices.Repeat([]float64{1}, len(u)))
		if err != nil {
			return nil, 0, 0, err
		}
		totals = append(totals, t)
	}
	return totals, raked, time.Since(begin) - raked, nil
}

// domains measures calibrated totals and standard errors of all municipalities
// beside R's survey package.
func domains(ctx context.Context, s settings) error {
	dir, err := fresh(s.dir, "domains")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := newPanel()
	rows, totals, err := p.write(dir)
	if err != nil {
		return err
	}
	var ours []estimate.DomainTotal
	var raking, estimating []time.Duration
	for range s.runs {
		t, raked, estimated, err := p.estimate()
		if err != nil {
			return err
		}
		ours, raking, estimating = t, append(raking, raked), append(estimating, estimated)
	}
	slices.Sort(raking)
	slices.Sort(estimating)
	a, b := raking[len(raking)/2], estimating[len(estimating)/2]
	fmt.Printf("(d) totals and standard errors of %d domains, n = %d, three raked margins, median of %d\n", panelRegions, panelSize, s.runs)
	fmt.Printf("    Kankei    raking %.3f s, all domains %.3f s, together %.3f s, wanted < 1 s\n", a.Seconds(), b.Seconds(), (a + b).Seconds())
	return besideR(ctx, ours, rows, totals)
}

// besideR runs R on a sample of the domains and compares.
func besideR(ctx context.Context, ours []estimate.DomainTotal, rows, totals string) error {
	output, err := exec.CommandContext(ctx, "Rscript", "bench/domains.R", rows, totals, fmt.Sprint(sampledDomains)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("R with the package survey is needed (Debian: r-cran-survey): %w\n%s", err, output)
	}
	var worst, calibration, estimation float64
	compared := 0
	for line := range strings.Lines(string(output)) {
		var r int
		var value, se float64
		if n, _ := fmt.Sscanf(line, "%d %g %g", &r, &value, &se); n == 3 {
			compared++
			worst = max(worst, math.Abs(ours[r].Value/value-1), math.Abs(ours[r].StdErr/se-1))
			continue
		}
		fmt.Sscanf(line, "seconds %g %g", &calibration, &estimation)
	}
	if compared != sampledDomains {
		return fmt.Errorf("R gave %d of %d domains:\n%s", compared, sampledDomains, output)
	}
	each := estimation / sampledDomains
	fmt.Printf("    R survey  raking %.3f s, %.3f s a domain (%d measured), all %d extrapolated %.0f s\n", calibration, each, sampledDomains, panelRegions, calibration+each*panelRegions)
	fmt.Printf("    greatest relative difference of totals and standard errors %.1e, wanted ≤ 1e-10\n", worst)
	if worst > 1e-10 {
		return fmt.Errorf("the two differ by %.1e", worst)
	}
	return nil
}
