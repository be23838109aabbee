package ingest

import (
	"regexp"
	"slices"
	"strings"
)

// vocabulary is what the columns of a kind of source are called, and what the
// texts in them mean, as far as mappings and the synonyms below tell.
type vocabulary struct {
	// names gives the targets of each compact heading.
	names map[string][]string
	// ties does so for headings of one of several regions, without its number.
	ties map[string][]string
	// codes gives the code of each folded text, by target.
	codes map[string]map[string]string
	// statistics gives the statistic that a heading of figures counts.
	statistics map[string]string
}

// synonyms are headings in use besides those of the built-in mappings.
var synonyms = map[string]string{
	"check_in":     "宿泊開始日 到着 到着日 入泊日 宿泊初日 チェックイン予定日 チェックイン日付 到着予定日 in日 arrivaldate arrivaldt arrival checkindate fromdate stayfrom startdate firstnight 開始日 滞在開始日",
	"check_out":    "宿泊終了日 出発 出発日 退室日 チェックアウト予定日 出発予定日 out日 departuredate departure checkoutdate todate stayto enddate 終了日 滞在終了日",
	"nights":       "泊数 宿泊数 宿泊日数 連泊数 滞在泊数 nights numberofnights lengthofstay stay_nights",
	"booking_id":   "予約番号 予約id 予約コード 確認番号 確認コード 受付番号 受付no 予約no 伝票番号 bookingid bookingno bookingnumber reservationid reservationno confirmationnumber confirmationcode bookid booknumber bookingref bookingreference",
	"status":       "予約状態 状況 予約状況 予約区分 予約ステータス 状態 ステータス 処理区分 bookingstatus reservationstatus status",
	"booked_on":    "申込日 予約日 予約受付日 予約申込日 受付日 予約作成日 bookingdate bookedon bookingtime createdon reservationdate createdat",
	"cancelled_on": "取消日 キャンセル日 予約取消日 解約日 cancellationdate cancelledon canceledon canceldate",
	"event_at":     "最終更新日時 更新日時 更新日 変更日時 lastmodified updatedat modifiedon",
	"platform":     "予約サイト 予約サイト名 販売チャネル 予約チャネル 販売サイト ota名 channel bookingsource bookingchannel saleschannel",
	"facility":     "施設名 施設名称 物件名 宿名 ホテル名 宿泊施設 宿泊施設名 施設id 施設コード hotelname propertyname property listing リスティング listingname",
	"adults":       "大人 大人数 大人人数 大人計 大人の人数 adults adult adultcount noofadults",
	"children":     "子供 子ども お子様 子供数 小人 小人数 小人人数 子供人数 子ども人数 children child childcount noofchildren",
	"infants":      "幼児 乳幼児 幼児数 幼児人数 infants babies",
	"rooms":        "室数 部屋数 利用室数 客室数 rooms roomcount noofrooms numberofrooms",
	"day_use":      "日帰り デイユース dayuse",
	"purposes":     "目的 旅行目的 来訪目的 訪問目的 利用目的 滞在目的 purpose purposeofvisit travelpurpose tripreason 活動内容 活動種別",
	"capacity":     "定員 収容人数 収容定員 宿泊定員 capacity",
	"opened_on":    "開業日 開設日 営業開始日 openedon", "closed_on": "廃業日 閉鎖日 営業終了日 closedon",
	"joined_on": "参加日 参加開始日 加入日", "left_on": "脱退日 離脱日 参加終了日",
	"answered_on":    "回答日 回答日時 回答時刻 調査日 記入日 送信日時 タイムスタンプ timestamp submitdate enddate recordeddate completedat submittedat responsedate",
	"visited_on":     "来訪日 訪問日 来訪年月日 訪問年月日 visitdate visitedon dateofvisit",
	"observation_id": "記録番号 観測番号", "response_id": "回答id 回答番号 回答者番号 整理番号 票番号 responseid respondentid answerid",
	"sex":              "性別 男女 gender sex",
	"age":              "年齢 満年齢 age",
	"migration_intent": "移住意向 移住の意向 移住希望 migrationintent intentiontomove",
	"revisit_intent":   "再訪意向 来訪意向 再来訪意向 今後の来訪意向 revisitintent",
	"stratum":          "層 層番号 stratum strata", "sampling_unit": "抽出単位 調査地点 調査区 psu", "design_weight": "設計ウェイト 抽出ウェイト デザインウェイト designweight",
	"acted_on": "活動日 活動年月日 実施日 参加年月日 activitydate dateofactivity", "act_id": "活動番号 活動id",
	"moved_on": "転入日 転入年月日 異動日 異動年月日 移住日 movedon moveddate dateofmove", "move_id": "整理番号 受付番号 届出番号",
	"related_before": "転入前の関わり 以前からの関わり", "related_since": "関わりの開始年月 関わり始めた時期",
	"residence.prefecture":   "居住都道府県 居住地都道府県 お住まいの都道府県 住所都道府県 現住所都道府県 居住県 前住所都道府県 homeprefecture residenceprefecture guestprefecture",
	"residence.municipality": "居住市区町村 居住市町村 お住まいの市区町村 居住地市区町村 住所市区町村 前住所市区町村 homecity residencecity guestcity",
	"residence.address":      "居住地 居住地住所 現住所 住所1 宿泊者住所 お客様住所 自宅住所 前住所 homeaddress guestaddress residenceaddress",
	"residence.postcode":     "郵便番号 居住地郵便番号 自宅郵便番号 郵便no postcode postalcode zipcode zip guestpostcode",
	"residence.country":      "居住国 居住国名 お住まいの国 countryofresidence guestcountry bookercountry homecountry",
	"residence.code":         "居住地コード 居住市区町村コード 前住所コード",
	"region.prefecture":      "訪問都道府県 来訪都道府県 訪問先都道府県 活動都道府県 転入先都道府県 所在都道府県",
	"region.municipality":    "訪問市町村 訪問市区町村 来訪市町村 来訪先市町村 訪問先市町村 訪問先市区町村 活動市町村 転入先市町村 転入先市区町村 所在市町村 所在市区町村",
	"region.address":         "所在地 施設所在地",
	"region.code":            "訪問先コード 転入先コード 転入先市町村コード 市町村コード 市区町村コード 地域コード 団体コード regioncode municipalitycode",
	"value":                  "人数 値 数 計 人口 人口総数 延べ宿泊者数 転入者数 転入超過数 観光入込客数 実人数 value count total",
	"period":                 "年 年次 年月 期間 調査年 対象年 対象年月 year month period yearmonth",
	"origin.prefecture":      "前住地 前住都道府県 前住地都道府県 移動前の住所地 origin", "origin.code": "前住地コード 前住都道府県コード origincode",
	"breakdown.age": "年齢 年齢階級 年齢区分 agegroup ageclass", "breakdown.sex": "男女 男女別 性別 sex",
	"member_id": "会員番号 会員id 会員no メンバーid memberid membernumber loyaltyid", "email": "メールアドレス eメール メール email mail emailaddress e-mail",
	"phone":      "電話番号 電話 携帯電話 携帯番号 連絡先 連絡先電話番号 tel telno phone phonenumber mobile contactnumber",
	"name":       "氏名 名前 お名前 宿泊者名 宿泊者氏名 ゲスト名 代表者名 予約者名 予約者氏名 name guestname fullname bookedby bookername",
	"kana":       "フリガナ ふりがな カナ氏名 氏名カナ 氏名フリガナ カナ kana furigana",
	"birth_year": "生まれ年 生年 出生年 birthyear yearofbirth", "birth_date": "生年月日 誕生日 birthdate dateofbirth dob birthday",
}

