package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kankei/kankei/schemas"
)

// page is what the template shows.
type page struct {
	Report
	Month   schemas.Text // the latest reference month
	Since   schemas.Text // the first of its 12 months
	Panels  []panel
	Japan   []outline
	Missing section
	Words   section
	Credits []schemas.Text
}

// panel is what the page says of the nation or of a prefecture.
type panel struct {
	Code string
	// Later panels are hidden until they are asked for.
	Later    bool
	Name     schemas.Text
	Head     head
	Sections []section
}

// section is a heading with sentences, charts and tables.
type section struct {
	ID    string
	Title schemas.Text
	Text  []schemas.Text
	Parts []part
}

// part is a chart or a table of a section, or why there is none.
type part struct {
	Title schemas.Text
	Note  schemas.Text
	Plot  *plot
	Map   *chart
	Table *table
	// Folded hides the table until it is asked for: what a chart shows in numbers,
	// or what only analysts want.
	Folded bool
	// Beside puts the table beside the map, where there is room.
	Beside bool
}

// table is a table that a script lets readers sort, filter and download.
type table struct {
	// File is the name of the download, unique on the page.
	File    string
	Title   schemas.Text
	Columns []heading
	Rows    [][]cell
	// Long tables can be filtered.
	Long bool
}

// heading is the head of a column; a column of graphics is in no download.
type heading struct {
	Title            schemas.Text
	Numeric, Graphic bool
}

// cell is a text, a number or a graphic.
type cell struct {
	Text  schemas.Text
	Plain string // the number without groups and with a hyphen for its sign, as sorting and downloads have it
	Class string
	Bar   *bar
	Head  bool // names the row
}

// compact leaves out columns of intervals that no row has.
func (t *table) compact() {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		empty := func(line []cell) bool { return line[i].Text == (schemas.Text{}) && line[i].Bar == nil }
		if t.Columns[i].Numeric && !slices.ContainsFunc(t.Rows, func(line []cell) bool { return !empty(line) }) {
			t.Columns = slices.Delete(t.Columns, i, i+1)
			for k := range t.Rows {
				t.Rows[k] = slices.Delete(t.Rows[k], i, i+1)
			}
		}
	}
}

func say(ja, en string) schemas.Text { return schemas.Text{JA: ja, EN: en} }

// fill puts names and numbers into a sentence, in each language its own.
func fill(t schemas.Text, args ...schemas.Text) schemas.Text {
	ja, en := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		ja[i], en[i] = a.JA, a.EN
	}
	return schemas.Text{JA: fmt.Sprintf(t.JA, ja...), EN: fmt.Sprintf(t.EN, en...)}
}

// same is a text that is the same in both languages.
func same(text string) schemas.Text { return schemas.Text{JA: text, EN: text} }

func numeric(ja, en string) heading { return heading{Title: say(ja, en), Numeric: true} }
func textual(ja, en string) heading { return heading{Title: say(ja, en)} }
func graphic(ja, en string) heading { return heading{Title: say(ja, en), Graphic: true} }

func named(t schemas.Text) cell { return cell{Text: t, Head: true} }
func words(t schemas.Text) cell { return cell{Text: t} }

// count is a whole number that was counted.
func count(x *float64) cell {
	f := figure{value: x, unit: persons}
	return cell{Text: same(f.Print()), Plain: f.Plain()}
}

// valueOf is the cell of a figure, or why it has none.
func valueOf(f figure) cell {
	if !f.Shown() {
		return cell{Text: f.Why(), Class: "why"}
	}
	return cell{Text: same(f.Print()), Plain: f.Plain()}
}

func lowOf(f figure) cell {
	if !f.Banded() {
		return cell{}
	}
	return cell{Text: same(f.PrintLow()), Plain: f.Low()}
}

func highOf(f figure) cell {
	if !f.Banded() {
		return cell{}
	}
	return cell{Text: same(f.PrintHigh()), Plain: f.High()}
}

func graphicOf(b bar) cell { return cell{Bar: &b} }

// chartHeads and chartCells are a figure, its bar, and the ends of its interval.
func chartHeads(ja, en string) []heading {
	return slices.Insert(intervalHeads(ja, en), 1, graphic("図", "Chart"))
}

func chartCells(b bar) []cell { return slices.Insert(intervalCells(b.figure), 1, graphicOf(b)) }

// intervalHeads are the columns of a figure with its interval.
func intervalHeads(ja, en string) []heading {
	return []heading{numeric(ja, en), numeric("95%区間 下限", "95 % low"), numeric("95%区間 上限", "95 % high")}
}

func intervalCells(f figure) []cell { return []cell{valueOf(f), lowOf(f), highOf(f)} }

// monthName is a month in words.
func monthName(d time.Time) schemas.Text {
	if d.IsZero() {
		return say("—", "—")
	}
	return say(fmt.Sprintf("%d年%d月", d.Year(), d.Month()), d.Format("January 2006"))
}

// dayName is a day in words.
func dayName(d time.Time) schemas.Text {
	return say(fmt.Sprintf("%d年%d月%d日", d.Year(), d.Month(), d.Day()), d.Format("2 January 2006"))
}

