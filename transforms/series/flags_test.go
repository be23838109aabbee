package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func TestCaseE07RobustFlags(t *testing.T) {
	c := casetable.Open(t, "e07_robust_flags")
	y := c.Read("input.csv").Numbers("y")
	z := must(RobustZ(y))(t)
	for i := range 20 {
		c.Holds(fmt.Sprintf("mad_z_first20/%d", i), z[i])
	}
	if months := Beyond(z, 3.5); len(months) != 1 || float64(months[0]) != c.Answer("mad_flags_3.5") {
		t.Errorf("robust z flags %v", months)
	}
	low, high, err := Fence(y, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range y {
		if outside := v < low || v > high; outside != (float64(i+1) == c.Answer("iqr3_flags")) {
			t.Errorf("month %d: %v beside %v–%v", i+1, v, low, high)
		}
	}
	o := must(LogOutliers(Harmonic{Period: 12, Pairs: 1, Trend: true}, y, 0.05))(t)
	for i := range y {
		c.Holds(fmt.Sprintf("rstudent/%d", i), o.Studentised[i])
	}
	c.Holds("bonferroni_cut", o.Limit)
	if !slices.Equal(o.Months, []int{int(c.Answer("flags/0")), int(c.Answer("flags/1"))}) {
		t.Errorf("flags %v", o.Months)
	}
	logs := make([]float64, len(y))
	for i := range y {
		logs[i] = math.Log(y[i])
	}
	chart := must(EWMA(logs, 12, 0.2, 3))(t)
	for i := range y {
		c.Holds(fmt.Sprintf("ewma/%d", i), chart.Averages[i])
	}
	c.Holds("ewma_limits/0", chart.Low)
	c.Holds("ewma_limits/1", chart.High)
}

// By hand: of 1, 2, 3, 4, 100 the median is 3 and the distances 2, 1, 0, 1, 97 have the
// median 1. Quartiles 2 and 4. The average of 1, 3, then 5 with λ = ½ from 2 is 1.5, 2.25, 3.625.
func TestFlagsByHand(t *testing.T) {
	y := []float64{1, 2, 3, 4, 100}
	z := must(RobustZ(y))(t)
	if math.Abs(z[0]+2/1.4826) > 1e-12 || math.Abs(z[4]-97/1.4826) > 1e-12 || !slices.Equal(Beyond(z, 3.5), []int{5}) {
		t.Errorf("robust z %v", z)
	}
	if low, high, err := Fence(y, 1.5); err != nil || low != -1 || high != 7 {
		t.Errorf("fence %v–%v, want -1–7: %v", low, high, err)
	}
	c := must(EWMA([]float64{1, 3, 5}, 2, 0.5, 1))(t)
	if want := []float64{1.5, 2.25, 3.625}; !slices.Equal(c.Averages, want) || math.Abs(c.High-2-math.Sqrt(2.0/3)) > 1e-12 || !slices.Equal(c.Months(), []int{3}) {
		t.Errorf("chart %+v, want %v", c, want)
	}
}

// The quantile is that of the sum of probabilities: with mean 2 and variance 4 the size is
// 2 and P(j) = (j + 1)/2^{j+2}, so that P(Y ≤ 5) = 1/4+1/4+3/16+1/8+5/64+6/128 = 0.9375;
// Poisson of mean 1: P(Y ≤ 3) = 0.98101, P(Y ≤ 4) = 0.99634.
func TestNegativeBinomialQuantile(t *testing.T) {
	for _, q := range []struct{ p, mean, variance, want float64 }{{0.93, 2, 4, 5}, {0.94, 2, 4, 6}, {0.24, 2, 4, 0}, {0.98, 1, 1, 3}, {0.99, 1, 1, 4}} {
		if got := negativeBinomialQuantile(q.p, q.mean, q.variance); got != q.want {
			t.Errorf("quantile %v of mean %v and variance %v is %v, want %v", q.p, q.mean, q.variance, got, q.want)
		}
	}
}

// Laws: neither unit nor zero of a scale moves a robust z; a unit moves no flag of the
// logarithms; more in the month judged is no less of a flag, and its baseline stays.
func TestFlagProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		y := rapid.SliceOfNDistinct(rapid.Float64Range(1, 1000), 30, 40, rapid.ID[float64]).Draw(rt, "y")
		moved, scaled, counts := make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
		for i := range y {
			moved[i], scaled[i], counts[i] = 5*y[i]+40, 7*y[i], math.Round(y[i])
		}
		a, b := must(RobustZ(y))(t), must(RobustZ(moved))(t)
		h := Harmonic{Period: 12, Pairs: 1, Trend: true}
		o, p := must(LogOutliers(h, y, 0.05))(t), must(LogOutliers(h, scaled, 0.05))(t)
		for i := range y {
			if math.Abs(a[i]-b[i]) > 1e-6*(1+math.Abs(a[i])) {
				rt.Fatalf("month %d: z %v, in another unit %v", i+1, a[i], b[i])
			}
			if math.Abs(o.Studentised[i]-p.Studentised[i]) > 1e-6 {
				rt.Fatalf("month %d: residual %v, in another unit %v", i+1, o.Studentised[i], p.Studentised[i])
			}
		}
		f := Farrington{Harmonic: h, Alpha: 0.005}
		e := must(f.Judge(counts, nil))(t)
		counts[len(counts)-1] += 100
		more := must(f.Judge(counts, nil))(t)
		if !(more.Score > e.Score || math.IsInf(e.Score, 1)) || more.Limit != e.Limit || more.Expected != e.Expected || more.Flag() != (more.Score > 1) {
			rt.Fatalf("%+v, and a hundred more: %+v", e, more)
		}
	})
}

