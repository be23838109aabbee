package clean

import (
	"strings"
	"unicode/utf8"

	"github.com/kankei/kankei/schemas"
)

const (
	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	microsPerDay    = 24 * 60 * microsPerMinute
	japanMinutes    = 9 * 60 // Japan Standard Time is UTC+9, without summer time
)

// moment is a day and the time since its midnight.
type moment struct {
	date   schemas.Date
	micros int64
}

// readMoment reads a day and what may follow it: weekday, time, zone.
func readMoment(s string, order DateOrder) (moment, bool) {
	c := cursor{s: narrow(s)}
	c.weekday()
	date, ok := c.date(order)
	if !ok {
		return moment{}, false
	}
	c.weekday()
	micros, ok := c.time()
	c.spaces()
	if !ok || c.rest() != "" {
		return moment{}, false
	}
	return settle(date, micros), true
}

// settle carries times outside 0–24 h over to the neighbouring day.
func settle(date schemas.Date, micros int64) moment {
	for micros >= microsPerDay {
		date, micros = date+1, micros-microsPerDay
	}
	for micros < 0 {
		date, micros = date-1, micros+microsPerDay
	}
	return moment{date, micros}
}

// cursor reads a trimmed, narrowed text from left to right.
type cursor struct {
	s string
	i int
}

func (c *cursor) rest() string { return c.s[c.i:] }

func (c *cursor) spaces() {
	for c.i < len(c.s) && c.s[c.i] == ' ' {
		c.i++
	}
}

// atDigit tells that a digit stands next: then no name, mark or word does.
func (c *cursor) atDigit() bool { return c.i < len(c.s) && c.s[c.i]-'0' <= 9 }

// take reads the first of the given texts that stands next, in any letter case.
func (c *cursor) take(texts ...string) bool {
	rest := c.rest()
	for _, t := range texts {
		if len(rest) >= len(t) && strings.EqualFold(rest[:len(t)], t) {
			c.i += len(t)
			return true
		}
	}
	return false
}

// number reads up to 18 ASCII digits and says how many there were.
func (c *cursor) number() (value, digits int) {
	for c.atDigit() && digits < 18 {
		value = value*10 + int(c.s[c.i]-'0')
		c.i++
		digits++
	}
	return value, digits
}

// word reads ASCII letters.
func (c *cursor) word() string {
	start := c.i
	for c.i < len(c.s) && (c.s[c.i]|0x20)-'a' < 26 {
		c.i++
	}
	return c.s[start:c.i]
}

