package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/hazard"
)

// prefecture is the frame of the tests: one prefecture, as of 31 March 2025.
func prefecture(asOf string) Frame {
	d, err := schemas.ParseDate(asOf)
	if err != nil {
		panic(err)
	}
	return Frame{AsOf: d, Definition: "repeat-visits", Least: 10, Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture}}}
}

// stays is a person from Osaka (near) who enters on a day with two trips of four days in all.
func stays(on schemas.Date) Entry {
	return Entry{Region: "30000", Origin: "27000", EnteredOn: on, LastSeen: on, Trips: 2, StayDays: 4, Purposes: schemas.Leisure}
}

// after is a day so many days later.
func after(d schemas.Date, days int) *schemas.Date {
	e := d + schemas.Date(days)
	return &e
}

func drivers(t *testing.T, f Frame, entries []Entry) []disclose.Counted[schemas.ConversionDriver] {
	t.Helper()
	rows, err := Drivers(f, entries, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func driver(t *testing.T, rows []disclose.Counted[schemas.ConversionDriver], model, term, level string) disclose.Counted[schemas.ConversionDriver] {
	t.Helper()
	for _, c := range rows {
		if c.Row.Model == model && c.Row.Term == term && c.Row.Level == level {
			return c
		}
	}
	t.Fatalf("no row of %s, %s %s", model, term, level)
	return disclose.Counted[schemas.ConversionDriver]{}
}

// Of 100 persons from near 20 move in the first quarter, of 100 from Tokyo 40:
//
//	e^β = ln 0.6/ln 0.8 = 2.2892,  v = Σ h/{n(1 − h) ln²(1 − h)} = 0.4/(60·0.26094) + 0.2/(80·0.04979) = 0.07576
func TestDriversByHand(t *testing.T) {
	f := prefecture("2025-03-31")
	on := f.AsOf - 92
	var entries, aged []Entry
	for i := range 200 {
		e := stays(on)
		if i < 20 || i >= 100 && i < 140 {
			e.MovedOn = after(on, 50)
		}
		if aged = append(aged, e); i >= 100 {
			e.Origin, aged[i].AgeClass = "13000", "30-44"
		}
		entries = append(entries, e)
	}
	if row := driver(t, drivers(t, f, aged), "discrete_hazard", "age_class", "30-44").Row; math.Abs(*row.HazardRatio-2.28923) > 1e-4 || row.Reference != "not_known" {
		t.Errorf("30-44 against those of no known age: %+v, want 2.28923", row)
	}
	c := driver(t, drivers(t, f, entries), "discrete_hazard", "origin", "tokyo_area")
	row := c.Row
	if math.Abs(*row.HazardRatio-2.28923) > 1e-4 || math.Abs(*row.StdError-0.27524) > 1e-4 || row.EventsClass != "20-49" || row.Reference != "near" || c.Persons != 20 {
		t.Errorf("tokyo_area: %v ± %v, %s against %s on %d persons; want 2.28923 ± 0.27524, 20-49 against near on 20", *row.HazardRatio, *row.StdError, row.EventsClass, row.Reference, c.Persons)
	}
	// One test of one term: adjusted as it is. z = 0.82822/0.27524 = 3.0091.
	if want := math.Erfc(3.00908 / math.Sqrt2); math.Abs(*row.PValue-want) > 1e-5 {
		t.Errorf("p %v, want %v", *row.PValue, want)
	}
	if row := driver(t, drivers(t, f, entries), "cox", "trips_at_entry", "5_or_more").Row; row.HazardRatio != nil || row.ObsStatus != schemas.NotEstimable {
		t.Errorf("nobody came five times: %+v", row)
	}
}

// world draws persons whose hazard of moving is a day's base times a ratio of their own, seen
// for up to three years; ties deepen at random.
func world(seed uint64, n int, asOf schemas.Date, ratio func(e Entry, day int) float64) []Entry {
	r := rand.New(rand.NewPCG(seed, 6))
	origins := []string{"27000", "23000", "13000", "40000"}
	var all []Entry
	for i := range n {
		e := stays(asOf - schemas.Date(60+r.IntN(1000)))
		e.Origin = origins[r.IntN(len(origins))]
		e.AgeClass = terms[4].levels[i%5]
		e.Trips, e.StayDays = 2+int32(r.IntN(5)), int32(2+r.IntN(12))
		if d := int(500 * r.ExpFloat64()); e.Trips < 5 && d < int(asOf-e.EnteredOn) {
			e.DeepenedOn = after(e.EnteredOn, d)
		}
		for day := 1; day <= int(asOf-e.EnteredOn); day++ {
			if r.Float64() < 0.0003*ratio(e, day) {
				e.MovedOn = after(e.EnteredOn, day)
				break
			}
		}
		if e.MovedOn != nil && e.DeepenedOn != nil && *e.DeepenedOn >= *e.MovedOn {
			e.DeepenedOn = nil // who lives there does not visit
		}
		all = append(all, e)
	}
	return all
}

// Planted ratios of 2 of those who come from the Tokyo area, and of 1.5 of those of 18 to 29, are found by both models; ties
// that deepen do nothing, and nothing is found of them: their time before counts as before.
func TestDriversRecoverWhatWasPlanted(t *testing.T) {
	f := prefecture("2025-03-31")
	entries := world(1, 12000, f.AsOf, func(e Entry, _ int) float64 {
		ratio := 1.
		if e.Origin == "13000" {
			ratio *= 2
		}
		if e.AgeClass == "18-29" {
			ratio *= 1.5
		}
		return ratio
	})
	rows := drivers(t, f, entries)
	for _, model := range []string{"cox", "discrete_hazard"} {
		for _, c := range []struct {
			term, level string
			want        float64
		}{{"origin", "tokyo_area", 2}, {"origin", "far", 1}, {"age_class", "18-29", 1.5}, {"age_class", "60+", 1}, {"trips_at_entry", "5_or_more", 1}, {"stay_days_at_entry", "8_or_more", 1}, {"deepened", "yes", 1}} {
			row := driver(t, rows, model, c.term, c.level).Row
			if off := math.Log(*row.HazardRatio / c.want); math.Abs(off) > 2.5**row.StdError || *row.StdError > 0.15 {
				t.Errorf("%s, %s %s: %.3f ± %.3f, want %v", model, c.term, c.level, *row.HazardRatio, *row.StdError, c.want)
			}
		}
		if p := *driver(t, rows, model, "origin", "tokyo_area").Row.PValue; p > 1e-6 {
			t.Errorf("%s: the planted ratio has p = %v", model, p)
		}
	}
}

// Had the time before a tie deepened been taken for time of the deepened, a ratio far below 1
// would be found where there is nothing.
func TestDeepeningIsNotImmortal(t *testing.T) {
	f := prefecture("2025-03-31")
	entries := world(2, 12000, f.AsOf, func(Entry, int) float64 { return 2 })
	right := *driver(t, drivers(t, f, entries), "cox", "deepened", "yes").Row.HazardRatio
	for i := range entries {
		if entries[i].DeepenedOn != nil {
			entries[i].DeepenedOn = &entries[i].EnteredOn
		}
	}
	wrong := *driver(t, drivers(t, f, entries), "cox", "deepened", "yes").Row.HazardRatio
	if right < 0.85 || right > 1.15 || wrong > 0.75 {
		t.Errorf("ratio of deepened ties %.3f, as a fixed class %.3f; want about 1, and far below", right, wrong)
	}
}

// Where nothing matters, something is found in one of the rows of a model in about 5 % of
// runs: at most 6 of 40, with a chance of 0.3 % to be more.
func TestDriversOfNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 40 worlds")
	}
	f := prefecture("2025-03-31")
	found := map[string]int{}
	for seed := range uint64(40) {
		rows := drivers(t, f, world(100+seed, 2000, f.AsOf, func(Entry, int) float64 { return 1 }))
		met := map[string]bool{}
		for _, c := range rows {
			if c.Row.PValue != nil && *c.Row.PValue < 0.05 {
				met[c.Row.Model] = true
			}
		}
		for m := range met {
			found[m]++
		}
	}
	t.Logf("found %v of 40", found)
	if found["cox"] > 6 || found["discrete_hazard"] > 6 {
		t.Errorf("something is found in %v of 40 runs without anything", found)
	}
}

