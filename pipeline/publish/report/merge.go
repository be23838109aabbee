package report

import (
	"maps"
	"slices"
)

// in are the shapes with those of parts joined to the region that they are parts of: wards to their designated city, for
// which figures are. A region that has a shape of its own keeps it, and its parts are left out.
func (m *Map) in(whole map[string]string) *Map {
	if m == nil {
		return nil
	}
	out := *m
	out.shapes = map[string][]ring{}
	parts := map[string][]ring{}
	for _, code := range slices.Sorted(maps.Keys(m.shapes)) {
		if of := whole[code]; of != "" {
			parts[of] = append(parts[of], m.shapes[code]...)
		} else {
			out.shapes[code] = m.shapes[code]
		}
	}
	for code, rings := range parts {
		if out.shapes[code] == nil {
			out.shapes[code] = outer(rings)
		}
	}
	return &out
}

// outer are the lines around areas that touch: an edge that two of them run along, each in its own direction, lies within.
// What is left of closed lines is closed lines, in the order in which they are met.
func outer(rings []ring) []ring {
	type edge struct{ from, to [2]float64 }
	left := map[edge]int{}
	var order []edge
	for _, r := range rings {
		for i := 1; i < len(r); i++ {
			e, back := edge{r[i-1], r[i]}, edge{r[i], r[i-1]}
			switch {
			case e.from == e.to:
			case left[back] > 0:
				left[back]--
			default:
				left[e]++
				order = append(order, e)
			}
		}
	}
	next := map[[2]float64][][2]float64{}
	for _, e := range order {
		if left[e] > 0 {
			left[e]--
			next[e.from] = append(next[e.from], e.to)
		}
	}
	var out []ring
	for _, e := range order {
		for len(next[e.from]) > 0 {
			line := ring{e.from}
			for at := e.from; len(next[at]) > 0 && (len(line) == 1 || at != e.from); {
				to := next[at][0]
				next[at] = next[at][1:]
				line = append(line, to)
				at = to
			}
			out = append(out, line)
		}
	}
	return out
}
