package convert

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// panelMoves are so many members of a panel who moved in by an answer, with a weight.
func panelMoves(n int, weight float64, related bool, on schemas.Date, unit string) []Mover {
	var all []Mover
	for i := range n {
		all = append(all, Mover{Source: "panel", Record: schemas.RecordPanel, Region: "30401", Origin: "27000", MovedOn: on, RelatedBefore: &related, Member: int64(1000*weight) + int64(i), Weight: weight, SamplingUnit: unit})
	}
	return all
}

// Of twelve members who moved in eight, with a weight of 100, had named the place, and four, with 300, had not: 0.4 of 600 a year were
// related, of 2,000: 1 − e^{−0.12}. The variance of the share is 12/11 {8 (100·0.6/2000)² + 4 (300·0.4/2000)²}.
func TestRetrospectivePanelByHand(t *testing.T) {
	f := frame(day(2025, 6, 30), 16)
	totals := []schemas.Total{inMigrants("30401", 2024, 600), inMigrants("30401", 2023, 600), inMigrants("30401", 2025, 600)}
	people := population(f, "30401", 2000, 100)
	on := day(2024, 9, 30)
	movers := append(panelMoves(8, 100, true, on, ""), panelMoves(4, 300, false, on, "")...)
	at := func(movers []Mover) (schemas.MigrationConversion, int64) {
		t.Helper()
		rows := RetrospectivePanel(f, append(movers, answers(30, on, true, nil)...), totals, people, true)
		c := find(t, rows, func(r schemas.MigrationConversion) bool { return r.RegionCode == "30401" && r.Cohort == 2024 })
		return c.Row, c.Persons
	}
	got, persons := at(movers)
	variance := 12. / 11 * (8*0.0009 + 4*0.0036)
	log := math.Sqrt(variance/0.16 + 0.0025)
	if want := 1 - math.Exp(-0.12); got.Value == nil || math.Abs(*got.Value-want) > 1e-12 || math.Abs(*got.StdError-0.12*log*math.Exp(-0.12)) > 1e-12 || persons != 4 {
		t.Errorf("%+v of %d, want %v ± %v", got, persons, want, 0.12*log*math.Exp(-0.12))
	}
	// All of one answer in one sampling unit are one.
	grouped := append(panelMoves(8, 100, true, on, "a"), panelMoves(4, 300, false, on, "b")...)
	if together, _ := at(grouped); *together.Value != *got.Value || *together.StdError < 1.5**got.StdError {
		t.Errorf("of two sampling units: ± %v, of members ± %v", *together.StdError, *got.StdError)
	}
	if few, _ := at(movers[:9]); few.Value != nil || few.Reason != schemas.FewMovers {
		t.Errorf("of nine: %+v", few)
	}
	if none := RetrospectivePanel(f, movers, totals, people, false); none != nil {
		t.Errorf("without a panel: %v", none)
	}
}

// In a region into which 2,000 move a year, 600 of them of the 5,000 who are related, a panel that holds one in fifty of the movers, by classes
// with weights of 30 and 90, finds conversion within a tenth of a percent of 1 − e^{−0.12} in the mean, and its intervals hold.
func TestRetrospectivePanelHolds(t *testing.T) {
	f := frame(day(2025, 6, 30), 16)
	var totals []schemas.Total
	for year := 2023; year <= 2025; year++ {
		totals = append(totals, inMigrants("30401", year, 2000))
	}
	on, truth := day(2024, 9, 30), 1-math.Exp(-0.12)
	random := rand.New(rand.NewPCG(2, 9))
	const runs = 400
	held, sum := 0, 0.0
	for range runs {
		var movers []Mover
		for i := range 2000 {
			related := i < 600
			weight := 30.
			if i%2 == 1 {
				weight = 90
			}
			if random.Float64()*weight < 1 {
				m := panelMoves(1, weight, related, on, "")
				m[0].Member = int64(i)
				movers = append(movers, m...)
			}
		}
		rows := RetrospectivePanel(f, movers, totals, population(f, "30401", 5000*(1+0.05*random.NormFloat64()), 250), true)
		r := find(t, rows, func(r schemas.MigrationConversion) bool { return r.RegionCode == "30401" && r.Cohort == 2024 }).Row
		if r.Value == nil {
			t.Fatal(fmt.Sprint(r))
		}
		sum += *r.Value / truth / runs
		if *r.CILow <= truth && truth <= *r.CIHigh {
			held++
		}
	}
	if math.Abs(sum-1) > 0.04 || held < 368 || held > 392 {
		t.Errorf("%v of the truth, intervals hold in %d of %d", sum, held, runs)
	}
}
