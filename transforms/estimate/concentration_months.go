package estimate

import (
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/flow"
	"github.com/kankei/kankei/transforms/series"
)

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
