package hazard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

// By hand. Two states: events at 1, 3, 4 and censored at 2, 5, so that S(3) = 4/5 · 2/3 with
// Greenwood's error. Both ways: of four in state 0 one moves at 1; at 2 that one moves back
// and one of three moves: P₀₀(2) = 3/4 · 2/3 + 1/4, and its variance is, from
// 3/64 at 1, 3/64 · (2/3 − 1)² + (3/4)² · (2/3 · 1/3)/3 = 3/64.
func TestAalenJohansenByHand(t *testing.T) {
	km := []Episode{{0, 1, 0, 1}, {0, Censored, 0, 2}, {0, 1, 0, 3}, {0, 1, 0, 4}, {0, Censored, 0, 5}}
	m := must(AalenJohansen(km, 2, 0, []float64{0, 0.5, 3, 5}))(t)
	s := 4. / 5 * 2 / 3
	closeTo(t, "S and errors", []float64{m[0].P[0][0], m[1].P[0][0], m[1].StdErr(0, 0), m[2].P[0][0], m[2].P[0][1], m[2].StdErr(0, 0), m[2].StdErr(0, 1), m[2].Covariance(0, 0, 0, 1), m[3].P[0][0]},
		[]float64{1, 1, 0, s, 1 - s, s * math.Sqrt(1./20+1./6), s * math.Sqrt(1./20+1./6), -s * s * (1./20 + 1./6), s / 2}, 1e-12)
	if m[2].AtRisk[0] != 3 || m[2].Moves[0][1] != 2 || m[2].P[1][1] != 1 || m[2].StdErr(1, 1) != 0 {
		t.Errorf("at 3: %+v, want 3 at risk, 2 moves and 1 in state 1 for good", m[2])
	}
	// From 3 on, those at risk are the last two: an event of one of them at 4.
	late := must(AalenJohansen(km, 2, 3, []float64{4.5}))(t)[0]
	closeTo(t, "from 3", []float64{late.P[0][0], late.StdErr(0, 0)}, []float64{0.5, math.Sqrt(0.125)}, 1e-12)
	both := []Episode{{0, 1, 0, 1}, {1, 0, 1, 2}, {0, Censored, 2, 9}, {0, 1, 0, 2}, {1, Censored, 2, 9}, {0, Censored, 0, 9}, {0, Censored, 0, 9}}
	two := must(AalenJohansen(both, 2, 0, []float64{2}))(t)[0]
	closeTo(t, "both ways", []float64{two.P[0][0], two.P[0][1], two.StdErr(0, 0), two.P[1][0], two.P[1][1]}, []float64{3. / 4, 1. / 4, math.Sqrt(3. / 64), 1, 0}, 1e-12)
	i := must(two.Interval(0, 0, 0.95))(t)
	reach := 1.959963984540054 * math.Sqrt(3./64) / (3. / 16)
	closeTo(t, "interval", []float64{i.Low, i.High}, []float64{1 / (1 + math.Exp(reach)/3), 1 / (1 + math.Exp(-reach)/3)}, 1e-9)
}

// Case d03: cumulative incidence is the first row of the matrix. R's errors there are of the
// infinitesimal jackknife: the case accepts those of Greenwood's type within 2 %.
func TestAalenJohansenCase(t *testing.T) {
	c := casetable.Open(t, "d03_aj_mgus2")
	in := c.Read("input.csv")
	var episodes []Episode
	for i, cause := range in.Numbers("cause") {
		e := Episode{0, int(cause), 0, in.Numbers("etime")[i]}
		if cause == 0 {
			e.To = Censored
		}
		episodes = append(episodes, e)
	}
	for k, m := range must(AalenJohansen(episodes, 3, 0, []float64{60, 120, 240, 360}))(t) {
		path := fmt.Sprintf("overall/%d/", k)
		c.Holds(path+"pcm", m.P[0][1])
		c.Holds(path+"death", m.P[0][2])
		if want := c.Answer(path + "se_pcm"); !near(m.StdErr(0, 1), want, 0.02) {
			t.Errorf("%s: error %v, want %v within 2 %%", path, m.StdErr(0, 1), want)
		}
	}
}

