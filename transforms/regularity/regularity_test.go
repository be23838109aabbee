package regularity

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tolerance)
	}
}

// By hand: shape 1, scale 2, hazard 0.5, an even season, data of months 0 to 2.
func TestAliveByHand(t *testing.T) {
	m := Model{Shape: 1, Scale: 2, Hazard: 0.5, Season: Even}
	// One trip, in month 0. E = ½, 3/2, 5/2, so g = 2 ÷ (2 + E) = 4/5, 4/7, 4/9.
	// Goes on: ¼ · 4/9 = 1/9; ended with month 0: ½ · 4/5 = 2/5; with month 1: ¼ · 4/7 = 1/7.
	near(t, "one trip", m.Alive(Tie{First: 0, Last: 0, Trips: 1}, 2), (1./9)/(1./9+2./5+1./7), 1e-12)
	// A second trip in month 1. g = 2 ÷ (2 + E)²: it cannot have ended with month 0.
	// Goes on: ¼ · 2 · 4/81; ended with month 1: ¼ · 2 · 4/49.
	near(t, "two trips", m.Alive(Tie{First: 0, Last: 1, Trips: 2}, 2), (1./81)/(1./81+1./49), 1e-12)
	// Seen in the last month: alive.
	near(t, "a trip now", m.Alive(Tie{First: 0, Last: 2, Trips: 2}, 2), 1, 0)
	// The median of (2 ÷ (2 + t))² is 2 (√2 − 1) months.
	near(t, "gap", m.MedianGap(1), 2*(math.Sqrt2-1)*365.25/12, 1e-12)
	near(t, "gap seen for a half", m.MedianGap(0.5), (math.Sqrt2-1)*365.25/12, 1e-12)
}

// By hand: closed gaps of 10, 20, 30 days, open ones of 20 and 40. At risk 5, 4, 2:
// 4/5, 3/5, 3/10: half are closed by day 30; of the closed ones alone by day 20.
func TestMedianByHand(t *testing.T) {
	gaps := []Gap{{Days: 40, Open: 1}, {Days: 20, Closed: 1, Open: 1}, {Days: 10, Closed: 1}, {Days: 30, Closed: 1}}
	near(t, "closed", MedianClosed(gaps), 20, 0)
	near(t, "Kaplan–Meier", Median(gaps), 30, 0)
	if m := Median([]Gap{{Days: 5, Closed: 1}, {Days: 9, Open: 3}}); !math.IsNaN(m) {
		t.Errorf("median %v where most never come again, want none", m)
	}
	if m := Median(nil); !math.IsNaN(m) {
		t.Errorf("median %v of nothing, want none", m)
	}
}

func TestFewTiesTellNothing(t *testing.T) {
	if _, err := FitTies([]Tie{{Ties: 1000, Trips: 1}, {Last: 3, Trips: 2, Ties: 29}}, Even, 20); !errors.Is(err, ErrFew) {
		t.Errorf("29 ties that came again: %v, want ErrFew", err)
	}
}

// world is ties as they are: begun over five years, seen through the last three.
type world struct {
	shape, scale, hazard float64 // trips as they are made
	season               Season
	ties                 int
}

const worldMonths, seenFrom = 60, 24

// seen draws ties, each trip seen with the probability p: those of which a trip is
// seen, the share of these that live in the last month, and the rates of their trips.
func (w world) seen(seed uint64, p float64) (ties []Tie, alive float64, made []float64) {
	random := rand.New(rand.NewPCG(seed, 6))
	rates := distuv.Gamma{Alpha: w.shape, Beta: w.scale, Src: random}
	n := 0.0
	for range w.ties {
		rate, tie := rates.Rand(), Tie{First: -1, Ties: 1}
		begun := random.IntN(worldMonths)
		living := true
		for m := begun; m < worldMonths && living; m++ {
			mean, first := rate*w.season[m%12], int32(0)
			if m == begun { // the trip that begins the tie, and the rest of the month
				mean, first = mean*random.Float64(), 1
			}
			trips := first + int32(distuv.Poisson{Lambda: mean, Src: random}.Rand())
			for range trips {
				if m >= seenFrom && random.Float64() < p {
					if tie.First < 0 {
						tie.First = int32(m)
					}
					tie.Last = int32(m)
					tie.Trips++
				}
			}
			if m < worldMonths-1 {
				living = random.Float64() >= w.hazard
			}
		}
		if tie.Trips > 0 {
			n++
			if living {
				alive++
			}
			ties, made = append(ties, tie), append(made, rate)
		}
	}
	return ties, alive / n, made
}

