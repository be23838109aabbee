package estimate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

const gridMethodology = "definition-grid-1"

// DefinitionCounts are the persons of bookings in the window to the last reference month by
// what they satisfy: counted exactly, nothing estimated.
type DefinitionCounts struct {
	Cells []RuleCell
	Sets  []DefinitionSet
	// Facilities counts the facilities with a stay in the last months, by their number.
	Facilities map[int32]map[RegionMonth]int64
	// Threshold is the rule by which figures are shown: regions are ranked by what is.
	Threshold disclose.Threshold
}

// DefinitionSet counts the persons of a region who satisfy a set of definitions and no other:
// bit n for the definition that [Numbered] lists n-th.
type DefinitionSet struct {
	Outside, Region string
	Definitions     int64
	Persons         int64
}

// DefinitionFigures are the rows on how figures depend on the definition.
type DefinitionFigures struct {
	Sensitivity []disclose.Counted[schemas.DefinitionSensitivity]
	Overlap     []disclose.Counted[schemas.DefinitionOverlap]
	Stability   []disclose.Counted[schemas.RankStability]
}

// Numbered lists the ids of the definitions that bookings can see, no more than a set holds.
func Numbered(profiles []schemas.Profile) []string {
	const most = 62
	var all []string
	for _, p := range profiles {
		if _, ok := ruleOf(p); ok && len(all) < most {
			all = append(all, p.ID)
		}
	}
	return all
}

// ruledDefinition is a definition that bookings see, with the grid around it.
type ruledDefinition struct {
	id       string
	own      rule
	variants []variant
}

// group is a set of persons whose number is published: those who satisfy all of some rules.
type group struct{ rules []rule }

// within says that whoever is in g is in o, whatever the data are.
func (g group) within(o group) bool {
	for _, b := range o.rules {
		if !slices.ContainsFunc(g.rules, func(a rule) bool { return a.within(b) }) {
			return false
		}
	}
	return true
}

// family is every group that is published of a region: those of the definitions themselves, the
// overlaps of each two, the grid; and for each group those before it within which it lies or that
// lie in it. Where the numbers of two such groups differ by a few persons, these few are told by
// subtraction: then the later one gives way. The first, published in any case, do not.
type family struct {
	definitions []ruledDefinition
	groups      []group
	nested      [][]int
}

func familyOf(profiles []schemas.Profile) family {
	var f family
	for _, id := range Numbered(profiles) {
		p := profiles[slices.IndexFunc(profiles, func(p schemas.Profile) bool { return p.ID == id })]
		own, _ := ruleOf(p)
		f.definitions = append(f.definitions, ruledDefinition{id, own, variants(own)})
	}
	for _, d := range f.definitions {
		f.groups = append(f.groups, group{[]rule{d.own}})
	}
	for i, d := range f.definitions {
		for _, e := range f.definitions[i+1:] {
			f.groups = append(f.groups, group{[]rule{d.own, e.own}})
		}
	}
	for _, d := range f.definitions {
		for _, v := range d.variants {
			f.groups = append(f.groups, group{[]rule{v.rule}})
		}
	}
	f.nested = make([][]int, len(f.groups))
	for i := len(f.definitions); i < len(f.groups); i++ {
		for j, o := range f.groups[:i] {
			if f.groups[i].within(o) != o.within(f.groups[i]) { // within each other they are one group
				f.nested[i] = append(f.nested[i], j)
			}
		}
	}
	return f
}

// pair is the place among the groups of the overlap of the definitions i < j; varied is that of
// the first variant of definition i.
func (f family) pair(i, j int) int {
	n := len(f.definitions)
	return n + i*n - i*(i+1)/2 + j - i - 1
}

func (f family) varied(i int) int {
	n := len(f.definitions)
	at := n + n*(n-1)/2
	for _, d := range f.definitions[:i] {
		at += len(d.variants)
	}
	return at
}

// count counts the persons of each group of one region.
func (f family) count(cells []RuleCell, sets []DefinitionSet) []int64 {
	n := make([]int64, len(f.groups))
	for i := range f.definitions {
		for _, s := range sets {
			if s.Definitions>>i&1 == 0 {
				continue
			}
			n[i] += s.Persons
			for j := i + 1; j < len(f.definitions); j++ {
				n[f.pair(i, j)] += s.Persons * (s.Definitions >> j & 1)
			}
		}
	}
	for k := f.varied(0); k < len(f.groups); k++ {
		for _, c := range cells {
			if c.satisfies(f.groups[k].rules[0]) {
				n[k] += c.Persons
			}
		}
	}
	return n
}

// rests gives the least number of persons that each group's number tells of: its own, and its
// difference to every group before it that it is nested with and that is shown, resting on no
// fewer than least.
func (f family) rests(n []int64, least int64) []int64 {
	rests := slices.Clone(n)
	for i, others := range f.nested {
		for _, j := range others {
			if rests[j] >= least {
				rests[i] = min(rests[i], max(n[i]-n[j], n[j]-n[i]))
			}
		}
	}
	return rests
}

