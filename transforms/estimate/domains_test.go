package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/transforms/weight"
)

// drawSample makes up a sample of a design with two or more sampling units per
// stratum, calibrated or not.
func drawSample(rt *rapid.T) (Survey, int) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
	n := rapid.IntRange(12, 80).Draw(rt, "units")
	strata := int32(rapid.IntRange(1, 3).Draw(rt, "strata"))
	stage := weight.Stage{Strata: make([]int32, n), Population: make([]float64, n)}
	clustered := rapid.Bool().Draw(rt, "clustered")
	if clustered {
		stage.Clusters = make([]int32, n)
	}
	design := weight.Design{Weights: make([]float64, n), Lonely: weight.Lonely(rapid.IntRange(0, 2).Draw(rt, "lonely"))}
	a, b := make([]int32, n), make([]int32, n)
	totals := [][]float64{make([]float64, 3), make([]float64, 2)}
	for k := range n {
		design.Weights[k] = 1 + 9*random.Float64()
		stage.Strata[k] = int32(k) % strata
		if clustered {
			stage.Clusters[k] = int32(random.IntN(4))
		}
		stage.Population[k] = 1000
		a[k], b[k] = int32(k%3), int32((k/3)%2)
		// Totals of a population that the sample could be of.
		totals[0][a[k]] += design.Weights[k] * 1.1
		totals[1][b[k]] += design.Weights[k] * 1.1
	}
	design.Stages = []weight.Stage{stage}
	s := Survey{Design: design}
	if rapid.Bool().Draw(rt, "calibrated") {
		totals[0][0], totals[0][1] = totals[0][0]*1.05, totals[0][1]-totals[0][0]*0.05
		aux, x := weight.Margins(
			weight.Margin{Name: "a", Classes: []string{"0", "1", "2"}, Totals: totals[0], Of: a},
			weight.Margin{Name: "b", Classes: []string{"0", "1"}, Totals: totals[1], Of: b})
		c, err := weight.Calibrate(design.Weights, aux, x, weight.Options{Distance: weight.Distance(rapid.IntRange(0, 1).Draw(rt, "distance"))})
		if err != nil {
			rt.Skip("the drawn totals cannot be met")
		}
		s.Calibration = c
	}
	return s, n
}

// All domains in one pass give what each gives alone.
func TestDomainsEqualTotals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, n := drawSample(rt)
		d, err := NewDomains(s)
		if err != nil {
			rt.Fatal(err)
		}
		for range 3 {
			var units []int32
			var y []float64
			all, in := make([]float64, n), make([]bool, n)
			for k := range n {
				if rapid.Bool().Draw(rt, "in") {
					in[k] = true
					all[k] = float64(rapid.IntRange(-3, 5).Draw(rt, "y"))
					units, y = append(units, int32(k)), append(y, all[k])
				}
			}
			got, err := d.Total(units, y)
			if err != nil {
				rt.Fatal(err)
			}
			want, err := s.Total(all, in)
			if err != nil {
				rt.Fatal(err)
			}
			if !near(got.Value, want.Value, 1e-12) || !near(got.StdErr, want.StdErr, 1e-7) {
				rt.Fatalf("domain total %v ± %v, alone %v ± %v", got.Value, got.StdErr, want.Value, want.StdErr)
			}
		}
	})
}

// near compares relative to the greater, or absolutely below 1.
func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// A census has no sampling error; doubling y doubles estimate and error; the
// order of the units does not matter.
func TestSurveyProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, n := drawSample(rt)
		y, double := make([]float64, n), make([]float64, n)
		for k := range y {
			y[k] = float64(rapid.IntRange(0, 9).Draw(rt, "y"))
			double[k] = 2 * y[k]
		}
		one, err := s.Total(y, nil)
		if err != nil {
			rt.Fatal(err)
		}
		two, err := s.Total(double, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if !near(two.Value, 2*one.Value, 1e-12) || !near(two.StdErr, 2*one.StdErr, 1e-9) {
			rt.Fatalf("twice the variable: %v ± %v, once %v ± %v", two.Value, two.StdErr, one.Value, one.StdErr)
		}
		census := s
		census.Calibration = nil
		census.Design.Stages = []weight.Stage{{Population: make([]float64, n)}}
		for k := range n {
			census.Design.Stages[0].Population[k] = float64(n)
		}
		if e, err := census.Total(y, nil); err != nil || e.StdErr != 0 {
			rt.Fatalf("a census has the sampling error %v, %v", e.StdErr, err)
		}
		if s.Calibration != nil {
			return // the calibration is of the units in their order
		}
		mirrored := Survey{Design: weight.Design{Weights: mirror(s.Design.Weights), Lonely: s.Design.Lonely, Stages: []weight.Stage{{
			Strata: mirror(s.Design.Stages[0].Strata), Clusters: mirror(s.Design.Stages[0].Clusters), Population: mirror(s.Design.Stages[0].Population)}}}}
		back, err := mirrored.Total(mirror(y), nil)
		if err != nil || !near(back.Value, one.Value, 1e-12) || !near(back.StdErr, one.StdErr, 1e-9) {
			rt.Fatalf("in the other order: %v ± %v, wanted %v ± %v (%v)", back.Value, back.StdErr, one.Value, one.StdErr, err)
		}
	})
}

