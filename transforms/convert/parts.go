package convert

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/weight"
)

// Part is the share of the relational population of a region who live in a prefecture, or are of
// an age class, with its standard error and the persons that it rests on.
type Part struct {
	Region string
	// Origin is the prefecture or 'all', and AgeClass the class or 'all'.
	Origin, AgeClass string
	Share, StdErr    float64
	Persons          int64
}

// OriginParts are the shares of the persons estimated from bookings by origin, of the latest
// reference month: s = n_o/n, v(s)/s² = v(n_o)/n_o² − v(n)/n², since n_o was made of s and n. Of a
// prefecture they are of persons, and taken for those of pairs.
func OriginParts(f Frame, flows []disclose.Counted[schemas.OriginDestination], population []disclose.Counted[schemas.RelationalPopulation]) []Part {
	whole := map[estimate.RegionMonth]schemas.RelationalPopulation{}
	for _, c := range population {
		r := c.Row
		if r.Definition == f.Definition && r.Outside == schemas.OutsidePrefecture && r.Measure == schemas.Persons && r.Estimator == estimate.Thinned && r.OriginCode == schemas.All &&
			r.RelationType == schemas.All && r.Engagement == schemas.All && r.Value != nil && *r.Value > 0 {
			whole[estimate.RegionMonth{Region: r.RegionCode, Reference: r.ReferenceMonth}] = r
		}
	}
	counts := func(r schemas.OriginDestination) bool {
		_, known := whole[estimate.RegionMonth{Region: r.RegionCode, Reference: r.ReferenceMonth}]
		return known && r.Definition == f.Definition && r.Outside == schemas.OutsidePrefecture && r.Estimator == estimate.Thinned && r.Value != nil && *r.Value > 0
	}
	latest := map[string]schemas.Date{}
	for _, c := range flows {
		if month, there := latest[c.Row.RegionCode]; counts(c.Row) && (!there || c.Row.ReferenceMonth > month) {
			latest[c.Row.RegionCode] = c.Row.ReferenceMonth
		}
	}
	var parts []Part
	for _, c := range flows {
		r := c.Row
		if !counts(r) || r.ReferenceMonth != latest[r.RegionCode] {
			continue
		}
		n := whole[estimate.RegionMonth{Region: r.RegionCode, Reference: r.ReferenceMonth}]
		share := *r.Value / *n.Value
		variance := square(*r.StdError / *r.Value) - square(*n.StdError / *n.Value)
		parts = append(parts, Part{r.RegionCode, r.OriginCode, schemas.All, share, share * math.Sqrt(max(0, variance)), c.Persons})
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Origin, b.Origin)) })
	return parts
}

// RetrospectiveBy is [Retrospective] by origin and by age class, never by both:
//
//	conversion_g = Σ_y N_gy · x_gy/n_gy ÷ (R · s_g)
//
// with N_gy the registered in-migrants of the part g, n_gy the answers of movers of g and x_gy
// those of them who were related, and s_g the share of g in the relational population, taken to be
// the same at all times. Errors of R and s_g are independent: v(ln R s_g) = v(R)/R² + v(s_g)/s_g².
//
// Parts are those of which at least f.Least persons tell the share. The answers of all other
// movers, taken together, have to be as many as a figure may rest on, or none; where they are
// fewer the part with the fewest answers is among them, for the figure of everybody would tell what
// is left. Rows are in order of region, part and as in Retrospective.
func RetrospectiveBy(f Frame, movers []Mover, totals []schemas.Total, population []disclose.Counted[schemas.RelationalPopulation], parts []Part) []disclose.Counted[schemas.MigrationConversion] {
	all := newRetrospect(f, movers, register(totals), populations(f, population))
	mine, figures := map[string][]Part{}, map[string][]schemas.Total{}
	for _, p := range parts {
		if p.Persons >= f.Least && p.Share > 0 {
			mine[p.Region] = append(mine[p.Region], p)
		}
	}
	for _, t := range totals {
		if t.Statistic == "in_migrants" && mine[t.RegionCode] != nil {
			figures[t.RegionCode] = append(figures[t.RegionCode], t)
		}
	}
	var rows []disclose.Counted[schemas.MigrationConversion]
	for _, region := range f.Regions {
		if mine[region.RegionCode] == nil {
			continue
		}
		here := all
		here.movers = slices.DeleteFunc(slices.Clone(all.movers), func(m Mover) bool { return !m.in(region.RegionCode) })
		whole := here.region(region)
		var byOrigin, byAge [][]told
		for _, p := range mine[region.RegionCode] {
			part := here.of(p, figures[region.RegionCode]).region(region)
			if p.AgeClass == schemas.All {
				byOrigin = append(byOrigin, part)
			} else {
				byAge = append(byAge, part)
			}
		}
		for _, of := range [][][]told{byOrigin, byAge} {
			complement(whole, of, f.Least)
			for _, part := range of {
				for _, c := range part {
					rows = append(rows, c.Counted)
				}
			}
		}
	}
	return rows
}

