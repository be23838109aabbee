package main

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kankei/kankei/transforms/capture"
)

// Every law is a distribution of visits with the mean that its name says: 1 + m of a gamma
// mixture of mean m, 1 + e^{1/2} of the log-normal one, which few visits beyond 60 cut.
func TestLawsOfVisits(t *testing.T) {
	for _, c := range []struct {
		visiting
		mean, within float64
	}{
		{low, 2.2, 1e-9}, {middle, 2.5, 1e-9}, {high, 2.5, 1e-6}, {extreme, 3, 1e-3}, {logNormal, 1 + math.Exp(0.5), 5e-3},
		{monthlyVisitors, 0.08*12 + 0.92*2.5, 1e-9}, {nearlyMonthly, 0.08*10.8 + 0.92*2.5, 1e-9}, {gammaAndPoint, 0.1*7 + 0.9*2, 1e-9},
		{twoKinds, 0.2*5 + 0.8*1.5, 1e-9}, {threeKinds, 0.05*11 + 0.25*3 + 0.7*1.3, 1e-9},
		{zipfian, 1.8, 0.1}, // Σ v^−1.5/Σ v^−2.5 up to 60
	} {
		var mean float64
		for v, share := range c.shares {
			if share < 0 {
				t.Errorf("%s: a share of %v for %d visits", c.name, share, v+1)
			}
			mean += float64(v+1) * share
		}
		if all := c.tail(1); math.Abs(all-1) > 1e-9 || math.Abs(mean-c.mean) > c.within {
			t.Errorf("%s: shares add up to %v, mean %v, want 1 and %v", c.name, all, mean, c.mean)
		}
	}
}

// What is seen of a year is what the detection says: of pseudonyms seen once, of those that
// hold two persons, and of persons of whom a visit is seen.
func TestYearIsSeenAsSaid(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 26))
	const persons = 200_000
	seen := func(d capture.Detection) capture.Frequencies { return middle.year(random, persons, d).seen }
	near := func(name string, got, want float64) {
		if math.Abs(got/want-1) > 0.02 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	d := seenWith(0.35)
	plain := seen(d)
	for _, k := range []int{1, 2, 4} {
		near("persons seen", plain.AtLeast(k), persons*middle.seenAtLeast(k, 0.35))
	}
	d.Welded.P = 0.02
	near("pseudonyms, some of two persons", seen(d).Seen(), plain.Seen()/1.02)
	d.Welded.P, d.Missed.P = 0, 0.1
	joined, err := seen(d).Joined(0.9)
	if err != nil {
		t.Fatal(err)
	}
	near("persons of split pseudonyms", joined.Seen(), plain.Seen())
	d.Missed.P, d.Loyalty.P = 0, 0.6
	near("persons, six in ten loyal", seen(d).Seen(), 0.6*0.35*persons+0.4*plain.Seen())
}

// By hand: margins of a half and an odds ratio of 9 leave 3/8 on both lists, for
// (3/8)²/(1/8)² = 9; independent ones a quarter.
func TestTogether(t *testing.T) {
	for odds, want := range map[float64]float64{1: 0.25, 9: 0.375} {
		if got := together(0.5, 0.5, odds); math.Abs(got-want) > 1e-12 {
			t.Errorf("together(½, ½, %v) = %v, want %v", odds, got, want)
		}
	}
}

// What misses its target is bold, and what has no interval has none.
func TestTargetsAreMarked(t *testing.T) {
	r := besideNaive(100, []outcome{
		{value: 104, stdErr: 1, low: 102, high: 106, naive: 95, own: 105},
		{value: 106, stdErr: 1, low: 99, high: 107, naive: 95, own: 120},
	})
	got := target{bias: 2, least: 93, half: true, above: 2.5}.row("x", r)
	for _, want := range []string{"| **+5.00 ± 1.00** |", "| **5.1** | 5.0 |", "| **50.0 ± 35.4** | 50.0 |", "| 0.0 / **50.0** |"} {
		if !strings.Contains(got, want) {
			t.Errorf("row %s lacks %s", got, want)
		}
	}
	if got := (target{bias: 6, least: 50, most: 98}).row("x", r); strings.Contains(got, "**") {
		t.Errorf("row %s is bold where it meets its target", got)
	}
	bare := target{bias: 1, half: true}.row("x", besideNaive(100, []outcome{{value: 99}, {value: 101, naive: 10}}))
	if want := "| `x` | 100 | 2 | +0.00 ± 1.00 | 1.4 | 1.0 | 95.1 | – | – | – | – | – | – | 0 |"; bare != want {
		t.Errorf("row %s, want %s", bare, want)
	}
	if got, want := (target{}).row("x", besideNaive(100, []outcome{{failed: true}, {failed: true}})), "| 2 | – |"; !strings.Contains(got, want) {
		t.Errorf("row %s, want no numbers where all runs failed", got)
	}
}
