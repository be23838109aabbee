package series

import (
	"math"
	"testing"
)

// airline are the monthly passengers, in thousands, of 1949–1951: Box & Jenkins (1976),
// Time Series Analysis, series G.
var airline = []float64{
	112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
	115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
	145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
}

// R 4.2.2, glm(y ~ t + cos(2*pi*t/12) + sin(2*pi*t/12) + cos(4*pi*t/12) + sin(4*pi*t/12) +
// offset(log(days)), quasipoisson, control = list(epsilon = 1e-14)): coefficients, their
// standard errors, dispersion 0.327004323200856, fitted and hat values; then the same with
// weight 1/4 for month 20. The dispersion is 1 at least here, so that R's errors are
// divided by the root of R's; of ten times the passengers it is ten times as much.
func TestCountRegressionAgainstR(t *testing.T) {
	const dispersion = 0.327004323200856
	days := []float64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	exposure, tenfold := make([]float64, 36), make([]float64, 36)
	for i := range airline {
		exposure[i], tenfold[i] = days[i%12], 10*airline[i]
	}
	h := Harmonic{Period: 12, Pairs: 2, Trend: true}
	coefficients := []float64{1.31519420764197470, 0.01282014896838421, -0.11394057310789292, -0.00101768888799175, -0.05390239233906027, 0.08144437463650216}
	errors := []float64{0.017715401928657202, 0.000801653883795625, 0.011344538004136430, 0.011523625346075310, 0.011182212242610604, 0.011328749956727700}
	r := must(h.FitCounts(airline, exposure))(t)
	closeTo(t, "coefficients", r.Coefficients, coefficients, 1e-9)
	scaled := make([]float64, len(errors))
	for i, e := range errors {
		scaled[i] = e / math.Sqrt(dispersion)
	}
	closeTo(t, "standard errors", r.StdErrs, scaled, 1e-9)
	closeTo(t, "fitted", []float64{r.Fitted[0], r.Fitted[19], r.Fitted[35]}, []float64{110.652978802524, 174.324780868715, 154.913021769572}, 1e-9)
	closeTo(t, "hat values", []float64{r.Leverage[0], r.Leverage[19], r.Leverage[35]}, []float64{0.176948320280462, 0.146569758328021, 0.224548957978080}, 1e-9)
	ten := must(h.FitCounts(tenfold, exposure))(t)
	closeTo(t, "dispersion of ten times as many", []float64{r.Dispersion, ten.Dispersion}, []float64{1, 10 * dispersion}, 1e-9)
	closeTo(t, "standard errors of ten times as many", ten.StdErrs, errors, 1e-9)
	weights := make([]float64, 36)
	for i := range weights {
		weights[i] = 1
	}
	weights[19] = 0.25
	w := must(h.fitCounts(tenfold, exposure, weights, nil))(t)
	closeTo(t, "weighted coefficients", w.Coefficients[1:], []float64{0.0128161083943127, -0.1145296158251161, -0.0020734713512152, -0.0545703030280610, 0.0825196595409319}, 1e-9)
	closeTo(t, "weighted errors", w.StdErrs[1:], []float64{0.000797778203089287, 0.011346838591013779, 0.011639451083481453, 0.011199815781655801, 0.011456531780846359}, 1e-9)
	closeTo(t, "weighted dispersion", []float64{w.Dispersion}, []float64{3.2404183552714}, 1e-9)
}

// R 4.2.2, glm(y ~ cos(2*pi*t/12) + sin(2*pi*t/12), poisson): half of the months are 0 or 1.
func TestCountRegressionOfFewAgainstR(t *testing.T) {
	y := []float64{0, 1, 0, 2, 5, 9, 7, 8, 3, 1, 0, 0, 1, 0, 2, 1, 6, 4, 11, 9, 2, 2, 1, 0}
	r := must(Harmonic{Period: 12, Pairs: 1}.FitCounts(y, nil))(t)
	closeTo(t, "coefficients", r.Coefficients, []float64{0.487908391089345, -1.585742975744355, -0.727311282245171}, 1e-9)
	closeTo(t, "standard errors", r.StdErrs, []float64{0.202924769063437, 0.245939504226399, 0.202328857935639}, 1e-9)
}

func closeTo(t *testing.T, what string, got, want []float64, relative float64) {
	t.Helper()
	for i := range want {
		if math.Abs(got[i]-want[i]) > relative*math.Abs(want[i]) {
			t.Errorf("%s %d: %.15g, want %.15g", what, i+1, got[i], want[i])
		}
	}
}
