package combine

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// byHand has θ = (4 + 1 − (−1))/(8 + 4) = 1/2.
func byHand() DualFrame {
	return DualFrame{
		A: FrameTotals{Own: 100, Overlap: 40, OwnSize: 70, OverlapSize: 30, Covariance: [4][4]float64{
			{10, -1, 0, -2}, {-1, 8, 0, 0}, {0, 0, 7, 0}, {-2, 0, 0, 2}}},
		B: FrameTotals{Own: 60, Overlap: 50, OwnSize: 50, OverlapSize: 26, Covariance: [4][4]float64{
			{5, 1, 0, 0}, {1, 4, 0, 0}, {0, 0, 5, 0}, {0, 0, 0, 2}}},
	}
}

func TestDualFrameByHand(t *testing.T) {
	d := byHand()
	// 100 + 40/2 + 50/2 + 60; 10 + 8/4 − 1 + 5 + 4/4 + 1
	h := must(d.Hartley(Bounded))(t)
	if h.Theta != 0.5 || h.Value != 205 || h.Variance != 18 {
		t.Errorf("Hartley %+v, want θ = 0.5, 205 with variance 18", h)
	}
	// c = (−1 − 1 − 4, −2): β = (6/12, 2/4); 205 + (30 − 26)/2; 18 − 2²/4
	f := must(d.FullerBurmeister())(t)
	if f.Theta != 0.5 || f.SizeCoefficient != 0.5 || f.Value != 207 || f.Variance != 17 {
		t.Errorf("Fuller–Burmeister %+v, want β = (0.5, 0.5), 207 with variance 17", f)
	}
	// C(Ŷ_b, Ŷ_ba) = 9 of V(Ŷ_b) = 25: θ = (4 + 9 + 1)/12 = 7/6, held at 1
	d.B.Covariance[own] = [4]float64{25, 9, 0, 0}
	d.B.Covariance[overlap][own] = 9
	held, free := must(d.Hartley(Bounded))(t), must(d.Hartley(Free))(t)
	if held.Theta != 1 || !near(held.Optimal, 7.0/6, 1e-15) || held.Variance != 10+8-2+25 || !near(free.Variance, 41-square(1.0/6)*12, 1e-12) {
		t.Errorf("Hartley beyond 1: held %+v, free %+v", held, free)
	}
}

func TestPseudoMLByHand(t *testing.T) {
	// V(N̂_ab) = 7 and V(N̂_ba) = 5 with N̂_a = 70 and N̂_b = 50: θ = 1/2, and
	// x²/100 − (1 + 0.15 + 0.25) x + 40 = 0 has the roots 40 and 100:
	// 60/70·140 + 60/50·100 + 40·75/40
	var d DualFrame
	d.A = FrameTotals{Own: 140, Overlap: 60, OwnSize: 70, OverlapSize: 30}
	d.B = FrameTotals{Own: 100, Overlap: 90, OwnSize: 50, OverlapSize: 50}
	d.A.Covariance[overlapSize][overlapSize], d.B.Covariance[overlapSize][overlapSize] = 7, 5
	p := must(d.PseudoML(100, 100))(t)
	if p.Theta != 0.5 || !near(p.OverlapSize, 40, 1e-12) || !near(p.Value, 315, 1e-12) {
		t.Errorf("pseudo-maximum likelihood %+v, want θ = 0.5, overlap 40, total 315", p)
	}
	// Sizes that agree: the root is the common overlap, and the total is Ŷ_a + Ŷ_b + (Ŷ_ab + Ŷ_ba)/2 at θ = 1/2.
	d.A.OwnSize, d.A.OverlapSize, d.B.OwnSize, d.B.OverlapSize = 60, 40, 60, 40
	d.B.Covariance[overlapSize][overlapSize] = 7
	if p := must(d.PseudoML(100, 100))(t); !near(p.OverlapSize, 40, 1e-12) || !near(p.Value, 140+100+75, 1e-12) {
		t.Errorf("pseudo-maximum likelihood of sizes that agree: %+v", p)
	}
}

