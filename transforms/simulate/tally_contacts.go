package simulate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// lookBack is how many months before the exports levels are needed for: those of
// three years in a row.
const lookBack = 24

// contacts are a person's contacts with a region under a rule: of every month from
// lookBack before the exports, for each set of excluded purposes.
type contacts struct {
	region
	at    int32
	rule  string
	trips []Trip
	sets  [][]contact
	acts  []int32
	// regular says by month whether the person calls the relation regular.
	regular []bool
	// levels are the engagement levels of each set, those of 12 months alone.
	levels [][]int
}

// contactsOf gathers the contacts of a person with a region.
func (t *Tally) contactsOf(p *Person, at int32, rule string) *contacts {
	k := &contacts{region: t.regions[at], at: at, rule: rule}
	for i := range p.Trips {
		if trip := &p.Trips[i]; t.isIn(trip.Place, k.region) && t.outsideOf(p.HomeOn(trip.First), trip.Place, rule) {
			k.trips = append(k.trips, *trip)
		}
	}
	var acts []schemas.Date
	for _, a := range p.Acts {
		if t.isIn(a.Place, k.region) && t.outsideOf(p.HomeOn(a.Day), a.Place, rule) {
			acts = append(acts, a.Day)
		}
	}
	for m := range lookBack + len(t.months) {
		end := t.w.first.AddMonths(m - lookBack)
		from := end.AddMonths(-12) + 1
		var n int32
		for _, day := range acts {
			if day >= from && day <= end {
				n++
			}
		}
		k.acts = append(k.acts, n)
		k.regular = append(k.regular, t.isRegular(p, k.region, end))
	}
	for _, set := range t.sets {
		var list []contact
		var levels []int
		for m := range k.acts {
			end := t.w.first.AddMonths(m - lookBack)
			c := contactOf(k.trips, end.AddMonths(-12)+1, end, func(trip *Trip) bool { return trip.Purpose&set == 0 })
			list, levels = append(list, c), append(levels, c.level(t.w.ladder, k.acts[m], k.regular[m]))
		}
		k.sets, k.levels = append(k.sets, list), append(k.levels, levels)
	}
	return k
}

// isRegular says whether the person calls the relation to some place of a region
// regular.
func (t *Tally) isRegular(p *Person, r region, on schemas.Date) bool {
	for _, tie := range p.Ties {
		if tie.Regular && tie.From <= on && on < tie.To && t.isIn(tie.Place, r) {
			return true
		}
	}
	return false
}

// level is the engagement level at a month's end, −1 for no contact: that of the
// 12 months, or deep after three related years in a row.
func (k *contacts) level(set, month int) int {
	levels := k.levels[set]
	at := month + lookBack
	if levels[at] == Related && levels[at-12] >= Related && levels[at-24] >= Related {
		return Related + 1
	}
	return levels[at]
}

// anyKey names what is known over several municipalities.
type anyKey struct {
	definition, month int
	region            int32 // the prefecture or the nation
}

type anyLevel struct {
	purposes   schemas.Purpose
	engagement int
	origin     string
}

// member counts a person among those who satisfy a definition.
func (t *Tally) member(p *Person, k *contacts, month int, any map[anyKey]*anyLevel) {
	if !t.livesOutside(p, k.region, k.rule, t.months[month]) {
		return
	}
	at := month + lookBack
	for i := range t.profiles {
		profile := &t.profiles[i]
		set := slices.Index(t.sets, profile.Excluded())
		c := k.sets[set][at]
		if !c.meets(profile.Any, k.acts[at], k.regular[at]) {
			continue
		}
		level, origin := k.level(set, month), t.originOf(p, k, c)
		base := cell{dataset: "relational_population", statistic: schemas.Persons, definition: i, outside: k.rule, region: k.at}
		t.count(base, month, origin, c.purposes, level)
		if origin != schemas.Abroad {
			t.visitClass(base, month, int(k.sets[0][at].trips))
		}
		if k.place < 0 {
			continue
		}
		base.statistic = schemas.Pairs
		t.count(base, month, origin, c.purposes, level)
		for _, above := range t.above(k.region) {
			base.region = above
			t.count(base, month, origin, c.purposes, level)
			key := anyKey{i, month, above}
			if any[key] == nil {
				any[key] = &anyLevel{origin: origin}
			}
			any[key].purposes |= c.purposes
			any[key].engagement = max(any[key].engagement, level)
		}
	}
}

