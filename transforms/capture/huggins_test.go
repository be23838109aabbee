package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/casetable"
)

func TestCaseB11Huggins(t *testing.T) {
	c := casetable.Open(t, "b11_huggins_deermice")
	d := c.Read("input.csv")
	persons := make([]Sighting, len(d["y1"]))
	for j := range 6 {
		for i, y := range d.Numbers(fmt.Sprintf("y%d", j+1)) {
			persons[i].Seen = append(persons[i].Seen, y == 1)
		}
	}
	with := slices.Clone(persons)
	for i := range with {
		with[i].Covariates = []float64{d.Numbers("weight")[i], d.Numbers("sex")[i]}
	}
	for name, h := range map[string]Huggins{
		"M0":            must(FitHuggins(persons, HugginsDesign{}))(t),
		"Mt":            must(FitHuggins(persons, HugginsDesign{PerOccasion: true}))(t),
		"Mh_weight_sex": must(FitHuggins(with, HugginsDesign{}))(t),
		"Mb":            must(FitHuggins(persons, HugginsDesign{Behaviour: true}))(t),
	} {
		c.Holds(name+"/N", h.N)
		c.Holds(name+"/se", h.StdErr)
		c.Holds(name+"/loglik", h.LogLikelihood)
		coefficients := h.Coefficients
		if name == "Mb" { // the case has the effect of having been seen first
			coefficients = []float64{coefficients[1], coefficients[0]}
		}
		for a, b := range coefficients {
			path := fmt.Sprintf("%s/coef/%d", name, a)
			if name == "M0" {
				path = "M0/coef"
			}
			c.Holds(path, b)
		}
	}
}

// sightings draws persons with an effect of one covariate and of having been seen, and
// keeps those seen.
func sightings(random *rand.Rand, persons, occasions int, constant, slope, behaviour float64) []Sighting {
	var seen []Sighting
	for range persons {
		x := random.NormFloat64()
		s := Sighting{Seen: make([]bool, occasions), Covariates: []float64{x}}
		before := 0.0
		for j := range s.Seen {
			s.Seen[j] = random.Float64() < logistic(constant+slope*x+behaviour*before)
			if s.Seen[j] {
				before = 1
			}
		}
		if slices.Contains(s.Seen, true) {
			seen = append(seen, s)
		}
	}
	return seen
}

// without leaves out the covariates.
func without(persons []Sighting) []Sighting {
	bare := slices.Clone(persons)
	for i := range bare {
		bare[i].Covariates = nil
	}
	return bare
}

// Without covariates the conditional likelihood is that of the log-linear models of the cells: the
// same numbers and errors. Of M0, p/(1 − (1 − p)^K) is the mean share of occasions.
func TestHugginsWithoutCovariates(t *testing.T) {
	persons := without(sightings(rand.New(rand.NewPCG(11, 26)), 400, 4, -0.7, 0.5, 0.4))
	rows, total := make([][]bool, len(persons)), 0.0
	for i, p := range persons {
		rows[i] = p.Seen
		for _, seen := range p.Seen {
			if seen {
				total++
			}
		}
	}
	histories := must(NewHistories([]string{"1", "2", "3", "4"}, rows))(t)
	for model, design := range map[ClosedModel]HugginsDesign{M0: {}, Mt: {PerOccasion: true}, Mb: {Behaviour: true}} {
		h, f := must(FitHuggins(persons, design))(t), must(FitClosed(histories, model))(t)
		if math.Abs(h.N-f.N) > 1e-7*f.N || math.Abs(h.StdErr-f.StdErr) > 1e-6*f.StdErr {
			t.Errorf("%s: %v ± %v by the conditional likelihood, %v ± %v by the cells", model, h.N, h.StdErr, f.N, f.StdErr)
		}
	}
	m0 := must(FitHuggins(persons, HugginsDesign{}))(t)
	p := logistic(m0.Coefficients[0])
	if share := total / (4 * m0.Seen); math.Abs(p/(1-math.Pow(1-p, 4))-share) > 1e-10 {
		t.Errorf("p = %v does not give the share %v", p, share)
	}
}

