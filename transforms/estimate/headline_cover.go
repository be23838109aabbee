package estimate

import "slices"

// cover keeps figures that disclosure withholds from being had by subtraction: the pairs of municipalities add up to those of their
// prefecture, and these to the nation's. Of such a sum no figure is withheld alone, and what is withheld together rests on as many
// persons as a figure that is shown; else the figure of the fewest persons goes too, as if it rested on no more than those withheld.
// Whatever is made of it, such as its change, rests on no more either.
func (h Headline) cover(nations []*nation, groups []*joint) {
	for _, n := range nations {
		h.coverSum(n.pairs, n.prefectures)
	}
	for _, g := range groups {
		for _, of := range g.municipal {
			h.coverSum(g.pairs, of)
		}
	}
}

// coverSum is that of one sum. A part without an estimate has nothing to hide.
func (h Headline) coverSum(total *combined, parts []*combined) {
	if total == nil || !total.estimated() {
		return
	}
	var shown, withheld []*combined
	persons, enough := int64(0), h.Rule.Effective().Persons
	for _, c := range parts {
		switch {
		case !c.estimated():
		case h.shows(c.row):
			shown = append(shown, c)
		default:
			withheld = append(withheld, c)
			persons += c.row.Persons
		}
	}
	hidden := !h.shows(total.row)
	if hidden && len(withheld) > 0 || len(withheld) == 0 && (!hidden || len(shown) == 0) {
		return
	}
	if hidden {
		withheld = append(withheld, total)
	}
	slices.SortStableFunc(shown, func(a, b *combined) int { return int(min(1, max(-1, a.row.Persons-b.row.Persons))) })
	for len(withheld) < 2 || !hidden && persons < enough {
		c, of := total, withheld[0].row
		if len(shown) > 0 {
			c, shown = shown[0], shown[1:]
			persons += c.row.Persons
		}
		c.row.Persons, c.row.Facilities = min(c.row.Persons, of.Persons), leastOf(c.row.Facilities, of.Facilities)
		withheld, hidden = append(withheld, c), hidden || c == total
	}
}
