package convert

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// RecordBookings stands for residences that change in bookings, among the kinds of record.
const RecordBookings = "bookings"

// RecordOfficial stands for the registered in-migrants.
const RecordOfficial = "official"

// Sources tells, by region and calendar year, what each kind of record shows of the moves
// from other prefectures: how many, which share of the registered in-migrants that is (its
// detection limit), which share can be told to be a person's and was seen in bookings before, and
// where it contradicts the bookings: answers "not related" of persons with two trips or more
// seen in the 12 months before, and bookings more than a year after the move that still give
// another prefecture. Rows are in order of region, year, kind of record and statistic.
func Sources(f Frame, movers []Mover, entries []Entry, totals []schemas.Total) []disclose.Counted[schemas.MigrationSource] {
	known := register(totals)
	counts := map[sourceKey]*sourceCount{}
	at := func(record, region string, on schemas.Date) *sourceCount {
		y, _, _ := on.Civil()
		k := sourceKey{record, region, y}
		if counts[k] == nil {
			counts[k] = &sourceCount{}
		}
		return counts[k]
	}
	for _, m := range movers {
		if !m.fromOutside() || m.MovedOn > f.AsOf {
			continue
		}
		for _, region := range []string{m.Region, m.Region[:2] + "000"} {
			at(m.Record, region, m.MovedOn).add(m)
		}
	}
	for _, e := range entries {
		if e.ResidentOn != nil && *e.ResidentOn <= f.AsOf {
			at(RecordBookings, e.Region, *e.ResidentOn).moves++
		}
	}
	var rows []disclose.Counted[schemas.MigrationSource]
	for _, region := range f.Regions {
		var mine []disclose.Counted[schemas.MigrationSource]
		for k, n := range known {
			if k.region == region.RegionCode {
				mine = append(mine, source(region, RecordOfficial, k.year, "registered_in_migrants", n, int64(n)))
			}
		}
		for k, c := range counts {
			if k.region == region.RegionCode {
				mine = append(mine, c.rows(region, k.record, k.year, known[regionYear{k.region, k.year}])...)
			}
		}
		slices.SortFunc(mine, func(a, b disclose.Counted[schemas.MigrationSource]) int {
			return cmp.Or(cmp.Compare(a.Row.Year, b.Row.Year), cmp.Compare(a.Row.Record, b.Row.Record), cmp.Compare(a.Row.Statistic, b.Row.Statistic))
		})
		rows = append(rows, mine...)
	}
	return rows
}

type sourceKey struct {
	record, region string
	year           int
}

// sourceCount counts the records of a kind.
type sourceCount struct {
	moves, tells, seen, asked, related, unrelated, unrelatedSeen, contradicted int64
}

func (c *sourceCount) add(m Mover) {
	c.moves++
	if m.TellsPerson {
		c.tells++
	}
	if m.TripsBefore > 0 {
		c.seen++
	}
	if m.Contradicted {
		c.contradicted++
	}
	if m.RelatedBefore == nil {
		return
	}
	c.asked++
	if *m.RelatedBefore {
		c.related++
		return
	}
	c.unrelated++
	if m.TripsBefore >= 2 {
		c.unrelatedSeen++
	}
}

// rows are the statistics of a kind of record. A share rests on the fewer of those it is of
// and those it is not, and a number on its persons.
func (c *sourceCount) rows(region schemas.Region, record string, year int, registered float64) []disclose.Counted[schemas.MigrationSource] {
	rows := []disclose.Counted[schemas.MigrationSource]{source(region, record, year, "moves", float64(c.moves), c.moves)}
	share := func(statistic string, part, whole int64) {
		if whole > 0 {
			rows = append(rows, source(region, record, year, statistic, float64(part)/float64(whole), min(part, whole-part)))
		}
	}
	if registered > 0 && record != RecordBookings {
		rows = append(rows, source(region, record, year, "detection", float64(c.moves)/registered, min(c.moves, int64(math.Abs(registered-float64(c.moves))))))
	}
	if record != RecordBookings {
		share("tells_a_person", c.tells, c.moves)
		share("seen_before", c.seen, c.tells)
		share("contradicted", c.contradicted, c.tells)
	}
	share("related_before", c.related, c.asked)
	share("unrelated_but_seen", c.unrelatedSeen, c.unrelated)
	return rows
}

