package flow

import (
	"math"
	"testing"
)

func TestMonths(t *testing.T) {
	days := []float64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	even, august := make([]float64, 12), make([]float64, 12)
	for m, d := range days {
		even[m] = 2 * d
	}
	august[7] = 50
	number := must[float64](t)
	near(t, "as many every day", number(MonthGini(even, days)), 0)
	near(t, "its peak", number(PeakRatio(even, days)), 1)
	near(t, "August alone", number(MonthGini(august, days)), 1-31./365)
	even[7] *= 3
	near(t, "August threefold", number(PeakRatio(even, days)), 3)
	if _, err := PeakRatio(august, days); err == nil {
		t.Error("a ratio to months of nobody")
	}
	if _, err := MonthGini(even[:11], days[:11]); err == nil {
		t.Error("a window of 11 months is taken")
	}
}

// R 4.2.2: x <- c(3,1,4,1,5,9,2,6,5,3); y <- c(2,7,1,8,2,8,1,8,2,8)
// cor.test(x, y), and cor(x, y, method = "spearman")
func TestCorrelation(t *testing.T) {
	x, y := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, []float64{2, 7, 1, 8, 2, 8, 1, 8, 2, 8}
	r := must[Correlation](t)(Pearson(x, y))
	s := must[Correlation](t)(Spearman(x, y))
	for _, c := range []struct{ got, want float64 }{{r.R, 0.104922842877}, {r.Low, -0.561818407022}, {r.High, 0.689030298692}, {s.R, 0.134715062811}} {
		if math.Abs(c.got-c.want) > 1e-7 {
			t.Errorf("correlation %v, want %v", c.got, c.want)
		}
	}
	if s.High-s.Low <= 0 || s.N != 10 {
		t.Errorf("Spearman %+v", s)
	}
	if c := must[Correlation](t)(Pearson(x, x)); c.R != 1 || c.Low != 1 || c.StdErr != 0 {
		t.Errorf("a variable with itself: %+v", c)
	}
	if _, err := Pearson(x[:7], y[:7]); err == nil {
		t.Error("seven pairs have an interval")
	}
	if _, err := Pearson(x, make([]float64, 10)); err == nil {
		t.Error("a constant has a correlation")
	}
}
