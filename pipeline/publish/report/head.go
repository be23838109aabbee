package report

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// head is what a governor reads: one figure and what it means.
type head struct {
	// Big is the figure in words, Interval its interval, Kind what sort of figure
	// it is, Meaning a sentence about it, Why a sentence where there is none.
	Big, Interval, Kind, Meaning, Why schemas.Text
	Grade                             string
	GradeText                         schemas.Text
	Definition, Rule                  schemas.Text
	Cards                             []card
	Notes                             []schemas.Text
}

// card is a further figure of the first screen.
type card struct {
	Title, Big, Small, Meaning schemas.Text
	Bar                        *bar
}

func (b builder) head(s scope) head {
	estimate, seen := b.headline(s)
	h := head{Definition: b.definitionTitle(s.definition), Rule: b.definitionRule(s.definition)}
	switch {
	case estimate.Shown():
		h.Big, h.Interval = estimate.About(), estimate.Interval()
		h.Kind = b.kind(s)
		h.Grade, h.GradeText = estimate.Grade(), b.code("reliability", estimate.Grade())
		h.Meaning = b.meaning(s, estimate)
		if estimate.Weak() {
			h.Why = say("信頼度が低い値です。大きさの目安としてだけ使ってください。", "This figure is of low reliability: read it as an order of magnitude only.")
		}
	case seen.Shown():
		h.Big = seen.About()
		h.Kind = fill(say("届いたデータ（%s）に見えた人の数（下限）", "persons seen in the data delivered (source: %s): a lower bound"), b.code("source", b.seenBy(s)))
		h.Meaning = fill(say("%[1]sまでの12か月に、%[2]s%[3]sで関わりの条件を満たすのが見えた人の数です。見えなかった人は入っていません。実際の数はこれより多いはずです。",
			"This many people who %[2]s met the condition in %[3]s were seen in the 12 months to %[1]s. Those who were not seen are not in it: the true number is greater."),
			monthName(b.month), outsideText(s.outside), b.region(s.region))
		h.Why = b.reason(s, estimate)
	default:
		h.Big = estimate.Why()
		if estimate.conf == "" {
			h.Big = say("数字がありません", "no figure")
		}
		h.Why = b.reason(s, estimate)
	}
	h.Cards = b.cards(s)
	h.Notes = b.headNotes(s, estimate, seen)
	return h
}

// meaning is the sentence below the figure.
func (b builder) meaning(s scope, f figure) schemas.Text {
	whose := fill(say("%[1]sまでの12か月に、%[2]s%[3]sと関わり続けた人の数です。", "The number of people who %[2]s kept up contact with %[3]s in the 12 months to %[1]s."),
		monthName(b.month), outsideText(s.outside), b.region(s.region))
	if s.region == schemas.Nation {
		whose = fill(say("%sまでの12か月に、自分の住む所の外のどこかの地域と関わり続けた人の数です。", "The number of people who kept up contact with some region outside their own in the 12 months to %s."), monthName(b.month))
	}
	if !f.Banded() {
		return whose
	}
	return fill(say("%[1]s本当の数は%[2]sの間にあると見込まれます（20回に19回は当たる幅）。", "%[1]s The true number is expected to lie within %[2]s, a range that holds it 19 times in 20."), whose, f.Interval())
}

// kind says of which sources the estimate is made.
func (b builder) kind(s scope) schemas.Text {
	var names []schemas.Text
	for _, source := range []string{schemas.SourceBooking, schemas.SourceSurvey, schemas.SourceAct} {
		rows := where(b.of("sources", s), "source", source)
		if slices.ContainsFunc(rows, func(r row) bool { return r.text("estimator") != "observed" && r.number("value") != nil }) {
			names = append(names, b.code("source", source))
		}
	}
	if len(names) == 0 {
		return say("推定値", "an estimate")
	}
	return fill(say("推定値（出所：%s）", "estimated from: %s"), joined(names))
}

// reason says why there is no estimate, in plain words.
func (b builder) reason(s scope, f figure) schemas.Text {
	switch {
	case f.conf == schemas.Withheld:
		return fill(say("推定値は秘匿しています。%s", "The estimate is withheld: %s"), b.thresholds())
	case f.obs == schemas.LowReliability:
		return say("推定値は誤差が大きすぎるので、この公表では出していません。", "The estimate is too uncertain for this release to show it.")
	}
	var unknown []schemas.Text
	for _, r := range where(b.of("assumptions", s), "status", schemas.StatusUnknown) {
		unknown = append(unknown, b.code("assumption", r.text("assumption")))
	}
	if len(unknown) > 0 {
		return fill(say("推定値はありません。推定の前提のうち、次のものが成り立つかどうか、届いたデータから分からないためです：%s。", "There is no estimate, for the data do not tell whether what it would rest on holds: %s."), joined(unknown))
	}
	return say("推定値はありません。届いたデータだけでは、見えない人の数を推定できないためです。", "There is no estimate: the data delivered do not tell how many people they do not show.")
}

