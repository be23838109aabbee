package estimate

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

const onsiteMethodology = "onsite-1"

// OnsiteAnswer is an answer to a survey on the spot as it was landed.
type OnsiteAnswer struct {
	// Person numbers whoever answered, from 0.
	Person int32
	// Unit numbers the sampling unit, such as a place and day; −1 for none.
	Unit int32
	Day  schemas.Date
	// Region is the municipality met in.
	Region string
	// OfPrefecture says that the question on visits asks of the prefecture of the
	// region, not of the municipality.
	OfPrefecture bool
	// Residence is the municipality or prefecture lived in, abroad or unknown.
	Residence string
	// Nights is the nights of the trip; −1 where not asked.
	Nights int32
	// Lodged is 1 where the nights are paid for, −1 where they are not or there are none, 0 where not asked.
	Lodged int32
	// Municipalities is how many municipalities of the prefecture the trip goes to, and PrefectureVisits how often the person
	// came to the prefecture in the last 12 months, the present visit included; 0 where not asked.
	Municipalities, PrefectureVisits int32
	// Weight is the design weight among all visits; 1 where none is given.
	Weight float64
	// Tie has the visits of the last 12 months, the present one included, and the
	// purposes.
	Tie ReportedTie
	// Asked says that the survey asks whether the relation is regular.
	Asked bool
	// OfficialError is the standard error of the official visits that the answer is
	// scaled to, as a share of them.
	OfficialError float64
}

// onsiteEstimator is one estimation from all surveys on the spot of a project.
type onsiteEstimator struct {
	frame   Frame
	answers map[string][]OnsiteAnswer // by region, in order of the answers
	visits  map[string][]schemas.Total
	levels  map[string]string
	rows    []disclose.Counted[schemas.RelationalPopulation]
	errors  []FigureErrors
}

// RelationalPopulationOnsite estimates, from surveys on the spot and official
// numbers of visits (statistic visitors, which counts a person once per trip), the
// persons of every definition that a number of visits and their purposes can tell:
// per municipality that has both, and pairs of a prefecture, which are the sum of its
// municipalities. A survey that asks for visits to the municipality tells nothing of
// persons of the prefecture, which take a survey that asks for visits to the prefecture
// and its official visitors: otherwise these rows are not estimable, as are those of
// months whose 12 months the official totals do not cover whole, of municipalities
// without answers, and of definitions that rest on what was not asked. Residents of
// Japan are the target population: answers from abroad, or by persons whose residence is not
// known, stand for nobody.
func RelationalPopulationOnsite(f Frame, answers []OnsiteAnswer, totals []schemas.Total) (SurveyFigures, error) {
	e := newOnsiteEstimator(f, answers, totals)
	for _, p := range f.Profiles {
		if !p.Sees(schemas.SourceSurvey) {
			continue
		}
		for _, rule := range f.Outside {
			for _, reference := range f.References {
				for _, r := range f.Regions {
					if err := e.region(p, rule, reference, r); err != nil {
						return SurveyFigures{}, err
					}
				}
			}
		}
	}
	return SurveyFigures{RelationalPopulation: e.rows, Errors: e.errors}, nil
}

// newOnsiteEstimator sorts answers and official visitors by region.
func newOnsiteEstimator(f Frame, answers []OnsiteAnswer, totals []schemas.Total) *onsiteEstimator {
	e := &onsiteEstimator{frame: f, answers: map[string][]OnsiteAnswer{}, visits: map[string][]schemas.Total{}, levels: f.levels()}
	for _, a := range answers {
		region := municipalityOf(a.Region)
		if a.OfPrefecture {
			region = a.Region[:2] + "000"
		}
		e.answers[region] = append(e.answers[region], a)
	}
	for _, t := range totals {
		if t.Statistic == "visitors" {
			e.visits[t.RegionCode] = append(e.visits[t.RegionCode], t)
		}
	}
	return e
}

// onsitePart is the encounters of a municipality in 12 months with their official
// visits, and the answers they are of.
type onsitePart struct {
	sample  OnsiteSample
	answers []OnsiteAnswer
}

