package pipeline

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// pairsOf is a count of pairs, resting on as many persons.
func pairsOf(region, level, month string, n float64) disclose.Counted[schemas.RelationalPopulation] {
	reference, _ := schemas.ParseDate(month)
	return disclose.Counted[schemas.RelationalPopulation]{Persons: int64(n), Row: schemas.RelationalPopulation{
		Definition: "repeat-visits", Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: level,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: reference, Source: schemas.SourceBooking, Estimator: "observed",
		Value: &n, Reliability: schemas.LowReliability, BoundaryVintage: reference, KnownOn: reference, SourcePeriod: "2024-04-01/2025-03-31",
		Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: "observed-1"},
	}}
}

func regionRow(code, level, parent, name, nameEN string) schemas.Region {
	from, _ := schemas.NewDate(1970, 4, 1)
	return schemas.Region{RegionCode: code, RegionLevel: level, PrefectureCode: "30000", ParentCode: parent, Name: name, NameEN: nameEN, ValidFrom: from}
}

// explainedProject has a release of pairs of a prefecture: 75 of it, and of its municipalities 5, which is withheld
// for itself, 30 and 40, of which one is withheld for its sake.
func explainedProject(t *testing.T) (*Project, disclose.Protected[schemas.RelationalPopulation]) {
	t.Helper()
	counted := []disclose.Counted[schemas.RelationalPopulation]{
		pairsOf("30000", schemas.LevelPrefecture, "2025-03-31", 75), pairsOf("30201", schemas.LevelMunicipality, "2025-03-31", 5),
		pairsOf("30206", schemas.LevelMunicipality, "2025-03-31", 30), pairsOf("30401", schemas.LevelMunicipality, "2025-03-31", 40),
		pairsOf("30000", schemas.LevelPrefecture, "2025-02-28", 71),
	}
	rule := disclose.Threshold{Persons: 10, Facilities: 3}
	l := disclose.NewLinked(disclose.Rules{Threshold: rule}, 0, func(string) bool { return false })
	disclose.Link(l, "relational_population", counted)
	if _, _, err := l.Suppress(disclose.Options{Seed: 7, Threads: 1}); err != nil {
		t.Fatal(err)
	}
	protected := disclose.Protect(counted, rule)
	p := &Project{Workspace: Workspace{Dir: t.TempDir()}, Config: &Config{Regions: []string{"30000"}}}
	releaseOf(t, p.Path("releases"), publish.TableOf("relational_population", protected), publish.TableOf("regions", disclose.Public([]schemas.Region{
		regionRow("30000", schemas.LevelPrefecture, "00000", "和歌山県", "Wakayama"), regionRow("30201", schemas.LevelMunicipality, "30000", "和歌山市", "Wakayama-shi"),
		regionRow("30206", schemas.LevelMunicipality, "30000", "田辺市", "Tanabe-shi"), regionRow("30401", schemas.LevelMunicipality, "30000", "白浜町", "Shirahama-cho"),
	})))
	return p, protected
}

