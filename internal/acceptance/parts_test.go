package acceptance

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

const namedMapping = `id: named
version: "1"
kind: survey
title: {ja: 地域を挙げる調査, en: A survey that names a region}
detect: [id, day]
records:
  - dataset: survey_response
    fields:
      answered_on: {column: day, required: true}
      response_id: id
      age: age
      design_weight: w
      residence.prefecture: home
      residence.municipality: town
  - dataset: survey_tie
    when: {column: visits}
    fields:
      answered_on: day
      response_id: id
      region.prefecture: {const: 和歌山県}
      region.municipality: {const: 白浜町}
      visits_per_year: {column: visits, recall: 12_months}
      residence.prefecture: home
      residence.municipality: town
`

// namedProject has the exports of [TestWhoMovesInIsToldByOriginAndAge].
func namedProject(t *testing.T) project {
	t.Helper()
	p := newProject(t, `project: parts
key: {file: secrets/kankei.key, create: true}
sources:
  - {name: first, kind: survey, mapping: named.yaml, files: exports/first.csv, survey: {sampling: probability}}
  - {name: second, kind: survey, mapping: named.yaml, files: exports/second.csv, survey: {sampling: probability}}
  - {name: counter, kind: move, mapping: move, files: exports/counter.csv}
  - {name: in-migrants, kind: total, mapping: in-migrants, files: exports/in_migrants.csv}
definitions: [repeat-visits]
regions: ["30000"]
reference_months: 13
`)
	const header = "id,day,age,w,home,town,visits\n"
	first, second := header, header
	answer := func(wave *string, id int, day string, age int, home, visits string) {
		*wave += fmt.Sprintf("%d,%s,%d,100,%s,%s\n", id, day, age, home, visits)
	}
	for id := range 100 {
		age, home, visits := 40, "大阪府,大阪市", "3"
		switch {
		case id >= 60:
			age, home, visits = 70, "東京都,千代田区", ""
		case id >= 40:
			age, home = 50, "東京都,千代田区"
		}
		answer(&first, id, "2023-09-15", age, home, visits)
		if id < 12 {
			home, visits = "和歌山県,白浜町", ""
		}
		answer(&second, id, "2024-09-15", age, home, visits)
	}
	counter := "転入日,整理番号,転入先コード,転入前の関わり,関わりの開始年月,前住所都道府県,前住所市区町村,生まれ年\n"
	for i := range 48 {
		home, born := "大阪府,大阪市", 1984
		if i >= 24 {
			home, born = "東京都,千代田区", 1974
		}
		counter += fmt.Sprintf("2024-%02d-15,M%d,30401,%s,%s,%d\n", 1+i%9, i, []string{"はい,2020-05", "いいえ,"}[i%2], home, born)
	}
	for name, text := range map[string]string{"named.yaml": namedMapping, "exports/first.csv": first, "exports/second.csv": second, "exports/counter.csv": counter,
		"exports/in_migrants.csv": "転入先コード,年,前住地コード,年齢,転入者数\n30401,2023,27000,30-44,1000\n30401,2023,13000,45-54,600\n30401,2024,27000,30-44,1000\n30401,2024,13000,45-54,500\n30401,2024,13000,55-59,100\n"} {
		p.write(t, name, text)
	}
	return p
}

// Sixty members of a panel, each standing for 100, name Shirahama: forty in Osaka, aged 40, and twenty in
// Tokyo, aged 50. A year later twelve from Osaka live there, and the others still name it: 0.2 ± √(0.2 · 0.8/60)
// have moved, and 28 of 48 of the related live in Osaka. Of 24 from either who answer at the counter twelve
// were related; 1,000 moved in from Osaka, all of the class 30-44, and 600 from Tokyo. Over everybody's 800 the
// rate of Osaka is 500/(28/48), that of Tokyo, and of 45-59, 300/(20/48).
func TestWhoMovesInIsToldByOriginAndAge(t *testing.T) {
	slow(t)
	p := namedProject(t)
	p.must(t, "run", "--as-of", "2024-09-30")
	rate := map[string]float64{}
	for _, row := range figures(t, p, `SELECT origin_code || ' ' || age_class, -ln(1 - value), ci_low, ci_high, '' FROM migration_conversion
		WHERE estimator = 'related_before_move' AND region_code = '30401' AND value IS NOT NULL`) {
		rate[row.name] = row.value
	}
	for part, want := range map[string]float64{"27000 all": 500 / (28. / 48), "13000 all": 300 / (20. / 48), "all 30-44": 500 / (28. / 48), "all 45-59": 300 / (20. / 48)} {
		if got := rate[part] / rate["all all"] * 800; math.Abs(got/want-1) > 1e-9 {
			t.Errorf("%s: %v of everybody's 800, want %v", part, got, want)
		}
	}
	survey := figures(t, p, `SELECT estimator, value, std_error, ci_high, '' FROM migration_conversion WHERE estimator LIKE '%_survey' AND region_code = '30401' AND horizon_months = 12 AND value IS NOT NULL ORDER BY 1`)
	for i, off := range []float64{1e-12, 1e-6} { // Aalen and Johansen's, Turnbull's; one wave tells no law of Weibull's
		if got, want := survey[i], math.Sqrt(0.2*0.8/60); math.Abs(got.value-0.2) > off || math.Abs(got.low-want) > 10*off {
			t.Errorf("of the panel %v ± %v, want 0.2 ± %v", got, got.low, want)
		}
	}
	// All twelve who moved in had named the place, as if everybody who moves in had been related.
	backwards := figures(t, p, `SELECT estimator, value, ci_low, ci_high, '' FROM migration_conversion WHERE estimator IN ('all_in_migrants', 'related_before_move_panel') AND region_code = '30401' AND origin_code = 'all' AND age_class = 'all' AND value IS NOT NULL ORDER BY 1`)
	if len(backwards) != 2 || math.Abs(backwards[0].value-backwards[1].value) > 1e-12 {
		t.Errorf("told by the panel %v, want as of all in-migrants", backwards)
	}
	var reasons []string
	for _, row := range p.published(t, `SELECT DISTINCT reason FROM migration_conversion WHERE region_code = '30401' AND (obs_status = 'M') ORDER BY 1`) {
		reasons = append(reasons, row[0])
	}
	if got := strings.Join(reasons, " "); got != "between_waves few_at_risk follow_up_short no_population no_records no_registered" {
		t.Errorf("reasons why there is no figure: %s", got)
	}
}
