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
func (e *bookingEstimator) figures(p schemas.Profile, c *countedCell, all []*countedCell) (BookingFigures, error) {
	var out BookingFigures
	k, able := tripsAsked(p)
	base := c.row(p)
	if !able {
		for _, measure := range measuresOf(c.region.RegionLevel) {
			base.Measure = measure
			out.RelationalPopulation = append(out.RelationalPopulation, disclose.Counted[schemas.RelationalPopulation]{Row: base})
		}
		return out, nil
	}
	out.Assumptions = c.assumptions(p)
	sensitivity, err := c.sensitivity(p, k)
	if err != nil {
		return out, err
	}
	out.DefinitionSensitivity = sensitivity
	for _, measure := range measuresOf(c.region.RegionLevel) {
		base.Measure = measure
		switch {
		case measure == schemas.PersonsAnyMunicipality: // whether one person's municipalities are seen together is not known
			out.RelationalPopulation = append(out.RelationalPopulation, disclose.Counted[schemas.RelationalPopulation]{Row: base})
		case measure == schemas.Pairs && c.region.RegionLevel == schemas.LevelPrefecture:
			row, err := e.pairs(base, all, k)
			if err != nil {
				return out, err
			}
			out.RelationalPopulation = append(out.RelationalPopulation, row)
		default:
			rows, err := c.personRows(base, k)
			if err != nil {
				return out, err
			}
			out.RelationalPopulation = append(out.RelationalPopulation, rows...)
		}
	}
	return out, nil
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

// fill puts a figure into a row.
func (c *countedCell) fill(row schemas.RelationalPopulation, f figure) disclose.Counted[schemas.RelationalPopulation] {
	row.Observation = c.observation(true)
	row.Value, row.StdError, row.CILow, row.CIHigh, row.CV = value(f.n), value(f.stdErr), value(f.low), value(f.high), value(f.stdErr/f.n)
	row.Reliability = reliability(*row.CV)
	if row.ObsStatus == schemas.LowReliability {
		row.Reliability = schemas.LowReliability
	}
	if row.Reliability == schemas.LowReliability {
		row.ObsStatus = schemas.LowReliability
	}
	if residents := c.e.frame.Residents[row.RegionCode]; residents > 0 {
		row.Per10000Residents = value(f.n / residents * 1e4)
	}
	persons, facilities := c.rests()
	return disclose.Counted[schemas.RelationalPopulation]{Row: row, Persons: persons, Facilities: facilities}
}

// personRows are the rows of persons with at least k trips: by bookings, and by bookings with the
// question on the spot.
func (c *countedCell) personRows(row schemas.RelationalPopulation, k int) ([]disclose.Counted[schemas.RelationalPopulation], error) {
	if c.shape == "" {
		return []disclose.Counted[schemas.RelationalPopulation]{{Row: row}}, nil
	}
	row.Estimator = c.estimator()
	f, err := c.atLeast(&c.fits, k)
	if err != nil {
		return nil, err
	}
	rows := []disclose.Counted[schemas.RelationalPopulation]{c.fill(row, f)}
	if k > told {
		rows[0].Row.ObsStatus, rows[0].Row.Reliability = schemas.LowReliability, schemas.LowReliability
	}
	if c.joint != nil {
		if f, err = c.atLeast(c.joint, k); err != nil {
			return nil, err
		}
		row.Estimator = ThinnedJoint
		rows = append(rows, c.fill(row, f))
	}
	return rows, nil
}

// pairs is the sum over the municipalities; not estimable where one that has visits is
// not. What the municipalities' errors share is added, not squared.
func (e *bookingEstimator) pairs(row schemas.RelationalPopulation, all []*countedCell, k int) (disclose.Counted[schemas.RelationalPopulation], error) {
	var sum figure
	var own, naive float64
	var persons int64
	for _, c := range all[1:] {
		if c.persons.Seen() == 0 && c.visits == 0 {
			continue
		}
		if c.shape == "" {
			return disclose.Counted[schemas.RelationalPopulation]{Row: row}, nil
		}
		f, err := c.atLeast(&c.fits, k)
		if err != nil {
			return disclose.Counted[schemas.RelationalPopulation]{}, err
		}
		sum.n, sum.detected = sum.n+f.n, sum.detected+f.detected
		own += max(0, f.stdErr*f.stdErr-f.detected*f.detected)
		naive += c.persons.AtLeast(k)
		persons += int64(c.persons.Seen())
	}
	if sum.n == 0 {
		return disclose.Counted[schemas.RelationalPopulation]{Row: row}, nil
	}
	sum.stdErr = math.Sqrt(own + sum.detected*sum.detected)
	factor := math.Exp(1.96 * sum.stdErr / sum.n)
	sum.low, sum.high = max(sum.n/factor, naive), sum.n*factor
	counted := all[0].fill(row, sum)
	counted.Persons = persons
	return counted, nil
}

// sensitivity are the rows by number of trips: what was seen, what is estimated of it, and
// lower bounds that need no detection.
func (c *countedCell) sensitivity(p schemas.Profile, own int) ([]disclose.Counted[schemas.DefinitionSensitivity], error) {
	var rows []disclose.Counted[schemas.DefinitionSensitivity]
	ks := slices.Clone(thresholds)
	if !slices.Contains(ks, own) {
		ks = append(ks, own)
		slices.Sort(ks)
	}
	persons, facilities := c.rests()
	add := func(estimator string, k int, row schemas.DefinitionSensitivity) {
		row.Definition, row.Outside, row.RegionCode, row.RegionLevel = p.ID, c.rule, c.region.RegionCode, c.region.RegionLevel
		row.ReferenceMonth, row.Source, row.Estimator, row.Trips, row.OwnThreshold = c.reference, schemas.SourceBooking, estimator, int32(k), k == own
		if row.ObsStatus == "" {
			row.Observation = c.observation(true)
		}
		rows = append(rows, disclose.Counted[schemas.DefinitionSensitivity]{Row: row, Persons: persons, Facilities: facilities})
	}
	if c.persons.Seen() > 0 {
		for _, k := range ks {
			n := c.persons.AtLeast(k)
			persons = int64(n)
			add(Observed, k, schemas.DefinitionSensitivity{Value: value(n),
				Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: Methodology}})
		}
		persons, _ = c.rests()
		for _, bound := range c.bounds() {
			add(bound.name, 1, bound.row)
		}
	}
	for _, end := range c.ranges(ks, own) {
		add(end.name, end.k, schemas.DefinitionSensitivity{Value: value(end.n), Observation: c.observation(true)})
	}
	for _, k := range ks {
		if c.shape == "" {
			add(Thinned, k, schemas.DefinitionSensitivity{Observation: c.observation(false)})
			continue
		}
		for _, fits := range []struct {
			name string
			*capture.Fits
		}{{c.estimator(), &c.fits}, {ThinnedJoint, c.joint}} {
			if fits.Fits == nil {
				continue
			}
			f, err := c.atLeast(fits.Fits, k)
			if err != nil {
				return nil, err
			}
			row := schemas.DefinitionSensitivity{Value: value(f.n), StdError: value(f.stdErr), CILow: value(f.low), CIHigh: value(f.high), Observation: c.observation(true)}
			if k > told && fits.Fits != c.joint {
				row.ObsStatus = schemas.LowReliability
			}
			add(fits.name, k, row)
		}
	}
	return rows, nil
}

