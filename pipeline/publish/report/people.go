package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// originEstimators are the estimators of origins, the one to show first.
var originEstimators = []string{"survey_calibrated", "thinned", "survey_direct", "observed"}

func (b builder) origins(s scope) section {
	out := section{ID: "origins", Title: say("どこに住む人か", "Where they live")}
	rows := b.originRows(s)
	if len(rows) == 0 {
		out.Text = []schemas.Text{say("居住地ごとの値はありません。", "There are no figures by residence.")}
		return out
	}
	figures := map[string]figure{}
	for _, r := range rows {
		figures[r.text("origin_code")] = estimateOf(r, persons)
	}
	whom := say("届いたデータに見えた人すべての居住地です（条件を満たすかどうかを問わない）。", "Where everybody seen lives, whether or not they meet the condition.")
	if d := rows[0].text("definition"); d != "" {
		whom = fill(say("「%s」に当たる人の居住地です。", "Where those live who meet “%s”."), b.definitionTitle(d))
	}
	kind := fill(say("推定方法：%s。", "Estimated by: %s."), b.code("estimator", rows[0].text("estimator")))
	out.Text = []schemas.Text{{JA: whom.JA + kind.JA, EN: whom.EN + " " + kind.EN}}
	m := b.coloured(japanBox, builtIn(), figures)
	markOwn(&m, s.region)
	t := b.originTable(rows)
	out.Parts = []part{{Title: say("居住地の地図（人数）", "Map of residence, persons"), Map: &m, Table: t, Beside: true}}
	return out
}

// markOwn takes the panel's own prefecture out of the classes.
func markOwn(m *chart, region string) {
	for i := range m.Shapes {
		if m.Shapes[i].Code == region {
			m.Shapes[i].Class = "own"
			m.Legend = append(m.Legend, key{"own", say("この県", "this prefecture")})
		}
	}
}

// originRows are the rows by origin of one estimator: of those whom the panel
// speaks of, or else of everybody seen.
func (b builder) originRows(s scope) []row {
	for _, definition := range []string{s.definition, ""} {
		rows := where(b.rows["origins"], "region_code", s.region, "outside", s.outside, "definition", definition)
		for _, estimator := range originEstimators {
			own := where(rows, "estimator", estimator)
			if len(own) > 0 {
				own = where(own, "source", own[0].text("source"))
			}
			if slices.ContainsFunc(own, func(r row) bool { return r.number("value") != nil }) {
				slices.SortStableFunc(own, func(x, y row) int {
					return cmp.Compare(rank(estimateOf(y, persons)), rank(estimateOf(x, persons)))
				})
				return own
			}
		}
	}
	return nil
}

func (b builder) originTable(rows []row) *table {
	t := &table{File: "origins", Title: say("居住地ごとの人数", "Persons by residence"), Long: len(rows) > 12,
		Columns: slices.Concat([]heading{textual("居住地", "Residence")}, chartHeads("人数", "Persons"), []heading{textual("コード", "Code")})}
	var figures []figure
	for _, r := range rows {
		figures = append(figures, estimateOf(r, persons))
	}
	for i, g := range bars(figures...) {
		code := rows[i].text("origin_code")
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.region(code))}, chartCells(g), []cell{words(same(code))}))
	}
	return t
}

// ladder are the levels of engagement, the lowest first.
var ladder = []string{schemas.EngagementOneOff, schemas.EngagementRepeat, schemas.EngagementRelated, schemas.EngagementDeep, schemas.EngagementTwoRegion}

func (b builder) engaged(s scope) section {
	out := section{ID: "engaged", Title: say("関わりの深さ", "How engaged they are")}
	rows := b.funnelRows(s)
	if len(rows) == 0 {
		out.Text = []schemas.Text{say("関わりの段階ごとの値はありません。", "There are no figures by level of engagement.")}
	} else {
		out.Text = []schemas.Text{say("届いたデータに見えた人を、12か月に達したいちばん深い段階で分けています。一人は一つの段階に入ります。見えない人は入っていないので、割合よりも形を見てください。",
			"Persons seen, by the deepest level they reached in 12 months: each is at one level. Those not seen are not in it; look at the shape rather than at the numbers.")}
		out.Parts = b.funnelParts(rows)
	}
	if t := b.relationTable(s); t != nil {
		out.Parts = append(out.Parts, part{Title: t.Title, Table: t})
	}
	return out
}

// funnelRows are the rows of the source with most to show.
func (b builder) funnelRows(s scope) []row {
	rows := where(b.rows["funnel"], "region_code", s.region, "outside", s.outside)
	for _, source := range []string{schemas.SourceBooking, schemas.SourceSurvey, schemas.SourceAct} {
		if own := where(rows, "source", source); slices.ContainsFunc(own, func(r row) bool { return r.number("value") != nil }) {
			return own
		}
	}
	return nil
}

