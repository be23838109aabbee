package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/weight"
)

// Estimators of figures from surveys, and the names of their methods. Intervals
// of a web panel rest on the model that its calibration states.
const (
	SurveyDirect     = "survey_direct"
	SurveyCalibrated = "survey_calibrated"

	surveyMethodology = "survey-1"
	panelMethodology  = "survey-model-based-1"
)

// WeightedSurvey is a survey of one collection period, weighted.
type WeightedSurvey struct {
	// Source is its name.
	Source string
	Survey
	// Residences and Ties are of each unit of the design.
	Residences []string
	Ties       [][]ReportedTie
	// Ages are in completed years, −1 where not known.
	Ages []int32
	// First and Last are the days of the first and the last answer. The survey
	// speaks of the 12 months to the month of the last.
	First, Last schemas.Date
	// Panel says that the respondents offered themselves.
	Panel bool
	// Split splits a class of visits that has a threshold inside it.
	Split bool
	// Drift is the standard deviation of a figure's change in a year, as a share of
	// it.
	Drift float64
	// DropOut is the standard error of a figure, as a share of it, of those whom it counts
	// having left a panel more or less readily than others who answered alike before ([weight.LostPerStayer]).
	DropOut float64
	// Before is the wave before of a panel, nil where there is none; Stayed the unit of it that each unit is.
	Before *WeightedSurvey
	Stayed []int
}

// period is the first and the last day of the answers, as rows tell it.
func (s WeightedSurvey) period() string { return s.First.String() + "/" + s.Last.String() }

// SurveyFigures are what one survey says.
type SurveyFigures struct {
	RelationalPopulation []disclose.Counted[schemas.RelationalPopulation]
	VisitBehaviour       []disclose.Counted[schemas.VisitBehaviour]
	Flows                []OriginFlows
	Errors               []FigureErrors
	// Trips are what answers on the spot tell of trips to several municipalities.
	Trips []TripShare
}

// RelationalPopulationOf estimates, from one weighted survey, the persons and
// pairs of every definition that its answers can tell, for the regions of a
// frame: all regions at once, from the weights and their calibration, with
// design-based standard errors (of a web panel: model-based). The survey stands
// for the reference months from that of its last answer to 11 months after;
// carried forward by t years, the variance gains (drift · t · value)², and in a later
// wave of a panel (drop-out · value)².
//
// Breakdowns by origin, relation type and engagement have rows where a
// respondent counts. Regions without a respondent have the value 0 with an upper
// limit, and status U. A definition of which an answer lies on both sides of the
// threshold is not estimable. Of visits to several municipalities of a prefecture answers on the spot
// tell how many were one trip ([tripSharesOf]).
func RelationalPopulationOf(f Frame, s WeightedSurvey, met []OnsiteAnswer, engagements []string) (SurveyFigures, error) {
	domains, err := NewDomains(s.Survey)
	if err != nil {
		return SurveyFigures{}, err
	}
	trips, err := tripSharesOf(f, s, domains, met)
	if err != nil {
		return SurveyFigures{}, err
	}
	e := surveyEstimator{frame: f, survey: s, engagements: engagements, domains: domains, cells: cellsOf(s, f.Profiles, f.Outside, trips),
		levels: f.levels(), months: s.Months(f)}
	e.kish = weight.EffectiveSize(s.Weights())
	for _, w := range s.Weights() {
		e.population += w
	}
	for _, k := range e.keys() {
		if err := e.estimate(k); err != nil {
			return SurveyFigures{}, fmt.Errorf("%s, %s, region %s: %w", k.definition, k.measure, k.region, err)
		}
	}
	e.flows()
	e.out.Trips = trips
	err = e.behaviour()
	return e.out, err
}

// Months are the reference months of a frame that a survey stands for.
func (s WeightedSurvey) Months(f Frame) []schemas.Date {
	var months []schemas.Date
	for _, reference := range f.References {
		if s.years(reference) >= 0 && s.years(reference) < 1 {
			months = append(months, reference)
		}
	}
	return months
}

