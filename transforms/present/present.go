// Package present prepares figures for readers: how many digits an interval
// supports, where the ticks of an axis and the classes of a map lie.
package present

import (
	"math"
	"slices"
)

// Place is the power of ten to whose multiples a figure with the interval
// [low, high] is rounded: the greatest with
//
//	10^Place ≤ (high − low)/4
//
// so that rounding moves no number by more than an eighth of the interval's
// width. An interval without width, or none, has no place: ok is false.
func Place(low, high float64) (place int, ok bool) {
	width := high - low
	if !(width > 0) || math.IsInf(width, 0) {
		return 0, false
	}
	place = int(math.Floor(math.Log10(width / 4)))
	if math.Pow10(place+1) <= width/4 { // the logarithm of a power of ten may fall short of it
		place++
	}
	return place, true
}

// Round is the multiple of 10^place nearest to x, halves away from 0. Never −0.
func Round(x float64, place int) float64 {
	if place >= 0 {
		p := math.Pow10(place)
		return math.Round(x/p)*p + 0
	}
	p := math.Pow10(-place)
	return math.Round(x*p)/p + 0
}

// Ticks are the marks of an axis from 0 to the greatest value or beyond it, a
// round step apart (1, 2 or 5 times a power of ten), most at the most and two
// at least. The last is the end of the axis. A greatest value that is not above
// 0 has the axis 0 to 1.
func Ticks(greatest float64, most int) []float64 {
	if !(greatest > 0) || math.IsInf(greatest, 0) {
		return []float64{0, 1}
	}
	place := int(math.Floor(math.Log10(greatest))) - 1
	for ; ; place++ {
		for _, unit := range []float64{1, 2, 5} {
			n := math.Ceil(Round(greatest/(unit*math.Pow10(place)), -9))
			if int(n) < most {
				return ticks(unit, place, int(n))
			}
		}
	}
}

func ticks(unit float64, place, n int) []float64 {
	out := make([]float64, n+1)
	for i := range out {
		out[i] = Round(unit*float64(i)*math.Pow10(place), place)
	}
	return out
}

// Breaks are the lower ends of up to n classes that hold about equally many of
// the values each: quantiles rounded down to two digits, the first the least
// value. There are fewer where values are few or equal; none without values. A
// value belongs to the last class that begins at or below it.
func Breaks(values []float64, n int) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return nil
	}
	out := []float64{twoDigits(sorted[0])}
	for i := 1; i < n; i++ {
		if b := twoDigits(sorted[i*len(sorted)/n]); b > out[len(out)-1] {
			out = append(out, b)
		}
	}
	return out
}

// Class is the place of the class of x among breaks; values below all are in the first.
func Class(x float64, breaks []float64) int {
	class := 0
	for i, b := range breaks {
		if x >= b {
			class = i
		}
	}
	return class
}

// twoDigits rounds down to two significant digits.
func twoDigits(x float64) float64 {
	if x == 0 {
		return 0
	}
	place := int(math.Floor(math.Log10(math.Abs(x)))) - 1
	if place >= 0 {
		return math.Floor(x/math.Pow10(place)) * math.Pow10(place)
	}
	return math.Floor(Round(x*math.Pow10(-place), -9)) / math.Pow10(-place)
}
