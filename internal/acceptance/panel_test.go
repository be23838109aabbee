package acceptance

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// The land ministry's survey of 2023 (published 2025-06-27): respondents, adult
// population, and the visiting relational population in millions, by type and by
// visit days of the year. The shares of a type or class are of the visiting
// population; what the published types leave is work in the region, whose figure
// is not published.
const (
	ministryRespondents = 118_963
	ministryAdults      = 102_750_000
	ministryVisiting    = 18_840_000
)

var ministryTypes = []struct {
	relation, purpose string
	persons           float64
}{
	{"hobby", "趣味・消費", 7_110_000},
	{"participation", "参加・交流", 4_850_000},
	{"direct_contribution", "直接寄与", 4_370_000},
	{"telework", "テレワーク", 1_450_000},
	{"local_work", "現地就労", 1_060_000},
}

var ministryVisits = []struct {
	statistic, answer string
	share             float64
}{
	{"share_1_visit_or_less", "年1回程度", 0.20},
	{"share_2_to_7_visits", "年2〜3回", 0.49},
	{"share_8_visits_or_more", "月1回程度", 0.31},
}

// panelClasses are sexes and ages with their adults; the totals are made up, and
// add up to the ministry's.
var panelClasses = []struct {
	sex, label, age string
	years           int
	adults          float64
}{
	{"male", "男性", "18-39", 30, 14_000_000}, {"male", "男性", "40-64", 52, 21_000_000}, {"male", "男性", "65+", 72, 14_750_000},
	{"female", "女性", "18-39", 28, 13_400_000}, {"female", "女性", "40-64", 50, 20_700_000}, {"female", "女性", "65+", 75, 18_900_000},
}

// A panel laid out with the published shares gives the published figures, with
// intervals: weights, calibration, the definition and all its classes are then
// what the ministry's are.
func TestPanelPrintsTheMinistrysFigures(t *testing.T) {
	slow(t)
	p := newProject(t, `project: ministry
key: {file: secrets/kankei.key, create: true}
sources:
  - name: panel
    kind: survey
    mapping: web-panel
    files: exports/panel.csv
    survey: {sampling: web_panel, margins: [sex_age, prefecture], method: raking}
  - {name: residents, kind: total, mapping: residents-classes, files: exports/residents.csv}
definitions: [mlit-visiting]
reference_months: 1
`)
	panel, residents := ministryPanel(t)
	p.write(t, "exports/panel.csv", panel)
	p.write(t, "exports/residents.csv", residents)
	p.must(t, "run", "--as-of", "2023-10-31")

	const figure = `SELECT value, ci_low, ci_high FROM relational_population WHERE definition = 'mlit-visiting' AND source = 'survey'
		AND estimator = 'survey_calibrated' AND measure = 'persons_any_municipality' AND outside = 'municipality'
		AND region_code = '00000' AND origin_code = 'all' AND engagement = 'all' AND relation_type = `
	millions := func(name, sql string, want float64) {
		t.Helper()
		got := numbers(t, p.published(t, sql))
		t.Logf("%-24s published %6.2f M, estimated %6.2f M (%.2f to %.2f)", name, want/1e6, got[0]/1e6, got[1]/1e6, got[2]/1e6)
		if math.Round(got[0]/1e4) != math.Round(want/1e4) {
			t.Errorf("%s: %.2f M, published %.2f M", name, got[0]/1e6, want/1e6)
		}
		if !(got[1] < got[0] && got[0] < got[2]) || got[2]-got[1] > 0.2*got[0] {
			t.Errorf("%s: %.0f has the interval %.0f to %.0f", name, got[0], got[1], got[2])
		}
	}
	millions("all", figure+"'all'", ministryVisiting)
	for _, r := range ministryTypes {
		millions(r.relation, figure+"'"+r.relation+"'", r.persons)
	}
	for _, v := range ministryVisits {
		got := numbers(t, p.published(t, `SELECT value, ci_low, ci_high FROM visit_behaviour WHERE source = 'survey' AND definition = 'mlit-visiting'
			AND region_code = '00000' AND outside = 'municipality' AND statistic = '`+v.statistic+`'`))
		t.Logf("%-24s published %4.0f %%, estimated %.1f %% (%.1f to %.1f)", v.statistic, 100*v.share, 100*got[0], 100*got[1], 100*got[2])
		if math.Round(100*got[0]) != math.Round(100*v.share) || !(got[1] < got[0] && got[0] < got[2]) {
			t.Errorf("%s: %.3f, published %.2f", v.statistic, got[0], v.share)
		}
	}
	// The margins are met: the weights of the respondents add up to the adults.
	if got := p.internal(t, `SELECT count(*) FROM relational_population WHERE source = 'survey' AND methodology_version <> 'survey-model-based-1' AND estimator <> 'observed'`); got[0][0] != "0" {
		t.Errorf("%s rows of a web panel do not say that their intervals are model-based", got[0][0])
	}
}