// date reads a day in any of the forms of [Date].
func (c *cursor) date(order DateOrder) (schemas.Date, bool) {
	if !c.atDigit() {
		if era, ok := c.era(); ok {
			return c.eraDate(era)
		}
		if month := c.month(); month > 0 {
			return c.monthNamed(month)
		}
		c.take("西暦")
	}
	first, digits := c.number()
	switch {
	case digits == 8:
		return civil(first/10000, first/100%100, first%100)
	case digits == 12, digits == 14: // YYYYMMDDhhmm[ss]: the time is read next
		c.i -= digits - 8
		return civil(first/pow10(digits-4), first/pow10(digits-6)%100, first/pow10(digits-8)%100)
	case digits == 4:
		return c.afterYear(first)
	case digits == 1 || digits == 2:
		return c.afterShort(first, order)
	}
	return 0, false
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// afterYear reads the month and day that follow a year, and its separator:
// "-5-3", "年5月3日", " July 1".
func (c *cursor) afterYear(year int) (schemas.Date, bool) {
	month, day, ok := c.monthDay()
	if !ok {
		return 0, false
	}
	return civil(year, month, day)
}

// monthDay reads a separator, a month in digits or by name, the same separator
// and a day. Without a comma or word between them, digits need a separator.
func (c *cursor) monthDay() (month, day int, ok bool) {
	sep := c.separator()
	if sep == 0 {
		return 0, 0, false
	}
	if month = c.month(); month == 0 {
		var n int
		if month, n = c.number(); n == 0 || n > 2 {
			return 0, 0, false
		}
	}
	next := c.separator()
	if sep == '年' && next != '月' || sep != '年' && next != sep {
		return 0, 0, false
	}
	day, n := c.number()
	if n == 0 || n > 2 {
		return 0, 0, false
	}
	if sep == '年' {
		c.spaces()
		c.take("日")
	}
	return month, day, true
}

// separator reads what stands between year, month and day; 0 if nothing does.
func (c *cursor) separator() rune {
	spaced := c.i < len(c.s) && c.s[c.i] == ' '
	c.spaces()
	r, size := utf8.DecodeRuneInString(c.rest())
	switch r {
	case '-', '/', '.', '年', '月':
		c.i += size
		c.spaces()
		return r
	}
	if spaced {
		return ' '
	}
	return 0
}

// afterShort reads what follows a one- or two-digit beginning: a month by name
// and a year, or the second part and a year in the given order.
func (c *cursor) afterShort(first int, order DateOrder) (schemas.Date, bool) {
	start := c.i
	c.take("st", "nd", "rd", "th")
	c.separator()
	if month := c.month(); month > 0 {
		c.take(".", ",")
		c.separator()
		year, n := c.number()
		if n != 4 {
			return 0, false
		}
		return civil(year, month, first)
	}
	c.i = start
	second, ok := c.yearLast()
	if !ok {
		return 0, false
	}
	if order == Unknown {
		order = proof(first, second)
	}
	year := c.lastYear()
	switch order {
	case DayFirst:
		return civil(year, second, first)
	case MonthFirst:
		return civil(year, first, second)
	}
	return 0, false
}

// proof is the order that two parts of a date show by themselves.
func proof(first, second int) DateOrder {
	switch {
	case first > 12 && second <= 12:
		return DayFirst
	case second > 12 && first <= 12:
		return MonthFirst
	}
	return Unknown
}

// yearLast reads "/5/2026" after the first part and gives the second part.
func (c *cursor) yearLast() (second int, ok bool) {
	sep := c.separator()
	if sep != '/' && sep != '-' && sep != '.' {
		return 0, false
	}
	second, n := c.number()
	if n == 0 || n > 2 || c.separator() != sep {
		return 0, false
	}
	_, n = c.number()
	return second, n == 4
}

// lastYear is the four digits just read.
func (c *cursor) lastYear() int {
	back := cursor{s: c.s, i: c.i - 4}
	year, _ := back.number()
	return year
}

// monthNamed reads the day and year after a month's name: "3, 2026".
func (c *cursor) monthNamed(month int) (schemas.Date, bool) {
	c.take(".")
	c.separator()
	day, n := c.number()
	if n == 0 || n > 2 {
		return 0, false
	}
	c.take("st", "nd", "rd", "th")
	c.spaces()
	c.take(",")
	c.separator()
	year, n := c.number()
	if n != 4 {
		return 0, false
	}
	return civil(year, month, day)
}

var monthNames = [...]string{
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december",
}

// month reads an English month name, whole, in three letters, or "Sept";
// 0 if none stands next.
func (c *cursor) month() int {
	if c.atDigit() {
		return 0
	}
	start := c.i
	if w := c.word(); len(w) >= 3 {
		for i, name := range monthNames {
			if strings.EqualFold(w, name) || strings.EqualFold(w, name[:3]) || (i == 8 && strings.EqualFold(w, "sept")) {
				return i + 1
			}
		}
	}
	c.i = start
	return 0
}

// weekday reads a day of the week, bare or in parentheses, and a comma after it.
// What it says is not checked: the date counts.
func (c *cursor) weekday() {
	c.spaces()
	if c.rest() == "" || c.atDigit() {
		return
	}
	start := c.i
	open := c.take("(")
	if !c.weekdayName() || (open && !c.take(")")) {
		c.i = start
		return
	}
	c.take(",")
	c.spaces()
}

var weekdayNames = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (c *cursor) weekdayName() bool {
	if c.take("日", "月", "火", "水", "木", "金", "土") {
		c.take("曜日", "曜")
		c.take("・祝", "祝")
		return true
	}
	w := c.word()
	for _, name := range weekdayNames {
		if strings.EqualFold(w, name) || strings.EqualFold(w, name[:3]) {
			return true
		}
	}
	return false
}

// time reads a time of day, if one follows, as microseconds since midnight in
// Japan; 0 where none does.
func (c *cursor) time() (int64, bool) {
	if c.rest() == "" {
		return 0, true
	}
	half := none
	if !c.atDigit() {
		c.take("T")
		c.spaces()
		half = c.half()
	}
	t, ok := c.clock()
	if !ok {
		return 0, false
	}
	if c.spaces(); c.rest() == "" && half == none {
		return t, true
	}
	if half == none {
		half = c.half()
	}
	if t, ok = half.apply(t); !ok {
		return 0, false
	}
	offset, zoned, ok := c.zone()
	if zoned {
		t += int64(japanMinutes-offset) * microsPerMinute
	}
	return t, ok
}

// clock reads hours, minutes and, if there, seconds and their fraction. Hours
// run to 30, the end of the broadcasting day.
func (c *cursor) clock() (int64, bool) {
	h, n := c.number()
	if n == 4 || n == 6 { // hhmm, hhmmss
		c.i -= n
		return c.packedClock(n)
	}
	if n == 0 || n > 2 || !c.take(":", "時") {
		return 0, false
	}
	japanese := strings.HasSuffix(c.s[:c.i], "時")
	m, n := c.number()
	if n == 0 && japanese {
		return clock(h, 0, 0, 0)
	}
	if n == 0 || n > 2 || (japanese && !c.take("分")) {
		return 0, false
	}
	if !c.take(":") && !(japanese && c.atDigit()) {
		return clock(h, m, 0, 0)
	}
	s, n := c.number()
	if n == 0 || n > 2 || (japanese && !c.take("秒")) {
		return 0, false
	}
	return clock(h, m, s, c.fraction())
}

func (c *cursor) packedClock(digits int) (int64, bool) {
	v, _ := c.number()
	if digits == 4 {
		v *= 100
	}
	return clock(v/10000, v/100%100, v%100, 0)
}

// fraction reads a decimal fraction of a second as microseconds, further digits
// dropped.
func (c *cursor) fraction() int64 {
	if !c.take(".") {
		return 0
	}
	micros, scale := int64(0), int64(100_000)
	for c.atDigit() {
		micros += int64(c.s[c.i]-'0') * scale
		scale /= 10
		c.i++
	}
	return micros
}

func clock(h, m, s int, micros int64) (int64, bool) {
	if h > 30 || m > 59 || s > 60 { // 60 is a leap second
		return 0, false
	}
	return int64(h*3600+m*60+s)*microsPerSecond + micros, true
}

// dayHalf is morning, afternoon or not said.
type dayHalf uint8

const (
	none dayHalf = iota
	am
	pm
)

func (c *cursor) half() dayHalf {
	h := none
	switch {
	case c.take("AM", "A.M.", "午前"):
		h = am
	case c.take("PM", "P.M.", "午後"):
		h = pm
	}
	c.spaces()
	return h
}

// apply moves a time of the 12-hour clock to the 24-hour clock: 12 AM is
// midnight and 12 PM noon.
func (h dayHalf) apply(t int64) (int64, bool) {
	const noon = microsPerDay / 2
	switch {
	case h == none:
		return t, true
	case t >= noon+microsPerDay/24: // 13:00 PM
		return 0, false
	case t >= noon:
		t -= noon
	}
	if h == pm {
		t += noon
	}
	return t, true
}

// zone reads Z, UTC, GMT, JST or an offset such as +09:00, in minutes east of
// Greenwich. An offset west needs seconds before it: 15:00-12:00 is a span of
// time.
func (c *cursor) zone() (offset int, zoned, ok bool) {
	c.spaces()
	switch {
	case c.rest() == "":
		return 0, false, true
	case c.take("JST"):
		return japanMinutes, true, true
	case c.take("Z", "UTC", "GMT") && c.rest() == "":
		return 0, true, true
	}
	sign := 1
	if strings.Count(c.s[:c.i], ":") >= 2 && c.take("-") {
		sign = -1
	} else if !c.take("+") {
		return 0, false, false
	}
	h, n := c.number()
	m := 0
	if n == 4 {
		h, m = h/100, h%100
	} else if c.take(":") {
		m, _ = c.number()
	}
	if n == 0 || h > 14 || m > 59 {
		return 0, false, false
	}
	return sign * (h*60 + m), true, true
}
