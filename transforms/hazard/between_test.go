package hazard

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var never = math.Inf(1)

func betweens(ends ...[2]float64) (rows []Between) {
	for _, e := range ends {
		rows = append(rows, Between{After: e[0], By: e[1], Weight: 1})
	}
	return rows
}

// radiotherapy are months to cosmetic deterioration of 46 patients with radiotherapy alone:
// Finkelstein & Wolfe (1985), Biometrics 41:933, as printed in the SAS/STAT 14.1 User's
// Guide, ICLIFETEST, Getting Started.
var radiotherapy = [][2]float64{
	{45, never}, {25, 37}, {37, never}, {6, 10}, {46, never}, {0, 5}, {0, 7}, {26, 40}, {18, never}, {46, never}, {46, never}, {24, never},
	{46, never}, {27, 34}, {36, never}, {7, 16}, {36, 44}, {5, 11}, {17, never}, {46, never}, {19, 35}, {7, 14}, {36, 48}, {17, 25},
	{37, 44}, {37, never}, {24, never}, {0, 8}, {40, never}, {32, never}, {4, 11}, {17, 25}, {33, never}, {15, never}, {46, never}, {19, 26},
	{11, 15}, {11, 18}, {37, never}, {22, never}, {38, never}, {34, never}, {46, never}, {5, 12}, {36, never}, {46, never},
}

// R 4.2.2, survival 3.5.3, survfit(Surv(left, right, type = "interval2") ~ 1), whose EM stops
// a few steps before the maximum.
func TestTurnbullCosmesis(t *testing.T) {
	fit := must(Turnbull(betweens(radiotherapy...)))(t)
	t.Logf("%d steps, gap %.1e, log-likelihood %.6f: %v", fit.Iterations, fit.Gap, fit.LogLikelihood, fit.Masses)
	want := []Mass{{4, 5, 1 - 0.953662}, {6, 7, 0.953662 - 0.920269}, {7, 8, 0.920269 - 0.831623}, {11, 12, 0.831623 - 0.760877},
		{24, 25, 0.760856 - 0.668229}, {33, 34, 0.668229 - 0.586417}, {38, 40, 0.586412 - 0.465858}, {46, 48, 0.465539}}
	if len(fit.Masses) != len(want) {
		t.Fatalf("%d masses, want %d", len(fit.Masses), len(want))
	}
	for k, m := range fit.Masses {
		if m.Low != want[k].Low || m.High != want[k].High || math.Abs(m.P-want[k].P) > 5e-4 {
			t.Errorf("mass %d: %v, want %v", k+1, m, want[k])
		}
	}
	if !(fit.Gap <= 1e-9) {
		t.Errorf("gap %v, want 1e-9 or less", fit.Gap)
	}
	for at, want := range map[float64]float64{3: 1, 5: 0.953662, 20: 0.760856, 46: 0.4656, 48: 0} {
		if low, high := fit.Survival(at); math.Abs(low-want) > 5e-4 || math.Abs(high-want) > 5e-4 {
			t.Errorf("S(%v) is from %v to %v, want %v", at, low, high, want)
		}
	}
	if low, high := fit.Survival(47); low > 1e-9 || math.Abs(high-0.4656) > 5e-4 {
		t.Errorf("S(47) is from %v to %v, want 0 to 0.4656", low, high)
	}
}