// region adds the rows of one region, definition, rule and month.
func (e *onsiteEstimator) region(p schemas.Profile, rule string, reference schemas.Date, r schemas.Region) error {
	base := e.row(p, rule, reference, r)
	add := func(measure string, part onsitePart, ok bool) error {
		row := base
		row.Measure = measure
		if !ok || !answerable(p) || unasked(p, part.answers) {
			e.rows = append(e.rows, disclose.Counted[schemas.RelationalPopulation]{Row: row})
			return nil
		}
		return e.figures(row, p, part)
	}
	switch r.RegionLevel {
	case schemas.LevelMunicipality:
		part, ok := e.part(r.RegionCode, rule, reference)
		return errors.Join(add(schemas.Persons, part, ok), add(schemas.Pairs, part, ok))
	case schemas.LevelPrefecture:
		// Who lives in one of its municipalities is outside of the others, but visits to
		// the own one are among those asked for.
		part, ok := e.part(r.RegionCode, rule, reference)
		pairs, sum := e.municipalities(r.RegionCode, rule, reference)
		return errors.Join(add(schemas.Persons, part, ok && rule == schemas.OutsidePrefecture),
			add(schemas.PersonsAnyMunicipality, onsitePart{}, false), add(schemas.Pairs, pairs, sum))
	}
	return nil
}

// unasked says whether a definition asks what somebody was not asked.
func unasked(p schemas.Profile, answers []OnsiteAnswer) bool {
	for _, a := range p.Any {
		if a.SelfReported {
			return slices.ContainsFunc(answers, func(a OnsiteAnswer) bool { return !a.Asked })
		}
	}
	return false
}

// municipalities puts the parts of the municipalities of a prefecture together. It is
// false where one that has official visitors cannot be estimated, or none has any.
func (e *onsiteEstimator) municipalities(code, rule string, reference schemas.Date) (whole onsitePart, ok bool) {
	for _, r := range e.frame.Regions {
		if r.RegionLevel != schemas.LevelMunicipality || r.PrefectureCode != code || len(e.visits[r.RegionCode]) == 0 {
			continue
		}
		part, ok := e.part(r.RegionCode, rule, reference)
		if !ok {
			return whole, false
		}
		offset := len(whole.sample.Totals)
		for _, encounter := range part.sample.Encounters {
			encounter.Stratum += offset
			whole.sample.Encounters = append(whole.sample.Encounters, encounter)
		}
		whole.sample.Totals = append(whole.sample.Totals, part.sample.Totals...)
		whole.sample.Units = append(whole.sample.Units, part.sample.Units...)
		whole.answers = append(whole.answers, part.answers...)
	}
	whole.sample.Shape = ClassShape
	return whole, len(whole.answers) > 0
}

// leastOnsite is the least number of persons, and of answers of a class, that a
// variance is told from.
const leastOnsite = 2

// part gathers the encounters of a municipality in the 12 months to a month, and
// puts them into the finest classes of the official visits that all have two answers:
// by origin and stay, by origin, or all together.
func (e *onsiteEstimator) part(region, rule string, reference schemas.Date) (onsitePart, bool) {
	from := reference.AddMonths(-12) + 1
	visits := yearOfVisits(visitPeriods(e.visits[region]), from, reference)
	if visits == nil || rule == schemas.OutsideEverydayArea {
		return onsitePart{}, false
	}
	var met []OnsiteAnswer
	persons := map[int32]bool{}
	for _, a := range e.answers[region] {
		if origin := visitorOrigin(a); a.Day >= from && a.Day <= reference && origin != "" && (rule == schemas.OutsideMunicipality || origin == otherPrefecture) {
			met = append(met, a)
			persons[a.Person] = true
		}
	}
	if len(persons) < leastOnsite {
		return onsitePart{}, false
	}
	for _, coarse := range []func(visitClass) visitClass{
		func(c visitClass) visitClass { return c },
		func(c visitClass) visitClass { return visitClass{origin: c.origin} },
		func(visitClass) visitClass { return visitClass{origin: domestic} },
	} {
		if part, ok := classified(region, rule, met, visits, coarse); ok {
			return part, true
		}
	}
	return onsitePart{}, false
}

