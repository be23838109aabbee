package acceptance

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// The ready project on the 42 monthly exports of a survey, at three as-of dates.
// Every number of this file is one of the known answers that come with the
// exports (real/README.md of the shared inputs).
func TestSurveyGivesTheKnownAnswers(t *testing.T) {
	slow(t)
	p := ready(t, "ftas", months(t, "000000", "999999")...)
	for _, year := range surveyYears {
		p.must(t, "run", "--as-of", year.asOf)
		checkFrequency(t, p, year)
		checkReadyDefinitions(t, p, year)
	}
	checkMunicipalities(t, p)
	checkFiles(t, p)
}

// A surveyYear is a window of 12 months and the persons counted in it who live
// outside Fukui.
type surveyYear struct {
	asOf string
	// days[n] are the persons with at least n distinct days in the prefecture.
	days map[int]int
	// daysNoKin and tripsNoKin leave out the rows that name friends or relatives; trips does not.
	daysNoKin, trips, tripsNoKin map[int]int
	// pairs and anyMunicipality are those with two days in one municipality.
	pairs, anyMunicipality int
}

var surveyYears = []surveyYear{
	{
		asOf: "2023-03-31",
		days: map[int]int{1: 7119, 2: 1092, 3: 268, 5: 41, 10: 8}, daysNoKin: map[int]int{1: 6740, 2: 1033, 3: 252},
		trips: map[int]int{1: 7119, 2: 523, 3: 125}, tripsNoKin: map[int]int{1: 6740, 2: 480, 3: 118},
		pairs: 473, anyMunicipality: 357,
	},
	{
		asOf: "2024-03-31",
		days: map[int]int{1: 10270, 2: 1421, 3: 454, 5: 99, 10: 15}, daysNoKin: map[int]int{1: 9667, 2: 1340, 3: 420},
		trips: map[int]int{1: 10270, 2: 828, 3: 283}, tripsNoKin: map[int]int{1: 9667, 2: 771, 3: 255},
		pairs: 748, anyMunicipality: 561,
	},
	{
		asOf: "2025-03-31",
		days: map[int]int{1: 13116, 2: 1766, 3: 510, 5: 136, 10: 23}, daysNoKin: map[int]int{1: 12451, 2: 1675, 3: 477},
		trips: map[int]int{1: 13116, 2: 982, 3: 276}, tripsNoKin: map[int]int{1: 12451, 2: 925, 3: 258},
		pairs: 993, anyMunicipality: 674,
	},
}

func checkFrequency(t *testing.T, p project, year surveyYear) {
	t.Helper()
	for least, want := range year.days {
		got := p.internal(t, fmt.Sprintf(`
			SELECT sum(persons) FROM visit_frequency
			WHERE region_code = '18000' AND outside = 'prefecture' AND origin_code = 'all'
			  AND reference_month = DATE '%s' AND visit_days >= %d`, year.asOf, least))
		expect(t, fmt.Sprintf("%s: persons with %d days or more", year.asOf, least), got, strconv.Itoa(want))
	}
}

func checkReadyDefinitions(t *testing.T, p project, year surveyYear) {
	t.Helper()
	for _, figure := range []struct {
		definition, measure string
		want                int
	}{
		{"repeat-visits", "persons", year.tripsNoKin[2]},
		{"repeat-visits-with-kin", "persons", year.trips[2]},
		{"two-days", "persons", year.days[2]},
		{"two-days", "pairs", year.pairs},
		{"two-days", "persons_any_municipality", year.anyMunicipality},
	} {
		checkFigure(t, p, figure.definition, figure.measure, year.asOf, figure.want)
	}
}

// checkFigure wants a figure of Fukui in relational_population.
func checkFigure(t *testing.T, p project, definition, measure, month string, want int) {
	t.Helper()
	got := p.internal(t, fmt.Sprintf(`
		SELECT CAST(value AS BIGINT) FROM relational_population
		WHERE definition = '%s' AND measure = '%s' AND reference_month = DATE '%s' AND region_code = '18000'
		  AND outside = 'prefecture' AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all'
		  AND source = 'survey' AND estimator = 'observed'`, definition, measure, month))
	expect(t, fmt.Sprintf("%s of %s at %s", measure, definition, month), got, strconv.Itoa(want))
}

