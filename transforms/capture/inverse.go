package capture

import "fmt"

// Inverse is how persons seen to come k times or more stand for all who do.
type Inverse struct {
	// Weights are, by number of visits seen from k on, how many of those who came k times or more
	// stand behind one seen so often: E[1/P(seen k times or more | v) | j seen].
	Weights []float64
	// Visits are the visits expected of one seen so often, E[v | j seen].
	Visits []float64
	// Mean is the mean number of visits of all who came k times or more, seen or not.
	Mean float64
}

// At are the weight and the expected visits of a person seen j ≥ k times; beyond the last number
// that was seen they are those of the last.
func (i Inverse) At(j, k int) (weight, visits float64) {
	n := min(j-k, len(i.Weights)-1)
	return i.Weights[n], i.Visits[n]
}

// Inverse gives them by the distribution of visits, averaged over families by Akaike weights. The
// weights sum to everybody with k visits or more,
//
//	Σ_j P(j seen) E[1/P(≥ k seen | v) | j] = Σ_{v≥k} g(v)
//
// but they do not balance the visits: among those seen j times, those who rarely come were the less likely
// to be, so that the weighted mean of Visits is above Mean. Missed links make pseudonyms of persons,
// which are counted as they are.
func (f Fits) Inverse(k int) (Inverse, error) {
	p := f.problem
	if k < 1 || k > p.most {
		return Inverse{}, fmt.Errorf("inverse weights: at least %d visits: ask for 1 to %d", k, p.most)
	}
	g := f.averaged()
	again := make([]float64, p.most) // pseudonyms of k visits or more, by v − 1
	for v := range again {
		again[v] = p.left[v]
		for j := 1; j < k; j++ {
			again[v] -= p.detection.kernel(j, v+1)
		}
	}
	var out Inverse
	var all float64
	for v := k; v <= p.most; v++ {
		all += g[v-1]
		out.Mean += float64(v) * g[v-1]
	}
	out.Mean /= all
	for j := k; j <= max(k, len(p.seen)); j++ {
		var seen, stand, visits float64
		for v := k; v <= p.most; v++ {
			if l := g[v-1] * p.detection.kernel(j, v); l > 0 {
				seen, stand, visits = seen+l, stand+l/again[v-1], visits+l*float64(v)
			}
		}
		if seen == 0 {
			break // more than anybody can have been seen
		}
		out.Weights, out.Visits = append(out.Weights, stand/seen), append(out.Visits, visits/seen)
	}
	if len(out.Weights) == 0 || !(all > 0) {
		return Inverse{}, fmt.Errorf("inverse weights: nobody can be seen %d times", k)
	}
	return out, nil
}
