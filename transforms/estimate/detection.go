package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// seenCell is what bookings show of a region in 12 months under an outside rule and a set
// of purposes that do not count, and how likely they show it.
type seenCell struct {
	region    schemas.Region
	rule      string
	reference schemas.Date
	excluded  schemas.Purpose
	// persons are those who live in Japan, by number of trips; unknown those whose
	// residence is not known.
	persons    capture.Frequencies
	unknown    float64
	facilities int64
	// steps lead from a visit to a booking; detection is that of the visits that count.
	steps                     []step
	product, related          step
	detection, residence      step
	loyalty                   step
	visits                    float64 // official visits that count, 0 where not known
	asked                     []capture.Asked
	ratios                    []capture.Ratio
	askedPersons, ratioCounts int64
}

// trips is the number of trips seen of persons whose residence is known.
func (c *seenCell) trips() float64 {
	var sum float64
	for j, n := range c.persons {
		sum += float64(j+1) * n
	}
	return sum
}

// observationModel is how visits come to be seen; false where the detection is not known, or more trips were seen
// than official visitors came.
func (c *seenCell) observationModel(b *Bookings) (capture.Detection, bool) {
	const twice = 2
	if !c.detection.known() || c.detection.P <= 0 || c.detection.P > 1+twice*c.detection.StdErr {
		return capture.Detection{}, false
	}
	if c.detection.P >= 1 { // every visit is seen, as far as can be told
		return capture.Detection{Visit: capture.Rate{P: 1}}, true
	}
	d := capture.Detection{Visit: c.detection.Rate, Missed: b.Missed, Welded: b.Welded, Ratios: c.ratios}
	if c.loyalty.known() {
		d.Loyalty = c.loyalty.Rate
	}
	for _, s := range c.steps {
		if s.name == schemas.StepFacility && s.known() && s.P > 0 {
			d.House = min(1, max(s.P, d.Visit.P))
		}
	}
	return d, true
}

// most is the greatest number of visits allowed for: more where many were seen.
func (c *seenCell) most() int {
	const least, greatest = 60, 366
	return int(math.Min(greatest, math.Max(least, float64(len(c.persons))/math.Max(c.detection.P, 0.1))))
}