func mirror[T any](values []T) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(values))
	for i, v := range values {
		out[len(values)-1-i] = v
	}
	return out
}

// By hand: two of four units of a stratum with y = 1, 3 and weight 2 each.
// v = (1 − 2/4)·2/1·((2−4)² + (6−4)²) = 8.
func TestTotalByHand(t *testing.T) {
	s := Survey{Design: weight.Design{Weights: []float64{2, 2}, Stages: []weight.Stage{{Population: []float64{4, 4}}}}}
	e := must(s.Total([]float64{1, 3}, nil))(t)
	if e.Value != 8 || !near(e.StdErr, math.Sqrt(8), 1e-15) || e.DF != 1 {
		t.Errorf("total %v ± %v on %v, want 8 ± √8 on 1", e.Value, e.StdErr, e.DF)
	}
}

// By hand: two of three villages, in each two of four houses with weight 3 and
// y = 1, 3 and 2, 2. First stage: totals 12 and 12, no spread. Second stage:
// n/N = 2/3 times (1 − 2/4)·2/1·((3−6)² + (9−6)²) = 18 and 0: 12.
func TestTwoStagesByHand(t *testing.T) {
	s := Survey{Design: weight.Design{Weights: []float64{3, 3, 3, 3}, Stages: []weight.Stage{
		{Clusters: []int32{0, 0, 1, 1}, Population: []float64{3, 3, 3, 3}},
		{Population: []float64{4, 4, 4, 4}},
	}}}
	e := must(s.Total([]float64{1, 3, 2, 2}, nil))(t)
	if e.Value != 24 || !near(e.StdErr, math.Sqrt(12), 1e-15) {
		t.Errorf("total %v ± %v, want 24 ± √12", e.Value, e.StdErr)
	}
}

// 95 % intervals of a mean from a stratified sample of clusters cover the truth
// about as often as they say.
func TestIntervalsCover(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 26))
	const strata, clusters, size, drawn = 5, 30, 8, 8
	type unit struct{ stratum, cluster int32 }
	population := map[unit][]float64{}
	var truth float64
	for h := range int32(strata) {
		for c := range int32(clusters) {
			shared := random.NormFloat64()
			for range size {
				y := float64(h) + shared + random.NormFloat64()
				population[unit{h, c}] = append(population[unit{h, c}], y)
				truth += y / (strata * clusters * size)
			}
		}
	}
	const runs = 400
	covered := 0
	for range runs {
		var s Survey
		var stage weight.Stage
		var y []float64
		for h := range int32(strata) {
			for _, c := range random.Perm(clusters)[:drawn] {
				for _, v := range population[unit{h, int32(c)}] {
					stage.Strata, stage.Clusters = append(stage.Strata, h), append(stage.Clusters, int32(c))
					stage.Population = append(stage.Population, clusters)
					s.Design.Weights = append(s.Design.Weights, float64(clusters)/drawn)
					y = append(y, v)
				}
			}
		}
		s.Design.Stages = []weight.Stage{stage}
		low, high := must(s.Mean(y, nil))(t).Interval(0.95)
		if low <= truth && truth <= high {
			covered++
		}
	}
	// 400 runs: standard error 1.1 points.
	if share := float64(covered) / runs; share < 0.92 || share > 0.98 {
		t.Errorf("95 %% intervals cover %.1f %%", 100*share)
	}
}