// page makes the page of the rows of a release.
func (r Report) page(d data) page {
	cities := map[string]string{}
	for _, ward := range d.rows["wards"] {
		cities[ward.text("region_code")] = ward.text("parent_code")
	}
	r.Map = r.Map.in(cities)
	b := builder{data: d, report: r, month: latest(d.rows["headlines"]), outlines: prefectureOutlines()}
	p := page{Report: r, Month: monthName(b.month), Since: monthName(b.month.AddDate(0, -11, 1-b.month.Day())), Japan: b.outlines}
	for i, code := range b.panels() {
		p.Panels = append(p.Panels, b.panel(code))
		p.Panels[i].Later = i > 0
	}
	p.Missing, p.Words, p.Credits = b.missing(), b.words(), b.credits()
	return p
}

func latest(rows []row) time.Time {
	var last time.Time
	for _, r := range rows {
		if m := r.day("reference_month"); m.After(last) {
			last = m
		}
	}
	return last
}

// builder makes the parts of a page.
type builder struct {
	data
	report   Report
	month    time.Time
	outlines []outline
}

// panels are the nation, where it has figures, and the prefectures that have.
func (b builder) panels() []string {
	var out []string
	for _, r := range b.rows["headlines"] {
		if code := r.text("region_code"); r.text("region_level") != schemas.LevelMunicipality && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// scope is the region, the definition and the outside rule that a panel speaks of.
type scope struct {
	region, definition, outside string
}

// of are the rows of a query about a scope.
func (b builder) of(query string, s scope) []row {
	return where(b.rows[query], "region_code", s.region, "definition", s.definition, "outside", s.outside)
}

// scope is what a panel speaks of: people who live in another prefecture, where
// that is counted; by the definition that conversion is told by, else by
// repeat-visits, else the first, preferring one with an estimate, and then one by
// which somebody was seen.
func (b builder) scope(region string) scope {
	rows := where(b.rows["headlines"], "region_code", region)
	outside := schemas.OutsidePrefecture
	if len(where(rows, "outside", outside)) == 0 && len(rows) > 0 {
		outside = rows[0].text("outside")
	}
	rows = where(rows, "outside", outside)
	order := append(ids(where(b.rows["conversion"], "region_code", region)), "repeat-visits")
	order = append(order, ids(rows)...)
	for _, seen := range []bool{false, true} {
		for _, definition := range order {
			for _, r := range where(rows, "definition", definition) {
				if r.is("seen") == seen && r.number("value") != nil {
					return scope{region, definition, outside}
				}
			}
		}
	}
	for _, definition := range order {
		if len(where(rows, "definition", definition)) > 0 {
			return scope{region, definition, outside}
		}
	}
	return scope{region, "", outside}
}

// ids are the definitions of rows, each once.
func ids(rows []row) []string {
	var out []string
	for _, r := range rows {
		if d := r.text("definition"); !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

func (b builder) panel(code string) panel {
	s := b.scope(code)
	p := panel{Code: code, Name: b.region(code), Head: b.head(s)}
	for _, make := range []func(scope) section{
		b.areas, b.trend, b.origins, b.engaged, b.conversion, b.season, b.definitions, b.targets, b.trust,
	} {
		section := make(s)
		section.ID = "r" + code + "-" + section.ID
		for i := range section.Parts {
			if t := section.Parts[i].Table; t != nil {
				t.File = code + "-" + t.File
				t.compact()
			}
		}
		p.Sections = append(p.Sections, section)
	}
	return p
}

// headline is the estimate of a region, and the persons seen there.
func (b builder) headline(s scope) (estimate, seen figure) {
	for _, r := range b.of("headlines", s) {
		f := figureOf(r, persons, "value", "ci_low", "ci_high", "reliability")
		if r.is("seen") {
			seen = f
		} else {
			estimate = f
		}
	}
	return estimate, seen
}

// seenBy is the source that shows the persons seen of a region.
func (b builder) seenBy(s scope) string {
	for _, r := range b.of("headlines", s) {
		if r.is("seen") {
			return r.text("source")
		}
	}
	return ""
}

// outsideText is how people of an outside rule live.
func outsideText(outside string) schemas.Text {
	switch outside {
	case schemas.OutsidePrefecture:
		return say("県外に住みながら", "live in another prefecture and")
	case schemas.OutsideMunicipality:
		return say("ほかの市町村に住みながら", "live in another municipality and")
	}
	return say("日常生活圏の外に住みながら", "live outside the everyday area and")
}

// definitionTitle is the name of a definition.
func (b builder) definitionTitle(id string) schemas.Text {
	for _, r := range where(b.rows["definitions"], "definition", id) {
		return schemas.Text{JA: or(r.text("title_ja"), id), EN: or(r.text("title_en"), id)}
	}
	return same(id)
}

// definitionRule is its rule.
func (b builder) definitionRule(id string) schemas.Text {
	for _, r := range where(b.rows["definitions"], "definition", id) {
		en := or(r.text("rule"), id)
		return schemas.Text{JA: strings.TrimSpace(or(r.text("rule_ja"), en)), EN: strings.TrimSpace(en)}
	}
	return same(id)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// joined are texts in a row.
func joined(texts []schemas.Text) schemas.Text {
	var ja, en []string
	for _, t := range texts {
		ja, en = append(ja, t.JA), append(en, t.EN)
	}
	return schemas.Text{JA: strings.Join(ja, "、"), EN: strings.Join(en, ", ")}
}

func number(n int) schemas.Text { return same(grouped(strconv.Itoa(n))) }
