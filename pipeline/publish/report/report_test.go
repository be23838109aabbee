package report_test

import (
	"database/sql"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

var repeatVisits = []schemas.Definition{{
	Definition: "repeat-visits", Version: "1", TitleJA: "くり返し訪れる人", TitleEN: "Repeat visits", Follows: "this test", FollowsJA: "この試験",
	Rule: "At least 2 trips in 12 months.", RuleJA: "12か月に2回以上訪れた人。", Unit: "trip", Sources: "booking survey", TargetPopulation: "residents of Japan",
}}

// tiny is a release whose numbers a reader can round by hand: a prefecture with
// an estimate, one municipality with another, one withheld, one not estimable.
func tiny(t testing.TB) []publish.Table {
	p := func(region, level, month, source, estimator string, value, low, high float64) disclose.Counted[schemas.RelationalPopulation] {
		return disclose.Counted[schemas.RelationalPopulation]{Row: population(t, region, level, month, source, estimator, value, low, high), Persons: int64(value), Facilities: 5}
	}
	lost := p("30206", schemas.LevelMunicipality, "2025-09-30", schemas.SourceCombined, "composite", 1, 0, 0)
	lost.Row.Value, lost.Row.ObsStatus = nil, schemas.NotEstimable
	rows := []disclose.Counted[schemas.RelationalPopulation]{
		p("30000", schemas.LevelPrefecture, "2025-09-30", schemas.SourceCombined, "composite", 1234, 1010, 1498),
		p("30000", schemas.LevelPrefecture, "2025-08-31", schemas.SourceCombined, "composite", 1187, 1003, 1466),
		p("30000", schemas.LevelPrefecture, "2025-09-30", schemas.SourceBooking, "observed", 321, 0, 0),
		p("30401", schemas.LevelMunicipality, "2025-09-30", schemas.SourceCombined, "composite", 567, 433, 702),
		p("30201", schemas.LevelMunicipality, "2025-09-30", schemas.SourceCombined, "composite", 9.87654, 7, 13),
		lost,
	}
	change := schemas.Change{Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture,
		ReferenceMonth: day(t, "2025-09-30"), MonthsBefore: 12, Source: schemas.SourceCombined, Estimator: "composite", Earlier: ptr(1150.0), Later: ptr(1234.0),
		Growth: ptr(0.073), GrowthCILow: ptr(-0.041), GrowthCIHigh: ptr(0.187), ProbabilityIncrease: ptr(0.89), Reliability: "A", Observation: observation(schemas.Estimated)}
	target := schemas.TargetProgress{Target: "総合戦略", Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture,
		DueOn: day(t, "2031-03-31"), TargetValue: 2000, ReferenceMonth: day(t, "2025-09-30"), Source: schemas.SourceCombined, Estimator: "composite",
		Value: ptr(1234.0), CILow: ptr(1010.0), CIHigh: ptr(1498.0), Ratio: ptr(0.617), ProbabilityMet: ptr(0.0002), Observation: observation(schemas.Estimated)}
	was := []schemas.RelationalPopulation{population(t, "30000", schemas.LevelPrefecture, "2025-09-30", schemas.SourceCombined, "composite", 1090, 850, 1350)}
	conversion := schemas.MigrationConversion{Estimand: schemas.Retrospective, Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture,
		OriginCode: schemas.All, AgeClass: schemas.All, HorizonMonths: 12, Estimator: "related_at_start", Statistic: schemas.Probability, Value: ptr(0.0123), CILow: ptr(0.0081), CIHigh: ptr(0.0179), Reliability: "B", Observation: observation(schemas.Estimated)}
	young, half := conversion, conversion
	young.AgeClass, young.Value, young.CILow, young.CIHigh = "30-44", ptr(0.0345), ptr(0.0212), ptr(0.0561)
	half.Estimand, half.Estimator, half.Statistic, half.HorizonMonths, half.Value, half.CILow, half.CIHigh = schemas.Prospective, "aalen_johansen_corrected", schemas.MonthsHalf, 36, ptr(14.0), ptr(11.0), ptr(17.0)
	return []publish.Table{
		publish.TableOf("relational_population", disclose.Protect(rows, rule)),
		publish.TableOf("change", disclose.Protect([]disclose.Counted[schemas.Change]{{Row: change, Persons: 300, Facilities: 5}}, rule)),
		publish.TableOf("target_progress", disclose.Protect([]disclose.Counted[schemas.TargetProgress]{{Row: target, Persons: 300, Facilities: 5}}, rule)),
		publish.TableOf("migration_conversion", disclose.Protect([]disclose.Counted[schemas.MigrationConversion]{{Row: conversion, Persons: 300, Facilities: 5}, {Row: young, Persons: 300, Facilities: 5}, {Row: half, Persons: 300, Facilities: 5}}, rule)),
		publish.TableOf("revisions", disclose.Revisions(disclose.Protect(rows, rule), disclose.EarlierFigures{Publication: "2025-09-01-0123abcd", Rows: was, Reasons: []string{schemas.RevisionNewData}})),
		publish.TableOf("regions", disclose.Public([]schemas.Region{
			region(t, "30000", schemas.LevelPrefecture, "00000", "和歌山県", "Wakayama"), region(t, "30201", schemas.LevelMunicipality, "30000", "和歌山市", "Wakayama-shi"),
			region(t, "30206", schemas.LevelMunicipality, "30000", "田辺市", "Tanabe-shi"), region(t, "30401", schemas.LevelMunicipality, "30000", "白浜町", "Shirahama-cho")})),
	}
}

// body is the page without what is the same on every page.
func body(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<svg class="defs".*?</svg>|<meta http-equiv[^>]*>`).ReplaceAllString(page, "")
	return regexp.MustCompile(`2025-09-30-[0-9a-f]{8}`).ReplaceAllString(page, "RELEASE")
}

func TestPageOfATinyRelease(t *testing.T) {
	folder := written(t, nil, repeatVisits, tiny(t)...)
	page := pageOf(t, folder)
	if again := pageOf(t, written(t, nil, repeatVisits, tiny(t)...)); again != page {
		t.Error("the same release gives another page")
	}
	t.Run("golden", func(t *testing.T) { isGolden(t, body(page)) })
	t.Run("says", func(t *testing.T) { saysByHand(t, body(page)) })
	t.Run("says no more than the release", func(t *testing.T) { saysNoMore(t, page, folder) })
	t.Run("asks nobody", func(t *testing.T) { asksNobody(t, page) })
	t.Run("map of municipalities", func(t *testing.T) { drawsMunicipalities(t, folder) })
}

func isGolden(t *testing.T, got string) {
	golden := filepath.Join("testdata", "tiny.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("differs from %s: %s", golden, diff)
	}
}

// saysByHand holds the page against numbers rounded by hand.
func saysByHand(t *testing.T, got string) {
	// By hand: a quarter of 1498 − 1010 is 122, so hundreds; of 702 − 433 67, so tens;
	// of −4.1 % to 18.7 % 5.7, so whole percents; of 0.81 to 1.79 % 0.245, so tenths.
	for _, says := range []string{
		`<p class="big"><i lang=ja>約1,200人</i><i lang=en>about 1,200</i></p>`, "1,000〜1,500人", "1,000–1,500",
		`<td>430<td>700`, `<td>1,200<`,
		"<i lang=ja>+7%</i>", "−4〜+19%", "増えた確率は89%です", "目標（総合戦略）", "62%", "すでに達している確率は&lt;1%です", "約1.2%", "0.8〜1.8%",
		`<td class="why"><i lang=ja>秘匿</i><i lang=en>withheld</i>`, "推定できない", "10人未満か3施設未満", "公表不可",
		"前の公表では約1,100人（改定の理由：新しいデータ）", "In the last publication: about 1,100 (revised: New data)", `<th><i`, `<td>1,100<td>1,200<`,
	} {
		if !strings.Contains(got, says) {
			t.Errorf("the page does not say %s", says)
		}
	}
}

var (
	dataValue = regexp.MustCompile(`<t(?:d|h class="n")>([^<\s]+)\s*<`)
	headValue = regexp.MustCompile(`(?s)<p class="(?:big|interval|figure)">(.*?)</p>`)
	digits    = regexp.MustCompile(`[−+]?\d[\d,]*(?:\.\d+)?`)
)

// saysNoMore wants every number of the tables and of the first screen to be a number
// of the release's protected tables, rounded, and nothing withheld in any form.
func saysNoMore(t *testing.T, page, folder string) {
	var printed []string
	for _, m := range dataValue.FindAllStringSubmatch(page, -1) {
		printed = append(printed, m[1])
	}
	for _, m := range headValue.FindAllStringSubmatch(page, -1) {
		text := strings.NewReplacer("95%区間", "", "95\u00a0% interval", "").Replace(html.UnescapeString(m[1]))
		printed = append(printed, digits.FindAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " "), -1)...)
	}
	numbers := numbersOf(t, folder)
	if len(printed) < 30 {
		t.Errorf("%d numbers found: this test looks for the wrong thing", len(printed))
	}
	for _, p := range printed {
		if !slices.ContainsFunc(numbers, func(x float64) bool { return rounds(x, p) || rounds(100*x, p) }) {
			t.Errorf("%s is no number of the release", p)
		}
	}
	if strings.Contains(page, "9.87") {
		t.Error("a withheld figure is on the page")
	}
}

// rounds says whether a printed number is x to as many places as it could have
// been rounded to: half a unit of its last digit that is not 0.
func rounds(x float64, printed string) bool {
	plain := strings.NewReplacer("−", "-", "+", "", ",", "").Replace(printed)
	got, err := strconv.ParseFloat(plain, 64)
	if err != nil {
		return false
	}
	unit := 1.0
	if _, fraction, ok := strings.Cut(plain, "."); ok {
		unit = math.Pow10(-len(fraction))
	} else {
		for n := strings.TrimLeft(plain, "-"); strings.HasSuffix(n, "0") && len(n) > 1; n = n[:len(n)-1] {
			unit *= 10
		}
	}
	return math.Abs(got-x) <= unit/2*(1+1e-9)
}

// numbersOf are all numbers of the protected tables of a release.
func numbersOf(t *testing.T, folder string) []float64 {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(folder, "kankei.duckdb")+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out []float64
	for _, d := range schemas.Datasets() {
		for _, c := range d.Columns() {
			if d.Stage != schemas.Published || !slices.Contains([]string{"DOUBLE", "BIGINT", "INTEGER"}, c.DuckType) {
				continue
			}
			rows, err := db.Query(fmt.Sprintf("SELECT CAST(%q AS DOUBLE) FROM %q WHERE %q IS NOT NULL", c.Name, d.Name, c.Name))
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var x float64
				if err := rows.Scan(&x); err != nil {
					t.Fatal(err)
				}
				out = append(out, x)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			rows.Close()
		}
	}
	return out
}

// Names, targets and definitions come from configurations and exports: whatever
// they are, they are text on the page, and no formula in a download (which the
// browser's test looks at).
func TestHostileNames(t *testing.T) {
	const script, formula = `<script>window.hacked=1</script>`, `=cmd|' /C calc'!A0`
	tables := tiny(t)
	tables[5] = publish.TableOf("regions", disclose.Public([]schemas.Region{
		region(t, "30000", schemas.LevelPrefecture, "00000", `"><img src=x onerror=window.hacked=1>`, `</title><script>window.hacked=1</script>`),
		region(t, "30201", schemas.LevelMunicipality, "30000", script, script), region(t, "30206", schemas.LevelMunicipality, "30000", `@SUM(1+1)`, "-1+1"),
		region(t, "30401", schemas.LevelMunicipality, "30000", formula, formula)}))
	definitions := slices.Clone(repeatVisits)
	definitions[0].TitleJA, definitions[0].RuleJA, definitions[0].Rule = `</span><script>window.hacked=1</script>`, `' onmouseover=window.hacked=1 '`, `javascript:window.hacked=1`
	page := pageOf(t, written(t, nil, definitions, tables...))
	keep(t, "hostile.html", page)
	for _, raw := range []string{"<script>window", "<img", "</title><script"} {
		if strings.Contains(page, raw) {
			t.Errorf("%s is markup of the page", raw)
		}
	}
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if !strings.Contains(page, "&lt;script&gt;window.hacked=1&lt;/script&gt;") {
		t.Error("the name is lost")
	}
}

