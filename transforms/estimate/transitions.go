package estimate

import (
	"errors"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/hazard"
)

// Transitions are the probabilities to go from one engagement level at the end of a fiscal year
// to another, or to none, at the end of the next ([hazard.FitChain]: n_rs/n_r of all pairs of
// years together, Wilson's interval), of prefectures. None is also who moved in: few do.
//
// A prefecture's probabilities are shown all or not at all: what each rests on is the fewest
// persons of any change in any pair of years, changes that nobody made among them. The changes
// of a pair are what figures of engagement_funnel are sums of; were one left out, it could be
// computed from those, and were years fewer by one in an earlier release, from its figures.
func Transitions(f Frame, tallies []schemas.Tally, levels []string) ([]disclose.Counted[schemas.EngagementTransition], error) {
	changes := map[ladderKey][]classed{}
	for _, t := range tallies {
		if t.Tally == tallyYear {
			k := ladderKey{t.SourceKind, t.Outside, t.RegionCode, t.ReferenceMonth}
			changes[k] = append(changes[k], classed{t.Class, t.Count})
		}
	}
	var rows []disclose.Counted[schemas.EngagementTransition]
	for _, kind := range f.kinds() {
		for _, outside := range f.Outside {
			for _, region := range f.Regions {
				if region.RegionLevel != schemas.LevelPrefecture {
					continue
				}
				base := schemas.EngagementTransition{Outside: outside, RegionCode: region.RegionCode, Source: kind}
				of, err := f.transitions(base, levels, changes)
				if err != nil {
					return nil, err
				}
				rows = append(rows, of...)
			}
		}
	}
	return rows, nil
}

// transitions makes the rows of a prefecture; none where no fiscal year follows another.
func (f Frame) transitions(base schemas.EngagementTransition, levels []string, changes map[ladderKey][]classed) ([]disclose.Counted[schemas.EngagementTransition], error) {
	source := f.Sources[base.Source]
	var years [][][]float64
	fewest, facilities := int64(-1), int64(0)
	var first schemas.Date
	for _, reference := range f.References {
		before := reference.AddMonths(-12)
		if _, m, _ := reference.Civil(); m != fiscalYearEnd || !source.Identified || before.AddMonths(-12)+1 < source.First {
			continue
		}
		counts, least := yearChanges(changes[ladderKey{base.Source, base.Outside, base.RegionCode, month(reference)}], len(levels))
		if len(years) == 0 {
			first, facilities = reference, source.facilities(base.RegionCode, reference)
		}
		if fewest < 0 || least < fewest {
			fewest = least
		}
		for _, at := range []schemas.Date{before, reference} {
			if n := source.facilities(base.RegionCode, at); n > 0 {
				facilities = min(facilities, n)
			}
		}
		years = append(years, counts)
	}
	if len(years) == 0 {
		return nil, nil
	}
	base.Years = int32(len(years))
	chain, err := hazard.FitChain(years)
	if errors.Is(err, hazard.ErrNotEstimable) {
		return nil, nil // nobody is seen on any level
	}
	if err != nil {
		return nil, err
	}
	var rows []disclose.Counted[schemas.EngagementTransition]
	for from := range levels {
		for to := range len(levels) + 1 {
			row := base
			row.FromEngagement, row.ToEngagement = levels[from], schemas.EngagementNone
			if to < len(levels) {
				row.ToEngagement = levels[to]
			}
			// Levels look back further than the year: see ladder.observation.
			l := ladder{frame: f, source: source}
			l.base.ReferenceMonth = first
			row.Observation = l.observation(levels[max(from, min(to, len(levels)-1))], 12, true)
			if p, err := chain.Probability(from, to, 0.95); err == nil {
				row.Value, row.StdError, row.CILow, row.CIHigh = &p.Value, &p.StdErr, &p.Low, &p.High
			} else if !errors.Is(err, hazard.ErrNotEstimable) {
				return nil, err
			}
			rows = append(rows, disclose.Counted[schemas.EngagementTransition]{Row: row, Persons: fewest, Facilities: facilities})
		}
	}
	return rows, nil
}

// yearChanges are the persons from each level, by row, to each and to none, the last column;
// and the fewest of them. None as a state to come from has no count: it is everybody else.
func yearChanges(of []classed, levels int) ([][]float64, int64) {
	counts := make([][]float64, levels+1)
	for r := range counts {
		counts[r] = make([]float64, levels+1)
	}
	for _, c := range of {
		from, to := int(c.class/10)-1, int(c.class%10)-1
		if from < 0 || from >= levels {
			continue
		}
		if to < 0 || to >= levels {
			to = levels
		}
		counts[from][to] += float64(c.count)
	}
	fewest := counts[0][0]
	for r := range levels {
		for _, n := range counts[r] {
			fewest = min(fewest, n)
		}
	}
	return counts, int64(fewest)
}
