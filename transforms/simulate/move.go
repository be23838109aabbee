package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// live draws moves and death, month by month, and takes out what they make
// impossible: trips after death, and those to a place that has become home.
func (w *World) live(p *Person) {
	if p.Abroad {
		return
	}
	m, random := w.Scenario.Migration, w.stream(streamLife, p.ID)
	for month := w.begin; month <= w.end; month = month.MonthEnd() + 1 {
		u := random.Float64() * 12
		death := m.Death * math.Exp2(float64(p.AgeOn(month)-50)/8)
		if u -= death; u < 0 {
			p.Died = month + schemas.Date(random.IntN(28))
			break
		}
		if u -= m.Elsewhere; u < 0 {
			w.moveAnywhere(p, int32(draw(random, w.homes)), month)
			continue
		}
		if u -= m.Untied; u < 0 {
			w.moveTo(p, random, w.Visited[random.IntN(len(w.Visited))], month)
			continue
		}
		for _, place := range p.tiedPlaces(month) {
			if p.HomeOn(month) == place {
				continue
			}
			level := w.levelOf(p, place, month-1)
			if level < 0 {
				continue
			}
			if u -= m.Hazard[w.ladder[level].Level] * w.migrates(p, place, month); u < 0 {
				w.moveTo(p, random, place, month)
				break
			}
		}
	}
	p.Trips = slices.DeleteFunc(p.Trips, func(t Trip) bool {
		return t.Last >= p.Died || len(p.Homes) > 1 && p.HomeOn(t.First) == t.Place && p.Homes[0].Place != t.Place
	})
	p.Acts = slices.DeleteFunc(p.Acts, func(a Act) bool { return a.Day >= p.Died })
}

// migrates is the greatest factor on the hazard of moving to a place of the ties that have not
// lapsed by a day.
func (w *World) migrates(p *Person, place int32, d schemas.Date) float64 {
	most := 0.0
	for _, t := range p.Ties {
		if t.Place == place && t.From <= d && d < t.To {
			most = max(most, cmp.Or(w.classes[t.Class].Migrates, 1))
		}
	}
	return most
}

// moveAnywhere moves a person to a place drawn without regard to ties. Where it is a visited
// one they move in like anybody else; whether they answer at the counter is drawn from a stream
// of its own.
func (w *World) moveAnywhere(p *Person, place int32, month schemas.Date) {
	if w.Places[place].Visited < 0 || p.HomeOn(month) == place {
		p.Homes = append(p.Homes, Home{month, place})
		return
	}
	w.moveTo(p, w.stream(streamArrival, p.ID<<10+int64(len(p.Homes))), place, month)
}

// moveTo moves a person to a visited place on a day of the month.
func (w *World) moveTo(p *Person, random *rand.Rand, place int32, month schemas.Date) {
	move := Move{Day: month, From: p.HomeOn(month), To: place, Level: w.levelOf(p, place, month-1), Answered: random.Float64() < w.Scenario.Migration.Counter}
	if move.From == place {
		return
	}
	w.searchHouse(p, move)
	move.Since = w.repeatingSince(p, place, month-1)
	p.Moves = append(p.Moves, move)
	p.Homes = append(p.Homes, Home{month, place})
}

// searchHouse adds the trips of a night in search of a house or a job to the half year
// before a move.
func (w *World) searchHouse(p *Person, move Move) {
	mean := w.Scenario.Migration.HouseHunting
	if mean == 0 {
		return
	}
	random := w.stream(streamSearch, p.ID)
	for range poisson(random, mean) {
		first := move.Day - 2 - schemas.Date(random.IntN(180))
		p.Trips = append(p.Trips, Trip{Place: move.To, First: first, Last: first + 1, Mode: Lodging, Purpose: schemas.OtherPurpose, Facility: -1})
	}
	slices.SortStableFunc(p.Trips, func(a, b Trip) int { return cmp.Compare(a.First, b.First) })
	p.Trips = oneAtATime(p.Trips)
}

// repeatingSince is the end of the first month of the unbroken run of month-ends, to a last
// one, at which the 12 months before hold two trips or more to a place; the zero day where
// those before the last do not.
func (w *World) repeatingSince(p *Person, place int32, last schemas.Date) schemas.Date {
	var since schemas.Date
	for end := last; end > w.begin && w.repeating(p, place, end); end = end.AddMonths(-1) {
		since = end
	}
	return since
}

// tiedPlaces are the places of the ties that have not lapsed by a day, each once.
func (p *Person) tiedPlaces(d schemas.Date) []int32 {
	var places []int32
	for _, t := range p.Ties {
		if t.From <= d && d < t.To && !slices.Contains(places, t.Place) {
			places = append(places, t.Place)
		}
	}
	return places
}
