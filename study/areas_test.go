package main

import (
	"math/rand/v2"
	"testing"
)

// By hand: mean squared errors told 2 and 4 beside 2 and 2 lost are half too great, off by
// −½ and +½ of the mean loss, hence ± ½; a failed run holds nothing, so that 1, ½ and 0
// are held, 50 ± 29 %, as of the second size. The direct variances are 1.
func TestAreasRow(t *testing.T) {
	runs := []areasRun{{held: 1, told: 2, lost: 2, direct: 1, width: 1, heldOf: [5]float64{1, 1, 1, 1, 1}, zero: true}, {held: 0.5, told: 4, lost: 2, direct: 1, width: 3, heldOf: [5]float64{1, 0.5, 1, 1, 1}}, {failed: true}}
	got := areasTarget{bias: 5, least: 92}.row("x", nation{m: 3}, runs)
	if want := "| `x` | 3 | 3 | 50.0 | 2.000 | **+50.0 ± 50.0** | **50.0 ± 28.9** | 50.0 | 0.62 | 1 |"; got != want { // 2 over 2·1.96·(√0.4 + √0.7 + 1)/3
		t.Errorf("row %s, want %s", got, want)
	}
	if got, want := (areasTarget{}).row("x", nation{m: 3}, runs[2:]), "| `x` | 3 | 1 | – | – | – | – | – | – | 1 |"; got != want {
		t.Errorf("row %s, want %s", got, want)
	}
}

// Effects have mean 0 and variance 1, and smoothed variances are in the mean those that
// are.
func TestNationIsAsSaid(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 47))
	for name, e := range map[string]effect{"normal": normal, "skewed": skewed} {
		var sum, squares float64
		for range 200_000 {
			u := e(random)
			sum, squares = sum+u, squares+u*u
		}
		if mean, variance := sum/200_000, squares/200_000; mean > 0.01 || mean < -0.01 || variance > 1.03 || variance < 0.97 {
			t.Errorf("%s: mean %v, variance %v, want 0 and 1", name, mean, variance)
		}
	}
	areas, truth, err := nation{m: 20_000, sigma2: 1, effect: normal, degrees: 10, outside: true}.draw(random)
	if err != nil {
		t.Fatal(err)
	}
	var variances, outside, squares float64
	for i, a := range areas {
		variances += a.Variance / 20_000
		squares += (a.Direct - truth[i]) * (a.Direct - truth[i]) / 20_000
		if a.OutOfSample {
			outside++
		}
	}
	if variances > 1.13 || variances < 1.07 || squares > 1.15 || squares < 1.05 || outside != 4000 {
		t.Errorf("variances %v of errors with %v, want 1.1; %v areas outside, want 4000", variances, squares, outside)
	}
}
