package contrast

import (
	"fmt"
	"math"
)

// Persons are persons of whom some took part in a programme. All slices that are not nil
// have one value per person.
type Persons struct {
	// Treated are those who took part.
	Treated []bool
	// Outcome is from after the programme.
	Outcome []float64
	// Covariates are from before it, Names what they are called: whatever decides both who
	// takes part and the outcome, such as past visits. There is no constant among them.
	Covariates [][]float64
	Names      []string
	// Clusters numbers whom each person belongs with, such as a household or several rows
	// of one person; nil where each is alone.
	Clusters []int32
	// Placebo, if not nil, is an outcome from before the programme that is no covariate:
	// what has no reason to differ.
	Placebo []float64
}

// Estimand is for whom a contrast is made.
type Estimand int

const (
	// ATE is the mean over all persons.
	ATE Estimand = iota
	// ATT is the mean over those who took part.
	ATT
)

// String is the estimand's name in print.
func (e Estimand) String() string {
	if e == ATT {
		return "ATT"
	}
	return "ATE"
}

// Overlap is the range of propensities within which persons are compared.
type Overlap struct{ Low, High float64 }

// DefaultOverlap leaves out those who almost surely do or do not take part. Crump, Hotz,
// Imbens & Mitnik (2009, Biometrika 96:187) have 0.1 and 0.9.
var DefaultOverlap = Overlap{0.05, 0.95}

// Everybody leaves nobody out.
var Everybody = Overlap{0, 1}

// Balance is how far the two sides differ in a covariate: the difference of means over
// √((s₁² + s₀²)/2) of the persons compared, before and after weighting.
type Balance struct {
	Name          string
	Before, After float64
}

// PersonContrast is what [Compare] finds.
type PersonContrast struct {
	Estimand Estimand
	// DoublyRobust (AIPW) is right if either the propensities or the outcome regressions
	// are; the figure to publish.
	DoublyRobust Estimate
	// UncorrectedStdErr is the standard error as it is commonly given, without what
	// regressions of few persons leave out; it is too small.
	UncorrectedStdErr float64
	// Hajek is weighting by propensities with weights that sum to 1; HorvitzThompson
	// without, which may differ wildly and is for comparison only.
	Hajek, HorvitzThompson Estimate
	// Coefficients are those of the propensity on the log-odds, the constant first;
	// LeastPropensity and GreatestPropensity are of the persons compared.
	Coefficients                        []float64
	LeastPropensity, GreatestPropensity float64
	// TreatedOutside and ControlsOutside were left out for want of overlap.
	TreatedOutside, ControlsOutside int
	Balance                         []Balance
	// EffectiveTreated and EffectiveControls are (Σw)²/Σw² of the weights.
	EffectiveTreated, EffectiveControls float64
	// Before is the doubly robust contrast of the placebo, nil without one.
	Before *Estimate
	Checks []Check
	Label  Label
}