// observe fills in the steps and the detection.
//
// Where official visitors from other prefectures cover the 12 months, the detection is
//
//	p = trips seen ÷ residence known ÷ (official visitors × share that the definition counts)
//
// and the steps between are told as far as the data tell them, paid lodging being what is
// left over. Otherwise it is the product of the steps.
func (e *bookingEstimator) observe(c *seenCell) {
	b, code := e.b, c.region.RegionCode
	stays, answers := b.year(code, c.reference), b.met(c.rule, code, c.reference)
	inPrefecture := answers
	if len(answers) < leastAnswers && c.region.RegionLevel == schemas.LevelMunicipality {
		inPrefecture = b.met(c.rule, c.region.PrefectureCode, c.reference)
	}
	var visits map[visitClass]float64
	if c.rule == schemas.OutsidePrefecture {
		visits = e.officialVisits(c.region, c.reference)
	}
	c.related = b.related(inPrefecture, c.excluded)
	night, facility := b.overnight(visits, inPrefecture), e.facility(c.region, c.reference)
	own := shareStep(schemas.StepOwnIdentity, schemas.BasisBookings, stays.Counted, stays.Guests)
	linked := shareStep(schemas.StepLinked, schemas.BasisBookings, stays.Linked, stays.Stays)
	own.facilities, linked.facilities = c.facilities, c.facilities
	if facility.basis == schemas.BasisOfficialNights {
		facility.persons, facility.facilities = stays.Stays, c.facilities
	}
	c.residence = shareStep(schemas.StepResidenceKnown, schemas.BasisBookings, stays.Known, stays.Known+stays.Unknown)
	c.residence.facilities = c.facilities
	paid := assumedStep(schemas.StepPaidLodging, b.Assumed.PaidLodging)
	c.loyalty = e.loyalty(c.region)
	if all := visits[visitClass{otherPrefecture, overnight}] + visits[visitClass{otherPrefecture, dayTrip}]; all > 0 {
		counts := c.related
		if !counts.known() {
			counts.P = 1
		}
		c.visits = all * counts.P
		if trips := c.trips(); trips > 0 && c.residence.P > 0 {
			p := trips / c.residence.P / c.visits
			relative := math.Hypot(math.Hypot(b.Assumed.OfficialError, counts.StdErr/counts.P), c.residence.StdErr/c.residence.P)
			c.detection = stepOf(schemas.StepDetection, schemas.BasisOfficialVisitors, capture.Rate{P: p, StdErr: p * relative})
			if others := product("", night, facility, own, linked); others.known() && others.P > 0 && !paid.known() && p*counts.P < others.P {
				rest := p * counts.P / others.P
				paid = stepOf(schemas.StepPaidLodging, schemas.BasisRemainder, capture.Rate{P: rest, StdErr: rest * math.Hypot(others.StdErr/others.P, b.Assumed.OfficialError)})
				paid.persons, paid.facilities = int64(c.persons.Seen()), c.facilities // as the detection, which could be told from it
			}
		}
	}
	c.steps = []step{night, paid, facility, own, linked}
	c.product = product(schemas.StepProduct, c.steps...)
	if !c.detection.known() && c.product.known() && len(c.persons) > 0 {
		c.detection = c.product
		c.detection.name = schemas.StepDetection
	}
	c.detection.facilities, c.detection.persons = c.facilities, int64(c.persons.Seen())
	c.ask(answers, inPrefecture)
}

// officialVisits are the official visitors of the 12 months; of a prefecture without any of its own, the
// sum of its municipalities, which counts a trip to two of them twice. Nil where they do not cover the
// 12 months.
func (e *bookingEstimator) officialVisits(r schemas.Region, reference schemas.Date) map[visitClass]float64 {
	from := reference.AddMonths(-12) + 1
	if visits := yearOfVisits(e.visits[r.RegionCode], from, reference); visits != nil || r.RegionLevel != schemas.LevelPrefecture {
		return visits
	}
	sum := map[visitPeriod]float64{}
	for _, m := range e.frame.Regions {
		if m.RegionLevel == schemas.LevelMunicipality && m.PrefectureCode == r.RegionCode {
			for period, n := range e.visits[m.RegionCode] {
				sum[period] += n // whole numbers: their order does not matter
			}
		}
	}
	return yearOfVisits(sum, from, reference)
}

// facility is the share of paid nights that is spent in covered houses: of a prefecture by official
// guest-nights, which count what the frame's capacity only could lodge; otherwise by the frame, or
// assumed.
func (e *bookingEstimator) facility(r schemas.Region, reference schemas.Date) step {
	if rate, ok := nightsRecorded(e.nights, r.RegionCode, reference); ok {
		return stepOf(schemas.StepFacility, schemas.BasisOfficialNights, rate)
	}
	if s := e.b.facility(r.RegionCode, reference); s.known() {
		return s
	}
	return assumedStep(schemas.StepFacility, e.b.Assumed.Facilities)
}

// visitClasses are the numbers of visits within which detection is told apart.
var visitClasses = [][2]int{{1, 1}, {2, 3}, {4, 11}, {12, -1}}

