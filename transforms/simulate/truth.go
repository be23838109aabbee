package simulate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Tally gathers the truth of a world person by person. Tallies of parts of a
// world add up, so that threads may have one each.
type Tally struct {
	w        *World
	profiles []schemas.Profile
	months   []schemas.Date // last days
	sets     []schemas.Purpose
	regions  []region
	byCode   map[string]int32
	cells    map[cell][]int32 // one count per month
	lengths  map[cell]map[int32]int64
}

// region is a region that figures are of.
type region struct {
	code, level string
	place       int32 // −1 for prefectures and the nation
}

// cell names a count apart from its month.
type cell struct {
	dataset, statistic string
	definition         int // index of the profile, −1 for everybody
	outside            string
	region             int32
	origin, relation   string
	engagement         int // −1 for all
	class              int // further class: a month, a cohort; 0 for none
}

// NewTally prepares to count the truth of a world under definitions.
func NewTally(w *World, profiles []schemas.Profile) *Tally {
	t := &Tally{w: w, profiles: profiles, cells: map[cell][]int32{}, lengths: map[cell]map[int32]int64{}, byCode: map[string]int32{}}
	for m := range w.Scenario.Months {
		t.months = append(t.months, w.first.AddMonths(m))
	}
	t.sets = []schemas.Purpose{0, excludedByLadder}
	for _, p := range profiles {
		if !slices.Contains(t.sets, p.Excluded()) {
			t.sets = append(t.sets, p.Excluded())
		}
	}
	add := func(code, level string, place int32) {
		if _, there := t.byCode[code]; !there {
			t.byCode[code] = int32(len(t.regions))
			t.regions = append(t.regions, region{code, level, place})
		}
	}
	for _, at := range w.Visited {
		add(w.Places[at].PrefectureCode, schemas.LevelPrefecture, -1)
		add(w.Places[at].RegionCode, schemas.LevelMunicipality, at)
	}
	if len(w.Scenario.Regions) == 0 {
		add(schemas.Nation, schemas.LevelNation, -1)
	}
	t.zeros()
	return t
}

// zeros gives every region its row of every definition, also where nobody counts.
func (t *Tally) zeros() {
	for i := range t.profiles {
		for at, r := range t.regions {
			measures := []string{schemas.Persons, schemas.PersonsAnyMunicipality, schemas.Pairs}
			switch r.level {
			case schemas.LevelNation:
				measures = measures[1:]
			case schemas.LevelMunicipality:
				measures = []string{schemas.Persons, schemas.Pairs}
			}
			for _, rule := range outsideRules {
				for _, measure := range measures {
					t.at(cell{dataset: "relational_population", statistic: measure, definition: i, outside: rule, region: int32(at),
						origin: schemas.All, relation: schemas.All, engagement: -1})
				}
			}
		}
	}
}

// Merge adds the counts of another tally of the same world.
func (t *Tally) Merge(o *Tally) {
	for c, months := range o.cells {
		mine := t.at(c)
		for m, n := range months {
			mine[m] += n
		}
	}
	for c, lengths := range o.lengths {
		for length, n := range lengths {
			t.addLength(c, length, n)
		}
	}
}

func (t *Tally) at(c cell) []int32 {
	months := t.cells[c]
	if months == nil {
		months = make([]int32, len(t.months))
		t.cells[c] = months
	}
	return months
}

func (t *Tally) add(c cell, month int, n int32) { t.at(c)[month] += n }

func (t *Tally) addLength(c cell, length int32, n int64) {
	if t.lengths[c] == nil {
		t.lengths[c] = map[int32]int64{}
	}
	t.lengths[c][length] += n
}

// monthOf is the index of a day's month, −1 outside the exports.
func (t *Tally) monthOf(d schemas.Date) int {
	if d < t.w.first || d > t.w.last {
		return -1
	}
	y, m, _ := d.Civil()
	fy, fm, _ := t.w.first.Civil()
	return (y-fy)*12 + m - fm
}

