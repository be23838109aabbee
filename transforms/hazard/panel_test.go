package hazard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/kankei/kankei/internal/casetable"
)

// Case d08: msm's heart transplants, three states and a death whose time is known.
func TestPanelCase(t *testing.T) {
	c := casetable.Open(t, "d08_msm_cav")
	in := c.Read("input.csv")
	person, years, state := in.Numbers("PTNUM"), in.Numbers("years"), in.Numbers("state")
	var rows []Seen
	for i := range person {
		rows = append(rows, Seen{Person: int(person[i]), Time: years[i], State: int(state[i]) - 1})
	}
	fit := must(FitPanel(rows, Transitions{
		Allowed: [][]bool{{false, true, false, true}, {true, false, true, true}, {false, true, false, true}, {false, false, false, false}},
		Exact:   []bool{false, false, false, true},
	}))(t)
	c.Within("minus2loglik", -2*fit.LogLikelihood, "rel")
	if got := -2 * fit.LogLikelihood; math.Abs(got-c.Answer("minus2loglik")) > c.Tolerance("minus2loglik_abs") || math.Round(1000*got)/1000 != 3968.798 {
		t.Errorf("−2 ln L = %v, want %v, published 3968.798", got, c.Answer("minus2loglik"))
	}
	q := must(fit.Intensities(nil, 0.95))(t)
	for name, at := range map[string]float64{"P1": 1, "P10": 10} {
		p := must(fit.Transition(nil, at, 0.95))(t)
		for r := range 4 {
			for s := range 4 {
				c.Holds(fmt.Sprintf("%s/%d/%d", name, r, s), p[r][s].Value)
			}
		}
	}
	for r := range 4 {
		for s := range 4 {
			c.Holds(fmt.Sprintf("Q/%d/%d", r, s), q[r][s].Value)
			c.Holds(fmt.Sprintf("Q_se/%d/%d", r, s), q[r][s].StdErr)
			if r < 3 {
				c.Holds(fmt.Sprintf("statetable/%d/%d", r, s), float64(fit.Table[r][s]))
			}
		}
	}
	for r, s := range must(fit.Sojourn(nil, 0.95))(t)[:3] {
		c.Holds(fmt.Sprintf("sojourn/%d/estimates", r), s.Value)
		c.Holds(fmt.Sprintf("sojourn/%d/SE", r), s.StdErr)
		c.Holds(fmt.Sprintf("sojourn/%d/L", r), s.Low)
		c.Holds(fmt.Sprintf("sojourn/%d/U", r), s.High)
	}
}

// exp(Qt) is gonum's, and its derivatives are its differences.
func TestExponentials(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		n := 2 + random.IntN(4)
		var moves [][2]int
		var rates []float64
		for r := range n {
			for s := range n {
				if r != s && random.Float64() < 0.6 {
					moves, rates = append(moves, [2]int{r, s}), append(rates, 3*random.ExpFloat64())
				}
			}
		}
		of := func(rates []float64, at float64) *mat.Dense {
			q, out := mat.NewDense(n, n, nil), new(mat.Dense)
			for k, m := range moves {
				q.Set(m[0], m[1], at*rates[k])
				q.Set(m[0], m[0], q.At(m[0], m[0])-at*rates[k])
			}
			out.Exp(q)
			return out
		}
		at := 5 * random.Float64()
		p, slopes := exponentials(n, moves, rates, at)
		if !mat.EqualApprox(p, of(rates, at), 1e-12) {
			t.Fatalf("exp(Qt) is %v, want %v", mat.Formatted(p), mat.Formatted(of(rates, at)))
		}
		for k := range moves {
			moved := slices.Clone(rates)
			moved[k] = rates[k] * math.Exp(1e-5)
			above := of(moved, at)
			moved[k] = rates[k] * math.Exp(-1e-5)
			above.Sub(above, of(moved, at))
			above.Scale(1/2e-5, above)
			if !mat.EqualApprox(slopes[k], above, 1e-8) {
				t.Fatalf("derivative by move %d is %v, want %v", k, mat.Formatted(slopes[k]), mat.Formatted(above))
			}
		}
	}
}

