package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/present"
)

// chart is a map whose regions are coloured by class.
type chart struct {
	Box string
	// BuiltIn says that its shapes are the prefectures that the page has once.
	BuiltIn bool
	Shapes  []shape
	Legend  []key
}

// shape is a region on a map; without a path it is a prefecture of the built-in map.
type shape struct {
	Code, Path, Class string
	Title             schemas.Text
}

// key is a line of the legend.
type key struct {
	Class string
	Label schemas.Text
}

// classes is how many classes a map has at the most.
const classes = 5

// area is a region of a panel with its figures.
type area struct {
	code              string
	name              schemas.Text
	estimate, seen    figure
	perTenThousand    figure
	growth            figure
	estimated, landed bool // whether there are rows
}

// best is the estimate where there is a row of one, else the persons seen.
func (a area) best() figure {
	if a.estimated {
		return a.estimate
	}
	return a.seen
}

// areasOf are the municipalities of a prefecture, or the prefectures of the
// nation, with the most people first.
func (b builder) areasOf(s scope) []area {
	found := map[string]*area{}
	for _, r := range where(b.rows["headlines"], "definition", s.definition, "outside", s.outside) {
		code := r.text("region_code")
		if !within(code, r.text("region_level"), s.region) {
			continue
		}
		if found[code] == nil {
			growth, _ := b.growth(scope{code, s.definition, s.outside})
			found[code] = &area{code: code, name: b.region(code), growth: growth}
		}
		found[code].add(r, b.perResidents(r))
	}
	out := []area{}
	for _, a := range found {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(x, y area) int {
		return cmp.Or(cmp.Compare(rank(y.best()), rank(x.best())), cmp.Compare(rank(y.seen), rank(x.seen)), strings.Compare(x.code, y.code))
	})
	return out
}

func (a *area) add(r row, per figure) {
	f := figureOf(r, persons, "value", "ci_low", "ci_high", "reliability")
	if r.is("seen") {
		a.seen, a.landed = f, true
		if a.estimated {
			return
		}
	} else {
		a.estimate, a.estimated = f, true
	}
	a.perTenThousand = per
}

// within says whether a region is a part of the one that a panel speaks of.
func within(code, level, region string) bool {
	if region == schemas.Nation {
		return level == schemas.LevelPrefecture
	}
	return level == schemas.LevelMunicipality && code[:2] == region[:2]
}

// rank orders figures, those that are not shown last.
func rank(f figure) float64 {
	if !f.Shown() {
		return -1
	}
	return *f.value
}

func (b builder) areas(s scope) section {
	out := section{ID: "areas", Title: say("市町村ごとの人数", "Municipalities")}
	if s.region == schemas.Nation {
		out.Title = say("都道府県ごとの人数", "Prefectures")
	}
	all := b.areasOf(s)
	if len(all) == 0 {
		out.Text = []schemas.Text{say("この公表には、より小さい地域の値がありません。", "This release has no figures of smaller regions.")}
		return out
	}
	out.Text = []schemas.Text{say("人数は足し合わせられません。二つの市町村に通う人は、どちらにも数えられているからです。線は95%区間です。区間が重なる地域どうしの順位は決められません。",
		"Persons do not add up: who keeps up contact with two places is counted in both. Lines are 95 % intervals; where they overlap, the order is open.")}
	if m, note, ok := b.areaMap(s, all); ok {
		out.Parts = append(out.Parts, part{Title: say("地図", "Map"), Map: &m, Note: note})
	}
	out.Parts = append(out.Parts, part{Table: b.areaTable(all), Note: statusNote(all)})
	return out
}

// statusNote says how many areas have no figure and why, in words.
func statusNote(all []area) schemas.Text {
	withheld, none := 0, 0
	for _, a := range all {
		switch f := a.best(); {
		case f.conf == schemas.Withheld:
			withheld++
		case !f.Shown():
			none++
		}
	}
	if withheld+none == 0 {
		return schemas.Text{}
	}
	return fill(say("%[1]s地域のうち、秘匿は%[2]s、推定できないのは%[3]s。推定できないのは、予約の届く施設がないか、調査の回答が足りない地域です。どちらも0人という意味ではありません。",
		"Of %[1]s regions, withheld: %[2]s; not estimable, for want of houses that deliver or of answers: %[3]s. Neither means that there is nobody."), number(len(all)), number(withheld), number(none))
}