// above are the prefecture of a municipality and the nation, where it is counted.
func (t *Tally) above(r region) []int32 {
	regions := []int32{t.byCode[r.code[:2]+"000"]}
	if nation, there := t.byCode[schemas.Nation]; there {
		regions = append(regions, nation)
	}
	return regions
}

// anywhere counts the persons who satisfy a definition in some municipality.
func (t *Tally) anywhere(rule string, any map[anyKey]*anyLevel) {
	for k, l := range any {
		base := cell{dataset: "relational_population", statistic: schemas.PersonsAnyMunicipality, definition: k.definition, outside: rule, region: k.region}
		t.count(base, k.month, l.origin, l.purposes, l.engagement)
	}
}

// originOf is where a person lived at the last trip that counts; for acts alone
// at the beginning.
func (t *Tally) originOf(p *Person, k *contacts, c contact) string {
	if p.Abroad {
		return schemas.Abroad
	}
	home := p.Homes[0].Place
	if c.trips > 0 {
		home = p.HomeOn(k.trips[c.last].First)
	}
	return t.w.Places[home].PrefectureCode
}

// count adds to a figure and its breakdowns. Persons from abroad are not of the
// target population: they count under their origin alone.
func (t *Tally) count(c cell, month int, origin string, purposes schemas.Purpose, engagement int) {
	c.origin, c.relation, c.engagement = schemas.All, schemas.All, -1
	from := c
	from.origin = origin
	t.add(from, month, 1)
	if origin == schemas.Abroad {
		return
	}
	t.add(c, month, 1)
	if relation := purposes.RelationType(); relation != "" {
		typed := c
		typed.relation = relation
		t.add(typed, month, 1)
	}
	if engagement >= 0 {
		level := c
		level.engagement = engagement
		t.add(level, month, 1)
	}
}

// visitClasses are the statistics of visits in the year.
var visitClasses = []string{"share_1_visit_or_less", "share_2_to_7_visits", "share_8_visits_or_more"}

func (t *Tally) visitClass(c cell, month, visits int) {
	c.dataset, c.origin, c.relation, c.engagement = "visit_behaviour", schemas.All, schemas.All, -1
	switch {
	case visits <= 1:
		c.statistic = visitClasses[0]
	case visits <= 7:
		c.statistic = visitClasses[1]
	default:
		c.statistic = visitClasses[2]
	}
	t.add(c, month, 1)
}

// everybody counts the visitors of a region, whatever for and from wherever.
func (t *Tally) everybody(p *Person, k *contacts, month int) {
	c := k.sets[0][month+lookBack]
	if c.trips == 0 {
		return
	}
	base := cell{dataset: "origin_destination", definition: -1, outside: k.rule, region: k.at, relation: schemas.All, engagement: -1}
	for _, origin := range []string{schemas.All, t.originOf(p, k, c)} {
		base.origin = origin
		for _, count := range []struct {
			statistic string
			n         int32
		}{{"persons", 1}, {"trips", c.trips}, {"visit_days", c.days}} {
			base.statistic = count.statistic
			t.add(base, month, count.n)
		}
	}
	base.origin = schemas.All
	if c.trips >= 2 {
		base.statistic = "repeaters"
		t.add(base, month, 1)
		base.statistic, base.class = "interval", month
		t.addLength(base, c.gap/(c.trips-1), 1)
	}
	base.statistic = "month"
	for back := range 12 {
		last := t.months[month].AddMonths(-back)
		days := contactOf(k.trips, last.MonthStart(), last, func(*Trip) bool { return true }).days
		if days > 0 {
			_, base.class, _ = last.Civil()
			t.add(base, month, int32(days))
		}
	}
}