// By hand. (0, 1], (0, 2], (1, 3], (2, 3]: masses p in (0, 1] and q in (2, 3], of which
// (0, 2] tells p and (1, 3] tells q: p = q = 1/2. With two waves and an answer at either,
// p in (0, 1] and (1, 2] are the shares, and who missed wave 1 is shared out by them:
// 4 in (0, 1], 2 in (1, 2], 3 in (0, 2], 3 later: p₁ : p₂ = 4 : 2 and p₁ + p₂ = 9/12.
func TestTurnbullByHand(t *testing.T) {
	fit := must(Turnbull(betweens([2]float64{0, 1}, [2]float64{0, 2}, [2]float64{1, 3}, [2]float64{2, 3})))(t)
	masses := func(fit NPMLE, want ...Mass) {
		t.Helper()
		if len(fit.Masses) != len(want) {
			t.Errorf("masses %v, want %v", fit.Masses, want)
			return
		}
		for k, m := range fit.Masses {
			if m.Low != want[k].Low || m.High != want[k].High || math.Abs(m.P-want[k].P) > 1e-8 {
				t.Errorf("mass %d: %v, want %v", k+1, m, want[k])
			}
		}
	}
	masses(fit, Mass{0, 1, 0.5}, Mass{2, 3, 0.5})
	closeTo(t, "log-likelihood", []float64{fit.LogLikelihood}, []float64{4 * math.Log(0.5)}, 1e-9)
	rows := betweens([2]float64{0, 1}, [2]float64{1, 2}, [2]float64{0, 2}, [2]float64{2, never})
	for i, w := range []float64{4, 2, 3, 3} {
		rows[i].Weight = w
	}
	masses(must(Turnbull(rows))(t), Mass{0, 1, 0.5}, Mass{1, 2, 0.25}, Mass{2, never, 0.25})
	// Known times are held by an interval that ends there, and not by one that begins there.
	masses(must(Turnbull(betweens([2]float64{2, 2}, [2]float64{1, 2}, [2]float64{2, 3})))(t), Mass{2, 2, 2. / 3}, Mass{2, 3, 1. / 3})
}

// Known and right-censored times give Kaplan and Meier's estimate.
func TestTurnbullIsKaplanMeier(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		var rows []Between
		for range rapid.IntRange(2, 40).Draw(rt, "n") {
			at := float64(1 + random.IntN(15))
			rows = append(rows, Between{After: at, By: at, Weight: 0.5 + random.Float64()})
			if random.Float64() < 0.4 {
				rows[len(rows)-1].By = never
			}
		}
		rows[0].By = rows[0].After
		fit, err := Turnbull(rows)
		if err != nil {
			rt.Fatal(err)
		}
		s := 1.0
		for at := 1.0; at <= 15; at++ {
			var risk, events float64
			for _, r := range rows {
				if r.After >= at {
					risk += r.Weight
				}
				if r.By == at {
					events += r.Weight
				}
			}
			if risk > 0 {
				s *= 1 - events/risk
			}
			if low, high := fit.Survival(at); math.Abs(high-s) > 1e-6 || risk > 0 && math.Abs(low-s) > 1e-6 {
				rt.Fatalf("S(%v) is from %v to %v, Kaplan–Meier %v", at, low, high, s)
			}
		}
	})
}

// panel are persons asked at their own waves, times exp(1 + x/2 + 0.6 W).
func panel(random *rand.Rand, n int) (rows []Between) {
	for i := range n {
		x := float64(i % 2)
		event := math.Exp(1 + 0.5*x + 0.6*math.Log(random.ExpFloat64()))
		r := Between{By: never, X: []float64{x}, Weight: 1, Cluster: i}
		for wave := 0.2 + random.Float64(); wave < 5; wave += 0.5 + float64(random.IntN(3)) {
			if event <= wave {
				r.By = wave
				break
			}
			r.After = wave
		}
		rows = append(rows, r)
	}
	return rows
}

