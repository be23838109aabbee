package simulate

import (
	"slices"

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
	t.sets = []schemas.Purpose{0, schemas.EngagementExcludes}
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
			t.convert(p, k)
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
