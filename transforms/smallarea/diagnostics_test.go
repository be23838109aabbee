package smallarea

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// By hand: 1, 3, 5, 7, 9 with D = 2 have σ̂² = 8, V = 10, γ = 0.8 and h = 1/5.
func TestDiagnosticsByHand(t *testing.T) {
	areas := []Area{{X: []float64{1}, OutOfSample: true}}
	for _, y := range []float64{1, 3, 5, 7, 9} {
		areas = append(areas, Area{Direct: y, Variance: 2, X: []float64{1}})
	}
	d := must(must(FayHerriot(areas, Options{}))(t).Diagnostics())(t)
	first := d.Areas[1]
	if !near(first.Difference, -0.8, 1e-9) || !near(first.Shrinkage, 0.8, 1e-9) || !near(first.Leverage, 0.2, 1e-9) || !near(first.Residual, -math.Sqrt2, 1e-9) {
		t.Errorf("area of 1: %+v, want a difference of −0.8 = −4·0.2, leverage 1/5, residual −4/√(10·0.8)", first)
	}
	if !near(d.MeanShrinkage, 0.8, 1e-9) || !near(d.MeanSquare, 1, 1e-9) || d.Outliers != 0 || d.Areas[0] != (Diagnostic{OutOfSample: true}) {
		t.Errorf("%+v", d)
	}
}

// By hand: twelve areas at ±3 have the mean 0 and s² = 108/11; one at 30 is judged by
// them, t = 30/√(s²·13/12) with 11 degrees of freedom, times 13 by Holm.
func TestOutlierByHand(t *testing.T) {
	var areas []Area
	for i := range 12 {
		areas = append(areas, Area{Direct: float64(6*(i%2) - 3), Variance: 1, X: []float64{1}})
	}
	areas = append(areas, Area{Direct: 30, Variance: 1, X: []float64{1}})
	d := must(must(FayHerriot(areas, Options{}))(t).Diagnostics())(t)
	want := 30 / math.Sqrt(108./11*13/12)
	p := 13 * 2 * distuv.StudentsT{Sigma: 1, Nu: 11}.CDF(-want)
	last := d.Areas[12]
	if !near(last.Deleted, want, 1e-6) || !near(last.P, p, 1e-4) || !last.Outlier || d.Outliers != 1 {
		t.Errorf("%+v with %d outliers, want t = %v and P = %v", last, d.Outliers, want, p)
	}
}

// Leverages add up to the coefficients, with any variances; where no area is unlike the
// others one is called so in about 5 % of runs, and one that is six standard deviations off
// is found in nearly all.
func TestOutliersAreFound(t *testing.T) {
	runs := 60
	if !testing.Short() {
		runs = 1000
	}
	for _, m := range []int{15, 47} {
		random := rand.New(rand.NewPCG(uint64(m), 13))
		none, one := make([]float64, runs), make([]float64, runs)
		for run := range runs {
			areas, _ := world(m, 1, variances, random)
			d := must(must(FayHerriot(areas, Options{}))(t).Diagnostics())(t)
			var leverage float64
			for _, a := range d.Areas {
				leverage += a.Leverage
			}
			if !near(leverage, 2, 1e-9) {
				t.Fatalf("leverages add up to %v, want 2", leverage)
			}
			none[run] = min(float64(d.Outliers), 1)
			areas[7].Direct += 6 * math.Sqrt(1+areas[7].Variance)
			if must(must(FayHerriot(areas, Options{}))(t).Diagnostics())(t).Areas[7].Outlier {
				one[run] = 1
			}
		}
		falsely, falselyError := mean(none)
		found, foundError := mean(one)
		t.Logf("m = %d: falsely %.1f ± %.1f %%, found %.1f ± %.1f %%", m, 100*falsely, 100*falselyError, 100*found, 100*foundError)
		within(t, "runs with an outlier where there is none", falsely, falselyError, 0, 0.08)
		within(t, "outliers found", found, foundError, 0.85, 1.01)
	}
}