// The derivatives of the linearised estimator are those of the estimator.
func TestPseudoMLDerivatives(t *testing.T) {
	d := byHand()
	p := pseudoML{0.3, 104, 81}
	_, _, ga, gb := p.at(d)
	for k := range 8 {
		const h = 1e-5
		move := func(by float64) float64 {
			moved := d
			frame := &moved.A
			if k > 3 {
				frame = &moved.B
			}
			*[]*float64{&frame.Own, &frame.Overlap, &frame.OwnSize, &frame.OverlapSize}[k%4] += by
			_, value, _, _ := p.at(moved)
			return value
		}
		if got, want := append(ga[:], gb[:]...)[k], (move(h)-move(-h))/(2*h); !near(got, want, 1e-7) {
			t.Errorf("derivative %d is %v, want %v", k, got, want)
		}
	}
}

// Totals by hand: two strata of two units, the second unit of each in the overlap.
// Stratum 1: z = (2·3, 0) and (0, 2·5): V(own) = 2·(9 + 9), C = −2·(15 + 15), V(overlap) = 2·(25 + 25).
func TestTotalsByHand(t *testing.T) {
	units := []FrameUnit{{1, 1, 3, 2, false, 0}, {1, 2, 5, 2, true, 2}, {2, 1, 1, 4, false, 0}, {2, 2, 1, 4, true, 4}}
	f := must(Totals(units))(t)
	// stratum 2: 4·1 and 4·1: V = 2·(4 + 4) = 16, C = −16
	want := FrameTotals{10, 14, 6, 6, f.Covariance}
	if f != want || f.Covariance[own][own] != 36+16 || f.Covariance[own][overlap] != -60-16 || f.Covariance[overlap][overlap] != 100+16 {
		t.Errorf("totals %+v", f)
	}
	// single frame: weights of the overlap are halved: 10 + 7
	s := must(SingleFrame(units, units))(t)
	if s.Value != 34 || !near(s.Variance, 2*(52-76+29), 1e-12) {
		t.Errorf("single frame %+v, want 34 with variance 10", s)
	}
}

// Hartley's variance is no greater than that of either frame's overlap alone, bounded or not,
// and Fuller and Burmeister's no greater than the free one; exchanging the frames changes nothing.
func TestDualFrameProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() FrameTotals {
			v := drawCovariance(t, 4)
			f := FrameTotals{rapid.Float64Range(1, 99).Draw(t, "own"), rapid.Float64Range(1, 99).Draw(t, "overlap"), rapid.Float64Range(50, 99).Draw(t, "size"), rapid.Float64Range(50, 99).Draw(t, "overlap size"), [4][4]float64{}}
			for i := range v {
				copy(f.Covariance[i][:], v[i])
			}
			return f
		}
		d := DualFrame{draw(), draw()}
		held, err := d.Hartley(Bounded)
		free, err2 := d.Hartley(Free)
		fb, err3 := d.FullerBurmeister()
		if err != nil || err2 != nil || err3 != nil {
			t.Fatal(err, err2, err3)
		}
		for theta := 0.0; theta <= 1; theta += 0.125 {
			if v := variance(d.A.Covariance, [4]float64{1, theta}) + variance(d.B.Covariance, [4]float64{1, 1 - theta}); v < held.Variance*(1-1e-9) {
				t.Fatalf("variance %v at θ = %v is below %v", v, theta, held.Variance)
			}
		}
		if free.Variance > held.Variance*(1+1e-9) || fb.Variance > free.Variance*(1+1e-9) {
			t.Fatalf("variances: Fuller–Burmeister %v, Hartley free %v, bounded %v", fb.Variance, free.Variance, held.Variance)
		}
		e := DualFrame{d.B, d.A}
		h2, _ := e.Hartley(Bounded)
		f2, _ := e.FullerBurmeister()
		p1, err := d.PseudoML(180, 170)
		p2, err2 := e.PseudoML(170, 180)
		if err != nil || err2 != nil || !near(h2.Value, held.Value, 1e-9) || !near(f2.Value, fb.Value, 1e-7) || !near(p1.Value, p2.Value, 1e-9) || !near(p1.Variance, p2.Variance, 1e-9) {
			t.Fatalf("frames exchanged: %+v %+v %+v, %v %v", h2, f2, p2, err, err2)
		}
	})
}

