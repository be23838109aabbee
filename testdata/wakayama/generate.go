//go:build ignore

// Generate writes the exports of the sample project: what hotels, a site
// controller, a booking site and a survey tool of Wakayama might deliver over
// two years. Every person, telephone number, address and lodging house is
// invented; the official totals are not.
//
//	go run testdata/wakayama/generate.go [-C folder]
//
// The same source writes the same bytes: all randomness comes from one seeded
// generator, drawn from in a fixed order.
//
// Telephone numbers begin 090-0 or 072-0: in the Japanese plan the digit after
// 090 or an area code is never 0, so they are nobody's. Mail addresses end in example.jp, which is
// kept free for documentation. Streets are in 見本町 ("specimen town").
package main

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
)

// The sample spans two years of stays, delivered up to the last day.
var (
	firstDay = day(2023, 10, 1)
	lastDay  = day(2025, 9, 30)
)

const guests = 1400 // fictional persons who book

func main() {
	log.SetFlags(0)
	dir := flag.String("C", "testdata/wakayama", "folder of the sample project")
	flag.Parse()

	w := newWorld(rand.New(rand.NewPCG(30_000, 2025)))
	files := slices.Concat(w.neppan(), w.temairazu(), w.bookingCom(), w.survey())
	for _, f := range files {
		path := filepath.Join(*dir, "exports", f.name)
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, f.data, 0o644))
	}
}

// A file is an export to be written, by its path below exports/.
type file struct {
	name string
	data []byte
}

// House is a lodging house. Channel says which of the exports holds its
// bookings.
type house struct {
	name         string
	municipality string
	channel      string // neppan/<folder>, booking/<folder> or temairazu
	share        int    // of the municipality's guests
}

// The same houses stand in exports/facilities.csv, with capacity and dates.
var houses = []house{
	{"白浜 青凪荘", "白浜町", "neppan/shirahama", 4},
	{"白浜 月影ホテル", "白浜町", "temairazu", 3},
	{"白浜 湯元さざなみ", "白浜町", "temairazu", 2},
	{"白浜 みなと宿", "白浜町", "booking/shirahama", 3},
	{"田辺 会津川ホテル", "田辺市", "neppan/tanabe", 4},
	{"本宮 つぎざくらの宿", "田辺市", "temairazu", 3},
	{"龍神 湯の里山荘", "田辺市", "temairazu", 2},
	{"勝浦 いさり火亭", "那智勝浦町", "neppan/nachikatsuura", 4},
	{"那智 滝見の宿", "那智勝浦町", "temairazu", 3},
	{"勝浦 港の灯", "那智勝浦町", "temairazu", 2},
	{"和歌山 城下ホテル", "和歌山市", "neppan/wakayama", 4},
	{"和歌浦 片男波館", "和歌山市", "temairazu", 3},
	{"加太 磯の宿", "和歌山市", "temairazu", 2},
	{"高野 杉木立院", "高野町", "booking/koya", 3},
	{"高野 峰の宿", "高野町", "temairazu", 2},
	{"新宮 川原町旅館", "新宮市", "temairazu", 1},
	{"串本 岩礁の宿", "串本町", "temairazu", 1},
	{"みなべ 梅林荘", "みなべ町", "temairazu", 1},
}

// Where guests stay, in persons per hundred.
var destinations = weighted[string]{
	{"白浜町", 34}, {"田辺市", 21}, {"那智勝浦町", 14}, {"和歌山市", 13},
	{"高野町", 8}, {"串本町", 4}, {"新宮市", 4}, {"みなべ町", 2},
}

// Home is a place guests come from, with the postcode that Japan Post gives
// for the municipality as a whole.
type home struct{ prefecture, municipality, postcode string }

