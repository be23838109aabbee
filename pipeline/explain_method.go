package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
)

func (f facts) counted() []schemas.Text {
	r, d := f.row, f.definition
	var out []schemas.Text
	if f.kind.what.JA != "" {
		out = append(out, f.kind.what)
	}
	if d.Definition != "" {
		out = append(out, say("定義「%[1]s」（%[3]s、第 %[4]s 版）: %[5]s", "By the definition “%[2]s” (%[3]s, version %[4]s): %[6]s", d.TitleJA, d.TitleEN, d.Definition, d.Version, d.RuleJA, d.Rule),
			say("対象: %[3]s。準拠: %[4]s。", "Of: %[1]s. Follows: %[2]s.", d.TargetPopulation, d.Follows, populationJA(d.TargetPopulation), d.FollowsJA))
	}
	if outside := schemas.CodeName("outside", r.code("outside")); r.has("measure") {
		measure := schemas.CodeName("measure", r.code("measure"))
		out = append(out, say("単位: %[1]s。数えるのは%[2]s人。", "Counted are: %[3]s. Outside means: %[4]s.", measure.JA, outside.JA, measure.EN, outside.EN))
	} else if r.has("outside") {
		out = append(out, say("数えるのは%[1]s人。", "Outside means: %[2]s.", outside.JA, outside.EN))
	}
	told := []string{"region_code", "region_level", "definition", "measure", "outside", "source", "estimator", f.kind.time}
	for _, k := range r.key() {
		if k.Code == schemas.All || k.Code == "" || slices.Contains(told, k.Column) || k.Code == "0" {
			continue
		}
		title, name := schemas.Title(k.Column), schemas.CodeName(k.Column, k.Code)
		if k.Column == "origin_code" && name.JA == k.Code {
			name = f.region(k.Code)
		}
		if slices.Contains([]string{"origin_code", "relation_type", "engagement"}, k.Column) {
			out = append(out, say("%[1]s: %[2]s のみ。", "Only of %[3]s: %[4]s.", title.JA, name.JA, title.EN, name.EN))
			continue
		}
		out = append(out, say("%[1]s: %[2]s。", "%[3]s: %[4]s.", title.JA, name.JA, title.EN, name.EN))
	}
	return out
}

// populationJA is the target population of the built-in definitions in Japanese; that of others is as it was written.
func populationJA(population string) string {
	if population == "residents of Japan aged 18 or over" {
		return "日本に住む18歳以上の人"
	}
	return population
}

// sources say which data the figure is made of: those of the region and the window as far as the release tells, then all inputs.
func (f facts) sources() []schemas.Text {
	r := f.row
	source := schemas.CodeName("source", r.code("source"))
	var out []schemas.Text
	switch {
	case r.has("known_on"):
		out = append(out, say("出所: %[1]s。データの期間 %[3]s、基準日 %[4]s（それより後のことは入っていない）。",
			"Source: %[2]s. Its data span %[3]s, and nothing later than %[4]s entered.", source.JA, source.EN, cmp.Or(r.code("source_period"), "-"), r.code("known_on")))
	case r.has("source"):
		out = append(out, say("出所: %[1]s。基準日 %[3]s（それより後のことは入っていない）。", "Source: %[2]s. Nothing later than %[3]s entered.", source.JA, source.EN, f.manifest.AsOf))
	}
	return append(append(out, f.window()...), f.inputs()...)
}

// window says who was seen in the region in the figure's 12 months, and what was booked there, as far as it is published.
func (f facts) window() []schemas.Text {
	var out []schemas.Text
	for _, s := range f.seen {
		if s.ConfStatus == schemas.Free {
			source := schemas.CodeName("source", s.Source)
			out = append(out, say("この地域・この12か月に見えた人（%[1]s、域外から、条件を満たすかどうかを問わず）: %[3]s 人。",
				"Seen in the region in these 12 months (%[2]s; from outside, whether or not they meet the rule): %[3]s persons.", source.JA, source.EN, whole(float64(*s.Persons))))
		}
	}
	bookings, months := int64(0), 0
	for _, n := range f.nights {
		if n.OriginCountry == "" && n.ConfStatus == schemas.Free {
			bookings, months = bookings+*n.Bookings, months+1
		}
	}
	for _, m := range f.moves {
		if m.ConfStatus == schemas.Free {
			title, record := schemas.CodeName("statistic", m.Statistic), schemas.CodeName("record", m.Record)
			out = append(out, say("この地域への移住、%[5]d年、%[3]s: %[1]s %[6]s。", "Moves into the region in %[5]d, %[4]s: %[2]s %[6]s.", title.JA, title.EN, record.JA, record.EN, m.Year, whole(*m.Value)))
		}
	}
	if months == 12 { // a month that is withheld would be missed
		out = append(out, say("この地域・この12か月の予約: %s 件。", "Bookings of the region in these 12 months: %s.", whole(float64(bookings))))
	}
	return out
}

