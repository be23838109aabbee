package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// chain is a kind of world whose exports go through the whole program: drawn, written as files, ingested, linked, counted,
// estimated and combined. Every world is drawn anew, the truth with it, and official visitors are wrong by what is said to
// be their error.
type chain struct {
	name, what string
	// change makes the scenario out of the base one; deliver changes the project that was written.
	change  func(*schemas.Scenario)
	deliver func(dir string) error
	// persons are the residents of a world, worlds the most that are drawn.
	persons int64
	worlds  int
}

const (
	chainPersons = 300_000
	// chainDefinition is one that bookings and surveys both tell.
	chainDefinition = "repeat-visits"
	// chainOfficialError is the standard error of the logarithm of a world's official visitors, which is stated in percent in
	// kankei.yaml.
	chainOfficialError = 0.05
	// chainPanel is a panel from which some two dozen answers come to a municipality, as from the land ministry's survey.
	chainPanel = 60_000
)

// chainClasses are the classes of figures, municipalities by their official visitors from other prefectures in the 12
// months, and all of them together: by what is known beforehand. A class of those with few persons would have those with few by chance, which are
// estimated too high by whatever borrows strength.
var chainClasses = []struct {
	name, measure, level string
	least, most          float64
}{
	{"prefecture", schemas.Persons, schemas.LevelPrefecture, 0, math.Inf(1)},
	{"pairs", schemas.Pairs, schemas.LevelPrefecture, 0, math.Inf(1)},
	{"municipalities", schemas.Persons, schemas.LevelMunicipality, 0, math.Inf(1)},
	{"large", schemas.Persons, schemas.LevelMunicipality, 2500, math.Inf(1)},
	{"middle", schemas.Persons, schemas.LevelMunicipality, 1000, 2500},
	{"small", schemas.Persons, schemas.LevelMunicipality, 0, 1000},
}

// chainEstimators tell figures of one region apart: what was counted in bookings, a direct survey, the survey on the
// spot, bookings with those whom they do not show, both together, and the headline; weak are headlines of low reliability
// (status U), which enter no other row.
var chainEstimators = []string{"naive", "survey", "spot", "booking", "joint", "headline", "weak"}

// chainEstimator is the one of a row, ” for none of these.
func chainEstimator(source, estimator string) string {
	switch {
	case source == schemas.SourceCombined:
		return "headline"
	case estimator == estimate.Observed && source == schemas.SourceBooking:
		return "naive"
	case estimator == estimate.SurveyCalibrated || estimator == estimate.SurveyDirect:
		return "survey"
	case estimator == estimate.OnsiteScaled:
		return "spot"
	case estimator == estimate.Thinned || estimator == estimate.ThinnedSynthetic:
		return "booking"
	case estimator == estimate.ThinnedJoint:
		return "joint"
	}
	return ""
}

// chainFigure is one figure of a world beside its truth.
type chainFigure struct {
	Truth, Value, Low, High float64
	// Estimated: there is a value; Bounded: with an interval; Shown: a release has it; Weak: of low reliability (status U).
	Estimated, Bounded, Shown, Weak bool
}

// chainWorld is what one world gave: figures by class of region and estimator, as "prefecture/naive".
type chainWorld map[string][]chainFigure

// chainOf sorts figures by class of region and estimator: persons of municipalities, persons and pairs of the prefecture.
// A region without an estimate is one all the same; one to which nobody is related is in none.
func chainOf(truth map[[2]string]float64, visitors map[string]float64, told map[[3]string]chainFigure) chainWorld {
	world := chainWorld{}
	var keys [][2]string
	for key := range truth {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		level := schemas.LevelMunicipality
		if strings.HasSuffix(key[1], "000") {
			level = schemas.LevelPrefecture
		}
		if key[1] == schemas.Nation || truth[key] == 0 {
			continue
		}
		for _, class := range chainClasses {
			if class.measure != key[0] || class.level != level || visitors[key[1]] < class.least || visitors[key[1]] >= class.most {
				continue
			}
			for _, estimator := range chainEstimators {
				f, ok := told[[3]string{key[0], key[1], estimator}]
				if !ok {
					f.Truth = truth[key]
				}
				at := class.name + "/" + estimator
				if estimator != "weak" {
					world[at] = append(world[at], f)
				}
				if estimator == "headline" && f.Weak {
					at, f.Weak = class.name+"/weak", false
					world[at] = append(world[at], f)
				}
			}
		}
	}
	return world
}

// chainTarget is what is asked of the headline, in percent.
type chainTarget struct{ bias, least, most, silent float64 }