// At the maximum no mass has a derivative above n, and no likelihood of other masses is
// higher; order and double weights change nothing.
func TestTurnbullProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		rows := panel(random, rapid.IntRange(5, 60).Draw(rt, "n"))
		if rapid.Bool().Draw(rt, "same waves") {
			for i := range rows {
				rows[i].After, rows[i].By = math.Round(4*rows[i].After)/4, math.Round(4*rows[i].By+0.5)/4
			}
		}
		rows[0] = Between{After: 1, By: 2, Weight: 1}
		fit, err := Turnbull(rows)
		if err != nil {
			rt.Fatal(err)
		}
		shuffled, sum := slices.Clone(rows), 0.0
		random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other := must(Turnbull(shuffled))(t)
		for i := range shuffled {
			shuffled[i].Weight = 2
		}
		double := must(Turnbull(shuffled))(t)
		for k, m := range fit.Masses {
			sum += m.P
			if m != other.Masses[k] || math.Abs(m.P-double.Masses[k].P) > 1e-6 {
				rt.Fatalf("mass %v, in other order %v, of double weights %v", m, other.Masses[k], double.Masses[k])
			}
		}
		if math.Abs(sum-1) > 1e-8 || fit.Gap > 1e-9 {
			rt.Fatalf("masses sum to %v, gap %v", sum, fit.Gap)
		}
		q := newNPMLE(rows)
		p := make([]float64, len(q.masses))
		var whole float64
		for j := range p {
			p[j] = random.ExpFloat64()
			whole += p[j]
		}
		for j := range p {
			p[j] /= whole
		}
		if l := q.likelihood(p); l > fit.LogLikelihood+1e-9*q.total {
			rt.Fatalf("log-likelihood %v at other masses, above %v", l, fit.LogLikelihood)
		}
	})
}

// Of 4,000 persons asked at waves the estimate is near the truth.
func TestTurnbullFindsTruth(t *testing.T) {
	rows := panel(rand.New(rand.NewPCG(12, 1)), 4000)
	var group []Between
	for _, r := range rows {
		if r.X[0] == 0 {
			r.After, r.By = math.Floor(4*r.After)/4, math.Ceil(4*r.By)/4
			group = append(group, r)
		}
	}
	fit := must(Turnbull(group))(t)
	for _, at := range []float64{1, 2, 3, 4} {
		want := math.Exp(-math.Pow(at*math.Exp(-1), 1/0.6))
		low, high := fit.Survival(at)
		t.Logf("S(%v): %.3f–%.3f, truth %.3f", at, low, high, want)
		if math.Abs((low+high)/2-want) > 0.06 {
			t.Errorf("S(%v) is from %v to %v, want %v", at, low, high, want)
		}
	}
}

// Events after, by, x, z, weight and cluster.
var aft = [][6]float64{
	{0, 1, 0, -0.9, 1, 1}, {3, 4, 1, 0.2, 2, 2}, {4.62, 4.62, 0, 1.6, 1.5, 3}, {0, 1, 1, -1.1, 1, 4}, {1, 2, 0, -0.1, 1, 5},
	{4, never, 1, 0.1, 2, 6}, {1.24, 1.24, 0, 0.7, 1.5, 7}, {3, 4, 1, -0.2, 1, 8}, {2, 3, 0, 2, 1, 9}, {1, 2, 1, -0.1, 2, 10},
	{1, 2, 0, 0.4, 1.5, 1}, {4, never, 1, 1, 1, 2}, {2, 3, 0, -0.4, 1, 3}, {3, 4, 1, -1, 2, 4}, {4, never, 0, 1.8, 1.5, 5},
	{3, 4, 1, -2.3, 1, 6}, {4, never, 0, 0.9, 1, 7}, {2, 3, 1, 0, 2, 8}, {3, 4, 0, 1, 1.5, 9}, {2, 3, 1, 0.4, 1, 10},
}

func aftRows(weighted bool) (rows []Between) {
	for _, r := range aft {
		b := Between{After: r[0], By: r[1], X: []float64{r[2], r[3]}, Weight: 1, Cluster: int(r[5])}
		if weighted {
			b.Weight = r[4]
		}
		rows = append(rows, b)
	}
	return rows
}

