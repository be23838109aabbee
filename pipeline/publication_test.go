package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// seenRow is persons seen in a region by origin, and their total in visit_behaviour.
type seenRow map[string]int64

// tables are those of the row under the threshold of 10, with secondary suppression or without.
func (s seenRow) tables(t *testing.T, suppress bool) []publish.Table {
	t.Helper()
	return s.under(t, disclose.Rules{Threshold: disclose.Threshold{Persons: 10, Facilities: 3}}, suppress)
}

func (s seenRow) under(t *testing.T, rule disclose.Rules, suppress bool) []publish.Table {
	t.Helper()
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	var flows []disclose.Counted[schemas.OriginDestination]
	total := int64(0)
	for _, origin := range []string{"13000", "27000", "28000"} {
		n := s[origin]
		v := float64(n)
		total += n
		flows = append(flows, disclose.Counted[schemas.OriginDestination]{Persons: n, Row: schemas.OriginDestination{Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			RegionLevel: schemas.LevelMunicipality, OriginCode: origin, Source: schemas.SourceBooking, Estimator: "observed", Value: &v, Persons: &n, Observation: free}})
	}
	share := 0.5
	totals := []disclose.Counted[schemas.VisitBehaviour]{{Persons: total, Row: schemas.VisitBehaviour{Statistic: "repeat_rate", Outside: schemas.OutsidePrefecture, RegionCode: "30401",
		RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Value: &share, Persons: &total, Observation: free}}}
	if suppress {
		l := disclose.NewLinked(rule, 0, func(string) bool { return false })
		disclose.Link(l, "origin_destination", flows)
		disclose.Link(l, "visit_behaviour", totals)
		if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
			t.Fatal(err)
		}
	}
	return []publish.Table{
		publish.TableOf("origin_destination", disclose.Protect(flows, rule)),
		publish.TableOf("visit_behaviour", disclose.Protect(totals, rule)),
	}
}

// 3 = 53 − 20 − 30: where the protector is bypassed, the gate sees it in the files, and
// names it to the controller only.
func TestPublishRefusesWhatSubtractionRecovers(t *testing.T) {
	p := frameProject(t)
	row := seenRow{"13000": 3, "27000": 20, "28000": 30}
	releaseOf(t, p.Path("releases"), row.tables(t, false)...)
	_, err := Publish(t.Context(), p, "test", time.Now())
	if ExitCode(err) != ExitGated || strings.Contains(err.Error(), "13000") {
		t.Fatalf("%v, want exit code %d and no cell", err, ExitGated)
	}
	audit, err := os.ReadFile(p.auditPath())
	if want := "person: /persons/prefecture/30401/13000/all/all//1970-01-31/booking,,3,3,rank"; err != nil || !strings.Contains(string(audit), want) {
		t.Errorf("the audit: %s, %v; want %s", audit, err, want)
	}
	if exists(p.Path("published")) || exists(p.ledgerPath()) {
		t.Errorf("something was published")
	}
}

