package simulate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Truth is every figure of the world that was added to the tally, by its keys. A count
// of 0 has a row only where every region has one: that of all persons of a definition.
func (t *Tally) Truth() []schemas.Truth {
	var rows []schemas.Truth
	for c, months := range t.cells {
		whole := c.origin == schemas.All && c.relation == schemas.All && c.engagement < 0
		kept := c.dataset == "visit_behaviour" || c.dataset == "relational_population" && whole
		for m, n := range months {
			if n == 0 && !kept {
				continue
			}
			rows = append(rows, t.figures(c, m, n)...)
		}
	}
	rows = append(rows, t.intervals()...)
	slices.SortFunc(rows, compareTruth)
	return rows
}

func compareTruth(a, b schemas.Truth) int {
	return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Statistic, b.Statistic), strings.Compare(a.Definition, b.Definition),
		strings.Compare(a.Outside, b.Outside), strings.Compare(a.RegionCode, b.RegionCode), strings.Compare(a.OriginCode, b.OriginCode),
		strings.Compare(a.RelationType, b.RelationType), strings.Compare(a.Engagement, b.Engagement), cmp.Compare(a.ReferenceMonth, b.ReferenceMonth),
		cmp.Compare(a.MonthOfYear, b.MonthOfYear), cmp.Compare(a.Cohort, b.Cohort), cmp.Compare(a.HorizonMonths, b.HorizonMonths))
}

// row is the row of a cell's keys.
func (t *Tally) row(c cell, month int, v float64) schemas.Truth {
	row := schemas.Truth{Dataset: c.dataset, Statistic: c.statistic, Outside: c.outside, RegionCode: t.regions[c.region].code, RegionLevel: t.regions[c.region].level,
		OriginCode: c.origin, RelationType: c.relation, Engagement: schemas.All, ReferenceMonth: t.months[month], Value: v}
	if c.definition >= 0 {
		row.Definition = t.profiles[c.definition].ID
	}
	if c.engagement >= 0 {
		row.Engagement = t.w.ladder[c.engagement].Level
	}
	return row
}

// figures are the rows that a cell and month give: the count, or the statistic
// that is made of it and others.
func (t *Tally) figures(c cell, month int, n int32) []schemas.Truth {
	of := func(dataset, statistic string) float64 {
		o := c
		o.dataset, o.statistic, o.class = dataset, statistic, 0
		if counts := t.cells[o]; counts != nil {
			return float64(counts[month])
		}
		return 0
	}
	v := float64(n)
	switch {
	case c.dataset == "visit_behaviour":
		persons := of("relational_population", schemas.Persons)
		if persons == 0 {
			return nil
		}
		return []schemas.Truth{t.row(c, month, v/persons)}
	case c.statistic == "month":
		return t.monthIndex(c, month)
	case c.statistic == "repeaters":
		return t.behaviour(c, month, "repeat_rate", v, of("origin_destination", "persons"))
	case c.dataset == "origin_destination" && c.statistic == "visit_days" && c.origin == schemas.All:
		return append(t.behaviour(c, month, "length_of_stay_mean", v, of("origin_destination", "trips")), t.row(c, month, v))
	case c.dataset == "relational_population" && c.statistic == schemas.Pairs && c.engagement < 0 && c.relation == schemas.All && c.origin == schemas.All && t.regions[c.region].place < 0:
		return slices.Concat(t.behaviour(c, month, "multiplicity", v, of("relational_population", schemas.PersonsAnyMunicipality)),
			t.behaviour(c, month, "pairs_per_person", v, of("relational_population", schemas.Persons)), []schemas.Truth{t.row(c, month, v)})
	case c.dataset == "conversion_curve":
		return t.conversion(c, month, v, n)
	case c.dataset == "migration_conversion" && c.class > 0:
		row := t.row(c, month, v)
		row.HorizonMonths = int32(c.class)
		return []schemas.Truth{row}
	case c.dataset == "detection":
		return t.yearOf(c, month)
	case c.statistic == "covered_guest_nights":
		recorded, share := t.row(c, month, v), t.row(c, month, v/max(1, of("coverage", "official_guest_nights")))
		recorded.Statistic, share.Statistic = "recorded_guest_nights", "coverage"
		return []schemas.Truth{recorded, share}
	}
	return []schemas.Truth{t.row(c, month, v)}
}

// behaviour is a ratio as a row of visit_behaviour, none where nothing is below.
func (t *Tally) behaviour(c cell, month int, statistic string, above, below float64) []schemas.Truth {
	if below == 0 {
		return nil
	}
	row := t.row(c, month, above/below)
	row.Dataset, row.Statistic = "visit_behaviour", statistic
	return []schemas.Truth{row}
}

// monthIndex is 100 · (d_m ÷ D_m) over the mean of the 12 months, given once for
// the twelve, at the cell of the first month that has visit days.
func (t *Tally) monthIndex(c cell, month int) []schemas.Truth {
	var perDay [13]float64
	var sum float64
	for back := range 12 {
		_, m, length := t.months[month].AddMonths(-back).Civil()
		o := c
		o.class = m
		if counts := t.cells[o]; counts != nil {
			perDay[m] = float64(counts[month]) / float64(length)
			sum += perDay[m]
		}
	}
	if sum == 0 || c.class != firstAbove(perDay[:]) {
		return nil
	}
	var rows []schemas.Truth
	for m := 1; m <= 12; m++ {
		row := t.row(c, month, 100*perDay[m]/(sum/12))
		row.Dataset, row.Statistic, row.MonthOfYear = "visit_behaviour", "month_index", int32(m)
		rows = append(rows, row)
	}
	return rows
}

// firstAbove is the index of the first value above 0.
func firstAbove(values []float64) int {
	return slices.IndexFunc(values, func(v float64) bool { return v > 0 })
}

// conversion is the share of a cohort that has moved by a horizon: the number
// that entered, and the share.
func (t *Tally) conversion(c cell, month int, v float64, n int32) []schemas.Truth {
	if n == 0 {
		return nil
	}
	row := t.row(c, month, v)
	row.Cohort, row.HorizonMonths = int32(c.class/100), int32(c.class%100)
	rows := []schemas.Truth{row}
	if c.statistic == "entered" {
		migrated := c
		migrated.statistic = "migrated"
		moved := 0.0
		if counts := t.cells[migrated]; counts != nil {
			moved = float64(counts[month])
		}
		row.Statistic, row.Value = "value", moved/v
		rows = append(rows, row)
	}
	return rows
}

// yearOf sums a cell over the 12 months to a month, where the exports have them.
func (t *Tally) yearOf(c cell, month int) []schemas.Truth {
	if month < 11 {
		return nil
	}
	var sum int32
	for _, n := range t.cells[c][month-11 : month+1] {
		sum += n
	}
	return []schemas.Truth{t.row(c, month, float64(sum))}
}

// intervals are the medians of the days between trips.
func (t *Tally) intervals() []schemas.Truth {
	var rows []schemas.Truth
	for c, lengths := range t.lengths {
		var n int64
		var sorted []int32
		for length, count := range lengths {
			n += count
			sorted = append(sorted, length)
		}
		slices.Sort(sorted)
		at := func(rank int64) float64 {
			for _, length := range sorted {
				if rank < lengths[length] {
					return float64(length)
				}
				rank -= lengths[length]
			}
			return 0
		}
		row := t.row(c, c.class, (at((n-1)/2)+at(n/2))/2)
		row.Dataset, row.Statistic = "visit_behaviour", "trip_interval_median"
		rows = append(rows, row)
	}
	return rows
}
