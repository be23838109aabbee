package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
)

// Encounter is an answer to the survey on the spot.
type Encounter struct {
	Person  int64
	Day     schemas.Date
	Second  int // of the day
	Place   int32
	Spot    int
	Nights  int
	Mode    Mode // where they are spent
	Purpose schemas.Purpose
	// Municipalities is how many municipalities of the prefecture the trip goes to.
	Municipalities int
	// Visits and PrefectureVisits are the numbers of trips to the municipality and to the
	// prefecture in the 12 months to the day, the present one included.
	Visits, PrefectureVisits int32
	Home                     int32 // −1 for abroad
	Female                   bool
	Age                      int
}

// Encounters are a person's answers on the spot, within the exports. Whoever is
// met is so once per trip, on one of its days.
func (w *World) Encounters(p *Person) []Encounter {
	o := w.Scenario.Onsite
	if o.Met == 0 || len(p.Trips) == 0 || p.Abroad {
		return nil
	}
	random := w.stream(streamOnsite, p.ID)
	answers := o.Answer
	if o.AnswerSpread > 0 {
		answers = distuv.Beta{Alpha: o.Answer * o.AnswerSpread, Beta: (1 - o.Answer) * o.AnswerSpread, Src: random}.Rand()
	}
	var met []Encounter
	for i := range p.Trips {
		t := &p.Trips[i]
		day := t.First + schemas.Date(random.IntN(int(t.Last-t.First)+1))
		spot, second := random.IntN(max(1, o.Spots)), 9*3600+random.IntN(9*3600)
		if random.Float64() >= o.Met*answers || day < w.first || day > w.last {
			continue
		}
		trips := func(counts func(other *Trip) bool) int32 { return contactOf(p.Trips[:i+1], day-364, day, counts).trips }
		met = append(met, Encounter{Person: p.ID, Day: day, Second: second, Place: t.Place, Spot: spot, Nights: int(t.Last - t.First), Mode: t.Mode,
			Purpose: t.Purpose, Municipalities: w.municipalities(p.Trips, i),
			Visits:           trips(func(other *Trip) bool { return other.Place == t.Place }),
			PrefectureVisits: trips(func(other *Trip) bool { return w.Places[other.Place].Prefecture == w.Places[t.Place].Prefecture }), Home: p.HomeOn(day), Female: p.Female, Age: p.AgeOn(day)})
	}
	return met
}

// municipalities is how many municipalities of its prefecture a trip goes to: one that begins on the day the one
// before ended, or the day after, goes on from it.
func (w *World) municipalities(trips []Trip, i int) int {
	prefecture := func(j int) int { return w.Places[trips[j].Place].Prefecture }
	goesOn := func(from, to int) bool {
		return prefecture(from) == prefecture(to) && trips[to].First <= trips[from].Last+1
	}
	first, last := i, i
	for first > 0 && goesOn(first-1, first) {
		first--
	}
	for last+1 < len(trips) && goesOn(last, last+1) {
		last++
	}
	there := map[int32]bool{}
	for _, t := range trips[first : last+1] {
		there[t.Place] = true
	}
	return len(there)
}

// Selection is the sample of the web panel: members drawn from each stratum in
// equal numbers, without replacement.
type Selection struct {
	// Weight is the number of residents of a stratum over that of the members drawn
	// from it: what the panel's provider calls the design weight.
	Weight []float64
	drawn  map[int64]bool
}

// numbered is a member with the permanent random number that decides on the drawing.
type numbered struct {
	number uint64
	id     int64
}

// Select draws the web panel from a census of all residents: simple random samples
// without replacement within strata, of the members with the least permanent random
// numbers (Ohlsson 1995, in Business Survey Methods). Draw numbers repeated samples from
// one world.
func (w *World) Select(draw uint64) Selection {
	s := Selection{drawn: map[int64]bool{}}
	size := w.Scenario.Panel.Sample / len(strataNames)
	var members [strata][]numbered
	var residents [strata]float64
	for id := range w.Residents {
		p := w.Resident(id)
		stratum := stratumOf(w.Places[p.Homes[0].Place].Prefecture)
		residents[stratum]++
		if size == 0 || !w.joined(&p) {
			continue
		}
		members[stratum] = append(members[stratum], numbered{scramble(scramble(w.Seed^streamPanel<<56^draw) ^ uint64(id)), id})
		if len(members[stratum]) >= 4*size+1024 { // only the least can be drawn
			members[stratum] = least(members[stratum], size)
		}
	}
	for h := range members {
		members[h] = least(members[h], size)
		for _, t := range members[h] {
			s.drawn[t.id] = true
		}
		s.Weight = append(s.Weight, residents[h]/math.Max(1, float64(len(members[h]))))
	}
	return s
}

