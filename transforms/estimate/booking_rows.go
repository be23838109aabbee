package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// figures makes the rows of one definition and region; all is the prefecture and its
// municipalities.
func (e *bookingEstimator) figures(p schemas.Profile, c *countedCell, all []*countedCell) BookingFigures {
	var out BookingFigures
	k, able := tripsAsked(p)
	base := c.row(p)
	if !able {
		for _, measure := range measuresOf(c.region.RegionLevel) {
			base.Measure = measure
			out.RelationalPopulation = append(out.RelationalPopulation, disclose.Counted[schemas.RelationalPopulation]{Row: base})
		}
		return out
	}
	out.Assumptions = c.assumptions(p)
	out.DefinitionSensitivity = c.sensitivity(p, k)
	for _, measure := range measuresOf(c.region.RegionLevel) {
		base.Measure = measure
		switch {
		case measure == schemas.PersonsAnyMunicipality: // whether one person's municipalities are seen together is not known
			out.RelationalPopulation = append(out.RelationalPopulation, disclose.Counted[schemas.RelationalPopulation]{Row: base})
		case measure == schemas.Pairs && c.region.RegionLevel == schemas.LevelPrefecture:
			row, parts, synthetic := pairs(base, all, k)
			out.RelationalPopulation = append(out.RelationalPopulation, row)
			if row.Row.Value != nil {
				out.Errors = append(out.Errors, errorsOf(row.Row, parts))
			}
			out.Assumptions = append(out.Assumptions, c.syntheticPairs(p, row, synthetic)...)
		default:
			rows, parts := c.personRows(base, k)
			out.RelationalPopulation = append(out.RelationalPopulation, rows...)
			for i := range parts {
				out.Errors = append(out.Errors, errorsOf(rows[i].Row, parts[i]))
			}
		}
	}
	return out
}

// row is a row without a figure.
func (c *countedCell) row(p schemas.Profile) schemas.RelationalPopulation {
	return schemas.RelationalPopulation{
		Definition: p.ID, Outside: c.rule, RegionCode: c.region.RegionCode, RegionLevel: c.region.RegionLevel,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: c.reference,
		Source: schemas.SourceBooking, Estimator: Thinned, Reliability: schemas.LowReliability,
		BoundaryVintage: c.e.frame.Vintage, KnownOn: c.e.frame.AsOf,
		SourcePeriod: (c.reference.AddMonths(-12) + 1).String() + "/" + c.reference.String(),
		Observation:  c.observation(false),
	}
}

// told is the greatest number of trips that bookings alone tell: beyond it the families of
// distributions disagree in simulation, unless visitors are asked (docs/accuracy.md).
const told = 4

// observation is the status of a row: estimated, or of low reliability where the 12 months
// begin before the bookings do, or the figure is synthetic.
func (c *countedCell) observation(able bool) schemas.Observation {
	o := schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: bookingMethodology}
	switch {
	case !able:
		o.ObsStatus = schemas.NotEstimable
	case c.shape == schemas.BasisSynthetic || c.reference.AddMonths(-12)+1 < c.e.frame.Sources[schemas.SourceBooking].First:
		o.ObsStatus = schemas.LowReliability
	}
	return o
}

// estimator is the name of what the region's figure rests on.
func (c *countedCell) estimator() string {
	if c.shape == schemas.BasisSynthetic {
		return ThinnedSynthetic
	}
	return Thinned
}

// rests are the persons and facilities that a figure of the region rests on.
func (c *countedCell) rests() (persons, facilities int64) {
	if c.shape == schemas.BasisSynthetic {
		return c.class.seen, c.e.frame.Sources[schemas.SourceBooking].facilities(c.region.PrefectureCode, c.reference)
	}
	return int64(c.persons.Seen()), c.facilities
}

// nearlyAll is the detection from which on an estimate follows the number seen itself.
const nearlyAll = 0.5

// tells says whether an estimate of the region comes so close to what was seen that it rests on those
// persons alone who were seen so often.
func (c *countedCell) tells() bool {
	if c.shape == schemas.BasisSynthetic {
		return false
	}
	seen, ratio := c.model.Visit.P, 1.0
	for _, r := range c.model.Ratios {
		ratio = math.Max(ratio, r.P)
	}
	if c.model.Loyalty.P > nearlyAll && c.model.House > 0 { // most come to a house whose guests are seen
		seen /= c.model.House
	}
	return seen*ratio > nearlyAll
}

// restsOn are the persons whom an estimate of those with at least k trips rests on.
func (c *countedCell) restsOn(k int) int64 {
	persons, _ := c.rests()
	if c.tells() {
		return min(persons, c.shown[k])
	}
	return persons
}

