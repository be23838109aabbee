package estimate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/flow"
	"github.com/kankei/kankei/transforms/series"
)

// Described is what concentration is told from.
type Described struct {
	Tallies []schemas.Tally
	// Flows are the estimated persons by origin.
	Flows []OriginFlows
	// Nights are the rows of guest_nights.
	Nights []disclose.Counted[schemas.GuestNights]
	// Population are the rows of relational_population, Totals official tables.
	Population []disclose.Counted[schemas.RelationalPopulation]
	Totals     []schemas.Total
	// Rule is that of disclosure: origins that may not be shown are taken together, and
	// municipalities that may not be are left out, before anything is made of them.
	Rule disclose.Threshold
}

// concentrator makes the rows of concentration.
type concentrator struct {
	frame     Frame
	rule      disclose.Threshold
	levels    map[string]string
	residents map[string]float64 // of prefectures
	rows      []disclose.Counted[schemas.Concentration]
}

// Concentrations describes where people of a region live and when they come: of everybody
// seen, of the persons whom surveys and bookings estimate, and over municipalities. The
// formulas are in docs/methods/flows.md. Persons whose prefecture is not known, or who live
// abroad, have no part in it.
//
// Windows are the 12 months to a reference month; one that begins before the data do is cut at
// another point of the seasons, and has rows that are not estimable.
func Concentrations(f Frame, d Described) ([]disclose.Counted[schemas.Concentration], error) {
	c := concentrator{frame: f, rule: d.Rule.Effective(), levels: f.levels(), residents: originResidents(f.Residents)}
	for _, o := range append(observedFlows(f, d.Tallies), d.Flows...) {
		if err := c.overOrigins(o); err != nil {
			return nil, fmt.Errorf("%s, region %s: %w", o.Estimator, o.Region, err)
		}
	}
	c.overMonths(d.Tallies)
	c.seasons(d.Nights)
	c.overMunicipalities(d.Population, d.Totals)
	return c.rows, nil
}

// whole says whether the data of a source cover the 12 months to a reference month.
func (c *concentrator) whole(source string, reference schemas.Date) bool {
	return reference.AddMonths(-12)+1 >= c.frame.Sources[source].First
}

// interval is the scale on which an interval is symmetric.
type interval int

const (
	unbounded interval = iota
	above0             // by the logarithm
	below1             // by the logit: between 0 and 1
)

// bounds is the 95 % interval of a figure on its scale; false where it has none, at an end of it.
func (i interval) bounds(v, stdErr, df float64) (low, high float64, ok bool) {
	if !(stdErr > 0) {
		return 0, 0, false
	}
	t := 1.96
	if !math.IsInf(df, 1) {
		t = studentQuantile(df, 0.975)
	}
	switch {
	case i == unbounded:
		return v - t*stdErr, v + t*stdErr, true
	case i == above0 && v > 0:
		factor := math.Exp(t * stdErr / v)
		return v / factor, v * factor, true
	case i == below1 && v > 0 && v < 1:
		half := t * stdErr / (v * (1 - v))
		logit := math.Log(v / (1 - v))
		return 1 / (1 + math.Exp(half-logit)), 1 / (1 + math.Exp(-half-logit)), true
	}
	return 0, 0, false
}

// measured is a statistic with its error; df is +Inf where it is normal.
type measured struct {
	value, stdErr, df float64
	scale             interval
	persons           int64 // the least of any part
}

func (c *concentrator) add(row schemas.Concentration, m measured, facilities int64) {
	row.RegionLevel = c.levels[row.RegionCode]
	row.Value, row.Persons = value(m.value), &m.persons
	if m.stdErr > 0 {
		row.StdError = value(m.stdErr)
	}
	if low, high, ok := m.scale.bounds(m.value, m.stdErr, m.df); ok {
		row.CILow, row.CIHigh = value(low), value(high)
	}
	row.ConfStatus = schemas.Free
	c.rows = append(c.rows, disclose.Counted[schemas.Concentration]{Row: row, Persons: m.persons, Facilities: facilities})
}

