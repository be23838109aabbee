package combine

import (
	"cmp"
	"fmt"
	"slices"
)

// FrameUnit is a unit of one frame's sample.
type FrameUnit struct {
	// Stratum and PSU are those of the frame's own sample design.
	Stratum, PSU int32
	// Y is the study variable, Weight the design weight, the inverse of the probability of
	// selection from this frame.
	Y, Weight float64
	// Overlap says that the other frame holds the unit too; OtherWeight is then the weight
	// that it would have had there, which only the single frame wants.
	Overlap     bool
	OtherWeight float64
}

// Totals are the totals of a frame's sample with their covariance by ultimate clusters,
//
//	V = Σ_h n_h/(n_h − 1) Σ_i (z_hi − z̄_h)(z_hi − z̄_h)',
//
// z_hi the weighted totals of primary sampling unit i of stratum h: as if these were drawn with
// replacement, a little too great otherwise. It is an error if a stratum has one unit only, or a
// weight is not positive.
func Totals(units []FrameUnit) (FrameTotals, error) {
	var f FrameTotals
	total, covariance, err := clusterTotals(units, func(u FrameUnit) [4]float64 {
		if u.Overlap {
			return [4]float64{0, u.Weight * u.Y, 0, u.Weight}
		}
		return [4]float64{u.Weight * u.Y, 0, u.Weight, 0}
	})
	if err != nil {
		return f, err
	}
	return FrameTotals{total[own], total[overlap], total[ownSize], total[overlapSize], covariance}, nil
}

// SingleFrame takes both samples as one in which units of the overlap had two chances
// (Bankier 1986, JASA 81:1074; Kalton & Anderson 1986, JRSS A 149:65):
//
//	Ŷ = Σ_A w̃ y + Σ_B w̃ y,  w̃ = w outside the overlap, 1/(1/w_A + 1/w_B) in it
//
// It needs no overlap size and no covariances, but the weight that each unit would have in the other
// frame. The sizes of frames are not used; where known, [DualFrame.PseudoML] is better. It is an
// error as for [Totals], or where a unit of the overlap has no other weight.
func SingleFrame(a, b []FrameUnit) (Estimate, error) {
	var e Estimate
	for _, frame := range []struct {
		name  string
		units []FrameUnit
	}{{"A", a}, {"B", b}} {
		for i, u := range frame.units {
			if u.Overlap && !(u.OtherWeight > 0) {
				return e, fmt.Errorf("single frame: unit %d of frame %s is in both frames, with weight %v in the other: give one above 0", i+1, frame.name, u.OtherWeight)
			}
		}
		total, covariance, err := clusterTotals(frame.units, func(u FrameUnit) [4]float64 {
			if u.Overlap {
				return [4]float64{u.Y / (1/u.Weight + 1/u.OtherWeight)}
			}
			return [4]float64{u.Weight * u.Y}
		})
		if err != nil {
			return e, fmt.Errorf("single frame: frame %s: %w", frame.name, err)
		}
		e.Value, e.Variance = e.Value+total[0], e.Variance+covariance[0][0]
	}
	return e, nil
}

// clusterTotals are the totals of what each unit adds, and their covariance. Sums are taken
// in the order of strata, primary sampling units and units.
func clusterTotals(units []FrameUnit, adds func(FrameUnit) [4]float64) (total [4]float64, covariance [4][4]float64, err error) {
	if len(units) == 0 {
		return total, covariance, fmt.Errorf("totals of a frame: no units were sampled")
	}
	for i, u := range units {
		if !(u.Weight > 0) || notFinite(u.Weight) || notFinite(u.Y) {
			return total, covariance, fmt.Errorf("totals of a frame: unit %d has y %v and weight %v: give a finite y and a weight above 0", i+1, u.Y, u.Weight)
		}
	}
	sorted := slices.Clone(units)
	slices.SortStableFunc(sorted, func(a, b FrameUnit) int {
		return cmp.Or(cmp.Compare(a.Stratum, b.Stratum), cmp.Compare(a.PSU, b.PSU))
	})
	var clusters [][4]float64
	for i, u := range sorted {
		newStratum := i == 0 || u.Stratum != sorted[i-1].Stratum
		if newStratum || u.PSU != sorted[i-1].PSU {
			clusters = append(clusters, [4]float64{})
		}
		for k, z := range adds(u) {
			clusters[len(clusters)-1][k] += z
			total[k] += z
		}
		if i < len(sorted)-1 && sorted[i+1].Stratum == u.Stratum {
			continue
		}
		n := float64(len(clusters))
		if n < 2 {
			return total, covariance, fmt.Errorf("totals of a frame: stratum %d has one primary sampling unit: its variance needs two; put strata together", u.Stratum)
		}
		var mean [4]float64
		for _, z := range clusters {
			for k := range z {
				mean[k] += z[k] / n
			}
		}
		for _, z := range clusters {
			for k := range z {
				for l := range z {
					covariance[k][l] += n / (n - 1) * (z[k] - mean[k]) * (z[l] - mean[l])
				}
			}
		}
		clusters = nil
	}
	return total, covariance, nil
}
