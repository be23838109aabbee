package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

// insideFacts are what the house knows of a figure beside its release.
type insideFacts struct {
	// row is the figure before disclosure control; nil where there is none.
	row *tableRow
	// basis is what it rests on, and by which rule it is withheld; nil where no record is kept.
	basis *restsOn
	// records are those of the region and the window.
	records  []recordsOf
	coverage []schemas.Coverage
	assumed  []schemas.Assumption
}

// inside reads it from the work folder.
func (p *Project) inside(ctx context.Context, k kind, row tableRow) (insideFacts, error) {
	var in insideFacts
	path, err := p.Database(true)
	if err != nil {
		return in, err
	}
	db, err := openSandbox(path, QueryOptions{Threads: 1}.withDefaults())
	if err != nil {
		return in, err
	}
	defer db.Close()
	at := row.codes()
	rows, err := k.selects(ctx, db, at, "")
	if len(rows) > 0 {
		in.row = &rows[0]
	}
	if row.has("definition") && k.time != "cohort" {
		bookings := row.of("definition", "outside", "region_code")
		err = errors.Join(err,
			selectInto(ctx, db, &in.coverage, "coverage", bookings.with("month", row.code(k.time)), ""),
			selectInto(ctx, db, &in.assumed, "assumptions", bookings.with("reference_month", row.code(k.time)), ""))
	}
	if err != nil {
		return in, err
	}
	if in.basis, err = p.restsOn(k.dataset, row); errors.Is(err, fs.ErrNotExist) {
		err = nil // a release of a version that kept none
	}
	if err == nil {
		in.records, err = p.recordsBehind(ctx, k, row)
	}
	return in, err
}

// part says what the house knows of a figure beside its release.
func (in insideFacts) part(f facts) ExplainedPart {
	out := ExplainedPart{Heading: say("内部のみ（外に出さないこと）", "Inside the house only")}
	add := func(t schemas.Text) { out.Sentences = append(out.Sentences, t) }
	if in.row != nil {
		value := f.shown(*in.row)
		add(say("秘匿前の値: %[1]s。", "Before disclosure control: %[2]s.", value.JA, value.EN))
	}
	if in.basis != nil {
		add(in.basis.rests())
		if in.basis.Rule != "" {
			add(in.basis.why(f))
		}
	}
	if in.unreliable(f) {
		add(say("秘匿ではない: 信頼度が、リリースに示す下限（reliability.release）に届かない。", "Not withheld: its reliability is below the lowest class that the release shows (reliability.release)."))
	}
	for _, r := range in.records {
		add(r.words())
	}
	if f.row.code("obs_status") == schemas.NotEstimable {
		out.Sentences = append(out.Sentences, in.whyNotEstimable(f)...)
	}
	if len(out.Sentences) == 0 {
		add(say("内部の記録はありません。", "Nothing is kept of it inside."))
	}
	return out
}

// unreliable says that the release leaves the figure out for its reliability alone.
func (in insideFacts) unreliable(f facts) bool {
	return in.row != nil && in.row.number(f.kind.value) != nil && f.row.number(f.kind.value) == nil && f.row.code("conf_status") == schemas.Free
}

// rests says on how many a figure rests.
func (b restsOn) rests() schemas.Text {
	if b.Facilities == 0 {
		return say("基づく人数: %s 人。", "It rests on %s persons.", whole(float64(b.Persons)))
	}
	return say("基づく人数と施設: %s 人、%s 施設。", "It rests on %s persons and %s houses.", whole(float64(b.Persons)), whole(float64(b.Facilities)))
}

// why says by which rule a row is withheld.
func (b restsOn) why(f facts) schemas.Text {
	threshold := map[string]int64{}
	for _, rule := range f.manifest.Rules {
		threshold[rule.Rule] = rule.Threshold
	}
	switch b.Rule {
	case "persons":
		return say("一次秘匿: %[1]d 人に基づき、基準の %[2]d 人に満たない。", "Withheld for itself: it rests on %[1]d persons, fewer than the %[2]d that the rule asks for.", b.Persons, threshold["persons"])
	case "facilities":
		return say("一次秘匿: %[1]d 施設に基づき、基準の %[2]d 施設に満たない（一施設の営業が読み取れる）。", "Withheld for itself: it rests on %[1]d houses, fewer than the %[2]d that the rule asks for, and would show one house's business.", b.Facilities, threshold["facilities"])
	case "secondary":
		return say("二次秘匿: それ自身は %[1]d 人に基づき基準を満たすが、示せば秘匿したほかの数字を計算できる。どの数字かは work/disclosure.csv にある。",
			"Withheld for others: it rests on %[1]d persons, enough for itself, but shown it would let others be computed that are withheld. They are in work/disclosure.csv.", b.Persons)
	}
	rule := publish.AppliedRule{Rule: b.Rule, Threshold: threshold[b.Rule]}.Says()
	return say("一次秘匿: %[1]s。", "Withheld for itself: %[2]s.", rule.JA, rule.EN)
}

// whyNotEstimable names what is lacking.
func (in insideFacts) whyNotEstimable(f facts) []schemas.Text {
	var out []schemas.Text
	r := f.row
	source := r.code("source")
	if sources := strings.Fields(f.definition.Sources); source != "" && source != schemas.SourceCombined && len(sources) > 0 && !slices.Contains(sources, source) {
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
