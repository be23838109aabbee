package combine

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// FrameTotals are estimated totals of one frame's sample: of the study variable y and of units,
// in the part of the frame that is its own and in the overlap with the other frame.
type FrameTotals struct {
	// Own and Overlap are Ŷ_a and Ŷ_ab of frame A, Ŷ_b and Ŷ_ba of frame B.
	Own, Overlap float64
	// OwnSize and OverlapSize are N̂_a and N̂_ab of frame A, N̂_b and N̂_ba of frame B. Hartley's
	// estimator does without them.
	OwnSize, OverlapSize float64
	// Covariance is that of the four, in the order above.
	Covariance [4][4]float64
}

// The order of totals in a covariance.
const (
	own = iota
	overlap
	ownSize
	overlapSize
)

func (f FrameTotals) check(name string) error {
	for _, v := range []float64{f.Own, f.Overlap, f.OwnSize, f.OverlapSize} {
		if notFinite(v) {
			return fmt.Errorf("totals of frame %s: %v in its own part, %v in the overlap, of %v and %v units: give finite numbers", name, f.Own, f.Overlap, f.OwnSize, f.OverlapSize)
		}
	}
	for i := range f.Covariance {
		if v := f.Covariance[i][i]; !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("covariance of frame %s: %v in row and column %d is no variance: give a number of at least 0", name, v, i+1)
		}
	}
	for i, row := range f.Covariance {
		for j, c := range row {
			bound := math.Sqrt(f.Covariance[i][i]) * math.Sqrt(f.Covariance[j][j])
			if notFinite(c) || math.Abs(c) > bound*(1+1e-9) || math.Abs(c-f.Covariance[j][i]) > 1e-9*bound {
				return fmt.Errorf("covariance of frame %s: %v in row %d, column %d does not belong to a covariance matrix: one is symmetric, with correlations between −1 and 1", name, c, i+1, j+1)
			}
		}
	}
	return nil
}

// DualFrame are the totals of independent samples from two frames that together hold everybody,
// such as a survey of residents' addresses and a register of guests.
type DualFrame struct {
	A, B FrameTotals
}

func (d DualFrame) check() error {
	if err := d.A.check("A"); err != nil {
		return err
	}
	return d.B.check("B")
}

// DualEstimate is a total over the union of two frames.
type DualEstimate struct {
	Estimate
	// Theta is the weight of frame A in the overlap, Optimal the one of least variance: they
	// differ where that was outside [0, 1] and the rule is Bounded.
	Theta, Optimal float64
	// SizeCoefficient is Fuller and Burmeister's of N̂_ab − N̂_ba.
	SizeCoefficient float64
	// OverlapSize is the number of units in the overlap by pseudo-maximum likelihood.
	OverlapSize float64
}

// Hartley combines the overlap's two estimates with least variance (Hartley 1962, Proc. Social
// Statistics Section ASA 203; 1974, Sankhyā C 36:99):
//
//	Ŷ = Ŷ_a + θ Ŷ_ab + (1 − θ) Ŷ_ba + Ŷ_b
//	θ = [V(Ŷ_ba) + C(Ŷ_b, Ŷ_ba) − C(Ŷ_a, Ŷ_ab)]/[V(Ŷ_ab) + V(Ŷ_ba)]
//	v = V(Ŷ_a) + θ² V(Ŷ_ab) + 2θ C(Ŷ_a, Ŷ_ab) + V(Ŷ_b) + (1 − θ)² V(Ŷ_ba) + 2(1 − θ) C(Ŷ_b, Ŷ_ba)
//
// θ differs between study variables, so that tables of several do not add up. The covariances of own
// part and overlap take it outside [0, 1]; see [Rule]. v takes θ as fixed. It is an error if the
// overlap's estimates have no variance.
func (d DualFrame) Hartley(rule Rule) (DualEstimate, error) {
	if err := d.check(); err != nil {
		return DualEstimate{}, err
	}
	a, b := d.A.Covariance, d.B.Covariance
	if !(a[overlap][overlap]+b[overlap][overlap] > 0) {
		return DualEstimate{}, fmt.Errorf("overlap of two frames: its estimates %v and %v have no variance: one sample at least must have units in it", d.A.Overlap, d.B.Overlap)
	}
	e := DualEstimate{Optimal: (b[overlap][overlap] + b[own][overlap] - a[own][overlap]) / (a[overlap][overlap] + b[overlap][overlap])}
	e.Theta = e.Optimal
	if rule == Bounded {
		e.Theta = min(1, max(0, e.Theta))
	}
	e.Value = d.A.Own + e.Theta*d.A.Overlap + (1-e.Theta)*d.B.Overlap + d.B.Own
	e.Variance = variance(a, [4]float64{1, e.Theta}) + variance(b, [4]float64{1, 1 - e.Theta})
	return e, nil
}

