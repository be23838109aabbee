package estimate

import (
	"fmt"
	"math"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Described is what concentration is told from.
type Described struct {
	Tallies []schemas.Tally
	// Flows are the estimated persons by origin.
	Flows []OriginFlows
	// Nights are the rows of guest_nights.
	Nights []disclose.Counted[schemas.GuestNights]
	// Population are the rows of relational_population, Totals official tables.
	Population []disclose.Counted[schemas.RelationalPopulation]
	Totals     []schemas.Total
	// Rule is that of disclosure: origins that may not be shown are taken together, and
	// municipalities that may not be are left out, before anything is made of them.
	Rule disclose.Threshold
}

// concentrator makes the rows of concentration.
type concentrator struct {
	frame     Frame
	rule      disclose.Threshold
	levels    map[string]string
	residents map[string]float64 // of prefectures
	rows      []disclose.Counted[schemas.Concentration]
}

// Concentrations describes where people of a region live and when they come: of everybody
// seen, of the persons whom surveys and bookings estimate, and over municipalities. The
// formulas are in docs/methods/flows.md. Persons whose prefecture is not known, or who live
// abroad, have no part in it.
//
// Windows are the 12 months to a reference month; one that begins before the data do is cut at
// another point of the seasons, and has rows that are not estimable.
func Concentrations(f Frame, d Described) ([]disclose.Counted[schemas.Concentration], error) {
	c := concentrator{frame: f, rule: d.Rule.Effective(), levels: f.levels(), residents: originResidents(f.Residents)}
	for _, o := range append(observedFlows(f, d.Tallies), d.Flows...) {
		if err := c.overOrigins(o); err != nil {
			return nil, fmt.Errorf("%s, region %s: %w", o.Estimator, o.Region, err)
		}
	}
	c.overMonths(d.Tallies)
	c.seasons(d.Nights)
	c.overMunicipalities(d.Population, d.Totals)
	return c.rows, nil
}

// whole says whether the data of a source cover the 12 months to a reference month.
func (c *concentrator) whole(source string, reference schemas.Date) bool {
	return reference.AddMonths(-12)+1 >= c.frame.Sources[source].First
}

// interval is the scale on which an interval is symmetric.
type interval int

const (
	unbounded interval = iota
	above0             // by the logarithm
	below1             // by the logit: between 0 and 1
)

// bounds is the 95 % interval of a figure on its scale; false where it has none, at an end of it.
func (i interval) bounds(v, stdErr, df float64) (low, high float64, ok bool) {
	if !(stdErr > 0) {
		return 0, 0, false
	}
	t := 1.96
	if !math.IsInf(df, 1) {
		t = studentQuantile(df, 0.975)
	}
	switch {
	case i == unbounded:
		return v - t*stdErr, v + t*stdErr, true
	case i == above0 && v > 0:
		factor := math.Exp(t * stdErr / v)
		return v / factor, v * factor, true
	case i == below1 && v > 0 && v < 1:
		half := t * stdErr / (v * (1 - v))
		logit := math.Log(v / (1 - v))
		return 1 / (1 + math.Exp(half-logit)), 1 / (1 + math.Exp(-half-logit)), true
	}
	return 0, 0, false
}

// measured is a statistic with its error; df is +Inf where it is normal.
type measured struct {
	value, stdErr, df float64
	scale             interval
	persons           int64 // the least of any part
}

func (c *concentrator) add(row schemas.Concentration, m measured, facilities int64) {
	row.RegionLevel = c.levels[row.RegionCode]
	row.Value, row.Persons = value(m.value), &m.persons
	if m.stdErr > 0 {
		row.StdError = value(m.stdErr)
	}
	if low, high, ok := m.scale.bounds(m.value, m.stdErr, m.df); ok {
		row.CILow, row.CIHigh = value(low), value(high)
	}
	row.ConfStatus = schemas.Free
	c.rows = append(c.rows, disclose.Counted[schemas.Concentration]{Row: row, Persons: m.persons, Facilities: facilities})
}

// none adds a row without a figure: withheld, or not estimable.
func (c *concentrator) none(row schemas.Concentration, estimable bool) {
	row.RegionLevel, row.ConfStatus = c.levels[row.RegionCode], schemas.Free
	if !estimable {
		row.ObsStatus = schemas.NotEstimable
	}
	c.rows = append(c.rows, disclose.Counted[schemas.Concentration]{Row: row})
}
