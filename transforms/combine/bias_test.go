package combine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/internal/casetable"
)

func TestCaseC07TwoSources(t *testing.T) {
	c := casetable.Open(t, "c07_composite_two_sources")
	areas := sourcesOf(c.Read("input.csv"))
	for i, a := range areas {
		e := must(Pair(a.Survey, a.Booking, a.Covariance, Bounded))(t)
		c.Holds(fmt.Sprintf("phi_survey/%d", i), e.Weights[0])
		c.Holds(fmt.Sprintf("composite/%d", i), e.Value)
		c.Holds(fmt.Sprintf("variance/%d", i), e.Variance)
	}
	reml := must(FitLogBias(areas, REML))(t)
	c.Holds("log_bias/REML/mu", reml.Mu)
	c.Holds("log_bias/REML/se", reml.StdErr)
	c.Holds("log_bias/REML/tau2", reml.Tau2)
	c.Holds("log_bias/REML/Q", reml.Q)
	for i, a := range reml.Areas {
		c.Holds(fmt.Sprintf("log_bias/REML/blup/%d", i), a.BLUP)
	}
	dl := must(FitLogBias(areas, DerSimonianLaird))(t)
	c.Holds("log_bias/DL/mu", dl.Mu)
	c.Holds("log_bias/DL/se", dl.StdErr)
	c.Holds("log_bias/DL/tau2", dl.Tau2)
}

// Equal variances: everything is by hand. d = 0, 1, 2 with v = 0.25: s² = 1, so that REML and
// DerSimonian–Laird both have τ² = 1 − 0.25 and Q = 2/0.25.
func TestLogBiasByHand(t *testing.T) {
	var areas []Sources
	for d := range 3 {
		s := 100 * math.Exp(float64(d))
		areas = append(areas, Sources{Survey: Estimate{s, 0.125 * s * s}, Booking: Estimate{100, 0.125 * 1e4}})
	}
	for _, method := range []Method{REML, DerSimonianLaird} {
		b := must(FitLogBias(areas, method))(t)
		if !near(b.Tau2, 0.75, 1e-9) || !near(b.Mu, 1, 1e-12) || !near(b.StdErr, math.Sqrt(1.0/3), 1e-9) || !near(b.KnappHartung, math.Sqrt(1.0/3), 1e-9) || !near(b.Q, 8, 1e-9) || b.DF != 2 {
			t.Errorf("method %d: %+v", method, b)
		}
		// γ = 0.75; v(τ̂²) = 2(τ² + v)²/(m − 1) = 1; g1 = 0.1875, g2 = 0.0625/3, g3 = 0.0625
		if a := b.Areas[2]; !near(a.BLUP, 1.75, 1e-9) || !near(square(a.StdErr), 0.1875+0.0625/3+2*0.0625, 1e-9) || !near(b.Tau2StdErr, 1, 1e-9) {
			t.Errorf("method %d: area %+v, error of τ² %v", method, a, b.Tau2StdErr)
		}
		// Shares of 1/3: v(b_c)/b_c² = 0.75 + 0.125 + 1/3 − 2/3·0.875 = 0.625, C/(s b_c) = 0.125/3
		k := must(b.Correct(areas, Bounded))(t)[0]
		// φ = (0.625 − 0.125/3)/(0.125 + 0.625 − 0.25/3) = 7/8, v = (0.125·0.625 − (0.125/3)²)/(2/3) + 2·0.125²
		if v := (0.125*0.625-square(0.125/3))*1.5 + 2*square(0.125); !near(k.Weights[0], 0.875, 1e-9) || !near(k.Value, 100*math.Exp(0.125), 1e-9) || !near(k.Variance/square(k.Value), v, 1e-9) {
			t.Errorf("method %d: composite %+v", method, k)
		}
		if value := 100 * math.E; !near(k.Booking.Value, value, 1e-9) || !near(k.Booking.Variance/square(value), 0.625, 1e-9) || !near(k.Covariance/(100*value), 0.125/3, 1e-9) {
			t.Errorf("method %d: corrected %+v", method, k)
		}
	}
}

// A common factor in bookings moves μ and nothing else; equal ratios have no variance between them.
func TestLogBiasOfAFactor(t *testing.T) {
	c := casetable.Open(t, "c07_composite_two_sources")
	areas := sourcesOf(c.Read("input.csv"))
	c.Holds("log_bias/REML/mu", must(FitLogBias(areas, REML))(t).Mu)
	k := must(must(FitLogBias(areas, REML))(t).Correct(areas, Bounded))(t)
	for i := range areas {
		a := &areas[i]
		a.Booking, a.Covariance = Estimate{a.Booking.Value / 3, a.Booking.Variance / 9}, a.Covariance/3
	}
	b := must(FitLogBias(areas, REML))(t)
	c.Holds("log_bias/REML/tau2", b.Tau2)
	c.Holds("log_bias/REML/mu", b.Mu-math.Log(3))
	for i, k3 := range must(b.Correct(areas, Bounded))(t) {
		if !near(k3.Value, k[i].Value, 1e-9) || !near(k3.Variance, k[i].Variance, 1e-9) {
			t.Errorf("area %d: %+v with bookings of another unit, %+v before", i, k3, k[i])
		}
	}
	slices.Reverse(areas)
	turned := must(FitLogBias(areas, REML))(t)
	if n := len(areas); !near(turned.Mu, b.Mu, 1e-12) || !near(turned.Areas[n-1].StdErr, b.Areas[0].StdErr, 1e-9) {
		t.Errorf("areas in reverse: %+v, want %+v", turned, b)
	}
	for i := range areas {
		areas[i].Booking.Value, areas[i].Covariance = areas[i].Survey.Value/2, 0
	}
	if b := must(FitLogBias(areas, REML))(t); b.Tau2 != 0 || !near(b.Mu, math.Log(2), 1e-12) || !near(b.Areas[3].BLUP, math.Log(2), 1e-12) {
		t.Errorf("areas of one ratio: %+v", b)
	}
}

