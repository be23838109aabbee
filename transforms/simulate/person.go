package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// Mode is where the nights of a trip are spent.
type Mode uint8

// Modes of a trip.
const (
	DayTrip Mode = iota // no night
	KinStay             // with kin, friends or in a second home
	Lodging             // paid lodging
)

// Person is someone of the world with their whole life from three years before
// the exports to a month after them.
type Person struct {
	ID     int64
	Abroad bool
	Female bool
	Born   int // year
	// Homes are the places lived in, in order; the first from the beginning.
	// Somebody from abroad has none.
	Homes []Home
	// Died is the day of death, or a day after the end of the world.
	Died schemas.Date
	Ties []Tie
	// Trips are in order of their first day; no two are at once, but one may end on
	// the day on which the next begins.
	Trips []Trip
	Acts  []Act
	// Moves are the moves to visited places.
	Moves []Move
}

// Home is where a person lives from a day on.
type Home struct {
	From  schemas.Date
	Place int32
}

// Tie is a relation to a visited place, from a day to the day before another.
type Tie struct {
	Place    int32
	Class    int
	Rate     float64 // trips a year
	Regular  bool    // the person calls it regular and continuing
	From, To schemas.Date
	loyal    bool
}

// Trip is a run of days in one place.
type Trip struct {
	Place       int32
	First, Last schemas.Date // of arrival and departure
	Mode        Mode
	Purpose     schemas.Purpose
	// Facility is where the nights were spent, −1 unless paid for.
	Facility int32
	// OwnName says that the person is the one who booked.
	OwnName bool
	loyal   bool
}

// Act is a contribution act.
type Act struct {
	Place   int32
	Day     schemas.Date
	Purpose schemas.Purpose
}

// Move is a move to a visited place.
type Move struct {
	Day      schemas.Date
	From, To int32
	// Level is the rank of the engagement level reached with the place, −1 for none.
	Level int
	// Since is the last day of the month since which there have been two trips or more in
	// 12 months without a break, those in search of a house included; the zero day where
	// there were not at the month's end before the move.
	Since schemas.Date
	// Answered says that the mover answered the survey at the counter.
	Answered bool
}

// Repeating says that the person came twice or more in the 12 months before the move.
func (m Move) Repeating() bool { return m.Since > 0 }

// HomeOn is the place lived in on a day, −1 for abroad.
func (p *Person) HomeOn(d schemas.Date) int32 {
	at := int32(-1)
	for i, h := range p.Homes {
		if i == 0 || h.From <= d {
			at = h.Place
		}
	}
	return at
}

// AgeOn is the age in completed years, birthdays being on 1 January.
func (p *Person) AgeOn(d schemas.Date) int {
	y, _, _ := d.Civil()
	return y - p.Born
}

// ageClasses are the classes of age of the adult population, with their shares
// in the metropolitan areas and elsewhere: about those of the census of 2020.
var ageClasses = []struct {
	low, high     int
	metro, remote float64
}{
	{18, 29, 16, 12}, {30, 44, 23, 19}, {45, 59, 26, 23}, {60, 74, 21, 27}, {75, 94, 14, 19},
}

// ageClass is the class of an age, the youngest for any below.
func ageClass(age int) int {
	for i, c := range ageClasses {
		if age <= c.high {
			return i
		}
	}
	return len(ageClasses) - 1
}

// Resident is a person's home, sex and year of birth, all that the census of the
// first day knows; of somebody from abroad nothing.
func (w *World) Resident(id int64) Person {
	p := Person{ID: id, Died: w.end + 1}
	if id >= w.Residents {
		p.Abroad = true
		return p
	}
	random := w.stream(streamHome, id)
	at := int32(draw(random, w.homes))
	p.Homes = []Home{{w.begin, at}}
	p.Female = random.Float64() < 0.517
	weights := make([]float64, len(ageClasses))
	for i, c := range ageClasses {
		weights[i] = c.remote
		if stratumOf(w.Places[at].Prefecture) < 3 {
			weights[i] = c.metro
		}
	}
	c := ageClasses[drawWeighted(random, weights)]
	y, _, _ := w.begin.Civil()
	p.Born = y - c.low - random.IntN(c.high-c.low+1)
	return p
}

// Person is the whole life of a person; ids run from 0 to Residents + Strangers − 1.
func (w *World) Person(id int64) Person {
	p := w.Resident(id)
	w.tie(&p)
	w.travel(&p)
	w.live(&p)
	w.lodge(&p)
	return p
}

// tie draws a person's ties.
func (w *World) tie(p *Person) {
	random := w.stream(streamTies, p.ID)
	home := len(reference.Prefectures)
	if !p.Abroad {
		home = w.Places[p.Homes[0].Place].Prefecture
	}
	pull := w.pull[home]
	near := pull[len(pull)-1] / w.pull[len(reference.Prefectures)][len(pull)-1] // abroad has no decay
	factor := 1.0
	if cv := w.Scenario.Mobility; cv > 0 {
		factor = gamma(random, 1, 1/(cv*cv))
	}
	for i := range w.classes {
		c := &w.classes[i]
		has := random.Float64() < c.Share*near
		if p.Abroad {
			has = i == 0
		}
		if has {
			w.holdTies(p, random, i, c.pull[home], factor)
		}
		if p.Abroad {
			return
		}
	}
}

// holdTies draws the tie of a class: when one lapses another takes its place.
func (w *World) holdTies(p *Person, random *rand.Rand, class int, pull []float64, factor float64) {
	c := &w.classes[class]
	rate := c.Mean
	switch c.Family {
	case "gamma":
		rate = gamma(random, c.Mean, c.Shape)
	case "points":
		i := random.IntN(len(c.Rates))
		if len(c.Weights) > 0 {
			i = drawWeighted(random, c.Weights)
		}
		rate = c.Rates[i]
	}
	if c.Family != "regular" {
		rate *= factor
	}
	for from := w.begin; from <= w.end; {
		t := Tie{Place: w.Visited[draw(random, pull)], Class: class, Rate: rate, From: from, To: w.end + 1}
		t.Regular = random.Float64() < c.Regular
		t.loyal = random.Float64() < w.Scenario.Lodging.Loyalty
		if c.Lapse > 0 {
			if days := random.ExpFloat64() / c.Lapse * 365.25; days < float64(t.To-t.From) {
				t.To = t.From + schemas.Date(days) + 1
			}
		}
		p.Ties = append(p.Ties, t)
		from = t.To
	}
}

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
