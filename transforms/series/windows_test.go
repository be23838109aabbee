package series

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// By hand: windows of 3 months that end 1 apart share 2 of 3. Of months 1 to 4 with
// variances 1, 2, 3, 4 they have the variances 6 and 9 and share 5. Replicates 1, 3 and
// 2, 6 about 2 and 4 with a = 1/2 have the variances 1 and 4 and the covariance 2.
func TestWindowsByHand(t *testing.T) {
	if share := must(SharedMonths(3, -1))(t); math.Abs(share-2.0/3) > 1e-15 {
		t.Errorf("share %v, want 2/3", share)
	}
	if c := must(OfWindows(6, 9, 4, 9, 3, 1))(t); c.First != 6 || math.Abs(c.Covariance-4) > 1e-12 {
		t.Errorf("windows %+v, want a covariance of 4", c)
	}
	months := []float64{10, 20, 30, 40}
	if c := must(OfMonths(months, []float64{1, 2, 3, 4}, 3, 3, 4))(t); c != (Change{60, 90, 6, 9, 5}) {
		t.Errorf("months %+v, want 60, 90, 6, 9, 5", c)
	}
	r := Replicated{[]float64{1, 3}, []float64{2, 6}, []float64{0.5, 0.5}, false}
	if c := must(OfReplicates(2, 4, r))(t); c != (Change{2, 4, 1, 4, 2}) {
		t.Errorf("replicates %+v, want 2, 4, 1, 4, 2", c)
	}
	r.AboutEstimate = true // 1 more each: v + 1 and c + 1
	if c := must(OfReplicates(3, 5, r))(t); c != (Change{3, 5, 2, 5, 3}) {
		t.Errorf("replicates about 3 and 5: %+v, want variances 2 and 5 and covariance 3", c)
	}
}

// Laws: windows of one variance a month are those of their months; the difference has
// the variance of the months that are not shared; replicates of the difference have the
// variance of the difference; the same window twice has not changed.
func TestWindowProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(rt, "months")
		window := rapid.IntRange(1, n).Draw(rt, "window")
		end := rapid.IntRange(window, n)
		first, second := end.Draw(rt, "first"), end.Draw(rt, "second")
		draw := func(name string, low float64) []float64 {
			return rapid.SliceOfN(rapid.Float64Range(low, 100), n, n).Draw(rt, name)
		}
		values, variances, equal := draw("y", 1), draw("v", 0), make([]float64, n)
		var apart float64
		for i := range equal {
			equal[i] = 2
			if a, b := i < first && i >= first-window, i < second && i >= second-window; a != b {
				apart += variances[i]
			}
		}
		c := must(OfMonths(values, variances, window, first, second))(t)
		if d := must(c.Difference())(t); math.Abs(square(d.StdErr)-apart) > 1e-9*(1+c.FirstVariance) {
			rt.Fatalf("%+v: variance %v of the months that are not shared", d, apart)
		}
		a := must(OfMonths(values, equal, window, first, second))(t)
		b := must(OfWindows(a.First, a.Second, a.FirstVariance, a.SecondVariance, window, second-first))(t)
		if math.Abs(a.Covariance-b.Covariance) > 1e-9 {
			rt.Fatalf("of months %+v, of windows %+v", a, b)
		}
		if same := must(must(OfMonths(values, variances, window, first, first))(t).Difference())(t); same != (Estimate{}) {
			rt.Fatalf("the same window twice: %+v", same)
		}
		if n < 2 {
			return
		}
		r := Replicated{values, variances, equal, rapid.Bool().Draw(rt, "about")}
		change := must(OfReplicates(50, 60, r))(t)
		centre := mean(variances) - mean(values)
		if r.AboutEstimate {
			centre = 10
		}
		var direct float64
		for i := range values {
			direct += 2 * square(variances[i]-values[i]-centre)
		}
		if d := must(change.Difference())(t); math.Abs(square(d.StdErr)-direct) > 1e-6*(1+direct) {
			rt.Fatalf("%+v, of replicates of the difference %v", d, direct)
		}
	})
}

// Sums of 12 independent months, 3 months apart: intervals of the difference and of
// growth hold them as often as asked.
func TestChangeOfWindowsCovers(t *testing.T) {
	const runs, window, apart = 2000, 12, 3
	random := rand.New(rand.NewPCG(12, 3))
	var covered, grown float64
	for range runs {
		var values, variances []float64
		var before, after float64 // what the windows truly sum to
		for i := range window + apart {
			truth, sd := 100+5*float64(i), 3+float64(i%4)
			values, variances = append(values, truth+sd*random.NormFloat64()), append(variances, sd*sd)
			if i < window {
				before += truth
			}
			if i >= apart {
				after += truth
			}
		}
		c := must(OfMonths(values, variances, window, window, window+apart))(t)
		if low, high, err := must(c.Difference())(t).Interval(0.95); err == nil && low <= after-before && after-before <= high {
			covered++
		}
		if low, high, err := must(c.Growth())(t).Interval(0.95); err == nil && low <= after/before-1 && after/before-1 <= high {
			grown++
		}
	}
	t.Logf("95%% intervals of windows that share 9 of 12 months hold the difference in %.1f%%, growth in %.1f%%", 100*covered/runs, 100*grown/runs)
	if limit := 3 * math.Sqrt(0.95*0.05/runs); math.Abs(covered/runs-0.95) > limit || math.Abs(grown/runs-0.95) > limit {
		t.Errorf("difference %v and growth %v of %d", covered, grown, runs)
	}
}

func TestWindowRefusals(t *testing.T) {
	one := []float64{1, 1}
	checkRefusals(t, []refusal{
		{second(SharedMonths(0, 1)), "a window of 0 months"},
		{second(OfWindows(1, 1, -1, 1, 12, 1)), "variances of -1 and 1"},
		{second(OfWindows(1, 1, 1, 1, 0, 1)), "a window of 0 months"},
		{second(OfMonths(one, one[:1], 1, 1, 2)), "2 months and 1 variances"},
		{second(OfMonths(one, one, 2, 1, 2)), "end with months 1 and 2 of 2"},
		{second(OfMonths(one, []float64{1, -1}, 1, 1, 2)), "variance of month 2 is -1"},
		{second(OfReplicates(1, 1, Replicated{one, one[:1], one, false})), "2 and 1 replicates"},
		{second(OfReplicates(1, 1, Replicated{one, one, []float64{1, -1}, false})), "coefficient of replicate 2 is -1"},
	})
}
