package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// dimensions are the thresholds that are varied, with what their number counts.
var dimensions = []struct {
	name  string
	title schemas.Text
}{
	{"trips", say("12か月の旅行回数（以上）", "Trips in 12 months, at least")},
	{"stay_days", say("12か月の滞在日数（以上）", "Days stayed in 12 months, at least")},
	{"gap_days", say("最初と最後の旅行の間の日数（以上）", "Days between the first and the last trip, at least")},
	{"window_months", say("数える期間の月数", "Months that are counted")},
}

func (b builder) definitions(s scope) section {
	out := section{ID: "definitions", Title: say("定義によってどう変わるか", "What the definition makes of it"), Text: []schemas.Text{
		say("何回来れば「関わり続けている」と言うかは決めごとです。決め方を変えると数も変わります。", "How often one must come to keep up contact is a convention. Another convention gives another number.")}}
	if t := b.otherDefinitions(s); t != nil {
		out.Parts = append(out.Parts, part{Title: t.Title, Table: t})
	}
	for _, d := range dimensions {
		if t := b.sensitivityTable(s, d.name, d.title); t != nil {
			out.Parts = append(out.Parts, part{Title: t.Title, Table: t})
		}
	}
	if t := b.overlapTable(s); t != nil {
		out.Parts = append(out.Parts, part{Title: t.Title, Table: t, Folded: true})
	}
	return out
}

// otherDefinitions are the figures of the region by each definition in force.
func (b builder) otherDefinitions(s scope) *table {
	t := &table{File: "definitions", Title: say("ほかの定義による値", "By each definition"),
		Columns: slices.Concat([]heading{textual("定義", "Definition")}, chartHeads("推定値（人）", "Estimate (persons)"), []heading{textual("信頼度", "Grade"), numeric("見えた人", "Persons seen")})}
	var estimates, seens []figure
	var names []string
	for _, id := range ids(where(b.rows["headlines"], "region_code", s.region, "outside", s.outside)) {
		estimate, seen := b.headline(scope{s.region, id, s.outside})
		estimates, seens, names = append(estimates, estimate), append(seens, seen), append(names, id)
	}
	if len(names) == 0 {
		return nil
	}
	for i, g := range bars(estimates...) {
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.definitionTitle(names[i]))}, chartCells(g), []cell{b.gradeCell(g.figure), valueOf(seens[i])}))
	}
	return t
}

// sensitivityEstimators are the estimators under other thresholds, the one to show first.
var sensitivityEstimators = []string{"thinned", "thinned_joint", "observed"}

// sensitivityTable varies one threshold: the estimates where there are some,
// otherwise the persons seen.
func (b builder) sensitivityTable(s scope, dimension string, title schemas.Text) *table {
	rows := where(b.of("sensitivity", s), "dimension", dimension)
	var own []row
	for _, estimator := range sensitivityEstimators {
		if own = where(rows, "estimator", estimator); shown(own) > 0 {
			break
		}
	}
	if shown(own) == 0 {
		return nil
	}
	slices.SortStableFunc(own, func(x, y row) int { return cmp.Compare(x.count("threshold"), y.count("threshold")) })
	t := &table{File: "sensitivity-" + dimension, Title: fill(say("%[1]s — %[2]s", "%[1]s — %[2]s"), title, b.code("estimator", own[0].text("estimator"))),
		Columns: slices.Concat([]heading{numeric("閾値", "Threshold")}, chartHeads("人数", "Persons"), []heading{textual("この定義か", "This definition")})}
	var figures []figure
	for _, r := range own {
		figures = append(figures, estimateOf(r, persons))
	}
	for i, g := range bars(figures...) {
		mine := cell{}
		if own[i].is("own_threshold") {
			mine.Text = say("この定義", "this one")
		}
		first := count(own[i].number("threshold"))
		first.Head = true
		t.Rows = append(t.Rows, slices.Concat([]cell{first}, chartCells(g), []cell{mine}))
	}
	return t
}

