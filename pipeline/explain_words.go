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

// unit is what a measure counts.
func unit(measure string) schemas.Text {
	if measure == schemas.Pairs {
		return say("組", "pairs")
	}
	return say("人", "persons")
}

// shown is a figure as a sentence has it, with its interval.
func shown(r schemas.RelationalPopulation) schemas.Text {
	u := unit(r.Measure)
	switch {
	case r.ConfStatus == schemas.Withheld:
		return say("秘匿", "withheld")
	case r.Value == nil && r.ObsStatus == schemas.LowReliability:
		return say("信頼度が低く非表示", "not shown, of low reliability")
	case r.Value == nil:
		return say("推定できない", "not estimable")
	case r.CILow == nil || r.CIHigh == nil:
		return say("%[1]s %[2]s", "%[1]s %[3]s", whole(*r.Value), u.JA, u.EN)
	}
	return say("%[1]s %[4]s（95%%区間 %[2]s〜%[3]s）", "%[1]s %[5]s (95 %% interval %[2]s – %[3]s)", whole(*r.Value), whole(*r.CILow), whole(*r.CIHigh), u.JA, u.EN)
}

// region is the name of a region, its code where it has none.
func (f facts) region(code string) schemas.Text {
	t := f.regions[code]
	return schemas.Text{JA: cmp.Or(t.JA, code), EN: cmp.Or(t.EN, code)}
}