// rangeEnd is an end of what the number may be.
type rangeEnd struct {
	name string
	k    int
	n    float64
}

// regulars is how much less, and more, likely than others those with four trips or more are
// taken to be seen where no survey tells it: an assumption.
var regulars = [2]float64{0.7, 1.3}

// ranges are, of the prefecture in the last reference month, the numbers that would be
// estimated if those who come often lodged less, or more, than others, where no survey tells
// it; and, for the definition's own number of trips, the least and the greatest number of any
// distribution of visits that fits as well as chance allows.
func (c *countedCell) ranges(ks []int, own int) (out []rangeEnd) {
	if c.class != nil || c.shape != schemas.BasisOwn || c.model.Visit.P >= 1 || c.reference != slices.Max(c.e.frame.References) {
		return nil
	}
	add := func(name string, k int, n float64) {
		if !math.IsNaN(n) && !math.IsInf(n, 0) && c.residence.P > 0 {
			out = append(out, rangeEnd{name, k, n / c.residence.P})
		}
	}
	if len(c.ratios) == 0 {
		for i, name := range []string{"thinned_if_regulars_lodge_less", "thinned_if_regulars_lodge_more"} {
			d := c.model
			d.Ratios = []capture.Ratio{{Least: told, Most: -1, Rate: capture.Rate{P: regulars[i]}}}
			fits, err := capture.FitThinned(c.persons, d, c.most())
			if err != nil {
				continue
			}
			for _, k := range ks {
				if n, err := fits.AtLeast(k); err == nil {
					add(name, k, n.N)
				}
			}
		}
	}
	d := c.model
	d.Missed, d.Welded = capture.Rate{}, capture.Rate{}
	free, err := capture.FitFree(c.persons, d, c.most())
	if err != nil {
		return out
	}
	if ends, err := free.Envelope(own, 0.95); err == nil {
		add("free_least", own, ends.Low)
		add("free_greatest", own, ends.High)
	}
	return out
}

