package main

import (
	"slices"
	"strconv"

	"github.com/kankei/kankei/transforms/capture"
)

// regionPersons are those of a region, in the cells of persons with at least k visits.
const regionPersons = 5000

// The targets of persons with at least k visits.
var (
	inFamily    = target{bias: 2, least: 93, most: 98}
	outOfFamily = target{bias: 8, least: 85}
	exact       = target{bias: 1, least: 93, most: 98}
	fromChecks  = target{least: 92}
	untargeted  = target{}
)

// halved asks besides for half the error of the naive count, where detection is 0.5 or less.
func halved(t target, p float64) target {
	t.half = p <= 0.5
	return t
}

// thresholds are the counts of each k by a family, or averaged.
func thresholds(by string, t target, ks ...int) []threshold {
	var counts []threshold
	for _, k := range ks {
		counts = append(counts, threshold{k, by, t})
	}
	return counts
}

// expected are the k of those asked for of which ten persons or more are expected.
func (w visiting) expected(ks ...int) []int {
	return slices.DeleteFunc(ks, func(k int) bool { return w.tail(k)*regionPersons < 10 })
}

// byFamily are the counts of k by each family alone, and by the best.
func byFamily(k int) []threshold {
	counts := []threshold{{k, best, untargeted}}
	for _, name := range []string{capture.ShiftedNegativeBinomial, capture.PoissonLogNormal, capture.TwoPoints, capture.ThreePoints, capture.MonthlyAtom, capture.LogSpline} {
		counts = append(counts, threshold{k, name, untargeted})
	}
	return counts
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

func seenWith(p float64) capture.Detection { return capture.Detection{Visit: capture.Rate{P: p}} }

// inFamilyCells draw visits of laws that the families hold.
func inFamilyCells() []Cell {
	var cells []Cell
	for _, w := range []visiting{low, middle, high, extreme, logNormal} {
		for _, p := range []float64{0.15, 0.25, 0.35, 0.5, 0.65, 0.8} {
			t := untargeted
			if p >= 0.35 {
				t = inFamily
			}
			s := thinned{name: "capture/in-family/" + w.name + "/p=" + number(p), what: "5,000 persons, p known", visiting: w, persons: regionPersons,
				detection: seenWith(p), told: known.of, counts: thresholds(averaged, halved(t, p), w.expected(1, 2, 4, 12)...)}
			if p == 0.35 {
				s.counts = append(s.counts, byFamily(4)...)
			}
			cells = append(cells, s.cell())
		}
	}
	return cells
}

// outOfFamilyCells draw visits of other laws, with and without the question how often
// visitors come.
func outOfFamilyCells() []Cell {
	questions := []struct {
		name, what string
		asking
	}{
		{"unasked", "nobody asked how often", asking{}},
		{"asked=300", "300 visitors asked how often, drawn with equal chances", asking{300, false}},
		{"asked=1000", "1,000 visitors asked how often, drawn with equal chances", asking{1000, false}},
		{"met=300", "300 visitors asked how often, met in proportion to their visits", asking{300, true}},
		{"met=1000", "1,000 visitors asked how often, met in proportion to their visits", asking{1000, true}},
	}
	var cells []Cell
	for _, w := range []visiting{monthlyVisitors, nearlyMonthly, gammaAndPoint, zipfian, twoKinds, threeKinds} {
		for _, p := range []float64{0.35, 0.6} {
			for _, q := range questions {
				s := thinned{name: "capture/out-of-family/" + w.name + "/p=" + number(p) + "/" + q.name, what: "5,000 persons, p known, " + q.what, visiting: w, persons: regionPersons,
					detection: seenWith(p), told: known.of, asking: q.asking, counts: thresholds(averaged, halved(outOfFamily, p), w.expected(1, 2, 4, 12)...)}
				if p == 0.35 && q.persons == 0 {
					s.counts = append(s.counts, byFamily(4)...)
				}
				cells = append(cells, s.cell())
			}
		}
	}
	return cells
}

// detectionCells vary the detection of the middle law at p = 0.35, and what is known of it.
func detectionCells() []Cell {
	var cells []Cell
	add := func(name, what string, d capture.Detection, ways ...knowledge) {
		for _, way := range ways {
			t := map[string]target{known.name: exact, estimated.name: fromChecks}[way.name]
			cells = append(cells, thinned{name: "capture/" + name + "/" + way.name, what: "5,000 persons, " + what + ", " + way.name, visiting: middle, persons: regionPersons,
				detection: d, told: way.of, counts: append(thresholds(averaged, t, 1, 2, 4), thresholds(capture.ShiftedNegativeBinomial, t, 1, 2, 4)...)}.cell())
		}
	}
	for _, loyalty := range []float64{0, 0.3, 0.6} {
		d := seenWith(0.35)
		d.Loyalty.P = loyalty
		ways := []knowledge{known, ignored, estimated}
		if loyalty == 0 {
			ways = ways[:1]
		}
		add("loyalty="+number(loyalty), number(100*loyalty)+" % of the persons guests of one house, 500 of them checked where estimated", d, ways...)
	}
	for _, missed := range []float64{0, 0.02, 0.05, 0.1} {
		d := seenWith(0.35)
		d.Missed.P = missed
		ways := []knowledge{known, ignored, estimated}
		if missed == 0 {
			ways = ways[:1]
		}
		add("missed="+number(missed), number(100*missed)+" % of the links missed, 500 checked where estimated", d, ways...)
	}
	d := seenWith(0.35)
	d.Welded.P = 0.02
	add("welded=0.02", "2 % of the pseudonyms hold two persons, 500 checked where estimated", d, known, ignored, estimated)
	for _, p := range []float64{0.35, 0.5} {
		for _, way := range []struct {
			name string
			t    target
		}{{"stated", fromChecks}, {"unstated", untargeted}} {
			cells = append(cells, thinned{name: "capture/p-drawn/p=" + number(p) + "/" + way.name, what: "5,000 persons, p drawn with a standard error of a tenth of it, which is " + way.name, visiting: middle, persons: regionPersons,
				detection: seenWith(p), told: drawnTo(way.name == "stated"), counts: thresholds(averaged, way.t, 1, 2, 4)}.cell())
		}
	}
	return cells
}

// captureCells are all cells of capture.
func captureCells() []Cell {
	return slices.Concat(inFamilyCells(), outOfFamilyCells(), detectionCells(), joinedCells(), boundCells(), listCells(), severalCells())
}
