package convert

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/rates"
)

// Horizons are the times in months within which moves are counted.
var Horizons = []int32{12, 24, 36}

// exact is the size of a sample whose share has no error.
const exact = 1e12

// halfYear is the time before a move, in days, in which visits may be in search of a house or
// a job.
const halfYear = 183

// Retrospective estimates, of all who kept up contact with a region, the share that moved
// there:
//
//	conversion = Σ_y N_y · x_y/n_y ÷ R
//
// with N_y the registered in-migrants from other prefectures of year y, n_y the answers of
// the counter survey to moves of that year, and x_y those of them who were related; R is the
// relational population (pairs of a person and a municipality) of the headline. Three
// estimators tell who was related and when:
//
//	related_at_start     x: contact since t₀ or before, R at t₀, moves in (t₀, t₀+H]
//	related_before_move  x: contact just before the move, R the mean over the 12 months; 1 − exp(−rate)
//	without_last_half_year  as before, without contact that began in the half year before the move
//
// and all_in_migrants takes everybody who moved in for related: an upper bound, and what
// is often published as conversion. The error has three parts: the answers (a simple random
// sample without replacement of the year's movers), the population, and nothing of the
// registered totals ([rates.Conversion], on the scale of logarithms). Where no answer is
// "related" the value is 0, with an upper end.
//
// Of a year whose total is not out the share that answers is that of the year before. Of a
// year in which a counter survey begins N_y is as many twelfths of the registered as it has
// months from then on.
//
// Movers and population are as of f.AsOf; the result is in order of region, cohort, horizon
// and estimator. A figure without registered totals, without answers or without a population
// is "not estimable".
func Retrospective(f Frame, movers []Mover, totals []schemas.Total, population []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.MigrationConversion] {
	r := newRetrospect(f, movers, register(totals), populations(f, population))
	var rows []disclose.Counted[schemas.MigrationConversion]
	for _, region := range f.Regions {
		if region.RegionLevel == schemas.LevelPrefecture || region.RegionLevel == schemas.LevelMunicipality {
			for _, c := range r.region(region) {
				rows = append(rows, c.Counted)
			}
		}
	}
	return rows
}

// retrospect is what figures told backwards are made of: of everybody, or of those of an
// origin or an age class.
type retrospect struct {
	Frame
	registered registered
	movers     []Mover // who answer whether they were related
	population map[estimate.RegionMonth]figure
	begins     map[string]schemas.Date
	// asked are the first days of the months from which movers to a region are asked.
	asked            map[string]schemas.Date
	origin, ageClass string
}

func newRetrospect(f Frame, movers []Mover, known registered, population map[estimate.RegionMonth]figure) retrospect {
	r := retrospect{Frame: f, registered: known, population: population, begins: beginnings(movers), asked: map[string]schemas.Date{}, origin: schemas.All, ageClass: schemas.All}
	r.movers = slices.DeleteFunc(slices.Clone(movers), func(m Mover) bool {
		return m.Record != schemas.RecordCounterSurvey || !m.fromOutside() || m.MovedOn > f.AsOf || m.RelatedBefore == nil
	})
	for _, m := range r.movers {
		for _, region := range []string{m.Region, m.Region[:2] + "000"} {
			if on, there := r.asked[region]; !there || m.MovedOn.MonthStart() < on {
				r.asked[region] = m.MovedOn.MonthStart()
			}
		}
	}
	return r
}

// told is a row told backwards, with the answers of either kind that it rests on.
type told struct {
	disclose.Counted[schemas.MigrationConversion]
	related, others int64
}

// apart is the fewest persons on whom a row rests, or by whom it differs from one of those before it: of movers since the
// same day both tell the same answers, so that their difference tells of those by whom they differ.
func (t told) apart(before []told) int64 {
	persons := t.Persons
	for _, other := range before {
		if t.Row.Value != nil && other.Row.Value != nil {
			persons = min(persons, max(t.related, other.related)-min(t.related, other.related))
		}
	}
	return persons
}

// beginnings are the first days of the months in which counter surveys begin, by source: that of
// the first answer, where as many answers as there are in that year would leave the months
// before it empty by chance in less than one of 20 cases; otherwise that of the year.
func beginnings(movers []Mover) map[string]schemas.Date {
	first := map[string]schemas.Date{}
	for _, m := range movers {
		if on, there := first[m.Source]; m.Record == schemas.RecordCounterSurvey && (!there || m.MovedOn < on) {
			first[m.Source] = m.MovedOn
		}
	}
	answers := map[string]float64{}
	for _, m := range movers {
		if y, _, _ := m.MovedOn.Civil(); m.Record == schemas.RecordCounterSurvey && y == yearOf(first[m.Source]) {
			answers[m.Source]++
		}
	}
	for source, on := range first {
		_, month, _ := on.Civil()
		first[source] = on.MonthStart()
		if math.Pow(float64(13-month)/12, answers[source]) > 0.05 {
			first[source] = on.MonthStart().AddMonths(1 - month).MonthStart()
		}
	}
	return first
}

