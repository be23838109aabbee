package convert

import (
	"cmp"
	"errors"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/hazard"
)

// Answer is what a member of a panel who has named a prefecture says of it in a wave.
type Answer struct {
	Region string
	Number int64
	On     schemas.Date
	// State is a place in panelStates.
	State int32
}

// panelStates are the levels that a panel tells, moved in being the last.
var panelStates = []string{schemas.EngagementNone, schemas.EngagementRepeat, schemas.EngagementMigrated}

const (
	notNamed = iota
	named
	livesThere
)

// leastMoves is the number of changes of a kind, from one wave to the next, from which panels tell its intensity.
const leastMoves = 10

// PanelTransitions are the probabilities of those who name a prefecture with two visits a year or more (repeat), or have done so
// before and do not (none), to be the one, the other or to live there a year later, by the waves of panels: the Markov
// model in continuous time of states seen at waves ([hazard.FitPanel], Kalbfleisch & Lawless 1985), in which people stop, begin
// again, and move in from repeat. Waves may be any time apart. Members count alike, without their weights, from the first wave
// in which they name it from another prefecture until they live there, or last answer. Who lives in a third prefecture goes on.
//
// Rows are of prefectures that some member names. With fewer than ten changes of a kind between two waves its intensity
// is not told: without ten who move in, these leave at their last answer before, and probabilities to move in are not
// estimable; without ten who stop, or begin again, none is. All rest on the fewest changes told.
func PanelTransitions(f Frame, answers []Answer) ([]disclose.Counted[schemas.EngagementTransition], error) {
	of := map[string][]Answer{}
	for _, a := range answers {
		if a.On <= f.AsOf {
			of[a.Region] = append(of[a.Region], a)
		}
	}
	var rows []disclose.Counted[schemas.EngagementTransition]
	for _, region := range f.Regions {
		if region.RegionLevel == schemas.LevelPrefecture && len(of[region.RegionCode]) > 0 {
			mine, err := transitionsOf(region.RegionCode, of[region.RegionCode])
			if err != nil {
				return nil, err
			}
			rows = append(rows, mine...)
		}
	}
	return rows, nil
}

// seenStates are the answers as the model reads them, without moves in where few make them, and the changes from one to
// the next.
func seenStates(answers []Answer, moveIn bool) (seen []hazard.Seen, changes [2][3]int64) {
	slices.SortFunc(answers, func(a, b Answer) int { return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.On, b.On)) })
	member, gone := -1, false
	for i, a := range answers {
		before := i > 0 && answers[i-1].Number == a.Number
		if !before {
			member, gone = member+1, false
		}
		if gone {
			continue
		}
		if gone = a.State == livesThere; before {
			changes[answers[i-1].State][a.State]++
		}
		if !gone || moveIn {
			seen = append(seen, hazard.Seen{Person: member, Time: float64(a.On) / 365.25, State: int(a.State)})
		}
	}
	return seen, changes
}

// transitionsOf are the rows of a prefecture.
func transitionsOf(region string, answers []Answer) ([]disclose.Counted[schemas.EngagementTransition], error) {
	_, changes := seenStates(answers, true)
	moveIn := changes[named][livesThere] >= leastMoves
	model := hazard.Transitions{Allowed: [][]bool{{false, true}, {true, false}}, Names: panelStates[:livesThere]}
	fewest := min(changes[named][notNamed], changes[notNamed][named])
	told := fewest >= leastMoves
	if moveIn {
		model.Allowed = [][]bool{{false, true, false}, {true, false, true}, {false, false, false}}
		model.Names = panelStates
		fewest = min(fewest, changes[named][livesThere])
	}
	var year [][]hazard.Interval
	if told {
		seen, _ := seenStates(answers, moveIn)
		fit, err := hazard.FitPanel(seen, model)
		if err == nil {
			year, err = fit.Transition(nil, 1, 0.95)
		}
		if err != nil && !errors.Is(err, hazard.ErrNotEstimable) {
			return nil, err
		}
	}
	first, last := answers[0].On, answers[0].On
	for _, a := range answers {
		first, last = min(first, a.On), max(last, a.On)
	}
	var rows []disclose.Counted[schemas.EngagementTransition]
	for _, from := range []int{named, notNamed} {
		for to, name := range panelStates {
			row := schemas.EngagementTransition{Outside: schemas.OutsidePrefecture, RegionCode: region, Source: schemas.RecordPanel, FromEngagement: panelStates[from], ToEngagement: name,
				Years: int32(float64(last-first)/365.25 + 0.5), Observation: notEstimable}
			if from < len(year) && to < len(year[from]) {
				p := year[from][to]
				row.ObsStatus = schemas.Estimated
				row.Value, row.StdError, row.CILow, row.CIHigh = &p.Value, &p.StdErr, &p.Low, &p.High
			}
			rows = append(rows, disclose.Counted[schemas.EngagementTransition]{Row: row, Persons: fewest})
		}
	}
	return rows, nil
}