// known are the episodes of persons with the intensities of illness at x = 0, each followed
// until a time of their own, from 0 on in state 0, 1 or 2, and where each is at a time.
func known(random *rand.Rand, n int, follow func() float64) (episodes []Episode, at func(t float64) []float64) {
	rates := [][]float64{{0, 0.4, 0.05}, {0.3, 0, 0.2}}
	for range n {
		now, state, end := 0.0, 0, follow()
		for state < 2 && now < end {
			all := rates[state][1-state] + rates[state][2]
			e := Episode{state, Censored, now, now + random.ExpFloat64()/all}
			if next := 2; e.Stop < end {
				if random.Float64()*all < rates[state][1-state] {
					next = 1 - state
				}
				e.To, state = next, next
			} else {
				e.Stop = end
			}
			now = e.Stop
			episodes = append(episodes, e)
		}
	}
	return episodes, func(t float64) []float64 {
		out := make([]float64, 3)
		for _, e := range episodes {
			if e.Start <= t && (t < e.Stop || e.To == Censored && t == e.Stop) {
				out[e.From]++
			}
			if e.To == 2 && e.Stop <= t {
				out[2]++
			}
		}
		return out
	}
}

// Without censoring the first row is where people are; rows sum to 1 and their covariances to
// 0; the order of episodes changes nothing, and everybody twice halves variances.
func TestAalenJohansenProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		n := rapid.IntRange(3, 40).Draw(rt, "n")
		episodes, at := known(random, n, func() float64 { return 6 })
		times := []float64{0.5, 1, 2.5, 4}
		a, err := AalenJohansen(episodes, 3, 0, times)
		if err != nil {
			rt.Skip("all dead before 4")
		}
		shuffled := slices.Clone(episodes)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if b := must(AalenJohansen(shuffled, 3, 0, times))(t); !reflect.DeepEqual(a, b) {
			rt.Fatalf("other order: %v, want %v", b, a)
		}
		twice := must(AalenJohansen(append(shuffled, episodes...), 3, 0, times))(t)
		for k, m := range a {
			for s, persons := range at(times[k]) {
				if math.Abs(m.P[0][s]-persons/float64(n)) > 1e-9 {
					rt.Fatalf("P₀%d(%v) is %v, of %d persons %v are there", s, times[k], m.P[0][s], n, persons)
				}
			}
			for r := range 3 {
				var row, covariance float64
				for s := range 3 {
					row += m.P[r][s]
					covariance += m.Covariance(r, 0, r, s)
					if math.Abs(twice[k].P[r][s]-m.P[r][s]) > 1e-12 || math.Abs(twice[k].StdErr(r, s)*math.Sqrt2-m.StdErr(r, s)) > 1e-9 {
						rt.Fatalf("everybody twice: %v ± %v, want %v ± %v/√2", twice[k].P[r][s], twice[k].StdErr(r, s), m.P[r][s], m.StdErr(r, s))
					}
				}
				if math.Abs(row-1) > 1e-9 || math.Abs(covariance) > 1e-9 {
					rt.Fatalf("row %d sums to %v, its covariances to %v", r, row, covariance)
				}
			}
		}
	})
}

// Of 400 samples with censoring: mean, errors and intervals against exp(Qt).
func TestAalenJohansenFindsTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	truth, _ := exponentials(3, [][2]int{{0, 1}, {0, 2}, {1, 0}, {1, 2}}, []float64{0.4, 0.05, 0.3, 0.2}, 3)
	n := 400
	if testing.Short() {
		n = 100
	}
	for _, cell := range [][2]int{{0, 0}, {0, 1}, {0, 2}} {
		var sum, squares, errs float64
		covered := 0
		for range n {
			episodes, _ := known(random, 120, func() float64 { return 1 + 5*random.Float64() })
			m := must(AalenJohansen(episodes, 3, 0, []float64{3}))(t)[0]
			p := m.P[cell[0]][cell[1]]
			sum, squares, errs = sum+p, squares+p*p, errs+m.StdErr(cell[0], cell[1])
			if i := must(m.Interval(cell[0], cell[1], 0.95))(t); i.Low < truth.At(cell[0], cell[1]) && truth.At(cell[0], cell[1]) < i.High {
				covered++
			}
		}
		mean := sum / float64(n)
		sd := math.Sqrt(squares/float64(n) - mean*mean)
		t.Logf("P%v(3): mean %.3f, truth %.3f; standard deviation %.4f, mean error %.4f; %d of %d intervals hold it", cell, mean, truth.At(cell[0], cell[1]), sd, errs/float64(n), covered, n)
		if math.Abs(mean-truth.At(cell[0], cell[1])) > 4*sd/math.Sqrt(float64(n)) || !near(errs/float64(n), sd, 4/math.Sqrt(2*float64(n))) || float64(covered) < 0.91*float64(n) {
			t.Errorf("P%v(3): not as simulated", cell)
		}
	}
}