var homes = weighted[home]{
	{home{"大阪府", "大阪市北区", "530-0000"}, 9}, {home{"大阪府", "大阪市天王寺区", "543-0000"}, 7},
	{home{"大阪府", "堺市堺区", "590-0000"}, 8}, {home{"大阪府", "東大阪市", "577-0000"}, 6},
	{home{"大阪府", "吹田市", "564-0000"}, 5}, {home{"大阪府", "岸和田市", "596-0000"}, 5},
	{home{"大阪府", "豊中市", "560-0000"}, 5}, {home{"大阪府", "枚方市", "573-0000"}, 4},
	{home{"兵庫県", "神戸市中央区", "650-0000"}, 6}, {home{"兵庫県", "西宮市", "662-0000"}, 5},
	{home{"兵庫県", "姫路市", "670-0000"}, 3}, {home{"京都府", "京都市左京区", "606-0000"}, 4},
	{home{"京都府", "京都市中京区", "604-0000"}, 3}, {home{"京都府", "宇治市", "611-0000"}, 2},
	{home{"奈良県", "奈良市", "630-0000"}, 5}, {home{"奈良県", "橿原市", "634-0000"}, 3},
	{home{"滋賀県", "大津市", "520-0000"}, 2}, {home{"滋賀県", "草津市", "525-0000"}, 2},
	{home{"三重県", "津市", "514-0000"}, 2}, {home{"三重県", "松阪市", "515-0000"}, 2},
	{home{"愛知県", "名古屋市中区", "460-0000"}, 5}, {home{"愛知県", "豊田市", "471-0000"}, 2},
	{home{"東京都", "世田谷区", "154-0000"}, 7}, {home{"東京都", "港区", "105-0000"}, 4},
	{home{"東京都", "杉並区", "166-0000"}, 5}, {home{"東京都", "八王子市", "192-0000"}, 2},
	{home{"神奈川県", "横浜市西区", "220-0000"}, 5}, {home{"神奈川県", "川崎市中原区", "211-0000"}, 3},
	{home{"神奈川県", "藤沢市", "251-0000"}, 2}, {home{"埼玉県", "さいたま市浦和区", "330-0000"}, 3},
	{home{"埼玉県", "川口市", "332-0000"}, 2}, {home{"千葉県", "千葉市中央区", "260-0000"}, 2},
	{home{"千葉県", "船橋市", "273-0000"}, 3}, {home{"静岡県", "浜松市中央区", "432-0000"}, 1},
	{home{"岐阜県", "岐阜市", "500-0000"}, 1}, {home{"石川県", "金沢市", "920-0000"}, 1},
	{home{"岡山県", "岡山市北区", "700-0000"}, 2}, {home{"広島県", "広島市中区", "730-0000"}, 2},
	{home{"香川県", "高松市", "760-0000"}, 1}, {home{"徳島県", "徳島市", "770-0000"}, 2},
	{home{"福岡県", "福岡市博多区", "812-0000"}, 1}, {home{"北海道", "札幌市中央区", "060-0000"}, 1},
	{home{"和歌山県", "和歌山市", "640-0000"}, 7}, {home{"和歌山県", "橋本市", "648-0000"}, 2},
	{home{"和歌山県", "田辺市", "646-0000"}, 2}, {home{"和歌山県", "岩出市", "649-6200"}, 2},
}

// Romaji is how a booking site that asks in English spells a prefecture.
var romaji = map[string]string{
	"大阪府": "Osaka", "兵庫県": "Hyogo", "京都府": "Kyoto", "奈良県": "Nara", "滋賀県": "Shiga", "三重県": "Mie",
	"愛知県": "Aichi", "東京都": "Tokyo", "神奈川県": "Kanagawa", "埼玉県": "Saitama", "千葉県": "Chiba",
	"静岡県": "Shizuoka", "岐阜県": "Gifu", "石川県": "Ishikawa", "岡山県": "Okayama", "広島県": "Hiroshima",
	"香川県": "Kagawa", "徳島県": "Tokushima", "福岡県": "Fukuoka", "北海道": "Hokkaido", "和歌山県": "Wakayama",
}

// Name is a written name, its kana and its romaji.
type name struct{ kanji, kana, latin string }

var surnames = []name{
	{"佐藤", "サトウ", "sato"}, {"鈴木", "スズキ", "suzuki"}, {"高橋", "タカハシ", "takahashi"}, {"髙橋", "タカハシ", "takahashi"},
	{"田中", "タナカ", "tanaka"}, {"伊藤", "イトウ", "ito"}, {"渡辺", "ワタナベ", "watanabe"}, {"渡邉", "ワタナベ", "watanabe"},
	{"山本", "ヤマモト", "yamamoto"}, {"中村", "ナカムラ", "nakamura"}, {"小林", "コバヤシ", "kobayashi"}, {"加藤", "カトウ", "kato"},
	{"吉田", "ヨシダ", "yoshida"}, {"山田", "ヤマダ", "yamada"}, {"山口", "ヤマグチ", "yamaguchi"}, {"松本", "マツモト", "matsumoto"},
	{"井上", "イノウエ", "inoue"}, {"木村", "キムラ", "kimura"}, {"林", "ハヤシ", "hayashi"}, {"斎藤", "サイトウ", "saito"},
	{"清水", "シミズ", "shimizu"}, {"山﨑", "ヤマサキ", "yamasaki"}, {"森", "モリ", "mori"}, {"池田", "イケダ", "ikeda"},
	{"橋本", "ハシモト", "hashimoto"}, {"阿部", "アベ", "abe"}, {"石川", "イシカワ", "ishikawa"}, {"前田", "マエダ", "maeda"},
	{"藤田", "フジタ", "fujita"}, {"岡田", "オカダ", "okada"}, {"長谷川", "ハセガワ", "hasegawa"}, {"村上", "ムラカミ", "murakami"},
	{"近藤", "コンドウ", "kondo"}, {"石井", "イシイ", "ishii"}, {"坂本", "サカモト", "sakamoto"}, {"遠藤", "エンドウ", "endo"},
}

