package rates

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
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

func TestCaseD11BetaBinomial(t *testing.T) {
	c := casetable.Open(t, "d11_betabinomial_eb")
	input := c.Read("input.csv")
	var counts []Count
	for i, x := range input.Numbers("x") {
		counts = append(counts, Count{int64(x), int64(input.Numbers("n")[i])})
	}
	b := must(Fit(counts))(t)
	c.Holds("alpha", b.Alpha)
	c.Holds("beta", b.Beta)
	c.Holds("mu", b.Mean)
	c.Holds("rho", b.Overdispersion)
	c.Holds("loglik", b.LogLikelihood)
	c.Holds("vgam/rho", b.Overdispersion)
	// The authority's second derivatives are differences, good to 1e-3; see TestInformation.
	for i, v := range b.LogVariances {
		if want := c.Answer(fmt.Sprintf("se_log_alpha_beta/%d", i)); !near(math.Sqrt(v), want, 2e-3) {
			t.Errorf("standard error %v, want %v", math.Sqrt(v), want)
		}
	}
	plugIn := must(b.PlugIn(0.95))(t)
	for i, s := range plugIn {
		c.Holds(fmt.Sprintf("posterior_mean/%d", i), s.Mean)
		c.Holds(fmt.Sprintf("lower/%d", i), s.Low)
		c.Holds(fmt.Sprintf("upper/%d", i), s.High)
	}
	var plug, whole float64
	for i, s := range must(b.Shares(0.95))(t) {
		plug, whole = plug+plugIn[i].High-plugIn[i].Low, whole+s.High-s.Low
	}
	if whole <= plug || whole > 1.1*plug { // 71 groups tell α and β well
		t.Errorf("mean length %v, plug-in %v", whole/71, plug/71)
	}
}

// One person per region: x is 0 or 1, the marginal law is binomial whatever M is, and so
// the mixture can be summed by hand: of μ ~ Beta(½ + 1, ½ + 2), the posterior given one
// event among three, and B uniform, θ of a person with the event has the mean
// E[(μM + 1)/(M + 1)] = 1 − E[B](1 − E[μ]) = 1 − ½·(1 − 1.5/4).
func TestSharesByHand(t *testing.T) {
	b := must(Fit([]Count{{1, 1}, {0, 1}, {0, 1}, {0, 0}}))(t)
	if b.Overdispersion != 0 || !near(b.Mean, 1.0/3, 1e-12) {
		t.Errorf("fit %+v, want the binomial law with 1/3", b)
	}
	shares := must(b.Shares(0.95))(t)
	for i, want := range []float64{1 - 0.5*(1-1.5/4), 0.5 * 1.5 / 4, 0.5 * 1.5 / 4, 1.5 / 4} {
		if math.Abs(shares[i].Mean-want) > 2e-3 {
			t.Errorf("region %d: mean %v, want %v", i, shares[i].Mean, want)
		}
	}
}

// The covariance of ln α̂ and ln β̂ is the inverse of the observed information, here by
// differences of the gradient.
func TestInformation(t *testing.T) {
	b := must(Fit([]Count{{0, 40}, {9, 50}, {3, 20}, {1, 33}, {12, 41}, {2, 60}}))(t)
	const step = 1e-5
	var h [2][2]float64
	for i, e := range [2][2]float64{{step, 0}, {0, step}} {
		up, _ := derivatives(b.counts, b.Alpha*math.Exp(e[0]), b.Beta*math.Exp(e[1]))
		down, _ := derivatives(b.counts, b.Alpha*math.Exp(-e[0]), b.Beta*math.Exp(-e[1]))
		h[i] = [2]float64{(up[0] - down[0]) / (2 * step), (up[1] - down[1]) / (2 * step)}
		l := logLikelihood(b.counts, b.Alpha*math.Exp(e[0]*100), b.Beta*math.Exp(e[1]*100))
		if want := b.LogLikelihood + h[i][i]*square(100*step)/2; math.Abs(l-want) > 1e-8 {
			t.Errorf("ℓ = %.12f a step off, want %.12f", l, want)
		}
	}
	det := h[0][0]*h[1][1] - h[0][1]*h[1][0]
	if !near(b.LogVariances[0], -h[1][1]/det, 1e-6) || !near(b.LogVariances[1], -h[0][0]/det, 1e-6) || !near(b.LogCovariance, h[0][1]/det, 1e-6) {
		t.Errorf("variances %v, covariance %v, information by differences %v", b.LogVariances, b.LogCovariance, h)
	}
}

