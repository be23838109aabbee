package convert

import (
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/rates"
)

// panelEstimator is that of those who moved in, as the waves of panels tell.
const panelEstimator = "related_before_move_panel"

// RetrospectivePanel is [Retrospective] by the members of panels who moved in between two waves, in place of, or
// beside, the answers at a counter: 1 − exp(−rate) of 12 months, of
//
//	rate = Σ N_y/12 · p̂ ÷ R,  p̂ = Σ w x/Σ w,  v(p̂) = G/(G − 1) Σ_c {Σ_{i∈c} w_i (x_i − p̂)}²/(Σ w)²
//
// over the months of the span, x being 1 where the wave before names the municipality moved to with two visits a year or more, w
// the weight of the answer that tells the move, and c the sampling units, or members where there are none. R is the
// mean over the span. A move counts on the day of the answer that tells it, so that those of a span were made up to a year before
// it. Fewer than ten movers give no figure. There are rows of prefectures, and of municipalities where a member moved to; none where
// there is no panel.
func RetrospectivePanel(f Frame, movers []Mover, totals []schemas.Total, population []disclose.Counted[schemas.RelationalPopulation], panel bool) []disclose.Counted[schemas.MigrationConversion] {
	if !panel {
		return nil
	}
	r := newRetrospect(f, nil, register(totals), populations(f, population))
	var rows []disclose.Counted[schemas.MigrationConversion]
	for _, region := range f.Regions {
		var here []Mover
		for _, m := range movers {
			if m.Record == schemas.RecordPanel && m.fromOutside() && m.in(region.RegionCode) && m.MovedOn <= f.AsOf && m.Weight > 0 && m.RelatedBefore != nil {
				here = append(here, m)
			}
		}
		if region.RegionLevel != schemas.LevelPrefecture && (region.RegionLevel != schemas.LevelMunicipality || len(here) == 0) {
			continue
		}
		for _, start := range r.known(region.RegionCode) {
			of := span{region.RegionCode, start, start.AddMonths(12), 12}
			c, reason := r.ofPanel(of, here)
			rows = append(rows, r.row(region, of, panelEstimator, c, reason).Counted)
		}
	}
	return rows
}

// known are the days from which 12 months are counted, one per fiscal year, as [retrospect.starts] has them, but
// whoever is asked.
func (r retrospect) known(region string) []schemas.Date {
	latest := r.AsOf.AddMonths(-12)
	starts := onePerFiscalYear(r.References, func(t schemas.Date) bool {
		_, there := r.population[estimate.RegionMonth{Region: region, Reference: t}]
		return there && t <= latest
	})
	if len(starts) == 0 {
		starts = append(starts, latest)
	}
	return starts
}

// ofPanel are the registered in-migrants of a span, the share of them who were related by the members who moved within
// it, and all who were; nil with the reason why not.
func (r retrospect) ofPanel(of span, movers []Mover) (*converts, string) {
	c, reason := r.everybody(of)
	if c == nil {
		return nil, reason
	}
	c.related, c.others = 0, 0
	var all, related float64
	var within []Mover
	for _, m := range movers {
		if m.MovedOn <= of.from || m.MovedOn > of.until {
			continue
		}
		within, all = append(within, m), all+m.Weight
		if *m.RelatedBefore {
			c.related, related = c.related+1, related+m.Weight
		} else {
			c.others++
		}
	}
	if len(within) < leastMovers {
		return nil, schemas.FewMovers
	}
	share := related / all
	clusters := map[string]float64{}
	var order []string // sums are in order of the movers
	for _, m := range within {
		name := unitOf(m.SamplingUnit, m.Member)
		if _, there := clusters[name]; !there {
			order = append(order, name)
		}
		x := 0.0
		if *m.RelatedBefore {
			x = 1
		}
		clusters[name] += m.Weight * (x - share) / all
	}
	var variance float64
	for _, name := range order {
		variance += square(clusters[name])
	}
	if g := float64(len(order)); g > 1 {
		variance *= g / (g - 1)
	}
	c.factors.RelatedBefore = rates.EffectiveProportion(share, math.Sqrt(variance), int64(len(within)))
	return c, ""
}