// Laws: the order of persons, the order of occasions where behaviour does not count, and
// origin and unit of a covariate do not matter; a covariate of occasions that is one for each is
// their constants.
func TestHugginsLaws(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 26))
	persons := sightings(random, 300, 5, -0.5, 0.7, 0)
	want := must(FitHuggins(persons, HugginsDesign{PerOccasion: true}))(t)
	same := func(what string, h Huggins) {
		if math.Abs(h.N-want.N) > 1e-6*want.N || math.Abs(h.StdErr-want.StdErr) > 1e-5*want.StdErr || math.Abs(h.LogLikelihood-want.LogLikelihood) > 1e-6 {
			t.Errorf("%s: %v ± %v, want %v ± %v", what, h.N, h.StdErr, want.N, want.StdErr)
		}
	}
	moved := slices.Clone(persons)
	random.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
	for i, p := range moved {
		seen := slices.Clone(p.Seen)
		slices.Reverse(seen)
		moved[i] = Sighting{seen, []float64{1000 - 20*p.Covariates[0]}}
	}
	same("turned round", must(FitHuggins(moved, HugginsDesign{PerOccasion: true}))(t))
	effort := [][]float64{{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}
	same("occasions by covariates", must(FitHuggins(persons, HugginsDesign{Occasion: effort}))(t))
}

// In simulated populations with a covariate and an effect of having been seen the interval
// covers; without the covariate the number is too small.
func TestHugginsAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 26))
	const persons = 800
	runs := 200
	if testing.Short() {
		runs = 30
	}
	covered := 0
	var sum, blind, variance, squares float64
	for range runs {
		seen := sightings(random, persons, 6, -1, 1, 0.5)
		h := must(FitHuggins(seen, HugginsDesign{Behaviour: true}))(t)
		if low, high := h.LogNormal(0.95); low <= persons && persons <= high {
			covered++
		}
		sum += h.N / float64(runs)
		variance += square(h.StdErr) / float64(runs)
		squares += square(h.N-persons) / float64(runs)
		blind += must(FitHuggins(without(seen), HugginsDesign{}))(t).N / float64(runs)
	}
	t.Logf("%d persons: %.0f, standard error %.1f of %.1f, covered %d of %d; covariate and behaviour left out %.0f", persons, sum, math.Sqrt(variance), math.Sqrt(squares), covered, runs, blind)
	if math.Abs(sum/persons-1) > 0.02 || covered < runs*88/100 || math.Abs(math.Sqrt(variance/squares)-1) > 0.3 {
		t.Errorf("%.0f of %d persons, covered %d of %d, standard error %.1f of %.1f", sum, persons, covered, runs, math.Sqrt(variance), math.Sqrt(squares))
	}
	if blind > 0.95*persons {
		t.Errorf("without the covariate %.0f of %d persons: it should be too few", blind, persons)
	}
}

func TestHugginsRefusals(t *testing.T) {
	a, b := Sighting{[]bool{true, true, false}, []float64{1}}, Sighting{[]bool{false, true, false}, []float64{2}}
	for _, c := range []struct {
		persons []Sighting
		design  HugginsDesign
		want    string
	}{
		{nil, HugginsDesign{}, "nobody was seen"},
		{[]Sighting{b, b}, HugginsDesign{}, "nobody was seen twice"},
		{[]Sighting{a, {[]bool{false, false, false}, []float64{1}}}, HugginsDesign{}, "person 2 was never seen"},
		{[]Sighting{a, {[]bool{true, false}, []float64{1}}}, HugginsDesign{}, "person 2 has 2 occasions"},
		{[]Sighting{a, {[]bool{true, false, true}, []float64{math.NaN()}}}, HugginsDesign{}, "3 occasions and 1 finite covariates"},
		{[]Sighting{a, b}, HugginsDesign{Occasion: [][]float64{{1}}}, "1 rows of their covariates"},
		{[]Sighting{a, a, b}, HugginsDesign{PerOccasion: true}, "saw nobody"},
		{[]Sighting{a, a}, HugginsDesign{}, "depend on one another"},
	} {
		if _, err := FitHuggins(c.persons, c.design); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