// The log-likelihood equals that by ln B, and rising factorials their product.
func TestLikelihood(t *testing.T) {
	// B(2 + 1, 3 + 2)/B(2, 3) · C(3, 1) = (1/105)/(1/12) · 3
	if l := logLikelihood([]Count{{1, 3}}, 2, 3); !near(l, math.Log(36.0/105), 1e-12) {
		t.Errorf("ℓ = %v, want ln 36/105", l)
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := math.Exp(rapid.Float64Range(-6, 25).Draw(rt, "ln a"))
		k := rapid.IntRange(0, 300).Draw(rt, "k")
		var want float64
		for j := range k {
			want += math.Log(a + float64(j))
		}
		if got := rising(a, float64(k)); math.Abs(got-want) > 1e-11*(1+math.Abs(want)) {
			rt.Fatalf("rising(%v, %d) = %v, want %v", a, k, got, want)
		}
	})
}

// At the fit no α and β nearby are likelier; the order of the regions does not matter;
// a region's share lies between its own and the model's; the interval holds the mean and
// is wider than the plug-in one where nothing else was seen of the region.
func TestFitProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		m := rapid.IntRange(1, 12).Draw(rt, "m")
		law := distuv.Beta{Alpha: rapid.Float64Range(0.1, 5).Draw(rt, "alpha"), Beta: rapid.Float64Range(1, 200).Draw(rt, "beta"), Src: random}
		counts := make([]Count, m)
		for i := range counts {
			counts[i].Persons = random.Int64N(300)
			counts[i].Events = drawn(counts[i].Persons, law.Rand(), random)
		}
		counts[0].Persons++
		b, err := Fit(counts)
		if err != nil {
			rt.Fatal(err)
		}
		for _, step := range [][2]float64{{1.01, 1}, {1 / 1.01, 1}, {1, 1.01}, {1, 1 / 1.01}} {
			if b.Overdispersion > 0 {
				if l := logLikelihood(counts, b.Alpha*step[0], b.Beta*step[1]); l > b.LogLikelihood {
					rt.Fatalf("%+v: ℓ = %v nearby", b, l)
				}
			} else if l := logLikelihood(counts, max(b.Mean, 1e-9)*1e3, (1-b.Mean)*1e3+1e-9); l > b.LogLikelihood+1e-6 {
				rt.Fatalf("%+v: ℓ = %v with M = 1000", b, l)
			}
		}
		shares, err := b.Shares(0.95)
		if err != nil {
			rt.Fatal(err)
		}
		for i, s := range shares {
			if !(0 <= s.Low && s.Low <= s.Mean && s.Mean <= s.High && s.High <= 1 && s.Low < s.High && s.StdErr > 0) {
				rt.Fatalf("region %d, %+v: %+v", i, counts[i], s)
			}
		}
		random.Shuffle(m, func(i, j int) {
			counts[i], counts[j] = counts[j], counts[i]
			shares[i], shares[j] = shares[j], shares[i]
		})
		again, err := Fit(counts)
		if err != nil {
			rt.Fatal(err)
		}
		reordered, _ := again.Shares(0.95)
		for i, s := range reordered {
			if !near(s.Low, shares[i].Low, 1e-6) || !near(s.High, shares[i].High, 1e-6) || !near(s.Mean, shares[i].Mean, 1e-6) {
				rt.Fatalf("region %d in another order: %+v, %+v", i, s, shares[i])
			}
		}
	})
}

func drawn(n int64, p float64, random *rand.Rand) (x int64) {
	for range n {
		if random.Float64() < p {
			x++
		}
	}
	return x
}