// In series where nothing stands out flags are as rare as was asked; a month three
// times as high is found.
func TestFalseAlarms(t *testing.T) {
	const runs, months = 600, 60
	random := rand.New(rand.NewPCG(20, 13))
	h := Harmonic{Period: 12, Pairs: 1, Trend: true}
	series := func(level float64) []float64 {
		y := make([]float64, months)
		for i := range y {
			mu := level * math.Exp(0.005*float64(i)+0.4*math.Cos(2*math.Pi*float64(i)/12))
			mu *= distuv.Gamma{Alpha: mu, Beta: mu, Src: random}.Rand() // variance 2μ
			y[i] = distuv.Poisson{Lambda: mu, Src: random}.Rand()
		}
		return y
	}
	var outliers, ofCounts, charts, found, foundFew float64
	exceed := map[float64]float64{}
	f := Farrington{Harmonic: h, Alpha: 0.01, Recent: 3}
	for range runs {
		y := series(100)
		if len(must(LogOutliers(h, y, 0.05))(t).Months) > 0 {
			ofCounts++ // logarithms of counts are skewed, and of unequal variance
		}
		for i := range y {
			y[i] = math.Exp(5 + 0.005*float64(i) + 0.4*math.Cos(2*math.Pi*float64(i)/12) + 0.15*random.NormFloat64())
		}
		o := must(LogOutliers(h, y, 0.05))(t)
		if len(o.Months) > 0 {
			outliers++
		}
		charts += float64(len(must(EWMA(o.Fit.Residuals, 24, 0.2, 3))(t).Months())) / months
		y[30] *= 3
		if slices.Contains(must(LogOutliers(h, y, 0.05))(t).Months, 31) {
			found++
		}
		for _, level := range []float64{5, 100} {
			y := series(level)
			if must(f.Judge(y, nil))(t).Flag() {
				exceed[level]++
			}
			y[20] *= 4 // a past exceedance does not hide a new one
			y[months-1] = 4 * level * math.Exp(0.005*(months-1)+0.4*math.Cos(2*math.Pi*(months-1)/12))
			if e := must(f.Judge(y, nil))(t); level == 5 && e.Flag() {
				foundFew++
			}
		}
	}
	t.Logf("false flags: of logarithms in %.1f%% of log-normal series and %.1f%% of counts of 100 a month (5%% asked), of EWMA in %.2f%% of months, of the exceedance at 5 a month %.1f%% and at 100 %.1f%% (1%% asked)",
		100*outliers/runs, 100*ofCounts/runs, 100*charts/runs, 100*exceed[5]/runs, 100*exceed[100]/runs)
	t.Logf("found: a month three times as high by logarithms %.1f%%, four times 5 by the exceedance %.1f%%", 100*found/runs, 100*foundFew/runs)
	if outliers/runs > 0.08 || ofCounts/runs > 0.2 || exceed[5]/runs > 0.03 || exceed[100]/runs > 0.03 || found/runs < 0.95 || foundFew/runs < 0.6 {
		t.Errorf("outliers %v, exceedances %v, found %v and %v of %d", outliers, exceed, found, foundFew, runs)
	}
}

// Where nearly nobody is expected one person is no flag if the least worth one is 5.
func TestExceedanceOfFew(t *testing.T) {
	y := make([]float64, 41)
	y[3], y[17], y[40] = 1, 1, 4
	f := Farrington{Harmonic: Harmonic{Period: 12, Pairs: 1}, Alpha: 0.01}
	if e := must(f.Judge(y, nil))(t); !e.Flag() || e.Score <= 1 {
		t.Errorf("four persons where two came in 40 months: %+v", e)
	}
	f.Least = 5
	if e := must(f.Judge(y, nil))(t); e.Flag() || e.Score > 1 || e.Limit != 4 {
		t.Errorf("four persons where five are worth a flag: %+v", e)
	}
}

func TestFlagRefusals(t *testing.T) {
	y := make([]float64, 30)
	for i := range y {
		y[i] = 1
	}
	h := Harmonic{Period: 12, Pairs: 1}
	_, _, fenceErr := Fence(y[:3], 3)
	checkRefusals(t, []refusal{
		{second(RobustZ(y)), "half of the 30 months or more are 1"},
		{second(RobustZ(y[:2])), "2 months were given"},
		{fenceErr, "3 months were given"},
		{second(LogOutliers(h, y, 0.05)), "fits all 30 months exactly"},
		{second(LogOutliers(h, make([]float64, 30), 0.05)), "month 1 is 0: every month must be above 0"},
		{second(LogOutliers(h, y, 5)), "is 5: it must lie between 0 and 1"},
		{second(EWMA(y, 31, 0.2, 3)), "the first 31 of 30 months"},
		{second(EWMA(y, 12, 0, 3)), "λ is 0"},
		{second(EWMA(y, 12, 0.2, 0)), "limits of 0 standard deviations"},
		{second(Farrington{Harmonic: h}.Judge(y, nil)), "is 0: it must lie between"},
		{second(Farrington{Harmonic: h, Alpha: 0.01, Recent: 30}.Judge(y, nil)), "no baseline remains"},
		{second(Farrington{Harmonic: h, Alpha: 0.01}.Judge(y, y[:3])), "30 counts and 3 exposures"},
		{second(Farrington{Harmonic: h, Alpha: 0.01}.Judge(append(slices.Clone(y), -1), nil)), "the count judged is -1"},
		{second(Farrington{Harmonic: h, Alpha: 0.01}.Judge(y, make([]float64, 30))), "the exposure of the month judged is 0"},
		{second(Farrington{Harmonic: h, Alpha: 0.01}.Judge(y[:10], nil)), "9 months were given"},
	})
}
