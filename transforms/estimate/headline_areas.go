package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/smallarea"
)

// Estimators of a headline that borrows strength.
const (
	// FayHerriot weighs the composite of a municipality against what the others of its prefecture tell.
	FayHerriot = "fay_herriot"
	// FayHerriotSynthetic is what the others tell alone, of a municipality without a composite that may be shown, or
	// with one of low reliability.
	FayHerriotSynthetic = "fay_herriot_synthetic"
)

const areasMethodology = "fay-herriot-2"

// The rule of small areas in the headline.
const (
	// leastAreas is the least number of municipalities with composites of which a model is made.
	leastAreas = 8
	// leastGain is the part of the mean squared error of composites that a model has to take away to stand for them.
	leastGain = 0.1
	// fewPersons is the number of persons below which the variance of a composite is smoothed.
	fewPersons = 30
)

// areasOptions: σ² is that of Li & Lahiri, in the estimates as in the bootstrap. With the areas of a prefecture
// restricted likelihood is often greatest at or near 0; estimates then leave aside what is known of the area itself, and
// intervals drawn from so small a σ² are too short, the more so where D is overstated.
var areasOptions = smallarea.Options{Method: smallarea.LiLahiri}

// AreaCovariate is what a table tells of municipalities, which may tell how many persons are related to them.
type AreaCovariate struct {
	Name string
	// Values are numbers of at least 0 in the 12 months to a reference month; a municipality without one is not known.
	Values map[RegionMonth]float64
}

// PersonsSeen is the covariate from bookings: the persons observed, where they may be shown, and 0 elsewhere.
const PersonsSeen = "persons_seen"

// areaTables is what covariates are taken from.
type areaTables struct {
	covariates []AreaCovariate
	seen       map[headlineKey]floor
}

// candidates are the logarithms of 1 and the numbers that tables tell of the figures, those known for all sampled
// figures; known says of which figures all of them are known.
func (t areaTables) candidates(figures []*combined, sampled []bool) (candidates []smallarea.Candidate, known []bool) {
	known = make([]bool, len(figures))
	for i := range known {
		known[i] = true
	}
	for _, covariate := range append([]AreaCovariate{{Name: PersonsSeen}}, t.covariates...) {
		values, has, whole := make([]float64, len(figures)), make([]bool, len(figures)), true
		for i, c := range figures {
			n, ok := covariate.Values[RegionMonth{c.row.Row.RegionCode, c.row.Row.ReferenceMonth}]
			if covariate.Name == PersonsSeen {
				n, ok = t.personsSeen(c), true
			}
			values[i], has[i] = math.Log1p(n), ok
			whole = whole && (ok || !sampled[i])
		}
		if !whole {
			continue
		}
		candidates = append(candidates, smallarea.Candidate{Name: covariate.Name, Values: values})
		for i := range known {
			known[i] = known[i] && has[i]
		}
	}
	return candidates, known
}

func (t areaTables) personsSeen(c *combined) float64 {
	key, _ := headlineOf(c.row.Row)
	if seen := t.seen[key]; seen.shown {
		return seen.seen
	}
	return 0
}

// OfficialVisits is the covariate of official visitors from other prefectures.
const OfficialVisits = "official_visitors"

// outOfSample adds to the figures those of municipalities that official visitors came to and of which no source has a
// row, where there are composites enough for a model to speak of them. They are not estimable unless it does.
func (t areaTables) outOfSample(f Frame, order []headlineKey, figures map[headlineKey]*combined) []headlineKey {
	visits := slices.IndexFunc(t.covariates, func(c AreaCovariate) bool { return c.Name == OfficialVisits })
	if visits < 0 {
		return order
	}
	prefectures := map[string]string{}
	for _, r := range f.Regions {
		if r.RegionLevel == schemas.LevelMunicipality {
			prefectures[r.RegionCode] = r.PrefectureCode
		}
	}
	count, sibling := map[headlineKey]int{}, map[headlineKey]*combined{}
	var groups []headlineKey
	for _, key := range order {
		prefecture, municipality := prefectures[key.region]
		if c := figures[key]; municipality && c.sampled() {
			key.region = prefecture
			if count[key]++; count[key] == leastAreas {
				groups, sibling[key] = append(groups, key), c
			}
		}
	}
	for _, group := range groups {
		for _, r := range f.Regions {
			key := group
			key.region = r.RegionCode
			if prefectures[r.RegionCode] != group.region || figures[key] != nil || unknownPlace(r) ||
				!(t.covariates[visits].Values[RegionMonth{r.RegionCode, key.reference}] > 0) {
				continue
			}
			row := sibling[group].row.Row
			row.RegionCode = r.RegionCode
			figures[key] = &combined{row: disclose.Counted[schemas.RelationalPopulation]{Row: notEstimable(row)}}
			order = append(order, key)
		}
	}
	return order
}

