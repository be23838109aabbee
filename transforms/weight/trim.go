package weight

import (
	"slices"
)

// Trimming is what cutting great weights did.
type Trimming struct {
	// Limit is the greatest weight allowed.
	Limit float64
	// Cut is the number of units whose weight was cut, Moved the weight taken
	// from them and given to the others.
	Cut   int
	Moved float64
	// Weights are the weights afterwards; they add up to what they were.
	Weights []float64
}

// Trim cuts weights at a multiple of their median and spreads what is cut off
// over the units below the limit in proportion to their weights, again where
// that lifts others above it. It trades variance for a bias that nothing in the
// sample tells: what it did is to be published. Potter (1990).
//
// It is an error if the multiple is not above 1, or so low that all weights
// cannot keep their sum below the limit.
func Trim(weights []float64, multiple float64) (Trimming, error) {
	if !(multiple > 1) {
		return Trimming{}, refuse("ウェイトの打ち切り倍率 %v は 1 より大きくしてください。",
			"trimming at %v times the median weight: the multiple must be above 1", multiple)
	}
	sorted := slices.Sorted(slices.Values(weights))
	n := len(sorted)
	t := Trimming{Limit: multiple * (sorted[(n-1)/2] + sorted[n/2]) / 2, Weights: slices.Clone(weights)}
	cut := make([]bool, n)
	for {
		var excess, below float64
		for k, w := range t.Weights {
			if w > t.Limit {
				excess += w - t.Limit
				t.Weights[k], cut[k] = t.Limit, true
			}
			if !cut[k] {
				below += w
			}
		}
		if excess == 0 {
			break
		}
		if below == 0 {
			return t, refuse("中央値の %v 倍で打ち切ると、切った分を受けるウェイトが残りません。倍率を上げてください。",
				"trimming at %v times the median weight: no weight is left below the limit to take what is cut: raise the multiple", multiple)
		}
		t.Moved += excess
		for k := range t.Weights {
			if !cut[k] {
				t.Weights[k] *= 1 + excess/below
			}
		}
	}
	for _, c := range cut {
		if c {
			t.Cut++
		}
	}
	return t, nil
}
