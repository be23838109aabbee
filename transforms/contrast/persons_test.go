package contrast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestCaseD15Persons(t *testing.T) {
	c := casetable.Open(t, "d15_ipw_aipw")
	d := c.Read("input.csv")
	p := Persons{Names: []string{"age", "educ", "black", "hispan", "married", "nodegree", "I(re74/1000)", "I(re75/1000)"}, Outcome: d.Numbers("re78")}
	columns := make([][]float64, len(p.Names))
	for j, name := range []string{"age", "educ", "black", "hispan", "married", "nodegree", "re74", "re75"} {
		columns[j] = d.Numbers(name)
	}
	for i, a := range d.Numbers("treat") {
		p.Treated = append(p.Treated, a == 1)
		row := make([]float64, len(columns))
		for j, column := range columns {
			row[j] = column[i]
			if j >= 6 {
				row[j] /= 1000
			}
		}
		p.Covariates = append(p.Covariates, row)
	}
	ate, att := must(Compare(p, ATE, Everybody))(t), must(Compare(p, ATT, Everybody))(t)
	for i, v := range ate.Coefficients {
		c.Holds(fmt.Sprintf("ps_coef/%d", i), v)
	}
	c.Holds("ate_ht", ate.HorvitzThompson.Value)
	c.Holds("ate_hajek", ate.Hajek.Value)
	c.Holds("ate_aipw", ate.DoublyRobust.Value)
	c.Holds("ate_aipw_se", ate.UncorrectedStdErr)
	c.Holds("att_ipw", att.Hajek.Value)
	c.Holds("att_dr", att.DoublyRobust.Value)
	c.Holds("att_dr_se", att.UncorrectedStdErr)
	c.Holds("ess_control_att", att.EffectiveControls)
	c.Holds("max_ps", ate.GreatestPropensity)
	c.Holds("min_ps", ate.LeastPropensity)
	for _, b := range att.Balance {
		if !strings.Contains(b.Name, "/") { // which a path of answers cannot name
			c.Holds("smd_raw/"+b.Name, b.Before)
			c.Holds("smd_att/"+b.Name, b.After)
		}
	}
	trimmed := must(Compare(p, ATT, DefaultOverlap))(t)
	if trimmed.ControlsOutside == 0 || trimmed.TreatedOutside+trimmed.ControlsOutside <= 61 || trimmed.Label != Association {
		t.Errorf("of 614 persons, many controls unlike any participant: %+v", trimmed)
	}
}

// One covariate of 0 and 1, so that all models are saturated: in the class 0 are 2 of 4
// treated, in the class 1 are 3 of 4. The difference of means is 6 − 2 = 4 in class 0 and
// 9 − 7 = 2 in class 1.
func byHand() Persons {
	return Persons{
		Names:      []string{"class"},
		Treated:    []bool{true, true, false, false, true, true, true, false},
		Outcome:    []float64{5, 7, 1, 3, 8, 9, 10, 7},
		Covariates: [][]float64{{0}, {0}, {0}, {0}, {1}, {1}, {1}, {1}},
	}
}

