package convert

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/hazard"
	"github.com/kankei/kankei/transforms/survival"
)

// Estimators of panels whose moves are known to lie between two answers.
const (
	turnbullEstimator = "turnbull_survey"
	weibullEstimator  = "weibull_survey"
)

// between is what the answers of a member tell of the time of a move, in quarters of a year.
type between struct{ after, by float64 }

// weighing is by how much the weight of those alike is moved, over it, to see what they do to a figure.
const weighing = 0.01

// SurveyedBetween is [Surveyed] of moves that are known to lie between two answers: the distribution that makes the answers likeliest
// ([hazard.Turnbull]), and Weibull's ([hazard.FitWeibull]). Who moves elsewhere does not move in any more, and counts as not
// having until the last answer of anybody, so that both are incidences beside moves elsewhere. Times are whole quarters, the
// nearest. Errors of Turnbull's are by the infinitesimal jackknife: the change of the figure with the weight of those
// whose answers are alike, by differences, summed over sampling units or members,
//
//	v = Σ_c (Σ_{i∈c} w_i ∂F/∂w_i)²
//
// for with waves at few times the distribution has few masses. Its intervals are log-log. A horizon that no answer
// tells apart from others (waves 18 months apart tell nothing of 12) has no figure of Turnbull's; Weibull's law tells it. Members
// and fewest numbers are those of Surveyed.
func SurveyedBetween(f Frame, members []Member) ([]disclose.Counted[schemas.MigrationConversion], error) {
	if len(members) == 0 {
		return nil, nil
	}
	of := map[string][]Member{}
	for _, m := range members {
		if m.EndedOn <= f.AsOf && m.Weight > 0 {
			of[m.Region] = append(of[m.Region], m)
		}
	}
	p := prospect{Frame: f}
	for _, region := range f.Regions {
		if region.RegionLevel != schemas.LevelPrefecture && region.RegionLevel != schemas.LevelMunicipality {
			continue
		}
		if err := p.between(stratum{region: region}, of[region.RegionCode]); err != nil {
			return nil, err
		}
	}
	return p.rows, nil
}

// rowsBetween are the answers of members, and the time of the last answer of anybody since each began.
func rowsBetween(members []Member) []hazard.Between {
	var last schemas.Date
	for _, m := range members {
		last = max(last, m.EndedOn)
	}
	names := map[string]int{}
	rows := make([]hazard.Between, len(members))
	for i, m := range members {
		name := unitOf(m.SamplingUnit, m.Number)
		if _, there := names[name]; !there {
			names[name] = len(names)
		}
		r := hazard.Between{By: math.Inf(1), Weight: m.Weight, Cluster: names[name]}
		switch m.End {
		case moved:
			r.By = float64(quartersBetween(m.EnteredOn, m.EndedOn))
			if m.NotBy > m.EnteredOn {
				r.After = min(float64(quartersBetween(m.EnteredOn, m.NotBy)), r.By-1)
			}
		case elsewhere:
			r.After = float64(quartersBetween(m.EnteredOn, last))
		default:
			r.After = float64(quartersBetween(m.EnteredOn, m.EndedOn))
		}
		rows[i] = r
	}
	return rows
}

// between adds the rows of a region.
func (p *prospect) between(s stratum, members []Member) error {
	rows := rowsBetween(members)
	follow := 0.0
	for i, r := range rows {
		if members[i].End != elsewhere {
			follow = max(follow, r.After)
		}
		if !math.IsInf(r.By, 1) {
			follow = max(follow, r.By)
		}
	}
	var law *hazard.Weibull
	if len(rows) >= leastAtRisk {
		var err error
		if law, err = hazard.FitWeibull(rows, nil); err != nil && !errors.Is(err, hazard.ErrNotEstimable) {
			return err
		}
	}
	for _, horizon := range Horizons {
		at := float64(horizon / 3)
		var in int64
		for _, r := range rows {
			if r.By <= at {
				in++
			}
		}
		reason := ""
		switch {
		case len(rows) < leastAtRisk:
			reason = schemas.FewAtRisk
		case at > follow:
			reason = schemas.FollowUpShort
		case in < leastMovers:
			reason = schemas.FewMovers
		}
		free, other := survival.Point{Status: survival.NotEstimable}, survival.Point{Status: survival.NotEstimable}
		freeReason := reason
		if reason == "" {
			var err error
			if free, err = turnbullAt(rows, at); err != nil {
				return err
			}
			if freeReason = schemas.BetweenWaves; law != nil {
				if predicted, err := law.Survival(nil, []float64{at}, 0.95); err == nil {
					e := predicted[0]
					other = survival.Point{Value: 1 - e.Value, StdErr: e.StdErr, Low: 1 - e.High, High: 1 - e.Low}
				}
			}
		}
		rests := min(in, int64(len(rows))-in)
		p.rows = append(p.rows, p.conversion(s, turnbullEstimator, horizon, free, rests, freeReason),
			p.conversion(s, weibullEstimator, horizon, other, rests, cmp.Or(reason, schemas.BetweenWaves)))
	}
	return nil
}

// turnbullAt is Turnbull's incidence at a time with its error; not estimable where the data do not tell it apart from that
// of other times.
func turnbullAt(rows []hazard.Between, at float64) (survival.Point, error) {
	notTold := survival.Point{Status: survival.NotEstimable}
	kinds, of := alike(rows)
	incidence := func(kinds []hazard.Between) (value float64, told bool, err error) {
		fit, err := hazard.Turnbull(kinds)
		if err != nil {
			return 0, false, err
		}
		low, high := fit.Survival(at)
		return 1 - (low+high)/2, high-low < 1e-6, nil
	}
	value, told, err := incidence(kinds)
	if err != nil || !told || value <= 0 || value >= 1 {
		return notTold, err
	}
	slopes := make([]float64, len(kinds))
	for k := range kinds {
		var ends [2]float64
		for side, by := range []float64{1 - weighing, 1 + weighing} {
			moved := slices.Clone(kinds)
			moved[k].Weight *= by
			if ends[side], _, err = incidence(moved); err != nil {
				return notTold, err
			}
		}
		slopes[k] = (ends[1] - ends[0]) / (2 * weighing * kinds[k].Weight)
	}
	sums := map[int]float64{}
	for i, r := range rows {
		sums[r.Cluster] += r.Weight * slopes[of[i]]
	}
	var variance float64
	for c := range len(sums) {
		variance += square(sums[c])
	}
	stdErr := math.Sqrt(variance)
	low, high := survival.Interval{}.Limits(1-value, stdErr)
	return survival.Point{Value: value, StdErr: stdErr, Low: 1 - high, High: 1 - low}, nil
}

// alike joins rows of one interval to one of their weight, and gives the place of each.
func alike(rows []hazard.Between) (kinds []hazard.Between, of []int) {
	at := map[between]int{}
	for _, r := range rows {
		k := between{r.After, r.By}
		i, there := at[k]
		if !there {
			i = len(kinds)
			at[k], kinds = i, append(kinds, hazard.Between{After: r.After, By: r.By})
		}
		kinds[i].Weight += r.Weight
		of = append(of, i)
	}
	return kinds, of
}
