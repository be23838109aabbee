package series

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// Mean 2 and variance 4 are P(j) = (j + 1)/2^{j+2}: P(Y ≥ 3) = 5/16 and P(Y ≤ 0) = 1/4;
// Poisson of mean 1: P(Y ≥ 3) = 1 − 2.5/e and P(Y ≤ 0) = 1/e.
func TestTailScore(t *testing.T) {
	normal := distuv.UnitNormal.Quantile
	for _, s := range []struct{ count, mean, variance, want float64 }{
		{3, 2, 4, -normal(5.0 / 16)}, {3.7, 2, 4, -normal(5.0 / 16)}, {0, 2, 4, normal(0.25)}, {1, 2, 4, 0}, {2, 2, 4, 0},
		{3, 1, 1, -normal(1 - 2.5/math.E)}, {0, 1, 1, normal(1 / math.E)}, {0, 0, 0, 0},
	} {
		if got := tailScore(s.count, s.mean, s.variance); math.Abs(got-s.want) > 1e-9 {
			t.Errorf("score of %v at mean %v and variance %v is %v, want %v", s.count, s.mean, s.variance, got, s.want)
		}
	}
}

// By hand: log-normal of mean 100 and variance 100² (e^{0.04} − 1) = 408 has s = 0.2, so that
// 150 scores (ln 1.5 + 0.02)/0.2 = 2.127 there, nearer to 0 than by the negative binomial.
func TestLikelierScore(t *testing.T) {
	variance := 1e4 * math.Expm1(0.04)
	if got, want := likelierScore(150, 100, variance), (math.Log(1.5)+0.02)/0.2; math.Abs(got-want) > 1e-9 {
		t.Errorf("150 scores %v, want %v", got, want)
	}
	if got, want := likelierScore(50, 100, variance), tailScore(50, 100, variance); got != want {
		t.Errorf("50 scores %v, want %v of the negative binomial", got, want)
	}
	if got, want := likelierScore(0, 2, 4), tailScore(0, 2, 4); got != want {
		t.Errorf("nobody scores %v, want %v", got, want)
	}
}

// Laws: a month has no part in what is expected of it; the more it counts the higher it
// scores.
func TestOutlyingCountsProperties(t *testing.T) {
	h := Harmonic{Period: 12, Pairs: 1}
	rapid.Check(t, func(rt *rapid.T) {
		y := make([]float64, 30)
		for i := range y {
			y[i] = float64(rapid.IntRange(1, 40).Draw(rt, "y"))
		}
		at := rapid.IntRange(0, 29).Draw(rt, "month")
		before := must(OutlyingCounts(h, y, nil, 0.05))(t)
		y[at] += 15
		after := must(OutlyingCounts(h, y, nil, 0.05))(t)
		if math.Abs(after.Expected[at]-before.Expected[at]) > 1e-6*before.Expected[at] || after.Score[at] < before.Score[at]-1e-6 {
			rt.Fatalf("month %d: expected %v and scored %v, with 15 more %v and %v", at+1, before.Expected[at], before.Score[at], after.Expected[at], after.Score[at])
		}
	})
}

// In series where nothing stands out flags are as rare as asked, whether persons come
// by chance at twice Poisson's variance, of few or of many, or all months scatter by the
// same share; logarithms flag too many of counts. Of 100 a month one of three times its level
// and one of nobody are found; of 5 a month nobody is no flag.
func TestFalseAlarmsOfCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of series")
	}
	const runs, months = 300, 60
	h := Harmonic{Period: 12, Pairs: 1, Trend: true}
	for _, world := range []struct {
		name         string
		level, share float64
	}{
		{"5 a month, twice Poisson's variance", 5, 0},
		{"100 a month, twice Poisson's variance", 100, 0},
		{"1,000 a month that scatter by 15 %", 1000, 0.15},
	} {
		random := rand.New(rand.NewPCG(20, 13))
		var alarms, logarithms, found, empty float64
		for range runs {
			y := make([]float64, months)
			for i := range y {
				mu := world.level * math.Exp(0.005*float64(i)+0.4*math.Cos(2*math.Pi*float64(i)/12))
				if world.share > 0 {
					mu *= math.Exp(world.share * random.NormFloat64())
				} else {
					mu *= distuv.Gamma{Alpha: mu, Beta: mu, Src: random}.Rand()
				}
				y[i] = distuv.Poisson{Lambda: mu, Src: random}.Rand()
			}
			o := must(OutlyingCounts(h, y, nil, 0.05))(t)
			if len(o.Months) > 0 {
				alarms++
			}
			if l, err := LogOutliers(h, y, 0.05); err == nil && len(l.Months) > 0 {
				logarithms++
			}
			y[30], y[50] = 3*o.Expected[30], 0
			o = must(OutlyingCounts(h, y, nil, 0.05))(t)
			if slices.Contains(o.Months, 31) {
				found++
			}
			if slices.Contains(o.Months, 51) {
				empty++
			}
		}
		t.Logf("%-38s false flags in %.1f%% of series, of logarithms %.1f%% (5%% asked); found: three times the level %.1f%%, nobody %.1f%%", world.name, 100*alarms/runs, 100*logarithms/runs, 100*found/runs, 100*empty/runs)
		if limit := 0.06 + 3*math.Sqrt(0.05*0.95/runs); alarms/runs > limit {
			t.Errorf("%s: false flags in %.3f of %d series, want %.3f at most", world.name, alarms/runs, runs, limit)
		}
		if world.level >= 100 && (found < 0.95*runs || empty < 0.95*runs) {
			t.Errorf("%s: found %v and %v of %d", world.name, found, empty, runs)
		}
	}
}
