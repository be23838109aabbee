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

// Case d06: 60-day periods, those who survive 360 days having six without an event.
func TestDiscreteCase(t *testing.T) {
	c := casetable.Open(t, "d06_discrete_hazard")
	in := c.Read("input.csv")
	var spells []Spell
	for i, time := range in.Numbers("time") {
		treated := 0.0
		if in.Numbers("trt")[i] == 2 {
			treated = 1
		}
		spells = append(spells, Spell{First: 1, Last: min(6, int(math.Ceil(time/60))), Event: in.Numbers("status")[i] == 1 && time <= 360,
			X: []float64{in.Numbers("karno")[i], treated}, Weight: 1, Cluster: i})
	}
	rows := must(PersonPeriods(spells))(t)
	c.Holds("person_periods", float64(len(rows)))
	for name, link := range map[string]Link{"cloglog": CLogLog, "logit": Logit} {
		fit := must(FitDiscrete(rows, DiscreteOptions{Link: link}))(t)
		for k := range fit.Coefficients {
			c.Holds(fmt.Sprintf("%s/coef/%d", name, k), fit.Coefficients[k])
			c.Holds(fmt.Sprintf("%s/se/%d", name, k), fit.StdErrs[k])
		}
		c.Holds(name+"/loglik", fit.LogLikelihood)
		if link == Logit {
			continue
		}
		c.Holds("events", float64(fit.Events))
		c.Holds("cloglog/deviance", fit.Deviance)
		for k, s := range must(fit.Survival([]float64{60, 0}, 6, 0.95))(t) {
			c.Holds(fmt.Sprintf("surv_karno60_trt1/%d", k), s.Value)
		}
	}
	for k, r := range must(LifeTable(rows))(t) {
		c.Holds(fmt.Sprintf("life_table/%d/t", k), float64(r.Period))
		c.Holds(fmt.Sprintf("life_table/%d/y", k), r.Events)
		c.Holds(fmt.Sprintf("life_table/%d/n", k), r.AtRisk)
	}
}

// Spells of last period, event, x, weight and cluster.
var spells = [][5]float64{
	{1, 0, -0.8, 1, 1}, {2, 1, 0.8, 1, 2}, {3, 0, 0.2, 1.5, 3}, {2, 1, -0.6, 1.5, 4}, {3, 0, -1.3, 1, 5}, {3, 1, 0.8, 2.5, 6}, {2, 1, -0.8, 2.5, 7},
	{3, 1, 2.5, 1.5, 1}, {1, 1, 1.3, 1.5, 2}, {2, 1, -0.8, 1, 3}, {1, 1, -0.6, 2.5, 4}, {1, 0, -1.6, 1.5, 5}, {1, 1, -1.3, 1, 6}, {1, 1, -0.5, 1.5, 7},
}

func spellRows(t testing.TB) []PersonPeriod {
	var all []Spell
	for _, s := range spells {
		all = append(all, Spell{1, int(s[0]), s[1] == 1, []float64{s[2]}, s[3], int(s[4])})
	}
	return must(PersonPeriods(all))(t)
}

// R 4.2.2, glm(y ~ 0 + factor(t) + x, binomial(link), weights = w, control = list(epsilon =
// 1e-300, maxit = 100)): coefficients, roots of the unscaled covariance V, roots of V crossprod(rowsum of
// X w (y − μ) dμ/dη/(μ(1 − μ)) by cluster) V, deviance, Π (1 − h) at x = 0.4 and, by central
// differences of its logarithm, errors.
func TestDiscreteAgainstR(t *testing.T) {
	for link, want := range map[Link][][]float64{
		CLogLog: {
			{-1.0340980188226605, -0.3973473905772019, -0.0291447483378324, -0.0767886427089539},
			{0.397199698394638, 0.413908593231988, 0.546576484112201, 0.226628032274483},
			{0.360144102679962, 0.494871822821917, 0.852977909671909, 0.307974397787048}, {52.1986194352476},
			{0.708367564706431, 0.369146161376261, 0.143925595847700}, {0.0903938276157701, 0.1567961022968103, 0.1013968862989245},
		},
		Logit: {
			{-0.8616890381025937, -0.0591055657885978, 0.5810631921599189, -0.1471197523564239},
			{0.474984608520380, 0.569500145587099, 0.842372707168301, 0.300767839104459},
			{0.433336219807630, 0.669909880614116, 1.323547060037233, 0.418796663843880}, {52.0779507241376},
			{0.715151498098875, 0.378639982061889, 0.140980679399918}, {0.0933819553646109, 0.1595675905026021, 0.1035291618034849},
		},
	} {
		d := must(FitDiscrete(spellRows(t), DiscreteOptions{Link: link}))(t)
		closeTo(t, "coefficients", d.Coefficients, want[0], 1e-6) // R stops where the deviance has no more digits
		closeTo(t, "errors", d.StdErrs, want[1], 1e-8)
		closeTo(t, "robust errors", d.RobustStdErrs, want[2], 1e-8)
		closeTo(t, "deviance", []float64{d.Deviance}, want[3], 1e-10)
		for k, s := range must(d.Survival([]float64{0.4}, 3, 0.95))(t) {
			closeTo(t, fmt.Sprintf("survival to period %d", k+1), []float64{s.Value, s.StdErr}, []float64{want[4][k], want[5][k]}, 1e-7)
		}
	}
}

