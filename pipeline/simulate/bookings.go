package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/simulate"
)

// channel is how the bookings of a house are delivered.
type channel struct {
	format format
	// folder of the house's files below exports, and the name of its source.
	folder, source string
}

type format int

const (
	notDelivered format = iota
	neppan              // one row per booking, CP932
	temairazu           // an event stream of many houses, CP932
	bookingCSV          // the booking site's list as text
	bookingXLSX         // the same as a workbook
)

// mostSources is how many houses have a source of their own; those beyond deliver
// through the site controller that serves many.
const mostSources = 200

// turns are the channels that the covered houses take in turn.
var turns = []format{temairazu, neppan, temairazu, bookingCSV, temairazu, temairazu, neppan, temairazu, bookingXLSX, temairazu}

// assignChannels gives each covered house a channel.
func (p *project) assignChannels() {
	turn, own := 0, 0
	perPlace := map[int32]int{}
	for _, f := range p.Facilities {
		perPlace[f.Place]++
		c := channel{}
		if f.Covered {
			p.summary.Covered++
			slug := fmt.Sprintf("%s-%02d", p.Places[f.Place].RegionCode, perPlace[f.Place])
			c.format = turns[turn%len(turns)]
			turn++
			if own >= mostSources {
				c.format = temairazu
			}
			switch c.format {
			case neppan:
				c.folder, c.source, own = "neppan/"+slug, "neppan-"+slug, own+1
			case temairazu:
				c.folder, c.source = "temairazu", "temairazu"
			default:
				c.folder, c.source, own = "booking/"+slug, "booking-"+slug, own+1
			}
		}
		p.channels = append(p.channels, c)
	}
	p.summary.Facilities = len(p.Facilities)
}

// delivery is the export of a span of arrivals.
type delivery struct {
	number   int
	from, to schemas.Date
	made     time.Time
}

// deliveryOf is the delivery that a day of arrival belongs to; the last one also
// has the nights to come.
func (p *project) deliveryOf(d schemas.Date) delivery {
	every := max(1, p.Scenario.Lodging.Delivery)
	first, last := p.Scenario.FirstMonth(), p.Scenario.LastDay()
	y, m, _ := min(d, last).Civil()
	fy, fm, _ := first.Civil()
	n := ((y-fy)*12 + m - fm) / every
	x := delivery{number: n, from: first.AddMonths(n*every-1) + 1, to: first.AddMonths((n+1)*every - 1)}
	if x.to >= last {
		x.to = last
	}
	x.made = (x.to + 1).Time().Add(6*time.Hour + 12*time.Minute + 30*time.Second)
	return x
}

// repeated is the month of a house's delivery that comes a second time, a week after
// the first; false for none.
func (p *project) repeated(facility int32, d delivery) (schemas.Date, bool) {
	random := p.Draws(int64(facility)*1000 + int64(d.number))
	if random.Float64() >= p.Scenario.Lodging.Redelivered || p.channels[facility].format != neppan {
		return 0, false
	}
	return d.to.MonthStart(), true
}

// writeBooking writes a booking to the delivery of its arrival, and to the second
// delivery of its month where there is one.
func (p *project) writeBooking(out *part, b simulate.Booking) {
	d := p.deliveryOf(b.CheckIn)
	if b.BookedAt >= d.made.Unix() {
		return // made after the last export
	}
	c := p.channels[b.Facility]
	switch c.format {
	case neppan:
		month, again := p.repeated(b.Facility, d)
		again = again && b.CheckIn >= month && b.CheckIn <= d.to
		p.writeNeppan(out, c, d, d.made, b, b.Late && again)
		if again {
			p.writeNeppan(out, c, d, d.made.AddDate(0, 0, 7), b, false)
		}
	case temairazu:
		p.writeTemairazu(out, c, d.made, b)
	case bookingCSV, bookingXLSX:
		p.writeBookingCom(out, c, d, b)
	}
}

var neppanLayout = &layout{cp932: true, header: strings.Fields("予約ID 予約区分 予約番号 チェックイン日 チェックアウト日 申込日 泊数 チェックイン時刻 予約キャンセル日 予約サイト名称 " +
	"部屋タイプ名称 商品プラン名称 商品プランコード 室数 宿泊者氏名 宿泊者氏名カタカナ 電話番号 郵便番号 住所1 メールアドレス " +
	"予約者氏名 予約者氏名カタカナ 会員番号 法人情報 大人人数計 子供人数計 幼児人数計 料金合計額 備考1 備考2 メモ 食事 決済方法 予約経路 更新日")}