// outsideRules are the rules of living outside that worlds know.
var outsideRules = []string{schemas.OutsidePrefecture, schemas.OutsideMunicipality}

// Add counts a person.
func (t *Tally) Add(p *Person) {
	t.nights(p)
	t.moves(p)
	regions := t.regionsOf(p)
	for _, rule := range outsideRules {
		any := map[anyKey]*anyLevel{}
		for _, at := range regions {
			k := t.contactsOf(p, at, rule)
			for month := range t.months {
				t.everybody(p, k, month)
				t.member(p, k, month, any)
			}
			t.funnel(p, k)
		}
		t.anywhere(rule, any)
	}
}

// regionsOf are the regions that a person has trips to or acts for, prefectures
// before their municipalities.
func (t *Tally) regionsOf(p *Person) []int32 {
	var found []int32
	add := func(place int32) {
		if t.w.Places[place].Visited < 0 {
			return
		}
		for _, code := range []string{t.w.Places[place].PrefectureCode, t.w.Places[place].RegionCode} {
			if r := t.byCode[code]; !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	for i := range p.Trips {
		add(p.Trips[i].Place)
	}
	for _, a := range p.Acts {
		add(a.Place)
	}
	return found
}

// isIn says whether a place lies in a region.
func (t *Tally) isIn(place int32, r region) bool {
	if r.place >= 0 {
		return place == r.place
	}
	return t.w.Places[place].PrefectureCode == r.code
}

// outsideOf says whether someone who lives at home is outside of a place under a
// rule.
func (t *Tally) outsideOf(home, place int32, rule string) bool {
	switch {
	case home < 0:
		return true
	case rule == schemas.OutsidePrefecture:
		return t.w.Places[home].Prefecture != t.w.Places[place].Prefecture
	}
	return home != place
}

// livesOutside says whether a person is alive and lives outside a region on a
// day. Of a prefecture under the rule of municipalities everybody does, in all but one
// of its municipalities.
func (t *Tally) livesOutside(p *Person, r region, rule string, on schemas.Date) bool {
	if p.Died <= on {
		return false
	}
	home := p.HomeOn(on)
	if home < 0 {
		return true
	}
	if r.place >= 0 {
		return t.outsideOf(home, r.place, rule)
	}
	return rule == schemas.OutsideMunicipality || t.w.Places[home].PrefectureCode != r.code
}

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
	if relation := primaryType(purposes); relation != "" {
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

// primaryType is the first of the land ministry's types that the purposes hold.
func primaryType(purposes schemas.Purpose) string {
	for _, r := range []struct {
		purpose schemas.Purpose
		name    string
	}{
		{schemas.DirectContribution, schemas.RelationDirectContribution}, {schemas.LocalWork, schemas.RelationLocalWork},
		{schemas.Telework, schemas.RelationTelework}, {schemas.Participation, schemas.RelationParticipation}, {schemas.Leisure, schemas.RelationHobby},
	} {
		if purposes&r.purpose != 0 {
			return r.name
		}
	}
	return ""
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

// nights counts guest-nights, what the bookings of the covered houses hold of
// them, and the steps by which a trip is or is not seen.
func (t *Tally) nights(p *Person) {
	for i := range p.Trips {
		trip := &p.Trips[i]
		place := &t.w.Places[trip.Place]
		origin := schemas.Abroad
		if home := p.HomeOn(trip.First); home >= 0 {
			origin = t.w.Places[home].PrefectureCode
		}
		covered := trip.Facility >= 0 && trip.First >= t.w.first && t.w.Facilities[trip.Facility].delivers(trip.First)
		for _, code := range []string{place.PrefectureCode, place.RegionCode} {
			base := cell{definition: -1, region: t.byCode[code], relation: schemas.All, engagement: -1}
			t.steps(p, trip, base, covered)
			if trip.Mode != Lodging {
				continue
			}
			if m := t.monthOf(trip.First); m >= 0 {
				base.dataset, base.statistic = "guest_nights", "guest_nights"
				for _, base.origin = range []string{schemas.All, origin} {
					t.add(base, m, int32(trip.Last-trip.First))
				}
			}
			for night := trip.First; night < trip.Last; night++ {
				m := t.monthOf(night)
				if m < 0 {
					continue
				}
				base.dataset, base.statistic, base.origin = "coverage", "official_guest_nights", schemas.All
				t.add(base, m, 1)
				if covered {
					base.statistic = "covered_guest_nights"
					t.add(base, m, 1)
				}
			}
		}
	}
}

// steps counts the trips that begin in a month, of persons from other
// prefectures, by how far they get towards a booking under the person's name.
func (t *Tally) steps(p *Person, trip *Trip, base cell, covered bool) {
	m := t.monthOf(trip.First)
	if m < 0 || !t.outsideOf(p.HomeOn(trip.First), trip.Place, schemas.OutsidePrefecture) {
		return
	}
	base.dataset, base.outside, base.origin = "detection", schemas.OutsidePrefecture, schemas.All
	for _, step := range []struct {
		statistic string
		reached   bool
	}{
		{"trips", true}, {"overnight", trip.Mode != DayTrip}, {"paid_lodging", trip.Mode == Lodging},
		{"covered", covered}, {"own_name", covered && trip.OwnName},
	} {
		if step.reached {
			base.statistic = step.statistic
			t.add(base, m, 1)
		}
	}
}

// moves counts the moves to visited places.
func (t *Tally) moves(p *Person) {
	for _, move := range p.Moves {
		m := t.monthOf(move.Day)
		if m < 0 {
			continue
		}
		place := &t.w.Places[move.To]
		from := t.w.Places[move.From].PrefectureCode
		for _, code := range []string{place.PrefectureCode, place.RegionCode} {
			if code == from {
				continue // within the prefecture
			}
			base := cell{dataset: "migration_conversion", statistic: "in_migrants", definition: -1, region: t.byCode[code], relation: schemas.All, engagement: -1}
			for _, base.origin = range []string{schemas.All, from} {
				t.add(base, m, 1)
			}
			base.origin = schemas.All
			if move.Level >= Related {
				base.statistic = "in_migrants_related_before"
				t.add(base, m, 1)
			}
		}
	}
}

// funnel counts the levels that a person holds at each month's end, the changes
// between them, and, from the first month as related, migration by cohort.
func (t *Tally) funnel(p *Person, k *contacts) {
	if p.Abroad {
		return
	}
	base := cell{dataset: "engagement_funnel", definition: -1, outside: k.rule, region: k.at, origin: schemas.All, relation: schemas.All}
	before := t.stock(p, k, -1)
	entered := before >= Related
	for month := range t.months {
		now := t.stock(p, k, month)
		for _, count := range []struct {
			statistic string
			level     int
			counts    bool
		}{{"closing", now, now >= 0}, {"opening", before, before >= 0}, {"entries", now, now >= 0 && now != before}, {"exits", before, before >= 0 && now != before}} {
			if count.counts {
				base.statistic, base.engagement = count.statistic, count.level
				t.add(base, month, 1)
			}
		}
		if !entered && now >= Related {
			entered = true
			t.cohort(p, k, base, t.months[month])
		}
		before = now
	}
}

// stock is the level that counts at a month's end, −1 for the month before the
// exports: that of someone alive who lives outside.
func (t *Tally) stock(p *Person, k *contacts, month int) int {
	if !t.livesOutside(p, k.region, k.rule, t.w.first.AddMonths(month)) {
		return -1
	}
	if month < 0 {
		return k.levels[1][lookBack-1]
	}
	return k.level(1, month) // the set excluded by the ladder
}

// horizons are the times since entry by which conversion is counted.
var horizons = []int{3, 6, 9, 12, 18, 24, 36}

// cohort counts a person who enters the level related in a month: in the cohort,
// and among those who have moved to the region by each horizon that the exports
// still see.
func (t *Tally) cohort(p *Person, k *contacts, base cell, entry schemas.Date) {
	y, m, _ := entry.Civil()
	if m < 4 {
		y--
	}
	base.dataset, base.engagement, base.class = "conversion_curve", -1, y*100
	month := len(t.months) - 1
	for _, h := range horizons {
		until := entry.AddMonths(h)
		if until > t.w.last {
			continue
		}
		base.class = y*100 + h
		base.statistic = "entered"
		t.add(base, month, 1)
		for _, move := range p.Moves {
			if move.Day > entry && move.Day <= until && t.isIn(move.To, k.region) {
				base.statistic = "migrated"
				t.add(base, month, 1)
				break
			}
		}
	}
}

// Truth is every figure of the world that was added to the tally, by its keys. A count
// of 0 has a row only where every region has one: that of all persons of a definition.
func (t *Tally) Truth() []schemas.Truth {
	var rows []schemas.Truth
	for c, months := range t.cells {
		whole := c.origin == schemas.All && c.relation == schemas.All && c.engagement < 0
		kept := c.dataset == "visit_behaviour" || c.dataset == "relational_population" && whole
		for m, n := range months {
			if n == 0 && !kept {
				continue
			}
			rows = append(rows, t.figures(c, m, n)...)
		}
	}
	rows = append(rows, t.intervals()...)
	slices.SortFunc(rows, compareTruth)
	return rows
}

func compareTruth(a, b schemas.Truth) int {
	return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Statistic, b.Statistic), strings.Compare(a.Definition, b.Definition),
		strings.Compare(a.Outside, b.Outside), strings.Compare(a.RegionCode, b.RegionCode), strings.Compare(a.OriginCode, b.OriginCode),
		strings.Compare(a.RelationType, b.RelationType), strings.Compare(a.Engagement, b.Engagement), cmp.Compare(a.ReferenceMonth, b.ReferenceMonth),
		cmp.Compare(a.MonthOfYear, b.MonthOfYear), cmp.Compare(a.Cohort, b.Cohort), cmp.Compare(a.HorizonMonths, b.HorizonMonths))
}

// row is the row of a cell's keys.
func (t *Tally) row(c cell, month int, v float64) schemas.Truth {
	row := schemas.Truth{Dataset: c.dataset, Statistic: c.statistic, Outside: c.outside, RegionCode: t.regions[c.region].code, RegionLevel: t.regions[c.region].level,
		OriginCode: c.origin, RelationType: c.relation, Engagement: schemas.All, ReferenceMonth: t.months[month], Value: v}
	if c.definition >= 0 {
		row.Definition = t.profiles[c.definition].ID
	}
	if c.engagement >= 0 {
		row.Engagement = t.w.ladder[c.engagement].Level
	}
	return row
}

// figures are the rows that a cell and month give: the count, or the statistic
// that is made of it and others.
func (t *Tally) figures(c cell, month int, n int32) []schemas.Truth {
	of := func(dataset, statistic string) float64 {
		o := c
		o.dataset, o.statistic, o.class = dataset, statistic, 0
		if counts := t.cells[o]; counts != nil {
			return float64(counts[month])
		}
		return 0
	}
	v := float64(n)
	switch {
	case c.dataset == "visit_behaviour":
		persons := of("relational_population", schemas.Persons)
		if persons == 0 {
			return nil
		}
		return []schemas.Truth{t.row(c, month, v/persons)}
	case c.statistic == "month":
		return t.monthIndex(c, month)
	case c.statistic == "repeaters":
		return t.behaviour(c, month, "repeat_rate", v, of("origin_destination", "persons"))
	case c.dataset == "origin_destination" && c.statistic == "visit_days" && c.origin == schemas.All:
		return append(t.behaviour(c, month, "length_of_stay_mean", v, of("origin_destination", "trips")), t.row(c, month, v))
	case c.dataset == "relational_population" && c.statistic == schemas.Pairs && c.engagement < 0 && c.relation == schemas.All && c.origin == schemas.All && t.regions[c.region].place < 0:
		return append(t.behaviour(c, month, "multiplicity", v, of("relational_population", schemas.PersonsAnyMunicipality)), t.row(c, month, v))
	case c.dataset == "conversion_curve":
		return t.conversion(c, month, v, n)
	case c.dataset == "detection":
		return t.yearOf(c, month)
	case c.statistic == "covered_guest_nights":
		row := t.row(c, month, v/max(1, of("coverage", "official_guest_nights")))
		row.Statistic = "coverage"
		return []schemas.Truth{row}
	}
	return []schemas.Truth{t.row(c, month, v)}
}

// behaviour is a ratio as a row of visit_behaviour, none where nothing is below.
func (t *Tally) behaviour(c cell, month int, statistic string, above, below float64) []schemas.Truth {
	if below == 0 {
		return nil
	}
	row := t.row(c, month, above/below)
	row.Dataset, row.Statistic = "visit_behaviour", statistic
	return []schemas.Truth{row}
}

// monthIndex is 100 · (d_m ÷ D_m) over the mean of the 12 months, given once for
// the twelve, at the cell of the first month that has visit days.
func (t *Tally) monthIndex(c cell, month int) []schemas.Truth {
	var perDay [13]float64
	var sum float64
	for back := range 12 {
		_, m, length := t.months[month].AddMonths(-back).Civil()
		o := c
		o.class = m
		if counts := t.cells[o]; counts != nil {
			perDay[m] = float64(counts[month]) / float64(length)
			sum += perDay[m]
		}
	}
	if sum == 0 || c.class != firstAbove(perDay[:]) {
		return nil
	}
	var rows []schemas.Truth
	for m := 1; m <= 12; m++ {
		row := t.row(c, month, 100*perDay[m]/(sum/12))
		row.Dataset, row.Statistic, row.MonthOfYear = "visit_behaviour", "month_index", int32(m)
		rows = append(rows, row)
	}
	return rows
}

// firstAbove is the index of the first value above 0.
func firstAbove(values []float64) int {
	return slices.IndexFunc(values, func(v float64) bool { return v > 0 })
}

// conversion is the share of a cohort that has moved by a horizon: the number
// that entered, and the share.
func (t *Tally) conversion(c cell, month int, v float64, n int32) []schemas.Truth {
	if n == 0 {
		return nil
	}
	row := t.row(c, month, v)
	row.Cohort, row.HorizonMonths = int32(c.class/100), int32(c.class%100)
	rows := []schemas.Truth{row}
	if c.statistic == "entered" {
		migrated := c
		migrated.statistic = "migrated"
		moved := 0.0
		if counts := t.cells[migrated]; counts != nil {
			moved = float64(counts[month])
		}
		row.Statistic, row.Value = "value", moved/v
		rows = append(rows, row)
	}
	return rows
}

// yearOf sums a cell over the 12 months to a month, where the exports have them.
func (t *Tally) yearOf(c cell, month int) []schemas.Truth {
	if month < 11 {
		return nil
	}
	var sum int32
	for _, n := range t.cells[c][month-11 : month+1] {
		sum += n
	}
	return []schemas.Truth{t.row(c, month, float64(sum))}
}

// intervals are the medians of the days between trips.
func (t *Tally) intervals() []schemas.Truth {
	var rows []schemas.Truth
	for c, lengths := range t.lengths {
		var n int64
		var sorted []int32
		for length, count := range lengths {
			n += count
			sorted = append(sorted, length)
		}
		slices.Sort(sorted)
		at := func(rank int64) float64 {
			for _, length := range sorted {
				if rank < lengths[length] {
					return float64(length)
				}
				rank -= lengths[length]
			}
			return 0
		}
		row := t.row(c, c.class, (at((n-1)/2)+at(n/2))/2)
		row.Dataset, row.Statistic = "visit_behaviour", "trip_interval_median"
		rows = append(rows, row)
	}
	return rows
}
