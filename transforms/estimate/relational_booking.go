package estimate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/disclose"
)

// Estimators of the persons that bookings do not show.
const (
	// Thinned takes the region's own frequencies, or the shape of its class, and the detection.
	Thinned = "thinned"
	// ThinnedJoint adds what visitors met on the spot say of how often they come.
	ThinnedJoint = "thinned_joint"
	// ThinnedSynthetic takes official visitors and the shape of other municipalities.
	ThinnedSynthetic = "thinned_synthetic"
)

const bookingMethodology = "thinned-1"

// thresholds are the numbers of trips that are reported side by side.
var thresholds = []int{1, 2, 4, 12}

// BookingFigures are the figures of persons that bookings show in part.
type BookingFigures struct {
	RelationalPopulation  []disclose.Counted[schemas.RelationalPopulation]
	OriginDestination     []disclose.Counted[schemas.OriginDestination]
	Flows                 []OriginFlows
	Coverage              []disclose.Counted[schemas.Coverage]
	DefinitionSensitivity []disclose.Counted[schemas.DefinitionSensitivity]
	Assumptions           []disclose.Counted[schemas.Assumption]
	Errors                []FigureErrors
	Unseen                []Unseen
}

func (f *BookingFigures) add(o BookingFigures) {
	f.RelationalPopulation = append(f.RelationalPopulation, o.RelationalPopulation...)
	f.OriginDestination = append(f.OriginDestination, o.OriginDestination...)
	f.Flows = append(f.Flows, o.Flows...)
	f.Coverage = append(f.Coverage, o.Coverage...)
	f.DefinitionSensitivity = append(f.DefinitionSensitivity, o.DefinitionSensitivity...)
	f.Assumptions = append(f.Assumptions, o.Assumptions...)
	f.Errors = append(f.Errors, o.Errors...)
	f.Unseen = append(f.Unseen, o.Unseen...)
}

// bookingEstimator is one estimation from all bookings of a project.
type bookingEstimator struct {
	frame  Frame
	b      *Bookings
	visits map[string]map[visitPeriod]float64 // official, by region
	nights map[RegionMonth]schemas.Coverage
	counts map[tripKey]capture.Frequencies
	// origins are the prefectures of residence, in order.
	origins []string
	loyal   map[string]step // by prefecture, or prefecture/municipality for its municipalities
	// stays, houses and answers are by region, a prefecture having those of its municipalities.
	stays   map[string][]StayCount
	houses  map[string][]schemas.Facility
	size    func(schemas.Facility) float64
	answers map[string][]OnsiteAnswer
	drawn   []drawnSurvey
	// asked are the numbers of trips that definitions ask for, by the purposes they leave out, and
	// mostTrips is the greatest number that anything asks for.
	asked     map[schemas.Purpose][]int
	mostTrips int
}

// tripKey names the persons of bookings by number of trips.
type tripKey struct {
	excluded                schemas.Purpose
	outside, region, origin string
	month                   int32
}

const tripFrequency = "trip_frequency/"

// domesticOrigin is every prefecture of residence together.
const domesticOrigin = "domestic"

