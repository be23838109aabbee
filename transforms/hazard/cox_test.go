package hazard

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

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

// counting are rows with late entry, a covariate that changes, ties, weights and strata:
// person, start, stop, event, x1, x2, weight, stratum.
var counting = [][8]float64{
	{1, 4, 8, 0, 0, 0.9, 2, 1}, {2, 1, 8, 0, 0, 1.3, 3, 0}, {3, 4, 6, 0, 1, -0.1, 2, 1}, {3, 6, 9, 0, 0, -0.1, 2, 1},
	{4, 3, 12, 1, 1, -0.8, 1.5, 1}, {5, 3, 7, 1, 1, 1.3, 2, 0}, {6, 2, 4, 0, 0, 0.3, 1.5, 1}, {6, 4, 6, 1, 1, 0.3, 1.5, 1},
	{7, 0, 3, 0, 1, 0.3, 2, 0}, {8, 1, 4, 1, 1, 2.3, 1, 0}, {9, 1, 3, 0, 0, -1.4, 3, 0}, {9, 3, 8, 0, 1, -1.4, 3, 0},
	{10, 1, 6, 0, 0, 0.1, 1.5, 0}, {11, 1, 7, 1, 0, -0.2, 1, 1}, {12, 2, 4, 1, 0, -1.4, 3, 0}, {13, 2, 6, 1, 1, 1.5, 2, 0},
	{14, 4, 8, 1, 0, -0.5, 3, 1}, {15, 0, 2, 0, 0, -1.3, 1, 1}, {15, 2, 6, 1, 1, -1.3, 1, 1}, {16, 0, 6, 1, 0, 0.8, 1.5, 1},
	{17, 1, 5, 1, 0, 0, 2, 1}, {18, 1, 3, 0, 1, 0.2, 2, 0}, {18, 3, 10, 1, 0, 0.2, 2, 0}, {19, 0, 2, 1, 0, 0.6, 3, 1},
	{20, 1, 8, 1, 1, -1.2, 3, 1}, {21, 3, 5, 0, 1, -0.1, 3, 0}, {21, 5, 8, 0, 0, -0.1, 3, 0}, {22, 2, 6, 0, 0, -0.2, 1.5, 0},
}

func countingRows() (rows []Row) {
	for _, r := range counting {
		rows = append(rows, Row{Start: r[1], Stop: r[2], Event: r[3] == 1, X: []float64{r[4], r[5]}, Weight: r[6], Stratum: int(r[7]), Cluster: int(r[0])})
	}
	return rows
}