func source(region schemas.Region, record string, year int, statistic string, value float64, persons int64) disclose.Counted[schemas.MigrationSource] {
	o := notEstimable
	o.ObsStatus = schemas.Normal
	return disclose.Counted[schemas.MigrationSource]{Persons: persons, Row: schemas.MigrationSource{Statistic: statistic, Record: record,
		RegionCode: region.RegionCode, RegionLevel: region.RegionLevel, Year: int32(year), Value: &value, Observation: o}}
}

// Link is the probability that two records of one person are linked, with its standard error.
type Link struct{ P, StdErr float64 }

// See tells how much of the moves the records of a prefecture show: persons with a record, by
// registered in-migrants of the years for which both are known, times the probability that the
// record is linked to the person's bookings.
//
//	s = Σ_y m_y ÷ Σ_y N_y · P(linked)
//
// Of the year in which records begin N_y is so many twelfths as it has months from then on.
//
// What is missed otherwise (who does not answer and who is not in a programme) is taken to be
// independent of having been related.
func See(f Frame, prefecture string, movers []Mover, totals []schemas.Total, link Link) Seeing {
	known := register(totals)
	s := Seeing{Since: f.AsOf + 1}
	byYear := map[int]float64{}
	for _, m := range movers {
		if !m.in(prefecture) || m.MovedOn > f.AsOf {
			continue
		}
		s.Since = min(s.Since, m.MovedOn.MonthStart())
		if m.fromOutside() && m.FirstRecord {
			y, _, _ := m.MovedOn.Civil()
			byYear[y]++
		}
	}
	var seen, registered float64
	for _, y := range slices.Sorted(maps.Keys(byYear)) {
		n := byYear[y]
		if all, there := known[regionYear{prefecture, y}]; there {
			if first, month, _ := s.Since.Civil(); y == first {
				all *= float64(13-month) / 12
			}
			seen, registered = seen+n, registered+all
		}
	}
	if registered == 0 || seen == 0 {
		return s
	}
	share := min(1, seen/registered)
	s.Moves = share * link.P
	s.MovesErr = math.Hypot(share*link.StdErr, link.P*math.Sqrt(share*(1-share)/registered))
	return s
}

// Excess is a cell in which more converts are estimated than people moved in.
type Excess struct {
	Region string
	// Cohort is the first year followed and Estimator how the figure was got.
	Cohort    int32
	Estimator string
	// Converts is the estimated number within 12 months and Low its lower end; Registered are
	// those who moved in from other prefectures in a year.
	Converts, Low, Registered float64
}

// Certain says that even the lower end is above what may be registered in a year: the upper end
// of the exact interval of the Poisson mean (Garwood 1936, χ²₀.₉₇₅(2n+2)/2), for of a village
// with five in-migrants a year one may have seen two in the year looked at. Something is wrong then.
func (e Excess) Certain() bool {
	return e.Low > distuv.ChiSquared{K: 2*e.Registered + 2}.Quantile(0.975)/2
}

// Check compares, by region, the converts that conversion within 12 months implies for the
// relational population with the registered in-migrants of the year before the as-of day: of
// all who moved in some were related, so that no estimate can be right that is above them. The
// relational population is taken at the lower end of its interval, and the rate at its own.
func Check(f Frame, conversion []disclose.Counted[schemas.MigrationConversion], totals []schemas.Total, population []disclose.Counted[schemas.RelationalPopulation]) []Excess {
	r := retrospect{Frame: f, registered: register(totals), population: populations(f, population)}
	var found []Excess
	for _, c := range conversion {
		row := c.Row
		if row.Estimand != schemas.Prospective || row.HorizonMonths != 12 || row.Value == nil || row.Cohort != 0 || row.Estimator == "complete_follow_up" {
			continue
		}
		people, known := r.mean(span{region: row.RegionCode, from: f.AsOf.AddMonths(-12), until: f.AsOf})
		y, _, _ := f.AsOf.Civil()
		registered, there := r.total(row.RegionCode, y)
		if !known || !there {
			continue
		}
		e := Excess{row.RegionCode, row.Cohort, row.Estimator, *row.Value * people.value,
			*row.CILow * people.value * math.Exp(-1.96*people.stdErr/people.value), registered}
		if e.Converts > e.Registered {
			found = append(found, e)
		}
	}
	return found
}