func (b builder) overlapTable(s scope) *table {
	rows := where(b.rows["overlap"], "region_code", s.region, "outside", s.outside)
	if shown2(rows, "share") == 0 {
		return nil
	}
	t := &table{File: "overlap", Title: say("定義どうしの重なり（見えた人）", "Overlap of definitions, persons seen"), Long: len(rows) > 24,
		Columns: []heading{textual("定義", "Definition"), textual("もう一つの定義", "Other definition"), numeric("両方を満たす人", "Persons in both"),
			numeric("定義の人のうち（%）", "Of the definition (%)"), numeric("もう一つの定義の人のうち（%）", "Of the other (%)")}}
	for _, r := range rows {
		one, other := r.text("definition"), r.text("other_definition")
		back := where(rows, "definition", other, "other_definition", one)
		if one > other && len(back) > 0 {
			continue // it stands there already
		}
		of := cell{}
		if len(back) > 0 {
			of = valueOf(figureOf(back[0], percent, "share", "", "", ""))
		}
		t.Rows = append(t.Rows, []cell{named(b.definitionTitle(one)), words(b.definitionTitle(other)),
			valueOf(figureOf(r, persons, "persons_both", "", "", "")), valueOf(figureOf(r, percent, "share", "", "", "")), of})
	}
	return t
}

func shown2(rows []row, column string) int {
	n := 0
	for _, r := range rows {
		if r.number(column) != nil {
			n++
		}
	}
	return n
}

// trust is how sure the figure is: what each source says, what the error comes
// of, how much bookings see, and what the estimates rest on.
func (b builder) trust(s scope) section {
	out := section{ID: "trust", Title: say("どこまで確かか", "How sure it is"), Text: []schemas.Text{
		say("一つの数を、いくつかの出所から別々に推定しています。互いに近ければ確かめ合っており、離れていれば、どれかが偏っています。", "One number is estimated from several sources. Where they agree they confirm one another; where they do not, some are biased.")}}
	for i, t := range []*table{b.sourceTable(s), b.errorTable(s), b.coverageTable(s), b.assumptionTable(s), b.revisionTable(s)} {
		if t != nil {
			out.Parts = append(out.Parts, part{Title: t.Title, Table: t, Folded: i > 2})
		}
	}
	return out
}

// mostRevised is how many reference months the table of revisions has; the dataset has all.
const mostRevised = 12

// revisionTable has what the last publication that shows other figures said of the same months, and why they are others now.
func (b builder) revisionTable(s scope) *table {
	rows := b.revised(s)
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "revisions", Title: fill(say("前の公表（%s）から改定した値", "Revised since publication %s"), same(rows[0].text("publication"))),
		Columns: []heading{textual("基準月", "Month"), numeric("前の値（人）", "Before (persons)"), numeric("今の値（人）", "Now (persons)"), textual("理由", "Why")}}
	for _, r := range rows[:min(len(rows), mostRevised)] {
		was := figureOf(r, persons, "previous_value", "previous_ci_low", "previous_ci_high", "")
		is := was // rounded alike, so that both can be compared
		is.value = r.number("value")
		t.Rows = append(t.Rows, []cell{named(same(r.day("reference_month").Format("2006-01"))), valueOf(was), valueOf(is), words(b.code("revision_reason", r.text("revision_reason")))})
	}
	return t
}

func (b builder) sourceTable(s scope) *table {
	rows := b.of("sources", s)
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "sources", Title: say("出所ごとの値", "What each source says"),
		Columns: slices.Concat([]heading{textual("推定方法", "Estimator")}, chartHeads("人数", "Persons"), []heading{textual("信頼度", "Grade"), textual("出所", "Source")})}
	var figures []figure
	for _, r := range rows {
		figures = append(figures, figureOf(r, persons, "value", "ci_low", "ci_high", "reliability"))
	}
	for i, g := range bars(figures...) {
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.code("estimator", rows[i].text("estimator")))}, chartCells(g), []cell{b.gradeCell(g.figure), words(b.code("source", rows[i].text("source")))}))
	}
	return t
}

// causes are the causes of an error, as the columns of error_budget.
var causes = []struct {
	name  string
	title schemas.Text
}{
	{schemas.CauseSampling, say("標本（%）", "Sampling (%)")},
	{schemas.CauseDetection, say("見える確率（%）", "Detection (%)")},
	{schemas.CauseLinkage, say("名寄せ（%）", "Linkage (%)")},
	{schemas.CauseModel, say("モデル（%）", "Model (%)")},
	{schemas.CauseClassification, say("分類（%）", "Classification (%)")},
}