func (b builder) funnelParts(rows []row) []part {
	stock := &table{File: "funnel", Title: say("段階ごとの人数（最後の基準月）", "Persons by level, latest reference month"),
		Columns: []heading{textual("段階", "Level"), numeric("見えた人（人）", "Persons seen"), graphic("図", "Chart")}}
	flow := &table{File: "funnel-years", Title: say("年度の間の移り変わり（見えた人）", "Between fiscal years, persons seen"),
		Columns: []heading{textual("段階", "Level"), numeric("期首", "Opening"), numeric("流入", "Entries"), numeric("うち下の段階から", "of these from below"), numeric("流出", "Exits"), numeric("うち移住", "of these moved in"), numeric("期末", "Closing")}}
	var levels []figure
	for _, level := range ladder {
		levels = append(levels, levelFigure(rows, 0, schemas.FunnelClosing, level))
	}
	for i, g := range bars(levels...) {
		name := named(b.code("engagement", ladder[i]))
		stock.Rows = append(stock.Rows, []cell{name, valueOf(g.figure), graphicOf(g)})
		line := []cell{name}
		for _, statistic := range []string{schemas.FunnelOpening, schemas.FunnelEntries, schemas.FunnelFromBelow, schemas.FunnelExits, schemas.FunnelMovedIn, schemas.FunnelClosing} {
			line = append(line, valueOf(levelFigure(rows, 12, statistic, ladder[i])))
		}
		flow.Rows = append(flow.Rows, line)
	}
	out := []part{{Title: stock.Title, Table: stock}}
	if slices.ContainsFunc(rows, func(r row) bool { return r.count("months") == 12 }) {
		out = append(out, part{Title: flow.Title, Table: flow})
	}
	return out
}

// levelFigure is a statistic of a level; without a row it has no status either.
func levelFigure(rows []row, months int, statistic, level string) figure {
	for _, r := range where(rows, "statistic", statistic, "engagement", level) {
		if r.count("months") == months {
			return figureOf(r, persons, "value", "", "", "")
		}
	}
	return figure{unit: persons}
}

// relationTypes are the types in the land ministry's order.
var relationTypes = []string{schemas.RelationDirectContribution, schemas.RelationLocalWork, schemas.RelationTelework, schemas.RelationParticipation, schemas.RelationHobby}

// relationEstimators are the estimators of relation types, of those with as much to show the one to show first.
var relationEstimators = []string{"survey_calibrated", "survey_direct", "onsite_scaled", "composite", "thinned", "observed"}

// relationTable is how those counted are related, by the estimator with most to show.
func (b builder) relationTable(s scope) *table {
	rows := b.of("relations", s)
	var best []row
	for _, source := range []string{schemas.SourceSurvey, schemas.SourceBooking, schemas.SourceCombined} {
		for _, estimator := range relationEstimators {
			own := where(rows, "source", source, "estimator", estimator)
			if shown(own) > shown(best) {
				best = own
			}
		}
	}
	if len(best) == 0 {
		return nil
	}
	slices.SortStableFunc(best, func(x, y row) int {
		return cmp.Compare(slices.Index(relationTypes, x.text("relation_type")), slices.Index(relationTypes, y.text("relation_type")))
	})
	t := &table{File: "relations", Title: fill(say("関わりの種類（%s）", "Relation type (%s)"), b.code("estimator", best[0].text("estimator"))),
		Columns: slices.Concat([]heading{textual("種類", "Type")}, chartHeads("人数", "Persons"))}
	var figures []figure
	for _, r := range best {
		figures = append(figures, estimateOf(r, persons))
	}
	for i, g := range bars(figures...) {
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.code("relation_type", best[i].text("relation_type")))}, chartCells(g)))
	}
	return t
}

func shown(rows []row) int {
	n := 0
	for _, r := range rows {
		if r.number("value") != nil {
			n++
		}
	}
	return n
}

