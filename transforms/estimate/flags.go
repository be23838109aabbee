package estimate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/series"
)

const (
	flagMethodology = "flags-1"
	// flagAlpha is the probability of any flag in a series in which nothing stands out.
	flagAlpha = 0.05
	// leastMonths is the number of months from which a season can be told from a trend.
	leastMonths = 24
	// leastChanges is the number of changes from which their scatter is told.
	leastChanges = 6
)

// Kinds of series, and how they are judged.
const (
	FlagInput, FlagFigure          = "input", "figure"
	FlagOutlyingCounts, FlagRobust = "outlying_counts", "robust_z"
)

// InputMonth is the number of answers or acts of a region and month, and of the persons they are of.
type InputMonth struct {
	// Kind is survey or act.
	Kind, Region string
	// Month is year × 12 + month − 1.
	Month         int32
	Rows, Persons int64
}

// InputMonths is what the flags are told of inputs.
type InputMonths struct {
	Nights  []disclose.Counted[schemas.GuestNights]
	Answers []InputMonth
}

// Flags sets months of inputs and of figures beside what the other months of their series make one expect.
//
// Inputs are bookings and guest-nights of all origins, answers on the spot and acts, of 24 whole months and more from the
// first to the as-of day, months without any being 0: [series.OutlyingCounts] with a trend, one pair of waves (two from
// 36 months) and the days of the month as exposure.
//
// Figures are those of relational_population of all origins, relation types and engagement levels, at
// seven reference months in a row and more. Windows of 12 months have no season, and share eleven; what stands out
// is a change, and the changes are what one window adds and drops:
//
//	d_t = ln Y_t − ln Y_{t−1},  z_t = (d_t − median d)/(1.4826 median|d − median d|),  expected Y_{t−1} e^{median d}
//
// In either, 0.05 is the probability of any flag in a series where nothing stands out, of figures if their changes are
// independent and normal. Series that cannot be judged, such as of figures half of which do not change, have no rows,
// and neither have those with a figure of class U, the changes of which are those of a few persons.
//
// As the expectation of a month is made from the others, every row rests on the fewest persons and houses of any
// month of its series.
func Flags(f Frame, inputs InputMonths, population []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.Flag] {
	var rows []disclose.Counted[schemas.Flag]
	for _, s := range inputSeries(f, inputs) {
		rows = append(rows, s.counts()...)
	}
	limits := map[int]float64{}
	for _, s := range figureSeries(population) {
		rows = append(rows, s.changes(limits)...)
	}
	return rows
}

// flagSeries is a series of months without gaps, the row of each filled in but for the judgement.
type flagSeries struct {
	rows []disclose.Counted[schemas.Flag]
}

// inputKey names a series of inputs.
type inputKey struct{ source, statistic, region string }

// inputSeries gathers the counts of whole months.
func inputSeries(f Frame, inputs InputMonths) []flagSeries {
	through := f.AsOf
	if through != through.MonthEnd() {
		through = through.AddMonths(-1)
	}
	levels := f.levels()
	type cell struct {
		n, persons, facilities int64
		made                   []disclose.Contribution
	}
	of := map[inputKey]map[int32]cell{}
	var keys []inputKey
	add := func(k inputKey, at int32, c cell) {
		if levels[k.region] == "" || lastDay(at) > through {
			return
		}
		if of[k] == nil {
			of[k] = map[int32]cell{}
			keys = append(keys, k)
		}
		of[k][at] = c
	}
	for _, c := range inputs.Nights {
		r := c.Row
		if r.OriginCode == schemas.All && r.GuestNights != nil && r.Bookings != nil {
			add(inputKey{schemas.SourceBooking, "bookings", r.RegionCode}, month(r.Month), cell{*r.Bookings, c.Persons, c.Facilities, madeOf(c, "bookings")})
			add(inputKey{schemas.SourceBooking, "guest_nights", r.RegionCode}, month(r.Month), cell{*r.GuestNights, c.Persons, c.Facilities, madeOf(c, "guest_nights")})
		}
	}
	for _, a := range inputs.Answers {
		add(inputKey{a.Kind, "rows", a.Region}, a.Month, cell{a.Rows, a.Persons, 0, nil})
	}
	slices.SortFunc(keys, func(a, b inputKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.statistic, b.statistic), cmp.Compare(a.region, b.region))
	})
	var all []flagSeries
	for _, k := range keys {
		first := month(through)
		for at := range of[k] {
			first = min(first, at)
		}
		var s flagSeries
		for at := first; at <= month(through); at++ {
			c := of[k][at]
			s.rows = append(s.rows, disclose.Counted[schemas.Flag]{Persons: c.persons, Facilities: c.facilities, Contributions: c.made, Row: schemas.Flag{
				Kind: FlagInput, Statistic: k.statistic, RegionCode: k.region, RegionLevel: levels[k.region], Source: k.source, Month: lastDay(at),
				Method: FlagOutlyingCounts, Value: value(float64(c.n)), FalseAlarm: flagAlpha,
				Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: flagMethodology}}})
		}
		all = append(all, s)
	}
	return all
}

// madeOf are the contributions to a figure of a row, which is not that of one flag but under those of all months.
func madeOf(c disclose.Counted[schemas.GuestNights], figure string) []disclose.Contribution {
	for _, made := range c.Contributions {
		if made.Figure == figure {
			made.Figure = ""
			return []disclose.Contribution{made}
		}
	}
	return nil
}