// none adds a row without a figure: withheld, or not estimable.
func (c *concentrator) none(row schemas.Concentration, estimable bool) {
	row.RegionLevel, row.ConfStatus = c.levels[row.RegionCode], schemas.Free
	if !estimable {
		row.ObsStatus = schemas.NotEstimable
	}
	c.rows = append(c.rows, disclose.Counted[schemas.Concentration]{Row: row})
}

// originStatistics are those of all origins of a region.
var originStatistics = []string{"hhi", "hhi_corrected", "effective_origins", "tokyo_area_share", "gini", "theil", "theil_between_areas"}

// overOrigins describes one figure by where its persons live.
func (c *concentrator) overOrigins(o OriginFlows) error {
	level := c.levels[o.Region]
	if level != schemas.LevelPrefecture && level != schemas.LevelMunicipality {
		return nil
	}
	base := schemas.Concentration{Definition: o.Definition, Outside: o.Outside, RegionCode: o.Region, OriginCode: schemas.All, Source: o.Source, Estimator: o.Estimator,
		Observation: schemas.Observation{ObsStatus: schemas.Estimated, MethodologyVersion: o.Methodology}}
	if o.Variance == nil {
		base.ObsStatus = schemas.Normal
	}
	var months []schemas.Date
	for _, reference := range o.Months {
		asked := o.Source == schemas.SourceSurvey && o.Variance != nil // about the 12 months before the answer
		if !asked && !c.whole(o.Source, reference) {
			base.ReferenceMonth = reference
			for _, base.Statistic = range originStatistics {
				c.none(base, false)
			}
			continue
		}
		months = append(months, reference)
	}
	if len(months) == 0 {
		return nil
	}
	all := origins(o.Outside, o.Region)
	cells, told := o.together(all, c.rule.Persons)
	if !told {
		for _, base.ReferenceMonth = range months {
			for _, base.Statistic = range originStatistics {
				c.none(base, true)
			}
		}
		return nil
	}
	figures, err := c.originFigures(o, cells)
	if err != nil {
		return err
	}
	if level == schemas.LevelPrefecture && o.Outside == schemas.OutsidePrefecture {
		gravity, err := c.gravity(o, cells)
		if err != nil {
			return err
		}
		figures = append(figures, gravity...)
	}
	for _, base.ReferenceMonth = range months {
		for _, f := range figures {
			row := base
			row.Statistic, row.OriginCode = f.statistic, f.origin
			c.add(row, f.measured, o.Facilities)
		}
	}
	return nil
}

// named is a statistic of a region, or of one of its origins.
type named struct {
	statistic, origin string
	measured
}

// tokyoArea are the prefectures of 東京圏.
var tokyoArea = []string{"11000", "12000", "13000", "14000"}

// metropolitanArea is that of migration statistics in which a prefecture lies, 0 the Tokyo area.
func metropolitanArea(prefecture string) int32 {
	for i, area := range [][]string{tokyoArea, {"21000", "23000", "24000"}, {"26000", "27000", "28000", "29000"}} {
		if slices.Contains(area, prefecture) {
			return int32(i)
		}
	}
	return 3
}

