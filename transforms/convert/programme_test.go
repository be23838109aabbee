package convert

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func contrastRow(rows []disclose.Counted[schemas.ProgrammeContrast], outcome, statistic, covariate string) disclose.Counted[schemas.ProgrammeContrast] {
	for _, c := range rows {
		if c.Row.Outcome == outcome && c.Row.Statistic == statistic && c.Row.Covariate == covariate {
			return c
		}
	}
	return disclose.Counted[schemas.ProgrammeContrast]{}
}

// Of 80 on either side, alike in trips, 40 and 20 come again: 0.5 − 0.25.
func TestProgrammesByHand(t *testing.T) {
	f := prefecture("2025-03-31")
	var entries []Entry
	for i := range 160 {
		e := stays(f.AsOf - 600)
		e.Trips = int32(2 + i%2)
		e.TripsYearBefore, e.TripsYearAfter = ptr(int32(i/2%2)), ptr(int32(0))
		if i < 80 {
			e.ProgrammeOn = after(e.EnteredOn, -30)
		}
		if i < 40 || i >= 80 && i < 100 {
			e.TripsYearAfter = ptr(int32(2))
		}
		entries = append(entries, e)
	}
	early := stays(f.AsOf - 600) // on neither side
	early.ProgrammeOn, early.TripsYearAfter = after(early.EnteredOn, -800), ptr(int32(9))
	rows, err := Programmes(f, append(entries, early), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		statistic, covariate string
		want                 float64
		persons              int64
	}{{"att", "", 0.25, 20}, {"risk_treated", "", 0.5, 20}, {"risk_control", "", 0.25, 20}, {"smd_before", "trips", 0, 80}, {"smd_after", "trips", 0, 80},
		{"trimmed", "", 0, 80}, {"effective_sample_size", "", 80, 80}, {"placebo_p", "", 1, 80}} {
		got := contrastRow(rows, stillComing, c.statistic, c.covariate)
		if got.Row.Value == nil || math.Abs(*got.Row.Value-c.want) > 1e-9 || got.Persons != c.persons || got.Row.Label != "effect" {
			t.Errorf("%s %s: %+v, want %v on %d persons, an effect", c.statistic, c.covariate, got, c.want, c.persons)
		}
	}
	if got := contrastRow(rows, movedIn, "att", ""); got.Row.ObsStatus != schemas.NotEstimable || got.Row.Label != "association" {
		t.Errorf("nobody moved: %+v", got)
	}
}

// joins draws persons of whom those with more trips take part the likelier and come again the
// likelier, with an effect of taking part.
func joins(seed uint64, n int, asOf schemas.Date, effect float64) []Entry {
	r := rand.New(rand.NewPCG(seed, 8))
	var all []Entry
	for range n {
		e := stays(asOf - schemas.Date(400+r.IntN(300)))
		e.Trips, e.StayDays = int32(2+r.IntN(4)), int32(3+r.IntN(6))
		e.Origin = []string{"27000", "13000", "23000"}[r.IntN(3)]
		p := 0.2 + 0.1*float64(e.Trips-2)
		e.TripsYearBefore = ptr(int32(r.IntN(2)))
		if r.Float64() < p {
			e.ProgrammeOn = after(e.EnteredOn, -10)
		}
		come := 0.1 + 0.12*float64(e.Trips-2)
		if took(e) {
			come += effect
		}
		e.TripsYearAfter = ptr(int32(0))
		if r.Float64() < come {
			e.TripsYearAfter = ptr(int32(1))
		}
		all = append(all, e)
	}
	return all
}

// An effect of 0.2 is recovered; of nothing at most 9 of 60 find something (5 % expected).
func TestProgrammesOfSimulatedPersons(t *testing.T) {
	f := prefecture("2025-03-31")
	att := func(entries []Entry) schemas.ProgrammeContrast {
		rows, err := Programmes(f, entries, nil)
		if err != nil {
			t.Fatal(err)
		}
		return contrastRow(rows, stillComing, "att", "").Row
	}
	if row := att(joins(1, 4000, f.AsOf, 0.2)); math.Abs(*row.Value-0.2) > 2.5**row.StdError || *row.StdError > 0.03 {
		t.Errorf("planted 0.2, found %.3f ± %.3f", *row.Value, *row.StdError)
	}
	found := 0
	for seed := range uint64(60) {
		if row := att(joins(10+seed, 500, f.AsOf, 0)); *row.CILow > 0 || *row.CIHigh < 0 {
			found++
		}
	}
	t.Logf("found %d of 60", found)
	if found > 9 {
		t.Errorf("a programme that does nothing is found in %d of 60 runs", found)
	}
}