func TestAalenJohansenRefusals(t *testing.T) {
	fine := Episode{0, 1, 0, 1}
	with := func(times []float64, episodes ...Episode) error { return second(AalenJohansen(episodes, 2, 0, times)) }
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"state", with(nil, fine, Episode{0, 2, 0, 1}), false, []string{"episode 2 from state 0 to 2", "2 states"}},
		{"same", with(nil, Episode{1, 1, 0, 1}), false, []string{"episode 1"}},
		{"no time", with(nil, Episode{0, 1, 1, 1}), false, []string{"episode 1 from 1 to 1"}},
		{"falling", with([]float64{1, 0.5}, fine), false, []string{"rising"}},
		{"before", with([]float64{-1}, fine), false, []string{"none before"}},
		{"beyond", with([]float64{3}, fine), true, []string{"at time 3", "after 1"}},
		{"nobody", with([]float64{3}), true, []string{"at time 3"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}

// By hand. In year 1 half of 20 leave state 0, in year 2 a quarter of 20; nobody leaves 1.
// Pearson's χ² is that of the table 10, 10; 15, 5: 40·(10·5 − 10·15)²/(20·20·25·15) = 8/3.
// p₀₀ = 25/40, so that a person spends N = 1/(1 − p) = 8/3 years there, with N²√(p(1 − p)/40).
func TestChainByHand(t *testing.T) {
	c := must(FitChain([][][]float64{{{10, 10}, {0, 3}}, {{15, 5}, {0, 8}}}))(t)
	closeTo(t, "P", append(slices.Clone(c.P[0]), c.P[1]...), []float64{0.625, 0.375, 0, 1}, 1e-12)
	g := 2 * (10*math.Log(0.5/0.625) + 10*math.Log(0.5/0.375) + 15*math.Log(0.75/0.625) + 5*math.Log(0.25/0.375))
	closeTo(t, "homogeneity", []float64{c.Homogeneity.Pearson.Statistic, c.Homogeneity.Pearson.DF, c.Homogeneity.Pearson.P, c.Homogeneity.LikelihoodRatio.Statistic}, []float64{8. / 3, 1, math.Erfc(math.Sqrt(8. / 6)), g}, 1e-9)
	a := must(c.Absorption())(t)
	want := Estimate{8. / 3, 64. / 9 * math.Sqrt(0.625*0.375/40)}
	closeTo(t, "years", []float64{a.Years[0][0].Value, a.Years[0][0].StdErr, a.Until[0].Value, a.Until[0].StdErr, a.Ends[0][0].Value, a.Ends[0][0].StdErr}, []float64{want.Value, want.StdErr, want.Value, want.StdErr, 1, 0}, 1e-9)
	p := must(c.Probability(0, 0, 0.95))(t)
	closeTo(t, "Wilson", []float64{p.StdErr, p.Low, p.High}, []float64{math.Sqrt(0.625 * 0.375 / 40), 0.470324391373, 0.757770208328}, 1e-9) // R: prop.test(25, 40, correct = FALSE)
}

// Kemeny & Snell (1960), Finite Markov Chains, §3.2: a walk of steps 1/2 on five places, the
// ends absorbing: N = (3/2 1 1/2; 1 2 1; 1/2 1 3/2), years 3, 4, 3, ends 3/4 and 1/4, ….
func TestAbsorptionKemenySnell(t *testing.T) {
	counts := [][]float64{{9, 0, 0, 0, 0}, {20, 0, 20, 0, 0}, {0, 20, 0, 20, 0}, {0, 0, 20, 0, 20}, {0, 0, 0, 0, 4}}
	a := must(must(FitChain([][][]float64{counts}))(t).Absorption())(t)
	if !slices.Equal(a.Transient, []int{1, 2, 3}) || !slices.Equal(a.Absorbing, []int{0, 4}) {
		t.Fatalf("transient %v, absorbing %v", a.Transient, a.Absorbing)
	}
	for i, want := range [][]float64{{1.5, 1, 0.5, 3, 0.75, 0.25}, {1, 2, 1, 4, 0.5, 0.5}, {0.5, 1, 1.5, 3, 0.25, 0.75}} {
		var got []float64
		for _, e := range slices.Concat(a.Years[i], []Estimate{a.Until[i]}, a.Ends[i]) {
			got = append(got, e.Value)
		}
		closeTo(t, fmt.Sprintf("row %d", i+1), got, want, 1e-12)
	}
}

// drawChain are counts of n persons in each of four states, the last two absorbing.
func drawChain(random *rand.Rand, n, years int) (counts [][][]float64) {
	p := [][]float64{{0.6, 0.25, 0.1, 0.05}, {0.2, 0.5, 0.1, 0.2}}
	for range years {
		year := squareMatrix(4)
		for r := range p {
			for range n {
				u, s := random.Float64(), 0
				for ; s < 3 && u > p[r][s]; s++ {
					u -= p[r][s]
				}
				year[r][s]++
			}
		}
		counts = append(counts, year)
	}
	return counts
}

// Errors of years and ends are those of 1,500 samples, and the test of homogeneity rejects
// the truth in 5 %.
func TestChainFindsTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 1))
	const n = 1500
	var values, errs [5][]float64
	rejected := 0
	for range n {
		c := must(FitChain(drawChain(random, 150, 3)))(t)
		a := must(c.Absorption(2, 3))(t)
		for k, e := range []Estimate{a.Years[0][0], a.Years[0][1], a.Until[0], a.Ends[0][0], a.Ends[1][1]} {
			values[k], errs[k] = append(values[k], e.Value), append(errs[k], e.StdErr)
		}
		if c.Homogeneity.Pearson.P < 0.05 {
			rejected++
		}
		if c.Homogeneity.Pearson.DF != 12 {
			t.Fatalf("%v degrees of freedom, want (3 − 1)(4 − 1) of two states", c.Homogeneity.Pearson.DF)
		}
	}
	// (I − Q)⁻¹ of (0.6 0.25; 0.2 0.5) is (0.5 0.25; 0.2 0.4)/0.15.
	truth := []float64{0.5 / 0.15, 0.25 / 0.15, 0.75 / 0.15, 0.075 / 0.15, 0.09 / 0.15}
	for k := range truth {
		mean, sd := meanAndDeviation(values[k])
		e, _ := meanAndDeviation(errs[k])
		if math.Abs(mean-truth[k]) > 0.02*truth[k] || !near(e, sd, 0.07) {
			t.Errorf("quantity %d: mean %.4f, truth %.4f; standard deviation %.4f, mean error %.4f", k, mean, truth[k], sd, e)
		}
	}
	t.Logf("homogeneity rejects %d of %d", rejected, n)
	if rejected < 50 || rejected > 102 {
		t.Errorf("homogeneity is rejected in %d of %d samples, want 5 %%", rejected, n)
	}
}

func meanAndDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / n
	}
	return mean, math.Sqrt(deviation)
}

func TestChainRefusals(t *testing.T) {
	empty := must(FitChain([][][]float64{{{0, 0, 0}, {1, 2, 3}, {0, 0, 4}}}))(t)
	if !empty.NotEstimable[0] || empty.Homogeneity.Pearson != (Test{P: 1}) {
		t.Errorf("nobody in state 0: %+v", empty)
	}
	stuck := must(FitChain([][][]float64{{{1, 1, 0}, {1, 1, 0}, {0, 0, 4}}}))(t)
	for _, r := range []struct {
		name         string
		err          error
		notEstimable bool
		want         []string
	}{
		{"none", second(FitChain(nil)), true, []string{"no counts"}},
		{"nobody", second(FitChain([][][]float64{{{0, 0}, {0, 0}}})), true, []string{"nobody"}},
		{"ragged", second(FitChain([][][]float64{{{0, 0}, {0}}})), false, []string{"year 1"}},
		{"below 0", second(FitChain([][][]float64{{{0, -1}, {0, 1}}})), false, []string{"year 1: -1 persons from state 0 to 1"}},
		{"row", second(empty.Probability(0, 1, 0.95)), true, []string{"nobody began a year in state 0"}},
		{"absorption", second(empty.Absorption()), true, []string{"state 0"}},
		{"no way out", second(stuck.Absorption()), true, []string{"no path was seen from state 0"}},
	} {
		refused(t, r.name, r.err, r.notEstimable, r.want)
	}
}
