package disclose

import (
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// EarlierFigures are the figures of an earlier publication, and what has changed since.
type EarlierFigures struct {
	// Publication is its id.
	Publication string
	// Rows are its rows of relational_population.
	Rows []schemas.RelationalPopulation
	// Reasons are the reasons of revision that hold for all figures.
	Reasons []string
	// Redefined are the definitions that had another version.
	Redefined map[string]bool
}

// figureKey tells figures of all origins, relation types and engagement levels apart.
type figureKey struct {
	definition, measure, outside, region, source, estimator string
	reference                                               schemas.Date
}

// wholeFigure is the key of a row, and whether it is a figure of everybody that is shown.
func wholeFigure(r schemas.RelationalPopulation) (figureKey, bool) {
	whole := r.OriginCode == schemas.All && r.RelationType == schemas.All && r.Engagement == schemas.All
	return figureKey{r.Definition, r.Measure, r.Outside, r.RegionCode, r.Source, r.Estimator, r.ReferenceMonth},
		whole && r.ConfStatus == schemas.Free && r.Value != nil
}

// SameFigures says whether a publication shows the figures of these rows and no others.
func SameFigures(rows Protected[schemas.RelationalPopulation], earlier []schemas.RelationalPopulation) bool {
	shown := map[figureKey]float64{}
	for _, r := range rows.rows {
		if key, ok := wholeFigure(r); ok {
			shown[key] = *r.Value
		}
	}
	same := 0
	for _, r := range earlier {
		if key, ok := wholeFigure(r); ok {
			if v, there := shown[key]; !there || v != *r.Value {
				return false
			}
			same++
		}
	}
	return same == len(shown)
}

// Revisions are the figures that protected rows and an earlier publication both show, of all origins, relation types and
// engagement levels, in the order of the rows:
//
//	difference = value − previous,   relative difference = difference/previous
//
// A figure of several sources is the same figure whatever its estimator. What only one of the two shows has no row:
// it would say of the other that it is withheld. Nothing is told that a reader of both could not compute.
func Revisions(rows Protected[schemas.RelationalPopulation], earlier EarlierFigures) Protected[schemas.Revision] {
	before := map[figureKey]schemas.RelationalPopulation{}
	for _, r := range earlier.Rows {
		if key, ok := wholeFigure(r); ok {
			before[revisedKey(key)] = r
		}
	}
	var out []schemas.Revision
	for _, r := range rows.rows {
		key, ok := wholeFigure(r)
		if was, there := before[revisedKey(key)]; ok && there {
			out = append(out, earlier.revision(was, r))
		}
	}
	return Protected[schemas.Revision]{out}
}

// revisedKey is the key by which figures of two releases are held to be the same.
func revisedKey(k figureKey) figureKey {
	if k.source == schemas.SourceCombined {
		k.estimator = ""
	}
	return k
}

func (e EarlierFigures) revision(was, is schemas.RelationalPopulation) schemas.Revision {
	difference := *is.Value - *was.Value
	row := schemas.Revision{
		Definition: is.Definition, Measure: is.Measure, Outside: is.Outside, RegionCode: is.RegionCode, RegionLevel: is.RegionLevel,
		ReferenceMonth: is.ReferenceMonth, Source: is.Source, Estimator: is.Estimator, PreviousEstimator: was.Estimator,
		Publication: e.Publication, PreviousKnownOn: was.KnownOn, KnownOn: is.KnownOn, RevisionReason: e.reason(was, is),
		Previous: was.Value, PreviousCILow: was.CILow, PreviousCIHigh: was.CIHigh, Value: is.Value, Difference: &difference,
		Observation: is.Observation,
	}
	if *was.Value != 0 {
		relative := difference / *was.Value
		row.RelativeDifference = &relative
	}
	return row
}

// reason is why a figure is another: what holds for the release, and what the two rows tell.
func (e EarlierFigures) reason(was, is schemas.RelationalPopulation) string {
	if *was.Value == *is.Value {
		return schemas.RevisionUnchanged
	}
	holds := slices.Clone(e.Reasons)
	if e.Redefined[is.Definition] || was.MethodologyVersion != is.MethodologyVersion {
		holds = append(holds, schemas.RevisionMethod)
	}
	if was.BoundaryVintage != is.BoundaryVintage {
		holds = append(holds, schemas.RevisionBoundary)
	}
	var told []string
	for _, reason := range []string{schemas.RevisionNewData, schemas.RevisionRestatement, schemas.RevisionMethod, schemas.RevisionBoundary} {
		if slices.Contains(holds, reason) {
			told = append(told, reason)
		}
	}
	if len(told) == 0 {
		return schemas.RevisionNotKnown
	}
	return strings.Join(told, "+")
}
