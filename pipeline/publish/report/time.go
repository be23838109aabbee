package report

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/present"
)

// trimmed is a round number as text.
func trimmed(x float64) string { return strconv.FormatFloat(present.Round(x, -6), 'f', -1, 64) }

func (b builder) trend(s scope) section {
	out := section{ID: "trend", Title: say("推移", "Over time"), Text: []schemas.Text{say("それぞれの点は、その月までの12か月についての値です。となり合う月は11か月を共有するので、毎月の小さな動きを読み取らないでください。",
		"Each point speaks of the 12 months to its month. Neighbouring months share eleven of them: do not read small movements.")}}
	rows := b.trendRows(s)
	if len(rows) < 2 {
		out.Text = []schemas.Text{say("この公表には一つの基準月しかないか、値を示せる月がありません。", "This release has one reference month alone, or none that can be shown.")}
		return out
	}
	var points []point
	t := &table{File: "trend", Title: out.Title, Columns: append([]heading{textual("基準月", "Month")}, intervalHeads("人数", "Persons")...)}
	for i, r := range rows {
		f := figureOf(r, persons, "value", "ci_low", "ci_high", "reliability")
		points = append(points, point{float64(i) / float64(len(rows)-1), f})
		t.Rows = append(t.Rows, append([]cell{named(same(r.day("reference_month").Format("2006-01")))}, intervalCells(f)...))
	}
	p := plotOf(points, persons, b.kindOf(rows[0]))
	p.XTicks = monthTicks(rows)
	out.Parts = []part{{Title: b.kindOf(rows[0]), Plot: &p, Table: t, Folded: true}}
	return out
}

// plotOf is a chart of one line.
func plotOf(points []point, u unit, name schemas.Text) plot {
	figures := make([]figure, len(points))
	for i, p := range points {
		figures[i] = p.f
	}
	var p plot
	var end float64
	p.YTicks, end = yTicks(most(figures...), u)
	p.Lines = []line{lineOf(name, "l0", points, end, len(points) <= 12)}
	return p
}

// kindOf says what the figures of a row are.
func (b builder) kindOf(r row) schemas.Text {
	if r.text("estimator") == "observed" {
		return say("見えた人の数（下限）", "Persons seen: a lower bound")
	}
	if r.text("source") == schemas.SourceCombined {
		return say("推定値と95%区間", "Estimate and 95 % interval")
	}
	return b.code("estimator", r.text("estimator"))
}

// trendRows are the estimates by month, or the persons seen by the source of the
// first screen where fewer than two months have an estimate.
func (b builder) trendRows(s scope) []row {
	var estimates, seen []row
	source := b.seenBy(s)
	for _, r := range b.of("trend", s) {
		switch {
		case !r.is("seen"):
			estimates = append(estimates, r)
		case r.text("source") == source:
			seen = append(seen, r)
		}
	}
	for _, rows := range [][]row{monthly(estimates), monthly(seen)} {
		shown := 0
		for _, r := range rows {
			if r.number("value") != nil {
				shown++
			}
		}
		if shown > 1 {
			return rows
		}
	}
	return nil
}

// monthly are rows by month, one to a month: one with a value, where there is one.
func monthly(rows []row) []row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y row) int {
		return cmp.Or(x.day("reference_month").Compare(y.day("reference_month")), cmp.Compare(missing(x), missing(y)))
	})
	return slices.CompactFunc(rows, func(x, y row) bool { return x.day("reference_month").Equal(y.day("reference_month")) })
}

func missing(r row) int {
	if r.number("value") == nil {
		return 1
	}
	return 0
}

// monthTicks label up to five months, the last among them.
func monthTicks(rows []row) []tick {
	n := len(rows)
	stride := max(1, (n+2)/4)
	var out []tick
	for i := n - 1; i >= 0; i -= stride {
		t := tick{At: at(float64(i) / float64(n-1)), Label: shortMonth(rows[i].day("reference_month")), End: end(i, n)}
		if len(out)%2 == 1 {
			t.End += " minor" // there is no room for it on a telephone
		}
		out = append(out, t)
	}
	slices.Reverse(out)
	return out
}

// end says at which end of an axis the i-th of n marks is.
func end(i, n int) string {
	switch i {
	case 0:
		return "start"
	case n - 1:
		return "end"
	}
	return ""
}

func shortMonth(d time.Time) schemas.Text {
	return say(monthName(d).JA, d.Format("Jan 2006"))
}