// R 4.2.2, survival 3.5.3: coxph(Surv(start, stop, event) ~ x1 + x2 + strata(stratum) +
// cluster(person), weights = weight, ties = …) and cox.zph of it; survfit, conf.type =
// "log-log", of the same with robust = FALSE in place of cluster; then concordance and survfit
// of all in one stratum without weights.
func TestCoxAgainstR(t *testing.T) {
	for ties, want := range map[Ties]map[string][]float64{
		Efron: {
			"coefficients": {0.244930102216479, 0.248697654615366}, "errors": {0.455791109729924, 0.254442354706730},
			"robust": {0.702226070568299, 0.491135170661958}, "likelihoods": {-65.3802899280215, -64.8898128175641},
			"score": {1.00204781094066}, "wald": {0.258505549663747}, "concordance": {0.535842293906810, 0.142212734423939},
			"zph":  {3.683291940635774, 0.570103037979177, 3.819814532221582},
			"surv": {0.705384387965296, 0.436264229904156, 0.170438106063089}, "surv errors": {0.171985702929990, 0.171588345396654, 0.131447524486297},
			"surv low": {0.2534934052381469, 0.1223379246508454, 0.0156453238030183}, "surv high": {0.915069245975447, 0.720718114129654, 0.470945202851380},
			"plain concordance": {0.552447552447553, 0.100582622190873}, "plain surv": {0.902776948102168, 0.521614998213574, 0.286017225222149},
			"plain surv errors": {0.0965924280606018, 0.1542099180075772, 0.1637329870974007},
		},
		Breslow: {
			"coefficients": {0.229271511043391, 0.263818637438731}, "errors": {0.451089450241684, 0.250221282922095},
			"robust": {0.654853275764242, 0.460330091887528}, "likelihoods": {-66.8251390178566, -66.2618474967671},
			"score": {1.14977239006381}, "wald": {0.340049559994067}, "concordance": {0.546594982078853, 0.140186782035946},
			"zph":  {3.432896280187833, 0.337364448441905, 3.671944120867488},
			"surv": {0.706920798789361, 0.451831318455671, 0.197530228112417}, "surv errors": {0.170565486918509, 0.168785212786794, 0.137841412359583},
			"surv low": {0.2576814642026666, 0.1357846648661711, 0.0230697436831945}, "surv high": {0.915109473589708, 0.728989144076424, 0.497643253037085},
			"plain concordance": {0.531468531468531, 0.102145804096325}, "plain surv": {0.906181660973039, 0.557342415386650, 0.326854204572506},
			"plain surv errors": {0.0937480419431216, 0.1475641056719522, 0.1656293041038717},
		},
	} {
		c := must(FitCox(countingRows(), CoxOptions{Ties: ties}))(t)
		check := func(what string, got ...float64) {
			t.Helper()
			closeTo(t, fmt.Sprintf("ties %d, %s", ties, what), got, want[what], 1e-9)
		}
		check("coefficients", c.Coefficients...)
		check("errors", c.StdErrs...)
		check("robust", c.RobustStdErrs...)
		check("likelihoods", c.Null, c.LogLikelihood)
		check("score", c.Score.Statistic)
		check("wald", c.RobustWald.Statistic)
		concordance := must(c.Concordance())(t)
		check("concordance", concordance.Value, concordance.StdErr)
		zph := must(c.Proportional())(t)
		check("zph", zph.Covariates[0].Statistic, zph.Covariates[1].Statistic, zph.Global.Statistic)
		surv := must(c.Survival([]float64{1, 0.3}, 1, []float64{3, 6, 9}, 0.95))(t)
		check("surv", surv[0].Value, surv[1].Value, surv[2].Value)
		check("surv errors", surv[0].StdErr, surv[1].StdErr, surv[2].StdErr)
		check("surv low", surv[0].Low, surv[1].Low, surv[2].Low)
		check("surv high", surv[0].High, surv[1].High, surv[2].High)
		plain := countingRows()
		for i := range plain {
			plain[i].Weight, plain[i].Stratum, plain[i].Cluster = 1, 0, 0
		}
		c = must(FitCox(plain, CoxOptions{Ties: ties}))(t)
		if c.Robust != nil {
			t.Errorf("one cluster has a robust variance %v", c.RobustStdErrs)
		}
		concordance = must(c.Concordance())(t)
		check("plain concordance", concordance.Value, concordance.StdErr)
		surv = must(c.Survival([]float64{1, 0.3}, 0, []float64{3, 6, 9}, 0.95))(t)
		check("plain surv", surv[0].Value, surv[1].Value, surv[2].Value)
		check("plain surv errors", surv[0].StdErr, surv[1].StdErr, surv[2].StdErr)
	}
}

