package weight

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Replicates are sets of weights as further samples would have had them; the
// spread of an estimate over them is its variance:
//
//	v = Σ_r a_r (θ_r − θ̄)²
//
// with a_r = Coefficients[r], θ̄ the mean of the replicates, or the estimate from
// the full sample where AboutEstimate.
type Replicates struct {
	// Weights has one set of n weights per replicate.
	Weights [][]float64
	// Coefficients are the a_r.
	Coefficients []float64
	// AboutEstimate centres the squares on the full-sample estimate ("mse").
	AboutEstimate bool
	// DF is the degrees of freedom of the variance.
	DF float64
}

// Supplied are replicate weights that came with the data, all of coefficient
// scale: 1/B for a bootstrap of B sets.
func Supplied(weights [][]float64, scale float64, aboutEstimate bool, df float64) (Replicates, error) {
	if len(weights) == 0 {
		return Replicates{}, fmt.Errorf("replicate weights: there is no set")
	}
	r := Replicates{Weights: weights, AboutEstimate: aboutEstimate, DF: df}
	for i, w := range weights {
		if len(w) != len(weights[0]) {
			return r, fmt.Errorf("replicate weights: set %d has %d weights, the first %d", i+1, len(w), len(weights[0]))
		}
		for k, v := range w {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return r, fmt.Errorf("replicate weights: set %d, unit %d: %v is no weight", i+1, k+1, v)
			}
		}
		r.Coefficients = append(r.Coefficients, scale)
	}
	return r, nil
}

// Jackknife leaves out one primary sampling unit at a time and lets the others of
// its stratum stand for it: JKn, which of one stratum is JK1. a_r = (1 − n_h/N_h)
// (n_h − 1)/n_h. A stratum with one sampling unit is refused: leaving it out
// leaves nothing to stand for it.
func (d Design) Jackknife() (Replicates, error) {
	l, df, err := d.paired()
	if err != nil {
		return Replicates{}, err
	}
	r := Replicates{DF: df}
	for psu, h := range l.Stratum {
		n := float64(l.Sampled[h])
		if n < 2 {
			return Replicates{}, refuse("ジャックナイフ: 層 %s には抽出単位が1つしかなく、除けません。似た層と合わせてください。",
				"jackknife: stratum %s has one sampling unit, which cannot be left out: join it to a like stratum", l.Names[h])
		}
		w := append([]float64(nil), d.Weights...)
		for k, of := range l.PSU {
			switch {
			case of == int32(psu):
				w[k] = 0
			case l.Stratum[of] == h:
				w[k] *= n / (n - 1)
			}
		}
		r.Weights = append(r.Weights, w)
		r.Coefficients = append(r.Coefficients, (1-n/l.Population[h])*(n-1)/n)
	}
	return r, nil
}

// BalancedRepeated makes half samples of a design of two primary sampling units
// in every stratum, balanced by a Hadamard matrix: BRR with rho 0, where the one
// half gets double weight; Fay's method with 0 < rho < 1, where the weights are
// 2 − rho and rho times the design's. a_r = 1/(R(1 − rho)²). McCarthy (1969);
// Fay (1989); Judkins (1990).
func (d Design) BalancedRepeated(rho float64) (Replicates, error) {
	if !(rho >= 0 && rho < 1) {
		return Replicates{}, fmt.Errorf("balanced repeated replication: rho is %v: it must be at least 0 and below 1", rho)
	}
	l, df, err := d.paired()
	if err != nil {
		return Replicates{}, err
	}
	half := make([]bool, len(l.Stratum)) // whether a sampling unit is the second of its stratum
	seen := make([]int, len(l.Sampled))
	for psu, h := range l.Stratum {
		if l.Sampled[h] != 2 {
			return Replicates{}, refuse("均衡反復（brr）: 層 %s の抽出単位は %d で、2つではありません。jackknife か bootstrap を使ってください。",
				"balanced repeated replication: stratum %s has %d sampling units, not 2: use the jackknife or the bootstrap", l.Names[h], l.Sampled[h])
		}
		half[psu] = seen[h] == 1
		seen[h]++
	}
	sets := 1
	for sets <= len(l.Sampled) { // column 0 is constant and balances nothing
		sets *= 2
	}
	r := Replicates{AboutEstimate: true, DF: df}
	for row := range sets {
		w := append([]float64(nil), d.Weights...)
		for k, psu := range l.PSU {
			if hadamard(row, int(l.Stratum[psu])+1) == half[psu] {
				w[k] *= 2 - rho
			} else {
				w[k] *= rho
			}
		}
		r.Weights = append(r.Weights, w)
		r.Coefficients = append(r.Coefficients, 1/(float64(sets)*square(1-rho)))
	}
	return r, nil
}

