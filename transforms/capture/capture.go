// Package capture estimates how many persons there are from how often, or on how
// many lists, they were seen: closed-population capture–recapture. Detection is
// unknown here, so that one list gives lower bounds, which are never presented as the
// population; where detection is known see [FitThinned].
package capture

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Frequencies counts persons by how often they were seen: the first number is of
// those seen once.
type Frequencies []float64

// At is the number of persons seen j times.
func (f Frequencies) At(j int) float64 {
	if j < 1 || j > len(f) {
		return 0
	}
	return f[j-1]
}

// Seen is the number of distinct persons seen.
func (f Frequencies) Seen() float64 {
	var n float64
	for _, v := range f {
		n += v
	}
	return n
}

// AtLeast is the number of persons seen k times or more.
func (f Frequencies) AtLeast(k int) float64 {
	var n float64
	for j := k; j <= len(f); j++ {
		n += f.At(j)
	}
	return n
}

// check refuses what are no counts.
func (f Frequencies) check() error {
	for j, v := range f {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("persons seen %d times: %v is no count: give numbers of at least 0", j+1, v)
		}
	}
	if f.Seen() == 0 {
		return fmt.Errorf("nobody was seen: there is nothing to estimate from")
	}
	return nil
}

// Estimate is a number of persons with its error.
type Estimate struct {
	N, StdErr float64
	// Seen is the number seen, below which no interval goes.
	Seen float64
}

// LogNormal is the interval of Burnham et al. (1987), as Chao (1987) has it: what
// was not seen is log-normal,
//
//	n + (N̂ − n)·K^{±1},  K = exp{z √ln(1 + v/(N̂ − n)²)}
//
// Where nobody is estimated to be unseen it is n to n.
func (e Estimate) LogNormal(level float64) (low, high float64) {
	unseen := e.N - e.Seen
	if !(unseen > 0) {
		return e.Seen, e.Seen
	}
	k := math.Exp(normalQuantile((1+level)/2) * math.Sqrt(math.Log1p(square(e.StdErr/unseen))))
	return e.Seen + unseen/k, e.Seen + unseen*k
}

func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

func square(x float64) float64 { return x * x }