func TestCompareByHand(t *testing.T) {
	ate := must(Compare(byHand(), ATE, Everybody))(t)
	att := must(Compare(byHand(), ATT, Everybody))(t)
	// ATE: (4 + 2)/2; ATT: (2·4 + 3·2)/5. Of a saturated model all three are the same.
	for _, e := range []Estimate{ate.DoublyRobust, ate.Hajek, ate.HorvitzThompson} {
		if !near(e.Value, 3, 1e-9) {
			t.Errorf("ATE %v, want 3", e.Value)
		}
	}
	for _, e := range []Estimate{att.DoublyRobust, att.Hajek, att.HorvitzThompson} {
		if !near(e.Value, 2.8, 1e-9) {
			t.Errorf("ATT %v, want 2.8", e.Value)
		}
	}
	// ψ = m₁ − m₀ − τ + A(Y − m₁)/e − (1 − A)(Y − m₀)/(1 − e): in class 0 1 ± 2 of all four, in
	// class 1 −1 + {−4/3, 0, 4/3} and −1 + 0: Σψ² = 2·9 + 2·1 + (49 + 9 + 1 + 9)/9, over 8².
	if want := math.Sqrt(20+68.0/9) / 8; !near(ate.UncorrectedStdErr, want, 1e-9) || !near(ate.Hajek.StdErr, want, 1e-9) || !near(ate.HorvitzThompson.StdErr, want, 1e-9) {
		t.Errorf("standard errors %v, %v, %v, want %v", ate.UncorrectedStdErr, ate.Hajek.StdErr, ate.HorvitzThompson.StdErr, want)
	}
	// With the residuals over 1 − ½ in class 0, 1 − ⅓ in class 1: 1 ± 4, −1 + {−2, 0, 2}, −1.
	if want := math.Sqrt(2*25+2*9+9+1+1+1) / 8; !near(ate.DoublyRobust.StdErr, want, 1e-9) {
		t.Errorf("standard error %v, want %v", ate.DoublyRobust.StdErr, want)
	}
	// Weights of the treated: 2, 2, 4/3, 4/3, 4/3; 8²/(8 + 16/3). Class by treated: 3/5 and
	// 1/3, variances 0.3 and 1/3; balanced after weighting.
	if !near(ate.EffectiveTreated, 4.8, 1e-9) || !near(att.EffectiveTreated, 5, 1e-9) {
		t.Errorf("effective sizes %v and %v, want 4.8 and 5", ate.EffectiveTreated, att.EffectiveTreated)
	}
	if want := (0.6 - 1.0/3) / math.Sqrt((0.3+1.0/3)/2); !near(ate.Balance[0].Before, want, 1e-9) || math.Abs(ate.Balance[0].After) > 1e-9 {
		t.Errorf("balance %+v, want %v and 0", ate.Balance[0], want)
	}
	// The overlap from 0.6 leaves class 0 out, but then the class says nothing.
	if c, err := Compare(byHand(), ATE, Overlap{0.6, 1}); err == nil || !strings.Contains(err.Error(), "class is the same for all") {
		t.Errorf("%+v (%v), want class refused", c, err)
	}
}

// Persons of a cluster who are alike count once: everybody twice over makes the same
// estimate with the same error, but for G/(G − 1).
func TestClusters(t *testing.T) {
	once := byHand()
	twice := byHand()
	for k := range 2 {
		for i := range once.Treated {
			if k == 1 {
				twice.Treated, twice.Outcome, twice.Covariates = append(twice.Treated, once.Treated[i]), append(twice.Outcome, once.Outcome[i]), append(twice.Covariates, once.Covariates[i])
			}
			twice.Clusters = append(twice.Clusters, int32(10*i))
		}
	}
	for _, estimand := range []Estimand{ATE, ATT} {
		a, b := must(Compare(once, estimand, Everybody))(t), must(Compare(twice, estimand, Everybody))(t)
		if !near(b.UncorrectedStdErr, a.UncorrectedStdErr*math.Sqrt(8.0/7), 1e-9) || b.Hajek.DF != 7 || !near(a.DoublyRobust.Value, b.DoublyRobust.Value, 1e-9) {
			t.Errorf("%v: %+v, everybody twice %+v", estimand, a.DoublyRobust, b.DoublyRobust)
		}
		if !near(b.Hajek.StdErr, a.Hajek.StdErr*math.Sqrt(8.0/7), 1e-9) {
			t.Errorf("%v: %+v, everybody twice %+v", estimand, a.Hajek, b.Hajek)
		}
	}
	single := byHand()
	single.Clusters = make([]int32, 8)
	if e := must(Compare(single, ATE, Everybody))(t).DoublyRobust; !math.IsInf(e.StdErr, 1) || e.P() != 1 {
		t.Errorf("one cluster: %+v, want an error without end", e)
	}
}

// participants draws persons whose visits are gamma-Poisson in three years; they take part
// the likelier the more they visited in the second, and the programme adds effect visits.
func participants(n int, effect float64, random *rand.Rand) Persons {
	p := Persons{Names: []string{"past visits"}}
	for range n {
		taste := random.ExpFloat64() + random.ExpFloat64() // Gamma(2): the next year is linear in the last
		earlier, past, next := poisson(taste, random), poisson(taste, random), poisson(taste, random)
		treated := random.Float64() < 1/(1+math.Exp(1.2-0.3*past))
		if treated {
			next += effect
		}
		p.Treated, p.Outcome, p.Covariates, p.Placebo = append(p.Treated, treated), append(p.Outcome, next), append(p.Covariates, []float64{past}), append(p.Placebo, earlier)
	}
	return p
}

