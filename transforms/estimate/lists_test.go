package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// listedPersons are persons of three lists, seen with 0.3, 0.4 and 0.5, who live in two
// prefectures, and by year, a third of whom leave each year.
func listedPersons(persons int) Lists {
	random := rand.New(rand.NewPCG(8, 30))
	reference, _ := schemas.NewDate(2025, 9, 30)
	l := Lists{Names: []string{"a", "b", "c"}, Reference: reference, Seed: 1}
	for k := range 4 {
		l.Ends = append(l.Ends, reference.AddMonths(-12*(3-k)))
	}
	count := map[[2]any]int64{}
	for i := range persons {
		origin := []string{"13000", "27000"}[i%2]
		var lists int32
		for k, p := range []float64{0.3, 0.4, 0.5} {
			if random.Float64() < p {
				lists |= 1 << k
			}
		}
		if lists > 0 {
			count[[2]any{origin, lists}]++
		}
	}
	for origin := range []string{"13000", "27000"} {
		for lists := int32(1); lists < 8; lists++ {
			code := []string{"13000", "27000"}[origin]
			l.Listed = append(l.Listed, Listed{"30000", code, lists, count[[2]any{code, lists}]})
		}
	}
	years := map[int32]int64{}
	for range persons {
		var seen int32
		for k := range 4 {
			if random.Float64() < 0.5 {
				seen |= 1 << k
			}
			if random.Float64() < 1.0/3 {
				break
			}
		}
		if seen > 0 {
			years[seen]++
		}
	}
	for seen := int32(1); seen < 16; seen++ {
		l.Years = append(l.Years, Listed{"30000", "13000", seen, years[seen]})
	}
	return l
}

func listFrame() Frame {
	return Frame{Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}}, Sources: map[string]SourceFrame{}}
}

// Independent lists find how many there are, each two and all three of them, whoever is
// on none; of the years, those who were there in each.
func TestListsFindWhoIsOnNone(t *testing.T) {
	const persons = 3000
	found := map[string]bool{}
	for _, c := range ListEstimates(listFrame(), listedPersons(persons)) {
		r := c.Row
		found[r.Estimator+" "+r.Lists] = true
		truth := float64(persons)
		if r.Estimator == JollySeber {
			truth *= 2.0 / 3
			if r.ReferenceMonth.String() == "2024-09-30" {
				truth *= 2.0 / 3
			}
		}
		if r.ObsStatus != schemas.Estimated || math.Abs(*r.Value/truth-1) > 0.1 {
			t.Errorf("%s %s %s: %+v, true %v", r.Estimator, r.Lists, r.ReferenceMonth, r, truth)
			continue
		}
		if r.CIHigh != nil && r.Estimator != DependenceBand && (*r.CILow > truth || *r.CIHigh < truth) {
			t.Errorf("%s %s: %v–%v, true %v", r.Estimator, r.Lists, *r.CILow, *r.CIHigh, truth)
		}
	}
	for _, want := range []string{"chapman a + b", "chapman a + c", "chapman b + c", "log_linear_averaged a + b + c", "dependence_band a + b + c",
		"sample_coverage a + b + c", "sample_coverage_lower_bound a + b + c", "huggins_alho a + b + c", "jolly_seber "} {
		if !found[want] {
			t.Errorf("no row %s", want)
		}
	}
}

// Lists of which one shares nobody with the others tell nothing of all together; links that
// were missed make the number too great unless they are told.
func TestListsThatCannotBeLinked(t *testing.T) {
	l := listedPersons(3000)
	l.Ends = nil
	split := l
	split.Listed = nil
	for _, h := range l.Listed {
		if h.Lists&4 != 0 && h.Lists != 4 { // the third list has other numbers: its persons are strangers
			split.Listed = append(split.Listed, Listed{h.Region, h.Origin, 4, h.Persons})
			h.Lists &^= 4
		}
		split.Listed = append(split.Listed, h)
	}
	estimable := map[string]bool{}
	for _, c := range ListEstimates(listFrame(), split) {
		estimable[c.Row.Estimator+" "+c.Row.Lists] = c.Row.Value != nil
	}
	if !estimable["chapman a + b"] || estimable["chapman a + c"] || estimable["log_linear_averaged a + b + c"] {
		t.Errorf("estimable: %v", estimable)
	}
	missed := l
	missed.Missed = capture.Rate{P: 0.1, StdErr: 0.02}
	plain, corrected := ListEstimates(listFrame(), l)[0].Row, ListEstimates(listFrame(), missed)[0].Row
	if math.Abs(*corrected.Value / *plain.Value - 0.9) > 0.01 || *corrected.StdError / *corrected.Value < *plain.StdError / *plain.Value {
		t.Errorf("a tenth of the links missed: %v ± %v, linked without error %v ± %v", *corrected.Value, *corrected.StdError, *plain.Value, *plain.StdError)
	}
}
