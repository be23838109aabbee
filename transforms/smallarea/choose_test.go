package smallarea

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// factorial are 32 areas with D = 1 and five covariates of ±1, all orthogonal, and
// y = 8a + 5b + 3c + 2.5d + 2abcde.
func factorial() (areas []Area, candidates []Candidate) {
	candidates = []Candidate{{Name: "e"}, {Name: "d"}, {Name: "c"}, {Name: "b"}, {Name: "a"}}
	for i := range 32 {
		y, product := 0.0, 2.0
		for k, effect := range []float64{0, 2.5, 3, 5, 8} {
			x := float64(2*(i>>k&1) - 1)
			candidates[k].Values = append(candidates[k].Values, x)
			y, product = y+effect*x, product*x
		}
		areas = append(areas, Area{Direct: y + product, Variance: 1})
	}
	return areas, candidates
}

// By hand: with equal D the likelihood is that of a regression, −2ℓ = m ln(2π RSS/m) + m,
// and RSS/m is what of 64 + 25 + 9 + 6.25 + 4 is not in the model. Three covariates enter,
// a tenth of the areas, though a fourth would make AICc fall.
func TestChoose(t *testing.T) {
	areas, candidates := factorial()
	almost := Candidate{Name: "almost a", Values: make([]float64, 32)}
	for i := range almost.Values {
		almost.Values[i] = candidates[4].Values[i] + 0.1*candidates[0].Values[i] // R² on a is 1/1.01
	}
	candidates = append(candidates, almost, Candidate{Name: "same", Values: slices.Repeat([]float64{7}, 32)})
	c := must(Choose(areas, candidates))(t)
	if !slices.Equal(c.Taken, []string{"a", "b", "c"}) || len(c.AICc) != 4 {
		t.Fatalf("%v with AICc %v, want a, b, c", c.Taken, c.AICc)
	}
	for i, rest := range []float64{108.25, 44.25, 19.25, 10.25} {
		k := float64(i + 2)
		if want := 32*math.Log(2*math.Pi*rest) + 32 + 2*k + 2*k*(k+1)/(31-k); !near(c.AICc[i], want, 1e-9) {
			t.Errorf("AICc with %d covariates is %v, want %v", i, c.AICc[i], want)
		}
	}
	if want := []Refusal{{"almost a", "99 % of its variance told by those taken"}, {"same", "the same in all sampled areas"}}; !slices.Equal(c.Refused, want) {
		t.Errorf("refused %v, want %v", c.Refused, want)
	}
	if x, want := c.Areas[31].X, math.Sqrt(31.0/32); len(x) != 4 || x[0] != 1 || !near(x[1], want, 1e-12) {
		t.Errorf("covariates of area 32 are %v, want 1 and three times √(31/32)", x)
	}
	if areas[0].X != nil {
		t.Error("the areas given were changed")
	}
}

// Neither units nor areas out of the sample change the choice; what is a constant where
// there is a sample is refused though it differs elsewhere.
func TestChooseUnits(t *testing.T) {
	areas, candidates := factorial()
	for i := range candidates {
		for j := range candidates[i].Values {
			candidates[i].Values[j] = 1e6*candidates[i].Values[j] - 3e6
		}
		candidates[i].Values = append(candidates[i].Values, 5e7)
	}
	areas = append(areas, Area{OutOfSample: true})
	candidates = append(candidates, Candidate{Name: "elsewhere", Values: append(make([]float64, 32), 1)})
	c := must(Choose(areas, candidates))(t)
	if !slices.Equal(c.Taken, []string{"a", "b", "c"}) || len(c.Refused) != 1 || c.Refused[0].Name != "elsewhere" {
		t.Errorf("taken %v, refused %v", c.Taken, c.Refused)
	}
	if _, err := FayHerriot(c.Areas, Options{}); err != nil {
		t.Error(err)
	}
	few := must(Choose(areas[:15], []Candidate{{"d", candidates[1].Values[:15]}, {"c", candidates[2].Values[:15]}, {"e", candidates[0].Values[:15]}}))(t)
	if len(few.Taken) > 1 {
		t.Errorf("%v taken for 15 areas, want one at most", few.Taken)
	}
}

// What tells something is found, what tells nothing enters seldom (by AICc falling by 2:
// each of four in about 4 %), and intervals hold after the choice.
func TestChoiceIsRight(t *testing.T) {
	runs := 40
	if !testing.Short() {
		runs = 600
	}
	random := rand.New(rand.NewPCG(47, 12))
	var s score
	found, noise := make([]float64, runs), make([]float64, runs)
	for run := range runs {
		areas, truth := world(47, 1, variances, random)
		candidates := make([]Candidate, 5)
		for k := range candidates {
			candidates[k].Name = string(rune('a' + k))
			for i := range areas {
				v := random.NormFloat64()
				if k == 2 {
					v = areas[i].X[1]
				}
				candidates[k].Values = append(candidates[k].Values, v)
			}
		}
		c := must(Choose(areas, candidates))(t)
		for _, name := range c.Taken {
			if name == "c" {
				found[run] = 1
			} else {
				noise[run] += 0.25
			}
		}
		fit := must(FayHerriot(c.Areas, Options{}))(t)
		s.add(fit, truth, must(fit.Intervals(0.95))(t))
	}
	f, _ := mean(found)
	n, mcse := mean(noise)
	t.Logf("found in %.1f %%, each of noise taken in %.1f ± %.1f %%, then %v", 100*f, 100*n, 100*mcse, &s)
	if f < 1 {
		t.Errorf("the covariate of slope 2 is found in %v of the runs, want all", f)
	}
	within(t, "share of noise taken", n, mcse, 0, 0.07)
	held, mcse := s.coverage()
	within(t, "coverage after the choice", held, mcse, 0.925, 0.97)
}

func TestChoiceRefuses(t *testing.T) {
	areas, candidates := factorial()
	short := []Candidate{{"bookings", []float64{1}}}
	unknown := []Candidate{{"bookings", append([]float64{math.NaN()}, candidates[0].Values[1:]...)}}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Choose(areas, short)), "bookings has 1 values for 32"},
		{second(Choose(areas, unknown)), "bookings is NaN in area 1"},
		{second(Choose(nil, candidates)), "e has 32 values for 0"},
		{second(Choose(nil, nil)), "0 areas"},
		{second(Choose(areas[:3], nil)), "want more to choose"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v does not say %q", c.err, c.want)
		}
	}
}