func poisson(mean float64, random *rand.Rand) (k float64) {
	for product := random.Float64(); product > math.Exp(-mean); k++ {
		product *= random.Float64()
	}
	return k
}

// Adding to all outcomes changes nothing, doubling doubles; the unit of a covariate and the
// order of persons do not matter; what happened before does not depend on the outcome.
func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		estimand := Estimand(rapid.IntRange(0, 1).Draw(rt, "estimand"))
		p := participants(rapid.IntRange(150, 400).Draw(rt, "n"), 1, random)
		a, err := Compare(p, estimand, DefaultOverlap)
		if err != nil {
			rt.Fatal(err)
		}
		q := p.only(random.Perm(len(p.Treated)))
		for i := range q.Outcome {
			q.Outcome[i], q.Covariates[i] = 2*q.Outcome[i]+30, []float64{1e6 * (q.Covariates[i][0] + 3)}
		}
		b, err := Compare(q, estimand, DefaultOverlap)
		if err != nil {
			rt.Fatal(err)
		}
		if !near(b.DoublyRobust.Value, 2*a.DoublyRobust.Value, 1e-7) || !near(b.DoublyRobust.StdErr, 2*a.DoublyRobust.StdErr, 1e-7) || !near(b.Hajek.Value, 2*a.Hajek.Value, 1e-7) || !near(b.Hajek.StdErr, 2*a.Hajek.StdErr, 1e-7) {
			rt.Fatalf("%+v, doubled %+v", a, b)
		}
		if !near(a.Before.Value, b.Before.Value, 1e-7) || a.TreatedOutside != b.TreatedOutside || !near(a.Balance[0].After, b.Balance[0].After, 1e-7) {
			rt.Fatalf("%+v, doubled %+v", a, b)
		}
	})
}

