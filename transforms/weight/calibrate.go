package weight

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Distance is how far calibrated weights are from design weights: what a
// calibration keeps as small as the totals allow.
type Distance int

const (
	// Linear is the chi-square distance, of the generalised regression
	// estimator: g = 1 + u. Weights may become negative.
	Linear Distance = iota
	// Raking is the multiplicative distance: g = exp(u). Weights stay above 0.
	Raking
	// Logit keeps g between two bounds L < 1 < U smoothly:
	// g = [L(U−1) + U(1−L)e^{Au}] / [(U−1) + (1−L)e^{Au}], A = (U−L)/((1−L)(U−1)).
	Logit
	// TruncatedLinear cuts 1 + u at the bounds.
	TruncatedLinear
)

// DistanceCodes are the distances by the code that kankei.yaml uses.
var DistanceCodes = map[string]Distance{"linear": Linear, "raking": Raking, "logit": Logit, "truncated_linear": TruncatedLinear}

// Options of a calibration.
type Options struct {
	Distance Distance
	// Low and High bound the g-weights of Logit and TruncatedLinear.
	Low, High float64
	// Clusters, where not nil, are units that get the same g-weight, such as the
	// members of a household.
	Clusters []int32
}

// marginTolerance is how closely the totals must be met, relative to the
// greatest of them or to themselves, whichever is more lenient for zeros.
const marginTolerance = 1e-8

// maxSteps bounds the Newton steps; a feasible calibration takes under 20.
const maxSteps = 100

// Calibration is weights that meet known totals, and how far they had to move.
type Calibration struct {
	// Aux and Totals are what was calibrated to.
	Aux    *Auxiliary
	Totals []float64
	// G is the g-weight of each unit: calibrated over design weight.
	G []float64
	// Weights is design weight times g-weight.
	Weights []float64
	// MinG and MaxG are the range of the g-weights.
	MinG, MaxG float64
	// Steps is the number of Newton steps taken.
	Steps int
	// Discrepancy is the greatest relative difference of a total met from the
	// total wanted.
	Discrepancy float64

	design []float64
	normal normal
}

// Calibrate finds the g-weights nearest to 1 in a distance of Deville & Särndal
// (1992, JASA 87:376) for which Σ d_k g_k x_k meets the totals, by Newton's
// method on λ: λ ← λ + (Σ d g' x xᵀ)⁻¹ (X − Σ d g x), halving a step that goes
// wrong. Auxiliary variables that are sums of others, as the last class of each
// further margin is, are left out of the equations and held to their totals
// afterwards.
//
// It is an error that names the worst total if they are not met to 1e-8: the
// bounds are too narrow, the totals contradict each other, or too few units
// carry them.
func Calibrate(design []float64, aux *Auxiliary, totals []float64, o Options) (*Calibration, error) {
	if err := checkCalibration(design, aux, totals, o); err != nil {
		return nil, err
	}
	if o.Clusters != nil {
		aux = aux.averaged(o.Clusters)
	}
	ones := make([]float64, len(design))
	for k := range ones {
		ones[k] = 1
	}
	c := &Calibration{Aux: aux, Totals: totals, G: ones, design: design, normal: newNormal(aux.Product(design))}
	u, lambda := make([]float64, len(design)), make([]float64, len(aux.Names))
	gap := c.gap(c.G)
	for c.Steps = 0; c.Steps < maxSteps && norm(gap) > 1e-13*norm(totals); c.Steps++ {
		step, ok := c.step(u, gap, o)
		if !ok || !c.descend(lambda, step, u, gap, o) {
			break
		}
		gap = c.gap(c.G)
	}
	c.finish()
	return c, c.refusal(gap, o)
}

func checkCalibration(design []float64, aux *Auxiliary, totals []float64, o Options) error {
	switch {
	case aux.Rows() != len(design):
		return fmt.Errorf("calibration: %d rows of auxiliary variables for %d units", aux.Rows(), len(design))
	case len(totals) != len(aux.Names):
		return fmt.Errorf("calibration: %d totals for %d auxiliary variables: give one for each", len(totals), len(aux.Names))
	case (o.Distance == Logit || o.Distance == TruncatedLinear) && !(o.Low < 1 && o.High > 1):
		return fmt.Errorf("calibration: the bounds %v and %v of the g-weights must lie on either side of 1", o.Low, o.High)
	}
	for k, d := range design {
		if !(d > 0) || math.IsInf(d, 0) {
			return fmt.Errorf("calibration: unit %d has the design weight %v: it must be above 0", k+1, d)
		}
	}
	for i, t := range totals {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("calibration: the total of %s is %v", aux.Names[i], t)
		}
	}
	return nil
}