func (b builder) conversion(s scope) section {
	out := section{ID: "conversion", Title: say("移住へのつながり", "From contact to moving there"), Text: []schemas.Text{
		say("関わりを続ける人のうち、決まった期間のうちに移り住む人の割合です。移住した人からさかのぼる方法と、関わり始めた人を追う方法があります。関わりが移住をもたらしたことを示すものではありません。",
			"The share of those who keep up contact who move there within a time: told backwards from those who moved, and forwards from those who began. It does not show that contact made them move.")}}
	rows := where(b.rows["conversion"], "region_code", s.region)
	if len(rows) == 0 {
		out.Text = append(out.Text, say("この公表には、移住についての値がありません。移住した人の記録が届いていません。", "This release has no figures of moves: no records of people who moved were delivered."))
		return out
	}
	for _, estimand := range []string{schemas.Retrospective, schemas.Prospective} {
		if own := where(rows, "estimand", estimand); len(own) > 0 {
			t := b.conversionTable(estimand, own)
			out.Parts = append(out.Parts, part{Title: t.Title, Table: t, Folded: shown(own) == 0})
		}
	}
	for _, t := range []*table{b.partsTable(s), b.timesTable(s)} {
		if len(t.Rows) > 0 {
			out.Parts = append(out.Parts, part{Title: t.Title, Table: t, Folded: true})
		}
	}
	if p, ok := b.curvePart(s); ok {
		out.Parts = append(out.Parts, p)
	} else {
		out.Text = append(out.Text, say("移住までの経過の曲線はありません。追った人か移住の記録が少なく、値を出せないためです。", "There is no curve over time: too few people were followed, or too few moves recorded."))
	}
	return out
}

// conversionTable has the figures of an estimand, those to read first above.
func (b builder) conversionTable(estimand string, rows []row) *table {
	title := say("移住した人からさかのぼった割合", "Told backwards from those who moved")
	if estimand == schemas.Prospective {
		title = say("関わり始めた人を追った割合", "Followed forwards from those who began contact")
	}
	t := &table{File: "conversion-" + estimand, Title: title,
		Columns: slices.Concat([]heading{textual("推定方法", "Estimator"), numeric("期間（月）", "Within (months)")}, chartHeads("割合（%）", "Share (%)"), []heading{textual("信頼度", "Grade")})}
	order := append(slices.Clone(conversionEstimators), "aalen_johansen_survey", "turnbull_survey", "weibull_survey", "related_before_move_panel", "without_last_half_year", "all_in_migrants")
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(missing(x), missing(y)), cmp.Compare(x.count("horizon_months"), y.count("horizon_months")),
			cmp.Compare(slices.Index(order, x.text("estimator")), slices.Index(order, y.text("estimator"))))
	})
	var figures []figure
	for _, r := range rows {
		figures = append(figures, figureOf(r, percent, "value", "ci_low", "ci_high", "reliability"))
	}
	for i, g := range bars(figures...) {
		r := rows[i]
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.code("estimator", r.text("estimator"))), count(r.number("horizon_months"))}, chartCells(g), []cell{b.gradeCell(g.figure)}))
	}
	return t
}

// partsTable has conversion by prefecture lived in before, and by age.
func (b builder) partsTable(s scope) *table {
	t := &table{File: "conversion-parts", Title: say("移住前の居住地別・年齢別の割合（12か月以内）", "By prefecture lived in before, and by age, within 12 months"),
		Columns: slices.Concat([]heading{textual("居住地・年齢", "Prefecture or age"), textual("推定方法", "Estimator")}, chartHeads("割合（%）", "Share (%)"), []heading{textual("信頼度", "Grade")})}
	rows := where(b.rows["parts"], "region_code", s.region)
	var figures []figure
	for _, r := range rows {
		figures = append(figures, figureOf(r, percent, "value", "ci_low", "ci_high", "reliability"))
	}
	for i, g := range bars(figures...) {
		of := b.region(rows[i].text("origin_code"))
		if age := rows[i].text("age_class"); age != schemas.All {
			of = fill(say("%s歳", "Aged %s"), same(strings.Replace(age, "-", "–", 1)))
		}
		t.Rows = append(t.Rows, slices.Concat([]cell{named(of), words(b.code("estimator", rows[i].text("estimator")))}, chartCells(g), []cell{b.gradeCell(g.figure)}))
	}
	return t
}

// movedBy says of which share of the movers the months are.
var movedBy = map[string]schemas.Text{schemas.MonthsQuarter: say("四分の一", "A quarter"), schemas.MonthsHalf: say("半数", "Half"), schemas.MonthsThreeQuarters: say("四分の三", "Three quarters")}

// timesTable has the months that those who move in within three years take.
func (b builder) timesTable(s scope) *table {
	t := &table{File: "conversion-times", Title: say("3年以内に移り住む人が、移り住むまでの月数", "Months until those who move there within three years have"),
		Columns: slices.Concat([]heading{textual("移り住んだ人", "Have moved"), textual("推定方法", "Estimator")}, intervalHeads("月数", "Months"))}
	for _, r := range where(b.rows["times"], "region_code", s.region) {
		t.Rows = append(t.Rows, slices.Concat([]cell{named(movedBy[r.text("statistic")]), words(b.code("estimator", r.text("estimator")))}, intervalCells(estimateOf(r, index))))
	}
	return t
}