// textOf is all that an explanation says in a language.
func textOf(parts []ExplainedPart, lang string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintln(&b, p.Heading.In(lang))
		for _, s := range p.Sentences {
			fmt.Fprintln(&b, s.In(lang))
		}
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	p, protected := explainedProject(t)
	t.Run("refuses", func(t *testing.T) { testExplainRefuses(t, p) })
	t.Run("without work", func(t *testing.T) { testExplainWithoutWork(t, p) })
	explain := func(terms ...string) string {
		t.Helper()
		e, err := p.Explain(t.Context(), terms, false)
		if err != nil {
			t.Fatal(err)
		}
		return textOf(e.Parts, "en")
	}
	// What is left open is the first prefecture and the last month.
	if got := explain(); !strings.Contains(got, "Wakayama (30000), the 12 months to 2025-03-31: 75 pairs.") || !strings.Contains(got, "2025-02-28 71 pairs") {
		t.Errorf("the headline:\n%s", got)
	}
	for _, terms := range [][]string{{"白浜町"}, {"和歌山県白浜町"}, {"白浜"}, {"shirahama-cho"}, {"Shirahama"}, {"30401"}, {"地域=白浜", "月=2025-03", "出所=booking"}, {"region=白浜町", "month=2025-03"}, {"figures/relational_population", "region_code=30401", "2025-03-31"}} {
		if got := explain(terms...); !strings.Contains(got, "(30401), the 12 months to 2025-03-31") {
			t.Errorf("%v:\n%s", terms, got)
		}
	}
	// Readers are not told which of two withheld cells is withheld for the other.
	var withheld []string
	for _, r := range protected.Rows() {
		if r.ConfStatus == schemas.Withheld {
			text := explain(r.RegionCode)
			for _, name := range []string{r.RegionCode, "Wakayama-shi", "Tanabe-shi", "Shirahama-cho"} {
				text = strings.ReplaceAll(text, name, "·")
			}
			withheld = append(withheld, text)
		}
	}
	if len(withheld) != 2 || withheld[0] != withheld[1] || !strings.Contains(withheld[0], "withheld") {
		t.Errorf("%d withheld cells, explained as\n%s", len(withheld), strings.Join(withheld, "\n---\n"))
	}
}

// conversionOf is the share of those related who moved in, resting on so many who did.
func conversionOf(region, level string, cohort int32, value float64, moved int64) disclose.Counted[schemas.MigrationConversion] {
	low, high := value/2, value*2
	return disclose.Counted[schemas.MigrationConversion]{Persons: moved, Row: schemas.MigrationConversion{AgeClass: schemas.All, Statistic: schemas.Probability, Estimand: schemas.Retrospective, Definition: "repeat-visits", Outside: schemas.OutsidePrefecture,
		RegionCode: region, RegionLevel: level, OriginCode: schemas.All, Cohort: cohort, HorizonMonths: 12, Estimator: "related_at_start", Reliability: "B",
		Value: &value, CILow: &low, CIHigh: &high, Observation: schemas.Observation{ObsStatus: schemas.Estimated, ConfStatus: schemas.Free, MethodologyVersion: "m-1"}}}
}

