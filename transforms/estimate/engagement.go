package estimate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// engagementMethodology names the method of the engagement funnel.
const engagementMethodology = "engagement-1"

// The tallies of the engagement ladder.
const (
	tallyOpening = "engagement_opening"
	tallyClosing = "engagement_closing"
	tallyChange  = "engagement_change"
	tallyYear    = "engagement_year"
)

// The states of a tie that are no level, as the tallies of changes number them;
// between them stand the levels, by rank + 1.
const (
	stateNone  = 0
	stateMoved = 6
	stateAgain = 7
)

// Funnel is the engagement funnel: as it may be read inside the house, and as it
// is given to disclosure control.
type Funnel struct {
	Inside   []schemas.EngagementFunnel
	Released []disclose.Counted[schemas.EngagementFunnel]
}

// levelFlow counts the persons at an engagement level when some months begin and
// end, and those who reach and leave it between.
//
//	opening + entries − exits = closing,  stayed = opening − exits = closing − entries
type levelFlow struct {
	opening, closing                 int64
	new, again, fromBelow, fromAbove int64
	lapsed, moved, toBelow, toAbove  int64
}

func (l levelFlow) fromOutside() int64 { return l.new + l.again }
func (l levelFlow) toOutside() int64   { return l.lapsed + l.moved }
func (l levelFlow) entries() int64     { return l.fromOutside() + l.fromBelow + l.fromAbove }
func (l levelFlow) exits() int64       { return l.toOutside() + l.toBelow + l.toAbove }
func (l levelFlow) stayed() int64      { return l.opening - l.exits() }

// change adds ties that go from one state to another to the flows of the levels.
func change(flows []levelFlow, from, to int32, count int64) {
	leaves, reaches := from > stateNone && from < stateMoved, to > stateNone && to < stateMoved
	if from == to {
		return
	}
	if reaches {
		l := &flows[to-1]
		switch {
		case from == stateNone:
			l.new += count
		case !leaves:
			l.again += count
		case from < to:
			l.fromBelow += count
		default:
			l.fromAbove += count
		}
	}
	if leaves {
		l := &flows[from-1]
		switch {
		case to == stateMoved:
			l.moved += count
		case !reaches:
			l.lapsed += count
		case to < from:
			l.toBelow += count
		default:
			l.toAbove += count
		}
	}
}

// flowsOf are the flows of each level: of the month, or of the fiscal year that ends with it.
func flowsOf(at map[string][]classed, levels int, months int32) []levelFlow {
	flows := make([]levelFlow, levels)
	for _, c := range at[tallyChange] {
		if months == 1 {
			change(flows, c.class/10, c.class%10, c.count)
		}
	}
	for _, c := range at[tallyOpening] {
		if months == 1 {
			flows[c.class].opening = c.count
		}
	}
	for _, c := range at[tallyClosing] {
		flows[c.class].closing = c.count
	}
	if months == 1 {
		return flows
	}
	for _, c := range at[tallyYear] {
		from := c.class / 10
		change(flows, from, c.class%10, c.count)
		if from > stateNone && from < stateMoved {
			flows[from-1].opening += c.count
		}
	}
	return flows
}

// classed is a count of a class.
type classed struct {
	class int32
	count int64
}

// ladderKey names a ladder: the levels of a region under an outside rule, as a source shows them.
type ladderKey struct {
	source, outside, region string
	month                   int32
}

// EngagementFunnel counts the persons seen at each level of the engagement ladder,
// and the changes between levels. Inside the house every month has its flows, of
// levels that somebody holds, reaches or leaves. Released are the stocks of every
// month, and the flows between the ends of two fiscal years, whose windows of 12
// months have no day in common: flows of single months, and of years that overlap,
// would give away, held against one another, what few persons did (docs/methods/engagement.md).
func EngagementFunnel(f Frame, tallies []schemas.Tally, levels []string, rule disclose.Threshold) Funnel {
	counts := map[ladderKey]map[string][]classed{}
	for _, t := range tallies {
		switch t.Tally {
		case tallyOpening, tallyClosing, tallyChange, tallyYear:
			k := ladderKey{t.SourceKind, t.Outside, t.RegionCode, t.ReferenceMonth}
			if counts[k] == nil {
				counts[k] = map[string][]classed{}
			}
			counts[k][t.Tally] = append(counts[k][t.Tally], classed{t.Class, t.Count})
		}
	}
	var out Funnel
	for _, kind := range f.kinds() {
		for _, outside := range f.Outside {
			for _, region := range f.Regions {
				if region.RegionLevel == schemas.LevelNation {
					continue // it has no outside
				}
				for _, reference := range f.References {
					l := ladder{frame: f, levels: levels, rule: rule.Effective(), source: f.Sources[kind], base: schemas.EngagementFunnel{
						Outside: outside, RegionCode: region.RegionCode, RegionLevel: region.RegionLevel, ReferenceMonth: reference,
						Source: kind, Estimator: Observed,
					}}
					l.add(&out, counts[ladderKey{kind, outside, region.RegionCode, month(reference)}])
				}
			}
		}
	}
	return out
}