func numbers(t *testing.T, table [][]string) []float64 {
	t.Helper()
	if len(table) != 1 {
		t.Fatalf("%d rows, want 1: %v", len(table), table)
	}
	var values []float64
	for _, text := range table[0] {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%v: %v", table, err)
		}
		values = append(values, v)
	}
	return values
}

// ministryPanel makes the files: respondents in proportion to the classes, spread
// over 47 prefectures; of them the published share is visiting, in the published
// types and classes. Shares are laid out evenly, not drawn.
func ministryPanel(t *testing.T) (panel, residents string) {
	t.Helper()
	regions := reference.Load()
	var towns, prefectures []schemas.Region // the first municipality of each prefecture
	for _, r := range regions.Regions() {
		if r.RegionLevel == schemas.LevelPrefecture {
			towns, prefectures = append(towns, regions.Municipalities(r.RegionCode, r.ValidFrom.AddMonths(12*60))[0]), append(prefectures, r)
		}
	}
	if len(towns) != 47 {
		t.Fatalf("%d prefectures", len(towns))
	}
	var b strings.Builder
	b.WriteString("回答ID,回答日,性別,年齢,居住都道府県,居住市区町村,層,設計ウェイト,回答状況,地域1 都道府県,地域1 市区町村,地域1 訪問頻度,地域1 目的,地域1 定期的・継続的な関わり\n")
	adults := make([][]float64, 47)
	n, visitors := 0, 0
	for c, class := range panelClasses {
		size := int(math.Round(ministryRespondents * class.adults / ministryAdults))
		if c == len(panelClasses)-1 {
			size = ministryRespondents - n
		}
		for range size {
			home := n % 47
			adults[home] = append(adults[home], 0)
			fmt.Fprintf(&b, "%d,2023-10-%02d,%s,%d,%s,%s,%s,864,回答,", n, n%20+1, class.label, class.years, prefectures[home].Name, towns[home].Name, class.label)
			n++
			if int(float64(n)*ministryVisiting/ministryAdults) == visitors {
				b.WriteString(",,,,\n")
				continue
			}
			to := (home + 1 + visitors%46) % 47
			fmt.Fprintf(&b, "%s,%s,%s,%s,はい\n", prefectures[to].Name, towns[to].Name,
				ministryVisits[evenly(visitors, math.Sqrt2, []float64{0.20, 0.49, 0.31})].answer, ministryTypes[evenly(visitors, math.Phi, typeShares())].purpose)
			visitors++
		}
	}
	var r strings.Builder
	r.WriteString("地域コード,時点,性別,年齢階級,人口\n")
	for home, p := range prefectures {
		for _, class := range panelClasses {
			// Prefectures have adults in proportion to their respondents.
			fmt.Fprintf(&r, "%s,2020-10-01,%s,%s,%.6f\n", p.RegionCode, class.label, class.age, class.adults*float64(len(adults[home]))/ministryRespondents)
		}
	}
	return b.String(), r.String()
}

func typeShares() []float64 {
	var shares []float64
	for _, r := range ministryTypes {
		shares = append(shares, r.persons/ministryVisiting)
	}
	return shares
}

// evenly gives the class of number i of a sequence that fills shares as evenly
// as can be: multiples of an irrational number, modulo 1.
func evenly(i int, irrational float64, shares []float64) int {
	u := math.Mod(float64(i)*irrational, 1)
	for c, share := range shares {
		if u -= share; u < 0 {
			return c
		}
	}
	return len(shares) - 1
}
