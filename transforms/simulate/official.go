package simulate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Official gathers what official statistics say of a world: guest-nights,
// visitors, residents and in-migrants. Parts add up.
type Official struct {
	w *World
	// days are the days on which residents are counted: the first of the exports and
	// the last of each wave's month.
	days []schemas.Date
	sums map[OfficialKey]int64
}

// OfficialKey names an official figure.
type OfficialKey struct {
	Statistic string
	Region    string
	Month     schemas.Date // last day of the month or year, or the day
	Origin    string
	Breakdown string
}

// NewOfficial prepares to count the official statistics of a world.
func NewOfficial(w *World) *Official {
	o := &Official{w: w, days: []schemas.Date{w.first}, sums: map[OfficialKey]int64{}}
	for _, wave := range w.Scenario.Panel.Waves {
		start, _ := schemas.ParseDate(wave + "-01")
		o.days = append(o.days, start.MonthEnd())
	}
	slices.Sort(o.days)
	o.days = slices.Compact(o.days)
	return o
}

// Merge adds the counts of another part of the same world.
func (o *Official) Merge(other *Official) {
	for k, n := range other.sums {
		o.sums[k] += n
	}
}

// Add counts a person.
func (o *Official) Add(p *Person) {
	o.residents(p)
	for i := range p.Trips {
		if !goesOn(p.Trips, i) {
			o.visitor(p, &p.Trips[i])
		}
		o.nights(p, &p.Trips[i])
	}
	for _, m := range p.Moves {
		o.move(p, m)
	}
}

// residents counts a living resident in the municipality lived in.
func (o *Official) residents(p *Person) {
	if p.Abroad {
		return
	}
	for _, day := range o.days {
		if p.Died <= day {
			continue
		}
		sex := "male"
		if p.Female {
			sex = "female"
		}
		at := &o.w.Places[p.HomeOn(day)]
		breakdown := sex + "/" + ageName(ageClass(p.AgeOn(day)))
		for _, region := range []string{at.RegionCode, at.PrefectureCode, schemas.Nation} {
			o.sums[OfficialKey{"residents", region, day, schemas.All, breakdown}]++
			o.sums[OfficialKey{"residents", region, day, schemas.All, ""}]++
		}
	}
}

func ageName(class int) string {
	c := ageClasses[class]
	if class == len(ageClasses)-1 {
		return fmt.Sprintf("%d+", c.low)
	}
	return fmt.Sprintf("%d-%d", c.low, c.high)
}

// goesOn says whether a trip goes on from one to the same place that ended on the
// day or the day before: one visit, as everywhere.
func goesOn(trips []Trip, i int) bool {
	for j := i - 1; j >= 0 && trips[j].Last+1 >= trips[i].First; j-- {
		if trips[j].Place == trips[i].Place {
			return true
		}
	}
	return false
}

// visitor counts a trip in the month of arrival, by where the person lives and
// whether a night is spent. Residents of the municipality are among those from the
// prefecture, as in the common standard.
func (o *Official) visitor(p *Person, t *Trip) {
	w := o.w
	at := &w.Places[t.Place]
	home := p.HomeOn(t.First)
	if t.First < w.first || t.First > w.last {
		return
	}
	stay := "overnight"
	if t.Mode == DayTrip {
		stay = "day_trip"
	}
	origin := "other_prefecture"
	switch {
	case home < 0:
		origin = schemas.Abroad
	case w.Places[home].Prefecture == at.Prefecture:
		origin = "same_prefecture"
	}
	o.sums[OfficialKey{"visitors", at.RegionCode, t.First.MonthEnd(), origin, stay}]++
}

// nights counts the paid nights of a trip in the months in which they are spent.
func (o *Official) nights(p *Person, t *Trip) {
	if t.Mode != Lodging {
		return
	}
	w := o.w
	origin := "domestic"
	if p.Abroad {
		origin = schemas.Abroad
	}
	for night := t.First; night < t.Last; night++ {
		if night >= w.first && night <= w.last {
			o.sums[OfficialKey{"guest_nights", w.Places[t.Place].PrefectureCode, night.MonthEnd(), origin, ""}]++
		}
	}
}

// move counts a move to a visited place by year, origin and age, where it crosses
// the border of the municipality; to the prefecture where it crosses its border.
func (o *Official) move(p *Person, m Move) {
	w := o.w
	if m.Day < w.first || m.Day > w.last {
		return
	}
	y, _, _ := m.Day.Civil()
	year, _ := schemas.NewDate(y, 12, 31)
	from, to := &w.Places[m.From], &w.Places[m.To]
	age := ageName(ageClass(p.AgeOn(m.Day)))
	o.sums[OfficialKey{"in_migrants", to.RegionCode, year, from.PrefectureCode, age}]++
	if from.Prefecture != to.Prefecture {
		o.sums[OfficialKey{"in_migrants", to.PrefectureCode, year, from.PrefectureCode, age}]++
	}
}

// Figure is an official figure.
type Figure struct {
	OfficialKey
	Value int64
}

// Figures are the figures of a statistic, by their keys.
func (o *Official) Figures(statistic string) []Figure {
	var all []Figure
	for k, n := range o.sums {
		if k.Statistic == statistic {
			all = append(all, Figure{k, n})
		}
	}
	slices.SortFunc(all, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Breakdown, b.Breakdown))
	})
	return all
}
