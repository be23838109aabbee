package hazard

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Ties is how events at one time are treated.
type Ties int

const (
	// Efron lets those who have their event at one time leave the risk set one by one, each
	// equally likely to be the next.
	Efron Ties = iota
	// Breslow leaves all of them in the risk set. It is nearer to 0 where ties are many.
	Breslow
)

// CoxOptions of a fit; the zero value is Efron's.
type CoxOptions struct {
	Ties Ties
	// Names of the covariates, for messages.
	Names []string
}

// Cox is a regression λ(t | x) = λ_stratum(t) exp(x'β).
type Cox struct {
	// Coefficients β are log hazard ratios by unit of a covariate; StdErrs are of the model.
	Coefficients, StdErrs []float64
	// Covariance is the inverse information.
	Covariance *mat.SymDense
	// Robust is the variance between clusters, of Lin & Wei (1989, JASA 84:1074) and, with
	// survey weights, Binder (1992, Biometrika 79:139): Σ_c D_c D_c', D_c the sum of
	// [Cox.Influence] over a cluster. It is nil where all rows are of one cluster.
	Robust        *mat.SymDense
	RobustStdErrs []float64
	// LogLikelihood and Null are the log partial likelihoods at β and at 0.
	LogLikelihood, Null float64
	// LikelihoodRatio, Wald and Score test β = 0; none allows for clusters or survey weights.
	LikelihoodRatio, Wald, Score Test
	// RobustWald is the Wald test with Robust; zero where that is nil.
	RobustWald Test
	// Rows and Events are numbers of rows, unweighted.
	Rows, Events int

	options     CoxOptions
	data        *coxData
	beta        []float64 // of the standardised covariates
	information *mat.SymDense
}

// coxData are the rows in their own order, covariates standardised.
type coxData struct {
	rows        []Row
	original    []int // where a row was given
	z           [][]float64
	weights     []float64
	mean, scale []float64
	strata      [][2]int // from, to
	byStart     []int    // the rows of each stratum by falling start
}

// FitCox maximises the partial likelihood. With r = exp(x'β), D the d events at a time, w̄
// their mean weight, and sums over those at risk, start < t ≤ stop, in the stratum:
//
//	ln L = Σ_t {Σ_D w x'β − w̄ Σ_{k<d} ln(Σ w r − (k/d) Σ_D w r)}        Efron (1977, JASA 72:557)
//	ln L = Σ_t {Σ_D w x'β − Σ_D w ln Σ w r}                               Breslow (1974)
//
// Who is at risk from Start on only (delayed entry) has no part in risk sets before. Weights
// count persons in Covariance, and so are for Robust where they are survey weights.
//
// It is an error where a row is not a time at risk, weights or covariates are not numbers, or
// lengths differ; and [ErrNotEstimable] where there is no event, a covariate never changes or
// is told by others among those at risk, or a coefficient has no finite estimate, as when one
// of two groups has no event.
func FitCox(rows []Row, o CoxOptions) (*Cox, error) {
	c, err := fitCox(rows, o)
	if err != nil {
		return nil, fmt.Errorf("cox regression: %w", err)
	}
	return c, nil
}

func fitCox(rows []Row, o CoxOptions) (*Cox, error) {
	if o.Ties != Efron && o.Ties != Breslow {
		return nil, fmt.Errorf("ties %d: want Efron or Breslow", o.Ties)
	}
	if err := checkRows(rows, o.Names); err != nil {
		return nil, err
	}
	c := &Cox{options: o, Rows: len(rows)}
	for _, r := range rows {
		if r.Event {
			c.Events++
		}
	}
	if c.Events == 0 {
		return nil, fmt.Errorf("%w: no event among %d rows", ErrNotEstimable, len(rows))
	}
	if len(rows[0].X) == 0 {
		return nil, errors.New("rows have no covariate: want one or more")
	}
	var err error
	if c.data, err = newCoxData(rows, o.Names); err != nil {
		return nil, err
	}
	return c, c.fit()
}

