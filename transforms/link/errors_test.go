package link

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

// By hand: 1 in 4 of 40 name pairs and 1 in 10 of 20 facility pairs are one
// person, M = 10 + 2 = 12; with S = 100, C = 200 the odds r = 0.1 solve
// 12 = 100 r + 200 r². Of 50 linked pairs 1 in 5 is two persons: 10 welds of 500.
func TestReviewByHand(t *testing.T) {
	r := Review{
		Population: Population{Pseudonyms: 500, RepeatStays: 100, RepeatPairs: 200},
		Strata: []Stratum{
			{Linked, 50, 8, 2, 0}, {NameResidence, 40, 2, 6, 0}, {NameFacility, 20, 1, 9, 0}, {Hub, 0, 0, 0, 0},
		},
	}
	e, err := r.Errors()
	if err != nil {
		t.Fatal(err)
	}
	// p̃ = 2.5/9 of n = 8 of 40 and 1.5/11 of n = 10 of 20.
	se := math.Sqrt(1600*0.8*(2.5/9)*(6.5/9)/10 + 400*0.5*(1.5/11)*(9.5/11)/12)
	wantSE := se / (100 + 2*0.1*200) / (1.1 * 1.1)
	// p̃ = 2.5/11 of n = 10 of 50.
	wantBetaSE := 50 * math.Sqrt(0.8*(2.5/11)*(8.5/11)/12) / 500
	if !near(e.Alpha, 1/1.1) || !near(e.AlphaStdErr, wantSE) || !near(e.Beta, 0.02) || !near(e.BetaStdErr, wantBetaSE) || e.Basis != Clerical {
		t.Errorf("errors %+v, want alpha %v ± %v, beta 0.02 ± %v", e, 1/1.1, wantSE, wantBetaSE)
	}
	if !(e.Missed.Low < e.Missed.Value && e.Missed.Value < e.Missed.High && e.False.Low < 0.02 && 0.02 < e.False.High) {
		t.Errorf("intervals %+v and %+v", e.Missed, e.False)
	}
}

// By hand: (0.2 + z²/20 ± z √(0.016 + z²/400))/(1 + z²/10) with z² = 3.841459.
func TestWilson(t *testing.T) {
	low, high := wilson(0.2, 10)
	if math.Abs(low-0.0566822) > 1e-6 || math.Abs(high-0.5098375) > 1e-6 {
		t.Errorf("wilson(0.2, 10) = %v, %v", low, high)
	}
}

// Pairs that are not clear widen the interval to either side and leave the value.
func TestUnclearIsARange(t *testing.T) {
	r := Review{Population{500, 100, 200}, []Stratum{{Linked, 50, 10, 2, 0}, {NameResidence, 400, 10, 10, 0}}}
	clear, err := r.Errors()
	if err != nil {
		t.Fatal(err)
	}
	r.Strata[1].Unclear = 10
	unclear, err := r.Errors()
	if err != nil {
		t.Fatal(err)
	}
	if unclear.Alpha != clear.Alpha || unclear.AlphaStdErr <= clear.AlphaStdErr || unclear.Missed.Low >= clear.Missed.Low || unclear.Missed.High <= clear.Missed.High {
		t.Errorf("with unclear pairs %+v, without %+v", unclear.Missed, clear.Missed)
	}
	r.Strata[1] = Stratum{NameResidence, 400, 0, 0, 10}
	if _, err := r.Errors(); err == nil || !slices.Equal(r.Unjudged(), []string{NameResidence}) {
		t.Errorf("a stratum without a judgement: %v, %v", r.Unjudged(), err)
	}
}

// A census has no sampling error, and the estimate lies in its interval.
func TestReviewProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stratum := func(name string) Stratum {
			s := Stratum{Name: name, Same: rapid.Int64Range(0, 50).Draw(t, "same"), Different: rapid.Int64Range(1, 50).Draw(t, "different")}
			s.Pairs = s.Same + s.Different
			return s
		}
		r := Review{Population{1000, 600, 2000}, []Stratum{stratum(Linked), stratum(NameResidence), stratum(Hub)}}
		e, err := r.Errors()
		if err != nil {
			t.Fatal(err)
		}
		if e.AlphaStdErr != 0 || e.BetaStdErr != 0 || !near(e.Missed.Low, e.Missed.High) {
			t.Errorf("a census: %+v", e)
		}
		for i := range r.Strata {
			r.Strata[i].Pairs *= 10
			r.Strata[i].Unclear = rapid.Int64Range(0, 20).Draw(t, "unclear")
		}
		e, err = r.Errors()
		if err != nil {
			t.Fatal(err)
		}
		for _, rate := range []Rate{e.Missed, e.False} {
			if !(0 <= rate.Low && rate.Low <= rate.Value && rate.Value <= rate.High) {
				t.Errorf("%v is not in its interval: %+v", rate, r)
			}
		}
	})
}

