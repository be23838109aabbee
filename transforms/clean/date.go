package clean

import (
	"iter"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
)

// DateOrder is the order of day and month in dates written with the year last.
type DateOrder uint8

// Orders of day and month.
const (
	Unknown    DateOrder = iota // not decided: 03/04/2026 is not read
	DayFirst                    // 03/04/2026 is 3 April
	MonthFirst                  // 03/04/2026 is March 4
)

// Years that a date in an export can plausibly have; others are typing errors
// or spreadsheet accidents.
const firstYear, lastYear = 1900, 2200

// Date reads a calendar day in the forms exports use:
//
//	2026-05-03  2026/5/3  2026.5.3  20260503  2026年5月3日  2026 5 3
//	R8.5.3  令和8年5月3日  令8/5/3  令和元年5月3日  ㋿8年5月3日  H31.4.30  S64.1.7  T1.7.30
//	03 Oct 2026  3-Oct-2026  3rd October 2026  Oct 3, 2026  2015 July 1
//	29/5/2026  5/29/2026  29.5.2026
//
// in half or full width, with a weekday before or after ("(金)", "Fri,") and a
// time of day after it ("21:09:45", "T21:09:45+09:00", "21時09分"). A time of
// 24:00 or later, as Japanese timetables write it, falls on the next day; a
// time with a zone is moved to Japan time, so that both ways of serialising a
// Japanese day (2024-03-01T00:00Z, 2024-02-29T15:00Z) give that day.
//
// A date with the year last is read by order. Under [Unknown] it is read only
// where one part is over 12. Two-digit years, era years outside the era and
// years outside 1900–2200 are refused; so is text after the date that is none
// of the above.
func Date(s string, order DateOrder) (schemas.Date, bool) {
	if d, ok := isoDate(s); ok {
		return d, true
	}
	m, ok := readMoment(s, order)
	return m.date, ok
}

// Timestamp reads a day and time of day in the forms of [Date]; a day alone is
// its midnight. Times with a zone are moved to Japan time.
func Timestamp(s string, order DateOrder) (schemas.Timestamp, bool) {
	m, ok := readMoment(s, order)
	return schemas.Timestamp(int64(m.date)*microsPerDay + m.micros), ok
}

// ExcelSerial reads a day number of Excel's 1900 date system, such as 46143 or
// 46143.625 (2026-05-01); the fraction, the time of day, is dropped. Excel takes
// 1900 for a leap year: serials up to 59 count from 1899-12-31, serials from 61
// on count from 1899-12-30, and 60, a 29 February that never was, is refused.
func ExcelSerial(s string) (schemas.Date, bool) {
	const epoch = -25569 // 1899-12-30
	n, ok := dayNumber(s)
	switch {
	case !ok || n == 0 || n == 60:
		return 0, false
	case n < 60:
		n++
	}
	return inCalendar(epoch + n)
}

// Excel1904Serial reads a day number of the 1904 date system, which workbooks of
// older Excel for Macintosh have, such as 44681 (2026-05-01): days since
// 1904-01-01. That day itself, 0, is refused: it mostly stands for none. The
// fraction is dropped as in [ExcelSerial].
func Excel1904Serial(s string) (schemas.Date, bool) {
	const epoch = -24107 // 1904-01-01
	n, ok := dayNumber(s)
	if !ok || n == 0 {
		return 0, false
	}
	return inCalendar(epoch + n)
}

// dayNumber is the whole part of a number that is not below 0.
func dayNumber(s string) (schemas.Date, bool) {
	whole, fraction, _ := strings.Cut(narrow(s), ".")
	n, err := strconv.ParseUint(whole, 10, 31)
	return schemas.Date(n), err == nil && digitsOnly(fraction) && n < 1<<22
}

// inCalendar says whether the year of a day is one that a date may have.
func inCalendar(d schemas.Date) (schemas.Date, bool) {
	year, _, _ := d.Civil()
	return d, year >= firstYear && year <= lastYear
}

// Orders is what the dates of a column have shown so far of the order of day
// and month: in a date with the year last, a part over 12 must be the day. The
// zero Orders has shown nothing.
type Orders struct{ dayFirst, monthFirst bool }

// Add looks at further values of the column.
func (o *Orders) Add(values iter.Seq[string]) {
	for v := range values {
		switch orderOf(v) {
		case DayFirst:
			o.dayFirst = true
		case MonthFirst:
			o.monthFirst = true
		}
	}
}

// Join adds what another column has shown.
func (o *Orders) Join(p Orders) {
	o.dayFirst, o.monthFirst = o.dayFirst || p.dayFirst, o.monthFirst || p.monthFirst
}

// Decide gives the order of the column, [Unknown] where no value shows it or
// two values contradict each other.
func (o Orders) Decide() DateOrder {
	switch {
	case o.dayFirst && !o.monthFirst:
		return DayFirst
	case o.monthFirst && !o.dayFirst:
		return MonthFirst
	}
	return Unknown
}

// Shown says whether any value has shown an order.
func (o Orders) Shown() bool { return o != Orders{} }

// orderOf is the order that one value proves by itself.
func orderOf(s string) DateOrder {
	c := cursor{s: narrow(s)}
	c.weekday()
	a, n := c.number()
	if n == 0 || n > 2 {
		return Unknown
	}
	b, ok := c.yearLast()
	switch {
	case !ok || a > 31 || b > 31:
		return Unknown
	case a > 12 && b <= 12:
		return DayFirst
	case b > 12 && a <= 12:
		return MonthFirst
	}
	return Unknown
}

// isoDate reads YYYY-MM-DD and YYYY/MM/DD, the forms nearly every row has.
func isoDate(s string) (schemas.Date, bool) {
	if len(s) != 10 || s[4] != s[7] || (s[4] != '-' && s[4] != '/') {
		return 0, false
	}
	y, ok1 := twoDigits(s[0], s[1])
	z, ok2 := twoDigits(s[2], s[3])
	m, ok3 := twoDigits(s[5], s[6])
	d, ok4 := twoDigits(s[8], s[9])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return 0, false
	}
	return civil(y*100+z, m, d)
}

func twoDigits(a, b byte) (int, bool) {
	a, b = a-'0', b-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

// civil is the day of a year, month and day within the plausible years.
func civil(year, month, day int) (schemas.Date, bool) {
	if year < firstYear || year > lastYear {
		return 0, false
	}
	return schemas.NewDate(year, month, day)
}

// narrow trims s, also of byte order marks and other invisible characters, and
// folds full-width and compatibility forms. Where s is ASCII it costs nothing.
func narrow(s string) string {
	if ascii(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimFunc(norm.NFKC.String(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func digitsOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