// By hand: 3 of 8 in period 1, 1 of 4 in period 2, nobody in 3. Without covariates h is the
// share, and errors of α are √(1/d + 1/(n − d)) by the logit, √(h/(1 − h)/n)/−ln(1 − h) by
// the cloglog; survival is 5/8 · 3/4, with Greenwood's error √(3/(8·5) + 1/(4·3)) of its log.
func TestDiscreteByHand(t *testing.T) {
	var all []Spell
	add := func(n, last int, event bool) {
		for range n {
			all = append(all, Spell{1, last, event, nil, 1, 0})
		}
	}
	add(3, 1, true)
	add(1, 1, false)
	add(1, 2, true)
	add(3, 2, false)
	rows := must(PersonPeriods(all))(t)
	if len(rows) != 12 {
		t.Fatalf("%d person-periods, want 12", len(rows))
	}
	logit := must(FitDiscrete(rows, DiscreteOptions{Link: Logit}))(t)
	closeTo(t, "logit", append(logit.Coefficients, logit.StdErrs...), []float64{math.Log(3. / 5), math.Log(1. / 3), math.Sqrt(1./3 + 1./5), math.Sqrt(1 + 1./3)}, 1e-9)
	cloglog := must(FitDiscrete(rows, DiscreteOptions{}))(t)
	a, b := -math.Log(5./8), -math.Log(3./4)
	closeTo(t, "cloglog", append(cloglog.Coefficients, cloglog.StdErrs...), []float64{math.Log(a), math.Log(b), math.Sqrt(3./5/8) / a, math.Sqrt(1./3/4) / b}, 1e-9)
	greenwood := 15. / 32 * math.Sqrt(3./40+1./12)
	for _, d := range []*Discrete{logit, cloglog} {
		s := must(d.Survival(nil, 2, 0.95))(t)[1]
		closeTo(t, "survival", []float64{s.Value, s.StdErr}, []float64{15. / 32, greenwood}, 1e-9)
	}
	table := must(LifeTable(rows))(t)
	if len(table) != 2 {
		t.Fatalf("life table of %d periods, want 2", len(table))
	}
	closeTo(t, "life table", []float64{table[0].Hazard.Value, table[0].Hazard.StdErr, table[1].AtRisk, table[1].Survival.Value, table[1].Survival.StdErr}, []float64{3. / 8, math.Sqrt(15. / 512), 4, 15. / 32, greenwood}, 1e-12)
	// Bands: one for both periods is 4 of 12.
	one := must(FitDiscrete(rows, DiscreteOptions{Link: Logit, Bands: []int{2}}))(t)
	closeTo(t, "one band", one.Coefficients, []float64{math.Log(0.5)}, 1e-9)
	s := must(one.Survival(nil, 2, 0.95))(t)
	closeTo(t, "survival of one band", []float64{s[0].Value, s[1].Value}, []float64{2. / 3, 4. / 9}, 1e-9)
}

