package generate

import (
	"fmt"

	"golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// Encoding is the encoding of a written export.
type Encoding int

// The encodings an export can be written in.
const (
	CP932 Encoding = iota
	UTF8
	encodings
)

// text is a fixed text in each encoding.
type text [encodings][]byte

// encode gives a text in each encoding; ok is false where CP932 lacks one of its characters.
func encode(s string) (t text, ok bool) {
	cp932, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(s))
	return text{CP932: cp932, UTF8: []byte(s)}, err == nil
}

// texts encodes texts of our own, which CP932 has.
func texts(list ...string) []text {
	all := make([]text, len(list))
	for i, s := range list {
		t, ok := encode(s)
		if !ok {
			panic("not in CP932: " + s)
		}
		all[i] = t
	}
	return all
}

var (
	kinds = texts("予約", "変更", "キャンセル")
	sites = texts("じゃらんnet", "楽天トラベル", "自社HP", "Booking.com", "一休.com", "Yahoo!トラベル", "るるぶトラベル", "電話予約")
	plans = texts("熊野灘の海の幸プラン", "【早割30】素泊まり", "一泊二食付スタンダード", "温泉満喫プラン", "連泊割引プラン", "平日限定ワーケーション応援", "ファミリープラン", "Room only")

	families = texts("佐藤", "鈴木", "高橋", "髙橋", "田中", "伊藤", "渡辺", "渡邉", "山本", "中村", "小林", "加藤", "吉田", "山田", "山口", "松本",
		"井上", "木村", "林", "斎藤", "清水", "山﨑", "森", "池田", "橋本", "阿部", "石川", "前田", "藤田", "岡田", "長谷川", "村上")
	familyKana = texts("サトウ", "スズキ", "タカハシ", "タカハシ", "タナカ", "イトウ", "ワタナベ", "ワタナベ", "ヤマモト", "ナカムラ", "コバヤシ", "カトウ", "ヨシダ", "ヤマダ", "ヤマグチ", "マツモト",
		"イノウエ", "キムラ", "ハヤシ", "サイトウ", "シミズ", "ヤマサキ", "モリ", "イケダ", "ハシモト", "アベ", "イシカワ", "マエダ", "フジタ", "オカダ", "ハセガワ", "ムラカミ")
	given = texts("陽子", "健一", "美咲", "大輔", "由美", "翔太", "恵子", "拓也", "愛", "誠", "直樹", "真由美", "浩", "さくら", "和也", "智子",
		"蓮", "結衣", "隆", "明美", "亮", "葵", "修", "千尋", "学", "香織", "剛", "久美子", "翼", "幸子", "進", "麻衣")
	givenKana = texts("ヨウコ", "ケンイチ", "ミサキ", "ダイスケ", "ユミ", "ショウタ", "ケイコ", "タクヤ", "アイ", "マコト", "ナオキ", "マユミ", "ヒロシ", "サクラ", "カズヤ", "トモコ",
		"レン", "ユイ", "タカシ", "アケミ", "リョウ", "アオイ", "オサム", "チヒロ", "マナブ", "カオリ", "ツヨシ", "クミコ", "ツバサ", "サチコ", "ススム", "マイ")

	specimenTown = texts("見本町")[0]
)

// lodgings are the municipalities stayed in.
var lodgings = [...]struct{ code, name string }{
	{"30201", "和歌山"}, {"30202", "海南"}, {"30203", "橋本"}, {"30204", "有田"}, {"30205", "御坊"}, {"30206", "田辺"},
	{"30207", "新宮"}, {"30208", "紀の川"}, {"30209", "岩出"}, {"30304", "紀美野"}, {"30341", "かつらぎ"}, {"30344", "高野"},
	{"30361", "湯浅"}, {"30366", "有田川"}, {"30381", "美浜"}, {"30383", "由良"}, {"30390", "印南"}, {"30391", "みなべ"},
	{"30401", "白浜"}, {"30404", "上富田"}, {"30406", "すさみ"}, {"30421", "那智勝浦"}, {"30422", "太地"}, {"30428", "串本"},
}

// perTown is the number of lodging houses in each municipality.
const perTown = 8

const houses = int64(len(lodgings) * perTown)

// houseNames are the names of the lodging houses.
var houseNames = func() []text {
	var names []string
	for h := range int(houses) {
		names = append(names, houseName(h))
	}
	return texts(names...)
}()

func houseName(h int) string {
	kinds := [perTown]string{"潮騒荘", "月影ホテル", "みなと宿", "湯の里旅館", "山の宿", "川原町旅館", "城下ホテル", "杉木立院"}
	return lodgings[h/perTown].name + " " + kinds[h%perTown]
}

// Facilities is the frame of the lodging houses, as CSV in UTF-8.
func Facilities() []byte {
	b := []byte("施設,市町村コード,客室数,定員,参加日\n")
	for h := range int(houses) {
		b = fmt.Appendf(b, "%s,%s,%d,%d,%s\n", houseName(h), lodgings[h/perTown].code, 10+h%perTown*5, 30+h%perTown*15, FirstDay)
	}
	return b
}

// town is a municipality guests live in. Its postcodes are made up, four to a
// town: the address is more detailed, so that they decide nothing.
type town struct {
	name     text
	postcode uint64 // the first five digits of the first
}

// near are the towns of the prefectures around, anywhere those of all Japan.
var near, anywhere = towns()

func towns() (near, anywhere []town) {
	regions := reference.Load()
	prefectures := map[string]string{}
	for _, r := range regions.Regions() {
		if r.RegionLevel == schemas.LevelPrefecture {
			prefectures[r.RegionCode] = r.Name
		}
	}
	for i, r := range regions.Municipalities(schemas.Nation, FirstDay) {
		name, ok := encode(prefectures[r.PrefectureCode] + r.Name)
		if !ok {
			continue
		}
		t := town{name, uint64(10_000 + i*50)}
		anywhere = append(anywhere, t)
		switch r.PrefectureCode {
		case "26000", "27000", "28000", "29000", "30000":
			near = append(near, t)
		}
	}
	return near, anywhere
}

// Houses gives the region code of each lodging house by its name.
func Houses() map[string]string {
	codes := map[string]string{}
	for h := range int(houses) {
		codes[houseName(h)] = lodgings[h/perTown].code
	}
	return codes
}