// ladder makes the rows of a region and reference month.
type ladder struct {
	frame  Frame
	levels []string
	rule   disclose.Threshold
	source SourceFrame
	base   schemas.EngagementFunnel
}

// fiscalYearEnd is the month in which a fiscal year ends.
const fiscalYearEnd = 3

func (l ladder) add(out *Funnel, at map[string][]classed) {
	able := l.source.able(l.base.RegionCode, l.base.ReferenceMonth)
	ofMonth := flowsOf(at, len(l.levels), 1)
	for rank, flow := range ofMonth {
		if flow == (levelFlow{}) || !able {
			continue
		}
		for _, c := range flow.cells() {
			if c.value > 0 || !c.part {
				out.Inside = append(out.Inside, l.row(c.statistic, rank, 1, &c.value))
			}
		}
	}
	closing := make([]int64, len(ofMonth))
	for rank, flow := range ofMonth {
		closing[rank] = flow.closing
	}
	rests := l.complement(closing)
	for rank := range ofMonth {
		var v *int64
		if able {
			v = &closing[rank]
		}
		out.Released = append(out.Released, l.counted(l.row(schemas.FunnelClosing, rank, 0, v), rests[rank]))
	}
	if _, m, _ := l.base.ReferenceMonth.Civil(); m == fiscalYearEnd && able {
		l.year(out, flowsOf(at, len(l.levels), 12))
	}
}

// cell is a figure of a level.
type funnelCell struct {
	statistic string
	value     int64
	part      bool
}

// cells are the figures of a level, the four that balance and their parts.
func (l levelFlow) cells() []funnelCell {
	return []funnelCell{
		{schemas.FunnelOpening, l.opening, false}, {schemas.FunnelEntries, l.entries(), false},
		{schemas.FunnelExits, l.exits(), false}, {schemas.FunnelClosing, l.closing, false},
		{schemas.FunnelFromOutside, l.fromOutside(), true}, {schemas.FunnelNew, l.new, true}, {schemas.FunnelReturned, l.again, true},
		{schemas.FunnelFromBelow, l.fromBelow, true}, {schemas.FunnelFromAbove, l.fromAbove, true},
		{schemas.FunnelToOutside, l.toOutside(), true}, {schemas.FunnelLapsed, l.lapsed, true}, {schemas.FunnelMovedIn, l.moved, true},
		{schemas.FunnelToBelow, l.toBelow, true}, {schemas.FunnelToAbove, l.toAbove, true},
	}
}

// year adds the rows of a fiscal year, each with the fewest persons that it tells of
// when it is held against the others.
func (l ladder) year(out *Funnel, flows []levelFlow) {
	rests := l.yearRests(flows)
	for rank, flow := range flows {
		for _, c := range flow.cells() {
			if flow != (levelFlow{}) && (c.value > 0 || !c.part) {
				out.Inside = append(out.Inside, l.row(c.statistic, rank, 12, &c.value))
			}
			if n, possible := rests[rank][c.statistic]; possible {
				out.Released = append(out.Released, l.counted(l.row(c.statistic, rank, 12, &c.value), n))
			}
		}
	}
}

