package report_test

import (
	"compress/gzip"
	"fmt"
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

// municipalities is the real map of all municipalities.
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
	m, err := report.ReadTopology(text, "N03_007", "国土数値情報（行政区域データ 2021年）を加工、SmartNews MRI")
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
}

func counted[T any](row T, persons float64) disclose.Counted[T] {
	return disclose.Counted[T]{Row: row, Persons: int64(persons), Facilities: 9}
}

// figures adds the relational population of a region: estimates of some definitions
// and months, and the persons seen.
func (n *nation) figures(code, level string, months []string) {
	size := 40 * (1 + n.rng.ExpFloat64()*20)
	for _, definition := range []string{"repeat-visits", "engaged-stays", "mlit-visiting"} {
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

// profile adds what the report has of a prefecture beside its population.
func (n *nation) profile(code string) {
	month := day(n.t, "2025-09-30")
	for i := 1; i <= 47; i++ {
		value := 10 + n.rng.ExpFloat64()*400
		n.origins = append(n.origins, counted(schemas.OriginDestination{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
			OriginCode: fmt.Sprintf("%02d000", i), ReferenceMonth: month, Source: schemas.SourceSurvey, Estimator: "survey_calibrated", Value: ptr(value), CILow: ptr(value * 0.7), CIHigh: ptr(value * 1.4), Persons: ptr(int64(value)),
			Observation: observation(schemas.Estimated)}, value))
	}
	for m := range int32(13) {
		n.behaviour = append(n.behaviour, counted(schemas.VisitBehaviour{Statistic: map[bool]string{true: "repeat_rate", false: "month_index"}[m == 0], Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
			MonthOfYear: m, ReferenceMonth: month, Source: schemas.SourceBooking, Value: ptr(map[bool]float64{true: 0.3, false: 60 + 80*n.rng.Float64()}[m == 0]), Persons: ptr(int64(900)), Observation: observation(schemas.Normal)}, 900))
	}
	for _, level := range []string{schemas.EngagementOneOff, schemas.EngagementRepeat, schemas.EngagementRelated, schemas.EngagementDeep} {
		n.funnel = append(n.funnel, counted(schemas.EngagementFunnel{Statistic: schemas.FunnelClosing, Engagement: level, Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture,
			ReferenceMonth: month, Source: schemas.SourceBooking, Estimator: "observed", Value: ptr(n.rng.Int64N(9000) + 10), Observation: observation(schemas.Normal)}, 900))
	}
	for months := int32(0); months <= 36; months += 3 {
		value := 0.001 * float64(months)
		n.curve = append(n.curve, counted(schemas.ConversionCurve{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, End: schemas.EndMigrated,
			Months: months, Estimator: "aalen_johansen_corrected", Value: ptr(value), CILow: ptr(value * 0.8), CIHigh: ptr(value * 1.3), Observation: observation(schemas.Estimated)}, 900))
	}
	for trips := int32(1); trips <= 6; trips++ {
		value := 9000 / float64(trips)
		n.sensitive = append(n.sensitive, counted(schemas.DefinitionSensitivity{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, RegionCode: code, RegionLevel: schemas.LevelPrefecture, ReferenceMonth: month,
			Source: schemas.SourceBooking, Estimator: "thinned", Dimension: "trips", Threshold: trips, Trips: trips, OwnThreshold: trips == 2, Value: ptr(value), CILow: ptr(value * 0.8), CIHigh: ptr(value * 1.3), Observation: observation(schemas.Estimated)}, 900))
	}
}

// The report of the nation, with the shapes of all municipalities, stays under 5 MB;
// how fast it opens is told by the browser's test.
func TestNationalReport(t *testing.T) {
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
		publish.TableOf("definition_sensitivity", disclose.Protect(n.sensitive, rule)), publish.TableOf("regions", disclose.Public(regions))))
	keep(t, "nation.html", page)
	t.Logf("%d municipalities, %d bytes", present, len(page))
	if len(page) > mostBytes {
		t.Errorf("the report has %d bytes, more than %d", len(page), mostBytes)
	}
	if got := strings.Count(page, `<article class="panel"`); got != 48 {
		t.Errorf("%d panels", got)
	}
	if got := strings.Count(page, `<path class="c`); got < 1600 {
		t.Errorf("%d municipalities are coloured", got)
	}
}
