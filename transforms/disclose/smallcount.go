package disclose

// SmallCounts rounds the counts 1 … base−1 among values to 0 or base, such that sums of them
// miss theirs by little; other counts stay. Totals are to be computed from what it returns, so
// that every table adds up and linked tables agree. Sums are positions in values, one list
// for each published total.
//
// It rounds up one count after the other, each the one that lowers
//
//	Σ_cells d² + Σ_sums d²,  d the difference to the true figure,
//
// most, then moves or exchanges single ones while that lowers it (in the spirit of PLS rounding,
// Langsrud & Heldal 2018). It returns [ErrParameter] for a base below 2.
func SmallCounts(values []int64, sums [][]int, base int64) ([]int64, error) {
	if base < 2 {
		return nil, ErrParameter
	}
	r := rounding{base: base, values: values, out: make([]int64, len(values)), off: make([]int64, len(sums)), of: make([][]int, len(values))}
	copy(r.out, values)
	for k, sum := range sums {
		for _, i := range sum {
			r.of[i] = append(r.of[i], k)
		}
	}
	for i, v := range values {
		if v > 0 && v < base {
			r.small = append(r.small, i)
			r.set(i, 0)
		}
	}
	for r.improve() {
	}
	return r.out, nil
}

type rounding struct {
	base        int64
	values, out []int64
	off         []int64 // of each sum
	of          [][]int
	small       []int
}

func (r *rounding) set(i int, v int64) {
	for _, k := range r.of[i] {
		r.off[k] += v - r.out[i]
	}
	r.out[i] = v
}

// flip rounds a count the other way.
func (r *rounding) flip(i int) { r.set(i, r.base-r.out[i]) }

// gain is by how much flipping a count lowers the sum of squares; it leaves it as it was.
func (r *rounding) gain(i int) int64 {
	by := r.base - 2*r.out[i]
	square := func(off int64) int64 { return off*off - (off+by)*(off+by) }
	g := square(r.out[i] - r.values[i])
	for _, k := range r.of[i] {
		g += square(r.off[k])
	}
	return g
}

// improve makes the best single flip, or else the best exchange of two, that lowers the
// sum of squares, and says whether there was one.
func (r *rounding) improve() bool {
	best, first, second := int64(0), -1, -1
	for _, i := range r.small {
		if g := r.gain(i); g > best {
			best, first = g, i
		}
	}
	if first < 0 {
		for n, i := range r.small {
			g := r.gain(i)
			r.flip(i)
			for _, j := range r.small[n+1:] {
				if both := g + r.gain(j); both > best {
					best, first, second = both, i, j
				}
			}
			r.flip(i)
		}
	}
	if first < 0 {
		return false
	}
	r.flip(first)
	if second >= 0 {
		r.flip(second)
	}
	return true
}
