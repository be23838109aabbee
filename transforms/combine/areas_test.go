package combine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/internal/casetable"
)

// herds are the rows of case c08, with a constant and periods 2 to 4.
func herds(c *casetable.Case) []Trials {
	d := c.Read("input.csv")
	var rows []Trials
	for i, period := range d.Numbers("period") {
		x := []float64{1, 0, 0, 0}
		if period > 1 {
			x[int(period)-1] = 1
		}
		rows = append(rows, Trials{int32(d.Numbers("herd")[i]), x, d.Numbers("incidence")[i], d.Numbers("size")[i]})
	}
	return rows
}

// The answers of 25 points are held as they are. Those of Laplace's approximation are where lme4 stopped:
// by its own deviance, 184.05313, that of exact modes at its β and σ being 184.05257, and 184.05256 at ours,
// which base R confirms. So the deviance is held, and the modes at lme4's β and σ.
func TestCaseC08AreaRates(t *testing.T) {
	c := casetable.Open(t, "c08_binomial_glmm")
	rows := herds(c)
	r := must(FitAreaRates(rows, AreaOptions{Points: 25}))(t)
	for j, b := range r.Coefficients {
		c.Holds(fmt.Sprintf("agq25/beta/%d", j), b)
	}
	c.Holds("agq25/sd_herd", r.SD)
	c.Holds("agq25/deviance", r.Deviance())
	for i, m := range r.Modes {
		c.Holds(fmt.Sprintf("agq25/modes/%d", i), m.Mode)
	}

	laplace := must(FitAreaRates(rows, AreaOptions{Points: 1}))(t)
	c.Holds("laplace/deviance", laplace.Deviance())
	l := newAreaLikelihood(laplace.areas, AreaOptions{Points: 1})
	theirs := []float64{0, 0, 0, 0, c.Answer("laplace/sd_herd")}
	at := make([]float64, 5)
	for j := range 4 {
		theirs[j] = c.Answer(fmt.Sprintf("laplace/beta/%d", j))
	}
	for j := range theirs {
		at[j] = theirs[j] * l.scale[j]
	}
	for i, a := range laplace.areas {
		u, _ := a.mode(theirs)
		c.Holds(fmt.Sprintf("laplace/modes/%d", i), theirs[4]*u)
	}
	gain := 0.0
	for _, a := range laplace.areas {
		constant, _ := a.constants()
		gain -= 2 * constant
	}
	gain += -2*l.at(at) - laplace.Deviance()
	c.Holds("laplace/deviance", laplace.Deviance()+gain)
	t.Logf("Laplace: β %.6f, σ %.6f; deviance %.6f, lower by %.1e than at lme4's %.6f", laplace.Coefficients, laplace.SD, laplace.Deviance(), gain, theirs)
	if gain < 0 {
		t.Errorf("the deviance of Laplace's approximation is lower by %v at lme4's β and σ", -gain)
	}
	// The approximation with exact modes, written in R 4.2.2 and minimised by its optim.
	for j, want := range []float64{-1.398532132, -0.992332746, -1.128672135, -1.580313875} {
		if math.Abs(laplace.Coefficients[j]-want) > 1e-6 || math.Abs(laplace.Coefficients[j]-theirs[j]) > 6e-4 {
			t.Errorf("coefficient %d: %v, want %v", j, laplace.Coefficients[j], want)
		}
	}
	if math.Abs(laplace.SD-0.642261459) > 1e-6 { // 0.6423 is published with the case
		t.Errorf("standard deviation %v, want 0.642261", laplace.SD)
	}
	if math.Abs(laplace.Deviance()-184.052563730) > 1e-7 || math.Abs(gain-(184.052572673-184.052563730)) > 1e-8 {
		t.Errorf("deviance %v, at lme4's β and σ above it by %v", laplace.Deviance(), gain)
	}
}

