package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// sensitivityRows gathers the rows of a definition and region by number of trips.
type sensitivityRows struct {
	*countedCell
	definition string
	own        int // trips that the definition asks for
	rows       []disclose.Counted[schemas.DefinitionSensitivity]
}

// add adds a row that rests on so many persons.
func (s *sensitivityRows) add(estimator string, k int, persons int64, row schemas.DefinitionSensitivity) {
	row.Definition, row.Outside, row.RegionCode, row.RegionLevel = s.definition, s.rule, s.region.RegionCode, s.region.RegionLevel
	row.ReferenceMonth, row.Source, row.Estimator = s.reference, schemas.SourceBooking, estimator
	row.Dimension, row.Threshold, row.Trips, row.OwnThreshold = DimensionTrips, int32(k), int32(k), k == s.own
	if row.ObsStatus == "" {
		row.Observation = s.observation(true)
	}
	_, facilities := s.rests()
	s.rows = append(s.rows, disclose.Counted[schemas.DefinitionSensitivity]{Row: row, Persons: persons, Facilities: facilities})
}

// sensitivity are the rows by number of trips: what is estimated of those seen, and lower
// bounds that need no detection.
func (c *countedCell) sensitivity(p schemas.Profile, own int) []disclose.Counted[schemas.DefinitionSensitivity] {
	s := sensitivityRows{countedCell: c, definition: p.ID, own: own}
	ks := slices.Clone(thresholds)
	if !slices.Contains(ks, own) {
		ks = append(ks, own)
		slices.Sort(ks)
	}
	for _, bound := range c.bounds() {
		s.add(bound.name, 1, c.firstThree(), bound.row)
	}
	if row, persons, whole := c.regressed(); whole {
		s.add("zero_truncated_poisson_lower_bound", 1, persons, row)
	}
	for _, end := range c.ranges(ks, own) {
		s.add(end.name, end.k, c.restsOn(end.k), schemas.DefinitionSensitivity{Value: value(end.n)})
	}
	for _, k := range ks {
		s.estimated(k)
	}
	return s.rows
}

// estimated adds what is estimated of those with at least k trips.
func (s *sensitivityRows) estimated(k int) {
	persons := s.restsOn(k)
	for _, fits := range []struct {
		name string
		*capture.Fits
	}{{s.estimator(), &s.fits}, {ThinnedJoint, s.joint}} {
		if fits.Fits == nil {
			continue
		}
		f, ok := figure{}, false
		if s.shape != "" {
			f, ok = s.atLeast(fits.Fits, k)
		}
		if !ok {
			s.add(fits.name, k, persons, schemas.DefinitionSensitivity{Observation: s.observation(false)})
			continue
		}
		row := schemas.DefinitionSensitivity{Value: value(f.n), StdError: value(f.stdErr), CILow: value(f.low), CIHigh: value(f.high), Observation: s.observation(true)}
		if k > told && fits.Fits != s.joint {
			row.ObsStatus = schemas.LowReliability
		}
		s.add(fits.name, k, persons, row)
	}
}

// firstThree are the persons whom the lower bounds rest on: they tell, put together, how many were seen
// once, twice, three times and more often.
func (c *countedCell) firstThree() int64 {
	least := int64(math.Min(math.Min(c.persons.At(1), c.persons.At(2)), math.Min(c.persons.At(3), c.persons.AtLeast(4))))
	for k := 1; k <= 4; k++ {
		if n, ok := c.shown[k]; ok {
			least = min(least, n)
		}
	}
	return least
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
			fits, err := c.unequal(regulars[i])
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
	d := c.model // of which the free distribution takes no errors of linkage
	if d.Missed.P > 0 || d.Welded.P > 0 {
		return out
	}
	d.Missed, d.Welded = capture.Rate{}, capture.Rate{}
	free, err := capture.FitFree(c.persons, d, c.most)
	if err != nil {
		return out
	}
	if ends, err := free.Envelope(own, 0.95); err == nil {
		add("free_least", own, ends.Low)
		add("free_greatest", own, ends.High)
	}
	return out
}

