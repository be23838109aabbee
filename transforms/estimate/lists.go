package estimate

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// Listed counts the persons of a region, who live in another prefecture, by the
// lists that they are on: bit k of Lists for list k.
type Listed struct {
	Region, Origin string
	Lists          int32
	Persons        int64
}

// Lists are lists of persons who can be told again from one to another: bookings of several
// platforms, answers, registrations.
type Lists struct {
	Names []string
	// Listed are the persons of the 12 months to Reference.
	Listed    []Listed
	Reference schemas.Date
	// Years are the persons of bookings by year: bit 0 for the first of Ends, and so on.
	Years []Listed
	Ends  []schemas.Date
	// Facilities are the houses seen in the 12 months to each of Ends.
	Facilities map[RegionMonth]int64
	// Missed is the probability that a link is missed.
	Missed capture.Rate
	// Seed is that of the bootstrap of the sample coverage.
	Seed uint64
}

const listsMethodology = "lists-1"

// Estimators from several lists.
const (
	Chapman            = "chapman"
	LogLinearAveraged  = "log_linear_averaged"
	DependenceBand     = "dependence_band"
	SampleCoverage     = "sample_coverage"
	SampleCoverageLow  = "sample_coverage_lower_bound"
	HugginsAlho        = "huggins_alho"
	JollySeber         = "jolly_seber"
	coverageReplicates = 200
	// leastOnBoth is the number of persons in common below which lists tell nothing: of two
	// lists, or of one with all others.
	leastOnBoth = 10
	// mostListed is the number of persons for one listed beyond which a number is absurd.
	mostListed = 50
)

// ListEstimates estimates the persons whom lists could show, of each region of the frame, from
// how many are on several: for each two lists Chapman's estimate with Sadinle's interval,
// corrected for linkage; for three to five the average of all hierarchical log-linear models,
// with the band of those that are nearly as good, the sample coverage (of three), and
// conditional likelihood with the prefecture lived in as a covariate; for three years or more
// of bookings the number of each year but the first and last. What cannot be estimated, by
// the rules of [capture.AverageLists] and the others, is not estimable.
func ListEstimates(f Frame, l Lists) []disclose.Counted[schemas.ListEstimate] {
	e := listEstimator{frame: f, lists: l}
	for _, r := range f.Regions {
		if r.RegionLevel == schemas.LevelNation {
			continue
		}
		e.region = r
		if of := inRegion(l.Listed, r.RegionCode); len(of) > 0 && len(l.Names) > 1 {
			e.pairs(of)
			if len(l.Names) > 2 {
				e.several(of)
			}
		}
		if of := inRegion(l.Years, r.RegionCode); len(of) > 0 && len(l.Ends) > 2 {
			e.years(of)
		}
	}
	return e.rows
}

type listEstimator struct {
	frame  Frame
	lists  Lists
	region schemas.Region
	rows   []disclose.Counted[schemas.ListEstimate]
}

func inRegion(all []Listed, code string) (of []Listed) {
	for _, l := range all {
		if l.Region == code {
			of = append(of, l)
		}
	}
	return of
}

// inCommon are the persons of several lists: Again is shown beside the number, Rests is what both rest on.
type inCommon struct{ again, rests int64 }

// add adds a row; without a number it is not estimable.
func (e *listEstimator) add(estimator, lists string, reference schemas.Date, of inCommon, n *capture.Estimate, low, high float64) {
	row := schemas.ListEstimate{Outside: schemas.OutsidePrefecture, RegionCode: e.region.RegionCode, RegionLevel: e.region.RegionLevel,
		ReferenceMonth: reference, Estimator: estimator, Lists: lists,
		Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: listsMethodology}}
	if n != nil && n.N >= n.Seen*(1-1e-9) && n.N <= mostListed*n.Seen { // never fewer than are listed
		row.ObsStatus = schemas.Estimated
		row.Value, row.Persons = value(n.N), &of.again
		if n.StdErr > 0 {
			row.StdError = value(n.StdErr)
		}
		if !math.IsNaN(low) {
			row.CILow = value(low)
		}
		if !math.IsNaN(high) && !math.IsInf(high, 1) {
			row.CIHigh = value(high)
		}
	}
	facilities, ok := e.lists.Facilities[RegionMonth{e.region.RegionCode, reference}]
	if !ok {
		facilities = e.frame.Sources[schemas.SourceBooking].facilities(e.region.RegionCode, reference)
	}
	e.rows = append(e.rows, disclose.Counted[schemas.ListEstimate]{Row: row, Persons: of.rests, Facilities: facilities})
}

// pairs estimates from each two lists.
func (e *listEstimator) pairs(of []Listed) {
	for a := range e.lists.Names {
		for b := a + 1; b < len(e.lists.Names); b++ {
			var l capture.TwoLists
			for _, h := range of {
				onA, onB := h.Lists>>a&1 == 1, h.Lists>>b&1 == 1
				n := float64(h.Persons)
				if onA {
					l.First += n
				}
				if onB {
					l.Second += n
				}
				if onA && onB {
					l.Both += n
				}
			}
			name := e.lists.Names[a] + " + " + e.lists.Names[b]
			// The number tells, with its error, who is on both and on one alone.
			on := inCommon{int64(l.Both), int64(math.Min(l.Both, math.Min(l.First, l.Second)-l.Both))}
			if l.Both < leastOnBoth {
				e.add(Chapman, name, e.lists.Reference, on, nil, 0, 0)
				continue
			}
			found := capture.Rate{P: 1 - e.lists.Missed.P, StdErr: e.lists.Missed.StdErr}
			n, low, high, err := l.Linked(found, capture.Rate{}, 0.95)
			if err != nil {
				e.add(Chapman, name, e.lists.Reference, on, nil, 0, 0)
				continue
			}
			e.add(Chapman, name, e.lists.Reference, on, &n, low, high)
		}
	}
}

