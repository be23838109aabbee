package clean

import (
	"strings"

	"github.com/kankei/kankei/schemas"
)

// era is a Japanese era: its year 1 and the days it lasted.
type era struct {
	names       []string
	year1       int
	first, last schemas.Date
}

// The eras that dates in exports can have. Days by the cabinet orders and laws
// that began and ended them: 明治 1868-10-23 (of the Gregorian calendar), 大正
// 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01. The first day of
// an era is none of the era before, though the day had both names in 1912 and 1926.
var eras = []era{
	{[]string{"令和", "令", "R"}, 2019, day(2019, 5, 1), day(lastYear, 12, 31)},
	{[]string{"平成", "平", "H"}, 1989, day(1989, 1, 8), day(2019, 4, 30)},
	{[]string{"昭和", "昭", "S"}, 1926, day(1926, 12, 25), day(1989, 1, 7)},
	{[]string{"大正", "大", "T"}, 1912, day(1912, 7, 30), day(1926, 12, 24)},
	{[]string{"明治", "明", "M"}, 1868, day(1868, 10, 23), day(1912, 7, 29)},
}

func day(y, m, d int) schemas.Date {
	date, ok := schemas.NewDate(y, m, d)
	if !ok {
		panic("clean: no such day")
	}
	return date
}

// era reads the name of an era. A letter counts only before a digit, so that
// "Sep" and "Thu" are left for others.
func (c *cursor) era() (era, bool) {
	start := c.i
	for _, e := range eras {
		if !c.take(e.names...) {
			continue
		}
		c.spaces()
		if c.atDigit() || strings.HasPrefix(c.rest(), "元") {
			return e, true
		}
		c.i = start
	}
	return era{}, false
}

// eraDate reads the year of an era, month and day.
func (c *cursor) eraDate(e era) (schemas.Date, bool) {
	year, ok := c.eraYear(e)
	if !ok {
		return 0, false
	}
	d, ok := c.afterYear(year)
	return d, ok && d >= e.first && d <= e.last
}

// eraYear reads the year of an era, 元 being the first.
func (c *cursor) eraYear(e era) (year int, ok bool) {
	n := 1
	if year = 1; !c.take("元") {
		year, n = c.number()
	}
	return e.year1 + year - 1, n > 0 && n <= 2 && year > 0
}

// EraYear reads the year of a Japanese era at the beginning of a text, as in
// 令和元年度, R6.10, ㍻31年4月 or 昭和60年, and gives the year of the Western
// calendar and what follows it, 年度, .10, 年4月 and 年 here. A year that the era
// did not have, such as 平成32年, is refused, and so is a text without an era. A
// month is not looked at: 平成31年5月 is for the caller to refuse by [InEra].
func EraYear(s string) (year int, rest string, ok bool) {
	c := cursor{s: narrow(s)}
	e, ok := c.era()
	if !ok {
		return 0, "", false
	}
	year, ok = c.eraYear(e)
	first, _, _ := e.first.Civil()
	last, _, _ := e.last.Civil()
	return year, c.rest(), ok && year >= first && year <= last && year >= firstYear
}

// InEra says whether the era that a text begins with has a day from first to last.
func InEra(s string, first, last schemas.Date) bool {
	c := cursor{s: narrow(s)}
	e, ok := c.era()
	return ok && first <= e.last && last >= e.first
}
