package estimate

import (
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func profileOf(id string, excludes []string, any ...schemas.Alternative) schemas.Profile {
	return schemas.Profile{ID: id, Excludes: excludes, Any: any}
}

// Two trips hold three, and visits to kin counted too hold those without; two days follow from two trips. Of two trips and eight
// stay-days neither holds the other, and a rule holds itself under another name, which is no pair.
func TestNested(t *testing.T) {
	kin := []string{"kin"}
	trips := func(n int) schemas.Alternative { return schemas.Alternative{MinTrips: n} }
	for _, c := range []struct {
		name string
		a, b schemas.Profile
		want bool
	}{
		{"kin", profileOf("a", kin, trips(2)), profileOf("b", nil, trips(2)), true},
		{"three trips", profileOf("a", kin, trips(2)), profileOf("b", kin, trips(3)), true},
		{"three trips with kin", profileOf("a", kin, trips(2)), profileOf("b", nil, trips(3)), false},
		{"two days", profileOf("a", kin, trips(2)), profileOf("b", nil, schemas.Alternative{MinDays: 2}), true},
		{"stay-days", profileOf("a", kin, trips(2)), profileOf("b", kin, schemas.Alternative{MinStayDays: 8}), false},
		{"one way more", profileOf("a", kin, trips(2)), profileOf("b", kin, trips(2), schemas.Alternative{MinStayDays: 8}), true},
		{"other name", profileOf("a", kin, trips(2)), profileOf("b", kin, trips(2)), false},
		{"own word", profileOf("a", kin, trips(1)), profileOf("b", kin, schemas.Alternative{MinTrips: 1, SelfReported: true}), true},
	} {
		for _, order := range [][]schemas.Profile{{c.a, c.b}, {c.b, c.a}} {
			if got := Nested(order); len(got) > 0 != c.want || c.want && got[0] != [2]int{0, 1} {
				t.Errorf("%s: %v, want a pair: %v", c.name, got, c.want)
			}
		}
	}
}

// Of the definition named later 5 of 35 come for kin alone, and none of 20: both are withheld. 12 of 62 are enough, what is told beside
// a withheld 8 is no difference, and an estimate is none.
func TestDefinitionsRestOnTheirDifference(t *testing.T) {
	row := func(definition, region string, n float64) disclose.Counted[schemas.RelationalPopulation] {
		return disclose.Counted[schemas.RelationalPopulation]{Persons: int64(n), Row: schemas.RelationalPopulation{Definition: definition, RegionCode: region, Estimator: Observed, Value: value(n)}}
	}
	rows := []disclose.Counted[schemas.RelationalPopulation]{
		row("wide", "30401", 35), row("wide", "30402", 20), row("wide", "30403", 62), row("wide", "30404", 11), row("wide", "30405", 40), row("other", "30401", 31),
		row("narrow", "30401", 30), row("narrow", "30402", 20), row("narrow", "30403", 50), row("narrow", "30404", 8), row("narrow", "30405", 39),
	}
	rows[4].Row.Estimator = "thinned"
	RestOnDifferences([]schemas.Profile{profileOf("narrow", []string{"kin"}, schemas.Alternative{MinTrips: 2}), profileOf("wide", nil, schemas.Alternative{MinTrips: 2}),
		profileOf("other", []string{"kin"}, schemas.Alternative{MinStayDays: 8})}, rows, disclose.Threshold{Persons: 10})
	var persons []int64
	for _, c := range rows {
		persons = append(persons, c.Persons)
	}
	if want := []int64{5, 0, 12, 11, 40, 31, 30, 20, 50, 8, 39}; !slices.Equal(persons, want) {
		t.Errorf("rows rest on %v persons, want %v", persons, want)
	}
}
