package reference

import (
	"testing"

	"github.com/kankei/kankei/schemas"
)

func TestPrefecture(t *testing.T) {
	for text, want := range map[string]string{
		"和歌山県": "30000", "和歌山": "30000", "わかやまけん": "30000", "ワカヤマ": "", "Wakayama": "30000", "WAKAYAMA": "30000",
		"Wakayama-ken": "30000", "Wakayama Prefecture": "30000", "JP-30": "30000", "30": "30000", "30000": "30000", "300004": "30000",
		"北海道": "01000", "Hokkaidō": "01000", "Tōkyō-to": "13000", "東京": "13000", "東京都": "13000", "Ōsaka": "27000", "Oosaka-fu": "27000", "Gumma": "10000",
		" 大 阪 府 ": "27000", "縣": "", "愛知縣": "23000", "ひょうご": "28000", "きょうと": "26000", "とうきょう": "13000",
		"30401": "", "白浜町": "", "": "", "California": "", "Osaka-shi": "", "全国": "", "00000": "",
	} {
		if got := Load().Prefecture(text); got != want {
			t.Errorf("Prefecture(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestName(t *testing.T) {
	for _, c := range []struct{ prefecture, municipality, want string }{
		{"和歌山県", "白浜町", "30401"}, {"和歌山", "西牟婁郡白浜町", "30401"}, {"30000", "白浜", "30401"}, {"Wakayama", "東牟婁郡那智勝浦町", "30421"},
		{"和歌山県", "和歌山県白浜町", "30401"}, {"和歌山県", "大阪府豊中市", schemas.Unknown},
		{"大阪府", "大阪市淀川区", "27123"}, {"大阪府", "淀川区", "27123"}, {"北海道", "札幌市 中央区", "01101"}, {"北海道", "札幌市　中央区", "01101"},
		{"大阪府", "北区", "27000"}, // of Osaka and of Sakai
		{"神奈川県", "緑区", "14000"},
		{"広島県", "府中市", "34208"}, {"広島県", "府中町", "34302"}, {"広島県", "府中", "34000"}, {"東京都", "府中市", "13206"},
		{"東京都", "北区", "13117"}, {"東京都", "東村山市", "13213"}, {"東京都", "三宅島三宅村", "13381"}, {"東京都", "三宅村", "13381"},
		{"千葉県", "鎌ヶ谷市", "12224"}, {"千葉県", "鎌ケ谷市", "12224"}, {"千葉県", "鎌が谷市", "12224"}, {"神奈川県", "茅ヶ崎市", "14207"}, {"神奈川県", "茅が崎市", "14207"},
		{"茨城県", "龍ヶ崎市", "08208"}, {"茨城県", "竜ケ崎市", "08208"}, {"青森県", "鯵ヶ沢町", "02321"}, {"青森県", "鰺ケ沢町", "02321"},
		{"高知県", "檮原町", "39405"}, {"高知県", "梼原町", "39405"}, {"福岡県", "須惠町", "40344"}, {"大阪府", "四条畷市", "27229"}, {"大阪府", "四條畷市", "27229"},
		{"長野県", "山の内町", "20561"}, {"宮城県", "塩釜市", "04203"}, {"宮城県", "塩竈市", "04203"}, {"岐阜県", "飛騨市", "21217"}, {"富山県", "礪波市", "16208"},
		{"北海道", "泊村", "01403"}, {"北海道", "余市町", "01408"}, {"佐賀県", "大町町", "41423"}, {"群馬県", "玉村町", "10464"}, {"石川県", "野々市市", "17212"},
		{"和歌山県", "", "30000"}, {"和歌山県", "その他", "30000"}, {"和歌山県", "大阪市", "30000"}, {"海外", "白浜町", schemas.Unknown}, {"California", "", schemas.Unknown},
		{"", "白浜町", "30401"}, {"", "府中市", schemas.Unknown}, {"", "大阪市淀川区", "27123"}, {"", "", schemas.Unknown}, {"", "和歌山県白浜町", "30401"},
		{"兵庫県", "篠山市", "28221"}, {"栃木県", "岩舟町", "09203"}, {"福岡県", "那珂川町", "40231"}, {"栃木県", "那珂川町", "09411"},
		{"静岡県", "浜松市中区", "22138"}, {"静岡県", "浜松市北区", "22130"}, {"静岡県", "浜松市天竜区", "22140"}, {"静岡県", "浜松市中央区", "22138"},
	} {
		if got := Load().Name(c.prefecture, c.municipality); got != c.want {
			t.Errorf("Name(%q, %q) = %s, want %s", c.prefecture, c.municipality, got, c.want)
		}
	}
}

func TestNameOn(t *testing.T) {
	for _, c := range []struct{ prefecture, municipality, on, want string }{
		{"静岡県", "浜松市中区", "2023-12-31", "22131"}, {"静岡県", "浜松市中区", "2024-01-01", "22138"},
		{"静岡県", "浜松市天竜区", "2023-12-31", "22137"}, {"静岡県", "浜松市天竜区", "2024-01-01", "22140"},
		{"静岡県", "浜松市北区", "2023-12-31", "22135"}, {"静岡県", "浜松市中央区", "2023-12-31", "22130"}, // what became 中央区 was five wards
		{"兵庫県", "篠山市", "2019-04-30", "28221"}, {"兵庫県", "丹波篠山市", "2019-04-30", "28221"},
		{"福岡県", "那珂川町", "2018-09-30", "40305"}, {"福岡県", "那珂川市", "2018-09-30", "40305"}, {"福岡県", "那珂川町", "2018-10-01", "40231"},
		{"", "那珂川町", "2017-01-01", schemas.Unknown}, {"", "那珂川町", "2020-01-01", schemas.Unknown}, {"", "那珂川市", "2020-01-01", "40231"},
	} {
		if got := Load().NameOn(c.prefecture, c.municipality, day(t, c.on)); got != c.want {
			t.Errorf("NameOn(%q, %q, %s) = %s, want %s", c.prefecture, c.municipality, c.on, got, c.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"〒649-2211 和歌山県西牟婁郡白浜町1-2-3": "30401",
		"〒６４９－２２１１　和歌山県西牟婁郡白浜町１－２－３": "30401",
		"649ー2211和歌山県西牟婁郡白浜町":        "30401",
		"6492211 和歌山県白浜町1-2":         "30401",
		"和歌山県西牟婁郡白浜町1-2 〒649-2211":   "30401",
		"〒649-2211": "30401",
		"〒649-2211 大阪府大阪市淀川区1": schemas.Unknown, // two prefectures
		"〒532-0011 大阪府大阪市":     "27123",         // the postcode says more
		"〒532-0011 大阪府":        "27123",
		"〒532-0011 大阪市北区1":     "27127", // the text says as much
		"〒532-0011":            "27123",
		"〒183-0055 府中市府中町1":    "13206", // the text is ambiguous
		"大阪市淀川区西中島1-2":         "27123",
		"名古屋市中区栄3":             "23106",
		"北海道札幌市 中央区北1条西2丁目":    "01101",
		"京都市中京区":               "26104", "京都府京都市中京区": "26104", "京都府北区小山": "26101", "京都": "26000", "東京都": "13000", "東京都千代田区霞が関1": "13101",
		"東京都府中市宮西町": "13206", "府中市宮西町": schemas.Unknown, "広島県安芸郡府中町大通": "34302", "安芸郡府中町大通": "34302",
		"大阪市": "27100", "津市羽所町": "24201", "三重県津市": "24201", "四日市市諏訪町": "24202", "廿日市市下平良": "34213", "市川市八幡": "12203",
		"千葉県市川市市川1": "12203", "千葉市中央区": "12101", "千葉 市川市": "12000", // 千葉市 or 市川市: both in Chiba
		"石川県野々市市三納": "17212", "佐賀県杵島郡大町町": "41423", "群馬県佐波郡玉村町": "10464", "北海道余市郡余市町黒川町": "01408",
		"東京都東村山市本町": "13213", "東村山市本町": "13213", "東村": "47303", "東村山1-2": schemas.Unknown, "武蔵村山市本町": "13223", "十日町市千歳町": "15210",
		"和歌山 白浜町": "30401", "東京千代田区": "13101", "大阪 豊中市": "27203", "福島市五老内町": "07201", "福島": "07000",
		"栄町3-4": schemas.Unknown, "千葉県栄町3-4": "12329", "印旛郡栄町3-4": "12329",
		"日本和歌山県和歌山市": "30201", "日本国、東京都港区": "13103", "日本橋1": schemas.Unknown,
		"神奈川県茅ヶ崎市": "14207", "茅ケ崎市": "14207", "茅が崎市茅ヶ崎": "14207", "竜ケ崎市": "08208", "龍ヶ崎市": "08208",
		"静岡県浜松市中区元城町103-2": "22138", "静岡県浜松市北区細江町": "22130", "〒431-1395 静岡県浜松市北区細江町": "22130",
		"東京都八丈島八丈町": "13401", "東京都八丈町": "13401", "北海道泊村": "01403",
		"伊達市": schemas.Unknown, "中央区銀座": schemas.Unknown, "千代田区丸の内": "13101",
		"台北市中山区": schemas.Unknown, "中国北京市朝阳区": schemas.Unknown, "海外": schemas.Unknown, "": schemas.Unknown, "1-2-3": schemas.Unknown, "〒": schemas.Unknown,
		"縣": schemas.Unknown, "愛知縣名古屋市中區": "23106",

		"Wakayama-ken": "30000", "Osaka, Japan": "27000", "Tokyo": "13000", "Tōkyō": "13000", "ＯＳＡＫＡ": "27000",
		"1-2-3 Nishinakajima, Yodogawa-ku, Osaka 532-0011, Japan": "27123", // by the postcode
		"1-2-3 Nishinakajima, Yodogawa-ku, Osaka":                 "27000",
		"Shirahama-cho, Nishimuro-gun, Wakayama-ken":              "30000",
		"Osaka-fu Osaka-shi Yodogawa-ku":                          "27000",
		"Minato-ku Tokyo 105-0001 Japan":                          "13103",
		"Fukushima, Osaka":                                        "27000",         // Fukushima is not last
		"Fukushima, Osaka, Japan":                                 schemas.Unknown, // ward or prefecture
		"Osaka 649-2211 Japan":                                    schemas.Unknown, // of Wakayama
		"1600 Amphitheatre Parkway, Mountain View, CA 94043":      schemas.Unknown,
		"Osaka Street 5, Berlin":                                  schemas.Unknown, "Tokyo, Canada": schemas.Unknown, "090-1234-5678": schemas.Unknown, "Japan": schemas.Unknown, "1050001": "13103",
	} {
		if got := Load().Address(text); got != want {
			t.Errorf("Address(%q) = %s, want %s", text, got, want)
		}
	}
	if got := Load().AddressOn("静岡県浜松市中区元城町103-2", day(t, "2023-12-31")); got != "22131" {
		t.Errorf("AddressOn(浜松市中区, 2023-12-31) = %s, want 22131", got)
	}
}

// Every municipality and ward is found by its prefecture and name, alone and
// with more behind it, by both functions, as of each of its days.
func TestEveryRegionByName(t *testing.T) {
	table := Load()
	for i, r := range table.regions {
		if r.RegionLevel != schemas.LevelMunicipality && r.RegionLevel != schemas.LevelWard {
			continue
		}
		prefecture, _ := table.Region(r.PrefectureCode, Beginning)
		for _, name := range []string{r.Name, table.districts[i] + r.Name} {
			address := prefecture.Name + name + "1-2-3"
			for _, on := range []schemas.Date{r.ValidFrom, lastDay(r)} {
				if got := table.AddressOn(address, on); got != r.RegionCode {
					t.Errorf("AddressOn(%s, %s) = %s, want %s", address, on, got, r.RegionCode)
				}
				if got := table.NameOn(prefecture.Name, name, on); got != r.RegionCode {
					t.Errorf("NameOn(%s, %s, %s) = %s, want %s", prefecture.Name, name, on, got, r.RegionCode)
				}
			}
			want := table.current(r.RegionCode)
			if got := table.Address(address); got != want {
				t.Errorf("Address(%s) = %s, want %s", address, got, want)
			}
			if got := table.Name(prefecture.Name, name+"1-2-3"); got != want {
				t.Errorf("Name(%s, %s1-2-3) = %s, want %s", prefecture.Name, name, got, want)
			}
		}
	}
}

func lastDay(r schemas.Region) schemas.Date {
	if r.ValidTo == nil {
		return today
	}
	return *r.ValidTo
}

// 25 names are borne by several municipalities: without a prefecture they
// are nothing, with one they are each.
func TestNamesOfSeveralMunicipalities(t *testing.T) {
	table := Load()
	bearers := map[string][]schemas.Region{}
	for _, r := range table.Municipalities(schemas.Nation, today) {
		bearers[r.Name] = append(bearers[r.Name], r)
	}
	several := 0
	for name, regions := range bearers {
		if len(regions) < 2 {
			continue
		}
		several++
		if got := table.Name("", name); got != schemas.Unknown {
			t.Errorf("Name of %s without prefecture = %s, want unknown", name, got)
		}
		if got := table.Address(name + "1-2-3"); got != schemas.Unknown {
			t.Errorf("Address(%s1-2-3) = %s, want unknown", name, got)
		}
		for _, r := range regions {
			if got := table.Name(r.PrefectureCode, name); got != r.RegionCode {
				t.Errorf("Name(%s, %s) = %s, want %s", r.PrefectureCode, name, got, r.RegionCode)
			}
		}
	}
	if several != 25 {
		t.Errorf("%d names are borne by several municipalities, want 25", several)
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		"〒649-2211 和歌山県西牟婁郡白浜町1-2-3", "大阪市淀川区", "Osaka 532-0011, Japan", "千葉市川市", "ｵｵｻｶ", "\xff市", "〒", "区", "都", "日本", "６４９ー２２１１", "-", "a,b;c\nd",
	} {
		f.Add(s)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{table.Address(s), table.AddressOn(s, 18000), table.Name(s, s), table.Name("", s), table.Name("大阪府", s), table.Postcode(s)} {
			if got != schemas.Unknown && (!table.Known(got) || got == schemas.Nation) {
				t.Errorf("%q gives %q, no region", s, got)
			}
		}
		if folded(s) && fold(s) != s {
			t.Errorf("folded(%q) is true, but fold gives %q", s, fold(s))
		}
	})
}

var sink string

func BenchmarkAddress(b *testing.B) {
	for name, text := range map[string]string{
		"prefecture": "和歌山県西牟婁郡白浜町1-2-3", "postcode": "〒649-2211 和歌山県西牟婁郡白浜町1-2-3", "ward": "大阪市淀川区西中島1-2-3", "fullwidth": "大阪府　大阪市淀川区　１－２－３",
	} {
		b.Run(name, func(b *testing.B) {
			table := Load()
			b.ReportAllocs()
			for b.Loop() {
				sink = table.Address(text)
			}
		})
	}
}

func BenchmarkName(b *testing.B) {
	table := Load()
	b.ReportAllocs()
	for b.Loop() {
		sink = table.Name("和歌山県", "白浜町")
	}
}

func BenchmarkPostcode(b *testing.B) {
	table := Load()
	b.ReportAllocs()
	for b.Loop() {
		sink = table.Postcode("649-2211")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		regions, districts := readRegions(regionsCSV)
		t := newTable(regions, districts, readChanges(changesCSV))
		t.postcodes = readPostcodes(postcodesCSV, t)
	}
}

// Text that needs no folding is read without allocation.
func TestNoAllocation(t *testing.T) {
	table := Load()
	for name, f := range map[string]func(){
		"Address":  func() { sink = table.Address("〒649-2211 和歌山県西牟婁郡白浜町1-2-3") },
		"Name":     func() { sink = table.Name("和歌山県", "白浜町") },
		"Postcode": func() { sink = table.Postcode("649-2211") },
		"Code":     func() { sink = table.Code("304018") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %.0f times, want none", name, n)
		}
	}
}
