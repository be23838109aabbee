package disclose

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestCellNoiseMoments(t *testing.T) {
	c := CellNoise{Variance: 2, Most: 5}
	for _, count := range []int64{1, 2, 5, 100} {
		p, below, err := c.Table(count)
		if err != nil {
			t.Fatal(err)
		}
		mean, variance := moments(p, below)
		if want := min(2, float64(below*5)/2); math.Abs(mean) > 1e-9 || math.Abs(variance-want) > 1e-6 {
			t.Errorf("count %d: mean %g, variance %g, want 0 and %g", count, mean, variance, want)
		}
		if below > count || int64(len(p)) != below+5+1 {
			t.Errorf("count %d can become %d to %d", count, count-below, count+int64(len(p))-1-below)
		}
	}
	if d, err := c.Noise(0, 0.99); d != 0 || err != nil {
		t.Errorf("a count of 0 gets %d, %v", d, err)
	}
	if _, _, err := (CellNoise{Variance: 100, Most: 3}).Table(9); err == nil {
		t.Error("a variance beyond the bound passes")
	}
}

// Of 15,000 draws the variance has a standard error of some 2 % (Laplace) and 1.2 % (Gaussian);
// the mean of √(v/15,000). Seeded, five standard errors.
func TestSamplersHaveTheirMoments(t *testing.T) {
	s := Sampler{Words(rand.New(rand.NewPCG(1, 2)))}
	const n = 15_000
	for _, c := range []struct {
		name     string
		draw     func() (int64, error)
		variance float64
	}{
		{"Laplace, ε = 1/2", func() (int64, error) { return s.Laplace(1, 2) }, LaplaceVariance(0.5, 1)},
		{"Laplace, ε = 3/2", func() (int64, error) { return s.Laplace(3, 2) }, LaplaceVariance(1.5, 1)},
		{"Gaussian, σ² = 9/2", func() (int64, error) { return s.Gaussian(9, 2) }, 4.5}, // the discrete one differs by 1e-30
	} {
		sum, squares := 0.0, 0.0
		for range n {
			z, err := c.draw()
			if err != nil {
				t.Fatal(err)
			}
			sum += float64(z)
			squares += float64(z * z)
		}
		if mean := sum / n; math.Abs(mean) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %g", c.name, mean)
		}
		if v := squares / n; math.Abs(v/c.variance-1) > 0.1 {
			t.Errorf("%s: variance %g, want %g", c.name, v, c.variance)
		}
	}
	if _, err := s.Laplace(0, 1); err == nil {
		t.Error("ε = 0 passes")
	}
}

func TestContributionsAreBounded(t *testing.T) {
	cells := []string{"30401/k2", "30401/k3", "30402/k2", "00000/k2"}
	got := Bounded([]byte("k"), []byte("p"), cells, 2)
	if len(got) != 2 {
		t.Fatalf("%v, want two", got)
	}
	reversed := slices.Clone(cells)
	slices.Reverse(reversed)
	again := Bounded([]byte("k"), []byte("p"), reversed, 2)
	slices.Reverse(again)
	if !slices.Equal(got, again) {
		t.Errorf("another order keeps %v, not %v", again, got)
	}
	if n := len(Bounded([]byte("k"), []byte("p"), cells, 4)); n != 4 {
		t.Errorf("%d of four within the bound are kept", n)
	}
}
