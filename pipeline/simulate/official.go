package simulate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/simulate"
)

// write puts rows into a file of their own.
func (p *project) write(path string, l *layout, rows [][]string) {
	out := part{pages: map[string]*page{}}
	for _, row := range rows {
		out.add(path, l, row)
	}
	for _, path := range out.order {
		if err := p.files.append(out.pages[path]); err != nil {
			p.files.failed = err
		}
	}
}

// writeFrame writes the frame of lodging houses, covered or not.
func (p *project) writeFrame() {
	var rows [][]string
	for _, f := range p.Facilities {
		joined, left := "", ""
		if f.Covered {
			joined = max(f.Joined, p.Scenario.FirstMonth()).String()
			if f.Left <= p.Scenario.LastDay() {
				left = f.Left.String()
			}
		}
		rows = append(rows, []string{f.Name, p.Places[f.Place].RegionCode, fmt.Sprint(f.Capacity/3 + 1), fmt.Sprint(f.Capacity), joined, left})
	}
	p.write("exports/facilities.csv", &layout{mark: true, header: strings.Fields("施設 市町村コード 客室数 定員 参加日 脱退日")}, rows)
}

// writeOfficial writes what official statistics say of the world.
func (p *project) writeOfficial() {
	p.writeGuestNights()
	var rows [][]string
	sexes := strings.NewReplacer("female", "女性", "male", "男性")
	for _, f := range p.official.Figures("residents") {
		sex, age, classed := strings.Cut(f.Breakdown, "/")
		if !classed {
			sex, age = "総数", "総数"
		}
		rows = append(rows, []string{f.Region, f.Month.String(), sexes.Replace(sex), age, fmt.Sprint(f.Value)})
	}
	p.write("exports/residents.csv", &layout{mark: true, header: strings.Fields("地域コード 時点 性別 年齢階級 人口")}, rows)
	rows = nil
	origins := strings.NewReplacer("same_prefecture", "県内", "other_prefecture", "県外", "abroad", "訪日外国人")
	stays := strings.NewReplacer("overnight", "宿泊", "day_trip", "日帰り")
	for _, f := range p.official.Figures("visitors") {
		rows = append(rows, []string{f.Region, f.Month.String()[:7], origins.Replace(f.Origin), stays.Replace(f.Breakdown), fmt.Sprint(f.Value)})
	}
	p.write("exports/visitors.csv", &layout{mark: true, header: strings.Fields("地域コード 期間 居住地 宿泊・日帰り 人数")}, rows)
	rows = nil
	for _, f := range p.official.Figures("in_migrants") {
		rows = append(rows, []string{f.Region, f.Month.String()[:4], f.Origin, f.Breakdown, fmt.Sprint(f.Value)})
	}
	p.write("exports/in_migrants.csv", &layout{mark: true, header: strings.Fields("転入先コード 年 前住地コード 年齢 転入者数")}, rows)
}

// writeGuestNights writes the wide table of guest-nights: the month, all guests,
// residents of Japan, those from abroad.
func (p *project) writeGuestNights() {
	type key struct {
		region string
		month  schemas.Date
	}
	sums := map[key]map[string]int64{}
	var order []key
	for _, f := range p.official.Figures("guest_nights") {
		k := key{f.Region, f.Month}
		if sums[k] == nil {
			sums[k] = map[string]int64{}
			order = append(order, k)
		}
		sums[k][f.Origin] = f.Value
	}
	var rows [][]string
	for _, k := range order {
		at := slices.IndexFunc(p.Places, func(place simulate.Place) bool { return place.PrefectureCode == k.region })
		domestic, abroad := sums[k]["domestic"], sums[k][schemas.Abroad]
		rows = append(rows, []string{k.month.String()[:7], k.region[:2], p.Places[at].PrefectureName, fmt.Sprint(abroad), fmt.Sprint(domestic), fmt.Sprint(domestic + abroad)})
	}
	p.write("exports/guest_nights.csv", &layout{mark: true, header: strings.Fields("ym pref_code pref_name foreign jp total")}, rows)
}
