package smallarea

import (
	"math"
	"strings"
	"testing"
)

// By hand: 1,200 pairs ± 120 (0.1, squared 0.01) by 1.2 ± 0.06 (0.05, squared 0.0025) are
// 1,000 persons with variance 10⁶ · 0.0125; a covariance of 3.6 takes 2·3.6/1,440 = 0.005.
func TestPersons(t *testing.T) {
	for _, c := range []struct {
		m         Multiplicity
		want, mse float64
	}{
		{Multiplicity{1.2, 0.0036, 0}, 1000, 12_500},
		{Multiplicity{1.2, 0.0036, 3.6}, 1000, 7_500},
		{Multiplicity{1.2, 0.0036, -3.6}, 1000, 17_500},
		{Multiplicity{Value: 1}, 1200, 14_400},       // a municipality
		{Multiplicity{1.2, 0.0036, 7.2}, 1000, 2500}, // correlation 1: (0.1 − 0.05)²
	} {
		got, err := Persons(Estimated{Estimate: 1200, MSE: 14_400, Weight: 2}, c.m)
		if err != nil || !near(got.Estimate, c.want, 1e-12) || math.Abs(got.MSE-c.mse) > 1e-6 || got.Weight != 2 {
			t.Errorf("Persons(1200 ± 120, %+v) = %+v, %v, want %v with %v", c.m, got, err, c.want, c.mse)
		}
	}
}

func TestPersonsRefuses(t *testing.T) {
	for _, c := range []struct {
		pairs Estimated
		m     Multiplicity
		want  string
	}{
		{Estimated{}, Multiplicity{Value: 1}, "0 pairs"},
		{Estimated{Estimate: 1, MSE: math.NaN()}, Multiplicity{Value: 1}, "mean squared error NaN"},
		{Estimated{Estimate: 1}, Multiplicity{}, "multiplicity 0"},
		{Estimated{Estimate: 1}, Multiplicity{Value: 1, Variance: -1}, "variance -1"},
		{Estimated{Estimate: 1, MSE: 1}, Multiplicity{1, 1, 2}, "covariance 2"},
	} {
		if _, err := Persons(c.pairs, c.m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v does not say %q", err, c.want)
		}
	}
}