// sampled says whether a figure may tell something of others: a composite that may be shown and is not weak.
func (c *combined) sampled() bool {
	return len(c.components) > 0 && c.shown && c.row.Row.ObsStatus != schemas.LowReliability
}

// areaModel is the Fay–Herriot model of the municipalities of a prefecture by one measure, on logarithms:
//
//	y_i = ln N_i + e_i,  ln N_i = x_i'β + u_i,  u_i ~ (0, σ² + 1/μ_i),  e_i ~ (0, D_i)
//
// μ_i is the number that the others tell: persons come or not, so that N_i is itself a draw, of Poisson's variance where
// each has a small part in it, and of 35 persons alone that is 17 %. Without it σ² would have to be what the smallest
// differ by, which is too much for the great and too little for the smallest.
//
// y are the composites that may be shown and are not of low reliability. An error that all have in common, such as
// that of official visitors, moves all y alike and goes into the constant; D_i is the variance of the rest,
//
//	D_i = Σ (e_ip − ē_p)²
//
// over the parts p of the errors, ē_p being the mean effect of a part that several areas have, 0 of others.
type areaModel struct {
	figures   []*combined
	areas     []smallarea.Area
	errors    []Parts   // of the composites
	relative  []float64 // standard errors of their logarithms
	common    Parts
	taken     []string
	fit       *smallarea.Fit
	residuals []smallarea.Diagnostic
	predicted []float64 // logarithms, the bias of the way back taken off
	// lowers says that the model takes away enough of the mean squared error to stand for composites.
	lowers              bool
	persons, facilities int64 // the fewest on which the composites rest
}

// borrow makes the models of the group and gives municipalities what they say: the estimate that weighs the
// composite against the others, where the model takes away enough error, and the synthetic one, where there is no
// firm composite that may be shown and a covariate that tells areas apart.
func (g *joint) borrow(tables areaTables) {
	for _, measure := range []string{schemas.Persons, schemas.Pairs} {
		m := areaModelOf(g.municipal[measure], tables)
		if m == nil || !m.stands() {
			continue
		}
		g.models = append(g.models, m)
		for i, c := range m.figures {
			m.take(i, c)
			if c.made && len(c.components) == 0 {
				g.members = append(g.members, c)
			}
		}
	}
}

// areaModelOf is the model of figures with its covariates chosen, nil where there are too few composites.
func areaModelOf(figures []*combined, tables areaTables) *areaModel {
	var able []*combined
	var sampled []bool
	count := 0
	for _, c := range figures {
		if c.row.Row.RegionCode == municipalityOf(originOf(c.row.Row.RegionCode)) { // not known which one
			continue
		}
		direct := c.sampled()
		able, sampled = append(able, c), append(sampled, direct)
		if direct {
			count++
		}
	}
	if count < leastAreas {
		return nil
	}
	candidates, known := tables.candidates(able, sampled)
	m := &areaModel{}
	chosen := make([]smallarea.Candidate, len(candidates))
	for i, c := range able {
		if !sampled[i] && !known[i] {
			continue
		}
		m.add(c, sampled[i])
		for j := range candidates {
			chosen[j].Name, chosen[j].Values = candidates[j].Name, append(chosen[j].Values, candidates[j].Values[i])
		}
	}
	m.variances()
	for range 2 { // the numbers that the covariates tell, and with their variance again
		choice, err := smallarea.Choose(m.areas, chosen)
		if err != nil { // composites without an error of their own, of which no model can be made
			return nil
		}
		m.areas, m.taken = choice.Areas, choice.Taken
		if err := m.numbers(); err != nil {
			return nil
		}
	}
	return m
}

// numbers sets the variance of the logarithm of a number that is a draw, 1/μ, of at least one person.
func (m *areaModel) numbers() error {
	fit, err := smallarea.FayHerriot(m.areas, areasOptions)
	if err != nil {
		return err
	}
	for i, a := range fit.Areas {
		m.areas[i].Effect = 1 / max(1, math.Exp(a.Synthetic+fit.Sigma2/2))
	}
	return nil
}

func (m *areaModel) add(c *combined, sampled bool) {
	var errors Parts
	if sampled {
		errors = c.composed()
		if len(m.areas) == 0 || m.persons == 0 || c.row.Persons < m.persons {
			m.persons = c.row.Persons
		}
		m.facilities = leastOf(m.facilities, c.row.Facilities)
	}
	m.figures, m.errors, m.relative = append(m.figures, c), append(m.errors, errors), append(m.relative, math.Sqrt(errors.variance()))
	m.areas = append(m.areas, smallarea.Area{Direct: c.log, OutOfSample: !sampled})
}

