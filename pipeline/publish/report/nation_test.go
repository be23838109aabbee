package report_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
)

// Most that the report of the nation may weigh.
const mostBytes = 5_000_000

// municipalities is the real map of all municipalities, which has designated cities as a whole; Yokohama has the code of
// one of its wards, as in a map that has wards.
func municipalities(t testing.TB) *report.Map {
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "real", "boundaries", "municipalities_2021.topojson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := report.ReadTopology(bytes.NewReader(bytes.Replace(all, []byte(`"14100"`), []byte(`"14101"`), 1)), "N03_007", "国土数値情報（行政区域データ 2021年）を加工、SmartNews MRI")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// nation is a made-up release of all prefectures and municipalities, with every
// kind of figure that the report has of them.
type nation struct {
	t          testing.TB
	rng        *rand.Rand
	population []disclose.Counted[schemas.RelationalPopulation]
	change     []disclose.Counted[schemas.Change]
	origins    []disclose.Counted[schemas.OriginDestination]
	funnel     []disclose.Counted[schemas.EngagementFunnel]
	behaviour  []disclose.Counted[schemas.VisitBehaviour]
	curve      []disclose.Counted[schemas.ConversionCurve]
	sensitive  []disclose.Counted[schemas.DefinitionSensitivity]
	errors     []disclose.Counted[schemas.ErrorBudget]
	coverage   []disclose.Counted[schemas.Coverage]
	assumed    []disclose.Counted[schemas.Assumption]
	overlap    []disclose.Counted[schemas.DefinitionOverlap]
	conversion []disclose.Counted[schemas.MigrationConversion]
	targets    []disclose.Counted[schemas.TargetProgress]
	quality    []schemas.Quality
}

// nationDefinitions are those that the sample and simulated nations count by.
var nationDefinitions = []string{"repeat-visits", "engaged-stays", "mlit-visiting", "furusato-premium", "two-region"}

func counted[T any](row T, persons float64) disclose.Counted[T] {
	return disclose.Counted[T]{Row: row, Persons: int64(persons), Facilities: 9}
}

// figures adds the relational population of a region: estimates of some definitions
// and months, and the persons seen.
func (n *nation) figures(code, level string, months []string) {
	size := 40 * (1 + n.rng.ExpFloat64()*20)
	for _, definition := range nationDefinitions {
		for _, month := range months {
			value := size * (0.9 + 0.2*n.rng.Float64())
			estimate := population(n.t, code, level, month, schemas.SourceCombined, "composite", value, value*0.8, value*1.25)
			seen := population(n.t, code, level, month, schemas.SourceBooking, "observed", float64(int(value/7)), 0, 0)
			estimate.Definition, seen.Definition = definition, definition
			n.population = append(n.population, counted(estimate, value/7), counted(seen, value/7))
		}
		n.change = append(n.change, counted(schemas.Change{Definition: definition, Measure: population(n.t, code, level, months[0], "", "", 0, 0, 0).Measure, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: level,
			ReferenceMonth: day(n.t, months[0]), MonthsBefore: 12, Source: schemas.SourceCombined, Estimator: "composite", Growth: ptr(0.05), GrowthCILow: ptr(-0.1), GrowthCIHigh: ptr(0.2),
			ProbabilityIncrease: ptr(0.7), Reliability: "A", Observation: observation(schemas.Estimated)}, size))
		size *= 0.6
	}
}

// profile adds what the report has of a prefecture beside its population: each table of a panel, as long as that of the sample.
func (n *nation) profile(code string) {
	month := day(n.t, "2025-09-30")
	n.people(code, month)
	n.moves(code)
	n.sources(code, month)
	for _, source := range []string{"neppan", "temairazu", "booking", "panel", "onsite", "acts", "moves", "facilities"} {
		for _, indicator := range []string{"files", "rows_in", "rows_landed", "rows_rejected"} {
			n.quality = append(n.quality, schemas.Quality{Source: source + "-" + code, Indicator: indicator, Value: ptr(n.rng.Int64N(90_000)), Observation: observation(schemas.Normal)})
		}
	}
}

// people adds where the people of a prefecture live, when and how they come, and how engaged they are.
func (n *nation) people(code string, month schemas.Date) {
	for i := 1; i <= 47; i++ {
		value := 10 + n.rng.ExpFloat64()*400
		n.origins = append(n.origins, counted(schemas.OriginDestination{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
			OriginCode: fmt.Sprintf("%02d000", i), ReferenceMonth: month, Source: schemas.SourceSurvey, Estimator: "survey_calibrated", Value: ptr(value), CILow: ptr(value * 0.7), CIHigh: ptr(value * 1.4), Persons: ptr(int64(value)),
			Observation: observation(schemas.Estimated)}, value))
	}
	behaves := func(statistic, definition string, m int32, value float64) {
		n.behaviour = append(n.behaviour, counted(schemas.VisitBehaviour{Statistic: statistic, Definition: definition, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
			MonthOfYear: m, ReferenceMonth: month, Source: schemas.SourceBooking, Value: ptr(value), CILow: ptr(value * 0.9), CIHigh: ptr(value * 1.1), Persons: ptr(int64(900)), Observation: observation(schemas.Normal)}, 900))
	}
	for m := range int32(12) {
		behaves("month_index", "", m+1, 60+80*n.rng.Float64())
	}
	for _, statistic := range []string{"repeat_rate", "trip_interval_median", "length_of_stay_mean", "alive_share", "gap_median_alive", "multiplicity", "share_1_visit_or_less", "share_2_to_7_visits", "share_8_visits_or_more"} {
		behaves(statistic, "repeat-visits", 0, n.rng.Float64())
	}
	for _, level := range []string{schemas.EngagementOneOff, schemas.EngagementRepeat, schemas.EngagementRelated, schemas.EngagementDeep, schemas.EngagementTwoRegion} {
		for _, statistic := range []string{schemas.FunnelOpening, schemas.FunnelEntries, schemas.FunnelFromBelow, schemas.FunnelExits, schemas.FunnelMovedIn, schemas.FunnelClosing} {
			for _, months := range []int32{0, 12} {
				if months == 12 || statistic == schemas.FunnelClosing {
					n.funnel = append(n.funnel, counted(schemas.EngagementFunnel{Statistic: statistic, Engagement: level, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
						ReferenceMonth: month, Months: months, Source: schemas.SourceBooking, Estimator: "observed", Value: ptr(n.rng.Int64N(9000) + 10), Observation: observation(schemas.Normal)}, 900))
				}
			}
		}
	}
	for _, relation := range []string{schemas.RelationDirectContribution, schemas.RelationLocalWork, schemas.RelationTelework, schemas.RelationParticipation, schemas.RelationHobby} {
		value := 100 + n.rng.ExpFloat64()*900
		row := population(n.t, code, schemas.LevelPrefecture, month.String(), schemas.SourceSurvey, "survey_calibrated", value, value*0.7, value*1.4)
		row.RelationType = relation
		n.population = append(n.population, counted(row, value))
	}
}

// moves adds what is known of those who move to a prefecture, and its target.
func (n *nation) moves(code string) {
	for _, horizon := range []int32{12, 24, 36} {
		for _, estimator := range []string{"related_at_start", "related_before_move", "without_last_half_year", "all_in_migrants", "aalen_johansen_detected", "aalen_johansen_corrected", "complete_follow_up"} {
			value, estimand := 0.01+0.03*n.rng.Float64(), schemas.Retrospective
			if strings.HasPrefix(estimator, "aalen") || estimator == "complete_follow_up" {
				estimand = schemas.Prospective
			} else if horizon > 12 && estimator != "related_at_start" {
				continue
			}
			n.conversion = append(n.conversion, counted(schemas.MigrationConversion{AgeClass: schemas.All, Statistic: schemas.Probability, Estimand: estimand, Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
				OriginCode: schemas.All, HorizonMonths: horizon, Estimator: estimator, Value: ptr(value), CILow: ptr(value * 0.7), CIHigh: ptr(value * 1.4), Reliability: "B", Observation: observation(schemas.Estimated)}, 900))
		}
	}
	for _, months := range []int32{3, 6, 9, 12, 18, 24, 30, 36} {
		value := 0.001 * float64(months)
		n.curve = append(n.curve, counted(schemas.ConversionCurve{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, End: schemas.EndMigrated,
			Months: months, Estimator: "aalen_johansen_corrected", Value: ptr(value), CILow: ptr(value * 0.8), CIHigh: ptr(value * 1.3), Observation: observation(schemas.Estimated)}, 900))
	}
	value := 1000 * n.rng.ExpFloat64()
	n.targets = append(n.targets, counted(schemas.TargetProgress{Target: "総合戦略 " + code, Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
		DueOn: day(n.t, "2031-03-31"), TargetValue: 2000, ReferenceMonth: day(n.t, "2025-09-30"), Source: schemas.SourceCombined, Estimator: "composite",
		Value: ptr(value), CILow: ptr(value * 0.8), CIHigh: ptr(value * 1.3), Ratio: ptr(value / 2000), ProbabilityMet: ptr(0.02), Observation: observation(schemas.Estimated)}, 900))
}

// sources adds what each source says of a prefecture, how sure it is, and what other thresholds make of it.
func (n *nation) sources(code string, month schemas.Date) {
	for estimator, source := range map[string]string{"thinned": schemas.SourceBooking, "thinned_joint": schemas.SourceBooking, "onsite_scaled": schemas.SourceSurvey, "survey_direct": schemas.SourceSurvey, "survey_calibrated": schemas.SourceSurvey} {
		row := population(n.t, code, schemas.LevelPrefecture, month.String(), source, estimator, 4321, 3456, 5432)
		n.population = append(n.population, counted(row, 900))
		n.errors = append(n.errors, counted(schemas.ErrorBudget{Definition: "repeat-visits", Measure: schemas.Persons, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month,
			Source: source, Estimator: estimator, Sampling: ptr(0.4), Detection: ptr(0.3), Linkage: ptr(0.1), Model: ptr(0.1), Classification: ptr(0.1), CV: ptr(0.12), Observation: observation(schemas.Estimated)}, 900))
	}
	for _, step := range []string{schemas.StepOvernight, schemas.StepPaidLodging, schemas.StepFacility, schemas.StepOwnIdentity, schemas.StepLinked, schemas.StepProduct, schemas.StepRelatedPurpose, schemas.StepDetection, schemas.StepResidenceKnown, schemas.StepLoyalty} {
		n.coverage = append(n.coverage, counted(schemas.Coverage{RegionCode: code, RegionLevel: schemas.LevelPrefecture, Month: month, Outside: schemas.OutsidePrefecture, Definition: "repeat-visits", Step: step, Basis: "survey",
			Coverage: ptr(0.5), StdError: ptr(0.05), CILow: ptr(0.4), CIHigh: ptr(0.6), Observation: observation(schemas.Estimated)}, 900))
	}
	for _, assumption := range []string{"detection", "equal_detection", "related_purpose", "loyalty", "linkage", "single_visits", "residence_unknown", "party_members", "shape"} {
		n.assumed = append(n.assumed, counted(schemas.Assumption{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month, Source: schemas.SourceBooking,
			Assumption: assumption, Status: schemas.StatusEstimated, Basis: "survey", Observation: observation(schemas.Estimated)}, 900))
	}
	for _, one := range nationDefinitions {
		for _, other := range nationDefinitions {
			n.overlap = append(n.overlap, counted(schemas.DefinitionOverlap{Definition: one, OtherDefinition: other, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month, Source: schemas.SourceBooking,
				PersonsBoth: ptr(n.rng.Int64N(5000) + 10), Share: ptr(0.5), Jaccard: ptr(0.4), Observation: observation(schemas.Normal)}, 900))
		}
	}
	for _, dimension := range []string{"trips", "stay_days", "gap_days", "window_months"} {
		for threshold := int32(1); threshold <= 6; threshold++ {
			value := 9000 / float64(threshold)
			n.sensitive = append(n.sensitive, counted(schemas.DefinitionSensitivity{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month,
				Source: schemas.SourceBooking, Estimator: "thinned", Dimension: dimension, Threshold: threshold, OwnThreshold: threshold == 2, Value: ptr(value), CILow: ptr(value * 0.8), CIHigh: ptr(value * 1.3), Observation: observation(schemas.Estimated)}, 900))
		}
	}
}

// The report of the nation, with the shapes of all municipalities, stays under 5 MB;
// how fast it opens is told by the browser's test.
func TestNationalReport(t *testing.T) {
	if testing.Short() {
		t.Skip("writes the report of a nation")
	}
	shapes := municipalities(t)
	if shapes.Regions() != 1741+6 { // and the six villages of the Northern Territories
		t.Errorf("%d municipalities have a shape", shapes.Regions())
	}
	n := &nation{t: t, rng: rand.New(rand.NewPCG(47, 1741))}
	var months []string
	for m := range 24 {
		months = append(months, day(t, "2025-09-30").AddMonths(-m).MonthEnd().String())
	}
	regions, present := reference.Load().Regions(), 0
	for _, r := range regions {
		switch {
		case r.ValidTo != nil:
		case r.RegionLevel == schemas.LevelMunicipality:
			present++
			n.figures(r.RegionCode, r.RegionLevel, months[:1])
		case r.RegionLevel == schemas.LevelPrefecture:
			n.figures(r.RegionCode, r.RegionLevel, months)
			n.profile(r.RegionCode)
		case r.RegionLevel == schemas.LevelNation:
			n.figures(r.RegionCode, r.RegionLevel, months)
		}
	}
	page := pageOf(t, written(t, shapes, repeatVisits,
		publish.TableOf("relational_population", disclose.Protect(n.population, rule)), publish.TableOf("change", disclose.Protect(n.change, rule)),
		publish.TableOf("origin_destination", disclose.Protect(n.origins, rule)), publish.TableOf("engagement_funnel", disclose.Protect(n.funnel, rule)),
		publish.TableOf("visit_behaviour", disclose.Protect(n.behaviour, rule)), publish.TableOf("conversion_curve", disclose.Protect(n.curve, rule)),
		publish.TableOf("definition_sensitivity", disclose.Protect(n.sensitive, rule)), publish.TableOf("error_budget", disclose.Protect(n.errors, rule)), publish.TableOf("coverage", disclose.Protect(n.coverage, rule)),
		publish.TableOf("assumptions", disclose.Protect(n.assumed, rule)), publish.TableOf("definition_overlap", disclose.Protect(n.overlap, rule)),
		publish.TableOf("migration_conversion", disclose.Protect(n.conversion, rule)), publish.TableOf("target_progress", disclose.Protect(n.targets, rule)),
		publish.TableOf("quality", disclose.Public(n.quality)), publish.TableOf("regions", disclose.Public(regions))))
	keep(t, "nation.html", page)
	t.Logf("%d municipalities, %d bytes", present, len(page))
	if len(page) > mostBytes {
		t.Errorf("the report has %d bytes, more than %d", len(page), mostBytes)
	}
	hasEveryTable(t, page)
	drawsDesignatedCities(t, page, regions)
	if got := strings.Count(page, `<article class="panel"`); got != 48 {
		t.Errorf("%d panels", got)
	}
	if got := strings.Count(page, `<path class=c`); got < 1600 {
		t.Errorf("%d municipalities are coloured", got)
	}
}

// hasEveryTable wants each table in every panel, so that what the page weighs is what it may weigh.
func hasEveryTable(t *testing.T, page string) {
	for _, table := range []string{"areas", "trend", "origins", "funnel", "funnel-years", "relations", "conversion-retrospective", "conversion-prospective", "curve", "season", "behaviour", "definitions",
		"sensitivity-trips", "sensitivity-stay_days", "sensitivity-gap_days", "sensitivity-window_months", "overlap", "targets", "sources", "errors", "coverage", "assumptions"} {
		if got := strings.Count(page, `-`+table+`">`); got < 47 {
			t.Errorf("%d panels have the table %s", got, table)
		}
	}
}

// drawsDesignatedCities wants a figure on the map of each, whether the map has the city or, as of Yokohama, wards.
func drawsDesignatedCities(t *testing.T, page string, regions []schemas.Region) {
	designated := map[string]bool{}
	for _, ward := range regions {
		if ward.RegionLevel == schemas.LevelWard && ward.ValidTo == nil {
			designated[ward.ParentCode] = true
		}
	}
	for _, city := range regions {
		if designated[city.RegionCode] && city.ValidTo == nil && (!strings.Contains(page, "<title>"+city.Name+" ") || strings.Contains(page, "<title>"+city.Name+" /")) {
			t.Errorf("%s has no figure on the map", city.Name)
		}
	}
	if len(designated) != 20 {
		t.Errorf("%d designated cities", len(designated))
	}
}