// originFigures are the statistics of cells.
func (c *concentrator) originFigures(o OriginFlows, cells []OriginCell) ([]named, error) {
	var of flow.Origins
	least, n := int64(math.MaxInt64), 0.0
	for _, cell := range cells {
		var residents float64
		for _, origin := range cell.Origins {
			residents += c.residents[origin]
			if origin[:2] == o.Region[:2] && origin != o.Region {
				residents -= c.frame.Residents[o.Region] // who live in the municipality itself
			}
		}
		of.Flows, of.Residents, of.Places = append(of.Flows, cell.Value), append(of.Residents, residents), append(of.Places, float64(len(cell.Origins)))
		least, n = min(least, cell.Persons), n+float64(cell.Persons)
	}
	var out []named
	var err error
	add := func(name, origin string, s flow.Statistic, scale interval, persons int64) (m measured) {
		m = measured{value: s.Value, df: o.DF, scale: scale, persons: persons}
		if o.Variance != nil && err == nil {
			var v float64
			v, err = o.spread(cells, s.Slopes)
			m.stdErr = math.Sqrt(v)
		}
		if name != "" {
			out = append(out, named{name, origin, m})
		}
		return m
	}
	statistic := func(s flow.Statistic, e error) flow.Statistic {
		if err == nil {
			err = e
		}
		return s
	}
	hhi := add("hhi", schemas.All, statistic(of.HHI()), below1, least)
	corrected := hhi
	for i := range cells {
		share := statistic(of.Share(func(j int) bool { return i == j }))
		v := share.Value * (1 - share.Value) / (n - 1)
		if o.Variance != nil {
			v = square(add("", "", share, below1, least).stdErr)
		}
		corrected.value -= v / of.Places[i]
	}
	if err != nil {
		return nil, err
	}
	if corrected.value > 0 { // else the origins are as even as chance lets them look
		out = append(out, named{"hhi_corrected", schemas.All, corrected})
		effective := measured{value: 1 / corrected.value, stdErr: corrected.stdErr / square(corrected.value), df: o.DF, scale: above0, persons: least}
		out = append(out, named{"effective_origins", schemas.All, effective})
	}
	c.tokyo(o, cells, of, add, statistic)
	add("gini", schemas.All, statistic(of.Gini()), below1, least)
	add("theil", schemas.All, statistic(of.Theil()), above0, least)
	c.between(cells, of, add, statistic)
	for i, cell := range cells {
		if len(cell.Origins) == 1 {
			add("location_quotient", cell.Origins[0], statistic(of.LocationQuotient(i)), above0, cell.Persons)
		}
	}
	return out, err
}

type adder func(name, origin string, s flow.Statistic, scale interval, persons int64) measured

// tokyo adds the share of the Tokyo area, which rests on the persons in it and on those outside it. Where a
// prefecture of it is in the cell of several, the share is not told from the others.
func (c *concentrator) tokyo(o OriginFlows, cells []OriginCell, of flow.Origins, add adder, statistic func(flow.Statistic, error) flow.Statistic) {
	var inside, outside int64
	apart := 0
	in := func(i int) bool { return len(cells[i].Origins) == 1 && slices.Contains(tokyoArea, cells[i].Origins[0]) }
	for i, cell := range cells {
		if in(i) {
			apart++
			inside += cell.Persons
			continue
		}
		outside += cell.Persons
	}
	possible := 0
	for _, origin := range origins(o.Outside, o.Region) {
		if slices.Contains(tokyoArea, origin) {
			possible++
		}
	}
	if apart == possible && outside > 0 {
		add("tokyo_area_share", schemas.All, statistic(of.Share(in)), below1, min(inside, outside))
	}
}

// between adds Theil's T between the three metropolitan areas and the rest of the country, the origins taken
// together counting with the rest.
func (c *concentrator) between(cells []OriginCell, of flow.Origins, add adder, statistic func(flow.Statistic, error) flow.Statistic) {
	var areas flow.Origins
	areas.Flows, areas.Residents, areas.Places = make([]float64, 4), make([]float64, 4), []float64{1, 1, 1, 1}
	area, persons := make([]int32, len(cells)), make([]int64, 4)
	for i, cell := range cells {
		area[i] = 3
		if len(cell.Origins) == 1 {
			area[i] = metropolitanArea(cell.Origins[0])
		}
		areas.Flows[area[i]] += of.Flows[i]
		areas.Residents[area[i]] += of.Residents[i]
		persons[area[i]] += cell.Persons
	}
	if slices.Min(areas.Residents) <= 0 {
		return
	}
	theil := statistic(areas.Theil())
	if len(theil.Slopes) == 0 {
		return
	}
	slopes := make([]float64, len(cells))
	for i := range cells {
		slopes[i] = theil.Slopes[area[i]]
	}
	add("theil_between_areas", schemas.All, flow.Statistic{Value: theil.Value, Slopes: slopes}, above0, slices.Min(persons))
}

