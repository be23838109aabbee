package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func profile(t *testing.T, id string) schemas.Profile {
	t.Helper()
	all := schemas.BuiltinProfiles()
	return all[slices.IndexFunc(all, func(p schemas.Profile) bool { return p.ID == id })]
}

// A threshold stands where the definition asks for one; where it does not, it is asked for as well.
func TestVariants(t *testing.T) {
	own, _ := ruleOf(profile(t, "engaged-stays"))
	if len(own.ways) != 3 {
		t.Fatalf("engaged-stays has %d ways, this test is about three", len(own.ways))
	}
	gap, days, telework := own.ways[0], own.ways[1], own.ways[2]
	three, week := gap, days
	three.MinTrips, week.MinStayDays = 3, 5
	living, _ := ruleOf(profile(t, "two-region"))
	twice := living.ways[0]
	twice.MinTrips = 2
	for _, c := range []struct {
		of        rule
		dimension string
		threshold int
		want      []schemas.Alternative
	}{
		{own, DimensionTrips, 3, []schemas.Alternative{three, days, telework}}, // one trip for telework asks for no number
		{own, DimensionStayDays, 5, []schemas.Alternative{gap, week, telework}},
		{own, DimensionWindowMonths, 24, own.ways},
		{living, DimensionTrips, 2, []schemas.Alternative{twice}},
		{living, DimensionTrips, 1, living.ways},
		{living, DimensionGapDays, 0, living.ways},
	} {
		if got := c.of.with(c.dimension, c.threshold); !slices.Equal(got.ways, c.want) {
			t.Errorf("%s %d: %+v, want %+v", c.dimension, c.threshold, got.ways, c.want)
		}
	}
	var thresholds []string
	for _, v := range variants(own) {
		thresholds = append(thresholds, fmt.Sprint(v.dimension, " ", v.threshold, " ", v.own))
	}
	want := []string{"trips 1 true", // two trips are asked for by the days between them
		"trips 2 true", "trips 3 false", "trips 4 false", "trips 6 false", "trips 12 false",
		"gap_days 0 false", "gap_days 30 true", "gap_days 90 false", "gap_days 180 false",
		"stay_days 1 false", "stay_days 5 false", "stay_days 8 true", "stay_days 10 false", "stay_days 30 false",
		"window_months 6 false", "window_months 12 true", "window_months 24 false"}
	if diff := cmp.Diff(want, thresholds); diff != "" {
		t.Errorf("grid of engaged-stays (-want +got):\n%s", diff)
	}
}

// drawRule makes up a rule of small thresholds.
func drawRule(t *rapid.T) rule {
	r := rule{months: 12}
	for range rapid.IntRange(1, 3).Draw(t, "ways") {
		least := func(name string) int { return rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, name) }
		r.ways = append(r.ways, schemas.Alternative{MinTrips: least("trips"), MinDays: least("days"), MinStayDays: least("stay-days"),
			MinGapDays: least("gap"), MinActs: least("acts"), Purpose: rapid.SampledFrom([]string{"", "", "telework"}).Draw(t, "purpose")})
	}
	return r
}

// Where one rule is said to lie within another, no person satisfies it who does not satisfy the other.
func TestWithinHoldsForEveryPerson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawRule(t), drawRule(t)
		if !a.within(b) {
			return
		}
		if !a.within(a) {
			t.Fatalf("%+v is not within itself", a)
		}
		for range 50 {
			c := RuleCell{Months: 12, Trips: rapid.Int32Range(1, 4).Draw(t, "trips"), Purposes: rapid.Int32Range(0, 15).Draw(t, "purposes"), Acts: rapid.Int32Range(0, 3).Draw(t, "acts")}
			c.VisitDays = c.Trips + rapid.Int32Range(0, 2).Draw(t, "days")
			c.StayDays = c.VisitDays + rapid.Int32Range(0, 2).Draw(t, "stay")
			if c.Trips > 1 {
				c.GapDays = rapid.Int32Range(0, 4).Draw(t, "gap")
			}
			if c.satisfies(a) && !c.satisfies(b) {
				t.Fatalf("%+v satisfies %+v and not %+v, which it is said to lie within", c, a, b)
			}
		}
	})
}