var givenNames = []name{
	{"陽子", "ヨウコ", "yoko"}, {"健一", "ケンイチ", "kenichi"}, {"美咲", "ミサキ", "misaki"}, {"大輔", "ダイスケ", "daisuke"},
	{"由美", "ユミ", "yumi"}, {"翔太", "ショウタ", "shota"}, {"恵子", "ケイコ", "keiko"}, {"拓也", "タクヤ", "takuya"},
	{"愛", "アイ", "ai"}, {"誠", "マコト", "makoto"}, {"直樹", "ナオキ", "naoki"}, {"真由美", "マユミ", "mayumi"},
	{"浩", "ヒロシ", "hiroshi"}, {"さくら", "サクラ", "sakura"}, {"和也", "カズヤ", "kazuya"}, {"智子", "トモコ", "tomoko"},
	{"蓮", "レン", "ren"}, {"結衣", "ユイ", "yui"}, {"隆", "タカシ", "takashi"}, {"明美", "アケミ", "akemi"},
	{"亮", "リョウ", "ryo"}, {"葵", "アオイ", "aoi"}, {"修", "オサム", "osamu"}, {"千尋", "チヒロ", "chihiro"},
}

// Person is an invented guest. What they tell an export differs by export;
// member number, telephone and mail address stay the same.
type person struct {
	family, given name
	born          int
	phone         string // national digits with hyphens, or ''
	email         string // or ''
	member        string // of the neppan houses' own club, or ''
	home          home
	moved         time.Time // from here on they live in Shirahama; zero: never
	favourite     string
	trips         int
	longStays     bool
}

// Kanji is the full name as written.
func (p person) kanji() string { return p.family.kanji + " " + p.given.kanji }

// Kana is the full name in katakana.
func (p person) kana() string { return p.family.kana + " " + p.given.kana }

// HomeOn is where the person lives on a day.
func (p person) homeOn(d time.Time) home {
	if !p.moved.IsZero() && !d.Before(p.moved) {
		return home{"和歌山県", "西牟婁郡白浜町", ""}
	}
	return p.home
}

// Stay is one booking of one house.
type stay struct {
	number   int
	guest    *person
	party    name // written for the guest where an agency books; zero otherwise
	house    house
	in       time.Time
	nights   int // 0 for day use
	rooms    int
	adults   int
	children int
	booked   time.Time
	changed  time.Time // zero: never
	left     time.Time // cancelled; zero: never
	noShow   bool
	business bool
	price    int
}

func (s stay) out() time.Time { return s.in.AddDate(0, 0, s.nights) }

// Touched is the time of the last event of the booking.
func (s stay) touched() time.Time {
	switch {
	case !s.left.IsZero():
		return s.left
	case !s.changed.IsZero():
		return s.changed
	}
	return s.booked
}

// World is all that the exports tell of.
type world struct {
	rng     *rand.Rand
	persons []person
	stays   []stay
}

func newWorld(rng *rand.Rand) *world {
	w := &world{rng: rng}
	for i := range guests {
		w.persons = append(w.persons, w.newPerson(i))
	}
	for i := range w.persons {
		w.travel(&w.persons[i])
	}
	w.agency()
	slices.SortStableFunc(w.stays, func(a, b stay) int { return a.booked.Compare(b.booked) })
	for i := range w.stays {
		w.stays[i].number = 10_000_001 + 7*i
	}
	return w
}

// NewPerson draws a guest. Most come once; a few come many times, and those
// mostly to one municipality, as repeat visitors do.
func (w *world) newPerson(i int) person {
	p := person{
		family: pick(w.rng, surnames), given: pick(w.rng, givenNames),
		born:      1944 + w.rng.IntN(60),
		home:      homes.draw(w.rng),
		favourite: destinations.draw(w.rng),
	}
	if w.chance(0.94) {
		p.phone = fmt.Sprintf("090-0%03d-%04d", 100+i%900, w.rng.IntN(10_000))
	}
	if w.chance(0.75) {
		p.email = fmt.Sprintf("%s.%s%04d@example.jp", p.given.latin, p.family.latin, i)
	}
	switch u := w.rng.Float64(); {
	case u < 0.60:
		p.trips = 1
	case u < 0.85:
		p.trips = 2 + w.poisson(0.8)
	case u < 0.98:
		p.trips = 4 + w.poisson(4)
	default:
		p.trips, p.longStays = 6+w.poisson(4), true
	}
	if p.trips >= 4 && w.chance(0.6) {
		p.member = fmt.Sprintf("WK%06d", 100_000+i)
	}
	if p.trips >= 6 && p.favourite == "白浜町" && w.chance(0.15) {
		p.moved = day(2025, 1, 1).AddDate(0, 0, w.rng.IntN(200))
	}
	return p
}

