package estimate

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// ladderOf is a funnel of one region whose ties go between states in the fiscal year to
// March 2025; class is ten times the state before plus the state after.
func ladderOf(changes map[int32]int64) Funnel {
	f := Frame{
		References: []schemas.Date{lastDay(2025*12 + 2)}, Outside: []string{schemas.OutsidePrefecture},
		Regions: []schemas.Region{{RegionCode: "18000", RegionLevel: schemas.LevelPrefecture}},
		Sources: map[string]SourceFrame{schemas.SourceSurvey: {Identified: true}},
	}
	closing := map[int32]int64{}
	var tallies []schemas.Tally
	add := func(tally string, class int32, n int64) {
		tallies = append(tallies, schemas.Tally{ReferenceMonth: 2025*12 + 2, SourceKind: schemas.SourceSurvey, Tally: tally,
			Outside: schemas.OutsidePrefecture, RegionCode: "18000", OriginCode: schemas.All, Class: class, Count: n})
	}
	for class, n := range changes {
		add(tallyYear, class, n)
		if to := class % 10; to > stateNone && to < stateMoved {
			closing[to-1] += n
		}
	}
	for rank, n := range closing {
		add(tallyClosing, rank, n)
	}
	return EngagementFunnel(f, tallies, funnelLevels, disclose.Threshold{Persons: 10})
}

var funnelLevels = []string{"one_off", "repeat", "related", "deep", "two_region"}

// shownOf are the figures of the fiscal year that disclosure control shows, by level and
// statistic, and all of them.
func shownOf(f Funnel) (shown, all map[string]int64) {
	shown, all = map[string]int64{}, map[string]int64{}
	rows := disclose.Protect(f.Released, disclose.Threshold{Persons: 10}).Rows()
	for i, r := range rows {
		if r.Months != 12 {
			continue
		}
		key := r.Engagement + " " + r.Statistic
		all[key] = *f.Released[i].Row.Value
		if r.Value != nil {
			shown[key] = *r.Value
		}
	}
	return shown, all
}

// By hand: of 300 at one_off 200 lapse, 60 become repeat, 40 stay; 12 of the 50 at repeat
// fall to one_off, 20 lapse, 18 stay; 250 are new at one_off, 25 of whom were seen before, and
// 30 new at repeat. The levels above are empty.
func TestFunnelByHand(t *testing.T) {
	shown, _ := shownOf(ladderOf(map[int32]int64{10: 200, 12: 60, 11: 40, 21: 12, 20: 20, 22: 18, 1: 225, 71: 25, 2: 30}))
	want := map[string]int64{
		"one_off opening": 300, "one_off entries": 262, "one_off exits": 260, "one_off closing": 302,
		"one_off from_outside": 250, "one_off from_above": 12, "one_off to_outside": 200, "one_off to_above": 60,
		"one_off from_outside_new": 225, "one_off from_outside_again": 25,
		"repeat opening": 50, "repeat entries": 90, "repeat exits": 32, "repeat closing": 108,
		// Nobody comes to repeat from above or goes above it: its parts would tell.
	}
	if fmt.Sprint(shown) != fmt.Sprint(want) {
		t.Errorf("shown\n%v, want\n%v", shown, want)
	}
}

// A stock of a few is not told by the others, nor by what comes and goes: a second is
// withheld with it, and whoever stays is counted as one who is told of.
func TestFunnelHidesTheFew(t *testing.T) {
	few := map[int32]int64{11: 100, 1: 50, 10: 50, 22: 40, 2: 20, 20: 20, 33: 30, 3: 15, 30: 15, 44: 25, 4: 12, 40: 12, 55: 4}
	shown, _ := shownOf(ladderOf(few))
	for key, want := range map[string]bool{
		"two_region closing": false, "deep closing": false, "related closing": true, "two_region opening": false, "deep opening": false,
		"related entries": true, "deep entries": false,
	} {
		if _, there := shown[key]; there != want {
			t.Errorf("%s shown: %v, want %v", key, there, want)
		}
	}
	// 30 open, 25 leave and 25 come: the 5 who stay are told by the stock and the flow.
	shown, _ = shownOf(ladderOf(map[int32]int64{33: 5, 30: 25, 3: 25, 11: 50, 1: 50, 10: 50}))
	if _, there := shown["related exits"]; there {
		t.Error("the exits of related tell of the five who stay")
	}
}