// several estimates from all lists together.
func (e *listEstimator) several(of []Listed) {
	names := strings.Join(e.lists.Names, " + ")
	h := capture.Histories{Lists: e.lists.Names, Counts: make([]float64, 1<<len(e.lists.Names))}
	again := inCommon{rests: math.MaxInt64}
	// The overlaps of each two lists and of any tell every number of persons on some lists and on no other.
	for _, l := range of {
		h.Counts[l.Lists] += float64(l.Persons)
	}
	for lists, n := range h.Counts {
		if bits.OnesCount32(uint32(lists)) > 1 {
			again.again, again.rests = again.again+int64(n), min(again.rests, int64(n))
		}
		if lists > 0 {
			again.rests = min(again.rests, int64(n))
		}
	}
	reference := e.lists.Reference
	for k := range e.lists.Names {
		var common int64
		for _, l := range of {
			if l.Lists>>k&1 == 1 && l.Lists != 1<<k {
				common += l.Persons
			}
		}
		if common < leastOnBoth { // nobody of this list can be told again on another
			e.add(LogLinearAveraged, names, reference, again, nil, 0, 0)
			return
		}
	}
	if averaged, err := capture.AverageLists(h, capture.Averaging{}); err == nil {
		low, high := averaged.Interval(0.95)
		e.add(LogLinearAveraged, names, reference, again, &averaged.Estimate, low, high)
		e.add(DependenceBand, names, reference, again, &capture.Estimate{N: averaged.N, Seen: averaged.Seen}, averaged.Least, averaged.Most)
	} else {
		e.add(LogLinearAveraged, names, reference, again, nil, 0, 0)
	}
	if len(e.lists.Names) == 3 {
		random := rand.New(rand.NewPCG(e.lists.Seed, 3))
		if c, err := capture.SampleCoverage(h, random, coverageReplicates); err == nil {
			low, high := c.High.LogNormal(0.95)
			e.add(SampleCoverage, names, reference, again, &c.High, low, high)
			low, _ = c.Low.LogNormal(0.95)
			e.add(SampleCoverageLow, names, reference, again, &c.Low, low, math.NaN())
		} else {
			e.add(SampleCoverage, names, reference, again, nil, 0, 0)
		}
	}
	if n, err := capture.FitHuggins(e.sightings(of), capture.HugginsDesign{PerOccasion: true}); err == nil {
		low, high := n.LogNormal(0.95)
		e.add(HugginsAlho, names, reference, again, &n.Estimate, low, high)
	} else {
		e.add(HugginsAlho, names, reference, again, nil, 0, 0)
	}
}

// sightings are the persons with the prefecture they live in as a covariate, those with a
// tenth of all persons each told apart.
func (e *listEstimator) sightings(of []Listed) []capture.Sighting {
	var all int64
	byOrigin := map[string]int64{}
	for _, l := range of {
		all += l.Persons
		byOrigin[l.Origin] += l.Persons
	}
	var origins []string
	for origin, n := range byOrigin {
		if n*10 >= all {
			origins = append(origins, origin)
		}
	}
	slices.Sort(origins)
	if len(origins) > 0 {
		origins = origins[1:] // of which the first, or all others, are the base
	}
	var persons []capture.Sighting
	for _, l := range of {
		s := capture.Sighting{Seen: make([]bool, len(e.lists.Names)), Covariates: make([]float64, len(origins))}
		for k := range s.Seen {
			s.Seen[k] = l.Lists>>k&1 == 1
		}
		if i := slices.Index(origins, l.Origin); i >= 0 {
			s.Covariates[i] = 1
		}
		for range l.Persons {
			persons = append(persons, s)
		}
	}
	return persons
}

// years estimates the number of each year of bookings, persons coming and going between. A year
// rests on the fewest of those who were seen in it and before, in it and after, and on either side of it.
func (e *listEstimator) years(of []Listed) {
	var rows [][]bool
	for _, l := range of {
		row := make([]bool, len(e.lists.Ends))
		for k := range row {
			row[k] = l.Lists>>k&1 == 1
		}
		for range l.Persons {
			rows = append(rows, row)
		}
	}
	samples, err := capture.OpenSamples(rows)
	if err != nil {
		return
	}
	years, err := capture.JollySeber(samples)
	for k := 1; k < len(samples)-1; k++ {
		s := samples[k]
		on := inCommon{int64(s.Marked), int64(math.Min(s.Marked, math.Min(s.Later, s.Around)))}
		if err != nil || math.IsNaN(years[k].N) || years[k].N <= 0 {
			e.add(JollySeber, "", e.lists.Ends[k], on, nil, 0, 0)
			continue
		}
		low, high := years[k].LogNormal(0.95)
		e.add(JollySeber, "", e.lists.Ends[k], on, &years[k].Estimate, low, high)
	}
}