// Nobody, one person, one side: rows without figures, or none; no row rests on fewer persons
// than it may, nor is a figure of a few shown.
func TestProgrammesOfTooLittle(t *testing.T) {
	f := prefecture("2025-03-31")
	all := joins(2, 300, f.AsOf, 0)
	treated := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return !took(e) })
	few := slices.Clone(all)
	for i := range few {
		if took(few[i]) && i > 30 {
			few[i].ProgrammeOn = nil
		}
	}
	for name, entries := range map[string][]Entry{"nobody": nil, "one": treated[:1], "one side": treated, "few": few} {
		rows, err := Programmes(f, entries, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range disclose.Protect(rows, disclose.Threshold{Persons: 10}).Rows() {
			if row.Value != nil {
				t.Errorf("%s: %s %s shown: %v", name, row.Statistic, row.Covariate, *row.Value)
			}
		}
	}
	rows, err := Programmes(f, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rows {
		if v := c.Row.Value; v != nil && math.IsNaN(*v) {
			t.Errorf("%+v", c)
		}
	}
}

// Six municipalities double or quadruple their persons (and one) in the year they begin, of
// six others half double and half stay: (ln 2 + ln 4)/2 − ln 2/2 = ln 2. One with few persons
// in one year is in neither group.
func TestStaggeredByHand(t *testing.T) {
	f := prefecture("2025-03-31")
	f.References = []schemas.Date{f.AsOf.AddMonths(-24), f.AsOf.AddMonths(-12), f.AsOf.AddMonths(-5), f.AsOf}
	programme := Programme{Name: "workation", Since: f.AsOf.AddMonths(-6)}
	var tallies []schemas.Tally
	for i, after := range []int64{39, 39, 39, 79, 79, 79, 19, 19, 19, 39, 39, 39, 400} {
		code := "3020" + string(rune('a'+i))
		f.Regions = append(f.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "30000"})
		if i < 6 || i == 12 {
			programme.Regions = append(programme.Regions, code)
		}
		for j, d := range f.References {
			n := int64(19)
			switch {
			case i == 12 && j == 0:
				n = 9
			case j == 3:
				n = after
			case j == 0:
				n = int64(19 + i%3) // trends before differ by chance
			}
			tallies = append(tallies, schemas.Tally{ReferenceMonth: int32(monthOf(d)), SourceKind: schemas.SourceBooking, Tally: "repeat-visits/persons",
				Outside: schemas.OutsidePrefecture, RegionCode: code, OriginCode: schemas.All, Class: -1, Count: n})
		}
	}
	staggered := func(since schemas.Date, programmes ...Programme) []disclose.Counted[schemas.ProgrammeContrast] {
		rows, err := Staggered(f, programmes, tallies, since)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	rows := staggered(f.AsOf.AddMonths(-60), programme)
	att, trend := contrastRow(rows, logRelated, "att", ""), contrastRow(rows, logRelated, "pre_trend_p", "")
	if att.Row.Value == nil || math.Abs(*att.Row.Value-math.Ln2) > 1e-9 || att.Persons != 19 || att.Row.RegionCode != "30000" || att.Row.Label != "effect" {
		t.Errorf("att: %+v, want ln 2, an effect, on 19 persons", att)
	}
	if trend.Row.Value == nil || *trend.Row.Value < 0.99 {
		t.Errorf("pre-trend: %+v, want p = 1: both groups have the same", trend)
	}
	if p := contrastRow(rows, logRelated, attP, "").Row.Value; p == nil || *p <= 0 || *p > 0.05 {
		t.Errorf("p of a doubling: %v", p)
	}
	for _, years := range []schemas.Date{f.AsOf, f.AsOf.AddMonths(-13)} { // no year, one year
		for _, c := range staggered(years, programme) {
			if c.Row.Value != nil || c.Row.ObsStatus != schemas.NotEstimable {
				t.Errorf("bookings since %v: %+v", years, c)
			}
		}
	}
}

// By hand: of 0.01 and 0.04 of one outcome twice the smaller and the greater; 0.03 of another alone stays.
func TestContrastsOfManyRegionsAreAdjusted(t *testing.T) {
	var rows []disclose.Counted[schemas.ProgrammeContrast]
	for outcome, ps := range map[string][]float64{stillComing: {0.04, 0.01}, movedIn: {0.03}} {
		for _, p := range ps {
			rows = append(rows, disclose.Counted[schemas.ProgrammeContrast]{Row: schemas.ProgrammeContrast{Outcome: outcome, Statistic: attP, Value: &p}})
		}
	}
	rows = append(rows, disclose.Counted[schemas.ProgrammeContrast]{Row: schemas.ProgrammeContrast{Outcome: movedIn, Statistic: attP}})
	if err := adjust(rows); err != nil {
		t.Fatal(err)
	}
	got := map[string][]float64{}
	for _, c := range rows {
		if c.Row.Value != nil {
			got[c.Row.Outcome] = append(got[c.Row.Outcome], *c.Row.Value)
		}
	}
	if !slices.Equal(got[stillComing], []float64{0.04, 0.02}) || !slices.Equal(got[movedIn], []float64{0.03}) {
		t.Errorf("adjusted %v", got)
	}
}
