package attack

import (
	"cmp"
	"slices"
)

// Findings of rows that need no computing.
const (
	ByThresholds = "difference of thresholds"
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