// shownPersons are, for each number of trips that is reported, the persons whom showing how many were
// seen so often rests on: those themselves, and those by whom it differs from the number of another
// number of trips, which could be told by subtraction. Numbers of trips that a definition asks for
// come first, being shown elsewhere too; then the others from the least on.
func shownPersons(seen capture.Frequencies, asked []int) map[int]int64 {
	order := slices.Clone(asked)
	slices.Sort(order)
	order = append(order, thresholds...)
	rests, shown := map[int]int64{}, []int64{}
	for _, k := range order {
		if _, done := rests[k]; done {
			continue
		}
		n := int64(seen.AtLeast(k))
		rests[k] = n
		for _, other := range shown {
			rests[k] = min(rests[k], max(n-other, other-n))
		}
		if rests[k] >= disclose.LeastPersons {
			shown = append(shown, n)
		}
	}
	return rests
}

// fill puts a figure into a row; it rests on so many persons and facilities.
func (c *countedCell) fill(row schemas.RelationalPopulation, f figure, persons, facilities int64) disclose.Counted[schemas.RelationalPopulation] {
	row.Observation = c.observation(true)
	row.Value, row.StdError, row.CILow, row.CIHigh, row.CV = value(f.n), value(f.stdErr), value(f.low), value(f.high), value(f.stdErr/f.n)
	row.Reliability = c.e.frame.Grades.of(row)
	if row.ObsStatus == schemas.LowReliability || row.Reliability == schemas.LowReliability {
		lowReliability(&row)
	}
	if residents := c.e.frame.Residents[row.RegionCode]; residents > 0 {
		row.Per10000Residents = value(f.n / residents * 1e4)
	}
	return disclose.Counted[schemas.RelationalPopulation]{Row: row, Persons: persons, Facilities: facilities}
}

func lowReliability(row *schemas.RelationalPopulation) {
	row.ObsStatus, row.Reliability = schemas.LowReliability, schemas.LowReliability
}

// personRows are the rows of persons with at least k trips: by bookings, and by bookings with the
// question on the spot; with the parts of the error of those that are estimated.
func (c *countedCell) personRows(row schemas.RelationalPopulation, k int) ([]disclose.Counted[schemas.RelationalPopulation], []Parts) {
	row.Estimator = c.estimator()
	f, ok := figure{}, false
	if c.shape != "" {
		f, ok = c.atLeast(&c.fits, k)
	}
	if !ok {
		return []disclose.Counted[schemas.RelationalPopulation]{{Row: row}}, nil
	}
	parts := []Parts{f.parts}
	persons := c.restsOn(k)
	_, facilities := c.rests()
	rows := []disclose.Counted[schemas.RelationalPopulation]{c.fill(row, f, persons, facilities)}
	if k > told {
		lowReliability(&rows[0].Row)
	}
	if c.joint != nil {
		if f, ok = c.atLeast(c.joint, k); ok {
			row.Estimator = ThinnedJoint
			rows, parts = append(rows, c.fill(row, f, persons, facilities)), append(parts, f.parts)
		}
	}
	return rows, parts
}

// mostSynthetic is the share of pairs that may rest on the shape of other municipalities and official
// visitors alone before they are of low reliability.
const mostSynthetic = 0.1

// pairs is the sum over the municipalities, and the share of it that is synthetic; not estimable where
// one that has visits is not. What the municipalities' errors share, of the detection and of the
// shape of those that have none of their own, is added, not squared.
func pairs(row schemas.RelationalPopulation, all []*countedCell, k int) (pairs disclose.Counted[schemas.RelationalPopulation], parts Parts, synthetic float64) {
	var sum figure
	var naive float64
	var numbers []float64
	var of []Parts
	var persons int64
	shown, tells, least := true, false, int64(math.MaxInt64)
	none := disclose.Counted[schemas.RelationalPopulation]{Row: row}
	for _, c := range all[1:] {
		if c.persons.Seen() == 0 && c.visits == 0 {
			continue
		}
		if c.shape == "" {
			return none, nil, 0
		}
		f, ok := c.atLeast(&c.fits, k)
		if !ok {
			return none, nil, 0
		}
		sum.n += f.n
		numbers, of = append(numbers, f.n), append(of, f.parts)
		naive += c.persons.AtLeast(k)
		persons += int64(c.persons.Seen())
		shown = shown && (c.persons.Seen() == 0 || c.shown[k] >= c.e.b.LeastPersons)
		if c.tells() {
			tells, least = true, min(least, c.restsOn(k))
		}
		if c.shape == schemas.BasisSynthetic {
			synthetic += f.n
		}
	}
	if sum.n == 0 {
		return none, nil, 0
	}
	sum.parts = sumOfParts(sharesOf(numbers), of)
	sum.interval(math.Sqrt(sum.parts.variance()))
	if shown {
		sum.low = math.Max(sum.low, math.Min(naive, sum.n))
	}
	if tells {
		persons = min(persons, int64(naive), least)
	}
	pairs = all[0].fill(row, sum, persons, all[0].facilities)
	synthetic /= sum.n
	if k > told || synthetic > mostSynthetic {
		lowReliability(&pairs.Row)
	}
	return pairs, sum.parts, synthetic
}
