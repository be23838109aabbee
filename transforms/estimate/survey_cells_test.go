package estimate

import (
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// Visits to two municipalities may be one trip that went on. Of a definition of two trips: who was once in each of two
// municipalities counts for a half in the prefecture, and in no municipality; who was twice in one counts, whatever else there
// was; once and at least three times too; and where visits are to one municipality, or too few, nothing is open.
func TestTripsThatGoOn(t *testing.T) {
	i := slices.IndexFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID == "repeat-visits" })
	profile := schemas.BuiltinProfiles()[i]
	tie := func(region string, visits, most int32) ReportedTie {
		return ReportedTie{Region: region, Visits: visits, Most: most, Purposes: schemas.Leisure}
	}
	s := WeightedSurvey{
		Residences: []string{"13101", "13101", "13101", "13101", "13101"},
		Ties: [][]ReportedTie{
			{tie("30201", 1, 1), tie("30202", 1, 1)},
			{tie("30201", 2, 2), tie("30202", 1, 1)},
			{tie("30201", 1, 1), tie("30202", 3, 5)},
			{tie("30201", 1, 1)},
			{tie("30201", 1, 1), tie("27100", 1, 1)},
		},
	}
	cells := cellsOf(s, []schemas.Profile{profile}, []string{schemas.OutsidePrefecture})
	at := func(measure, region string) *cell {
		return cells.cells[cellKey{profile.ID, measure, schemas.OutsidePrefecture, region, schemas.All, schemas.All, -1}]
	}
	whole := at(schemas.Persons, "30000")
	if whole == nil || !slices.Equal(whole.units, []int32{0, 1, 2}) || !slices.Equal(whole.y, []float64{0.5, 1, 1}) {
		t.Fatalf("persons of the prefecture: %+v", whole)
	}
	if got := whole.split[splitClass{1, 2, 2}]; !slices.Equal(got, []int32{0}) {
		t.Errorf("undecided: %v", whole.split)
	}
	if any := at(schemas.PersonsAnyMunicipality, "30000"); any == nil || !slices.Equal(any.units, []int32{1, 2}) || len(any.split) != 0 {
		t.Errorf("persons of any municipality: %+v", any)
	}
	if len(cells.undecided) != 0 {
		t.Errorf("definitions that are not told: %v", cells.undecided)
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