// namedBound is a lower bound of the persons who come at all.
type namedBound struct {
	name string
	row  schemas.DefinitionSensitivity
}

// bounds are lower bounds of the number of persons who come at random at rates of their own,
// those who did not come in the 12 months among them, with the end above which it lies with
// 95 %: Chao's, that from those seen twice and three times, which links that were missed cannot push up,
// and Zelterman's. People who come just once every year are seen once and never twice, which
// none of them allows for: where they are many the bounds are too high.
func (c *countedCell) bounds() []namedBound {
	known := c.residence.P
	if known == 0 {
		return nil
	}
	var out []namedBound
	const oneSided = 0.9 // of the two-sided interval, whose lower end leaves 5 % below it
	add := func(name string, n capture.Estimate) {
		low, _ := n.LogNormal(oneSided)
		row := schemas.DefinitionSensitivity{Value: value(n.N / known), CILow: value(low / known)}
		if n.StdErr > 0 {
			row.StdError = value(n.StdErr / known)
		}
		out = append(out, namedBound{name, row})
	}
	if n, err := capture.ChaoCorrected(c.persons); err == nil {
		add("chao_lower_bound", n)
	}
	if n, _, err := capture.OneInflated(c.persons); err == nil {
		row := schemas.DefinitionSensitivity{Value: value(n / known)}
		out = append(out, namedBound{"chao_one_inflated_lower_bound", row})
	}
	if n, err := capture.Zelterman(c.persons); err == nil {
		add("zelterman_lower_bound", n)
	}
	return out
}

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
	row.Coverage, row.CILow, row.CIHigh = value(s.P), value(s.low), value(s.high)
	if s.StdErr > 0 {
		row.StdError = value(s.StdErr)
	}
	persons, facilities := s.persons, s.facilities
	if persons == 0 { // an official or assumed share rests on nobody's bookings
		persons = disclose.LeastPersons
	}
	return disclose.Counted[schemas.Coverage]{Row: row, Persons: persons, Facilities: facilities}
}