// Of 53 = 3 + 20 + 30, the 3 withheld alone are 53 − 50; as released, with one more withheld, they are not told.
func TestThresholdAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two releases")
	}
	p := frameProject(t)
	row := seenRow{"13000": 3, "27000": 20, "28000": 30}
	releaseOf(t, p.Path("releases"), row.tables(t, true)...)
	inside := t.TempDir()
	figures, err := os.ReadFile(filepath.Join(inside, releaseOf(t, inside, row.under(t, disclose.Rules{}, false)...), "kankei.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	const cell = "person: /persons/prefecture/30401/%s/all/all//1970-01-31/booking"
	withheld := []disclose.LinkedCell{{Name: fmt.Sprintf(cell, "13000"), Value: 3, Reason: "persons"}, {Name: fmt.Sprintf(cell, "27000"), Value: 20}}
	for path, text := range map[string][]byte{p.Path("work", "internal.duckdb"): figures, p.suppressionPath(): suppressionCSV(withheld)} {
		if err := p.Replace(path, text); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ThresholdAlone(t.Context(), p); err != nil || got != (Alone{Cells: 4, Primary: 1, Secondary: 1, Recovered: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPublishOnce(t *testing.T) {
	p := frameProject(t)
	row := seenRow{"13000": 3, "27000": 20, "28000": 30}
	release := releaseOf(t, p.Path("releases"), row.tables(t, true)...)
	first, err := Publish(t.Context(), p, "test", time.Now())
	if err != nil || first.Release != release || first.Before {
		t.Fatalf("%+v, %v", first, err)
	}
	m, err := publish.ReadManifest(p.Path("published", first.ID))
	if err != nil || m.NotForPublication || m.Reason.EN != "" {
		t.Errorf("%+v, %v: want no mark", m, err)
	}
	if faults, err := publish.Check(p.Path("published", first.ID)); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	now, err := readTables(t.Context(), p.Path("published", first.ID))
	if err != nil || len(now.Withheld) != 2 || len(now.Cells) != 4 {
		t.Errorf("%d of %d cells withheld, %v; want 2 of 4", len(now.Withheld), len(now.Cells), err)
	}
	again, err := Publish(t.Context(), p, "test", time.Now())
	if err != nil || !again.Before || again.ID != first.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	if ledger, err := p.publications(); err != nil || len(ledger) != 1 || ledger[0].Cells != 2 || ledger[0].Withheld != 2 {
		t.Errorf("ledger: %+v, %v", ledger, err)
	}
}

// The totals of 9 and 1 and of 30 are shown: readers know of the first no more than that it lies from 1 to 9, for both have a row. A
// configuration that asks for 9 to either side wants 18.
func TestPublishRefusesNarrowIntervals(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a release and two publications")
	}
	p := frameProject(t)
	row := seenRow{"13000": 9, "27000": 1, "28000": 30}
	releaseOf(t, p.Path("releases"), row.tables(t, false)...)
	p.Config.Disclosure.Protection = 100
	if _, err := Publish(t.Context(), p, "test", time.Now()); ExitCode(err) != ExitMisused || !strings.Contains(err.Error(), "work/disclosure.csv") {
		t.Errorf("without the list of what is asked: %v", err)
	}
	of := func(asked disclose.Asked) []byte {
		return suppressionCSV([]disclose.LinkedCell{{Name: "person: /persons/prefecture/30401/13000/all/all//1970-01-31/booking", Value: 9, Reason: "persons", Asked: asked}})
	}
	for _, asked := range []disclose.Asked{{Width: 18}, {Width: 1, Above: 1}} {
		if err := p.Replace(p.suppressionPath(), of(asked)); err != nil {
			t.Fatal(err)
		}
		_, err := Publish(t.Context(), p, "test", time.Now())
		audit, _ := os.ReadFile(p.auditPath())
		if want := "/13000/all/all//1970-01-31/booking,,1,9,"; ExitCode(err) != ExitGated || !strings.Contains(string(audit), want) {
			t.Errorf("asked for %+v: %v and %s, want exit code %d and %s", asked, err, audit, ExitGated, want)
		}
	}
	if err := p.Replace(p.suppressionPath(), of(disclose.Asked{Width: 8})); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Errorf("asked for no more than there is: %v", err)
	}
}

// A publication whose files are not those of the ledger cannot be held against, and one that is gone neither.
func TestPublishWantsEarlierPublications(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two releases and a publication")
	}
	p := frameProject(t)
	releaseOf(t, p.Path("releases"), seenRow{"13000": 3, "27000": 20, "28000": 30}.tables(t, true)...)
	first, err := Publish(t.Context(), p, "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	releaseOf(t, p.Path("releases"), seenRow{"13000": 13, "27000": 20, "28000": 30}.tables(t, true)...)
	refused := func(what string) {
		t.Helper()
		_, err := Publish(t.Context(), p, "test", time.Now())
		if ExitCode(err) != ExitGated || !strings.Contains(err.Error(), "published/"+first.ID) || !strings.Contains(err.Error(), "ledger.jsonl") {
			t.Errorf("%s: %v, want exit code %d, the publication and the ledger", what, err, ExitGated)
		}
	}
	table := p.Path("published", first.ID, "parquet", "origin_destination", "origin_destination.parquet")
	whole, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, text []byte) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(table, append([]byte{0}, whole[1:]...))
	refused("a changed table")
	write(table, whole)
	manifest := p.Path("published", first.ID, "manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(manifest, append(text, '\n'))
	refused("another manifest")
	write(manifest, text)
	if err := os.Rename(p.Path("published", first.ID), p.Path("published", "elsewhere")); err != nil {
		t.Fatal(err)
	}
	refused("a publication that is gone")
}

// Pairs of a nation that a source does not count are fewer than those of its prefectures: the nightly
// release goes on, and no publication is made of it.
func TestPublishRefusesANationBelowItsParts(t *testing.T) {
	p := frameProject(t)
	pairs := func(region, level string, n int64) disclose.Counted[schemas.RelationalPopulation] {
		v := float64(n)
		return disclose.Counted[schemas.RelationalPopulation]{Persons: n, Row: schemas.RelationalPopulation{Definition: "repeat-visits", Measure: schemas.Pairs, Outside: schemas.OutsidePrefecture,
			RegionCode: region, RegionLevel: level, OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, Source: schemas.SourceBooking, Estimator: "observed", Value: &v,
			Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}}}
	}
	rows := []disclose.Counted[schemas.RelationalPopulation]{pairs(schemas.Nation, schemas.LevelNation, 40), pairs("18000", schemas.LevelPrefecture, 30), pairs("30000", schemas.LevelPrefecture, 20)}
	rules := disclose.Rules{Threshold: disclose.Threshold{Persons: 10}}
	l := disclose.NewLinked(rules, 0, func(string) bool { return false })
	disclose.Link(l, "relational_population", rows)
	if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
		t.Fatalf("the nightly release stops: %v", err)
	}
	releaseOf(t, p.Path("releases"), publish.TableOf("relational_population", disclose.Protect(rows, rules)))
	_, err := Publish(t.Context(), p, "test", time.Now())
	if ExitCode(err) != ExitGated || !strings.Contains(err.Error(), "contradict") {
		t.Errorf("%v, want exit code %d and a contradiction", err, ExitGated)
	}
}

// The second release withholds 3 alone, and shows no total: either publication is safe, both together are not.
func TestPublishRefusesTheDifferenceOfTwo(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two releases and a publication")
	}
	p := frameProject(t)
	releaseOf(t, p.Path("releases"), seenRow{"13000": 3, "27000": 20, "28000": 30}.tables(t, true)...)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	other := seenRow{"13000": 3, "27000": 20, "28000": 30}.tables(t, false)
	releaseOf(t, p.Path("releases"), other[0])
	_, err := Publish(t.Context(), p, "test", time.Now())
	if ExitCode(err) != ExitGated {
		t.Errorf("%v, want exit code %d", err, ExitGated)
	}
}

