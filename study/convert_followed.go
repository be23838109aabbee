package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// following is persons who come to be related to a region, and what is seen of them and of
// their moves.
type following struct {
	persons int
	// trip is the probability that a trip is seen, moves that a move is recorded, and link
	// that the record is linked to the trips, known with a standard error.
	trip, moves, link, linkError float64
	// hazards of moving in are those of the first year since becoming related and of later
	// ones, elsewhere that of moving elsewhere; by year.
	hazards   [2]float64
	elsewhere float64
	// goneSeen is the share of moves elsewhere that later bookings tell.
	goneSeen float64
	// loyal is that the hazard of moving in goes with the rate of trips.
	loyal bool
	// since is the day on which records of moves begin.
	since schemas.Date
	// lost is the share of those moving in whose trips are under another token, which nobody
	// knows.
	lost float64
}

// The window of the bookings: five years, in days. Contacts begin at any time in it.
var (
	firstDay = day(2019, 1, 1)
	window   = int32(lastDay - firstDay)
)

const (
	yearDays = 365.25
	// The rate of trips by year is gamma with this shape and mean.
	tripShape, tripMean = 1.5, 3.0
	// unrelatedMoves are those registered every year of persons without any contact.
	unrelatedMoves = 400
	never          = math.MaxInt32
)

// follower is a person whose contact begins in the window. Days are counted from its first.
type follower struct {
	factor float64 // of the hazard of moving in
	trips  []int32
	// related is the day on which they become so, never if not in the window; moved and
	// elsewhere are those of moving.
	related, moved, elsewhere int32
}

// enters is the day on which trips come to be two or more in the 12 months to it: the last
// day of presence of that month, as bookings are followed; and the trips of these months.
func enters(trips []int32) (on, within int32) {
	month := func(d int32) int32 { return int32(float64(d) * 12 / yearDays) }
	first := 0
	for i, d := range trips {
		for month(trips[first]) <= month(d)-12 {
			first++
		}
		if (i+1 == len(trips) || month(trips[i+1]) > month(d)) && i > first {
			return d, int32(i - first + 1)
		}
	}
	return never, 0
}

// person draws a person. Trips end with a move.
func (f following) person(random *rand.Rand) follower {
	rate := distuv.Gamma{Alpha: tripShape, Beta: tripShape / tripMean, Src: random}.Rand()
	p := follower{factor: 1, moved: never, elsewhere: never}
	if f.loyal {
		p.factor = rate / tripMean
	}
	for at := random.Float64() * float64(window); at < float64(window); at += random.ExpFloat64() / rate * yearDays {
		p.trips = append(p.trips, int32(at))
	}
	if p.related, _ = enters(p.trips); p.related == never {
		return p
	}
	years, here := f.leaves(random, p.factor)
	left := p.related + int32(math.Ceil(min(years, 1000)*yearDays))
	if here {
		p.moved = left
	} else {
		p.elsewhere = left
	}
	for n, d := range p.trips {
		if d >= left {
			p.trips = p.trips[:n]
			break
		}
	}
	return p
}

// leaves draws the years until a person moves, and whether here.
func (f following) leaves(random *rand.Rand, factor float64) (years float64, here bool) {
	first, later := factor*f.hazards[0], factor*f.hazards[1]
	e, at := random.ExpFloat64(), first
	if years = e / (first + f.elsewhere); years > 1 {
		years, at = 1+(e-first-f.elsewhere)/(later+f.elsewhere), later
	}
	return years, random.Float64() < at/(at+f.elsewhere)
}

// incidence is the probability to have moved in within some years, of persons who have been
// related for so long and have not moved.
func (f following) incidence(factor, already, years float64) float64 {
	moved, still := 0.0, 1.0
	piece := func(hazard, length float64) {
		all := hazard + f.elsewhere
		moved += still * hazard / all * -math.Expm1(-all*length)
		still *= math.Exp(-all * length)
	}
	first := min(max(0, 1-already), years)
	piece(factor*f.hazards[0], first)
	piece(factor*f.hazards[1], years-first)
	return moved
}

// seen are the trips that are.
func (f following) seen(random *rand.Rand, trips []int32) []int32 {
	var out []int32
	for _, d := range trips {
		if random.Float64() < f.trip {
			out = append(out, d)
		}
	}
	return out
}