// Of any two nested numbers that are shown, none differs from the other by one to nine persons,
// save where both are figures of the definitions themselves.
func TestNoShownDifferenceIsOfAFew(t *testing.T) {
	f := familyOf(schemas.BuiltinProfiles())
	for i := range f.definitions {
		for j := i + 1; j < len(f.definitions); j++ {
			if g := f.groups[f.pair(i, j)]; len(g.rules) != 2 {
				t.Fatalf("the overlap of %d and %d is not at %d", i, j, f.pair(i, j))
			}
		}
	}
	random := rand.New(rand.NewPCG(3, 30))
	shown := 0
	for range 200 {
		var cells []RuleCell
		sets := map[int64]int64{}
		excluded := f.definitions[0].own.excluded
		for range 60 {
			c := RuleCell{Months: 12, Excluded: excluded, Trips: 1 + random.Int32N(4)*random.Int32N(2), Persons: random.Int64N(12)}
			if c.Trips > 1 {
				c.GapDays = random.Int32N(200)
			}
			c.VisitDays = c.Trips + random.Int32N(12)
			c.StayDays = c.VisitDays + random.Int32N(20)
			var set int64
			for i, d := range f.definitions {
				if c.satisfies(d.own) {
					set |= 1 << i
				}
			}
			cells, sets[set] = append(cells, c), sets[set]+c.Persons
		}
		var of []DefinitionSet
		for set, persons := range sets {
			of = append(of, DefinitionSet{Definitions: set, Persons: persons})
		}
		n := f.count(cells, of)
		rests := f.rests(n, 10)
		for i := len(f.definitions); i < len(f.groups); i++ {
			for j := range i {
				nested := f.groups[i].within(f.groups[j]) != f.groups[j].within(f.groups[i])
				if d := max(n[i]-n[j], n[j]-n[i]); rests[i] >= 10 && rests[j] >= 10 && nested && d < 10 {
					t.Fatalf("%+v and %+v are both shown, and differ by %d", f.groups[i], f.groups[j], d)
				}
			}
			if rests[i] >= 10 {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("nothing was shown")
	}
}

func TestKendall(t *testing.T) {
	rank := func(own, v []float64) (of []ranked) {
		for i := range own {
			of = append(of, ranked{fmt.Sprint(i), own[i], v[i]})
		}
		return of
	}
	for _, c := range []struct {
		own, v []float64
		want   float64
	}{
		{[]float64{1, 2, 3, 4}, []float64{10, 20, 30, 40}, 1},
		{[]float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, -1},
		{[]float64{1, 2, 3}, []float64{1, 3, 2}, 1. / 3},                            // (2 − 1) ÷ 3
		{[]float64{1, 2, 2, 3}, []float64{1, 2, 3, 3}, 4 / math.Sqrt(5*5)},          // C = 4, one pair tied by either rule
		{[]float64{12, 2, 1, 12, 2}, []float64{1, 4, 7, 1, 0}, -0.4714045207910317}, // scipy.stats.kendalltau, the example of its reference
	} {
		if got, ok := kendall(rank(c.own, c.v)); !ok || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("τ_b of %v and %v = %v, %v, want %v", c.own, c.v, got, ok, c.want)
		}
	}
	if got, ok := kendall(rank([]float64{5, 5, 5}, []float64{1, 2, 3})); ok {
		t.Errorf("τ_b of figures all equal = %v, want none", got)
	}
	// Of twelve, the two lowest change places with the two highest: eight of ten stay.
	own, v := make([]float64, 12), make([]float64, 12)
	for i := range own {
		own[i], v[i] = float64(100-i), float64(100-i)
	}
	v[0], v[1], v[10], v[11] = v[10], v[11], v[0], v[1]
	if got := topTen(rank(own, v)); got == nil || math.Abs(*got-0.8) > 1e-12 {
		t.Errorf("top ten retained: %v, want 0.8", got)
	}
	if got := topTen(rank(own[:10], v[:10])); got != nil {
		t.Errorf("of ten, %v are among the ten; want none", *got)
	}
}

// Three of four municipalities are shown by two trips and by three, in the same order.
func TestStabilityRanksWhatIsShown(t *testing.T) {
	march, _ := schemas.NewDate(2026, 3, 31)
	p := profile(t, "repeat-visits")
	f := Frame{References: []schemas.Date{march}, Profiles: []schemas.Profile{p}, Outside: []string{schemas.OutsidePrefecture},
		Sources: map[string]SourceFrame{schemas.SourceBooking: {Identified: true}}, Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture}}}
	var d DefinitionCounts
	for code, n := range map[string][2]int64{"30201": {20, 30}, "30206": {25, 20}, "30401": {40, 40}, "30344": {12, 5}} { // with two trips, with three
		f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality})
		for i, persons := range n {
			d.Cells = append(d.Cells, RuleCell{Months: 12, Outside: schemas.OutsidePrefecture, Region: code, Excluded: int32(p.Excluded()), Trips: int32(2 + i), Persons: persons})
		}
		d.Sets = append(d.Sets, DefinitionSet{schemas.OutsidePrefecture, code, 1, n[0] + n[1]})
	}
	found := false
	for _, c := range DefinitionFiguresOf(f, d).Stability {
		if c.Row.Dimension != DimensionTrips || c.Row.Threshold != 3 {
			continue
		}
		found = true
		// By two trips 50, 45, 80; by three 30, 20, 40: in the same order. 17 and 5 do not enter.
		if *c.Row.Municipalities != 3 || *c.Row.TauB != 1 || c.Persons != 20 {
			t.Errorf("%d municipalities, τ_b %v, resting on %d; want 3, 1, 20", *c.Row.Municipalities, *c.Row.TauB, c.Persons)
		}
	}
	if !found {
		t.Error("no row for three trips")
	}
}