// yearOf is the calendar year of a day.
func yearOf(d schemas.Date) int {
	y, _, _ := d.Civil()
	return y
}

// figure is a figure of the relational population, with the persons it rests on.
type figure struct {
	value, stdErr float64
	persons       int64
}

// preferred are the sources and estimators of the relational population, the most trusted
// first.
var preferred = []string{"combined/", "booking/thinned_joint", "booking/thinned", "survey/survey_calibrated", "survey/survey_direct", "survey/onsite_scaled"}

// populations are the pairs under the definition by region and month, each by the estimator
// that is trusted most of those that give one.
func populations(f Frame, rows []disclose.Counted[schemas.RelationalPopulation]) map[estimate.RegionMonth]figure {
	best, at := map[estimate.RegionMonth]int{}, map[estimate.RegionMonth]figure{}
	for _, c := range rows {
		r := c.Row
		if r.Definition != f.Definition || r.Measure != schemas.Pairs || r.Outside != schemas.OutsidePrefecture || r.OriginCode != schemas.All ||
			r.RelationType != schemas.All || r.Engagement != schemas.All || r.Value == nil || r.StdError == nil || *r.Value <= 0 {
			continue
		}
		rank := slices.Index(preferred, r.Source+"/"+r.Estimator)
		if r.Source == schemas.SourceCombined {
			rank = 0
		}
		k := estimate.RegionMonth{Region: r.RegionCode, Reference: r.ReferenceMonth}
		if before, there := best[k]; rank >= 0 && (!there || rank < before) {
			best[k], at[k] = rank, figure{*r.Value, *r.StdError, c.Persons}
		}
	}
	return at
}

// region gives the rows of a region.
func (r retrospect) region(region schemas.Region) []told {
	movers := slices.DeleteFunc(slices.Clone(r.movers), func(m Mover) bool { return !m.in(region.RegionCode) })
	var rows []told
	same := map[schemas.Date][]told{} // of the same answers, by the day from which on
	for _, horizon := range Horizons {
		for _, start := range r.starts(region.RegionCode, horizon) {
			of := span{region.RegionCode, start, start.AddMonths(int(horizon)), horizon}
			add := func(estimator string, c *converts, reason string) {
				row := r.row(region, of, estimator, c, reason)
				if estimator != "all_in_migrants" {
					row.Persons = row.apart(same[start])
					same[start] = append(same[start], row)
				}
				rows = append(rows, row)
			}
			c, reason := r.atStart(of, movers)
			add("related_at_start", c, reason)
			if horizon == 12 {
				c, reason = r.beforeMove(of, movers, 0)
				add("related_before_move", c, reason)
				c, reason = r.beforeMove(of, movers, halfYear)
				add("without_last_half_year", c, reason)
				c, reason = r.everybody(of)
				add("all_in_migrants", c, reason)
			}
		}
	}
	return rows
}

// span is the time in which moves to a region are counted: after from, to until.
type span struct {
	region      string
	from, until schemas.Date
	horizon     int32
}

// starts are the days from which moves within a horizon are counted, one per fiscal year:
// of the month-ends at which the population is known, whose horizon has passed and which the
// records cover, the one nearest to the beginning of the fiscal year. Where there is none, the
// last day that the horizon allows stands for a row that is not estimable.
func (r retrospect) starts(region string, horizon int32) []schemas.Date {
	latest := r.AsOf.AddMonths(-int(horizon))
	var starts []schemas.Date
	if since, there := r.asked[region]; there {
		starts = onePerFiscalYear(r.References, func(t schemas.Date) bool {
			_, known := r.population[estimate.RegionMonth{Region: region, Reference: t}]
			return known && t <= latest && t+1 >= since
		})
	}
	if len(starts) == 0 {
		starts = append(starts, latest)
	}
	return starts
}

// converts are those who moved in, the share of them who were related, and all who were.
type converts struct {
	factors         rates.Factors
	related, others int64 // answers of either kind
	population      int64 // persons that the population rests on
	rate            bool  // over person-time
}

