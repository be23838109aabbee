package contrast

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Panel is regions over the same periods, such as fiscal years.
type Panel struct {
	// Periods are in order, without repetition.
	Periods []int
	// Names are what the covariates of the regions are called; none for no covariates.
	Names   []string
	Regions []Region
}

// Region is one region of a panel.
type Region struct {
	// FirstTreated is the first period with the programme, 0 for never; after the last
	// period of the panel is never, too.
	FirstTreated int
	// Outcome has one value per period.
	Outcome []float64
	// Covariates are of the region before the programme and do not change.
	Covariates []float64
}

// Controls are the regions that those with the programme are compared with.
type Controls int

const (
	// NeverTreated are regions that never have the programme.
	NeverTreated Controls = iota
	// NotYetTreated are also those that have it later than the period in question.
	NotYetTreated
)

// Adjustment is how covariates enter.
type Adjustment int

const (
	// DoublyRobust is by propensity and by regression of the change among controls.
	DoublyRobust Adjustment = iota
	// ByRegression is by regression alone, which does not see how far it extrapolates.
	ByRegression
	// ByWeighting is by propensity alone, with weights that sum to 1.
	ByWeighting
)

// DifferenceOptions are how differences in differences are taken; the zero value is the
// default.
type DifferenceOptions struct {
	Controls   Controls
	Adjustment Adjustment
	// Uncorrected leaves the standard errors as they are commonly given, which are too
	// small where groups or controls are few.
	Uncorrected bool
}

// Cell is the effect of the programme in one period on the regions that began in another:
// ATT(g, t). Before g it is the change from the period before t, which should be none;
// from g on, the change from the last period before g.
type Cell struct {
	Group, Period int
	Estimate
	// Treated and Controls are the numbers of regions compared, GreatestPropensity the
	// greatest fitted propensity among those treated.
	Treated, Controls  int
	GreatestPropensity float64
}

// Stagger is a staggered difference in differences.
type Stagger struct {
	// Cells are by group, then period.
	Cells []Cell
	// AlreadyTreated are the regions with the programme from the first period on, which
	// have no period before it and are left out.
	AlreadyTreated int
	// Left are cells without an estimate, for want of controls or because covariates tell
	// exactly who is treated, with the reason.
	Left []error

	groups    []int     // of each region, 0 for never
	size      []float64 // share of regions of each group, by sortedGroups
	influence [][]float64
	names     []int // sorted groups
}

// DifferenceInDifferences estimates ATT(g, t) for each group and each period but the first.
// With Δ the change of the outcome between the two periods, D the regions of the group, e
// their propensity against the controls by logistic regression, and m the regression of Δ
// on the covariates among the controls:
//
//	ATT = Σ D(Δ − m)/ΣD − Σ w(Δ − m)/Σw,  w = (1 − D) e/(1 − e)
//
// Callaway & Sant'Anna (2021, J. Econometrics 225:200), with the estimators of Sant'Anna &
// Zhao (2020, J. Econometrics 219:101); standard errors from influence functions ψ, with
// regions independent: √(Σψ²)/n. The ψ of a region is over 1 − h, h the greater of its part
// in its side's mean and its leverage in the regression (MacKinnon & White 1985, HC3); of a
// group of one region the error is that of the controls alone ([Stagger.Checks]).
//
// It is an error where periods or outcomes are missing or out of order, no region has the
// programme, or no cell has an estimate.
func DifferenceInDifferences(p Panel, options DifferenceOptions) (*Stagger, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	s, regions := p.grouped()
	if len(s.names) == 0 {
		return nil, errors.New("no region begins with the programme after the first period: nothing can be compared")
	}
	for _, g := range s.names {
		for t := 1; t < len(p.Periods); t++ {
			from := t - 1
			if p.Periods[t] >= g {
				from, _ = slices.BinarySearch(p.Periods, g)
				from--
			}
			cell, psi, err := s.cell(p, regions, g, from, t, options)
			if err != nil {
				s.Left = append(s.Left, fmt.Errorf("group %d in %d: %w", g, p.Periods[t], err))
				continue
			}
			s.Cells, s.influence = append(s.Cells, cell), append(s.influence, psi)
		}
	}
	if len(s.Cells) == 0 {
		return nil, errors.Join(s.Left...)
	}
	return s, nil
}