// FullerBurmeister adds to Hartley's estimator the difference of the two estimates of the overlap's
// size, with coefficients of least variance (Fuller & Burmeister 1972, Proc. Social Statistics
// Section ASA 245):
//
//	Ŷ = Ŷ_a + Ŷ_b + Ŷ_ba + β₁ (Ŷ_ab − Ŷ_ba) + β₂ (N̂_ab − N̂_ba)
//	β = −V(Ŷ_ab − Ŷ_ba, N̂_ab − N̂_ba)⁻¹ C(Ŷ_a + Ŷ_b + Ŷ_ba; Ŷ_ab − Ŷ_ba, N̂_ab − N̂_ba)
//
// β₁ is Theta. Nothing is bounded: β₂ has no natural ends, and β₁ alone means little. Its variance is no
// greater than Hartley's without bounds. It is an error if the two differences have no covariance matrix to
// invert, as where y is 1 for every unit.
func (d DualFrame) FullerBurmeister() (DualEstimate, error) {
	if err := d.check(); err != nil {
		return DualEstimate{}, err
	}
	a, b := d.A.Covariance, d.B.Covariance
	v := [][]float64{
		{a[overlap][overlap] + b[overlap][overlap], a[overlap][overlapSize] + b[overlap][overlapSize]},
		{a[overlap][overlapSize] + b[overlap][overlapSize], a[overlapSize][overlapSize] + b[overlapSize][overlapSize]},
	}
	if _, err := positiveDefinite(v, 2); err != nil {
		return DualEstimate{}, fmt.Errorf("differences of two frames in the overlap, of y and of units: %w", err)
	}
	c := [2]float64{
		a[own][overlap] - b[own][overlap] - b[overlap][overlap],
		a[own][overlapSize] - b[own][overlapSize] - b[overlap][overlapSize],
	}
	det := v[0][0]*v[1][1] - v[0][1]*v[0][1]
	beta1 := -(v[1][1]*c[0] - v[0][1]*c[1]) / det
	beta2 := -(v[0][0]*c[1] - v[0][1]*c[0]) / det
	e := DualEstimate{Theta: beta1, Optimal: beta1, SizeCoefficient: beta2}
	e.Value = d.A.Own + d.B.Own + d.B.Overlap + beta1*(d.A.Overlap-d.B.Overlap) + beta2*(d.A.OverlapSize-d.B.OverlapSize)
	e.Variance = variance(a, [4]float64{1, beta1, 0, beta2}) + variance(b, [4]float64{1, 1 - beta1, 0, -beta2})
	return e, nil
}