// gravity fits the flows of a prefecture from all others by their residents and distance, those taken together
// entering in sum, and adds what each attracts beyond that.
func (c *concentrator) gravity(o OriginFlows, cells []OriginCell) ([]named, error) {
	here, _ := reference.PrefectureOf(o.Region)
	var model flow.Gravity
	var y []float64
	least := int64(math.MaxInt64)
	for i, cell := range cells {
		for _, origin := range cell.Origins {
			there, _ := reference.PrefectureOf(origin)
			model.X = append(model.X, []float64{math.Log(c.residents[origin]), math.Log(reference.Distance(here, there))})
			model.Cell = append(model.Cell, int32(i))
		}
		y, least = append(y, cell.Value), min(least, cell.Persons)
	}
	if len(cells) < 8 { // three coefficients of fewer flows leave next to nothing
		return nil, nil
	}
	fit, err := model.Fit(y)
	if err != nil {
		return nil, nil // nothing is told of distance then
	}
	scatter, err := fit.Covariance()
	if err != nil {
		return nil, err
	}
	out := []named{{"distance_elasticity", schemas.All, measured{value: fit.Coefficients[1], stdErr: fit.StdErr(scatter, 1), df: float64(len(y) - 3), scale: unbounded, persons: least}}}
	for i, cell := range cells {
		if len(cell.Origins) > 1 {
			continue
		}
		residual := fit.Residual(i)
		m := measured{value: residual.Value, df: o.DF, scale: above0, persons: cell.Persons}
		if o.Variance != nil {
			v, err := o.spread(cells, residual.Slopes)
			if err != nil {
				return nil, err
			}
			m.stdErr = residual.Value * math.Sqrt(v)
		}
		out = append(out, named{"gravity_residual", cell.Origins[0], m})
	}
	return out, nil
}

// overMonths describes when everybody seen comes, and how much of living there it amounts to.
func (c *concentrator) overMonths(tallies []schemas.Tally) {
	counts := index(tallies)
	for _, t := range tallies {
		if t.Tally != "persons" || t.OriginCode != schemas.All || c.levels[t.RegionCode] == "" {
			continue
		}
		end := lastDay(t.ReferenceMonth)
		at := func(tally string, class int32) float64 {
			return float64(counts[tallyKey{tally, t.SourceKind, t.Outside, t.RegionCode, schemas.All, t.ReferenceMonth, class}])
		}
		visits, days := make([]float64, 12), make([]float64, 12)
		var window float64
		for m := range 12 {
			_, of, length := end.AddMonths(-m).Civil()
			visits[of-1], days[of-1] = at("month", int32(of)), float64(length)
			window += days[of-1]
		}
		row := schemas.Concentration{Outside: t.Outside, RegionCode: t.RegionCode, OriginCode: schemas.All, ReferenceMonth: end, Source: t.SourceKind, Estimator: Observed,
			Observation: schemas.Observation{ObsStatus: schemas.Normal, MethodologyVersion: Methodology}}
		facilities := c.frame.Sources[t.SourceKind].facilities(t.RegionCode, end)
		gini, noGini := flow.MonthGini(visits, days)
		peak, noPeak := flow.PeakRatio(visits, days)
		whole := c.whole(t.SourceKind, end)
		stays := t.SourceKind == schemas.SourceBooking // an answer on the spot is a day, however long its trip
		for _, s := range []struct {
			name         string
			value        float64
			given, known bool
		}{
			{"month_gini", gini, true, noGini == nil}, {"peak_ratio", peak, true, noPeak == nil}, {"person_days", at("visit_days", -1), stays, true},
			{"resident_equivalents", (at("visit_days", -1) - at("trips", -1)) / window, stays, true},
		} {
			switch row.Statistic = s.name; {
			case !s.given:
			case whole && s.known:
				c.add(row, measured{value: s.value, persons: t.Count}, facilities)
			default:
				c.none(row, false)
			}
		}
	}
}

