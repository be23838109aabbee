package weight

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Covariance is the covariance matrix of totals Σ w_k u_ik under the design, for
// p variables u_i of one value per unit: the one place where the formula of the
// design-based variance stands. With z_hi = Σ_k w_k u_k over a sampling unit i
// of a stratum h,
//
//	v = Σ_h (1 − n_h/N_h) n_h/(n_h−1) Σ_i (z_hi − z̄_h)(z_hi − z̄_h)ᵀ + Σ_h n_h/N_h Σ_i v_hi
//
// where v_hi is the same over the next stage within the sampling unit. Särndal,
// Swensson & Wretman (1992), §4.3; Binder (1983). Weights may differ from the
// design's, as calibrated ones do. The result is in the square of the unit of wu.
//
// A stratum with one sampling unit contributes as d.Lonely says, or is an error
// that names it.
func (d Design) Covariance(weights []float64, u ...[]float64) (*mat.SymDense, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	z := make([][]float64, len(u))
	for i := range u {
		if len(u[i]) != len(d.Weights) {
			return nil, fmt.Errorf("variable %d has %d values for %d units", i+1, len(u[i]), len(d.Weights))
		}
		z[i] = make([]float64, len(u[i]))
		for k := range z[i] {
			z[i][k] = weights[k] * u[i][k]
		}
	}
	units := make([]int32, len(d.Weights))
	for k := range units {
		units[k] = int32(k)
	}
	v := mat.NewSymDense(len(u), nil)
	return v, d.addStage(v, 1, 0, units, z)
}

// addStage adds to v the contribution of a stage and of those within it, times
// factor, for some units.
func (d Design) addStage(v *mat.SymDense, factor float64, stage int, units []int32, z [][]float64) error {
	var s Stage
	if stage < len(d.Stages) {
		s = d.Stages[stage]
	}
	l, err := s.layout(units, stage+1)
	if err != nil {
		return err
	}
	totals := l.totals(units, z)
	terms, err := d.terms(l, stage)
	if err != nil {
		return err
	}
	l.addSquares(v, factor, terms, totals)
	if stage+1 >= len(d.Stages) {
		return nil
	}
	members := make([][]int32, len(l.Stratum))
	for i, k := range units {
		members[l.PSU[i]] = append(members[l.PSU[i]], k)
	}
	for psu, h := range l.Stratum {
		if f := float64(l.Sampled[h]) / l.Population[h]; f > 0 {
			if err := d.addStage(v, factor*f, stage+1, members[psu], z); err != nil {
				return err
			}
		}
	}
	return nil
}

// Term is how the squares of a stratum enter the variance: Scale times the sum
// of squares of its sampling units' totals, about their mean where Centred.
type Term struct {
	Scale   float64
	Centred bool
}

// Terms gives the term of each stratum of the first stage.
func (d Design) Terms(l Layout) ([]Term, error) { return d.terms(l, 0) }

func (d Design) terms(l Layout, stage int) ([]Term, error) {
	terms := make([]Term, len(l.Sampled))
	lonely := 0
	for h, n := range l.Sampled {
		correction := 1 - float64(n)/l.Population[h] // 1 of an infinite population
		switch {
		case n > 1:
			terms[h] = Term{correction * float64(n) / float64(n-1), true}
		case correction == 0: // the whole stratum was drawn
		case d.Lonely == LonelyAdjust:
			terms[h] = Term{correction, false}
		case d.Lonely == LonelyRefuse:
			return nil, refuse("第 %d 段: 層 %s の抽出単位は一つだけで、分散が分かりません。似た層と合わせるか、lonely_psu を adjust、average、remove、certainty のいずれかにしてください。",
				"stage %d: stratum %s has one sampling unit, from which no variance can be told: join it to a like stratum, or set lonely_psu to adjust, average, remove or certainty", stage+1, l.Names[h])
		case d.Lonely == LonelyAverage:
			lonely++
		}
	}
	if lonely > 0 {
		if lonely == len(terms) {
			return nil, refuse("第 %d 段: どの層も抽出単位が一つだけで、平均がありません。層を合わせてください。",
				"stage %d: every stratum has one sampling unit, so that there is no average: join strata", stage+1)
		}
		for h := range terms {
			terms[h].Scale *= float64(len(terms)) / float64(len(terms)-lonely)
		}
	}
	return terms, nil
}

// totals sums each variable over sampling units.
func (l Layout) totals(units []int32, z [][]float64) [][]float64 {
	totals := make([][]float64, len(z))
	for v := range z {
		totals[v] = make([]float64, len(l.Stratum))
		for i, k := range units {
			totals[v][l.PSU[i]] += z[v][k]
		}
	}
	return totals
}

// addSquares adds the strata's cross products of totals. The sum of squares
// about the mean is taken after the means, which loses fewer digits than the
// difference of two great sums.
func (l Layout) addSquares(v *mat.SymDense, factor float64, terms []Term, totals [][]float64) {
	means := make([][]float64, len(totals))
	for i, t := range totals {
		means[i] = make([]float64, len(l.Sampled))
		for psu, h := range l.Stratum {
			if terms[h].Centred {
				means[i][h] += t[psu] / float64(l.Sampled[h])
			}
		}
	}
	for i := range totals {
		for j := i; j < len(totals); j++ {
			var sum float64
			for psu, h := range l.Stratum {
				sum += terms[h].Scale * (totals[i][psu] - means[i][h]) * (totals[j][psu] - means[j][h])
			}
			v.SetSym(i, j, v.At(i, j)+factor*sum)
		}
	}
}
