package capture

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

// The case's likelihood, of an EM algorithm stopped after 20,000 steps, is a bound from below,
// and that of the negative binomial family too.
func TestCaseB08Envelope(t *testing.T) {
	c := casetable.Open(t, "b08_thinning_threshold")
	f := Frequencies(c.Read("input.csv").Numbers("freq"))
	free := must(FitFree(f, Detection{Visit: Rate{P: 0.35}}, 24))(t)
	c.Holds("em_20000_loglik", free.LogLikelihood)
	if free.LogLikelihood < c.Answer("em_20000_loglik") || free.LogLikelihood < c.Answer("nb_fit/loglik") || free.Gap > 1e-6 || free.Gap < 0 {
		t.Errorf("log-likelihood %v within %v: no less than %v and %v", free.LogLikelihood, free.Gap, c.Answer("em_20000_loglik"), c.Answer("nb_fit/loglik"))
	}
	families := must(FitThinned(f, Detection{Visit: Rate{P: 0.35}}, 24))(t)
	truth := map[int]float64{1: 60_000, 2: 37_783, 4: 18_465} // the simulated population, in the case's file
	for k, persons := range truth {
		e := must(free.Envelope(k, 0.95))(t)
		t.Logf("persons with ≥ %d visits: truth %.0f, envelope %.0f to %.0f", k, persons, e.Low, e.High)
		if !(e.Low < persons && persons < e.High) || e.LogLikelihood != free.LogLikelihood || e.Gap > 0.01 {
			t.Errorf("at least %d visits: %+v without the truth %v", k, e, persons)
		}
		for _, fit := range families.Fits {
			n := must(fit.AtLeast(k))(t)
			if fit.LogLikelihood > free.LogLikelihood+free.Gap {
				t.Errorf("%s has the log-likelihood %v, above the greatest %v", fit.Family, fit.LogLikelihood, free.LogLikelihood)
			}
			if _, _, p := fit.Adequacy(); p < 0.05 {
				continue
			}
			low, high := n.Interval(0.95)
			if n.N < e.Low || n.N > e.High || high-low > e.High-e.Low {
				t.Errorf("%s has %v, %v to %v: not within, or wider than, %+v", fit.Family, n.N, low, high, e)
			}
		}
	}
	for path, k := range map[string]int{"nb_fit/N_ge1": 1, "nb_fit/N_ge2": 2, "nb_fit/N_ge4": 4} {
		if e := must(free.Envelope(k, 0.95))(t); c.Answer(path) < e.Low || c.Answer(path) > e.High {
			t.Errorf("%s %v is not within %+v", path, c.Answer(path), e)
		}
	}
}

// Against a search by hand: with visits of 1 and 2 alone and P = ½ persons of h₁ and h₂
// are seen once h₁/2 + h₂/2, twice h₂/4, never h₁/2 + h₂/4; all pairs on a grid are tried.
func TestEnvelopeAgainstGrid(t *testing.T) {
	f := Frequencies{60, 15}
	free := must(FitFree(f, Detection{Visit: Rate{P: 0.5}}, 2))(t)
	// The saturated model is met: h₂ = 60, h₁ = 60.
	if g := free.Visits(); math.Abs(g[0]-0.5) > 1e-6 || math.Abs(free.Deviance) > 1e-6 {
		t.Fatalf("visits %v, deviance %v, want halves and 0", g, free.Deviance)
	}
	floor := 60*math.Log(60) + 15*math.Log(15) - distuv.ChiSquared{K: 1}.Quantile(0.9)/2
	for k := 1; k <= 2; k++ {
		low, high := math.Inf(1), math.Inf(-1)
		for h1 := 0.125; h1 < 250; h1 += 0.25 {
			for h2 := 0.125; h2 < 250; h2 += 0.25 {
				unseen := h1 + h2 - 75
				if unseen > 0 && 60*math.Log(h1/2+h2/2)+15*math.Log(h2/4)-unseen*math.Log(unseen/(h1/2+h2/4)) >= floor {
					n := h2
					if k == 1 {
						n += h1
					}
					low, high = min(low, n), max(high, n)
				}
			}
		}
		e := must(free.Envelope(k, 0.9))(t)
		if e.Low > low || e.High < high || low-e.Low > 0.5 || e.High-high > 0.5 {
			t.Errorf("at least %d visits: %v to %v, by search %v to %v", k, e.Low, e.High, low, high)
		}
	}
}