// seasonMonths are the months that the strength of a season is told from: three whole years.
const seasonMonths = 36

// seasons adds the strength of the season in guest-nights per day, where three years of them are known.
func (c *concentrator) seasons(nights []disclose.Counted[schemas.GuestNights]) {
	type month struct {
		region string
		end    schemas.Date
	}
	at := map[month]disclose.Counted[schemas.GuestNights]{}
	for _, n := range nights {
		if n.Row.OriginCode == schemas.All && n.Row.OriginCountry == "" {
			at[month{n.Row.RegionCode, n.Row.Month}] = n
		}
	}
	first, ok := c.frame.Sources[schemas.SourceBooking]
	if !ok {
		return
	}
	for _, region := range c.frame.Regions {
		for _, end := range c.frame.References {
			if end.AddMonths(-seasonMonths)+1 < first.First {
				continue
			}
			var perDay []float64
			persons, facilities := int64(math.MaxInt64), int64(math.MaxInt64)
			for back := seasonMonths - 1; back >= 0; back-- {
				m := end.AddMonths(-back)
				_, _, length := m.Civil()
				n, there := at[month{region.RegionCode, m}]
				if !there {
					perDay = nil
					break
				}
				perDay = append(perDay, float64(*n.Row.GuestNights)/float64(length))
				persons, facilities = min(persons, n.Persons), min(facilities, n.Facilities)
			}
			if len(perDay) == 0 {
				continue
			}
			d, err := series.STL{Period: 12}.Decompose(perDay)
			if err != nil {
				continue
			}
			c.add(schemas.Concentration{Statistic: "seasonality_strength", RegionCode: region.RegionCode, OriginCode: schemas.All, ReferenceMonth: end,
				Source: schemas.SourceBooking, Estimator: Observed, Observation: schemas.Observation{ObsStatus: schemas.Normal, MethodologyVersion: Methodology}},
				measured{value: d.SeasonalStrength(), persons: persons}, facilities)
		}
	}
}

// migration is the registered migration of a year by region.
type migration struct {
	statistic string
	year      schemas.Date // its last day
	of        map[string]float64
}

// migrations are the totals of whole years, the later last. Where a table gives no total over origins or
// classes it is their sum; moves from other municipalities of the prefecture then count with the rest.
func migrations(totals []schemas.Total) []migration {
	type key struct {
		statistic string
		end       schemas.Date
	}
	type part struct {
		origin, class bool // totals over them
	}
	sums := map[key]map[string]map[part]float64{}
	for _, t := range totals {
		if t.Statistic != "in_migrants" && t.Statistic != "net_migration" || t.PeriodStart != t.PeriodEnd.AddMonths(-12)+1 {
			continue
		}
		k := key{t.Statistic, t.PeriodEnd}
		if sums[k] == nil {
			sums[k] = map[string]map[part]float64{}
		}
		if sums[k][t.RegionCode] == nil {
			sums[k][t.RegionCode] = map[part]float64{}
		}
		sums[k][t.RegionCode][part{t.OriginCode == schemas.All, t.Breakdown == ""}] += t.Value
	}
	var all []migration
	for k, regions := range sums {
		m := migration{k.statistic, k.end, map[string]float64{}}
		for region, parts := range regions {
			for _, p := range []part{{true, true}, {true, false}, {false, true}, {false, false}} {
				if v, there := parts[p]; there {
					m.of[region] = v
					break
				}
			}
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b migration) int {
		if d := int(a.year) - int(b.year); d != 0 {
			return d
		}
		return strings.Compare(a.statistic, b.statistic)
	})
	return all
}

// municipalPairs are the pairs per 10,000 residents of the municipalities of a prefecture by one definition,
// outside rule, source, estimator and reference month, as far as they may be shown.
type municipalPairs struct {
	definition, outside, prefecture, source, estimator string
	reference                                          schemas.Date
}