func newCoxData(rows []Row, names []string) (*coxData, error) {
	d := &coxData{original: make([]int, len(rows)), byStart: make([]int, len(rows))}
	for i := range d.original {
		d.original[i], d.byStart[i] = i, i
	}
	slices.SortFunc(d.original, func(a, b int) int { return compareRows(&rows[a], &rows[b]) })
	x := make([][]float64, 0, len(rows))
	for k, i := range d.original {
		r := rows[i]
		d.rows, d.weights, x = append(d.rows, r), append(d.weights, r.Weight), append(x, r.X)
		if k == 0 || r.Stratum != d.rows[k-1].Stratum {
			d.strata = append(d.strata, [2]int{k, k})
		}
		d.strata[len(d.strata)-1][1] = k + 1
	}
	for _, s := range d.strata {
		slices.SortFunc(d.byStart[s[0]:s[1]], func(a, b int) int {
			return cmp.Or(cmp.Compare(d.rows[b].Start, d.rows[a].Start), a-b)
		})
	}
	var err error
	d.z, d.mean, d.scale, err = standardise(x, d.weights, names)
	return d, err
}

func (c *Cox) fit() error {
	p := len(c.data.scale)
	null, score, information := c.likelihood(make([]float64, p))
	if j := dependence(information, c.eventWeight()); j >= 0 {
		return c.dependent(j)
	}
	step, _ := newton(information, score, 0)
	c.Null, c.Score = null, chiSquared(dot(step, score), float64(p))
	at, err := climb(make([]float64, p), c.likelihood)
	if j, ran := err.(runaway); ran {
		return separated(c.options.Names, int(j), func(i int) (float64, bool) {
			return c.data.rows[i].X[j], c.data.rows[i].Event
		}, len(c.data.rows))
	} else if err != nil {
		return err
	}
	covariance, err := inverse(at.information)
	if err != nil {
		return err
	}
	c.beta, c.information, c.LogLikelihood = at.theta, at.information, at.value
	c.LikelihoodRatio = chiSquared(2*(c.LogLikelihood-c.Null), float64(p))
	c.Wald = chiSquared(quadratic(c.beta, at.information), float64(p))
	back := mat.NewDiagDense(p, nil)
	for j, b := range c.beta {
		back.SetDiag(j, 1/c.data.scale[j])
		c.Coefficients = append(c.Coefficients, b/c.data.scale[j])
	}
	c.Covariance = within(back, covariance)
	c.StdErrs = roots(c.Covariance)
	return c.robust()
}

// robust is the variance between clusters.
func (c *Cox) robust() error {
	sums := clusters(c.influence(), func(i int) int { return c.data.rows[i].Cluster })
	if sums == nil {
		return nil
	}
	p := len(c.Coefficients)
	c.Robust = outer(sums, p)
	c.RobustStdErrs = roots(c.Robust)
	if step, ok := newton(c.Robust, c.Coefficients, 0); ok && len(sums) > p {
		c.RobustWald = chiSquared(dot(step, c.Coefficients), float64(p))
	}
	return nil
}

func (c *Cox) eventWeight() (sum float64) {
	for _, r := range c.data.rows {
		if r.Event {
			sum += r.Weight
		}
	}
	return sum
}

func (c *Cox) dependent(j int) error {
	return fmt.Errorf("%w: %s is the same for all who are at risk at an event, or told by the covariates before it: leave it out", ErrNotEstimable, covariate(c.options.Names, j))
}

// dependence is the first of standardised covariates that those before it tell, or that does
// not vary where it matters, of an information from events of a weight; −1 where none is.
func dependence(information *mat.SymDense, weight float64) int {
	for p := 1; p <= information.SymmetricDim(); p++ {
		if information.At(p-1, p-1) < 1e-11*weight || !invertible(mat.NewSymDense(p, lead(information, p))) {
			return p - 1
		}
	}
	return -1
}

func lead(m mat.Symmetric, p int) []float64 {
	out := make([]float64, 0, p*p)
	for a := range p {
		for b := range p {
			out = append(out, m.At(a, b))
		}
	}
	return out
}

// riskSet is what is known at a time with events: sums over those at risk and over those
// with the event, of w r, w r z and w r zz'.
type riskSet struct {
	from, to         int // the rows with the event, and others that stop then
	time             float64
	deaths           float64 // number of events
	weight           float64 // sum of their weights
	all, dead        float64
	allZ, deadZ      []float64
	allZZ, deadZZ    []float64 // upper triangle by rows
	shift            float64   // r is exp(z'β − shift)
	mean, covariance []float64 // of part
}

// parts visits the terms of a tie: the share of the events' own sums that has left, and the
// weight of the term. [riskSet.part] gives its sums.
func (s *riskSet) parts(ties Ties, visit func(left, weight float64)) {
	if ties == Breslow {
		visit(0, s.weight)
		return
	}
	for k := range int(s.deaths) {
		visit(float64(k)/s.deaths, s.weight/s.deaths)
	}
}

