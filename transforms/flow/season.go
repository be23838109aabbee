package flow

import (
	"fmt"
	"slices"
)

// wholeYear refuses what is not 12 months: a window that holds August twice, or not at all,
// does not compare with one that holds it once.
func wholeYear(what string, counts, days []float64) error {
	if len(counts) != 12 || len(days) != 12 {
		return fmt.Errorf("%s: %d months and %d lengths of months: a window is 12 months, whichever they are, so that every season is in it once", what, len(counts), len(days))
	}
	if slices.Min(days) <= 0 {
		return fmt.Errorf("%s: a month has %v days", what, slices.Min(days))
	}
	return nil
}

// MonthGini is the [Gini] of counts per day of 12 months, weighted by their days: 0 where
// every day is like another, nearly 1 where all come in one month.
func MonthGini(counts, days []float64) (float64, error) {
	if err := wholeYear("Gini of months", counts, days); err != nil {
		return 0, err
	}
	return Gini(perDay(counts, days), days)
}

// PeakRatio is the greatest count per day of 12 months over the least. It is an error
// where a month has none, of which nothing is a multiple.
func PeakRatio(counts, days []float64) (float64, error) {
	if err := wholeYear("peak ratio", counts, days); err != nil {
		return 0, err
	}
	rates := perDay(counts, days)
	if slices.Min(rates) <= 0 {
		return 0, fmt.Errorf("peak ratio: a month has none: there is no ratio")
	}
	return slices.Max(rates) / slices.Min(rates), nil
}

func perDay(counts, days []float64) []float64 {
	rates := make([]float64, len(counts))
	for m := range rates {
		rates[m] = counts[m] / days[m]
	}
	return rates
}
