package estimate

import "github.com/kankei/kankei/transforms/capture"

// visitBounds are the least numbers of visits of the classes within which detection is told apart.
var visitBounds = []int{1, 2, 4, 12}

// visitClasses are these classes for some answers. A bound inside a class that was answered, as 4 is inside 3 to 5, moves to
// the end of that class, or is left out where the class is open: what was answered would otherwise be taken for what it says
// at least, and those of the upper class be told by those beyond it alone.
func visitClasses(answers []OnsiteAnswer, asked func(OnsiteAnswer) bool) (classes [][2]int) {
	var bounds []int
	for _, bound := range visitBounds {
		for moved := true; moved && bound > 0; {
			moved = false
			for _, a := range answers {
				if least := max(1, int(a.Tie.Visits)); !asked(a) || least >= bound || a.Tie.Most >= 0 && int(a.Tie.Most) < bound {
					continue
				}
				bound, moved = int(a.Tie.Most)+1, true // 0 of an open class
			}
		}
		if bound > 0 && (len(bounds) == 0 || bound > bounds[len(bounds)-1]) {
			bounds = append(bounds, bound)
		}
	}
	for i, bound := range bounds {
		most := -1
		if i+1 < len(bounds) {
			most = bounds[i+1] - 1
		}
		classes = append(classes, [2]int{bound, most})
	}
	return classes
}

// ratiosBy are how much likelier than all asked those of each class of visits satisfy a condition.
func ratiosBy(answers []OnsiteAnswer, asked, holds func(OnsiteAnswer) bool) (ratios []capture.Ratio) {
	for _, class := range visitClasses(answers, asked) {
		within := func(a OnsiteAnswer) bool {
			return int(a.Tie.Visits) >= class[0] && (class[1] < 0 || int(a.Tie.Visits) <= class[1])
		}
		if ratio, ok := ratioMet(answers, asked, within, holds); ok {
			ratios = append(ratios, capture.Ratio{Least: class[0], Most: class[1], Rate: ratio})
		}
	}
	return ratios
}