// yearRests are the persons that each figure of a fiscal year rests on. What can be
// computed from what is shown must be allowed to be shown:
//
//   - stocks, as those of every month: see complement;
//   - entries and exits of a level are told by one another and the stocks, and with
//     these tell who stayed: they rest on the fewest of all five;
//   - parts of entries, or of exits, rest on the fewest of their sum and the parts
//     that can occur;
//   - over all levels as many come from below as go above, and as many from above as
//     go below: of either sum, never a single side is left out.
func (l ladder) yearRests(flows []levelFlow) []map[string]int64 {
	top := len(flows) - 1
	opening, closing := make([]int64, len(flows)), make([]int64, len(flows))
	for i, f := range flows {
		opening[i], closing[i] = f.opening, f.closing
	}
	opening, closing = l.complement(opening), l.complement(closing)
	turnover, in, to := make([]int64, len(flows)), make([]int64, len(flows)), make([]int64, len(flows))
	for i, f := range flows {
		turnover[i] = min(opening[i], closing[i], f.entries(), f.exits(), f.stayed())
		in[i], to[i] = min(turnover[i], f.fromOutside()), min(turnover[i], f.toOutside())
		if i > 0 {
			in[i], to[i] = min(in[i], f.fromBelow), min(to[i], f.toBelow)
		}
		if i < top {
			in[i], to[i] = min(in[i], f.fromAbove), min(to[i], f.toAbove)
		}
	}
	var up, down []*int64 // the sides of either sum
	for i := range flows {
		if i > 0 {
			up, down = append(up, &in[i]), append(down, &to[i])
		}
		if i < top {
			up, down = append(up, &to[i]), append(down, &in[i])
		}
	}
	for l.alone(up) || l.alone(down) {
	}
	rests := make([]map[string]int64, len(flows))
	for i, f := range flows {
		rests[i] = map[string]int64{
			schemas.FunnelOpening: opening[i], schemas.FunnelClosing: closing[i], schemas.FunnelEntries: turnover[i], schemas.FunnelExits: turnover[i],
			schemas.FunnelFromOutside: in[i], schemas.FunnelNew: min(in[i], f.new, f.again), schemas.FunnelReturned: min(in[i], f.new, f.again),
			schemas.FunnelToOutside: to[i], schemas.FunnelLapsed: min(to[i], f.lapsed, f.moved), schemas.FunnelMovedIn: min(to[i], f.lapsed, f.moved),
		}
		if i > 0 {
			rests[i][schemas.FunnelFromBelow], rests[i][schemas.FunnelToBelow] = in[i], to[i]
		}
		if i < top {
			rests[i][schemas.FunnelFromAbove], rests[i][schemas.FunnelToAbove] = in[i], to[i]
		}
	}
	return rests
}

// complement gives what figures that add up to a known sum rest on: themselves, but
// where one alone would be withheld, another is as small, so that the sum does
// not tell it. All persons seen in a region are such a sum of the stocks.
func (l ladder) complement(values []int64) []int64 {
	rests := slices.Clone(values)
	sides := make([]*int64, len(rests))
	for i := range rests {
		sides[i] = &rests[i]
	}
	l.alone(sides)
	return rests
}

// alone says whether one side alone is withheld; the smallest of the others then
// rests on as few persons.
func (l ladder) alone(sides []*int64) bool {
	var withheld, least *int64
	for _, s := range sides {
		switch {
		case *s >= l.rule.Persons:
			if least == nil || *s < *least {
				least = s
			}
		case withheld != nil:
			return false
		default:
			withheld = s
		}
	}
	if withheld == nil || least == nil {
		return false
	}
	*least = *withheld
	return true
}

// row is a row with a figure, nil where the source cannot tell.
func (l ladder) row(statistic string, rank int, months int32, v *int64) schemas.EngagementFunnel {
	row := l.base
	row.Statistic, row.Engagement, row.Months, row.Value = statistic, l.levels[rank], months, v
	row.Observation = l.observation(l.levels[rank], months, v != nil)
	return row
}

// observation is the status of a row: of low reliability where the data begin after
// the windows that it looks at. Whether a related tie is a deep one takes the
// windows of the two years before too.
func (l ladder) observation(level string, months int32, able bool) schemas.Observation {
	back := -int(months)
	if level == schemas.EngagementRelated || level == schemas.EngagementDeep {
		back -= 24
	}
	o := l.frame.observation(l.source, l.base.ReferenceMonth.AddMonths(back), able)
	o.MethodologyVersion = engagementMethodology
	return o
}

// counted is a row that rests on so many persons, and on the facilities of the year
// that has fewer. Where the year before has none, nobody was there to be counted. Of openings the houses of that year know, of closings those of the
// year itself, of what passes between them those of either.
func (l ladder) counted(row schemas.EngagementFunnel, persons int64) disclose.Counted[schemas.EngagementFunnel] {
	c := disclose.Counted[schemas.EngagementFunnel]{Row: row, Persons: persons, Facilities: l.source.facilities(row.RegionCode, row.ReferenceMonth)}
	before := l.source.facilities(row.RegionCode, row.ReferenceMonth.AddMonths(-int(row.Months)))
	switch row.Statistic {
	case schemas.FunnelOpening:
		c.Houses = before
	case schemas.FunnelClosing:
		c.Houses = c.Facilities
	default:
		c.Houses = max(c.Facilities, before)
	}
	if before > 0 {
		c.Facilities = min(c.Facilities, before)
	}
	return c
}
