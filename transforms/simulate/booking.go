package simulate

import (
	"fmt"
	"math/rand/v2"

	"github.com/kankei/kankei/schemas"
)

// Name is an invented name: as written, in katakana and in Latin letters.
type Name struct{ Kanji, Kana, Latin string }

// Guest is whoever a booking or an answer names. No telephone number is
// anybody's: after 090, 080 or 070 the Japanese plan has no 0.
type Guest struct {
	Name    Name
	Phone   string // national digits with hyphens, or ''
	Email   string // or ''
	Member  string // of the site controllers' club, or ''
	Country string // ISO 3166-1 alpha-2, lower case
	// Prefecture, Municipality and Street are the address, '' where none is given.
	Prefecture, Municipality, Street string
}

// Outcome is what became of a booking.
type Outcome uint8

// Outcomes of a booking.
const (
	Stayed Outcome = iota
	Cancelled
	NoShow
)

// Booking is a booking of a lodging house, as it stood in the end.
type Booking struct {
	Facility int32
	// Number tells bookings of a world apart.
	Number            int64
	CheckIn, CheckOut schemas.Date
	// BookedAt, ChangedAt and CancelledAt are seconds since 1970 of the wall clock,
	// 0 for never.
	BookedAt, ChangedAt, CancelledAt int64
	Outcome                          Outcome
	// Late says that the first delivery after the stay does not know of the
	// cancellation yet.
	Late    bool
	Guests  int
	Guest   Guest
	Purpose schemas.Purpose
	// Price is in yen.
	Price int
}

const secondsOfDay = 86_400

// Bookings are the bookings under the name of a person, of covered houses, with an
// arrival from the first day of the exports on, and those that came to nothing.
func (w *World) Bookings(p *Person) []Booking {
	var all []Booking
	random := w.stream(streamBooking, p.ID)
	for i := range p.Trips {
		t := &p.Trips[i]
		if t.Facility < 0 || !t.OwnName {
			continue
		}
		b := w.booking(p, random, t, 2*i)
		ghost := w.ghost(p, random, t, 2*i+1)
		for _, b := range []*Booking{&b, ghost} {
			if b != nil && b.CheckIn >= w.first && w.Facilities[b.Facility].delivers(b.CheckIn) {
				all = append(all, *b)
			}
		}
	}
	return all
}

// booking is the booking of a trip that took place.
func (w *World) booking(p *Person, random *rand.Rand, t *Trip, index int) Booking {
	l := w.Scenario.Lodging
	b := Booking{Facility: t.Facility, Number: p.ID*1000 + int64(index), CheckIn: t.First, CheckOut: t.Last, Purpose: t.Purpose, Guests: 1}
	if l.OwnName < 1 { // those who travel unnamed are, on the whole, in the parties of those who booked
		b.Guests += poisson(random, 1/l.OwnName-1)
	}
	lead := 3600 + int64(random.ExpFloat64()*25*secondsOfDay)
	b.BookedAt = int64(b.CheckIn)*secondsOfDay + 15*3600 - lead
	if random.Float64() < l.Changed {
		b.ChangedAt = b.BookedAt + int64(random.Float64()*float64(lead))
	}
	b.Price = 100 * (70 + random.IntN(180)) * int(b.CheckOut-b.CheckIn) * b.Guests
	b.Guest = w.guest(p, random, b.BookedAt)
	return b
}

// ghost is a booking beside a trip that came to nothing; nil for none.
func (w *World) ghost(p *Person, random *rand.Rand, t *Trip, index int) *Booking {
	l := w.Scenario.Lodging
	lost := l.Cancelled + l.NoShow
	if random.Float64() >= lost/(1-lost) {
		return nil
	}
	b := w.booking(p, random, t, index)
	shift := schemas.Date(3 + random.IntN(60))
	b.CheckIn, b.CheckOut, b.BookedAt = b.CheckIn+shift, b.CheckOut+shift, b.BookedAt+int64(shift)*secondsOfDay
	b.ChangedAt = 0
	b.Outcome = NoShow
	if random.Float64() < l.Cancelled/lost {
		b.Outcome = Cancelled
		arrival := int64(b.CheckIn)*secondsOfDay + 9*3600
		b.CancelledAt = b.BookedAt + max(60, int64(random.Float64()*float64(arrival-b.BookedAt)))
		b.Late = random.Float64() < 0.1
	}
	return &b
}

// guest is what a booking made at a time says of who made it.
func (w *World) guest(p *Person, random *rand.Rand, at int64) Guest {
	id := w.Scenario.Identity
	g := Guest{Name: w.NameOf(p.ID), Country: "jp"}
	day := schemas.Date(at / secondsOfDay)
	if p.Abroad {
		g.Country = countries[p.ID%int64(len(countries))]
		g.Name = Name{Latin: fmt.Sprintf("Sample Guest%d", p.ID)}
		g.Name.Kanji, g.Name.Kana = g.Name.Latin, g.Name.Latin
	}
	g.Phone = w.PhoneOf(p, day)
	g.Email = fmt.Sprintf("p%d@example.jp", p.ID)
	if member := w.stream(streamBooking, -1-p.ID); member.Float64() < id.Members && random.Float64() < 0.9 {
		g.Member = fmt.Sprintf("WK%08d", p.ID)
	}
	switch {
	case random.Float64() < id.MissingPhone || p.Abroad:
		g.Phone = ""
	case random.Float64() < id.Misspelt:
		g.Phone = misspelt(random, g.Phone)
	}
	if random.Float64() < id.MissingEmail {
		g.Email = ""
	}
	if random.Float64() < id.Agency {
		g.Phone, g.Email, g.Member = "072-000-1234", "", ""
	}
	if random.Float64() >= id.MissingAddress && !p.Abroad {
		w.address(p, &g, day)
	}
	return g
}

