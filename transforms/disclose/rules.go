package disclose

import "slices"

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
}

// AtRisk says whether a cell of those contributions, none negative, is at risk by any of the
// rules. Hundepool et al. (2012), Statistical Disclosure Control, §4.2. A cell of
// nothing is not at risk: it is no matter of dominance.
func (d Dominance) AtRisk(contributions []int64) bool {
	total, first, second := largest(contributions)
	if total == 0 {
		return false
	}
	rest := float64(total - first - second)
	return d.P > 0 && rest < d.P/100*float64(first) ||
		d.PriorQ > 0 && rest < d.PriorP/d.PriorQ*float64(first) ||
		d.One > 0 && float64(first) > d.One/100*float64(total) ||
		d.Two > 0 && float64(first+second) > d.Two/100*float64(total)
}

// Asked is the protection of a cell that the p % rule finds at risk: so far above the value
// that the second largest contributor cannot tell the largest to within p %,
// ⌈p/100 · x₁ − (T − x₁ − x₂)⌉, and at least 1.
func (d Dominance) Asked(contributions []int64) Asked {
	total, first, second := largest(contributions)
	above := d.P/100*float64(first) - float64(total-first-second)
	n := int64(max(above, 0))
	if float64(n) < above {
		n++
	}
	return Asked{Above: max(n, 1)}
}

func largest(contributions []int64) (total, first, second int64) {
	for _, v := range contributions {
		total += v
		switch {
		case v > first:
			first, second = v, first
		case v > second:
			second = v
		}
	}
	return total, first, second
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