// Figures of other datasets are explained by the same sentences, and say as little of what is withheld.
func TestExplainOtherDatasets(t *testing.T) {
	month, _ := schemas.ParseDate("2025-03-31")
	rule := disclose.Threshold{Persons: 10, Facilities: 3}
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: "m-1"}
	stock := func(level string, n int64) disclose.Counted[schemas.EngagementFunnel] {
		return disclose.Counted[schemas.EngagementFunnel]{Persons: n, Row: schemas.EngagementFunnel{Statistic: schemas.FunnelClosing, Engagement: level, Outside: schemas.OutsidePrefecture,
			RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month, Source: schemas.SourceBooking, Estimator: "observed", Value: &n, Observation: free}}
	}
	value, persons, sure := 40., int64(321), 0.7
	target := schemas.TargetProgress{Target: "vision", Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture,
		DueOn: month, TargetValue: 80, ReferenceMonth: month, Source: schemas.SourceBooking, Estimator: "observed", Value: &value, ProbabilityMet: &sure, Observation: free}
	seen := schemas.VisitBehaviour{Statistic: "repeat_rate", Outside: schemas.OutsidePrefecture, RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month,
		Source: schemas.SourceBooking, Value: &sure, Persons: &persons, Observation: free}
	elsewhere := seen
	elsewhere.RegionCode, elsewhere.RegionLevel = "30401", schemas.LevelMunicipality
	p := &Project{Workspace: Workspace{Dir: t.TempDir()}, Config: &Config{Regions: []string{"30000"}}}
	releaseOf(t, p.Path("releases"),
		publish.TableOf("engagement_funnel", disclose.Protect([]disclose.Counted[schemas.EngagementFunnel]{stock(schemas.EngagementRelated, 75), stock(schemas.EngagementDeep, 4)}, rule)),
		publish.TableOf("migration_conversion", disclose.Protect([]disclose.Counted[schemas.MigrationConversion]{
			conversionOf("30000", schemas.LevelPrefecture, 2023, 0.0123, 30), conversionOf("30000", schemas.LevelPrefecture, 2024, 0.02, 30), conversionOf("30401", schemas.LevelMunicipality, 2024, 0.0456, 3)}, rule)),
		publish.TableOf("target_progress", disclose.Protect([]disclose.Counted[schemas.TargetProgress]{{Row: target, Persons: 40, Facilities: 5}}, rule)),
		publish.TableOf("visit_behaviour", disclose.Protect([]disclose.Counted[schemas.VisitBehaviour]{{Row: seen, Persons: persons, Facilities: 5}, {Row: elsewhere, Persons: persons, Facilities: 5}}, rule)))
	for _, c := range []struct {
		terms []string
		says  []string
	}{
		{[]string{"engagement_funnel"}, []string{"Persons by level of engagement, 30000 (30000), the 12 months to 2025-03-31: 75 persons.", "Only of Engagement: Related.",
			"Seen in the region in these 12 months (Booking; from outside, whether or not they meet the rule): 321 persons.", "FROM engagement_funnel WHERE"}},
		{[]string{"engagement_funnel", "engagement=deep"}, []string{": withheld.", "Readers are not told which."}},
		{[]string{"migration_conversion", "30000", "cohort=2023"}, []string{"Share that moves there, 30000 (30000), fiscal year 2023: 1.23 % (95 % interval 0.61 % – 2.46 %).", "reliability B", "By fiscal year: 2024 2.00 %", "Registered in-migrants, times"}},
		{[]string{"figures/migration_conversion", "30401"}, []string{"fiscal year 2024: withheld."}},
		{[]string{"target_progress", "target=vision"}, []string{": 40 persons.", "Target value 80; Probability met 70.0 %", "Target: vision.", "Seen in the region in these 12 months"}},
		{[]string{"target_progress", "30000", "2025-03"}, []string{": 40 persons."}},
	} {
		e, err := p.Explain(t.Context(), c.terms, false)
		if err != nil {
			t.Fatal(err)
		}
		text := textOf(e.Parts, "en")
		for _, says := range c.says {
			if !strings.Contains(text, says) {
				t.Errorf("%v do not say %q:\n%s", c.terms, says, text)
			}
		}
		if strings.Count(text, "Seen in the region in these 12 months") > 1 {
			t.Errorf("%v tell of other regions:\n%s", c.terms, text)
		}
		if e.Dataset != strings.TrimPrefix(c.terms[0], "figures/") || strings.Contains(text, "4.56") {
			t.Errorf("%v: of %s:\n%s", c.terms, e.Dataset, text)
		}
	}
	for term, want := range map[string]string{"rank_stability": "rank_stability: figures of that dataset are not explained (allowed: ", "small_areas": "small_areas: the release has no figures"} {
		if _, err := p.Explain(t.Context(), []string{term}, false); ExitCode(err) != ExitMisused || !strings.Contains(Message(err, "en"), want) {
			t.Errorf("%s: %s", term, Message(err, "en"))
		}
	}
}

// The 12 months to a reference month, a month, a fiscal year, and all there is.
func TestWindowOfAFigure(t *testing.T) {
	month, _ := schemas.ParseDate("2025-03-31")
	for _, c := range []struct {
		dataset, from, to string
		row               any
	}{
		{"engagement_funnel", "2024-04-01", "2025-03-31", schemas.EngagementFunnel{ReferenceMonth: month}},
		{"guest_nights", "2025-03-01", "2025-03-31", schemas.GuestNights{Month: month}},
		{"migration_conversion", "2023-04-01", "2024-03-31", schemas.MigrationConversion{Cohort: 2023}},
		{"conversion_curve", "1900-01-01", "2999-12-31", schemas.ConversionCurve{}},
	} {
		k, _ := kindOf(c.dataset)
		if from, to := windowOf(k, rowOf(c.row)); from.String() != c.from || to.String() != c.to {
			t.Errorf("%s: %s to %s", c.dataset, from, to)
		}
	}
}