// PseudoML is the pseudo-maximum-likelihood estimator where the sizes N_A and N_B of both frames are
// known (Skinner & Rao 1996, JASA 91:349). One θ serves every study variable, so that tables add up:
//
//	θ = N̂_a N_B V(N̂_ba)/[N̂_a N_B V(N̂_ba) + N̂_b N_A V(N̂_ab)]
//	N̂ the smaller root of [θ/N_B + (1 − θ)/N_A] x² − [1 + θ N̂_ab/N_B + (1 − θ) N̂_ba/N_A] x + θ N̂_ab + (1 − θ) N̂_ba = 0
//	Ŷ = (N_A − N̂)/N̂_a Ŷ_a + (N_B − N̂)/N̂_b Ŷ_b + N̂ [θ Ŷ_ab + (1 − θ) Ŷ_ba]/[θ N̂_ab + (1 − θ) N̂_ba]
//
// The variance is that of the linearised estimator, θ taken as fixed. It is an error if a size is
// not positive, or a sample has no units in the overlap or none outside it.
func (d DualFrame) PseudoML(sizeA, sizeB float64) (DualEstimate, error) {
	if err := d.check(); err != nil {
		return DualEstimate{}, err
	}
	if !(sizeA > 0) || !(sizeB > 0) || notFinite(sizeA) || notFinite(sizeB) {
		return DualEstimate{}, fmt.Errorf("frames of %v and %v units: both sizes must be known and above 0", sizeA, sizeB)
	}
	if !(d.A.OwnSize > 0) || !(d.B.OwnSize > 0) || !(d.A.OverlapSize > 0) || !(d.B.OverlapSize > 0) {
		return DualEstimate{}, fmt.Errorf("estimated units: %v and %v in the overlap, %v and %v elsewhere: both samples must have units in both; where one frame holds the other, the overlap's size is known: combine by Hartley's estimator", d.A.OverlapSize, d.B.OverlapSize, d.A.OwnSize, d.B.OwnSize)
	}
	fromB := d.A.OwnSize * sizeB * d.B.Covariance[overlapSize][overlapSize]
	fromA := d.B.OwnSize * sizeA * d.A.Covariance[overlapSize][overlapSize]
	if !(fromA+fromB > 0) {
		return DualEstimate{}, fmt.Errorf("sizes of the overlap, %v and %v, have no variance: where they are known, combine by Hartley's estimator", d.A.OverlapSize, d.B.OverlapSize)
	}
	theta := fromB / (fromA + fromB)
	p := pseudoML{theta, sizeA, sizeB}
	size, value, ga, gb := p.at(d)
	return DualEstimate{
		Estimate: Estimate{value, variance(d.A.Covariance, ga) + variance(d.B.Covariance, gb)},
		Theta:    theta, Optimal: theta, OverlapSize: size,
	}, nil
}

// pseudoML is the estimator at a θ.
type pseudoML struct {
	theta, sizeA, sizeB float64
}

// at is the overlap's size and the total, and the derivatives of the total in the totals of each frame.
func (p pseudoML) at(d DualFrame) (size, value float64, ga, gb [4]float64) {
	t, u := p.theta, 1-p.theta
	// f = c2 x² − c1 x + c0
	c2 := t/p.sizeB + u/p.sizeA
	c1 := 1 + t*d.A.OverlapSize/p.sizeB + u*d.B.OverlapSize/p.sizeA
	c0 := t*d.A.OverlapSize + u*d.B.OverlapSize
	x := 2 * c0 / (c1 + math.Sqrt(max(0, c1*c1-4*c2*c0)))
	slope := 2*c2*x - c1
	dxa, dxb := -(t-t*x/p.sizeB)/slope, -(u-u*x/p.sizeA)/slope
	meanA, meanB := d.A.Own/d.A.OwnSize, d.B.Own/d.B.OwnSize
	both := (t*d.A.Overlap + u*d.B.Overlap) / c0
	value = (p.sizeA-x)*meanA + (p.sizeB-x)*meanB + x*both
	dx := both - meanA - meanB
	ga = [4]float64{(p.sizeA - x) / d.A.OwnSize, x * t / c0, -(p.sizeA - x) / d.A.OwnSize * meanA, dx*dxa - x*both*t/c0}
	gb = [4]float64{(p.sizeB - x) / d.B.OwnSize, x * u / c0, -(p.sizeB - x) / d.B.OwnSize * meanB, dx*dxb - x*both*u/c0}
	return x, value, ga, gb
}

// variance is g'Vg.
func variance(v [4][4]float64, g [4]float64) float64 {
	m := mat.NewSymDense(4, nil)
	for i := range 4 {
		for j := i; j < 4; j++ {
			m.SetSym(i, j, v[i][j])
		}
	}
	return max(0, quadratic(m, g[:]))
}
