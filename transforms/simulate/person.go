package simulate

import (
	"math/rand/v2"

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