// medianGap is the median of the days between trips made at rates a month, each trip
// beginning one gap: Σ λ e^{−λt} ÷ Σ λ = ½, by halving.
func medianGap(rates []float64) float64 {
	low, high := 0.0, 1000.0
	for range 60 {
		t, above, all := (low+high)/2, 0.0, 0.0
		for _, rate := range rates {
			above += rate * math.Exp(-rate*t)
			all += rate
		}
		if above/all > 0.5 {
			low = t
		} else {
			high = t
		}
	}
	return daysPerMonth * low
}

// Of trips seen for three in ten, six in ten and all, the estimated share of ties
// that live is the true one, while the share with a trip in the last 12 months is not;
// the gap between the trips that the ties seen make comes out whatever is seen of them.
func TestShareAliveUnderDetection(t *testing.T) {
	season := Season{0.6, 0.6, 0.9, 0.9, 1.1, 0.8, 1.2, 1.7, 1.1, 1.2, 1.1, 0.8}
	for _, w := range []world{
		{shape: 1, scale: 4, hazard: 0.04, season: season, ties: 6000},
		{shape: 2, scale: 3, hazard: 0.02, season: season, ties: 4000},
	} {
		detected := []float64{0.3, 0.6, 1}
		if testing.Short() {
			detected = detected[:1]
		}
		for _, p := range detected {
			ties, alive, made := w.seen(7, p)
			gap := medianGap(made)
			fit, err := FitTies(ties, season, worldMonths-1)
			if err != nil {
				t.Fatal(err)
			}
			s := fit.StatesOf(ties)
			recent := 0.0
			for _, tie := range ties {
				if tie.Last >= worldMonths-12 {
					recent++
				}
			}
			t.Logf("hazard %v, p %v: alive %.3f, estimated %.3f (%.3f–%.3f), seen in 12 months %.3f; gap %.0f days, estimated %.0f; shape %.2f scale %.2f hazard %.3f",
				w.hazard, p, alive, s.Share, s.Low, s.High, recent/float64(len(ties)), gap, fit.MedianGap(p), fit.Shape, fit.Scale, fit.Hazard)
			near(t, "share alive", s.Share, alive, 0.015)
			if alive < s.Low || alive > s.High {
				t.Errorf("%v of the ties live, outside %v to %v", alive, s.Low, s.High)
			}
			near(t, "gap", fit.MedianGap(p)/gap, 1, 0.1)
			if s.Active+s.Lapsing+s.Lapsed != s.Ties || s.Ties != int64(len(ties)) {
				t.Errorf("%+v of %d ties", s, len(ties))
			}
		}
	}
}

// The order of ties, and whether those that are alike are counted together, change nothing.
func TestOrderDoesNotMatter(t *testing.T) {
	w := world{shape: 1, scale: 3, hazard: 0.05, season: Even, ties: 500}
	ties, _, _ := w.seen(3, 1)
	a, err := FitTies(ties, Even, worldMonths-1)
	if err != nil {
		t.Fatal(err)
	}
	reversed := merged(ties)
	slices.Reverse(reversed)
	b, err := FitTies(reversed, Even, worldMonths-1)
	if err != nil || a.Model != b.Model || a.LogLikelihood != b.LogLikelihood {
		t.Errorf("%+v, in another order %+v (%v)", a.Model, b.Model, err)
	}
}
