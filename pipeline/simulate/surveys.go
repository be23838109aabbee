package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/simulate"
)

var onsiteLayout = &layout{mark: true, header: []string{"会員ID", "回答日時", "都道府県", "会員市町村", "性別", "回答時の年齢",
	"訪問都道府県", "市町村", "調査地点", "宿泊数", "宿泊先", "今回訪れる市町村の数", "訪問目的ALL", "過去12か月の訪問回数", "過去12か月の県への訪問回数", "今後の来訪意向"}}

// onsitePurposes are the purposes as the form of the survey on the spot words them.
var onsitePurposes = map[schemas.Purpose]string{
	schemas.Leisure: "地元の美味しいものを食べる", schemas.Participation: "お祭りやイベントへの参加・見物", schemas.Telework: "テレワーク・ワーケーション",
	schemas.LocalWork: "現地での仕事・副業", schemas.DirectContribution: "地域活動・ボランティア", schemas.Business: "出張など仕事関係", schemas.Kin: "友人・親戚を尋ねる",
}

// onsiteClass is the class of visits in the last 12 months, the present one included.
func onsiteClass(visits int32) string {
	switch {
	case visits <= 1:
		return "今回が初めて"
	case visits == 2:
		return "2回"
	case visits <= 5:
		return "3〜5回"
	case visits <= 11:
		return "6〜11回"
	}
	return "12回以上"
}

// tripClass is the class of municipalities of a trip.
func tripClass(municipalities int) string {
	switch {
	case municipalities <= 1:
		return "この市町村だけ"
	case municipalities >= 4:
		return "4市町村以上"
	}
	return fmt.Sprintf("%d市町村", municipalities)
}

// writeEncounter writes an answer to the survey on the spot, one file a month.
func (p *project) writeEncounter(out *part, e simulate.Encounter) {
	at, home := &p.Places[e.Place], &p.Places[e.Home]
	stay := "日帰り"
	if e.Nights > 0 {
		stay = fmt.Sprintf("%d泊", min(e.Nights, 4))
		if e.Nights >= 4 {
			stay = "4泊以上"
		}
	}
	lodging := map[simulate.Mode]string{simulate.Lodging: "旅館・ホテル・民宿など", simulate.KinStay: "実家・親戚・知人宅"}[e.Mode]
	age := strconv.Itoa(e.Age)
	out.add("exports/onsite/"+e.Day.Time().Format("2006-01")+".csv", onsiteLayout, []string{
		fmt.Sprintf("QR%08d", e.Person), e.Day.Time().Add(time.Duration(e.Second) * time.Second).Format("2006-01-02 15:04:05"),
		home.PrefectureName, home.Name, sexName(e.Female), age, at.PrefectureName, at.Name, fmt.Sprintf("%s 地点%d", at.Name, e.Spot+1), stay, lodging, tripClass(e.Municipalities),
		onsitePurposes[e.Purpose], onsiteClass(e.Visits), onsiteClass(e.PrefectureVisits), "機会があれば行きたい",
	})
}

func sexName(female bool) string {
	if female {
		return "女"
	}
	return "男"
}

var panelLayout = newPanelLayout()

func newPanelLayout() *layout {
	l := &layout{header: strings.Fields("回答ID 回答日 層 設計ウェイト 回答状況 性別 年齢 居住都道府県 居住市区町村")}
	for i := 1; i <= 3; i++ {
		for _, q := range []string{"都道府県", "市区町村", "訪問頻度", "目的", "定期的・継続的な関わり"} {
			l.header = append(l.header, fmt.Sprintf("地域%d %s", i, q))
		}
	}
	return l
}

// panelPurposes are the activities as the panel's questionnaire words them, the most
// engaged first.
var panelPurposes = []struct {
	purpose schemas.Purpose
	text    string
}{
	{schemas.DirectContribution, "直接寄与"}, {schemas.LocalWork, "現地就労"}, {schemas.Telework, "テレワーク"}, {schemas.Participation, "参加・交流"},
	{schemas.Leisure, "趣味・消費"}, {schemas.Business, "出張"}, {schemas.Kin, "帰省・親族や友人を訪ねる"},
}

