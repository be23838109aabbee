package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/weight"
)

// Osaka 30, Tokyo 20, Kyoto 12, Nara 4 and nobody else: Nara may not be shown, and with Kyoto
// joining it 16 of 66 are together with the 42 others.
func TestOriginsTogether(t *testing.T) {
	o := OriginFlows{Region: "30000", Outside: schemas.OutsidePrefecture}
	for code, n := range map[string]int64{"27000": 30, "13000": 20, "26000": 12, "29000": 4} {
		o.Cells = append(o.Cells, OriginCell{[]string{code}, float64(n), n})
	}
	all := origins(o.Outside, o.Region)
	cells, told := o.together(all, 10)
	if !told || len(all) != 46 || len(cells) != 3 || cells[0].Origins[0] != "13000" || cells[1].Origins[0] != "27000" {
		t.Fatalf("%v of %d origins", cells, len(all))
	}
	if rest := cells[2]; len(rest.Origins) != 44 || rest.Value != 16 || rest.Persons != 16 {
		t.Errorf("together: %d origins, %v", len(rest.Origins), rest)
	}
	if _, told := o.together(all, 25); told {
		t.Error("36 of 66 persons are together, and still something is told of the origins")
	}
}

func concentrationFrame() Frame {
	return Frame{AsOf: day("2025-03-31"), References: []schemas.Date{day("2025-02-28"), day("2025-03-31")}, Outside: []string{schemas.OutsidePrefecture},
		Regions: []schemas.Region{{RegionCode: "30000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "30000"}},
		Sources: map[string]SourceFrame{schemas.SourceBooking: {First: day("2024-04-01"), Last: day("2025-03-31"), Identified: true}}}
}

// By hand, 30 from Osaka and 20 from Tokyo and 16 from 44 others: H = (30² + 20² + 16²/44)/66², and
// the share of Osaka is 30/66 over 8,838 of the residents.
func TestConcentrationOfThoseSeen(t *testing.T) {
	f := concentrationFrame()
	var tallies []schemas.Tally
	for _, reference := range f.References {
		for code, n := range map[string]int64{"27000": 30, "13000": 20, "26000": 12, "29000": 4} {
			tallies = append(tallies, schemas.Tally{ReferenceMonth: month(reference), SourceKind: schemas.SourceBooking, Tally: "persons",
				Outside: schemas.OutsidePrefecture, RegionCode: "30000", OriginCode: code, Class: -1, Count: n})
		}
	}
	rows, err := Concentrations(f, Described{Tallies: tallies, Rule: disclose.Threshold{Persons: 10}})
	if err != nil {
		t.Fatal(err)
	}
	var residents float64
	for _, code := range origins(schemas.OutsidePrefecture, "30000") {
		residents += originResidents(nil)[code]
	}
	want := map[string]float64{"hhi": (900 + 400 + 256./44) / (66 * 66), "location_quotient 27000": 30. / 66 / (8_838_000 / residents)}
	found := 0
	for _, r := range rows {
		if r.Row.ReferenceMonth == f.References[0] { // begins in March, a month before the data
			if r.Row.ObsStatus != schemas.NotEstimable || r.Row.Value != nil {
				t.Errorf("%s of a window that is cut: %v, %s", r.Row.Statistic, r.Row.Value, r.Row.ObsStatus)
			}
			continue
		}
		name := r.Row.Statistic
		if r.Row.OriginCode != schemas.All {
			name += " " + r.Row.OriginCode
		}
		if w, ok := want[name]; ok {
			found++
			if math.Abs(*r.Row.Value-w) > 1e-12 || r.Row.StdError != nil {
				t.Errorf("%s is %v, want %v without an error", name, *r.Row.Value, w)
			}
		}
		if name == "location_quotient 26000" || name == "location_quotient 29000" || r.Persons < 10 {
			t.Errorf("%s is told, of %d persons", name, r.Persons)
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d statistics found", found, len(want))
	}
}

// Pairs per 10,000 of eight municipalities of 10,000 residents each, beside a report on internal migration: net
// migration that is exactly twice the pairs less 100 correlates with r = 1, and the male half of the table, the
// in-migrants from all over and an older year have no part in it. A ninth may not be shown and would spoil it.
func TestPairsBesideNetMigration(t *testing.T) {
	f := concentrationFrame()
	f.Residents = map[string]float64{}
	reference := f.References[1]
	var population []disclose.Counted[schemas.RelationalPopulation]
	var totals []schemas.Total
	total := func(region, statistic, breakdown string, year int, value float64) {
		first, _ := schemas.NewDate(year, 1, 1)
		totals = append(totals, schemas.Total{Statistic: statistic, RegionCode: region, PeriodStart: first, PeriodEnd: first.AddMonths(11), OriginCode: schemas.All, Breakdown: breakdown, Value: value})
	}
	for i, region := range []string{"30201", "30202", "30203", "30204", "30205", "30206", "30207", "30208", "30304"} {
		pairs := float64(20 * (i + 1))
		persons := int64(50)
		net := 2*pairs - 100
		if region == "30304" {
			persons, net = 3, -5000
		}
		f.Residents[region] = 10_000
		population = append(population, disclose.Counted[schemas.RelationalPopulation]{Persons: persons, Row: schemas.RelationalPopulation{
			Definition: "repeat-visits", Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: schemas.LevelMunicipality,
			OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, ReferenceMonth: reference, Source: schemas.SourceBooking, Estimator: "observed",
			Per10000Residents: &pairs, Observation: schemas.Observation{ObsStatus: schemas.Normal}}})
		total(region, "net_migration", "", 2024, net)
		total(region, "net_migration", "male", 2024, -net)
		total(region, "net_migration", "", 2023, -net)
		total(region, "in_migrants", "", 2024, 1000-pairs)
	}
	rows, err := Concentrations(f, Described{Population: population, Totals: totals, Rule: disclose.Threshold{Persons: 10}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"net_migration_correlation": 1, "net_migration_correlation_ranks": 1, "in_migration_correlation": -1, "in_migration_correlation_ranks": -1}
	for _, r := range rows {
		w, ok := want[r.Row.Statistic]
		if !ok || r.Row.Value == nil || math.Abs(*r.Row.Value-w) > 1e-9 || r.Row.RegionCode != "30000" || r.Persons != 50 {
			t.Errorf("%s of %s: %v of %d persons, want %v of 50", r.Row.Statistic, r.Row.RegionCode, r.Row.Value, r.Persons, w)
		}
		delete(want, r.Row.Statistic)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// Samples of 1,500 of a population with known shares by origin: intervals of the Tokyo area's share, of H
// corrected for chance and of a location quotient hold the truth as often as they say.
func TestSurveyConcentrationCovers(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates samples")
	}
	const samples, n = 200, 1500
	shares := map[string]float64{"27000": 0.10, "13000": 0.08, "14000": 0.05, "11000": 0.05, "12000": 0.05, "26000": 0.06, "28000": 0.08, "29000": 0.05, "23000": 0.05}
	order := []string{"27000", "13000", "14000", "11000", "12000", "26000", "28000", "29000", "23000"}
	for _, code := range []string{"02000", "04000", "07000", "15000", "20000", "33000", "37000", "40000", "43000", "46000"} { // of some 4 answers each: taken together
		shares[code], order = 0.003, append(order, code)
	}
	var related, squares float64
	for _, code := range order {
		related, squares = related+shares[code], squares+shares[code]*shares[code]
	}
	var residents float64
	for _, code := range origins(schemas.OutsidePrefecture, "30000") {
		residents += originResidents(nil)[code]
	}
	truth := map[string]float64{"tokyo_area_share": 0.23 / related, "hhi_corrected": squares / (related * related), "location_quotient": 0.10 / related / (8_838_000 / residents)}
	held := map[string]int{}
	f := concentrationFrame()
	f.References, f.Profiles = f.References[1:], []schemas.Profile{profile(t, "repeat-visits")}
	for seed := range uint64(samples) {
		random := rand.New(rand.NewPCG(seed, 6))
		s := WeightedSurvey{First: day("2025-03-01"), Last: day("2025-03-31"), Residences: make([]string, n), Ties: make([][]ReportedTie, n)}
		s.Design = weight.Design{Weights: make([]float64, n)}
		for i := range n {
			s.Design.Weights[i], s.Residences[i] = 100, "01000"
			u := random.Float64()
			for _, code := range order {
				if u -= shares[code]; u < 0 {
					s.Residences[i], s.Ties[i] = code, []ReportedTie{{Region: "30201", Visits: 3, Most: 3}}
					break
				}
			}
		}
		figures, err := RelationalPopulationOf(f, s, nil, []string{"one_off", "repeat", "related"})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Concentrations(f, Described{Flows: figures.Flows})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			w, ok := truth[r.Row.Statistic]
			if !ok || r.Row.RegionCode != "30000" || r.Row.OriginCode != schemas.All && r.Row.OriginCode != "27000" {
				continue
			}
			if *r.Row.CILow <= w && w <= *r.Row.CIHigh {
				held[r.Row.Statistic]++
			}
		}
	}
	for name := range truth {
		share := 100 * float64(held[name]) / samples
		t.Logf("%-20s %.1f %% of intervals hold the truth", name, share)
		if share < 90.4 || share > 99.6 { // 95 ± 3 standard errors of 1.54
			t.Errorf("%s: %.1f %% covered", name, share)
		}
	}
}
