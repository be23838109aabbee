package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
	"github.com/kankei/kankei/transforms/disclose"
)

// waves is a panel that names a region: members in two classes, who stand for 30 and 90 persons each and whose hazards of moving
// in are unlike, asked every September from 2019 to 2023.
type waves struct {
	members  int
	answered float64 // the probability to answer a wave after the first
}

var (
	waveWeights = [2]float64{30, 90}
	waveHazards = [2]float64{0.08, 0.04} // a year
)

const waveElsewhere = 0.05

// incidence is the probability to have moved in within some years, of all for whom members stand: half the members are of
// either class.
func (w waves) incidence(years float64) float64 {
	var sum, all float64
	for class, weight := range waveWeights {
		h := waveHazards[class]
		sum += weight * h / (h + waveElsewhere) * -math.Expm1(-(h+waveElsewhere)*years)
		all += weight
	}
	return sum / all
}

// draw are the members as their answers tell them; those who never answer again are not followed.
func (w waves) draw(random *rand.Rand) (all []convert.Member) {
	for number := range w.members {
		class := number % 2
		m := convert.Member{Region: moveTo, Number: int64(number), EnteredOn: day(2019, 9, 30), Weight: waveWeights[class]}
		m.EndedOn, m.NotBy = m.EnteredOn, m.EnteredOn
		hazard := waveHazards[class]
		years, end := random.ExpFloat64()/(hazard+waveElsewhere), int32(2)
		if random.Float64() < hazard/(hazard+waveElsewhere) {
			end = 1
		}
		for wave := 1; wave <= 4 && m.End == 0; wave++ {
			if random.Float64() >= w.answered {
				continue
			}
			m.EndedOn = day(2019+wave, 9, 30)
			if years <= float64(wave) {
				m.End = end
			} else {
				m.NotBy = m.EndedOn
			}
		}
		if m.EndedOn > m.EnteredOn {
			all = append(all, m)
		}
	}
	return all
}

// wavesCell judges the estimators of panels of moves between waves. Naive is the share of the members followed who are told to
// have moved in by the horizon, as they are.
func wavesCell(name, what string, w waves, t target) Cell {
	type of struct {
		estimator string
		months    int32
	}
	var figures []of
	c := Cell{Name: "conversion/panel/" + name, What: what, Most: 500}
	for _, estimator := range []string{"aalen_johansen_survey", "turnbull_survey", "weibull_survey"} {
		for _, months := range convert.Horizons {
			figures = append(figures, of{estimator, months})
			judged := t
			if estimator != "turnbull_survey" {
				judged = untargeted
			}
			c.Figures = append(c.Figures, part{fmt.Sprintf("%s/%d", estimator, months), judged})
		}
	}
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, len(figures), func(random *rand.Rand) []outcome {
			members := w.draw(random)
			rows, err := convert.Surveyed(convertFrame(), members)
			between, alsoErr := convert.SurveyedBetween(convertFrame(), members)
			rows = append(rows, between...)
			out := make([]outcome, len(figures))
			for i, f := range figures {
				out[i] = outcome{failed: true}
				if err == nil && alsoErr == nil {
					out[i] = conversionOf(rows, func(c schemas.MigrationConversion) bool {
						return c.Estimator == f.estimator && c.HorizonMonths == f.months
					})
				}
				for _, m := range members {
					if m.End == 1 && m.EndedOn <= m.EnteredOn.AddMonths(int(f.months)) {
						out[i].naive += 1 / float64(len(members))
					}
				}
			}
			return out
		})
		var results []Result
		for i, f := range figures {
			results = append(results, besideNaive(w.incidence(float64(f.months)/12), outcomes[i]))
		}
		return results
	}
	return c
}

// panelMovers is a region into which so many move in a year, some of them of those related, and a panel that holds one in so many,
// by classes with unlike weights: of the heavy ones fewer were related.
type panelMovers struct {
	registered int
	related    [2]float64 // by class
	population float64
}

func (p panelMovers) truth() float64 {
	return -math.Expm1(-float64(p.registered) * (p.related[0] + p.related[1]) / 2 / p.population)
}

// once is the figure of one run. Naive is everybody who moved in over the population.
func (p panelMovers) once(random *rand.Rand) []outcome {
	var movers []convert.Mover
	for i := range p.registered {
		class := i % 2
		related := random.Float64() < p.related[class]
		if random.Float64() >= 1/waveWeights[class] {
			continue
		}
		movers = append(movers, convert.Mover{Source: "panel", Record: schemas.RecordPanel, Region: movedWhere, Origin: movedFrom, MovedOn: day(2022, 9, 30), RelatedBefore: &related,
			Member: int64(i), Weight: waveWeights[class]})
	}
	population := p.population * (1 + pairsError*random.NormFloat64())
	stdErr := pairsError * population
	march := day(2022, 3, 31)
	pairs := []disclose.Counted[schemas.RelationalPopulation]{{Persons: 1000, Row: schemas.RelationalPopulation{
		Definition: repeatVisits, Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: moveTo, OriginCode: schemas.All, RelationType: schemas.All,
		Engagement: schemas.All, Source: schemas.SourceCombined, ReferenceMonth: march, Value: &population, StdError: &stdErr}}}
	totals := []schemas.Total{registeredIn(2022, float64(p.registered)), registeredIn(2023, float64(p.registered))}
	rows := convert.RetrospectivePanel(convertFrame(march), movers, totals, pairs, true)
	out := conversionOf(rows, func(r schemas.MigrationConversion) bool { return r.RegionCode == moveTo })
	out.naive = -math.Expm1(-float64(p.registered) / population)
	return []outcome{out}
}

func panelMoversCell(name, what string, p panelMovers) Cell {
	c := Cell{Name: "conversion/panel/" + name, What: what, Figures: []part{{"related_before_move_panel/12", holds}}}
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, 1, p.once)
		return []Result{besideNaive(p.truth(), outcomes[0])}
	}
	return c
}

func wavesCells() []Cell {
	return []Cell{
		wavesCell("answers=1", "a panel of 800 who name the region, asked in four more years, of whom all answer", waves{800, 1}, holds),
		wavesCell("answers=0.7", "as answers=1, of whom 7 in 10 answer each wave", waves{800, 0.7}, holds),
		panelMoversCell("movers=50", "some 50 of 2,200 movers are in a panel", panelMovers{2200, [2]float64{0.4, 0.2}, 5000}),
	}
}