// Persons alike are fitted as one row of their number; the answer is that of a row each.
func TestDriversOfPersonsAlike(t *testing.T) {
	f := prefecture("2025-03-31")
	p := prospect{Frame: f}
	all := p.exposures(world(3, 1500, f.AsOf, func(Entry, int) float64 { return 2 }))
	plan := planOf(all, 10)
	got, err := plan.cox(all)
	if err != nil {
		t.Fatal(err)
	}
	var rows []hazard.Row
	for _, x := range all {
		rows = append(rows, hazard.Row{Start: float64(x.start), Stop: float64(x.stop), Event: x.event, X: plan.x(x.levels), Weight: 1, Stratum: int(x.stratum)})
	}
	want, err := hazard.FitCox(rows, hazard.CoxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got {
		if math.Abs(e.Value-want.Coefficients[i]) > 1e-9 || math.Abs(e.StdErr-want.StdErrs[i]) > 1e-9 {
			t.Errorf("%s: %v ± %v, want %v ± %v", plan.names[i], e.Value, e.StdErr, want.Coefficients[i], want.StdErrs[i])
		}
	}
}

// In quarters, an event in the quarter in which a tie deepens is of the tie before, a quarter
// left in its middle does not count, and moves recorded late begin with a whole quarter.
func TestQuarters(t *testing.T) {
	f := prefecture("2025-03-31")
	on := f.AsOf - 400 // into the fifth quarter
	deep := stays(on)
	deep.DeepenedOn, deep.MovedOn = after(on, 100), after(on, 110)
	later := stays(on)
	later.DeepenedOn = after(on, 100)
	p := prospect{Frame: f, seeing: Seeing{Since: on + 31}}
	got := quarters(p.exposures([]Entry{deep, later}))
	want := []exposure{
		{start: 2, stop: 2, event: true, last: true},
		{start: 2, stop: 2},
		{start: 3, stop: 4, last: true, levels: levels{deepened: 1}},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		want[i].stratum, want[i].levels[0] = got[i].stratum, 1 // of the hobby type
		if got[i] != want[i] {
			t.Errorf("part %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// Nobody, one person, no event, all censored, all moved: rows that say "not estimable", never NaN.
func TestDriversOfTooLittle(t *testing.T) {
	f := prefecture("2025-03-31")
	moves := stays(f.AsOf - 500)
	moves.MovedOn = after(moves.EnteredOn, 30)
	many := func(e Entry, n int) (all []Entry) {
		for range n {
			all = append(all, e)
		}
		return all
	}
	for name, entries := range map[string][]Entry{
		"nobody": nil, "one": {stays(f.AsOf - 100)}, "one who moves": {moves}, "no event": many(stays(f.AsOf-500), 300),
		"all move": many(moves, 300), "entered today": many(stays(f.AsOf), 50), "too few": append(many(moves, 9), many(stays(f.AsOf-500), 300)...),
	} {
		for _, c := range drivers(t, f, entries) {
			if c.Row.ObsStatus != schemas.NotEstimable || c.Row.HazardRatio != nil || c.Persons != 0 || c.Row.Label != "association" {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// A level with fewer moves than the threshold is not shown, whatever the threshold; and no
// figure rests on fewer persons than it says.
func TestDriversKeepTheThreshold(t *testing.T) {
	f := prefecture("2025-03-31")
	entries := world(4, 2000, f.AsOf, func(Entry, int) float64 { return 1 })
	for _, least := range []int64{10, 60} {
		f.Least = least
		rows := drivers(t, f, entries)
		shown := 0
		for i, row := range disclose.Protect(rows, disclose.Threshold{Persons: least}).Rows() {
			if row.HazardRatio == nil {
				continue
			}
			shown++
			n := 0
			for _, e := range entries {
				l := levelsOf(e)
				if e.DeepenedOn != nil {
					l[deepened] = 1
				}
				for at, term := range terms {
					if term.name == row.Term && term.levels[l[at]] == row.Level && e.MovedOn != nil {
						n++
					}
				}
			}
			if int64(n) < least || rows[i].Persons < least {
				t.Errorf("%s %s shown on %d moves (%d persons)", row.Term, row.Level, n, rows[i].Persons)
			}
		}
		if least == 10 && shown == 0 {
			t.Error("nothing is shown")
		}
	}
}