// gap is X − Σ d g x.
func (c *Calibration) gap(g []float64) []float64 {
	gap := append([]float64(nil), c.Totals...)
	for k := range g {
		c.Aux.AddTo(gap, -c.design[k]*g[k], k)
	}
	return gap
}

// step is Newton's step for the gap.
func (c *Calibration) step(u, gap []float64, o Options) ([]float64, bool) {
	slope := make([]float64, len(u))
	for k := range u {
		slope[k] = c.design[k] * o.slope(u[k])
	}
	n := newNormal(c.Aux.Product(slope))
	return n.solve(gap), n.rank > 0
}

// descend takes the step, halved until the gap shrinks.
func (c *Calibration) descend(lambda, step, u, gap []float64, o Options) bool {
	before := norm(gap)
	g := make([]float64, len(u))
	for scale := 1.0; scale > 1e-6; scale /= 2 {
		next := make([]float64, len(lambda))
		for i := range next {
			next[i] = lambda[i] + scale*step[i]
		}
		for k := range g {
			g[k] = o.g(c.Aux.Dot(k, next))
		}
		if after := norm(c.gap(g)); after < before {
			copy(lambda, next)
			for k := range u {
				u[k] = c.Aux.Dot(k, lambda)
			}
			c.G = g
			return true
		}
	}
	return false
}

// g is the g-weight at u = λ'x.
func (o Options) g(u float64) float64 {
	switch o.Distance {
	case Raking:
		return math.Exp(u)
	case Logit:
		e := math.Exp(o.curvature() * u)
		if math.IsInf(e, 1) {
			return o.High
		}
		return (o.Low*(o.High-1) + o.High*(1-o.Low)*e) / (o.High - 1 + (1-o.Low)*e)
	case TruncatedLinear:
		return min(max(1+u, o.Low), o.High)
	}
	return 1 + u
}

// slope is the derivative of g at u.
func (o Options) slope(u float64) float64 {
	switch o.Distance {
	case Raking:
		return math.Exp(u)
	case Logit:
		g := o.g(u)
		return o.curvature() * (g - o.Low) * (o.High - g) / (o.High - o.Low)
	case TruncatedLinear:
		if g := 1 + u; g < o.Low || g > o.High {
			return 0
		}
	}
	return 1
}

func (o Options) curvature() float64 { return (o.High - o.Low) / ((1 - o.Low) * (o.High - 1)) }

// finish fills in the weights and what they show.
func (c *Calibration) finish() {
	c.Weights = make([]float64, len(c.G))
	c.MinG, c.MaxG = math.Inf(1), math.Inf(-1)
	for k, g := range c.G {
		c.Weights[k] = c.design[k] * g
		c.MinG, c.MaxG = min(c.MinG, g), max(c.MaxG, g)
	}
}

// refusal is the error of totals that were not met.
func (c *Calibration) refusal(gap []float64, o Options) error {
	scale := norm(c.Totals)
	worst := -1
	for i, d := range gap {
		relative := math.Abs(d) / max(math.Abs(c.Totals[i]), 1e-6*scale)
		if !(relative <= c.Discrepancy) {
			c.Discrepancy, worst = relative, i
		}
	}
	if c.Discrepancy <= marginTolerance {
		return nil
	}
	remedyJA, remedy := "回答者の少ない区分を合わせるか、人口が一つの母集団のものか確かめてください。", "join classes that few respondents carry, or check that the totals are of one population"
	if o.Distance == Logit || o.Distance == TruncatedLinear {
		remedyJA = fmt.Sprintf("ウェイトの比の範囲 %v〜%v を広げるか、区分を合わせてください。", o.Low, o.High)
		remedy = fmt.Sprintf("widen the bounds %v to %v of the g-weights, or join classes", o.Low, o.High)
	}
	found := []any{c.Steps, c.Aux.Names[worst], c.Totals[worst] - gap[worst], c.Totals[worst]}
	return refuse("校正: %d 回のくり返しの後も %s の合計が %.10g で、%.10g になりません。"+remedyJA,
		"calibration: after %d steps the total of %s is %.10g, wanted %.10g: "+remedy, found...)
}