// A release without anything says so, and is a page all the same.
func TestPageOfNothing(t *testing.T) {
	page := pageOf(t, written(t, nil, nil))
	for _, says := range []string{"このリリースには関係人口の値がありません", "This release has no figures of relational population", "データに写らないもの"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %s", says)
		}
	}
}

// Where nothing is estimated the persons seen are of one source throughout, that which shows
// most of the prefecture: not of bookings here, of the survey in the town without houses, and
// of the activities, which tell nothing by this definition, over time.
func TestPersonsSeenAreOfOneSource(t *testing.T) {
	var rows []disclose.Counted[schemas.RelationalPopulation]
	add := func(region, level, month, source string, value float64) {
		row := population(t, region, level, month, source, "observed", value, 0, 0)
		if value == 0 {
			row.Value, row.ObsStatus = nil, schemas.NotEstimable
		}
		rows = append(rows, disclose.Counted[schemas.RelationalPopulation]{Row: row, Persons: int64(value), Facilities: 5})
	}
	for _, month := range []string{"2025-08-31", "2025-09-30"} {
		add("30000", schemas.LevelPrefecture, month, schemas.SourceAct, 0)
		add("30000", schemas.LevelPrefecture, month, schemas.SourceBooking, 195)
		add("30000", schemas.LevelPrefecture, month, schemas.SourceSurvey, 405)
	}
	add("30401", schemas.LevelMunicipality, "2025-09-30", schemas.SourceBooking, 131)
	add("30401", schemas.LevelMunicipality, "2025-09-30", schemas.SourceSurvey, 222)
	page := body(pageOf(t, written(t, nil, repeatVisits, publish.TableOf("relational_population", disclose.Protect(rows, rule)))))
	for _, says := range []string{"405", "222", "source: Survey", "届いたデータ（アンケート）に見えた人の数"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %s", says)
		}
	}
	if strings.Contains(page, ">131<") {
		t.Error("the page has a town's persons seen of another source")
	}
	if !strings.Contains(page, "Persons seen: a lower bound") {
		t.Error("no figures over time")
	}
}