func (p Panel) check() error {
	for i := 1; i < len(p.Periods); i++ {
		if p.Periods[i] <= p.Periods[i-1] {
			return fmt.Errorf("period %d follows %d: wanted are periods in order", p.Periods[i], p.Periods[i-1])
		}
	}
	for i, r := range p.Regions {
		if len(r.Outcome) != len(p.Periods) || len(r.Covariates) != len(p.Names) {
			return fmt.Errorf("region %d has %d outcomes and %d covariates: wanted are %d and %d", i+1, len(r.Outcome), len(r.Covariates), len(p.Periods), len(p.Names))
		}
		for _, v := range r.Outcome {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("region %d has an outcome of %v: every period needs a number", i+1, v)
			}
		}
	}
	return nil
}

// grouped are the regions that are not treated from the first period on, and their groups.
func (p Panel) grouped() (*Stagger, []Region) {
	s := &Stagger{}
	var regions []Region
	for _, r := range p.Regions {
		g := r.FirstTreated
		switch {
		case g > 0 && g <= p.Periods[0]:
			s.AlreadyTreated++
			continue
		case g > p.Periods[len(p.Periods)-1]:
			g = 0
		}
		regions, s.groups = append(regions, r), append(s.groups, g)
		if at, found := slices.BinarySearch(s.names, g); g > 0 && !found {
			s.names = slices.Insert(s.names, at, g)
		}
	}
	s.size = make([]float64, len(s.names))
	for _, g := range s.groups {
		if at, found := slices.BinarySearch(s.names, g); found {
			s.size[at] += 1 / float64(len(s.groups))
		}
	}
	return s, regions
}

// cell is one ATT(g, t) with the influence of each region, 0 for those not in it.
func (s *Stagger) cell(p Panel, regions []Region, g, from, to int, options DifferenceOptions) (Cell, []float64, error) {
	c := Cell{Group: g, Period: p.Periods[to]}
	var in []int
	var treated, change []float64
	var covariates [][]float64
	for i, r := range regions {
		later := options.Controls == NotYetTreated && s.groups[i] > p.Periods[to]
		if s.groups[i] != g && s.groups[i] != 0 && !later {
			continue
		}
		d := 0.0
		if s.groups[i] == g {
			d = 1
			c.Treated++
		} else {
			c.Controls++
		}
		in, treated = append(in, i), append(treated, d)
		change, covariates = append(change, r.Outcome[to]-r.Outcome[from]), append(covariates, r.Covariates)
	}
	if c.Controls == 0 {
		return c, nil, errors.New("there is no region to compare with")
	}
	d, err := newDesign(covariates, p.Names)
	if err != nil {
		return c, nil, err
	}
	att, psi, err := d.attOfChange(treated, change, options, &c.GreatestPropensity)
	if err != nil {
		return c, nil, err
	}
	all := make([]float64, len(regions))
	for k, i := range in {
		all[i] = psi[k] * float64(len(regions)) / float64(len(in))
	}
	c.Estimate = Estimate{Value: att, StdErr: rootMean(all)}
	return c, all, nil
}

// rootMean is √(Σψ²)/n.
func rootMean(psi []float64) float64 { return math.Sqrt(dot(psi, psi)) / float64(len(psi)) }

