package estimate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// nightCell is a cell of the nights tables while it is summed.
type nightCell struct {
	region, origin, country string
	month                   int32
}

type nightSum struct {
	nightCounts
	facilities map[string]nightCounts
}

// nightCounts are guest-nights and stays.
type nightCounts struct{ guestNights, stays int64 }

func (n nightCounts) plus(guestNights, stays int64) nightCounts {
	return nightCounts{n.guestNights + guestNights, n.stays + stays}
}

func (s *nightSum) add(guestNights, stays int64, facility string) {
	s.nightCounts = s.plus(guestNights, stays)
	if s.facilities == nil {
		s.facilities = map[string]nightCounts{}
	}
	s.facilities[facility] = s.facilities[facility].plus(guestNights, stays)
}

// contributions are those of companies to guest-nights and stays, under the names of the figures. A facility
// whose company is not known is a company of its own. Taking facilities of a company together never
// lowers the largest contribution or the two largest, so that what facilities dominate their companies do.
func (s *nightSum) contributions(companies map[string]string, guestNights, stays string) []disclose.Contribution {
	nights, bookings := map[string]int64{}, map[string]int64{}
	for facility, n := range s.facilities {
		by := "facility " + facility
		if company, known := companies[facility]; known {
			by = "company " + company
		}
		nights[by] += n.guestNights
		bookings[by] += n.stays
	}
	return []disclose.Contribution{disclose.ContributionOf(guestNights, nights), disclose.ContributionOf(stays, bookings)}
}

// ofPlatforms are the contributions of booking sites and channels, none where they are not told apart. The names of
// facilities are those of platforms in it.
func (s *nightSum) ofPlatforms(guestNights, stays string) []disclose.Contribution {
	if s == nil {
		return nil
	}
	return s.contributions(nil, guestNights, stays)
}

// places are the regions a tally's region counts for: its municipality where it
// is known, and its prefecture.
func places(region string) []string {
	prefecture := region[:2] + "000"
	if region == prefecture {
		return []string{prefecture}
	}
	return []string{region, prefecture}
}

// GuestNights sums guest-nights by month of arrival, region and origin: all
// origins, each prefecture of residence, abroad, unknown, and each country of
// those abroad. Those of which the prefecture alone is known are a municipality not known, so that municipalities add up to their
// prefecture. Arrivals after the as-of day are left out.
func GuestNights(f Frame, tallies []schemas.NightTally) []disclose.Counted[schemas.GuestNights] {
	levels := f.levels()
	sums, platforms := arrivedNights(f, tallies), arrivedNights(f, f.Platforms)
	rows := make([]disclose.Counted[schemas.GuestNights], 0, len(sums))
	for _, c := range sortedCells(sums) {
		level, ok := levels[c.region]
		if !ok {
			continue
		}
		s := sums[c]
		rows = append(rows, disclose.Counted[schemas.GuestNights]{
			Row: schemas.GuestNights{RegionCode: c.region, RegionLevel: level, Month: lastDay(c.month), OriginCode: c.origin, OriginCountry: c.country,
				GuestNights: &s.guestNights, Bookings: &s.stays,
				Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: Methodology}},
			Persons: s.stays, Facilities: int64(len(s.facilities)), Contributions: append(s.contributions(f.Companies, "guest_nights", "bookings"), platforms[c].ofPlatforms("guest_nights", "bookings")...),
		})
	}
	return rows
}

// arrivedNights sums nights by month of arrival, region and origin.
func arrivedNights(f Frame, tallies []schemas.NightTally) map[nightCell]*nightSum {
	sums := map[nightCell]*nightSum{}
	for _, t := range tallies {
		if lastDay(t.ArrivalMonth) > f.AsOf {
			continue
		}
		for _, region := range places(municipalityOf(t.RegionCode)) {
			cells := []nightCell{{region, schemas.All, "", t.ArrivalMonth}, {region, t.OriginCode, "", t.ArrivalMonth}}
			if t.OriginCountry != "" && t.OriginCode == schemas.Abroad {
				cells = append(cells, nightCell{region, t.OriginCode, t.OriginCountry, t.ArrivalMonth})
			}
			for _, c := range cells {
				addNights(sums, c, t.GuestNights, t.Arrivals, t.Facility)
			}
		}
	}
	return sums
}