// Whatever the changes, no figure that is withheld can be computed from those shown and
// the sums over levels that other datasets tell: none is a linear combination of them.
func TestFunnelIsNotSolved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		changes := map[int32]int64{}
		size := rapid.SampledFrom([]int64{15, 60, 400}).Draw(rt, "size")
		for from := int32(0); from <= stateAgain; from++ {
			for to := int32(0); to <= stateMoved; to++ {
				level := func(s int32) bool { return s > stateNone && s < stateMoved }
				if (level(from) || level(to)) && rapid.IntRange(0, 9).Draw(rt, "there") > 1 {
					changes[10*from+to] = rapid.Int64Range(0, size).Draw(rt, "ties")
				}
			}
		}
		shown, all := shownOf(ladderOf(changes))
		var rows []float64
		n := 0
		addRow := func(v []float64) { rows, n = append(rows, v...), n+1 }
		for key := range shown {
			addRow(weights(key))
		}
		for _, statistic := range []string{schemas.FunnelOpening, schemas.FunnelClosing} {
			sum := make([]float64, states*states)
			for _, level := range funnelLevels {
				for i, w := range weights(level + " " + statistic) {
					sum[i] += w
				}
			}
			addRow(sum)
		}
		known := mat.NewDense(n, states*states, rows)
		rank := rankOf(known)
		for key, v := range all {
			if _, there := shown[key]; there || v >= 10 || v == 0 && slices.Max(weights(key)) == 0 {
				continue // large ones are withheld to protect others
			}
			var more mat.Dense
			more.Stack(known, mat.NewDense(1, states*states, weights(key)))
			if rankOf(&more) == rank {
				rt.Errorf("%s is %d, is withheld, and follows from what is shown: %v", key, v, shown)
			}
		}
	})
}

const states = stateAgain + 1

// weights says which changes a figure counts: 1 at 8 × from + to.
func weights(key string) []float64 {
	w := make([]float64, states*states)
	for from := range int32(states) {
		for to := range int32(stateMoved + 1) {
			flows := make([]levelFlow, len(funnelLevels))
			change(flows, from, to, 1)
			if from > stateNone && from < stateMoved {
				flows[from-1].opening = 1
			}
			if to > stateNone && to < stateMoved {
				flows[to-1].closing = 1
			}
			for rank, level := range funnelLevels {
				for _, c := range flows[rank].cells() {
					if level+" "+c.statistic == key {
						w[states*from+to] = float64(c.value)
					}
				}
			}
		}
	}
	return w
}

func rankOf(m *mat.Dense) int {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return -1
	}
	rank := 0
	for _, v := range svd.Values(nil) {
		if v > 1e-9*math.Max(1, svd.Values(nil)[0]) {
			rank++
		}
	}
	return rank
}

// One house in the window of the year before, two in that of the year: who was there at its beginning the one knows, and nobody alone who is there at the end
// and who came or went.
func TestHousesThatKnowTheFunnel(t *testing.T) {
	end := schemas.Date(20178) // 2025-03-31
	l := ladder{source: SourceFrame{Facilities: map[RegionMonth]int64{{"30401", end}: 2, {"30401", end.AddMonths(-12)}: 1}}}
	for statistic, want := range map[string]int64{schemas.FunnelOpening: 1, schemas.FunnelEntries: 2, schemas.FunnelClosing: 2} {
		c := l.counted(schemas.EngagementFunnel{Statistic: statistic, RegionCode: "30401", ReferenceMonth: end, Months: 12}, 20)
		if c.Facilities != 1 || c.Houses != want {
			t.Errorf("%s: %d houses know, %d count, want %d and 1", statistic, c.Houses, c.Facilities, want)
		}
	}
}
