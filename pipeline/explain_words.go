package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kankei/kankei/schemas"
)

// parts say in words what a release tells of a figure. Of a withheld figure they are the same whatever it is
// withheld for. No number stands in them that the release does not have.
func (f facts) parts() []ExplainedPart {
	all := []ExplainedPart{
		{say("数字", "The figure"), f.figure()},
		{say("何を数えたか", "What is counted"), f.counted()},
		{say("出所と行", "Sources, and the rows behind it"), f.sources()},
		{say("どのように推定したか", "How it is estimated"), f.estimation()},
		{say("どれくらい確かか", "How sure it is"), f.certainty()},
		{say("推定の前提", "What it rests on"), f.premises()},
		{say("以前の値", "Earlier values"), f.earlierValues()},
		{say("確かめるには", "To see for yourself"), f.references()},
	}
	return slices.DeleteFunc(all, func(p ExplainedPart) bool { return len(p.Sentences) == 0 })
}

// whole writes a count with its digits in groups of three.
func whole(v float64) string {
	return message.NewPrinter(language.English).Sprintf("%d", int64(math.Round(v)))
}

// percent writes a share with one decimal.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

// counts is the unit of the figure's column; of a statistic that is a probability, that.
func (f facts) counts() string {
	unit := f.kind.column(f.kind.value).Unit
	if statistic := f.row.code("statistic"); unit == "of the statistic" && statistic == schemas.Probability {
		return statistic
	}
	return unit
}

// unit is what the figure counts, behind a number; percentages have their own.
func (f facts) unit() schemas.Text {
	switch unit := f.counts(); {
	case f.row.code("measure") == schemas.Pairs:
		return say("組", "pairs")
	case unit == "person":
		return say("人", "persons")
	case unit == "guest-night":
		return say("人泊", "guest-nights")
	}
	return schemas.Text{}
}