// classified puts answers into classes of visits; false where a class of visits
// has fewer than two answers, or an answer no class.
func classified(region, rule string, met []OnsiteAnswer, visits map[visitClass]float64, coarse func(visitClass) visitClass) (onsitePart, bool) {
	index := map[visitClass]int{}
	part := onsitePart{sample: OnsiteSample{Shape: ClassShape}, answers: met}
	for _, origin := range []string{otherPrefecture, samePrefecture} {
		if rule == schemas.OutsidePrefecture && origin == samePrefecture {
			continue
		}
		for _, stay := range []string{overnight, dayTrip} {
			n, ok := visits[visitClass{origin, stay}]
			if !ok {
				return part, false
			}
			if n == 0 {
				continue
			}
			c := coarse(visitClass{origin, stay})
			if _, halves := visits[visitClass{origin: origin}]; halves && c.stay != "" {
				return part, false
			}
			i, seen := index[c]
			if !seen {
				i = len(part.sample.Totals)
				index[c] = i
				part.sample.Totals = append(part.sample.Totals, VisitTotal{Name: strings.Trim(region+" "+c.origin+" "+c.stay, " ")})
			}
			part.sample.Totals[i].Visits += n
		}
	}
	answered := make([]int, len(part.sample.Totals))
	for _, a := range met {
		stay := dayTrip
		if a.Nights > 0 {
			stay = overnight
		}
		c := coarse(visitClass{visitorOrigin(a), stay})
		i, ok := index[c]
		if !ok || a.Nights < 0 && c.stay != "" {
			return part, false
		}
		answered[i]++
		part.sample.Totals[i].StdErr = max(part.sample.Totals[i].StdErr, a.OfficialError*part.sample.Totals[i].Visits)
		part.sample.Encounters = append(part.sample.Encounters, Encounter{Person: a.Person, Stratum: i, Weight: a.Weight, Least: max(1, a.Tie.Visits), Most: a.Tie.Most})
		part.sample.Units = append(part.sample.Units, a.Unit)
	}
	return part, len(answered) > 0 && slices.Min(answered) >= leastOnsite
}

// visitorOrigin is the official class of where an answering person lives, ” where it
// is abroad or not known.
func visitorOrigin(a OnsiteAnswer) string {
	switch {
	case len(a.Residence) != 5:
		return ""
	case a.Residence[:2] == a.Region[:2]:
		return samePrefecture
	}
	return otherPrefecture
}

// row is a row without a figure.
func (e *onsiteEstimator) row(p schemas.Profile, rule string, reference schemas.Date, r schemas.Region) schemas.RelationalPopulation {
	return schemas.RelationalPopulation{
		Definition: p.ID, Outside: rule, RegionCode: r.RegionCode, RegionLevel: r.RegionLevel,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: reference,
		Source: schemas.SourceSurvey, Estimator: OnsiteScaled, Reliability: schemas.LowReliability,
		BoundaryVintage: e.frame.Vintage, KnownOn: e.frame.AsOf,
		SourcePeriod: (reference.AddMonths(-12) + 1).String() + "/" + reference.String(),
		Observation:  schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: onsiteMethodology},
	}
}

// figures adds the row of all, and those by origin and by relation type in which
// somebody counts.
func (e *onsiteEstimator) figures(row schemas.RelationalPopulation, p schemas.Profile, part onsitePart) error {
	need := part.needs(row.Outside, p)
	origins, relations := map[string]bool{}, map[string]bool{}
	for i, a := range part.answers {
		if need[i] > 0 && (a.Tie.Most < 0 || a.Tie.Most >= need[i]) {
			origins[originOf(a.Residence)] = true
			if relation := a.Tie.Purposes.RelationType(); relation != "" {
				relations[relation] = true
			}
		}
	}
	if err := e.figure(row, part, need); err != nil {
		return err
	}
	domain := func(in func(OnsiteAnswer) bool) []int32 {
		own := slices.Clone(need)
		for i, a := range part.answers {
			if !in(a) {
				own[i] = 0
			}
		}
		return own
	}
	for _, origin := range sortedKeys(origins) {
		from := row
		from.OriginCode = origin
		if err := e.figure(from, part, domain(func(a OnsiteAnswer) bool { return originOf(a.Residence) == origin })); err != nil {
			return err
		}
	}
	for _, relation := range sortedKeys(relations) {
		typed := row
		typed.RelationType = relation
		if err := e.figure(typed, part, domain(func(a OnsiteAnswer) bool { return a.Tie.Purposes.RelationType() == relation })); err != nil {
			return err
		}
	}
	return nil
}

// needs is the least number of visits with which each answer counts, 0 where none does.
func (part onsitePart) needs(outside string, p schemas.Profile) []int32 {
	need := make([]int32, len(part.answers))
	for i, a := range part.answers {
		if isOutside(outside, a.Residence, a.Region) {
			need[i] = visitsNeeded(a.Tie, p)
		}
	}
	return need
}

// pairs is the row of the pairs of a prefecture, of all origins and relation types, without figures where they cannot be
// told, and the parts of its error.
func (e *onsiteEstimator) pairs(p schemas.Profile, rule string, reference schemas.Date, r schemas.Region) (disclose.Counted[schemas.RelationalPopulation], Parts, error) {
	row := e.row(p, rule, reference, r)
	row.Measure = schemas.Pairs
	part, ok := e.municipalities(r.RegionCode, rule, reference)
	if !ok || !answerable(p) || unasked(p, part.answers) {
		return disclose.Counted[schemas.RelationalPopulation]{Row: row}, nil, nil
	}
	return e.figureOf(row, part, part.needs(rule, p))
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}