// The programme does nothing, and those who visited much, in part by chance, take part: what
// the plain comparison and that of years before and after find, the doubly robust one finds
// in 4 to 6 % of runs at the 5 % level. A true effect it finds, and its intervals hold.
func TestNullProgramme(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	random := rand.New(rand.NewPCG(7, 7))
	const runs, persons = 2500, 500
	var found, plain, change, before int
	var held, mean float64
	for range runs {
		p := participants(persons, 0, random)
		c := must(Compare(p, ATT, DefaultOverlap))(t)
		found += count(c.DoublyRobust.P() < 0.05)
		before += count(c.Before.P() < 0.05)
		naive, regressed := naively(p)
		plain += count(naive < 0.05)
		change += count(regressed < 0.05)
		for i, treated := range p.Treated {
			if treated {
				p.Outcome[i]++
			}
		}
		e := must(Compare(p, ATT, DefaultOverlap))(t).DoublyRobust
		low, high, _ := e.Interval(0.95)
		mean += e.Value / runs
		held += float64(count(low <= 1 && 1 <= high)) / runs
	}
	share := func(n int) float64 { return float64(n) / runs }
	t.Logf("found %.3f, placebo %.3f; means compared %.3f, years compared %.3f; of an effect of 1: mean %.3f, held %.3f", share(found), share(before), share(plain), share(change), mean, held)
	if share(found) < 0.04 || share(found) > 0.06 || share(before) < 0.04 || share(before) > 0.06 {
		t.Errorf("no effect is found in %.4f, the placebo in %.4f of runs", share(found), share(before))
	}
	if share(plain) < 0.5 || share(change) < 0.5 {
		t.Errorf("naively found in %.4f and %.4f: the world is no test", share(plain), share(change))
	}
	if math.Abs(mean-1) > 0.02 || held < 0.94 || held > 0.96 {
		t.Errorf("an effect of 1: %.4f, intervals hold in %.4f", mean, held)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// naively are p-values of the difference of means of those who took part and not, and of
// the participants' outcome less the year before.
func naively(p Persons) (sides, years float64) {
	var values [3][]float64
	for i, treated := range p.Treated {
		values[count(treated)] = append(values[count(treated)], p.Outcome[i])
		if treated {
			values[2] = append(values[2], p.Outcome[i]-p.Covariates[i][0])
		}
	}
	var mean, v [3]float64
	for k, list := range values {
		n := float64(len(list))
		for _, x := range list {
			mean[k] += x / n
		}
		for _, x := range list {
			v[k] += square(x-mean[k]) / (n * (n - 1))
		}
	}
	return Estimate{Value: mean[1] - mean[0], StdErr: math.Sqrt(v[0] + v[1])}.P(), Estimate{Value: mean[2], StdErr: math.Sqrt(v[2])}.P()
}

func TestLabels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	p := participants(3000, 1, random)
	c := must(Compare(p, ATT, DefaultOverlap))(t)
	if c.Label != Effect {
		t.Errorf("all measured: %v, %+v", c.Label, c.Checks)
	}
	untested := p
	untested.Placebo = nil
	if c := must(Compare(untested, ATT, DefaultOverlap))(t); c.Label != Association || c.Checks[2].Met || c.Before != nil {
		t.Errorf("no placebo: %v, %+v", c.Label, c.Checks)
	}
	// Past visits not among the covariates: those who take part differed before.
	hidden := p
	hidden.Covariates = make([][]float64, len(p.Treated))
	for i := range hidden.Covariates {
		hidden.Covariates[i] = []float64{random.Float64()}
	}
	if c := must(Compare(hidden, ATT, DefaultOverlap))(t); c.Label != Association || c.Checks[2].Met {
		t.Errorf("past visits hidden: %v, %+v", c.Label, c.Checks)
	}
	// By lot, without covariates: the difference of means, 8 − 2 of {7, 9} and {1, 2, 3}, over
	// 1 − ½ and 1 − ⅓; nothing shows that the sides are alike.
	lot := Persons{Treated: []bool{true, true, false, false, false}, Outcome: []float64{7, 9, 1, 2, 3}, Covariates: make([][]float64, 5)}
	drawn := must(Compare(lot, ATE, Everybody))(t)
	if e := drawn.DoublyRobust; !near(e.Value, 6, 1e-9) || !near(e.StdErr, math.Sqrt((4+4)/4.0+(2.25+2.25)/9), 1e-9) || drawn.Label != Association {
		t.Errorf("by lot: %+v", drawn)
	}
	for _, want := range []struct {
		label  Label
		checks []Check
	}{{Association, nil}, {Effect, []Check{{Met: true}}}, {Association, []Check{{Met: true}, {Met: false}}}} {
		if got := LabelOf(want.checks); got != want.label {
			t.Errorf("%+v: %v, want %v", want.checks, got, want.label)
		}
	}
	for after, met := range map[float64]bool{0.0999: true, -0.0999: true, 0.1: false, -0.1: false, math.NaN(): false} {
		if c := balanceCheck([]Balance{{"x", 1, 0.01}, {"y", 1, after}, {"z", 1, 0.02}}); c.Met != met {
			t.Errorf("imbalance of %v: %+v", after, c)
		}
	}
}

func TestCompareRefusals(t *testing.T) {
	for what, change := range map[string]func(p *Persons){
		"7 rows of covariates":    func(p *Persons) { p.Covariates = p.Covariates[:7] },
		"all or none took part":   func(p *Persons) { p.Treated = make([]bool, 8) },
		"tell exactly who":        func(p *Persons) { p.Treated = []bool{false, false, false, false, true, true, true, true} },
		"same for all":            func(p *Persons) { p.Covariates = [][]float64{{1}, {1}, {1}, {1}, {1}, {1}, {1}, {1}} },
		"case 3 is NaN":           func(p *Persons) { p.Covariates[2] = []float64{math.NaN()} },
		"outcome of person 1 is":  func(p *Persons) { p.Outcome[0] = math.Inf(1) },
		"8 persons have 1 cluste": func(p *Persons) { p.Clusters = []int32{1} },
		"case 2 has 2 covariates": func(p *Persons) { p.Covariates[1] = []float64{1, 2} },
	} {
		p := byHand()
		change(&p)
		if c, err := Compare(p, ATE, Everybody); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
	}
	if c, err := Compare(byHand(), ATE, Overlap{0.9, 0.1}); err == nil {
		t.Errorf("overlap out of order: %+v", c)
	}
}