// Travel books the person's trips.
func (w *world) travel(p *person) {
	usual := w.houseIn(p.favourite)
	for range p.trips {
		at := usual
		if w.chance(0.25) {
			at = w.houseIn(destinations.draw(w.rng))
		} else if w.chance(0.3) {
			at = w.houseIn(p.favourite)
		}
		s := w.newStay(p, at)
		w.stays = append(w.stays, s)
		if s.nights >= 2 && w.chance(0.08) { // the trip goes on in the next house
			next := w.newStay(p, w.houseIn(at.municipality))
			next.in, next.left, next.booked, next.changed = s.out(), s.left, s.booked, time.Time{}
			w.stays = append(w.stays, next)
		}
	}
}

// Agency books for many parties under its own telephone number: a hub that
// must not link them to one person.
func (w *world) agency() {
	for i := range 60 {
		lead := &person{
			family: surnames[i%len(surnames)], given: givenNames[(i*7)%len(givenNames)],
			phone: "072-000-1234", home: homes.draw(w.rng),
		}
		s := w.newStay(lead, w.houseIn(destinations.draw(w.rng)))
		s.adults, s.rooms = 6+w.rng.IntN(14), 3+w.rng.IntN(5)
		w.stays = append(w.stays, s)
	}
}

func (w *world) newStay(p *person, at house) stay {
	s := stay{
		guest: p, house: at, in: w.arrival(), nights: w.nights(p.longStays), rooms: 1,
		adults: 1 + w.rng.IntN(3), business: p.longStays || w.chance(0.12),
	}
	if at.channel == "temairazu" && w.chance(0.015) {
		s.nights = 0
	}
	if w.chance(0.18) {
		s.children = 1 + w.rng.IntN(2)
	}
	if w.chance(0.06) {
		s.rooms, s.adults = 2, s.adults+2
	}
	lead := time.Duration(1+w.rng.IntN(60*24*60)) * time.Minute
	s.booked = s.in.Add(15*time.Hour - lead).Truncate(time.Second)
	wait := time.Duration(w.rng.Float64() * float64(lead))
	switch u := w.rng.Float64(); {
	case u < 0.13:
		s.left = s.booked.Add(wait).Truncate(time.Second)
	case u < 0.18:
		s.changed = s.booked.Add(wait).Truncate(time.Second)
	case u < 0.19 && strings.HasPrefix(at.channel, "booking"):
		s.noShow = true
	}
	s.price = 100 * (70 + w.rng.IntN(180)) * max(1, s.nights) * s.adults
	return s
}

// Arrival is a day of the two years and two weeks beyond, more likely in
// holiday months and on Fridays and Saturdays. The stays beyond are bookings
// that have not happened yet when the exports are made.
func (w *world) arrival() time.Time {
	span := int(lastDay.Sub(firstDay).Hours()/24) + 15
	season := [13]float64{0, .62, .60, .82, .80, .90, .68, .88, 1, .74, .84, .86, .78}
	for {
		d := firstDay.AddDate(0, 0, w.rng.IntN(span))
		weight := season[d.Month()]
		if wd := d.Weekday(); wd != time.Friday && wd != time.Saturday {
			weight *= 0.55
		}
		if w.chance(weight) {
			return d
		}
	}
}

func (w *world) nights(long bool) int {
	if long {
		return 2 + w.rng.IntN(6)
	}
	return weighted[int]{{1, 66}, {2, 25}, {3, 7}, {4, 2}}.draw(w.rng)
}