// The equation M = r S + r² C holds exactly between the expected numbers of any
// population: true persons by stays, put through the matrix of Errors.
func TestEquationHoldsInExpectation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons := rapid.SliceOfN(rapid.Float64Range(0, 1000), 2, 8).Draw(t, "persons by stays, from 1")
		alpha := rapid.Float64Range(0.3, 0.999).Draw(t, "alpha")
		q, f, pairs := 1-alpha, make([]float64, len(persons)+1), 0.0
		for i, n := range persons {
			v, choose := i+1, 1.0 // v over m
			for m := 0; m <= v; m++ {
				chance := choose * math.Pow(q, float64(m)) * math.Pow(alpha, float64(v-m))
				f[v-m] += n * chance // the pseudonym, none where all are missed
				f[1] += n * chance * float64(m)
				parts := float64(m + 1)
				if m == v {
					parts = float64(v)
				}
				pairs += n * chance * parts * (parts - 1) / 2
				choose *= float64(v-m) / float64(m+1)
			}
		}
		var s, c float64
		for j := 2; j < len(f); j++ {
			s, c = s+f[j]*float64(j), c+f[j]*float64(j*(j-1))/2
		}
		r := q / alpha
		if want := r*s + r*r*c; math.Abs(pairs-want) > 1e-9*(1+want) {
			t.Errorf("%v pairs of pseudonyms of one person, the equation has %v", pairs, want)
		}
	})
}

// visits draws a person's number of stays, 1 to 12, many of them 1.
func visits(random *rand.Rand) int64 {
	v := int64(1)
	for v < 12 && random.Float64() < 0.5 {
		v++
	}
	return v
}

// split links the stays of a person as the model of Errors has it: the sizes of
// the pseudonyms.
func split(random *rand.Rand, v int64, alpha float64) []int64 {
	var main int64
	var parts []int64
	for range v {
		if random.Float64() < alpha {
			main++
		} else {
			parts = append(parts, 1)
		}
	}
	if main > 0 {
		parts = append(parts, main)
	}
	return parts
}

// In worlds with known rates the clerical intervals cover them, and the estimates
// are right on the average.
func TestReviewCovers(t *testing.T) {
	const alpha, beta, worlds = 0.94, 0.03, 400
	random := rand.New(rand.NewPCG(7, 11))
	var covered, coveredFalse, sum, sumFalse float64
	for range worlds {
		r := Review{}
		pairs := map[string][]bool{} // of each stratum: are they one person?
		for range 4000 {
			parts := split(random, visits(random), alpha)
			for i, n := range parts {
				r.Add(n, 1)
				for range i {
					name := []string{NameResidence, NameResidence, NameFacility}[random.IntN(3)]
					pairs[name] = append(pairs[name], true)
				}
				if n > 1 && random.Float64() < 0.4 { // one person under two e-mail addresses
					pairs[Linked] = append(pairs[Linked], true)
				}
				if random.Float64() < beta {
					pairs[Linked] = append(pairs[Linked], false)
				}
			}
		}
		for range 1500 {
			pairs[NameResidence] = append(pairs[NameResidence], false)
			pairs[NameFacility] = append(pairs[NameFacility], false)
		}
		for _, name := range []string{Linked, NameResidence, NameFacility} {
			all := pairs[name]
			s := Stratum{Name: name, Pairs: int64(len(all))}
			for _, number := range Draw(random, 150, s.Pairs) {
				if all[number-1] {
					s.Same++
				} else {
					s.Different++
				}
			}
			r.Strata = append(r.Strata, s)
		}
		e, err := r.Errors()
		if err != nil {
			t.Fatal(err)
		}
		sum, sumFalse = sum+e.Alpha/worlds, sumFalse+e.Beta/worlds
		if e.Missed.Low <= 1-alpha && 1-alpha <= e.Missed.High {
			covered += 100. / worlds
		}
		if e.False.Low <= beta && beta <= e.False.High {
			coveredFalse += 100. / worlds
		}
	}
	t.Logf("alpha %.4f (true %v), covered %.1f %%; beta %.4f (true %v), covered %.1f %%", sum, alpha, covered, sumFalse, beta, coveredFalse)
	if math.Abs(sum-alpha) > 0.002 || math.Abs(sumFalse-beta) > 0.001 || covered < 92 || coveredFalse < 92 {
		t.Error("the estimates miss the truth")
	}
}

