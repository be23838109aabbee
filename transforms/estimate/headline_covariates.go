package estimate

import "github.com/kankei/kankei/schemas"

// The covariates of official tables, beside [OfficialVisits].
const (
	OfficialOvernight = "official_overnight"
	OfficialDayTrips  = "official_day_trips"
	ResidentsKnown    = "residents"
	GuestCapacity     = "guest_capacity"
)

// AreaCovariates are what tables tell of the municipalities of the frame:
//
//   - official_visitors: from other prefectures in the 12 months, where they cover these whole;
//   - official_overnight and official_day_trips: of these with and without a night, where the table tells it;
//   - residents: the latest number;
//   - guest_capacity: of the houses open in the 12 months, by capacity, rooms or number as all houses tell them, where
//     there is a list of houses.
//
// Their order is that in which [smallarea.Choose] prefers equals.
func AreaCovariates(f Frame, totals []schemas.Total, houses []schemas.Facility) []AreaCovariate {
	visitors := byRegion(totals, func(t schemas.Total) string { return t.RegionCode })
	size, of := capacityOf(houses), byRegion(houses, func(h schemas.Facility) string { return h.RegionCode })
	official, nights, days := map[RegionMonth]float64{}, map[RegionMonth]float64{}, map[RegionMonth]float64{}
	residents, capacity := map[RegionMonth]float64{}, map[RegionMonth]float64{}
	for _, r := range f.Regions {
		if r.RegionLevel != schemas.LevelMunicipality || unknownPlace(r) {
			continue
		}
		periods := visitPeriods(statistic(visitors[r.RegionCode], "visitors"))
		for _, reference := range f.References {
			at, from := RegionMonth{r.RegionCode, reference}, reference.AddMonths(-12)+1
			if visits := yearOfVisits(periods, from, reference); visits != nil {
				night, day := visits[visitClass{otherPrefecture, overnight}], visits[visitClass{otherPrefecture, dayTrip}]
				official[at] = night + day
				if _, untold := visits[visitClass{otherPrefecture, ""}]; !untold {
					nights[at], days[at] = night, day
				}
			}
			if n, known := f.Residents[r.RegionCode]; known {
				residents[at] = n
			}
			if len(houses) == 0 {
				continue
			}
			capacity[at] = 0
			for _, h := range of[r.RegionCode] {
				if (h.OpenedOn == nil || *h.OpenedOn <= reference) && (h.ClosedOn == nil || *h.ClosedOn >= from) {
					capacity[at] += size(h)
				}
			}
		}
	}
	return []AreaCovariate{{OfficialVisits, official}, {OfficialOvernight, nights}, {OfficialDayTrips, days}, {ResidentsKnown, residents}, {GuestCapacity, capacity}}
}

// statistic keeps the totals of one statistic.
func statistic(totals []schemas.Total, name string) []schemas.Total {
	var of []schemas.Total
	for _, t := range totals {
		if t.Statistic == name {
			of = append(of, t)
		}
	}
	return of
}
