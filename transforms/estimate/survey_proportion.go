package estimate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/transforms/rates"
)

// kornGraubard is the interval of Korn & Graubard (1998): beta quantiles at the
// effective sample size. Of a share of 0 or 1 the sample size itself stands for
// the effective one.
func kornGraubard(p Estimate, n int, level float64) (low, high float64) {
	alpha := 1 - level
	effective := float64(n)
	if p.StdErr > 0 {
		effective = p.Value * (1 - p.Value) / square(p.StdErr)
		if n > 1 {
			effective *= square(studentQuantile(float64(n-1), alpha/2) / studentQuantile(p.DF, alpha/2))
		}
	}
	return rates.BetaInterval(effective*p.Value, effective, level)
}

// Independence is the outcome of a test of a two-way table.
type Independence struct {
	// ChiSquare is Pearson's statistic of the estimated proportions at the
	// sample's size, before any correction.
	ChiSquare float64
	// F is the second-order corrected statistic, compared with the F distribution
	// of NumeratorDF and DenominatorDF degrees of freedom; P is its p-value.
	F, NumeratorDF, DenominatorDF, P float64
	// FirstOrderP is the p-value of the first-order correction: Pearson's
	// statistic over the mean design effect, against chi-square.
	FirstOrderP float64
}

// RaoScott tests the independence of two classifications of the units of a
// domain, rows and columns numbered from 0 (negative: not answered, left out).
// With V the covariance of the cell proportions and V₀ that of a simple random
// sample, Δ = (CᵀV₀C)⁻¹ CᵀVC on the contrasts C that independence makes vanish;
// F = X²/tr Δ on (tr Δ)²/tr Δ² and that times the design's degrees of freedom.
// Rao & Scott (1984, Ann. Statist. 12:46), with Thomas & Rao's F.
func (s Survey) RaoScott(rows, columns []int32, nr, nc int) (Independence, error) {
	if nr < 2 || nc < 2 {
		return Independence{}, fmt.Errorf("a table of %d × %d has no independence to test", nr, nc)
	}
	answered := make([]bool, len(rows))
	n := 0
	cells := make([]Domain, nr*nc)
	for i := range cells {
		cells[i] = Domain{Y: make([]float64, len(rows)), In: answered}
	}
	for k := range rows {
		if rows[k] >= 0 && columns[k] >= 0 {
			answered[k] = true
			cells[int(rows[k])*nc+int(columns[k])].Y[k] = 1
			n++
		}
	}
	p, err := s.Means(cells...)
	if err != nil {
		return Independence{}, err
	}
	rowShare, columnShare := make([]float64, nr), make([]float64, nc)
	for i, v := range p.Values {
		rowShare[i/nc] += v
		columnShare[i%nc] += v
	}
	var x Independence
	for i, v := range p.Values {
		e := rowShare[i/nc] * columnShare[i%nc]
		if e == 0 {
			return x, fmt.Errorf("row %d or column %d of the table is empty: leave it out", i/nc+1, i%nc+1)
		}
		x.ChiSquare += float64(n) * square(v-e) / e
	}
	delta, err := generalisedEffects(p.Covariance, p.Values, nr, nc, float64(n))
	if err != nil {
		return x, err
	}
	df, err := s.Design.DegreesOfFreedom(nil)
	if err != nil {
		return x, err
	}
	var squared mat.Dense
	squared.Mul(delta, delta)
	trace := mat.Trace(delta)
	x.F = x.ChiSquare / trace
	x.NumeratorDF = square(trace) / mat.Trace(&squared)
	x.DenominatorDF = x.NumeratorDF * df
	x.P = distuv.F{D1: x.NumeratorDF, D2: x.DenominatorDF}.Survival(x.F)
	free := float64((nr - 1) * (nc - 1))
	x.FirstOrderP = distuv.ChiSquared{K: free}.Survival(x.ChiSquare / (trace / free))
	return x, nil
}