// By hand. Three persons with x = 1, 0, 1 have events at 1, 2, 3: L = r/(2r+1) · 1/(1+r) is
// greatest at r = 1/√2. Two with x = 1, 0 at one time before another with x = 1: Breslow's
// r/(2r+1)² is greatest at r = 1/2, Efron's r/{(2r+1)(3r/2+1/2)} at r = 1/√6.
func TestCoxByHand(t *testing.T) {
	person := func(stop, x float64) Row { return Row{Stop: stop, Event: true, X: []float64{x}, Weight: 1} }
	c := must(FitCox([]Row{person(1, 1), person(2, 0), person(3, 1)}, CoxOptions{}))(t)
	r := 1 / math.Sqrt2
	information := 2*r/((2*r+1)*(2*r+1)) + r/((1+r)*(1+r))
	closeTo(t, "β and its error", []float64{c.Coefficients[0], c.StdErrs[0]}, []float64{math.Log(r), 1 / math.Sqrt(information)}, 1e-9)
	closeTo(t, "likelihoods", []float64{c.LogLikelihood, c.Null}, []float64{math.Log(r / (2*r + 1) / (1 + r)), -math.Log(6)}, 1e-12)
	s := must(c.Survival([]float64{0}, 0, []float64{0.5, 1, 2.5}, 0.95))(t)
	closeTo(t, "S(t | 0)", []float64{s[0].Value, s[0].StdErr, s[1].Value, s[2].Value}, []float64{1, 0, math.Exp(-1 / (2*r + 1)), math.Exp(-1/(2*r+1) - 1/(1+r))}, 1e-9)
	// Pairs: (1, 2) x falls, (1, 3) tied, (2, 3) x rises; β < 0, so that one is each.
	if e := must(c.Concordance())(t); !near(e.Value, 0.5, 1e-12) {
		t.Errorf("concordance %v, want 1/2", e.Value)
	}
	tied := []Row{person(1, 1), person(1, 0), person(2, 1)}
	c = must(FitCox(tied, CoxOptions{Ties: Breslow}))(t)
	closeTo(t, "Breslow", []float64{c.Coefficients[0], c.LogLikelihood}, []float64{-math.Ln2, math.Log(0.5 / 4)}, 1e-9)
	c = must(FitCox(tied, CoxOptions{}))(t)
	r = 1 / math.Sqrt(6)
	closeTo(t, "Efron", []float64{c.Coefficients[0], c.LogLikelihood}, []float64{math.Log(r), math.Log(r / (2*r + 1) / (1.5*r + 0.5))}, 1e-9)
}

// draw gives persons with hazard exp(x'β), censored at random, some seen late; times are whole
// numbers with many ties, or distinct.
func draw(random *rand.Rand, n int, ties bool) (rows []Row) {
	for i := range n {
		x := []float64{float64(i % 2), random.NormFloat64()}
		entry, event, end := 3*random.Float64()*float64(i%3), 20*random.ExpFloat64()*math.Exp(0.5*x[0]-0.3*x[1]), 5+20*random.Float64()
		if ties {
			entry, event, end = math.Floor(entry), math.Ceil(event), math.Ceil(end)
		}
		if stop := min(event, end); stop > entry {
			rows = append(rows, Row{Start: entry, Stop: stop, Event: event <= end, X: x, Weight: 0.5 + random.Float64(), Stratum: i % 2 * (i % 5 / 3), Cluster: i / 2})
		}
	}
	return rows
}