// tieNames are what columns about one of several regions are called besides.
var tieNames = map[string]string{
	"region.prefecture": "都道府県 県 prefecture", "region.municipality": "市区町村 市町村 municipality city", "region.code": "市町村コード 市区町村コード コード code",
	"purposes": "目的 過ごし方 活動 purpose activity", "regular": "定期的継続的な関わり 継続的な関わり regular", "since_year": "関わり始めた年 開始年 since", "paid_lodging": "宿泊先 泊まった場所 宿泊場所",
	"visits_to_prefecture": "過去12か月の県への訪問回数 県への年間訪問回数 県への訪問回数", "trip_municipalities": "今回訪れる市町村の数 今回訪れる市町村数 今回の旅行で訪れる市町村の数 今回の旅行で訪れる市町村数",
	"visits_per_year": "年間訪問回数 1年間の訪問回数 訪問回数 訪問頻度 visits frequency", "nights": "泊数 1回の滞在 滞在泊数 nights stay",
}

// fillers may stand in a heading around what tells its target.
var fillers = regexp.MustCompile(`^(日|日付|年月日|あなた|現在|アンケート|調査対象|様|人数|数|計|合計|名称|お客様|ご|お|御|宿泊者|予約者|会員|回答者|本人|代表者|宿泊|予約|利用|ゲスト|西暦|和暦|総数|date|number|no|of|the|guest|booking|reservation|count|name|main)*$`)

// generic headings name a place without saying whether it is where people live
// or where they went.
var generic = regexp.MustCompile(`^(都道府県|県|県名|都道府県名|市町村|市区町村|市町村名|市区町村名|住所|所在地|地域|地域名|郵便番号|市町村コード|市区町村コード|地域コード|団体コード|都道府県コード|prefecture|municipality|city|address|postcode|postalcode|zip|zipcode|region|regioncode|country|国|国名|国籍|code)$`)

var (
	parenthesised = regexp.MustCompile(`\([^)]*\)`)
	marks         = regexp.MustCompile(`[\s_\-・／/：:#．.,、。「」\[\]【】]+`)
	polite        = regexp.MustCompile(`^[ごお御]`)
	firstNumber   = regexp.MustCompile(`[1-9]`)
)

