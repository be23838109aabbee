package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// plantedTables are tables of one municipality and its prefecture that disclosure control has been through, and what it lists.
//
//	origins of 30401    3 from 13000, 20 from 27000, 30 from 28000, 53 in all: 13000 and 27000 are withheld
//	pairs               5, 25, 40 of three municipalities, 70 of the prefecture: 5 and 25 are withheld; the total stands in target_progress too
//	thresholds          60 once, 53 twice, 31 three times: 53 is withheld beside 60
//	came again          4 of the 53, withheld with the rate
//	with kin            44 of 30403, four of whom come for kin alone: withheld
//	nights spent        12, 30 and 70 of three municipalities, 112 of the prefecture: 12 and 30 are withheld
//	estimates           of the same municipalities 100, 300 and 400, 800 of the prefecture: the first two are withheld
func plantedTables(t *testing.T) ([]publish.Table, []disclose.LinkedCell) {
	t.Helper()
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	rule := disclose.Rules{Threshold: disclose.Threshold{Persons: 10}}
	number := func(n int64) *float64 { v := float64(n); return &v }
	var flows []disclose.Counted[schemas.OriginDestination]
	for _, o := range []struct {
		origin string
		n      int64
	}{{"13000", 3}, {"27000", 20}, {"28000", 30}} {
		trips := 2 * o.n
		flows = append(flows, disclose.Counted[schemas.OriginDestination]{Persons: o.n, Row: schemas.OriginDestination{Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			RegionLevel: schemas.LevelMunicipality, OriginCode: o.origin, Source: schemas.SourceBooking, Estimator: "observed", Value: number(o.n), Persons: &o.n, Trips: &trips, VisitDays: &trips, Observation: free}})
	}
	var behaviour []disclose.Counted[schemas.VisitBehaviour]
	for _, s := range []struct {
		statistic string
		n         int64
	}{{"length_of_stay_mean", 53}, {"repeat_rate", 53}, {"trip_interval_median", 4}} {
		behaviour = append(behaviour, disclose.Counted[schemas.VisitBehaviour]{Persons: s.n, Row: schemas.VisitBehaviour{Statistic: s.statistic, Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Value: number(4), Persons: &s.n, Observation: free}})
	}
	population, thresholds := plantedPopulation(free, number), plantedThresholds(free, number)
	l := disclose.NewLinked(rule, 0, func(string) bool { return false })
	disclose.Link(l, "origin_destination", flows)
	disclose.Link(l, "visit_behaviour", behaviour)
	disclose.Link(l, "relational_population", population)
	spent := plantedNights(free)
	disclose.Link(l, "coverage", spent)
	_, cells, err := l.Suppress(disclose.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	disclose.Derive(l, "visit_behaviour", behaviour)
	return []publish.Table{
		publish.TableOf("origin_destination", disclose.Protect(flows, rule)), publish.TableOf("visit_behaviour", disclose.Protect(behaviour, rule)),
		publish.TableOf("relational_population", disclose.Protect(population, rule)), publish.TableOf("definition_sensitivity", disclose.Protect(thresholds, rule)),
		publish.TableOf("coverage", disclose.Protect(spent, rule)),
	}, cells
}

func plantedPopulation(free schemas.Observation, number func(int64) *float64) (population []disclose.Counted[schemas.RelationalPopulation]) {
	for _, r := range []struct {
		region, level  string
		n, estimate, e int64
	}{{"30000", schemas.LevelPrefecture, 70, 800, 70}, {"30401", schemas.LevelMunicipality, 5, 100, 5}, {"30402", schemas.LevelMunicipality, 25, 300, 5}, {"30403", schemas.LevelMunicipality, 40, 400, 40}} {
		row := schemas.RelationalPopulation{Definition: "repeat-visits", Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: r.region, RegionLevel: r.level,
			OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, Source: schemas.SourceBooking, Estimator: "observed", Value: number(r.n), Observation: free}
		combined := row
		combined.Source, combined.Estimator, combined.Value, combined.CILow = schemas.SourceCombined, "composite", number(r.estimate), number(r.n)
		home := row
		home.OriginCode = "27000"
		population = append(population, disclose.Counted[schemas.RelationalPopulation]{Persons: r.n, Row: row}, disclose.Counted[schemas.RelationalPopulation]{Persons: r.n, Row: home},
			disclose.Counted[schemas.RelationalPopulation]{Persons: r.e, Row: combined})
	}
	kin := population[len(population)-3]
	kin.Row.Definition, kin.Row.Value, kin.Persons = "with-kin", number(44), 4
	return append(population, kin)
}

func plantedNights(free schemas.Observation) (rows []disclose.Counted[schemas.Coverage]) {
	free.ObsStatus = schemas.NotEstimable // no official figure
	for _, r := range []struct {
		region, level string
		nights, stays int64
	}{{"30000", schemas.LevelPrefecture, 112, 50}, {"30401", schemas.LevelMunicipality, 12, 4}, {"30402", schemas.LevelMunicipality, 30, 20}, {"30403", schemas.LevelMunicipality, 70, 26}} {
		rows = append(rows, disclose.Counted[schemas.Coverage]{Persons: r.stays, Row: schemas.Coverage{RegionCode: r.region, RegionLevel: r.level, Step: schemas.StepGuestNights, Recorded: &r.nights, Observation: free}})
	}
	return rows
}

func plantedThresholds(free schemas.Observation, number func(int64) *float64) (thresholds []disclose.Counted[schemas.DefinitionSensitivity]) {
	for trips, n := range []int64{0, 60, 53, 31} {
		if trips > 0 {
			rests := n
			if trips == 2 {
				rests = 60 - 53
			}
			thresholds = append(thresholds, disclose.Counted[schemas.DefinitionSensitivity]{Persons: rests, Row: schemas.DefinitionSensitivity{Definition: "other", Outside: schemas.OutsidePrefecture,
				RegionCode: "30401", RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Estimator: "observed", Dimension: "trips", Threshold: int32(trips), Trips: 9, Value: number(n), Observation: free}})
		}
	}
	return thresholds
}

// Each kind of leak that can stand in files, written into those of a release that is safe. The gate names what it finds to
// the controller only. A rank is in no file: rows are in the order of their codes, whatever their figures.
func TestTheGateFindsPlantedLeaks(t *testing.T) {
	p := frameProject(t)
	p.Config.Definitions, p.Config.OwnDefinitions = []string{"repeat-visits"}, []OwnDefinition{{ID: "with-kin", From: "repeat-visits", Count: "all_purposes"}}
	tables, cells := plantedTables(t)
	release := releaseOf(t, p.Path("releases"), tables...)
	if err := p.Replace(p.suppressionPath(), suppressionCSV(cells)); err != nil {
		t.Fatal(err)
	}
	clean, err := readTables(t.Context(), p.Path("releases", release))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.gate(t.Context(), release, []attack.Earlier{{ID: "before", Tables: clean}}); err != nil {
		t.Fatalf("the release as it is: %v", err)
	}
	const observed = "estimator = 'observed' AND origin_code = 'all' AND region_code = "
	for _, c := range []struct{ kind, dataset, set, where, want string }{
		{"row total", "origin_destination", "value = 20, persons = 20, conf_status = 'F'", "origin_code = '27000'", "/30401/13000/all/all//1970-01-31/booking,,3,3,rank"},
		{"column total", "relational_population", "value = 25, conf_status = 'F'", observed + "'30402'", "/30401/all/all/all//1970-01-31/booking,,5,5,"},
		{"nights by the night", "coverage", "recorded_guest_nights = 30", "region_code = '30402'", "guest-night spent: 30401/1970-01-31,,12,12,"},
		{"linked table", "visit_behaviour", "persons = 4, value = 9, conf_status = 'F'", "statistic = 'trip_interval_median'", "/repeaters/1970-01-31/booking,,4,4,shown"},
		{"trips beside withheld persons", "origin_destination", "trips = 6", "origin_code = '13000'", "origin_destination: /prefecture/30401/municipality/13000/1970-01-01/booking/observed,,0,,figure in a withheld row"},
		{"interval endpoint", "relational_population", "ci_low = 5", "source = 'combined' AND origin_code = 'all' AND region_code = '30401'", "relational_population: repeat-visits/pairs/"},
		{"persons per 10,000 residents", "relational_population", "per_10000_residents = 2.5", observed + "'30401'", "figure in a withheld row"},
		{"ratio", "visit_behaviour", "value = 0.075, persons = 53, conf_status = 'F'", "statistic = 'repeat_rate'", "/repeaters/1970-01-31/booking,,0,,derived figure"},
		{"k = 1 versus k = 2", "definition_sensitivity", "value = 53, conf_status = 'F'", "threshold = 2", "/trips/2,,7,7,difference of thresholds"},
		{"with and without kin", "relational_population", "value = 44, conf_status = 'F'", "definition = 'with-kin'", "less person: repeat-visits/pairs/prefecture/30403/all/all/all//1970-01-31/booking,,4,4,difference of definitions"},
		{"sum of estimates", "relational_population", "value = 300, conf_status = 'F'", "source = 'combined' AND origin_code = 'all' AND region_code = '30402'", "estimate: repeat-visits/pairs/prefecture/30401/1970-01-01/combined,,96,104,sum of estimates"},
	} {
		path := p.Path("releases", release, "parquet", c.dataset, c.dataset+".parquet")
		whole := plant(t, path, c.set, c.where)
		_, err := p.gate(t.Context(), release, nil)
		audit, _ := os.ReadFile(p.auditPath())
		if ExitCode(err) != ExitGated || !strings.Contains(string(audit), c.want) || strings.Contains(err.Error(), "30401") {
			t.Errorf("%s: %v and\n%s, want exit code %d, no cell, and %s in the audit", c.kind, err, audit, ExitGated, c.want)
		}
		planted, err := readTables(t.Context(), p.Path("releases", release))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		// What was published earlier tells it as well, where it is a count, a rate or a sum.
		_, err = p.gate(t.Context(), release, []attack.Earlier{{ID: "before", Tables: planted}})
		if counts := map[string]bool{"row total": true, "column total": true, "nights by the night": true, "linked table": true, "ratio": true, "sum of estimates": true}; (ExitCode(err) == ExitGated) != counts[c.kind] {
			t.Errorf("%s in an earlier publication: %v, want it refused: %t", c.kind, err, counts[c.kind])
		}
	}
}

// plant changes rows of a Parquet file, and gives what it was.
func plant(t *testing.T, path, set, where string) []byte {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDuck(t.Context(), "", duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	to := filepath.Join(t.TempDir(), "planted.parquet")
	for _, sql := range []string{"CREATE TABLE planted AS FROM read_parquet(" + literal(path) + ")", "UPDATE planted SET " + set + " WHERE " + where, "COPY planted TO " + literal(to) + " (FORMAT parquet)"} {
		if err := d.exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	changed, err := os.ReadFile(to)
	if err == nil && !bytes.Equal(changed, whole) {
		err = os.WriteFile(path, changed, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole
}