// inputs are those of the whole release.
func (f facts) inputs() []schemas.Text {
	var out []schemas.Text
	rows := map[string]map[string]int64{}
	var names []string
	for _, q := range f.quality {
		if q.Value == nil || q.Source == schemas.All || !slices.Contains([]string{"rows_in", "rows_landed"}, q.Indicator) {
			continue
		}
		if rows[q.Source] == nil {
			rows[q.Source] = map[string]int64{}
			names = append(names, q.Source)
		}
		rows[q.Source][q.Indicator] = *q.Value
	}
	var each []string
	for _, name := range names {
		landed, told := rows[name]["rows_landed"]
		if in, there := rows[name]["rows_in"]; told && there {
			each = append(each, fmt.Sprintf("%s %s/%s", name, whole(float64(landed)), whole(float64(in))))
		}
	}
	if len(each) > 0 {
		out = append(out, schemas.Text{JA: "リリース全体の入力（受け入れた行/届いた行）: " + strings.Join(each, "、") + "。",
			EN: "Inputs of the whole release (rows landed/rows in): " + strings.Join(each, "; ") + "."})
	}
	return out
}

func (f facts) estimation() []schemas.Text {
	r := f.row
	var out []schemas.Text
	if estimator := r.code("estimator"); estimator != "" {
		name, page := schemas.CodeName("estimator", estimator), estimatorPages[estimator]
		out = append(out, say("推定方法: %[1]s（%[3]s）。", "Estimator: %[2]s (%[3]s).", name.JA, name.EN, estimator))
		if page.page != "" {
			out = append(out, schemas.Text{JA: page.JA + "方法: docs/methods/" + page.page, EN: page.EN + " Method: docs/methods/" + page.page})
		}
	}
	if others := f.otherSources(); others.JA != "" {
		out = append(out, others)
	}
	for _, a := range f.area {
		if a.Shrinkage != nil && a.ConfStatus == schemas.Free {
			out = append(out, say("自らの出所の重みは %[1]s、残りは県内 %[2]s 市町村のモデル。", "Its own sources have a weight of %[1]s; the rest is what a model of %[2]s municipalities tells.", percent(*a.Shrinkage), whole(float64(a.Areas))))
		}
	}
	for _, c := range f.coverage {
		if c.Step == schemas.StepDetection && c.Coverage != nil && c.ConfStatus == schemas.Free && f.kind.dataset != "coverage" && r.code("source") != schemas.SourceSurvey {
			basis := schemas.CodeName("basis", c.Basis)
			out = append(out, say("予約に現れる来訪の割合（把握率）は %[1]s、根拠は%[2]s。", "A visit is seen in the bookings with a probability of %[1]s, told by: %[3]s.", percent(*c.Coverage), basis.JA, basis.EN))
		}
	}
	for _, q := range f.quality {
		if q.Ratio != nil && q.Indicator == "survey_drop_out" && q.Reason == f.row.code("definition") && f.row.code("source") == schemas.SourceCombined {
			out = append(out, say("%[1]s ではパネルの脱落が数字を %[2]s 動かしたと現地調査から推定され、その分を除いてある。",
				"Dropping out moved the figures of %[1]s by %[2]s, as the survey on the spot tells: this is taken off.", q.Source, percent(*q.Ratio)))
		}
		if q.Ratio == nil || q.Indicator != "g_least" && q.Indicator != "g_greatest" || !f.weighted() {
			continue
		}
		indicator := schemas.CodeName("indicator", q.Indicator)
		out = append(out, say("%[1]s の%[2]s: %[3]s。", "Weights of %[1]s, calibrated over design weight, %[4]s: %[3]s.", q.Source, indicator.JA, strconv.FormatFloat(*q.Ratio, 'f', 2, 64),
			map[string]string{"g_least": "least", "g_greatest": "greatest"}[q.Indicator]))
	}
	return out
}

// weighted says that answers with weights may have gone into the figure.
func (f facts) weighted() bool {
	source := f.row.code("source")
	return f.row.code("estimator") != "observed" && (source == schemas.SourceSurvey || source == schemas.SourceCombined)
}

// otherSources are what other sources and estimators say of the same figure.
func (f facts) otherSources() schemas.Text {
	var ja, en []string
	for _, o := range f.others {
		if o.code("source") == f.row.code("source") && o.code("estimator") == f.row.code("estimator") && o.code("estimand") == f.row.code("estimand") {
			continue
		}
		name, value := schemas.CodeName("estimator", o.code("estimator")), f.shown(o)
		by := schemas.Text{JA: name.JA, EN: name.EN}
		if o.has("source") {
			source := schemas.CodeName("source", o.code("source"))
			by = schemas.Text{JA: strings.Trim(source.JA+"・"+name.JA, "・"), EN: strings.Trim(source.EN+", "+strings.ToLower(name.EN), ", ")}
		}
		ja, en = append(ja, by.JA+" "+value.JA), append(en, by.EN+": "+value.EN)
	}
	if len(ja) == 0 {
		return schemas.Text{}
	}
	same := say("同じ値をほかの方法では: ", "The same by other means: ")
	if f.kind.dataset == explained {
		same = say("同じ人数をほかの方法では: ", "The same number by other means: ")
	}
	return schemas.Text{JA: same.JA + strings.Join(ja, "、") + "。", EN: same.EN + strings.Join(en, "; ") + "."}
}