// Compare contrasts the outcomes of those who took part with those of persons alike. With
// e the propensity by logistic regression and m₁, m₀ the linear regressions of the outcome
// on either side:
//
//	ATE: φ = m₁ − m₀ + A(Y − m₁)/e − (1 − A)(Y − m₀)/(1 − e),  τ̂ = mean φ
//	ATT: φ = {A(Y − m₀) − (1 − A) e/(1 − e) (Y − m₀)}/mean A,  τ̂ = mean φ
//	v(τ̂) = Σ_c (Σ_{i∈c} ψ_i)²/n²,  ψ = φ − τ̂ (ATE), φ − A τ̂/mean A (ATT)
//
// In ψ the residual of a person of the side regressed is over 1 − h, h the leverage, since
// those with great weights are those whom the regression meets best (MacKinnon & White 1985,
// J. Econometrics 29:305, HC3), and Student's t has the smaller effective size less the
// coefficients for degrees of freedom.
//
// Robins, Rotnitzky & Zhao (1994, JASA 89:846); Hahn (1998, Econometrica 66:315); Lunceford
// & Davidian (2004, Stat. Med. 23:2937), whose errors the weighting estimates have, that of
// the propensities among them. With clusters the variance is times G/(G − 1) and the degrees
// of freedom are G − 1 at most.
//
// Persons outside the overlap are left out and counted, and the propensities fitted again
// to the rest: the contrast is then of these. It is an error where one side is empty, or
// smaller than its regression needs, or the covariates tell exactly who takes part.
func Compare(p Persons, estimand Estimand, within Overlap) (*PersonContrast, error) {
	if err := p.check(within); err != nil {
		return nil, err
	}
	all, err := newComparison(p)
	if err != nil {
		return nil, err
	}
	c := &PersonContrast{Estimand: estimand}
	kept := p.kept(all.e, within, c)
	if kept != nil {
		if all, err = newComparison(p.only(kept)); err != nil {
			return nil, fmt.Errorf("persons with a propensity of %v to %v: %w", within.Low, within.High, err)
		}
	}
	if err := all.contrast(c); err != nil {
		return nil, err
	}
	trimmed := float64(c.TreatedOutside+c.ControlsOutside) / float64(len(p.Treated))
	c.Checks = []Check{
		{"overlap", trimmed <= MaxTrimmed && min(c.EffectiveTreated, c.EffectiveControls) >= MinEffective,
			fmt.Sprintf("%.1f %% of the persons left out; effective sizes %.1f and %.1f", 100*trimmed, c.EffectiveTreated, c.EffectiveControls)},
		balanceCheck(c.Balance),
		preTrendCheck(c.Before != nil, c.beforeP()),
	}
	c.Label = LabelOf(c.Checks)
	return c, nil
}

func (c *PersonContrast) beforeP() float64 {
	if c.Before == nil {
		return 0
	}
	return c.Before.P()
}

func balanceCheck(balance []Balance) Check {
	worst, met := Balance{Name: "no covariate"}, len(balance) > 0
	for _, b := range balance {
		met = met && math.Abs(b.After) < MaxImbalance
		if math.Abs(b.After) > math.Abs(worst.After) {
			worst = b
		}
	}
	return Check{"balance", met, fmt.Sprintf("greatest standardised difference %.3f (%s)", worst.After, worst.Name)}
}

func (p Persons) check(within Overlap) error {
	n := len(p.Treated)
	if len(p.Outcome) != n || len(p.Covariates) != n {
		return fmt.Errorf("%d persons have %d outcomes and %d rows of covariates", n, len(p.Outcome), len(p.Covariates))
	}
	if p.Clusters != nil && len(p.Clusters) != n || p.Placebo != nil && len(p.Placebo) != n {
		return fmt.Errorf("%d persons have %d clusters and %d placebo outcomes", n, len(p.Clusters), len(p.Placebo))
	}
	for _, y := range [][]float64{p.Outcome, p.Placebo} {
		for i, v := range y {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("the outcome of person %d is %v: every person needs a number", i+1, v)
			}
		}
	}
	if !(within.Low >= 0 && within.Low < within.High && within.High <= 1) {
		return fmt.Errorf("overlap from %v to %v: wanted are two propensities in order", within.Low, within.High)
	}
	return nil
}

// kept are the persons inside the overlap, nil where all are.
func (p Persons) kept(e []float64, within Overlap, c *PersonContrast) (kept []int) {
	for i := range e {
		switch {
		case e[i] >= within.Low && e[i] <= within.High:
			kept = append(kept, i)
		case p.Treated[i]:
			c.TreatedOutside++
		default:
			c.ControlsOutside++
		}
	}
	if len(kept) == len(e) {
		return nil
	}
	return kept
}

func (p Persons) only(kept []int) Persons {
	out := Persons{Names: p.Names, Treated: pick(p.Treated, kept), Outcome: pick(p.Outcome, kept), Covariates: pick(p.Covariates, kept)}
	if p.Clusters != nil {
		out.Clusters = pick(p.Clusters, kept)
	}
	if p.Placebo != nil {
		out.Placebo = pick(p.Placebo, kept)
	}
	return out
}

func pick[T any](from []T, kept []int) []T {
	out := make([]T, len(kept))
	for i, k := range kept {
		out[i] = from[k]
	}
	return out
}