// assumptions say what the figures of a region rest on.
func (c *countedCell) assumptions(p schemas.Profile) []disclose.Counted[schemas.Assumption] {
	var rows []disclose.Counted[schemas.Assumption]
	persons, facilities := c.rests()
	add := func(name, status, basis string, v, stdErr *float64) {
		rows = append(rows, disclose.Counted[schemas.Assumption]{Persons: persons, Facilities: facilities, Row: schemas.Assumption{
			Definition: p.ID, Outside: c.rule, RegionCode: c.region.RegionCode, RegionLevel: c.region.RegionLevel, ReferenceMonth: c.reference,
			Source: schemas.SourceBooking, Assumption: name, Status: status, Basis: basis, Value: v, StdError: stdErr, Observation: c.observation(c.shape != "")}})
	}
	share := func(name string, s step, untold string) {
		switch {
		case !s.known():
			add(name, untold, "", nil, nil)
		case s.basis == schemas.BasisAssumed:
			add(name, schemas.StatusAssumed, s.basis, value(s.P), value(s.StdErr))
		default:
			add(name, schemas.StatusEstimated, s.basis, value(s.P), value(s.StdErr))
		}
	}
	if c.shape == "" && c.persons.Seen() == 0 {
		return nil
	}
	if _, ok := c.observationModel(c.e.b); c.detection.known() && !ok { // more trips seen than official visitors came
		add("detection", schemas.StatusViolated, c.detection.basis, value(c.detection.P), value(c.detection.StdErr))
	} else {
		share("detection", c.detection, schemas.StatusUnknown)
	}
	if len(c.ratios) > 0 {
		add("equal_detection", schemas.StatusEstimated, schemas.BasisSurvey, nil, nil)
	} else {
		add("equal_detection", schemas.StatusAssumed, "", nil, nil)
	}
	share("related_purpose", c.related, schemas.StatusAssumed)
	share("loyalty", c.loyalty, schemas.StatusAssumed)
	if c.e.b.LinkageBasis != "" {
		add("linkage", schemas.StatusEstimated, c.e.b.LinkageBasis, value(c.e.b.Missed.P), value(c.e.b.Missed.StdErr))
	} else {
		add("linkage", schemas.StatusAssumed, "", nil, nil)
	}
	if c.residence.known() {
		unknown := c.residence
		unknown.P = 1 - unknown.P
		share("residence_unknown", unknown, "")
	}
	for _, s := range c.steps {
		if s.name == schemas.StepOwnIdentity && s.known() {
			s.P = 1 - s.P
			add("party_members", schemas.StatusAssumed, s.basis, value(s.P), value(s.StdErr))
		}
	}
	c.singles(add)
	if c.shape == "" {
		add("shape", schemas.StatusUnknown, "", value(c.persons.Seen()), nil)
		return rows
	}
	status := schemas.StatusAssumed
	if c.shape == schemas.BasisOwn {
		status = schemas.StatusEstimated
	}
	add("shape", status, c.shape, value(c.persons.Seen()), nil)
	c.families(add)
	return rows
}

// singles sets those seen once against what those seen twice and three times speak for: many
// more are missed links.
func (c *countedCell) singles(add func(name, status, basis string, v, stdErr *float64)) {
	_, implied, err := capture.OneInflated(c.persons)
	if err != nil || implied == 0 {
		return
	}
	// Heterogeneity makes the implied number smaller, missed links the seen one greater: where visits are
	// as unequal as those of real visitors, twice as many are common.
	const suspicious = 3
	ratio, status := c.persons.At(1)/implied, schemas.StatusMet
	if ratio > suspicious {
		status = schemas.StatusViolated
	}
	add("single_visits", status, schemas.BasisBookings, value(ratio), nil)
}

// families name which fit what was seen and which do not.
func (c *countedCell) families(add func(name, status, basis string, v, stdErr *float64)) {
	const misfit = 0.05
	for _, fit := range slices.SortedFunc(slices.Values(c.fits.Fits), func(a, b capture.Thinned) int {
		return slices.Compare([]string{a.Family}, []string{b.Family})
	}) {
		_, _, p := fit.Adequacy()
		status := schemas.StatusMet
		if p < misfit {
			status = schemas.StatusViolated
		}
		add("family/"+fit.Family, status, c.shape, value(p), nil)
	}
	for _, r := range c.fits.Refused {
		add("family/"+r.Family, schemas.StatusRefused, c.shape, nil, nil)
	}
}
