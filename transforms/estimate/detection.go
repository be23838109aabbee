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
	// persons are those who are known to live in Japan, by number of trips.
	persons    capture.Frequencies
	facilities int64
	// steps lead from a visit to a booking; detection is that of the visits that count.
	steps                []step
	product, related     step
	detection, residence step
	loyalty              step
	visitError           visitErrors
	visits               float64 // official visits that count, 0 where not known
	// answers are those given on the spot in the region; slept is the share of them with a night, paid that of these in
	// lodging that is paid for.
	answers     []OnsiteAnswer
	slept, paid step
	asked       []capture.Asked
	ratios      []capture.Ratio
}

// visitErrors say what the error of a detection comes of: of official visitors, of the steps between a visit and a
// booking, and of which visits count and whose they are. Their squares sum to 1.
type visitErrors struct{ official, steps, counting float64 }

func visitErrorOf(official, steps, counting float64) visitErrors {
	all := math.Sqrt(square(official) + square(steps) + square(counting))
	if all == 0 {
		return visitErrors{}
	}
	return visitErrors{official / all, steps / all, counting / all}
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
// than official visitors came, by more than chance or by half.
func (c *seenCell) observationModel(b *Bookings) (capture.Detection, bool) {
	const twice, most = 2, 0.5
	if !c.detection.known() || c.detection.P <= 0 || c.detection.P > 1+math.Min(most, twice*c.detection.StdErr) {
		return capture.Detection{}, false
	}
	d := capture.Detection{Visit: c.detection.Below1(), Missed: b.Missed, Welded: b.Welded, Ratios: c.ratios}
	if !c.loyalty.known() || c.loyalty.Rate == (capture.Rate{}) {
		return d, true
	}
	d.Loyalty, d.House = c.loyalty.Rate, c.house(d.Visit.P)
	return d, true
}

// house is the probability that the one house of a loyal person is covered, no less than that of a visit to be seen; 0
// where it is not known.
func (c *seenCell) house(visit float64) float64 {
	for _, s := range c.steps {
		if s.name == schemas.StepFacility && s.known() && s.P > 0 {
			return min(1, max(s.P, visit))
		}
	}
	return 0
}

// most is the greatest number of visits allowed for: more where many were seen, or a definition
// asks for more.
func (e *bookingEstimator) most(seen capture.Frequencies, detection float64) int {
	const least, greatest = 60, 366
	return int(math.Min(greatest, math.Max(math.Max(least, float64(e.mostTrips)), float64(len(seen))/math.Max(detection, 0.1))))
}

// observe fills in the steps and the detection; whole is the prefecture of a municipality,
// nil for the prefecture itself.
//
// Where official visitors from other prefectures cover the 12 months, the detection is
//
//	p = trips seen ÷ residence known ÷ (official visitors × share that the definition counts − visits joined to others)
//
// and the steps between are told as far as the data tell them, paid lodging being what is
// left over. Otherwise it is the product of the steps, which is that of all visits, over the
// share that counts: those that do not count are taken to leave no booking in either.
func (e *bookingEstimator) observe(c, whole *seenCell) {
	b, code := e.b, c.region.RegionCode
	var visits map[visitClass]float64
	if c.rule == schemas.OutsidePrefecture {
		visits = e.officialVisits(c)
	}
	c.answers = e.met(c.rule, code, c.reference)
	c.slept, c.paid, c.related = slept(c.answers), paid(c.answers), b.related(c.answers, c.excluded)
	c.ask(e.drawn)
	if len(c.answers) < leastAnswers && whole != nil { // too few to tell: those of the prefecture stand in
		c.slept, c.related, c.ratios = whole.slept, whole.related, whole.ratios
	}
	if !c.paid.known() && whole != nil {
		c.paid = whole.paid
	}
	c.told(e, code, visits)
	share := c.related
	if !share.known() {
		share.Rate = capture.Rate{P: 1}
	}
	if all := visits[visitClass{otherPrefecture, overnight}] + visits[visitClass{otherPrefecture, dayTrip}]; all > 0 {
		c.visits = all * share.P
		c.fromVisitors(b.Assumed.OfficialError, share, e.joined(c))
	}
	c.product = product(schemas.StepProduct, c.steps...)
	if !c.detection.known() && c.product.known() && len(c.persons) > 0 {
		p := c.product.P / share.P
		rate := capture.Rate{P: p, StdErr: p * math.Hypot(c.product.StdErr/c.product.P, share.StdErr/share.P)}
		c.detection = stepOf(schemas.StepDetection, c.product.basis, rate)
		c.visitError = visitErrorOf(0, c.product.StdErr/c.product.P, share.StdErr/share.P)
	}
	c.detection.name = schemas.StepDetection // also where nothing tells it
	c.detection.facilities, c.detection.persons = c.facilities, int64(c.persons.Seen())
}

// told fills in the steps, as far as anything tells them, and what else the bookings tell.
func (c *seenCell) told(e *bookingEstimator, code string, visits map[visitClass]float64) {
	b, stays := e.b, e.year(code, c.reference)
	facility := e.facility(c.region, c.reference)
	own := shareStep(schemas.StepOwnIdentity, schemas.BasisBookings, stays.Counted, stays.Guests)
	linked := shareStep(schemas.StepLinked, schemas.BasisBookings, stays.Linked, stays.Stays)
	own.facilities, linked.facilities = c.facilities, c.facilities
	if facility.basis == schemas.BasisOfficialNights {
		facility.persons, facility.facilities = stays.Stays, c.facilities
	}
	c.residence = shareStep(schemas.StepResidenceKnown, schemas.BasisBookings, stays.Known, stays.Known+stays.Unknown)
	c.residence.facilities = c.facilities
	c.loyalty = e.loyalty(c.region)
	lodging := c.paid
	if !lodging.known() {
		lodging = assumedStep(schemas.StepPaidLodging, b.Assumed.PaidLodging)
	}
	c.steps = []step{b.overnight(visits, c.slept), lodging, facility, own, linked}
}

// fromVisitors tells the detection by official visitors, of whom a share counts and some are joined to another visit of
// the same trip, and paid lodging, if nothing else tells it, as what the other steps leave over.
func (c *seenCell) fromVisitors(officialError float64, share step, joined capture.Rate) {
	trips := c.trips()
	if trips == 0 || c.residence.P == 0 {
		return
	}
	gross := c.visits
	c.visits -= joined.P
	p := trips / c.residence.P / c.visits
	more := gross / c.visits // what is a share of all visits is a greater one of the trips
	officialError *= more
	counting, joining := math.Hypot(share.StdErr/share.P*more, c.residence.StdErr/c.residence.P), joined.StdErr/c.visits
	relative := math.Sqrt(square(officialError) + square(joining) + square(counting))
	c.visitError = visitErrorOf(officialError, joining, counting)
	c.detection = stepOf(schemas.StepDetection, schemas.BasisOfficialVisitors, capture.Rate{P: p, StdErr: p * relative})
	const lodging = 1
	if c.steps[lodging].known() {
		return
	}
	others := product("", slices.Delete(slices.Clone(c.steps), lodging, lodging+1)...)
	if !others.known() || p*share.P >= others.P {
		return
	}
	rest := p * share.P / others.P
	paid := stepOf(schemas.StepPaidLodging, schemas.BasisRemainder, capture.Rate{P: rest, StdErr: rest * math.Hypot(others.StdErr/others.P, officialError)})
	paid.persons, paid.facilities = int64(c.persons.Seen()), c.facilities // as the detection, which could be told from it
	c.steps[lodging] = paid
}

// officialVisits are the official visitors of the 12 months; of a prefecture without any of its own, the
// sum of its municipalities, which counts a trip to two of them twice. Nil where they do not cover the
// 12 months, or a municipality to which trips were seen has none, whose trips would then stand
// against the visitors of the others.
func (e *bookingEstimator) officialVisits(c *seenCell) map[visitClass]float64 {
	from := c.reference.AddMonths(-12) + 1
	if visits := yearOfVisits(e.visits[c.region.RegionCode], from, c.reference); visits != nil || c.region.RegionLevel != schemas.LevelPrefecture {
		return visits
	}
	sum := map[visitClass]float64{}
	for _, m := range e.municipalities(c.region.RegionCode) {
		visits := yearOfVisits(e.visits[m.RegionCode], from, c.reference)
		seen := e.counts[tripKey{c.excluded, c.rule, m.RegionCode, domesticOrigin, month(c.reference)}]
		if visits == nil && seen.Seen() > 0 && !unknownPlace(m) {
			return nil
		}
		for class, n := range visits { // each class's sum is in the order of the regions
			sum[class] += n
		}
	}
	return sum
}

// joined is the number of visits to municipalities of a prefecture, beyond the first of each trip, that trips to several of
// them make: the sum of the municipalities' official visitors counts each. Where 30 of those met say to how many
// municipalities m their trip goes, a visit is 1/m of a trip,
//
//	D = V (1 − mean(1/m))
//
// over the answers that the definition counts, V being the visits. Otherwise, a trip that is booked in two places is one trip
// of the prefecture and two of its municipalities, so that bookings show some of them,
//
//	D = (Σ trips seen of municipalities − trips seen of the prefecture) ÷ κ ÷ (f · l)² ÷ (o · ω)
//
// with f, l and o the steps facility, linked and own identity, and ω the chance that who booked one stay of a trip booked
// the other too: between o, as if strangers had booked them, and 1, with the error of not knowing where (its
// width over √12). Trips on which a night of either visit is not paid for show nothing: D is the least there is. 0 where the prefecture
// has official visitors of its own, which count trips, or a step is not known; no more than half of the visits.
func (e *bookingEstimator) joined(c *seenCell) capture.Rate {
	from := c.reference.AddMonths(-12) + 1
	if c.region.RegionLevel != schemas.LevelPrefecture || yearOfVisits(e.visits[c.region.RegionCode], from, c.reference) != nil {
		return capture.Rate{}
	}
	counts := func(a OnsiteAnswer) bool { return a.Municipalities > 0 && !a.Tie.onlyFor(c.excluded) }
	if beyond, _, ok := meanMet(c.answers, counts, func(a OnsiteAnswer) float64 { return 1 - 1/float64(a.Municipalities) }); ok {
		return capture.Rate{P: c.visits * beyond.P, StdErr: c.visits * beyond.StdErr}
	}
	const facility, own, linked = 2, 3, 4
	f, o, l := c.steps[facility], c.steps[own], c.steps[linked]
	twice := -c.trips()
	for _, m := range e.municipalities(c.region.RegionCode) {
		for j, n := range e.counts[tripKey{c.excluded, c.rule, m.RegionCode, domesticOrigin, month(c.reference)}] {
			twice += float64(j+1) * n
		}
	}
	if !f.known() || !o.known() || !l.known() || f.P*o.P*l.P == 0 || c.residence.P == 0 || twice <= 0 {
		return capture.Rate{}
	}
	again := capture.Rate{P: (1 + o.P) / 2, StdErr: (1 - o.P) / math.Sqrt(12)}
	joined := math.Min(twice/c.residence.P/square(f.P*l.P)/(o.P*again.P), c.visits/2)
	relative := math.Sqrt(1/twice + square(2*f.StdErr/f.P) + square(again.StdErr/again.P))
	return capture.Rate{P: joined, StdErr: joined * relative}
}

// unknownPlace says whether a region stands for a municipality that is not known.
func unknownPlace(r schemas.Region) bool {
	return r.RegionLevel == schemas.LevelMunicipality && r.RegionCode == municipalityOf(r.PrefectureCode)
}

// municipalities are those of a prefecture in the frame, the one that is not known among them.
func (e *bookingEstimator) municipalities(prefecture string) (of []schemas.Region) {
	for _, r := range e.frame.Regions {
		if r.RegionLevel == schemas.LevelMunicipality && r.PrefectureCode == prefecture {
			of = append(of, r)
		}
	}
	return of
}

// facility is the share of paid nights that is spent in covered houses: of a prefecture by official
// guest-nights, which count what the frame's capacity only could lodge; otherwise by the frame, or
// assumed.
func (e *bookingEstimator) facility(r schemas.Region, reference schemas.Date) step {
	if rate, ok := nightsRecorded(e.nights, r.RegionCode, reference); ok {
		rate.StdErr = rate.P * e.b.Assumed.OfficialError
		return stepOf(schemas.StepFacility, schemas.BasisOfficialNights, rate)
	}
	if s := e.capacity(r.RegionCode, reference); s.known() {
		return s
	}
	return assumedStep(schemas.StepFacility, e.b.Assumed.Facilities)
}

// askedSum gathers answers to how often people come, by class.
type askedSum struct {
	weights map[[2]int32]float64
	persons map[int32]float64
}

func (s *askedSum) add(person int32, t ReportedTie, weight float64) {
	if s.weights == nil {
		s.weights, s.persons = map[[2]int32]float64{}, map[int32]float64{}
	}
	s.weights[[2]int32{max(1, t.atLeast()), t.Most}] += weight
	s.persons[person] += weight
}

// classes are the answers as the numbers that a plain sample of the same variance would have,
// n_eff = (Σw)²/Σw² over persons (Kish); none of fewer than 30 persons.
func (s *askedSum) classes(met bool) []capture.Asked {
	if len(s.persons) < leastAnswers {
		return nil
	}
	var sum, squares float64
	for _, person := range sortedPersons(s.persons) {
		sum += s.persons[person]
		squares += s.persons[person] * s.persons[person]
	}
	var out []capture.Asked
	for class, w := range s.weights {
		out = append(out, capture.Asked{Least: int(class[0]), Most: int(class[1]), Persons: w * sum / squares, Met: met})
	}
	slices.SortFunc(out, func(a, b capture.Asked) int { return slices.Compare([]int{a.Least, a.Most}, []int{b.Least, b.Most}) })
	return out
}

// drawnSurvey is a weighted survey, by the regions that its respondents have ties to.
type drawnSurvey struct {
	last    schemas.Date
	dropOut float64 // see [WeightedSurvey]
	ties    map[string][]drawnTies
}

// drawnTies are a respondent's ties to one region.
type drawnTies struct {
	unit      int32
	weight    float64
	residence string
	ties      []ReportedTie
}

// newDrawn sorts the respondents of a survey by region, a prefecture having the ties to all
// its municipalities.
func newDrawn(s WeightedSurvey) drawnSurvey {
	d := drawnSurvey{last: s.Last.MonthEnd(), dropOut: s.DropOut, ties: map[string][]drawnTies{}}
	for i, w := range s.Weights() {
		if w <= 0 || len(s.Residences[i]) != 5 {
			continue
		}
		for _, t := range s.Ties[i] {
			for _, region := range places(municipalityOf(t.Region)) {
				of := d.ties[region]
				if n := len(of); n > 0 && of[n-1].unit == int32(i) {
					of[n-1].ties = append(of[n-1].ties, t)
					continue
				}
				d.ties[region] = append(of, drawnTies{int32(i), w, s.Residences[i], []ReportedTie{t}})
			}
		}
	}
	return d
}

// outside is the tie from outside by a rule, of those that count, put together; false where
// there is none. Its visits are trips: at least the most to one municipality, since a trip may
// go on to the next, and at most all.
func (r drawnTies) outside(rule string, counts func(ReportedTie) bool) (tie ReportedTie, ok bool) {
	var fewest int32
	for _, t := range r.ties {
		if !isOutside(rule, r.residence, t.Region) || !counts(t) {
			continue
		}
		fewest = max(fewest, t.Visits)
		if !ok {
			tie, ok = t, true
			continue
		}
		tie = pooled(tie, t)
	}
	tie.Visits = fewest
	return tie, ok
}

// standsFor is the survey with the latest answers of those that stand for a month: from that
// of its last answer to eleven months after. Nil for none.
func standsFor(surveys []drawnSurvey, reference schemas.Date) *drawnSurvey {
	var best *drawnSurvey
	for i, s := range surveys {
		if s.last <= reference && reference < s.last.AddMonths(12) && (best == nil || s.last > best.last) {
			best = &surveys[i]
		}
	}
	return best
}

// ask puts what visitors say of how often they come, met on the spot or drawn by a weighted
// survey: for the joint likelihood, and how much likelier than others those met sleep there, in paid lodging
// where that is asked.
func (c *seenCell) ask(surveys []drawnSurvey) {
	counts := func(t ReportedTie) bool {
		return (t.Visits >= 1 || t.Most >= 1) && !t.onlyFor(c.excluded)
	}
	var met, drawn askedSum
	var dropOut float64
	for _, a := range c.answers {
		if counts(a.Tie) && a.OfPrefecture == (c.region.RegionLevel == schemas.LevelPrefecture) {
			met.add(a.Person, a.Tie, a.Weight)
		}
	}
	if survey := standsFor(surveys, c.reference); survey != nil && c.rule != schemas.OutsideEverydayArea {
		dropOut = survey.dropOut
		for _, r := range survey.ties[c.region.RegionCode] {
			if tie, ok := r.outside(c.rule, counts); ok {
				drawn.add(r.unit, tie, r.weight)
			}
		}
	}
	c.asked = met.classes(true)
	for _, class := range drawn.classes(false) {
		class.DropOut = dropOut
		c.asked = append(c.asked, class)
	}
	if c.ratios = ratiosBy(c.answers, func(a OnsiteAnswer) bool { return counts(a.Tie) && a.Lodged != 0 }, lodged); len(c.ratios) > 0 {
		return
	}
	c.ratios = ratiosBy(c.answers, func(a OnsiteAnswer) bool { return counts(a.Tie) && a.Nights >= 0 }, func(a OnsiteAnswer) bool { return a.Nights > 0 })
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

// twoTrips are persons seen on two trips: all, those whose trips were to one municipality,
// those who slept in one house, and the sum of the chances of that over the second.
type twoTrips struct{ persons, together, same, chance float64 }

func (t *twoTrips) add(r Repeater) {
	n := float64(r.Persons)
	t.persons += n
	if r.Municipality != "" {
		t.together, t.same, t.chance = t.together+n, t.same+float64(r.Same), t.chance+n*r.Chance
	}
}

// loyal is the share of these persons who are loyal to a house: of those with both trips to
// one municipality a share x slept in one house, and c would by chance,
//
//	s = (x − c)/(1 − c) · together/persons
func (t twoTrips) loyal(x float64) float64 {
	c := t.chance / t.together
	return max(0, (x-c)/(1-c)) * t.together / t.persons
}

// sameHouse estimates loyalty from persons seen on two trips and no more, a share s of whom is
// loyal: with A and B the probabilities that a loyal person, and another, is seen twice, under
// the distribution of visits that is fitted with L itself in three rounds,
//
//	L = s B / (s B + (1 − s) A)
func sameHouse(seen capture.Frequencies, d capture.Detection, most int, pairs twoTrips) step {
	const rounds = 3
	if pairs.together < leastAnswers || pairs.chance >= pairs.together {
		return step{name: schemas.StepLoyalty}
	}
	x := pairs.same / pairs.together
	err := math.Sqrt((x + 1/pairs.together) * (1 - x + 1/pairs.together) / pairs.together)
	out := capture.Rate{}
	for range rounds {
		d.Loyalty = capture.Rate{P: out.P}
		fits, failed := capture.FitThinned(seen, d, most)
		if failed != nil {
			return step{name: schemas.StepLoyalty}
		}
		a, b := fits.Fits[0].SeenTwice()
		of := func(x float64) float64 {
			s := pairs.loyal(x)
			return min(0.95, s*b/(s*b+(1-s)*a))
		}
		out = capture.Rate{P: of(x), StdErr: (of(min(1, x+err)) - of(max(0, x-err))) / 2}
	}
	s := stepOf(schemas.StepLoyalty, schemas.BasisBookings, out)
	s.persons = int64(pairs.together)
	return s
}