// neppanNightLayout is the layout of one row per night: it has the night's number
// and no date of cancellation.
var neppanNightLayout = &layout{cp932: true, header: slices.Insert(slices.DeleteFunc(slices.Clone(neppanLayout.header),
	func(h string) bool { return h == "予約キャンセル日" }), 3, "泊目")}

// perNight says whether a delivery comes in the layout of one row per night: the
// second of every third house, as where somebody changed the settings.
func perNight(facility int32, d delivery) bool { return facility%3 == 1 && d.number == 1 }

// writeNeppan writes a booking as ReservationTotalList has it; early leaves out a
// cancellation that is not known yet.
func (p *project) writeNeppan(out *part, c channel, d delivery, made time.Time, b simulate.Booking, early bool) {
	path := "exports/" + c.folder + "/ReservationTotalList-" + made.Format("20060102150405") + ".csv"
	row := neppanRow(made, b, early)
	if !perNight(b.Facility, d) {
		out.add(path, neppanLayout, row)
		return
	}
	row = slices.Delete(row, 8, 9)
	for night := range int(b.CheckOut - b.CheckIn) {
		out.add(path, neppanNightLayout, slices.Insert(slices.Clone(row), 3, strconv.Itoa(night+1)))
	}
}

func neppanRow(made time.Time, b simulate.Booking, early bool) []string {
	state, cancelled, touched := "予約", "", b.BookedAt
	switch {
	case b.Outcome == simulate.Cancelled && !early:
		state, cancelled, touched = "キャンセル", wallDate(b.CancelledAt, "2006/01/02"), b.CancelledAt
		if b.Late {
			touched = made.Add(-20 * time.Hour).Unix()
		}
	case b.Outcome == simulate.NoShow:
		state = "ノーショー"
	case b.ChangedAt > 0:
		state, touched = "変更", b.ChangedAt
	}
	g := b.Guest
	sites := []string{"楽天トラベル", "じゃらんnet", "自社HP", "電話", "一休.com"}
	return []string{
		fmt.Sprint(7_000_000_000 + b.Number), state, fmt.Sprintf("RY%010d", b.Number),
		slashed(b.CheckIn), slashed(b.CheckOut), wallDate(b.BookedAt, "2006/01/02 15:04:05"),
		nights(b), "15:00", cancelled, sites[b.Number%5], "和室10畳", planName(b), fmt.Sprintf("P%03d", b.Number%40), rooms(b),
		g.Name.Kanji, g.Name.Kana, g.Phone, "", g.Prefecture + g.Municipality + g.Street, g.Email,
		g.Name.Kanji, g.Name.Kana, g.Member, "", strconv.Itoa(b.Guests), "0", "0", strconv.Itoa(b.Price),
		remark(b), "", "", "夕朝食付", "現地決済", "インターネット", wallDate(touched, "2006/01/02 15:04:05"),
	}
}

var temairazuLayout = &layout{cp932: true, header: strings.Split("予約サイト名,予約番号,予約日時,予約区分,チェックイン日,チェックアウト日,宿泊者氏名,部屋名称,部屋数,大人人数,子供人数,合計料金,ポイント,請求料金,"+
	"支払方法,泊数,変更日時,キャンセル日時,宿泊者氏名カナ,チェックイン時刻,会員氏名カナ,郵便番号,住所,電話番号,FAX番号,メールアドレス,プラン名称,備考,部屋マスタ,会員氏名,メモ,施設名", ",")}

// writeTemairazu writes a booking and, as rows of their own, its change and its
// cancellation. Nobody who did not come is told apart from who did, but by a
// cancellation on the day.
func (p *project) writeTemairazu(out *part, c channel, made time.Time, b simulate.Booking) {
	path := "exports/" + c.folder + "/" + made.Format("20060102150405") + ".csv"
	g := b.Guest
	sites := []string{"じゃらん", "楽天トラベル", "自社サイト", "一休"}
	add := func(state string, changed, cancelled int64) {
		price := strconv.Itoa(b.Price)
		out.add(path, temairazuLayout, []string{
			sites[b.Number%4], fmt.Sprintf("T%010d", b.Number), wallDate(b.BookedAt, "2006-01-02 15:04:05"), state,
			b.CheckIn.String(), b.CheckOut.String(), g.Name.Kanji, "和洋室", rooms(b), strconv.Itoa(b.Guests), "0", price, "0", price, "事前決済", nights(b),
			wallDate(changed, "2006-01-02 15:04:05"), wallDate(cancelled, "2006-01-02 15:04:05"), g.Name.Kana, "16:00", g.Name.Kana, "",
			g.Prefecture + g.Municipality + g.Street, g.Phone, "", g.Email, planName(b), remark(b), "101", g.Name.Kanji, "", p.Facilities[b.Facility].Name,
		})
	}
	add("予約", 0, 0)
	if b.ChangedAt > 0 {
		add("予約変更", b.ChangedAt, 0)
	}
	switch b.Outcome {
	case simulate.Cancelled:
		add("キャンセル", 0, b.CancelledAt)
	case simulate.NoShow:
		add("キャンセル", 0, int64(b.CheckIn)*86_400+23*3600)
	}
}

