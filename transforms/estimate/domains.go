package estimate

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/kankei/kankei/transforms/weight"
)

// Domains estimates totals over very many domains of one sample, each at the
// cost of its own members: what all of them share is computed once.
//
// The linearised variable of a calibrated domain total is u = g(d_k y − x'B_d),
// whose squares, summed over all sampling units, expand into moments. With
// Z_i = Σ_k w y and X_i = Σ_k w x over a sampling unit, their sums S and T over a
// stratum, and c_h = (1 − n_h/N_h) n_h/(n_h − 1),
//
//	v = Σ_h c_h (Σ_i Z² − S²/n_h) − 2B'Σ_h c_h (Σ_i X Z − T S/n_h) + B'MB
//	M = Σ_h c_h (Σ_i X Xᵀ − T Tᵀ/n_h)
//
// M and the regression's matrix are of the sample; the rest is sums over the
// sampling units that hold a member of the domain. It equals [Survey.Total] up
// to rounding, for designs of one stage or taken at the first.
type Domains struct {
	survey  Survey
	layout  weight.Layout
	terms   []weight.Term
	weights []float64
	strata  [][]float64 // T of each stratum
	units   [][]float64 // X_i of each sampling unit, sparse where a unit has few
	m       *mat.SymDense
	df      float64
}

// DomainTotal is a total of a domain with the counts it rests on.
type DomainTotal struct {
	Estimate
	// Units is the number of respondents in the domain, unweighted; PSU that of
	// their primary sampling units.
	Units, PSU int
}

// NewDomains prepares a sample. Inner stages of a design with finite population
// corrections are not told apart: [Survey.Total] is for these.
func NewDomains(s Survey) (*Domains, error) {
	if err := s.Design.Check(); err != nil {
		return nil, err
	}
	if len(s.Design.Stages) > 1 && s.Design.Stages[0].Population != nil {
		return nil, fmt.Errorf("all domains at once: a design of several stages with finite populations is estimated domain by domain")
	}
	layout, err := s.Design.Layout()
	if err != nil {
		return nil, err
	}
	terms, err := s.Design.Terms(layout)
	if err != nil {
		return nil, err
	}
	d := &Domains{survey: s, layout: layout, terms: terms, weights: s.Weights()}
	if d.df, err = s.Design.DegreesOfFreedom(nil); err != nil {
		return nil, err
	}
	if s.Calibration != nil {
		d.auxiliaryMoments()
	}
	return d, nil
}

// auxiliaryMoments computes X_i, T and M.
func (d *Domains) auxiliaryMoments() {
	aux := d.survey.Calibration.Aux
	p := len(aux.Names)
	d.strata = make([][]float64, len(d.layout.Sampled))
	for h := range d.strata {
		d.strata[h] = make([]float64, p)
	}
	if d.single() {
		scaled := make([]float64, len(d.weights))
		for k, w := range d.weights {
			h := d.layout.Stratum[d.layout.PSU[k]]
			scaled[k] = d.terms[h].Scale * w * w
			aux.AddTo(d.strata[h], w, k)
		}
		d.m = aux.Product(scaled)
	} else {
		d.units = make([][]float64, len(d.layout.Stratum))
		for psu := range d.units {
			d.units[psu] = make([]float64, p)
		}
		for k, w := range d.weights {
			psu := d.layout.PSU[k]
			aux.AddTo(d.units[psu], w, k)
			aux.AddTo(d.strata[d.layout.Stratum[psu]], w, k)
		}
		d.m = mat.NewSymDense(p, nil)
		for psu, x := range d.units {
			d.m.SymRankOne(d.m, d.terms[d.layout.Stratum[psu]].Scale, mat.NewVecDense(p, x))
		}
	}
	for h, t := range d.strata {
		if d.terms[h].Centred {
			d.m.SymRankOne(d.m, -d.terms[h].Scale/float64(d.layout.Sampled[h]), mat.NewVecDense(p, t))
		}
	}
}

// single says whether every respondent is a sampling unit of their own, so that
// X_i is a row of the auxiliary matrix.
func (d *Domains) single() bool { return len(d.layout.Stratum) == len(d.weights) }

