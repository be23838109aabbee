package capture

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Chao et al. (2001): Ĉ = 0.513, N̂ = 971 with an error as great as itself, N̂₁ = 508.
// By hand: Ĉ = 1 − (69/135 + 55/122 + 63/126)/3; slope (166·49/16470 + 166·45/17010 + 154·46/15372)/(3Ĉ).
func TestSampleCoverageOfHepatitis(t *testing.T) {
	c := must(SampleCoverage(hepatitis(t), rand.New(rand.NewPCG(1, 26)), 1000))(t)
	if math.Abs(c.C-0.513) > 5e-4 || math.Abs(c.Independent-407) > 0.5 || math.Abs(c.High.N-971) > 0.5 || math.Abs(c.Low.N-508) > 0.5 {
		t.Errorf("coverage %v, %v, %v, %v; want 0.513, 407, 971, 508", c.C, c.Independent, c.High.N, c.Low.N)
	}
	if !(c.Low.StdErr > 42 && c.Low.StdErr < 54 && c.High.StdErr > 600) { // 48.9 and 909 of 20,000 replicates
		t.Errorf("standard errors %v and %v", c.Low.StdErr, c.High.StdErr)
	}
	coverage := 1 - (69./135+55./122+63./126)/3
	slope := (166*49/16470. + 166*45/17010. + 154*46/15372.) / (3 * coverage)
	constant := (271-187/3.)/coverage - 486/(3*coverage)
	if math.Abs(c.High.N-constant/(1-slope)) > 1e-9 {
		t.Errorf("%v, by hand %v", c.High.N, constant/(1-slope))
	}
	low, high := c.Low.LogNormal(0.95)
	t.Logf("%+v; low %.0f–%.0f", c, low, high)
}

// Lists that are independent by their counts have no covariation: all numbers are one. By hand, of
// 1,000 persons with probabilities 0.5, 0.4 and 0.2.
func TestSampleCoverageOfIndependentLists(t *testing.T) {
	h := Histories{Lists: []string{"a", "b", "c"}, Counts: []float64{0, 240, 160, 160, 60, 60, 40, 40}}
	c := must(SampleCoverage(h, rand.New(rand.NewPCG(2, 26)), 200))(t)
	for _, n := range []float64{c.High.N, c.Low.N, c.Independent} {
		if math.Abs(n-1000) > 1e-9 {
			t.Errorf("%v of 1,000 persons", n)
		}
	}
	if want := 1 - (0.6*0.8+0.5*0.8+0.5*0.6)/3; math.Abs(c.C-want) > 1e-12 {
		t.Errorf("coverage %v, want %v", c.C, want)
	}
	for i, g := range c.Covariation {
		if math.Abs(g) > 1e-12 {
			t.Errorf("covariation %d of independent lists: %v", i, g)
		}
	}
}

// Laws: the order of lists does not matter; twice the persons are twice the number at the
// same coverage; the same random numbers give the same errors.
func TestSampleCoverageLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := Histories{Lists: []string{"a", "b", "c"}, Counts: make([]float64, 8)}
		twice := Histories{Lists: h.Lists, Counts: make([]float64, 8)}
		turned := Histories{Lists: h.Lists, Counts: make([]float64, 8)}
		for cell := 1; cell < 8; cell++ {
			n := float64(rapid.IntRange(5, 100).Draw(rt, "cell"))
			h.Counts[cell], twice.Counts[cell], turned.Counts[cell<<1&7|cell>>2] = n, 2*n, n
		}
		var a, b, c Coverage
		errs := []error{a.estimate(h), b.estimate(twice), c.estimate(turned)}
		if (errs[0] == nil) != (errs[1] == nil) || (errs[0] == nil) != (errs[2] == nil) {
			rt.Fatal(errs)
		}
		if errs[0] != nil {
			return
		}
		near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-6*math.Abs(y) }
		if !near(b.High.N, 2*a.High.N) || !near(b.Low.N, 2*a.Low.N) || !near(b.C, a.C) || !near(c.High.N, a.High.N) || !near(c.Low.N, a.Low.N) {
			rt.Fatalf("%+v, twice %+v, turned %+v", a, b, c)
		}
	})
	a := must(SampleCoverage(hepatitis(t), rand.New(rand.NewPCG(3, 26)), 50))(t)
	if b := must(SampleCoverage(hepatitis(t), rand.New(rand.NewPCG(3, 26)), 50))(t); a != b {
		t.Errorf("%+v and %+v of the same random numbers", a, b)
	}
}

// Persons who differ, all lists alike: of 1,000 the low estimate has less bias than
// independence, and its standard error is that of the repeated estimates.
func TestSampleCoverageAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 26))
	const persons, runs = 1000, 60
	var low, independent, squares, stdErr float64
	for range runs {
		h := Histories{Lists: []string{"a", "b", "c"}, Counts: make([]float64, 8)}
		for range persons {
			x, cell := 0.5*random.NormFloat64(), 0
			for k := range 3 {
				if random.Float64() < logistic(-0.3+x) {
					cell |= 1 << k
				}
			}
			h.Counts[cell]++
		}
		h.Counts[0] = 0
		c := must(SampleCoverage(h, random, 100))(t)
		low, independent = low+c.Low.N/runs, independent+c.Independent/runs
		squares, stdErr = squares+square(c.Low.N)/runs, stdErr+c.Low.StdErr/runs
	}
	spread := math.Sqrt(squares - square(low))
	t.Logf("%d persons: low %.0f, standard error %.1f of %.1f; independent %.0f", persons, low, stdErr, spread, independent)
	if math.Abs(low/persons-1) > 0.05 || math.Abs(low-persons) > math.Abs(independent-persons) || math.Abs(stdErr/spread-1) > 0.3 {
		t.Errorf("low %.0f of %d, standard error %.1f of %.1f, independent %.0f", low, persons, stdErr, spread, independent)
	}
}

func TestSampleCoverageRefusals(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 26))
	h := hepatitis(t)
	disjoint, thin := h, h
	disjoint.Counts = []float64{0, 50, 50, 0, 50, 0, 0, 0}
	thin.Counts = []float64{0, 60, 60, 10, 60, 10, 10, 30}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(SampleCoverage(disjoint, random, 100)), "not estimable"},
		{second(SampleCoverage(thin, random, 100)), "too low"},
		{second(SampleCoverage(h, random, 1)), "2 or more"},
		{second(SampleCoverage(h, nil, 100)), "random numbers"},
		{second(SampleCoverage(Histories{[]string{"1", "2", "3", "4"}, []float64{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}, random, 100)), "give three"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
}
