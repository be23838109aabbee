package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/simulate"
	"github.com/kankei/kankei/transforms/weight"
)

// The world of the study: the frozen base scenario, once.
const (
	worldPersons  = 200_000
	worldSeed     = base
	worldScenario = "base"
	// block is how many persons of the world are made at a time.
	block = 1000
)

// simulated is a world with all that the study's surveys need of it.
type simulated struct {
	*simulate.World
	truth  map[figureKey]float64
	totals []schemas.Total // residents by sex and age
	frame  estimate.Frame
	panel  [2][]panelStratum // of each wave
	spots  onsiteWorld
}

// figureKey names a figure of the relational population.
type figureKey struct{ definition, measure, region string }

// panelStratum is the residents of a stratum as they would answer as members of
// the web panel.
type panelStratum struct {
	name      string
	residents float64
	members   []member
}

// member is a resident who may be a member of the panel, at one wave.
type member struct {
	weight.Respondent
	ties []estimate.ReportedTie
}

// theWorld is made once.
var theWorld = sync.OnceValue(newSimulated)

func newSimulated() *simulated {
	scenarios := schemas.BuiltinScenarios()
	scenario := scenarios[slices.IndexFunc(scenarios, func(s schemas.Scenario) bool { return s.ID == worldScenario })]
	s := &simulated{truth: map[figureKey]float64{}}
	var regions []schemas.Region
	for _, r := range reference.Load().Regions() {
		if r.ValidTo == nil {
			regions = append(regions, r)
		}
	}
	s.World = must(simulate.NewWorld(scenario, worldSeed, worldPersons, regions))
	everybody := scenario // the same world, where the panel is all residents, and all answer the first wave
	everybody.Panel.Sample, everybody.Panel.Join, everybody.Panel.JoinAge, everybody.Panel.Response = 4*worldPersons, 1, nil, 1
	census := must(simulate.NewWorld(everybody, worldSeed, worldPersons, regions))
	drawn := census.Select(0)

	profiles := slices.DeleteFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID != "repeat-visits" && p.ID != "mlit-visiting" })
	profiles = append(profiles, fourVisits())
	tally, official := simulate.NewTally(s.World, profiles), simulate.NewOfficial(s.World)
	blocks := make([][][2]*simulate.Answer, (s.Residents+s.Strangers+block-1)/block)
	people := make([][]simulate.Person, len(blocks))
	var adding sync.Mutex // counts are whole numbers: their order does not matter
	inChunks(len(blocks), func(b int) {
		t, o := simulate.NewTally(s.World, profiles), simulate.NewOfficial(s.World)
		for id := int64(b) * block; id < min(int64(b+1)*block, s.Residents+s.Strangers); id++ {
			p := s.Person(id)
			t.Add(&p)
			o.Add(&p)
			if drawn.Has(id) {
				var waves [2]*simulate.Answer
				for _, a := range census.Answers(&p, drawn) {
					waves[a.Wave] = &a
				}
				blocks[b] = append(blocks[b], waves)
			}
			if len(p.Trips) > 0 && !p.Abroad {
				people[b] = append(people[b], p)
			}
		}
		adding.Lock()
		tally.Merge(t)
		official.Merge(o)
		adding.Unlock()
	})
	s.lay(profiles, regions, tally, official)
	for wave := range s.panel {
		s.panel[wave] = s.strata(slices.Concat(blocks...), wave)
	}
	s.spots = newOnsiteWorld(s, slices.Concat(people...), official)
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// waveDay is the last day of the month of a wave.
func (s *simulated) waveDay(wave int) schemas.Date {
	return must(schemas.ParseDate(s.Scenario.Panel.Waves[wave] + "-01")).MonthEnd()
}

// lay keeps the truth of the first wave's month, the official totals and the
// frame of the prefecture's regions. Those of the second wave are kept under its
// number.
func (s *simulated) lay(profiles []schemas.Profile, regions []schemas.Region, tally *simulate.Tally, official *simulate.Official) {
	for _, t := range tally.Truth() {
		for wave := range s.panel {
			if t.Dataset == "relational_population" && t.ReferenceMonth == s.waveDay(wave) && t.Outside == schemas.OutsidePrefecture &&
				t.OriginCode == schemas.All && t.RelationType == schemas.All && t.Engagement == schemas.All {
				s.truth[figureKey{waveName(wave) + t.Definition, t.Statistic, t.RegionCode}] = t.Value
			}
		}
	}
	for _, f := range official.Figures("residents") {
		s.totals = append(s.totals, schemas.Total{Statistic: f.Statistic, RegionCode: f.Region, PeriodStart: f.Month, PeriodEnd: f.Month,
			OriginCode: f.Origin, Breakdown: f.Breakdown, Value: float64(f.Value)})
	}
	s.frame = estimate.Frame{Profiles: profiles, Outside: []string{schemas.OutsidePrefecture}}
	for _, r := range regions {
		if r.RegionLevel != schemas.LevelWard && slices.Contains(s.Scenario.Regions, r.PrefectureCode) {
			s.frame.Regions = append(s.frame.Regions, r)
		}
	}
}

