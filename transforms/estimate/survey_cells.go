package estimate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// cellKey names a figure apart from its reference month.
type cellKey struct {
	definition, measure, outside, region string
	origin, relation                     string
	engagement                           int // −1 for all
}

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(strings.Compare(k.definition, o.definition), strings.Compare(k.outside, o.outside), strings.Compare(k.region, o.region),
		strings.Compare(k.measure, o.measure), strings.Compare(k.origin, o.origin), strings.Compare(k.relation, o.relation), k.engagement-o.engagement)
}

// cell lists the respondents who count in a figure: one each, or their number of
// pairs.
type cell struct {
	units []int32
	y     []float64
	// split are the respondents of classes that have the threshold inside, by class and
	// threshold.
	split map[splitClass][]int32
}

// splitClass is a class of visits and the threshold inside it, with the standard error of the
// share of its persons that has the needed visits.
type splitClass struct {
	least, most, need int32
	stdErr            float64
}

// share is the part of the persons of a class who have the needed visits, persons with
// v visits being in proportion to v^−[ClassShape].
func (c splitClass) share() float64 {
	most := c.most
	if most < 0 {
		most = max(c.least, mostVisits)
	}
	var all, above float64
	for v := max(c.least, 1); v <= most; v++ {
		p := math.Pow(float64(v), -ClassShape)
		all += p
		if v >= c.need {
			above += p
		}
	}
	return above / all
}

// surveyCells are the respondents behind every figure of a survey.
type surveyCells struct {
	cells map[cellKey]*cell
	// split says that classes on both sides of a threshold are split; otherwise
	// undecided are the definitions of which there is one.
	split     bool
	undecided map[string]bool
	// trips are the shares of those in doubt that are known.
	trips []TripShare
}

// qualified is how far a tie, or several, satisfy a definition: by a share below 1
// where classes were split.
type qualified struct {
	share float64
	split []splitClass
}

// qualifies says how far a tie satisfies a definition.
func (c *surveyCells) qualifies(t ReportedTie, p schemas.Profile) qualified {
	switch satisfies(t, p) {
	case yes:
		return qualified{share: 1}
	case open:
		if !c.split {
			c.undecided[p.ID] = true
			break
		}
		class := splitClass{t.Visits, t.Most, visitsNeeded(t, p), evenError}
		return qualified{class.share(), []splitClass{class}}
	}
	return qualified{}
}

// inDoubt says whether it depends on how many trips visits to several municipalities were that they satisfy a
// definition: two trips, or one that went on from the first to the second, so that the number of trips lies between the
// most visits to one municipality and their sum.
func inDoubt(sum ReportedTie, p schemas.Profile) bool {
	fewest := sum
	fewest.Visits, fewest.Most = sum.atLeast(), sum.Visits
	return satisfies(sum, p) == yes && satisfies(fewest, p) == open
}

// onceInEach says whether visits to several municipalities are in doubt that were one to each.
func onceInEach(sum ReportedTie, p schemas.Profile) bool {
	return sum.atLeast() == 1 && visitsNeeded(sum, p) == 2 && inDoubt(sum, p)
}

// together says how far ties to municipalities of a prefecture satisfy a definition for the prefecture. Of those in doubt
// a share does: what answers on the spot tell of who has one visit to each, otherwise as many as not.
func (c *surveyCells) together(sum ReportedTie, p schemas.Profile, rule string) qualified {
	if !inDoubt(sum, p) {
		return c.qualifies(sum, p)
	}
	class, share := splitClass{sum.atLeast(), sum.Visits, visitsNeeded(sum, p), evenError}, evenShare
	told := func(s TripShare) bool { return s.Definition == p.ID && s.Outside == rule && s.Prefecture == sum.Region }
	if i := slices.IndexFunc(c.trips, told); i >= 0 && onceInEach(sum, p) {
		share, class.stdErr = c.trips[i].Share, c.trips[i].StdErr
	}
	return qualified{share, []splitClass{class}}
}

// or is the chance that one of two qualifies, classes being split independently.
func (q qualified) or(o qualified) qualified {
	return qualified{1 - (1-q.share)*(1-o.share), append(slices.Clone(q.split), o.split...)}
}

