package estimate

import (
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/flow"
)

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
