package contrast

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// comparison is persons with their propensities.
type comparison struct {
	Persons
	design
	propensity
	a, e  []float64 // taking part, 0 or 1, and its propensity
	share float64   // mean of a
}

func newComparison(p Persons) (*comparison, error) {
	c := &comparison{Persons: p, a: make([]float64, len(p.Treated))}
	everyone := make([]float64, len(p.Treated))
	for i, treated := range p.Treated {
		everyone[i] = 1
		if treated {
			c.a[i] = 1
			c.share += 1 / float64(len(p.Treated))
		}
	}
	if c.share == 0 || c.share > 1-0.5/float64(len(p.Treated)) {
		return nil, fmt.Errorf("of %d persons all or none took part: there is nobody to compare", len(p.Treated))
	}
	var err error
	if c.design, err = newDesign(p.Covariates, p.Names); err != nil {
		return nil, err
	}
	if c.propensity, err = c.design.propensity(c.a, everyone); err != nil {
		return nil, err
	}
	c.e = c.fitted
	return c, nil
}

func (c *comparison) contrast(out *PersonContrast) (err error) {
	w := c.weights(out.Estimand)
	out.EffectiveTreated, out.EffectiveControls = c.effective(w, 1), c.effective(w, 0)
	if out.DoublyRobust, out.UncorrectedStdErr, err = c.doublyRobust(c.Outcome, out.Estimand); err != nil {
		return err
	}
	out.DoublyRobust.DF = c.freedom(out, out.DoublyRobust.DF)
	if c.Placebo != nil {
		before, _, err := c.doublyRobust(c.Placebo, out.Estimand)
		if err != nil {
			return err
		}
		before.DF = c.freedom(out, before.DF)
		out.Before = &before
	}
	out.Hajek, out.HorvitzThompson = c.hajek(w, out.Estimand), c.horvitzThompson(w, out.Estimand)
	out.Coefficients = c.natural(c.coefficients)
	out.LeastPropensity, out.GreatestPropensity = 1, 0
	for _, e := range c.e {
		out.LeastPropensity, out.GreatestPropensity = min(out.LeastPropensity, e), max(out.GreatestPropensity, e)
	}
	out.Balance = c.balance(w)
	return nil
}

// freedom is the smaller effective size less the coefficients of the regression, at least 1,
// and no more than the clusters leave.
func (c *comparison) freedom(out *PersonContrast, clusters float64) float64 {
	df := max(1, min(out.EffectiveTreated, out.EffectiveControls)-float64(len(c.coefficients)))
	if c.Clusters != nil {
		df = min(df, clusters)
	}
	return df
}

// weights are 1/e and 1/(1 − e), of the ATT 1 and e/(1 − e).
func (c *comparison) weights(estimand Estimand) []float64 {
	w := make([]float64, len(c.e))
	for i, e := range c.e {
		w[i] = 1 / (1 - e)
		if c.Treated[i] {
			w[i] = 1 / e
		}
		if estimand == ATT {
			w[i] *= e
		}
	}
	return w
}

// doublyRobust is the mean of φ, with the error of its influence function in which every
// residual is over 1 − h, and without.
func (c *comparison) doublyRobust(y []float64, estimand Estimand) (e Estimate, uncorrected float64, err error) {
	m0, h0, err := c.predict(y, 0)
	if err != nil {
		return e, 0, err
	}
	m1, h1 := make([]float64, len(y)), make([]float64, len(y))
	if estimand == ATE {
		if m1, h1, err = c.predict(y, 1); err != nil {
			return e, 0, err
		}
	}
	phi, more := make([]float64, len(y)), make([]float64, len(y))
	for i, p := range c.e {
		var treated, control, known float64
		if estimand == ATT {
			treated, control = c.a[i]*(y[i]-m0[i])/c.share, (1-c.a[i])*p/(1-p)*(y[i]-m0[i])/c.share
		} else {
			known, treated, control = m1[i]-m0[i], c.a[i]*(y[i]-m1[i])/p, (1-c.a[i])*(y[i]-m0[i])/(1-p)
		}
		phi[i] = known + treated - control
		more[i] = treated*h1[i]/(1-h1[i]) - control*h0[i]/(1-h0[i])
		e.Value += phi[i] / float64(len(y))
	}
	for i := range phi {
		if estimand == ATT {
			phi[i] -= c.a[i] * e.Value / c.share
		} else {
			phi[i] -= e.Value
		}
	}
	uncorrected, _ = c.stdErr(phi)
	addTo(phi, 1, more)
	e.StdErr, e.DF = c.stdErr(phi)
	return e, uncorrected, nil
}

// predict is the outcome of all persons by the regression of one side, and the leverage
// h = x'(Σxx')⁻¹x of that side's persons. A person whom the regression meets exactly (h = 1)
// has the residual 0, and so may have the leverage 0.
func (c *comparison) predict(y []float64, side float64) (fitted, leverage []float64, err error) {
	w := make([]float64, len(y))
	for i, a := range c.a {
		if a == side {
			w[i] = 1
		}
	}
	b, factor, err := c.leastSquares(w, y)
	if err != nil {
		who := "did not take part"
		if side == 1 {
			who = "took part"
		}
		return nil, nil, fmt.Errorf("outcomes of those who %s: %w", who, err)
	}
	fitted, leverage = make([]float64, len(y)), make([]float64, len(y))
	var inverse mat.SymDense
	if err := factor.InverseTo(&inverse); err != nil {
		return nil, nil, fmt.Errorf("outcomes: %w", err)
	}
	for i, x := range c.x {
		fitted[i] = dot(x, b)
		if w[i] == 1 {
			v := mat.NewVecDense(len(x), x)
			if h := mat.Inner(v, &inverse, v); h < 1-1e-9 {
				leverage[i] = h
			}
		}
	}
	return fitted, leverage, nil
}