// compact is a heading without what headings differ in that mean the same:
// width, case, marks, spaces, の, remarks in parentheses and polite beginnings.
func compact(heading string) string {
	s := marks.ReplaceAllString(parenthesised.ReplaceAllString(foldHeader(heading), ""), "")
	return polite.ReplaceAllString(strings.ReplaceAll(s, "の", ""), "")
}

// lastPart is what stands in a heading behind its last mark, the question about
// a region; the whole where there is none.
func lastPart(heading string) string {
	parts := marks.Split(strings.Trim(foldHeader(heading), " _-：:/"), -1)
	return parts[len(parts)-1]
}

// newVocabulary collects the words of mappings of a kind, and those for persons
// and their homes of all.
func newVocabulary(kind string, mappings []*Mapping) *vocabulary {
	v := &vocabulary{map[string][]string{}, map[string][]string{}, map[string]map[string]string{}, map[string]string{}}
	fits := func(target string) bool {
		return slices.ContainsFunc(proposedDatasets[kind], func(d string) bool { return slices.Contains(targets[target].datasets, d) })
	}
	for _, target := range sortedKeys(synonyms) {
		if fits(target) {
			for _, name := range strings.Fields(synonyms[target]) {
				v.name(v.names, compact(name), target)
			}
		}
	}
	for _, target := range sortedKeys(tieNames) {
		for _, name := range strings.Fields(tieNames[target]) {
			v.name(v.ties, compact(name), target)
		}
	}
	for _, m := range mappings {
		for _, r := range m.Records {
			for _, f := range r.Fields {
				if fits(f.Target) && (m.Kind == kind || !strings.HasPrefix(f.Target, "region.")) {
					v.field(m, &r, &f)
				}
			}
		}
	}
	return v
}

// field adds the headings and value table of one field of a mapping.
func (v *vocabulary) field(m *Mapping, r *Record, f *Field) {
	codes := v.codes[f.Target]
	if codes == nil {
		codes = map[string]string{}
		v.codes[f.Target] = codes
	}
	for text, code := range f.Values {
		key := foldHeader(text)
		if other, twice := codes[key]; twice && other != code {
			code = "" // two formats mean two things by it
		}
		codes[key] = code
	}
	if len(f.Join)+len(f.Sum)+len(f.Flags)+len(f.Latest) > 0 || f.Target == "visits_per_year_most" {
		return // a column alone is not the field, or another field has it
	}
	for _, names := range f.columns() {
		for _, name := range names {
			switch {
			case f.Target == "adults" && !adult.MatchString(foldHeader(name)): // all guests, for want of a better column
			case r.Dataset == "survey_tie" && firstNumber.MatchString(name):
				v.name(v.ties, compact(lastPart(firstNumber.ReplaceAllString(name, ""))), f.Target)
			case m.Kind == "total" && f.Target == "value":
				v.statistic(r, compact(name))
				v.name(v.names, compact(name), f.Target)
			default:
				v.name(v.names, compact(name), f.Target)
			}
		}
	}
}

// statistic notes what the figures under a heading count.
func (v *vocabulary) statistic(r *Record, name string) {
	for _, f := range r.Fields {
		if f.Target != "statistic" || f.Const == nil {
			continue
		}
		if other := v.statistics[name]; other != "" && other != *f.Const {
			v.statistics[name] = unanswered
			return
		}
		v.statistics[name] = *f.Const
	}
}

func (*vocabulary) name(names map[string][]string, name, target string) {
	if name != "" && !slices.Contains(names[name], target) {
		names[name] = append(names[name], target)
	}
}

var adult = regexp.MustCompile(`大人|adult`)

// Confidence in a heading, in percent: equal to a known one, a known one within
// words that say no more, and known ones that several targets share.
const (
	equalHeading  = 95
	filledHeading = 80
)

// of gives, by target, how sure a heading makes it: by all of it, or by what it
// says in parentheses, as in "Duration (nights)".
func (v *vocabulary) of(names map[string][]string, heading string) map[string]int {
	scores := map[string]int{}
	h := compact(heading)
	if nationality.MatchString(h) {
		return scores // not where somebody lives
	}
	for _, target := range names[h] {
		scores[target] = equalHeading
	}
	if len(scores) == 0 && !generic.MatchString(h) {
		v.within(names, h, scores)
	}
	if inner := parenthesised.FindString(foldHeader(heading)); len(scores) == 0 && inner != "" {
		for _, target := range names[compact(strings.Trim(inner, "()"))] {
			scores[target] = filledHeading
		}
	}
	if scores["booked_on"]+scores["cancelled_on"] > 0 {
		delete(scores, "event_at") // the latest of several instants
	}
	return scores
}

var nationality = regexp.MustCompile(`国籍|nationality`)

// within finds known headings inside a heading, the rest of which says no more.
func (v *vocabulary) within(names map[string][]string, h string, scores map[string]int) {
	for name, of := range names {
		at := strings.Index(h, name)
		if at < 0 || len(name) < 4 || !fillers.MatchString(h[:at]) || !fillers.MatchString(h[at+len(name):]) {
			continue
		}
		for _, target := range of {
			scores[target] = filledHeading
		}
	}
}