// Persons from outside Fukui with two days or more in one municipality, in the
// year to 2025-03-31.
func checkMunicipalities(t *testing.T, p project) {
	t.Helper()
	want := "18201 152, 18202 70, 18204 98, 18205 69, 18206 57, 18207 23, 18208 81, 18209 88, 18210 84, " +
		"18322 21, 18382 28, 18404 44, 18423 54, 18442 42, 18481 14, 18483 30, 18501 38"
	var got []string
	for _, row := range p.internal(t, `
		SELECT region_code, sum(persons) FROM visit_frequency
		WHERE region_level = 'municipality' AND region_code < '18999' AND outside = 'prefecture' AND origin_code = 'all'
		  AND reference_month = DATE '2025-03-31' AND visit_days >= 2
		GROUP BY region_code ORDER BY region_code`) {
		got = append(got, strings.Join(row, " "))
	}
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("persons with two days or more, by municipality:\n got %s\nwant %s", g, want)
	}
}

// Every record of the 42 files is landed or rejected. Both layouts, with 89 and
// 90 columns, are read by the same mapping.
func checkFiles(t *testing.T, p project) {
	t.Helper()
	expect(t, "files, records, rejected, files out of balance", p.internal(t, `
		SELECT count(*), sum(rows_in), sum(rows_rejected), count(*) FILTER (rows_in <> rows_landed + rows_rejected OR rows_in = 0)
		FROM deliveries WHERE mapping = 'ftas'`), "42", "82681", "1", "0")
	expect(t, "the wholly empty row", p.internal(t, `SELECT file, rows_in, rows_landed FROM deliveries WHERE rows_rejected > 0`),
		"exports/202504.csv.gz", "1691", "1690")
}

// The rest of the known answers asks for definitions that the ready project has
// no use for: at least n days or n trips, with and without kin.
func TestSurveyGivesTheKnownAnswersOfOtherDefinitions(t *testing.T) {
	slow(t)
	p := ready(t, "ftas", months(t, "202204", "202503")...)
	p.configure(t, map[string]string{"reference_months": "1"})
	var own strings.Builder
	own.WriteString("own_definitions:\n")
	for _, d := range countedDefinitions {
		for least := 1; least <= 3; least++ {
			fmt.Fprintf(&own, "  - {id: %s-%d, from: repeat-visits, %s: %d%s}\n", d.id, least, d.rule, least, d.also)
		}
	}
	p.write(t, "kankei.yaml", strings.Replace(readFile(t, p.path("kankei.yaml")), "own_definitions:\n", own.String(), 1))
	for _, year := range surveyYears {
		p.must(t, "run", "--as-of", year.asOf)
		for _, d := range countedDefinitions {
			for least, want := range d.answers(year) {
				if least <= 3 {
					checkFigure(t, p, fmt.Sprintf("%s-%d", d.id, least), "persons", year.asOf, want)
				}
			}
		}
	}
}

var countedDefinitions = []struct {
	id, rule, also string
	answers        func(surveyYear) map[int]int
}{
	{"days", "min_days", ", count: all_purposes", func(y surveyYear) map[int]int { return y.days }},
	{"days-no-kin", "min_days", "", func(y surveyYear) map[int]int { return y.daysNoKin }},
	{"trips", "min_trips", ", count: all_purposes", func(y surveyYear) map[int]int { return y.trips }},
	{"trips-no-kin", "min_trips", "", func(y surveyYear) map[int]int { return y.tripsNoKin }},
}

// expect wants one row with these cells.
func expect(t *testing.T, what string, got [][]string, want ...string) {
	t.Helper()
	if len(got) != 1 || strings.Join(got[0], " ") != strings.Join(want, " ") {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
