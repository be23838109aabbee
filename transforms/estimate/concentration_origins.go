package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/flow"
)

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
	of := c.originsOf(o, cells)
	least, n := int64(math.MaxInt64), 0.0
	for _, cell := range cells {
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

// originsOf are the flows of cells beside those who live in their origins.
func (c *concentrator) originsOf(o OriginFlows, cells []OriginCell) flow.Origins {
	var of flow.Origins
	for _, cell := range cells {
		var residents float64
		for _, origin := range cell.Origins {
			residents += c.residents[origin]
			if origin[:2] == o.Region[:2] && origin != o.Region {
				residents -= c.frame.Residents[o.Region] // who live in the municipality itself
			}
		}
		of.Flows, of.Residents, of.Places = append(of.Flows, cell.Value), append(of.Residents, residents), append(of.Places, float64(len(cell.Origins)))
	}
	return of
}

// adder makes a figure of a statistic with its error, and adds it to the rows where it has a name.
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