// R 4.2.2, survival 3.5.3, survreg(Surv(after or NA, by, type = "interval2") ~ x + z, weights,
// rel.tolerance = 1e-14): coefficients and ln σ, their errors, log-likelihood; and, with V its
// vcov and scores by central differences of the log-likelihood there, roots of
// crossprod(rowsum(weight × scores V, cluster)).
func TestWeibullAgainstR(t *testing.T) {
	for weighted, want := range map[bool][][]float64{
		false: {
			{0.896437210248355, 0.484680055115588, 0.271969138285719, -0.776262488129983},
			{0.203008947858138, 0.320430660387199, 0.125077226342699, 0.231799287934106}, {-29.9900376567728},
			{0.201313597495805, 0.329315324160536, 0.127886351086419, 0.217690841276342},
		},
		true: {
			{0.905940407219618, 0.455919586982415, 0.269557088329491, -0.846704182539466},
			{0.177327065625304, 0.262243423695298, 0.106773928299300, 0.195614798111911}, {-40.8546197777768},
			{0.191529071650325, 0.310824586830993, 0.113654453501794, 0.200618565266903},
		},
	} {
		w := must(FitWeibull(aftRows(weighted), nil))(t)
		closeTo(t, "coefficients", append(slices.Clone(w.Coefficients), w.LogScale.Value), want[0], 1e-7)
		closeTo(t, "errors", append(slices.Clone(w.StdErrs), w.LogScale.StdErr), want[1], 1e-7)
		closeTo(t, "log-likelihood", []float64{w.LogLikelihood}, want[2], 1e-9)
		closeTo(t, "robust errors", roots(w.Robust), want[3], 1e-6)
	}
}

// By hand: without covariates and with one wave at 2, by which 3 of 8 have the event, and one
// at 4, by which 5 of 8 have: two parameters meet two shares, S(2) = 5/8 and S(4) = 3/8.
func TestWeibullByHand(t *testing.T) {
	rows := betweens([2]float64{0, 2}, [2]float64{2, 4}, [2]float64{4, never})
	rows[0].Weight, rows[1].Weight, rows[2].Weight = 3, 2, 3
	w := must(FitWeibull(rows, nil))(t)
	closeTo(t, "log-likelihood", []float64{w.LogLikelihood}, []float64{6*math.Log(3./8) + 2*math.Log(2./8)}, 1e-9)
	// ln(−ln S) is a line in ln t: the shape is its slope.
	shape := math.Log(math.Log(8./3)/math.Log(8./5)) / math.Ln2
	closeTo(t, "ln σ", []float64{w.LogScale.Value}, []float64{-math.Log(shape)}, 1e-9)
	s := must(w.Survival(nil, []float64{0, 2, 4}, 0.95))(t)
	closeTo(t, "survival and errors", []float64{s[0].Value, s[1].Value, s[1].StdErr, s[2].Value, s[2].StdErr}, []float64{1, 5. / 8, math.Sqrt(15. / 64 / 8), 3. / 8, math.Sqrt(15. / 64 / 8)}, 1e-8)
}

// Truth β₀ = 1, β = 0.5, σ = 0.6 at waves of each person's own: the intervals of 300 samples
// hold it, and times in another unit move β₀ alone.
func TestWeibullFindsTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 1))
	n := 300
	if testing.Short() {
		n = 60
	}
	var mean, covered [3]float64
	truth := [3]float64{1, 0.5, math.Log(0.6)}
	for range n {
		w := must(FitWeibull(panel(random, 200), nil))(t)
		for k, e := range []Estimate{{w.Coefficients[0], w.StdErrs[0]}, {w.Coefficients[1], w.RobustStdErrs[1]}, w.LogScale} {
			mean[k] += e.Value / float64(n)
			if math.Abs(e.Value-truth[k]) < 1.96*e.StdErr {
				covered[k]++
			}
		}
	}
	t.Logf("means %.3f, truth %.3f; of %d intervals %v hold it", mean, truth, n, covered)
	for k := range truth {
		if share := covered[k] / float64(n); math.Abs(mean[k]-truth[k]) > 0.03 || share < 0.95-4*math.Sqrt(0.0475/float64(n)) {
			t.Errorf("parameter %d: mean %.3f, truth %.3f; %v of %d intervals hold it", k, mean[k], truth[k], covered[k], n)
		}
	}
}

func TestWeibullProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		rows := panel(random, rapid.IntRange(60, 150).Draw(rt, "n"))
		a := must(FitWeibull(rows, nil))(t)
		shuffled := slices.Clone(rows)
		random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if b := must(FitWeibull(shuffled, nil))(t); !slices.Equal(a.Coefficients, b.Coefficients) || !slices.Equal(a.RobustStdErrs, b.RobustStdErrs) || a.LogScale != b.LogScale {
			rt.Fatalf("other order: %v, want %v", b.Coefficients, a.Coefficients)
		}
		for i := range shuffled {
			shuffled[i].After, shuffled[i].By, shuffled[i].Weight = 365*shuffled[i].After, 365*shuffled[i].By, 2
		}
		b := must(FitWeibull(shuffled, nil))(t)
		if !near(b.Coefficients[0], a.Coefficients[0]+math.Log(365), 1e-7) || math.Abs(b.Coefficients[1]-a.Coefficients[1]) > 1e-7 || math.Abs(b.LogScale.Value-a.LogScale.Value) > 1e-7 || !near(b.StdErrs[1], a.StdErrs[1]/math.Sqrt2, 1e-6) {
			rt.Fatalf("days and double weights: %v ± %v, want %v ± %v/√2", b.Coefficients, b.StdErrs, a.Coefficients, a.StdErrs)
		}
	})
}

func TestBetweenRefusals(t *testing.T) {
	with := func(change func(i int, r *Between)) error {
		rows := panel(rand.New(rand.NewPCG(3, 1)), 60)
		for i := range rows {
			rows[i].X = append(rows[i].X, float64(i%5))
			change(i, &rows[i])
		}
		return second(FitWeibull(rows, []string{"type", "age"}))
	}
	w := must(FitWeibull(aftRows(false), nil))(t)
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"none", second(Turnbull(nil)), true, []string{"no event among 0 rows"}},
		{"all censored", second(Turnbull(betweens([2]float64{1, never}, [2]float64{2, never}))), true, []string{"no event among 2 rows"}},
		{"order", second(Turnbull(betweens([2]float64{3, 2}))), false, []string{"row 1: an event after 3 and by 2"}},
		{"nan", second(Turnbull(betweens([2]float64{math.NaN(), 2}))), false, []string{"row 1"}},
		{"at 0", second(Turnbull(betweens([2]float64{0, 0}))), false, []string{"row 1"}},
		{"weight", second(Turnbull([]Between{{By: 1}})), false, []string{"weight is 0"}},
		{"weibull, all censored", with(func(_ int, r *Between) { r.By = never }), true, []string{"no event among"}},
		{"weibull, no event in a group", with(func(_ int, r *Between) {
			if r.X[0] == 1 {
				r.By = never
			}
		}), true, []string{"no event among the rows where type is not 0"}},
		{"weibull, same", with(func(_ int, r *Between) { r.X[1] = 2 }), true, []string{"age is the same"}},
		{"weibull, told twice", with(func(_ int, r *Between) { r.X[1] = 2 * r.X[0] }), true, []string{"told by the others"}},
		{"weibull, one time", with(func(_ int, r *Between) { r.After, r.By = 2, 2 }), true, []string{"no maximum"}},
		{"weibull, one wave", with(func(i int, r *Between) {
			if r.After, r.By = 0, 2; i%3 == 0 {
				r.After, r.By = 2, never
			}
		}), true, []string{"waves"}},
		{"weibull, covariate", with(func(i int, r *Between) { r.X[1] = math.Inf(i - 5) }), false, []string{"age is"}},
		{"weibull, beyond", second(w.Survival([]float64{1, 0}, []float64{6}, 0.95)), true, []string{"time 6", "last wave is at 4.62"}},
		{"weibull, covariates", second(w.Survival(nil, []float64{6}, 0.95)), false, []string{"want 2 numbers"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}