func (c *surveyCells) count(k cellKey, unit int32, q qualified, origin, relation string, engagement int) {
	add := func(k cellKey) {
		at := c.cells[k]
		if at == nil {
			at = &cell{}
			c.cells[k] = at
		}
		for _, class := range q.split {
			if at.split == nil {
				at.split = map[splitClass][]int32{}
			}
			at.split[class] = append(at.split[class], unit)
		}
		if n := len(at.units); n > 0 && at.units[n-1] == unit {
			at.y[n-1] += q.share
			return
		}
		at.units, at.y = append(at.units, unit), append(at.y, q.share)
	}
	k.origin, k.relation, k.engagement = schemas.All, schemas.All, -1
	add(k)
	if relation != "" {
		typed := k
		typed.relation = relation
		add(typed)
	}
	from := k
	from.origin = origin
	add(from)
	level := k
	level.engagement = engagement
	add(level)
}

// cellsOf gathers the cells of the definitions a survey can answer. What is known of trips to several municipalities
// is for persons of prefectures alone.
func cellsOf(s WeightedSurvey, profiles []schemas.Profile, outside []string, trips []TripShare) surveyCells {
	c := surveyCells{cells: map[cellKey]*cell{}, split: s.Split, undecided: map[string]bool{}, trips: trips}
	for _, p := range profiles {
		if !slices.Contains(p.Sources, schemas.SourceSurvey) || !answerable(p) {
			continue
		}
		for _, rule := range outside {
			if rule == schemas.OutsideEverydayArea {
				continue
			}
			for unit := range s.Ties {
				c.person(int32(unit), s.Residences[unit], s.Ties[unit], p, rule)
			}
		}
	}
	return c
}

// level is what is known of a respondent's qualifying ties below a region.
type level struct {
	relation   schemas.Purpose
	engagement int
	qualified
}

func (l *level) join(t ReportedTie, q qualified) {
	l.relation |= t.Purposes
	l.engagement = max(l.engagement, reportedEngagement(t))
	l.qualified = l.or(q)
}

// prefectureTies are the ties of a respondent to each prefecture put together, without those kept up for purposes
// alone that a definition excludes.
func prefectureTies(residence string, ties []ReportedTie, p schemas.Profile, rule string) map[string]ReportedTie {
	whole := map[string]ReportedTie{}
	for _, t := range ties {
		if !isOutside(rule, residence, t.Region) || t.onlyFor(p.Excluded()) {
			continue
		}
		prefecture := t.Region[:2] + "000"
		if before, seen := whole[prefecture]; seen {
			t = pooled(before, t)
		}
		whole[prefecture] = t
	}
	return whole
}

// person counts one respondent under one definition and rule.
func (c *surveyCells) person(unit int32, residence string, ties []ReportedTie, p schemas.Profile, rule string) {
	origin := originOf(residence)
	at := func(measure, region string) cellKey {
		return cellKey{definition: p.ID, measure: measure, outside: rule, region: region}
	}
	var nation level
	anywhere, whole := map[string]*level{}, prefectureTies(residence, ties, p, rule)
	var prefectures []string // in order of the ties
	for _, t := range ties {
		prefecture := t.Region[:2] + "000"
		if !isOutside(rule, residence, t.Region) {
			continue
		}
		if anywhere[prefecture] == nil {
			prefectures = append(prefectures, prefecture)
			anywhere[prefecture] = &level{}
		}
		if q := c.qualifies(t, p); q.share > 0 {
			region := municipalityOf(t.Region)
			relation, engagement := t.Purposes.RelationType(), reportedEngagement(t)
			for _, measure := range []string{schemas.Persons, schemas.Pairs} {
				c.count(at(measure, region), unit, q, origin, relation, engagement)
			}
			for _, above := range []string{prefecture, schemas.Nation} {
				c.count(at(schemas.Pairs, above), unit, q, origin, relation, engagement)
			}
			anywhere[prefecture].join(t, q)
			nation.join(t, q)
		}
	}
	for _, prefecture := range prefectures {
		if t, counts := whole[prefecture]; counts {
			if q := c.together(t, p, rule); q.share > 0 {
				c.count(at(schemas.Persons, prefecture), unit, q, origin, t.Purposes.RelationType(), reportedEngagement(t))
			}
		}
		if l := anywhere[prefecture]; l.share > 0 {
			c.count(at(schemas.PersonsAnyMunicipality, prefecture), unit, l.qualified, origin, l.relation.RelationType(), l.engagement)
		}
	}
	if nation.share > 0 {
		c.count(at(schemas.PersonsAnyMunicipality, schemas.Nation), unit, nation.qualified, origin, nation.relation.RelationType(), nation.engagement)
	}
}