// forward is a figure told forwards from those seen to become related.
type forward struct {
	estimator string
	months    int32
	// everybody judges by the moves of all who become related, from when they do.
	everybody bool
	target
}

const (
	showsDetected  = "aalen_johansen_detected"
	showsCorrected = "aalen_johansen_corrected"
)

// horizonDays is a horizon as the estimator counts it.
func (w forward) horizonDays() int32 { return int32(math.Round(float64(w.months) * yearDays / 12)) }

// manyFollowers is the number of persons over which truths are averaged. Given when a person
// becomes related and is seen to, the incidence is exact, so that these suffice.
const manyFollowers = 200_000

// truths are the incidences expected: of moves that are recorded and linked, and of all, of those
// seen to become related, from the day on which they are; and of all who do, from when they do.
func (f following) truths(figures []forward) []float64 {
	random := rand.New(rand.NewPCG(base, 30_202))
	out := make([]float64, len(figures))
	var all, seen float64
	for range manyFollowers {
		p := f.person(random)
		if p.related == never {
			continue
		}
		all++
		on, _ := enters(f.seen(random, p.trips))
		if on != never {
			seen++
		}
		for i, w := range figures {
			years := float64(w.horizonDays()) / yearDays
			switch {
			case w.everybody:
				out[i] += f.incidence(p.factor, 0, years)
			case on != never:
				share := 1.0
				if w.estimator == showsDetected {
					share = f.moves * f.link
				}
				out[i] += share * f.incidence(p.factor, max(0, float64(on-p.related)/yearDays), years)
			}
		}
	}
	for i, w := range figures {
		if w.everybody {
			out[i] /= all
		} else {
			out[i] /= seen
		}
	}
	return out
}

// records are what a run shows: who enters, and the records of moves beside the registered.
type records struct {
	entries []convert.Entry
	movers  []convert.Mover
	totals  []schemas.Total
}

// record adds a move of a person, of whom an entry is seen or nil.
func (f following) record(random *rand.Rand, r *records, registered map[int]float64, on schemas.Date, e *convert.Entry) {
	year, _, _ := on.Civil()
	registered[year]++
	if on < f.since || random.Float64() >= f.moves {
		return
	}
	r.movers = append(r.movers, convert.Mover{Record: schemas.RecordCounterSurvey, Region: movedWhere, Origin: movedFrom, MovedOn: on, FirstRecord: true, TellsPerson: true})
	if linked := random.Float64() < f.link && random.Float64() >= f.lost; linked && e != nil {
		e.MovedOn = &on
	}
}

// draw is the records of a run.
func (f following) draw(random *rand.Rand) (r records) {
	registered := map[int]float64{}
	for range f.persons {
		p := f.person(random)
		shown := f.seen(random, p.trips)
		var e *convert.Entry
		if on, within := enters(shown); on != never {
			r.entries = append(r.entries, convert.Entry{Region: moveTo, Origin: movedFrom, EnteredOn: firstDay + schemas.Date(on), Trips: within, StayDays: within,
				LastSeen: firstDay + schemas.Date(shown[len(shown)-1])})
			e = &r.entries[len(r.entries)-1]
		}
		if e != nil && p.elsewhere <= window && random.Float64() < f.goneSeen {
			on := firstDay + schemas.Date(p.elsewhere)
			e.ElsewhereOn = &on
		}
		if p.moved <= window {
			f.record(random, &r, registered, firstDay+schemas.Date(p.moved), e)
		}
	}
	r.totals = f.others(random, &r, registered)
	return r
}

// others adds the records of moves of those without any contact, and gives the official totals of all moves.
func (f following) others(random *rand.Rand, r *records, registered map[int]float64) (totals []schemas.Total) {
	for year := 2019; year <= 2023; year++ {
		for range poisson(random, unrelatedMoves) {
			f.record(random, r, registered, day(year, 1, 1)+schemas.Date(random.IntN(365)), nil)
		}
		totals = append(totals, registeredIn(year, registered[year]))
	}
	return totals
}