// visitsNeeded is the least number of visits with which a tie satisfies a
// definition, 0 where none does.
func visitsNeeded(t ReportedTie, p schemas.Profile) int32 {
	if t.onlyFor(p.Excluded()) {
		return 0
	}
	var least int32
	for _, a := range p.Any {
		if a.SelfReported && !t.Regular || a.Purpose != "" && t.Purposes&schemas.PurposeCodes[a.Purpose] == 0 {
			continue
		}
		if k := max(1, int32(a.MinTrips)); least == 0 || k < least {
			least = k
		}
	}
	return least
}

// everyQuarter says whether every quarter of the 12 months has an answer: whom a survey
// of the summer meets may come otherwise than those of the year.
func everyQuarter(answers []OnsiteAnswer, reference schemas.Date) bool {
	var met [4]bool
	for _, a := range answers {
		met[(month(reference)-month(a.Day))/3] = true
	}
	return met == [4]bool{true, true, true, true}
}

// figure adds a row with its figure, and the parts of its error where it is of all.
func (e *onsiteEstimator) figure(row schemas.RelationalPopulation, part onsitePart, need []int32) error {
	c, parts, err := e.figureOf(row, part, need)
	if err != nil {
		return err
	}
	e.rows = append(e.rows, c)
	if _, whole := headlineOf(row); whole && len(parts) > 0 {
		e.errors = append(e.errors, errorsOf(c.Row, parts))
	}
	return nil
}

// figureOf is a row with its figure. It is of low reliability (U) where fewer than ten
// persons count or a quarter of the window has no answer. Intervals are log-normal and hold no fewer than
// the persons who certainly count; where nobody who was met counts, the upper end is
// the share that so many answers would have missed with a chance of one in twenty.
func (e *onsiteEstimator) figureOf(row schemas.RelationalPopulation, part onsitePart, need []int32) (disclose.Counted[schemas.RelationalPopulation], Parts, error) {
	n, err := part.sample.Count(need)
	if err != nil {
		return disclose.Counted[schemas.RelationalPopulation]{}, nil, err
	}
	var parts Parts
	type tie struct {
		person int32
		region string
	}
	persons, certain := map[int32]bool{}, map[tie]bool{}
	least := int32(1)
	for i, a := range part.answers {
		if need[i] > 0 && (a.Tie.Most < 0 || a.Tie.Most >= need[i]) {
			persons[a.Person] = true
		}
		if need[i] > 0 && a.Tie.Visits >= need[i] {
			certain[tie{a.Person, a.Region}] = true
		}
		least = max(least, need[i])
	}
	row.ObsStatus = schemas.Estimated
	low, high := 0.0, 0.0
	if n.Value > 0 {
		factor := math.Exp(studentQuantile(n.DF, 0.975) * n.StdErr / n.Value)
		low, high = max(n.Value/factor, float64(len(certain))), n.Value*factor
		row.CV = value(n.StdErr / n.Value)
		parts = partsOf(
			Part{schemas.CauseSampling, "onsite/" + row.RegionCode, n.Sampling / n.Value},
			Part{schemas.CauseDetection, OfficialVisitors + "/" + row.RegionCode[:2] + "000", n.Official / n.Value},
			Part{schemas.CauseClassification, "classes", n.Class / n.Value},
		)
	} else {
		for _, t := range part.sample.Totals {
			high += t.Visits
		}
		high *= (1 - math.Pow(0.05, 1/float64(len(part.answers)))) / float64(least)
	}
	row.Value, row.StdError, row.CILow, row.CIHigh = value(n.Value), value(n.StdErr), value(min(low, n.Value)), value(high)
	row.Reliability = e.frame.Grades.of(row)
	if len(persons) < 10 || !everyQuarter(part.answers, row.ReferenceMonth) {
		row.Reliability = schemas.LowReliability
	}
	if row.Reliability == schemas.LowReliability {
		row.ObsStatus = schemas.LowReliability
	}
	if residents := e.frame.Residents[row.RegionCode]; residents > 0 {
		row.Per10000Residents = value(n.Value / residents * 1e4)
	}
	return disclose.Counted[schemas.RelationalPopulation]{Row: row, Persons: int64(len(persons))}, parts, nil
}