// The kinds name columns that their datasets have, and what they rest on is kept for each.
func TestExplainedKinds(t *testing.T) {
	var f figures
	f.EngagementFunnel = []disclose.Counted[schemas.EngagementFunnel]{{Persons: 7, Facilities: 2, Row: schemas.EngagementFunnel{Statistic: schemas.FunnelClosing}}}
	r := &Run{Project: &Project{Workspace: Workspace{Dir: t.TempDir()}, Config: &Config{Disclosure: Disclosure{Persons: 10, Facilities: 3}}}}
	if err := r.keepRests(f); err != nil {
		t.Fatal(err)
	}
	got, err := r.restsOn("engagement_funnel", rowOf(f.EngagementFunnel[0].Row))
	if err != nil || got == nil || got.Rule != "persons" || got.rests().EN != "It rests on 7 persons and 2 houses." {
		t.Errorf("%+v, %v", got, err)
	}
	f.GuestNights = []disclose.Counted[schemas.GuestNights]{{Persons: 40, Facilities: 3, Contributions: []disclose.Contribution{disclose.ContributionOf("guest_nights", map[string]int64{"a": 90, "b": 6, "c": 4})}}}
	r.Config.Disclosure.Dominance.One = 80
	if err := r.keepRests(f); err != nil {
		t.Fatal(err)
	}
	if got, err = r.restsOn("guest_nights", rowOf(f.GuestNights[0].Row)); err != nil || got == nil || got.Rule != "dominance_one" {
		t.Errorf("of 100 nights of which a house has 90: %+v, %v", got, err)
	}
	if got, err := r.restsOn("relational_population", rowOf(f.EngagementFunnel[0].Row)); got != nil || err != nil {
		t.Errorf("of another dataset: %+v, %v", got, err)
	}
	for _, k := range kinds {
		low, high := k.interval()
		row := tableRow{reflect.Zero(k.row())}
		if !row.has(k.value) || !row.has(k.time) || row.has("ci_low") && (!row.has(low) || !row.has(high)) {
			t.Errorf("%s lacks %s, %s or its interval", k.dataset, k.value, k.time)
		}
	}
}

func testExplainRefuses(t *testing.T, p *Project) {
	for _, c := range []struct{ term, want string }{
		{"30402", "30402: the release has no such figure (allowed: 30401, "},
		{"白浜市", "白浜市: there are no figures of a region of that name (allowed: Shirahama-cho, "},
		{"Shirahana", "Shirahana: there are no figures of a region of that name (allowed: Shirahama-cho, "},
		{"和歌山", "和歌山: several regions have that name (allowed: Wakayama 30000, Wakayama-shi 30201)"},
		{"migration", "migration: there is neither a dataset nor a region of that name (allowed: migration_conversion)"},
		{"region_cod=30401", "region_cod=30401: there is no such column (allowed: region, month, region_code, "},
		{"definition=repeat-visit", "definition=repeat-visit: the release has no such figure (allowed: repeat-visits)"},
		{"2025-04", "2025-04: the release has no such figure (allowed: months from 2025-02 to 2025-03)"},
		{"source=x' OR 'a'='a", "the release has no such figure (allowed: booking)"},
	} {
		_, err := p.Explain(t.Context(), []string{c.term}, false)
		if ExitCode(err) != ExitMisused || !strings.Contains(Message(err, "en"), c.want) {
			t.Errorf("%s: %s", c.term, Message(err, "en"))
		}
	}
	// In Japanese regions go by their Japanese names, and codes have theirs beside them.
	for term, want := range map[string]string{"白浜市": "（使えるもの: 和歌山県白浜町、", "source=bookings": "（使えるもの: booking（予約））"} {
		if _, err := p.Explain(t.Context(), []string{term}, false); !strings.Contains(Message(err, "ja"), want) {
			t.Errorf("%s: %s", term, Message(err, "ja"))
		}
	}
}

