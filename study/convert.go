package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
	"github.com/kankei/kankei/transforms/disclose"
)

// The region whose conversion is estimated, a municipality of its own for the records, and
// the definition.
const (
	moveTo, movedWhere, movedFrom = provincial, "30201", "13000"
	repeatVisits                  = "repeat-visits"
)

// day is a day of the calendar.
func day(year, month, of int) schemas.Date {
	d, valid := schemas.NewDate(year, month, of)
	if !valid {
		panic("there is no such day")
	}
	return d
}

// lastDay is the last day known in all cells of conversion.
var lastDay = day(2023, 12, 31)

func convertFrame(references ...schemas.Date) convert.Frame {
	return convert.Frame{AsOf: lastDay, References: references, Definition: repeatVisits,
		Regions: []schemas.Region{{RegionCode: moveTo, RegionLevel: schemas.LevelPrefecture, PrefectureCode: moveTo}}}
}

// registeredIn are the official in-migrants of a calendar year.
func registeredIn(year int, n float64) schemas.Total {
	january := day(year, 1, 1)
	return schemas.Total{Statistic: "in_migrants", RegionCode: moveTo, PeriodStart: january, PeriodEnd: january.AddMonths(11), OriginCode: "other_prefecture", Value: n}
}

// arriving is who moves to a region whose relational population is known: every year one in
// 250 of those related, and others.
type arriving struct {
	// searching is the share of the others whose contact began in the half year before the
	// move, in search of a house or a job.
	searching float64
	// brief is that the related may have begun shortly before, too; else at least half a
	// year before.
	brief bool
	// early is that the figures are made when the last span has just ended, and the registered
	// total of its last year is not out.
	early bool
	// since is the first day whose movers are asked; the zero day for all.
	since schemas.Date
	// parts is that movers and the related have origins and ages.
	parts bool
	// answers is the share that answers the counter survey, of the others and of the
	// related; where they are the same it is of each year, drawn at random.
	answers [2]float64
}

// arrival is a mover, and whether they were in the relational population.
type arrival struct {
	convert.Mover
	related bool
}

// The relational population, its standard error over it, the yearly movers expected and how
// long contacts last, in days, beyond the first half year.
const (
	relatedPairs  = 20_000
	pairsError    = 0.05
	relatedMovers = 80
	otherMovers   = 220
	contactLength = 5 * 365.25
	shortOfHalf   = 180
	beyondHalf    = 185
)

// arrivals are those of four years: one finite population, from which runs draw answers.
func (a arriving) arrivals() []arrival {
	random := rand.New(rand.NewPCG(base, 30_201))
	var all []arrival
	for year := 2020; year <= 2023; year++ {
		january := day(year, 1, 1)
		for kind, mean := range [2]float64{otherMovers, relatedMovers} {
			for range poisson(random, mean) {
				m := convert.Mover{Record: schemas.RecordCounterSurvey, Region: movedWhere, Origin: movedFrom, MovedOn: january + schemas.Date(random.IntN(365))}
				before := kind == 1 || random.Float64() < a.searching
				m.RelatedBefore = &before
				if before {
					ago := random.Float64() * shortOfHalf
					if kind == 1 {
						ago = contactLength * random.ExpFloat64()
						if !a.brief {
							ago += beyondHalf
						}
					}
					since := m.MovedOn - schemas.Date(ago)
					m.RelatedSince = &since
				}
				if a.parts {
					m.Origin, m.BirthYear = partOf(random, kind), bornIn(random, kind, year)
				}
				all = append(all, arrival{m, kind == 1})
			}
		}
	}
	return all
}

// answered are the movers of a run who answer.
func (a arriving) answered(random *rand.Rand, all []arrival) []convert.Mover {
	var out []convert.Mover
	if a.answers[0] != a.answers[1] {
		for _, m := range all {
			share := a.answers[0]
			if m.related {
				share = a.answers[1]
			}
			if random.Float64() < share {
				out = append(out, m.Mover)
			}
		}
		return out
	}
	byYear := map[int][]int32{}
	for i, m := range all {
		y, _, _ := m.MovedOn.Civil()
		byYear[y] = append(byYear[y], int32(i))
	}
	for year := 2020; year <= 2023; year++ {
		for _, i := range without(random, byYear[year], int(math.Round(a.answers[0]*float64(len(byYear[year]))))) {
			out = append(out, all[i].Mover)
		}
	}
	return out
}