// part is the sum of w r, and the mean of z, of a term; with second the covariance of z too.
func (s *riskSet) part(left float64, second bool) float64 {
	sum := s.all - left*s.dead
	for a := range s.mean {
		s.mean[a] = (s.allZ[a] - left*s.deadZ[a]) / sum
	}
	if second {
		k := 0
		for a := range s.mean {
			for b := a; b < len(s.mean); b++ {
				s.covariance[k] = (s.allZZ[k]-left*s.deadZZ[k])/sum - s.mean[a]*s.mean[b]
				k++
			}
		}
	}
	return sum
}

// sweep visits the risk sets from the last to the first, stratum by stratum.
func (d *coxData) sweep(beta []float64, second bool, visit func(s *riskSet)) {
	p := len(beta)
	pairs := p * (p + 1) / 2
	s := &riskSet{allZ: make([]float64, p), deadZ: make([]float64, p), allZZ: make([]float64, pairs), deadZZ: make([]float64, pairs), mean: make([]float64, p), covariance: make([]float64, pairs)}
	sums := make([]exact, 1+p+pairs)
	for _, stratum := range d.strata {
		clear(sums)
		s.shift = math.Inf(-1)
		for i := stratum[0]; i < stratum[1]; i++ {
			s.shift = max(s.shift, dot(d.z[i], beta))
		}
		add := func(i int, sign float64) {
			r := sign * d.weights[i] * math.Exp(dot(d.z[i], beta)-s.shift)
			sums[0].add(r)
			k := 1 + p
			for a, u := range d.z[i] {
				sums[1+a].add(r * u)
				if !second {
					continue
				}
				for b := a; b < p; b++ {
					sums[k].add(r * u * d.z[i][b])
					k++
				}
			}
		}
		left := stratum[0]
		for from := stratum[0]; from < stratum[1]; from = s.to {
			s.from, s.to, s.time, s.deaths, s.weight, s.dead = from, from, d.rows[from].Stop, 0, 0, 0
			clear(s.deadZ)
			clear(s.deadZZ)
			for ; s.to < stratum[1] && d.rows[s.to].Stop == s.time; s.to++ {
				add(s.to, 1)
				if d.rows[s.to].Event {
					s.bury(d, s.to, beta, second)
				}
			}
			if s.deaths == 0 {
				continue
			}
			for ; left < stratum[1] && d.rows[d.byStart[left]].Start >= s.time; left++ {
				add(d.byStart[left], -1)
			}
			s.all = sums[0].value()
			for a := range p {
				s.allZ[a] = sums[1+a].value()
			}
			for k := range s.allZZ {
				s.allZZ[k] = sums[1+p+k].value()
			}
			visit(s)
		}
	}
}

// bury adds a row with the event to the sums of those.
func (s *riskSet) bury(d *coxData, i int, beta []float64, second bool) {
	r := d.weights[i] * math.Exp(dot(d.z[i], beta)-s.shift)
	s.deaths++
	s.weight += d.weights[i]
	s.dead += r
	k := 0
	for a, u := range d.z[i] {
		s.deadZ[a] += r * u
		if second {
			for b := a; b < len(beta); b++ {
				s.deadZZ[k] += r * u * d.z[i][b]
				k++
			}
		}
	}
}

// likelihood is the log partial likelihood of the standardised covariates.
func (c *Cox) likelihood(beta []float64) (value float64, score []float64, information *mat.SymDense) {
	p := len(beta)
	score, information = make([]float64, p), mat.NewSymDense(p, nil)
	c.data.sweep(beta, true, func(s *riskSet) {
		for i := s.from; i < s.to; i++ {
			if c.data.rows[i].Event {
				value += c.data.weights[i] * (dot(c.data.z[i], beta) - s.shift)
				for a, u := range c.data.z[i] {
					score[a] += c.data.weights[i] * u
				}
			}
		}
		s.parts(c.options.Ties, func(left, weight float64) {
			value -= weight * math.Log(s.part(left, true))
			k := 0
			for a := range p {
				score[a] -= weight * s.mean[a]
				for b := a; b < p; b++ {
					information.SetSym(a, b, information.At(a, b)+weight*s.covariance[k])
					k++
				}
			}
		})
	})
	return value, score, information
}
