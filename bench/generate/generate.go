// Package generate writes booking exports of any size for benchmarks: the
// layout of ねっぱん (予約単位版) cut down to 20 columns, in CP932 or UTF-8.
//
// A row is a function of the seed and its number alone, so that any span of
// rows can be written at any time, in either encoding, and is the same. Nothing
// in it is anybody's: telephone numbers have a 0 after the 090, which the
// Japanese plan never assigns, mail addresses end in example.jp, and streets
// are in 見本町 ("specimen town").
package generate

import (
	"github.com/kankei/kankei/schemas"
)

// World is a set of bookings: Rows of them, made by Rows/4 persons over two
// years in the lodging houses of 24 municipalities of Wakayama.
//
// One person in ten is a regular: two bookings in five are theirs, so that a
// regular has 18 on average and any other person about 3. Of all rows, one in
// 32 is a change or cancellation of an earlier booking, and one in 256 was made
// by an agency, whose telephone number and mail address stand in place of the
// guest's. Membership number, mail address and telephone number are left out of
// some rows, each by itself, as booking sites do.
type World struct {
	// Seed sets everything that is left to chance.
	Seed uint64
	// Rows is the number of rows in the monthly files together.
	Rows int64
}

// FirstDay is the first day of arrival, and Months the number of months that follow.
var FirstDay, _ = schemas.NewDate(2023, 10, 1)

// Months is how many months the bookings span; each has the same number of rows.
const Months = 24

// LastDay is the last day of arrival.
func LastDay() schemas.Date { return FirstDay.AddMonths(Months - 1) }

// Header names the 20 columns.
var Header = [...]string{
	"予約ID", "予約区分", "予約番号", "チェックイン日", "チェックアウト日", "申込日", "予約キャンセル日", "予約サイト名称", "施設名", "商品プラン名称",
	"宿泊者氏名", "宿泊者氏名カタカナ", "電話番号", "郵便番号", "住所1", "メールアドレス", "会員番号", "大人人数計", "子供人数計", "更新日",
}

// follow says that a row changes or cancels an earlier booking.
type follow int

const (
	first follow = iota
	change
	cancellation
)

// row is one row of an export. Its person and booking number are those of the
// booking it is about, which may have been made by an earlier row.
type row struct {
	booking        int64 // number of the row that made the booking
	person         int64
	kind           follow
	arrival        int32 // in days after FirstDay
	nights         int32
	lead           int32 // days between booking and arrival
	second         int32 // of the day, when booked
	house          int32
	site, plan     int32
	adults         int32
	children       int32
	byAgency       bool
	member, mail   bool
	phone, ownMail bool
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): equal inputs
// give equal outputs, near inputs unrelated ones.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Streams of chance, so that a row's booking and its person are unrelated.
const (
	bookingStream = iota + 1
	guestStream
	personStream
	followStream
)

func (w World) chance(stream uint64, n int64) uint64 {
	return mix(w.Seed*0x9E3779B97F4A7C15 ^ stream<<56 ^ uint64(n))
}

// below scales a number of 32 bits to [0, n).
func below(bits32 uint64, n int64) int64 { return int64(bits32 & 0xFFFFFFFF * uint64(n) >> 32) }

// persons is how many persons there are among the first rows.
func (w World) persons() int64 { return max(1, w.Rows/4) }

// personOf gives the person of row i. Rows after the monthly files bring one new
// person in four.
func (w World) personOf(i int64) int64 {
	h := w.chance(guestStream, i)
	p, regulars := w.persons(), max(1, w.persons()/10)
	switch {
	case i >= w.Rows && h>>60 < 4:
		return p + (i-w.Rows)/4
	case h>>32&0xFFF < 1638: // two in five
		return below(h, regulars) * 10 % p
	}
	return below(h, p)
}

// monthOf gives the month of arrival of row i: in order over the monthly files;
// of nine in ten rows after them the last.
func (w World) monthOf(i int64, h uint64) int {
	switch {
	case i < w.Rows:
		return int(i * Months / w.Rows)
	case h%10 == 0:
		return int(h >> 8 % Months)
	}
	return Months - 1
}

// follows says whether row i is about an earlier booking, and gives the row
// that made it: one of the 1,000 before, or any of the last month for rows
// after the monthly files.
func (w World) follows(i int64) (of int64, kind follow) {
	h := w.chance(followStream, i)
	if h&31 != 0 {
		return i, first
	}
	of = i - 1 - below(h>>32, 1000)
	if i >= w.Rows {
		of = w.Rows - 1 - below(h>>32, max(1, w.Rows/Months))
	}
	if of < 0 || w.chance(followStream, of)&31 == 0 {
		return i, first
	}
	if h&32 == 0 {
		return of, cancellation
	}
	return of, change
}

// at gives row i.
func (w World) at(i int64) row {
	of, kind := w.follows(i)
	h, g := w.chance(bookingStream, of), w.chance(guestStream+8, of)
	month := w.monthOf(of, h)
	r := row{
		booking: of, person: w.personOf(of), kind: kind,
		arrival: monthStart[month] + int32(below(h, int64(monthStart[month+1]-monthStart[month]))),
		nights:  nightsOf[h>>32&15], lead: int32(h >> 36 & 63), second: int32(below(h>>16, 86400)),
		site: int32(h >> 42 & 7), plan: int32(h >> 45 & 7),
		adults: int32(1 + h>>48&1 + h>>49&1), children: int32(h >> 50 & 3 / 3 * (h >> 52 & 1)),
		house:    int32(below(g, houses)),
		byAgency: g>>32&255 == 0,
		member:   g>>40&1 == 0, mail: g>>41&3 != 0, phone: g>>43&7 != 0, ownMail: g>>46&7 != 0,
	}
	if kind == change {
		r.nights++
	}
	return r
}

// nightsOf is the distribution of lengths of stay, in sixteenths.
var nightsOf = [16]int32{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 7}

// monthStart is the first day of each month in days after FirstDay.
var monthStart = func() (start [Months + 1]int32) {
	for m := range start {
		start[m] = int32(FirstDay.AddMonths(m).MonthStart() - FirstDay)
	}
	return start
}()
