package convert

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/survival"
)

// Standing is a person from another prefecture seen to be related to a prefecture on a landmark, and what is
// seen of them from then on: EnteredOn is the landmark, Trips those seen in the 12 months to it.
type Standing struct {
	Entry
	// Person is the same on all landmarks.
	Person int64
}

// allEstimator is that of all who are related, seen or not.
const allEstimator = "aalen_johansen_all"

// leastEffective is the share of those followed that their weights have to be worth. Below it those not
// seen are told by going too far beyond those seen: the runs with 15 % of the trips seen that pass it still are far too high
// (docs/accuracy.md, all).
const leastEffective = 1. / 3

// Landmarks are the days from which all who are related are followed: of each fiscal year the first of the
// month-ends at which the population is counted, as [Retrospective] has them, that lies before the last day known.
func Landmarks(f Frame) []schemas.Date {
	return onePerFiscalYear(f.References, func(t schemas.Date) bool { return t < f.AsOf })
}

// onePerFiscalYear are, of the month-ends that count, ascending, the first from which each fiscal year is counted: one per fiscal year of
// the day after.
func onePerFiscalYear(references []schemas.Date, counts func(schemas.Date) bool) (days []schemas.Date) {
	for _, t := range references {
		if n := len(days); counts(t) && (n == 0 || FiscalYear(t+1) != FiscalYear(days[n-1]+1)) {
			days = append(days, t)
		}
	}
	return days
}

// All follows those seen to be related on a day, a landmark, for all who are, seen or not: Aalen and Johansen's
// incidence of moving in, by recorded moves over the share of moves that records show. With j trips seen in
// the 12 months to the landmark, d the inverse probability that such a person is seen to be related, and m the trips
// that such a person is expected to have made ([capture.Inverse]), a person weighs
//
//	w = d {1 + (M − m̄)(m − m̄)/s²},  m̄ = Σ d m/Σ d,  s² = Σ d (m − m̄)²/Σ d
//
// with M the mean number of trips of all who are related: weights that meet both their number and their trips, which is
// the regression estimator (Särndal, Swensson & Wretman 1992, §6.4) of what depends on the trips linearly. d alone is
// too high where those who come often move more readily: among those seen j times those who rarely come were the less likely
// to be. All that is known of a person at the landmark is from before, so that moving does not shorten the time to be seen
// in. Some weights are below 0, where even those seen least have made more trips than the mean of all.
//
// Cohorts are the fiscal years that begin after the landmarks, and all together (0), in which one person is a
// cluster. Nothing is told where the weights are worth fewer than a third of those followed, or fewer than ten
// move in. Rows rest on the fewer of the persons who move in and the others. Of weights themselves there is no error: they are made
// from all persons seen at least once, which are several times as many.
func All(f Frame, standing []Standing, unseen []estimate.Unseen, seeing map[string]Seeing) ([]disclose.Counted[schemas.MigrationConversion], error) {
	by := map[estimate.RegionMonth]estimate.Unseen{}
	for _, u := range unseen {
		if u.Definition == f.Definition {
			by[estimate.RegionMonth{Region: u.Region, Reference: u.Reference}] = u
		}
	}
	groups := map[estimate.RegionMonth][]Standing{}
	for _, s := range canonical(standing) {
		k := estimate.RegionMonth{Region: s.Region, Reference: s.EnteredOn}
		groups[k] = append(groups[k], s)
	}
	var rows []disclose.Counted[schemas.MigrationConversion]
	for _, region := range f.Regions {
		if region.RegionLevel != schemas.LevelPrefecture {
			continue
		}
		p := prospect{Frame: f, seeing: seeing[region.RegionCode]}
		every := weighted{stratum: stratum{region: region}}
		var cohorts []weighted
		for _, t := range Landmarks(f) {
			k := estimate.RegionMonth{Region: region.RegionCode, Reference: t}
			c := weighted{stratum: stratum{region: region, cohort: FiscalYear(t + 1)}, reason: schemas.TooThin}
			if u, known := by[k]; known {
				c.weigh(groups[k], u)
			}
			if c.reason == "" {
				every.standing, every.weights = append(every.standing, c.standing...), append(every.weights, c.weights...)
			}
			cohorts = append(cohorts, c)
		}
		if len(every.standing) == 0 {
			every.reason = schemas.TooThin
		}
		for _, c := range append([]weighted{every}, cohorts...) {
			if err := p.all(c); err != nil {
				return nil, err
			}
		}
		rows = append(rows, p.rows...)
	}
	return rows, nil
}

