package ingest

import (
	"regexp"
	"slices"

	"github.com/kankei/kankei/transforms/clean"
)

// dateParts matches the heading of the year of a date that is spread over
// columns, and month and day those of its other parts.
var dateParts = regexp.MustCompile(`^(.*?)(year|年)$`)

// joinDates finds dates that are spread over columns of year, month and day.
func (p *Proposal) joinDates() {
	at := map[string]int{}
	for i, c := range p.Columns {
		at[compact(c.Header)] = i
	}
	for i, c := range p.Columns {
		m := dateParts.FindStringSubmatch(compact(c.Header))
		if m == nil || m[1] == "" || c.seen.share(lookYear) < 0.9 {
			continue
		}
		month, ok1 := first(at, m[1]+"month", m[1]+"月")
		day, ok2 := first(at, m[1]+"dayofmonth", m[1]+"day", m[1]+"日")
		if !ok1 || !ok2 || p.Columns[day].seen.share(lookCount) < 0.9 {
			continue
		}
		scores := p.words.of(p.words.names, m[1])
		for target, score := range p.words.of(p.words.names, m[1]+"日") {
			scores[target] = max(scores[target], score)
		}
		for _, target := range sortedKeys(scores) {
			if targets[target].kind != dateValue || len(scores) > 1 || p.parts[target] != nil {
				continue
			}
			p.parts[target] = []string{c.Header, p.Columns[month].Header, p.Columns[day].Header}
			for _, part := range []int{i, month, day} {
				p.Columns[part].Guesses, p.Columns[part].Fate = []Guess{{target, scores[target]}}, placed
			}
		}
	}
}

func first(at map[string]int, names ...string) (int, bool) {
	for _, name := range names {
		if i, ok := at[name]; ok {
			return i, true
		}
	}
	return 0, false
}

// settleRivals leaves a target that several columns want to the one that is well
// ahead, to none if none is.
func (p *Proposal) settleRivals() {
	type seat struct {
		target string
		region int
	}
	rivals := map[seat][]int{}
	for i, c := range p.Columns {
		if c.Fate == placed && p.parts[c.Guesses[0].Target] == nil {
			at := seat{c.Guesses[0].Target, c.Region}
			rivals[at] = append(rivals[at], i)
		}
	}
	for _, columns := range rivals {
		if len(columns) < 2 {
			continue
		}
		slices.SortFunc(columns, func(a, b int) int { return p.Columns[b].Guesses[0].Confidence - p.Columns[a].Guesses[0].Confidence })
		if p.Columns[columns[0]].Guesses[0].Confidence >= p.Columns[columns[1]].Guesses[0].Confidence+margin {
			columns = columns[1:]
		}
		for _, i := range columns {
			p.Columns[i].Fate = undecided
		}
	}
}

// settleStays takes back dates of arrival and departure that most stays
// contradict, and numbers of nights that do not lie between them.
func (p *Proposal) settleStays() {
	column := func(target string) *ProposedColumn {
		i := slices.IndexFunc(p.Columns, func(c ProposedColumn) bool {
			return c.Fate == placed && c.Guesses[0].Target == target && p.parts[target] == nil
		})
		if i < 0 {
			return nil
		}
		return &p.Columns[i]
	}
	in, out, nights := column("check_in"), column("check_out"), column("nights")
	if in == nil || out == nil {
		return
	}
	both, reversed, counted, wrong := 0, 0, 0, 0
	for row := range min(len(in.seen.days), len(out.seen.days)) {
		a, b := in.seen.days[row], out.seen.days[row]
		if !a.ok || !b.ok {
			continue
		}
		if both++; b.v < a.v {
			reversed++
		}
		if nights != nil && nights.seen.counts[row].ok {
			if counted++; int(nights.seen.counts[row].v) != int(b.v-a.v) {
				wrong++
			}
		}
	}
	if reversed*5 > both {
		in.Fate, out.Fate = undecided, undecided
	}
	if wrong*2 > counted {
		nights.Fate = undecided
	}
}

// orderDates notes that some date cannot be read before somebody says which of
// its parts is the day.
func (p *Proposal) orderDates() {
	var all clean.Orders
	for _, c := range p.Columns {
		if c.Fate != placed || c.seen.share(lookDate) < 0.5 || p.parts[c.Guesses[0].Target] != nil {
			continue
		}
		p.Ambiguous = p.Ambiguous || c.seen.ambiguous && c.seen.orders.Decide() == clean.Unknown
		all.Join(c.seen.orders)
	}
	p.Ambiguous = p.Ambiguous && all.Decide() == clean.Unknown
}