// The order of rows changes no digit. To cut a row in two changes nothing, nor does the unit
// of a covariate. Double weights halve the model's variance and leave that between clusters;
// every row twice does so by Breslow. Without ties Breslow is Efron.
func TestCoxProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		o := CoxOptions{Ties: Ties(rapid.IntRange(0, 1).Draw(rt, "ties"))}
		tied := rapid.Bool().Draw(rt, "tied")
		rows := draw(random, rapid.IntRange(60, 150).Draw(rt, "n"), tied)
		fit := func(o CoxOptions, rows []Row) *Cox {
			c, err := FitCox(rows, o)
			if err != nil {
				rt.Fatal(err)
			}
			return c
		}
		same := func(what string, a, b *Cox, tolerance, variance float64) {
			rt.Helper()
			for j := range a.Coefficients {
				if math.Abs(a.Coefficients[j]-b.Coefficients[j]) > tolerance || !near(variance*a.Covariance.At(j, j), b.Covariance.At(j, j), tolerance) || variance == 1 && !near(a.Robust.At(j, j), b.Robust.At(j, j), 10*tolerance) {
					rt.Fatalf("%s: %v ± %v (%v), want %v ± %v (%v)", what, b.Coefficients, b.StdErrs, b.RobustStdErrs, a.Coefficients, a.StdErrs, a.RobustStdErrs)
				}
			}
		}
		if _, err := FitCox(rows, o); errors.Is(err, ErrNotEstimable) {
			rt.Skip("a draw that is separated")
		}
		a := fit(o, rows)
		for _, u := range a.influenceSums() {
			if math.Abs(u) > 1e-9 {
				rt.Fatalf("influences sum to %v, want 0", u)
			}
		}
		shuffled := slices.Clone(rows)
		random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		same("other order", a, fit(o, shuffled), 0, 1)
		ca, err := a.Concordance()
		if err != nil {
			rt.Fatal(err)
		}
		if cb, _ := fit(o, shuffled).Concordance(); ca != cb {
			rt.Fatalf("concordance in other order %v, want %v", cb, ca)
		}
		if value := naiveConcordance(a, rows); !near(ca.Value, value, 1e-9) {
			rt.Fatalf("concordance %v, by all pairs %v", ca.Value, value)
		}
		var cut, heavy, twice, scaled []Row
		for _, r := range rows {
			cut = append(cut, r.SplitAt(r.Start+random.Float64()*(r.Stop-r.Start), r.X)...)
			twice = append(twice, r, r)
			s := r
			r.Weight *= 2
			heavy = append(heavy, r)
			s.X = []float64{s.X[0], 1e6 + 1000*s.X[1]}
			scaled = append(scaled, s)
		}
		same("cut", a, fit(o, cut), 1e-8, 1)
		b := fit(o, heavy)
		same("double weights", a, b, 1e-8, 0.5)
		if !near(a.RobustStdErrs[0], b.RobustStdErrs[0], 1e-7) {
			rt.Fatalf("double weights: robust %v, want %v", b.RobustStdErrs, a.RobustStdErrs)
		}
		if o.Ties == Breslow {
			same("rows twice", a, fit(o, twice), 1e-8, 0.5)
		}
		if s := fit(o, scaled); !near(s.Coefficients[1]*1000, a.Coefficients[1], 1e-6) || !near(s.Coefficients[0], a.Coefficients[0], 1e-6) {
			rt.Fatalf("other unit: %v, want %v", s.Coefficients, a.Coefficients)
		}
		if !tied {
			same("other ties", a, fit(CoxOptions{Ties: 1 - o.Ties}, rows), 1e-9, 1)
		}
	})
}

func (c *Cox) influenceSums() []float64 {
	out := make([]float64, len(c.Coefficients))
	for _, u := range c.Influence() {
		for j, v := range u {
			out[j] += v
		}
	}
	return out
}

func naiveConcordance(c *Cox, rows []Row) float64 {
	var all, concordant float64
	for _, a := range rows {
		for _, b := range rows {
			if !a.Event || a.Stratum != b.Stratum || b.Start >= a.Stop || b.Stop < a.Stop || b.Stop == a.Stop && b.Event {
				continue
			}
			w := a.Weight * b.Weight
			all += w
			switch ea, eb := dot(a.X, c.Coefficients), dot(b.X, c.Coefficients); {
			case ea > eb:
				concordant += w
			case ea == eb:
				concordant += w / 2
			}
		}
	}
	return concordant / all
}