// What is said of a definition in Japanese is Japanese, down to what it follows.
func TestDefinitionsAreExplainedInBothLanguages(t *testing.T) {
	for _, profile := range schemas.BuiltinProfiles() {
		f := facts{definition: profile.Row(), row: rowOf(schemas.RelationalPopulation{})}
		text := textOf([]ExplainedPart{{Sentences: f.counted()}}, "ja")
		if profile.FollowsJA == "" || !strings.Contains(text, "準拠: "+profile.FollowsJA+"。") || strings.Contains(text, profile.Follows) {
			t.Errorf("%s:\n%s", profile.ID, text)
		}
	}
}

// Inside the house it is told why a cell is withheld, of the two of which readers are not told.
func TestWhyWithheld(t *testing.T) {
	f := facts{}
	f.manifest.Rules = []publish.AppliedRule{{Rule: "persons", Threshold: 10}, {Rule: "facilities", Threshold: 3}, {Rule: "dominance_one", Threshold: 80}, {Rule: "full", Threshold: 100}}
	for rule, want := range map[string]string{
		"persons": "it rests on 4 persons, fewer than the 10", "facilities": "it rests on 2 houses, fewer than the 3",
		"secondary":     "Withheld for others: it rests on 4 persons",
		"dominance_one": "Withheld for itself: figures of which one contributor (facility, company, platform) has over 80 % are withheld.",
		"full":          "Withheld for itself: counts that make up 100 % of their total are withheld.",
	} {
		if got := (restsOn{Rule: rule, Persons: 4, Facilities: 2}).why(f).EN; !strings.Contains(got, want) {
			t.Errorf("%s: %s", rule, got)
		}
	}
}

// rowOf is a row as its struct has it.
func rowOf(row any) tableRow { return tableRow{reflect.ValueOf(row)} }

