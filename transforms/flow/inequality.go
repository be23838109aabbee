// Package flow describes where people come from and how evenly: inequality and
// concentration of flows over origins and months, what distance and size leave
// unexplained of them, and panels of regions over time.
package flow

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// check refuses values below 0 and sums of 0, and gives weights of 1 where there are none.
func check(what string, y, w []float64) ([]float64, error) {
	if w == nil {
		w = make([]float64, len(y))
		for i := range w {
			w[i] = 1
		}
	}
	if len(w) != len(y) {
		return nil, fmt.Errorf("%s: %d values and %d weights: give one for each", what, len(y), len(w))
	}
	var total float64
	for i, v := range y {
		if !(v >= 0) || math.IsInf(v, 0) || !(w[i] >= 0) || math.IsInf(w[i], 0) {
			return nil, fmt.Errorf("%s: value %d is %v with weight %v: both must be at least 0", what, i+1, v, w[i])
		}
		total += w[i] * v
	}
	if total == 0 {
		return nil, fmt.Errorf("%s: the values sum to 0: there is nothing to share", what)
	}
	return w, nil
}

// moments are Σw and Σwy.
func moments(y, w []float64) (n, total float64) {
	for i, v := range y {
		n, total = n+w[i], total+w[i]*v
	}
	return n, total
}

// ascending are the units in order of their values, equal ones in their own order.
func ascending(y []float64) []int {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	return order
}

// Point is a point of a Lorenz curve: the poorest Share of the weight has Held of
// the total.
type Point struct{ Share, Held float64 }

// Lorenz is the Lorenz curve of values, from (0, 0) to (1, 1), one point more than
// values. Nil weights are 1. Lorenz (1905).
func Lorenz(y, w []float64) ([]Point, error) {
	w, err := check("Lorenz curve", y, w)
	if err != nil {
		return nil, err
	}
	n, total := moments(y, w)
	points := []Point{{}}
	var share, held float64
	for _, i := range ascending(y) {
		share, held = share+w[i], held+w[i]*y[i]
		points = append(points, Point{share / n, held / total})
	}
	points[len(points)-1] = Point{1, 1}
	return points, nil
}

// Gini is twice the area between the Lorenz curve and the line of equality,
//
//	G = 1 − Σ (p_i − p_{i−1})(L_i + L_{i−1})
//
// which without weights is 2 Σ i y_(i)/(n Σy) − (n + 1)/n: 0 of equal values,
// (n − 1)/n where one has everything. Gini (1912).
func Gini(y, w []float64) (float64, error) {
	points, err := Lorenz(y, w)
	if err != nil {
		return 0, err
	}
	g := 1.0
	for i := 1; i < len(points); i++ {
		g -= (points[i].Share - points[i-1].Share) * (points[i].Held + points[i-1].Held)
	}
	return g, nil
}

// CorrectedGini is G n/(n − 1), which is 1 where one of n has everything, so that
// sets of few units compare with greater ones. It is an error of fewer than two.
func CorrectedGini(y []float64) (float64, error) {
	if len(y) < 2 {
		return 0, fmt.Errorf("corrected Gini: %d values: at least 2 are wanted", len(y))
	}
	g, err := Gini(y, nil)
	return g * float64(len(y)) / float64(len(y)-1), err
}

// TheilT is Σ (w/Σw) (y/μ) ln(y/μ), μ = Σwy/Σw; units of 0 add nothing. Theil (1967).
func TheilT(y, w []float64) (float64, error) {
	w, err := check("Theil T", y, w)
	if err != nil {
		return 0, err
	}
	n, total := moments(y, w)
	var sum float64
	for i, v := range y {
		if v > 0 {
			sum += w[i] * v / total * math.Log(v*n/total)
		}
	}
	return sum, nil
}

