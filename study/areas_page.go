package main

import (
	"fmt"
	"math"
)

// areasHeading is that of the table of small areas, whose rows are of all areas together.
const areasHeading = `| cell | areas | R | σ̂² = 0 | mse over direct | bias of mse | coverage | least of five sizes | width over direct | failed |
|---|---|---|---|---|---|---|---|---|---|
`

// areasTarget is what is asked of a row, in percent; 0 asks nothing.
type areasTarget struct {
	// bias is the greatest of the mean squared errors, either way.
	bias float64
	// least and most bound the coverage.
	least, most float64
}

// row is one line of the table, what misses the target in bold. Failed runs count as
// not covering and enter nothing else; Monte-Carlo errors are of runs.
func (t areasTarget) row(name string, n nation, runs []areasRun) string {
	var told, lost, direct, width, zero, failed float64
	held := make([]float64, len(runs))
	for i, r := range runs {
		if r.failed {
			failed++
			continue
		}
		held[i] = r.held
		told, lost, direct, width = told+r.told, lost+r.lost, direct+r.direct, width+r.width
		if r.zero {
			zero++
		}
	}
	all := float64(len(runs))
	some := all - failed
	if some < 2 {
		return fmt.Sprintf("| `%s` | %d | %d | – | – | – | – | – | – | %.0f |", name, n.m, len(runs), failed)
	}
	bias := told/lost - 1
	var biasSquares float64 // of a ratio
	for _, r := range runs {
		if off := (r.told - (1+bias)*r.lost) / (lost / some); !r.failed {
			biasSquares += off * off
		}
	}
	coverage, coverageError := meanOf(held)
	return fmt.Sprintf("| `%s` | %d | %d | %.1f | %.3f | %s | %s | %.1f | %.2f | %.0f |", name, n.m, len(runs), 100*zero/some, lost/direct,
		bold(fmt.Sprintf("%+.1f ± %.1f", 100*bias, 100*math.Sqrt(biasSquares/some/(some-1))), t.bias > 0 && !(100*math.Abs(bias) <= t.bias)),
		bold(fmt.Sprintf("%.1f ± %.1f", 100*coverage, 100*coverageError), 100*coverage < t.least || t.most > 0 && 100*coverage > t.most),
		100*leastHeld(runs), width/some/directWidth(n.m), failed)
}

// leastHeld is the coverage of the areas of that sampling variance which has the least.
func leastHeld(runs []areasRun) float64 {
	least := 1.0
	for class := range samplingVariances {
		held := make([]float64, len(runs))
		for i, r := range runs {
			held[i] = r.heldOf[class]
		}
		coverage, _ := meanOf(held)
		least = min(least, coverage)
	}
	return least
}

// directWidth is the mean width of the intervals of m direct estimates.
func directWidth(m int) float64 {
	var sum float64
	for i := range m {
		sum += 2 * 1.959964 * math.Sqrt(samplingVariances[i%5])
	}
	return sum / float64(m)
}

// meanOf is the mean of runs with its Monte-Carlo standard error.
func meanOf(x []float64) (mean, mcse float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		mcse += (v - mean) * (v - mean) / n / (n - 1)
	}
	return mean, math.Sqrt(mcse)
}
