package present

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPlace(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      int
	}{
		{3412, 4625, 2},      // width 1213, a quarter 303: hundreds
		{894, 2058, 2},       // 1164/4 = 291
		{166, 339, 1},        // 173/4 = 43
		{0.0099, 0.0203, -3}, // 0.0104/4 = 0.0026: tenths of a percent
		{0, 40, 1},           // 40/4 = 10, just
		{0, 4e-3, -3},
	} {
		if got, ok := Place(test.low, test.high); got != test.want || !ok {
			t.Errorf("Place(%v, %v) = %d, %t, want %d", test.low, test.high, got, ok, test.want)
		}
	}
	for _, none := range [][2]float64{{5, 5}, {6, 5}, {math.NaN(), 1}, {0, math.Inf(1)}} {
		if place, ok := Place(none[0], none[1]); ok {
			t.Errorf("Place(%v, %v) = %d", none[0], none[1], place)
		}
	}
}

func TestRound(t *testing.T) {
	for _, test := range []struct {
		x     float64
		place int
		want  float64
	}{{3973, 2, 4000}, {3412, 2, 3400}, {4625, 2, 4600}, {0.01449, -3, 0.014}, {250, 2, 300}, {-0.2, 0, 0}} {
		if got := Round(test.x, test.place); got != test.want || math.Signbit(got) != math.Signbit(test.want) {
			t.Errorf("Round(%v, %d) = %v, want %v", test.x, test.place, got, test.want)
		}
	}
}

// Rounding to what the interval supports moves nothing by more than an eighth of
// its width, would do so one place further up, keeps the order of the three
// numbers, and is done once.
func TestRoundingIsSupportedByTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(0, 1e7).Draw(t, "low")
		width := rapid.Float64Range(1e-4, 1e7).Draw(t, "width")
		value, high := low+width*rapid.Float64Range(0, 1).Draw(t, "at"), low+width
		place, ok := Place(low, high)
		if !ok {
			t.Fatal("no place")
		}
		p, quarter := math.Pow10(place), (high-low)/4
		if p > quarter*(1+1e-12) || 10*p <= quarter*(1-1e-12) {
			t.Errorf("10^%d is not the greatest power of ten up to %v", place, quarter)
		}
		for _, x := range []float64{low, value, high} {
			r := Round(x, place)
			if math.Abs(r-x) > width/8*(1+1e-9)+1e-9 {
				t.Errorf("Round(%v, %d) = %v moves by more than an eighth of %v", x, place, r, width)
			}
			if again := Round(r, place); again != r {
				t.Errorf("Round(%v) = %v", r, again)
			}
		}
		if r := []float64{Round(low, place), Round(value, place), Round(high, place)}; !slices.IsSorted(r) || r[0] == r[2] {
			t.Errorf("rounded to %v", r)
		}
	})
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		greatest float64
		most     int
		want     []float64
	}{
		{4625, 6, []float64{0, 1000, 2000, 3000, 4000, 5000}},
		{5000, 6, []float64{0, 1000, 2000, 3000, 4000, 5000}},
		{0.031, 5, []float64{0, 0.01, 0.02, 0.03, 0.04}},
		{138, 4, []float64{0, 50, 100, 150}},
		{1, 3, []float64{0, 0.5, 1}},
		{0, 5, []float64{0, 1}},
	} {
		if got := Ticks(test.greatest, test.most); !slices.Equal(got, test.want) {
			t.Errorf("Ticks(%v, %d) = %v, want %v", test.greatest, test.most, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		greatest, most := rapid.Float64Range(1e-6, 1e9).Draw(t, "greatest"), rapid.IntRange(3, 8).Draw(t, "most")
		got := Ticks(greatest, most)
		if end := got[len(got)-1]; len(got) < 2 || len(got) > most || end < greatest*(1-1e-9) || got[len(got)-2] > greatest*(1+1e-9) {
			t.Errorf("Ticks(%v, %d) = %v", greatest, most, got)
		}
	})
}

func TestBreaks(t *testing.T) {
	// Ten values in five classes: every second begins one.
	values := []float64{9, 123, 256, 311, 418, 555, 601, 777, 850, 999}
	breaks := Breaks(values, 5)
	if want := []float64{9, 250, 410, 600, 850}; !slices.Equal(breaks, want) {
		t.Errorf("Breaks = %v, want %v", breaks, want)
	}
	for x, want := range map[float64]int{1: 0, 9: 0, 249: 0, 250: 1, 849: 3, 850: 4, 5000: 4} {
		if got := Class(x, breaks); got != want {
			t.Errorf("Class(%v) = %d, want %d", x, got, want)
		}
	}
	if got := Breaks([]float64{7, 7, 7}, 5); !slices.Equal(got, []float64{7}) {
		t.Errorf("Breaks of equal values = %v", got)
	}
	if got := Breaks(nil, 5); got != nil {
		t.Errorf("Breaks of nothing = %v", got)
	}
	if got := Breaks([]float64{0.0123, 0.0345}, 2); !slices.Equal(got, []float64{0.012, 0.034}) {
		t.Errorf("Breaks of shares = %v", got)
	}
}
