// Package convert estimates how many of those who keep up contact with a region move
// there: of all who were related, told backwards from those who moved in
// ([Retrospective]), and of those seen to become related, followed forwards
// ([Prospective]). It never matches what may not be matched: a move is known from a
// record that carries the person's tokens, or from a residence that changes.
package convert

import (
	"cmp"
	_ "embed"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// The named SELECTs of the stage. Each says in its comment what it reads.
var (
	//go:embed entries.sql
	Entries string
	//go:embed movers.sql
	Movers string
	//go:embed followed.sql
	Followed string
	//go:embed states.sql
	States string
)

// Frame is what the figures are set into.
type Frame struct {
	// AsOf is the last day known.
	AsOf schemas.Date
	// References are the last days of the reference months, ascending.
	References []schemas.Date
	// Regions are the prefectures and municipalities that get rows.
	Regions []schemas.Region
	// Definition is the id of the definition of a related person.
	Definition string
	// Grades are the classes of reliability.
	Grades estimate.Grades
	// Least is the least number of persons that a shown figure may rest on.
	Least int64
}

// Mover is a record of a move into a municipality.
type Mover struct {
	Source, Record string
	Region         string // of the municipality moved to
	Origin         string // prefecture lived in before, 'abroad' or 'unknown'
	MovedOn        schemas.Date
	// BirthYear is the year of birth; nil where not given.
	BirthYear *int32
	// RelatedBefore is whether the mover says to have kept up contact before; nil where
	// not asked.
	RelatedBefore *bool
	// RelatedSince is the day from which the contact is certain; nil where not asked.
	RelatedSince *schemas.Date
	// TellsPerson says that the record has something that tells the person.
	TellsPerson bool
	// FirstRecord says that no earlier record, of whatever kind, is of the same person and
	// municipality.
	FirstRecord bool
	// TripsBefore is the number of trips to the municipality that bookings show in the 12
	// months before the month of the move.
	TripsBefore int32
	// Contradicted says that a booking more than a year later still gives another
	// prefecture as residence.
	Contradicted bool
	// Member, Weight and SamplingUnit are those of the answer of a panel that tells the move; Weight is 0 of
	// other records.
	Member       int64
	Weight       float64
	SamplingUnit string
}

// fromOutside says whether the mover lived in another prefecture of Japan before.
func (m Mover) fromOutside() bool {
	return len(m.Origin) == 5 && m.Origin[:2] != m.Region[:2]
}

// in says whether the move is to the region.
func (m Mover) in(region string) bool {
	return m.Region == region || region[2:] == "000" && m.Region[:2] == region[:2]
}

// FiscalYear is the year in whose April the fiscal year of a day begins.
func FiscalYear(d schemas.Date) int32 {
	y, m, _ := d.Civil()
	if m < 4 {
		y--
	}
	return int32(y)
}

// regionYear is a region in a calendar year.
type regionYear struct {
	region string
	year   int
}

// registered are the registered in-migrants from other prefectures, by region and year.
type registered map[regionYear]float64

// register sums the official in-migrants of whole calendar years over the prefectures that
// they came from: all ages where a total has them, otherwise over the age classes. A total
// over all other prefectures goes before both. Totals by sex are left out.
func register(totals []schemas.Total) registered {
	sums := map[regionYear]*[3]float64{} // by age class, all ages, other prefectures
	for _, t := range totals {
		y, m, _ := t.PeriodStart.Civil()
		if t.Statistic != "in_migrants" || m != 1 || t.PeriodEnd != t.PeriodStart.AddMonths(11) {
			continue
		}
		k := regionYear{t.RegionCode, y}
		if sums[k] == nil {
			sums[k] = &[3]float64{}
		}
		switch fromPrefecture := len(t.OriginCode) == 5 && t.OriginCode != schemas.Nation && t.OriginCode[:2] != t.RegionCode[:2]; {
		case t.OriginCode == "other_prefecture" && t.Breakdown == "":
			sums[k][2] = t.Value
		case fromPrefecture && t.Breakdown == "":
			sums[k][1] += t.Value
		case fromPrefecture && !strings.Contains(t.Breakdown, "male"):
			sums[k][0] += t.Value
		}
	}
	r := registered{}
	for k, of := range sums {
		if n := cmp.Or(of[2], of[1], of[0]); n > 0 {
			r[k] = n
		}
	}
	return r
}
