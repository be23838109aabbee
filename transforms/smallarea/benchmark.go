package smallarea

import (
	"fmt"
	"math"
)

// Rule is how estimates are moved to meet a total.
type Rule int

const (
	// InverseMSE moves an area by as much as its estimate is uncertain: φ_i = 1/mse_i.
	InverseMSE Rule = iota
	// Ratio multiplies all by one factor: φ_i = w_i/θ_i.
	Ratio
	// Difference adds one number to all: φ_i = w_i (which is φ_i = 1 where weights are equal).
	Difference
)

// Estimated is an estimate with its mean squared error and the weight it has in the sum
// that is to meet a total: 1 where estimates are totals, the share of the population
// where they are means.
type Estimated struct{ Estimate, MSE, Weight float64 }

// Adjust moves estimates θ_i so that Σ w_i θ_i is the total, as little as can be where a
// move of area i counts φ_i times its square (Wang, Fuller & Qu 2008, Surv. Methodol.
// 34:29; Datta, Ghosh, Steorts & Maples 2011, TEST 20:574):
//
//	θ_i + (w_i/φ_i)/Σ(w_j²/φ_j) · (T − Σ w_j θ_j)
//
// The sum is met to the last digits. Nothing holds an estimate above 0: where the total is
// far from the sum, look whether one has fallen below, and take [Ratio].
func Adjust(theta, w, phi []float64, total float64) ([]float64, error) {
	if len(theta) == 0 || len(w) != len(theta) || len(phi) != len(theta) {
		return nil, fmt.Errorf("benchmarking: %d estimates, %d weights and %d penalties: want as many of each, and one or more", len(theta), len(w), len(phi))
	}
	if !finite(total) {
		return nil, fmt.Errorf("benchmarking: the total is %v: want a number", total)
	}
	var scale float64
	for i, x := range theta {
		switch {
		case !finite(x):
			return nil, fmt.Errorf("benchmarking: estimate %d is %v: want a number", i+1, x)
		case !(w[i] >= 0) || !finite(w[i]):
			return nil, fmt.Errorf("benchmarking: weight %d is %v: want a number of at least 0", i+1, w[i])
		case w[i] > 0 && (!(phi[i] > 0) || !finite(phi[i])):
			return nil, fmt.Errorf("benchmarking: penalty %d is %v: want a number above 0", i+1, phi[i])
		case w[i] > 0:
			scale += w[i] * w[i] / phi[i]
		}
	}
	if !(scale > 0) || !finite(scale) {
		return nil, fmt.Errorf("benchmarking: the weights and penalties let no estimate move (Σ w²/φ is %v): want a weight above 0", scale)
	}
	moved := append([]float64(nil), theta...)
	for range 3 { // what rounding has left is moved in the same way
		gap := total - exactDot(w, moved)
		for i := range moved {
			if w[i] > 0 {
				moved[i] += w[i] / phi[i] / scale * gap
			}
		}
	}
	return moved, nil
}

// exactDot is Σ a_i b_i, summed with what each addition loses (Neumaier).
func exactDot(a, b []float64) float64 {
	var sum, lost float64
	for i, x := range a {
		v := x * b[i]
		next := sum + v
		if math.Abs(sum) >= math.Abs(v) {
			lost += (sum - next) + v
		} else {
			lost += (v - next) + sum
		}
		sum = next
	}
	return sum + lost
}

// Benchmark moves estimates by a rule to meet a total known without error. The mean
// squared error of each is set to
//
//	mse_i + (θ^b_i − θ_i)²,
//
// a conservative rule: as if the model were right and the whole move a mistake.
func Benchmark(estimates []Estimated, total float64, rule Rule) ([]Estimated, error) {
	theta, w, phi := make([]float64, len(estimates)), make([]float64, len(estimates)), make([]float64, len(estimates))
	for i, e := range estimates {
		theta[i], w[i] = e.Estimate, e.Weight
		if !(e.MSE >= 0) || rule == InverseMSE && e.Weight > 0 && !(e.MSE > 0) {
			return nil, fmt.Errorf("benchmarking: mean squared error %d is %v: want a number above 0 (an estimate without error takes no part: leave it out and take it off the total)", i+1, e.MSE)
		}
		switch rule {
		case InverseMSE:
			phi[i] = 1 / e.MSE
		case Ratio:
			if e.Estimate < 0 {
				return nil, fmt.Errorf("benchmarking by ratio: estimate %d is %v: want numbers of at least 0, or another rule", i+1, e.Estimate)
			}
			phi[i] = 1
			if e.Estimate > 0 {
				phi[i] = e.Weight / e.Estimate
			} else {
				w[i] = 0 // stays 0 and adds nothing
			}
		case Difference:
			phi[i] = e.Weight
		default:
			return nil, fmt.Errorf("benchmarking: rule %d: want InverseMSE, Ratio or Difference", int(rule))
		}
	}
	if rule == Ratio && total < 0 {
		return nil, fmt.Errorf("benchmarking by ratio: the total is %v: want a number of at least 0", total)
	}
	moved, err := Adjust(theta, w, phi, total)
	if err != nil {
		return nil, err
	}
	to := append([]Estimated(nil), estimates...)
	for i, x := range moved {
		to[i].Estimate, to[i].MSE = x, to[i].MSE+square(x-theta[i])
	}
	return to, nil
}

// Nested benchmarks two levels: the groups (prefectures) to the total of the nation, then
// the areas (municipalities) of each group to what the group has become. of[i] is the
// group of area i; weights of groups are those in the nation's sum, weights of areas those
// in their group's. Both sums hold:
//
//	Σ_{i in g} w_i θ^b_i = Θ^b_g,  Σ_g W_g Θ^b_g = T
func Nested(areas []Estimated, of []int, groups []Estimated, total float64, rule Rule) (moved, movedGroups []Estimated, err error) {
	if len(of) != len(areas) {
		return nil, nil, fmt.Errorf("benchmarking: groups of %d areas for %d areas: want one each", len(of), len(areas))
	}
	members := make([][]int, len(groups))
	for i, g := range of {
		if g < 0 || g >= len(groups) {
			return nil, nil, fmt.Errorf("benchmarking: area %d is of group %d: want 0 to %d", i+1, g, len(groups)-1)
		}
		members[g] = append(members[g], i)
	}
	movedGroups, err = Benchmark(groups, total, rule)
	if err != nil {
		return nil, nil, fmt.Errorf("groups to the total: %w", err)
	}
	moved = make([]Estimated, len(areas))
	for g, within := range members {
		var some []Estimated
		for _, i := range within {
			some = append(some, areas[i])
		}
		some, err = Benchmark(some, movedGroups[g].Estimate, rule)
		if err != nil {
			return nil, nil, fmt.Errorf("areas of group %d: %w", g, err)
		}
		for k, i := range within {
			moved[i] = some[k]
		}
	}
	return moved, movedGroups, nil
}
