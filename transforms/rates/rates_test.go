package rates

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1e-6, math.Abs(want))
}

func TestCaseD10BinomialIntervals(t *testing.T) {
	c := casetable.Open(t, "d10_binom_ci")
	input := c.Read("input.csv")
	methods := []struct {
		method Method
		edges  bool // the case has x = 0 and x = n
	}{{AgrestiCoull, true}, {Wald, false}, {Cloglog, false}, {ClopperPearson, true}, {Logit, false}, {Wilson, true}}
	row := 0
	hold := func(path string, method Method, x, n string) {
		events, _ := strconv.ParseInt(x, 10, 64)
		persons, _ := strconv.ParseInt(n, 10, 64)
		if c.Answer(path+"/x") != float64(events) || c.Answer(path+"/n") != float64(persons) {
			t.Fatalf("%s is not of %s among %s", path, x, n)
		}
		low, high, err := Interval(events, persons, method, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if low == 0 && c.Answer(path+"/lower") < 1e-15 {
			low = c.Answer(path + "/lower") // what rounding leaves of 0 in the authority
		}
		c.Holds(path+"/lower", low)
		c.Holds(path+"/upper", high)
	}
	for _, m := range methods {
		for i, x := range input["x"] {
			if n := input["n"][i]; m.edges || x != "0" && x != n {
				hold(fmt.Sprintf("binom/%d", row), m.method, x, n)
				row++
			}
		}
	}
	for i, x := range input["x"] {
		hold(fmt.Sprintf("jeffreys/%d", i), Jeffreys, x, input["n"][i])
	}
}

func TestIntervalsByHand(t *testing.T) {
	for _, want := range []struct {
		method    Method
		x, n      int64
		low, high float64
		tolerance float64
	}{
		{Wilson, 15, 148, 0.0624, 0.1605, 5e-4},                                // Newcombe (1998), table I
		{ClopperPearson, 15, 148, 0.0578, 0.1617, 1e-3},                        // the same
		{ClopperPearson, 0, 10, 0, 1 - math.Pow(0.025, 0.1), 1e-12},            // (1 − p)^10 = 0.025
		{Wald, 0, 10, 0, 1 - math.Pow(0.025, 0.1), 1e-12},                      // no variance: Clopper–Pearson
		{Logit, 10, 10, math.Pow(0.025, 0.1), 1, 1e-12},                        // the same at the other end
		{Wilson, 0, 4, 0, 1.959964 * 1.959964 / (4 + 1.959964*1.959964), 1e-6}, // z²/(n + z²)
		{Wald, 50, 100, 0.5 - 1.959964*0.05, 0.5 + 1.959964*0.05, 1e-6},
		{Wilson, 0, 0, 0, 1, 0},
		{Jeffreys, 0, 0, 0, 1, 0},
	} {
		low, high, err := Interval(want.x, want.n, want.method, 0.95)
		if err != nil || !near(low, want.low, want.tolerance) || !near(high, want.high, want.tolerance) {
			t.Errorf("%v of %d among %d: %v to %v (%v), want %v to %v", want.method, want.x, want.n, low, high, err, want.low, want.high)
		}
	}
	for _, refused := range []struct {
		x, n   int64
		method Method
		level  float64
	}{{-1, 3, Wilson, 0.95}, {4, 3, Wilson, 0.95}, {1, 3, Wilson, 1}, {1, 3, Wilson, math.NaN()}, {1, 3, Method(99), 0.95}} {
		if low, high, err := Interval(refused.x, refused.n, refused.method, refused.level); err == nil {
			t.Errorf("%+v: %v to %v, want an error", refused, low, high)
		}
	}
	for x, want := range map[int64]Method{0: Jeffreys, 1: Jeffreys, 2: Wilson, 8: Wilson, 9: Jeffreys, 10: Jeffreys} {
		if got := DefaultMethod(x, 10); got != want {
			t.Errorf("%d of 10: %v, want %v", x, got, want)
		}
	}
}

// Whatever was seen: the interval is in order and about the share, that of the others is
// its mirror (cloglog alone is not symmetric), and a higher level contains a lower one
// (but for Agresti & Coull's of few persons, whose center moves).
func TestIntervalProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64Range(1, 5000).Draw(rt, "n")
		x := rapid.Int64Range(0, n).Draw(rt, "x")
		method := Method(rapid.IntRange(0, 6).Draw(rt, "method"))
		low, high, err := Interval(x, n, method, 0.95)
		if err != nil {
			rt.Fatal(err)
		}
		p := float64(x) / float64(n)
		if !(low <= p+1e-12 && p <= high+1e-12 && low < high) {
			rt.Fatalf("%v of %d among %d: %v to %v", method, x, n, low, high)
		}
		wideLow, wideHigh, _ := Interval(x, n, method, 0.99)
		if method != AgrestiCoull && (wideLow > low+1e-12 || wideHigh < high-1e-12) {
			rt.Fatalf("%v of %d among %d: 95 %% %v to %v, 99 %% %v to %v", method, x, n, low, high, wideLow, wideHigh)
		}
		mirrorLow, mirrorHigh, _ := Interval(n-x, n, method, 0.95)
		if method != Cloglog && (math.Abs(1-mirrorHigh-low) > 1e-9 || math.Abs(1-mirrorLow-high) > 1e-9) {
			rt.Fatalf("%v of %d among %d: %v to %v, mirrored %v to %v", method, x, n, low, high, 1-mirrorHigh, 1-mirrorLow)
		}
	})
}

// held is how often an interval holds, summed over all that can be seen: no simulation.
func held(n int64, p float64, method func(x int64) Method) (sum float64) {
	law := distuv.Binomial{N: float64(n), P: p}
	for x := range n + 1 {
		if low, high, _ := Interval(x, n, method(x), 0.95); low <= p && p <= high {
			sum += law.Prob(float64(x))
		}
	}
	return sum
}

// Of rates of 0.1 to 5 % among 50 to 1,000 persons the mean coverages are as Brown, Cai &
// DasGupta's figures show: Wilson and Jeffreys about their level, Clopper & Pearson never
// below it, Wald below, although at x = 0 it has Clopper & Pearson's end.
func TestIntervalsHold(t *testing.T) {
	fixed := func(m Method) func(int64) Method { return func(int64) Method { return m } }
	mean := func(n int64, method func(int64) Method) (sum, least float64) {
		least = 1
		for p := 0.00125; p < 0.05; p += 0.0005 {
			c := held(n, p, method)
			sum, least = sum+c/98, min(least, c)
		}
		return sum, least
	}
	sizes := []int64{50, 200, 1000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		usual, _ := mean(n, func(x int64) Method { return DefaultMethod(x, n) })
		wilson, _ := mean(n, fixed(Wilson))
		jeffreys, _ := mean(n, fixed(Jeffreys))
		exact, least := mean(n, fixed(ClopperPearson))
		wald, _ := mean(n, fixed(Wald))
		t.Logf("n = %d: default %.3f, Wilson %.3f, Jeffreys %.3f, Clopper–Pearson %.3f (least %.3f), Wald %.3f", n, usual, wilson, jeffreys, exact, least, wald)
		for name, c := range map[string]float64{"default": usual, "Wilson": wilson, "Jeffreys": jeffreys} {
			if c < 0.945 || c > 0.98 {
				t.Errorf("n = %d: %s holds in %.4f", n, name, c)
			}
		}
		if least < 0.95 || n >= 200 && wald > wilson-0.008 {
			t.Errorf("n = %d: Clopper–Pearson holds in at least %.4f, Wald in %.4f", n, least, wald)
		}
	}
}