func waveName(wave int) string { return fmt.Sprintf("wave%d ", wave+1) }

// strata sorts the residents by stratum, in the order of the persons.
func (s *simulated) strata(answers [][2]*simulate.Answer, wave int) []panelStratum {
	var strata []panelStratum
	for _, waves := range answers {
		a := waves[wave]
		if a == nil { // has died
			continue
		}
		h := slices.IndexFunc(strata, func(p panelStratum) bool { return p.name == a.Stratum })
		if h < 0 {
			h = len(strata)
			strata = append(strata, panelStratum{name: a.Stratum})
		}
		m := member{Respondent: weight.Respondent{Stratum: a.Stratum, Responded: a.Responded, Sex: "male", Age: int32(a.Age), Residence: s.Places[a.Home].RegionCode}}
		if a.Female {
			m.Sex = "female"
		}
		for _, t := range a.Ties {
			least, most := panelClass(t.Visits)
			m.ties = append(m.ties, estimate.ReportedTie{Region: s.Places[t.Place].RegionCode, Regular: t.Regular, Purposes: t.Purposes, Visits: least, Most: most})
		}
		strata[h].members = append(strata[h].members, m)
		strata[h].residents += a.Weight // of the census, of which all are drawn
	}
	return strata
}

// panelClass is the class of visits answered in the panel.
func panelClass(visits int32) (least, most int32) {
	for _, c := range [][2]int32{{0, 0}, {1, 1}, {2, 3}, {4, 6}, {7, 11}, {12, 12}, {24, 36}} {
		if visits <= c[1] {
			return c[0], c[1]
		}
	}
	return 52, -1
}

// survey makes a panel and draws its sample, in equal numbers from every stratum:
// residents are called up at random, each being a member with the probability of
// their age, until there are enough. The first wave is answered at random, the
// second by those who stayed, which is not.
func (s *simulated) survey(random *rand.Rand, wave int) (estimate.WeightedSurvey, error) {
	day := s.waveDay(wave)
	w := estimate.WeightedSurvey{First: day, Last: day, Panel: true, Drift: 0.05}
	var people []weight.Respondent
	var ties [][]estimate.ReportedTie
	for _, stratum := range s.panel[wave] {
		n := s.Scenario.Panel.Sample / len(s.panel[wave])
		order := numbers(len(stratum.members))
		for called, drawn := 0, 0; drawn < n && called < len(order); called++ {
			other := called + random.IntN(len(order)-called)
			order[called], order[other] = order[other], order[called]
			m := stratum.members[order[called]]
			if random.Float64() >= s.joins(m.Age) {
				continue
			}
			drawn++
			m.Weight = stratum.residents / float64(n)
			m.Responded = m.Responded && random.Float64() < s.Scenario.Panel.Response
			people, ties = append(people, m.Respondent), append(ties, m.ties)
		}
	}
	drawn, err := weight.NewSample(people, s.totals, day, weight.Plan{Margins: []string{"sex_age"}, NonResponse: "sex_age", Options: raking})
	if err != nil {
		return w, err
	}
	w.Survey = estimate.Survey{Design: drawn.Design, Calibration: drawn.Calibration}
	for _, k := range drawn.Kept {
		w.Residences, w.Ties = append(w.Residences, people[k].Residence), append(w.Ties, ties[k])
	}
	return w, nil
}

// joins is the probability of being a member by age.
func (s *simulated) joins(age int32) float64 {
	class := 0
	for class < 4 && age > []int32{29, 44, 59, 74}[class] {
		class++
	}
	return s.Scenario.Panel.Join * s.Scenario.Panel.JoinAge[class]
}

