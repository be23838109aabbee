// Package contrast compares those whom a programme reached with those whom it did not:
// persons by weighting and regression ([Persons]), regions that began in different years
// by differences in differences ([Stagger]), and many comparisons at once ([Adjust],
// [RankIntervals]). What it finds is called an effect only where the assumptions that can
// be tested are met ([LabelOf]). docs/methods/contrasts.md has the formulas.
package contrast

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a figure with its standard error, in the unit of the outcome.
type Estimate struct {
	Value, StdErr float64
	// DF is the degrees of freedom of the standard error; 0 where it is taken as normal.
	DF float64
}

// Interval is Value ± t StdErr, t the quantile of Student's t or the normal.
func (e Estimate) Interval(level float64) (low, high float64, err error) {
	if err := checkLevel(level); err != nil {
		return 0, 0, err
	}
	half := e.quantile((1+level)/2) * e.StdErr
	return e.Value - half, e.Value + half, nil
}

func (e Estimate) quantile(p float64) float64 {
	if e.DF > 0 {
		return distuv.StudentsT{Sigma: 1, Nu: e.DF}.Quantile(p)
	}
	return distuv.UnitNormal.Quantile(p)
}

// P is the two-sided p-value of no difference; 1 where both value and error are 0.
func (e Estimate) P() float64 {
	if e.Value == 0 {
		return 1
	}
	z := math.Abs(e.Value) / e.StdErr
	if e.DF > 0 {
		return 2 * distuv.StudentsT{Sigma: 1, Nu: e.DF}.Survival(z)
	}
	return 2 * distuv.UnitNormal.Survival(z)
}

// Label says how a contrast may be read.
type Label string

const (
	// Association: those with and without the programme differ by so much, whatever the
	// cause.
	Association Label = "association"
	// Effect: the programme made the difference, if nothing that was not measured decides
	// both who takes part and the outcome.
	Effect Label = "effect"
)

// The limits of the rule for labels.
const (
	// MaxTrimmed is the share of persons that may lie outside the overlap.
	MaxTrimmed = 0.1
	// MinEffective is the effective size that either side must have.
	MinEffective = 20
	// MaxImbalance is where a standardised mean difference after weighting has to stay
	// below. Austin (2009, Stat. Med. 28:3083).
	MaxImbalance = 0.1
	// MinGroup is the number of regions that each group and its controls must have.
	MinGroup = 5
	// MinPreTrendP is the least p-value of the test for differences before the programme.
	MinPreTrendP = 0.05
)

// Check is one assumption of a contrast as the data have it.
type Check struct {
	// Name is overlap, balance or pre-trend.
	Name string
	// Met is false also where the data could not tell.
	Met bool
	// Finding is what was found, in words.
	Finding string
}

// LabelOf is the rule: [Effect] where every check is met, of which there is at least one;
// [Association] otherwise. What cannot be tested counts as not met. The checks are needed
// for an effect and do not prove one.
func LabelOf(checks []Check) Label {
	for _, c := range checks {
		if !c.Met {
			return Association
		}
	}
	if len(checks) == 0 {
		return Association
	}
	return Effect
}

func preTrendCheck(tested bool, p float64) Check {
	if !tested {
		return Check{"pre-trend", false, "no outcome from before the programme to test"}
	}
	return Check{"pre-trend", p >= MinPreTrendP, fmt.Sprintf("difference before the programme: p = %.3f", p)}
}

func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("the level of an interval is %v: it must lie between 0 and 1", level)
	}
	return nil
}

func square(x float64) float64 { return x * x }
