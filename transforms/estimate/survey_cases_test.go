package estimate

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/internal/casetable"
	"github.com/kankei/kankei/transforms/weight"
)

// must fails the test on an error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func stratified(c casetable.Columns) Survey {
	strata, _ := c.Codes("stype")
	return Survey{Design: weight.Design{Weights: c.Numbers("pw"), Stages: []weight.Stage{{Strata: strata, Population: c.Numbers("fpc")}}}}
}

func clustered(c casetable.Columns) Survey {
	clusters, _ := c.Codes("dnum")
	return Survey{Design: weight.Design{Weights: c.Numbers("pw"), Stages: []weight.Stage{{Clusters: clusters, Population: c.Numbers("fpc")}}}}
}

// where marks the units whose text in a column is the given one.
func where(c casetable.Columns, column, text string) []bool {
	d := make([]bool, len(c[column]))
	for k, v := range c[column] {
		d[k] = v == text
	}
	return d
}

func flag(d []bool) []float64 {
	y := make([]float64, len(d))
	for k := range d {
		if d[k] {
			y[k] = 1
		}
	}
	return y
}

func TestCaseA01Stratified(t *testing.T) {
	c := casetable.Open(t, "a01_api_strat")
	d := c.Read("input.csv")
	s := stratified(d)
	enroll, api00, api99, students := d.Numbers("enroll"), d.Numbers("api00"), d.Numbers("api99"), d.Numbers("api.stu")
	total := must(s.Total(enroll, nil))(t)
	low, high := total.Interval(0.95)
	c.Holds("total_enroll/est", total.Value)
	c.Holds("total_enroll/se", total.StdErr)
	c.Holds("total_enroll/deff", s.DesignEffect(total, enroll))
	c.Holds("total_enroll/ci_t/0", low)
	c.Holds("total_enroll/ci_t/1", high)
	mean := must(s.Mean(api00, nil))(t)
	low, high = mean.Interval(0.95)
	c.Holds("mean_api00/est", mean.Value)
	c.Holds("mean_api00/se", mean.StdErr)
	c.Holds("mean_api00/ci_t/0", low)
	c.Holds("mean_api00/ci_t/1", high)
	c.Holds("df", mean.DF)
	ratio := must(s.Ratio(students, enroll, nil))(t)
	c.Holds("ratio_apistu_enroll/est", ratio.Value)
	c.Holds("ratio_apistu_enroll/se", ratio.StdErr)
	known := c.Answer("ratio_total_apistu/X_total_enroll")
	c.Holds("ratio_total_apistu/est", known*ratio.Value)
	c.Holds("ratio_total_apistu/se", known*ratio.StdErr)
	change := must(s.Means(Domain{api00, nil}, Domain{api99, nil}))(t).Contrast(1, -1)
	c.Holds("change_api00_minus_api99/est", change.Value)
	c.Holds("change_api00_minus_api99/se", change.StdErr)
	share := must(s.Mean(flag(where(d, "sch.wide", "Yes")), nil))(t)
	c.Holds("prop_schwide_yes/est", share.Value)
	c.Holds("prop_schwide_yes/se", share.StdErr)
	for i, p := range []float64{0.25, 0.5, 0.75} {
		q, ends, err := s.Quantile(api00, p, 0.95, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("quantiles_api00/%d/", i)
		c.Holds(at+"est", q.Value)
		c.Holds(at+"lo", ends[0])
		c.Holds(at+"hi", ends[1])
		c.Holds(at+"se", q.StdErr)
	}
}

func TestCaseA03Domains(t *testing.T) {
	c := casetable.Open(t, "a03_api_domain")
	d := c.Read("input.csv")
	s := clustered(d)
	var means []Domain
	for i, stype := range []string{"E", "H", "M"} {
		in := where(d, "stype", stype)
		at := fmt.Sprintf("domain_means/%d/", i)
		for _, y := range []string{"api00", "api99"} {
			m := must(s.Mean(d.Numbers(y), in))(t)
			c.Holds(at+y, m.Value)
			c.Holds(at+"se_"+y, m.StdErr)
		}
		means = append(means, Domain{d.Numbers("api00"), in})
	}
	difference := must(s.Means(means...))(t).Contrast(1, -1, 0)
	c.Holds("E_minus_H/est", difference.Value)
	c.Holds("E_minus_H/se", difference.StdErr)
	for i := range 6 {
		stype, improved := []string{"E", "H", "M"}[i%3], []string{"No", "Yes"}[i/3]
		in := where(d, "stype", stype)
		for k, yes := range where(d, "comp.imp", improved) {
			in[k] = in[k] && yes
		}
		enroll := must(s.Total(d.Numbers("enroll"), in))(t)
		c.Holds(fmt.Sprintf("domain_totals/%d/enroll", i), enroll.Value)
		c.Holds(fmt.Sprintf("domain_totals/%d/se", i), enroll.StdErr)
		count := must(s.Total(flag(in), nil))(t)
		c.Holds(fmt.Sprintf("counts/%d/est", i), count.Value)
		c.Holds(fmt.Sprintf("counts/%d/se", i), count.StdErr)
		if stype == "E" && improved == "Yes" {
			c.Holds("subset_E_Yes_total/est", enroll.Value)
			c.Holds("subset_E_Yes_total/se", enroll.StdErr)
		}
	}
}

func TestCaseA06Proportions(t *testing.T) {
	c := casetable.Open(t, "a06_nhanes_domain_ci")
	d := c.Read("input.csv")
	strata, _ := d.Codes("SDMVSTRA")
	clusters, _ := d.Codes("SDMVPSU")
	s := Survey{Design: weight.Design{Weights: d.Numbers("WTMEC2YR"), Stages: []weight.Stage{{Strata: strata, Clusters: clusters}}}}
	y := d.Numbers("HI_CHOL")
	answered := make([]bool, len(y))
	for k := range y {
		if answered[k] = !math.IsNaN(y[k]); !answered[k] {
			y[k] = 0
		}
	}
	within := func(conditions ...[]bool) ([]bool, int) {
		in, n := make([]bool, len(y)), 0
		for k := range y {
			in[k] = answered[k]
			for _, d := range conditions {
				in[k] = in[k] && d[k]
			}
			if in[k] {
				n++
			}
		}
		return in, n
	}
	for i := range 8 {
		in, _ := within(where(d, "race", fmt.Sprint(i%4+1)), where(d, "RIAGENDR", fmt.Sprint(i/4+1)))
		m := must(s.Mean(y, in))(t)
		c.Holds(fmt.Sprintf("by/%d/est", i), m.Value)
		c.Holds(fmt.Sprintf("by/%d/se", i), m.StdErr)
	}
	everyone, _ := within()
	overall := must(s.Mean(y, everyone))(t)
	c.Holds("df", overall.DF)
	for name, method := range map[string]string{"logit": Logit, "beta": KornGraubard, "asin": Arcsine, "mean": Wald, "likelihood": Likelihood} {
		tolerance := "rel"
		if method == Likelihood {
			tolerance = "likelihood_ci_rel"
		}
		// R counts the rows of the design, those without an answer included.
		low, high, err := ProportionInterval(overall, len(y), method, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		c.Holds("overall/"+name+"/est", overall.Value)
		c.Within("overall/"+name+"/lo", low, tolerance)
		c.Within("overall/"+name+"/hi", high, tolerance)
	}
	rare, n := within(where(d, "race", "4"), where(d, "agecat", "(0,19]"))
	m := must(s.Mean(y, rare))(t)
	c.Holds("rare_domain_race4_age0_19/n_unweighted", float64(n))
	for name, method := range map[string]string{"logit": Logit, "beta": KornGraubard} {
		at := "rare_domain_race4_age0_19/" + name
		rows := 0
		for k := range y {
			if d["race"][k] == "4" && d["agecat"][k] == "(0,19]" {
				rows++
			}
		}
		m.DF = c.Answer("rare_domain_race4_age0_19/df_used")
		low, high, err := ProportionInterval(m, rows, method, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		c.Holds(at+"/est", m.Value)
		c.Holds(at+"/lo", low)
		c.Holds(at+"/hi", high)
	}
	races, _ := d.Codes("race")
	rows := make([]int32, len(y))
	for k := range rows {
		if rows[k] = int32(y[k]); !answered[k] {
			rows[k] = -1
		}
	}
	x := must(s.RaoScott(rows, races, 2, 4))(t)
	c.Holds("rao_scott/F", x.F)
	c.Holds("rao_scott/ndf", x.NumeratorDF)
	c.Holds("rao_scott/ddf", x.DenominatorDF)
	c.Holds("rao_scott/p", x.P)
	// R takes all rows for the sample size of the uncorrected statistic, those
	// without an answer included; F and both p-values do not depend on it.
	_, n = within()
	c.Holds("rao_scott/X2", x.ChiSquare*float64(len(y))/float64(n))
	c.Holds("rao_scott/X2_p", x.FirstOrderP)
}

func TestCaseA11LonelyPSU(t *testing.T) {
	c := casetable.Open(t, "a11_lonely_psu")
	d := c.Read("input.csv")
	strata, _ := d.Codes("str")
	for _, name := range []string{"remove", "certainty", "adjust", "average"} {
		s := Survey{Design: weight.Design{Weights: d.Numbers("pw"), Stages: []weight.Stage{{Strata: strata}}, Lonely: weight.LonelyCodes[name]}}
		total := must(s.Total(d.Numbers("enroll"), nil))(t)
		c.Holds(name+"/total/est", total.Value)
		c.Holds(name+"/total/se", total.StdErr)
		mean := must(s.Mean(d.Numbers("api00"), nil))(t)
		c.Holds(name+"/mean/est", mean.Value)
		c.Holds(name+"/mean/se", mean.StdErr)
	}
}

func ones(n int) []float64 {
	y := make([]float64, n)
	for k := range y {
		y[k] = 1
	}
	return y
}

func TestCaseA04Jackknife(t *testing.T) {
	c := casetable.Open(t, "a04_api_jkn")
	d := c.Read("input.csv")
	s := stratified(d)
	r := must(s.Design.Jackknife())(t)
	for name, statistic := range map[string]func([]float64) []float64{
		"total_enroll": WeightedTotal(d.Numbers("enroll")),
		"mean_api00":   WeightedRatio(d.Numbers("api00"), ones(len(d["pw"]))),
		"ratio":        WeightedRatio(d.Numbers("api.stu"), d.Numbers("enroll")),
	} {
		e := Replicated(r, s.Design.Weights, statistic).At(0)
		c.Holds("jkn/"+name+"/est", e.Value)
		c.Holds("jkn/"+name+"/se", e.StdErr)
	}
	names := []string{"(Intercept)", "meals", "api99"}
	x := weight.Dense(names, ones(len(d["pw"])), d.Numbers("meals"), d.Numbers("api99"))
	b := Replicated(r, s.Design.Weights, func(w []float64) []float64 { return weight.Regression(w, x, d.Numbers("api00")) })
	for i, name := range names {
		c.Holds("jkn/glm/coef/"+name, b.At(i).Value)
		c.Holds("jkn/glm/se/"+name, b.At(i).StdErr)
	}
	d = c.Read("input_clus1.csv")
	s = clustered(d)
	r = must(s.Design.Jackknife())(t)
	for name, statistic := range map[string]func([]float64) []float64{
		"total_enroll": WeightedTotal(d.Numbers("enroll")),
		"ratio":        WeightedRatio(d.Numbers("api.stu"), d.Numbers("enroll")),
	} {
		e := Replicated(r, s.Design.Weights, statistic).At(0)
		c.Holds("jk1/"+name+"/est", e.Value)
		c.Holds("jk1/"+name+"/se", e.StdErr)
	}
}

func TestCaseA09SuppliedBootstrap(t *testing.T) {
	c := casetable.Open(t, "a09_bootstrap_supplied")
	d, sets := c.Read("input.csv"), c.Read("input_repweights.csv")
	var weights [][]float64
	for i := range len(sets) {
		weights = append(weights, sets.Numbers(fmt.Sprintf("V%d", i+1)))
	}
	s := stratified(d)
	s.Design.Stages[0].Population = nil
	r := must(weight.Supplied(weights, 1/float64(len(weights)), true, 197))(t)
	for name, statistic := range map[string]func([]float64) []float64{
		"total_enroll": WeightedTotal(d.Numbers("enroll")),
		"mean_api00":   WeightedRatio(d.Numbers("api00"), ones(len(d["pw"]))),
		"ratio":        WeightedRatio(d.Numbers("api.stu"), d.Numbers("enroll")),
	} {
		e := Replicated(r, s.Design.Weights, statistic).At(0)
		c.Holds(name+"/est", e.Value)
		c.Holds(name+"/se", e.StdErr)
	}
	c.Holds("linearised_se_total_no_fpc", must(s.Total(d.Numbers("enroll"), nil))(t).StdErr)
	c.Holds("weight_sum_first_replicate", dot(weights[0], ones(len(weights[0]))))
}

// calibrated is the sample of a case with calibrated weights.
func calibrated(t *testing.T, s Survey, aux *weight.Auxiliary, totals []float64, o weight.Options) Survey {
	t.Helper()
	s.Calibration = must(weight.Calibrate(s.Design.Weights, aux, totals, o))(t)
	return s
}

func TestCaseA07Raking(t *testing.T) {
	c := casetable.Open(t, "a07_api_rake")
	d := c.Read("input.csv")
	stype, types := d.Codes("stype")
	wide, answers := d.Codes("sch.wide")
	margins := []weight.Margin{
		{Name: "stype", Classes: types, Totals: c.Read("input_margin_stype.csv").Numbers("Freq"), Of: stype},
		{Name: "sch.wide", Classes: answers, Totals: c.Read("input_margin_schwide.csv").Numbers("Freq"), Of: wide},
	}
	if err := weight.CheckMargins(margins...); err != nil {
		t.Fatal(err)
	}
	aux, totals := weight.Margins(margins...)
	enroll, api00, one := d.Numbers("enroll"), d.Numbers("api00"), ones(len(stype))
	plain := clustered(d)
	s := calibrated(t, plain, aux, totals, weight.Options{Distance: weight.Raking})
	seen := map[string]bool{}
	for k, w := range s.Weights() {
		if key := d["stype"][k] + " " + d["sch.wide"][k]; !seen[key] {
			seen[key] = true
			c.Holds("weights/"+key, w)
		}
	}
	both := func(at string, s Survey, tolerance string) {
		total, mean := must(s.Total(enroll, nil))(t), must(s.Mean(api00, nil))(t)
		c.Holds(at+"/total_enroll/est", total.Value)
		c.Within(at+"/total_enroll/se", total.StdErr, tolerance)
		c.Holds(at+"/mean_api00/est", mean.Value)
		c.Within(at+"/mean_api00/se", mean.StdErr, tolerance)
	}
	both("unraked", plain, "rel")
	both("linearised", s, "linearised_se_rel")
	r := must(plain.Design.Jackknife())(t)
	r = must(r.Calibrated(aux, totals, weight.Options{Distance: weight.Raking}))(t)
	total := Replicated(r, s.Weights(), WeightedTotal(enroll)).At(0)
	c.Holds("jackknife/total_enroll/est", total.Value)
	c.Holds("jackknife/total_enroll/se", total.StdErr)
	mean := Replicated(r, s.Weights(), WeightedRatio(api00, one)).At(0)
	c.Holds("jackknife/mean_api00/est", mean.Value)
	c.Holds("jackknife/mean_api00/se", mean.StdErr)
}

func TestCaseA08Calibration(t *testing.T) {
	c := casetable.Open(t, "a08_api_calibrate")
	d := c.Read("input.csv")
	clusters, _ := d.Codes("dnum")
	one := ones(len(clusters))
	high, middle := flag(where(d, "stype", "H")), flag(where(d, "stype", "M"))
	full := weight.Dense([]string{"1", "H", "M", "api99"}, one, high, middle, d.Numbers("api99"))
	types := weight.Dense([]string{"1", "H", "M"}, one, high, middle)
	totals := []float64{6194, 755, 1018, 3914069}
	for _, k := range []struct {
		name    string
		aux     *weight.Auxiliary
		totals  []float64
		options weight.Options
	}{
		{"linear", full, totals, weight.Options{}},
		{"raking", full, totals, weight.Options{Distance: weight.Raking}},
		{"logit_0.6_1.6", full, totals, weight.Options{Distance: weight.Logit, Low: 0.6, High: 1.6}},
		{"truncated_linear_0.6_1.6", full, totals, weight.Options{Distance: weight.TruncatedLinear, Low: 0.6, High: 1.6}},
		{"stype_linear", types, totals[:3], weight.Options{}},
		{"poststratified", types, totals[:3], weight.Options{Distance: weight.Raking}},
		{"linear_cluster_level", full, totals, weight.Options{Clusters: clusters}},
	} {
		s := calibrated(t, clustered(d), k.aux, k.totals, k.options)
		total, mean := must(s.Total(d.Numbers("enroll"), nil))(t), must(s.Mean(d.Numbers("api00"), nil))(t)
		c.Holds(k.name+"/total_enroll/est", total.Value)
		c.Holds(k.name+"/total_enroll/se", total.StdErr)
		c.Holds(k.name+"/mean_api00/est", mean.Value)
		c.Holds(k.name+"/mean_api00/se", mean.StdErr)
		c.Holds(k.name+"/g_min", s.Calibration.MinG)
		c.Holds(k.name+"/g_max", s.Calibration.MaxG)
		for i := range 5 {
			c.Holds(fmt.Sprintf("%s/g_first5/%d", k.name, i), s.Calibration.G[i])
		}
	}
}

func TestCaseA13NonResponse(t *testing.T) {
	c := casetable.Open(t, "a13_nonresponse")
	d := c.Read("input.csv")
	design := d.Numbers("pw")
	classes, names := d.Codes("cls")
	responded := where(d, "resp", "1")
	factors := must(weight.NonResponse(design, classes, names, responded))(t)
	for k, f := range factors {
		if f > 0 {
			c.Holds("class_factors/"+names[classes[k]], f)
		}
	}
	variables := []string{"(Intercept)", "meals", "stypeH", "stypeM"}
	x := weight.Dense(variables, ones(len(design)), d.Numbers("meals"), flag(where(d, "stype", "H")), flag(where(d, "stype", "M")))
	p := must(weight.Propensities(design, x, responded))(t)
	for i, name := range variables {
		c.Holds("propensity_coef/"+name, p.Coefficients[i])
	}
	// The figures are of the respondents alone.
	keep := func(values []float64) []float64 {
		var kept []float64
		for k, v := range values {
			if responded[k] {
				kept = append(kept, v)
			}
		}
		return kept
	}
	strata, _ := d.Codes("stype")
	var kept []int32
	for k, h := range strata {
		if responded[k] {
			kept = append(kept, h)
		}
	}
	sample := func(factor func(k int) float64) Survey {
		w := make([]float64, len(design))
		for k := range w {
			w[k] = design[k] * factor(k)
		}
		return Survey{Design: weight.Design{Weights: keep(w), Stages: []weight.Stage{{Strata: kept}}}}
	}
	c.Holds("respondents", float64(len(kept)))
	byClass := sample(func(k int) float64 { return factors[k] })
	hold := func(at string, s Survey, sizes bool) {
		total, mean := must(s.Total(keep(d.Numbers("enroll")), nil))(t), must(s.Mean(keep(d.Numbers("api00")), nil))(t)
		c.Holds(at+"/total/est", total.Value)
		c.Holds(at+"/total/se", total.StdErr)
		c.Holds(at+"/mean/est", mean.Value)
		c.Holds(at+"/mean/se", mean.StdErr)
		if sizes {
			size := weight.EffectiveSize(s.Weights())
			c.Holds(at+"/ess", size)
			c.Holds(at+"/kish_deff", float64(len(kept))/size)
		}
	}
	hold("classes", byClass, true)
	hold("propensity", sample(func(k int) float64 { return 1 / p.Fitted[k] }), true)
	hold("unadjusted", sample(func(int) float64 { return 1 }), true)
	aux := weight.Dense([]string{"1", "H", "M", "api99"}, ones(len(kept)), keep(flag(where(d, "stype", "H"))), keep(flag(where(d, "stype", "M"))), keep(d.Numbers("api99")))
	hold("classes_then_greg", calibrated(t, byClass, aux, []float64{6194, 755, 1018, 3914069}, weight.Options{}), false)
}

// By hand: 10 with standard error 2 and infinitely many degrees of freedom is
// 10·e^{±1.96·0.2}; a multiplicity of 1.5 with error 0.1 lies 0.5·e^{±1.96·0.2} above 1.
func TestLogInterval(t *testing.T) {
	factor := math.Exp(1.959963984540054 * 0.2)
	if low, high := (Estimate{10, 2, 1e9}).LogInterval(0.95); !near(low, 10/factor, 1e-6) || !near(high, 10*factor, 1e-6) {
		t.Errorf("log interval %v–%v, want %v–%v", low, high, 10/factor, 10*factor)
	}
	if low, high := (Estimate{1.5, 0.1, 1e9}).multiplicityInterval(0.95); !near(low, 1+0.5/factor, 1e-6) || !near(high, 1+0.5*factor, 1e-6) {
		t.Errorf("interval of a multiplicity %v–%v, want %v–%v", low, high, 1+0.5/factor, 1+0.5*factor)
	}
	if low, high := (Estimate{1, 0, 5}).multiplicityInterval(0.95); low != 1 || high != 1 {
		t.Errorf("where nobody has two regions: %v–%v, want 1–1", low, high)
	}
	if low, _ := (Estimate{0, 1, 5}).LogInterval(0.95); !math.IsNaN(low) {
		t.Errorf("log interval of 0 begins at %v, want NaN", low)
	}
}

// With equal weights the interval of a rare number is Korn & Graubard's; where
// weights differ its upper limit is greater: one respondent more may weigh more
// than those found. By hand for none found of 100 whose weights have the effective
// size 50: s = 1/50, the 97.5 % quantile of Beta(1/2, 50).
func TestCountIntervalOfRareNumbers(t *testing.T) {
	rare := Estimate{Value: 2, StdErr: math.Sqrt(0.02*0.98/100) * 100, DF: 99}
	low, high := must2(CountInterval(rare, 100, 100, 100, 0.95))(t)
	wantLow, wantHigh := must2(ProportionInterval(Estimate{0.02, rare.StdErr / 100, 99}, 100, KornGraubard, 0.95))(t)
	if !near(low, 100*wantLow, 1e-9) || !near(high, 100*wantHigh, 1e-9) {
		t.Errorf("equal weights: %v–%v, want Korn & Graubard's %v–%v", low, high, 100*wantLow, 100*wantHigh)
	}
	if l, h := must2(CountInterval(rare, 100, 100, 60, 0.95))(t); l != low || h <= high {
		t.Errorf("unequal weights: %v–%v, want from %v to more than %v", l, h, low, high)
	}
	if l, h := must2(CountInterval(Estimate{DF: 99}, 100, 100, 50, 0.95))(t); l != 0 || !near(h, 100*distuv.Beta{Alpha: 0.5, Beta: 50}.Quantile(0.975), 1e-9) {
		t.Errorf("none found: %v–%v, want 0–%v", l, h, 100*distuv.Beta{Alpha: 0.5, Beta: 50}.Quantile(0.975))
	}
	if l, h := must2(CountInterval(Estimate{Value: 100, DF: 99}, 100, 100, 100, 0.95))(t); l >= 100 || l < 95 || h != 100 {
		t.Errorf("all found: %v–%v", l, h)
	}
}

func must2[A, B any](a A, b B, err error) func(t *testing.T) (A, B) {
	return func(t *testing.T) (A, B) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a, b
	}
}
