package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func timeOf(t *testing.T, rows []disclose.Counted[schemas.MigrationConversion], statistic string) disclose.Counted[schemas.MigrationConversion] {
	t.Helper()
	return find(t, rows, func(r schemas.MigrationConversion) bool {
		return r.Statistic == statistic && r.RegionCode == "30000" && r.Cohort == 0 && r.Estimator == detectedEstimator
	})
}

// Of 100 followed for three years 40 move in, one every 25 days: ten in the first 250 days, nine months,
// twenty in 500, 17 months, thirty in 750, 25 months. That k of them are half is not refused from 14 on,
// √(14/4 + 26/4 − 6²/100) = 3.1 being the error and 6 not above 1.96 of it, and is from 27 on, 7 being above:
// 350 and 675 days, 12 and 23 months.
func TestTimesByHand(t *testing.T) {
	f := frame(day(2026, 3, 31), 1)
	var entries []Entry
	for i := range 100 {
		e := entry("30000")
		if i < 40 {
			e.MovedOn = ptr(e.EnteredOn + schemas.Date(25*(i+1)))
		}
		entries = append(entries, e)
	}
	from := map[string]Seeing{"30000": {Since: day(2020, 1, 1), Moves: 0.5, MovesErr: 0.05}}
	rows, _, err := Prospective(f, entries, from)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		statistic string
		months    float64
		persons   int64
	}{{schemas.MonthsQuarter, 9, 10}, {schemas.MonthsHalf, 17, 20}, {schemas.MonthsThreeQuarters, 25, 10}} {
		got := timeOf(t, rows, want.statistic)
		if got.Row.Value == nil || *got.Row.Value != want.months || got.Persons != want.persons || got.Row.HorizonMonths != 36 || got.Row.Reason != "" {
			t.Errorf("%s: %+v of %d, want %v of %d", want.statistic, got.Row, got.Persons, want.months, want.persons)
		}
	}
	if half := timeOf(t, rows, schemas.MonthsHalf).Row; *half.CILow != 12 || *half.CIHigh != 23 {
		t.Errorf("half from %v to %v months, by hand 12 to 23", *half.CILow, *half.CIHigh)
	}
	corrected := find(t, rows, func(r schemas.MigrationConversion) bool {
		return r.Statistic == schemas.MonthsHalf && r.Estimator == correctedEstimator && r.Cohort == 0 && r.RegionCode == "30000"
	})
	if *corrected.Row.Value != 17 {
		t.Errorf("%v months, corrected for a share that falls out", *corrected.Row.Value)
	}
	for reason, of := range map[string][]Entry{schemas.FewMovers: entries[31:], schemas.FewAtRisk: entries[91:]} {
		rows, _, err := Prospective(f, of, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := timeOf(t, rows, schemas.MonthsHalf).Row; got.Value != nil || got.ObsStatus != schemas.NotEstimable || got.Reason != reason {
			t.Errorf("of %d: %+v, want %s", len(of), got, reason)
		}
	}
	f.AsOf = day(2024, 12, 31)
	if rows, _, err = Prospective(f, entries, from); err != nil {
		t.Fatal(err)
	}
	if got := timeOf(t, rows, schemas.MonthsHalf).Row; got.Reason != schemas.FollowUpShort {
		t.Errorf("followed 33 months: %+v", got)
	}
}

// The month by which half of those who move in within 36 months have, of a hazard of 0.1 a year, with 0.05
// a year moving elsewhere and entries over two years: intervals hold it in 94 to 98 of 100 worlds, whole
// months making them wide.
func TestTimesCover(t *testing.T) {
	const runs, persons = 400, 250
	const here, other = 0.1, 0.05
	truth := medianMonth(here, other)
	random := rand.New(rand.NewPCG(3, 6))
	f, held := frame(day(2026, 3, 31), 1), 0
	for range runs {
		var entries []Entry
		for range persons {
			e := Entry{Region: "30000", Origin: "27000", EnteredOn: day(2021, 4, 1) + schemas.Date(random.IntN(730)), Trips: 2, LastSeen: day(2026, 3, 1)}
			years := random.ExpFloat64() / here
			if away := random.ExpFloat64() / other; away < years {
				e.ElsewhereOn = ptr(e.EnteredOn + schemas.Date(away*365.25) + 1)
			} else if years < 20 {
				e.MovedOn = ptr(e.EnteredOn + schemas.Date(years*365.25) + 1)
			}
			entries = append(entries, e)
		}
		rows, _, err := Prospective(f, entries, map[string]Seeing{"30000": {Since: day(2020, 1, 1)}})
		if err != nil {
			t.Fatal(err)
		}
		if got := timeOf(t, rows, schemas.MonthsHalf).Row; *got.CILow <= truth && truth <= *got.CIHigh {
			held++
		}
	}
	t.Logf("%d of %d intervals hold %v months", held, runs, truth)
	if share := float64(held) / runs; share < 0.94 || share > 0.98 {
		t.Errorf("%.3f of the intervals hold %v months", share, truth)
	}
}

// medianMonth is that of two constant hazards: of those who leave within 36 months half have by then.
func medianMonth(here, other float64) float64 {
	gone := func(months int32) float64 { return -math.Expm1(-(here + other) * float64(days(months)) / 365.25) }
	for month := int32(1); ; month++ {
		if gone(month) >= gone(timesWithin)/2 {
			return float64(month)
		}
	}
}