// years is the time from the month of the last answer to a reference month.
func (s WeightedSurvey) years(reference schemas.Date) float64 {
	return float64(month(reference)-month(s.Last)) / 12
}

type surveyEstimator struct {
	frame       Frame
	survey      WeightedSurvey
	engagements []string
	domains     *Domains
	cells       surveyCells
	levels      map[string]string
	months      []schemas.Date
	population  float64
	kish        float64 // effective size of the weights
	out         SurveyFigures
}

// keys are the figures to give, in order: those that a respondent counts in,
// and the margins of every region of the frame.
func (e *surveyEstimator) keys() []cellKey {
	var keys []cellKey
	for k := range e.cells.cells {
		if _, framed := e.levels[k.region]; framed {
			keys = append(keys, k)
		}
	}
	for _, p := range e.frame.Profiles {
		if !slices.Contains(p.Sources, schemas.SourceSurvey) {
			continue
		}
		for _, rule := range e.frame.Outside {
			for _, r := range e.frame.Regions {
				for _, measure := range measuresOf(r.RegionLevel) {
					keys = append(keys, cellKey{p.ID, measure, rule, r.RegionCode, schemas.All, schemas.All, -1})
				}
			}
		}
	}
	slices.SortFunc(keys, cellKey.compare)
	return slices.Compact(keys)
}

// estimate adds the rows of one figure, one per reference month.
func (e *surveyEstimator) estimate(k cellKey) error {
	c := e.cells.cells[k]
	if c == nil {
		c = &cell{}
	}
	total, err := e.domains.Total(c.units, c.y)
	if err != nil {
		return err
	}
	sampled, split := total.StdErr, e.survey.splitError(c)
	total.StdErr = math.Hypot(sampled, split)
	for _, reference := range e.months {
		row := e.row(k, reference)
		if len(c.split) > 0 {
			row.MethodologyVersion += "-split"
		}
		if row.ObsStatus != schemas.NotEstimable {
			if err := e.fill(&row, k, total); err != nil {
				return err
			}
		}
		e.out.RelationalPopulation = append(e.out.RelationalPopulation,
			disclose.Counted[schemas.RelationalPopulation]{Row: row, Persons: int64(total.Units)})
		if _, whole := headlineOf(row); whole && row.Value != nil && *row.Value > 0 && *row.StdError > 0 {
			e.out.Errors = append(e.out.Errors, errorsOf(row, partsOf(
				Part{schemas.CauseSampling, "survey/" + k.region, sampled / total.Value},
				Part{schemas.CauseClassification, "split", split / total.Value},
				Part{schemas.CauseModel, "drift", e.drift(reference)},
				Part{schemas.CauseModel, dropOut, e.survey.DropOut},
			)))
		}
	}
	return nil
}

// splitError is the error of not knowing how the persons of split classes lie: that of the share of each
// class, the same for all its answers.
func (s WeightedSurvey) splitError(c *cell) float64 {
	weights := s.Weights()
	var classes []splitClass
	for class := range c.split {
		classes = append(classes, class)
	}
	slices.SortFunc(classes, func(a, b splitClass) int {
		return cmp.Or(int(a.least-b.least), int(a.most-b.most), int(a.need-b.need), cmp.Compare(a.stdErr, b.stdErr))
	})
	var variance float64
	for _, class := range classes {
		var sum float64
		for _, unit := range c.split[class] {
			sum += weights[unit]
		}
		variance += square(sum * class.stdErr)
	}
	return math.Sqrt(variance)
}

