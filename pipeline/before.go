package pipeline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// before is what the protector knows of earlier publications.
type before struct {
	// shown are the names of the cells that they show, those left out that are other figures by the boundaries of today.
	shown map[string]bool
	// former are their cells of the areas whose boundaries are others today.
	former  []disclose.Former
	redrawn disclose.Redrawn
	// counts are the figures of each that are the same today, by name.
	counts []countsBefore
	// kept are the withheld cells of the latest, if it has the boundaries and the settings of today.
	kept map[string]keptCell
}

// stays says of a cell whether it was withheld with this count.
func (b before) stays(name string, value int64) bool {
	c, known := b.kept[name]
	return known && c.value == value
}

// countsBefore are the figures that a publication shows, and its definitions.
type countsBefore struct {
	definitions []schemas.Profile
	values      map[string]int64
}

// before gathers what earlier publications have.
func (r *Run) before(earlier []attack.Earlier) (before, error) {
	b := before{shown: map[string]bool{}}
	now, err := r.settings()
	if err != nil {
		return b, err
	}
	settings := digestJSON(now)
	for k, e := range slices.Backward(earlier) {
		counts := countsBefore{r.definitionsOf(e.ID), map[string]int64{}}
		b.counts = append(b.counts, counts)
		in := r.redrawnSince(e)
		b.redrawn.Areas, b.redrawn.Totals = append(b.redrawn.Areas, in.areas...), append(b.redrawn.Totals, in.totals()...)
		withheld := r.keptWithheld(e.ID)
		if k == len(earlier)-1 && len(in.areas) == 0 && r.settingsOf(e.ID) == settings {
			b.kept = withheld
		}
		e.Each(func(p attack.Place, c attack.Cell) {
			former := in.place(p)
			if former == nil {
				if c.Low == c.High {
					b.shown[c.Name], counts.values[c.Name] = true, c.Low
				}
				return
			}
			kept, known := withheld[c.Name]
			if shown := c.Low == c.High; shown {
				b.former = append(b.former, disclose.Former{Cube: p.Cube, Coordinates: former, Value: c.Low, Shown: true})
			} else if known {
				b.former = append(b.former, disclose.Former{Cube: p.Cube, Coordinates: former, Value: kept.value, Least: c.Low, Primary: kept.protected, Asked: kept.asked})
			}
		})
	}
	return b, nil
}

// redrawnSince is what is another area today than in a publication.
type redrawnSince struct {
	vintage schemas.Date
	areas   []disclose.Area
	// codes are its codes of such areas, parts the municipalities of its prefectures, and of the nation these.
	codes map[string]bool
	parts map[string][]string
}

// name is what a region of the publication is called today, if its municipalities are told apart or not.
func (in redrawnSince) name(code string, bounded bool) string {
	if in.codes[code] || bounded && slices.ContainsFunc(in.parts[code], func(part string) bool { return in.name(part, true) != part }) {
		return code + " at " + in.vintage.String()
	}
	return code
}

// place is where a cell of the publication lies that is another figure today; nil for one that is the same.
func (in redrawnSince) place(p attack.Place) []string {
	k := slices.Index(p.Cube.Columns, "region_code")
	name := in.name(p.Coordinates[k], p.Cube.IsBounded(p.Coordinates))
	if name == p.Coordinates[k] {
		return nil
	}
	moved := slices.Clone(p.Coordinates)
	moved[k] = name
	return moved
}

// totals are the prefectures of areas, and the nation, with their parts of then.
func (in redrawnSince) totals() (out []disclose.FormerTotal) {
	for _, code := range slices.Sorted(maps.Keys(in.parts)) {
		if name := in.name(code, true); name != code {
			t := disclose.FormerTotal{Total: name}
			for _, part := range in.parts[code] {
				t.Parts = append(t.Parts, in.name(part, true))
			}
			out = append(out, t)
		}
	}
	return out
}

// redrawnSince follows the municipalities of the prefectures of a publication from the day of its boundaries to that of today's, or
// back.
func (r *Run) redrawnSince(e attack.Earlier) redrawnSince {
	in := redrawnSince{vintage: e.Boundaries.On, codes: map[string]bool{}, parts: map[string][]string{}}
	now := r.vintage()
	if in.vintage == 0 || in.vintage == now {
		return in
	}
	there := map[string]bool{}
	e.Each(func(p attack.Place, _ attack.Cell) {
		there[p.Coordinates[slices.Index(p.Cube.Columns, "region_code")]] = true
	})
	first, last := min(in.vintage, now), max(in.vintage, now)
	joined, order := map[string][]string{}, []string(nil)
	for _, code := range slices.Sorted(maps.Keys(there)) {
		p, is := r.Regions.Region(code, in.vintage)
		if !is || p.RegionLevel != schemas.LevelPrefecture {
			continue
		}
		in.parts[schemas.Nation] = append(in.parts[schemas.Nation], code)
		in.parts[code] = append(in.parts[code], unknownMunicipality(code).RegionCode)
		for _, m := range r.Regions.Municipalities(code, in.vintage) {
			in.parts[code] = append(in.parts[code], m.RegionCode)
		}
		for _, m := range r.Regions.Municipalities(code, first) {
			for _, whole := range r.Regions.Successors(m.RegionCode, first, last) {
				whole = r.boundaries().municipality(whole)
				if joined[whole] == nil {
					order = append(order, whole)
				}
				joined[whole] = append(joined[whole], m.RegionCode)
			}
		}
	}
	for _, whole := range order {
		if parts := joined[whole]; len(parts) > 1 || parts[0] != whole {
			in.add(slices.Compact(slices.Sorted(slices.Values(append(parts, whole)))))
		}
	}
	for i, area := range in.areas {
		for _, code := range area.Now {
			in.areas[i].Before = append(in.areas[i].Before, in.name(code, false))
		}
	}
	return in
}