// variances sets D: of composites that rest on few persons that of a function of their number, as the variance that few
// tell is noise.
func (m *areaModel) variances() {
	m.common = commonParts(m.errors)
	var sizes []smallarea.Measured
	for i, a := range m.areas {
		if !a.OutOfSample {
			m.areas[i].Variance = sumOfParts([]float64{1, -1}, []Parts{m.errors[i], m.common}).variance()
			sizes = append(sizes, smallarea.Measured{Estimate: 1, Variance: m.areas[i].Variance, N: float64(m.figures[i].row.Persons)})
		}
	}
	smoothed, err := smallarea.SmoothVariances(sizes, smallarea.LogSize, smallarea.MeanRatio)
	if err != nil || smoothed.B >= 0 { // all of one size, or more persons do not tell more: there is no function
		return
	}
	at := 0
	for i, a := range m.areas {
		if a.OutOfSample {
			continue
		}
		if sizes[at].N < fewPersons {
			m.areas[i].Variance = smoothed.Variances[at]
		}
		at++
	}
}

// commonParts are those that several have, with the mean of the effects on those with any part at all.
func commonParts(of []Parts) Parts {
	var all []Part
	areas := 0.0
	for _, parts := range of {
		all = append(all, parts...)
		if len(parts) > 0 {
			areas++
		}
	}
	slices.SortStableFunc(all, Part.compare)
	var out Parts
	for i := 0; i < len(all); {
		j, sum := i, 0.0
		for ; j < len(all) && all[j].compare(all[i]) == 0; j++ {
			sum += all[j].Effect
		}
		if j > i+1 {
			out = append(out, Part{all[i].Cause, all[i].Name, sum / areas})
		}
		i = j
	}
	return out
}

// stands fits the model and says whether it stands: with no area unlike what the others tell, where it
// takes away enough error, or speaks of an area of which nothing else does. Outliers have no part in it, and the model is
// made once more without them: they keep their composites, or are synthetic on the word of fewer than [fewPersons],
// since what may be shown because just enough answered is rather what chance made great.
func (m *areaModel) stands() bool {
	for range 2 {
		fit, err := smallarea.FayHerriot(m.areas, areasOptions)
		if err != nil || fit.Sampled < leastAreas {
			return false
		}
		d, err := fit.Diagnostics()
		if err != nil {
			return false
		}
		if d.Outliers == 0 {
			m.fit, m.residuals, m.predicted = fit, d.Areas, predictedBy(fit)
			// By the constant alone all are drawn to one size: the small come out too great, and little is won.
			m.lowers = len(m.taken) > 0 && m.gain() >= leastGain
			return m.lowers || m.synthesises()
		}
		for i := range m.areas {
			if d.Areas[i].Outlier && len(m.taken) > 0 && m.figures[i].row.Persons < fewPersons {
				m.areas[i].OutOfSample, m.errors[i] = true, nil
			}
		}
		m.leave(func(i int) bool { return d.Areas[i].Outlier && !m.areas[i].OutOfSample })
	}
	return false
}

// gain is the part of the mean squared error of the composites, what is common left out, that the model takes away.
func (m *areaModel) gain() float64 {
	var direct, model float64
	for i, a := range m.areas {
		if !a.OutOfSample {
			direct, model = direct+a.Variance, model+m.fit.Areas[i].MSE
		}
	}
	return 1 - model/direct
}

// synthesises says whether there is a municipality of which only the model speaks, and a covariate to speak by.
func (m *areaModel) synthesises() bool {
	return len(m.taken) > 0 && slices.ContainsFunc(m.areas, func(a smallarea.Area) bool { return a.OutOfSample })
}

// leave takes areas out of the model.
func (m *areaModel) leave(out func(int) bool) {
	var kept areaModel
	for i := range m.areas {
		if !out(i) {
			kept.figures, kept.areas = append(kept.figures, m.figures[i]), append(kept.areas, m.areas[i])
			kept.errors, kept.relative = append(kept.errors, m.errors[i]), append(kept.relative, m.relative[i])
		}
	}
	m.figures, m.areas, m.errors, m.relative = kept.figures, kept.areas, kept.errors, kept.relative
}

// predictedBy are the logarithms of the estimates of [smallarea.Fit.Back].
func predictedBy(fit *smallarea.Fit) []float64 {
	back, err := fit.Back(smallarea.Log)
	if err != nil {
		panic(err) // there is such a scale
	}
	logs := make([]float64, len(back))
	for i, b := range back {
		logs[i] = math.Log(b.Estimate)
	}
	return logs
}

