package pipeline

import (
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// part says what the house knows of a figure beside its release.
func (in insideFacts) part(f facts) ExplainedPart {
	out := ExplainedPart{Heading: say("内部のみ（外に出さないこと）", "Inside the house only")}
	add := func(t schemas.Text) { out.Sentences = append(out.Sentences, t) }
	if in.row != nil {
		value := shown(*in.row)
		add(say("秘匿前の値: %[1]s。", "Before disclosure control: %[2]s.", value.JA, value.EN))
	}
	if in.withheld != nil {
		add(in.withheld.why(f))
	}
	if f.row.ObsStatus == schemas.NotEstimable {
		out.Sentences = append(out.Sentences, in.whyNotEstimable(f)...)
	}
	if in.row == nil && in.withheld == nil && len(out.Sentences) == 0 {
		add(say("内部の記録はありません。", "Nothing is kept of it inside."))
	}
	return out
}

// why says by which rule a row is withheld.
func (w withheldRow) why(f facts) schemas.Text {
	threshold := map[string]int64{}
	for _, rule := range f.manifest.Rules {
		threshold[rule.Rule] = rule.Threshold
	}
	switch w.Rule {
	case "persons":
		return say("一次秘匿: %[1]d 人に基づき、基準の %[2]d 人に満たない。", "Withheld for itself: it rests on %[1]d persons, fewer than the %[2]d that the rule asks for.", w.Persons, threshold["persons"])
	case "facilities":
		return say("一次秘匿: %[1]d 施設に基づき、基準の %[2]d 施設に満たない（一施設の営業が読み取れる）。", "Withheld for itself: it rests on %[1]d houses, fewer than the %[2]d that the rule asks for, and would show one house's business.", w.Facilities, threshold["facilities"])
	case ruleReliability:
		return say("秘匿ではない: 信頼度が、リリースに示す下限（reliability.release）に届かない。", "Not withheld: its reliability is below the lowest class that the release shows (reliability.release).")
	}
	return say("二次秘匿: それ自身は %[1]d 人に基づき基準を満たすが、示せば秘匿したほかの数字を計算できる。どの数字かは work/disclosure.csv にある。",
		"Withheld for others: it rests on %[1]d persons, enough for itself, but shown it would let others be computed that are withheld. They are in work/disclosure.csv.", w.Persons)
}

// whyNotEstimable names what is lacking.
func (in insideFacts) whyNotEstimable(f facts) []schemas.Text {
	var out []schemas.Text
	r := f.row
	if sources := strings.Fields(f.definition.Sources); r.Source != schemas.SourceCombined && len(sources) > 0 && !slices.Contains(sources, r.Source) {
		out = append(out, say("この定義は、この出所からは分かりません（分かるのは %[1]s）。", "The source cannot see the definition (these can: %[1]s).", strings.Join(sources, ", ")))
	}
	var ja, en []string
	for _, c := range in.coverage {
		if c.Coverage == nil && c.ObsStatus == schemas.NotEstimable {
			step := schemas.CodeName("step", c.Step)
			ja, en = append(ja, step.JA), append(en, step.EN)
		}
	}
	if len(ja) > 0 {
		out = append(out, schemas.Text{JA: "分からない段階: " + strings.Join(ja, "、") + "。公的な来訪者数・宿泊者数、施設の台帳か調査があれば推定できます。",
			EN: "Not known are the steps: " + strings.Join(en, "; ") + ". Official visitors or nights, the frame of houses or a survey would tell them."})
	}
	if out = append(out, premises(in.assumed)...); len(out) == 0 {
		out = append(out, say("この定義と地域の人数を推定できる出所がありません。", "No source estimates the definition for this region."))
	}
	return out
}