// spentNights sums nights by the month that they are spent in.
func spentNights(tallies []schemas.NightTally) map[nightCell]*nightSum {
	sums := map[nightCell]*nightSum{}
	for _, t := range tallies {
		for _, region := range places(municipalityOf(t.RegionCode)) {
			addNights(sums, nightCell{region: region, month: t.NightMonth}, t.GuestNights, t.Stays, t.Facility)
		}
	}
	return sums
}

// Coverage sets the guest-nights recorded in a month against the official
// figure of the same region and month:
//
//	coverage = recorded ÷ official
//
// Rows exist where either is known; what is not known is null, and the row not
// estimable. Months after the as-of day are left out.
func Coverage(f Frame, tallies []schemas.NightTally, totals []schemas.Total) []disclose.Counted[schemas.Coverage] {
	levels := f.levels()
	sums, platforms := spentNights(tallies), spentNights(f.Platforms)
	official := map[nightCell]float64{}
	for _, t := range totals {
		if t.Statistic == "guest_nights" && t.OriginCode == schemas.All && t.Breakdown == "" && t.PeriodEnd == t.PeriodStart.MonthEnd() {
			official[nightCell{region: t.RegionCode, month: month(t.PeriodStart)}] = t.Value
		}
	}
	var rows []disclose.Counted[schemas.Coverage]
	for _, c := range sortedCells(sums) {
		level, ok := levels[c.region]
		if !ok || lastDay(c.month) > f.AsOf {
			continue
		}
		s := sums[c]
		row := schemas.Coverage{RegionCode: c.region, RegionLevel: level, Month: lastDay(c.month), Step: schemas.StepGuestNights, Recorded: &s.guestNights,
			Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free, MethodologyVersion: Methodology}}
		if o, ok := official[c]; ok && o > 0 {
			row.Official, row.Coverage, row.ObsStatus, row.Basis = &o, value(float64(s.guestNights)/o), schemas.Normal, schemas.BasisOfficialNights
		}
		rows = append(rows, disclose.Counted[schemas.Coverage]{Row: row, Persons: s.stays, Facilities: int64(len(s.facilities)),
			Contributions: append(s.contributions(f.Companies, "recorded", ""), platforms[c].ofPlatforms("recorded", "")...)})
	}
	return rows
}

func addNights(sums map[nightCell]*nightSum, c nightCell, guestNights, stays int64, facility string) {
	s := sums[c]
	if s == nil {
		s = &nightSum{}
		sums[c] = s
	}
	s.add(guestNights, stays, facility)
}

func sortedCells(sums map[nightCell]*nightSum) []nightCell {
	cells := make([]nightCell, 0, len(sums))
	for c := range sums {
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(a, b nightCell) int {
		return cmp.Or(strings.Compare(a.region, b.region), cmp.Compare(a.month, b.month),
			strings.Compare(a.origin, b.origin), strings.Compare(a.country, b.country))
	})
	return cells
}

// Residents is the latest resident total of each region up to the as-of day,
// and the earliest one where there is none so early.
func Residents(asOf schemas.Date, totals []schemas.Total) map[string]float64 {
	type dated struct {
		on    schemas.Date
		value float64
	}
	best := map[string]dated{}
	for _, t := range totals {
		if t.Statistic != "residents" || t.OriginCode != schemas.All || t.Breakdown != "" {
			continue
		}
		b, ok := best[t.RegionCode]
		later := t.PeriodEnd > b.on
		if !ok || (t.PeriodEnd <= asOf && (later || b.on > asOf)) || (t.PeriodEnd > asOf && b.on > asOf && !later) {
			best[t.RegionCode] = dated{t.PeriodEnd, t.Value}
		}
	}
	residents := make(map[string]float64, len(best))
	for code, b := range best {
		residents[code] = b.value
	}
	return residents
}
