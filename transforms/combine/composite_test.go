package combine

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

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

// near compares to a relative difference, or an absolute one near 0.
func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func sourcesOf(d casetable.Columns) []Sources {
	var areas []Sources
	for i := range d["region"] {
		areas = append(areas, Sources{
			Survey:     Estimate{d.Numbers("survey")[i], d.Numbers("v_s")[i]},
			Booking:    Estimate{d.Numbers("booking")[i], d.Numbers("v_b")[i]},
			Covariance: d.Numbers("cov")[i],
		})
	}
	return areas
}

func TestPairByHand(t *testing.T) {
	// φ = (1 − 0.5)/(4 + 1 − 1) = 1/8: 10/8 + 7·20/8; v = (4 − 0.25)/4
	c := must(Pair(Estimate{10, 4}, Estimate{20, 1}, 0.5, Bounded))(t)
	if !near(c.Value, 18.75, 1e-14) || !near(c.Variance, 0.9375, 1e-14) || !near(c.Weights[0], 0.125, 1e-14) || c.Held {
		t.Errorf("composite %+v, want 18.75 with variance 0.9375", c)
	}
	// (10 − 20)²/(4 + 1 − 1)
	if !near(c.Q, 25, 1e-12) || !near(c.P, 5.733031e-7, 1e-6) {
		t.Errorf("disagreement %v (%v), want 25", c.Q, c.P)
	}
	// c = 1.5 above v_b = 1: φ = (1 − 1.5)/(4 + 1 − 3) = −1/4; v = (4 − 2.25)/2
	free := must(Pair(Estimate{10, 4}, Estimate{20, 1}, 1.5, Free))(t)
	if !near(free.Value, 22.5, 1e-14) || !near(free.Variance, 0.875, 1e-14) || free.Held {
		t.Errorf("free composite %+v, want 22.5, beyond both, with variance 0.875", free)
	}
	held := must(Pair(Estimate{10, 4}, Estimate{20, 1}, 1.5, Bounded))(t)
	if held.Value != 20 || held.Variance != 1 || !held.Held || !near(held.Unbounded[0], -0.25, 1e-14) {
		t.Errorf("bounded composite %+v, want the better estimate alone", held)
	}
}

// drawCovariance is a positive definite matrix of so many estimates.
func drawCovariance(t *rapid.T, n int) [][]float64 {
	root := make([][]float64, n)
	for i := range root {
		root[i] = rapid.SliceOfN(rapid.Float64Range(-3, 3), n, n).Draw(t, "root")
	}
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, n)
		for j := range v {
			v[i][j] = dot(root[i], root[j])
		}
		v[i][i] += rapid.Float64Range(0.1, 4).Draw(t, "own")
	}
	return v
}