func (b builder) areaTable(all []area) *table {
	t := &table{File: "areas", Title: say("推定値と区間、見えた人、増減", "Estimates with intervals, persons seen, change"), Long: len(all) > 12,
		Columns: slices.Concat([]heading{textual("地域", "Region")}, chartHeads("推定値（人）", "Estimate (persons)"), []heading{
			textual("信頼度", "Grade"), numeric("住民1万人当たり", "Per 10,000 residents"), numeric("見えた人", "Persons seen"), numeric("1年の増減（%）", "Change in a year (%)"), textual("コード", "Code"),
		})}
	figures := make([]figure, len(all))
	for i, a := range all {
		figures[i] = a.best()
	}
	for i, g := range bars(figures...) {
		a := all[i]
		t.Rows = append(t.Rows, []cell{named(a.name), valueOf(a.estimate), graphicOf(g), lowOf(a.estimate), highOf(a.estimate),
			b.gradeCell(a.estimate), valueOf(a.perTenThousand), valueOf(a.seen), b.growthCell(a.growth), words(same(a.code))})
	}
	return t
}

// gradeCell is the class of an interval, with a sign where it is weak.
func (b builder) gradeCell(f figure) cell {
	c := cell{Text: same(f.Grade())}
	if f.Weak() {
		c.Text = say("U（参考）", "U (caution)")
	}
	return c
}

// growthCell is empty where nothing is compared.
func (b builder) growthCell(f figure) cell {
	if f.obs == "" {
		return cell{}
	}
	c := valueOf(f)
	if f.Shown() {
		c.Text = same(f.Signed())
	}
	return c
}

// areaMap colours the areas by persons per 10,000 residents, or by persons where
// residents are not known.
func (b builder) areaMap(s scope, all []area) (chart, schemas.Text, bool) {
	figures, title := map[string]figure{}, say("住民1万人当たりの人数", "Persons per 10,000 residents")
	known := slices.ContainsFunc(all, func(a area) bool { return a.perTenThousand.Shown() })
	for _, a := range all {
		figures[a.code] = a.best()
		if known && a.best().Shown() {
			figures[a.code] = a.perTenThousand
		}
	}
	if !known {
		title = say("人数", "Persons")
	}
	if s.region == schemas.Nation {
		return b.coloured(japanBox, builtIn(), figures), title, true
	}
	drawn, ok := b.report.Map.draw(b.municipalities(s.region))
	if !ok {
		return chart{}, schemas.Text{}, false
	}
	if len(drawn.Outside) > 0 {
		var far []schemas.Text
		for _, code := range drawn.Outside {
			far = append(far, b.region(code))
		}
		title = fill(say("%s。離れているため地図にない地域：%s", "%s. Too far off for the map: %s"), title, joined(far))
	}
	return b.coloured(drawn.Box, drawn.Outlines, figures), title, true
}

// municipalities are the codes of a prefecture's shapes.
func (b builder) municipalities(prefecture string) []string {
	var out []string
	if b.report.Map == nil {
		return nil
	}
	for code := range b.report.Map.shapes {
		if code[:2] == prefecture[:2] && code != prefecture {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// builtIn are the prefectures of the built-in map, whose paths the page has once.
func builtIn() []outline {
	out := prefectureOutlines()
	for i := range out {
		out[i].Path = ""
	}
	return out
}

// coloured is a map of these outlines by these figures.
func (b builder) coloured(box string, outlines []outline, figures map[string]figure) chart {
	c := chart{Box: box, BuiltIn: box == japanBox}
	var values []float64
	for _, o := range outlines {
		if f := figures[o.Code]; f.Shown() {
			values = append(values, f.rounded())
		}
	}
	breaks := present.Breaks(values, classes)
	used := map[string]bool{}
	for _, o := range outlines {
		f, there := figures[o.Code]
		class := "blank"
		switch {
		case f.Shown():
			class = fmt.Sprint("c", present.Class(f.rounded(), breaks))
		case there:
			class = f.Mark()
		}
		used[class] = true
		c.Shapes = append(c.Shapes, shape{o.Code, o.Path, class, b.shapeTitle(o.Code, f, there)})
	}
	c.Legend = legend(breaks, used)
	return c
}

// shapeTitle is what a map says of a region under the pointer.
func (b builder) shapeTitle(code string, f figure, there bool) schemas.Text {
	name := b.region(code)
	switch {
	case !there:
		return say(name.JA, name.EN)
	case f.Shown():
		return say(name.JA+" "+f.Print(), name.EN+" "+f.Print())
	}
	return say(name.JA+" "+f.Why().JA, name.EN+" "+f.Why().EN)
}

func legend(breaks []float64, used map[string]bool) []key {
	var out []key
	for i, from := range breaks {
		least := grouped(trimmed(from))
		label := say(least+"以上", least+" or more")
		if i+1 < len(breaks) {
			next := grouped(trimmed(breaks[i+1]))
			label = say(least+"〜"+next+"未満", least+" to under "+next)
		}
		out = append(out, key{fmt.Sprint("c", i), label})
	}
	for _, k := range []key{
		{"withheld", say("秘匿", "withheld")}, {"none", say("推定できない", "not estimable")}, {"blank", say("値なし", "no figure")},
	} {
		if used[k.Class] {
			out = append(out, k)
		}
	}
	return out
}
