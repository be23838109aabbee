package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// waves is a member of a panel asked every September from 2021 to 2025 who names the region in the first, moves after some
// years, here or elsewhere, and misses some answers.
func waves(number int64, years float64, end int32, answered func(wave int) bool) Member {
	m := Member{Region: "30000", Number: number, EnteredOn: day(2021, 9, 30), Weight: 1, EndedOn: day(2021, 9, 30), NotBy: day(2021, 9, 30)}
	for wave := 1; wave <= 4; wave++ {
		if !answered(wave) {
			continue
		}
		m.EndedOn = day(2021+wave, 9, 30)
		if years <= float64(wave) {
			m.End = end
			return m
		}
		m.NotBy = m.EndedOn
	}
	return m
}

// Of sixty members with a weight of 2, all of whom answer after a year, 12 live in the region by then; twelve of the others do not answer
// any more, and 18 of the 36 left live there a year later: F(12) = 12/60 and F(24) = 0.2 + 0.8/2, as of Kaplan and Meier, with
// Greenwood's errors. Ten with a weight of 12 whose moves lie within two years are shared out between both years as the others
// are. Waves of 18 months tell nothing of 12 and 24, but Weibull's law does, where the answers fit it with an end.
func TestSurveyedBetweenByHand(t *testing.T) {
	f := frame(day(2026, 3, 31), 1)
	var members []Member
	add := func(n int, weight float64, end int32, ended, notBy int) {
		for range n {
			members = append(members, Member{Region: "30000", Number: int64(len(members)), EnteredOn: day(2021, 9, 30), Weight: weight, End: end, EndedOn: day(2021+ended, 9, 30), NotBy: day(2021+notBy, 9, 30)})
		}
	}
	add(12, 2, moved, 1, 0)
	add(12, 2, 0, 1, 1)
	add(18, 2, moved, 2, 1)
	add(18, 2, 0, 2, 2)
	at := func(estimator string, horizon int32) schemas.MigrationConversion {
		t.Helper()
		rows, err := SurveyedBetween(f, members)
		if err != nil {
			t.Fatal(err)
		}
		return find(t, rows, conversionOf(estimator, "30000", horizon)).Row
	}
	if got, want := at(turnbullEstimator, 12), math.Sqrt(0.2*0.8/60); math.Abs(*got.Value-0.2) > 1e-8 || math.Abs(*got.StdError-want) > 1e-5 {
		t.Errorf("%v ± %v, want 0.2 ± %v", *got.Value, *got.StdError, want)
	}
	// Greenwood's: 0.4² {0.2/(60·0.8) + 0.5/(36·0.5)}.
	if got, want := at(turnbullEstimator, 24), 0.4*math.Sqrt(0.2/48+1./36); math.Abs(*got.Value-0.6) > 1e-8 || math.Abs(*got.StdError-want) > 1e-4 {
		t.Errorf("%v ± %v, want 0.6 ± %v", *got.Value, *got.StdError, want)
	}
	// Weibull's law through both points: (ln(1/0.4)/ln(1/0.8)) = 2^shape.
	if got := at(weibullEstimator, 12); math.Abs(*got.Value-0.2) > 1e-6 || math.Abs(*got.StdError-math.Sqrt(0.2*0.8/60)) > 1e-5 {
		t.Errorf("by Weibull's law %v ± %v, want 0.2", *got.Value, *got.StdError)
	}
	if got := at(weibullEstimator, 24); math.Abs(*got.Value-0.6) > 1e-6 {
		t.Errorf("by Weibull's law %v, want 0.6", *got.Value)
	}
	if got := at(turnbullEstimator, 36); got.Value != nil || got.Reason != schemas.FollowUpShort {
		t.Errorf("36 months: %+v", got)
	}
	add(10, 12, moved, 2, 0)
	// Weights are 240: 24 of the first year, and of the 120 as many as the masses say, p₁ = (24 + 120 p₁/(p₁ + p₂))/240.
	got, later := at(turnbullEstimator, 12), at(turnbullEstimator, 24)
	p1, p2 := *got.Value, *later.Value-*got.Value
	if d := (24 + 120*p1/(p1+p2)) / 240; math.Abs(d-p1) > 1e-6 {
		t.Errorf("p₁ = %v gives %v", p1, d)
	}
	members = nil
	add(20, 1, 0, 3, 3)
	add(12, 1, moved, 3, 0)
	for i := range members {
		members[i].EndedOn = day(2023, 3, 31)
		if members[i].End == 0 {
			members[i].NotBy = day(2023, 3, 31)
		}
	}
	add(12, 1, moved, 3, 3)
	for i := range members[32:] {
		members[32+i].EndedOn, members[32+i].NotBy = day(2024, 9, 30), day(2023, 3, 31)
	}
	if got := at(weibullEstimator, 24); got.Value != nil {
		t.Errorf("by Weibull's law, all of those followed so long having moved: %+v", got) // its likelihood has no maximum
	}
	add(6, 1, 0, 3, 3)
	if got := at(turnbullEstimator, 24); got.Value != nil || got.Reason != schemas.BetweenWaves {
		t.Errorf("24 months by waves of 18: %+v", got)
	}
	if got := at(weibullEstimator, 24); got.Value == nil || *got.Value < 12./50 || *got.Value > 0.6 {
		t.Errorf("24 months by Weibull's law: %+v", got)
	}
}

// Times to a move of 0.1 a year here, and 0.1 elsewhere, of members who miss one answer in four: F(t) = (1 − e^{−0.2t})/2,
// which is no law of Weibull's, but nearly. Sampling units of three members, who do alike, are as uncertain as a third of
// the members: 95 % intervals hold.
func TestSurveyedBetweenHolds(t *testing.T) {
	f := frame(day(2026, 3, 31), 1)
	truth := map[int32]float64{12: (1 - math.Exp(-0.2)) / 2, 24: (1 - math.Exp(-0.4)) / 2, 36: (1 - math.Exp(-0.6)) / 2}
	random := rand.New(rand.NewPCG(6, 3))
	const runs = 60
	held, sum := map[string]int{}, map[string]float64{}
	for range runs {
		var members []Member
		for unit := range 120 {
			years, end := random.ExpFloat64()/0.2, int32(1+random.IntN(2))
			for range 3 {
				answers := [5]bool{true, random.IntN(4) > 0, random.IntN(4) > 0, random.IntN(4) > 0, random.IntN(4) > 0}
				m := waves(int64(len(members)), years, end, func(wave int) bool { return answers[wave] })
				m.SamplingUnit = string(rune('A' + unit))
				if m.EndedOn > m.EnteredOn {
					members = append(members, m)
				}
			}
		}
		rows, err := SurveyedBetween(f, members)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range rows {
			if r := c.Row; r.RegionCode == "30000" && r.Value != nil {
				key := r.Estimator + " " + string(rune('0'+r.HorizonMonths/12))
				sum[key] += *r.Value / truth[r.HorizonMonths] / runs
				if *r.CILow <= truth[r.HorizonMonths] && truth[r.HorizonMonths] <= *r.CIHigh {
					held[key]++
				}
			}
		}
	}
	for _, estimator := range []string{turnbullEstimator, weibullEstimator} {
		for _, year := range []string{"1", "2", "3"} {
			key := estimator + " " + year
			if held[key] < 52 || math.Abs(sum[key]-1) > 0.06 {
				t.Errorf("%s: %v of the truth, intervals hold in %d of %d", key, sum[key], held[key], runs)
			}
		}
	}
}
