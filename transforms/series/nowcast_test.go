package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func TestCaseE05ChainLadder(t *testing.T) {
	c := casetable.Open(t, "e05_chainladder_nowcast")
	for name, published := range map[string][2]float64{"GenIns": {18680856, 2447095}, "RAA": {52135, 26909}} { // Mack (1993, 1994)
		in := c.Read("input_" + name + ".csv")
		triangle := make(Triangle, 10)
		for i, v := range in.Numbers("value") {
			month := int(in.Numbers("origin")[i]) - 1
			triangle[month] = append(triangle[month], v)
		}
		d := must(ChainLadder(triangle))(t)
		for k := range d.Factors {
			c.Holds(fmt.Sprintf("%s/factors/%d", name, k), d.Factors[k])
			c.Holds(fmt.Sprintf("%s/sigma2/%d", name, k), d.Variances[k])
		}
		for i, n := range d.Months() {
			c.Holds(fmt.Sprintf("%s/ultimate/%d", name, i), n.Value)
			c.Holds(fmt.Sprintf("%s/ibnr/%d", name, i), n.Outstanding())
			c.Holds(fmt.Sprintf("%s/mack_se/%d", name, i), n.StdErr)
		}
		total := d.Total()
		c.Holds(name+"/total_ibnr", total.Outstanding())
		c.Holds(name+"/total_se", total.StdErr)
		if math.Round(total.Outstanding()) != published[0] || math.Round(total.StdErr) != published[1] {
			t.Errorf("%s: %.0f ± %.0f outstanding, published %.0f ± %.0f", name, total.Outstanding(), total.StdErr, published[0], published[1])
		}
	}
}

// By hand: 100 became 150 and 300 became 410, so that f = 560/400 = 1.4 and
// σ² = 100·0.1² + 300·(410/300 − 1.4)² = 4/3; of 200 there will be 280, with the error
// 280·√(4/3/1.96·(1/200 + 1/400)) = 20.
func TestNowcastByHand(t *testing.T) {
	d := must(ChainLadder(Accumulate([][]float64{{100, 50}, {300, 110}, {200}})))(t)
	n := must(d.At(3, 2))(t)
	if math.Abs(n.Value-280) > 1e-9 || math.Abs(n.StdErr-20) > 1e-9 || math.Abs(n.Completeness()-1/1.4) > 1e-12 || d.Completeness()[1] != 1 {
		t.Errorf("nowcast %+v, want 280 ± 20", n)
	}
	if total := d.Total(); math.Abs(total.Value-840) > 1e-9 || math.Abs(total.StdErr-20) > 1e-9 || total.Latest != 760 {
		t.Errorf("total %+v, want 840 ± 20 of 760", total)
	}
	if before := must(d.At(1, 1))(t); before.Value != 100 || before.StdErr != 0 {
		t.Errorf("a delay that has passed: %+v, want 100", before)
	}
}

// Laws: a complete table has no error; in another unit figures and errors are in that
// unit; the newest month is its first arrivals over the completeness at that delay.
func TestNowcastProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		months, delays := rapid.IntRange(4, 12).Draw(rt, "months"), rapid.IntRange(2, 6).Draw(rt, "delays")
		delays = min(delays, months-1)
		full, partial, other := make(Triangle, months), make(Triangle, months), make(Triangle, months)
		for i := range full {
			full[i] = Accumulate([][]float64{rapid.SliceOfN(rapid.Float64Range(1, 500), delays, delays).Draw(rt, "arrivals")})[0]
			partial[i] = full[i][:min(delays, months-i)]
			for _, v := range partial[i] {
				other[i] = append(other[i], 3*v)
			}
		}
		if total := must(ChainLadder(full))(t).Total(); total.StdErr != 0 || total.Outstanding() != 0 || total.Completeness() != 1 {
			rt.Fatalf("a complete table: %+v", total)
		}
		a, b := must(ChainLadder(partial))(t), must(ChainLadder(other))(t)
		for i, n := range append(a.Months(), a.Total()) {
			m := append(b.Months(), b.Total())[i]
			if math.Abs(m.Value-3*n.Value) > 1e-9*m.Value || math.Abs(m.StdErr-3*n.StdErr) > 1e-9*m.Value {
				rt.Fatalf("month %d: %+v in one unit, %+v in a third of it", i+1, n, m)
			}
			low, high, err := n.RevisionInterval(0.95)
			if err != nil || low > n.Value || high < n.Latest || low < 0 {
				rt.Fatalf("month %d: %+v: %v–%v, %v", i+1, n, low, high, err)
			}
		}
		if n, want := must(a.At(months, delays))(t), partial[months-1][0]/a.Completeness()[0]; math.Abs(n.Value-want) > 1e-9*want {
			rt.Fatalf("latest over completeness %v, nowcast %v", want, n.Value)
		}
	})
}