func (b builder) errorTable(s scope) *table {
	rows := b.of("errors", s)
	if shown2(rows, "cv") == 0 {
		return nil
	}
	whole := unit{100, 0, "%", " %"}
	t := &table{File: "errors", Title: say("誤差は何から来るか（分散の割合）", "What the error comes of: shares of the variance"),
		Columns: []heading{textual("推定方法", "Estimator"), numeric("変動係数（%）", "CV (%)")}}
	for _, c := range causes {
		t.Columns = append(t.Columns, heading{Title: c.title, Numeric: true})
	}
	for _, r := range rows {
		line := []cell{named(b.code("estimator", r.text("estimator"))), valueOf(figureOf(r, percent, "cv", "", "", ""))}
		for _, c := range causes {
			line = append(line, valueOf(figureOf(r, whole, c.name, "", "", "")))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (b builder) coverageTable(s scope) *table {
	rows := slices.Concat(
		where(b.rows["coverage"], "region_code", s.region, "outside", s.outside, "definition", ""),
		where(b.rows["coverage"], "region_code", s.region, "outside", s.outside, "definition", s.definition))
	if shown2(rows, "coverage") == 0 {
		return nil
	}
	t := &table{File: "coverage", Title: say("予約は来訪のどれだけを写すか", "How much of the visits bookings show"),
		Columns: slices.Concat([]heading{textual("段階", "Step")}, chartHeads("割合（%）", "Share (%)"), []heading{textual("根拠", "Told by")})}
	for _, r := range rows {
		f := figureOf(r, percent, "coverage", "ci_low", "ci_high", "")
		t.Rows = append(t.Rows, slices.Concat([]cell{named(b.code("step", r.text("step")))}, chartCells(barOf(f, 100)), []cell{words(b.code("basis", r.text("basis")))}))
	}
	return t
}

func (b builder) assumptionTable(s scope) *table {
	rows := b.of("assumptions", s)
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "assumptions", Title: say("推定の前提と、データがそれを裏付けるか", "What the estimates rest on, and whether the data bear it out"),
		Columns: []heading{textual("前提", "Assumption"), textual("状態", "Status"), textual("根拠", "Told by")}}
	for _, r := range rows {
		c := words(b.code("status", r.text("status")))
		if r.text("status") == schemas.StatusViolated || r.text("status") == schemas.StatusUnknown {
			c.Class = "alert"
		}
		t.Rows = append(t.Rows, []cell{named(b.code("assumption", r.text("assumption"))), c, words(b.code("basis", r.text("basis")))})
	}
	return t
}

// missing is what the data miss, of the whole release.
func (b builder) missing() section {
	out := section{ID: "missing", Title: say("データに写らないもの", "What the data miss"), Text: []schemas.Text{
		say("予約は、日帰りの人、親族や友人の家に泊まる人、予約の届かない施設に泊まる人、代表者が予約した同行者を写しません。推定値は、それらをアンケートと公的統計で補ったものです。",
			"Bookings show neither day trips, nor nights with kin or friends, nor houses that deliver none, nor those who travel with whoever booked. Estimates make up for them from surveys and official statistics."),
		say("インターネットモニターの調査は無作為標本ではありません。現地の調査は、よく来る人ほど出会いやすいことを補正しています。", "A web panel is no random sample. Surveys on the spot meet those who come often more often; this is corrected."),
		say("どの出所にも共通する偏りは見えず、区間にも入っていません。公的統計の来訪者数は、その誤差の範囲で正しいものとしています。", "A bias that all sources share is not seen, and in no interval. Official visitors are taken as right within their stated error."),
		b.thresholdText(),
		say("これは公的統計ではありません。", "These are no official statistics."),
	}}
	if cut := b.cutOff(); cut.EN != "" {
		out.Text = append(out.Text, cut)
	}
	for i, t := range []*table{b.staysTable(), b.inputTable(), b.withheldTable()} {
		if t != nil {
			out.Parts = append(out.Parts, part{Title: t.Title, Table: t, Folded: i > 0})
		}
	}
	return out
}

// thresholdText is the rule of disclosure control as a sentence of its own.
func (b builder) thresholdText() schemas.Text {
	t := b.thresholds()
	return fill(say("秘匿について：%s「秘匿」は値がないことを意味しません。", "Withholding: %s Withheld does not mean none."), t)
}

// cutOff names the sources with files that end within a row and were accepted all the same, as a sentence.
func (b builder) cutOff() schemas.Text {
	var sources []string
	for _, r := range b.rows["inputs"] {
		if n := r.number("cut_off"); n != nil && *n > 0 {
			sources = append(sources, r.text("source"))
		}
	}
	if len(sources) == 0 {
		return schemas.Text{}
	}
	return fill(say("行の途中で終わっているファイルを受け入れました（%s）。その後に何行あったかは分からず、数字には入っていません。",
		"Files that end within a row were accepted (%s): how many rows came after it is not known, and no figure has them."), same(strings.Join(sources, ", ")))
}

func (b builder) staysTable() *table {
	rows := b.rows["stays"]
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "stays", Title: say("人や居住地の分からない滞在", "Stays that tell no person or no residence"), Columns: []heading{textual("項目", "What"), numeric("件数", "Number")}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []cell{named(b.code("indicator", r.text("indicator"))), count(r.number("value"))})
	}
	return t
}