// numbersIn are the numbers that stand in a text, as digits.
func numbersIn(text string) []string {
	return regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`).FindAllString(text, -1)
}

// tellable are the ways in which the numbers of a value may be written, whatever is nested in it.
func tellable(v reflect.Value, out map[string]bool) {
	if v.Type() == reflect.TypeFor[tableRow]() {
		return // its row is given by itself
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			tellable(v.Elem(), out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			tellable(v.Field(i), out)
		}
	case reflect.Slice:
		for i := range v.Len() {
			tellable(v.Index(i), out)
		}
	case reflect.Float64:
		out[whole(v.Float())], out[strconv.FormatFloat(v.Float(), 'f', 1, 64)], out[strconv.FormatFloat(v.Float(), 'f', 2, 64)] = true, true, true
		out[strconv.FormatFloat(100*v.Float(), 'f', 1, 64)] = true
	case reflect.Int64, reflect.Int32:
		if v.Type() == reflect.TypeFor[schemas.Date]() {
			for _, n := range numbersIn(schemas.Date(v.Int()).String()) {
				out[n] = true
			}
			return
		}
		out[whole(float64(v.Int()))] = true
	case reflect.String:
		for _, n := range numbersIn(v.String()) {
			out[n] = true
		}
	}
}

// Whatever a release says of a figure, its explanation has no number that these rows do not have.
func TestExplanationHasTheNumbersOfItsRowsAlone(t *testing.T) {
	number := func(t *rapid.T, label string) *float64 {
		if rapid.Bool().Draw(t, label+" null") {
			return nil
		}
		v := rapid.Float64Range(0, 1e5).Draw(t, label)
		return &v
	}
	rapid.Check(t, func(t *rapid.T) {
		row := func(source, estimator string) schemas.RelationalPopulation {
			r := pairsOf("30401", schemas.LevelMunicipality, "2025-03-31", 0).Row
			r.Source, r.Estimator, r.Value, r.StdError, r.CILow, r.CIHigh, r.CV = source, estimator, number(t, "value"), number(t, "se"), number(t, "low"), number(t, "high"), number(t, "cv")
			r.Per10000Residents = number(t, "per 10,000")
			if rapid.Bool().Draw(t, "withheld") {
				r = r.Withheld()
			}
			return r
		}
		count := rapid.Int64Range(0, 1e6).Draw(t, "rows")
		f := facts{
			kind: kinds[0], row: rowOf(row(schemas.SourceCombined, "fay_herriot")), others: []tableRow{rowOf(row(schemas.SourceBooking, "thinned"))}, earlier: []tableRow{rowOf(row(schemas.SourceCombined, "composite"))},
			seen:    []schemas.VisitBehaviour{{Source: schemas.SourceBooking, Persons: &count, Observation: schemas.Observation{ConfStatus: schemas.Free}}},
			regions: map[string]schemas.Text{}, definition: schemas.Definition{Definition: "d", Version: "7", Rule: "twice", TitleEN: "Twice"},
			budget:    []schemas.ErrorBudget{{Sampling: number(t, "sampling"), Detection: number(t, "detection"), CV: number(t, "cv")}},
			area:      []schemas.SmallArea{{Shrinkage: number(t, "shrinkage"), Areas: count, Observation: schemas.Observation{ConfStatus: schemas.Free}}},
			coverage:  []schemas.Coverage{{Step: schemas.StepDetection, Coverage: number(t, "coverage"), Observation: schemas.Observation{ConfStatus: schemas.Free}}},
			changes:   []schemas.Change{{MonthsBefore: 12, Growth: number(t, "growth"), ProbabilityIncrease: number(t, "probability")}},
			revisions: []schemas.Revision{{Publication: "2025-02-28-0123abcd", Previous: number(t, "previous"), Difference: number(t, "difference")}},
			quality: []schemas.Quality{{Source: "panel", Indicator: "rows_in", Value: &count}, {Source: "panel", Indicator: "rows_landed", Value: &count}, {Source: "onsite", Indicator: "rows_in", Value: &count}, {Source: "panel", Indicator: "g_least", Ratio: number(t, "g")},
				{Source: "panel", Indicator: "survey_drop_out", Reason: "d", Ratio: number(t, "lost")}},
			manifest: publish.Manifest{Release: "2025-03-31-fedc9876", Rules: []publish.AppliedRule{{Rule: "persons", Threshold: 10}, {Rule: "facilities", Threshold: 3}}},
		}
		// The level of intervals, the months of a window, and the unit of a rate are no figures.
		may := map[string]bool{"95": true, "12": true, "10,000": true, "1": true}
		for _, r := range slices.Concat([]tableRow{f.row}, f.others, f.earlier) {
			tellable(r.v, may)
		}
		tellable(reflect.ValueOf(f), may)
		for _, lang := range []string{"ja", "en"} {
			text := textOf(f.parts(), lang)
			for _, n := range numbersIn(text) {
				if n = strings.TrimRight(n, ","); !may[n] {
					t.Fatalf("%s stands in no row:\n%s", n, text)
				}
			}
		}
	})
}

// The release alone is read: nothing of the work folder is there.
func testExplainWithoutWork(t *testing.T, p *Project) {
	if exists(filepath.Join(p.Dir, "work")) {
		t.Fatal("the project has a work folder")
	}
	if _, err := p.Explain(t.Context(), nil, true); ExitCode(err) != ExitMisused {
		t.Errorf("inside, of a project that keeps nothing: %v", err)
	}
}

// Where nothing is estimated the source that shows most persons stands for a region, as in the
// report; where something is, the order of sources decides.
func TestSourceThatShowsMost(t *testing.T) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE relational_population AS SELECT * FROM (VALUES
		('18000', 'act', 'observed', NULL, 'M'), ('18000', 'booking', 'observed', 195, 'A'), ('18000', 'booking', 'thinned', NULL, 'M'), ('18000', 'survey', 'observed', 117, 'A'),
		('30000', 'booking', 'observed', 195, 'A'), ('30000', 'survey', 'survey_calibrated', 900, 'E')) AS t(region_code, source, estimator, value, obs_status)`); err != nil {
		t.Fatal(err)
	}
	f := finder{nil, db, kinds[0]}
	for region, want := range map[string]string{"18000": schemas.SourceBooking, "30000": "", "13000": ""} {
		if got, err := f.showsMost(t.Context(), coded{"region_code": region}); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", region, got, err, want)
		}
	}
}