// municipalPoint is the figure of a municipality, with the persons it rests on.
type municipalPoint struct {
	region   string
	perTenK  float64
	persons  int64
	estimate bool
}

// overMunicipalities sets pairs per 10,000 residents beside net in-migration per 10,000, as the land ministry does,
// or in-migration where the totals tell no more: the correlation over the municipalities of a prefecture, of values and
// of ranks, with those figures alone that may be shown and are not synthetic.
func (c *concentrator) overMunicipalities(population []disclose.Counted[schemas.RelationalPopulation], totals []schemas.Total) {
	years := migrations(totals)
	if len(years) == 0 {
		return
	}
	points, order := map[municipalPairs][]municipalPoint{}, []municipalPairs(nil)
	facilities := map[municipalPairs]int64{}
	for _, p := range population {
		r := p.Row
		if r.Measure != schemas.Pairs || r.RegionLevel != schemas.LevelMunicipality || r.OriginCode != schemas.All || r.RelationType != schemas.All || r.Engagement != schemas.All ||
			r.Per10000Residents == nil || r.Source == schemas.SourceAct || !c.rule.Shows(p.Persons, p.Facilities) || r.ObsStatus == schemas.LowReliability || r.ObsStatus == schemas.NotEstimable {
			continue
		}
		k := municipalPairs{r.Definition, r.Outside, r.RegionCode[:2] + "000", r.Source, r.Estimator, r.ReferenceMonth}
		if r.Source == schemas.SourceCombined {
			k.estimator = schemas.All
		}
		if len(points[k]) == 0 {
			order = append(order, k)
		}
		points[k] = append(points[k], municipalPoint{r.RegionCode, *r.Per10000Residents, p.Persons, r.ObsStatus == schemas.Estimated})
		if p.Facilities > 0 && (facilities[k] == 0 || p.Facilities < facilities[k]) {
			facilities[k] = p.Facilities
		}
	}
	for _, k := range order {
		if c.levels[k.prefecture] == "" {
			continue
		}
		for _, of := range []struct{ total, statistic string }{{"net_migration", "net_migration_correlation"}, {"in_migrants", "in_migration_correlation"}} {
			last := -1 // the latest year that the reference month knows
			for j, m := range years {
				if m.statistic == of.total && m.year <= k.reference {
					last = j
				}
			}
			if last >= 0 {
				c.correlate(of.statistic, k, points[k], years[last], facilities[k])
			}
		}
	}
}

// correlate adds the correlations of pairs with the migration of a year, over the municipalities that have both.
func (c *concentrator) correlate(statistic string, k municipalPairs, points []municipalPoint, year migration, facilities int64) {
	var x, y []float64
	least, status := int64(math.MaxInt64), schemas.Normal
	for _, p := range points {
		moved, known := year.of[p.region]
		if residents := c.frame.Residents[p.region]; known && residents > 0 {
			x, y, least = append(x, p.perTenK), append(y, moved/residents*1e4), min(least, p.persons)
			if p.estimate {
				status = schemas.Estimated
			}
		}
	}
	if len(x) == 0 {
		return
	}
	row := schemas.Concentration{Definition: k.definition, Outside: k.outside, RegionCode: k.prefecture, OriginCode: schemas.All, ReferenceMonth: k.reference,
		Source: k.source, Estimator: k.estimator, Observation: schemas.Observation{ObsStatus: status, MethodologyVersion: Methodology}}
	for _, of := range []struct {
		suffix string
		fit    func(x, y []float64) (flow.Correlation, error)
	}{{"", flow.Pearson}, {"_ranks", flow.Spearman}} {
		row.Statistic = statistic + of.suffix
		r, err := of.fit(x, y)
		if err != nil {
			c.none(row, false)
			continue
		}
		c.add(row, measured{value: r.R, persons: least}, facilities)
		last := &c.rows[len(c.rows)-1].Row
		last.StdError, last.CILow, last.CIHigh = value(r.StdErr), value(r.Low), value(r.High)
	}
}