// The order of rows changes no digit, double weights halve the model's variance and leave the
// one between clusters, and so do rows twice.
func TestDiscreteProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		o := DiscreteOptions{Link: Link(rapid.IntRange(0, 1).Draw(rt, "link")), Bands: []int{1, 2, 4}}
		rows := drawPeriods(random, rapid.IntRange(60, 150).Draw(rt, "n"), 4, 0.5)
		a, err := FitDiscrete(rows, o)
		if errors.Is(err, ErrNotEstimable) {
			rt.Skip(err)
		} else if err != nil {
			rt.Fatal(err)
		}
		fit := func(rows []PersonPeriod) *Discrete {
			d, err := FitDiscrete(rows, o)
			if err != nil {
				rt.Fatal(err)
			}
			return d
		}
		shuffled := slices.Clone(rows)
		random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if b := fit(shuffled); !slices.Equal(a.Coefficients, b.Coefficients) || !slices.Equal(a.RobustStdErrs, b.RobustStdErrs) {
			rt.Fatalf("other order: %v ± %v, want %v ± %v", b.Coefficients, b.RobustStdErrs, a.Coefficients, a.RobustStdErrs)
		}
		heavy := slices.Clone(rows)
		for i := range heavy {
			heavy[i].Weight *= 2
		}
		for _, b := range []*Discrete{fit(heavy), fit(append(slices.Clone(rows), rows...))} {
			for k := range a.Coefficients {
				if math.Abs(a.Coefficients[k]-b.Coefficients[k]) > 1e-8 || !near(b.StdErrs[k], a.StdErrs[k]/math.Sqrt2, 1e-7) || !near(b.RobustStdErrs[k], a.RobustStdErrs[k], 1e-7) {
					rt.Fatalf("twice: %v ± %v (%v), want %v ± %v/√2 (%v)", b.Coefficients, b.StdErrs, b.RobustStdErrs, a.Coefficients, a.StdErrs, a.RobustStdErrs)
				}
			}
		}
	})
}

// drawPeriods are persons whose continuous hazard is 0.2 exp(βx), seen by period up to last.
func drawPeriods(random *rand.Rand, n, last int, beta float64) (rows []PersonPeriod) {
	var spells []Spell
	for i := range n {
		x := float64(i % 2)
		event := int(math.Ceil(random.ExpFloat64() / 0.2 * math.Exp(-beta*x)))
		spells = append(spells, Spell{1, min(event, last), event <= last, []float64{x}, 1, i})
	}
	rows, _ = PersonPeriods(spells)
	return rows
}

// Continuous times seen by period: the cloglog finds β, and its interval holds it in 95 % of
// 400 samples; that of the logit is an odds ratio, further from 0.
func TestDiscreteFindsHazardRatio(t *testing.T) {
	if testing.Short() {
		t.Skip("400 samples")
	}
	random := rand.New(rand.NewPCG(77, 1))
	const beta, n = 0.7, 400
	covered, mean, logit := 0, 0.0, 0.0
	for range n {
		rows := drawPeriods(random, 300, 4, beta)
		d := must(FitDiscrete(rows, DiscreteOptions{}))(t)
		b := d.Coefficients[4]
		if math.Abs(b-beta) < 1.96*d.StdErrs[4] {
			covered++
		}
		mean += b / n
		logit += must(FitDiscrete(rows, DiscreteOptions{Link: Logit}))(t).Coefficients[4] / n
	}
	t.Logf("mean β %.3f (logit %.3f), %d of %d intervals hold %v", mean, logit, covered, n, beta)
	if math.Abs(mean-beta) > 0.03 || covered < 367 || covered > 393 || logit < beta+0.1 {
		t.Errorf("mean β %.3f (logit %.3f), %d of %d intervals hold %v: want within 0.03, 367–393, and the logit above", mean, logit, covered, n, beta)
	}
}

// An exposure without effect, reached in a period with probability 0.4 until then, the event
// in each with 0.25: begun in the period after, its hazard ratio is 1; who is "ever" exposed
// from the start has a time that is immortal.
func TestImmortalPeriods(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	var naive, split []Spell
	for i := range 40_000 {
		s, reached := Spell{First: 1, Last: 1, X: []float64{0}, Weight: 1, Cluster: i}, 1
		for ; s.Last < 5 && random.Float64() > 0.25; s.Last++ {
		}
		s.Event = s.Last < 5 || random.Float64() < 0.25
		for ; random.Float64() > 0.4; reached++ {
		}
		split = append(split, s.SplitAfter(reached, []float64{1})...)
		if reached < s.Last {
			s.X = []float64{1}
		}
		naive = append(naive, s)
	}
	ratio := func(spells []Spell) float64 {
		d := must(FitDiscrete(must(PersonPeriods(spells))(t), DiscreteOptions{Bands: []int{5}}))(t)
		return math.Exp(d.Coefficients[1])
	}
	a, b := ratio(split), ratio(naive)
	t.Logf("hazard ratio %.3f, of ever exposed %.3f", a, b)
	if a < 0.97 || a > 1.03 || b > 0.5 {
		t.Errorf("hazard ratio %v, want 0.97–1.03; of ever exposed %v, want below 0.5", a, b)
	}
}