// curveEstimators are the estimators of curves, the one to show first.
var curveEstimators = []string{"aalen_johansen_corrected", "aalen_johansen_detected"}

// curvePart is the curve of moving there by months since contact began, with its band.
func (b builder) curvePart(s scope) (part, bool) {
	rows := where(b.rows["curves"], "region_code", s.region, "end_code", schemas.EndMigrated)
	for _, estimator := range curveEstimators {
		own := where(rows, "estimator", estimator)
		if len(own) > 0 {
			own = where(own, "definition", own[0].text("definition"), "outside", own[0].text("outside"))
		}
		if shown(own) > 1 {
			return b.curve(own), true
		}
	}
	return part{}, false
}

func (b builder) curve(rows []row) part {
	name := b.code("estimator", rows[0].text("estimator"))
	t := &table{File: "curve", Title: say("関わり始めてからの月数と、移り住んだ割合", "Months since contact began, and the share that moved there"),
		Columns: append([]heading{numeric("月", "Months")}, intervalHeads("割合（%）", "Share (%)")...)}
	last := max(1, rows[len(rows)-1].count("months"))
	nobody := 0.0
	points := []point{{0, figure{value: &nobody, low: &nobody, high: &nobody, unit: percent}}} // at the beginning nobody has moved
	ticks := []tick{{At: at(0), Label: same("0"), End: "start"}}
	for i, r := range rows {
		f := estimateOf(r, percent)
		x := float64(r.count("months")) / float64(last)
		points = append(points, point{x, f})
		t.Rows = append(t.Rows, append([]cell{count(r.number("months"))}, intervalCells(f)...))
		if n := r.count("months"); n%12 == 0 {
			ticks = append(ticks, tick{At: at(x), Label: say(fmt.Sprintf("%dか月", n), fmt.Sprintf("%d months", n)), End: end(i, len(rows))})
			if n%24 == 0 && i < len(rows)-1 {
				ticks[len(ticks)-1].End = "minor" // there is no room for it on a telephone
			}
		}
	}
	p := plotOf(points, percent, name)
	p.XTicks = ticks
	note := fill(say("横軸は関わり始めてからの月数、縦軸は割合。帯は95%%区間。%s。", "Months since contact began across, share upwards; the band is the 95 %% interval. %s."), name)
	if shown(rows) < len(rows) {
		note = fill(say("%s線のない月は、秘匿か推定できない月。", "%s Where there is no line it is withheld or not estimable."), note)
	}
	return part{Title: t.Title, Note: note, Plot: &p, Table: t, Folded: true}
}

func (b builder) targets(s scope) section {
	out := section{ID: "targets", Title: say("目標と値", "Targets and figures")}
	var rows []row
	for _, r := range b.rows["targets"] {
		if code := r.text("region_code"); code == s.region || s.region != schemas.Nation && code[:2] == s.region[:2] {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		out.Text = []schemas.Text{say("目標は設定されていません。", "No targets are set.")}
		return out
	}
	out.Text = []schemas.Text{say("縦の太い線が目標です。確率は、基準月の数がすでに目標に達している確率で、将来の予測ではありません。", "The thick upright line is the target. The probability is that the number of the reference month has reached it already; it foretells nothing.")}
	t := &table{File: "targets", Title: say("目標の一覧", "List of targets"),
		Columns: slices.Concat([]heading{textual("目標", "Target"), numeric("目標値（人）", "Target (persons)")}, chartHeads("値（人）", "Figure (persons)"), []heading{
			numeric("目標比（%）", "Of the target (%)"), textual("達した確率（%）", "Probability met (%)"), textual("期日", "Due"), textual("地域", "Region"), textual("定義", "Definition"),
		})}
	for _, r := range rows {
		f, goal := estimateOf(r, persons), r.number("target_value")
		ratio := figureOf(r, unit{100, 0, "%", " %"}, "ratio", "", "", "")
		met := cell{}
		if p := r.number("probability_met"); p != nil {
			met.Text = same(likely(*p))
		}
		t.Rows = append(t.Rows, slices.Concat([]cell{named(same(r.text("target"))), count(goal)}, chartCells(goalBar(f, *goal)), []cell{
			valueOf(ratio), met, words(same(r.day("due_on").Format("2006-01-02"))), words(b.region(r.text("region_code"))), words(b.definitionTitle(r.text("definition"))),
		}))
	}
	out.Parts = []part{{Table: t}}
	return out
}

// listOf are codes separated by spaces, by name.
func (b builder) listOf(column, codes string) schemas.Text {
	var out []schemas.Text
	for _, c := range strings.Fields(codes) {
		out = append(out, b.code(column, c))
	}
	return joined(out)
}