// By hand: of 40 members of two stays 8 are split: 40 (2q − q²) = 8, q = 1 − √0.8.
// Where half of the repeated stays give a shared number, the odds are halved.
func TestSecondKeyByHand(t *testing.T) {
	k := Keyed{Members: []Members{{2, 1, 32}, {2, 2, 8}, {1, 1, 1000}}, RepeatStays: 10}
	q := 1 - math.Sqrt(0.8)
	wantSE := math.Sqrt(32*0.04+8*0.64) / (40 * 2 * (1 - q)) // residuals −0.2 and 0.8
	e, known := k.Errors()
	if !known || math.Abs(e.Missed.Value-q) > 1e-12 || !near(e.AlphaStdErr, wantSE) || e.Basis != SecondKey || e.KnowsFalse() {
		t.Errorf("errors %+v, %t, want a share of %v ± %v missed", e, known, q, wantSE)
	}
	k.Sharing = 5
	e, _ = k.Errors()
	if odds := e.Missed.Value / e.Alpha; !near(odds, 0.5*q/(1-q)) {
		t.Errorf("odds of a missed link %v, want %v", odds, 0.5*q/(1-q))
	}
	for _, k := range []Keyed{
		{},
		{Members: []Members{{2, 1, 29}}, RepeatStays: 10},             // too few
		{Members: []Members{{2, 2, 50}, {3, 3, 50}}, RepeatStays: 10}, // the other keys link nobody
	} {
		if e, known := k.Errors(); known || e != Perfect {
			t.Errorf("%+v: %+v, want it not known", k, e)
		}
	}
	e, known = Keyed{Members: []Members{{2, 1, 100}}, RepeatStays: 10}.Errors()
	if !known || e.Alpha != 1 || !(e.AlphaStdErr > 0 && e.Missed.High > 0 && e.Missed.High < 0.05) {
		t.Errorf("nobody split: %+v, %t", e, known)
	}
}

func TestSecondKeyCovers(t *testing.T) {
	const alpha, worlds = 0.94, 400
	random := rand.New(rand.NewPCG(3, 5))
	var covered, sum float64
	for range worlds {
		k := Keyed{RepeatStays: 1}
		for range 300 {
			v := visits(random)
			k.Members = append(k.Members, Members{v, int64(len(split(random, v, alpha))), 1})
		}
		e, _ := k.Errors()
		sum += e.Alpha / worlds
		if e.Missed.Low <= 1-alpha && 1-alpha <= e.Missed.High {
			covered += 100. / worlds
		}
	}
	t.Logf("alpha %.4f (true %v), covered %.1f %%", sum, alpha, covered)
	if math.Abs(sum-alpha) > 0.002 || covered < 92 {
		t.Error("the estimates miss the truth")
	}
}

func TestAllocate(t *testing.T) {
	for _, test := range []struct {
		n           int64
		sizes, want []int64
	}{
		{100, []int64{1000, 10, 0, 1000}, []int64{45, 10, 0, 45}},
		{100, []int64{5, 6, 7, 8}, []int64{5, 6, 7, 8}},
		{3, []int64{9, 9, 9, 9}, []int64{0, 1, 1, 1}},
	} {
		if got := Allocate(test.n, test.sizes); !slices.Equal(got, test.want) {
			t.Errorf("Allocate(%d, %v) = %v, want %v", test.n, test.sizes, got, test.want)
		}
	}
}

// Every number is drawn as often as any other, and the same seed draws the same.
func TestDraw(t *testing.T) {
	drawn := make([]int, 11)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		for _, number := range Draw(random, 4, 10) {
			drawn[number]++
		}
	}
	for number, times := range drawn[1:] { // 3000 · 4/10 = 1200, standard deviation 27
		if times < 1090 || times > 1310 {
			t.Errorf("%d was drawn %d times, want about 1200", number+1, times)
		}
	}
	a, b := Draw(rand.New(rand.NewPCG(9, 9)), 50, 1000), Draw(rand.New(rand.NewPCG(9, 9)), 50, 1000)
	if !slices.Equal(a, b) || len(a) != 50 || !slices.IsSorted(a) {
		t.Errorf("the same seed drew %v and %v", a, b)
	}
	if got := Draw(random, 3, 3); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("all of three: %v", got)
	}
}
