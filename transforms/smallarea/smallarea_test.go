package smallarea

import (
	"fmt"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// milk are the areas of Arora & Lahiri (1997): a constant and the major areas 2 to 4.
func milk(d casetable.Columns, major string) []Area {
	var areas []Area
	for i, y := range d.Numbers("yi") {
		a := Area{Direct: y, Variance: square(d.Numbers("SD")[i]), X: []float64{1, 0, 0, 0}}
		if k := int(d.Numbers(major)[i]); k > 1 {
			a.X[k-1] = 1
		}
		areas = append(areas, a)
	}
	return areas
}

func TestCaseC01Milk(t *testing.T) {
	c := casetable.Open(t, "c01_fh_milk")
	areas := milk(c.Read("input.csv"), "MajorArea")
	for name, method := range map[string]Method{"REML": REML, "ML": ML, "FH_moment": Moment} {
		fit := must(FayHerriot(areas, Options{Method: method}))(t)
		c.Within(name+"/sigma2u", fit.Sigma2, "sigma2u_rel")
		for j := range fit.Beta {
			c.Holds(fmt.Sprintf("%s/beta/%d", name, j), fit.Beta[j])
			c.Holds(fmt.Sprintf("%s/se_beta/%d", name, j), fit.BetaStdErr[j])
		}
		c.Holds(name+"/loglik", fit.LogLikelihood)
		c.Holds(name+"/AIC", fit.AIC)
		for i, a := range fit.Areas {
			c.Holds(fmt.Sprintf("%s/eblup/%d", name, i), a.Estimate)
			c.Holds(fmt.Sprintf("%s/mse/%d", name, i), a.MSE)
		}
	}
}
