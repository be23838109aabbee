package capture

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

// Simar's accidents. The lower points lie where the gradient function is nearly flat, and
// the published mixture has three; the greatest likelihood has four.
func TestCaseB09Mixture(t *testing.T) {
	c := casetable.Open(t, "b09_npmle_simar")
	counts := c.Read("input.csv").Numbers("freq")
	m := must(FitMixture(counts))(t)
	near := func(path string, got float64) {
		t.Helper()
		if want := c.Answer(path); !(math.Abs(got-want) <= c.Tolerance("loglik_abs")) {
			t.Errorf("%s %v, want %v", path, got, want)
		}
	}
	near("loglik", m.LogLikelihood)
	if len(m.Support) != 4 || m.Support[0] != 0 || m.MaxGradient > 1e-8 {
		t.Fatalf("support %v with the greatest gradient %v, want four points from 0 on and at most 1e-8", m.Support, m.MaxGradient)
	}
	for i, path := range []string{"support/0", "support/1", "support/2", "support/3"} {
		c.Within(path, m.Support[i], "support_rel")
	}
	one := must(talliedOf(counts))(t)
	near("loglik_poisson", one.polish(one.mixture([]float64{1}, []float64{1})).logLikelihood())
	near("loglik_two_points", one.polish(one.mixture([]float64{0.2, 1}, []float64{0.9, 0.1})).logLikelihood())
}

// By hand: alike counts are one point; of counts 0 and 1, which vary less than one Poisson
// number does, the best mixture is one Poisson, of rate 1/4 for one visit of four persons.
func TestMixtureByHand(t *testing.T) {
	m := must(FitMixture([]float64{0, 0, 0, 7}))(t)
	if len(m.Support) != 1 || m.Support[0] != 3 || m.Weights[0] != 1 || math.Abs(m.LogLikelihood-7*math.Log(4.5*math.Exp(-3))) > 1e-9 {
		t.Errorf("seven persons of three visits: %+v, want the rate 3", m)
	}
	m = must(FitMixture([]float64{3, 1}))(t)
	if len(m.Support) != 1 || math.Abs(m.Support[0]-0.25) > 1e-7 || math.Abs(m.LogLikelihood-(math.Log(0.25)-1)) > 1e-9 {
		t.Errorf("one visit of four persons: %+v, want the rate 0.25", m)
	}
	for _, c := range []struct {
		counts []float64
		want   string
	}{{nil, "nobody is counted"}, {[]float64{0, 0}, "nobody is counted"}, {[]float64{1, math.NaN()}, "persons with 1 visits: NaN is no count"}} {
		if _, err := FitMixture(c.counts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// Laws: the gradient function is nowhere above 0, and 0 at the support; the points are no
// more than the distinct counts; the mean of the mixture is that of the counts; twice as many
// persons have twice the log-likelihood.
func TestMixtureProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		counts := make([]float64, rapid.IntRange(1, 9).Draw(rt, "classes"))
		twice := make([]float64, len(counts))
		var n, visits, distinct float64
		for y := range counts {
			counts[y] = float64(rapid.IntRange(0, 2000/(1+y*y)).Draw(rt, "f"))
			if y == 0 {
				counts[y]++
			}
			twice[y] = 2 * counts[y]
			n, visits = n+counts[y], visits+float64(y)*counts[y]
			if counts[y] > 0 {
				distinct++
			}
		}
		m := must(FitMixture(counts))(t)
		var mean float64
		for i, rate := range m.Support {
			mean += m.Weights[i] * rate
			if d := m.Gradient(rate); math.Abs(d) > 1e-6 {
				rt.Fatalf("%v: the gradient is %v at the point %v", counts, d, rate)
			}
		}
		for rate := 0.0; rate < 10; rate += 0.01 {
			if d := m.Gradient(rate); d > 1e-6 {
				rt.Fatalf("%v: the gradient is %v at %v", counts, d, rate)
			}
		}
		if math.Abs(mean-visits/n) > 1e-5*(1+mean) || float64(len(m.Support)) > distinct {
			rt.Fatalf("%v: %d points with the mean %v", counts, len(m.Support), mean)
		}
		if other := must(FitMixture(twice))(t); math.Abs(other.LogLikelihood-2*m.LogLikelihood) > 1e-6*(1-m.LogLikelihood) {
			rt.Fatalf("%v: twice as many have %v, want twice %v", counts, other.LogLikelihood, m.LogLikelihood)
		}
	})
}

// Counts of a mixture cannot be less likely than under the mixture that made them, and give
// its well separated points back.
func TestMixtureOfTwo(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 26))
	counts := make([]float64, 40)
	for range 20_000 {
		rate := 1.0
		if random.Float64() < 0.25 {
			rate = 9
		}
		y := 0
		for at := random.ExpFloat64(); at < rate; at += random.ExpFloat64() {
			y++
		}
		counts[y]++
	}
	m := must(FitMixture(counts))(t)
	truth := m.counts.mixture([]float64{1, 9}, []float64{0.75, 0.25}).logLikelihood()
	near := 0.0
	for i, rate := range m.Support {
		if math.Abs(rate-9) < 1 {
			near += m.Weights[i]
		}
	}
	if m.LogLikelihood < truth || m.LogLikelihood > truth+10 || math.Abs(near-0.25) > 0.02 {
		t.Errorf("%v with %v, log-likelihood %v, that of the truth %v", m.Support, m.Weights, m.LogLikelihood, truth)
	}
}
