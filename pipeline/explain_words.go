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
		return say("、%s の月", ", the month of %s", time[:len("2026-03")])
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
				name := schemas.CodeName("assumption", a.Assumption)
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