// weighted is a cohort with the weights of its persons, or the reason why it has none.
type weighted struct {
	stratum
	standing []Standing
	weights  []float64
	reason   string
}

// weigh gives the persons of a landmark their weights.
func (c *weighted) weigh(standing []Standing, u estimate.Unseen) {
	var n, sum, squares float64
	for _, s := range standing {
		d, m := u.At(max(u.Trips, int(s.Trips)), u.Trips)
		n, sum, squares = n+d, sum+d*m, squares+d*m*m
	}
	mean := sum / n
	spread := squares/n - mean*mean
	if len(standing) < leastAtRisk || !(spread > 1e-9) {
		return
	}
	var all, ofSquares float64
	weights := make([]float64, len(standing))
	for i, s := range standing {
		d, m := u.At(max(u.Trips, int(s.Trips)), u.Trips)
		w := d * (1 + (u.Mean-mean)*(m-mean)/spread)
		weights[i], all, ofSquares = w, all+w, ofSquares+w*w
	}
	if all*all/ofSquares >= leastEffective*float64(len(standing)) {
		c.standing, c.weights, c.reason = standing, weights, ""
	}
}

// all adds the rows of a cohort.
func (p *prospect) all(c weighted) error {
	if p.seeing.Moves == 0 {
		c.reason = schemas.NoRecords
	}
	var curve survival.Curve
	movers := map[int64]int32{}     // the first time at which a person is seen to move in
	persons := map[int64]struct{}{} // at risk at some time
	if c.reason == "" {
		var spells []survival.Spell
		for i, s := range c.standing {
			spell := p.spell(s.Entry, 0, s.MovedOn, s.ElsewhereOn)
			if spell.Exit <= spell.Entry || math.Abs(c.weights[i]) < 1e-9 {
				continue
			}
			spell.Weight, spell.Cluster = c.weights[i], s.Person
			spells = append(spells, spell)
			persons[s.Person] = struct{}{}
			if at, there := movers[s.Person]; spell.Cause == moved && (!there || spell.Exit < at) {
				movers[s.Person] = spell.Exit
			}
		}
		curves, err := survival.Curves(spells, survival.Options{Causes: elsewhere, Weighted: true, Clustered: true, Signed: true, MinAtRisk: leastAtRisk,
			Capture: []survival.Capture{{Sensitivity: p.seeing.Moves, StdErr: p.seeing.MovesErr}, {Sensitivity: 1}}})
		if err != nil {
			return err
		}
		curve = curves[0]
	}
	before := int64(0)
	for _, horizon := range Horizons {
		at, reason := survival.Point{Status: survival.NotEstimable}, cmp.Or(c.reason, schemas.FewAtRisk)
		var in int64
		if len(curve.Time) > 0 {
			at, reason = curve.IncidenceAt(moved, days(horizon), survival.Interval{}), schemas.FollowUpShort
			for _, on := range movers {
				if on <= days(horizon) {
					in++
				}
			}
			if at.Status != survival.NotEstimable && (in < leastMovers || at.Value <= 0) {
				at, reason = survival.Point{Status: survival.NotEstimable}, schemas.FewMovers
			}
		}
		rests := min(in-before, int64(len(persons))-in)
		if rests >= p.Least {
			before = in
		}
		p.rows = append(p.rows, p.conversion(c.stratum, allEstimator, horizon, at, rests, reason))
	}
	return nil
}

// canonical puts persons in an order, and gives them numbers, that do not depend on those they come with: sums are then
// the same to the last digit.
func canonical(standing []Standing) []Standing {
	day := func(d *schemas.Date) schemas.Date {
		if d == nil {
			return math.MaxInt32
		}
		return *d
	}
	all := slices.Clone(standing)
	slices.SortFunc(all, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.EnteredOn, b.EnteredOn), cmp.Compare(a.Trips, b.Trips),
			cmp.Compare(day(a.MovedOn), day(b.MovedOn)), cmp.Compare(day(a.ElsewhereOn), day(b.ElsewhereOn)))
	})
	history := map[int64]string{}
	for _, s := range all {
		history[s.Person] += fmt.Sprintln(s.Region, s.EnteredOn, s.Trips, day(s.MovedOn), day(s.ElsewhereOn))
	}
	persons := slices.SortedFunc(maps.Keys(history), func(a, b int64) int { return cmp.Compare(history[a], history[b]) })
	number := make(map[int64]int64, len(persons))
	for i, person := range persons {
		number[person] = int64(i)
	}
	for i := range all {
		all[i].Person = number[all[i].Person]
	}
	return all
}