func (w *world) houseIn(municipality string) house {
	var in weighted[house]
	for _, h := range houses {
		if h.municipality == municipality {
			in = append(in, choice[house]{h, h.share})
		}
	}
	return in.draw(w.rng)
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// Poisson draws by multiplying uniforms (Knuth, The Art of Computer
// Programming, vol. 2, §3.4.1), which is enough for small means.
func (w *world) poisson(mean float64) int {
	limit, product, n := math.Exp(-mean), w.rng.Float64(), 0
	for product > limit {
		product *= w.rng.Float64()
		n++
	}
	return n
}

// HalfYear is the span of one delivery.
type halfYear struct{ from, to time.Time }

// Deliveries are the half-years of the sample; the last reaches into the
// stays still to come.
func deliveries() []halfYear {
	var spans []halfYear
	for from := firstDay; from.Before(lastDay); from = from.AddDate(0, 6, 0) {
		spans = append(spans, halfYear{from, from.AddDate(0, 6, -1)})
	}
	spans[len(spans)-1].to = lastDay.AddDate(0, 0, 15)
	return spans
}

// MadeAt is when an export of the span is drawn: the morning after.
func (h halfYear) madeAt() time.Time {
	made := h.to.AddDate(0, 0, 1)
	if made.After(lastDay) {
		made = lastDay.AddDate(0, 0, 1)
	}
	return made.Add(6*time.Hour + 12*time.Minute + 30*time.Second)
}

// StaysOf lists the stays of a channel that check in within the span and were
// booked by the end of the sample.
func (w *world) staysOf(channel string, span halfYear) []stay {
	var in []stay
	for _, s := range w.stays {
		if s.house.channel == channel && !s.in.Before(span.from) && !s.in.After(span.to) && s.booked.Before(span.madeAt()) {
			in = append(in, s)
		}
	}
	return in
}

// Neppan writes the ReservationTotalList files of four houses, one file per
// house and half-year. The house in Tanabe once delivers the layout of one row
// per night; the house in Shirahama delivers March 2025 a second time, with
// two bookings cancelled since.
func (w *world) neppan() []file {
	var files []file
	for _, channel := range []string{"neppan/shirahama", "neppan/tanabe", "neppan/nachikatsuura", "neppan/wakayama"} {
		for i, span := range deliveries() {
			rows := w.staysOf(channel, span)
			perNight := channel == "neppan/tanabe" && i == 2
			files = append(files, neppanFile(channel, span.madeAt(), rows, perNight))
		}
	}
	march := w.staysOf("neppan/shirahama", halfYear{day(2025, 3, 1), day(2025, 3, 31)})
	for i := range march[:2] {
		march[i].left = day(2025, 4, 2).Add(time.Duration(9+i) * time.Hour)
	}
	return append(files, neppanFile("neppan/shirahama", day(2025, 4, 8).Add(7*time.Hour), march, false))
}

func neppanFile(channel string, made time.Time, stays []stay, perNight bool) file {
	rows := [][]string{neppanHeader(perNight)}
	for _, s := range stays {
		if !perNight {
			rows = append(rows, neppanRow(s, 0))
			continue
		}
		for night := 1; night <= s.nights; night++ {
			rows = append(rows, neppanRow(s, night))
		}
	}
	name := channel + "/ReservationTotalList-" + made.Format("20060102150405") + ".csv"
	return file{name, cp932(encode(rows))}
}

// NeppanHeader names the columns of the layout: one row per booking, or one
// per night with the night's number instead of the cancellation date.
func neppanHeader(perNight bool) []string {
	header := strings.Fields("予約ID 予約区分 予約番号 チェックイン日 チェックアウト日 申込日 泊数 チェックイン時刻 予約キャンセル日 予約サイト名称 " +
		"部屋タイプ名称 商品プラン名称 商品プランコード 室数 宿泊者氏名 宿泊者氏名カタカナ 電話番号 郵便番号 住所1 メールアドレス " +
		"予約者氏名 予約者氏名カタカナ 会員番号 法人情報 大人人数計 子供人数計 幼児人数計 料金合計額 大人単価 子供単価 幼児単価 " +
		"大人合計額 子供合計額 幼児合計額 その他明細 その他合計額 ポイント額 ポイント割引額 備考1 備考2 メモ 食事 決済方法 予約経路 更新日")
	if perNight {
		header = slices.DeleteFunc(header, func(h string) bool { return h == "予約キャンセル日" })
		header = slices.Insert(header, 3, "泊目")
	}
	return header
}

// NeppanRow writes a stay, or its given night where night is not 0.
func neppanRow(s stay, night int) []string {
	p := s.guest
	at := p.homeOn(s.booked)
	state, cancelled := "予約", ""
	switch {
	case !s.left.IsZero():
		state, cancelled = "キャンセル", s.left.Format("2006/01/02")
	case !s.changed.IsZero():
		state = "変更"
	}
	sites := []string{"楽天トラベル", "じゃらんnet", "自社HP", "電話", "一休.com"}
	row := []string{
		strconv.Itoa(700_000_000 + s.number), state, fmt.Sprintf("RY%09d", s.number),
		s.in.Format("2006/01/02"), s.out().Format("2006/01/02"), s.booked.Format("2006/01/02 15:04:05"),
		strconv.Itoa(s.nights), "15:00", cancelled, sites[s.number%len(sites)],
		"和室10畳", planName(s), fmt.Sprintf("P%03d", s.number%40), strconv.Itoa(s.rooms),
		p.kanji(), p.kana(), p.phone, at.postcode, address(at, s), p.email,
		p.kanji(), p.kana(), p.member, corporate(s), strconv.Itoa(s.adults), strconv.Itoa(s.children), "0",
		strconv.Itoa(s.price), strconv.Itoa(s.price / s.adults), "0", "0",
		strconv.Itoa(s.price), "0", "0", "", "0", "0", "0", remark(s), "", "", "夕朝食付", "現地決済", "インターネット",
		s.touched().Format("2006/01/02 15:04:05"),
	}
	if night > 0 {
		row = slices.Delete(row, 8, 9)
		row = slices.Insert(row, 3, strconv.Itoa(night))
	}
	return row
}

// Temairazu writes the event stream of a site controller that serves many
// houses: one row per booking, change or cancellation, one file per half-year.
func (w *world) temairazu() []file {
	var files []file
	for i, span := range deliveries() {
		rows := [][]string{strings.Split(temairazuHeader, ",")}
		for _, s := range w.staysOf("temairazu", span) {
			rows = append(rows, temairazuRow(s, "予約", time.Time{}, time.Time{}))
			if !s.changed.IsZero() {
				rows = append(rows, temairazuRow(s, "予約変更", s.changed, time.Time{}))
			}
			if !s.left.IsZero() {
				rows = append(rows, temairazuRow(s, "キャンセル", time.Time{}, s.left))
			}
		}
		if i == 1 { // two faults of hand-edited files: a day that does not exist, dates the wrong way round
			rows[5][4] = "2024-04-31"
			rows[9][4], rows[9][5] = rows[9][5], rows[9][4]
		}
		name := "temairazu/" + span.madeAt().Format("20060102150405") + ".csv"
		files = append(files, file{name, cp932(encode(rows))})
	}
	return files
}

const temairazuHeader = "予約サイト名,予約番号,予約日時,予約区分,チェックイン日,チェックアウト日,宿泊者氏名,部屋名称,部屋数,大人人数,子供人数,合計料金,ポイント,請求料金," +
	"支払方法,泊数,変更日時,キャンセル日時,宿泊者氏名カナ,チェックイン時刻,会員氏名カナ,郵便番号,住所,電話番号,FAX番号,メールアドレス,プラン名称,備考,部屋マスタ,会員氏名,メモ,施設名"

func temairazuRow(s stay, state string, changed, cancelled time.Time) []string {
	p := s.guest
	at := p.homeOn(s.booked)
	sites := []string{"じゃらん", "楽天トラベル", "自社サイト", "一休"}
	price := strconv.Itoa(s.price)
	return []string{
		sites[s.number%len(sites)], fmt.Sprintf("T%010d", s.number), s.booked.Format("2006-01-02 15:04:05"), state,
		s.in.Format("2006-01-02"), s.out().Format("2006-01-02"), p.kanji(), "和洋室", strconv.Itoa(s.rooms),
		strconv.Itoa(s.adults), strconv.Itoa(s.children), price, "0", price, "事前決済", strconv.Itoa(s.nights),
		stamp(changed), stamp(cancelled), p.kana(), "16:00", p.kana(), at.postcode, address(at, s), p.phone, "", p.email,
		planName(s), remark(s), "101", p.kanji(), "", s.house.name,
	}
}

// BookingCom writes the Japanese export of the booking site for two houses,
// one file per half-year, with guests from abroad among those from Japan.
func (w *world) bookingCom() []file {
	var files []file
	for _, channel := range []string{"booking/shirahama", "booking/koya"} {
		for _, span := range deliveries() {
			rows := [][]string{strings.Split(bookingComHeader, ",")}
			for _, s := range w.staysOf(channel, span) {
				rows = append(rows, bookingComRow(s))
			}
			for range 8 + w.rng.IntN(12) {
				rows = append(rows, w.foreigner(span))
			}
			name := channel + "/予約_" + span.from.Format("20060102") + "-" + span.to.Format("20060102") + ".csv"
			files = append(files, file{name, encode(rows)})
		}
	}
	return files
}

const bookingComHeader = "予約番号,予約者名,宿泊者氏名,チェックイン,チェックアウト,予約日,ステータス,客室数,人数,大人,子供,子供の年齢,料金,コミッション率,コミッション額," +
	"支払いステータス,お支払い方法（決済代行会社）,備考,Booker country,旅行目的,利用端末,ユニットタイプ,滞在期間（泊数）,キャンセル日,住所,電話番号"

func bookingComRow(s stay) []string {
	p := s.guest
	at := p.homeOn(s.booked)
	status, cancelled := "ok", ""
	switch {
	case !s.left.IsZero():
		status, cancelled = "cancelled_by_guest", stamp(s.left)
	case s.noShow:
		status = "no_show"
	}
	where := address(at, s)
	if s.number%3 == 0 {
		where = fmt.Sprintf("%d-%d Mihoncho, %s", 1+s.number%9, 1+s.number%30, romaji[at.prefecture])
	}
	purpose := "レジャー"
	if s.business {
		purpose = "ビジネス"
	}
	ages := ""
	if s.children > 0 {
		ages = strings.TrimSuffix(strings.Repeat("6, ", s.children), ", ")
	}
	return []string{
		strconv.Itoa(4_000_000_000 + s.number), p.family.kanji + p.given.kanji, p.family.kanji + p.given.kanji,
		s.in.Format("2006-01-02"), s.out().Format("2006-01-02"), stamp(s.booked), status,
		strconv.Itoa(s.rooms), strconv.Itoa(s.adults + s.children), strconv.Itoa(s.adults), strconv.Itoa(s.children), ages,
		fmt.Sprintf("%d JPY", s.price), "12", fmt.Sprintf("%d JPY", s.price*12/100), "支払い済み", "", remark(s),
		"jp", purpose, "スマートフォン", "ダブルルーム", strconv.Itoa(s.nights), cancelled, where, international(p.phone),
	}
}

// Foreigner writes a booking from abroad. American numbers are of the range
// 555-0100 to 555-0199, kept for fiction.
func (w *world) foreigner(span halfYear) []string {
	countries := weighted[string]{{"us", 4}, {"fr", 3}, {"au", 3}, {"tw", 5}, {"gb", 2}, {"de", 2}}
	country := countries.draw(w.rng)
	phone := ""
	if country == "us" {
		phone = fmt.Sprintf("+1 415 555 01%02d", w.rng.IntN(100))
	}
	days := min(int(span.to.Sub(span.from).Hours()/24), 170)
	in, nights := span.from.AddDate(0, 0, w.rng.IntN(days)), 1+w.rng.IntN(3)
	booked := in.AddDate(0, 0, -20-w.rng.IntN(90)).Add(time.Duration(w.rng.IntN(86_400)) * time.Second)
	guest := fmt.Sprintf("Sample Guest%03d", w.rng.IntN(1000))
	return []string{
		strconv.Itoa(4_500_000_000 + w.rng.IntN(400_000_000)), guest, guest,
		in.Format("2006-01-02"), in.AddDate(0, 0, nights).Format("2006-01-02"), stamp(booked), "ok",
		"1", "2", "2", "0", "", fmt.Sprintf("%d JPY", 9000*nights), "12", fmt.Sprintf("%d JPY", 1080*nights), "支払い済み", "", "",
		country, "レジャー", "パソコン", "ダブルルーム", strconv.Itoa(nights), "", "", phone,
	}
}

// Survey writes the answers to a questionnaire made with a web form, as the
// sheet behind the form gives them: a time stamp, then one column per question,
// up to three regions each, several answers in one cell. Half of those who
// answer are guests of the houses above.
func (w *world) survey() []file {
	header := []any{"タイムスタンプ", "メールアドレス", "お住まいの都道府県", "お住まいの市区町村", "性別", "生まれ年（西暦）"}
	for i := 1; i <= regionsAsked; i++ {
		for _, q := range []string{"市町村", "1年間の訪問回数", "1回の滞在", "過ごし方", "定期的・継続的な関わり", "関わり始めた年"} {
			header = append(header, fmt.Sprintf("関わりのある地域%d：%s", i, q))
		}
	}
	header = append(header, "移住の意向")
	rows := [][]any{header}
	answered := day(2025, 1, 6).Add(9 * time.Hour)
	for range 420 {
		answered = answered.Add(time.Duration(1+w.rng.IntN(1_800)) * time.Minute)
		if answered.After(lastDay) {
			break
		}
		rows = append(rows, w.answer(answered))
	}
	return []file{{"visitors/関わりアンケート（回答）.xlsx", workbook(rows)}}
}

const regionsAsked = 3

func (w *world) answer(at time.Time) []any {
	p := w.newPerson(len(w.persons) + w.rng.IntN(400))
	if w.chance(0.5) {
		p = pick(w.rng, w.persons)
	}
	live := p.homeOn(at)
	sex := weighted[string]{{"女性", 48}, {"男性", 48}, {"その他", 1}, {"回答しない", 3}}.draw(w.rng)
	row := []any{at, p.email, live.prefecture, live.municipality, sex, p.born}
	named := weighted[int]{{0, 22}, {1, 50}, {2, 20}, {3, 8}}.draw(w.rng)
	seen := map[string]bool{}
	for i := range regionsAsked {
		region := p.favourite
		if i > 0 {
			region = destinations.draw(w.rng)
		}
		if i >= named || seen[region] {
			row = append(row, "", "", "", "", "", "")
			continue
		}
		seen[region] = true
		row = append(row, w.tie("和歌山県"+region)...)
	}
	intent := weighted[string]{{"考えていない", 62}, {"いずれ考えたい", 27}, {"3年以内に移住したい", 6}, {"わからない", 5}}.draw(w.rng)
	return append(row, intent)
}

// Tie is what a respondent says of one region.
func (w *world) tie(region string) []any {
	often := weighted[string]{{"1回", 24}, {"2～3回", 40}, {"4～7回", 22}, {"8～11回", 6}, {"12回以上", 8}}
	stays := weighted[string]{{"日帰り", 42}, {"1泊", 34}, {"2泊", 14}, {"3泊以上", 10}}
	doing := weighted[string]{
		{"趣味・買い物・飲食を楽しむ", 46}, {"地域の祭りや交流行事に参加する", 16}, {"テレワーク・ワーケーションをする", 8},
		{"副業や農林漁業など現地の仕事をする", 5}, {"ボランティアや地域づくりに加わる", 7}, {"帰省・親族や友人を訪ねる", 18},
	}
	first := doing.draw(w.rng)
	doings := first
	if second := doing.draw(w.rng); second != first && w.chance(0.4) {
		doings += ", " + second
	}
	regular := weighted[string]{{"はい", 64}, {"いいえ", 36}}.draw(w.rng)
	return []any{region, often.draw(w.rng), stays.draw(w.rng), doings, regular, 2005 + w.rng.IntN(20)}
}

// Workbook is an .xlsx file of one sheet; dates are Excel's serial numbers
// under a date format.
func workbook(rows [][]any) []byte {
	x := excelize.NewFile()
	const sheet = "フォームの回答 1"
	must(x.SetSheetName("Sheet1", sheet))
	format := "yyyy/mm/dd h:mm:ss"
	style, err := x.NewStyle(&excelize.Style{CustomNumFmt: &format})
	must(err)
	for i, row := range rows {
		must(x.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row))
	}
	must(x.SetCellStyle(sheet, "A2", fmt.Sprintf("A%d", len(rows)), style))
	out, err := x.WriteToBuffer()
	must(err)
	return out.Bytes()
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Address is the street address; one booking in forty leaves it out.
func address(at home, s stay) string {
	if s.number%40 == 3 {
		return ""
	}
	return fmt.Sprintf("%s%s見本町%d-%d", at.prefecture, at.municipality, 1+s.number%9, 1+s.number%30)
}

// International is the number as a site with guests of all countries keeps it.
func international(phone string) string {
	if phone == "" {
		return ""
	}
	return "+81 " + strings.ReplaceAll(strings.TrimPrefix(phone, "0"), "-", " ")
}

func planName(s stay) string {
	switch {
	case s.nights == 0:
		return "日帰り利用・温泉と昼食"
	case s.nights >= 3:
		return "ワーケーション応援プラン"
	}
	return "熊野灘の海の幸プラン"
}

func corporate(s stay) string {
	if s.adults >= 6 {
		return "株式会社見本トラベル"
	}
	return ""
}

// Remark is what guests write; it is personal, and no mapping takes it.
func remark(s stay) string {
	switch s.number % 11 {
	case 0:
		return "到着が遅れます。" + s.guest.family.kanji + "まで電話をください"
	case 5:
		return "えび、かにのアレルギーがあります, 1名"
	}
	return ""
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

// Weighted is a list to draw from in proportion to weights.
type weighted[T any] []choice[T]

type choice[T any] struct {
	value  T
	weight int
}

func (list weighted[T]) draw(rng *rand.Rand) T {
	total := 0
	for _, c := range list {
		total += c.weight
	}
	at := rng.IntN(total)
	for _, c := range list {
		if at -= c.weight; at < 0 {
			return c.value
		}
	}
	panic("unreachable: the weights add up to total")
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func encode(rows [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	must(w.WriteAll(rows))
	return out.Bytes()
}

func cp932(text []byte) []byte {
	out, err := japanese.ShiftJIS.NewEncoder().Bytes(text)
	must(err)
	return out
}