// Intervals of μ, of areas' biases and of the corrected composite against known truths.
func TestLogBiasAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1986))
	runs := 2000
	if testing.Short() {
		runs = 400
	}
	const m, mu, tau2 = 20, 0.4, 0.09
	for _, method := range []Method{REML, DerSimonianLaird} {
		var muCovered, khCovered, blupCovered, covered, alone, rawCovered, rawBias float64
		var tau, bias, squares, variance, surveySquares float64
		for range runs {
			areas, truths, biases := make([]Sources, m), make([]float64, m), make([]float64, m)
			for i := range areas {
				truths[i], biases[i] = 1000*float64(i+1), mu+math.Sqrt(tau2)*random.NormFloat64()
				cvS, cvB := 0.15+0.01*float64(i%10), 0.05
				s := truths[i] * math.Exp(cvS*random.NormFloat64())
				b := truths[i] * math.Exp(-biases[i]+cvB*random.NormFloat64())
				areas[i] = Sources{Survey: Estimate{s, square(cvS * s)}, Booking: Estimate{b, square(cvB * b)}}
			}
			f := must(FitLogBias(areas, method))(t)
			muCovered += within(f.Mu, f.StdErr*1.959964, mu) / float64(runs)
			khCovered += within(f.Mu, f.KnappHartung*distuv.StudentsT{Sigma: 1, Nu: float64(f.DF)}.Quantile(0.975), mu) / float64(runs)
			tau += f.Tau2 / float64(runs)
			for i, k := range must(f.Correct(areas, Bounded))(t) {
				n := float64(runs * m)
				blupCovered += within(f.Areas[i].BLUP, f.Areas[i].StdErr*1.959964, biases[i]) / n
				if low, high := k.LogNormal(0.95); low <= truths[i] && truths[i] <= high {
					covered += 1 / n
				}
				raw := must(Pair(areas[i].Survey, k.Booking, k.Covariance, Bounded))(t)
				rawCovered += within(raw.Value, raw.StdErr()*1.959964, truths[i]) / n
				rawBias += (raw.Value/truths[i] - 1) / n
				alone += within(areas[i].Survey.Value, areas[i].Survey.StdErr()*1.959964, truths[i]) / n
				bias += (k.Value/truths[i] - 1) / n
				squares += square(k.Value/truths[i]-1) / n
				variance += k.Variance / square(truths[i]) / n
				surveySquares += square(areas[i].Survey.Value/truths[i]-1) / n
			}
		}
		t.Logf("method %d: μ covered %.1f %% (Knapp–Hartung %.1f), τ² %.4f of %.4f, biases covered %.1f %%, composites %.1f %% (survey alone %.1f); composite's bias %+.1f %%, error %.3f, said %.3f, survey's %.3f; on the scale of the figures covered %.1f %%, bias %+.1f %%",
			method, 100*muCovered, 100*khCovered, tau, tau2, 100*blupCovered, 100*covered, 100*alone, 100*bias, math.Sqrt(squares), math.Sqrt(variance), math.Sqrt(surveySquares), 100*rawCovered, 100*rawBias)
		if khCovered < 0.93 || khCovered > 0.975 || muCovered < 0.91 || blupCovered < 0.93 || covered < 0.92 || covered > 0.975 || math.Abs(tau/tau2-1) > 0.08 || squares > surveySquares || math.Abs(bias) > 0.03 {
			t.Errorf("method %d: see above", method)
		}
	}
}

// within is 1 where the truth is no further than a half width from an estimate.
func within(estimate, half, truth float64) float64 {
	if math.Abs(estimate-truth) <= half {
		return 1
	}
	return 0
}

func TestLogBiasRefusals(t *testing.T) {
	a := Sources{Survey: Estimate{10, 4}, Booking: Estimate{5, 1}}
	zero, wrong := a, a
	zero.Booking.Value, wrong.Covariance = 0, -2
	for _, c := range []struct {
		areas  []Sources
		method Method
		want   string
	}{
		{[]Sources{a, a}, REML, "of 2 areas"},
		{[]Sources{a, a, zero}, REML, "area 3: booking estimate 0"},
		{[]Sources{a, wrong, a}, REML, "area 2: covariance -2"},
		{[]Sources{a, a, a}, 7, "method 7"},
	} {
		if _, err := FitLogBias(c.areas, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	f := must(FitLogBias([]Sources{a, a, a}, REML))(t)
	other := a
	other.Booking.Value = 6
	for _, areas := range [][]Sources{{a}, {a, a, zero}, {a, a, other}} {
		if _, err := f.Correct(areas, Bounded); err == nil || !strings.Contains(err.Error(), "correction of") {
			t.Errorf("correction of %v: error %v", areas, err)
		}
	}
}