// PhoneOf is the number that a person uses on a day: one of three per person of
// the world, or that of a neighbour by number who shares it.
func (w *World) PhoneOf(p *Person, day schemas.Date) string {
	id := w.Scenario.Identity
	owner := p.ID
	if pair := w.stream(streamBooking, -1_000_000_000-p.ID/2); pair.Float64() < id.Shared {
		owner = p.ID &^ 1
	}
	changes := 0
	if id.Changing > 0 {
		random := w.stream(streamBooking, -2_000_000_000-owner)
		for at := float64(w.begin); ; changes++ {
			if at += random.ExpFloat64() / id.Changing * 365.25; at > float64(day) {
				break
			}
		}
	}
	n := owner*3 + int64(changes%3)
	return fmt.Sprintf("%s-0%03d-%04d", []string{"090", "080", "070"}[n/10_000_000%3], n/10_000%1_000, n%10_000)
}

// misspelt is a number with one of its last digits changed.
func misspelt(random *rand.Rand, phone string) string {
	digits := []byte(phone)
	at := len(digits) - 1 - random.IntN(4)
	digits[at] = '0' + (digits[at]-'0'+1+byte(random.IntN(9)))%10
	return string(digits)
}

// address is where the person says to live: some go on giving the old address.
func (w *World) address(p *Person, g *Guest, day schemas.Date) {
	home := p.HomeOn(day)
	if stale := w.stream(streamBooking, -3_000_000_000-p.ID); stale.Float64() < w.Scenario.Identity.StaleAddress {
		home = p.Homes[0].Place
	}
	at := &w.Places[home]
	g.Prefecture, g.Municipality = at.PrefectureName, at.Name
	g.Street = fmt.Sprintf("見本町%d-%d", 1+p.ID%9, 1+p.ID%30)
}

// countries are where visitors from abroad live.
var countries = []string{"tw", "us", "fr", "au", "gb", "de"}

// NameOf is the name of a person: some share one.
func (w *World) NameOf(id int64) Name {
	h := scramble(uint64(id) ^ w.Seed)
	family, given := surnames[h%uint64(len(surnames))], givenNames[h>>32%uint64(len(givenNames))]
	return Name{family.Kanji + " " + given.Kanji, family.Kana + " " + given.Kana, given.Latin + " " + family.Latin}
}

var surnames = []Name{
	{"佐藤", "サトウ", "Sato"}, {"鈴木", "スズキ", "Suzuki"}, {"高橋", "タカハシ", "Takahashi"}, {"髙橋", "タカハシ", "Takahashi"},
	{"田中", "タナカ", "Tanaka"}, {"伊藤", "イトウ", "Ito"}, {"渡辺", "ワタナベ", "Watanabe"}, {"渡邉", "ワタナベ", "Watanabe"},
	{"山本", "ヤマモト", "Yamamoto"}, {"中村", "ナカムラ", "Nakamura"}, {"小林", "コバヤシ", "Kobayashi"}, {"加藤", "カトウ", "Kato"},
	{"吉田", "ヨシダ", "Yoshida"}, {"山田", "ヤマダ", "Yamada"}, {"山口", "ヤマグチ", "Yamaguchi"}, {"松本", "マツモト", "Matsumoto"},
	{"井上", "イノウエ", "Inoue"}, {"木村", "キムラ", "Kimura"}, {"林", "ハヤシ", "Hayashi"}, {"斎藤", "サイトウ", "Saito"},
	{"清水", "シミズ", "Shimizu"}, {"山﨑", "ヤマサキ", "Yamasaki"}, {"森", "モリ", "Mori"}, {"池田", "イケダ", "Ikeda"},
	{"橋本", "ハシモト", "Hashimoto"}, {"阿部", "アベ", "Abe"}, {"石川", "イシカワ", "Ishikawa"}, {"前田", "マエダ", "Maeda"},
	{"藤田", "フジタ", "Fujita"}, {"岡田", "オカダ", "Okada"}, {"長谷川", "ハセガワ", "Hasegawa"}, {"村上", "ムラカミ", "Murakami"},
	{"近藤", "コンドウ", "Kondo"}, {"石井", "イシイ", "Ishii"}, {"坂本", "サカモト", "Sakamoto"}, {"遠藤", "エンドウ", "Endo"},
}

var givenNames = []Name{
	{"陽子", "ヨウコ", "Yoko"}, {"健一", "ケンイチ", "Kenichi"}, {"美咲", "ミサキ", "Misaki"}, {"大輔", "ダイスケ", "Daisuke"},
	{"由美", "ユミ", "Yumi"}, {"翔太", "ショウタ", "Shota"}, {"恵子", "ケイコ", "Keiko"}, {"拓也", "タクヤ", "Takuya"},
	{"愛", "アイ", "Ai"}, {"誠", "マコト", "Makoto"}, {"直樹", "ナオキ", "Naoki"}, {"真由美", "マユミ", "Mayumi"},
	{"浩", "ヒロシ", "Hiroshi"}, {"さくら", "サクラ", "Sakura"}, {"和也", "カズヤ", "Kazuya"}, {"智子", "トモコ", "Tomoko"},
	{"蓮", "レン", "Ren"}, {"結衣", "ユイ", "Yui"}, {"隆", "タカシ", "Takashi"}, {"明美", "アケミ", "Akemi"},
	{"亮", "リョウ", "Ryo"}, {"葵", "アオイ", "Aoi"}, {"修", "オサム", "Osamu"}, {"千尋", "チヒロ", "Chihiro"},
}