// add enters the codes that stand for an area, be it then or today.
func (in *redrawnSince) add(codes []string) {
	for _, code := range codes {
		in.codes[code] = true
	}
	in.areas = append(in.areas, disclose.Area{Now: codes})
}

// keptCell is a withheld cell of a publication.
type keptCell struct {
	value int64
	// protected says that it could not be computed.
	protected bool
	asked     disclose.Asked
}

// withheldPath is where the list of the withheld cells of a publication is kept, with their values. It is never published.
func (w Workspace) withheldPath(id string) string { return w.Path("state", "withheld", id+".csv") }

// keepWithheld keeps the list of what a publication withholds.
func (p *Project) keepWithheld(id string) error {
	text, err := os.ReadFile(p.suppressionPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.Replace(p.withheldPath(id), text)
}

// keptWithheld are the withheld cells of a publication by name; none where no list was kept.
func (w Workspace) keptWithheld(id string) map[string]keptCell {
	text, err := os.ReadFile(w.withheldPath(id))
	if err != nil {
		return nil
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) == 0 || !strings.HasPrefix(strings.Join(lines[0], ","), "cell,value,withheld,protected,rule,width,above") {
		return nil
	}
	out := map[string]keptCell{}
	for _, l := range lines[1:] {
		out[l[0]] = keptCell{atoi(l[1]), l[3] == "true", disclose.Asked{Width: atoi(l[5]), Above: atoi(l[6])}}
	}
	return out
}

// settingsOf is the digest of the settings of a publication, ” where it is not kept.
func (w Workspace) settingsOf(id string) string {
	var b basis
	if err := readJSON(w.keptBasis(id), &b); err != nil {
		return ""
	}
	return b.Settings
}

// definitionsOf are the definitions of a publication; of one that did not keep them those of this version of the program.
func (w Workspace) definitionsOf(id string) []schemas.Profile {
	var b basis
	if err := readJSON(w.keptBasis(id), &b); err != nil || len(b.Definitions) == 0 {
		return schemas.BuiltinProfiles()
	}
	return b.Definitions
}

// within are the pairs of definitions of the project, and of it and of earlier publications, of which one counts everybody whom the other counts.
func (p *Project) within(earlier []attack.Earlier) (out []attack.Within, err error) {
	profiles, err := p.profiles()
	if err != nil {
		return nil, err
	}
	for _, pair := range estimate.Nested(profiles) {
		out = append(out, attack.Within{Definition: profiles[pair[1]].ID, Other: profiles[pair[0]].ID})
	}
	for _, e := range earlier {
		for _, was := range p.definitionsOf(e.ID) {
			for _, is := range profiles {
				if estimate.OneHolds(was, is) {
					out = append(out, attack.Within{Definition: is.ID, Other: was.ID, Publication: e.ID})
				}
			}
		}
	}
	return out, nil
}

// restOnEarlier lets counts rest on the persons by whom they differ from those that were published by definitions that hold theirs or are
// held by them. What was published itself stays.
func (b before) restOnEarlier(profiles []schemas.Profile, rows []disclose.Counted[schemas.RelationalPopulation]) {
	cube := schemas.CubeOf("person")
	estimate.RestOnEarlier(rows, func(row schemas.RelationalPopulation) (out []int64) {
		k := slices.IndexFunc(profiles, func(p schemas.Profile) bool { return p.ID == row.Definition })
		name := func(definition string) string {
			return cube.CellName([]string{definition, row.Measure, row.Outside, row.RegionCode, row.OriginCode, row.RelationType, row.Engagement, "", row.ReferenceMonth.MonthEnd().String(), row.Source})
		}
		for _, e := range b.counts {
			if n, there := e.values[name(row.Definition)]; k < 0 || there && float64(n) == *row.Value {
				return nil
			}
		}
		for _, e := range b.counts {
			for _, was := range e.definitions {
				if n, there := e.values[name(was.ID)]; there && estimate.OneHolds(was, profiles[k]) {
					out = append(out, n)
				}
			}
		}
		return out
	})
}