// Bookings of 24 months arrive over 7 months, more of some months than of others.
// Intervals of the incomplete months and of their sum hold what came where the model is
// true; where the speed differs by month, so that variances grow with the square of the
// size, they hold it less often in the months of the peak, with which the table ends.
func TestNowcastCovers(t *testing.T) {
	const months, delays, runs = 24, 7, 400
	shares := []float64{0.45, 0.25, 0.12, 0.08, 0.05, 0.03, 0.02}
	for _, world := range []struct {
		name       string
		ofTheModel bool
		least      float64
	}{{"true model", true, 0.92}, {"speeds that differ by month", false, 0.85}} {
		random := rand.New(rand.NewPCG(19, 93))
		gamma := func(size float64) float64 { return distuv.Gamma{Alpha: size, Beta: size, Src: random}.Rand() }
		poisson := func(rate float64) float64 { return distuv.Poisson{Lambda: rate, Src: random}.Rand() }
		covered, totals, newest := 0, 0, 0
		var bias float64
		for range runs {
			full, partial := make(Triangle, months), make(Triangle, months)
			for i := range full {
				expected := 400 * math.Exp(0.4*math.Cos(2*math.Pi*float64(i)/12)+0.2*random.NormFloat64())
				var arrivals []float64
				var sum, known float64
				for k, share := range shares {
					rate := expected * share * gamma(20)
					if world.ofTheModel && k > 0 { // mean (f − 1) C, variance 3 (f − 1) C
						rate = sum * share / known
						rate *= gamma(rate / 2)
					}
					arrivals = append(arrivals, poisson(rate))
					sum, known = sum+arrivals[k], known+share
				}
				full[i] = Accumulate([][]float64{arrivals})[0]
				partial[i] = full[i][:min(delays, months-i)]
			}
			d := must(ChainLadder(partial))(t)
			holds := func(n Nowcast, came float64) bool {
				low, high, err := n.RevisionInterval(0.95)
				return err == nil && low <= came && came <= high
			}
			var sum float64
			for i, n := range d.Months() {
				came := full[i][delays-1]
				sum += came
				if len(partial[i]) < delays && holds(n, came) {
					covered++
					if i == months-1 {
						newest++
					}
				}
			}
			if holds(d.Total(), sum) {
				totals++
			}
			bias += (d.Total().Value/sum - 1) / runs
		}
		share := float64(covered) / (runs * (delays - 1))
		t.Logf("%s: 95%% revision intervals that hold what came: of months %.1f%%, of the newest month %.1f%%, of the total %.1f%%; relative bias of the total %+.2f%%",
			world.name, 100*share, 100*float64(newest)/runs, 100*float64(totals)/runs, 100*bias)
		if share < world.least || share > 0.98 || float64(newest) < (world.least-0.02)*runs || float64(totals) < (world.least-0.02)*runs || math.Abs(bias) > 0.01 {
			t.Errorf("%s: months %.3f, newest %d and totals %d of %d, bias %v", world.name, share, newest, totals, runs, bias)
		}
	}
}

func TestNowcastRefusals(t *testing.T) {
	d := must(ChainLadder(Triangle{{1, 2}, {1, 3}, {1}}))(t)
	_, _, levelErr := must(d.At(3, 2))(t).RevisionInterval(95)
	checkRefusals(t, []refusal{
		{second(ChainLadder(Triangle{{1, 2}})), "a triangle of 1 months"},
		{second(ChainLadder(Triangle{{1, 2}, {}})), "nothing is known of month 2"},
		{second(ChainLadder(Triangle{{1, 2}, {1, 2, 3}})), "month 2 has 3 delays"},
		{second(ChainLadder(Triangle{{1, 2}, {-1}})), "month 2, delay 1: -1"},
		{second(ChainLadder(Triangle{{0, 2}, {1}})), "no factor is known"},
		{second(ChainLadder(Triangle{{1, 2}, {1, 2}, {0}})), "nothing has arrived yet of month 3"},
		{second(ChainLadder(Triangle{{0, 0}, {0, 0}})), "from delay 1 to 2 arrivals go from 0 to 0"},
		{second(ChainLadder(Triangle{{1, 2}, {1}})), "one month alone tells the step"},
		{second(d.At(4, 1)), "month 4 at delay 1"},
		{levelErr, "is 95: it must lie between 0 and 1"},
	})
}