// The quadrature is exact: against the trapezium rule over ±12 standard deviations. So is a prediction.
func TestAreaIntegral(t *testing.T) {
	a := areaTrials{rows: []Trials{{1, []float64{1, 0}, 1, 9}, {1, []float64{1, 2}, 7, 8}, {1, []float64{1, 1}, 0, 3}}}
	parameters := []float64{-0.3, 0.4, 1.3}
	fixed, x := a.fixed(parameters), []float64{1, 1}
	var sum, rate, squares float64
	const step = 1e-3
	for u := -12.0; u < 12; u += step {
		w := math.Exp(a.given(fixed, 1.3, u)) * step / math.Sqrt(2*math.Pi)
		p := logistic(dot(x, parameters) + 1.3*u)
		sum, rate, squares = sum+w, rate+w*p, squares+w*p*p
	}
	if got := a.logIntegral(parameters, hermite(25)); !near(got, math.Log(sum), 1e-9) {
		t.Errorf("log integral %v, want %v", got, math.Log(sum))
	}
	mean, variance, _, _ := a.predict(parameters, x, hermite(25))
	if !near(mean, rate/sum, 1e-8) || !near(variance, squares/sum-square(rate/sum), 1e-8) {
		t.Errorf("rate %v with variance %v, want %v with %v", mean, variance, rate/sum, squares/sum-square(rate/sum))
	}
}

// Order of rows, unit of a covariate, and which outcome is the success do not matter.
func TestAreaRatesInvariance(t *testing.T) {
	c := casetable.Open(t, "c08_binomial_glmm")
	rows := herds(c)
	want := must(FitAreaRates(rows, AreaOptions{Points: 25}))(t)
	c.Holds("agq25/sd_herd", want.SD)
	random := rand.New(rand.NewPCG(7, 7))
	turned := slices.Clone(rows)
	random.Shuffle(len(turned), func(i, j int) { turned[i], turned[j] = turned[j], turned[i] })
	for i, row := range turned {
		x := slices.Clone(row.X)
		x[2] *= 1000
		turned[i] = Trials{-row.Area, x, row.Trials - row.Successes, row.Trials}
	}
	got := must(FitAreaRates(turned, AreaOptions{Points: 25}))(t)
	n := len(got.Modes)
	if !near(got.SD, want.SD, 1e-6) || !near(got.LogLikelihood, want.LogLikelihood, 1e-10) || !near(-1000*got.Coefficients[2], want.Coefficients[2], 1e-6) ||
		!near(1000*got.StdErrs[2], want.StdErrs[2], 1e-4) || !near(-got.Modes[n-1].Mode, want.Modes[0].Mode, 1e-6) || got.Modes[n-1].Area != -1 {
		t.Errorf("turned round %+v, want %+v", got, want)
	}
	a, b := must(want.Predict(3, []float64{1, 0, 1, 0}))(t), must(got.Predict(-3, []float64{1, 0, 1000, 0}))(t)
	if !near(a.Value, 1-b.Value, 1e-7) || !near(a.StdErr, b.StdErr, 1e-5) || !near(a.LogitStdErr, b.LogitStdErr, 1e-5) {
		t.Errorf("predicted %+v, turned round %+v", a, b)
	}
}

// Areas that differ less than chance have no variance: the rates are those of a logistic regression.
func TestAreaRatesWithoutVariance(t *testing.T) {
	var rows []Trials
	for i := range 10 {
		rows = append(rows, Trials{int32(i), []float64{1}, 30, 100})
	}
	r := must(FitAreaRates(rows, AreaOptions{Points: 25}))(t)
	rate := must(r.Predict(4, []float64{1}))(t)
	if r.SD != 0 || !math.IsNaN(r.SDStdErr) || !near(r.Coefficients[0], math.Log(3.0/7), 1e-6) || !near(rate.Value, 0.3, 1e-6) || !near(rate.StdErr, math.Sqrt(0.21/1000), 1e-4) {
		t.Errorf("areas all alike: %+v, rate %+v", r, rate)
	}
	adjusted := must(FitAreaRates(rows, AreaOptions{Points: 25, Adjusted: true}))(t)
	wider := must(adjusted.Predict(4, []float64{1}))(t)
	if !(adjusted.SD > 0.01) || adjusted.LogLikelihood > r.LogLikelihood || !near(wider.Value, 0.3, 1e-3) || wider.StdErr <= rate.StdErr {
		t.Errorf("areas all alike, adjusted: %+v, rate %+v", adjusted, wider)
	}
}