// atStart are those who moved in within a span and were related when it began; nil with the
// reason why not.
func (r retrospect) atStart(of span, movers []Mover) (*converts, string) {
	population, known := r.population[estimate.RegionMonth{Region: of.region, Reference: of.from}]
	if !known {
		return nil, schemas.NoPopulation
	}
	kind := sinceWhen(of, movers, func(m Mover) bool { return *m.RelatedSince <= of.from })
	if kind == nil {
		return nil, schemas.NotDated
	}
	return r.among(of, movers, population, kind)
}

// beforeMove are those who moved in within a span and were related before, since so many days
// at least.
func (r retrospect) beforeMove(of span, movers []Mover, days schemas.Date) (*converts, string) {
	population, known := r.mean(of)
	if !known {
		return nil, schemas.NoPopulation
	}
	kind := func(m Mover) float64 {
		if *m.RelatedBefore {
			return 1
		}
		return 0
	}
	if days > 0 {
		if kind = sinceWhen(of, movers, func(m Mover) bool { return *m.RelatedSince <= m.MovedOn-days }); kind == nil {
			return nil, schemas.NotDated
		}
	}
	c, reason := r.among(of, movers, population, kind)
	if c != nil {
		c.rate = true
	}
	return c, reason
}

// sinceWhen gives an answer 1 where the person was related since early enough, and where the
// person was related and does not say since when, the share of 1 among those who say so; nil where
// fewer than half of the related within the span do.
func sinceWhen(of span, movers []Mover, early func(Mover) bool) func(Mover) float64 {
	var related, told, yes float64
	for _, m := range movers {
		if !*m.RelatedBefore || m.MovedOn <= of.from || m.MovedOn > of.until {
			continue
		}
		related++
		if m.RelatedSince != nil {
			told++
			if early(m) {
				yes++
			}
		}
	}
	if 2*told < related {
		return nil
	}
	return func(m Mover) float64 {
		switch {
		case !*m.RelatedBefore:
			return 0
		case m.RelatedSince == nil:
			return yes / told
		case early(m):
			return 1
		}
		return 0
	}
}

// everybody takes all registered in-migrants of a span for related. Each month of the span
// has a twelfth of those of its calendar year.
func (r retrospect) everybody(of span) (*converts, string) {
	population, known := r.mean(of)
	if !known {
		return nil, schemas.NoPopulation
	}
	moved := 0.0
	for month := of.from.AddMonths(1); month <= of.until; month = month.AddMonths(1) {
		y, _, _ := month.Civil()
		n, there := r.total(of.region, y)
		if !there {
			return nil, schemas.NoRegistered
		}
		moved += n / 12
	}
	return &converts{factors: rates.Factors{RelatedBefore: rates.Proportion{Value: 1, EffectiveSize: exact}, InMigrants: rates.Total{Value: moved}, Relational: population.total()},
		related: math.MaxInt64, others: math.MaxInt64, population: population.persons, rate: true}, ""
}

// total is the registered in-migrants of a year, or where the year is not out yet those of
// the year before.
func (r retrospect) total(region string, year int) (float64, bool) {
	if n, there := r.registered[regionYear{region, year}]; there {
		return n, true
	}
	n, there := r.registered[regionYear{region, year - 1}]
	return n, there
}

// mean is the mean population over the reference months of a span at which it is known, with
// the mean of their standard errors: the figures share their errors.
func (r retrospect) mean(of span) (figure, bool) {
	var sum figure
	n := 0.0
	for _, t := range r.References {
		if p, known := r.population[estimate.RegionMonth{Region: of.region, Reference: t}]; known && t >= of.from && t <= of.until {
			sum.value, sum.stdErr, n = sum.value+p.value, sum.stdErr+p.stdErr, n+1
			if n == 1 || p.persons < sum.persons {
				sum.persons = p.persons
			}
		}
	}
	return figure{sum.value / n, sum.stdErr / n, sum.persons}, n > 0
}