// stdErr is √(Σ_c (Σ ψ)²)/n.
func (c *comparison) stdErr(psi []float64) (stdErr, df float64) {
	n := float64(len(psi))
	var sum float64
	if c.Clusters == nil {
		for _, v := range psi {
			sum += v * v
		}
		return math.Sqrt(sum) / n, 0
	}
	at := map[int32]int{}
	var totals []float64
	for i, v := range psi {
		k, ok := at[c.Clusters[i]]
		if !ok {
			k = len(totals)
			at[c.Clusters[i]] = k
			totals = append(totals, 0)
		}
		totals[k] += v
	}
	for _, v := range totals {
		sum += v * v
	}
	g := float64(len(totals))
	if g == 1 {
		return math.Inf(1), 0
	}
	return math.Sqrt(sum*g/(g-1)) / n, g - 1
}

// hajek is Σ_A wY/Σ_A w − Σ_{1−A} wY/Σ_{1−A} w.
func (c *comparison) hajek(w []float64, estimand Estimand) Estimate {
	var sum, weight [2]float64
	for i, y := range c.Outcome {
		side := int(c.a[i])
		sum[side] += w[i] * y
		weight[side] += w[i]
	}
	means := [2]float64{sum[0] / weight[0], sum[1] / weight[1]}
	n := float64(len(w))
	psi, slopes := make([]float64, len(w)), make([]float64, len(w))
	for i, y := range c.Outcome {
		side := int(c.a[i])
		psi[i] = w[i] * (y - means[side]) * n / weight[side]
		if side == 0 {
			psi[i] = -psi[i]
		}
		slopes[i] = psi[i] * c.slope(i, estimand)
	}
	c.addPropensity(psi, slopes)
	e := Estimate{Value: means[1] - means[0]}
	e.StdErr, e.DF = c.stdErr(psi)
	return e
}

// horvitzThompson is Σ_A wY/n − Σ_{1−A} wY/n, of the ATT with ΣA for n.
func (c *comparison) horvitzThompson(w []float64, estimand Estimand) Estimate {
	size := 1.0
	if estimand == ATT {
		size = c.share
	}
	phi, slopes := make([]float64, len(w)), make([]float64, len(w))
	var e Estimate
	for i, y := range c.Outcome {
		phi[i] = (2*c.a[i] - 1) * w[i] * y / size
		slopes[i] = phi[i] * c.slope(i, estimand)
		e.Value += phi[i] / float64(len(w))
	}
	for i := range phi {
		if estimand == ATT {
			phi[i] -= c.a[i] * e.Value / size
		} else {
			phi[i] -= e.Value
		}
	}
	c.addPropensity(phi, slopes)
	e.StdErr, e.DF = c.stdErr(phi)
	return e
}

// slope is ∂ ln w/∂(x'γ).
func (c *comparison) slope(i int, estimand Estimand) float64 {
	switch {
	case estimand == ATT && c.Treated[i]:
		return 0
	case estimand == ATT:
		return 1
	case c.Treated[i]:
		return c.e[i] - 1
	}
	return c.e[i]
}

// addPropensity adds to ψ what the estimated propensity does:
// (Σ slope x)'(Σ e(1 − e)xx')⁻¹ x(A − e).
func (c *comparison) addPropensity(psi, slopes []float64) {
	total := make([]float64, len(c.coefficients))
	for i, s := range slopes {
		addTo(total, s, c.x[i])
	}
	by := solve(c.spread, total)
	for i, x := range c.x {
		psi[i] += dot(by, x) * (c.a[i] - c.e[i])
	}
}

// balance compares the covariates with all weights 1 and with these.
func (c *comparison) balance(w []float64) []Balance {
	out := make([]Balance, len(c.Names))
	for j, name := range c.Names {
		var n, sum, weight, weighted, squares [2]float64
		for i := range w {
			side, v := int(c.a[i]), c.x[i][j+1]
			n[side]++
			sum[side] += v
			weight[side] += w[i]
			weighted[side] += w[i] * v
		}
		for i := range w {
			side := int(c.a[i])
			squares[side] += square(c.x[i][j+1] - sum[side]/n[side])
		}
		// Of one person alone the variance is taken as 0.
		scale := math.Sqrt((squares[0]/max(n[0]-1, 1) + squares[1]/max(n[1]-1, 1)) / 2)
		out[j] = Balance{name, (sum[1]/n[1] - sum[0]/n[0]) / scale, (weighted[1]/weight[1] - weighted[0]/weight[0]) / scale}
	}
	return out
}

func (c *comparison) effective(w []float64, side float64) float64 {
	var sum, squares float64
	for i, v := range w {
		if c.a[i] == side {
			sum, squares = sum+v, squares+v*v
		}
	}
	return sum * sum / squares
}