// ask puts what visitors met on the spot say of how often they come: of this region for the
// joint likelihood, and of the prefecture how much likelier than others they sleep there.
func (c *seenCell) ask(answers, inPrefecture []OnsiteAnswer) {
	counts := func(a OnsiteAnswer) bool {
		return a.Tie.Visits >= 1 && (a.Tie.Purposes == 0 || a.Tie.Purposes&^c.excluded != 0)
	}
	ofPrefecture := c.region.RegionLevel == schemas.LevelPrefecture
	weights, persons := map[[2]int32]float64{}, map[int32]float64{}
	var sum, squares float64
	for _, a := range answers {
		if counts(a) && a.OfPrefecture == ofPrefecture {
			weights[[2]int32{a.Tie.Visits, a.Tie.Most}] += a.Weight
			persons[a.Person] += a.Weight
			sum += a.Weight
		}
	}
	if c.askedPersons = int64(len(persons)); len(persons) >= leastAnswers {
		for _, person := range sortedPersons(persons) {
			squares += persons[person] * persons[person]
		}
		for class, w := range weights {
			c.asked = append(c.asked, capture.Asked{Least: int(class[0]), Most: int(class[1]), Persons: w / sum * sum * sum / squares, Met: true})
		}
		slices.SortFunc(c.asked, func(a, b capture.Asked) int { return slices.Compare([]int{a.Least, a.Most}, []int{b.Least, b.Most}) })
	}
	asked := func(a OnsiteAnswer) bool { return counts(a) && a.Nights >= 0 }
	overnight := func(a OnsiteAnswer) bool { return a.Nights > 0 }
	all, n, ok := shareMet(inPrefecture, asked, overnight)
	if !ok || all.P == 0 {
		return
	}
	c.ratioCounts = n
	for _, class := range visitClasses {
		share, _, ok := shareMet(inPrefecture, func(a OnsiteAnswer) bool {
			return asked(a) && int(a.Tie.Visits) >= class[0] && (class[1] < 0 || int(a.Tie.Visits) <= class[1])
		}, overnight)
		if ok && share.P > 0 {
			c.ratios = append(c.ratios, capture.Ratio{Least: class[0], Most: class[1], Rate: capture.Rate{P: share.P / all.P, StdErr: share.StdErr / all.P}})
		}
	}
}

// loyalty is the share of persons who always sleep in one house: as found among those
// seen again, or assumed.
func (e *bookingEstimator) loyalty(r schemas.Region) step {
	if a := e.b.Assumed.Loyalty; a.given() {
		return assumedStep(schemas.StepLoyalty, a)
	}
	level := r.PrefectureCode
	if r.RegionLevel == schemas.LevelMunicipality {
		level += "/" + schemas.LevelMunicipality
	}
	return e.loyal[level]
}

// sameHouse estimates loyalty from persons seen twice and no more, of whom a share x slept in
// one house: with c the probability that two stays of others are in one house by chance,
//
//	L = B (x − c) / (A (1 − x) + B (x − c))
//
// A and B the probabilities that a loyal person, and another, is seen twice, under the
// distribution of visits that is fitted with L itself: three rounds.
func sameHouse(seen capture.Frequencies, d capture.Detection, most int, repeaters Repeater) step {
	const rounds = 3
	n, chance := float64(repeaters.Persons), repeaters.Chance
	if repeaters.Persons < leastAnswers {
		return step{name: schemas.StepLoyalty}
	}
	loyalty := func(x, a, b float64) float64 {
		return min(0.95, max(0, b*(x-chance)/(a*(1-x)+b*max(0, x-chance))))
	}
	x := float64(repeaters.Same) / n
	err := math.Sqrt((x + 1/n) * (1 - x + 1/n) / n)
	out := capture.Rate{}
	for range rounds {
		d.Loyalty = capture.Rate{P: out.P}
		fits, failed := capture.FitThinned(seen, d, most)
		if failed != nil {
			return step{name: schemas.StepLoyalty}
		}
		a, b := fits.Fits[0].SeenTwice()
		out = capture.Rate{P: loyalty(x, a, b), StdErr: (loyalty(min(1, x+err), a, b) - loyalty(max(0, x-err), a, b)) / 2}
	}
	s := stepOf(schemas.StepLoyalty, schemas.BasisBookings, out)
	s.persons = repeaters.Persons
	return s
}
