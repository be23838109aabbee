package estimate

import (
	"cmp"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Part is a part of the error of a figure's logarithm.
type Part struct {
	// Cause is what it comes of: a Cause of package schemas.
	Cause string
	// Name is the same in all figures that share the error, such as that of one official statistic.
	Name string
	// Effect is what one standard deviation of it does to the logarithm; below 0 where it makes
	// the figure less while it makes others more.
	Effect float64
}

// Parts are the parts of a figure's error, no two of one name and cause, in order of these. Parts of different
// names or causes are independent of one another, so that
//
//	v = Σ effect²,  c(y, z) = Σ effect_y effect_z over the parts that both have
type Parts []Part

// variance is that of the logarithm.
func (p Parts) variance() float64 {
	var sum float64
	for _, part := range p {
		sum += square(part.Effect)
	}
	return sum
}

// covariance is that of two logarithms.
func (p Parts) covariance(q Parts) float64 {
	var sum float64
	for i, j := 0, 0; i < len(p) && j < len(q); {
		switch c := p[i].compare(q[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			sum += p[i].Effect * q[j].Effect
			i, j = i+1, j+1
		}
	}
	return sum
}

func (p Part) compare(q Part) int {
	return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Cause, q.Cause))
}

// share is the part of the variance that comes of a cause.
func (p Parts) share(cause string) float64 {
	var of, all float64
	for _, part := range p {
		all += square(part.Effect)
		if part.Cause == cause {
			of += square(part.Effect)
		}
	}
	if all == 0 {
		return 0
	}
	return of / all
}

// scaled are the parts with effects so many times as great.
func (p Parts) scaled(factor float64) Parts {
	out := slices.Clone(p)
	for i := range out {
		out[i].Effect *= factor
	}
	return out
}

// to are the parts scaled to a standard error of the logarithm.
func (p Parts) to(relative float64) Parts {
	v := p.variance()
	if v == 0 {
		return p
	}
	return p.scaled(relative / math.Sqrt(v))
}

// partsOf orders parts, adds those of one name and cause, and leaves out those without an effect.
func partsOf(all ...Part) Parts {
	slices.SortStableFunc(all, Part.compare)
	var out Parts
	for _, part := range all {
		if n := len(out); n > 0 && out[n-1].compare(part) == 0 {
			out[n-1].Effect += part.Effect
			continue
		}
		out = append(out, part)
	}
	return slices.DeleteFunc(out, func(p Part) bool { return p.Effect == 0 })
}

// sumOfParts are those of Σ w ln y.
func sumOfParts(weights []float64, of []Parts) Parts {
	var all []Part
	for i, parts := range of {
		all = append(all, parts.scaled(weights[i])...)
	}
	return partsOf(all...)
}

// sharesOf are the shares of a sum.
func sharesOf(numbers []float64) []float64 {
	var sum float64
	for _, n := range numbers {
		sum += n
	}
	out := make([]float64, len(numbers))
	for i, n := range numbers {
		out[i] = n / sum
	}
	return out
}

// OfficialVisitors names the part of an error that is of an official number of visitors of a prefecture: of all
// figures that are scaled by it.
const OfficialVisitors = "visitors"

// FigureErrors are the parts of the error of the figure of one estimator, of all origins, relation
// types and engagement levels.
type FigureErrors struct {
	Figure    headlineKey
	Estimator string
	Parts     Parts
}

// ErrorsOf are the parts of a row's error, in any order.
func ErrorsOf(r schemas.RelationalPopulation, parts ...Part) FigureErrors {
	return errorsOf(r, partsOf(parts...))
}

// errorsOf are the parts of a row's error.
func errorsOf(r schemas.RelationalPopulation, parts Parts) FigureErrors {
	key, _ := headlineOf(r)
	return FigureErrors{key, r.Estimator, parts}
}
