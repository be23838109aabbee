package hazard

import (
	"fmt"
	"math"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

// Case d04: R's survival, of patients with all of age, sex and ph.ecog.
func TestCoxCase(t *testing.T) {
	c := casetable.Open(t, "d04_cox_lung")
	in := c.Read("input.csv")
	time, status := in.Numbers("time"), in.Numbers("status")
	names := []string{"age", "sex", "ph.ecog"}
	institution := in.Numbers("inst")
	var rows, known []Row
	for i := range time {
		x := []float64{in.Numbers("age")[i], in.Numbers("sex")[i], in.Numbers("ph.ecog")[i]}
		if math.IsNaN(x[0] + x[1] + x[2]) {
			continue
		}
		r := Row{Stop: time[i], Event: status[i] == 2, X: x, Weight: 1}
		rows = append(rows, r)
		if !math.IsNaN(institution[i]) {
			r.Cluster = int(institution[i])
			known = append(known, r)
		}
	}
	fits := map[string]*Cox{}
	for name, ties := range map[string]Ties{"efron": Efron, "breslow": Breslow} {
		fit := must(FitCox(rows, CoxOptions{Ties: ties, Names: names}))(t)
		fits[name] = fit
		for j, n := range names {
			c.Holds(name+"/coef/"+n, fit.Coefficients[j])
			c.Holds(fmt.Sprintf("%s/se/%d", name, j), fit.StdErrs[j])
		}
		c.Holds(name+"/loglik/0", fit.Null)
		c.Holds(name+"/loglik/1", fit.LogLikelihood)
		c.Holds(name+"/lr", fit.LikelihoodRatio.Statistic)
		c.Holds(name+"/wald", math.Round(100*fit.Wald.Statistic)/100) // R prints two digits
		c.Holds(name+"/score", fit.Score.Statistic)
	}
	efron := fits["efron"]
	c.Holds("n", float64(efron.Rows))
	c.Holds("events", float64(efron.Events))
	concordance := must(efron.Concordance())(t)
	c.Holds("concordance", concordance.Value)
	c.Holds("concordance_se", concordance.StdErr)
	zph := must(efron.Proportional())(t)
	for j, test := range append(zph.Covariates, zph.Global) {
		c.Holds(fmt.Sprintf("zph/%d/chisq", j), test.Statistic)
		c.Holds(fmt.Sprintf("zph/%d/df", j), test.DF)
		c.Holds(fmt.Sprintf("zph/%d/p", j), test.P)
	}
	robust := must(FitCox(known, CoxOptions{}))(t)
	for j, n := range names {
		c.Holds("robust/coef/"+n, robust.Coefficients[j])
		c.Holds(fmt.Sprintf("robust/se/%d", j), robust.RobustStdErrs[j])
	}
	for k, s := range must(efron.Survival([]float64{60, 2, 1}, 0, []float64{180, 365}, 0.95))(t) {
		c.Holds(fmt.Sprintf("pred/surv/%d", k), s.Value)
		c.Holds(fmt.Sprintf("pred/se/%d", k), s.StdErr)
	}
}
