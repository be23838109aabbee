package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func visitors(region, from, to, origin, breakdown string, n float64) schemas.Total {
	start, _ := schemas.ParseDate(from)
	end, _ := schemas.ParseDate(to)
	return schemas.Total{Statistic: "visitors", RegionCode: region, PeriodStart: start, PeriodEnd: end, OriginCode: origin, Breakdown: breakdown, Value: n}
}

func TestYearOfVisits(t *testing.T) {
	from, _ := schemas.ParseDate("2025-01-01")
	to, _ := schemas.ParseDate("2025-12-31")
	other := visitClass{otherPrefecture, overnight}
	for _, c := range []struct {
		name   string
		totals []schemas.Total
		want   map[visitClass]float64
	}{
		{"none", nil, nil},
		{"half a year", []schemas.Total{visitors("", "2025-01-01", "2025-06-30", otherPrefecture, overnight, 5)}, nil},
		{"a year beyond the window", []schemas.Total{visitors("", "2025-04-01", "2026-03-31", otherPrefecture, overnight, 5)}, nil},
		{"the own prefecture alone", []schemas.Total{visitors("", "2025-01-01", "2025-12-31", samePrefecture, overnight, 5)}, nil},
		{"two halves", []schemas.Total{visitors("", "2025-01-01", "2025-06-30", otherPrefecture, overnight, 5), visitors("", "2025-07-01", "2025-12-31", otherPrefecture, overnight, 7)},
			map[visitClass]float64{other: 12, {otherPrefecture, dayTrip}: 0}},
		{"by purpose", []schemas.Total{visitors("", "2025-01-01", "2025-12-31", otherPrefecture, "overnight/leisure", 5), visitors("", "2025-01-01", "2025-12-31", otherPrefecture, "overnight/business", 7)},
			map[visitClass]float64{other: 12, {otherPrefecture, dayTrip}: 0}},
		{"by purpose beside all", []schemas.Total{visitors("", "2025-01-01", "2025-12-31", otherPrefecture, "overnight/leisure", 5), visitors("", "2025-01-01", "2025-12-31", otherPrefecture, overnight, 20),
			visitors("", "2025-01-01", "2025-12-31", otherPrefecture, "overnight/business", 7)}, map[visitClass]float64{other: 20, {otherPrefecture, dayTrip}: 0}},
		{"without the stay", []schemas.Total{visitors("", "2025-01-01", "2025-12-31", otherPrefecture, "", 30)},
			map[visitClass]float64{other: 15, {otherPrefecture, dayTrip}: 15, {otherPrefecture, ""}: 30}},
	} {
		got := yearOfVisits(visitPeriods(c.totals), from, to)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for k, n := range c.want {
			if got[k] != n {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

// By hand: two persons of two answers each, in two units; u = ±25·(h − h̄). One
// cluster per answer gives v = 4/3·Σu²; per person or unit the sums of two.
func TestTwoWayClusters(t *testing.T) {
	s := OnsiteSample{Encounters: []Encounter{{0, 0, 1, 1, 1}, {0, 0, 1, 1, 1}, {1, 0, 1, 2, 2}, {1, 0, 1, 4, 4}}, Totals: []VisitTotal{{"all", 100, 0}}, Shape: ClassShape}
	h := []float64{0, 0, 0.5, 0.25}
	u := make([]float64, 4)
	for i := range u {
		u[i] = 25 * (h[i] - 3.0/16)
	}
	sums := func(a, b float64) float64 { return 2 * (square(a) + square(b)) } // n/(n−1) Σ (z − z̄)², the sum of all being 0
	persons := sums(u[0]+u[1], u[2]+u[3])
	units := sums(u[0]+u[2], u[1]+u[3])
	var alone float64
	for _, v := range u {
		alone += 4.0 / 3 * v * v
	}
	need := []int32{2, 2, 2, 2}
	one := must(s.Count(need))(t)
	s.Units = []int32{0, 1, 0, 1}
	two := must(s.Count(need))(t)
	want := max(persons, units, persons+units-alone)
	if !near(square(one.Sampling), persons, 1e-12) || !near(square(two.Sampling), want, 1e-12) {
		t.Errorf("variances %v and %v, want %v and %v", square(one.Sampling), square(two.Sampling), persons, want)
	}
	if one.Value != two.Value || two.DF != 1 {
		t.Errorf("clusters change the figure: %v, %v, df %v", one.Value, two.Value, two.DF)
	}
}

// Twice the visits are twice the persons, with the same relative error; domains add
// up; who does not count takes nothing from those who do.
func TestOnsiteProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(4, 40).Draw(rt, "answers")
		s := OnsiteSample{Totals: []VisitTotal{{"a", float64(rapid.IntRange(50, 5000).Draw(rt, "visits")), 0}}, Shape: ClassShape}
		var all, first, second []int32
		for i := range n {
			least := rapid.Int32Range(1, 12).Draw(rt, "least")
			s.Encounters = append(s.Encounters, Encounter{Person: int32(i % (n/2 + 1)), Weight: 1, Least: least, Most: least + rapid.Int32Range(0, 5).Draw(rt, "width")})
			need := rapid.SampledFrom([]int32{0, 1, 2, 4}).Draw(rt, "need")
			all, first, second = append(all, need), append(first, need*int32(i%2)), append(second, need*int32((i+1)%2))
		}
		whole, a, b := counted(s.Count(all)), counted(s.Count(first)), counted(s.Count(second))
		if math.Abs(a.Value+b.Value-whole.Value) > 1e-9*(1+whole.Value) {
			rt.Fatalf("domains of %v and %v, all %v", a.Value, b.Value, whole.Value)
		}
		s.Totals[0].Visits *= 2
		double := counted(s.Count(all))
		if math.Abs(double.Value-2*whole.Value) > 1e-9*(1+double.Value) || math.Abs(double.StdErr-2*whole.StdErr) > 1e-9*(1+double.StdErr) {
			rt.Fatalf("twice the visits: %v ± %v, once %v ± %v", double.Value, double.StdErr, whole.Value, whole.StdErr)
		}
		if whole.Value > s.Totals[0].Visits {
			rt.Fatalf("more persons than visits: %v", whole.Value)
		}
	})
}

func counted(n OnsiteCount, err error) OnsiteCount {
	if err != nil {
		panic(err)
	}
	return n
}