// TheilL is the mean log deviation Σ (w/Σw) ln(μ/y); an error where a value is 0.
func TheilL(y, w []float64) (float64, error) {
	w, err := check("Theil L", y, w)
	if err != nil {
		return 0, err
	}
	n, total := moments(y, w)
	var sum float64
	for i, v := range y {
		if v == 0 && w[i] > 0 {
			return 0, fmt.Errorf("Theil L: value %d is 0, of which there is no logarithm: use Theil T", i+1)
		}
		if w[i] > 0 {
			sum += w[i] / n * math.Log(total/n/v)
		}
	}
	return sum, nil
}

// Atkinson is one less the equally distributed equivalent over the mean,
//
//	A = 1 − (Σ (w/Σw) y^{1−ε})^{1/(1−ε)}/μ,  and 1 − e^{Σ (w/Σw) ln y}/μ for ε = 1
//
// the share of the total that could be given up for equality by who minds inequality
// with aversion ε > 0. Atkinson (1970). With ε ≥ 1 and a value of 0 it is 1.
func Atkinson(y, w []float64, aversion float64) (float64, error) {
	if !(aversion > 0) {
		return 0, fmt.Errorf("Atkinson: an aversion of %v: it must be above 0", aversion)
	}
	w, err := check("Atkinson", y, w)
	if err != nil {
		return 0, err
	}
	n, total := moments(y, w)
	var mean float64
	for i, v := range y {
		switch {
		case w[i] == 0:
		case v == 0 && aversion >= 1:
			return 1, nil
		case aversion == 1:
			mean += w[i] / n * math.Log(v)
		default:
			mean += w[i] / n * math.Pow(v, 1-aversion)
		}
	}
	if aversion == 1 {
		return 1 - math.Exp(mean)*n/total, nil
	}
	return 1 - math.Pow(mean, 1/(1-aversion))*n/total, nil
}

// RicciSchutz is Σ (w/Σw) |y − μ|/2μ, the share that would have to change hands for
// equality, also called the Hoover index.
func RicciSchutz(y, w []float64) (float64, error) {
	w, err := check("Ricci–Schutz", y, w)
	if err != nil {
		return 0, err
	}
	n, total := moments(y, w)
	var sum float64
	for i, v := range y {
		sum += w[i] * math.Abs(v-total/n) / (2 * total)
	}
	return sum, nil
}

// Group is a part of the units: its share of the weight, what it holds of the total,
// and its own Theil T.
type Group struct{ Share, Held, TheilT float64 }

// Decomposition is Theil's T as what lies between groups and within them.
type Decomposition struct {
	Between, Within float64
	Groups          []Group
}

// DecomposeTheilT splits T by groups numbered from 0,
//
//	T = Σ_g s_g ln(s_g/p_g) + Σ_g s_g T_g
//
// with p_g the share of the weight and s_g that of the total. Groups of no total add
// nothing. Theil (1967), ch. 4.
func DecomposeTheilT(y, w []float64, group []int32) (Decomposition, error) {
	w, err := check("Theil T by groups", y, w)
	if err != nil {
		return Decomposition{}, err
	}
	if len(group) != len(y) {
		return Decomposition{}, fmt.Errorf("Theil T by groups: %d values and %d groups: give one for each", len(y), len(group))
	}
	n, total := moments(y, w)
	values, weights := map[int32][]float64{}, map[int32][]float64{}
	last := int32(-1)
	for i, g := range group {
		values[g], weights[g] = append(values[g], y[i]), append(weights[g], w[i])
		last = max(last, g)
	}
	var d Decomposition
	for g := range last + 1 {
		m, sum := moments(values[g], weights[g])
		of := Group{Share: m / n, Held: sum / total}
		if sum > 0 {
			if of.TheilT, err = TheilT(values[g], weights[g]); err != nil {
				return d, err
			}
			d.Between += of.Held * math.Log(of.Held/of.Share)
			d.Within += of.Held * of.TheilT
		}
		d.Groups = append(d.Groups, of)
	}
	return d, nil
}
