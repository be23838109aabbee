package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Changes of ln Y by 1, 2, 3, 4, 5 and 40 hundredths: their median is 3.5, the distances 2.5, 1.5, 0.5, 0.5, 1.5, 36.5 have
// the median 1.5, so that z is (d − 3.5)/(1.4826·1.5): of the last 36.5/2.2239 = 16.41261, of the first −1.12415.
// Expected of the last is the month before times e^0.035.
func TestFlagsOfFiguresByHand(t *testing.T) {
	changes := []float64{1, 2, 3, 4, 5, 40}
	log := math.Log(1000)
	population := []disclose.Counted[schemas.RelationalPopulation]{changeFigure(monthEnd(2025, 1), schemas.SourceCombined, Composite, 1000, 0.1)}
	for i, d := range changes {
		log += d / 100
		population = append(population, changeFigure(monthEnd(2025, 2+i), schemas.SourceCombined, Composite, math.Exp(log), 0.1))
	}
	population[2].Persons, population[3].Row.Reliability = 9, "C"
	rows := Flags(Frame{AsOf: monthEnd(2025, 7)}, InputMonths{}, population)
	if len(rows) != 6 {
		t.Fatalf("%d rows, want one per change", len(rows))
	}
	last := rows[5].Row
	if math.Abs(*last.Score-16.41261) > 1e-4 || *last.Direction != 1 || math.Abs(*last.Expected-1000*math.Exp(0.185)) > 1e-6 || last.Method != FlagRobust {
		t.Errorf("July: %+v, score %v, expected %v", last, *last.Score, *last.Expected)
	}
	if first := rows[0].Row; math.Abs(*first.Score+1.12415) > 1e-4 || *first.Direction != 0 || first.Month != monthEnd(2025, 2) {
		t.Errorf("February: %+v, score %v", first, *first.Score)
	}
	for _, c := range rows {
		if c.Persons != 9 || c.Row.Reliability != "C" {
			t.Errorf("%s rests on %d persons and has class %s: all rest on the fewest of any", c.Row.Month, c.Persons, c.Row.Reliability)
		}
	}
	if low := ReliableFlag(last, "B"); low.Value != nil || low.Direction != nil || low.ObsStatus != schemas.LowReliability {
		t.Errorf("of class C where B is released: %+v", low)
	}
	if w := last.Withheld(); w.Score != nil || w.Expected != nil || w.Direction != nil || w.ScoreLimit != nil || w.ConfStatus != schemas.Withheld {
		t.Errorf("withheld: %+v", w)
	}
	population[4].Row.Reliability = schemas.LowReliability
	if weak := Flags(Frame{AsOf: monthEnd(2025, 7)}, InputMonths{}, population); len(weak) != 0 {
		t.Errorf("with a figure of class U: %d rows, want none", len(weak))
	}
	population[4].Row.Reliability = "A"
	if short := Flags(Frame{AsOf: monthEnd(2025, 7)}, InputMonths{}, population[1:]); len(short) != 0 {
		t.Errorf("five changes: %d rows, want none", len(short))
	}
}

// Of 24 months of 100 a day in like numbers one has three times as many, and one none.
func TestFlagsOfInputs(t *testing.T) {
	through := month(monthEnd(2025, 9))
	inputs := InputMonths{}
	random := rand.New(rand.NewPCG(3, 1))
	for at := through - 23; at <= through; at++ {
		n := int64(lastDay(at)-lastDay(at).MonthStart()+1)*10 + int64(random.NormFloat64()*17) // Poisson's error of 300
		switch at {
		case through - 4:
			n *= 3
		case through - 10:
			continue // a month of nothing has no row
		}
		inputs.Answers = append(inputs.Answers, InputMonth{Kind: schemas.SourceSurvey, Region: "30000", Month: at, Rows: n, Persons: n})
	}
	rows := Flags(nowcastFrame(monthEnd(2025, 9)), inputs, nil)
	if len(rows) != 24 {
		t.Fatalf("%d rows, want 24", len(rows))
	}
	for i, c := range rows {
		want := map[int]int32{13: -1, 19: 1}[i]
		if *c.Row.Direction != want || c.Persons != 0 || c.Row.Method != FlagOutlyingCounts || c.Row.FalseAlarm != 0.05 {
			t.Errorf("%s: %v where %v is expected: direction %d, want %d; rests on %d", c.Row.Month, *c.Row.Value, *c.Row.Expected, *c.Row.Direction, want, c.Persons)
		}
	}
	if short := Flags(nowcastFrame(monthEnd(2025, 9)), InputMonths{Answers: inputs.Answers[1:]}, nil); len(short) != 0 {
		t.Errorf("23 months: %d rows, want none", len(short))
	}
}

// Where nothing stands out, 5 % of series have a flag: 4,000 of other seeds, Monte Carlo error 0.35 points, twice of both sides.
func TestRobustLimitHolds(t *testing.T) {
	for _, n := range []int{6, 11, 23} {
		limit := robustLimit(n)
		random := rand.New(rand.NewPCG(99, uint64(n)))
		flagged := 0
		for range 4000 {
			population := []disclose.Counted[schemas.RelationalPopulation]{}
			log := 7.0
			for i := range n + 1 {
				population = append(population, changeFigure(monthEnd(2023, 1).AddMonths(i), schemas.SourceBooking, Thinned, math.Exp(log), 0.1))
				log += 0.02 * random.NormFloat64()
			}
			s := figureSeries(population)[0]
			for _, c := range s.changes(map[int]float64{n: limit}) {
				if *c.Row.Direction != 0 {
					flagged++
					break
				}
			}
		}
		if share := float64(flagged) / 4000; math.Abs(share-0.05) > 0.0125 {
			t.Errorf("%d changes, limit %.2f: %.2f %% of series have a flag, want 5", n, limit, 100*share)
		} else {
			t.Logf("%d changes, limit %.2f: %.2f %%", n, limit, 100*share)
		}
	}
}