// RelationalPopulationBookings estimates, for every definition that asks for a number of
// trips alone, the persons who come so often, seen in bookings or not: of residents of Japan whose visits
// a booking can show. Persons of unknown residence are taken for like those
// whose residence is known. Definitions that ask for days between visits, days of stay or
// purposes are not estimable: they would need a model of when people come.
//
// The detection is told as [bookingEstimator.observe] says; where nothing tells it, only
// lower bounds are given, in definition_sensitivity. Regions with fewer persons seen
// than PoolBelow have the shape of all municipalities of their prefecture; those without any
// covered house are synthetic. Coverage is the monthly rows of guest-nights.
func RelationalPopulationBookings(f Frame, tallies []schemas.Tally, coverage []disclose.Counted[schemas.Coverage], b Bookings) BookingFigures {
	b.LeastPersons = max(b.LeastPersons, disclose.LeastPersons)
	e := newBookingEstimator(f, tallies, coverage, &b)
	type job struct {
		rule       string
		reference  schemas.Date
		prefecture string
	}
	var jobs []job
	for _, rule := range f.Outside {
		for _, reference := range f.References {
			for _, r := range f.Regions {
				if r.RegionLevel == schemas.LevelPrefecture {
					jobs = append(jobs, job{rule, reference, r.RegionCode})
				}
			}
		}
	}
	results := make([]BookingFigures, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, b.Threads) {
		workers.Go(func() {
			for i := range next {
				results[i] = e.prefecture(jobs[i].rule, jobs[i].reference, jobs[i].prefecture)
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	workers.Wait()
	var all BookingFigures
	for _, r := range results {
		all.add(r)
	}
	return all
}

// newBookingEstimator gathers what belongs to each region, and tells loyalty.
func newBookingEstimator(f Frame, tallies []schemas.Tally, coverage []disclose.Counted[schemas.Coverage], b *Bookings) *bookingEstimator {
	e := &bookingEstimator{frame: f, b: b, visits: map[string]map[visitPeriod]float64{}, nights: map[RegionMonth]schemas.Coverage{}}
	official := map[string][]schemas.Total{}
	for _, t := range b.Totals {
		if t.Statistic == "visitors" {
			official[t.RegionCode] = append(official[t.RegionCode], t)
		}
	}
	for region, totals := range official {
		e.visits[region] = visitPeriods(totals)
	}
	for _, c := range coverage {
		e.nights[RegionMonth{c.Row.RegionCode, c.Row.Month}] = c.Row
	}
	e.counts = tripsOf(tallies)
	origins := map[string]bool{}
	for key := range e.counts {
		if strings.HasSuffix(key.origin, "000") {
			origins[key.origin] = true
		}
	}
	e.origins = sortedKeys(origins)
	e.stays = byRegion(b.Stays, func(s StayCount) string { return s.Region })
	e.houses, e.size = byRegion(b.Frame, func(f schemas.Facility) string { return f.RegionCode }), capacityOf(b.Frame)
	answers := slices.Clone(b.Answers)
	slices.SortStableFunc(answers, func(x, y OnsiteAnswer) int { return cmp.Compare(x.Day, y.Day) })
	e.answers = byRegion(answers, func(a OnsiteAnswer) string { return municipalityOf(a.Region) })
	e.asked = map[schemas.Purpose][]int{}
	for _, k := range thresholds {
		e.mostTrips = max(e.mostTrips, k)
	}
	for _, p := range f.Profiles {
		if k, ok := tripsAsked(p); ok && p.Sees(schemas.SourceBooking) {
			e.asked[p.Excluded()] = append(e.asked[p.Excluded()], k)
			e.mostTrips = max(e.mostTrips, k)
		}
	}
	for _, s := range b.Surveys {
		e.drawn = append(e.drawn, newDrawn(s))
	}
	e.findLoyalty()
	return e
}

// tripsOf gathers the persons of bookings by number of trips.
func tripsOf(tallies []schemas.Tally) map[tripKey]capture.Frequencies {
	counts := map[tripKey]capture.Frequencies{}
	for _, t := range tallies {
		set, ok := strings.CutPrefix(t.Tally, tripFrequency)
		if !ok || t.Class < 1 {
			continue
		}
		excluded, err := strconv.Atoi(set)
		if err != nil {
			continue
		}
		key := tripKey{schemas.Purpose(excluded), t.Outside, t.RegionCode, t.OriginCode, t.ReferenceMonth}
		for len(counts[key]) < int(t.Class) {
			counts[key] = append(counts[key], 0)
		}
		counts[key][t.Class-1] += float64(t.Count)
	}
	return counts
}

// excludedSets are the sets of purposes that definitions seen in bookings leave out.
func (e *bookingEstimator) excludedSets() []schemas.Purpose {
	var sets []schemas.Purpose
	for _, p := range e.frame.Profiles {
		if p.Sees(schemas.SourceBooking) && !slices.Contains(sets, p.Excluded()) {
			sets = append(sets, p.Excluded())
		}
	}
	return sets
}

// findLoyalty estimates loyalty of each prefecture, and of its municipalities together,
// in the last reference month.
func (e *bookingEstimator) findLoyalty() {
	e.loyal = map[string]step{}
	sets := e.excludedSets()
	if len(sets) == 0 || len(e.frame.References) == 0 || !slices.Contains(e.frame.Outside, schemas.OutsidePrefecture) {
		return
	}
	last := e.frame.References[len(e.frame.References)-1]
	for _, r := range e.frame.Regions {
		if r.RegionLevel != schemas.LevelPrefecture {
			continue
		}
		whole := e.cell(r, schemas.OutsidePrefecture, last, sets[0], nil)
		e.loyal[r.RegionCode] = e.sameHouseOf([]*seenCell{whole}, whole)
		e.loyal[r.RegionCode+"/"+schemas.LevelMunicipality] = e.sameHouseOf(e.cells(whole), whole)
	}
}

// sameHouseOf estimates the loyalty of regions together.
func (e *bookingEstimator) sameHouseOf(cells []*seenCell, whole *seenCell) step {
	var pairs twoTrips
	for _, c := range cells {
		for _, r := range e.b.Repeaters {
			if r.Region == c.region.RegionCode {
				pairs.add(r)
			}
		}
	}
	seen, d, ok := e.together(cells, whole)
	if !ok {
		return step{name: schemas.StepLoyalty}
	}
	loyalty := sameHouse(seen, d, e.most(seen, d.Visit.P), pairs)
	loyalty.facilities = whole.facilities
	return loyalty
}

// cell is what bookings show of one region; whole is the prefecture of a municipality, nil
// for the prefecture itself. A municipality that is not known has the detection of the prefecture.
func (e *bookingEstimator) cell(r schemas.Region, rule string, reference schemas.Date, excluded schemas.Purpose, whole *seenCell) *seenCell {
	key := tripKey{excluded, rule, r.RegionCode, domesticOrigin, month(reference)}
	c := &seenCell{region: r, rule: rule, reference: reference, excluded: excluded}
	if whole != nil && unknownPlace(r) {
		*c = *whole
		c.region, c.visits, c.asked, c.loyalty = r, 0, nil, e.loyalty(r)
	}
	c.persons, c.facilities = e.counts[key], e.frame.Sources[schemas.SourceBooking].facilities(r.RegionCode, reference)
	if whole == nil || !unknownPlace(r) {
		e.observe(c, whole)
	}
	return c
}

// cells are those of the municipalities of a prefecture.
func (e *bookingEstimator) cells(whole *seenCell) []*seenCell {
	var cells []*seenCell
	for _, r := range e.municipalities(whole.region.RegionCode) {
		cells = append(cells, e.cell(r, whole.rule, whole.reference, whole.excluded, whole))
	}
	return cells
}

// together is what was seen of several regions of a prefecture, and the detection of their trips as a
// whole, loyalty being that of municipalities and unequal detection that of the prefecture. The house of the loyal is
// told whether they are known or not: how many they are is told from it.
func (e *bookingEstimator) together(cells []*seenCell, prefecture *seenCell) (capture.Frequencies, capture.Detection, bool) {
	var seen capture.Frequencies
	var trips, all, houses, variance float64
	whole := capture.Detection{Missed: e.b.Missed, Welded: e.b.Welded, Ratios: prefecture.ratios}
	for _, c := range cells {
		d, ok := c.observationModel(e.b)
		if !ok || len(c.persons) == 0 {
			continue
		}
		for j, n := range c.persons {
			for len(seen) <= j {
				seen = append(seen, 0)
			}
			seen[j] += n
		}
		t := c.trips()
		trips, all = trips+t, all+t/d.Visit.P
		houses += t / d.Visit.P * c.house(d.Visit.P)
		variance += t / d.Visit.P * d.Visit.StdErr / d.Visit.P // errors of one statistic: added, not squared
		whole.Loyalty = d.Loyalty                              // which all of them have in common
	}
	if trips == 0 {
		return nil, whole, false
	}
	p := trips / all
	whole.Visit = capture.Rate{P: p, StdErr: p * variance / all}
	if houses > 0 {
		whole.House = min(1, max(p, houses/all))
	}
	return seen, whole, true
}

// prefecture makes the figures of a prefecture and its municipalities.
func (e *bookingEstimator) prefecture(rule string, reference schemas.Date, code string) BookingFigures {
	var out BookingFigures
	i := slices.IndexFunc(e.frame.Regions, func(r schemas.Region) bool { return r.RegionCode == code })
	for n, excluded := range e.excludedSets() {
		whole := e.cell(e.frame.Regions[i], rule, reference, excluded, nil)
		cells := e.cells(whole)
		class := e.class(cells, whole)
		all := []*countedCell{e.count(whole, nil)}
		for _, c := range cells {
			all = append(all, e.count(c, class))
		}
		if n == 0 {
			for _, c := range all {
				out.Coverage = append(out.Coverage, c.coverage()...)
			}
		}
		var from *originClass
		if all[0].shape == schemas.BasisOwn {
			from = all[0].byOrigin()
		}
		for _, p := range e.frame.Profiles {
			if !p.Sees(schemas.SourceBooking) || p.Excluded() != excluded {
				continue
			}
			if k, able := tripsAsked(p); able && from != nil {
				if unseen, err := all[0].fits.Inverse(k); err == nil && rule == schemas.OutsidePrefecture {
					out.Unseen = append(out.Unseen, Unseen{p.ID, code, reference, k, unseen})
				}
				flows, rows := all[0].fromOrigins(p, k, from)
				if len(rows) > 0 {
					out.Flows, out.OriginDestination = append(out.Flows, flows), append(out.OriginDestination, rows...)
				}
			}
			for _, c := range all {
				out.Coverage = append(out.Coverage, c.detected(p.ID)...)
				out.add(e.figures(p, c, all))
			}
		}
	}
	return out
}

// tripsAsked is the number of trips that a definition asks for, and nothing else; false
// for others.
func tripsAsked(p schemas.Profile) (int, bool) {
	least := 0
	for _, a := range p.Any {
		if a.MinDays+a.MinGapDays+a.MinStayDays+a.MinActs > 0 || a.Purpose != "" || a.SelfReported {
			return 0, false
		}
		if k := max(1, a.MinTrips); least == 0 || k < least {
			least = k
		}
	}
	return least, least > 0
}