// asksNobody wants a policy that lets nothing but the page's own style and script
// through, and no other address on it.
func asksNobody(t *testing.T, page string) {
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("no policy")
	}
	for _, asks := range []string{"http:", "https:", "//", "url(h", "@import", "src="} {
		if i := strings.Index(regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(page, ""), asks); i >= 0 {
			t.Errorf("%s: %.80s", asks, page[max(0, i-40):])
		}
	}
}

// drawsMunicipalities wants an own map to be drawn, and to change the id of the release.
func drawsMunicipalities(t *testing.T, without string) {
	shapes, err := report.ReadTopology(strings.NewReader(oneSquare("30401")), "code", "国土数値情報")
	if err != nil {
		t.Fatal(err)
	}
	with := written(t, shapes, repeatVisits, tiny(t)...)
	page := pageOf(t, with)
	if !strings.Contains(page, `<path class=c0 d="m`) || !strings.Contains(page, "白浜町 11 / Shirahama-cho 11") || !strings.Contains(page, "市町村の地図：国土数値情報") {
		t.Error("the map is not on the page")
	}
	if filepath.Base(with) == filepath.Base(without) {
		t.Error("both releases have one id")
	}
}

// oneSquare is a map of one region.
func oneSquare(code string) string {
	return `{"type":"Topology","arcs":[[[135,33],[136,33],[136,34],[135,34],[135,33]]],
"objects":{"m":{"type":"Polygon","arcs":[[0]],"properties":{"code":"` + code + `"}}}}`
}