// The rate was published before the row that counts the persons who came again was there: that row is withheld now, and so is the rate
// beside it, but 3 % of the 100 of then are 3.
func TestPublishRefusesARateOfBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two releases and a publication")
	}
	p := frameProject(t)
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	release := func(persons, repeaters int64) {
		rate, gap := 0.03, 40.0
		row := func(statistic string, v *float64, n int64) disclose.Counted[schemas.VisitBehaviour] {
			return disclose.Counted[schemas.VisitBehaviour]{Persons: n, Row: schemas.VisitBehaviour{Statistic: statistic, Outside: schemas.OutsidePrefecture, RegionCode: "30401",
				RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Value: v, Persons: &n, Observation: free}}
		}
		rows := []disclose.Counted[schemas.VisitBehaviour]{row("length_of_stay_mean", &gap, persons)}
		if repeaters == 0 {
			rows = append(rows, row("repeat_rate", &rate, persons))
		} else {
			rows = append(rows, row("trip_interval_median", &gap, repeaters))
		}
		releaseOf(t, p.Path("releases"), publish.TableOf("visit_behaviour", disclose.Protect(rows, disclose.Threshold{Persons: 10})))
	}
	release(100, 0)
	if _, err := Publish(t.Context(), p, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	release(100, 3)
	_, err := Publish(t.Context(), p, "test", time.Now())
	audit, _ := os.ReadFile(p.auditPath())
	if want := "/30401/all/all/all/repeaters/1970-01-31/booking,,0,,derived figure"; ExitCode(err) != ExitGated || !strings.Contains(string(audit), want) {
		t.Errorf("%v and %s, want exit code %d and %s", err, audit, ExitGated, want)
	}
}

// Of 100 persons 3 came again: the rate of 3 % beside the 100 tells them, though the row that counts them is withheld. The
// protector takes the rate away, and the gate finds it where that was forgotten.
func TestPublishRefusesARateThatTellsACount(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two releases and a publication")
	}
	p := frameProject(t)
	free := schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free}
	row := func(statistic string, v float64, persons int64) disclose.Counted[schemas.VisitBehaviour] {
		return disclose.Counted[schemas.VisitBehaviour]{Persons: persons, Row: schemas.VisitBehaviour{Statistic: statistic, Outside: schemas.OutsidePrefecture, RegionCode: "30401",
			RegionLevel: schemas.LevelMunicipality, Source: schemas.SourceBooking, Value: &v, Persons: &persons, Observation: free}}
	}
	rule := disclose.Rules{Threshold: disclose.Threshold{Persons: 10}}
	for _, protected := range []bool{false, true} {
		rows := []disclose.Counted[schemas.VisitBehaviour]{row("repeat_rate", 0.03, 100), row("length_of_stay_mean", 1.5, 100), row("trip_interval_median", 40, 3)}
		if protected {
			l := disclose.NewLinked(rule, 0, func(string) bool { return false })
			disclose.Link(l, "visit_behaviour", rows)
			if _, _, err := l.Suppress(disclose.Options{Seed: 1}); err != nil {
				t.Fatal(err)
			}
			if marked := disclose.Derive(l, "visit_behaviour", rows); marked != 1 {
				t.Errorf("%d rows are marked, want the rate", marked)
			}
		}
		releaseOf(t, p.Path("releases"), publish.TableOf("visit_behaviour", disclose.Protect(rows, rule)))
		_, err := Publish(t.Context(), p, "test", time.Now())
		audit, _ := os.ReadFile(p.auditPath())
		if want := "/30401/all/all/all/repeaters/1970-01-31/booking,,0,,derived figure"; protected && err != nil || !protected && (ExitCode(err) != ExitGated || !strings.Contains(string(audit), want)) {
			t.Errorf("protected %t: %v and %s, want %s", protected, err, audit, want)
		}
	}
}