var oneWay = Transitions{Allowed: [][]bool{{false, true}, {false, false}}, Names: []string{"visitor", "migrant"}}

// By hand. One move, looked for a year on: n of N moved, so that P = 1 − e^{−q} is n/N and
// v(q) = n/N/(1 − n/N)/N. With exact times q is n over the time of all, and its error q/√n.
// Two states with moves both ways, a year apart: a + b = −ln(1 − p₀₁ − p₁₀), a : b = p₀₁ : p₁₀.
func TestPanelByHand(t *testing.T) {
	var rows, exact, both []Seen
	for i := range 40 {
		moved := 0
		if i < 10 {
			moved = 1
		}
		rows = append(rows, Seen{i, 2, 0, nil}, Seen{i, 3, moved, nil})
		exact = append(exact, Seen{i, 0, 0, nil}, Seen{i, 1 + float64(i%4), moved, nil})
		both = append(both, Seen{i, 0, i % 2, nil}, Seen{i, 1, (i%2 + moved) % 2, nil}) // 5 of 20 each way
	}
	one := must(FitPanel(rows, oneWay))(t)
	q := must(one.Intensities(nil, 0.95))(t)[0][1]
	closeTo(t, "q and its error", []float64{q.Value, q.StdErr, one.LogLikelihood}, []float64{-math.Log(0.75), math.Sqrt(0.25 / 0.75 / 40), 10*math.Log(0.25) + 30*math.Log(0.75)}, 1e-6)
	p := must(one.Transition(nil, 2, 0.95))(t)
	closeTo(t, "P(2)", []float64{p[0][1].Value, p[0][1].StdErr, p[1][0].Value, p[1][1].Low}, []float64{1 - 0.75*0.75, 2 * 0.75 * math.Sqrt(0.25*0.75/40), 0, 1}, 1e-6)
	s := must(one.Sojourn(nil, 0.95))(t)
	reach := 1.959963984540054 * q.StdErr / q.Value
	closeTo(t, "sojourn", []float64{s[0].Value, s[0].Low, s[0].High}, []float64{1 / q.Value, math.Exp(-reach) / q.Value, math.Exp(reach) / q.Value}, 1e-6)
	model := oneWay
	model.Exact = []bool{false, true}
	q = must(must(FitPanel(exact, model))(t).Intensities(nil, 0.95))(t)[0][1]
	closeTo(t, "exact times", []float64{q.Value, q.StdErr}, []float64{0.1, 0.1 / math.Sqrt(10)}, 1e-6) // 10·(1 + 2 + 3 + 4) years
	two := must(must(FitPanel(both, Transitions{Allowed: [][]bool{{false, true}, {true, false}}}))(t).Intensities(nil, 0.95))(t)
	var groups []Seen // 10 of 20 of one and 5 of 20 of the other, so that e^β is ln 0.5/ln 0.75
	for i := range 40 {
		x := []float64{float64(i % 2)}
		groups = append(groups, Seen{i, 0, 0, x}, Seen{i, 1, int(x[0])*(i/2%2) + (1-int(x[0]))*(i/2%4/3), x})
	}
	effect := must(must(FitPanel(groups, oneWay))(t).Effect(0, 1, 0))(t)
	relative := func(p float64) float64 { return p / (1 - p) / 20 / (math.Log(1-p) * math.Log(1-p)) } // v(q)/q²
	closeTo(t, "effect", []float64{effect.Value, effect.StdErr}, []float64{math.Log(math.Log(0.5) / math.Log(0.75)), math.Sqrt(relative(0.5) + relative(0.25))}, 1e-6)
	closeTo(t, "both ways", []float64{two[0][1].Value, two[1][0].Value}, []float64{math.Ln2 / 2, math.Ln2 / 2}, 1e-6)
}