func (f facts) figure() []schemas.Text {
	r := f.row
	name, value, month := f.region(r.RegionCode), shown(r), r.ReferenceMonth
	out := []schemas.Text{{
		JA: fmt.Sprintf("%s（%s）の関係人口、%s までの12か月: %s。", name.JA, r.RegionCode, month, value.JA),
		EN: fmt.Sprintf("Relational population of %s (%s), the 12 months to %s: %s.", name.EN, r.RegionCode, month, value.EN),
	}}
	switch {
	case r.ConfStatus == schemas.Withheld:
		out = append(out, f.whyNotShown())
	case r.Value == nil && r.ObsStatus == schemas.LowReliability:
		out = append(out, say("この公表で示す信頼度に届かない推定値です。", "It is an estimate below the class of reliability that this release shows."))
	case r.Value == nil:
		out = append(out, say("この出所では、この定義の人数を推定できません。", "The source cannot tell how many satisfy the definition here."))
	default:
		class, status := schemas.CodeName("reliability", r.Reliability), schemas.CodeName("obs_status", r.ObsStatus)
		out = append(out, say("状態は「%[1]s」、信頼度 %[3]s（%[2]s）。", "Its status is “%[4]s”, its reliability %[3]s (%[5]s).", status.JA, class.JA, r.Reliability, status.EN, class.EN))
	}
	if r.Per10000Residents != nil {
		out = append(out, say("住民1万人当たり %s 人。", "Per 10,000 residents: %s.", strconv.FormatFloat(*r.Per10000Residents, 'f', 1, 64)))
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
	if d.Definition != "" {
		out = append(out, say("定義「%[1]s」（%[3]s、第 %[4]s 版）: %[5]s", "By the definition “%[2]s” (%[3]s, version %[4]s): %[6]s", d.TitleJA, d.TitleEN, d.Definition, d.Version, d.RuleJA, d.Rule),
			say("対象: %[1]s。準拠: %[2]s。", "Of: %[1]s. Follows: %[2]s.", d.TargetPopulation, d.Follows))
	}
	measure, outside := schemas.CodeName("measure", r.Measure), schemas.CodeName("outside", r.Outside)
	out = append(out, say("単位: %[1]s。数えるのは%[2]s人。", "Counted are: %[3]s. Outside means: %[4]s.", measure.JA, outside.JA, measure.EN, outside.EN))
	for _, cut := range []struct{ column, code string }{{"origin_code", r.OriginCode}, {"relation_type", r.RelationType}, {"engagement", r.Engagement}} {
		if cut.code == schemas.All {
			continue
		}
		title, name := schemas.Title(cut.column), schemas.CodeName(cut.column, cut.code)
		if cut.column == "origin_code" && name.JA == cut.code {
			name = f.region(cut.code)
		}
		out = append(out, say("%[1]s: %[2]s のみ。", "Only of %[3]s: %[4]s.", title.JA, name.JA, title.EN, name.EN))
	}
	return out
}

func (f facts) sources() []schemas.Text {
	r := f.row
	source := schemas.CodeName("source", r.Source)
	out := []schemas.Text{say("出所: %[1]s。データの期間 %[3]s、基準日 %[4]s（それより後のことは入っていない）。",
		"Source: %[2]s. Its data span %[3]s, and nothing later than %[4]s entered.", source.JA, source.EN, cmp.Or(r.SourcePeriod, "-"), r.KnownOn)}
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
	name, page := schemas.CodeName("estimator", r.Estimator), estimatorPages[r.Estimator]
	out := []schemas.Text{say("推定方法: %[1]s（%[3]s）。", "Estimator: %[2]s (%[3]s).", name.JA, name.EN, r.Estimator)}
	if page.page != "" {
		out = append(out, schemas.Text{JA: page.JA + " 方法: docs/methods/" + page.page, EN: page.EN + " Method: docs/methods/" + page.page})
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
		if c.Step == schemas.StepDetection && c.Coverage != nil && c.ConfStatus == schemas.Free && r.Source != schemas.SourceSurvey {
			basis := schemas.CodeName("basis", c.Basis)
			out = append(out, say("予約に現れる来訪の割合（把握率）は %[1]s、根拠は%[2]s。", "A visit is seen in the bookings with a probability of %[1]s, told by: %[3]s.", percent(*c.Coverage), basis.JA, basis.EN))
		}
	}
	for _, q := range f.quality {
		if q.Ratio == nil || q.Indicator != "g_least" && q.Indicator != "g_greatest" || r.Source == schemas.SourceBooking {
			continue
		}
		indicator := schemas.CodeName("indicator", q.Indicator)
		out = append(out, say("%[1]s の%[2]s: %[3]s。", "Weights of %[1]s, calibrated over design weight, %[4]s: %[3]s.", q.Source, indicator.JA, strconv.FormatFloat(*q.Ratio, 'f', 2, 64),
			map[string]string{"g_least": "least", "g_greatest": "greatest"}[q.Indicator]))
	}
	return out
}

// otherSources are what other sources and estimators say of the same figure.
func (f facts) otherSources() schemas.Text {
	var ja, en []string
	for _, o := range f.others {
		if o.Source == f.row.Source && o.Estimator == f.row.Estimator {
			continue
		}
		source, name, value := schemas.CodeName("source", o.Source), schemas.CodeName("estimator", o.Estimator), shown(o)
		ja, en = append(ja, source.JA+"・"+name.JA+" "+value.JA), append(en, source.EN+", "+strings.ToLower(name.EN)+": "+value.EN)
	}
	if len(ja) == 0 {
		return schemas.Text{}
	}
	return schemas.Text{JA: "同じ人数をほかの方法では: " + strings.Join(ja, "、") + "。", EN: "The same number by other means: " + strings.Join(en, "; ") + "."}
}

func (f facts) certainty() []schemas.Text {
	r := f.row
	if r.StdError == nil || r.CV == nil {
		return nil
	}
	out := []schemas.Text{say("標準誤差 %[1]s %[3]s、変動係数 %[2]s。", "Standard error %[1]s %[4]s, coefficient of variation %[2]s.", whole(*r.StdError), percent(*r.CV), unit(r.Measure).JA, unit(r.Measure).EN)}
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
	if f.row.Source == schemas.SourceSurvey || f.row.Estimator == "observed" {
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
	for _, m := range f.months[max(0, len(f.months)-3):] {
		value := shown(m)
		ja, en = append(ja, m.ReferenceMonth.String()+" "+value.JA), append(en, m.ReferenceMonth.String()+" "+value.EN)
	}
	if len(ja) > 0 {
		out = append(out, schemas.Text{JA: "前の基準月: " + strings.Join(ja, "、") + "。", EN: "Reference months before: " + strings.Join(en, "; ") + "."})
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
	r := f.row
	var where []string
	for _, k := range keyOf(r) {
		if k.Column != "region_level" {
			where = append(where, k.Column+" = "+literal(k.Code))
		}
	}
	query := "FROM relational_population WHERE " + strings.Join(where, " AND ")
	return []schemas.Text{
		say("リリース %[1]s、方法の版 %[2]s、市町村境界の基準日 %[3]s。", "Release %[1]s, method %[2]s, municipal boundaries of %[3]s.", f.manifest.Release, r.MethodologyVersion, r.BoundaryVintage),
		say("kankei query \"%s\"", "kankei query \"%s\"", query),
	}
}

// estimatorPages say of each estimator in a sentence what it does, and which page of docs/methods has it.
var estimatorPages = map[string]struct {
	schemas.Text
	page string
}{
	"observed":                {say("予約などに見えた人を数えた下限。", "A count of those who were seen, and a lower bound."), "observed.md"},
	"survey_direct":           {say("設計ウェイトによる推定。", "Answers by their design weights."), "relational-survey.md"},
	"survey_calibrated":       {say("公的な人口に合わせたウェイトによる推定。", "Answers by weights that meet official totals of residents."), "relational-survey.md"},
	"onsite_scaled":           {say("来訪の多い人ほど会いやすいことを補正し、公的な来訪者数に合わせた推定。", "Those met on the spot, who are met the more often the more they come, scaled to official visitors."), "onsite.md"},
	"thinned":                 {say("予約に現れる確率から、現れない人を補った推定。", "Those seen in bookings with those whom bookings do not show, from how likely a visit is seen."), "capture.md"},
	"thinned_joint":           {say("同じく、来訪頻度の質問と合わせた推定。", "The same, together with the question how often people come."), "capture.md"},
	"thinned_synthetic":       {say("施設のない市町村を、ほかの市町村の来訪の分布から推定。", "Where no house is covered, from how visits to other municipalities are distributed."), "capture.md"},
	"composite":               {say("各出所の推定値を、精度の高いほど重く平均。", "The mean of what the sources estimate, the more precise weighing more."), "headline.md"},
	"fay_herriot":             {say("各出所の平均を、県内のほかの市町村が示す値と合わせた推定。", "The mean of its sources, weighed against what the other municipalities of the prefecture tell."), "small-areas.md"},
	"fay_herriot_synthetic":   {say("県内のほかの市町村が示す値による推定。", "What the other municipalities of the prefecture tell alone."), "small-areas.md"},
	"pairs_over_multiplicity": {say("組の数を、一人当たりの地域数で割った推定。", "Pairs over the regions per person that a survey tells."), "headline.md"},
}