// DefinitionFiguresOf are, in the last reference month: the persons seen by definitions with one
// threshold varied, those in common of each two definitions, and whether the municipalities of a
// prefecture keep their order. A number is withheld where it, or its difference to one that it
// is nested with, is of too few persons.
func DefinitionFiguresOf(f Frame, d DefinitionCounts) DefinitionFigures {
	var out DefinitionFigures
	source, ok := f.Sources[schemas.SourceBooking]
	if !ok || len(f.References) == 0 {
		return out
	}
	d.Threshold = d.Threshold.Effective()
	g := gridder{frame: f, source: source, counts: d, family: familyOf(f.Profiles), reference: slices.Max(f.References)}
	type place struct{ outside, region string }
	cells, sets := map[place][]RuleCell{}, map[place][]DefinitionSet{}
	for _, c := range d.Cells {
		cells[place{c.Outside, c.Region}] = append(cells[place{c.Outside, c.Region}], c)
	}
	for _, s := range d.Sets {
		sets[place{s.Outside, s.Region}] = append(sets[place{s.Outside, s.Region}], s)
	}
	for _, outside := range f.Outside {
		var counted []countedRegion
		for _, r := range f.Regions {
			if r.RegionLevel == schemas.LevelNation || !source.able(r.RegionCode, g.reference) {
				continue
			}
			n := g.family.count(cells[place{outside, r.RegionCode}], sets[place{outside, r.RegionCode}])
			counted = append(counted, countedRegion{r, n, g.family.rests(n, d.Threshold.Persons)})
		}
		for _, c := range counted {
			out.Sensitivity = append(out.Sensitivity, g.sensitivity(outside, c)...)
			out.Overlap = append(out.Overlap, g.overlap(outside, c)...)
			if c.region.RegionLevel == schemas.LevelPrefecture {
				out.Stability = append(out.Stability, g.stability(outside, c.region, counted)...)
			}
		}
	}
	return out
}

// gridder makes the rows.
type gridder struct {
	frame     Frame
	source    SourceFrame
	counts    DefinitionCounts
	family    family
	reference schemas.Date
}

// countedRegion is a region with the persons of each group of the family, and what these rest on.
type countedRegion struct {
	region   schemas.Region
	n, rests []int64
}

// facilities is the number of facilities that a figure of some months rests on.
func (g gridder) facilities(region string, months int32) int64 {
	return g.counts.Facilities[months][RegionMonth{region, g.reference}]
}

// observation is the status of a count in a window of months: of low reliability where it
// begins before the data do.
func (g gridder) observation(months int32) schemas.Observation {
	o := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: gridMethodology}
	if g.reference.AddMonths(-int(months))+1 < g.source.First {
		o.ObsStatus = schemas.LowReliability
	}
	return o
}

// sensitivity are the rows of one region by threshold.
func (g gridder) sensitivity(outside string, c countedRegion) []disclose.Counted[schemas.DefinitionSensitivity] {
	var rows []disclose.Counted[schemas.DefinitionSensitivity]
	for i, d := range g.family.definitions {
		for k, v := range d.variants {
			at := g.family.varied(i) + k
			row := schemas.DefinitionSensitivity{Definition: d.id, Outside: outside, RegionCode: c.region.RegionCode, RegionLevel: c.region.RegionLevel,
				ReferenceMonth: g.reference, Source: schemas.SourceBooking, Estimator: Observed, Dimension: v.dimension, Threshold: int32(v.threshold),
				OwnThreshold: v.own, Value: value(float64(c.n[at])), Observation: g.observation(v.rule.months)}
			if v.dimension == DimensionTrips {
				row.Trips = row.Threshold
			}
			persons := c.rests[at]
			if v.own { // the figure of the definition itself, published as such
				persons = c.n[i]
			}
			rows = append(rows, disclose.Counted[schemas.DefinitionSensitivity]{Row: row, Persons: persons,
				Facilities: g.facilities(c.region.RegionCode, v.rule.months)})
		}
	}
	return rows
}

// overlap are the rows of one region by pair of definitions, each pair in either order.
func (g gridder) overlap(outside string, c countedRegion) []disclose.Counted[schemas.DefinitionOverlap] {
	var rows []disclose.Counted[schemas.DefinitionOverlap]
	for i, a := range g.family.definitions {
		for j, b := range g.family.definitions {
			if i == j {
				continue
			}
			at := g.family.pair(min(i, j), max(i, j))
			both := c.n[at]
			row := schemas.DefinitionOverlap{Definition: a.id, OtherDefinition: b.id, Outside: outside, RegionCode: c.region.RegionCode,
				RegionLevel: c.region.RegionLevel, ReferenceMonth: g.reference, Source: schemas.SourceBooking, PersonsBoth: &both,
				Observation: g.observation(windowOfDefinitions)}
			if c.n[i] > 0 {
				row.Share = value(float64(both) / float64(c.n[i]))
			}
			if either := c.n[i] + c.n[j] - both; either > 0 {
				row.Jaccard = value(float64(both) / float64(either))
			}
			rows = append(rows, disclose.Counted[schemas.DefinitionOverlap]{Row: row, Persons: c.rests[at],
				Facilities: g.facilities(c.region.RegionCode, windowOfDefinitions)})
		}
	}
	return rows
}