// Total estimates the total of y over the units listed, in ascending order
// without repetition; y has one value for each of them.
func (d *Domains) Total(units []int32, y []float64) (DomainTotal, error) {
	t := DomainTotal{Units: len(units)}
	t.DF = d.df
	sums := d.bySamplingUnit(units, y)
	t.PSU = len(sums)
	for i, k := range units {
		if int(k) >= len(d.weights) || k < 0 || i > 0 && k <= units[i-1] {
			return t, fmt.Errorf("domain: unit %d is not one of the %d of the sample, or out of order", k+1, len(d.weights))
		}
		t.Value += d.weights[k] * y[i]
	}
	if r := d.survey.Replicates; r != nil {
		t.StdErr, t.DF = replicatedTotal(*r, t.Value, units, y), r.DF
		return t, nil
	}
	strata := map[int32]float64{} // S; the sum over it below is in order of stratum
	var order []int32
	var v float64
	for _, s := range sums {
		h := d.layout.Stratum[s.psu]
		if _, seen := strata[h]; !seen {
			order = append(order, h)
		}
		strata[h] += s.z
		v += d.terms[h].Scale * s.z * s.z
	}
	slices.Sort(order)
	for _, h := range order {
		if d.terms[h].Centred {
			v -= d.terms[h].Scale * square(strata[h]) / float64(d.layout.Sampled[h])
		}
	}
	if d.survey.Calibration != nil {
		v += d.regressionPart(units, y, sums, strata, order)
	}
	// Rounding may leave a census or an exactly calibrated total a hair below 0.
	t.StdErr = math.Sqrt(max(v, 0))
	return t, nil
}

// unitSum is Z_i of one sampling unit.
type unitSum struct {
	psu int32
	k   int32 // a unit of it
	z   float64
}

func (d *Domains) bySamplingUnit(units []int32, y []float64) []unitSum {
	sums := make([]unitSum, 0, len(units))
	for i, k := range units {
		sums = append(sums, unitSum{d.layout.PSU[k], k, d.weights[k] * y[i]})
	}
	if d.single() {
		return sums
	}
	slices.SortStableFunc(sums, func(a, b unitSum) int { return int(a.psu) - int(b.psu) })
	merged := sums[:0]
	for _, s := range sums {
		if n := len(merged); n > 0 && merged[n-1].psu == s.psu {
			merged[n-1].z += s.z
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// regressionPart is what B adds to the variance.
func (d *Domains) regressionPart(units []int32, y []float64, sums []unitSum, strata map[int32]float64, order []int32) float64 {
	c := d.survey.Calibration
	p := len(c.Aux.Names)
	crossed, mixed := make([]float64, p), make([]float64, p)
	for i, k := range units {
		c.Aux.AddTo(crossed, d.survey.Design.Weights[k]*y[i], int(k))
	}
	for _, s := range sums {
		scale := d.terms[d.layout.Stratum[s.psu]].Scale * s.z
		if d.single() {
			c.Aux.AddTo(mixed, scale*d.weights[s.k], int(s.k))
			continue
		}
		for i, x := range d.units[s.psu] {
			mixed[i] += scale * x
		}
	}
	for _, h := range order {
		if d.terms[h].Centred {
			for i, x := range d.strata[h] {
				mixed[i] -= d.terms[h].Scale * x * strata[h] / float64(d.layout.Sampled[h])
			}
		}
	}
	b := c.Coefficients(crossed)
	var linear, quadratic float64
	raw := d.m.RawSymmetric()
	for i := range b {
		linear += b[i] * mixed[i]
		if b[i] == 0 {
			continue
		}
		quadratic += b[i] * b[i] * raw.Data[i*raw.Stride+i]
		for j := i + 1; j < p; j++ {
			quadratic += 2 * b[i] * b[j] * raw.Data[i*raw.Stride+j]
		}
	}
	return quadratic - 2*linear
}

// replicatedTotal is the standard error of a total over replicate weights, at the
// cost of the members of the domain.
func replicatedTotal(r weight.Replicates, value float64, units []int32, y []float64) float64 {
	totals := make([]float64, len(r.Weights))
	centre := value
	var mean float64
	for b, w := range r.Weights {
		for i, k := range units {
			totals[b] += w[k] * y[i]
		}
		mean += totals[b] / float64(len(r.Weights))
	}
	if !r.AboutEstimate {
		centre = mean
	}
	var v float64
	for b, total := range totals {
		v += r.Coefficients[b] * square(total-centre)
	}
	return math.Sqrt(v)
}