// A map that has wards alone shows the figure of their city.
func TestMapOfWards(t *testing.T) {
	shapes, err := report.ReadTopology(strings.NewReader(oneSquare("14101")), "code", "")
	if err != nil {
		t.Fatal(err)
	}
	row := population(t, "14100", schemas.LevelMunicipality, "2025-09-30", schemas.SourceCombined, "composite", 567, 433, 702)
	whole := population(t, "14000", schemas.LevelPrefecture, "2025-09-30", schemas.SourceCombined, "composite", 1234, 1010, 1498)
	page := pageOf(t, written(t, shapes, repeatVisits,
		publish.TableOf("relational_population", disclose.Protect([]disclose.Counted[schemas.RelationalPopulation]{counted(row, 99), counted(whole, 99)}, rule)),
		publish.TableOf("regions", disclose.Public([]schemas.Region{
			region(t, "14000", schemas.LevelPrefecture, "00000", "神奈川県", "Kanagawa"), region(t, "14100", schemas.LevelMunicipality, "14000", "横浜市", "Yokohama-shi"),
			region(t, "14101", schemas.LevelWard, "14100", "鶴見区", "Tsurumi-ku")}))))
	if !strings.Contains(page, "横浜市 11 / Yokohama-shi 11") || strings.Contains(page, "鶴見区") {
		t.Error("the ward is not drawn as its city")
	}
}