// once estimates the figures from one run. Naive is the moves seen within the horizon over
// all who are seen to enter.
func (f following) once(random *rand.Rand, figures []forward) []outcome {
	r := f.draw(random)
	link := convert.Link{P: min(1, f.link+f.linkError*random.NormFloat64()), StdErr: f.linkError}
	frame := convertFrame()
	seeing := convert.See(frame, moveTo, r.movers, r.totals, link)
	rows, _, err := convert.Prospective(frame, r.entries, map[string]convert.Seeing{moveTo: seeing})
	out := make([]outcome, len(figures))
	for i, w := range figures {
		out[i] = outcome{failed: true}
		if err == nil {
			out[i] = conversionOf(rows, func(c schemas.MigrationConversion) bool {
				return c.Estimator == w.estimator && c.HorizonMonths == w.months && c.Cohort == 0 && c.Statistic == schemas.Probability
			})
		}
		out[i].naive = w.naive(r.entries)
	}
	return out
}

func (w forward) naive(entries []convert.Entry) float64 {
	var moved float64
	for _, e := range entries {
		if e.MovedOn != nil && *e.MovedOn <= e.EnteredOn+schemas.Date(w.horizonDays()) {
			moved++
		}
	}
	return moved / float64(len(entries))
}

// forwards is a cell of figures told forwards.
func forwards(name, what string, most int, f following, t target) Cell {
	c := Cell{Name: "conversion/prospective/" + name, What: fmt.Sprintf("%d persons, %s", f.persons, what), Most: most}
	var figures []forward
	for _, w := range []forward{{estimator: showsDetected, target: t}, {estimator: showsCorrected, target: t}, {estimator: showsCorrected, everybody: true, target: untargeted}} {
		for _, w.months = range convert.Horizons {
			figures = append(figures, w)
			row := fmt.Sprintf("%s/%d", w.estimator, w.months)
			if w.everybody {
				row += "/everybody"
			}
			c.Figures = append(c.Figures, part{row, w.target})
		}
	}
	c.Draw = func(seed uint64, runs int) []Result {
		outcomes := repeatAll(seed, runs, len(figures), func(random *rand.Rand) []outcome { return f.once(random, figures) })
		truths := f.truths(figures)
		results := make([]Result, len(figures))
		for i := range figures {
			results[i] = besideNaive(truths[i], outcomes[i])
		}
		return results
	}
	return c
}

// followed are the persons of the cells, but for what each changes.
var followed = following{persons: 3000, trip: 0.35, moves: 0.6, link: 0.9, linkError: 0.03, hazards: [2]float64{0.04, 0.04}, elsewhere: 0.03, goneSeen: 1, since: firstDay}

func forwardCells() []Cell {
	cell := func(name, what string, change func(f *following)) Cell {
		f := followed
		change(&f)
		return forwards(name, what, 1000, f, holds)
	}
	few := followed
	few.persons = 800
	return []Cell{
		cell("moves=0.3", "3 in 10 moves are recorded", func(f *following) { f.moves = 0.3 }),
		cell("moves=0.6", "6 in 10 moves are recorded", func(*following) {}),
		cell("moves=0.9", "9 in 10 moves are recorded", func(f *following) { f.moves = 0.9 }),
		forwards("moves=0.6/few", "as moves=0.6", 250, few, untargeted),
		cell("moves=0.6/late", "records of moves begin two years after the bookings", func(f *following) { f.since = day(2021, 1, 1) }),
		cell("moves=0.6/midyear", "records of moves begin two and a half years after the bookings, in July", func(f *following) { f.since = day(2021, 7, 1) }),
		cell("moves=0.6/elsewhere", "3 in 10 moves elsewhere are told by bookings", func(f *following) { f.goneSeen = 0.3 }),
		cell("moves=0.6/trip=0.15", "a trip is seen with probability 0.15", func(f *following) { f.trip = 0.15 }),
		cell("moves=0.6/waning", "the hazard of moving is 0.06 in the first year, then 0.03", func(f *following) { f.hazards = [2]float64{0.06, 0.03} }),
		cell("moves=0.6/loyal", "the hazard of moving is in proportion to the rate of trips", func(f *following) { f.loyal = true }),
		cell("moves=0.6/lost", "a third of those moving leave their token behind", func(f *following) { f.lost = 1. / 3 }),
	}
}