func (e *surveyEstimator) row(k cellKey, reference schemas.Date) schemas.RelationalPopulation {
	row := schemas.RelationalPopulation{
		Definition: k.definition, Measure: k.measure, Outside: k.outside, RegionCode: k.region, RegionLevel: e.levels[k.region],
		OriginCode: k.origin, RelationType: k.relation, Engagement: schemas.All, ReferenceMonth: reference,
		Source: schemas.SourceSurvey, Estimator: SurveyDirect, Reliability: schemas.LowReliability,
		BoundaryVintage: e.frame.Vintage, KnownOn: e.frame.AsOf, SourcePeriod: e.survey.period(),
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: surveyMethodology},
	}
	if k.engagement >= 0 {
		row.Engagement = e.engagements[k.engagement]
	}
	if e.survey.Calibration != nil {
		row.Estimator = SurveyCalibrated
	}
	if e.survey.Panel {
		row.MethodologyVersion = panelMethodology
	}
	p := e.frame.Profiles[slices.IndexFunc(e.frame.Profiles, func(p schemas.Profile) bool { return p.ID == k.definition })]
	if !answerable(p) || e.cells.undecided[k.definition] || k.outside == schemas.OutsideEverydayArea {
		row.ObsStatus = schemas.NotEstimable
	}
	return row
}

// fill sets the figures of a row. Numbers of persons have the interval of a share
// of the population; pairs, of which a person may have several, that of a
// log-normal.
func (e *surveyEstimator) fill(row *schemas.RelationalPopulation, k cellKey, total DomainTotal) error {
	total.StdErr = math.Hypot(total.StdErr, math.Hypot(e.drift(row.ReferenceMonth), e.survey.DropOut)*total.Value)
	low, high, err := e.interval(k, total)
	if err != nil {
		return err
	}
	row.Value, row.StdError, row.CILow, row.CIHigh = value(total.Value), value(total.StdErr), value(low), value(high)
	if total.Value > 0 {
		row.CV = value(total.StdErr / total.Value)
		row.Reliability = e.frame.Grades.of(*row)
	}
	if row.Reliability == schemas.LowReliability {
		row.ObsStatus = schemas.LowReliability
	}
	if residents := e.frame.Residents[row.RegionCode]; residents > 0 {
		row.Per10000Residents = value(total.Value / residents * 1e4)
	}
	return nil
}

// drift is the error of standing for a later month, as a share of the figure.
func (e *surveyEstimator) drift(reference schemas.Date) float64 {
	return e.survey.Drift * e.survey.years(reference)
}

func (e *surveyEstimator) interval(k cellKey, total DomainTotal) (low, high float64, err error) {
	if k.measure == schemas.Pairs && total.Value > 0 {
		low, high = total.LogInterval(0.95)
		return low, high, nil
	}
	return CountInterval(total.Estimate, e.population, len(e.survey.Residences), e.kish, 0.95)
}

// multiplicityInterval is the interval of a number of regions per person, each of
// whom has at least one: on the log scale of what lies above 1. It is never below 1.
func (e Estimate) multiplicityInterval(level float64) (low, high float64) {
	above := e
	above.Value--
	if above.Value < 1e-12 { // nobody has two
		return e.Interval(level)
	}
	low, high = above.LogInterval(level)
	return 1 + low, 1 + high
}

// Numbers of pairs per person: with a tie to some municipality, of which everybody has one
// at least, and with one to the region, where visits to several municipalities are added up.
const (
	multiplicity   = "multiplicity"
	pairsPerPerson = "pairs_per_person"
)

// visitShares are the classes of visits in a year of which surveys give the
// shares, with the least and the greatest number.
var visitShares = []struct {
	statistic   string
	least, most int32
}{
	{"share_1_visit_or_less", 0, 1},
	{"share_2_to_7_visits", 2, 7},
	{"share_8_visits_or_more", 8, math.MaxInt32},
}

// behaviour adds, per definition, rule and region, the regions per person and
// the shares by visits of the year.
func (e *surveyEstimator) behaviour() error {
	for _, k := range e.keys() {
		c := e.cells.cells[k]
		persons := k.measure == schemas.Persons || k.measure == schemas.PersonsAnyMunicipality && e.levels[k.region] == schemas.LevelNation
		if c == nil || !persons || k.origin != schemas.All || k.relation != schemas.All || k.engagement >= 0 || e.cells.undecided[k.definition] {
			continue
		}
		for _, share := range visitShares {
			y := make([]float64, len(c.units))
			for i, unit := range c.units {
				if v := e.visitsOf(unit, k); v >= share.least && v <= share.most {
					y[i] = c.y[i]
				}
			}
			if err := e.ratio(k, share.statistic, &cell{units: c.units, y: y}, c); err != nil {
				return err
			}
		}
		if err := e.multiplicities(k, c); err != nil {
			return err
		}
	}
	return nil
}

