package pipeline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// before is what the protector knows of earlier publications.
type before struct {
	// shown are the names of the cells that they show, those left out that are other figures by the boundaries of today.
	shown map[string]bool
	// former are their cells of the areas whose boundaries are others today.
	former []disclose.Former
	areas  []disclose.Area
}

// before gathers what earlier publications have.
func (r *Run) before(earlier []attack.Earlier) before {
	b := before{shown: map[string]bool{}}
	for _, e := range slices.Backward(earlier) {
		in := r.redrawnSince(e)
		b.areas = append(b.areas, in.areas...)
		var withheld map[string]keptCell
		if len(in.areas) > 0 {
			withheld = r.keptWithheld(e.ID)
		}
		e.Each(func(p attack.Place, c attack.Cell) {
			former, moved := in.place(p)
			if !moved && c.Low == c.High {
				b.shown[c.Name] = true
			}
			if kept, known := withheld[c.Name]; former != nil && (known || c.Low == c.High) {
				f := disclose.Former{Cube: p.Cube, Coordinates: former, Value: kept.value, Least: c.Low, Primary: kept.primary, Asked: kept.asked}
				if c.Low == c.High {
					f.Value, f.Shown = c.Low, true
				}
				b.former = append(b.former, f)
			}
		})
	}
	return b
}

// redrawnSince is what is another area today than in a publication.
type redrawnSince struct {
	vintage schemas.Date
	areas   []disclose.Area
	// codes are its codes of such areas, prefectures those in which they lie.
	codes, prefectures map[string]bool
}

func (in redrawnSince) name(code string) string { return code + " at " + in.vintage.String() }

// place is where a cell of a region of such an area lies, nil for another, and whether it is another figure today.
func (in redrawnSince) place(p attack.Place) (former []string, moved bool) {
	k := slices.Index(p.Cube.Columns, "region_code")
	code := p.Coordinates[k]
	if in.codes[code] {
		former = slices.Clone(p.Coordinates)
		former[k] = in.name(code)
		return former, true
	}
	return nil, p.Cube.IsBounded(p.Coordinates) && (in.prefectures[code] || code == schemas.Nation && len(in.codes) > 0)
}

// redrawnSince follows the municipalities of the prefectures of a publication from the day of its boundaries to that of today's, or
// back.
func (r *Run) redrawnSince(e attack.Earlier) redrawnSince {
	in := redrawnSince{vintage: e.Boundaries.On, codes: map[string]bool{}, prefectures: map[string]bool{}}
	now := r.vintage()
	if in.vintage == 0 || in.vintage == now {
		return in
	}
	there := map[string]bool{}
	e.Each(func(p attack.Place, _ attack.Cell) {
		there[p.Coordinates[slices.Index(p.Cube.Columns, "region_code")]] = true
	})
	first, last := min(in.vintage, now), max(in.vintage, now)
	parts, order := map[string][]string{}, []string(nil)
	for _, p := range r.Regions.Regions() {
		if p.RegionLevel != schemas.LevelPrefecture || !there[p.RegionCode] {
			continue
		}
		for _, m := range r.Regions.Municipalities(p.RegionCode, first) {
			wholes := r.Regions.Successors(m.RegionCode, first, last)
			for _, whole := range wholes {
				whole = r.boundaries().municipality(whole)
				if parts[whole] == nil {
					order = append(order, whole)
				}
				parts[whole] = append(parts[whole], m.RegionCode)
			}
		}
	}
	for _, whole := range order {
		if of := parts[whole]; len(of) > 1 || of[0] != whole {
			in.add(whole, of, in.vintage == first)
		}
	}
	return in
}

// add enters an area: of the codes of the publication, if forward, or one of it that is several today.
func (in *redrawnSince) add(whole string, parts []string, forward bool) {
	own := parts
	if !forward {
		own = []string{whole}
	}
	for _, code := range own {
		in.codes[code] = true
		in.prefectures[code[:2]+"000"] = true
	}
	parts = slices.Clone(parts)
	if forward {
		for i := range parts {
			parts[i] = in.name(parts[i])
		}
	} else {
		whole = in.name(whole)
	}
	in.areas = append(in.areas, disclose.Area{Whole: whole, Parts: parts})
}

// keptCell is a withheld cell of a publication.
type keptCell struct {
	value   int64
	primary bool
	asked   disclose.Asked
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
		out[l[0]] = keptCell{atoi(l[1]), l[2] == "primary" && l[3] == "true", disclose.Asked{Width: atoi(l[5]), Above: atoi(l[6])}}
	}
	return out
}
