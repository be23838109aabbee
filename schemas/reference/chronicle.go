package reference

import (
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference/internal/hepburn"
)

// chronicle gathers on which days names of regions came into force and went
// out of it, and works out their periods.
type chronicle struct {
	ended, begun, kept map[mark]bool
	regions            map[string]named          // by key
	days               map[string][]schemas.Date // by key: the days of its marks
}

// mark is a day in the life of a name.
type mark struct {
	day schemas.Date
	key string
}

// enter notes a row of the table of changes. A separation does not end the
// region before, an absorption does not begin the region after, and a row
// from a name to itself (a merger under the name of a party) keeps it.
func (c *chronicle) enter(day schemas.Date, reason string, before, after named) {
	if c.regions == nil {
		c.ended, c.begun, c.kept = make(map[mark]bool), make(map[mark]bool), make(map[mark]bool)
		c.regions, c.days = make(map[string]named), make(map[string][]schemas.Date)
	}
	for _, n := range []named{before, after} {
		if n.name != "" {
			c.regions[n.key()] = n
			c.days[n.key()] = append(c.days[n.key()], day)
		}
	}
	if before.name != "" && reason != Separation {
		c.ended[mark{day, before.key()}] = true
	}
	if after.name != "" && reason != Absorption {
		c.begun[mark{day, after.key()}] = true
	}
	if before.key() == after.key() {
		c.kept[mark{day, before.key()}] = true
	}
}

// periods are the regions by code, name and period, and what stands above each.
func (c *chronicle) periods() (regions []schemas.Region, above []string) {
	for _, key := range slices.Sorted(maps.Keys(c.regions)) {
		n := c.regions[key]
		for _, r := range c.lives(n) {
			regions, above = append(regions, r), append(above, n.above)
		}
	}
	return regions, above
}

// lives are the periods in which a region bore its name. One that was never
// begun was there at the beginning; what began and ended on one day, as a step
// between two changes of that day, never was.
func (c *chronicle) lives(n named) []schemas.Region {
	var lives []schemas.Region
	open := true
	r := n.region()
	days := c.days[n.key()]
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		m := mark{day, n.key()}
		begins, ends := c.begun[m], c.ended[m]
		switch {
		case c.kept[m] || begins && ends:
			continue
		case begins:
			r.ValidFrom, open = day, true
		case ends:
			last := day - 1
			r.ValidTo = &last
			lives, r, open = append(lives, r), n.region(), false
		}
	}
	if open && r.ValidFrom > Beginning {
		lives = append(lives, r)
	}
	return lives
}

// region is the row of a name before its period is known.
func (n named) region() schemas.Region {
	r := schemas.Region{
		RegionCode: n.code, CheckedCode: checked(n.code), RegionLevel: schemas.LevelMunicipality,
		PrefectureCode: prefectureCode(n.code), ParentCode: prefectureCode(n.code),
		Name: n.name, Kana: n.kana, NameEN: hepburn.Region(n.name, n.kana), ValidFrom: Beginning,
	}
	if strings.HasSuffix(n.above, "市") {
		r.RegionLevel = schemas.LevelWard
	}
	return r
}