const bookingComHeader = "予約番号,予約者名,宿泊者氏名,チェックイン,チェックアウト,予約日,ステータス,客室数,人数,大人,子供,子供の年齢,料金,コミッション率,コミッション額," +
	"支払いステータス,お支払い方法（決済代行会社）,備考,Booker country,旅行目的,利用端末,ユニットタイプ,滞在期間（泊数）,キャンセル日,住所,電話番号"

var (
	bookingCSVLayout  = &layout{header: strings.Split(bookingComHeader, ",")}
	bookingXLSXLayout = &layout{header: strings.Split(bookingComHeader, ","), sheet: true}
)

// excelEpoch is the day number 0 of a workbook: 1899-12-30.
const excelEpoch = -25_569

// writeBookingCom writes a row of the booking site's list: as text, or as a workbook
// with the day numbers of a spreadsheet and numeric booking numbers.
func (p *project) writeBookingCom(out *part, c channel, d delivery, b simulate.Booking) {
	status, cancelled := "ok", ""
	switch b.Outcome {
	case simulate.Cancelled:
		status, cancelled = "cancelled_by_guest", wallDate(b.CancelledAt, "2006-01-02 15:04:05")
	case simulate.NoShow:
		status = "no_show"
	}
	purpose := "レジャー"
	if b.Purpose == schemas.Business {
		purpose = "ビジネス"
	}
	g := b.Guest
	l, extension, in, left := bookingCSVLayout, ".csv", b.CheckIn.String(), b.CheckOut.String()
	if c.format == bookingXLSX {
		l, extension = bookingXLSXLayout, ".xlsx"
		in, left = strconv.Itoa(int(b.CheckIn)-excelEpoch), strconv.Itoa(int(b.CheckOut)-excelEpoch)
	}
	path := fmt.Sprintf("exports/%s/予約_%s-%s%s", c.folder, d.from.Time().Format("20060102"), d.to.Time().Format("20060102"), extension)
	out.add(path, l, []string{
		fmt.Sprint(4_000_000_000 + b.Number), g.Name.Kanji, g.Name.Kanji, in, left, wallDate(b.BookedAt, "2006-01-02 15:04:05"), status,
		rooms(b), strconv.Itoa(b.Guests), strconv.Itoa(b.Guests), "0", "", fmt.Sprintf("%d JPY", b.Price), "12", fmt.Sprintf("%d JPY", b.Price*12/100),
		"支払い済み", "", remark(b), g.Country, purpose, "スマートフォン", "ダブルルーム", nights(b), cancelled,
		g.Prefecture + g.Municipality + g.Street, international(g.Phone),
	})
}

func nights(b simulate.Booking) string { return strconv.Itoa(int(b.CheckOut - b.CheckIn)) }

func rooms(b simulate.Booking) string { return strconv.Itoa((b.Guests + 2) / 3) }

// planName is the plan that guests book; those who work from there say so by it.
func planName(b simulate.Booking) string {
	if b.Purpose == schemas.Telework {
		return "ワーケーション応援プラン"
	}
	return "海の幸・山の幸プラン"
}

// remark is what guests write; it is personal, and no mapping takes it.
func remark(b simulate.Booking) string {
	if b.Number%11 == 0 {
		return "到着が遅れます。" + b.Guest.Name.Kanji + "まで電話をください"
	}
	return ""
}

// international is a number as a site with guests of all countries keeps it.
func international(phone string) string {
	if phone == "" {
		return ""
	}
	return "+81 " + strings.ReplaceAll(strings.TrimPrefix(phone, "0"), "-", " ")
}

// wallDate writes seconds of the wall clock, nothing for 0.
func wallDate(seconds int64, format string) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(format)
}

func slashed(d schemas.Date) string { return d.Time().Format("2006/01/02") }