// of is what figures of a part are made of, of the registered in-migrants of its region.
func (r retrospect) of(p Part, totals []schemas.Total) retrospect {
	r.origin, r.ageClass = p.Origin, p.AgeClass
	r.movers = slices.DeleteFunc(slices.Clone(r.movers), func(m Mover) bool {
		return p.Origin != schemas.All && m.Origin != p.Origin || p.AgeClass != schemas.All && m.ageClass() != p.AgeClass
	})
	r.registered = registerOf(p, totals)
	shared := map[estimate.RegionMonth]figure{}
	for _, month := range r.References {
		k := estimate.RegionMonth{Region: p.Region, Reference: month}
		if whole, known := r.population[k]; known {
			n := whole.value * p.Share
			shared[k] = figure{n, n * math.Hypot(whole.stdErr/whole.value, p.StdErr/p.Share), min(whole.persons, p.Persons)}
		}
	}
	r.population = shared
	return r
}

// ageClass is the class of the age that a mover reaches in the year of the move, ” where it is not known.
func (m Mover) ageClass() string {
	if m.BirthYear == nil {
		return ""
	}
	return schemas.AgeClassOf(yearOf(m.MovedOn) - int(*m.BirthYear))
}

// registerOf are the registered in-migrants of a part. Those of an age class are known of a region
// and year where the age classes of the totals lie in it and fill it.
func registerOf(p Part, totals []schemas.Total) registered {
	totals = slices.DeleteFunc(slices.Clone(totals), func(t schemas.Total) bool {
		return p.Origin != schemas.All && t.OriginCode != p.Origin
	})
	if p.AgeClass == schemas.All {
		return register(totals)
	}
	class := schemas.AgeClasses[slices.IndexFunc(schemas.AgeClasses, func(c schemas.AgeClass) bool { return c.Name == p.AgeClass })]
	spans := map[int][]schemas.AgeClass{}
	var inside []schemas.Total
	for _, t := range totals {
		low, high, ok := weight.AgesOf(t.Breakdown)
		if !ok || strings.Contains(t.Breakdown, "male") || low < class.Low || high > class.High {
			continue
		}
		spans[yearOf(t.PeriodEnd)] = append(spans[yearOf(t.PeriodEnd)], schemas.AgeClass{Low: low, High: high})
		t.Breakdown = ""
		inside = append(inside, t)
	}
	known := registered{}
	for k, n := range register(sumOverAges(inside)) {
		if filledBy(class, spans[k.year]) {
			known[k] = n
		}
	}
	return known
}

// sumOverAges sums the totals of a region and year by origin.
func sumOverAges(totals []schemas.Total) []schemas.Total {
	type key struct {
		origin     string
		begin, end schemas.Date
	}
	at := map[key]int{}
	var sums []schemas.Total
	for _, t := range totals {
		k := key{t.OriginCode, t.PeriodStart, t.PeriodEnd}
		if i, there := at[k]; there {
			sums[i].Value += t.Value
			continue
		}
		at[k] = len(sums)
		sums = append(sums, t)
	}
	return sums
}

// filledBy says whether spans of ages, of which some may be there more than once, are the class
// without gaps or overlaps.
func filledBy(c schemas.AgeClass, spans []schemas.AgeClass) bool {
	slices.SortFunc(spans, func(a, b schemas.AgeClass) int { return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High)) })
	next := c.Low
	for _, s := range slices.Compact(spans) {
		if s.Low != next {
			return false
		}
		if s.High == math.MaxInt {
			return c.High == math.MaxInt
		}
		next = s.High + 1
	}
	return next == c.High+1
}

// complement takes from the parts of a region what the figure of everybody and the other parts
// would tell of too few answers.
func complement(whole []told, parts [][]told, least int64) {
	for i, all := range whole {
		if all.related == math.MaxInt64 || all.Row.Value == nil {
			continue // of registered totals alone
		}
		for {
			related, others := all.related, all.others
			smallest := -1
			for k, part := range parts {
				if part[i].Persons < least {
					continue
				}
				related, others = related-part[i].related, others-part[i].others
				if smallest < 0 || part[i].Persons < parts[smallest][i].Persons {
					smallest = k
				}
			}
			if smallest < 0 || related == 0 && others == 0 || related >= least && others >= least {
				break
			}
			parts[smallest][i].Persons = 0
		}
	}
}

func square(x float64) float64 { return x * x }
