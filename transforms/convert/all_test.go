package convert

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/estimate"
)

// standing are 60 persons seen twice in the year to a landmark, of whom 12 move in after 100 days, and 40 seen four
// times, of whom 20 do.
func standing(landmark schemas.Date) (all []Standing) {
	for i := range 100 {
		s := Standing{Entry: Entry{Region: "30000", Origin: "27000", EnteredOn: landmark, Trips: 2}, Person: int64(i)}
		if i >= 60 {
			s.Trips = 4
		}
		if i < 12 || i >= 80 {
			s.MovedOn = ptr(landmark + 100)
		}
		all = append(all, s)
	}
	return all
}

// unseenOf says that four persons stand behind one seen twice, who made three trips, and two behind one seen four times,
// who made six; all who are related made so many in the mean.
func unseenOf(landmark schemas.Date, mean float64) []estimate.Unseen {
	return []estimate.Unseen{{Definition: "repeat-visits", Region: "30000", Reference: landmark, Trips: 2,
		Inverse: capture.Inverse{Weights: []float64{4, 3, 2}, Visits: []float64{3, 4, 6}, Mean: mean}}}
}

// One in five of those with three trips moves, and one in two of those with six: one in ten more for each trip, so that of all
// with four in the mean 0.3 do. Weights are 4 · 8/9 and 2 · 4/3: Σw = 320, as 60 · 4 + 40 · 2.
func TestAllByHand(t *testing.T) {
	landmark := day(2024, 3, 31)
	f := frame(day(2025, 6, 30), 1)
	f.References = []schemas.Date{landmark, day(2024, 4, 30)}
	seeing := map[string]Seeing{"30000": {Since: day(2020, 1, 1), Moves: 1}}
	at := func(people []Standing, mean float64, seeing map[string]Seeing) (schemas.MigrationConversion, int64) {
		t.Helper()
		rows, err := All(f, people, unseenOf(landmark, mean), seeing)
		if err != nil {
			t.Fatal(err)
		}
		for _, cohort := range []int32{0, 2024} {
			c := find(t, rows, func(r schemas.MigrationConversion) bool { return r.Cohort == cohort && r.HorizonMonths == 12 })
			if all := find(t, rows, conversionOf(allEstimator, "30000", 12)); !cmp.Equal(c.Row.Value, all.Row.Value) || c.Row.Reason != all.Row.Reason {
				t.Errorf("cohort %d: %+v, all: %+v", cohort, c.Row, all.Row)
			}
		}
		c := find(t, rows, conversionOf(allEstimator, "30000", 12))
		return c.Row, c.Persons
	}
	people := standing(landmark)
	got, persons := at(people, 4, seeing)
	const w2, w4 = 4 * 8. / 9, 2 * 4. / 3
	want := math.Sqrt(12*w2*w2*0.49+48*w2*w2*0.09+20*w4*w4*0.49+20*w4*w4*0.09) / 320
	if got.Value == nil || math.Abs(*got.Value-0.3) > 1e-12 || math.Abs(*got.StdError-want) > 1e-12 || persons != 32 {
		t.Errorf("%+v of %d, want 0.3 ± %v of 32", got, persons, want)
	}
	if got, _ := at(people, 2.4, seeing); got.Value == nil || math.Abs(*got.Value-0.14) > 1e-12 {
		t.Errorf("beyond those seen: %+v, want 0.14", got) // those seen four times weigh −16/9
	}
	// Half of the moves are recorded: twice as many move.
	if got, _ := at(people, 4, map[string]Seeing{"30000": {Since: day(2020, 1, 1), Moves: 0.5}}); math.Abs(*got.Value-0.6) > 1e-12 {
		t.Errorf("of half the moves: %+v, want 0.6", got)
	}
	// At the mean of 2 weights are worth 31 of the 100; all seen twice tell nothing of who come more rarely.
	for reason, row := range map[string]func() (schemas.MigrationConversion, int64){
		schemas.TooThin:   func() (schemas.MigrationConversion, int64) { return at(people, 2, seeing) },
		schemas.FewMovers: func() (schemas.MigrationConversion, int64) { return at(people[9:80], 4, seeing) },
		schemas.NoRecords: func() (schemas.MigrationConversion, int64) { return at(people, 4, nil) },
	} {
		if got, _ := row(); got.Value != nil || got.Reason != reason {
			t.Errorf("%+v, want %s", got, reason)
		}
	}
	if got, _ := at(people[:60], 4, seeing); got.Reason != schemas.TooThin {
		t.Errorf("of those seen twice alone: %+v", got)
	}
}

// The order and the numbers of persons change nothing. One who stands on two landmarks is one person: figures rest on as many
// as on one, and are as uncertain.
func TestAllOfPersonsOnTwoLandmarks(t *testing.T) {
	first, second := day(2023, 3, 31), day(2024, 3, 31)
	f := frame(day(2025, 6, 30), 1)
	f.References = []schemas.Date{first, second}
	seeing := map[string]Seeing{"30000": {Since: day(2020, 1, 1), Moves: 1}}
	people := append(standing(first), standing(second)...)
	for i := range people[:100] {
		if people[i].MovedOn != nil {
			people[i].MovedOn = ptr(second + 100)
		}
	}
	unseen := append(unseenOf(first, 4), unseenOf(second, 4)...)
	rows, err := All(f, people, unseen, seeing)
	if err != nil {
		t.Fatal(err)
	}
	every := find(t, rows, conversionOf(allEstimator, "30000", 12))
	if every.Row.Cohort != 0 || every.Persons != 32 || math.Abs(*every.Row.Value-0.15) > 1e-12 {
		t.Errorf("both landmarks: %+v of %d, want half of 0.3 of 32", every.Row, every.Persons)
	}
	one := find(t, rows, func(r schemas.MigrationConversion) bool { return r.Cohort == 2024 && r.HorizonMonths == 12 })
	if ratio := *every.Row.StdError / *one.Row.StdError; math.Abs(ratio-0.5) > 1e-9 {
		t.Errorf("errors of half the value: %v of those of one landmark", ratio)
	}
	other := slices.Clone(people)
	for i := range other {
		other[i].Person = 1000 - other[i].Person*7
	}
	slices.Reverse(other)
	again, err := All(f, other, unseen, seeing)
	if err != nil || !reflect.DeepEqual(rows, again) {
		t.Errorf("other numbers, another order: %v, %+v, want %+v", err, again, rows)
	}
}