// printed writes a number as its unit asks for: counts whole, shares as percentages, with two decimals where they and all
// that stand beside them are below a tenth; others with two decimals.
func printed(unit string, v float64, beside ...float64) string {
	switch unit {
	case "probability", "ratio":
		if slices.ContainsFunc(append(beside, v), func(x float64) bool { return math.Abs(x) >= 0.1 }) {
			return percent(v)
		}
		return strconv.FormatFloat(100*v, 'f', 2, 64) + " %"
	case "of the statistic", "standard deviation", "squared logarithm", "correlation":
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return whole(v)
}

// interval are the columns of the ends of a figure's interval.
func (k kind) interval() (low, high string) {
	if k.value == "growth" {
		return "growth_ci_low", "growth_ci_high"
	}
	return "ci_low", "ci_high"
}

// shown is a figure as a sentence has it, with its interval.
func (f facts) shown(r tableRow) schemas.Text {
	low, high := f.kind.interval()
	value, from, to := r.number(f.kind.value), r.number(low), r.number(high)
	switch {
	case r.code("conf_status") == schemas.Withheld:
		return say("秘匿", "withheld")
	case value == nil && r.code("obs_status") == schemas.LowReliability:
		return say("信頼度が低く非表示", "not shown, of low reliability")
	case value == nil:
		return say("推定できない", "not estimable")
	}
	unit, counted := f.unit(), f.counts()
	if from == nil || to == nil {
		n := printed(counted, *value)
		return schemas.Text{JA: strings.TrimSpace(n + " " + unit.JA), EN: strings.TrimSpace(n + " " + unit.EN)}
	}
	n, least, most := printed(counted, *value, *from, *to), printed(counted, *from, *value, *to), printed(counted, *to, *value, *from)
	return say("%[1]s（95%%区間 %[3]s〜%[4]s）", "%[2]s (95 %% interval %[3]s – %[4]s)", strings.TrimSpace(n+" "+unit.JA), strings.TrimSpace(n+" "+unit.EN), least, most)
}

// region is the name of a region, its code where it has none.
func (f facts) region(code string) schemas.Text {
	t := f.regions[code]
	return schemas.Text{JA: cmp.Or(t.JA, code), EN: cmp.Or(t.EN, code)}
}

func (f facts) figure() []schemas.Text {
	r := f.row
	name, value, when := f.region(r.code("region_code")), f.shown(r), f.when()
	code := r.code("region_code")
	out := []schemas.Text{{
		JA: fmt.Sprintf("%s（%s）の%s%s: %s。", name.JA, code, f.kind.noun.JA, when.JA, value.JA),
		EN: fmt.Sprintf("%s of %s (%s)%s: %s.", f.kind.noun.EN, name.EN, code, when.EN, value.EN),
	}}
	if f.kind.dataset != explained {
		out[0].EN = fmt.Sprintf("%s, %s (%s)%s: %s.", f.kind.noun.EN, name.EN, code, when.EN, value.EN)
	}
	switch {
	case r.code("conf_status") == schemas.Withheld:
		out = append(out, f.whyNotShown())
	case r.number(f.kind.value) == nil && r.code("obs_status") == schemas.LowReliability:
		out = append(out, say("この公表で示す信頼度に届かない推定値です。", "It is an estimate below the class of reliability that this release shows."))
	case r.number(f.kind.value) == nil && f.kind.dataset == explained:
		out = append(out, say("この出所では、この定義の人数を推定できません。", "The source cannot tell how many satisfy the definition here."))
	case r.number(f.kind.value) == nil:
		out = append(out, say("届いたデータからは推定できません。", "The data delivered do not tell it."))
	default:
		out = append(out, f.status())
	}
	return append(out, f.beside()...)
}

// when is the time that a figure is of.
func (f facts) when() schemas.Text {
	time := f.row.code(f.kind.time)
	switch {
	case f.kind.time == "reference_month":
		return say("、%s までの12か月", ", the 12 months to %s", time)
	case f.kind.time == "month":
		return say("、%s までの月", ", the month to %s", time)
	case time == "0":
		return say("、すべての年度をまとめて", ", of all fiscal years together")
	}
	return say("、%s年度", ", fiscal year %s", time)
}

// status is that of a figure that is shown.
func (f facts) status() schemas.Text {
	status := schemas.CodeName("obs_status", f.row.code("obs_status"))
	grade := f.row.code("reliability")
	if grade == "" {
		return say("状態は「%[1]s」。", "Its status is “%[2]s”.", status.JA, status.EN)
	}
	class := schemas.CodeName("reliability", grade)
	return say("状態は「%[1]s」、信頼度 %[3]s（%[2]s）。", "Its status is “%[4]s”, its reliability %[3]s (%[5]s).", status.JA, class.JA, grade, status.EN, class.EN)
}

// beside are the other numbers of its row; those of its error are told with it.
func (f facts) beside() []schemas.Text {
	low, high := f.kind.interval()
	told := []string{f.kind.value, low, high, "std_error", "growth_std_error", "cv", "per_10000_residents",
		"covariance", "difference_std_error", "difference_ci_low", "difference_ci_high"}
	var out []schemas.Text
	if per := f.row.number("per_10000_residents"); per != nil {
		n := strconv.FormatFloat(*per, 'f', 1, 64)
		if *per >= 100 {
			n = whole(*per)
		}
		out = append(out, say("住民1万人当たり %s 人。", "Per 10,000 residents: %s.", n))
	}
	var ja, en []string
	for _, c := range dataset(f.kind.dataset).Columns() {
		v := f.row.number(c.Name)
		if v == nil || slices.Contains(told, c.Name) || c.Role != "measure" && c.Name != "areas" && c.Name != "target_value" {
			continue
		}
		title, n := schemas.Title(c.Name), printed(c.Unit, *v)
		ja, en = append(ja, title.JA+" "+n), append(en, title.EN+" "+n)
	}
	if len(ja) > 0 {
		out = append(out, schemas.Text{JA: "同じ行のほかの値: " + strings.Join(ja, "、") + "。", EN: "Beside it the row has: " + strings.Join(en, "; ") + "."})
	}
	return out
}

// whyNotShown says what readers are told of all withheld figures alike.
func (f facts) whyNotShown() schemas.Text {
	var ja, en []string
	for _, rule := range f.manifest.Rules {
		switch rule.Rule {
		case "persons":
			ja, en = append(ja, fmt.Sprintf("%d人以上", rule.Threshold)), append(en, fmt.Sprintf("%d persons", rule.Threshold))
		case "facilities":
			ja, en = append(ja, fmt.Sprintf("%d施設以上", rule.Threshold)), append(en, fmt.Sprintf("%d houses", rule.Threshold))
		}
	}
	return say("基準（%[1]s）に満たないか、満たない数字をほかから計算できないように秘匿しています。どちらかは公表しません。",
		"It rests on less than the rules ask for (%[2]s), or is withheld so that figures that do cannot be computed. Readers are not told which.", strings.Join(ja, "、"), strings.Join(en, ", "))
}

func (f facts) counted() []schemas.Text {
	r, d := f.row, f.definition
	var out []schemas.Text
	if f.kind.what.JA != "" {
		out = append(out, f.kind.what)
	}
	if d.Definition != "" {
		out = append(out, say("定義「%[1]s」（%[3]s、第 %[4]s 版）: %[5]s", "By the definition “%[2]s” (%[3]s, version %[4]s): %[6]s", d.TitleJA, d.TitleEN, d.Definition, d.Version, d.RuleJA, d.Rule),
			say("対象: %[3]s。準拠: %[2]s。", "Of: %[1]s. Follows: %[2]s.", d.TargetPopulation, d.Follows, populationJA(d.TargetPopulation)))
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
			out = append(out, schemas.Text{JA: page.JA + " 方法: docs/methods/" + page.page, EN: page.EN + " Method: docs/methods/" + page.page})
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

func (f facts) certainty() []schemas.Text {
	var out []schemas.Text
	unit, counted := f.unit(), f.counts()
	if se := cmp.Or(f.row.number("std_error"), f.row.number("growth_std_error")); se != nil {
		n := printed(counted, *se)
		out = append(out, say("標準誤差 %[1]s。", "Standard error %[2]s.", strings.TrimSpace(n+" "+unit.JA), strings.TrimSpace(n+" "+unit.EN)))
	}
	if cv := f.row.number("cv"); cv != nil {
		out = append(out, say("変動係数 %[1]s。", "Coefficient of variation %[1]s.", percent(*cv)))
	}
	for _, b := range f.budget {
		var ja, en []string
		for _, c := range []struct {
			share *float64
			cause schemas.Text
		}{
			{b.Sampling, say("標本", "sampling")}, {b.Detection, say("把握率", "detection")}, {b.Linkage, say("名寄せ", "linkage")},
			{b.Model, say("モデル", "model")}, {b.Classification, say("分類", "classification")},
		} {
			if c.share != nil {
				ja, en = append(ja, c.cause.JA+" "+percent(*c.share)), append(en, c.cause.EN+" "+percent(*c.share))
			}
		}
		if len(ja) > 0 {
			out = append(out, schemas.Text{JA: "誤差（対数の分散）の内訳: " + strings.Join(ja, "、") + "。", EN: "Of the variance of its logarithm come from " + strings.Join(en, ", ") + "."})
		}
	}
	return out
}

// premises say which assumptions held; withheld ones say nothing.
func (f facts) premises() []schemas.Text {
	if f.row.code("source") == schemas.SourceSurvey || f.row.code("estimator") == "observed" {
		return nil
	}
	return premises(f.assumptions)
}

func premises(assumptions []schemas.Assumption) []schemas.Text {
	var out []schemas.Text
	for _, status := range []string{schemas.StatusMet, schemas.StatusViolated, schemas.StatusEstimated, schemas.StatusAssumed, schemas.StatusRefused, schemas.StatusUnknown} {
		var ja, en []string
		for _, a := range assumptions {
			if a.Status == status && a.ConfStatus == schemas.Free {
				name := assumptionName(a.Assumption)
				ja, en = append(ja, name.JA), append(en, name.EN)
			}
		}
		if len(ja) > 0 {
			title := schemas.CodeName("status", status)
			out = append(out, schemas.Text{JA: title.JA + ": " + strings.Join(ja, "、") + "。", EN: title.EN + ": " + strings.Join(en, "; ") + "."})
		}
	}
	return out
}

// assumptionName is an assumption in words; those of families of distributions are that they fit.
func assumptionName(code string) schemas.Text {
	family, is := strings.CutPrefix(code, "family/")
	if !is {
		return schemas.CodeName("assumption", code)
	}
	words := strings.ReplaceAll(family, "_", " ")
	return say("分布 %[1]s が合う", "distribution %[1]s fits", words)
}

func (f facts) earlierValues() []schemas.Text {
	var out []schemas.Text
	var ja, en []string
	for _, m := range f.earlier[max(0, len(f.earlier)-3):] {
		value, time := f.shown(m), m.code(f.kind.time)
		if f.kind.time == "cohort" && time == "0" {
			continue
		}
		ja, en = append(ja, time+" "+value.JA), append(en, time+" "+value.EN)
	}
	before := say("前の基準月: ", "Reference months before: ")
	switch f.kind.time {
	case "cohort":
		before = say("年度ごと: ", "By fiscal year: ")
	case "month":
		before = say("前の月: ", "Months before: ")
	}
	if len(ja) > 0 {
		out = append(out, schemas.Text{JA: before.JA + strings.Join(ja, "、") + "。", EN: before.EN + strings.Join(en, "; ") + "."})
	}
	for _, c := range f.changes {
		if c.Growth != nil && c.ProbabilityIncrease != nil {
			since := say("前年同月", "a year before")
			if c.MonthsBefore == 1 {
				since = say("前月", "the month before")
			}
			out = append(out, say("%[1]sからの増減率 %[3]s、増えた確率 %[4]s。", "Growth since %[2]s: %[3]s; it grew with a probability of %[4]s.", since.JA, since.EN, percent(*c.Growth), percent(*c.ProbabilityIncrease)))
		}
	}
	for _, r := range f.revisions {
		if r.Previous == nil || r.Difference == nil {
			continue
		}
		reason := schemas.CodeName("revision_reason", r.RevisionReason)
		out = append(out, say("公表 %[1]s では %[2]s だった（差 %[3]s）。理由: %[4]s。", "Publication %[1]s had %[2]s (a difference of %[3]s). Why: %[5]s.", r.Publication, whole(*r.Previous), whole(*r.Difference), reason.JA, reason.EN))
	}
	return out
}

func (f facts) references() []schemas.Text {
	var where []string
	for _, k := range f.row.key() {
		if k.Column != "region_level" {
			where = append(where, k.Column+" = "+literal(k.Code))
		}
	}
	query := "FROM " + f.kind.dataset + " WHERE " + strings.Join(where, " AND ")
	version := say("リリース %[1]s、方法の版 %[2]s。", "Release %[1]s, method %[2]s.", f.manifest.Release, f.row.code("methodology_version"))
	if f.row.has("boundary_vintage") {
		version = say("リリース %[1]s、方法の版 %[2]s、市町村境界の基準日 %[3]s。", "Release %[1]s, method %[2]s, municipal boundaries of %[3]s.", f.manifest.Release, f.row.code("methodology_version"), f.row.code("boundary_vintage"))
	}
	return []schemas.Text{version, say("kankei query \"%s\"", "kankei query \"%s\"", query)}
}
