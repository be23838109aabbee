package main

import (
	"slices"

	"github.com/kankei/kankei/transforms/weight"
)

// The designs. Fixed before anything was tuned on them.
var (
	simple     = design{"design/srs/n=600", "simple random sample of 600 persons", persons(600)}
	unequal    = design{"design/stratified/n=900", "stratified sample of 900 persons, 40 to 200 of a stratum whatever its size", persons(200, 180, 120, 100, 80, 60, 40, 40, 40, 40)}
	clusters30 = design{"design/twostage/n=30psu", "30 districts (3 of each of 10 strata) in proportion to size, 15 persons of each",
		proportional(byStratum, everywhere(3), weight.LonelyAdjust)}
	clusters60 = design{"design/twostage/n=60psu", "60 districts (6 of each of 10 strata) in proportion to size, 15 persons of each",
		proportional(byStratum, everywhere(6), weight.LonelyAdjust)}
	clusters200 = design{"design/twostage/n=200psu", "200 districts (20 of each of 10 strata) in proportion to size, 15 persons of each",
		proportional(byStratum, everywhere(20), weight.LonelyAdjust)}
	halves = design{"design/pairs/n=80psu", "80 districts (2 of each of 40 strata) in proportion to size, 15 persons of each",
		proportional(bySubstratum, everywhere(2), weight.LonelyAdjust)}
	fpc = []design{
		{"design/fpc/onestage/n=60psu", "60 of 400 districts whole, corrected for the finite population", equal(6, true, true)},
		{"design/fpc/onestage/n=200psu", "200 of 400 districts whole, corrected for the finite population", equal(20, true, true)},
		{"design/fpc/twostage/n=60psu", "60 of 400 districts, 15 persons of each, corrected at both stages", equal(6, false, true)},
		{"design/fpc/twostage/n=200psu", "200 of 400 districts, 15 persons of each, corrected at both stages", equal(20, false, true)},
		{"design/fpc/leftout/n=200psu", "200 of 400 districts, 15 persons of each, the corrections left out", equal(20, false, false)},
	}
)

// lonelyDesigns draw one district of every fifth of 40 strata, two of the others,
// none of them with certainty.
func lonelyDesigns() []design {
	var designs []design
	for _, rule := range []struct {
		name   string
		lonely weight.Lonely
	}{{"adjust", weight.LonelyAdjust}, {"average", weight.LonelyAverage}, {"remove", weight.LonelyRemove}, {"certainty", weight.LonelyCertainty}} {
		designs = append(designs, design{"design/lonely/" + rule.name, "72 districts, 8 of the 40 strata having one: rule " + rule.name,
			proportional(bySubstratum, func(h int) int {
				if h%5 == 0 {
					return 1
				}
				return 2
			}, rule.lonely)})
	}
	return designs
}

// calibratedDesigns meet the population by sex, age and stratum.
func calibratedDesigns() []design {
	methods := []struct {
		name    string
		options weight.Options
	}{{"linear", weight.Options{Distance: weight.Linear}}, {"raked", raking}, {"logit", weight.Options{Distance: weight.Logit, Low: 0.3, High: 3}}}
	var designs []design
	for _, m := range methods {
		designs = append(designs,
			design{"design/calibrated/" + m.name + "/n=60psu", "60 districts, calibrated (" + m.name + ") to sex, age and stratum", calibrated(clusters60.draw, m.options)},
			design{"design/calibrated/" + m.name + "/n=600", "600 persons at random, calibrated (" + m.name + ") to sex, age and stratum", calibrated(simple.draw, m.options)})
	}
	return designs
}

var raking = weight.Options{Distance: weight.Raking}

// responseDesigns let persons answer by age, or, worse, by what is asked.
func responseDesigns() []design {
	byAge := func(p *population, k int32) float64 { return 0.3 + 0.1*float64(p.age[k]) }
	byTies := func(p *population, k int32) float64 {
		if p.ties[k] > 0 {
			return 0.7
		}
		return 0.5
	}
	var designs []design
	for _, r := range []struct {
		name, what  string
		probability func(*population, int32) float64
	}{
		{"byclass", "30 to 80 % answer, by age: made up by age class", byAge},
		{"byclass-and-ties", "70 % of the related answer and 50 % of the others: made up by age class, which cannot repair it", byTies},
	} {
		designs = append(designs, design{"design/nonresponse/" + r.name, "60 districts; " + r.what + ", then raked to sex, age and stratum",
			calibrated(responding(clusters60.draw, r.probability), raking)})
	}
	return designs
}

// replicateCells take the variance from replicate weights.
func replicateCells() []Cell {
	linearRatio := func(method string, make makeReplicates) estimand {
		return replicated(method, "ratio", make, ratio[0].truth, visitsPerTie, raking)
	}
	aTotal := func(method string, make makeReplicates) estimand {
		return replicated(method, "total", make, total[0].truth, totalOfTies, raking)
	}
	raked := design{"design/calibrated/raked/n=60psu", "60 districts, raked to sex, age and stratum", calibrated(clusters60.draw, raking)}
	cells := grid([]design{clusters60}, []estimand{aTotal("jackknife", jackknife), linearRatio("jackknife", jackknife), aTotal("bootstrap", bootstrap), linearRatio("bootstrap", bootstrap)})
	cells = append(cells, grid([]design{halves}, []estimand{aTotal("brr", balanced(0)), linearRatio("brr", balanced(0)), linearRatio("fay", balanced(0.3))})...)
	return append(cells, grid([]design{raked}, []estimand{aTotal("jackknife", jackknife)})...)
}

// designCells are all cells of probability samples.
func designCells() []Cell {
	regions := []estimand{
		related("region-large", "persons related to the most popular of 40 regions, all regions in one pass", 0),
		related("region-middle", "persons related to the sixth of 40 regions, all in one pass", 5),
		related("region-small", "persons related to the last of 40 regions, all in one pass", regionCount-1),
	}
	all := slices.Concat(total, mean, ratio, multiplicity, []estimand{half, tenth, fiftieth, visitShare, median}, largeDomain, smallDomain, []estimand{contrast})
	cells := grid([]design{simple, unequal, clusters30, clusters60, clusters200}, all)
	cells = append(cells, grid(fpc, []estimand{total[0], ratio[0], half})...)
	cells = append(cells, grid(lonelyDesigns(), []estimand{total[0], multiplicity[0]})...)
	cells = append(cells, grid(calibratedDesigns(), []estimand{total[0], tenth})...)
	cells = append(cells, grid(responseDesigns(), []estimand{total[0], tenth})...)
	cells = append(cells, replicateCells()...)
	return append(cells, grid([]design{clusters60, clusters200, {"design/calibrated/raked/n=200psu", "200 districts, raked to sex, age and stratum", calibrated(clusters200.draw, raking)}}, regions)...)
}
