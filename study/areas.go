package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/transforms/smallarea"
)

// nation is a number of areas whose truths and direct estimates are drawn anew in each
// run: θ = 10 + 2x + u, y = θ + e, x standard normal.
type nation struct {
	m      int
	sigma2 float64
	effect effect
	// degrees are those of the χ² by which sampling variances are known, smoothed by the
	// number of respondents; 0 where they are known without error.
	degrees int
	// outside is that every fifth area has no sample.
	outside bool
}

// effect draws an area's own u of variance 1.
type effect func(random *rand.Rand) float64

func normal(random *rand.Rand) float64 { return random.NormFloat64() }

// skewed is exponential, less its mean: a few areas lie far above what covariates tell.
func skewed(random *rand.Rand) float64 { return random.ExpFloat64() - 1 }

// respondents of five sizes of areas, and the sampling variances that go with them: 0.4 to
// 2, 1.1 in the mean.
var (
	respondents       = []float64{50, 200. / 7, 20, 100. / 7, 10}
	samplingVariances = []float64{0.4, 0.7, 1, 1.4, 2}
)

// draw makes the areas of a run and their truths.
func (n nation) draw(random *rand.Rand) (areas []smallarea.Area, truth []float64, err error) {
	areas, truth = make([]smallarea.Area, n.m), make([]float64, n.m)
	for i := range areas {
		x, d := random.NormFloat64(), samplingVariances[i%5]
		truth[i] = 10 + 2*x + math.Sqrt(n.sigma2)*n.effect(random)
		areas[i] = smallarea.Area{Direct: truth[i] + math.Sqrt(d)*random.NormFloat64(), Variance: d, X: []float64{1, x}, OutOfSample: n.outside && i%5 == 3}
	}
	if n.degrees == 0 {
		return areas, truth, nil
	}
	return areas, truth, n.smooth(areas, random)
}

// smooth takes sampling variances for what a variance function gives of measured ones.
func (n nation) smooth(areas []smallarea.Area, random *rand.Rand) error {
	measured := make([]smallarea.Measured, len(areas))
	for i, a := range areas {
		var chi2 float64
		for range n.degrees {
			z := random.NormFloat64()
			chi2 += z * z
		}
		measured[i] = smallarea.Measured{Estimate: a.Direct, Variance: a.Variance * chi2 / float64(n.degrees), N: respondents[i%5]}
	}
	smoothed, err := smallarea.SmoothVariances(measured, smallarea.LogSize, smallarea.MeanRatio)
	if err != nil {
		return err
	}
	for i, v := range smoothed.Variances {
		areas[i].Variance = v
	}
	return nil
}

// areaResamples are the bootstrap replicates of an interval.
const areaResamples = 400

// The rows of a cell: REML as it is, with normal intervals, and what Kankei takes.
const (
	plainREML = iota
	byDefault
	areaWays
)

// areasRun is what one run gave one of the ways, over its areas: all are means. heldOf are
// shares of the areas of each sampling variance.
type areasRun struct {
	held, told, lost, direct, width float64
	heldOf                          [5]float64
	zero, failed                    bool
}

// once draws and estimates once by each way.
func (n nation) once(random *rand.Rand) (runs [areaWays]areasRun) {
	for i := range runs {
		runs[i].failed = true
	}
	areas, truth, err := n.draw(random)
	if err != nil {
		return runs
	}
	if fit, err := smallarea.FayHerriot(areas, smallarea.Options{KeepZero: true}); err == nil {
		intervals, err := fit.Intervals(level)
		runs[plainREML] = overAreas(fit, areas, truth, intervals, err)
	}
	if fit, err := smallarea.FayHerriot(areas, smallarea.Options{}); err == nil {
		intervals, _, err := fit.DefaultIntervals(level, areaResamples, random)
		runs[byDefault] = overAreas(fit, areas, truth, intervals, err)
	}
	return runs
}

func overAreas(fit *smallarea.Fit, areas []smallarea.Area, truth []float64, intervals []smallarea.Interval, err error) areasRun {
	if err != nil {
		return areasRun{failed: true}
	}
	r := areasRun{zero: fit.Zero || fit.Sigma2 == 0}
	n := float64(len(truth))
	for i, a := range fit.Areas {
		off := a.Estimate - truth[i]
		r.told, r.lost, r.width = r.told+a.MSE/n, r.lost+off*off/n, r.width+(intervals[i].High-intervals[i].Low)/n
		r.direct += samplingVariances[i%5] / n // of areas without a sample too, to compare with
		if intervals[i].Low <= truth[i] && truth[i] <= intervals[i].High {
			r.held += 1 / n
			r.heldOf[i%5] += 1 / float64((len(truth)+4-i%5)/5)
		}
	}
	return r
}

// areasCell estimates all areas by each way, from the same draws.
func areasCell(name, what string, n nation, most int, kept, taken areasTarget) Cell {
	c := Cell{Name: "smallarea/" + name, What: fmt.Sprintf("%d areas, model variance %v, %s", n.m, n.sigma2, what), Most: most, Figures: []part{{name: "reml"}, {name: "default"}}}
	c.Lines = func(seed uint64, runs int) []string {
		ways := make([][areaWays]areasRun, runs)
		inChunks(runs, func(run int) { ways[run] = n.once(rand.New(rand.NewPCG(seed, uint64(run)))) })
		lines := make([]string, areaWays)
		for way, t := range []areasTarget{plainREML: kept, byDefault: taken} {
			of := make([]areasRun, runs)
			for run := range of {
				of[run] = ways[run][way]
			}
			lines[way] = t.row(c.rows()[way], n, of)
		}
		return lines
	}
	return c
}

// areasCells are those of small areas.
func areasCells() []Cell {
	none, great, few := areasTarget{}, areasTarget{bias: 5, least: 93, most: 97}, areasTarget{least: 92}
	return []Cell{
		areasCell("m=47/variance=1", "sampling variances 0.4 to 2, known", nation{m: 47, sigma2: 1, effect: normal}, 0, great, great),
		areasCell("m=47/variance=0.2", "sampling variances 0.4 to 2, known", nation{m: 47, sigma2: 0.2, effect: normal}, 0, great, great),
		areasCell("m=47/variance=0", "sampling variances 0.4 to 2, known", nation{m: 47, effect: normal}, 0, few, few),
		areasCell("m=15/variance=1", "sampling variances 0.4 to 2, known", nation{m: 15, sigma2: 1, effect: normal}, 0, few, few),
		areasCell("m=15/variance=0.2", "sampling variances 0.4 to 2, known", nation{m: 15, sigma2: 0.2, effect: normal}, 0, few, few),
		areasCell("m=15/variance=0", "sampling variances 0.4 to 2, known", nation{m: 15, effect: normal}, 0, few, few),
		areasCell("m=1741/variance=0.5", "sampling variances 0.4 to 2, known", nation{m: 1741, sigma2: 0.5, effect: normal}, 500, great, great),
		areasCell("m=1741/variance=0", "sampling variances 0.4 to 2, known", nation{m: 1741, effect: normal}, 60, few, few),
		areasCell("m=15/variance=1/outside", "every fifth without a sample", nation{m: 15, sigma2: 1, effect: normal, outside: true}, 0, few, few),
		areasCell("m=47/variance=1/smoothed", "sampling variances measured with 10 degrees of freedom, smoothed by size", nation{m: 47, sigma2: 1, effect: normal, degrees: 10}, 0, none, none),
		areasCell("m=47/variance=1/skewed", "effects exponential", nation{m: 47, sigma2: 1, effect: skewed}, 0, none, none),
	}
}