// In simulated areas, a quarter of them without trials, rates are covered and closer than those seen.
func TestAreaRatesAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 93))
	runs := 150
	if testing.Short() {
		runs = 25
	}
	const m, sd = 60, 0.5
	beta := []float64{-2, 0.4}
	type tally struct{ covered, unseen, slope, deviation, error2, direct2, said, none float64 }
	tallies := map[bool]*tally{false: {}, true: {}}
	for range runs {
		rows, rates, xs, direct2 := []Trials{}, make([]float64, m), make([][]float64, m), 0.0
		for i := range m {
			xs[i] = []float64{1, random.NormFloat64()}
			rates[i] = logistic(dot(xs[i], beta) + sd*random.NormFloat64())
			if n := float64(10 + 10*(i%5)); i%4 > 0 {
				y := distuv.Binomial{N: n, P: rates[i], Src: random}.Rand()
				rows = append(rows, Trials{int32(i), xs[i], y, n})
				direct2 += square(y/n-rates[i]) / float64(runs*m*3/4)
			}
		}
		for adjusted, k := range tallies {
			r := must(FitAreaRates(rows, AreaOptions{Points: 25, Adjusted: adjusted}))(t)
			k.slope += within(r.Coefficients[1], 1.959964*r.StdErrs[1], beta[1]) / float64(runs)
			k.deviation += r.SD / float64(runs)
			k.direct2 += direct2
			if r.SD == 0 {
				k.none += 1 / float64(runs)
			}
			for i, truth := range rates {
				p := must(r.Predict(int32(i), xs[i]))(t)
				in := within(p.Logit, 1.959964*p.LogitStdErr, math.Log(truth/(1-truth)))
				if i%4 == 0 {
					k.unseen += in / float64(runs*m/4)
					continue
				}
				k.covered += in / float64(runs*m*3/4)
				k.error2 += square(p.Value-truth) / float64(runs*m*3/4)
				k.said += square(p.StdErr) / float64(runs*m*3/4)
			}
		}
	}
	for adjusted, least := range map[bool]float64{false: 0.87, true: 0.93} {
		k := tallies[adjusted]
		t.Logf("adjusted %v: rates covered %.1f %%, without trials %.1f %%, β covered %.1f %%, σ %.3f of %.3f (0 in %.1f %%); error %.4f, said %.4f, of rates seen %.4f",
			adjusted, 100*k.covered, 100*k.unseen, 100*k.slope, k.deviation, sd, 100*k.none, math.Sqrt(k.error2), math.Sqrt(k.said), math.Sqrt(k.direct2))
		if k.covered < least || k.covered > 0.975 || k.unseen < least-0.02 || k.slope < 0.85 || math.Abs(k.deviation-sd) > 0.08 || k.error2 > 0.7*k.direct2 || math.Abs(math.Sqrt(k.said/k.error2)-1) > 0.1 {
			t.Errorf("adjusted %v: see above", adjusted)
		}
	}
}

func TestAreaRatesRefusals(t *testing.T) {
	row := func(area int32, y, n float64, x ...float64) Trials { return Trials{area, x, y, n} }
	for _, c := range []struct {
		rows   []Trials
		points int
		want   string
	}{
		{nil, 25, "no rows"},
		{[]Trials{row(1, 1, 2, 1)}, 0, "0 quadrature points"},
		{[]Trials{row(1, 1, 2, 1), row(2, 1, 2)}, 25, "row 2 has covariates []"},
		{[]Trials{row(1, 3, 2, 1)}, 25, "row 1 has 3 successes in 2 trials"},
		{[]Trials{row(1, 1, 2, 1), row(2, 1, 2, 1)}, 25, "rates of 2 areas"},
		{[]Trials{row(1, 1, 2, 1, 2), row(2, 1, 2, 1, 2), row(3, 1, 2, 1, 2)}, 25, "depend on one another"},
		{[]Trials{row(1, 0, 9, 1, 0), row(2, 0, 9, 1, 0), row(3, 3, 9, 1, 1), row(4, 4, 9, 1, 1)}, 25, "no finite maximum"},
		{[]Trials{row(1, 0, 9, 1), row(2, 0, 9, 1), row(3, 0, 9, 1)}, 25, "no finite maximum"},
	} {
		if _, err := FitAreaRates(c.rows, AreaOptions{Points: c.points}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	r := must(FitAreaRates([]Trials{row(1, 1, 9, 1), row(2, 5, 9, 1), row(3, 8, 9, 1)}, AreaOptions{Points: 25}))(t)
	if _, err := r.Predict(1, nil); err == nil || !strings.Contains(err.Error(), "give 1 finite numbers") {
		t.Errorf("prediction without covariates: %v", err)
	}
}