// The robust variance is the jackknife's, to the order of 1/n: leave a cluster out, fit again.
func TestCoxInfluenceIsJackknife(t *testing.T) {
	rows := draw(rand.New(rand.NewPCG(8, 1)), 600, true)
	c := must(FitCox(rows, CoxOptions{}))(t)
	influence := c.Influence()
	for k := range 20 {
		var rest []Row
		moved := make([]float64, 2)
		for i, r := range rows {
			if r.Cluster != 10*k {
				rest = append(rest, r)
				continue
			}
			for j, u := range influence[i] {
				moved[j] += u
			}
		}
		without := must(FitCox(rest, CoxOptions{}))(t)
		for j, b := range c.Coefficients {
			if got := b - without.Coefficients[j]; math.Abs(got-moved[j]) > 0.05*c.RobustStdErrs[j]*0.2+0.1*math.Abs(moved[j]) {
				t.Errorf("cluster %d moves β_%d by %v, its influence is %v", 10*k, j+1, got, moved[j])
			}
		}
	}
}

// Times in years: an exposure without any effect is reached at a rate of 0.5, the event comes
// at 0.3, and all are followed for 3. Rows that begin an exposure when it is reached find a
// ratio of 1; who is "ever" exposed from the start has a time that is immortal.
func TestImmortalTime(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 1))
	n := 150_000
	if testing.Short() {
		n = 40_000
	}
	var naive, split []Row
	for i := range n {
		reached, event := random.ExpFloat64()/0.5, random.ExpFloat64()/0.3
		r := Row{Stop: min(event, 3), Event: event <= 3, X: []float64{0}, Weight: 1, Cluster: i}
		split = append(split, r.SplitAt(reached, []float64{1})...)
		if reached < r.Stop {
			r.X = []float64{1}
		}
		naive = append(naive, r)
	}
	ratio := func(rows []Row) float64 {
		ratio, low, high, err := must(FitCox(rows, CoxOptions{}))(t).HazardRatio(0, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("hazard ratio %.3f (%.3f–%.3f)", ratio, low, high)
		return ratio
	}
	if hr := ratio(split); !(hr > 0.97 && hr < 1.03) {
		t.Errorf("rows split where the exposure is reached: hazard ratio %v, want 0.97–1.03", hr)
	}
	if hr := ratio(naive); !(hr > 0.29 && hr < 0.33) {
		t.Errorf("ever exposed: hazard ratio %v, want about 0.31", hr)
	}
}

func TestSplitAt(t *testing.T) {
	r := Row{Start: 2, Stop: 5, Event: true, X: []float64{0}, Weight: 1, Cluster: 7}
	exposed := []float64{1}
	for at, want := range map[float64][]Row{
		1: {{2, 5, true, exposed, 1, 0, 7}}, 2: {{2, 5, true, exposed, 1, 0, 7}},
		3: {{2, 3, false, r.X, 1, 0, 7}, {3, 5, true, exposed, 1, 0, 7}},
		5: {r}, 9: {r}, math.Inf(1): {r},
	} {
		if got := r.SplitAt(at, exposed); !reflect.DeepEqual(got, want) {
			t.Errorf("reached at %v: %v, want %v", at, got, want)
		}
	}
}

// Of 300 samples of 150 persons with four spells each, most of them recorded twice: the
// robust interval holds the truth as often as it says, and the model's, which takes every row
// for one more spell, too seldom.
func TestCoxRobustCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("300 samples")
	}
	random := rand.New(rand.NewPCG(5, 1))
	model, robust, n := 0, 0, 300
	for range n {
		var rows []Row
		for i := range 150 {
			x := float64(i % 2)
			for range 4 {
				event := random.ExpFloat64() * math.Exp(-0.4*x)
				rows = append(rows, Row{Stop: min(event, 1.5), Event: event <= 1.5, X: []float64{x}, Weight: 1, Cluster: i})
				if random.Float64() < 0.7 {
					last := rows[len(rows)-1]
					rows = append(rows, last)
				}
			}
		}
		c := must(FitCox(rows, CoxOptions{}))(t)
		if math.Abs(c.Coefficients[0]-0.4) < 1.96*c.StdErrs[0] {
			model++
		}
		if math.Abs(c.Coefficients[0]-0.4) < 1.96*c.RobustStdErrs[0] {
			robust++
		}
	}
	t.Logf("of %d intervals robust %d, of the model %d hold the truth", n, robust, model)
	if robust < 275 || robust > 295 || model > 270 {
		t.Errorf("of %d intervals %d robust ones and %d of the model hold the truth, want 275–295 and fewer than 270", n, robust, model)
	}
}