// covers says whether so many of n intervals may be from intervals of which the asked share holds: neither so few nor so many
// are less likely than one in forty, intervals being taken as independent.
func (t chainTarget) covers(held, n float64) bool {
	const rare = 0.025
	few, many := distuv.Binomial{N: n, P: t.least / 100}, distuv.Binomial{N: n, P: t.most / 100}
	return few.CDF(held) >= rare && (held == 0 || 1-many.CDF(held-1) >= rare)
}

const chainHeading = `| cell | worlds | figures | withheld | weak | not estimable | bias | rmse | coverage | width | score |
|---|---|---|---|---|---|---|---|---|---|---|
`

// chainRow is one line: a class of regions and an estimator over all worlds. The bias is the sum of the errors over that of the
// truths; root mean square error, width and score are relative to each truth; all are of figures that are estimated and not of low reliability; Monte-Carlo errors take figures of one world for one.
func chainRow(name string, worlds [][]chainFigure, t *chainTarget, rivals []float64) (row string, rmse float64) {
	var n, withheld, weak, silent, bounded, held float64
	var squares, width, score float64
	var errs, truths, covers []float64 // by world
	for _, world := range worlds {
		var sum, of, in, intervals float64 // of the errors, of the truths
		for _, f := range world {
			n++
			if !f.Estimated {
				silent++
				continue
			}
			if f.Weak {
				weak++
				continue
			}
			if !f.Shown {
				withheld++
			}
			sum, of, squares = sum+f.Value-f.Truth, of+f.Truth, squares+(f.Value/f.Truth-1)*(f.Value/f.Truth-1)
			if !f.Bounded {
				continue
			}
			bounded, intervals = bounded+1, intervals+1
			width, score = width+(f.High-f.Low)/f.Truth, score+intervalScore(f.Low, f.High, f.Truth)/f.Truth
			if f.Low <= f.Truth && f.Truth <= f.High {
				held, in = held+1, in+1
			}
		}
		if of > 0 {
			errs, truths = append(errs, sum), append(truths, of)
		}
		if intervals > 0 {
			covers = append(covers, in/intervals)
		}
	}
	estimated := n - silent - weak
	if estimated == 0 {
		return fmt.Sprintf("| `%s` | %d | %.0f | – | %s | %s | – | – | – | – | – |", name, len(worlds), n, percentOf(weak, n), percentOf(silent, n)), math.NaN()
	}
	bias := floats.Sum(errs) / floats.Sum(truths)
	for i := range errs { // linearised
		errs[i] = (errs[i] - bias*truths[i]) / (floats.Sum(truths) / float64(len(truths)))
	}
	rmse = math.Sqrt(squares / estimated)
	missed := func(text string, is bool) string { return bold(text, t != nil && is) }
	texts := []string{"–", "–", "–"}
	if bounded > 0 {
		c := 100 * held / bounded
		texts[0] = missed(fmt.Sprintf("%.1f%s", c, chainError(covers)), t != nil && !t.covers(held, bounded))
		texts[1], texts[2] = fmt.Sprintf("%.0f", 100*width/bounded), fmt.Sprintf("%.0f", 100*score/bounded)
	}
	half := t != nil && slices.ContainsFunc(rivals, func(r float64) bool { return !math.IsNaN(r) && rmse > r/2 })
	return fmt.Sprintf("| `%s` | %d | %.0f | %s | %s | %s | %s | %s | %s |", name, len(worlds), n, percentOf(withheld, estimated), percentOf(weak, n),
		missed(percentOf(silent, n), t != nil && 100*silent/n > t.silent),
		missed(fmt.Sprintf("%+.1f%s", 100*bias, chainError(errs)), t != nil && 100*math.Abs(bias) > t.bias),
		missed(fmt.Sprintf("%.0f", 100*rmse), half), strings.Join(texts, " | ")), rmse
}

// percentOf is a share in percent, as it is printed; – of none.
func percentOf(part, whole float64) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", 100*part/whole)
}

// chainError is the Monte-Carlo error of a mean of worlds in percent, as it is printed; ” of fewer than two.
func chainError(x []float64) string {
	if len(x) < 2 {
		return ""
	}
	_, mcse := meanOf(x)
	return fmt.Sprintf(" ± %.1f", 100*mcse)
}

