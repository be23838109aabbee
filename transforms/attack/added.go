package attack

import (
	"maps"
	"slices"
)

// Estimated is an estimate of a sum: of the total, or of a part of it. The value is nil where it is withheld, and Known is false where
// it is left out for another reason.
type Estimated struct {
	Sum, Name string
	Total     bool
	Value     *int64
	Known     bool
}

// together are the estimates of new tables, with what earlier publications show of those that are withheld. A publication is held against them by
// sums: where both show a figure and differ, the sum was estimated anew, and old digits and new ones do not add up.
func together(now Tables, earlier []Earlier) []Estimated {
	type figure struct{ sum, name string }
	out := slices.Clone(now.Estimates)
	for _, e := range earlier {
		if e.Boundaries.On != now.Boundaries.On {
			continue
		}
		shown, anew := map[figure]*int64{}, map[string]bool{}
		for _, was := range e.Estimates {
			shown[figure{was.Sum, was.Name}] = was.Value
		}
		for _, is := range now.Estimates {
			was, there := shown[figure{is.Sum, is.Name}]
			anew[is.Sum] = anew[is.Sum] || !there || was != nil && is.Value != nil && *was != *is.Value
		}
		for i, is := range out {
			if is.Value == nil && !anew[is.Sum] {
				out[i].Value = shown[figure{is.Sum, is.Name}]
			}
		}
	}
	return out
}

// ByAdding is a finding of an estimate that others are added up with.
const ByAdding = "sum of estimates"

// Added finds the withheld estimates that readers have by subtraction: of a sum of which all figures but one are shown, the
// one is what is left. The sums hold to whole units and rounding.
func Added(estimates []Estimated) (leaks []Leak) {
	type sum struct {
		unknown     []Estimated
		left, terms int64
		total       bool
	}
	sums := map[string]*sum{}
	for _, e := range estimates {
		s := sums[e.Sum]
		if s == nil {
			s = &sum{}
			sums[e.Sum] = s
		}
		s.terms++
		s.total = s.total || e.Total
		switch {
		case e.Value == nil:
			s.unknown = append(s.unknown, e)
		case e.Total:
			s.left += *e.Value
		default:
			s.left -= *e.Value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		s := sums[name]
		if !s.total || len(s.unknown) != 1 || !s.unknown[0].Known || s.terms == 1 {
			continue
		}
		if s.unknown[0].Total {
			s.left = -s.left
		}
		if s.left > 0 {
			leaks = append(leaks, Leak{Finding: Finding{Name: s.unknown[0].Name, Low: max(0, s.left-s.terms), High: s.left + s.terms, By: ByAdding}})
		}
	}
	return leaks
}