// speaks says whether the model, and not a composite, stands for an area.
func (m *areaModel) speaks(i int) bool {
	if m.areas[i].OutOfSample {
		return len(m.taken) > 0
	}
	return m.lowers
}

// take gives an area what the model says of it.
func (m *areaModel) take(i int, c *combined) {
	if !m.speaks(i) {
		return
	}
	r := &c.row.Row
	r.Estimator, r.MethodologyVersion = FayHerriot, areasMethodology
	if m.areas[i].OutOfSample {
		r.Estimator, r.ObsStatus = FayHerriotSynthetic, schemas.LowReliability
	}
	c.log, c.errors, c.made = m.predicted[i], m.budget(i), true
	c.row.Persons, c.row.Facilities = m.persons, m.facilities
}

// budget is what the error of an area's estimate comes of: what is common to all areas, the rest as far as the composite
// weighs, and the model.
func (m *areaModel) budget(i int) Parts {
	p := m.fit.Areas[i]
	parts := sumOfParts([]float64{p.Shrinkage, 1 - p.Shrinkage}, []Parts{m.errors[i], m.common})
	model := math.Max(0, p.MSE-square(p.Shrinkage)*m.areas[i].Variance)
	return partsOf(append(parts, Part{schemas.CauseModel, "small areas/" + m.figures[i].row.Row.RegionCode, math.Sqrt(model)})...)
}

// drawAreas sets a truth for every member: that of the figures, and where there is a model one that it might have. A
// region has one effect of its own, whatever is counted of it.
func (g *joint) drawAreas(random *rand.Rand, truth []float64, place map[*combined]int) {
	for c, i := range place {
		truth[i] = c.log
	}
	effects := map[string]float64{}
	for _, m := range g.models {
		for i, c := range m.figures {
			region := c.row.Row.RegionCode
			if _, drawn := effects[region]; !drawn {
				effects[region] = random.NormFloat64()
			}
			if at, member := place[c]; member {
				moved := c.log - m.before(i)
				truth[at] = m.fit.Areas[i].Synthetic + moved + math.Sqrt(m.fit.Sigma2+m.areas[i].Effect)*effects[region]
			}
		}
	}
}

// before is the logarithm of an area's figure before it is moved to a sum.
func (m *areaModel) before(i int) float64 {
	if m.speaks(i) {
		return m.predicted[i]
	}
	return m.areas[i].Direct
}

// again makes the estimates again from the logarithms of composites, with the covariates and variances there are.
func (m *areaModel) again(logs []float64, place map[*combined]int) {
	areas := slices.Clone(m.areas)
	for i, c := range m.figures {
		if !areas[i].OutOfSample {
			areas[i].Direct = logs[place[c]]
		}
	}
	predicted := m.predicted
	if fit, err := smallarea.FayHerriot(areas, areasOptions); err == nil {
		predicted = predictedBy(fit)
	}
	for i, c := range m.figures {
		if m.speaks(i) {
			logs[place[c]] = predicted[i]
		}
	}
}

// rows are the diagnostics of the model's areas.
func (m *areaModel) rows() []disclose.Counted[schemas.SmallArea] {
	var rows []disclose.Counted[schemas.SmallArea]
	for i, c := range m.figures {
		a, r := m.fit.Areas[i], c.row.Row
		row := schemas.SmallArea{
			Definition: r.Definition, Measure: r.Measure, Outside: r.Outside, RegionCode: r.RegionCode, RegionLevel: r.RegionLevel, ReferenceMonth: r.ReferenceMonth,
			Estimator: r.Estimator, Synthetic: value(math.Exp(a.Synthetic)), Shrinkage: value(a.Shrinkage),
			Headline: r.Value, StdError: r.StdError, Reliability: r.Reliability, Covariates: strings.Join(m.taken, "+"), Sigma2: value(m.fit.Sigma2), Areas: int64(m.fit.Sampled), Method: m.fit.Method.String(),
			Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: areasMethodology},
		}
		if !m.areas[i].OutOfSample {
			direct := math.Exp(m.areas[i].Direct)
			row.Direct, row.DirectStdError, row.Residual = value(direct), value(direct*m.relative[i]), value(m.residuals[i].Residual)
		}
		if r.Value != nil {
			row.BeforeBenchmark = value(math.Exp(m.before(i)))
		}
		row.ObsStatus = r.ObsStatus
		rows = append(rows, disclose.Counted[schemas.SmallArea]{Row: row, Persons: c.row.Persons, Facilities: c.row.Facilities})
	}
	return rows
}
