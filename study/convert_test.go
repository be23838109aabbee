package main

import (
	"math"
	"math/rand/v2"
	"testing"
)

// By hand, a month having 30.4 days: two trips in one month enter on the second; trips 11 months
// apart do, and 12 months apart do not; a trip more in the month of entry counts and moves the
// day.
func TestEnters(t *testing.T) {
	for _, c := range []struct {
		trips      []int32
		on, within int32
	}{
		{[]int32{1, 5}, 5, 2}, {[]int32{1, 340}, 340, 2}, {[]int32{1, 370}, never, 0}, {[]int32{1, 5, 20, 40}, 20, 3},
		{[]int32{1, 370, 380, 500}, 380, 2}, {[]int32{7}, never, 0}, {nil, never, 0},
	} {
		if on, within := enters(c.trips); on != c.on || within != c.within {
			t.Errorf("enters(%v) = %d, %d, want %d, %d", c.trips, on, within, c.on, c.within)
		}
	}
}

// Without moves elsewhere the incidence is 1 − exp(−∫h): by hand over years ½ to 2 of a hazard
// of 0.2 and then 0.1, 1 − exp(−0.1 − 0.1). Drawn persons move as often as it says.
func TestIncidence(t *testing.T) {
	alone := following{hazards: [2]float64{0.2, 0.1}}
	if got, want := alone.incidence(1, 0.5, 1.5), -math.Expm1(-0.2); math.Abs(got-want) > 1e-12 {
		t.Errorf("incidence %v, want %v", got, want)
	}
	f := following{hazards: [2]float64{0.2, 0.1}, elsewhere: 0.3}
	random, moved := rand.New(rand.NewPCG(1, 6)), 0.0
	for range 40_000 {
		if years, here := f.leaves(random, 1.5); here && years <= 3 {
			moved++
		}
	}
	if got, want := moved/40_000, f.incidence(1.5, 0, 3); math.Abs(got-want) > 0.01 { // 4.4 standard deviations
		t.Errorf("%v of the persons drawn have moved in, want %v", got, want)
	}
}

// Of each year so many answer as are said to, and of the related more where they answer more
// readily. Who is in search has begun in the half year before the move.
func TestAnswered(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	a := arriving{answers: [2]float64{0.5, 0.5}, searching: 0.3}
	all := a.arrivals()
	if got, want := float64(len(a.answered(random, all))), float64(len(all))/2; math.Abs(got-want) > 2 {
		t.Errorf("%v of %d answer, want half of each year", got, len(all))
	}
	var others, inSearch float64
	for _, m := range all {
		switch {
		case m.related && m.MovedOn-*m.RelatedSince < beyondHalf:
			t.Fatalf("related for %d days", m.MovedOn-*m.RelatedSince)
		case !m.related:
			others++
			if *m.RelatedBefore {
				inSearch++
			}
		}
	}
	if share := inSearch / others; math.Abs(share-0.3) > 0.06 { // four standard deviations
		t.Errorf("%v of the others came in search, want 0.3", share)
	}
	a.answers = [2]float64{0, 1}
	for _, m := range a.answered(random, all) {
		if !*m.RelatedBefore {
			t.Fatal("one who is not related answers")
		}
	}
}

// By hand: of values 0.1 and 0.3 the mean is 0.2 ± 0.1, 0.2 from the truth; standard errors of
// 0.1 are 29 % too small for a standard deviation of 0.141; an effect is found in half.
func TestNullRow(t *testing.T) {
	runs := []nullRun{{value: 0.1, stdErr: 0.1, naive: 1, naivelyFound: true}, {value: 0.3, stdErr: 0.1, naive: 1, found: true, naivelyFound: true}, {failed: true}}
	if got, want := (nullTarget{off: 0.1, share: true}).row("x", runs), "| `x` | 0 | 3 | **0.200 ± 0.100** | 1.000 ± 0.000 | 0.141 | -29.3 | **50.0 ± 35.4** | 100.0 | 1 |"; got != want {
		t.Errorf("row %s, want %s", got, want)
	}
	if got, want := (nullTarget{}).row("x", runs[1:]), "| `x` | 0 | 2 | – | – | – | – | – | – | 1 |"; got != want {
		t.Errorf("row %s, want %s", got, want)
	}
}
