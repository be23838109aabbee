package attack

import (
	"cmp"
	"slices"
)

// Findings of rows that need no computing.
const (
	ByThresholds = "difference of thresholds"
	ByDefinition = "difference of definitions"
	ByRow        = "figure in a withheld row"
	ByShown      = "shown"
)

// Step is the number of persons of whom more is asked at every threshold of a chain: who came twice, three times, and so on.
type Step struct {
	Chain, Name string
	Threshold   int64
	Value       int64
}

// Steps finds the thresholds of a chain between which fewer persons lie than may be shown: the number of those who came
// exactly twice is that of those who came twice less that of those who came three times. Two thresholds with the same number may be one
// rule, as whoever keeps an interval between two trips has come twice; it is not taken for a finding.
func Steps(steps []Step, least int64) (leaks []Leak) {
	steps = slices.Clone(steps)
	slices.SortFunc(steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.Threshold, b.Threshold))
	})
	for i, s := range steps {
		if i == 0 || steps[i-1].Chain != s.Chain {
			continue
		}
		between := max(s.Value-steps[i-1].Value, steps[i-1].Value-s.Value)
		if 0 < between && between < least {
			leaks = append(leaks, Leak{Finding: Finding{Name: steps[i-1].Name + " less " + s.Name, Low: between, High: between, By: ByThresholds}})
		}
	}
	return leaks
}

// Within says that one of two definitions counts everybody whom the other counts: the one of new tables, the other of the same or of an
// earlier publication.
type Within struct{ Definition, Other, Publication string }

// Differences finds the counts that differ from those of another definition by fewer persons than may be shown, or by nobody. What an
// earlier publication shows already is not looked at, nor two counts of nobody, which the absence of rows by origin tells of either.
func Differences(now Tables, earlier []Earlier, pairs []Within, least int64) (leaks []Leak) {
	shown := map[string]map[string]int64{"": now.values()}
	for _, e := range earlier {
		shown[e.ID] = e.redrawn(now).values()
	}
	for i, p := range now.places {
		k, c := slices.Index(p.Cube.Columns, "definition"), now.Cells[i]
		if k < 0 || c.Low != c.High || slices.ContainsFunc(earlier, func(e Earlier) bool { n, there := shown[e.ID][c.Name]; return there && n == c.Low }) {
			continue
		}
		for _, pair := range pairs {
			if pair.Definition != p.Coordinates[k] {
				continue
			}
			coordinates := slices.Clone(p.Coordinates)
			coordinates[k] = pair.Other
			other := p.Cube.CellName(coordinates)
			n, there := shown[pair.Publication][other]
			if between := max(n-c.Low, c.Low-n); there && between < least && (n > 0 || c.Low > 0) {
				leaks = append(leaks, Leak{Publication: pair.Publication, Finding: Finding{Name: c.Name + " less " + other, Low: between, High: between, By: ByDefinition}})
			}
		}
	}
	return leaks
}

// values are the figures that are shown, by name.
func (t Tables) values() map[string]int64 {
	out := map[string]int64{}
	for _, c := range t.Cells {
		if c.Low == c.High {
			out[c.Name] = c.Low
		}
	}
	return out
}

// Told finds of cells that are to be withheld those that a row shows, and the withheld rows that have figures beside.
func (t Tables) Told(withheld []string) (leaks []Leak) {
	for _, name := range withheld {
		if t.shown[name] {
			c := t.Cells[t.at[name]]
			leaks = append(leaks, Leak{Finding: Finding{Name: name, Low: c.Low, High: c.High, By: ByShown}})
		}
	}
	for _, row := range t.Dressed {
		leaks = append(leaks, Leak{Finding: Finding{Name: row, High: Unbounded, By: ByRow}})
	}
	return leaks
}