// unequal fits what would be if those with four trips or more were so many times as likely to be seen as
// others, the detection of all visits together being the same: with w the share of visits that are theirs,
// others are seen 1/(1 − w + w·times) times as likely, w from the fit in three rounds.
func (c *countedCell) unequal(times float64) (fits capture.Fits, err error) {
	const rounds = 3
	others := 1.0
	for range rounds {
		d := c.model
		d.Ratios = []capture.Ratio{{Least: 1, Most: told - 1, Rate: capture.Rate{P: others}}, {Least: told, Most: -1, Rate: capture.Rate{P: others * times}}}
		if fits, err = capture.FitThinned(c.persons, d, c.most); err != nil {
			return fits, err
		}
		w := fits.VisitsShare(told)
		others = 1 / (1 - w + w*times)
	}
	return fits, nil
}

// regressed is, of whole prefectures in the last reference month, the lower bound of a zero-truncated Poisson regression of the trips seen on the prefecture of residence; without
// figures where it cannot be made. Prefectures of which fewer than leastAgain persons were seen
// again are one class. It rests on the fewest of those seen once, and again, of any class.
func (c *countedCell) regressed() (row schemas.DefinitionSensitivity, persons int64, whole bool) {
	if c.class != nil || c.reference != slices.Max(c.e.frame.References) {
		return row, 0, false
	}
	var classes []capture.Frequencies
	var others capture.Frequencies
	for _, origin := range c.e.origins {
		seen := c.e.counts[tripKey{c.excluded, c.rule, c.region.RegionCode, origin, month(c.reference)}]
		if seen.AtLeast(2) >= leastAgain {
			classes = append(classes, seen)
			continue
		}
		for j, n := range seen {
			if j >= len(others) {
				others = append(others, 0)
			}
			others[j] += n
		}
	}
	if others.AtLeast(2) >= leastAgain {
		classes = append(classes, others)
	} else if len(classes) > 0 {
		last := &classes[len(classes)-1]
		merged := slices.Clone(*last)
		for j, n := range others {
			if j >= len(merged) {
				merged = append(merged, 0)
			}
			merged[j] += n
		}
		*last = merged
	}
	if len(classes) < 2 || c.residence.P == 0 {
		return row, 0, true
	}
	var counts []float64
	var x [][]float64
	persons = math.MaxInt64
	for i, seen := range classes {
		indicators := make([]float64, len(classes))
		indicators[i] = 1
		for j, n := range seen {
			for range int(n) {
				counts, x = append(counts, float64(j+1)), append(x, indicators)
			}
		}
		persons = min(persons, int64(seen.At(1)), int64(seen.AtLeast(2)))
	}
	r, err := capture.ZeroTruncatedPoisson(counts, x)
	if err != nil {
		return row, 0, true
	}
	const oneSided = 0.9
	low, _ := r.LogNormal(oneSided)
	known := c.residence.P
	return schemas.DefinitionSensitivity{Value: value(r.N / known), StdError: value(r.StdErr / known), CILow: value(low / known)}, min(persons, c.firstThree()), true
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
// none of them allows for: where they are many the bounds are too high. Each has a row, without figures where it
// cannot be made: whether it can tells whom there are none of.
func (c *countedCell) bounds() []namedBound {
	known := c.residence.P
	var out []namedBound
	const oneSided = 0.9 // of the two-sided interval, whose lower end leaves 5 % below it
	add := func(name string, n capture.Estimate, err error) {
		if err != nil || known == 0 {
			out = append(out, namedBound{name: name})
			return
		}
		low, _ := n.LogNormal(oneSided)
		row := schemas.DefinitionSensitivity{Value: value(n.N / known), CILow: value(low / known)}
		if n.StdErr > 0 {
			row.StdError = value(n.StdErr / known)
		}
		out = append(out, namedBound{name, row})
	}
	chao, err := capture.ChaoCorrected(c.persons)
	add("chao_lower_bound", chao, err)
	inflated := namedBound{name: "chao_one_inflated_lower_bound"}
	if n, _, err := capture.OneInflated(c.persons); err == nil && known > 0 {
		inflated.row.Value = value(n / known)
	}
	out = append(out, inflated)
	zelterman, err := capture.Zelterman(c.persons)
	add("zelterman_lower_bound", zelterman, err)
	return out
}
