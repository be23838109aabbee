package acceptance

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// Twelve municipalities with 19 persons who come twice a year, and chance alike in both groups the year before.
// In the year in which six of them begin a programme, three of these have 39 and three 79, of the others three
// 19 and three 39: with one more person each, ln 2 and ln 4 beside 0 and ln 2, so that the programme makes ln 2.
func TestWhatAProgrammeOfMunicipalitiesDoesIsTold(t *testing.T) {
	slow(t)
	codes := strings.Fields("30201 30202 30203 30204 30205 30206 30207 30208 30209 30304 30341 30343")
	p := newProject(t, `project: begun
key: {file: secrets/kankei.key, create: true}
sources:
  - {name: houses, kind: booking, mapping: temairazu, files: exports/houses.csv}
  - {name: facilities, kind: facility, mapping: facility, files: exports/facilities.csv}
definitions: [repeat-visits]
regions: ["30000"]
programmes: [{name: workation, regions: ["`+strings.Join(codes[:6], `", "`)+`"], since: "2024-10"}]
reference_months: 25
`)
	facilities, bookings, guest := "施設名,市町村コード\n", "予約サイト名,予約番号,予約日時,予約区分,チェックイン日,泊数,住所,電話番号,施設名\n", 0
	for i, code := range codes {
		facilities += fmt.Sprintf("宿%s,%s\n", code, code)
		after := []int{39, 39, 39, 79, 79, 79, 19, 19, 19, 39, 39, 39}[i]
		for years, persons := range []int{19 + i%3, 19, after} {
			year := 2022 + years
			for range persons {
				guest++
				for trip, day := range []string{"04-01", "09-10"} {
					bookings += fmt.Sprintf("自社サイト,B%d-%d,%d-03-01 09:00:00,予約,%d-%s,1,大阪府大阪市北区梅田1,090-%04d-%04d,宿%s\n", guest, trip, year, year, day, guest/10000, guest%10000, code)
				}
			}
		}
	}
	p.write(t, "exports/facilities.csv", facilities)
	p.write(t, "exports/houses.csv", bookings)
	p.must(t, "run", "--as-of", "2025-03-31")
	told := map[string]figure{}
	for _, row := range figures(t, p, `SELECT statistic, value, coalesce(ci_low, value), coalesce(ci_high, value), label FROM programme_contrast
		WHERE design = 'regions' AND programme = 'workation' AND region_code = '30000' AND obs_status = 'E'`) {
		told[row.name] = row
	}
	att, trend, found := told["att"], told["pre_trend_p"], told["att_p"]
	if math.Abs(att.value-math.Ln2) > 1e-9 || att.low <= 0 || att.high <= att.value || att.label != "effect" {
		t.Errorf("the programme: %+v, want ln 2 above 0, an effect", att)
	}
	if trend.value < 0.99 {
		t.Errorf("before: %+v, want p = 1: both groups have the same", trend)
	}
	if found.value <= 0 || found.value > 0.05 {
		t.Errorf("p of one programme among one: %+v", found)
	}
	if shown := p.published(t, `SELECT count(*) FROM programme_contrast WHERE design = 'regions' AND value IS NOT NULL AND conf_status = 'F'`); shown[0][0] != "3" {
		t.Errorf("%s rows are shown, want 3", shown[0][0])
	}
}