func (b builder) inputTable() *table {
	rows := b.rows["inputs"]
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "inputs", Title: say("届いたデータ", "What was delivered"), Long: len(rows) > 12,
		Columns: []heading{textual("入力", "Source"), numeric("ファイル", "Files"), numeric("届いた行", "Rows in"), numeric("受け入れた行", "Rows landed"), numeric("拒否した行", "Rows rejected")}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []cell{named(same(r.text("source"))), count(r.number("files")), count(r.number("rows_in")), count(r.number("rows_landed")), count(r.number("rows_rejected"))})
	}
	return t
}

func (b builder) withheldTable() *table {
	rows := b.rows["withheld"]
	if len(rows) == 0 {
		return nil
	}
	t := &table{File: "withheld", Title: say("表ごとの行数と秘匿した行数", "Rows of each table, and those withheld"), Long: len(rows) > 12,
		Columns: []heading{textual("表", "Table"), textual("名称", "Name"), numeric("行数", "Rows"), numeric("秘匿", "Withheld")}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []cell{named(schemas.Title(r.text("dataset"))), words(same(r.text("dataset"))), count(r.number("cells")), count(r.number("withheld"))})
	}
	return t
}

// words explains the terms of the page and the definitions in force.
func (b builder) words() section {
	out := section{ID: "words", Title: say("ことばと定義", "Terms and definitions"), Text: []schemas.Text{
		say("95%区間：同じ調べ方を20回くり返すと、19回は区間が正しい数を含む、という幅です。数は、区間が支える桁に丸めています。",
			"95 % interval: were it all done again twenty times, the interval would hold the true number nineteen times. Numbers are rounded to the digits that the interval supports."),
		say("信頼度：A は区間が狭く、B は中くらい、C は広く、U は区間がないか信頼度が低いことを示します。", "Grade: A has a narrow interval, B a medium, C a wide one; U has none, or is of low reliability."),
		say("見えた人：届いた予約などに実際に現れた人の数です。推定ではなく、必ず実際の数より少なくなります。", "Persons seen: those who actually appear in the data delivered. It is no estimate, and less than the true number."),
		say("丸めていない値は、同じリリースの tables.xlsx、kankei.duckdb、parquet/ にあります。", "Numbers without rounding are in tables.xlsx, kankei.duckdb and parquet/ of the same release."),
	}}
	t := &table{File: "definition-rules", Title: say("使った定義", "Definitions in force"), Columns: []heading{textual("定義", "Definition"), textual("規則", "Rule"), textual("準拠", "Follows"), textual("使える出所", "Sources that see it"), textual("ID", "Id")}}
	for _, r := range b.rows["definitions"] {
		id := r.text("definition")
		t.Rows = append(t.Rows, []cell{named(b.definitionTitle(id)), words(b.definitionRule(id)), words(schemas.Text{JA: r.text("follows_ja"), EN: r.text("follows")}), words(b.listOf("source", r.text("sources"))), words(same(id + " " + r.text("version")))})
	}
	if len(t.Rows) > 0 {
		out.Parts = []part{{Title: t.Title, Table: t}}
	}
	return out
}

// credits are whom parts of the page come from.
func (b builder) credits() []schemas.Text {
	out := []schemas.Text{say("都道府県の地図：Victor Cazanave「Japan」（@svg-maps/japan）、CC BY 4.0、座標を丸めた。", "Map of prefectures: “Japan” by Victor Cazanave (@svg-maps/japan), CC BY 4.0, coordinates rounded.")}
	if m := b.report.Map; m != nil && m.Credit != "" {
		out = append(out, fill(say("市町村の地図：%s", "Map of municipalities: %s"), same(m.Credit)))
	}
	return out
}

// Summary says in one line what the page is of, for its title.
func (p page) Summary() schemas.Text {
	if len(p.Panels) == 1 {
		return fill(say("%[1]sの関係人口 %[2]s", "Relational population of %[1]s, %[2]s"), p.Panels[0].Name, p.Month)
	}
	return fill(say("関係人口 %s", "Relational population, %s"), p.Month)
}