// cell is a cell of a row for each class of regions and estimator.
func (c chain) cell(t *chainTarget) Cell {
	cell := Cell{Name: "chain/" + c.name, What: c.what, Most: c.worlds}
	for _, class := range chainClasses {
		for _, e := range chainEstimators {
			cell.Figures = append(cell.Figures, part{name: class.name + "/" + e})
		}
	}
	cell.Lines = func(seed uint64, runs int) []string {
		worlds, failed, all := make([]chainWorld, runs), make([]error, runs), replications(seed, runs)
		eachOf(runs, func(run int) {
			worlds[run], failed[run] = c.keptWorld(all[run])
		})
		for _, err := range failed {
			if err != nil { // a world that cannot be run is a defect of the program, not an outcome
				panic(err)
			}
		}
		return c.lines(worlds, t)
	}
	return cell
}

func (c chain) lines(worlds []chainWorld, t *chainTarget) (lines []string) {
	for _, class := range chainClasses {
		var rivals []float64
		for _, e := range chainEstimators {
			of := make([][]chainFigure, len(worlds))
			for i, w := range worlds {
				of[i] = w[class.name+"/"+e]
			}
			var asked *chainTarget
			if e == "headline" {
				asked = t
			}
			line, rmse := chainRow("chain/"+c.name+"/"+class.name+"/"+e, of, asked, rivals)
			lines = append(lines, line)
			if e == "naive" || e == "survey" {
				rivals = append(rivals, rmse)
			}
		}
	}
	return lines
}

// chains are the kinds of world: the base scenario, adverse ones, and one small enough for the tests to run it anew.
func chains() []chain {
	without := func(source string) func(string) error {
		return func(dir string) error {
			return edit(filepath.Join(dir, "kankei.yaml"), `(?ms)^  - \{name: `+source+`.*?\}\}?\n`, "")
		}
	}
	all := []chain{
		{name: "base", what: "the base scenario with a panel of two dozen answers a municipality", worlds: 24},
		{name: "alike", what: "all municipalities draw the same mixture of visitors, so that the number of these tells all", worlds: 24, change: func(s *schemas.Scenario) { s.Diversity = 0 }},
		{name: "unnamed", what: "bookings are under the own name of one lodger in four", change: func(s *schemas.Scenario) { s.Lodging.OwnName = 0.25 }},
		{name: "small-panel", what: "4,000 members drawn in all", change: func(s *schemas.Scenario) { s.Panel.Sample = 4000 }},
		{name: "few-houses", what: "a quarter of the houses deliver", change: func(s *schemas.Scenario) { s.Lodging.Covered = 0.25 }},
		{name: "loyal", what: "seven in ten always sleep in one house", change: func(s *schemas.Scenario) { s.Lodging.Loyalty = 0.7 }},
		{name: "hard-to-link", what: "three times as many missing, changing and misspelt names, numbers and addresses", change: func(s *schemas.Scenario) {
			s.Identity.MissingPhone, s.Identity.MissingEmail, s.Identity.Misspelt, s.Identity.Changing = 0.2, 0.6, 0.03, 0.12
		}},
		{name: "tied-panel", what: "those with a tie join the panel with odds half as high again", change: func(s *schemas.Scenario) { s.Panel.JoinTied = 1.5 }},
		{name: "uneven", what: "rates of coming differ twice as much", change: func(s *schemas.Scenario) {
			s.Mobility *= 2
			for i := range s.Ties {
				s.Ties[i].Shape /= 2
			}
		}},
		{name: "visitors-high", what: "official visitors 15 % too high, and taken for right within 5", deliver: visitorsTimes(1.15)},
		{name: "wave-lost", what: "six in ten drop out of the panel before its second wave, of those related three in ten", change: func(s *schemas.Scenario) { s.Panel.Attrition, s.Panel.AttritionTied = 0.6, 0.5 }},
		{name: "no-spot", what: "no survey on the spot", deliver: without("onsite")},
		{name: "check", what: "a world of 60,000 residents and 12,000 members", persons: 60_000, worlds: 1, change: func(s *schemas.Scenario) { s.Panel.Sample = 12_000 }},
	}
	for i := range all {
		all[i].persons, all[i].worlds = cmp.Or(all[i].persons, chainPersons), cmp.Or(all[i].worlds, 3)
	}
	return all
}

// chainTargets are those of the kinds of world that have some. Intervals of areas that differ in nothing need not be as
// short as the truth would let them: σ² = 0 is known to nobody.
var chainTargets = map[string]*chainTarget{
	"base":  {bias: 2, least: 93, most: 97, silent: 5},
	"alike": {bias: 2, least: 92, most: 100, silent: 5},
}

func chainCells() (cells []Cell) {
	for _, c := range chains() {
		cells = append(cells, c.cell(chainTargets[c.name]))
	}
	return cells
}