// attOfChange is the estimate of one cell with its influence function, in which the errors
// of the propensities and of the regression are.
func (d design) attOfChange(treated, change []float64, options DifferenceOptions, greatest *float64) (att float64, psi []float64, err error) {
	n := len(treated)
	control, everyone := make([]float64, n), make([]float64, n)
	for i, t := range treated {
		control[i], everyone[i] = 1-t, 1
	}
	rest := slices.Clone(change)
	var onControls *mat.Cholesky
	if options.Adjustment != ByWeighting {
		var b []float64
		if b, onControls, err = d.leastSquares(control, change); err != nil {
			return 0, nil, err
		}
		for i := range rest {
			rest[i] -= dot(d.x[i], b)
		}
	}
	// Each side is Σ w r/Σ w; the regression moves it by its own error times the mean x.
	psi = make([]float64, n)
	leverage := make([]float64, n)
	byRegression := make([]float64, len(d.mean)+1)
	side := func(w []float64, sign float64) (mean float64) {
		var sum float64
		for i, v := range w {
			sum += v
			mean += v * rest[i]
		}
		mean /= sum
		for i, v := range w {
			psi[i] += sign * v * (rest[i] - mean) * float64(n) / sum
			addTo(byRegression, sign*v*float64(n)/sum, d.x[i])
			leverage[i] += v / sum
		}
		att += sign * mean
		return mean
	}
	side(treated, 1)
	if options.Adjustment != ByRegression {
		if err := d.weightControls(treated, control, everyone, rest, psi, greatest, side); err != nil {
			return 0, nil, err
		}
	}
	if onControls != nil {
		by := solve(onControls, byRegression)
		for i := range psi {
			psi[i] -= control[i] * rest[i] * dot(by, d.x[i])
			if control[i] == 1 {
				leverage[i] = max(leverage[i], dot(d.x[i], solve(onControls, d.x[i])))
			}
		}
	}
	for i, h := range leverage {
		if !options.Uncorrected && h < 1-1e-9 { // else the region is met exactly, and ψ is 0
			psi[i] /= 1 - h
		}
	}
	return att, psi, nil
}

// weightControls takes away the controls' weighted mean, and adds the error of the
// propensity to the influence function.
func (d design) weightControls(treated, control, everyone, rest, psi []float64, greatest *float64, side func(w []float64, sign float64) float64) error {
	p, err := d.propensity(treated, everyone)
	if err != nil {
		return err
	}
	w := make([]float64, len(treated))
	var sum float64
	for i, e := range p.fitted {
		w[i] = control[i] * e / (1 - e)
		sum += w[i]
		if treated[i] == 1 {
			*greatest = max(*greatest, e)
		}
	}
	mean := side(w, -1)
	byPropensity := make([]float64, len(p.coefficients))
	for i, v := range w {
		addTo(byPropensity, v*(rest[i]-mean)*float64(len(w))/sum, d.x[i])
	}
	by := solve(p.spread, byPropensity)
	for i, e := range p.fitted {
		psi[i] -= dot(by, d.x[i]) * (treated[i] - e)
	}
	return nil
}

// PreTrend tests whether all cells before the programme are 0: Wald's W = τ'V⁻¹τ against
// chi-square. It holds its level badly where regions are few.
type PreTrend struct {
	W float64
	// DF is the number of cells.
	DF int
	P  float64
}

// PreTrend returns false where there is no cell before the programme, or their covariance
// has no inverse, as where regions are fewer than cells.
func (s *Stagger) PreTrend() (PreTrend, bool) {
	var before []int
	for k, c := range s.Cells {
		if c.Period < c.Group {
			before = append(before, k)
		}
	}
	if len(before) == 0 {
		return PreTrend{}, false
	}
	v := mat.NewSymDense(len(before), nil)
	tau := make([]float64, len(before))
	for i, a := range before {
		tau[i] = s.Cells[a].Value
		for j, b := range before[:i+1] {
			v.SetSym(i, j, dot(s.influence[a], s.influence[b])/square(float64(len(s.groups))))
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(v) || factor.Cond() > 1e12 {
		return PreTrend{}, false
	}
	t := PreTrend{W: dot(tau, solve(&factor, tau)), DF: len(before)}
	t.P = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.W)
	return t, true
}

// Checks are the assumptions as the data have them: overlap, where every group and its
// controls have at least [MinGroup] regions, no region treated a propensity above that of
// [DefaultOverlap], and no cell is left out; and the pre-trend. Balance is not asked for:
// levels may differ where trends do not.
func (s *Stagger) Checks() []Check {
	overlap := Check{"overlap", len(s.Left) == 0, ""}
	fewest, greatest := math.MaxInt, 0.0
	for _, c := range s.Cells {
		fewest, greatest = min(fewest, c.Treated, c.Controls), max(greatest, c.GreatestPropensity)
	}
	overlap.Met = overlap.Met && fewest >= MinGroup && greatest <= DefaultOverlap.High
	overlap.Finding = fmt.Sprintf("%d regions in the smallest group, greatest propensity %.3f, %d cells left out", fewest, greatest, len(s.Left))
	test, tested := s.PreTrend()
	return []Check{overlap, preTrendCheck(tested, test.P)}
}

// Label is [LabelOf] the checks.
func (s *Stagger) Label() Label { return LabelOf(s.Checks()) }
