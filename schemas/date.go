package schemas

import (
	"fmt"
	"time"
)

// Date is a calendar day, counted in days since 1970-01-01 (proleptic
// Gregorian). It has no time of day and no zone: an arrival date is a date on
// the wall calendar of the place. It is stored as Parquet DATE; time.Time is
// not used because parquet-go writes it under the date tag as a wrong number.
type Date int32

// Timestamp is a wall-clock instant in microseconds since 1970-01-01 00:00 in
// the local time of the export (Japan time in practice). It orders the events
// of one booking and is never published.
type Timestamp int64

// NewDate returns the date of a year, month and day, and false if there is no
// such day (2025-02-29).
func NewDate(year, month, day int) (Date, bool) {
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return Date(daysFromCivil(year, month, day)), true
}

// ParseDate reads YYYY-MM-DD and nothing else; exports' other forms are read
// by the mappings of ingest.
func ParseDate(s string) (Date, error) {
	if len(s) != len(time.DateOnly) { // most codes that are no dates; time's error is dear
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	d, _ := NewDate(t.Year(), int(t.Month()), t.Day())
	return d, nil
}

// String gives YYYY-MM-DD.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// Time is midnight UTC of the day.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Civil gives the year, month (1–12) and day of month.
func (d Date) Civil() (year, month, day int) {
	// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
	z := int(d) + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// MonthStart is the first day of d's month.
func (d Date) MonthStart() Date {
	y, m, _ := d.Civil()
	return Date(daysFromCivil(y, m, 1))
}

// MonthEnd is the last day of d's month.
func (d Date) MonthEnd() Date {
	y, m, _ := d.Civil()
	return Date(daysFromCivil(y, m, daysIn(y, m)))
}

// AddMonths is the last day of the month that lies n months after d's month:
// a reference month is named by its last day.
func (d Date) AddMonths(n int) Date {
	y, m, _ := d.Civil()
	k := y*12 + m - 1 + n
	y, m = floorDiv(k, 12), k-floorDiv(k, 12)*12+1
	return Date(daysFromCivil(y, m, daysIn(y, m)))
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysFromCivil is Hinnant's days_from_civil, the inverse of Civil.
func daysFromCivil(y, m, d int) int {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := m - 3
	if m <= 2 {
		mp = m + 9
	}
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
