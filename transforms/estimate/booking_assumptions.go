package estimate

import (
	"cmp"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// coverage are the rows of the steps that hold for every definition.
func (c *countedCell) coverage() []disclose.Counted[schemas.Coverage] {
	var rows []disclose.Counted[schemas.Coverage]
	for _, s := range append(slices.Clone(c.steps), c.product, c.residence, c.loyalty) {
		rows = append(rows, c.stepRow(s, ""))
	}
	return rows
}

// detected are the rows of what a definition counts and how likely it is seen.
func (c *countedCell) detected(definition string) []disclose.Counted[schemas.Coverage] {
	return []disclose.Counted[schemas.Coverage]{c.stepRow(c.related, definition), c.stepRow(c.detection, definition)}
}

func (c *countedCell) stepRow(s step, definition string) disclose.Counted[schemas.Coverage] {
	row := schemas.Coverage{RegionCode: c.region.RegionCode, RegionLevel: c.region.RegionLevel, Month: c.reference, Outside: c.rule,
		Definition: definition, Step: s.name, Basis: s.basis, Observation: c.observation(s.known())}
	if !s.known() {
		return disclose.Counted[schemas.Coverage]{Row: row}
	}
	round := func(v float64) float64 { return v }
	if s.name == schemas.StepDetection || s.name == schemas.StepProduct || s.basis == schemas.BasisRemainder {
		round = rounded // exactly it would be the trips seen, over a number that is published elsewhere
	}
	row.Coverage, row.CILow, row.CIHigh = value(round(s.P)), value(round(s.low)), value(round(s.high))
	if s.StdErr > 0 {
		row.StdError = value(round(s.StdErr))
	}
	persons, facilities := s.persons, s.facilities
	if persons == 0 { // an official or assumed share rests on nobody's bookings
		persons = c.e.b.LeastPersons
	}
	return disclose.Counted[schemas.Coverage]{Row: row, Persons: persons, Facilities: facilities}
}

// rounded has two significant digits.
func rounded(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	return math.Round(v/unit) * unit
}

// assumptionRows gathers what the figures of a region rest on.
type assumptionRows struct {
	*countedCell
	definition string
	rows       []disclose.Counted[schemas.Assumption]
}

// add adds a row that rests on so many persons.
func (a *assumptionRows) add(name, status, basis string, v, stdErr *float64, persons int64) {
	_, facilities := a.rests()
	a.rows = append(a.rows, disclose.Counted[schemas.Assumption]{Persons: persons, Facilities: facilities, Row: schemas.Assumption{
		Definition: a.definition, Outside: a.rule, RegionCode: a.region.RegionCode, RegionLevel: a.region.RegionLevel, ReferenceMonth: a.reference,
		Source: schemas.SourceBooking, Assumption: name, Status: status, Basis: basis, Value: v, StdError: stdErr, Observation: a.observation(a.shape != "")}})
}

// share adds a row of a share, as it is told; untold is its status where nothing tells it.
func (a *assumptionRows) share(name string, s step, untold string) {
	persons, _ := a.rests()
	switch {
	case !s.known():
		a.add(name, untold, "", nil, nil, persons)
	case s.basis == schemas.BasisAssumed:
		a.add(name, schemas.StatusAssumed, s.basis, value(s.P), value(s.StdErr), persons)
	case s.name == schemas.StepDetection:
		a.add(name, schemas.StatusEstimated, s.basis, value(rounded(s.P)), value(rounded(s.StdErr)), persons)
	default:
		if s.persons > 0 {
			persons = min(persons, s.persons)
		}
		a.add(name, schemas.StatusEstimated, s.basis, value(s.P), value(s.StdErr), persons)
	}
}

// assumptions say what the figures of a region rest on.
func (c *countedCell) assumptions(p schemas.Profile) []disclose.Counted[schemas.Assumption] {
	a := assumptionRows{countedCell: c, definition: p.ID}
	persons, _ := c.rests()
	if _, ok := c.observationModel(c.e.b); c.detection.known() && !ok { // more trips seen than official visitors came
		a.add("detection", schemas.StatusViolated, c.detection.basis, value(rounded(c.detection.P)), value(rounded(c.detection.StdErr)), persons)
	} else {
		a.share("detection", c.detection, schemas.StatusUnknown)
	}
	if len(c.ratios) > 0 {
		a.add("equal_detection", schemas.StatusEstimated, schemas.BasisSurvey, nil, nil, persons)
	} else {
		a.add("equal_detection", schemas.StatusAssumed, "", nil, nil, persons)
	}
	a.share("related_purpose", c.related, schemas.StatusAssumed)
	a.share("loyalty", c.loyalty, schemas.StatusAssumed)
	if c.e.b.LinkageBasis != "" {
		a.add("linkage", schemas.StatusEstimated, c.e.b.LinkageBasis, value(c.e.b.Missed.P), value(c.e.b.Missed.StdErr), persons)
	} else {
		a.add("linkage", schemas.StatusAssumed, "", nil, nil, persons)
	}
	if c.residence.known() {
		unknown := c.residence
		unknown.P = 1 - unknown.P
		a.share("residence_unknown", unknown, "")
	}
	for _, s := range c.steps {
		if s.name == schemas.StepOwnIdentity && s.known() {
			a.add("party_members", schemas.StatusAssumed, s.basis, value(1-s.P), value(s.StdErr), min(persons, s.persons))
		}
	}
	a.singles()
	// The number seen has no place here: it is told, or withheld, with the figures that count it.
	if c.shape == "" {
		a.add("shape", schemas.StatusUnknown, "", nil, nil, persons)
		return a.rows
	}
	status := schemas.StatusAssumed
	if c.shape == schemas.BasisOwn {
		status = schemas.StatusEstimated
	}
	a.add("shape", status, c.shape, nil, nil, persons)
	a.families()
	return a.rows
}

// syntheticPairs says what share of the pairs of a prefecture is synthetic, where any is; it rests on what the
// pairs rest on.
func (c *countedCell) syntheticPairs(p schemas.Profile, pairs disclose.Counted[schemas.RelationalPopulation], share float64) []disclose.Counted[schemas.Assumption] {
	if share == 0 {
		return nil
	}
	a := assumptionRows{countedCell: c, definition: p.ID}
	a.add("pairs_synthetic", schemas.StatusAssumed, schemas.BasisSynthetic, value(share), nil, pairs.Persons)
	return a.rows
}

// singles sets those seen once against what those seen twice and three times speak for: many
// more are missed links.
func (a *assumptionRows) singles() {
	_, implied, err := capture.OneInflated(a.persons)
	if err != nil || implied == 0 { // a row all the same: whether there is one would tell whom there are none of
		a.add("single_visits", schemas.StatusUnknown, schemas.BasisBookings, nil, nil, a.firstThree())
		return
	}
	// Heterogeneity makes the implied number smaller, missed links the seen one greater: where visits are
	// as unequal as those of real visitors, twice as many are common.
	const suspicious = 3
	ratio, status := a.persons.At(1)/implied, schemas.StatusMet
	if ratio > suspicious {
		status = schemas.StatusViolated
	}
	a.add("single_visits", status, schemas.BasisBookings, value(ratio), nil, a.firstThree())
}

// families name which fit what was seen and which do not.
func (a *assumptionRows) families() {
	const misfit = 0.05
	persons, _ := a.rests()
	for _, fit := range slices.SortedFunc(slices.Values(a.fits.Fits), func(x, y capture.Thinned) int {
		return cmp.Compare(x.Family, y.Family)
	}) {
		_, _, p := fit.Adequacy()
		status := schemas.StatusMet
		if p < misfit {
			status = schemas.StatusViolated
		}
		a.add("family/"+fit.Family, status, a.shape, value(p), nil, persons)
	}
	for _, r := range a.fits.Refused {
		a.add("family/"+r.Family, schemas.StatusRefused, a.shape, nil, nil, persons)
	}
}
