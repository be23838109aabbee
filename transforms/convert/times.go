package convert

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/survival"
)

// The longest time of which movers are followed, in months, and the number of them from which
// their times are told.
const (
	timesWithin = 36
	leastMovers = 10
)

// quantiles are the shares of those who move in within timesWithin, with their statistics.
var quantiles = []struct {
	statistic string
	share     float64
}{{schemas.MonthsQuarter, 0.25}, {schemas.MonthsHalf, 0.5}, {schemas.MonthsThreeQuarters, 0.75}}

// times adds how long those who move in within 36 months take: the first whole month by which a
// share q of them have,
//
//	min{m: F(m) ≥ q F(36)}
//
// between the first month at which F(m) − q F(36) is not below −1.96 of its errors and the first at
// which it is above 1.96 of them, the last month at the latest ([survival.Curve.Excess]). The interval
// is an inversion of the test, so that the value has no standard error. What share of the moves
// records show falls out of it. It rests on the fewer of those who moved in by then and after.
func (p *prospect) times(s stratum, estimator string, c *survival.Curve) {
	for _, of := range quantiles {
		row := p.blank(s, estimator, timesWithin)
		row.Statistic = of.statistic
		value, low, high, persons, reason := quantileOf(c, of.share)
		if reason == schemas.FewAtRisk {
			reason = p.reason(estimator, c)
		}
		if row.Reason = reason; reason == "" {
			row.ObsStatus, row.Value, row.CILow, row.CIHigh = schemas.Estimated, &value, &low, &high
		}
		p.rows = append(p.rows, disclose.Counted[schemas.MigrationConversion]{Row: row, Persons: persons})
	}
}

// quantileOf is the month by which a share of the movers of a curve have moved, with its
// interval and the persons it rests on, or the reason why it is not known.
func quantileOf(c *survival.Curve, share float64) (value, low, high float64, persons int64, reason string) {
	if len(c.Time) == 0 {
		return 0, 0, 0, 0, schemas.FewAtRisk
	}
	all := c.IncidenceAt(moved, days(timesWithin), survival.Interval{})
	switch {
	case all.Status == survival.NotEstimable || c.Begin > days(1):
		return 0, 0, 0, 0, schemas.FollowUpShort
	case all.Events < leastMovers:
		return 0, 0, 0, 0, schemas.FewMovers
	}
	const z, rounding = 1.959963984540054, 1e-12
	high = timesWithin
	for month := int32(timesWithin); month >= 1; month-- {
		above, stdErr, ok := c.Excess(moved, days(month), days(timesWithin), share)
		if !ok {
			return 0, 0, 0, 0, schemas.FollowUpShort
		}
		if above >= -rounding {
			value = float64(month)
		}
		if above >= -z*stdErr-rounding {
			low = float64(month)
		}
		if above > z*stdErr+rounding {
			high = float64(month)
		}
	}
	by := c.IncidenceAt(moved, days(int32(value)), survival.Interval{}).Events
	return value, low, high, int64(min(by, all.Events-by)), ""
}