// numbers are 0 … n − 1.
func numbers(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// published are the figures of one sample of the panel, by their keys.
func (s *simulated) published(random *rand.Rand, wave int) map[figureKey]outcome {
	w, err := s.survey(random, wave)
	if err != nil {
		return nil
	}
	frame := s.frame
	frame.References = []schemas.Date{s.waveDay(wave)}
	all, err := estimate.RelationalPopulationOf(frame, w, nil, []string{"one_off", "repeat", "related"})
	if err != nil {
		return nil
	}
	return figuresByKey(all.RelationalPopulation, waveName(wave))
}

// figuresByKey are published figures that are estimable, those of all persons.
func figuresByKey(rows []disclose.Counted[schemas.RelationalPopulation], wave string) map[figureKey]outcome {
	figures := map[figureKey]outcome{}
	for _, f := range rows {
		r := f.Row
		if r.OriginCode == schemas.All && r.RelationType == schemas.All && r.Engagement == schemas.All && r.Value != nil {
			figures[figureKey{wave + r.Definition, r.Measure, r.RegionCode}] = outcome{value: *r.Value, stdErr: *r.StdError,
				low: *r.CILow, high: *r.CIHigh, unreliable: r.ObsStatus == schemas.LowReliability}
		}
	}
	return figures
}

// repeated keeps what a number of runs gave, so that the cells of one survey draw
// it once; its streams are of the first cell's kind, not of each cell.
type repeated[T any] struct {
	runs int
	all  []T
}

// take gives the runs, drawn if they are not the last ones drawn.
func (r *repeated[T]) take(runs int, stream uint64, once func(random *rand.Rand) T) []T {
	if r.runs != runs || r.all == nil {
		all := make([]T, runs)
		inChunks(runs, func(run int) { all[run] = once(rand.New(rand.NewPCG(stream, uint64(run)))) })
		r.runs, r.all = runs, all
	}
	return r.all
}

var panelRuns [2]repeated[map[figureKey]outcome]

// pool puts the results of several figures together: what is relative to the truth
// is their mean; runs, and what is counted over them, are added up.
func pool(results []Result) Result {
	var p Result
	n := float64(len(results))
	for _, r := range results {
		p.Truth += r.Truth / n
		p.Runs, p.Failed, p.Unreliable = p.Runs+r.Runs, p.Failed+r.Failed, p.Unreliable+r.Unreliable
		p.Covered, p.Below, p.Above = p.Covered+r.Covered, p.Below+r.Below, p.Above+r.Above
	}
	for _, r := range results {
		scale := p.Truth / r.Truth / n
		p.Mean, p.StdErr, p.Width, p.Score = p.Mean+r.Mean*scale, p.StdErr+r.StdErr*scale, p.Width+r.Width*scale, p.Score+r.Score*scale
		p.SD += r.SD * scale
	}
	return p
}

// sizes are classes of municipalities by the respondents expected in the figure.
var sizes = []struct {
	name, what  string
	least, most float64
}{
	{"larger", "2 respondents or more expected", 2, math.Inf(1)},
	{"smaller", "less than 2 respondents expected", 0, 2},
}

// figuresOf are the municipal figures of a definition and measure that so many
// respondents are expected in.
func (s *simulated) figuresOf(wave int, definition, measure string, least, most float64) []figureKey {
	answers := float64(s.Scenario.Panel.Sample) * s.Scenario.Panel.Response
	var keys []figureKey
	for _, r := range s.frame.Regions {
		k := figureKey{waveName(wave) + definition, measure, r.RegionCode}
		if expected := s.truth[k] / worldPersons * answers; r.RegionLevel == schemas.LevelMunicipality && expected >= least && expected < most && expected > 0 {
			keys = append(keys, k)
		}
	}
	return keys
}

// worldPanelCell judges published figures of some regions.
func worldPanelCell(name, what string, wave int, keys func(s *simulated) []figureKey) Cell {
	return Cell{Name: name, What: what, Run: func(_ uint64, runs int) Result {
		s := theWorld()
		all := panelRuns[wave].take(runs, worldSeed+uint64(wave), func(random *rand.Rand) map[figureKey]outcome { return s.published(random, wave) })
		return s.judged(keys(s), all)
	}}
}

// judged pools the results of some figures over the runs.
func (s *simulated) judged(keys []figureKey, runs []map[figureKey]outcome) Result {
	var results []Result
	for _, k := range keys {
		outcomes := make([]outcome, len(runs))
		for i, figures := range runs {
			o, there := figures[k]
			o.failed = !there
			outcomes[i] = o
		}
		results = append(results, summarise(s.truth[k], outcomes))
	}
	return pool(results)
}

// worldCells are those of the surveys of the simulated world.
func worldCells() []Cell {
	var cells []Cell
	for wave := range 2 {
		for _, definition := range []string{"repeat-visits", "mlit-visiting"} {
			path := fmt.Sprintf("world/panel/wave%d/%s/", wave+1, definition)
			for _, measure := range []string{schemas.Persons, schemas.Pairs} {
				cells = append(cells, worldPanelCell(path+measure+"/prefecture", measure+" of the prefecture", wave, func(s *simulated) []figureKey {
					return []figureKey{{waveName(wave) + definition, measure, s.Scenario.Regions[0]}}
				}))
			}
			for _, size := range sizes {
				cells = append(cells, worldPanelCell(path+"persons/"+size.name, "persons of municipalities with "+size.what, wave, func(s *simulated) []figureKey {
					return s.figuresOf(wave, definition, schemas.Persons, size.least, size.most)
				}))
			}
		}
	}
	return append(cells, worldOnsiteCells()...)
}
