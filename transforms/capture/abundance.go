package capture

import (
	"fmt"
	"math"
)

// ACE is the number of persons by the abundance coverage estimator of Chao & Lee (1992,
// JASA 87:210), in their two versions. Persons seen up to cutoff times are rare, D of them
// with X sightings; the share of the rare population's sightings that is of persons seen is
// their coverage C, and γ² the squared coefficient of variation of how easily they are seen:
//
//	C    = 1 − f₁/X
//	γ²   = max{D/C · Σ j(j−1)f_j / (X(X−1)) − 1, 0}
//	γ̃²   = γ² {1 + (1 − C)/C · Σ j(j−1)f_j / (X − 1)}
//	ACE  = n + D (1 − C)/C + f₁ γ²/C,  ACE-1 with γ̃²
//
// The first is for few differences among persons, the second for great ones. Like
// [Chao]'s, they are lower bounds in kind: those who are almost never seen leave no trace in
// the frequencies, and are missing. The variances are those of the delta method over
// multinomial frequencies, v = Σ d_j² f_j − (Σ d_j f_j)²/N̂ with d_j = ∂N̂/∂f_j.
//
// It is an error where all the rare were seen once, whose coverage is none. Where nobody is
// rare the number is that seen.
func ACE(f Frequencies, cutoff int) (ace, ace1 Estimate, err error) {
	if err := f.check(); err != nil {
		return Estimate{}, Estimate{}, err
	}
	if cutoff < 1 {
		return Estimate{}, Estimate{}, fmt.Errorf("abundance coverage: rare up to %d sightings: give a cutoff of at least 1", cutoff)
	}
	r := rareOf(f, cutoff)
	if r.sightings > 0 && r.sightings == f.At(1) {
		return Estimate{}, Estimate{}, fmt.Errorf("abundance coverage: nobody was seen 2 to %d times: the coverage of the rare is nought", cutoff)
	}
	return r.estimate(f, false), r.estimate(f, true), nil
}

// rare are the sums over persons seen up to cutoff times: how many they are, their
// sightings Σ j f_j, their pairs Σ j(j−1) f_j, and those seen once.
type rare struct {
	cutoff                            int
	persons, sightings, pairs, single float64
}

func rareOf(f Frequencies, cutoff int) rare {
	r := rare{cutoff: cutoff, single: f.At(1)}
	for j := 1; j <= min(cutoff, len(f)); j++ {
		x := float64(j)
		r.persons, r.sightings, r.pairs = r.persons+f.At(j), r.sightings+x*f.At(j), r.pairs+x*(x-1)*f.At(j)
	}
	return r
}

// unseen is N̂ − n, and its derivatives by D, X, the pairs Q and f₁. With O = X − f₁, the
// sightings beyond first ones, C is O/X.
func (r rare) unseen(again bool) (value float64, by [4]float64) {
	d, x, q, s := r.persons, r.sightings, r.pairs, r.single
	o := x - s
	value, by = d*s/o, [4]float64{s / o, -d * s / (o * o), 0, d * x / (o * o)}
	// γ² = D Q/(O (X−1)) − 1, and its derivatives.
	g := d*q/(o*(x-1)) - 1
	if g <= 0 {
		return value, by
	}
	byG := [4]float64{q / (o * (x - 1)), -d * q / (o * (x - 1)) * (1/o + 1/(x-1)), d / (o * (x - 1)), d * q / (o * o * (x - 1))}
	if again { // γ̃² = γ² (1 + f₁ Q/(O (X−1)))
		e := 1 + s*q/(o*(x-1))
		byE := [4]float64{0, -(e - 1) * (1/o + 1/(x-1)), s / (o * (x - 1)), q / (o * (x - 1)) * (1 + s/o)}
		for i := range byG {
			byG[i] = byG[i]*e + g*byE[i]
		}
		g *= e
	}
	m := s * x / o // f₁/C
	byM := [4]float64{0, s/o - m/o, 0, x/o + m/o}
	for i := range by {
		by[i] += byM[i]*g + m*byG[i]
	}
	return value + m*g, by
}

func (r rare) estimate(f Frequencies, again bool) Estimate {
	e := Estimate{N: f.Seen(), Seen: f.Seen()}
	if r.sightings == 0 {
		return e
	}
	unseen, by := r.unseen(again)
	e.N += unseen
	var squares, sum float64
	for j := 1; j <= len(f); j++ {
		slope := 1.0
		if j <= r.cutoff {
			x := float64(j)
			slope += by[0] + x*by[1] + x*(x-1)*by[2]
		}
		if j == 1 {
			slope += by[3]
		}
		squares, sum = squares+square(slope)*f.At(j), sum+slope*f.At(j)
	}
	e.StdErr = math.Sqrt(max(squares-square(sum)/e.N, 0))
	return e
}

// jackknifeOrders is the highest order of the jackknife, as Burnham & Overton have it.
const jackknifeOrders = 5

// Jackknife is the number of persons by the jackknife of Burnham & Overton (1978,
// Biometrika 65:625; 1979, Ecology 60:927), for many occasions:
//
//	J_k = n + Σ_{i≤k} (−1)^{i+1} C(k, i) f_i,  v = Σ a_i² f_i − J_k
//
// a_i being the factor of f_i in J_k. The order is the first that the next one does not change
// significantly at 5 %, two-sided, or else five:
//
//	T_k = (J_{k+1} − J_k)/√v_k,  v_k = n/(n−1) {Σ b_i² f_i − (J_{k+1} − J_k)²/n}
//
// b_i being the factor of f_i in the difference. Each order takes away one more power of the
// bias, which is downwards, while those almost never seen stay missing: it too is a lower
// bound in kind. The error holds for a given order and leaves out the choice.
func Jackknife(f Frequencies) (n Estimate, order int, err error) {
	if err := f.check(); err != nil {
		return Estimate{}, 0, err
	}
	for order = 1; order < jackknifeOrders; order++ {
		a, b := jackknifeFactors(order), jackknifeFactors(order+1)
		var change, squares float64
		for i := range b {
			change += (b[i] - a[i]) * f.At(i+1)
			squares += square(b[i]-a[i]) * f.At(i+1)
		}
		v := f.Seen() / (f.Seen() - 1) * (squares - square(change)/f.Seen())
		if !(math.Abs(change) > normalQuantile(0.975)*math.Sqrt(max(v, 0))) {
			break
		}
	}
	n = Estimate{N: f.Seen(), Seen: f.Seen()}
	squares := f.Seen()
	for i, c := range jackknifeFactors(order) {
		n.N += c * f.At(i+1)
		squares += (square(1+c) - 1) * f.At(i+1)
	}
	n.StdErr = math.Sqrt(max(squares-n.N, 0))
	return n, order, nil
}

// jackknifeFactors are (−1)^{i+1} C(k, i) for i = 1 to the highest order.
func jackknifeFactors(k int) []float64 {
	c := make([]float64, jackknifeOrders)
	at := 1.0
	for i := range k {
		at *= -float64(k-i) / float64(i+1)
		c[i] = -at
	}
	return c
}
