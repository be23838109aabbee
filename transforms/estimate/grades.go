package estimate

import (
	"math"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Grades are the greatest coefficients of variation of the classes of reliability A, B and C, as shares.
type Grades struct{ A, B, C float64 }

// DefaultGrades are those of publications of surveys: A up to 16.5 %, B up to 33.3 %, C up to 50 %, U beyond.
var DefaultGrades = Grades{0.165, 0.333, 0.5}

// of grades a row by its coefficient of variation and by the width of its interval relative to the figure,
// whichever is worse:
//
//	cv ≤ L  and  (high − low)/value ≤ 2 sinh(1.96 L)
//
// the width of a log-normal interval with the coefficient of variation L. An interval from few answers, which is
// wider than its standard error lets expect, has the lower class. The zero Grades are DefaultGrades. A row
// without a coefficient of variation is U.
func (g Grades) of(r schemas.RelationalPopulation) string {
	if g == (Grades{}) {
		g = DefaultGrades
	}
	if r.CV == nil || r.Value == nil || *r.Value <= 0 {
		return schemas.LowReliability
	}
	width := 0.0
	if r.CILow != nil && r.CIHigh != nil {
		width = (*r.CIHigh - *r.CILow) / *r.Value
	}
	for _, class := range []struct {
		name  string
		limit float64
	}{{"A", g.A}, {"B", g.B}, {"C", g.C}} {
		if *r.CV <= class.limit && width <= 2*math.Sinh(1.96*class.limit)*(1+1e-9) {
			return class.name
		}
	}
	return schemas.LowReliability
}

// Figure grades a figure with its interval; one of 0 has no relative error and is U.
func (g Grades) Figure(n, stdErr, low, high float64) string {
	if n <= 0 {
		return schemas.LowReliability
	}
	return g.figure(&n, &stdErr, &low, &high)
}

// figure grades a figure with its interval.
func (g Grades) figure(n, stdErr, low, high *float64) string {
	return g.of(schemas.RelationalPopulation{Value: n, CV: value(*stdErr / *n), CILow: low, CIHigh: high})
}

// unreliable is the status of a row whose figures are kept back for their class.
func unreliable(o schemas.Observation) schemas.Observation {
	o.ObsStatus = schemas.LowReliability
	return o
}

// Reliable are the rows with figures of the grade least and better; those below are as ones that cannot be
// estimated well enough to be released: without figures, of status U. Rows without an interval, such as counts of
// those seen, have no grade and stay; U keeps all, and so does none given.
func Reliable(r schemas.RelationalPopulation, least string) schemas.RelationalPopulation {
	if r.CILow == nil || least == "" || r.Reliability <= least { // A < B < C < U
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}

// Cut are the figures that [Reliable] keeps back, so that what tells them elsewhere is kept back with them.
type Cut map[cutKey]bool

type cutKey struct {
	figure            headlineKey
	source, estimator string
}

// CutOf are those of the figures of all origins, relation types and engagement levels.
func CutOf(rows []schemas.RelationalPopulation, least string) Cut {
	cut := Cut{}
	for _, r := range rows {
		if key, whole := headlineOf(r); whole && r.Value != nil && Reliable(r, least).Value == nil {
			cut[cutKey{key, r.Source, r.Estimator}] = true
		}
	}
	return cut
}

// Budget keeps back the error of a figure that is kept back.
func (c Cut) Budget(r schemas.ErrorBudget) schemas.ErrorBudget {
	if !c[cutKey{headlineKey{r.Definition, r.Measure, r.Outside, r.RegionCode, r.ReferenceMonth}, r.Source, r.Estimator}] {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}

// below says whether a figure with an interval is of a grade below least. Counts, which have no interval, and
// figures of nobody have no grade, and where none is asked for none is below.
func (g Grades) below(least string, value, stdErr, low, high *float64) bool {
	return least != "" && low != nil && stdErr != nil && value != nil && *value > 0 && g.figure(value, stdErr, low, high) > least
}

// ReliableSensitivity keeps a figure of the grade least and better, as [Reliable] does.
func (g Grades) ReliableSensitivity(r schemas.DefinitionSensitivity, least string) schemas.DefinitionSensitivity {
	if r.CIHigh == nil || !g.below(least, r.Value, r.StdError, r.CILow, r.CIHigh) {
		return r // at least so good, or a bound or an end of a range
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}

// ReliableProgress keeps a target's figure of a grade least and better, as [Reliable] does.
func (g Grades) ReliableProgress(r schemas.TargetProgress, least string) schemas.TargetProgress {
	if !g.below(least, r.Value, r.StdError, r.CILow, r.CIHigh) {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}

// ReliableArea keeps the diagnostics of a headline of a grade least and better, as [Reliable] does, and in these the
// composite where it has such a grade itself.
func (g Grades) ReliableArea(r schemas.SmallArea, least string) schemas.SmallArea {
	if least == "" || r.Headline == nil {
		return r
	}
	if r.Reliability > least {
		kept := r.Withheld()
		kept.Observation = unreliable(r.Observation)
		return kept
	}
	if r.Direct != nil && g.figure(r.Direct, r.DirectStdError, nil, nil) > least {
		r.Direct, r.DirectStdError, r.Residual = nil, nil, nil
	}
	return r
}

// ReliableFlow keeps an estimated flow of the grade least and better, as [Reliable] does.
func (g Grades) ReliableFlow(r schemas.OriginDestination, least string) schemas.OriginDestination {
	if !g.below(least, r.Value, r.StdError, r.CILow, r.CIHigh) {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}

// ReliableConcentration keeps a statistic of the grade least and better, as [Reliable] does. Correlations and
// elasticities, which may be next to 0 for sure, have no grade and stay.
func (g Grades) ReliableConcentration(r schemas.Concentration, least string) schemas.Concentration {
	if strings.Contains(r.Statistic, "correlation") || !g.below(least, r.Value, r.StdError, r.CILow, r.CIHigh) {
		return r
	}
	kept := r.Withheld()
	kept.Observation = unreliable(r.Observation)
	return kept
}
