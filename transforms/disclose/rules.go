package disclose

import (
	"fmt"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Rule says on what a cell must rest to be shown: a [Threshold], or [Rules].
type Rule interface {
	// withholds is the rule by which a cell is withheld for its own sake, '' for none.
	withholds(persons, facilities int64, made []Contribution) string
	// floor is the rule with the least number of persons that any has.
	floor() Rule
}

// Rules are all rules of primary suppression of a project.
type Rules struct {
	Threshold
	Dominance Dominance
	// Full says that a count by origin, type or level that is all of its total is withheld.
	Full bool
}

func (t Threshold) withholds(persons, facilities int64, _ []Contribution) string {
	switch {
	case persons < t.Persons:
		return "persons"
	case facilities != 0 && facilities < t.Facilities:
		return "facilities"
	}
	return ""
}

func (t Threshold) floor() Rule { return t.Effective() }

func (r Rules) withholds(persons, facilities int64, made []Contribution) string {
	reason := r.Threshold.withholds(persons, facilities, made)
	for _, c := range made {
		if reason == "" {
			reason = r.Dominance.finds(c)
		}
	}
	return reason
}

func (r Rules) floor() Rule {
	r.Threshold = r.Effective()
	return r
}

// Rules are the rows that tell readers of a release which rules were applied.
func (r Rules) Rules() []schemas.DisclosureRule {
	out := append(r.Dominance.rules(), r.Threshold.Rules()...)
	if r.Full {
		out = append(out, schemas.DisclosureRule{Rule: reasonFull, Threshold: 100, Note: "percent of its total that a count by origin, type or level may not make up"})
	}
	return out
}

// asked is the protection of a figure of a cell that is withheld for its own sake: that of a small count,
// and where the p % rule found it, enough above it.
func (r Rules) asked(value int64, q float64, figure string, made []Contribution) Asked {
	a := r.Threshold.Asked(value, q)
	for _, c := range made {
		if c.Figure == figure && r.Dominance.AtRisk(c) {
			a.Above = max(a.Above, r.Dominance.Asked(c).Above)
		}
	}
	a.Width = max(a.Width, a.Above)
	return a
}

// Contribution is how much of a figure its contributors of one kind make up: facilities,
// companies or platforms.
type Contribution struct {
	// Figure is the column of the figure; '' where the row rests on a figure that it does not show.
	Figure string
	// Total is the figure, First and Second are the largest contributions to it.
	Total, First, Second int64
	// Of are the contributions by the name of who makes them, each of whom knows the own.
	Of map[string]int64
}

// ContributionOf takes the two largest of contributions, none negative, and their sum.
func ContributionOf(figure string, of map[string]int64) Contribution {
	c := Contribution{Figure: figure, Of: of}
	for _, v := range of {
		c.Total += v
		switch {
		case v > c.First:
			c.First, c.Second = v, c.First
		case v > c.Second:
			c.Second = v
		}
	}
	return c
}

// Dominance are the rules against cells that one or two contributors, such as facilities or
// platforms, make up almost alone. Each is left out where it is 0.
type Dominance struct {
	// P of the p % rule: a cell of total T with largest contributions x₁ ≥ x₂ is at risk if
	//
	//	T − x₁ − x₂ < p/100 · x₁,
	//
	// for then the second can estimate the first to within p %.
	P float64
	// PriorP and PriorQ of the pq rule: everybody knows the others to within q % beforehand.
	//
	//	T − x₁ − x₂ < (p/q) x₁
	PriorP, PriorQ float64
	// One and Two of the (n, k) rule: at risk if the largest has over One % of the total, or the two
	// largest over Two %.
	One, Two float64
	// Platforms says that the rules are asked of platforms too.
	Platforms bool
}

// AtRisk says whether a cell of such contributions is at risk by any of the
// rules. Hundepool et al. (2012), Statistical Disclosure Control, §4.2. A cell of
// nothing is not at risk: it is no matter of dominance.
func (d Dominance) AtRisk(c Contribution) bool { return d.finds(c) != "" }

// finds is the first of the rules by which a cell is at risk, as [Dominance.rules] names them.
func (d Dominance) finds(c Contribution) string {
	rest, first := float64(c.Total-c.First-c.Second), float64(c.First)
	switch {
	case c.Total == 0:
	case d.P > 0 && rest < d.P/100*first:
		return "dominance_p"
	case d.PriorQ > 0 && rest < d.PriorP/d.PriorQ*first:
		return "dominance_pq"
	case d.One > 0 && first > d.One/100*float64(c.Total):
		return "dominance_one"
	case d.Two > 0 && float64(c.First+c.Second) > d.Two/100*float64(c.Total):
		return "dominance_two"
	}
	return ""
}

// Asked is the protection of a cell that is at risk: by the p % rule so far above the value
// that the second largest contributor cannot tell the largest to within p %,
// ⌈p/100 · x₁ − (T − x₁ − x₂)⌉, by the pq rule the same of p/q; and at least 1.
func (d Dominance) Asked(c Contribution) Asked {
	share := d.P / 100
	if d.PriorQ > 0 {
		share = max(share, d.PriorP/d.PriorQ)
	}
	above := share*float64(c.First) - float64(c.Total-c.First-c.Second)
	return Asked{Above: int64(max(1, math.Ceil(above)))}
}

// rules are the rows that tell readers which of the rules were applied: their
// thresholds in percent.
func (d Dominance) rules() []schemas.DisclosureRule {
	var out []schemas.DisclosureRule
	who, whose := "facility or company", "facilities or companies"
	if d.Platforms {
		who, whose = "facility, company or platform", "facilities, companies or platforms"
	}
	add := func(rule string, percent float64, note string) {
		if percent > 0 {
			out = append(out, schemas.DisclosureRule{Rule: rule, Threshold: int64(math.Round(percent)), Note: note})
		}
	}
	add("dominance_p", d.P, "percent of the largest contribution of a "+who+" that the others but the second largest must make up")
	if d.PriorQ > 0 {
		add("dominance_pq", 100*d.PriorP/d.PriorQ, fmt.Sprintf("the same percentage by the pq rule: p = %g %%, q = %g %%", d.PriorP, d.PriorQ))
	}
	add("dominance_one", d.One, "greatest percentage of a shown cell that one "+who+" may make up")
	add("dominance_two", d.Two, "greatest percentage of a shown cell that two "+whose+" may make up")
	return out
}

// Full gives the parts of a total that are all of it, and those that are nothing: either
// tells of everybody counted in the total where they belong. Values are those of
// the parts; a total of nothing has neither.
func Full(parts []int64) (full, empty []int) {
	total := int64(0)
	for _, v := range parts {
		total += v
	}
	if total == 0 {
		return nil, nil
	}
	if i := slices.Index(parts, total); i >= 0 {
		full = append(full, i)
	}
	for i, v := range parts {
		if v == 0 {
			empty = append(empty, i)
		}
	}
	return full, empty
}

// Asked is the sliding protection of a count that is withheld for its size: an interval as
// wide as the share q of the value on both sides, 2q·value, and at least 1, so that not even a
// zero is known.
func (t Threshold) Asked(value int64, q float64) Asked {
	return Asked{Width: max(1, int64(2*q*float64(value)+0.999999))}
}
