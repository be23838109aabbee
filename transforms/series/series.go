// Package series describes figures by month: trend and season, what has yet to
// arrive of the latest months, which months stand out, and how much a figure has
// changed between two months. A series is a slice of values without gaps, oldest
// first, t = 1, 2, … n; which month of the year the first is, is the caller's
// knowledge, and a position in the year counts from it.
package series

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// checkSeries refuses series with gaps and those shorter than least.
func checkSeries(what string, y []float64, least int) error {
	if len(y) < least {
		return fmt.Errorf("%s: %d months were given: at least %d are wanted", what, len(y), least)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: month %d is %v: every month needs a number, for a gap is no zero", what, i+1, v)
		}
	}
	return nil
}

// checkLevel refuses what is no probability inside 0 and 1.
func checkLevel(what string, p float64) error {
	if !(p > 0 && p < 1) {
		return fmt.Errorf("%s is %v: it must lie between 0 and 1", what, p)
	}
	return nil
}

// mean is Σ y/n, and variance Σ (y − ȳ)²/(n − 1).
func mean(y []float64) float64 {
	return sum(y) / float64(len(y))
}

func variance(y []float64) float64 {
	centre, sum := mean(y), 0.0
	for _, v := range y {
		sum += square(v - centre)
	}
	return sum / float64(len(y)-1)
}

// quantile is that of Hyndman & Fan (1996), type 7: linear between the order
// statistics, of which the j-th is the quantile (j − 1)/(n − 1).
func quantile(y []float64, p float64) float64 {
	sorted := slices.Clone(y)
	slices.Sort(sorted)
	at := p * float64(len(y)-1)
	i := int(at)
	if i+1 >= len(y) {
		return sorted[len(y)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

func median(y []float64) float64 { return quantile(y, 0.5) }

// twoSided is the standard normal quantile of a two-sided interval.
func twoSided(level float64) float64 { return distuv.UnitNormal.Quantile((1 + level) / 2) }

// studentTwoSided is Student's quantile of a two-sided interval; the normal one where df is +Inf.
func studentTwoSided(level, df float64) float64 { return studentQuantile((1+level)/2, df) }

func studentQuantile(p, df float64) float64 {
	if math.IsInf(df, 1) {
		return distuv.UnitNormal.Quantile(p)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p)
}

func sum(y []float64) float64 {
	var total float64
	for _, v := range y {
		total += v
	}
	return total
}

func square(x float64) float64 { return x * x }

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