func TestCoxRefusals(t *testing.T) {
	nan := math.NaN()
	good := func() []Row {
		rows := draw(rand.New(rand.NewPCG(2, 1)), 60, true)
		for i := range rows {
			rows[i].Stratum = 0
		}
		return rows
	}
	with := func(change func(rows []Row)) error {
		rows := good()
		change(rows)
		_, err := FitCox(rows, CoxOptions{Names: []string{"age", "repeat"}})
		return err
	}
	each := func(change func(r *Row)) error {
		return with(func(rows []Row) {
			for i := range rows {
				change(&rows[i])
			}
		})
	}
	c := must(FitCox(good(), CoxOptions{}))(t)
	once := []Row{{Stop: 2, Event: true, X: []float64{0}, Weight: 1}, {Stop: 2, Event: true, X: []float64{1}, Weight: 1}, {Stop: 2, Event: true, X: []float64{1}, Weight: 1}, {Stop: 2, Event: true, X: []float64{0}, Weight: 1}}
	oneTime := must(FitCox(once, CoxOptions{}))(t)
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"none", second(FitCox(nil, CoxOptions{})), true, []string{"no event among 0 rows"}},
		{"no event", each(func(r *Row) { r.Event = false }), true, []string{"not estimable: no event among"}},
		{"no event in a group", each(func(r *Row) { r.Event = r.Event && r.X[0] == 0 }), true, []string{"no event among the rows where age is not 0"}},
		{"separated", each(func(r *Row) { r.X[1] = r.Stop; r.Event = true; r.Start = 0 }), true, []string{"repeat", "no finite estimate"}},
		{"same", each(func(r *Row) { r.X[1] = 3 }), true, []string{"repeat is the same in all rows"}},
		{"told twice", each(func(r *Row) { r.X[1] = 2 - 3*r.X[0] }), true, []string{"repeat", "leave it out"}},
		{"same in strata", each(func(r *Row) { r.Stratum = r.Cluster % 2; r.X[1] = float64(r.Stratum) }), true, []string{"repeat is the same for all who are at risk"}},
		{"no time", with(func(rows []Row) { rows[3].Stop = rows[3].Start }), false, []string{"row 4", "start before the stop"}},
		{"nan", with(func(rows []Row) { rows[3].Stop = nan }), false, []string{"row 4"}},
		{"no covariate", with(func(rows []Row) { rows[5].X = []float64{1, nan} }), false, []string{"row 6", "repeat is NaN"}},
		{"ragged", with(func(rows []Row) { rows[5].X = rows[5].X[:1] }), false, []string{"row 6 has 1 covariates"}},
		{"weight", with(func(rows []Row) { rows[5].Weight = 0 }), false, []string{"row 6: weight is 0", "above 0"}},
		{"ties", second(FitCox(good(), CoxOptions{Ties: 3})), false, []string{"ties 3"}},
		{"trend", second(oneTime.Proportional()), true, []string{"too few times"}},
		{"concordance", second(oneTime.Concordance()), true, []string{"nobody is at risk"}},
		{"ratio", func() error { _, _, _, err := c.HazardRatio(2, 0.95); return err }(), false, []string{"no such covariate"}},
		{"stratum", second(c.Survival([]float64{0, 0}, 4, []float64{3}, 0.95)), false, []string{"stratum 4"}},
		{"beyond", second(c.Survival([]float64{0, 0}, 0, []float64{300}, 0.95)), true, []string{"time 300", "was followed to"}},
		{"level", second(c.Survival([]float64{0, 0}, 0, []float64{3}, 95)), false, []string{"95"}},
		{"covariates", second(c.Survival([]float64{0}, 0, []float64{3}, 0.95)), false, []string{"want 2 numbers"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}