// thresholds is the rule of disclosure control in words.
func (b builder) thresholds() schemas.Text {
	return fill(say("%[1]s人未満か%[2]s施設未満のデータに基づく値と、そこから引き算で求められてしまう値は、個人や施設を守るために出しません。",
		"figures that rest on fewer than %[1]s persons or %[2]s houses, and those from which such figures could be computed, are not shown, to protect persons and houses."),
		number(int(b.report.Rules["persons"])), number(int(b.report.Rules["facilities"])))
}

func (b builder) cards(s scope) []card {
	out := []card{b.changeCard(s)}
	if c, ok := b.targetCard(s); ok {
		out = append(out, c)
	}
	return append(out, b.conversionCard(s))
}

// growth is the change from a year before.
func (b builder) growth(s scope) (growth, probability figure) {
	for _, r := range b.of("change", s) {
		return figureOf(r, percent, "growth", "growth_ci_low", "growth_ci_high", "reliability"), figureOf(r, percent, "probability_increase", "", "", "")
	}
	return growth, probability
}

func (b builder) changeCard(s scope) card {
	growth, probability := b.growth(s)
	c := card{Title: say("1年前と比べて", "Since a year before")}
	if !growth.Shown() {
		c.Big = or2(growth.Why(), growth.conf != "", say("比べられません", "no comparison"))
		c.Meaning = say("1年前の値か、その誤差が分からないため、比べた値はありません。", "There is no figure of a year before to compare with, or its error is not known.")
		return c
	}
	c.Big = schemas.Text{JA: growth.Signed() + "%", EN: growth.Signed() + " %"}
	c.Small = growth.SignedInterval()
	switch {
	case *growth.low > 0:
		c.Meaning = say("増えたと言えます。", "It has grown.")
	case *growth.high < 0:
		c.Meaning = say("減ったと言えます。", "It has fallen.")
	default:
		c.Meaning = say("増えたとも減ったとも言い切れません。", "It may have grown or fallen.")
	}
	if probability.Shown() {
		p := likely(*probability.value)
		c.Meaning = fill(say("%[1]s増えた確率は%[2]s%%です。", "%[1]s The probability that it grew is %[2]s %%."), c.Meaning, same(p))
	}
	return c
}

func (b builder) targetCard(s scope) (card, bool) {
	rows := where(b.rows["targets"], "region_code", s.region)
	if own := where(rows, "definition", s.definition); len(own) > 0 {
		rows = own
	}
	if len(rows) == 0 {
		return card{}, false
	}
	r := rows[0]
	ratio, goal := figureOf(r, percent, "ratio", "", "", ""), r.number("target_value")
	f := estimateOf(r, persons)
	c := card{Title: fill(say("目標（%s）", "Target (%s)"), same(r.text("target")))}
	aim := fill(say("%[1]sまでに%[2]s人", "%[2]s by %[1]s"), dayName(r.day("due_on")), count(goal).Text)
	if !f.Shown() {
		c.Big, c.Small, c.Meaning = f.Why(), aim, say("比べる値がありません。", "There is no figure to compare it with.")
		return c, true
	}
	c.Big = fill(say("%s%%", "%s %%"), same(wholePercent(*ratio.value)))
	c.Small = aim
	c.Meaning = say("目標に対する今の値の割合です。", "The present figure as a share of the target.")
	if p := figureOf(r, percent, "probability_met", "", "", ""); p.Shown() {
		c.Meaning = fill(say("目標に対する今の値の割合です。すでに達している確率は%s%%です。", "The present figure as a share of the target. The probability that it is met already is %s %%."), same(likely(*p.value)))
	}
	g := goalBar(f, *goal)
	c.Bar = &g
	return c, true
}

// goalBar is a figure beside its target.
func goalBar(f figure, goal float64) bar {
	end := axisEnd(max(most(f), goal))
	g := barOf(f, end)
	g.Goal = at(goal / end)
	return g
}

