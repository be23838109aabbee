package estimate

import (
	"math"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/weight"
)

// Visits to two municipalities may be one trip that went on. Of a definition of two trips: who was once in each of two
// municipalities counts for a half in the prefecture, and in no municipality; who was twice in one counts, whatever else there
// was; once and at least three times too; and where visits are to one municipality, or too few, nothing is open. A visit to kin
// first, which does not count, makes nobody two persons.
func TestTripsThatGoOn(t *testing.T) {
	i := slices.IndexFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID == "repeat-visits" })
	profile := schemas.BuiltinProfiles()[i]
	tie := func(region string, visits, most int32) ReportedTie {
		return ReportedTie{Region: region, Visits: visits, Most: most, Purposes: schemas.Leisure}
	}
	s := WeightedSurvey{
		Residences: []string{"13101", "13101", "13101", "13101", "13101", "13101"},
		Ties: [][]ReportedTie{
			{tie("30201", 1, 1), tie("30202", 1, 1)},
			{tie("30201", 2, 2), tie("30202", 1, 1)},
			{tie("30201", 1, 1), tie("30202", 3, 5)},
			{tie("30201", 1, 1)},
			{tie("30201", 1, 1), tie("27100", 1, 1)},
			{{Region: "30201", Visits: 1, Most: 1, Purposes: schemas.Kin}, tie("30202", 2, 3)},
		},
	}
	cells := cellsOf(s, []schemas.Profile{profile}, []string{schemas.OutsidePrefecture}, nil)
	at := func(measure, region string) *cell {
		return cells.cells[cellKey{profile.ID, measure, schemas.OutsidePrefecture, region, schemas.All, schemas.All, -1}]
	}
	whole := at(schemas.Persons, "30000")
	if whole == nil || !slices.Equal(whole.units, []int32{0, 1, 2, 5}) || !slices.Equal(whole.y, []float64{0.5, 1, 1, 1}) {
		t.Fatalf("persons of the prefecture: %+v", whole)
	}
	if got := whole.split[splitClass{1, 2, 2, evenError}]; !slices.Equal(got, []int32{0}) {
		t.Errorf("undecided: %v", whole.split)
	}
	if any := at(schemas.PersonsAnyMunicipality, "30000"); any == nil || !slices.Equal(any.units, []int32{1, 2, 5}) || !slices.Equal(any.y, []float64{1, 1, 1}) || len(any.split) != 0 {
		t.Errorf("persons of any municipality: %+v", any)
	}
	if len(cells.undecided) != 0 {
		t.Errorf("definitions that are not told: %v", cells.undecided)
	}
}

// Of the five above, each standing for one person, two have a pair in 30201 or 30202 and two and a half are of the prefecture:
// 0.8 pairs a person. The linearised values (y − 0.8 x)/2.5 are −0.16, 0.08, 0.08, 0, 0, whose variance is 5/4 · 0.0384 = 0.048;
// the person in doubt, √(1/12) of 2.5, adds (0.8 · 0.11547)². A wave that lost a fourth of its sample for each three who stayed,
// told to 30 % how alike they were, adds a tenth of every figure, and nothing to a ratio of two.
func TestPairsPerPersonAndDropOutByHand(t *testing.T) {
	i := slices.IndexFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID == "repeat-visits" })
	tie := func(region string, visits int32) ReportedTie {
		return ReportedTie{Region: region, Visits: visits, Most: visits, Purposes: schemas.Leisure}
	}
	s := WeightedSurvey{First: day("2025-03-01"), Last: day("2025-03-31"), Residences: []string{"13101", "13101", "13101", "13101", "13101"},
		Ties: [][]ReportedTie{{tie("30201", 1), tie("30202", 1)}, {tie("30201", 2), tie("30202", 1)}, {tie("30201", 1), tie("30202", 3)}, {tie("30201", 1)}, nil}}
	s.Design = weight.Design{Weights: []float64{1, 1, 1, 1, 1}}
	f := concentrationFrame()
	f.References, f.Profiles, f.Outside = f.References[1:], schemas.BuiltinProfiles()[i:i+1], []string{schemas.OutsidePrefecture}
	figures := func(dropOut float64) (ratio schemas.VisitBehaviour, pairs schemas.RelationalPopulation) {
		s.DropOut = dropOut
		out, err := RelationalPopulationOf(f, s, nil, []string{"one_off", "repeat", "related"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range out.VisitBehaviour {
			if c.Row.Statistic == "pairs_per_person" && c.Row.RegionCode == "30000" {
				ratio = c.Row
			}
		}
		for _, c := range out.RelationalPopulation {
			if key, whole := headlineOf(c.Row); whole && key.measure == schemas.Pairs && key.region == "30000" {
				pairs = c.Row
			}
		}
		return ratio, pairs
	}
	ratio, pairs := figures(0)
	if ratio.Value == nil || !near(*ratio.Value, 0.8, 1e-12) || !near(*ratio.StdError, math.Sqrt(0.048+square(0.8*math.Sqrt(1.0/12)/2.5)), 1e-12) || !(*ratio.CILow < 0.8 && 0.8 < *ratio.CIHigh) {
		t.Errorf("pairs per person: %+v", ratio)
	}
	again, wider := figures(0.1)
	if !near(*wider.Value, 2, 1e-12) || !near(*wider.StdError, math.Hypot(*pairs.StdError, 0.2), 1e-12) || *wider.CILow >= *pairs.CILow {
		t.Errorf("pairs with drop-out %+v, without %+v", wider, pairs)
	}
	if *again.StdError != *ratio.StdError {
		t.Errorf("drop-out moves both sides of a ratio alike: %v, %v", *again.StdError, *ratio.StdError)
	}
}

// Put together in any order, trips are at least the most visits to one municipality and at most all. Visits 2 to 3 and 1 to 1
// are 2 to 4 trips, which is what the likelihood of bookings hears of the answer.
func TestPooledTies(t *testing.T) {
	a, b, c := ReportedTie{Region: "18201", Visits: 2, Most: 3}, ReportedTie{Region: "18202", Visits: 1, Most: 1}, ReportedTie{Region: "18203", Visits: 4, Most: -1}
	want := ReportedTie{Region: "18000", Visits: 7, Most: -1, Alone: 4}
	for _, got := range []ReportedTie{pooled(pooled(a, b), c), pooled(pooled(c, a), b), pooled(c, pooled(b, a))} {
		if got != want {
			t.Errorf("pooled %+v, want %+v", got, want)
		}
	}
	var asked askedSum
	asked.add(0, pooled(a, b), 1)
	if got := asked.weights[[2]int32{2, 4}]; got != 1 || len(asked.weights) != 1 {
		t.Errorf("a survey asks for %v, want one answer of 2 to 4", asked.weights)
	}
}
