package estimate

import (
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// What drawn respondents say of a prefecture tells between how many trips they made: 30 were twice or three times in one of its
// municipalities and once in another, on two to four trips.
// Visits to kin, and those of the prefecture's own residents, do not count.
func TestTripsOfAPrefectureThatDrawnRespondentsTell(t *testing.T) {
	r := drawnTies{weight: 1, residence: "13101", ties: []ReportedTie{
		{Region: "30201", Visits: 1, Most: 1}, {Region: "30202", Visits: 2, Most: 3}, {Region: "30203", Visits: 9, Most: 9, Purposes: schemas.Kin}}}
	counts := func(t ReportedTie) bool { return t.Purposes&schemas.Kin == 0 }
	var asked askedSum
	for person := range int32(30) {
		tie, ok := r.outside(schemas.OutsidePrefecture, counts)
		if !ok {
			t.Fatal("there is no tie")
		}
		asked.add(person, tie, r.weight)
	}
	if got, want := asked.classes(false), []capture.Asked{{Least: 2, Most: 4, Persons: 30}}; !slices.Equal(got, want) {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	r.ties = r.ties[1:2]
	if tie, ok := r.outside(schemas.OutsidePrefecture, counts); !ok || tie.Visits != 2 || tie.Most != 3 || tie.Region != "30202" {
		t.Errorf("one municipality: %+v, %v", tie, ok)
	}
	r.residence = "30201"
	if tie, ok := r.outside(schemas.OutsidePrefecture, counts); ok {
		t.Errorf("a resident of the prefecture has a tie from outside: %+v", tie)
	}
}