func TestSplitAfter(t *testing.T) {
	s, exposed := Spell{2, 4, true, []float64{0}, 1, 7}, []float64{1}
	for at, want := range map[int][]Spell{
		1: {{2, 4, true, exposed, 1, 7}}, 2: {{2, 2, false, s.X, 1, 7}, {3, 4, true, exposed, 1, 7}}, 4: {s}, 9: {s},
	} {
		if got := s.SplitAfter(at, exposed); !reflect.DeepEqual(got, want) {
			t.Errorf("reached in period %d: %v, want %v", at, got, want)
		}
	}
}

func TestDiscreteRefusals(t *testing.T) {
	with := func(o DiscreteOptions, change func(r *PersonPeriod)) error {
		rows := drawPeriods(rand.New(rand.NewPCG(3, 1)), 80, 4, 0.5)
		for i := range rows {
			rows[i].X = []float64{rows[i].X[0], float64(i % 7)}
			change(&rows[i])
		}
		o.Names = []string{"type", "age"}
		_, err := FitDiscrete(rows, o)
		return err
	}
	fine := func(*PersonPeriod) {}
	d := must(FitDiscrete(spellRows(t), DiscreteOptions{}))(t)
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"none", second(FitDiscrete(nil, DiscreteOptions{})), true, []string{"no event among 0 rows"}},
		{"no event", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Event = false }), true, []string{"not estimable: no event among"}},
		{"no event in a group", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Event = r.Event && r.X[0] == 1 }), true, []string{"no event among the rows where type is not 1"}},
		{"no event in a group, logit", with(DiscreteOptions{Link: Logit}, func(r *PersonPeriod) { r.Event = r.Event && r.X[0] == 1 }), true, []string{"no event among the rows where type is not 1"}},
		{"separated", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Event = r.X[1] > 3 }), true, []string{"age has no finite estimate"}},
		{"no event in a period", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Event = r.Event && r.Period != 3 }), true, []string{"no event among the", "ends with period 3", "join it"}},
		{"all have it", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Event = r.Event || r.Period == 4 }), true, []string{"all", "ends with period 4"}},
		{"same", with(DiscreteOptions{}, func(r *PersonPeriod) { r.X[1] = 2 }), true, []string{"age is the same in all rows"}},
		{"told by periods", with(DiscreteOptions{}, func(r *PersonPeriod) { r.X[1] = float64(r.Period) }), true, []string{"age is told by the periods"}},
		{"told twice", with(DiscreteOptions{}, func(r *PersonPeriod) { r.X[1] = 1 - r.X[0] }), true, []string{"age is told by"}},
		{"period 0", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Period-- }), false, []string{"row 1: period 0"}},
		{"weight", with(DiscreteOptions{}, func(r *PersonPeriod) { r.Weight = -1 }), false, []string{"row 1: weight is -1"}},
		{"nan", with(DiscreteOptions{}, func(r *PersonPeriod) { r.X[1] = math.NaN() }), false, []string{"row 1: age is NaN"}},
		{"bands", with(DiscreteOptions{Bands: []int{2, 2}}, fine), false, []string{"bands [2 2]"}},
		{"after the bands", with(DiscreteOptions{Bands: []int{1, 3}}, fine), false, []string{"period 4 is after the last band"}},
		{"link", with(DiscreteOptions{Link: 5}, fine), false, []string{"link 5"}},
		{"spell", second(PersonPeriods([]Spell{{First: 2, Last: 1}})), false, []string{"spell 1: periods 2 to 1"}},
		{"beyond", second(d.Survival([]float64{1}, 4, 0.95)), true, []string{"to period 4", "ends with 3"}},
		{"covariates", second(d.Survival(nil, 2, 0.95)), false, []string{"want 1 numbers"}},
		{"nobody", second(LifeTable([]PersonPeriod{{Period: 2, Weight: 1}})), true, []string{"nobody is at risk in period 1"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}