// hadamard is the sign of an entry of Sylvester's matrix: +1 where the numbers
// of row and column share an even number of binary ones.
func hadamard(row, column int) bool {
	even := true
	for both := row & column; both > 0; both &= both - 1 {
		even = !even
	}
	return even
}

func square(x float64) float64 { return x * x }

// Bootstrap draws n_h − 1 of the n_h primary sampling units of each stratum with
// replacement, sets times; a unit drawn t times gets t n_h/(n_h − 1) of its
// weight. a_r = 1/sets about the full-sample estimate. The design is taken for
// one with replacement. Rao & Wu (1988, JASA 83:231), Rao, Wu & Yue (1992). A
// stratum with one sampling unit is refused.
func (d Design) Bootstrap(sets int, random *rand.Rand) (Replicates, error) {
	l, df, err := d.paired()
	if err != nil {
		return Replicates{}, err
	}
	if sets < 2 {
		return Replicates{}, fmt.Errorf("bootstrap: %d sets of weights tell no variance: make some hundreds", sets)
	}
	members := make([][]int32, len(l.Sampled))
	for psu, h := range l.Stratum {
		members[h] = append(members[h], int32(psu))
	}
	for h, m := range members {
		if len(m) < 2 {
			return Replicates{}, refuse("ブートストラップ: 層 %s には抽出単位が1つしかありません。似た層と合わせてください。",
				"bootstrap: stratum %s has one sampling unit: join it to a like stratum", l.Names[h])
		}
	}
	r := Replicates{AboutEstimate: true, DF: df}
	for range sets {
		times := make([]float64, len(l.Stratum))
		for _, m := range members {
			for range len(m) - 1 {
				times[m[random.IntN(len(m))]] += float64(len(m)) / float64(len(m)-1)
			}
		}
		w := append([]float64(nil), d.Weights...)
		for k, psu := range l.PSU {
			w[k] *= times[psu]
		}
		r.Weights = append(r.Weights, w)
		r.Coefficients = append(r.Coefficients, 1/float64(sets))
	}
	return r, nil
}

// paired is the layout of a design that was checked, with its degrees of freedom.
func (d Design) paired() (Layout, float64, error) {
	if err := d.Check(); err != nil {
		return Layout{}, 0, err
	}
	l, err := d.Layout()
	if err != nil {
		return l, 0, err
	}
	df, err := d.DegreesOfFreedom(nil)
	return l, df, err
}

// Calibrated calibrates every set of weights anew, as the variance of a
// calibrated estimate asks. Units of weight 0 keep it.
func (r Replicates) Calibrated(aux *Auxiliary, totals []float64, o Options) (Replicates, error) {
	out := r
	out.Weights = make([][]float64, len(r.Weights))
	for i, w := range r.Weights {
		var kept []int
		sub := NewAuxiliary(aux.Names...)
		var design []float64
		for k := range w {
			if w[k] > 0 {
				kept = append(kept, k)
				design = append(design, w[k])
				sub.Add(aux.row(k))
			}
		}
		c, err := Calibrate(design, sub, totals, o)
		if err != nil {
			return out, fmt.Errorf("replicate %d: %w", i+1, err)
		}
		out.Weights[i] = make([]float64, len(w))
		for j, k := range kept {
			out.Weights[i][k] = c.Weights[j]
		}
	}
	return out, nil
}