// generalisedEffects is Δ. C takes the interactions of the log-linear model out
// of the cell proportions: the interaction columns in sum-to-zero coding, each
// cell over its proportion.
func generalisedEffects(v *mat.SymDense, p []float64, nr, nc int, n float64) (*mat.Dense, error) {
	contrasts := mat.NewDense(nr*nc, (nr-1)*(nc-1), nil)
	multinomial := mat.NewDense(nr*nc, nr*nc, nil)
	for i := range p {
		for j := range p {
			multinomial.Set(i, j, -p[i]*p[j]/n)
		}
		multinomial.Set(i, i, p[i]*(1-p[i])/n)
		if p[i] == 0 {
			continue // an empty cell tells no log-odds
		}
		for a := range nr - 1 {
			for b := range nc - 1 {
				contrasts.Set(i, a*(nc-1)+b, effect(i/nc, a, nr)*effect(i%nc, b, nc)/p[i])
			}
		}
	}
	form := func(m mat.Matrix) *mat.Dense {
		var half, whole mat.Dense
		half.Mul(m, contrasts)
		whole.Mul(contrasts.T(), &half)
		return &whole
	}
	var delta mat.Dense
	if err := delta.Solve(form(multinomial), form(v)); err != nil {
		return nil, fmt.Errorf("too many cells of the table are empty: join rows or columns: %w", err)
	}
	return &delta, nil
}

// effect is the column a of the sum-to-zero coding of n classes.
func effect(class, a, n int) float64 {
	switch class {
	case a:
		return 1
	case n - 1:
		return -1
	}
	return 0
}

// CountInterval is the interval of an estimated number of persons out of a
// population whose size is known, from n respondents whose weights have the
// effective size kish ([weight.EffectiveSize]): that of their share, logit, or
// [rareInterval] where fewer than ten respondents at the effective size have it or
// the share is 0 or 1. It never goes below 0 or above the population.
func CountInterval(count Estimate, population float64, n int, kish, level float64) (low, high float64, err error) {
	p := Estimate{Value: count.Value / population, StdErr: count.StdErr / population, DF: count.DF}
	if p.Value > 1 && p.Value < 1+1e-9 {
		p.Value = 1
	}
	if p.Value < 0 || p.Value > 1 || math.IsNaN(p.StdErr) {
		return 0, 0, fmt.Errorf("%v of %v is no share", count.Value, population)
	}
	if p.StdErr == 0 || square(p.Value)*(1-p.Value)/square(p.StdErr) < 10 {
		low, high = rareInterval(p, n, kish, level)
	} else if low, high, err = ProportionInterval(p, n, Logit, level); err != nil {
		return 0, 0, err
	}
	return population * low, population * math.Min(high, 1), nil
}

// rareInterval is that of Korn & Graubard for weights that differ. Their upper
// limit is that of one respondent more, whose weight is that of those found,
// v/(p(1−p)): where the few found have small weights, it does not reckon with those
// of great weight whom the sample missed. Here the one more has the mean weight and
// the mean square of all, 1/n and 1/(n·kish) as shares of the population, as Tiwari,
// Clegg & Zou (2006, Stat. Methods Med. Res. 15:547) have it for rates:
//
//	s = (v/(1−p) + 1/(n·kish))/(p + 1/n),  high = Beta⁻¹(1−α/2; (p + 1/n)/s, 1/s − p/s)
//
// With equal weights the two are one.
func rareInterval(p Estimate, n int, kish, level float64) (low, high float64) {
	if p.StdErr > 0 {
		low, _ = kornGraubard(p, n, level)
	}
	if p.Value == 1 {
		low, _ = kornGraubard(p, int(kish), level)
		return low, 1
	}
	v := square(p.StdErr)
	if n > 1 {
		v *= square(studentQuantile(p.DF, (1-level)/2) / studentQuantile(float64(n-1), (1-level)/2))
	}
	one := 1 / float64(n)
	scale := (v/(1-p.Value) + one/kish) / (p.Value + one)
	return low, mathext.InvRegIncBeta((p.Value+one)/scale, (1-p.Value)/scale, (1+level)/2)
}