// illness are persons who fall into state 1 and back, and die of either at an exact time;
// intensities at x = 1 are e^0.6 times those at 0 from 0 to 1. They are seen every year or two.
func illness(random *rand.Rand, n int) (rows []Seen) {
	rates := [][]float64{{0, 0.4, 0.05}, {0.3, 0, 0.2}}
	for i := range n {
		x := float64(i % 2)
		at, state, look := 0.0, 0, 0.0
		next := 0.0
		for look <= 8 {
			up := rates[state][1-state]
			if state == 0 {
				up *= math.Exp(0.6 * x)
			}
			next = at + random.ExpFloat64()/(up+rates[state][2])
			for ; look < next && look <= 8; look += float64(1 + random.IntN(2)) {
				rows = append(rows, Seen{i, look, state, []float64{x}})
			}
			if next > 8 {
				break
			}
			if at = next; random.Float64()*(up+rates[state][2]) < up {
				state = 1 - state
				continue
			}
			rows = append(rows, Seen{i, at, 2, []float64{x}})
			break
		}
	}
	return rows
}

var illnessModel = Transitions{Allowed: [][]bool{{false, true, true}, {true, false, true}, {false, false, false}}, Exact: []bool{false, false, true}}

// Truth: 0.4, 0.05, 0.3, 0.2 and an effect of 0.6 on the first move alone.
func TestPanelFindsTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 1))
	n := 25
	if testing.Short() {
		n = 4
	}
	truth := []float64{math.Log(0.4), math.Log(0.05), math.Log(0.3), math.Log(0.2), 0.6, 0, 0, 0}
	mean, covered := make([]float64, 8), 0
	for range n {
		fit := must(FitPanel(illness(random, 400), illnessModel))(t)
		for k, v := range fit.Theta {
			mean[k] += v / float64(n)
			if math.Abs(v-truth[k]) < 1.96*math.Sqrt(fit.Covariance.At(k, k)) {
				covered++
			}
		}
	}
	t.Logf("means %.3f, truth %.3f; %d of %d intervals hold it", mean, truth, covered, 8*n)
	for k := range truth {
		if math.Abs(mean[k]-truth[k]) > 1.2/math.Sqrt(float64(n)) {
			t.Errorf("parameter %d: mean %.3f, truth %.3f", k, mean[k], truth[k])
		}
	}
	if share := float64(covered) / float64(8*n); share < 0.95-4*math.Sqrt(0.0475/float64(8*n)) {
		t.Errorf("%d of %d intervals hold the truth", covered, 8*n)
	}
}

// The order of rows changes no digit; everybody twice halves variances; another unit of time
// divides intensities, and another unit of a covariate its effect.
func TestPanelProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	rows := illness(random, 150)
	a := must(FitPanel(rows, illnessModel))(t)
	shuffled := slices.Clone(rows)
	random.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if b := must(FitPanel(shuffled, illnessModel))(t); !slices.Equal(a.Theta, b.Theta) || !slices.Equal(roots(a.Covariance), roots(b.Covariance)) {
		t.Errorf("other order: %v, want %v", b.Theta, a.Theta)
	}
	for _, r := range rows {
		r.Person += 1000
		shuffled = append(shuffled, r)
	}
	for i := range shuffled {
		shuffled[i].Time, shuffled[i].X = 12*shuffled[i].Time, []float64{10 * shuffled[i].X[0]}
	}
	b := must(FitPanel(shuffled, illnessModel))(t)
	qa, qb := must(a.Intensities([]float64{1}, 0.95))(t), must(b.Intensities([]float64{10}, 0.95))(t)
	pa, pb := must(a.Transition([]float64{1}, 2, 0.95))(t), must(b.Transition([]float64{10}, 24, 0.95))(t)
	for r := range 3 {
		var row float64
		for s := range 3 {
			row += pa[r][s].Value
			if !near(12*qb[r][s].Value, qa[r][s].Value, 1e-5) || !near(12*qb[r][s].StdErr*math.Sqrt2, qa[r][s].StdErr, 1e-4) || !near(pb[r][s].Value, pa[r][s].Value, 1e-5) || !near(pb[r][s].StdErr*math.Sqrt2, pa[r][s].StdErr, 1e-4) {
				t.Errorf("%d to %d by months, everybody twice: %v and %v, want %v and %v", r, s, qb[r][s], pb[r][s], qa[r][s], pa[r][s])
			}
		}
		if math.Abs(row-1) > 1e-12 {
			t.Errorf("P of state %d sums to %v", r, row)
		}
	}
	ea, eb := must(a.Effect(0, 1, 0))(t), must(b.Effect(0, 1, 0))(t)
	closeTo(t, "effect", []float64{10 * eb.Value, 10 * eb.StdErr * math.Sqrt2}, []float64{ea.Value, ea.StdErr}, 1e-4)
}