// strata is the number of strata.
const strata = 4

func least(members []numbered, n int) []numbered {
	slices.SortFunc(members, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.id, b.id)) })
	return members[:min(n, len(members))]
}

// joined says whether a resident is a member of the web panel.
func (w *World) joined(p *Person) bool {
	pl := w.Scenario.Panel
	join := pl.Join
	if len(pl.JoinAge) > 0 {
		join *= pl.JoinAge[ageClass(p.AgeOn(w.first))]
	}
	join = min(join, 0.99)
	if pl.JoinTied > 0 && pl.JoinTied != 1 {
		tied := *p
		w.tie(&tied)
		if len(tied.Ties) > 0 {
			odds := join / (1 - join) * pl.JoinTied
			join = odds / (1 + odds)
		}
	}
	return w.stream(streamPanel, p.ID).Float64() < join
}

// Has says whether a person was drawn.
func (s Selection) Has(id int64) bool { return s.drawn[id] }

// Size is the number of persons drawn.
func (s Selection) Size() int { return len(s.drawn) }

// Answer is a panel member's row of one wave.
type Answer struct {
	Person    int64
	Wave      int
	Day       schemas.Date
	Responded bool
	Female    bool
	Age       int
	Home      int32
	Stratum   string
	Weight    float64
	// Ties are the regions named, at most three: those with most visits.
	Ties []ReportedTie
}

// ReportedTie is what a member says of a region.
type ReportedTie struct {
	Place    int32
	Visits   int32 // trips in the 12 months to the day
	Purposes schemas.Purpose
	Regular  bool
}

// regionsAsked is how many regions a member may name.
const regionsAsked = 3

// Answers are the rows of a member who was drawn, one per wave, in the order of
// the waves, until the person has died. The wave's month is the month of the
// answer; the 12 months end with its last day, so that they are those of a
// reference month.
func (w *World) Answers(p *Person, s Selection) []Answer {
	pl, random := w.Scenario.Panel, w.stream(streamPanel, -1-p.ID)
	var rows []Answer
	responded := true
	for wave, month := range pl.Waves {
		start, _ := schemas.ParseDate(month + "-01")
		day := start.MonthEnd()
		stays := 1 - w.attrition(p, wave, day)
		if wave == 0 {
			stays = pl.Response
		}
		responded = random.Float64() < stays && responded
		if p.Died <= day {
			break
		}
		home := p.Homes[0].Place // the stratum is that of the drawing
		stratum := stratumOf(w.Places[home].Prefecture)
		a := Answer{Person: p.ID, Wave: wave, Day: day, Responded: responded, Female: p.Female, Age: p.AgeOn(day), Home: p.HomeOn(day),
			Stratum: strataNames[stratum], Weight: s.Weight[stratum]}
		if responded {
			a.Ties = w.reported(p, day)
		}
		rows = append(rows, a)
	}
	return rows
}

// attrition is the probability of not answering a later wave.
func (w *World) attrition(p *Person, wave int, day schemas.Date) float64 {
	pl := w.Scenario.Panel
	if wave == 0 {
		return 0
	}
	before, _ := schemas.ParseDate(pl.Waves[wave-1] + "-01")
	if p.HomeOn(before.MonthEnd()) != p.HomeOn(day) {
		return pl.AttritionMoved
	}
	attrition := pl.Attrition
	if pl.AttritionTied > 0 {
		for _, place := range p.tiedPlaces(day) {
			if w.levelOf(p, place, day) >= Related {
				return attrition * pl.AttritionTied
			}
		}
	}
	return attrition
}

// reported are the regions a member names: all with a visit in 12 months or a
// relation called regular, the most visited first, but not where the member lives.
func (w *World) reported(p *Person, day schemas.Date) []ReportedTie {
	var ties []ReportedTie
	home := p.HomeOn(day)
	named := map[int32]bool{home: true}
	report := func(place int32) {
		if named[place] {
			return
		}
		named[place] = true
		c := contactOf(p.Trips, day.AddMonths(-12)+1, day, func(t *Trip) bool { return t.Place == place })
		regular := p.regular(place, day)
		if c.trips > 0 || regular {
			ties = append(ties, ReportedTie{place, c.trips, c.purposes, regular})
		}
	}
	for i := range p.Trips {
		report(p.Trips[i].Place)
	}
	for _, t := range p.Ties {
		report(t.Place)
	}
	slices.SortStableFunc(ties, func(a, b ReportedTie) int { return cmp.Compare(b.Visits, a.Visits) })
	return ties[:min(len(ties), regionsAsked)]
}

// Draws is a source of random numbers of the world for whatever is not a
// person's, such as which month is delivered twice.
func (w *World) Draws(number int64) *rand.Rand { return w.stream(streamPlaces, -1-number) }