// wholePercent is a share in whole percent.
func wholePercent(share float64) string {
	return figure{value: &share, unit: unit{100, 0, "", ""}}.Print()
}

// likely is a probability in whole percent; what is not certain is never 0 or 100.
func likely(probability float64) string {
	switch {
	case probability > 0 && probability < 0.005:
		return "<1"
	case probability < 1 && probability > 0.995:
		return ">99"
	}
	return wholePercent(probability)
}

// conversionEstimators are the estimators of conversion for the first screen, the one to show first.
var conversionEstimators = []string{"related_at_start", "related_before_move", "aalen_johansen_all", "aalen_johansen_corrected", "aalen_johansen_detected", "complete_follow_up"}

// conversionRow is the figure of conversion for the first screen: told backwards
// if it can be, within 12 months; where none is shown, the first that is not.
// All who moved in over the related is an upper bound and never that figure.
func (b builder) conversionRow(s scope) (first row, found bool) {
	rows := where(b.rows["conversion"], "region_code", s.region)
	for _, estimator := range conversionEstimators {
		for _, r := range where(rows, "estimator", estimator) {
			switch {
			case r.count("horizon_months") != 12:
			case r.number("value") != nil:
				return r, true
			case !found:
				first, found = r, true
			}
		}
	}
	return first, found
}

func (b builder) conversionCard(s scope) card {
	c := card{Title: say("1年以内に移り住む割合", "Moving there within a year")}
	r, ok := b.conversionRow(s)
	if !ok {
		c.Big, c.Meaning = say("データがありません", "no data"), say("移住した人の記録が届いていないので、計算できません。", "No records of people who moved there were delivered.")
		return c
	}
	f := figureOf(r, percent, "value", "ci_low", "ci_high", "reliability")
	if !f.Shown() {
		c.Big, c.Meaning = f.Why(), say("移住した人の記録が少なすぎるか、追った期間が短すぎます。", "Too few moves were recorded, or people were followed for too short a time.")
		return c
	}
	c.Big, c.Small = f.About(), f.Interval()
	c.Meaning = fill(say("関わりを続ける人100人のうち、1年以内に移り住むのは約%s人です。", "Of 100 people who keep up contact, about %s move there within a year."), same(f.Print()))
	return c
}

// headNotes are further facts about the figure.
func (b builder) headNotes(s scope, estimate, seen figure) []schemas.Text {
	var out []schemas.Text
	if estimate.Shown() && seen.Shown() {
		out = append(out, fill(say("届いたデータに実際に見えた人：%s人", "Persons actually seen in the data: %s"), same(seen.Print())))
	}
	for _, r := range b.of("headlines", s) {
		if per := b.perResidents(r); per.Shown() && r.is("seen") != estimate.Shown() {
			out = append(out, fill(say("住民1万人当たり：%s人", "Per 10,000 residents: %s"), same(per.Print())))
		}
	}
	for _, r := range b.revised(s) {
		if r.day("reference_month").Equal(b.month) && r.number("previous_value") != nil {
			was := figureOf(r, persons, "previous_value", "previous_ci_low", "previous_ci_high", "")
			out = append(out, fill(say("前の公表では%[1]s（改定の理由：%[2]s）", "In the last publication: %[1]s (revised: %[2]s)"), was.About(), b.code("revision_reason", r.text("revision_reason"))))
		}
	}
	return out
}

// revised are the revised figures of all sources of a scope, or of persons seen where no estimate was revised, the latest
// month first.
func (b builder) revised(s scope) []row {
	rows := b.of("revisions", s)
	for _, source := range []string{schemas.SourceCombined, schemas.SourceBooking, schemas.SourceSurvey} {
		own := slices.DeleteFunc(where(rows, "source", source), func(r row) bool { return r.text("revision_reason") == schemas.RevisionUnchanged })
		if len(own) > 0 {
			return own
		}
	}
	return nil
}

// perResidents is a figure per 10,000 residents, with as many digits as the figure.
func (b builder) perResidents(r row) figure {
	f := figureOf(r, unit{1, 1, "", ""}, "per_10000_residents", "", "", "reliability")
	value, low, high := r.number("value"), r.number("ci_low"), r.number("ci_high")
	if f.Shown() && value != nil && low != nil && *value > 0 {
		a, z := *f.value**low / *value, *f.value**high / *value
		f.low, f.high = &a, &z
	}
	return f
}

// or2 is a text where there is one to say, else another.
func or2(t schemas.Text, there bool, otherwise schemas.Text) schemas.Text {
	if there {
		return t
	}
	return otherwise
}