// counts judges a series of counts.
func (s flagSeries) counts() []disclose.Counted[schemas.Flag] {
	n := len(s.rows)
	if n < leastMonths {
		return nil
	}
	waves := series.Harmonic{Period: 12, Pairs: 1, Trend: true}
	if n >= 36 {
		waves.Pairs = 2
	}
	y, days := make([]float64, n), make([]float64, n)
	for i, c := range s.rows {
		y[i], days[i] = *c.Row.Value, float64(c.Row.Month-c.Row.Month.MonthStart()+1)
	}
	o, err := series.OutlyingCounts(waves, y, days, flagAlpha)
	if err != nil {
		return nil
	}
	for i := range s.rows {
		judge(&s.rows[i].Row, o.Expected[i], o.Score[i], o.Limit)
	}
	return s.rest()
}

// judge sets what was expected of a month, and whether it stands out.
func judge(r *schemas.Flag, expected, score, limit float64) {
	direction := int32(0)
	switch {
	case score > limit:
		direction = 1
	case score < -limit:
		direction = -1
	}
	r.Expected, r.Score, r.ScoreLimit, r.Direction = value(expected), value(score), value(limit), &direction
}

// rest has every row rest on the fewest persons and houses of any, on the contributions to all of them, and of the least class.
func (s flagSeries) rest() []disclose.Counted[schemas.Flag] {
	var made []disclose.Contribution
	for _, c := range s.rows {
		made = append(made, c.Contributions...)
	}
	persons, facilities, reliability := s.rows[0].Persons, int64(0), ""
	for _, c := range s.rows {
		persons, facilities, reliability = min(persons, c.Persons), leastOf(facilities, c.Facilities), max(reliability, c.Row.Reliability)
	}
	for i := range s.rows {
		s.rows[i].Contributions = made
		s.rows[i].Persons, s.rows[i].Facilities, s.rows[i].Row.Reliability = persons, facilities, reliability
	}
	return s.rows
}

// figureSeries gathers the last run of reference months without gaps of each figure, in the order of population.
func figureSeries(population []disclose.Counted[schemas.RelationalPopulation]) []flagSeries {
	of := map[componentKey][]disclose.Counted[schemas.RelationalPopulation]{}
	var keys []componentKey
	for _, c := range population {
		figure, whole := headlineOf(c.Row)
		if !whole || c.Row.Value == nil || !(*c.Row.Value > 0) {
			continue
		}
		figure.reference = 0
		k := componentKey{figure, c.Row.Source + "/" + c.Row.Estimator}
		if of[k] == nil {
			keys = append(keys, k)
		}
		of[k] = append(of[k], c)
	}
	var all []flagSeries
	for _, k := range keys {
		months := of[k]
		slices.SortFunc(months, func(a, b disclose.Counted[schemas.RelationalPopulation]) int {
			return cmp.Compare(a.Row.ReferenceMonth, b.Row.ReferenceMonth)
		})
		begin := len(months) - 1
		for begin > 0 && months[begin-1].Row.ReferenceMonth == months[begin].Row.ReferenceMonth.AddMonths(-1) {
			begin--
		}
		var s flagSeries
		for _, c := range months[begin:] {
			r := c.Row
			row := schemas.Flag{
				Kind: FlagFigure, Statistic: "value", Definition: r.Definition, Measure: r.Measure, Outside: r.Outside, RegionCode: r.RegionCode,
				RegionLevel: r.RegionLevel, Source: r.Source, Estimator: r.Estimator, Month: r.ReferenceMonth, Method: FlagRobust, Value: r.Value,
				FalseAlarm: flagAlpha, Observation: schemas.Observation{ObsStatus: r.ObsStatus, ConfStatus: schemas.Free, MethodologyVersion: flagMethodology}}
			if r.CILow != nil { // counts of those seen have no class
				row.Reliability = r.Reliability
			}
			s.rows = append(s.rows, disclose.Counted[schemas.Flag]{Row: row, Persons: c.Persons, Facilities: c.Facilities})
		}
		all = append(all, s)
	}
	return all
}

// changes judges a series of figures; the first has no change and no row.
func (s flagSeries) changes(limits map[int]float64) []disclose.Counted[schemas.Flag] {
	n := len(s.rows) - 1
	if n < leastChanges || slices.ContainsFunc(s.rows, func(c disclose.Counted[schemas.Flag]) bool { return c.Row.Reliability == schemas.LowReliability }) {
		return nil
	}
	d := make([]float64, n)
	for i := range d {
		d[i] = math.Log(*s.rows[i+1].Row.Value / *s.rows[i].Row.Value)
	}
	z, err := series.RobustZ(d)
	if err != nil {
		return nil
	}
	if _, known := limits[n]; !known {
		limits[n] = robustLimit(n)
	}
	sorted := slices.Sorted(slices.Values(d))
	usual := (sorted[(n-1)/2] + sorted[n/2]) / 2
	all := s.rest()
	for i := range d {
		judge(&all[i+1].Row, *all[i].Row.Value*math.Exp(usual), z[i], limits[n])
	}
	return all[1:]
}

// robustLimit is the greatest |robust z| of n independent normal changes that 1 − flagAlpha of series stay
// within, of 4,000 simulated ones.
func robustLimit(n int) float64 {
	const draws = 4000
	random := rand.New(rand.NewPCG(uint64(n), 5))
	greatest, y := make([]float64, draws), make([]float64, n)
	for i := range greatest {
		for j := range y {
			y[j] = random.NormFloat64()
		}
		z, _ := series.RobustZ(y) // no two are equal
		for _, v := range z {
			greatest[i] = max(greatest[i], math.Abs(v))
		}
	}
	slices.Sort(greatest)
	at := int(math.Ceil(draws * (1 - flagAlpha)))
	return greatest[at-1]
}

// ReliableFlag keeps a month of a series of figures of the grade least and better, as [Reliable] keeps these.
func ReliableFlag(r schemas.Flag, least string) schemas.Flag {
	if least == "" || r.Reliability <= least {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}