// panelClass is the class of visits that the panel asks for.
func panelClass(visits int32) string {
	switch {
	case visits == 0:
		return "訪問していない"
	case visits == 1:
		return "年1回程度"
	case visits <= 3:
		return "年2〜3回"
	case visits <= 6:
		return "年4〜6回"
	case visits <= 11:
		return "年7〜11回"
	case visits == 12:
		return "月1回程度"
	case visits <= 36:
		return "月2〜3回"
	}
	return "週1回以上"
}

// writeAnswer writes the row of a panel member in the file of the wave. Who did not
// answer has a row too, without answers.
func (p *project) writeAnswer(out *part, a simulate.Answer) {
	home := &p.Places[a.Home]
	state, sex := "回答", "男性"
	if !a.Responded {
		state = "無回答"
	}
	if a.Female {
		sex = "女性"
	}
	row := []string{fmt.Sprintf("W%08d", a.Person), slashed(a.Day), a.Stratum, strconv.FormatFloat(a.Weight, 'f', 4, 64), state, sex, strconv.Itoa(a.Age),
		home.PrefectureName, home.Name}
	for i := range 3 {
		if i >= len(a.Ties) {
			row = append(row, "", "", "", "", "")
			continue
		}
		t := a.Ties[i]
		var purposes []string
		for _, known := range panelPurposes {
			if t.Purposes&known.purpose != 0 {
				purposes = append(purposes, known.text)
			}
		}
		regular := "いいえ"
		if t.Regular {
			regular = "はい"
		}
		row = append(row, p.Places[t.Place].PrefectureName, p.Places[t.Place].Name, panelClass(t.Visits), strings.Join(purposes, ";"), regular)
	}
	out.add(fmt.Sprintf("exports/panel/panel-%s.csv", p.Scenario.Panel.Waves[a.Wave]), panelLayout, row)
}

var actLayout = &layout{mark: true, header: strings.Fields("活動日 活動ID 市町村コード 活動内容 居住都道府県 居住市区町村 電話番号 氏名 フリガナ 生まれ年")}

// writeActs writes the contribution acts that fall into the exports.
func (p *project) writeActs(out *part, person *simulate.Person) {
	for i, a := range person.Acts {
		home := person.HomeOn(a.Day)
		if a.Day < p.Scenario.FirstMonth() || a.Day > p.Scenario.LastDay() || home < 0 {
			continue
		}
		activity := "地域活動"
		if a.Purpose == schemas.LocalWork {
			activity = "副業"
		}
		name := p.NameOf(person.ID)
		out.add("exports/acts.csv", actLayout, []string{slashed(a.Day), fmt.Sprintf("A%08d-%03d", person.ID, i), p.Places[a.Place].RegionCode, activity,
			p.Places[home].PrefectureName, p.Places[home].Name, p.PhoneOf(person, a.Day), name.Kanji, name.Kana, strconv.Itoa(person.Born)})
	}
}

var moveLayout = &layout{mark: true, header: strings.Fields("転入日 整理番号 転入先コード 転入前の年2回以上の訪問 その開始年月 前住所都道府県 前住所市区町村 電話番号 氏名 フリガナ 生まれ年")}

// writeMoves writes the answers at the counter of those who moved in.
func (p *project) writeMoves(out *part, person *simulate.Person) {
	for i, m := range person.Moves {
		if !m.Answered || m.Day < p.Scenario.FirstMonth() || m.Day > p.Scenario.LastDay() {
			continue
		}
		related, since := "いいえ", ""
		if m.Repeating() {
			related, since = "はい", m.Since.String()[:7]
		}
		from, name := &p.Places[m.From], p.NameOf(person.ID)
		out.add("exports/moves.csv", moveLayout, []string{slashed(m.Day), fmt.Sprintf("M%08d-%d", person.ID, i), p.Places[m.To].RegionCode, related, since,
			from.PrefectureName, from.Name, p.PhoneOf(person, m.Day), name.Kanji, name.Kana, strconv.Itoa(person.Born)})
	}
}