// multiplicities adds, of a prefecture or the nation, the pairs per person with a tie to some
// municipality, and per person with one to the region.
func (e *surveyEstimator) multiplicities(k cellKey, persons *cell) error {
	anywhere, pairs := k, k
	anywhere.measure, pairs.measure = schemas.PersonsAnyMunicipality, schemas.Pairs
	a, b := e.cells.cells[anywhere], e.cells.cells[pairs]
	if e.levels[k.region] == schemas.LevelMunicipality || a == nil || b == nil {
		return nil
	}
	if err := e.ratio(k, multiplicity, b, a); err != nil || k.measure != schemas.Persons {
		return err
	}
	return e.ratio(k, pairsPerPerson, b, persons)
}

// visitsOf is the least number of visits of a respondent to a region.
func (e *surveyEstimator) visitsOf(unit int32, k cellKey) int32 {
	var visits int32
	for _, t := range e.survey.Ties[unit] {
		switch {
		case !isOutside(k.outside, e.survey.Residences[unit], t.Region):
		case k.region == schemas.Nation, t.Region[:2]+"000" == k.region, municipalityOf(t.Region) == k.region:
			visits += t.Visits
		}
	}
	return visits
}

// ratioInterval is the 95 % interval of a ratio of visit_behaviour over so many respondents.
// A share is cut to 0 to 1.
func (e *Estimate) ratioInterval(statistic string, respondents int) (low, high float64, err error) {
	switch statistic {
	case multiplicity:
		low, high = e.multiplicityInterval(0.95)
	case pairsPerPerson:
		low, high = e.LogInterval(0.95)
	default:
		e.Value = min(max(e.Value, 0), 1)
		method := Logit
		if e.StdErr == 0 || square(e.Value)*(1-e.Value)/square(e.StdErr) < 10 {
			method = KornGraubard
		}
		low, high, err = ProportionInterval(*e, respondents, method, 0.95)
	}
	return low, high, err
}

// ratio adds the rows of Σ w y/Σ w x, its standard error from the linearised
// variable (y − R x)/X and the split classes of x, all units of y being among those of x.
func (e *surveyEstimator) ratio(k cellKey, statistic string, y, x *cell) error {
	above, err := e.domains.Total(y.units, y.y)
	if err != nil {
		return err
	}
	below, err := e.domains.Total(x.units, x.y)
	if err != nil {
		return err
	}
	if below.Value <= 0 {
		return nil
	}
	r := Estimate{Value: above.Value / below.Value, DF: below.DF}
	u := make([]float64, len(x.units))
	j := 0
	for i, unit := range x.units {
		u[i] = -r.Value * x.y[i] / below.Value
		if j < len(y.units) && y.units[j] == unit {
			u[i] += y.y[j] / below.Value
			j++
		}
	}
	spread, err := e.domains.Total(x.units, u)
	if err != nil {
		return err
	}
	r.StdErr = math.Hypot(spread.StdErr, r.Value*e.survey.splitError(x)/below.Value)
	low, high, err := r.ratioInterval(statistic, len(x.units))
	if err != nil {
		return err
	}
	for _, reference := range e.months {
		persons := int64(len(x.units))
		row := schemas.VisitBehaviour{Statistic: statistic, Definition: k.definition, Outside: k.outside, RegionCode: k.region, RegionLevel: e.levels[k.region],
			ReferenceMonth: reference, Source: schemas.SourceSurvey, Value: value(r.Value), StdError: value(r.StdErr), CILow: value(low), CIHigh: value(high), Persons: &persons,
			Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: surveyMethodology}}
		if e.survey.Panel {
			row.MethodologyVersion = panelMethodology
		}
		e.out.VisitBehaviour = append(e.out.VisitBehaviour, disclose.Counted[schemas.VisitBehaviour]{Row: row, Persons: persons})
	}
	return nil
}