func (b builder) season(s scope) section {
	out := section{ID: "season", Title: say("季節", "Season")}
	rows := b.behaviourRows(s, "month_index")
	byMonth := map[int]figure{}
	for _, r := range rows {
		byMonth[r.count("month_of_year")] = estimateOf(r, index)
	}
	if len(shownOf(byMonth)) == 0 {
		out.Text = []schemas.Text{say("月ごとの値はありません。", "There are no figures by month.")}
	} else {
		out.Text = []schemas.Text{say("届いたデータに見えた人の来訪日数を月の日数で割り、12か月の平均を100とした指数です。100より高い月は、ふだんより多く来ています。",
			"Visit days of the persons seen per day of the month, the mean month being 100. Above 100 more come than usual.")}
		out.Parts = []part{seasonPart(byMonth)}
	}
	if t := b.behaviourTable(s); t != nil {
		out.Parts = append(out.Parts, part{Title: t.Title, Table: t})
	}
	return out
}

func shownOf(figures map[int]figure) []figure {
	var out []figure
	for m := 1; m <= 12; m++ {
		if figures[m].Shown() {
			out = append(out, figures[m])
		}
	}
	return out
}

func seasonPart(byMonth map[int]figure) part {
	var p plot
	var top float64
	p.YTicks, top = yTicks(most(shownOf(byMonth)...), index)
	p.Level = at(1 - 100/top)
	t := &table{File: "season", Title: say("月別指数", "Index by month"), Columns: []heading{textual("月", "Month"), numeric("指数（平均の月＝100）", "Index (mean month = 100)")}}
	for m := 1; m <= 12; m++ {
		f := byMonth[m]
		name := say(strconv.Itoa(m)+"月", time.Month(m).String()[:3])
		p.XTicks = append(p.XTicks, tick{At: at((float64(m) - 0.5) / 12), Label: same(strconv.Itoa(m))})
		t.Rows = append(t.Rows, []cell{named(name), valueOf(f)})
		if f.Shown() {
			h := *f.value / top
			class := "b0"
			if *f.value > 100 {
				class = "b1"
			}
			p.Columns = append(p.Columns, column{X: at((float64(m) - 0.86) / 12), Y: at(1 - h), Width: at(0.72 / 12), Height: at(h), Class: class})
		}
	}
	return part{Title: t.Title, Plot: &p, Table: t, Folded: true, Note: say("横軸は月、破線は平均の月（100）", "Months; the dashed line is the mean month (100)")}
}

// behaviourRows are the rows of a statistic of those whom the panel speaks of, or
// of everybody seen where there are none of those.
func (b builder) behaviourRows(s scope, statistic string) []row {
	for _, definition := range []string{s.definition, ""} {
		rows := where(b.rows["behaviour"], "region_code", s.region, "outside", s.outside, "definition", definition, "statistic", statistic)
		for _, source := range []string{schemas.SourceBooking, schemas.SourceSurvey} {
			if own := where(rows, "source", source); slices.ContainsFunc(own, func(r row) bool { return r.number("value") != nil }) {
				return own
			}
		}
	}
	return nil
}

// statistics are those of the table of how people visit, with their units.
var statistics = []struct {
	name string
	unit unit
}{
	{"repeat_rate", percent}, {"trip_interval_median", days}, {"length_of_stay_mean", days}, {"alive_share", percent}, {"gap_median_alive", days}, {"multiplicity", unit{1, 2, "", ""}},
	{"share_1_visit_or_less", percent}, {"share_2_to_7_visits", percent}, {"share_8_visits_or_more", percent},
}

func (b builder) behaviourTable(s scope) *table {
	t := &table{File: "behaviour", Title: say("来訪のしかた", "How people visit"), Columns: append([]heading{textual("統計量", "Statistic"), textual("だれについて", "Of whom")}, intervalHeads("値", "Value")...)}
	t.Columns = append(t.Columns, textual("単位", "Unit"))
	for _, st := range statistics {
		for _, r := range b.behaviourRows(s, st.name) {
			whom := say("見えた人すべて", "everybody seen")
			if d := r.text("definition"); d != "" {
				whom = b.definitionTitle(d)
			}
			cells := append([]cell{named(b.code("statistic", st.name)), words(whom)}, intervalCells(estimateOf(r, st.unit))...)
			t.Rows = append(t.Rows, append(cells, words(unitName(st.unit))))
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

func unitName(u unit) schemas.Text {
	switch u {
	case percent:
		return same("%")
	case days:
		return say("日", "days")
	}
	return schemas.Text{}
}