// Laws: a higher level is no narrower; more visits asked for, fewer persons; four times as
// many persons have four times the number, relatively narrower; the fit lies within.
func TestEnvelopeProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := Frequencies{float64(rapid.IntRange(1, 900).Draw(rt, "f1")), float64(rapid.IntRange(0, 300).Draw(rt, "f2")), float64(rapid.IntRange(0, 90).Draw(rt, "f3"))}
		many := Frequencies{4 * f[0], 4 * f[1], 4 * f[2]}
		d := Detection{Visit: Rate{P: rapid.Float64Range(0.1, 0.99).Draw(rt, "p")}, Loyalty: Rate{P: rapid.Float64Range(0, 0.6).Draw(rt, "loyalty")}}
		free := must(FitFree(f, d, 5))(t)
		k := rapid.IntRange(1, 3).Draw(rt, "k")
		e := must(free.Envelope(k, 0.9))(t)
		wide, next := must(free.Envelope(k, 0.99))(t), must(free.Envelope(k+1, 0.9))(t)
		larger := must(must(FitFree(many, d, 5))(t).Envelope(k, 0.9))(t)
		g := free.Visits()
		n := f.Seen() / (1 - dot(g, free.unseen)) * tail(g, k)
		slack := 1e-5 * (f.Seen() + e.High)
		switch {
		case e.Low > n+slack || e.High < n-slack || e.Low < f.AtLeast(k):
			rt.Fatalf("%v %+v: %v is not within %+v", f, d, n, e)
		case wide.Low > e.Low+slack || wide.High < e.High-slack:
			rt.Fatalf("%v %+v: at 0.99 %+v, at 0.9 %+v", f, d, wide, e)
		case next.Low > e.Low+slack || next.High > e.High+slack:
			rt.Fatalf("%v %+v: of more visits %+v, of fewer %+v", f, d, next, e)
		case larger.Low < 4*e.Low-4*slack || larger.High > 4*e.High+4*slack:
			rt.Fatalf("%v %+v: four times as many have %+v, one %+v", f, d, larger, e)
		}
	})
}

// Where every visit is seen the number is known. A standard error of detection widens, without
// limit where no detection at all is within it.
func TestEnvelopeDetection(t *testing.T) {
	f := Frequencies{400, 250, 120, 60, 30, 12, 5}
	for _, d := range []Detection{{Visit: Rate{P: 1}}, {Visit: Rate{P: 1}, Loyalty: Rate{P: 0.3}}} {
		free := must(FitFree(f, d, 12))(t)
		if e := must(free.Envelope(2, 0.95))(t); e.Low != f.AtLeast(2) || e.High != f.AtLeast(2) || free.Visits()[2] != 120/f.Seen() {
			t.Errorf("every visit is seen, and the envelope is %+v, the share of three visits %v", e, free.Visits()[2])
		}
	}
	sure := must(must(FitFree(f, Detection{Visit: Rate{P: 0.5}}, 8))(t).Envelope(2, 0.95))(t)
	unsure := must(must(FitFree(f, Detection{Visit: Rate{0.5, 0.03}}, 8))(t).Envelope(2, 0.95))(t)
	almost := must(must(FitFree(f, Detection{Visit: Rate{0.5, 1e-6}}, 8))(t).Envelope(2, 0.95))(t)
	unknown := must(must(FitFree(f, Detection{Visit: Rate{0.5, 0.4}}, 8))(t).Envelope(2, 0.95))(t)
	t.Logf("sure %+v, unsure %+v", sure, unsure)
	if !(unsure.Low < sure.Low && sure.High < unsure.High) || math.Abs(almost.High-sure.High) > 1e-3*sure.High || math.Abs(almost.Low-sure.Low) > 1e-3*sure.Low {
		t.Errorf("sure %+v, almost %+v, unsure %+v", sure, almost, unsure)
	}
	if !math.IsInf(unknown.High, 1) || unknown.Low < f.AtLeast(2) || unknown.Low > unsure.Low {
		t.Errorf("a detection of 0.5 ± 0.4: %+v, want no upper limit", unknown)
	}
}

func TestEnvelopeRefusals(t *testing.T) {
	free := must(FitFree(Frequencies{5, 1}, Detection{Visit: Rate{P: 0.5}}, 4))(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(FitFree(nil, Detection{Visit: Rate{P: 0.5}}, 4)), "nobody was seen"},
		{second(FitFree(Frequencies{5, 1}, Detection{Visit: Rate{P: 0}}, 4)), "above 0"},
		{second(FitFree(Frequencies{5, 1}, Detection{Visit: Rate{P: 0.5}}, 1)), "no more than 1 visits"},
		{second(free.Envelope(0, 0.95)), "ask for 1 to 4"},
		{second(free.Envelope(5, 0.95)), "ask for 1 to 4"},
		{second(free.Envelope(2, 1)), "between 0 and 1"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
}

// In simulated years of visitors of whom eight in a hundred come every month, which no
// smooth family holds, the envelope holds the number nearly always.
func TestEnvelopeAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 26))
	const persons, runs, p = 4000, 16, 0.35
	held := map[int]int{}
	for range runs {
		f, often := make(Frequencies, 16), map[int]float64{}
		for range persons {
			v := 12
			if random.Float64() >= 0.08 {
				for v = 1; random.Float64() < 0.5 && v < 16; v++ {
				}
			}
			seen := 0
			for range v {
				if random.Float64() < p {
					seen++
				}
			}
			for _, k := range []int{1, 4} {
				if v >= k {
					often[k]++
				}
			}
			if seen > 0 {
				f[seen-1]++
			}
		}
		free := must(FitFree(f, Detection{Visit: Rate{P: p}}, 16))(t)
		for k, n := range often {
			if e := must(free.Envelope(k, 0.95))(t); e.Low <= n && n <= e.High {
				held[k]++
			}
		}
	}
	t.Logf("of %d: %v", runs, held)
	for k, n := range held {
		if n < runs*90/100 {
			t.Errorf("at least %d visits: the envelope held the number %d times of %d", k, n, runs)
		}
	}
}