// backward is a figure told backwards from movers.
type backward struct {
	estimator string
	months    int32
	target
	// of is an origin or an age class, '' for everybody.
	of string
}

// holds says whether a mover is of the part.
func (b backward) holds(m arrival) bool {
	return b.of == "" || m.Origin == b.of || schemas.AgeClassOf(yearOf(m.MovedOn)-int(*m.BirthYear)) == b.of
}

// pairs are the relational pairs of the part.
func (b backward) pairs() float64 {
	for _, shares := range []map[string]partShares{originShares, ageShares} {
		if p, there := shares[b.of]; there {
			return relatedPairs * p.pairs
		}
	}
	return relatedPairs
}

// spanEnd is the last day of the spans judged, which begin 12, 24 or 36 months before.
var spanEnd = day(2023, 3, 31)

func (b backward) from() schemas.Date { return spanEnd.AddMonths(-int(b.months)) }

// truth is the share of those related when the span began, or on the mean, that moved.
func (b backward) truth(all []arrival) float64 {
	var moved float64
	for _, m := range all {
		if m.related && b.holds(m) && m.MovedOn > b.from() && m.MovedOn <= spanEnd && (b.estimator != "related_at_start" || *m.RelatedSince <= b.from()) {
			moved++
		}
	}
	if b.estimator == "related_at_start" {
		return moved / b.pairs()
	}
	return -math.Expm1(-moved / b.pairs())
}

// naive is everybody who moved in over the population.
func (b backward) naive(all []arrival, population float64) float64 {
	var moved float64
	for _, m := range all {
		if b.holds(m) && m.MovedOn > b.from() && m.MovedOn <= spanEnd {
			moved++
		}
	}
	return moved / (population * b.pairs() / relatedPairs)
}

// backwards is a cell of figures told backwards. The movers are the same in all runs.
func backwards(name, what string, a arriving, figures ...backward) Cell {
	c := Cell{Name: "conversion/retrospective/" + name, What: what}
	for _, b := range figures {
		name := fmt.Sprintf("%s/%d", b.estimator, b.months)
		if b.of != "" {
			name += "/" + b.of
		}
		c.Figures = append(c.Figures, part{name, b.target})
	}
	c.Draw = func(seed uint64, runs int) []Result {
		all := a.arrivals()
		outcomes := repeatAll(seed, runs, len(figures), func(random *rand.Rand) []outcome { return a.once(random, all, figures) })
		results := make([]Result, len(figures))
		for i, b := range figures {
			results[i] = besideNaive(b.truth(all), outcomes[i])
		}
		return results
	}
	return c
}

func (a arriving) once(random *rand.Rand, all []arrival, figures []backward) []outcome {
	movers := slices.DeleteFunc(a.answered(random, all), func(m convert.Mover) bool { return m.MovedOn < a.since })
	population := relatedPairs * (1 + pairsError*random.NormFloat64())
	stdErr := pairsError * population
	var totals []schemas.Total
	var pairs []disclose.Counted[schemas.RelationalPopulation]
	var references []schemas.Date
	for year := 2020; year <= 2023; year++ {
		if year < 2023 || !a.early {
			totals = append(totals, a.registered(all, year)...)
		}
		references = append(references, day(year, 3, 31))
		pairs = append(pairs, disclose.Counted[schemas.RelationalPopulation]{Persons: 1000, Row: schemas.RelationalPopulation{
			Definition: repeatVisits, Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: moveTo, OriginCode: schemas.All, RelationType: schemas.All,
			Engagement: schemas.All, Source: schemas.SourceCombined, ReferenceMonth: day(year, 3, 31), Value: &population, StdError: &stdErr}})
	}
	frame := convertFrame(references...)
	if a.early {
		frame.AsOf = spanEnd
	}
	rows := convert.Retrospective(frame, movers, totals, pairs)
	if a.parts {
		rows = convert.RetrospectiveBy(frame, movers, totals, pairs, surveyedParts(random))
	}
	out := make([]outcome, len(figures))
	for i, b := range figures {
		out[i] = conversionOf(rows, func(r schemas.MigrationConversion) bool {
			return r.Estimator == b.estimator && r.HorizonMonths == b.months && *r.FromDay == b.from() && (b.of == "" || r.OriginCode == b.of || r.AgeClass == b.of)
		})
		out[i].naive = b.naive(all, population)
	}
	return out
}

