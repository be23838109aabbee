package simulate

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// travel draws a person's trips and acts.
func (w *World) travel(p *Person) {
	if len(p.Ties) == 0 && w.Scenario.LocalStays == 0 {
		return
	}
	random := w.stream(streamTrips, p.ID)
	for i := range p.Ties {
		w.visit(p, random, &p.Ties[i])
		w.act(p, random, &p.Ties[i])
	}
	if !p.Abroad && w.Places[p.Homes[0].Place].Visited >= 0 {
		at := p.Homes[0].Place
		for range poisson(random, w.Scenario.LocalStays*float64(w.end-w.begin)/365.25) {
			first := w.begin + schemas.Date(random.IntN(int(w.end-w.begin)))
			p.Trips = append(p.Trips, Trip{Place: at, First: first, Last: first + 1, Mode: Lodging, Purpose: schemas.Leisure, Facility: -1})
		}
	}
	slices.SortStableFunc(p.Trips, func(a, b Trip) int { return cmp.Compare(a.First, b.First) })
	p.Trips = oneAtATime(p.Trips)
}

// oneAtATime leaves out trips that begin while another goes on.
func oneAtATime(trips []Trip) []Trip {
	kept := trips[:0]
	for _, t := range trips {
		if n := len(kept); n == 0 || t.First >= kept[n-1].Last {
			kept = append(kept, t)
		}
	}
	return kept
}

// visit draws the trips of a tie.
func (w *World) visit(p *Person, random *rand.Rand, t *Tie) {
	c := &w.classes[t.Class]
	if c.Family == "regular" {
		interval := 365.25 / t.Rate
		for at := random.Float64() * interval; at < float64(t.To-t.From); at += interval * max(0.2, 1+0.15*random.NormFloat64()) {
			w.addTrip(p, random, t, t.From+schemas.Date(at))
		}
		return
	}
	for month := t.From.MonthStart(); month < t.To; month = month.MonthEnd() + 1 {
		_, m, _ := month.Civil()
		for range poisson(random, t.Rate/12*w.season[m-1]*w.programme(t.Place, month)) {
			if d := w.day(random, month, c.Holidays); d >= t.From && d < t.To {
				w.addTrip(p, random, t, d)
			}
		}
	}
}

// programme is the factor of the programmes that a place has in a month on the trips there.
func (w *World) programme(place int32, month schemas.Date) float64 {
	factor := 1.0
	for i, p := range w.Scenario.Programmes {
		if month >= w.since[i] && slices.Contains(p.Regions, w.Places[place].RegionCode) {
			factor *= p.Visits
		}
	}
	return factor
}

// day draws a day of a month: weekends and holidays have their own weights.
func (w *World) day(random *rand.Rand, month schemas.Date, holidays float64) schemas.Date {
	weekend, holiday := max(w.Scenario.Weekend, 1), max(holidays, 1)
	for {
		d := month + schemas.Date(random.IntN(int(month.MonthEnd()-month)+1))
		weight := 1.0
		if weekday := (int(d) + 4) % 7; weekday == 5 || weekday == 6 { // 1970-01-01 was a Thursday
			weight = weekend
		}
		if isHoliday(d) {
			weight = holiday
		}
		if random.Float64()*max(weekend, holiday) < weight {
			return d
		}
	}
}

// isHoliday says whether a day is of New Year, Golden Week or Obon.
func isHoliday(d schemas.Date) bool {
	_, m, day := d.Civil()
	switch m {
	case 1:
		return day <= 3
	case 12:
		return day >= 29
	case 5:
		return day <= 5
	case 4:
		return day >= 29
	case 8:
		return day >= 11 && day <= 16
	}
	return false
}

func (w *World) addTrip(p *Person, random *rand.Rand, t *Tie, first schemas.Date) {
	c := &w.classes[t.Class]
	trip := Trip{Place: t.Place, First: first, Last: first, Purpose: c.purposes[drawWeighted(random, c.weights)], Facility: -1, loyal: t.loyal}
	if random.Float64() >= c.DayTrip {
		trip.Mode = Lodging
		if random.Float64() < c.KinStay {
			trip.Mode = KinStay
		}
		trip.Last += schemas.Date(1 + drawWeighted(random, c.Nights))
	}
	p.Trips = append(p.Trips, trip)
	if trip.Mode == Lodging && random.Float64() < w.Scenario.Onward {
		if next := w.neighbour(random, t.Place); next >= 0 {
			trip.Place, trip.First, trip.Last, trip.loyal = next, trip.Last, trip.Last+1, false
			p.Trips = append(p.Trips, trip)
		}
	}
}

// neighbour is another visited place of the same prefecture, −1 where there is none.
func (w *World) neighbour(random *rand.Rand, place int32) int32 {
	for range 20 {
		next := w.Visited[random.IntN(len(w.Visited))]
		if next != place && w.Places[next].Prefecture == w.Places[place].Prefecture {
			return next
		}
	}
	return -1
}

// act draws the contribution acts of a tie.
func (w *World) act(p *Person, random *rand.Rand, t *Tie) {
	c := &w.classes[t.Class]
	purpose := schemas.DirectContribution
	if c.Purposes["local_work"] > c.Purposes["direct_contribution"] {
		purpose = schemas.LocalWork
	}
	for range poisson(random, c.Acts*float64(t.To-t.From)/365.25) {
		p.Acts = append(p.Acts, Act{t.Place, t.From + schemas.Date(random.IntN(int(t.To-t.From))), purpose})
	}
}

// lodge gives the trips with paid nights their houses and says whose name the
// booking bears. Those loyal to a house draw one per place.
func (w *World) lodge(p *Person) {
	random := w.stream(streamLodging, p.ID)
	usual := map[int32]int32{}
	for i := range p.Trips {
		t := &p.Trips[i]
		if t.Mode != Lodging {
			continue
		}
		t.OwnName = random.Float64() < w.Scenario.Lodging.OwnName
		f := w.house(random, t.Place)
		if t.loyal {
			if known, there := usual[t.Place]; there {
				f = known
			}
			usual[t.Place] = f
		}
		t.Facility = f
	}
}

// house draws a house of a visited place by its share of the lodgers.
func (w *World) house(random *rand.Rand, place int32) int32 {
	houses := w.houses[w.Places[place].Visited]
	u := random.Float64()
	for _, f := range houses {
		if u -= w.Facilities[f].Share; u < 0 {
			return f
		}
	}
	return houses[len(houses)-1]
}