// The least variance with weights that are not negative is the least over all sets of
// estimates whose weights are not negative; it is no greater than any estimate's, equal
// estimates come back, and the order does not matter.
func TestCompositeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		v := drawCovariance(t, n)
		y := rapid.SliceOfN(rapid.Float64Range(-100, 100), n, n).Draw(t, "y")
		c, err := Several(y, v, Bounded)
		free, err2 := Several(y, v, Free)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		matrix, err := positiveDefinite(v, n)
		if err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for bits := 1; bits < 1<<n; bits++ {
			var set []int
			for i := range n {
				if bits&(1<<i) != 0 {
					set = append(set, i)
				}
			}
			w, err := leastVariance(matrix, set)
			if err != nil {
				t.Fatal(err)
			}
			if minimum(w) >= 0 {
				least = min(least, quadratic(matrix, w))
			}
		}
		if !near(c.Variance, least, 1e-9) || minimum(c.Weights) < 0 || !near(dot(c.Weights, ones(n)), 1, 1e-12) {
			t.Fatalf("variance %v with weights %v, want %v", c.Variance, c.Weights, least)
		}
		if free.Variance > c.Variance*(1+1e-9) || c.Held == (minimum(free.Weights) >= 0) {
			t.Fatalf("free variance %v, bounded %v, held %v", free.Variance, c.Variance, c.Held)
		}
		for i := range n {
			if c.Variance > v[i][i]*(1+1e-9) {
				t.Fatalf("variance %v above that of estimate %d, %v", c.Variance, i, v[i][i])
			}
		}
		equal := make([]float64, n)
		for i := range equal {
			equal[i] = y[0]
		}
		if same, err := Several(equal, v, Bounded); err != nil || !near(same.Value, y[0], 1e-9) || same.Q > 1e-9*square(y[0]) {
			t.Fatalf("of equal estimates %v: %+v, %v", y[0], same, err)
		}
		order := rapid.Permutation(indices(n)).Draw(t, "order")
		y2, v2 := make([]float64, n), make([][]float64, n)
		for i, from := range order {
			y2[i], v2[i] = y[from], make([]float64, n)
			for j, other := range order {
				v2[i][j] = v[from][other]
			}
		}
		if moved, err := Several(y2, v2, Bounded); err != nil || !near(moved.Value, c.Value, 1e-7) || !near(moved.Variance, c.Variance, 1e-7) {
			t.Fatalf("in another order %+v, %v, want %+v", moved, err, c)
		}
	})
}

func minimum(w []float64) float64 {
	least := math.Inf(1)
	for _, x := range w {
		least = min(least, x)
	}
	return least
}

func ones(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

func indices(n int) []int {
	w := make([]int, n)
	for i := range w {
		w[i] = i
	}
	return w
}

func TestCompositeRefusals(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		v    [][]float64
		want string
	}{
		{nil, nil, "at least one"},
		{[]float64{1, 2}, [][]float64{{1, 0}}, "1 rows"},
		{[]float64{1, 2}, [][]float64{{1, 0}, {0}}, "give 2 finite numbers"},
		{[]float64{1, 2}, [][]float64{{1, 0}, {0, 0}}, "variance 0 of estimate 2"},
		{[]float64{1, 2}, [][]float64{{4, 2}, {2, 1}}, "is a correlation of 1"},
		{[]float64{1, 2}, [][]float64{{4, 1}, {-1, 1}}, "symmetric"},
		{[]float64{1, math.NaN()}, [][]float64{{4, 1}, {1, 1}}, "estimate 2 is NaN"},
		{[]float64{1, 2, 3}, [][]float64{{1, -.9, -.9}, {-.9, 1, -.9}, {-.9, -.9, 1}}, "not positive definite"},
	} {
		if _, err := Several(c.y, c.v, Bounded); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// Known variances and covariance: the interval holds the truth as often as it says.
func TestPairAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 62))
	const runs, truth = 20000, 50.0
	covered, disagree := 0, 0
	var squares float64
	for range runs {
		shared := random.NormFloat64()
		s := Estimate{truth + shared + 3*random.NormFloat64(), 10}
		b := Estimate{truth + shared + random.NormFloat64(), 2}
		c := must(Pair(s, b, 1, Bounded))(t)
		squares += square(c.Value-truth) / runs
		if low, high := c.Normal(0.95); low <= truth && truth <= high {
			covered++
		}
		if c.P < 0.05 {
			disagree++
		}
	}
	want := (10*2 - 1.0) / (10 + 2 - 2)
	t.Logf("mean squared error %.4f, variance %.4f, covered %.2f %%, said to disagree %.2f %%", squares, want, 100*float64(covered)/runs, 100*float64(disagree)/runs)
	if math.Abs(squares/want-1) > 0.04 || math.Abs(float64(covered)/runs-0.95) > 0.006 || math.Abs(float64(disagree)/runs-0.05) > 0.006 {
		t.Errorf("mean squared error %v of %v, covered %d, disagree %d of %d", squares, want, covered, disagree, runs)
	}
}