// conversionOf is the figure of the row that is meant.
func conversionOf(rows []disclose.Counted[schemas.MigrationConversion], meant func(schemas.MigrationConversion) bool) outcome {
	i := slices.IndexFunc(rows, func(c disclose.Counted[schemas.MigrationConversion]) bool { return meant(c.Row) })
	if i < 0 || rows[i].Row.Value == nil {
		return outcome{failed: true}
	}
	r := rows[i].Row
	stdErr := (*r.CIHigh - *r.CILow) / (2 * 1.96) // of months, which have none
	if r.StdError != nil {
		stdErr = *r.StdError
	}
	return outcome{value: *r.Value, stdErr: stdErr, low: *r.CILow, high: *r.CIHigh, unreliable: r.Reliability == schemas.LowReliability}
}

// holds is the target of figures whose assumptions are met.
var holds = target{bias: 2, least: 93, most: 97}

func backwardCells() []Cell {
	start := func(t target) []backward {
		return []backward{{"related_at_start", 12, t, ""}, {"related_at_start", 24, t, ""}, {"related_at_start", 36, t, ""}}
	}
	move := func(all, without target) []backward {
		return []backward{{"related_before_move", 12, all, ""}, {"without_last_half_year", 12, without, ""}}
	}
	everybody := backward{"all_in_migrants", 12, untargeted, ""}
	return []Cell{
		backwards("answers=0.35", "35 % of the movers of a year answer", arriving{answers: [2]float64{0.35, 0.35}}, append(append(start(holds), move(holds, holds)...), everybody)...),
		backwards("answers=0.6", "60 % of the movers of a year answer", arriving{answers: [2]float64{0.6, 0.6}}, append(start(holds), move(holds, holds)...)...),
		backwards("answers=0.35/early", "35 % of the movers of a year answer, and the last year is three months old", arriving{answers: [2]float64{0.35, 0.35}, early: true}, append(start(holds), move(holds, holds)...)...),
		backwards("answers=0.35/april", "35 % of the movers answer, from April 2022 on, when the survey begins", arriving{answers: [2]float64{0.35, 0.35}, since: day(2022, 4, 1)},
			append([]backward{{"related_at_start", 12, holds, ""}}, move(holds, holds)...)...),
		backwards("answers=0.35/searching", "three in ten of the others came in search of a house in the half year before", arriving{answers: [2]float64{0.35, 0.35}, searching: 0.3}, append(start(untargeted), move(untargeted, holds)...)...),
		backwards("answers=0.35/brief", "as searching, and the related may have begun in that half year, too", arriving{answers: [2]float64{0.35, 0.35}, searching: 0.3, brief: true}, append(start(untargeted), move(untargeted, untargeted)...)...),
		backwards("answers=0.35/parts", "as answers=0.35, by origin and by age class, of which a survey of 500 related persons tells the shares", arriving{answers: [2]float64{0.35, 0.35}, parts: true}, byPart()...),
		backwards("answers=0.5-0.3", "half of the related answer, and 30 % of the others", arriving{answers: [2]float64{0.3, 0.5}}, append(start(holds), move(holds, holds)...)...),
	}
}

// convertCells are those of conversion, told backwards and forwards.
func convertCells() []Cell {
	return slices.Concat(backwardCells(), forwardCells(), allCells(), wavesCells(), timesCells(), municipalCells())
}