func TestSharesAtTheEdges(t *testing.T) {
	none := must(Fit([]Count{{0, 10}, {0, 200}, {0, 0}}))(t)
	if none.Mean != 0 || none.Overdispersion != 0 || none.LogLikelihood != 0 {
		t.Errorf("no event: %+v", none)
	}
	shares := must(none.Shares(0.95))(t)
	for i, s := range shares {
		if s.Low != 0 || !(s.High > 0 && s.High < 1) {
			t.Errorf("no event, region %d: %+v", i, s)
		}
	}
	if !(shares[1].High < shares[0].High && shares[0].High < shares[2].High) {
		t.Errorf("no event: %+v, want the shorter the more were asked", shares)
	}
	_, alone, _ := Interval(0, 10, Jeffreys, 0.95)
	if shares[0].High >= alone {
		t.Errorf("no event: up to %v, alone %v, want strength borrowed", shares[0].High, alone)
	}
	all := must(must(Fit([]Count{{10, 10}, {200, 200}, {0, 0}}))(t).Shares(0.95))(t)
	for i, s := range all {
		if s.High != 1 || math.Abs(1-s.Low-shares[i].High) > 1e-6 {
			t.Errorf("all with an event, region %d: %+v, want the mirror of none %+v", i, s, shares[i])
		}
	}
	one := must(Fit([]Count{{3, 100}}))(t)
	if one.Overdispersion != 0 || one.Mean != 0.03 {
		t.Errorf("one region: %+v", one)
	}
	s := must(one.Shares(0.95))(t)[0]
	low, high, _ := Interval(3, 100, Jeffreys, 0.95)
	if math.Abs(s.Low-low) > 0.003 || math.Abs(s.High-high) > 0.01 {
		t.Errorf("one region: %+v, alone %v to %v", s, low, high)
	}
	if plugIn := must(one.PlugIn(0.95))(t)[0]; plugIn != (Share{0.03, 0, 0.03, 0.03}) {
		t.Errorf("one region, plug-in: %+v", plugIn)
	}
	for _, refused := range [][]Count{nil, {{0, 0}}, {{2, 1}}, {{-1, 1}}} {
		if b, err := Fit(refused); err == nil {
			t.Errorf("%v: %+v, want an error", refused, b)
		}
	}
}

// The quantiles of the mixture are those of one Beta law where it has one part.
func TestMixtureQuantile(t *testing.T) {
	m := mixture{{alpha: 0.3, beta: 20, weight: 0.5}, {alpha: 0.3, beta: 20, weight: 0.5}}
	s := m.share(Count{0, 7}, 0.95)
	if want := mathext.InvRegIncBeta(0.3, 27, 0.975); !near(s.High, want, 1e-6) {
		t.Errorf("up to %v, want %v", s.High, want)
	}
	if want := mathext.InvRegIncBeta(0.3, 27, 0.025); math.Abs(s.Low-want) > 1e-6*want {
		t.Errorf("from %v, want %v", s.Low, want)
	}
}

// Thirty municipalities of 5 to 500 persons with rates of 0.5 to 5 %: intervals hold in
// 93 to 97 % averaged over regions, also where the rates have no Beta law, and the plug-in
// ones in fewer. Where the regions hardly differ (M = 1000: rates of 1.2 to 2.9 %) that is
// more than so few persons can tell, and the intervals are too long, not too short.
func TestSharesHold(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	random := rand.New(rand.NewPCG(6, 11))
	sizes := make([]int64, 30) // 5 to 500, as many below 50 as above
	for i := range sizes {
		sizes[i] = int64(math.Round(5 * math.Pow(100, float64(i)/29)))
	}
	beta := func(mean, size float64) func(int) float64 {
		law := distuv.Beta{Alpha: mean * size, Beta: (1 - mean) * size, Src: random}
		return func(int) float64 { return law.Rand() }
	}
	const alike = "2 %, M = 1000"
	for _, world := range []struct {
		name string
		rate func(i int) float64
	}{
		{"0.5 %, M = 100", beta(0.005, 100)},
		{"2 %, M = 50", beta(0.02, 50)},
		{"5 %, M = 20", beta(0.05, 20)},
		{"uniform from 0.5 to 5 %", func(int) float64 { return 0.005 + 0.045*random.Float64() }},
		{alike, beta(0.02, 1000)},
	} {
		const runs = 50
		var held, plug, variance float64
		for range runs {
			counts, truth := make([]Count, 30), make([]float64, 30)
			for i, n := range sizes {
				truth[i] = world.rate(i)
				counts[i] = Count{drawn(n, truth[i], random), n}
			}
			b := must(Fit(counts))(t)
			plugIn := must(b.PlugIn(0.95))(t)
			var share float64
			for i, s := range must(b.Shares(0.95))(t) {
				if s.Low <= truth[i] && truth[i] <= s.High {
					share += 1.0 / 30
				}
				if plugIn[i].Low <= truth[i] && truth[i] <= plugIn[i].High {
					plug += 1.0 / 30 / runs
				}
			}
			held, variance = held+share/runs, variance+square(share-0.95)/runs
		}
		mcse := math.Sqrt(variance / runs)
		t.Logf("%s: hold in %.3f ± %.3f, plug-in %.3f", world.name, held, mcse, plug)
		if held+mcse < 0.93 || held > 0.97 && world.name != alike || plug >= held {
			t.Errorf("%s: intervals hold in %.3f ± %.3f, plug-in in %.3f", world.name, held, mcse, plug)
		}
	}
}