// Samples with replacement of two frames that overlap: every estimator is without bias, its
// variance is right and its interval covers; with the sizes known, pseudo-maximum likelihood has the least.
func TestDualFrameAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(19, 96))
	runs := 3000
	if testing.Short() {
		runs = 600
	}
	const ownA, both, ownB, nA, nB = 4000, 2000, 3000, 300, 200
	population := make([]float64, ownA+both+ownB)
	var truth float64
	for i := range population {
		mean := 20.0
		if i >= ownA {
			mean = 30
		}
		population[i] = mean + 6*random.NormFloat64()
		truth += population[i]
	}
	sample := func(from, size, n, other, otherN int) []FrameUnit {
		units := make([]FrameUnit, n)
		for i := range units {
			k := from + random.IntN(size)
			units[i] = FrameUnit{PSU: int32(i), Y: population[k], Weight: float64(size) / float64(n), Overlap: k >= ownA && k < ownA+both, OtherWeight: float64(other) / float64(otherN)}
		}
		return units
	}
	names := []string{"Hartley", "Fuller–Burmeister", "pseudo-ML", "single frame"}
	mean, squares, said, covered := make([]float64, 4), make([]float64, 4), make([]float64, 4), make([]float64, 4)
	for range runs {
		a, b := sample(0, ownA+both, nA, both+ownB, nB), sample(ownA, both+ownB, nB, ownA+both, nA)
		d := DualFrame{must(Totals(a))(t), must(Totals(b))(t)}
		for i, e := range []Estimate{
			must(d.Hartley(Bounded))(t).Estimate, must(d.FullerBurmeister())(t).Estimate,
			must(d.PseudoML(ownA+both, both+ownB))(t).Estimate, must(SingleFrame(a, b))(t),
		} {
			r := float64(runs)
			mean[i], squares[i], said[i] = mean[i]+e.Value/r, squares[i]+square(e.Value-truth)/r, said[i]+e.Variance/r
			covered[i] += within(e.Value, 1.959964*e.StdErr(), truth) / r
		}
	}
	for i, name := range names {
		t.Logf("%-18s bias %+.3f %% (±%.3f), error %.0f, said %.0f, covered %.1f %%", name, 100*(mean[i]/truth-1), 100*math.Sqrt(squares[i]/float64(runs))/truth, math.Sqrt(squares[i]), math.Sqrt(said[i]), 100*covered[i])
		if math.Abs(mean[i]-truth) > 4*math.Sqrt(squares[i]/float64(runs))+0.001*truth || math.Abs(math.Sqrt(said[i]/squares[i])-1) > 0.08 || covered[i] < 0.925 || covered[i] > 0.97 {
			t.Errorf("%s: see above", name)
		}
	}
	if least := slices.Min(squares); squares[2] > least*1.02 {
		t.Errorf("pseudo-maximum likelihood has an error of %v, another of %v", math.Sqrt(squares[2]), math.Sqrt(least))
	}
}

func TestDualFrameRefusals(t *testing.T) {
	none, negative, nan, unbalanced := byHand(), byHand(), byHand(), byHand()
	none.A.Covariance[overlap], none.B.Covariance[overlap] = [4]float64{}, [4]float64{}
	none.A.Covariance[own][overlap], none.B.Covariance[own][overlap] = 0, 0
	negative.B.Covariance[2][2] = -1
	nan.A.Own = math.NaN()
	unbalanced.A.Covariance[0][1] = 1
	for want, d := range map[string]DualFrame{"have no variance": none, "covariance of frame B: -1": negative, "frame A: NaN": nan, "covariance of frame A": unbalanced} {
		if _, err := d.Hartley(Bounded); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := none.FullerBurmeister(); err == nil || !strings.Contains(err.Error(), "variance 0 of estimate 1") {
		t.Errorf("Fuller–Burmeister without an overlap: %v", err)
	}
	all := byHand()
	all.B.OwnSize = 0
	for want, try := range map[string]func() error{
		"frames of 0 and 80":          func() error { _, err := byHand().PseudoML(0, 80); return err },
		"where one frame holds the":   func() error { _, err := all.PseudoML(100, 80); return err },
		"no units were sampled":       func() error { _, err := Totals(nil); return err },
		"unit 1 has y 1 and weight 0": func() error { _, err := Totals([]FrameUnit{{Y: 1}}); return err },
		"stratum 3 has one primary":   func() error { _, err := Totals([]FrameUnit{{Stratum: 3, Y: 1, Weight: 1}}); return err },
		"unit 1 of frame A is in both": func() error {
			_, err := SingleFrame([]FrameUnit{{Y: 1, Weight: 1, Overlap: true}}, nil)
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