func TestPanelRefusals(t *testing.T) {
	see := func(states ...int) (rows []Seen) {
		for i, s := range states {
			rows = append(rows, Seen{Person: 1, Time: float64(i), State: s})
		}
		return rows
	}
	with := func(m Transitions, rows ...Seen) error { return second(FitPanel(rows, m)) }
	looped := Transitions{Allowed: [][]bool{{false, true}, {true, false}}, Exact: []bool{false, true}}
	three := Transitions{Allowed: [][]bool{{false, true, true}, {false, false, false}, {false, false, false}}, Names: []string{"visitor", "migrant", "lost"}}
	var never, covariates []Seen
	for i := range 30 {
		never = append(never, Seen{i, 0, 0, nil}, Seen{i, 1, min(1, i%3), nil})
		covariates = append(covariates, Seen{i, 0, 0, []float64{float64(i % 2)}}, Seen{i, 1, i % 2 * (i % 3 % 2), []float64{float64(i % 2)}})
	}
	var flips []Seen // of 40 all but four change sides
	for i := range 40 {
		flips = append(flips, Seen{i, 0, i % 2, nil}, Seen{i, 1, (i + 1 - i/36) % 2, nil})
	}
	fit := must(FitPanel(never, oneWay))(t)
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"none", with(oneWay), true, []string{"nobody is seen twice"}},
		{"once", with(oneWay, see(0)...), true, []string{"nobody is seen twice"}},
		{"back", with(oneWay, see(0, 1, 1)...), false, []string{"person 1", "after migrant, which nothing leaves"}},
		{"no path", with(three, Seen{1, 0, 0, nil}, Seen{2, 0, 2, nil}, Seen{2, 1, 1, nil}), false, []string{"after lost"}},
		{"no state", with(oneWay, see(0, 2)...), false, []string{"row 2: state 2", "2 states"}},
		{"twice at a time", with(oneWay, Seen{1, 1, 0, nil}, Seen{1, 1, 1, nil}), false, []string{"seen twice at time 1"}},
		{"exact and left", with(looped, see(0, 1)...), false, []string{"state 1 is left again"}},
		{"no move", with(Transitions{Allowed: [][]bool{{false}}}, see(0, 0)...), false, []string{"no move is allowed"}},
		{"nobody moves", with(oneWay, see(0, 0, 0)...), true, []string{"from visitor to migrant"}},
		{"never lost", with(three, never...), true, []string{"from visitor to lost"}},
		{"no event in a group", with(oneWay, covariates...), true, []string{"from visitor to migrant"}},
		{"faster than the looks", with(Transitions{Allowed: looped.Allowed}, flips...), true, []string{"faster than the looks"}},
		{"covariates", second(fit.Transition([]float64{1}, 1, 0.95)), false, []string{"want 0 numbers"}},
		{"time", second(fit.Transition(nil, -1, 0.95)), false, []string{"-1"}},
		{"level", second(fit.Sojourn(nil, 2)), false, []string{"level"}},
		{"effect", second(fit.Effect(0, 1, 0)), false, []string{"no effect"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}