// Coefficients are those of the regression of y on the auxiliary variables with
// design weights; variables that are sums of others have coefficient 0. The
// argument is Σ d_k y_k x_k.
func (c *Calibration) Coefficients(crossed []float64) []float64 { return c.normal.solve(crossed) }

// Linearised is the linearised variable of a calibrated total of y: the
// residuals e_k = y_k − x_k'B of the regression with design weights. The
// variance of the calibrated total is that of Σ w_k e_k with calibrated weights
// w (Deville & Särndal 1992, §4).
func (c *Calibration) Linearised(y []float64) []float64 {
	crossed := make([]float64, len(c.Aux.Names))
	for k := range y {
		if y[k] != 0 {
			c.Aux.AddTo(crossed, c.design[k]*y[k], k)
		}
	}
	b := c.Coefficients(crossed)
	e := make([]float64, len(y))
	for k := range y {
		e[k] = y[k] - c.Aux.Dot(k, b)
	}
	return e
}

// averaged replaces each unit's row by the mean of its cluster's.
func (a *Auxiliary) averaged(clusters []int32) *Auxiliary {
	sums, sizes := map[int32][]float64{}, map[int32]float64{}
	for k, c := range clusters {
		if sums[c] == nil {
			sums[c] = make([]float64, len(a.Names))
		}
		a.AddTo(sums[c], 1, k)
		sizes[c]++
	}
	mean := NewAuxiliary(a.Names...)
	all := make([]int32, len(a.Names))
	for i := range all {
		all[i] = int32(i)
	}
	for _, c := range clusters {
		row := make([]float64, len(all))
		for i := range row {
			row[i] = sums[c][i] / sizes[c]
		}
		mean.Add(all, row)
	}
	return mean
}

// normal are the normal equations A b = c of a positive semi-definite matrix,
// factored once, with the variables that are combinations of earlier ones left
// out.
type normal struct {
	keep []int // independent variables, ascending
	chol mat.Cholesky
	p    int
	rank int
}

// newNormal factors A by Cholesky after finding the independent variables by the
// same elimination in their own order.
func newNormal(a *mat.SymDense) normal {
	n := normal{p: a.SymmetricDim()}
	n.keep = independent(a)
	n.rank = len(n.keep)
	if n.rank == 0 {
		return n
	}
	sub := mat.NewSymDense(n.rank, nil)
	for i, r := range n.keep {
		for j := i; j < n.rank; j++ {
			sub.SetSym(i, j, a.At(r, n.keep[j]))
		}
	}
	if !n.chol.Factorize(sub) {
		n.rank = 0
	}
	return n
}

// independent lists the variables whose diagonal, after those before them are
// eliminated, keeps a share above 1e-10 of what it was.
func independent(a *mat.SymDense) []int {
	p := a.SymmetricDim()
	var keep []int
	lower := make([][]float64, 0, p) // rows of the Cholesky factor of the kept variables, each over all p variables
	for j := range p {
		left := a.At(j, j)
		for _, row := range lower {
			left -= row[j] * row[j]
		}
		if !(left > 1e-10*a.At(j, j)) {
			continue
		}
		row := make([]float64, p)
		for i := j; i < p; i++ {
			v := a.At(j, i)
			for _, r := range lower {
				v -= r[j] * r[i]
			}
			row[i] = v / math.Sqrt(left)
		}
		lower = append(lower, row)
		keep = append(keep, j)
	}
	return keep
}

// solve gives b of all p variables, 0 for those left out.
func (n *normal) solve(c []float64) []float64 {
	b := make([]float64, n.p)
	if n.rank == 0 {
		return b
	}
	right := mat.NewVecDense(n.rank, nil)
	for i, r := range n.keep {
		right.SetVec(i, c[r])
	}
	var x mat.VecDense
	if err := n.chol.SolveVecTo(&x, right); err != nil {
		if _, poor := err.(mat.Condition); !poor { // nearly singular: the totals met decide
			return b
		}
	}
	for i, r := range n.keep {
		b[r] = x.AtVec(i)
	}
	return b
}

func norm(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}
