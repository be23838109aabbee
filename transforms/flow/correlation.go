package flow

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// LeastPairs is the number of pairs below which a correlation has no interval worth the
// name: of seven pairs without any the interval is from −0.75 to 0.75.
const LeastPairs = 8

// Correlation is one of N pairs with its 95 % interval.
type Correlation struct {
	R, StdErr, Low, High float64
	N                    int
}

// Pearson is the product-moment correlation with Fisher's interval
//
//	tanh(atanh r ± 1.96/√(n − 3))
//
// of pairs from a normal distribution; its standard error is (1 − r²)/√(n − 3). Fisher
// (1921). It is an error of fewer than [LeastPairs] pairs, and where a variable is constant.
func Pearson(x, y []float64) (Correlation, error) {
	return correlation(x, y, func(float64) float64 { return 1 })
}

// Spearman is the correlation of ranks, ties having their mean, with
//
//	tanh(atanh r ± 1.96 √((1 + r²/2)/(n − 3)))
//
// which asks for no normal distribution (Bonett & Wright 2000, Psychometrika 65:23).
func Spearman(x, y []float64) (Correlation, error) {
	return correlation(ranks(x), ranks(y), func(r float64) float64 { return 1 + r*r/2 })
}

func correlation(x, y []float64, factor func(r float64) float64) (Correlation, error) {
	n := len(x)
	if n != len(y) || n < LeastPairs {
		return Correlation{}, fmt.Errorf("correlation: %d and %d values: at least %d pairs are wanted", n, len(y), LeastPairs)
	}
	var mx, my, xx, yy, xy float64
	for i := range x {
		mx, my = mx+x[i]/float64(n), my+y[i]/float64(n)
	}
	for i := range x {
		xx, yy, xy = xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my), xy+(x[i]-mx)*(y[i]-my)
	}
	if !(xx > 0 && yy > 0) {
		return Correlation{}, fmt.Errorf("correlation: a variable is the same in all pairs, or not a number")
	}
	c := Correlation{R: min(1, max(-1, xy/math.Sqrt(xx*yy))), N: n}
	spread := math.Sqrt(factor(c.R) / float64(n-3))
	half := distuv.UnitNormal.Quantile(0.975) * spread
	z := math.Atanh(c.R) // ±Inf of pairs on a line, whose interval is the point itself
	c.StdErr, c.Low, c.High = (1-c.R*c.R)*spread, math.Tanh(z-half), math.Tanh(z+half)
	return c, nil
}

// ranks are 1 for the least; ties have the mean of theirs.
func ranks(x []float64) []float64 {
	order, out := ascending(x), make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+1+j) / 2
		}
		i = j
	}
	return out
}
