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

// By hand: with p = 2 the same months have w = 1, u = (100² + 300²)/400² = 0.625 and
// σ² = (0.1² + (1/30)²)/(2 − 2 + 0.625·2) = 2/225.
func TestPowerByHand(t *testing.T) {
	table := Triangle{{100, 150}, {300, 410}, {200}}
	n := must(must(ChainLadderOfPower(table, 2))(t).At(3, 2))(t)
	if want := 280 * math.Sqrt(2.0/225/1.96*(1+0.625)); math.Abs(n.Value-280) > 1e-9 || math.Abs(n.StdErr-want) > 1e-9 || n.DF != 1 {
		t.Errorf("nowcast %+v, want 280 ± %v with 1 degree of freedom", n, want)
	}
	if p := must(VariancePower(Triangle{{5, 10}, {7, 14}, {9}}))(t); math.Abs(p-1.5) > 1e-12 {
		t.Errorf("months without scatter tell a power of %v, want 1.5", p)
	}
}

// By hand: factors 1.5 then 1.1, 1.3 then 0.9, and 1.4 then 138/140 go together. They
// foretell 140 of 100 where 165, 117 and 138 came: Σ of squares 1158/140². Expected are
// 1/1.4²·2/100 of the first step, σ² = 1, and σ₂² (1/150 + 1/130 + 1/140 − 3/420) of the
// second, σ₂² = (150·0.1² + 130·0.1² + 140·(2/140)²)/2; the weights of 100 are all equal.
func TestHindcastByHand(t *testing.T) {
	d := must(ChainLadder(Triangle{{100, 150, 165}, {100, 130, 117}, {100, 140, 138}, {200}}))(t)
	second := (1.5 + 1.3 + 4.0/140) / 2 * (1.0/150 + 1.0/130 + 1.0/140 - 3.0/420)
	want := 1158.0 / square(140) / (0.02/1.96 + second)
	before, after := must(d.At(4, 3))(t), must(d.Hindcast().At(4, 3))(t)
	if h := square(after.StdErr / before.StdErr); math.Abs(h-want) > 1e-9 || after.Value != before.Value || after.DF != 2 {
		t.Errorf("errors squared are scaled by %v with %v degrees of freedom, want %v with 2", h, after.DF, want)
	}
	if next := must(d.Hindcast().At(4, 2))(t); next != must(d.At(4, 2))(t) {
		t.Errorf("one step is scaled: %+v", next)
	}
	if total := d.Hindcast().Total(); math.Abs(total.StdErr-after.StdErr) > 1e-9 {
		t.Errorf("the total %+v, whose one incomplete month is %+v", total, after)
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
		p, q := must(VariancePower(partial))(t), must(VariancePower(other))(t)
		if math.Abs(p-q) > 1e-6 || p < 1 || p > 2 {
			rt.Fatalf("power %v in one unit, %v in a third of it", p, q)
		}
		a, b := must(ChainLadderOfPower(partial, p))(t).Hindcast(), must(ChainLadderOfPower(other, p))(t).Hindcast()
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

// Bookings arrive over 7 months, more of some months than of others. Intervals of the
// months that are incomplete, of the newest and of their sum hold what came as often as
// asked, whether Mack's model is true or speeds differ by month, in a long history and in
// a short one; Mack's own do not where speeds differ: the first arrivals then move all
// later factors together.
func TestNowcastCovers(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of triangles")
	}
	const runs = 800
	monteCarlo := math.Sqrt(0.95 * 0.05 / runs) // standard error of a share of 95 %
	allowed := map[string]float64{"months": 0.01, "newest": 0.01, "total": 0.02}
	for _, world := range []struct {
		name       string
		ofTheModel bool
		months     int
		level      float64 // arrivals of a month
	}{
		{"true model", true, 24, 400}, {"speeds that differ by month", false, 24, 400},
		{"speeds that differ by month, of few arrivals", false, 24, 60},
		{"true model, 12 months", true, 12, 400}, {"speeds that differ by month, 12 months", false, 12, 400},
	} {
		random := rand.New(rand.NewPCG(19, 93))
		var mack, own coverage
		var power float64
		for range runs {
			full, partial := arrive(random, world.ofTheModel, world.months, world.level)
			p := must(VariancePower(partial))(t)
			power += p / runs
			mack.see(must(ChainLadder(partial))(t), full)
			own.see(must(ChainLadderOfPower(partial, p))(t).Hindcast(), full)
		}
		t.Logf("%-46s power %.2f; Mack: %v; hindcast: %v", world.name, power, mack, own)
		for name, share := range map[string]float64{"months": own.months(), "newest": own.newest / runs, "total": own.total / runs} {
			if math.Abs(share-0.95) > allowed[name]+3*monteCarlo {
				t.Errorf("%s: 95%% intervals of %s hold what came in %.3f of %d runs", world.name, name, share, runs)
			}
		}
		if math.Abs(own.bias/runs) > 0.01 {
			t.Errorf("%s: relative bias of the total %v", world.name, own.bias/runs)
		}
		if !world.ofTheModel && world.level > 100 && own.months() <= mack.months() {
			t.Errorf("%s: hindcast %.3f holds no more than Mack's %.3f", world.name, own.months(), mack.months())
		}
	}
}

// arrive draws what comes of months over 7 delays, and what of it is seen at the end of
// the last of them.
func arrive(random *rand.Rand, ofTheModel bool, months int, level float64) (full, partial Triangle) {
	shares := []float64{0.45, 0.25, 0.12, 0.08, 0.05, 0.03, 0.02}
	gamma := func(size float64) float64 { return distuv.Gamma{Alpha: size, Beta: size, Src: random}.Rand() }
	for i := range months {
		expected := level * math.Exp(0.4*math.Cos(2*math.Pi*float64(i)/12)+0.2*random.NormFloat64())
		var arrivals []float64
		var sum, known float64
		for k, share := range shares {
			rate := expected * share * gamma(20)
			if ofTheModel && k > 0 { // mean (f − 1) C, variance 3 (f − 1) C
				rate = sum * share / known
				rate *= gamma(rate / 2)
			}
			arrivals = append(arrivals, distuv.Poisson{Lambda: rate, Src: random}.Rand())
			sum, known = sum+arrivals[k], known+share
		}
		full = append(full, Accumulate([][]float64{arrivals})[0])
		partial = append(partial, full[i][:min(len(shares), months-i)])
	}
	return full, partial
}

// coverage counts 95 % revision intervals that hold what came.
type coverage struct{ held, seen, newest, total, bias, runs float64 }

func (c *coverage) see(d Development, full Triangle) {
	holds := func(n Nowcast, came float64) float64 {
		if low, high, err := n.RevisionInterval(0.95); err == nil && low <= came && came <= high {
			return 1
		}
		return 0
	}
	var all float64
	last := len(full[0]) - 1
	for i, n := range d.Months() {
		all += full[i][last]
		if len(d.triangle[i]) > last {
			continue
		}
		held := holds(n, full[i][last])
		c.held, c.seen = c.held+held, c.seen+1
		if i == len(full)-1 {
			c.newest += held
		}
	}
	c.total += holds(d.Total(), all)
	c.bias += d.Total().Value/all - 1
	c.runs++
}

func (c coverage) months() float64 { return c.held / c.seen }

func (c coverage) String() string {
	return fmt.Sprintf("months %.1f%%, newest %.1f%%, total %.1f%%, bias %+.2f%%", 100*c.months(), 100*c.newest/c.runs, 100*c.total/c.runs, 100*c.bias/c.runs)
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
		{second(ChainLadderOfPower(Triangle{{1, 2}, {1}}, 3)), "the power 3"},
		{second(VariancePower(Triangle{{1, 2}})), "a triangle of 1 months"},
		{second(d.At(4, 1)), "month 4 at delay 1"},
		{levelErr, "is 95: it must lie between 0 and 1"},
	})
}