// among are those of a kind among the movers within a span, nil with the reason where no answer
// or no registered total tells: Σ_y N_y/n_y · x_y over Σ_y N_y/n_y · of those within. The variance is
// that of Σ_y N_y/n_y · x_y, the number of converts, under simple random sampling without
// replacement of each calendar year, Σ_y N_y/n_y (N_y/n_y − 1) n_y²/(n_y − 1) p̃(1 − p̃) with
// p̃ = (x + ½)/(n + 1): where a span has a part of a year, how many of the answers fall into it
// is chance, too.
func (r retrospect) among(of span, movers []Mover, population figure, kind func(Mover) float64) (*converts, string) {
	c := converts{population: population.persons}
	first, _, _ := of.from.Civil()
	last, _, _ := of.until.Civil()
	var moved, all, variance float64
	for year := first; year <= last; year++ {
		var answers, within, counted float64 // of the year, of them in the span, of them of the kind
		for _, m := range movers {
			if y, _, _ := m.MovedOn.Civil(); y != year {
				continue
			}
			answers++
			if m.MovedOn > of.from && m.MovedOn <= of.until {
				within++
				counted += kind(m)
			}
		}
		if within == 0 {
			continue
		}
		weight, there := r.weight(of.region, year, movers)
		if !there {
			return nil, schemas.NoRegistered
		}
		c.related, c.others = c.related+int64(counted), c.others+int64(math.Ceil(within-counted))
		p := (counted + 0.5) / (answers + 1)
		moved, all = moved+weight*counted, all+weight*within
		variance += weight * (weight - 1) * answers * answers / math.Max(1, answers-1) * p * (1 - p)
	}
	if all == 0 {
		return nil, schemas.NoAnswers
	}
	share, size := moved/all, float64(exact)
	if variance > 0 {
		smooth := (moved + 0.5) / (all + 1)
		size = smooth * (1 - smooth) / (variance / (all * all))
	}
	c.factors = rates.Factors{RelatedBefore: rates.Proportion{Value: share, EffectiveSize: size}, InMigrants: rates.Total{Value: all}, Relational: population.total()}
	return &c, ""
}

// weight is the registered in-migrants of a year over the answers to moves of that year. Where
// its total is not out, both are of the year before: answers of a part of a year over the total
// of a whole one would be of other movers. For the same reason a year in which the survey begins
// has the registered of its months, as if people moved evenly over the year.
func (r retrospect) weight(region string, year int, movers []Mover) (weight float64, known bool) {
	for _, y := range []int{year, year - 1} {
		registered, there := r.registered[regionYear{region, y}]
		if !there {
			continue
		}
		answers, months := 0.0, 0
		for _, m := range movers {
			if yearOf(m.MovedOn) != y {
				continue
			}
			answers++
			covered := 12
			if on := r.begins[m.Source]; yearOf(on) == y {
				covered = 12 - monthOf(on)%12
			}
			months = max(months, covered)
		}
		return math.Max(1, registered*float64(months)/12/answers), answers > 0
	}
	return 0, false
}

// row is the row of a conversion, not estimable for a reason where there is none.
func (r retrospect) row(region schemas.Region, of span, estimator string, c *converts, reason string) told {
	from := of.from
	row := schemas.MigrationConversion{
		Estimand: schemas.Retrospective, Definition: r.Definition, Outside: schemas.OutsidePrefecture, RegionCode: region.RegionCode, RegionLevel: region.RegionLevel,
		OriginCode: r.origin, AgeClass: r.ageClass, Cohort: FiscalYear(of.from + 1), HorizonMonths: of.horizon, Estimator: estimator, Statistic: schemas.Probability, FromDay: &from,
		Reliability: schemas.LowReliability, Reason: reason, Observation: notEstimable,
	}
	if c == nil {
		return told{Counted: disclose.Counted[schemas.MigrationConversion]{Row: row}}
	}
	rate, err := rates.Conversion(c.factors, rates.LogScale, 0.95)
	if err != nil || rate.Value >= 1 && !c.rate {
		row.Reason = schemas.Contradictory
		return told{Counted: disclose.Counted[schemas.MigrationConversion]{Row: row}}
	}
	if c.rate {
		rate = withinYear(rate)
	}
	rate.High = min(1, rate.High)
	row.ObsStatus = schemas.Estimated
	row.Value, row.StdError, row.CILow, row.CIHigh = &rate.Value, &rate.StdErr, &rate.Low, &rate.High
	row.Reliability = r.Grades.Figure(rate.Value, rate.StdErr, rate.Low, rate.High)
	return told{disclose.Counted[schemas.MigrationConversion]{Row: row, Persons: min(c.related, c.others, c.population)}, c.related, c.others}
}

// withinYear makes of a rate per person-year the probability within a year, 1 − exp(−rate).
func withinYear(r rates.Rate) rates.Rate {
	return rates.Rate{Value: -math.Expm1(-r.Value), StdErr: r.StdErr * math.Exp(-r.Value), Low: -math.Expm1(-r.Low), High: -math.Expm1(-r.High)}
}

// total is a figure as a factor of a rate.
func (f figure) total() rates.Total { return rates.Total{Value: f.value, StdErr: f.stdErr} }
