package estimate

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Target is a number of persons that a region has set itself.
type Target struct {
	Name, Definition, Measure, Outside string
	RegionCode, RegionLevel            string
	DueOn                              schemas.Date
	Value                              int64
}

const targetMethodology = "target-1"

// Measures lists the measures that a region of a level has.
func Measures(level string) []string { return measuresOf(level) }

// TargetProgress holds each target against the figures of the last reference month that
// speak of its region, definition, measure and outside rule: every source and estimator, all
// origins, relation types and engagement levels together. A row rests on the persons and
// facilities of its figure, so that it is withheld where that is. A target of which nothing
// gives a figure has one row, which is not estimable.
func TargetProgress(f Frame, targets []Target, population []disclose.Counted[schemas.RelationalPopulation]) []disclose.Counted[schemas.TargetProgress] {
	if len(f.References) == 0 {
		return nil
	}
	last := slices.Max(f.References)
	var rows []disclose.Counted[schemas.TargetProgress]
	for _, t := range targets {
		found := false
		for _, p := range population {
			if t.of(p.Row) && p.Row.ReferenceMonth == last {
				rows = append(rows, disclose.Counted[schemas.TargetProgress]{Row: t.progress(p.Row), Persons: p.Persons, Facilities: p.Facilities})
				found = true
			}
		}
		if !found {
			rows = append(rows, disclose.Counted[schemas.TargetProgress]{Row: t.progress(schemas.RelationalPopulation{
				ReferenceMonth: last, Observation: schemas.Observation{ObsStatus: schemas.NotEstimable, ConfStatus: schemas.Free}})})
		}
	}
	return rows
}

// of says whether a figure is one that the target speaks of.
func (t Target) of(p schemas.RelationalPopulation) bool {
	return p.Definition == t.Definition && p.Measure == t.Measure && p.Outside == t.Outside && p.RegionCode == t.RegionCode &&
		p.OriginCode == schemas.All && p.RelationType == schemas.All && p.Engagement == schemas.All
}

// progress is the target beside one figure.
func (t Target) progress(p schemas.RelationalPopulation) schemas.TargetProgress {
	row := schemas.TargetProgress{
		Target: t.Name, Definition: t.Definition, Measure: t.Measure, Outside: t.Outside, RegionCode: t.RegionCode, RegionLevel: t.RegionLevel,
		DueOn: t.DueOn, TargetValue: t.Value, ReferenceMonth: p.ReferenceMonth, Source: p.Source, Estimator: p.Estimator,
		Value: p.Value, StdError: p.StdError, CILow: p.CILow, CIHigh: p.CIHigh, Observation: p.Observation,
	}
	row.MethodologyVersion = strings.TrimPrefix(p.MethodologyVersion+"+"+targetMethodology, "+")
	if p.Value == nil {
		return row
	}
	row.Ratio = value(*p.Value / float64(t.Value))
	if p.StdError != nil && p.Estimator != Observed {
		row.ProbabilityMet = probabilityMet(*p.Value, *p.StdError, float64(t.Value))
	}
	return row
}

// probabilityMet is the probability that the number n estimated with standard error s has
// reached the target, its logarithm being normal with the standard error of the delta method:
//
//	P(N ≥ T) = Φ((ln n − ln T) ÷ (s ÷ n))
//
// Nil of a figure of none, whose logarithm is not known. Without error it is 0 or 1.
func probabilityMet(n, s, target float64) *float64 {
	switch {
	case !(n > 0) || math.IsNaN(s):
		return nil
	case s == 0 && n >= target:
		return value(1)
	case s == 0:
		return value(0)
	}
	return value(distuv.UnitNormal.CDF((math.Log(n) - math.Log(target)) / (s / n)))
}
